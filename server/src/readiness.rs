//! Readiness signals: verifiers that want to tell which anchors they hold, so that a rollover need not be a guess.
//!
//! The server bounds, hands over and counts. What a signal looks like, and whether it is kept, is the sink's business.

use core::fmt;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use time::UtcDateTime;

/// Most classes that are counted.
pub const MAX_CLASSES: usize = 64;
/// Longest name of a class.
pub const MAX_CLASS_BYTES: usize = 32;

/// The class of clients that a signal is counted for, such as `gate` or `phone`: 1 to 32 of `a-z`, `0-9`, `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignalClass(String);

impl SignalClass {
    /// Takes a name; `None` if it is none.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let fits = (1..=MAX_CLASS_BYTES).contains(&name.len()) && name.bytes().all(plain);
        fits.then(|| Self(name.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SignalClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a signal is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum SignalRefused {
    /// It is not a signal: 400.
    #[error("not a readiness signal")]
    Malformed,
    /// It cannot be kept at the moment: 503.
    #[error("readiness signals are not taken at the moment")]
    Unavailable,
}

impl SignalRefused {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Malformed => "signal-malformed",
            Self::Unavailable => "signal-unavailable",
        }
    }
}

/// Takes readiness signals. Called on the thread that serves: an implementation hands over and returns, it does not wait
/// for a disk. It is never told who sent a signal.
pub trait ReadinessSink: Send + Sync {
    /// Takes the body of one signal that came at `at`, and tells the class to count it for.
    ///
    /// # Errors
    /// [`SignalRefused`].
    fn take(&self, signal: &[u8], at: UtcDateTime) -> Result<SignalClass, SignalRefused>;
}

/// Counts signals by class.
#[derive(Debug, Default)]
pub(crate) struct Counts(Mutex<BTreeMap<SignalClass, u64>>);

impl Counts {
    /// Counts one; false if that would be a class too many.
    pub(crate) fn add(&self, class: &SignalClass) -> bool {
        let mut counts = self.lock();
        if counts.len() >= MAX_CLASSES && !counts.contains_key(class) {
            return false;
        }
        let count = counts.entry(class.clone()).or_default();
        *count = count.saturating_add(1);
        true
    }

    /// What was counted since the start.
    pub(crate) fn snapshot(&self) -> BTreeMap<SignalClass, u64> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<SignalClass, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    #[test]
    fn classes_are_plain_and_few() {
        for name in ["", "Gate", "a b", "a\"", &"a".repeat(33)] {
            assert_eq!(SignalClass::new(name), None, "{name}");
        }
        let counts = Counts::default();
        for number in 0..MAX_CLASSES {
            assert!(counts.add(&SignalClass::new(&format!("c-{number}")).unwrap()));
        }
        assert!(!counts.add(&SignalClass::new("one-more").unwrap()));
        assert!(counts.add(&SignalClass::new("c-0").unwrap()));
        assert_eq!(counts.snapshot().values().sum::<u64>(), 65);
    }
}
