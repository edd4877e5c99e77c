//! The rules of an activation.

use time::Duration;

use super::PolicyError;
use crate::share::LEAST_THRESHOLD;

/// The longest window within which all must authenticate.
const LONGEST_WINDOW: Duration = Duration::hours(1);

/// The longest session.
const LONGEST_SESSION: Duration = Duration::hours(12);

/// The oldest password that any policy may allow.
const OLDEST_PASSWORD: Duration = Duration::days(400);

/// Whether sandbox credentials count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sandbox {
    /// Only credentials with a real second factor and a real work factor count.
    Refused,
    /// Rehearsal: sandbox credentials count too, and the session says so.
    Allowed,
}

/// The rules of an activation; every one is given, none has a default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuorumPolicy {
    threshold: u8,
    window: Duration,
    session: Duration,
    password_age: Duration,
    sandbox: Sandbox,
}

impl QuorumPolicy {
    /// Makes the rules: at least `threshold` persons (2 or more); each authenticated at most `window` ago when the
    /// session opens (above zero, at most an hour); a session of `session` (above zero, at most 12 hours); passwords not
    /// older than `password_age` (above zero, at most 400 days).
    ///
    /// # Errors
    /// [`PolicyError`] names the first number that is out of its bounds.
    pub fn new(
        threshold: u8,
        window: Duration,
        session: Duration,
        password_age: Duration,
        sandbox: Sandbox,
    ) -> Result<Self, PolicyError> {
        let within = |value: Duration, most: Duration| value > Duration::ZERO && value <= most;
        if threshold < LEAST_THRESHOLD {
            return Err(PolicyError::Threshold { threshold });
        }
        if !within(window, LONGEST_WINDOW) {
            return Err(PolicyError::Window { window });
        }
        if !within(session, LONGEST_SESSION) {
            return Err(PolicyError::Session { session });
        }
        if !within(password_age, OLDEST_PASSWORD) {
            return Err(PolicyError::PasswordAge { age: password_age });
        }
        Ok(Self { threshold, window, session, password_age, sandbox })
    }

    /// How many persons it takes at least; a set of shares may ask for more.
    #[must_use]
    pub fn threshold(&self) -> u8 {
        self.threshold
    }

    /// How long ago each may have authenticated when the session opens.
    #[must_use]
    pub fn window(&self) -> Duration {
        self.window
    }

    /// How long a session lasts.
    #[must_use]
    pub fn session(&self) -> Duration {
        self.session
    }

    /// How old a password may be.
    #[must_use]
    pub fn password_age(&self) -> Duration {
        self.password_age
    }

    /// Whether sandbox credentials count.
    #[must_use]
    pub fn sandbox(&self) -> Sandbox {
        self.sandbox
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds() {
        let make = |threshold, window, session, age| {
            let days = Duration::days(age);
            QuorumPolicy::new(threshold, Duration::minutes(window), Duration::hours(session), days, Sandbox::Refused)
        };
        assert!(make(2, 15, 4, 180).is_ok());
        for (threshold, window, session, age, id) in [
            (1, 15, 4, 180, "quorum-policy-threshold"),
            (2, 0, 4, 180, "quorum-policy-window"),
            (2, 61, 4, 180, "quorum-policy-window"),
            (2, 15, 0, 180, "quorum-policy-session"),
            (2, 15, 13, 180, "quorum-policy-session"),
            (2, 15, 4, -1, "quorum-policy-password-age"),
            (2, 15, 4, 401, "quorum-policy-password-age"),
        ] {
            assert_eq!(make(threshold, window, session, age).unwrap_err().id(), id);
        }
    }
}
