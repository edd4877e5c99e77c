//! Every text of the commands, English and Japanese side by side.

pub(crate) mod advice;
pub(crate) mod audit;
pub(crate) mod ceremony;
pub(crate) mod finding;
pub(crate) mod person;
pub(crate) mod root;

use tegata_terminal::Lang;
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

/// The language for the texts of the authority.
pub(crate) fn of_authority(lang: Lang) -> tegata_root_ca::Lang {
    lang.pick(tegata_root_ca::Lang::En, tegata_root_ca::Lang::Ja)
}

/// The language for the texts of ceremonies.
pub(crate) fn of_ceremony(lang: Lang) -> tegata_ceremony::Lang {
    lang.pick(tegata_ceremony::Lang::En, tegata_ceremony::Lang::Ja)
}

/// `2027-04-01 09:00:00Z`: an instant for people.
pub(crate) fn instant(at: UtcDateTime) -> String {
    let (date, time) = (at.date(), at.time());
    format!("{date} {:02}:{:02}:{:02}Z", time.hour(), time.minute(), time.second())
}

/// RFC 3339 in whole seconds: an instant for programs.
pub(crate) fn rfc3339(at: UtcDateTime) -> String {
    at.truncate_to_second().format(&Rfc3339).unwrap_or_else(|_| at.to_string())
}

/// A digest in words to be read aloud: eight in a line.
pub(crate) fn spoken(digest: &[u8]) -> String {
    // An even number of octets in a line keeps the two word lists in step.
    let lines = digest.chunks(8).map(|octets| format!("  {}\n", tegata_quorum::words::pgp_words(octets)));
    lines.collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_are_those_of_the_whole_digest() {
        let digest: [u8; 32] = std::array::from_fn(|index| u8::try_from(index * 7).unwrap());
        let lines = super::spoken(&digest);
        let joined = lines.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!((joined, lines.lines().count()), (tegata_quorum::words::pgp_words(&digest), 4));
    }

    #[test]
    fn both_languages_have_every_text_and_every_fact() {
        for table in [super::audit::TABLE, super::ceremony::TABLE, super::person::TABLE, super::root::TABLE] {
            assert!(!table.is_empty());
            for (name, facts, english, japanese) in table {
                assert!(!english.is_empty() && !japanese.is_empty(), "{name}");
                assert!(!japanese.is_ascii(), "{name}: the Japanese text is not Japanese");
                for fact in *facts {
                    let hole = format!("{{{fact}");
                    assert!(english.contains(&hole) && japanese.contains(&hole), "{name}: {fact}");
                }
            }
        }
    }
}
