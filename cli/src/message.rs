//! Every text of this program, English and Japanese side by side.
//!
//! A message is a function of the language and its facts; the macro makes it from one row, so that neither language can
//! be forgotten. Texts about checks and their causes come from `tegata_verifier`, which does the same.

/// Makes one function for each row and a table of all rows for the tests.
macro_rules! messages {
    ($($name:ident($($fact:ident),*) = $english:literal, $japanese:literal;)*) => {
        $(
            pub(crate) fn $name(lang: $crate::lang::Lang, $($fact: impl std::fmt::Display),*) -> String {
                match lang {
                    $crate::lang::Lang::En => format!($english),
                    $crate::lang::Lang::Ja => format!($japanese),
                }
            }
        )*

        /// Every row: name, facts, English, Japanese.
        #[cfg(test)]
        pub(super) const TABLE: &[(&str, &[&str], &str, &str)] =
            &[$((stringify!($name), &[$(stringify!($fact)),*], $english, $japanese)),*];
    };
}

pub(crate) mod demo;
pub(crate) mod failure;
pub(crate) mod help;
pub(crate) mod show;

#[cfg(test)]
mod tests {
    #[test]
    fn both_languages_have_every_text_and_every_fact() {
        for table in [super::demo::TABLE, super::failure::TABLE, super::show::TABLE] {
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
