//! The scanner that keeps secrets out of a log.
//!
//! A log is read by many and kept for years, so nothing that opens, activates or is a private key may stand in it, not
//! even encrypted. The scanner knows secrets by their form (PEM, DER in hexadecimal or base64, age, JWK, signed-note
//! keys) and by the name of the member that holds them. What it cannot know: a secret without form under a harmless name,
//! such as the 64 hexadecimal digits of a raw key in `note`. It is a net, not a licence.

mod der;

use std::fmt;

use serde_json::{Map, Value};

use crate::Record;

/// Words that name a secret.
const SECRET: [&str; 18] = [
    "pin",
    "pins",
    "puk",
    "password",
    "passwords",
    "passwd",
    "passcode",
    "passphrase",
    "passphrases",
    "secret",
    "secrets",
    "share",
    "shares",
    "seed",
    "mnemonic",
    "privatekey",
    "secretkey",
    "identityfile",
];

/// Words that, standing last in a name, make it speak about a secret instead of holding it: `share-count`, `pin-set`.
const ABOUT: [&str; 32] = [
    "age",
    "attempts",
    "changed",
    "count",
    "date",
    "digest",
    "digests",
    "expires",
    "holder",
    "holders",
    "id",
    "ids",
    "index",
    "kind",
    "label",
    "labels",
    "left",
    "number",
    "persons",
    "policy",
    "reference",
    "required",
    "scheme",
    "set",
    "sha256",
    "state",
    "threshold",
    "total",
    "type",
    "uri",
    "verified",
    "verifier",
];

/// What kind of secret it looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SecretKind {
    /// A private key in PEM or OpenSSH armour, encrypted or not.
    PrivateKeyPem,
    /// A private key in DER (PKCS#8, encrypted PKCS#8, SEC 1, PKCS#1), as hexadecimal, base64 or an array of octets.
    PrivateKeyDer,
    /// An age identity, or a file encrypted with age.
    Age,
    /// A JWK with a private member.
    Jwk,
    /// The private key of a signed note, or the checkpoint key of a log.
    NoteKey,
    /// A member whose name says that it holds a secret, or a `pin-value` in a PKCS#11 URI.
    Named,
}

impl SecretKind {
    /// A stable name.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::PrivateKeyPem => "private-key-pem",
            Self::PrivateKeyDer => "private-key-der",
            Self::Age => "age",
            Self::Jwk => "jwk",
            Self::NoteKey => "note-key",
            Self::Named => "named-secret",
        }
    }
}

impl fmt::Display for SecretKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// Where a secret was found. It does not hold the secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at {place}")]
#[non_exhaustive]
pub struct SecretFound {
    /// The way to it, such as `/detail/keys/0`; a name that is itself the secret is shown as `*`.
    pub place: String,
    /// What it looks like.
    pub kind: SecretKind,
}

impl SecretFound {
    /// A stable name.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.kind.id()
    }
}

/// Looks through all of a record.
///
/// # Errors
/// The first secret found.
pub fn scan(record: &Record) -> Result<(), SecretFound> {
    let texts = [
        ("/terminal", Some(record.terminal.as_str())),
        ("/actor", Some(record.actor.as_str())),
        ("/step", record.step.as_deref()),
    ];
    for (place, text) in texts {
        scan_text(text.unwrap_or_default(), place)?;
    }
    for (index, object) in record.objects.iter().enumerate() {
        scan_text(&object.name, &format!("/objects/{index}/name"))?;
    }
    scan_members(&record.detail, "/detail")
}

/// Looks through a JSON value; `place` is how findings name it.
///
/// # Errors
/// The first secret found.
pub fn scan_value(value: &Value, place: &str) -> Result<(), SecretFound> {
    match value {
        Value::String(text) => scan_text(text, place),
        Value::Array(items) => {
            let octet = |item: &Value| item.as_u64().and_then(|number| u8::try_from(number).ok());
            let octets: Option<Vec<u8>> = items.iter().map(octet).collect();
            if octets.is_some_and(|octets| der::is_private_key(&octets)) {
                return found(place, SecretKind::PrivateKeyDer);
            }
            items.iter().enumerate().try_for_each(|(index, item)| scan_value(item, &format!("{place}/{index}")))
        }
        Value::Object(members) => scan_members(members, place),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// Looks through a text; `place` is how findings name it.
///
/// # Errors
/// The first secret found.
pub fn scan_text(text: &str, place: &str) -> Result<(), SecretFound> {
    let kind = text_kind(text);
    kind.map_or(Ok(()), |kind| found(place, kind))
}

fn scan_members(members: &Map<String, Value>, place: &str) -> Result<(), SecretFound> {
    if members.contains_key("kty") && ["d", "k", "p", "q"].iter().any(|member| members.contains_key(*member)) {
        return found(place, SecretKind::Jwk);
    }
    for (key, value) in members {
        scan_text(key, &format!("{place}/*"))?;
        let place = format!("{place}/{key}");
        if names_secret(key) {
            return found(&place, SecretKind::Named);
        }
        scan_value(value, &place)?;
    }
    Ok(())
}

fn found(place: &str, kind: SecretKind) -> Result<(), SecretFound> {
    Err(SecretFound { place: place.to_owned(), kind })
}

fn text_kind(text: &str) -> Option<SecretKind> {
    let upper = text.to_ascii_uppercase();
    let has = |needle: &str| upper.contains(needle);
    if has("PRIVATE KEY-----") || has("PRIVATE KEY BLOCK-----") || has("PUTTY-USER-KEY-FILE") {
        return Some(SecretKind::PrivateKeyPem);
    }
    if has("AGE-SECRET-KEY-") || has("AGE-PLUGIN-") || has("AGE ENCRYPTED FILE") || has("AGE-ENCRYPTION.ORG/V1") {
        return Some(SecretKind::Age);
    }
    if has("PRIVATE+KEY+") || has("TEGATA-CHECKPOINT-KEY-V1") {
        return Some(SecretKind::NoteKey);
    }
    if has("PIN-VALUE=") {
        return Some(SecretKind::Named);
    }
    // Line ends, escapes and separators are no part of an encoding.
    let plain = text.replace("\\n", "").replace("\\r", "").replace("0x", "");
    let dense: String = plain.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\\' | ':' | ',')).collect();
    // Without its colons a JSON member reads `"d""…`.
    if dense.contains("\"kty\"\"") && ["\"d\"\"", "\"k\"\""].iter().any(|member| dense.contains(member)) {
        return Some(SecretKind::Jwk);
    }
    // The base64 of `openssh-key-v1`.
    if dense.contains("b3BlbnNzaC1rZXktdjE") {
        return Some(SecretKind::PrivateKeyPem);
    }
    der::text_holds_private_key(dense.as_bytes()).then_some(SecretKind::PrivateKeyDer)
}

/// Whether the name of a member says that its value is a secret.
fn names_secret(key: &str) -> bool {
    let words = words(key);
    let secret = words.iter().any(|word| SECRET.contains(&word.as_str()))
        || words.windows(2).any(|pair| matches!(pair, [first, second] if first == "private" && second == "key"));
    secret && !words.last().is_some_and(|last| ABOUT.contains(&last.as_str()))
}

/// The words of a name in kebab, snake or camel case, in lower case.
fn words(key: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in key.chars() {
        if !c.is_alphanumeric() || (was_lower && c.is_uppercase()) {
            words.push(String::new());
        }
        if let (true, Some(word)) = (c.is_alphanumeric(), words.last_mut()) {
            word.extend(c.to_lowercase());
        }
        was_lower = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for secret in [
            "pin",
            "PIN",
            "token-pin",
            "userPin",
            "so_pin",
            "secret",
            "key-share",
            "private-key",
            "privateKey",
            "pin-count-pin",
            "share-1",
            "seed",
        ] {
            assert!(names_secret(secret), "{secret}");
        }
        for harmless in [
            "pinned",
            "share-count",
            "pin-set",
            "password-age",
            "private-key-uri",
            "spinning",
            "public-key",
            "shareholder",
            "key",
            "secretary",
        ] {
            assert!(!names_secret(harmless), "{harmless}");
        }
    }
}
