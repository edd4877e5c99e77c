//! Every text of this program, English and Japanese side by side.
//!
//! A message is a function of the language and its facts; the macro makes it from one row, so that neither language can
//! be forgotten. Texts about checks and their causes come from `tegata_verifier`, which does the same.

pub(crate) mod bundle;
pub(crate) mod demo;
pub(crate) mod dts;
pub(crate) mod failure;
pub(crate) mod help;
pub(crate) mod rehearse;
pub(crate) mod show;
pub(crate) mod trust;
pub(crate) mod trust_check;

/// The language for the texts about checks.
pub(crate) fn of_checks(lang: tegata_terminal::Lang) -> tegata_verifier::Lang {
    lang.pick(tegata_verifier::Lang::En, tegata_verifier::Lang::Ja)
}

#[cfg(test)]
mod tests {
    #[test]
    fn both_languages_have_every_text_and_every_fact() {
        let tables = [
            super::bundle::TABLE,
            super::demo::TABLE,
            super::dts::TABLE,
            super::failure::TABLE,
            super::rehearse::TABLE,
            super::show::TABLE,
            super::trust::TABLE,
            super::trust_check::TABLE,
        ];
        for table in tables {
            assert!(!table.is_empty());
            for (name, facts, english, japanese) in table {
                assert!(!english.is_empty() && !japanese.is_empty(), "{name}");
                assert!(!japanese.is_ascii(), "{name}: the Japanese text is not Japanese");
                assert!(english.is_ascii() || english.contains(['–', '…', '✓', '✗', '→']), "{name}");
                for fact in *facts {
                    let hole = format!("{{{fact}");
                    assert!(english.contains(&hole) && japanese.contains(&hole), "{name}: {fact}");
                }
            }
        }
    }
}
