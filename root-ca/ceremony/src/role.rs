//! Roles of the policy, and the marks that persons set at a step.

use core::fmt;

use serde::{Deserialize, Serialize};

/// A role that the policy knows. Several seats may have the same one (two key managers).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Answers for the authority: orders key operations, approves completion and deviations.
    CaManager,
    /// Plans, leads and reports the ceremony.
    OpsManager,
    /// Operates the module and keeps a part of its activation.
    KeyManager,
    /// Confirms that the ceremony follows its procedure; approves issue and revocation.
    CertificateIssuer,
    /// Maintains the computer.
    SystemEngineer,
    /// Operates the PKI software; publishes.
    PkiEngineer,
    /// Watches and attests.
    Auditor,
    /// Lets persons in and out.
    Facility,
    /// A witness from outside.
    Witness,
    /// Keeps a key of the safe.
    SafeCustodian,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 10] = [
        Self::CaManager,
        Self::OpsManager,
        Self::KeyManager,
        Self::CertificateIssuer,
        Self::SystemEngineer,
        Self::PkiEngineer,
        Self::Auditor,
        Self::Facility,
        Self::Witness,
        Self::SafeCustodian,
    ];

    /// The name used in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CaManager => "ca-manager",
            Self::OpsManager => "ops-manager",
            Self::KeyManager => "key-manager",
            Self::CertificateIssuer => "certificate-issuer",
            Self::SystemEngineer => "system-engineer",
            Self::PkiEngineer => "pki-engineer",
            Self::Auditor => "auditor",
            Self::Facility => "facility",
            Self::Witness => "witness",
            Self::SafeCustodian => "safe-custodian",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a person says by signing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// "I am here and take part in what comes now": given before the action of a step that asks for authentication.
    Authenticates,
    /// "I did it."
    Does,
    /// "I confirm, from my own duty, that it was done right."
    Confirms,
    /// "What was done is what the procedure says."
    C1,
    /// "The right persons did it, in the right order."
    C2,
    /// The CA manager orders a deviation from the procedure.
    OrdersDeviation,
    /// The roster is approved (CA manager and certificate issuer, before the ceremony).
    ApprovesRoster,
    /// The CA manager approves the completion of the ceremony.
    Completes,
    /// The auditor attests that the ceremony followed its procedure.
    Attests,
}

impl Mark {
    /// The name used in statements and records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Authenticates => "authenticates",
            Self::Does => "does",
            Self::Confirms => "confirms",
            Self::C1 => "c1",
            Self::C2 => "c2",
            Self::OrdersDeviation => "orders-deviation",
            Self::ApprovesRoster => "approves-roster",
            Self::Completes => "completes",
            Self::Attests => "attests",
        }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
