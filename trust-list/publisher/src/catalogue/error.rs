//! What can go wrong with a catalogue.

use std::path::PathBuf;

use tegata_audit::AuditError;
use tegata_manifest::MetadataError;
use tegata_trust_list::bundle::SequenceError;
use time::UtcDateTime;

use crate::{KeyDigest, file::FileError};

/// Why a catalogue cannot be opened or changed. It is as before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogueError {
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// Another process has the catalogue.
    #[error("{} is in use by another process", .0.display())]
    Locked(PathBuf),
    /// The state file is not one.
    #[error("the state cannot be read: {0}")]
    State(serde_json::Error),
    /// The state file is of another version of the format.
    #[error("the state has format {0}")]
    Format(u32),
    /// An object of the catalogue is missing, was changed, or is not what the state says.
    #[error("{} is missing or damaged", .0.display())]
    Damaged(PathBuf),
    /// The audit log.
    #[error("audit log: {0}")]
    Audit(#[from] AuditError),
    /// The clock is before the last change.
    #[error("the clock went back from {last} to {given}")]
    ClockBack {
        /// The time of the last change.
        last: UtcDateTime,
        /// The time given.
        given: UtcDateTime,
    },
    /// The catalogue was changed after the plan was made.
    #[error("the catalogue has changed since the plan was made")]
    Changed,
    /// The request is not the next one.
    #[error("{0}")]
    Sequence(#[from] SequenceError),
    /// The root is not held.
    #[error("the root {0} is not held")]
    UnknownRoot(KeyDigest),
    /// A date would come before the one above it, or the root is revoked.
    #[error("the dates of the root {0} cannot be these")]
    Dates(KeyDigest),
    /// A notice of this id is there, or the notice is not of its form.
    #[error("the notice {0:?} is there already, or not of its form")]
    Notice(String),
    /// There is no root metadata yet.
    #[error("there is no root metadata")]
    NoRootMetadata,
    /// Metadata does not verify.
    #[error("metadata: {0}")]
    Metadata(#[from] MetadataError),
    /// The approval is of another root.
    #[error("the approval is not of the root {0}")]
    Approval(KeyDigest),
    /// A version that does not rise.
    #[error("version {found} does not follow {held}")]
    Version {
        /// The version held.
        held: u64,
        /// The version given.
        found: u64,
    },
}

impl CatalogueError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Audit(error) => error.id(),
            Self::Sequence(error) => error.id(),
            Self::Metadata(error) => error.id(),
            _ => self.row().0,
        }
    }

    /// What to do about it.
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
        match self {
            Self::File(_) => (
                "catalogue-file",
                "Check space, rights and the medium, then repeat the command; nothing was changed by half.",
                "空き容量・権限・媒体を確認し、コマンドを繰り返してください。中途半端な変更は残りません。",
            ),
            Self::Locked(_) => {
                ("catalogue-locked", "Wait until the other command has ended.", "他のコマンドの終了を待ってください。")
            }
            Self::State(_) | Self::Damaged(_) => (
                "catalogue-damaged",
                "Restore the directory from its last copy, then import the bundles that came after it.",
                "ディレクトリを最新の控えから復元し、その後のバンドルを取り込んでください。",
            ),
            Self::Format(_) => (
                "catalogue-format",
                "Use the release of the program that wrote it, or a newer one.",
                "書き込んだ版以降のプログラムを使ってください。",
            ),
            Self::Audit(_) => (
                "catalogue-audit",
                "Put the audit log right first; without a record nothing is done.",
                "先に監査ログを直してください。記録なしには何も行いません。",
            ),
            Self::ClockBack { .. } => {
                ("catalogue-clock-back", "Set the clock of this machine.", "この機器の時計を合わせてください。")
            }
            Self::Changed => (
                "catalogue-changed",
                "Check the bundle again: another command changed the catalogue meanwhile.",
                "他のコマンドがカタログを変更しました。バンドルをもう一度検査してください。",
            ),
            Self::Sequence(_) => (
                "catalogue-sequence",
                "Record the request that continues the last response that was imported.",
                "最後に取り込んだ応答に続く要求を登録してください。",
            ),
            Self::UnknownRoot(_) => {
                ("catalogue-unknown-root", "Name a root that is held.", "保有しているルートを指定してください。")
            }
            Self::Dates(_) => (
                "catalogue-dates",
                "Give dates in the order announced, active, retiring, removed. A revocation is final.",
                "公表・有効・退役・除去の順に日付を指定してください。失効は取り消せません。",
            ),
            Self::Notice(_) => (
                "catalogue-notice",
                "Use a new id of [a-z0-9.-], and a text of at most 4096 bytes in both languages.",
                "新しいID([a-z0-9.-])と、両言語それぞれ4096バイト以内の文面を指定してください。",
            ),
            Self::NoRootMetadata => (
                "catalogue-no-root-metadata",
                "Enter the root metadata that the quorum has signed.",
                "定足数で署名したルートメタデータを登録してください。",
            ),
            Self::Metadata(_) => (
                "catalogue-metadata",
                "Check who has signed, and have it signed again by the keys that the root metadata names.",
                "署名者を確認し、ルートメタデータに記載の鍵で署名し直してください。",
            ),
            Self::Approval(_) => (
                "catalogue-approval",
                "Name the root that the quorum has approved.",
                "定足数で承認したルートを指定してください。",
            ),
            Self::Version { .. } => (
                "catalogue-version",
                "Sign the metadata anew with the next version.",
                "次の版番号でメタデータに署名し直してください。",
            ),
        }
    }
}
