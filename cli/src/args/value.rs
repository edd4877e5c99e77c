//! Values on the command line that need more than text.

use std::path::PathBuf;

use tegata_mdoc::date::Tdate;
use tegata_trust_list::Purpose;
use tegata_trust_list::bundle::SignerRole;
use time::{Date, UtcDateTime};

/// An instant in RFC 3339, any offset; a day alone is refused, because it is no instant.
pub(super) fn instant(text: &str) -> Result<UtcDateTime, String> {
    let parsed = Tdate::parse(text).map(Tdate::instant);
    parsed.ok_or_else(|| "not an RFC 3339 date and time such as 2026-11-21T12:00:00Z".to_owned())
}

/// A namespace and an element, `org.iso.18013.5.1/family_name`.
pub(super) fn element(text: &str) -> Result<(String, String), String> {
    match text.split_once('/') {
        Some((name_space, element)) if !name_space.is_empty() && !element.is_empty() => {
            Ok((name_space.to_owned(), element.to_owned()))
        }
        _ => Err("not of the form NAMESPACE/ELEMENT, such as org.iso.18013.5.1/family_name".to_owned()),
    }
}

/// A place in a status list, `https://example.org/status/1#42`.
pub(super) fn status_reference(text: &str) -> Result<(String, u64), String> {
    let wrong = || "not of the form URI#INDEX, such as https://example.org/status/1#42".to_owned();
    let (uri, index) = text.rsplit_once('#').ok_or_else(wrong)?;
    if uri.is_empty() {
        return Err(wrong());
    }
    Ok((uri.to_owned(), index.parse().map_err(|_| wrong())?))
}

/// A number of days, at least 1 and at most 100 years.
pub(super) fn days(text: &str) -> Result<u32, String> {
    let days: u32 = text.parse().map_err(|_| "not a number of days".to_owned())?;
    if (1..=36_525).contains(&days) { Ok(days) } else { Err("not between 1 and 36525 days".to_owned()) }
}

/// A day, `2027-06-01`.
pub(super) fn date(text: &str) -> Result<Date, String> {
    let parsed = Date::parse(text, &time::format_description::well_known::Iso8601::DATE);
    parsed.map_err(|_| "not a day such as 2027-06-01".to_owned())
}

/// A role and a file, `document-signer=ds-1.csr`.
pub(super) fn role_and_file(text: &str) -> Result<(SignerRole, PathBuf), String> {
    let found = text.split_once('=').filter(|(_, file)| !file.is_empty());
    let found = found.and_then(|(role, file)| Some((SignerRole::from_id(role)?, PathBuf::from(file))));
    found.ok_or_else(|| {
        let roles = SignerRole::ALL.map(SignerRole::id).join(", ");
        format!("not of the form ROLE=FILE with a ROLE of {roles}")
    })
}

/// A number from 1 and a file, `1=attestation.bin`.
pub(super) fn number_and_file(text: &str) -> Result<(usize, PathBuf), String> {
    let found = text.split_once('=').filter(|(_, file)| !file.is_empty());
    let found = found.and_then(|(number, file)| Some((number.parse().ok()?, PathBuf::from(file))));
    found.filter(|(number, _)| *number > 0).ok_or_else(|| "not of the form NUMBER=FILE, such as 1=key.att".to_owned())
}

/// A SHA-256 in hex as people copy it: upper or lower case, with blanks or colons between the digits.
pub(super) fn sha256(text: &str) -> Result<[u8; 32], String> {
    let mut digest = [0; 32];
    let decoded = hex::decode_to_slice(bare_hex(text), &mut digest);
    decoded.map(|()| digest).map_err(|_| "not a SHA-256: 64 hexadecimal digits".to_owned())
}

/// A SHA-256 in hex, or the beginning of one of 8 digits at least; lower case.
pub(super) fn digest_prefix(text: &str) -> Result<String, String> {
    let bare = bare_hex(text);
    let is_hex = bare.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hex && (8..=64).contains(&bare.len()) {
        Ok(bare)
    } else {
        Err("not a key digest: 64 hexadecimal digits, or the first 8 at least".to_owned())
    }
}

fn bare_hex(text: &str) -> String {
    text.chars().filter(|letter| *letter != ':' && !letter.is_whitespace()).collect::<String>().to_ascii_lowercase()
}

/// What an anchor may speak for.
pub(super) fn purpose(text: &str) -> Result<Purpose, String> {
    let all = [Purpose::Issuance, Purpose::Status, Purpose::Reader, Purpose::Vical];
    let found = all.into_iter().find(|purpose| purpose.id() == text);
    found.ok_or_else(|| format!("not one of {}", all.map(Purpose::id).join(", ")))
}

/// A URI, or a prefix of URIs that ends in `/`, and the path that stands for it.
pub(super) fn uri_and_path(text: &str) -> Result<(String, PathBuf), String> {
    let found = text.split_once('=').filter(|(uri, path)| is_web(uri) && !path.is_empty());
    let found = found.map(|(uri, path)| (uri.to_owned(), PathBuf::from(path)));
    found.ok_or_else(|| "not of the form URI=PATH, such as https://status.example.org/1=list.cwt".to_owned())
}

/// The name of a VICAL provider, and where its list is.
pub(super) fn name_and_place(text: &str) -> Result<(String, String), String> {
    let found = text.split_once('=').filter(|(name, place)| !name.is_empty() && !place.is_empty());
    let found = found.map(|(name, place)| (name.to_owned(), place.to_owned()));
    found.ok_or_else(|| "not of the form NAME=PLACE, such as aamva=https://vical.example.org/vical.cbor".to_owned())
}

fn is_web(uri: &str) -> bool {
    uri.starts_with("https://") || uri.starts_with("http://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_or_refused() {
        assert!(instant("2026-11-21T12:00:00+09:00").is_ok());
        assert!(instant("2026-11-21").is_err());
        assert_eq!(element("a.b/c").unwrap(), ("a.b".into(), "c".into()));
        for wrong in ["a", "/a", "a/"] {
            assert!(element(wrong).is_err(), "{wrong}");
        }
        assert_eq!(status_reference("https://e/#f#7").unwrap(), ("https://e/#f".into(), 7));
        for wrong in ["x", "#1", "u#", "u#-1"] {
            assert!(status_reference(wrong).is_err(), "{wrong}");
        }
        assert_eq!(days("36525").unwrap(), 36525);
        assert_eq!(role_and_file("vical-signer=a=b").unwrap(), (SignerRole::VicalSigner, "a=b".into()));
        for wrong in ["a", "iaca=a", "vical-signer=", "=a"] {
            assert!(role_and_file(wrong).is_err(), "{wrong}");
        }
        assert_eq!(number_and_file("2=a").unwrap(), (2, "a".into()));
        for wrong in ["a", "0=a", "1=", "=a", "-1=a"] {
            assert!(number_and_file(wrong).is_err(), "{wrong}");
        }
        assert!(days("0").is_err() && days("36526").is_err());
        let spaced = format!("AB:CD {}", "0f".repeat(30));
        assert_eq!(sha256(&spaced).unwrap()[..3], [0xab, 0xcd, 0x0f]);
        for wrong in ["", "ab", &"0".repeat(63), &"g".repeat(64), &"é".repeat(32)] {
            assert!(sha256(wrong).is_err() && digest_prefix(wrong).is_err() || wrong.len() == 63, "{wrong}");
        }
        assert_eq!(digest_prefix("ABCD:EF01").unwrap(), "abcdef01");
        assert!(digest_prefix("abcdef0").is_err());
        assert_eq!(name_and_place("a=https://e/?x=1").unwrap(), ("a".into(), "https://e/?x=1".into()));
        assert!(name_and_place("a").is_err() && name_and_place("=b").is_err() && name_and_place("a=").is_err());
        assert_eq!(purpose("status").unwrap(), Purpose::Status);
        assert!(purpose("any").is_err());
        assert_eq!(uri_and_path("https://e/1=a=b").unwrap(), ("https://e/1".into(), "a=b".into()));
        for wrong in ["https://e/1", "https://e/1=", "e/1=a", "=a"] {
            assert!(uri_and_path(wrong).is_err(), "{wrong}");
        }
    }
}
