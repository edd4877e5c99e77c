//! The rules of a policy for a ceremony.

use tegata_ceremony::{Kind, PolicyId, Quorum, Role, Rules};
use tegata_root_ca::Policy;

use crate::args::Global;
use crate::command::policy_or_root;
use crate::failure::{Failure, Kind as FailureKind};
use crate::home::Home;

/// The rules of a policy for a kind of ceremony. A ceremony that only signs CRLs has the quorum of those on call.
pub(super) fn of(policy: &Policy, kind: Kind) -> Result<Rules, Failure> {
    let malformed = |error: tegata_ceremony::IdError| {
        Failure::new(FailureKind::Usage, error.id(), &error, [error.remedy(), error.remedy()])
    };
    let quorum = if kind == Kind::EmergencyRevoke { policy.quorum.on_call } else { policy.quorum.activation };
    let quorum = Quorum { k: quorum.k, n: quorum.n };
    let mut rules = Rules::new(PolicyId::new(&policy.id).map_err(malformed)?, quorum).without_sharing();
    let role = |name: &str| Role::ALL.into_iter().find(|role| role.name() == name);
    for [one, other] in &policy.roles.may_share {
        if let (Some(one), Some(other)) = (role(one), role(other)) {
            rules = rules.sharing(one, other);
        }
    }
    Ok(rules)
}

/// The policy to verify a record by: the one that is named, else that of the root, else the shipped one that the record
/// itself names. A record that names another policy than the one taken here is reported by the verifier.
pub(super) fn policy_for_record(name: Option<&str>, record: &[u8], global: &Global) -> Result<Policy, Failure> {
    let named = || {
        let first: serde_json::Value = serde_json::from_slice(record.split(|byte| *byte == b'\n').next()?).ok()?;
        Policy::built_in(first.get("detail")?.get("policy")?.as_str()?)
    };
    if name.is_none()
        && !Home::at(&global.root).file("policy.toml").is_file()
        && let Some(policy) = named()
    {
        return Ok(policy);
    }
    policy_or_root(name, global)
}
