//! What the policy demands of every ceremony, whatever its script says.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use time::Duration;

use crate::{ids::PolicyId, role::Role};

/// k of n persons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quorum {
    /// How many must come together.
    pub k: u8,
    /// How many hold a part.
    pub n: u8,
}

/// The rules of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The policy.
    pub policy: PolicyId,
    /// How many persons open the module.
    pub quorum: Quorum,
    may_share: BTreeSet<(Role, Role)>,
    /// Roles whose holders may keep a part of the activation.
    pub holders: BTreeSet<Role>,
    /// After how many months a training is reported as too old.
    pub training_months: u8,
    /// How old an authentication may be when the action begins.
    pub authentication_window: Duration,
}

impl Rules {
    /// The default rules of a policy: one person may be key manager and custodian of one safe key (as in the published
    /// procedure for .jp), operations manager and custodian of one safe key, or system and PKI engineer; nobody else has two
    /// roles. Two seats of one role are never for one person. At the table, parts of the
    /// activation are held by key managers and custodians. Training is due every 12 months, an authentication is good for
    /// 15 minutes.
    #[must_use]
    pub fn new(policy: PolicyId, quorum: Quorum) -> Self {
        Self {
            policy,
            quorum,
            may_share: BTreeSet::new(),
            holders: BTreeSet::from([Role::KeyManager, Role::SafeCustodian]),
            training_months: 12,
            authentication_window: Duration::minutes(15),
        }
        .sharing(Role::KeyManager, Role::SafeCustodian)
        .sharing(Role::OpsManager, Role::SafeCustodian)
        .sharing(Role::SystemEngineer, Role::PkiEngineer)
    }

    /// Forgets which roles may be shared: each person has one role.
    #[must_use]
    pub fn without_sharing(mut self) -> Self {
        self.may_share.clear();
        self
    }

    /// Lets one person have both roles. Two seats of the same role are never for one person.
    #[must_use]
    pub fn sharing(mut self, one: Role, other: Role) -> Self {
        if one != other {
            self.may_share.insert((one.min(other), one.max(other)));
        }
        self
    }

    /// Whether one person may have both roles.
    #[must_use]
    pub fn may_share(&self, one: Role, other: Role) -> bool {
        self.may_share.contains(&(one.min(other), one.max(other)))
    }
}
