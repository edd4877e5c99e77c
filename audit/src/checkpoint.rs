//! Checkpoints: the signed state of a log, in the form of C2SP tlog-checkpoint (a signed note whose text is origin, tree
//! size and root hash).

mod note;

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use tegata_pki::{Curve, KeyError, PublicKey, SignatureAlgorithm, SignatureError, SignatureRef};

use note::Note;
pub use note::{MAX_CHECKPOINT, MAX_SIGNATURES};

use crate::{AuditError, Part, merkle};

/// The signature type of Ed25519 (C2SP signed-note).
const ED25519: u8 = 1;

/// The name of a log, which is the name of its checkpoint key too: a URL without scheme by custom, such as
/// `example.org/iaca/audit`.
///
/// 1 to 255 bytes without white space, control characters and `+`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// Takes a name.
    ///
    /// # Errors
    /// [`AuditError::Text`] when it is not of the form above.
    pub fn new(name: impl Into<String>) -> Result<Self, AuditError> {
        let name = name.into();
        let fits = (1..=255).contains(&name.len()) && note::is_key_name(&name);
        if fits { Ok(Self(name)) } else { Err(AuditError::Text { part: Part::Origin }) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is not a checkpoint of a log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// More than [`MAX_CHECKPOINT`] bytes, or more than [`MAX_SIGNATURES`] signatures.
    #[error("the checkpoint is too long")]
    TooLong,
    /// Not a signed note: text, an empty line, lines of signatures.
    #[error("not a signed note")]
    NotNote,
    /// The text is not origin, size and root, one line each. (Extension lines are none of ours.)
    #[error("the note is not a checkpoint")]
    NotCheckpoint,
    /// The checkpoint is of another log.
    #[error("a checkpoint of {found}")]
    Origin {
        /// The log it is of.
        found: Origin,
    },
    /// There is no signature by the key of the log.
    #[error("not signed by the key of the log")]
    NotSigned,
    /// The signature by the key of the log does not hold.
    #[error("the signature does not hold: {0}")]
    Signature(SignatureError),
    /// A verifier is not `name+id+key`.
    #[error("not the text of a verifier")]
    Verifier,
    /// The key of a verifier is not an Ed25519 key.
    #[error("the verifier's key: {0}")]
    Key(KeyError),
    /// The ID in the text of a verifier is not that of its name and key.
    #[error("the verifier's ID is not that of its key")]
    KeyId,
}

impl CheckpointError {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.row().0
    }

    /// What to do about it, in English.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        self.row().1
    }

    /// What to do about it, in Japanese.
    #[must_use]
    pub fn remedy_ja(&self) -> &'static str {
        self.row().2
    }

    fn row(&self) -> (&'static str, &'static str, &'static str) {
        const DAMAGED: (&str, &str) = (
            "The text is damaged or is none; fetch it again as it was published.",
            "テキストが破損しているか別物です。公開されたものを取得し直してください。",
        );
        const OTHER: (&str, &str) = (
            "Check that checkpoint and verifier belong to the same log.",
            "チェックポイントと検証鍵が同じログのものか確認してください。",
        );
        const FORGED: (&str, &str) = (
            "Do not rely on it: it was changed after signing, or another key signed.",
            "信頼してはいけません。署名後に変更されたか、別の鍵で署名されています。",
        );
        let (id, (remedy, remedy_ja)) = match self {
            Self::TooLong => ("checkpoint-too-long", DAMAGED),
            Self::NotNote => ("checkpoint-not-note", DAMAGED),
            Self::NotCheckpoint => ("checkpoint-not-checkpoint", DAMAGED),
            Self::Origin { .. } => ("checkpoint-origin", OTHER),
            Self::NotSigned => ("checkpoint-not-signed", OTHER),
            Self::Signature(_) => ("checkpoint-signature", FORGED),
            Self::Verifier => ("checkpoint-verifier", DAMAGED),
            Self::Key(_) => ("checkpoint-key", DAMAGED),
            Self::KeyId => ("checkpoint-key-id", DAMAGED),
        };
        (id, remedy, remedy_ja)
    }
}

/// A checkpoint as it was signed or received. What it says can be had only by [`Checkpoint::verify`].
///
/// ```text
/// example.org/iaca/audit
/// 42
/// <base64 of the root hash>
///
/// — example.org/iaca/audit <base64 of key ID and signature>
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    note: Note,
    head: TreeHead,
}

/// The state of a log that its key signed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TreeHead {
    /// The log.
    pub origin: Origin,
    /// The number of records.
    pub size: u64,
    /// The root of the Merkle tree over them.
    pub root: [u8; 32],
}

impl Checkpoint {
    /// Reads a checkpoint. Nothing is verified yet.
    ///
    /// # Errors
    /// [`CheckpointError::TooLong`], [`CheckpointError::NotNote`], [`CheckpointError::NotCheckpoint`].
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let note = Note::parse(text)?;
        let head = TreeHead::parse(note.text()).ok_or(CheckpointError::NotCheckpoint)?;
        Ok(Self { note, head })
    }

    pub(crate) fn sign(head: TreeHead, public: &[u8; 32], sign: impl FnOnce(&[u8]) -> [u8; 64]) -> Self {
        let text = head.to_text();
        let signature = sign(text.as_bytes());
        let id = key_id(&head.origin, public);
        Self { note: Note::sign(text, head.origin.as_str(), id, &signature), head }
    }

    /// The whole text, as it is published.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.note.as_str()
    }

    /// Verifies the signature of the log's key. Signatures of other keys, such as those of witnesses, are ignored.
    ///
    /// # Errors
    /// [`CheckpointError::Origin`], [`CheckpointError::NotSigned`], [`CheckpointError::Signature`].
    pub fn verify(&self, verifier: &CheckpointVerifier) -> Result<&TreeHead, CheckpointError> {
        if self.head.origin != verifier.origin {
            return Err(CheckpointError::Origin { found: self.head.origin.clone() });
        }
        verifier.verify_note(&self.note)?;
        Ok(&self.head)
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Checkpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        Self::parse(text)
    }
}

impl TreeHead {
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let head = Self {
            origin: Origin::new(origin).ok()?,
            size: size.parse().ok()?,
            root: STANDARD.decode(root).ok()?.try_into().ok()?,
        };
        // Leading zeros, a plus sign and extension lines come back as another text.
        (head.to_text() == text).then_some(head)
    }

    fn to_text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }
}

/// The public half of a checkpoint key with the name of its log. Its text is that of a signed-note verifier:
/// `<origin>+<key ID, 8 hexadecimal digits>+<base64 of 01 and the key>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointVerifier {
    origin: Origin,
    key: PublicKey,
    id: [u8; 4],
}

impl CheckpointVerifier {
    /// A verifier for a log and a key of 32 octets.
    ///
    /// # Errors
    /// [`CheckpointError::Key`].
    pub fn new(origin: Origin, key: &[u8; 32]) -> Result<Self, CheckpointError> {
        let id = key_id(&origin, key);
        let key = PublicKey::from_sec1(Curve::Ed25519, key).map_err(CheckpointError::Key)?;
        Ok(Self { origin, key, id })
    }

    /// Reads the text of a verifier.
    ///
    /// # Errors
    /// [`CheckpointError::Verifier`], [`CheckpointError::Key`], [`CheckpointError::KeyId`].
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let bad = || CheckpointError::Verifier;
        // base64, unlike the name, may hold a plus sign.
        let mut parts = text.splitn(3, '+');
        let mut part = || parts.next().ok_or_else(bad);
        let (name, id, key) = (part()?, part()?, part()?);
        let origin = Origin::new(name).map_err(|_| bad())?;
        let key = STANDARD.decode(key).map_err(|_| bad())?;
        let Some((&ED25519, key)) = key.split_first() else { return Err(bad()) };
        let verifier = Self::new(origin, key.try_into().map_err(|_| bad())?)?;
        if hex::encode(verifier.id) == id { Ok(verifier) } else { Err(CheckpointError::KeyId) }
    }

    /// The log.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Every signature that claims to be by this key must be.
    fn verify_note(&self, note: &Note) -> Result<(), CheckpointError> {
        let mut signed = false;
        for signature in note.signatures().filter(|signature| signature.is_by(self.origin.as_str(), self.id)) {
            tegata_pki::rust_crypto()
                .verify(
                    &self.key,
                    SignatureAlgorithm::EdDsa,
                    note.text().as_bytes(),
                    SignatureRef::Raw(signature.bytes()),
                )
                .map_err(CheckpointError::Signature)?;
            signed = true;
        }
        if signed { Ok(()) } else { Err(CheckpointError::NotSigned) }
    }
}

impl fmt::Display for CheckpointVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = STANDARD.encode([&[ED25519], self.key.sec1_or_raw()].concat());
        write!(f, "{}+{}+{key}", self.origin, hex::encode(self.id))
    }
}

impl std::str::FromStr for CheckpointVerifier {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        Self::parse(text)
    }
}

/// The first four octets of SHA-256 over name, newline, signature type and key (C2SP signed-note).
fn key_id(origin: &Origin, key: &[u8; 32]) -> [u8; 4] {
    let [a, b, c, d, ..] = merkle::sha256(&[origin.as_str().as_bytes(), b"\n", &[ED25519], key]);
    [a, b, c, d]
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "test code")]
mod tests;
