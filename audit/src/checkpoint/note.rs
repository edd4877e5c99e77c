//! The signed note (C2SP signed-note): a text, an empty line, and one line for each signature.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::CheckpointError;

/// The longest checkpoint that is read, in bytes.
pub const MAX_CHECKPOINT: usize = 65_536;

/// The most signatures that a checkpoint may carry: the log's own and those of witnesses.
pub const MAX_SIGNATURES: usize = 64;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Note {
    whole: String,
    /// The length of the signed text, its last newline included.
    text: usize,
    signatures: Vec<Signature>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signature {
    name: String,
    id: [u8; 4],
    bytes: Vec<u8>,
}

impl Note {
    pub(super) fn parse(whole: &str) -> Result<Self, CheckpointError> {
        if whole.len() > MAX_CHECKPOINT {
            return Err(CheckpointError::TooLong);
        }
        if whole.chars().any(|c| c < ' ' && c != '\n') {
            return Err(CheckpointError::NotNote);
        }
        let end = whole.rfind("\n\n").ok_or(CheckpointError::NotNote)? + 1;
        let lines = whole.get(end + 1..).and_then(|rest| rest.strip_suffix('\n')).ok_or(CheckpointError::NotNote)?;
        if lines.split('\n').count() > MAX_SIGNATURES {
            return Err(CheckpointError::TooLong);
        }
        let signatures = lines.split('\n').map(Signature::parse).collect::<Option<_>>();
        Ok(Self { whole: whole.to_owned(), text: end, signatures: signatures.ok_or(CheckpointError::NotNote)? })
    }

    pub(super) fn sign(text: String, name: &str, id: [u8; 4], bytes: &[u8]) -> Self {
        let signature = Signature { name: name.to_owned(), id, bytes: bytes.to_vec() };
        let length = text.len();
        let line = STANDARD.encode([&id, bytes].concat());
        Self { whole: format!("{text}\n— {name} {line}\n"), text: length, signatures: vec![signature] }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.whole
    }

    /// What is signed.
    pub(super) fn text(&self) -> &str {
        self.whole.get(..self.text).unwrap_or_default()
    }

    pub(super) fn signatures(&self) -> impl Iterator<Item = &Signature> {
        self.signatures.iter()
    }
}

impl Signature {
    fn parse(line: &str) -> Option<Self> {
        let (name, encoded) = line.strip_prefix("— ")?.split_once(' ')?;
        let decoded = STANDARD.decode(encoded).ok()?;
        let (id, bytes) = decoded.split_first_chunk()?;
        let fits = is_key_name(name) && !bytes.is_empty();
        fits.then(|| Self { name: name.to_owned(), id: *id, bytes: bytes.to_vec() })
    }

    pub(super) fn is_by(&self, name: &str, id: [u8; 4]) -> bool {
        self.name == name && self.id == id
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Whether a text can be the name of a key.
pub(super) fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}
