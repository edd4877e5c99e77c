//! What can be wrong with a bundle.

use tegata_mdoc::cbor::DecodeError;
use tegata_pki::{CoseAlgorithm, Curve, SignatureError};

use super::ApplicantError;

/// Why a bundle cannot be built, read or trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// More than [`super::MAX_BUNDLE_BYTES`].
    #[error("the bundle of {found} bytes is too large")]
    TooLarge {
        /// Its length in bytes.
        found: usize,
    },
    /// More objects than [`super::MAX_OBJECTS`] or items than [`super::MAX_ITEMS`].
    #[error("{found} {what}, at most {limit} are allowed")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        limit: usize,
    },
    /// The bytes are not the CBOR of a bundle.
    #[error("not a bundle: {0}")]
    Cbor(#[from] DecodeError),
    /// A header parameter is absent or of another type.
    #[error("the header has no usable {0}")]
    Header(&'static str),
    /// Another kind of bundle, or no bundle at all.
    #[error("expected a {expected}, found {found:?}")]
    WrongType {
        /// The type asked for.
        expected: &'static str,
        /// The type found.
        found: String,
    },
    /// A version of the format that this program does not know.
    #[error("unknown bundle version {0}")]
    Version(u64),
    /// The bytes are not in the one encoding that they may have (RFC 8949 4.2.1).
    #[error("the encoding is not deterministic")]
    NotDeterministic,
    /// Keys on this curve do not sign.
    #[error("no signature algorithm for {0}")]
    NoAlgorithm(Curve),
    /// The algorithm of the header does not go with the signer's key.
    #[error("{algorithm} cannot be used with a key on {curve}")]
    AlgorithmMismatch {
        /// The algorithm stated.
        algorithm: CoseAlgorithm,
        /// The curve of the key.
        curve: Curve,
    },
    /// Another key than the expected one signed.
    #[error("signed by another key than the expected one")]
    WrongSigner {
        /// The key identifier of the expected signer.
        expected: [u8; 20],
        /// The key identifier that the bundle names.
        found: Vec<u8>,
    },
    /// The signature does not verify: the header, the manifest or the head was changed, or another key signed.
    #[error("the signature does not verify: {0}")]
    Signature(#[from] SignatureError),
    /// An object of the manifest, or one that an item names, is not there.
    #[error("object {name:?} is missing")]
    MissingObject {
        /// Its name.
        name: String,
    },
    /// An object that the manifest does not list.
    #[error("object {name:?} is not in the manifest")]
    ExtraObject {
        /// Its name.
        name: String,
    },
    /// An object of the manifest that nothing in the bundle refers to.
    #[error("nothing refers to object {name:?}")]
    UnusedObject {
        /// Its name.
        name: String,
    },
    /// An object does not have the length that the manifest states.
    #[error("object {name:?} has {found} bytes instead of {expected}")]
    ObjectLength {
        /// Its name.
        name: String,
        /// The length in the manifest.
        expected: u64,
        /// The length found.
        found: usize,
    },
    /// An object does not have the hash that the manifest states.
    #[error("object {name:?} was changed: its SHA-256 is not that of the manifest")]
    ObjectDigest {
        /// Its name.
        name: String,
    },
    /// The applicants are not the two that are asked for.
    #[error("{0}")]
    Applicants(#[from] ApplicantError),
    /// A field holds a value that is not allowed.
    #[error("{0} holds a value that is not allowed")]
    Field(&'static str),
}

impl BundleError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "bundle-too-large",
            Self::TooMany { .. } => "bundle-too-many",
            Self::Cbor(_) => "bundle-cbor",
            Self::Header(_) => "bundle-header",
            Self::WrongType { .. } => "bundle-wrong-type",
            Self::Version(_) => "bundle-version",
            Self::NotDeterministic => "bundle-not-deterministic",
            Self::NoAlgorithm(_) => "bundle-no-algorithm",
            Self::AlgorithmMismatch { .. } => "bundle-algorithm-mismatch",
            Self::WrongSigner { .. } => "bundle-wrong-signer",
            Self::Signature(_) => "bundle-signature",
            Self::MissingObject { .. } => "bundle-missing-object",
            Self::ExtraObject { .. } => "bundle-extra-object",
            Self::UnusedObject { .. } => "bundle-unused-object",
            Self::ObjectLength { .. } => "bundle-object-length",
            Self::ObjectDigest { .. } => "bundle-object-digest",
            Self::Applicants(error) => error.id(),
            Self::Field(_) => "bundle-field",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        self.remedies().0
    }

    /// What to do about it, in Japanese.
    #[must_use]
    pub fn remedy_ja(&self) -> &'static str {
        self.remedies().1
    }

    fn remedies(&self) -> (&'static str, &'static str) {
        match self {
            Self::TooLarge { .. } | Self::TooMany { .. } => {
                ("Split it into several bundles.", "複数のバンドルに分けてください。")
            }
            Self::Cbor(_)
            | Self::NotDeterministic
            | Self::MissingObject { .. }
            | Self::ExtraObject { .. }
            | Self::UnusedObject { .. }
            | Self::ObjectLength { .. }
            | Self::ObjectDigest { .. }
            | Self::Signature(_) => (
                "Do not use it. Compare its SHA-256 with that at the origin and carry it over again.",
                "使用しないでください。作成元のSHA-256と照合し、運び直してください。",
            ),
            Self::Header(_) | Self::Version(_) => (
                "Make the bundle with the same release of the program on both sides.",
                "両側で同じ版のプログラムを使ってバンドルを作り直してください。",
            ),
            Self::WrongType { .. } => {
                ("Give the other file of the exchange.", "もう一方のファイルを指定してください。")
            }
            Self::NoAlgorithm(_) | Self::AlgorithmMismatch { .. } => {
                ("Sign with the key for which the bundle was made.", "バンドルの作成時に指定した鍵で署名してください。")
            }
            Self::WrongSigner { .. } => (
                "Do not use it unless the change of the signing key was announced; then give the new key.",
                "署名鍵の変更が通知されている場合のみ、新しい鍵を指定してください。それ以外では使用しないでください。",
            ),
            Self::Applicants(_) => (
                "Have the operations manager and the key manager, two persons, apply.",
                "運用管理者と鍵管理者の2名で申請してください。",
            ),
            Self::Field(_) => {
                ("Correct the value and make the bundle again.", "値を直してバンドルを作り直してください。")
            }
        }
    }
}
