//! What an auditor may find wrong with a log.

use time::UtcDateTime;

use crate::{CheckpointError, SecretFound};

/// Why bytes are not the line of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum LineError {
    /// Not JSON in UTF-8, or nested too deeply.
    #[error("not JSON")]
    NotJson,
    /// A member is missing, unknown, there twice, or has a value that it cannot have.
    #[error("a member is missing, unknown or unusable")]
    Fields,
    /// The time is not RFC 3339 in UTC with at most three decimals.
    #[error("the time is not of its form")]
    Time,
    /// The data could be a record, but its text is not the one encoding of it.
    #[error("not the one encoding of its data")]
    NotCanonical,
    /// More than [`MAX_LINE`](crate::MAX_LINE) bytes.
    #[error("the line is too long")]
    TooLong,
    /// The data has no encoding, such as a year after 9999.
    #[error("the data cannot be written")]
    Unwritable,
}

impl LineError {
    /// A stable name of the variant.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::NotJson => "line-not-json",
            Self::Fields => "line-fields",
            Self::Time => "line-time",
            Self::NotCanonical => "line-not-canonical",
            Self::TooLong => "line-too-long",
            Self::Unwritable => "line-unwritable",
        }
    }

    /// What to do about it, in English.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::NotJson | Self::Fields | Self::Time => {
                "Compare the line with a backup copy: no writer makes such a one."
            }
            Self::NotCanonical => "Compare the line with a backup copy: it was written by other means.",
            Self::TooLong => "Record the SHA-256 of a large object instead of its content.",
            Self::Unwritable => "Check the clock and the numbers of the event.",
        }
    }
}

/// One thing wrong with a log. Lines are counted from 1 within their file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// A line is not a record.
    #[error("line {line}: {error}")]
    Line {
        /// The line.
        line: u64,
        /// Why not.
        error: LineError,
    },
    /// Records are missing before this line.
    #[error("line {line}: number {found} where {expected} should be: records are missing")]
    Missing {
        /// The line.
        line: u64,
        /// The number that follows from the line before.
        expected: u64,
        /// The number met.
        found: u64,
    },
    /// This record belongs further up: it was moved, repeated or put in.
    #[error("line {line}: number {found} where {expected} should be: out of order")]
    OutOfOrder {
        /// The line.
        line: u64,
        /// The number that follows from the line before.
        expected: u64,
        /// The number met.
        found: u64,
    },
    /// This record does not follow upon the line before: one of the two was changed.
    #[error("line {line}: not written after the line before it")]
    Chain {
        /// The line.
        line: u64,
    },
    /// The record's time is before that of the record before.
    #[error("line {line}: the clock went back from {previous} to {found}")]
    ClockBack {
        /// The line.
        line: u64,
        /// The time of the record before.
        previous: UtcDateTime,
        /// The time met.
        found: UtcDateTime,
    },
    /// The last line has no end: a crash while it was written, or a cut.
    #[error("line {line}: the line has no end")]
    Torn {
        /// The line.
        line: u64,
    },
    /// A record holds what looks like a secret.
    #[error("line {line}: {secret}")]
    Secret {
        /// The line.
        line: u64,
        /// Where and what kind.
        secret: SecretFound,
    },
    /// The first line says which records were archived before, and it does not continue the part before it; or it names
    /// a tree that cannot be.
    #[error("line {line}: does not continue the part before it")]
    Base {
        /// The line.
        line: u64,
    },
    /// A checkpoint is not one of this log.
    #[error("checkpoint {index}: {error}")]
    Checkpoint {
        /// Its place among the checkpoints given, from 0.
        index: usize,
        /// Why not.
        error: CheckpointError,
    },
    /// The first records are not those that a checkpoint signs: the log was rewritten.
    #[error("the first {size} records are not those that checkpoint {index} signs")]
    Root {
        /// Its place among the checkpoints given, from 0.
        index: usize,
        /// The number of records it signs.
        size: u64,
    },
    /// A checkpoint signs more records than there are: the end of the log is lost.
    #[error("checkpoint {index} signs {size} records, and there are {found}: the end of the log is lost")]
    TailLost {
        /// Its place among the checkpoints given, from 0.
        index: usize,
        /// The number of records it signs.
        size: u64,
        /// The number of records that are there.
        found: u64,
    },
    /// A checkpoint ends among the archived records: the archive is needed to check it.
    #[error("checkpoint {index} signs {size} records, of which the archive is needed")]
    ArchiveNeeded {
        /// Its place among the checkpoints given, from 0.
        index: usize,
        /// The number of records it signs.
        size: u64,
    },
    /// No checkpoint was given: a log rewritten as a whole would go unnoticed.
    #[error("there is no checkpoint to check against")]
    NoCheckpoint,
    /// A fault in one of several parts.
    #[error("part {part}: {fault}")]
    InPart {
        /// Its place among the parts given, from 0.
        part: usize,
        /// The fault.
        fault: Box<Fault>,
    },
}

impl Fault {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.row().0
    }

    /// What it means and what to do, in English.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        self.row().1
    }

    /// What it means and what to do, in Japanese.
    #[must_use]
    pub fn remedy_ja(&self) -> &'static str {
        self.row().2
    }

    /// The line it was found at, if it was found at a line.
    #[must_use]
    pub fn line(&self) -> Option<u64> {
        match self {
            Self::Line { line, .. }
            | Self::Missing { line, .. }
            | Self::OutOfOrder { line, .. }
            | Self::Chain { line }
            | Self::ClockBack { line, .. }
            | Self::Torn { line }
            | Self::Secret { line, .. }
            | Self::Base { line } => Some(*line),
            Self::InPart { fault, .. } => fault.line(),
            _ => None,
        }
    }

    fn row(&self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Line { .. } => (
                "log-line",
                "The line was damaged or written by other means. Compare with a backup copy.",
                "行が破損しているか、別の手段で書かれています。バックアップと比較してください。",
            ),
            Self::Missing { .. } => (
                "log-missing",
                "Records were deleted or moved. Compare with a backup copy and with the work record.",
                "記録が削除または移動されています。バックアップおよび作業記録と比較してください。",
            ),
            Self::OutOfOrder { .. } => (
                "log-out-of-order",
                "Records were moved, repeated or put in. Compare with a backup copy.",
                "記録が移動、重複または挿入されています。バックアップと比較してください。",
            ),
            Self::Chain { .. } => (
                "log-chain",
                "This line or the one before it was changed. Compare both with a backup copy.",
                "この行または直前の行が変更されています。両方をバックアップと比較してください。",
            ),
            Self::ClockBack { .. } => (
                "log-clock-back",
                "A time was changed: the writer itself never goes back. Compare with the work record.",
                "時刻が変更されています。作業記録と比較してください。",
            ),
            Self::Torn { .. } => (
                "log-torn",
                "A crash while writing: open the log with its own program, which sets the piece aside and records it.",
                "書き込み中の異常終了です。ログのプログラムで開くと、断片が退避され記録されます。",
            ),
            Self::Secret { .. } => (
                "log-secret",
                "Treat the secret as disclosed and replace it. The log stays as it is.",
                "秘密情報は漏えいしたものとして交換してください。ログは変更しません。",
            ),
            Self::Base { .. } => (
                "log-base",
                "Give the archives of this log in their order, without a gap.",
                "このログのアーカイブを欠けなく順番どおりに指定してください。",
            ),
            Self::Checkpoint { .. } => (
                "log-checkpoint",
                "Check that the checkpoint and the verifier belong to this log.",
                "チェックポイントと検証鍵がこのログのものか確認してください。",
            ),
            Self::Root { .. } => (
                "log-root",
                "The log was rewritten after the checkpoint was signed. Compare with a backup copy of that time.",
                "チェックポイント署名後にログが書き換えられています。当時のバックアップと比較してください。",
            ),
            Self::TailLost { .. } => (
                "log-tail-lost",
                "The newest records were cut off, or this is an old copy. Compare with a backup copy.",
                "末尾の記録が失われているか、古い複製です。バックアップと比較してください。",
            ),
            Self::ArchiveNeeded { .. } => (
                "log-archive-needed",
                "Give the archived parts together with the log, oldest first.",
                "アーカイブを古い順にログと併せて指定してください。",
            ),
            Self::NoCheckpoint => (
                "log-no-checkpoint",
                "Give a checkpoint that was kept outside the machine that writes the log.",
                "ログを書く機器の外で保管されたチェックポイントを指定してください。",
            ),
            Self::InPart { fault, .. } => fault.row(),
        }
    }
}
