//! The chain that requests and responses form.

use super::{RequestBundle, ResponseBundle, Verified};

/// What the next request must continue: what the root remembers of its last response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Continuity<'a> {
    /// The number of the next request.
    pub sequence: u64,
    /// The digest of the last response; `None` before the first.
    pub previous_response: Option<[u8; 32]>,
    /// The checkpoint in the last response; `None` before the first.
    pub last_checkpoint: Option<&'a str>,
}

/// Why a bundle is not the next one of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum SequenceError {
    /// A request with a number that was used: a replay.
    #[error("request {found} was seen before; {expected} is next")]
    Replayed {
        /// The number of the next request.
        expected: u64,
        /// The number found.
        found: u64,
    },
    /// A request between the last and this one is missing.
    #[error("request {expected} is next, this is {found}")]
    Skipped {
        /// The number of the next request.
        expected: u64,
        /// The number found.
        found: u64,
    },
    /// The online side has another last response than the root: an older one, a foreign one, or none.
    #[error("the request continues another response than the last")]
    PreviousResponse {
        /// The digest of the last response.
        expected: Option<[u8; 32]>,
        /// The digest that the request names.
        found: Option<[u8; 32]>,
    },
    /// The online side has seen another state of the root's log.
    #[error("the request names another checkpoint than that of the last response")]
    LastCheckpoint,
    /// A response to a request of another number.
    #[error("the response answers request {found}, not {expected}")]
    OtherSequence {
        /// The number of the request.
        expected: u64,
        /// The number that the response names.
        found: u64,
    },
    /// A response to another request of the same number.
    #[error("the response answers another request of the same number")]
    OtherRequest {
        /// The digest of the request.
        expected: [u8; 32],
        /// The digest that the response names.
        found: [u8; 32],
    },
}

impl SequenceError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Replayed { .. } => "bundle-replayed",
            Self::Skipped { .. } => "bundle-skipped",
            Self::PreviousResponse { .. } => "bundle-previous-response",
            Self::LastCheckpoint => "bundle-last-checkpoint",
            Self::OtherSequence { .. } => "bundle-other-sequence",
            Self::OtherRequest { .. } => "bundle-other-request",
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
            Self::Replayed { .. } => (
                "Use the newest request; if there is none, have the online side make one.",
                "最新の要求を使ってください。なければオンライン側で作成してください。",
            ),
            Self::Skipped { .. } => (
                "Find the missing request and process it first, or find out why its number was used.",
                "抜けている要求を探して先に処理するか、その番号が使われた理由を調べてください。",
            ),
            Self::PreviousResponse { .. } => (
                "Bring the last response to the online side, import it there, and make the request again.",
                "直前の応答をオンライン側に取り込み、要求を作り直してください。",
            ),
            Self::LastCheckpoint => (
                "Stop. Compare the audit log with the checkpoint: records may be missing or changed.",
                "作業を止め、監査ログとチェックポイントを照合してください。記録が失われたか変更された可能性があります。",
            ),
            Self::OtherSequence { .. } | Self::OtherRequest { .. } => (
                "Do not import this response. Find the one whose request digest is that of the request sent.",
                "この応答を取り込まないでください。送った要求のダイジェストをもつ応答を探してください。",
            ),
        }
    }
}

impl Verified<RequestBundle> {
    /// The request is the next one after what the root remembers.
    ///
    /// # Errors
    /// [`SequenceError::Replayed`], [`SequenceError::Skipped`], [`SequenceError::PreviousResponse`],
    /// [`SequenceError::LastCheckpoint`].
    pub fn check_follows(&self, last: &Continuity<'_>) -> Result<(), SequenceError> {
        let request = self.contents();
        let (expected, found) = (last.sequence, request.sequence);
        if found < expected {
            return Err(SequenceError::Replayed { expected, found });
        }
        if found > expected {
            return Err(SequenceError::Skipped { expected, found });
        }
        let (expected, found) = (last.previous_response, request.previous_response);
        if expected != found {
            return Err(SequenceError::PreviousResponse { expected, found });
        }
        if last.last_checkpoint != request.last_checkpoint.as_deref() {
            return Err(SequenceError::LastCheckpoint);
        }
        Ok(())
    }
}

impl Verified<ResponseBundle> {
    /// The response answers the request of that number and digest.
    ///
    /// # Errors
    /// [`SequenceError::OtherSequence`], [`SequenceError::OtherRequest`].
    pub fn check_answers(&self, sequence: u64, request_digest: &[u8; 32]) -> Result<(), SequenceError> {
        let response = self.contents();
        if response.sequence != sequence {
            return Err(SequenceError::OtherSequence { expected: sequence, found: response.sequence });
        }
        if response.request_digest != *request_digest {
            return Err(SequenceError::OtherRequest { expected: *request_digest, found: response.request_digest });
        }
        Ok(())
    }
}
