//! Values on the command line that need more than text.

use std::path::PathBuf;

use tegata_mdoc::date::Tdate;
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

/// A SHA-256 in 64 hexadecimal digits; colons, as OpenSSL writes them, are left out.
pub(super) fn sha256(text: &str) -> Result<[u8; 32], String> {
    let digits: String = text.chars().filter(|letter| *letter != ':').collect();
    let octets = hex::decode(digits).ok().and_then(|octets| <[u8; 32]>::try_from(octets).ok());
    octets.ok_or_else(|| "not a SHA-256: 64 hexadecimal digits".to_owned())
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
    }
}
