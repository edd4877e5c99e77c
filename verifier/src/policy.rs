//! What is tolerated, how much clock skew, and what a missing revocation answer means.

use crate::check::{Check, Severity};

/// How a verifier judges.
///
/// The checks that keep forgers out are equal in every policy; a policy only decides about deviations of form and about
/// missing evidence. There is no default: a policy is chosen by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    base: Base,
    revocation: Revocation,
    skew_seconds: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    Strict,
    Interop,
}

/// What revocation evidence must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// Every question must be answered from evidence at hand; otherwise the verdict is undetermined.
    Require,
    /// Evidence at hand is used and must be usable; where none is at hand, the report says so and the verdict stands.
    Available,
    /// Revocation is not looked at. The report says so.
    DangerousOff,
}

impl Revocation {
    /// Stable id, as on the command line.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Require => "require",
            Self::Available => "available",
            Self::DangerousOff => "dangerous-off",
        }
    }
}

impl Policy {
    /// The ISO profile to the letter; revocation evidence required; 60 s of skew on beginnings, none on ends.
    #[must_use]
    pub fn strict() -> Self {
        Self { base: Base::Strict, revocation: Revocation::Require, skew_seconds: 60 }
    }

    /// Real wallets: deviations that leave the meaning unambiguous are named and tolerated; revocation evidence is used
    /// where it is at hand.
    #[must_use]
    pub fn interop() -> Self {
        Self { base: Base::Interop, revocation: Revocation::Available, skew_seconds: 60 }
    }

    /// The same policy with another demand for revocation evidence.
    #[must_use]
    pub fn with_revocation(self, revocation: Revocation) -> Self {
        Self { revocation, ..self }
    }

    /// The same policy with another tolerance, in seconds, for beginnings of validity that lie in the future.
    #[must_use]
    pub fn with_skew_seconds(self, skew_seconds: u32) -> Self {
        Self { skew_seconds, ..self }
    }

    /// Stable id: `strict` or `interop`.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self.base {
            Base::Strict => "strict",
            Base::Interop => "interop",
        }
    }

    /// The demand for revocation evidence.
    #[must_use]
    pub fn revocation(&self) -> Revocation {
        self.revocation
    }

    /// Tolerance for beginnings of validity that lie in the future.
    #[must_use]
    pub fn skew(&self) -> time::Duration {
        time::Duration::seconds(i64::from(self.skew_seconds))
    }

    /// The severity of `check` under this policy.
    #[must_use]
    pub fn severity(&self, check: Check) -> Severity {
        match self.base {
            Base::Strict => check.row().strict,
            Base::Interop => check.row().interop,
        }
    }

    /// True for the policy `strict`.
    #[must_use]
    pub fn is_strict(&self) -> bool {
        self.base == Base::Strict
    }
}
