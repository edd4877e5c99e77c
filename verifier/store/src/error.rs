//! Why something is not done with a store, and what to do about it.

use tegata_manifest::NotDigest;
use tegata_sync::{
    ApplyError, BootstrapError, BundleError, ImportError, LoadError, OperatorError, StoreBytesError, TransactionError,
};
use tegata_verifier::Lang;

/// Why a change is refused. The store is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChangeError {
    /// The update failed, or cannot be applied.
    #[error("{0}")]
    Apply(ApplyError),
    /// The evidence bundle is not taken in.
    #[error("{0}")]
    Bundle(BundleError),
    /// The decision of the operator is not carried out.
    #[error("{0}")]
    Operator(OperatorError),
    /// The CRL is not taken in.
    #[error("{0}")]
    Import(ImportError),
}

impl ChangeError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Apply(error) => error.id(),
            Self::Bundle(error) => error.id(),
            Self::Operator(error) => error.id(),
            Self::Import(error) => error.id(),
        }
    }

    fn remedies(&self) -> [&'static str; 2] {
        match self {
            Self::Apply(ApplyError::Update(error))
            | Self::Bundle(BundleError::Update(error) | BundleError::Apply(ApplyError::Update(error))) => {
                [error.remedy(), error.remedy_ja()]
            }
            Self::Bundle(BundleError::Root(error)) => [error.remedy(), error.remedy_ja()],
            Self::Apply(ApplyError::ClockTurnedBack { .. })
            | Self::Bundle(BundleError::FromFuture { .. } | BundleError::Apply(ApplyError::ClockTurnedBack { .. }))
            | Self::Operator(OperatorError::ClockTurnedBack { .. })
            | Self::Import(ImportError::ClockTurnedBack { .. } | ImportError::CrlNotYetValid { .. }) => CLOCK,
            Self::Apply(ApplyError::NoService) | Self::Bundle(BundleError::NothingFollowed) => NOTHING_FOLLOWED,
            Self::Bundle(BundleError::Version(_)) => NEWER,
            Self::Bundle(_) => BUNDLE,
            Self::Operator(OperatorError::Fingerprint { .. }) => FINGERPRINT,
            Self::Operator(OperatorError::Revoked) => REVOKED,
            Self::Operator(OperatorError::Unknown(_) | OperatorError::State(_)) => LOOK,
            Self::Operator(_) => NOT_AN_ANCHOR,
            Self::Import(_) => CRL,
            Self::Apply(_) => AGAIN,
        }
    }
}

/// Why something is not done with a store. `E` is why the place where it is kept cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError<E: core::error::Error> {
    /// Something is kept there already.
    #[error("there is a trust store already")]
    Exists,
    /// Nothing is kept there.
    #[error("there is no trust store")]
    Absent,
    /// The pinned root is not the one whose digest was given, or cannot be used.
    #[error("{0}")]
    Bootstrap(BootstrapError),
    /// What is kept cannot be read or is not the state of a store. Never an empty store.
    #[error("the trust store cannot be used: {0}")]
    Load(LoadError<E>),
    /// The new state could not be kept.
    #[error("{0}")]
    Save(E),
    /// The update still asks for files.
    #[error("not everything has been fetched yet")]
    Unfinished,
    /// The update was finished before.
    #[error("the update is over")]
    Over,
    /// A digest is not 64 hexadecimal digits.
    #[error("{0}")]
    Digest(NotDigest),
    /// No document type is given.
    #[error("no document type is given")]
    NoDocType,
    /// The change is refused.
    #[error("{0}")]
    Change(ChangeError),
}

impl<E: core::error::Error> StoreError<E> {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Exists => "store-exists",
            Self::Absent => "store-absent",
            Self::Bootstrap(error) => error.id(),
            Self::Load(error) => error.id(),
            Self::Save(_) => "store-save",
            Self::Unfinished => "sync-unfinished",
            Self::Over => "sync-over",
            Self::Digest(_) => "not-a-digest",
            Self::NoDocType => "no-doc-type",
            Self::Change(error) => error.id(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self, lang: Lang) -> &'static str {
        lang.pick(match self {
            Self::Exists => [
                "Open it. To begin anew, remove what is kept and its counter first: hold-downs then start anew.",
                "既存のストアを開いてください。やり直す場合は、保存内容とカウンターを先に削除してください（保留期間は最初からになります）。",
            ],
            Self::Absent => [
                "Create it from the pinned root. If there was one, find out first what removed it.",
                "固定されたルートから作成してください。以前存在していた場合は、まず失われた原因を調べてください。",
            ],
            Self::Bootstrap(BootstrapError::Root(error)) => [error.remedy(), error.remedy_ja()],
            Self::Bootstrap(_) => FINGERPRINT,
            Self::Load(LoadError::Bytes(StoreBytesError::Version(_))) => NEWER,
            Self::Load(LoadError::Bytes(_)) => [
                "Nobody is trusted by a damaged or old store. Put back the newest copy, or begin again with the pinned root: hold-downs then start anew.",
                "壊れた、または古いストアでは誰も信頼されません。最新の控えを戻すか、固定されたルートでやり直してください（保留期間は最初からになります）。",
            ],
            Self::Load(_) | Self::Save(_) => [
                "Make the place where the store is kept readable and writable, then try again.",
                "ストアの保存先を読み書きできるようにして、再実行してください。",
            ],
            Self::Unfinished => [
                "Fetch everything that is asked for before finishing.",
                "要求されたファイルをすべて取得してから終了してください。",
            ],
            Self::Over => ["Begin another.", "新しく開始してください。"],
            Self::Digest(_) => ["Write the SHA-256 in 64 hexadecimal digits.", "SHA-256を64桁の16進数で指定してください。"],
            Self::NoDocType => [
                "Name the document types, or say that it may speak for any.",
                "文書タイプを指定するか、すべての文書タイプを対象とすることを明示してください。",
            ],
            Self::Change(error) => error.remedies(),
        })
    }

    pub(crate) fn of_transaction(error: TransactionError<ChangeError, E>) -> Self {
        match error {
            TransactionError::Change(error) => Self::Change(error),
            TransactionError::Medium(error) => Self::Save(error),
        }
    }
}

const CLOCK: [&str; 2] = [
    "Set the clock of this machine from a trusted source, then try again.",
    "信頼できる時刻源に本機の時計を合わせ、再実行してください。",
];
const NEWER: [&str; 2] = [
    "It was written by a later version of this program: use that one.",
    "新しい版のプログラムで書かれています。その版を使用してください。",
];
const NOTHING_FOLLOWED: [&str; 2] = [
    "This store does not follow that source. Create one from the pinned root of the service.",
    "このストアはその取得元を対象としていません。サービスの固定されたルートから作成してください。",
];
const BUNDLE: [&str; 2] = [
    "Make a new bundle; what the store holds is unchanged.",
    "新しいバンドルを作成してください。ストアの内容は変わっていません。",
];
const FINGERPRINT: [&str; 2] = [
    "Do not use the file. Fetch it again and compare with the digest that the authority publishes on another channel.",
    "このファイルを使用せず、取得し直して、機関が別経路で公表した値と照合してください。",
];
const REVOKED: [&str; 2] = [
    "A revoked key is never trusted again. The issuer has to come with a new root.",
    "失効した鍵は二度と信頼されません。発行者の新しいルートが必要です。",
];
const LOOK: [&str; 2] =
    ["Look at the anchors of the store and their states.", "ストアのアンカーと状態を確認してください。"];
const NOT_AN_ANCHOR: [&str; 2] = [
    "Name the self-signed root (IACA) certificate of the issuer.",
    "発行者の自己署名ルート（IACA）証明書を指定してください。",
];
const CRL: [&str; 2] = [
    "Fetch the CRL again from its issuer; what the store holds is unchanged.",
    "発行者から失効リストを取得し直してください。ストアの内容は変わっていません。",
];
const AGAIN: [&str; 2] = ["Try again.", "再度実行してください。"];
