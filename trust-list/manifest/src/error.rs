//! What can be wrong with a metadata file.

use tegata_mdoc::cbor::DecodeError;
use tegata_pki::{Curve, SignatureError};
use time::UtcDateTime;

use crate::{KeyId, RoleName};

/// Why metadata cannot be written, read or believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// The file is longer than its kind may be.
    #[error("the file of {found} bytes is longer than {limit}")]
    TooLarge {
        /// The most bytes it may have.
        limit: u64,
        /// The bytes it has.
        found: u64,
    },
    /// The bytes are not the CBOR of metadata.
    #[error("not metadata: {0}")]
    Cbor(#[from] DecodeError),
    /// The bytes are not in the one encoding that they may have (RFC 8949 4.2.1).
    #[error("the encoding is not deterministic")]
    NotDeterministic,
    /// Metadata of another type than asked for.
    #[error("expected the type {expected:?}, found {found:?}")]
    WrongType {
        /// The type asked for.
        expected: &'static str,
        /// The type found.
        found: String,
    },
    /// A version of the format that this program does not know.
    #[error("unknown version {0} of the metadata format")]
    Spec(u64),
    /// Metadata of another repository.
    #[error("metadata of the repository {found:?} instead of {expected:?}")]
    WrongRepository {
        /// The repository of the root.
        expected: String,
        /// The repository found.
        found: String,
    },
    /// A field holds a value that is not allowed; see the rules at the type.
    #[error("{0} holds a value that is not allowed")]
    Field(&'static str),
    /// More of something than allowed.
    #[error("{found} {what}, at most {limit} are allowed")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        limit: usize,
    },
    /// Two entries of a list are the same thing.
    #[error("two {0} are the same")]
    Duplicate(&'static str),
    /// The root says nothing about a role.
    #[error("the root has no keys for the role {0}")]
    MissingRole(RoleName),
    /// A role has fewer distinct keys than must sign, so that nothing could ever be signed.
    #[error("the role {role} has {keys} keys and a threshold of {threshold}")]
    ThresholdTooHigh {
        /// The role.
        role: RoleName,
        /// How many keys must sign.
        threshold: u16,
        /// How many keys there are.
        keys: usize,
    },
    /// A role names a key that the root does not hold.
    #[error("the key {key} of the role {role} is not in the root")]
    MissingKey {
        /// The role.
        role: RoleName,
        /// The key.
        key: KeyId,
    },
    /// A key stands under an id that is not its own.
    #[error("the id {0} is not that of its key")]
    KeyIdMismatch(KeyId),
    /// A key has two roles, or none.
    #[error("the key {key} has {roles} roles instead of one")]
    KeyRoles {
        /// The key.
        key: KeyId,
        /// How many roles it has.
        roles: usize,
    },
    /// Keys on this curve do not sign.
    #[error("no signature algorithm for {0}")]
    NoAlgorithm(Curve),
    /// There is no signer, or no signature.
    #[error("nobody signs")]
    NoSigner,
    /// A signature of a key that was not prepared for.
    #[error("the key {0} is not one of the signers")]
    UnknownSigner(KeyId),
    /// A signature does not verify and was not released.
    #[error("the signature of the key {key} does not verify: {error}")]
    Signature {
        /// The key.
        key: KeyId,
        /// Why.
        error: SignatureError,
    },
    /// Fewer keys of the role have signed than must. Signatures of others, repeated ones and wrong ones do not count.
    #[error("{valid} keys of the role {role} in root {root} have signed, {threshold} must")]
    NotSigned {
        /// The role.
        role: RoleName,
        /// The version of the root whose keys were asked for.
        root: u64,
        /// How many distinct keys must have signed.
        threshold: u16,
        /// How many have.
        valid: usize,
    },
    /// A root does not follow the one before it.
    #[error("root version {found} instead of {expected}")]
    RootVersion {
        /// The version after the trusted one.
        expected: u64,
        /// The version found.
        found: u64,
    },
    /// No longer to be believed.
    #[error("expired at {expires}, it is {at}")]
    Expired {
        /// When it ended.
        expires: UtcDateTime,
        /// The time given.
        at: UtcDateTime,
    },
    /// Made after the time given.
    #[error("made at {issued}, but it is {at}")]
    FromFuture {
        /// When it was made.
        issued: UtcDateTime,
        /// The time given.
        at: UtcDateTime,
    },
}

impl MetadataError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "metadata-too-large",
            Self::Cbor(_) => "metadata-cbor",
            Self::NotDeterministic => "metadata-not-deterministic",
            Self::WrongType { .. } => "metadata-wrong-type",
            Self::Spec(_) => "metadata-spec",
            Self::WrongRepository { .. } => "metadata-wrong-repository",
            Self::Field(_) => "metadata-field",
            Self::TooMany { .. } => "metadata-too-many",
            Self::Duplicate(_) => "metadata-duplicate",
            Self::MissingRole(_) => "metadata-missing-role",
            Self::ThresholdTooHigh { .. } => "metadata-threshold-too-high",
            Self::MissingKey { .. } => "metadata-missing-key",
            Self::KeyIdMismatch(_) => "metadata-key-id-mismatch",
            Self::KeyRoles { .. } => "metadata-key-roles",
            Self::NoAlgorithm(_) => "metadata-no-algorithm",
            Self::NoSigner => "metadata-no-signer",
            Self::UnknownSigner(_) => "metadata-unknown-signer",
            Self::Signature { .. } => "metadata-signature",
            Self::NotSigned { .. } => "metadata-not-signed",
            Self::RootVersion { .. } => "metadata-root-version",
            Self::Expired { .. } => "metadata-expired",
            Self::FromFuture { .. } => "metadata-from-future",
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
            Self::TooLarge { .. } | Self::TooMany { .. } => (
                "Do not use it. As publisher, remove entries that are no longer needed and sign again.",
                "使用しないでください。公開者は、不要な項目を削除して署名し直してください。",
            ),
            Self::Cbor(_) | Self::NotDeterministic => (
                "Do not use it. Fetch the file again and compare its SHA-256 with that at the publisher.",
                "使用しないでください。再取得し、SHA-256を公開者の値と照合してください。",
            ),
            Self::WrongType { .. } => (
                "Give the file of the other kind; if a server delivered it, report the mix-up to its operator.",
                "正しい種類のファイルを指定してください。サーバーから届いた場合は運営者に取り違えを連絡してください。",
            ),
            Self::Spec(_) => (
                "Update this program: the publisher uses a newer format.",
                "本プログラムを更新してください。公開者が新しい形式を使用しています。",
            ),
            Self::WrongRepository { .. } => (
                "Check the address of the service, or start with the root file of this repository.",
                "サービスのアドレスを確認するか、当該リポジトリのルートファイルで開始し直してください。",
            ),
            Self::Field(_)
            | Self::Duplicate(_)
            | Self::MissingRole(_)
            | Self::ThresholdTooHigh { .. }
            | Self::MissingKey { .. }
            | Self::KeyIdMismatch(_)
            | Self::KeyRoles { .. } => (
                "The publisher has to correct the entry and sign again; until then the last good metadata stays in use.",
                "公開者が該当項目を訂正し、署名し直す必要があります。それまでは直前の正常なメタデータを使用します。",
            ),
            Self::NoAlgorithm(_) | Self::NoSigner | Self::UnknownSigner(_) | Self::Signature { .. } => (
                "Sign the prepared bytes with the keys for which they were prepared.",
                "準備時に指定した鍵で、準備されたバイト列に署名してください。",
            ),
            Self::NotSigned { .. } => (
                "Do not use it. If the keys were changed, get the roots that lead to the new keys; otherwise warn the publisher.",
                "使用しないでください。鍵が変更された場合は新しい鍵に至るルートを取得し、そうでなければ公開者に通報してください。",
            ),
            Self::RootVersion { .. } => (
                "Get the root of the expected version: none may be left out.",
                "期待される版のルートを取得してください。途中の版は省略できません。",
            ),
            Self::Expired { .. } => (
                "Get a newer file. If there is none, warn the publisher; check the clock of this machine.",
                "新しいファイルを取得してください。無い場合は公開者に連絡し、本機の時計も確認してください。",
            ),
            Self::FromFuture { .. } => ("Check the clock of this machine.", "本機の時計を確認してください。"),
        }
    }
}
