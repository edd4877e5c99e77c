//! What can go wrong between the places of a quorum.

use tegata_mdoc::cbor::DecodeError;

use crate::{KeyId, MetadataError};

/// Why a draft is not made, not signed or not completed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CeremonyError {
    /// The file is cut off, damaged, or something else.
    #[error("the file is damaged: {0}")]
    Cbor(DecodeError),
    /// The file is another one than asked for.
    #[error("the file is not a {0}")]
    NotThis(&'static str),
    /// The file is of a later version of the format.
    #[error("the file has version {0}, which is not known")]
    Version(u64),
    /// The metadata is not signed by the root role.
    #[error("metadata of the type {0:?} is not signed by the root role")]
    Type(String),
    /// An approval without the root whose role is to sign it.
    #[error("the draft does not bring the root in force along")]
    NoRoot,
    /// The key belongs to none of the quorums.
    #[error("the key {0} is not one of those that have to sign")]
    NotASigner(KeyId),
    /// The signature was made over another draft: somebody was shown something else.
    #[error("the key {0} has signed another draft")]
    OtherDraft(KeyId),
    /// Two shares are of one key; it counts once.
    #[error("there are two shares of the key {0}")]
    Duplicate(KeyId),
    /// The metadata breaks a rule, a signature does not verify, or a quorum is short.
    #[error("{0}")]
    Metadata(#[from] MetadataError),
}

impl CeremonyError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Cbor(_) => "ceremony-damaged",
            Self::NotThis(_) => "ceremony-wrong-file",
            Self::Version(_) => "ceremony-version",
            Self::Type(_) => "ceremony-type",
            Self::NoRoot => "ceremony-no-root",
            Self::NotASigner(_) => "ceremony-not-a-signer",
            Self::OtherDraft(_) => "ceremony-other-draft",
            Self::Duplicate(_) => "ceremony-duplicate",
            Self::Metadata(error) => error.id(),
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
            Self::Cbor(_) | Self::NotThis(_) => (
                "Take the file again from where it was made; drafts and shares are two kinds of file.",
                "作成元からファイルを取り直してください。原案と署名は別の種類のファイルです。",
            ),
            Self::Version(_) => (
                "Use the same version of this program everywhere.",
                "すべての場所で同じ版のプログラムを使用してください。",
            ),
            Self::Type(_) | Self::NoRoot => ("Prepare the draft again.", "原案を作成し直してください。"),
            Self::NotASigner(_) => (
                "Sign with a key of the root role of the old or of the new root; the summary names them.",
                "旧または新ルートのルート役の鍵で署名してください。鍵は概要に表示されます。",
            ),
            Self::OtherDraft(_) => (
                "Stop and compare the digests of the drafts: the holder of this key was shown another one.",
                "作業を止め、原案のダイジェストを照合してください。この鍵の保持者は別の原案に署名しています。",
            ),
            Self::Duplicate(_) => (
                "Leave one of the two out: a key counts once.",
                "どちらか一方を除いてください。一つの鍵は一度だけ数えられます。",
            ),
            Self::Metadata(MetadataError::NotSigned { .. }) => (
                "Get the shares of more key holders: the summary tells how many of which keys are needed.",
                "さらに鍵の保持者から署名を集めてください。必要な鍵と数は概要に表示されます。",
            ),
            Self::Metadata(error) => (error.remedy(), error.remedy_ja()),
        }
    }
}
