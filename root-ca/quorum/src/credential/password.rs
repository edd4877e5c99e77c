//! Passwords and how much one try of them costs.

use core::fmt;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The fewest characters of a password.
const FEWEST: usize = 12;

/// The most octets of a password.
const LONGEST: usize = 256;

/// The fewest different characters of a password.
const FEWEST_DIFFERENT: usize = 5;

/// A password that keeps the rules: at least 12 characters, of which 5 are different, no control character, at most 256
/// octets of UTF-8. Wiped when dropped; `Debug` shows nothing of it.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Password(String);

impl Password {
    /// Takes a password over from the caller.
    ///
    /// # Errors
    /// [`PasswordError`], which holds nothing of the password. What breaks the rules is no password of anybody, so that
    /// the rules hold for setting and for unlocking alike.
    pub fn new(password: impl Into<String>) -> Result<Self, PasswordError> {
        let password = Self(password.into());
        if password.0.len() > LONGEST {
            return Err(PasswordError::TooLong { limit: LONGEST });
        }
        if password.0.chars().any(char::is_control) {
            return Err(PasswordError::ControlCharacter);
        }
        if password.0.chars().count() < FEWEST {
            return Err(PasswordError::TooShort { least: FEWEST });
        }
        let mut different: Vec<char> = password.0.chars().collect();
        different.sort_unstable();
        different.dedup();
        let count = different.len();
        different.zeroize();
        if count < FEWEST_DIFFERENT { Err(PasswordError::TooUniform { least: FEWEST_DIFFERENT }) } else { Ok(password) }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(redacted)")
    }
}

/// Why a text is not taken as a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordError {
    /// Too few characters.
    #[error("a password has at least {least} characters")]
    TooShort {
        /// The fewest characters.
        least: usize,
    },
    /// Too many octets.
    #[error("a password has at most {limit} octets")]
    TooLong {
        /// The most octets.
        limit: usize,
    },
    /// A control character, for example a line end pasted with it.
    #[error("the password contains a control character")]
    ControlCharacter,
    /// The same few characters again and again.
    #[error("a password has at least {least} different characters")]
    TooUniform {
        /// The fewest different characters.
        least: usize,
    },
}

impl PasswordError {
    /// The stable name of this error.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::TooShort { .. } => "password-too-short",
            Self::TooLong { .. } => "password-too-long",
            Self::ControlCharacter => "password-control-character",
            Self::TooUniform { .. } => "password-too-uniform",
        }
    }

    /// What to do about it, in English.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::TooShort { .. } | Self::TooUniform { .. } => "Choose several words that have nothing to do with you.",
            Self::TooLong { .. } | Self::ControlCharacter => "Type the password by hand, as one line.",
        }
    }
}

/// The scrypt work factor: one try of a password costs 2^n rounds and 2^n KiB of memory. In JSON the number n.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct WorkFactor(u8);

impl WorkFactor {
    /// The least that protects a password: 2^17, 128 MiB.
    pub const LEAST: u8 = 17;
    /// The most that is ever spent, so that a hostile file cannot ask for a day: 2^20, 1 GiB.
    pub const MOST: u8 = 20;
    /// About a second on a common computer: 2^18, 256 MiB.
    pub const RECOMMENDED: Self = Self(18);

    /// A work factor for real credentials. `None` outside [`WorkFactor::LEAST`] to [`WorkFactor::MOST`].
    #[must_use]
    pub fn new(log_n: u8) -> Option<Self> {
        (Self::LEAST..=Self::MOST).contains(&log_n).then_some(Self(log_n))
    }

    /// A work factor for rehearsals and tests, from 1. A credential below [`WorkFactor::LEAST`] counts as a sandbox
    /// credential. `None` outside 1 to [`WorkFactor::MOST`].
    #[must_use]
    pub fn insecure(log_n: u8) -> Option<Self> {
        (1..=Self::MOST).contains(&log_n).then_some(Self(log_n))
    }

    pub(crate) fn log_n(self) -> u8 {
        self.0
    }

    pub(crate) fn is_insecure(self) -> bool {
        self.0 < Self::LEAST
    }
}

impl TryFrom<u8> for WorkFactor {
    type Error = &'static str;

    fn try_from(log_n: u8) -> Result<Self, Self::Error> {
        Self::insecure(log_n).ok_or("the work factor is out of range")
    }
}

impl From<WorkFactor> for u8 {
    fn from(factor: WorkFactor) -> Self {
        factor.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules() {
        assert!(Password::new("horse battery").is_ok());
        // Characters count, not octets.
        assert!(Password::new("正しい馬の電池と留め金具").is_ok());
        for (bad, id) in [
            ("horse batt1".to_owned(), "password-too-short"),
            ("ababababababababab".to_owned(), "password-too-uniform"),
            ("horse battery\n".to_owned(), "password-control-character"),
            ("horse battery".repeat(20), "password-too-long"),
        ] {
            assert_eq!(Password::new(bad.as_str()).unwrap_err().id(), id, "{bad:?}");
        }
        assert_eq!(format!("{:?}", Password::new("horse battery").unwrap()), "Password(redacted)");
    }

    #[test]
    fn work_factors_have_bounds() {
        assert_eq!(WorkFactor::new(16), None);
        assert_eq!(WorkFactor::new(18), Some(WorkFactor::RECOMMENDED));
        assert_eq!(WorkFactor::new(21), None);
        assert!(WorkFactor::insecure(1).unwrap().is_insecure());
        assert_eq!(WorkFactor::insecure(0), None);
        assert_eq!(WorkFactor::insecure(21), None);
    }
}
