//! An open activation.

use core::fmt;

use time::UtcDateTime;

use super::{ActivationError, Presence};
use crate::{PersonId, Secret};

/// The PIN, for a limited time. Wiped when dropped, when closed, and when it is asked for too late.
pub struct ActivationSession {
    pin: Option<Secret>,
    purpose: String,
    presences: Vec<Presence>,
    sandbox: bool,
    opened: UtcDateTime,
    latest: UtcDateTime,
    expires: UtcDateTime,
}

impl ActivationSession {
    pub(super) fn new(
        pin: Secret,
        purpose: String,
        presences: Vec<Presence>,
        sandbox: bool,
        opened: UtcDateTime,
        expires: UtcDateTime,
    ) -> Self {
        Self { pin: Some(pin), purpose, presences, sandbox, opened, latest: opened, expires }
    }

    /// The PIN, while the session lasts. Asked for at or after the end, it is wiped for good.
    ///
    /// # Errors
    /// [`ActivationError::Expired`]; [`ActivationError::Clock`] when the clock went back, which would lengthen the session.
    pub fn pin(&mut self, now: UtcDateTime) -> Result<&Secret, ActivationError> {
        if now < self.latest {
            return Err(ActivationError::Clock { now, latest: self.latest });
        }
        self.latest = now;
        if now >= self.expires {
            self.wipe();
        }
        self.pin.as_ref().ok_or(ActivationError::Expired { expires: self.expires })
    }

    /// When it was opened.
    #[must_use]
    pub fn opened(&self) -> UtcDateTime {
        self.opened
    }

    /// When it ends.
    #[must_use]
    pub fn expires(&self) -> UtcDateTime {
        self.expires
    }

    /// What it was opened for.
    #[must_use]
    pub fn purpose(&self) -> &str {
        &self.purpose
    }

    /// Whether a sandbox credential took part. It belongs into the record.
    #[must_use]
    pub fn is_sandbox(&self) -> bool {
        self.sandbox
    }

    /// The evidence of those who opened it.
    #[must_use]
    pub fn presences(&self) -> &[Presence] {
        &self.presences
    }

    /// Those who opened it.
    pub fn persons(&self) -> impl Iterator<Item = &PersonId> {
        self.presences.iter().map(|presence| presence.sign_off.person())
    }

    /// Ends it now and wipes the PIN (seed 004 6.2.9.1: inactive until a new activation).
    pub fn close(mut self) {
        self.wipe();
    }

    fn wipe(&mut self) {
        if let Some(mut pin) = self.pin.take() {
            pin.wipe();
        }
    }
}

impl fmt::Debug for ActivationSession {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ActivationSession({:?}, until {})", self.purpose, self.expires)
    }
}
