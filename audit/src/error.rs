//! Why a log cannot be opened, written or archived.

use std::{fmt, io, path::PathBuf};

use time::UtcDateTime;

use crate::{Actor, Fault, LineError, SecretFound};

/// A part of a record, or of a log's surroundings, whose text has a grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// The terminal: 1 to 64 of `A-Z a-z 0-9 . _ : -`.
    Terminal,
    /// The actor: see [`Actor`].
    Actor,
    /// The name of the event: kebab-case, up to 64 characters.
    EventName,
    /// The step: 1 to 32 of `A-Z a-z 0-9 . _ -`.
    Step,
    /// The number of objects: at most [`MAX_OBJECTS`](crate::MAX_OBJECTS).
    Objects,
    /// The name of an object: 1 to 128 characters, no control characters.
    ObjectName,
    /// A detail: its keys have 1 to 64 characters, none of them a control character; its numbers are integers.
    Detail,
    /// The origin of a checkpoint: see [`Origin`](crate::Origin).
    Origin,
}

impl Part {
    /// A stable name.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Actor => "actor",
            Self::EventName => "event-name",
            Self::Step => "step",
            Self::Objects => "objects",
            Self::ObjectName => "object-name",
            Self::Detail => "detail",
            Self::Origin => "origin",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// What was being done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// Opening or creating it.
    Open,
    /// Locking it.
    Lock,
    /// Reading it.
    Read,
    /// Writing to it.
    Write,
    /// Bringing it to the medium.
    Sync,
    /// Cutting it.
    Truncate,
    /// Putting it in the place of another.
    Rename,
}

impl Operation {
    /// A stable name.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Lock => "lock",
            Self::Read => "read",
            Self::Write => "write",
            Self::Sync => "sync",
            Self::Truncate => "truncate",
            Self::Rename => "rename",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// Why a log cannot be opened, written or archived. No variant holds the text that was refused: it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// A text is not of its form.
    #[error("not a valid {part}")]
    Text {
        /// Which.
        part: Part,
    },
    /// The event holds what looks like a secret.
    #[error("the event holds a secret: {0}")]
    Secret(#[from] SecretFound),
    /// The event cannot be written as one line that reads back as it was meant.
    #[error("the event cannot be a record: {0}")]
    Line(LineError),
    /// The clock stands before the last record.
    #[error("the time {given} is before the last record's, {last}")]
    ClockBack {
        /// The last record's time.
        last: UtcDateTime,
        /// The time given.
        given: UtcDateTime,
    },
    /// A record time, or the end of its retention, that no calendar holds.
    #[error("a time is out of range")]
    TimeRange,
    /// Another process writes this log.
    #[error("another process writes {path}", path = path.display())]
    Locked {
        /// The log.
        path: PathBuf,
    },
    /// The file is not a sound log. Nothing is appended to it.
    #[error("{path} is not sound: {}", list(faults), path = path.display())]
    Unsound {
        /// The log.
        path: PathBuf,
        /// What is wrong with it.
        faults: Vec<Fault>,
    },
    /// An earlier write failed in a way that leaves the end of the file unknown. Open the log anew.
    #[error("an earlier write to {path} failed", path = path.display())]
    Poisoned {
        /// The log.
        path: PathBuf,
    },
    /// The system refused.
    #[error("cannot {operation} {path}: {kind}", path = path.display())]
    Io {
        /// What was being done.
        operation: Operation,
        /// The file.
        path: PathBuf,
        /// What the system said.
        kind: io::ErrorKind,
    },
    /// A file that should be new is there with another content.
    #[error("{path} exists", path = path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Only the auditor takes records out of a log.
    #[error("{actor} is not the auditor")]
    NotAuditor {
        /// Who asked.
        actor: Actor,
    },
    /// Records of less than a year are kept.
    #[error("records are kept for a year: those before {before} until {until}")]
    Retention {
        /// The time before which records were to be archived.
        before: UtcDateTime,
        /// The first instant at which they may be.
        until: UtcDateTime,
    },
    /// No record is older than the time given.
    #[error("there is no record before {before}")]
    NothingToArchive {
        /// The time given.
        before: UtcDateTime,
    },
    /// The file is not a checkpoint key: `tegata-checkpoint-key-v1`, a space, base64 of 32 octets, a newline.
    #[error("{path} is not a checkpoint key", path = path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
    },
    /// The file of the checkpoint key is open to others than its owner.
    #[error("{path} can be read by others than its owner", path = path.display())]
    KeyFileMode {
        /// The file.
        path: PathBuf,
    },
}

impl AuditError {
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

    pub(crate) fn io(operation: Operation, path: &std::path::Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |error| Self::Io { operation, path, kind: error.kind() }
    }

    fn row(&self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Text { .. } => (
                "audit-text",
                "Correct the text; the manual lists the form of each part of a record.",
                "文字列を修正してください。記録の各項目の形式は手引に記載されています。",
            ),
            Self::Secret(_) => (
                "audit-secret",
                "Leave the secret out. Record a digest or a label instead, and replace the secret if others saw it.",
                "秘密情報を除き、代わりにダイジェストまたはラベルを記録してください。他者に見られた場合は秘密情報を交換してください。",
            ),
            Self::Line(_) => (
                "audit-line",
                "Make the event smaller or flatter; record the SHA-256 of a large object instead of its content.",
                "イベントを小さくしてください。大きな対象は内容ではなくSHA-256を記録してください。",
            ),
            Self::ClockBack { .. } => (
                "audit-clock-back",
                "Check the clock of the terminal and set it by the procedure; do not edit the log.",
                "端末の時計を確認し、手順に従って設定してください。ログを編集してはいけません。",
            ),
            Self::TimeRange => (
                "audit-time-range",
                "Check the clock of the terminal and the dates given.",
                "端末の時計と指定した日付を確認してください。",
            ),
            Self::Locked { .. } => (
                "audit-locked",
                "End the other process that writes this log, then try again.",
                "このログに書き込んでいる他のプロセスを終了してから再実行してください。",
            ),
            Self::Unsound { .. } => (
                "audit-unsound",
                "Keep the file as it is, tell the auditor, and go on in a new log after his decision.",
                "ファイルをそのまま保全して監査者に報告し、その判断の後に新しいログで続行してください。",
            ),
            Self::Poisoned { .. } => (
                "audit-poisoned",
                "Check the medium and its free space, then open the log anew.",
                "媒体と空き容量を確認し、ログを開き直してください。",
            ),
            Self::Io { .. } => (
                "audit-io",
                "Check the path, the permissions, the medium and its free space.",
                "パス、権限、媒体および空き容量を確認してください。",
            ),
            Self::Exists { .. } => (
                "audit-exists",
                "Move the file away or choose another name; files are never overwritten.",
                "ファイルを移動するか別の名前を選んでください。既存のファイルは上書きされません。",
            ),
            Self::NotAuditor { .. } => {
                ("audit-not-auditor", "Have the auditor give the order.", "監査者が指示してください。")
            }
            Self::Retention { .. } => (
                "audit-retention",
                "Give an earlier date: every record is kept in the log for one calendar year.",
                "より前の日付を指定してください。記録は暦で1年間ログに保持されます。",
            ),
            Self::NothingToArchive { .. } => (
                "audit-nothing-to-archive",
                "Nothing is to be done, or a later date was meant.",
                "対象がありません。日付を確認してください。",
            ),
            Self::KeyFile { .. } => (
                "audit-key-file",
                "Name the file that was made as the checkpoint key of this log.",
                "このログのチェックポイント鍵として作成したファイルを指定してください。",
            ),
            Self::KeyFileMode { .. } => (
                "audit-key-file-mode",
                "Take the rights of group and others away (chmod 600), and consider who may have read the key.",
                "グループと他者の権限を除き(chmod 600)、鍵を読まれた可能性を検討してください。",
            ),
        }
    }
}

fn list(faults: &[Fault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
