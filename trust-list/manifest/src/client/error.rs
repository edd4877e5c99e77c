//! Why an update ends without a result. The state is then as it was.

use time::{Duration, UtcDateTime};

use super::FetchFailure;
use crate::{MAX_ROOT_STEPS, MAX_UPDATE_BYTES, MetadataError, RoleName};

/// Why an update failed: one variant for each attack or accident.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UpdateError {
    /// The time given lies before the latest time known from an earlier update.
    #[error("it is said to be {at}, but it was {latest} before")]
    ClockTurnedBack {
        /// The latest known time.
        latest: UtcDateTime,
        /// The time given.
        at: UtcDateTime,
    },
    /// The time given lies before the program was made.
    #[error("it is said to be {at}, before {not_before}")]
    ClockBeforeRelease {
        /// The earliest possible time.
        not_before: UtcDateTime,
        /// The time given.
        at: UtcDateTime,
    },
    /// A file could not be fetched: nothing is known about it.
    #[error("{path} could not be fetched: {cause}")]
    Unreachable {
        /// Its path.
        path: String,
        /// Why.
        cause: FetchFailure,
    },
    /// A file that must be there is not.
    #[error("{path} is not there")]
    Absent {
        /// Its path.
        path: String,
    },
    /// More bytes than the parent says, or than the kind of file may have.
    #[error("{path} has more than {limit} bytes")]
    EndlessData {
        /// Its path.
        path: String,
        /// The most it may have.
        limit: u64,
    },
    /// A web page instead of the file.
    #[error("a web page came instead of {path}")]
    CaptivePortal {
        /// The path asked for.
        path: String,
    },
    /// The file ends early.
    #[error("{path} ends after {found} bytes")]
    Truncated {
        /// Its path.
        path: String,
        /// The length that the parent states, if there is a parent.
        expected: Option<u64>,
        /// The bytes that came.
        found: u64,
    },
    /// The file has the length but not the hash that its parent states.
    #[error("{path} was changed: its SHA-256 is not that of its parent")]
    Changed {
        /// Its path.
        path: String,
    },
    /// A file of another version than its parent says: of two publications.
    #[error("the {role} has version {found}, its parent says {expected}")]
    MixAndMatch {
        /// Its role.
        role: RoleName,
        /// The version in the parent.
        expected: u64,
        /// The version of the file.
        found: u64,
    },
    /// The file is no metadata or breaks a rule.
    #[error("{path}: {error}")]
    Metadata {
        /// Its path.
        path: String,
        /// What is wrong.
        error: MetadataError,
    },
    /// Too few keys of the role have signed: somebody else made this, or an unfinished file was published.
    #[error("{path}: {valid} keys of the role {role} in root {root} have signed, {threshold} must")]
    NotSigned {
        /// Its path.
        path: String,
        /// Its role.
        role: RoleName,
        /// The version of the root whose keys were asked for.
        root: u64,
        /// How many distinct keys must have signed.
        threshold: u16,
        /// How many have.
        valid: usize,
    },
    /// A root of another version than asked for.
    #[error("root version {found} instead of {expected}")]
    RootVersion {
        /// The version asked for.
        expected: u64,
        /// The version found.
        found: u64,
    },
    /// More than [`MAX_ROOT_STEPS`] roots.
    #[error("more than {MAX_ROOT_STEPS} roots follow each other")]
    TooManyRoots,
    /// A version lower than one seen before.
    #[error("the {role} has version {found}, but version {known} was seen before")]
    Rollback {
        /// The role.
        role: RoleName,
        /// The highest version seen.
        known: u64,
        /// The version found.
        found: u64,
    },
    /// The version is one seen before, but it says something else now.
    #[error("there are two of version {version} of the {role}")]
    Equivocation {
        /// The role.
        role: RoleName,
        /// The version.
        version: u64,
    },
    /// No longer to be believed: the service stands still, or somebody holds newer files back.
    #[error("the {role} expired at {expires}, it is {at}")]
    Expired {
        /// The role.
        role: RoleName,
        /// When it ended.
        expires: UtcDateTime,
        /// The time given.
        at: UtcDateTime,
    },
    /// Made after the time given: the clock here is behind, or the one there ahead.
    #[error("the {role} was made at {issued}, but it is {at}")]
    FromFuture {
        /// The role.
        role: RoleName,
        /// When it was made.
        issued: UtcDateTime,
        /// The time given.
        at: UtcDateTime,
    },
    /// A pointer that lives longer than the policy allows.
    #[error("the pointer lives {life}, at most {limit} is allowed")]
    LongLived {
        /// From `issued` to `expires`.
        life: Duration,
        /// The policy.
        limit: Duration,
    },
    /// The wanted objects are more than [`MAX_UPDATE_BYTES`] together.
    #[error("{total} bytes of objects, at most {MAX_UPDATE_BYTES} are fetched")]
    TooMuch {
        /// Their length together.
        total: u64,
    },
    /// Nothing is asked for: the result was handed out already.
    #[error("the update is over")]
    Over,
}

impl UpdateError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::ClockTurnedBack { .. } => "update-clock-turned-back",
            Self::ClockBeforeRelease { .. } => "update-clock-before-release",
            Self::Unreachable { .. } => "update-unreachable",
            Self::Absent { .. } => "update-absent",
            Self::EndlessData { .. } => "update-endless-data",
            Self::CaptivePortal { .. } => "update-captive-portal",
            Self::Truncated { .. } => "update-truncated",
            Self::Changed { .. } => "update-changed",
            Self::MixAndMatch { .. } => "update-mix-and-match",
            Self::Metadata { .. } => "update-metadata",
            Self::NotSigned { .. } => "update-not-signed",
            Self::RootVersion { .. } => "update-root-version",
            Self::TooManyRoots => "update-too-many-roots",
            Self::Rollback { .. } => "update-rollback",
            Self::Equivocation { .. } => "update-equivocation",
            Self::Expired { .. } => "update-expired",
            Self::FromFuture { .. } => "update-from-future",
            Self::LongLived { .. } => "update-long-lived-pointer",
            Self::TooMuch { .. } => "update-too-much",
            Self::Over => "update-over",
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
            Self::ClockTurnedBack { .. } | Self::ClockBeforeRelease { .. } => (
                "Set the clock of this machine from a trusted source, then update again.",
                "信頼できる時刻源に本機の時計を合わせ、再度更新してください。",
            ),
            Self::FromFuture { .. } => (
                "Compare the clock of this machine with a trusted source. If it is right, warn the publisher.",
                "本機の時計を信頼できる時刻源と比較してください。正しい場合は公開者に連絡してください。",
            ),
            Self::Unreachable { .. } => (
                "Check the network and try again later; the last good list stays in use and ages.",
                "ネットワークを確認し、後で再試行してください。直前の正常なリストは古くなりつつ引き続き使用されます。",
            ),
            Self::Absent { .. } => (
                "Check the address of the service. If it is right, the mirror is incomplete: use another one.",
                "サービスのアドレスを確認してください。正しい場合はミラーが不完全です。別のミラーを使用してください。",
            ),
            Self::CaptivePortal { .. } => (
                "Open a browser, sign in to the network, then update again.",
                "ブラウザーを開いてネットワークにログインし、再度更新してください。",
            ),
            Self::Truncated { .. } => (
                "Fetch it again; if it ends early again, check proxies and their size limits.",
                "再取得してください。再び途中で終わる場合は、プロキシーとそのサイズ制限を確認してください。",
            ),
            Self::EndlessData { .. } | Self::TooMuch { .. } | Self::TooManyRoots => (
                "Do not raise the limit. Use another mirror and warn the publisher.",
                "上限を引き上げないでください。別のミラーを使用し、公開者に通報してください。",
            ),
            Self::Changed { .. } | Self::MixAndMatch { .. } => (
                "Try again in a minute, past caches: the files are not of one publication. If it stays, use another mirror.",
                "ファイルが同一の公開版に属していません。1分後にキャッシュを経由せず再試行し、続く場合は別のミラーを使用してください。",
            ),
            Self::Metadata { error, .. } => (error.remedy(), error.remedy_ja()),
            Self::NotSigned { .. } | Self::RootVersion { .. } => (
                "Do not use it and warn the publisher: somebody without the keys made this file, or it was published unfinished.",
                "使用せず、公開者に通報してください。鍵を持たない者が作成したか、未完成のまま公開されたファイルです。",
            ),
            Self::Rollback { .. } | Self::Equivocation { .. } => (
                "Do not use it and warn the publisher: this source delivers an older or second truth. Use another mirror.",
                "使用せず、公開者に通報してください。古い版または異なる内容が配布されています。別のミラーを使用してください。",
            ),
            Self::Expired { .. } => (
                "Use another mirror and check the clock of this machine. If all mirrors are late, ask the publisher.",
                "別のミラーを使用し、本機の時計を確認してください。全ミラーが古い場合は公開者に問い合わせてください。",
            ),
            Self::LongLived { .. } => (
                "The publisher has to issue shorter pointers; only a verifier without a network uses the offline policy.",
                "公開者がより短期のポインターを発行する必要があります。オフライン方針はネットワークの無い検証機専用です。",
            ),
            Self::Over => ("Begin a new update.", "新しい更新を開始してください。"),
        }
    }
}
