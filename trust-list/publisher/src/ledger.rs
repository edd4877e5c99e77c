//! The export of an issuer's ledger: what the service needs to know of every issued document to publish its revocation.
//!
//! JSON lines: one object per document, without the holder's name or any data of the document.
//!
//! ```json
//! {"docType":"org.iso.18013.5.1.mDL","dsSerial":"4f1c…","issuer":"<64 hex>","deviceKey":"<64 hex>",
//!  "validUntil":"2027-03-01T00:00:00Z","status":{"uri":"https://dts.example/status/1","idx":4711},
//!  "identifier":{"uri":"https://dts.example/status/ids","id":"0a1b…"},
//!  "revoked":{"at":"2026-11-21T09:00:00Z","reason":"device-lost"}}
//! ```
//!
//! | member | what |
//! |---|---|
//! | `docType` | the document type |
//! | `dsSerial` | contents octets of the serial number of the document signer's certificate, hexadecimal |
//! | `issuer` | SHA-256 of the SubjectPublicKeyInfo of the root that issued it, hexadecimal |
//! | `deviceKey` | SHA-256 of the deterministic COSE_Key `{1, -1, -2, -3}` of the document's device key, hexadecimal |
//! | `validUntil` | of the MSO |
//! | `status` | optional: the MSO's reference to a status list |
//! | `identifier` | optional: the MSO's reference to an identifier list, `id` in hexadecimal digits |
//! | `revoked` | optional: when the document itself was revoked, and a word why (`[a-z0-9-]{1,64}`, never published) |
//!
//! A revocation is final. An export with a bad line is refused as a whole, and every bad line is named.

use std::collections::BTreeMap;

use serde::Deserialize;
use time::UtcDateTime;

use crate::{KeyDigest, instant};

/// The longest line, in bytes.
pub const MAX_LINE: usize = 8192;
/// How many faults are reported at most.
pub const MAX_FAULTS: usize = 100;

/// The ledger as exported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    entries: Vec<LedgerEntry>,
}

/// A document.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LedgerEntry {
    /// The document type.
    pub doc_type: String,
    /// The serial number of the document signer's certificate.
    #[serde(with = "hex::serde")]
    pub ds_serial: Vec<u8>,
    /// The root.
    pub issuer: KeyDigest,
    /// The thumbprint of the device key.
    #[serde(with = "hex::serde")]
    pub device_key: [u8; 32],
    /// Until when the document is valid.
    #[serde(with = "instant")]
    pub valid_until: UtcDateTime,
    /// The reference to a status list.
    #[serde(default)]
    pub status: Option<StatusReference>,
    /// The reference to an identifier list.
    #[serde(default)]
    pub identifier: Option<IdentifierReference>,
    /// The revocation of this document.
    #[serde(default)]
    pub revoked: Option<Revocation>,
}

/// A reference to an entry of a status list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusReference {
    /// The URI of the list.
    pub uri: String,
    /// The index in it.
    pub idx: u64,
}

/// A reference to an entry of an identifier list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentifierReference {
    /// The URI of the list.
    pub uri: String,
    /// The identifier.
    #[serde(with = "hex::serde")]
    pub id: Vec<u8>,
}

/// The revocation of one document.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// When it was decided.
    #[serde(with = "instant")]
    pub at: UtcDateTime,
    /// Why, in a word.
    #[serde(default)]
    pub reason: Option<String>,
}

/// Lines that cannot be used; nothing is built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} lines of the ledger cannot be used; the first is {}", .faults.len(), .faults.first().map(ToString::to_string).unwrap_or_default())]
pub struct LedgerError {
    /// The lines, at most [`MAX_FAULTS`].
    pub faults: Vec<LedgerFault>,
}

/// A line that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct LedgerFault {
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong.
    pub fault: LineFault,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LineFault {
    /// Not UTF-8, or longer than [`MAX_LINE`].
    #[error("not a line of text")]
    Text,
    /// Not JSON, or a member is missing, unknown or of another form; at this column, from 1.
    #[error("not an entry of a ledger (column {column})")]
    Entry {
        /// Where.
        column: usize,
    },
    /// A member is empty or of a form that is not allowed.
    #[error("{0} holds a value that is not allowed")]
    Member(&'static str),
    /// The index of the status list is that of another document.
    #[error("the same index of the same status list as line {0}")]
    IndexTwice(usize),
    /// The identifier is that of another document.
    #[error("the same identifier of the same list as line {0}")]
    IdentifierTwice(usize),
    /// A list speaks for the documents of one root, and this one is of another.
    #[error("the list is that of another root in line {0}")]
    ListOfOtherRoot(usize),
}

impl LineFault {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Text => "ledger-text",
            Self::Entry { .. } => "ledger-entry",
            Self::Member(_) => "ledger-member",
            Self::IndexTwice(_) => "ledger-index-twice",
            Self::IdentifierTwice(_) => "ledger-identifier-twice",
            Self::ListOfOtherRoot(_) => "ledger-list-of-other-root",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        "Export the ledger again; if the line is still there, have the issuer put the ledger right."
    }

    /// What to do about it, in Japanese.
    #[must_use]
    pub fn remedy_ja(&self) -> &'static str {
        "台帳をもう一度書き出してください。行が残る場合は、発行側で台帳を訂正してください。"
    }
}

impl Ledger {
    /// Reads an export.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn read(bytes: &[u8]) -> Result<Self, LedgerError> {
        let (mut entries, mut faults, mut seen) = (Vec::new(), Vec::new(), Seen::default());
        let lines = bytes.strip_suffix(b"\n").unwrap_or(bytes).split(|byte| *byte == b'\n');
        for (line, text) in (1..).zip(lines.filter(|_| !bytes.is_empty())) {
            match read_line(text).and_then(|entry| seen.note(&entry, line).map(|()| entry)) {
                Ok(entry) => entries.push(entry),
                Err(fault) => faults.push(LedgerFault { line, fault }),
            }
            if faults.len() >= MAX_FAULTS {
                break;
            }
        }
        if faults.is_empty() { Ok(Self { entries }) } else { Err(LedgerError { faults }) }
    }

    /// The documents, in the order of the lines.
    #[must_use]
    pub fn entries(&self) -> &[LedgerEntry] {
        &self.entries
    }
}

/// What earlier lines have used up.
#[derive(Default)]
struct Seen {
    roots: BTreeMap<String, (KeyDigest, usize)>,
    indices: BTreeMap<String, BTreeMap<u64, usize>>,
    identifiers: BTreeMap<IdentifierReference, usize>,
}

impl Seen {
    fn note(&mut self, entry: &LedgerEntry, line: usize) -> Result<(), LineFault> {
        let uris = [entry.status.as_ref().map(|r| &r.uri), entry.identifier.as_ref().map(|r| &r.uri)];
        for uri in uris.into_iter().flatten() {
            match self.roots.get(uri) {
                Some((root, first)) if *root != entry.issuer => return Err(LineFault::ListOfOtherRoot(*first)),
                Some(_) => {}
                None => _ = self.roots.insert(uri.clone(), (entry.issuer, line)),
            }
        }
        if let Some(StatusReference { uri, idx }) = &entry.status {
            let indices = self.indices.entry(uri.clone()).or_default();
            if let Some(first) = indices.insert(*idx, line) {
                return Err(LineFault::IndexTwice(first));
            }
        }
        match &entry.identifier {
            Some(reference) => match self.identifiers.insert(reference.clone(), line) {
                Some(first) => Err(LineFault::IdentifierTwice(first)),
                None => Ok(()),
            },
            None => Ok(()),
        }
    }
}

fn read_line(text: &[u8]) -> Result<LedgerEntry, LineFault> {
    let text = core::str::from_utf8(text).map_err(|_| LineFault::Text)?;
    if text.len() > MAX_LINE {
        return Err(LineFault::Text);
    }
    let entry: LedgerEntry = serde_json::from_str(text).map_err(|error| LineFault::Entry { column: error.column() })?;
    let is_word = |word: &String| {
        (1..=64).contains(&word.len())
            && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let reason = entry.revoked.as_ref().and_then(|revoked| revoked.reason.as_ref());
    if entry.doc_type.is_empty() {
        Err(LineFault::Member("docType"))
    } else if !(1..=20).contains(&entry.ds_serial.len()) {
        Err(LineFault::Member("dsSerial"))
    } else if entry.status.as_ref().is_some_and(|status| status.uri.is_empty()) {
        Err(LineFault::Member("status"))
    } else if entry.identifier.as_ref().is_some_and(|named| named.uri.is_empty() || named.id.is_empty()) {
        Err(LineFault::Member("identifier"))
    } else if reason.is_some_and(|reason| !is_word(reason)) {
        Err(LineFault::Member("revoked"))
    } else {
        Ok(entry)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(issuer: &str, rest: &str) -> String {
        let key = "cd".repeat(32);
        format!(
            "{{\"docType\":\"a\",\"dsSerial\":\"01\",\"issuer\":\"{issuer}\",\"deviceKey\":\"{key}\",\
             \"validUntil\":\"2027-03-01T00:00:00Z\"{rest}}}\n"
        )
    }

    fn first() -> String {
        "ab".repeat(32)
    }

    fn fault(text: &str) -> (usize, &'static str) {
        let error = Ledger::read(text.as_bytes()).unwrap_err();
        (error.faults[0].line, error.faults[0].fault.id())
    }

    #[test]
    fn an_export_is_read() {
        let rest = ",\"status\":{\"uri\":\"u\",\"idx\":7},\"identifier\":{\"uri\":\"i\",\"id\":\"0a\"},\
                    \"revoked\":{\"at\":\"2026-11-21T09:00:00Z\",\"reason\":\"device-lost\"}";
        let text = line(&first(), rest) + &line(&first(), "");
        let ledger = Ledger::read(text.as_bytes()).unwrap();
        assert_eq!(ledger.entries().len(), 2);
        assert_eq!(ledger.entries()[0].status.as_ref().unwrap().idx, 7);
        assert_eq!(ledger.entries()[1].revoked, None);
        assert_eq!(Ledger::read(b"").unwrap().entries().len(), 0);
    }

    #[test]
    fn bad_lines_are_named() {
        let good = line(&first(), "");
        assert_eq!(fault(&format!("{good}nonsense\n")), (2, "ledger-entry"));
        assert_eq!(fault(&format!("{good}\n{good}")), (2, "ledger-entry"));
        assert_eq!(fault(&line(&first(), ",\"name\":\"x\"")), (1, "ledger-entry"));
        let twice = line(&first(), ",\"status\":{\"uri\":\"u\",\"idx\":7}");
        assert_eq!(fault(&format!("{twice}{twice}")), (2, "ledger-index-twice"));
        let twice = line(&first(), ",\"identifier\":{\"uri\":\"u\",\"id\":\"07\"}");
        assert_eq!(fault(&format!("{twice}{twice}")), (2, "ledger-identifier-twice"));
        let other = line(&"ef".repeat(32), ",\"status\":{\"uri\":\"u\",\"idx\":8}");
        let own = line(&first(), ",\"status\":{\"uri\":\"u\",\"idx\":7}");
        assert_eq!(fault(&format!("{own}{other}")), (2, "ledger-list-of-other-root"));
        assert_eq!(
            fault(&line(&first(), ",\"revoked\":{\"at\":\"2026-11-21T09:00:00Z\",\"reason\":\"A B\"}")).1,
            "ledger-member"
        );
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_fall_over(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            if let Err(error) = Ledger::read(&bytes) {
                prop_assert!(!error.faults.is_empty());
            }
        }
    }
}
