//! Who sits where: persons, roles that may be shared, independence of witnesses, holders of the activation.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::{Fact, Finding};
use crate::{
    action::Action,
    cast::Cast,
    ids::{PersonId, SeatId},
    role::Role,
    rules::Rules,
    script::Script,
};

/// Checks a cast against a script and the rules of the policy.
#[must_use]
pub fn cast(script: &Script, cast: &Cast, rules: &Rules) -> Vec<Finding> {
    let mut facts = Vec::new();
    seats(script, cast, &mut facts);
    sharing(script, cast, rules, &mut facts);
    duties(script, cast, &mut facts);
    independence(script, cast, &mut facts);
    holders(script, cast, rules, &mut facts);
    facts.into_iter().map(Finding::error).collect()
}

fn seats(script: &Script, cast: &Cast, facts: &mut Vec<Fact>) {
    let vacant = script.seats().iter().map(|seat| &seat.id).filter(|seat| cast.person(seat).is_none());
    facts.extend(vacant.map(|seat| Fact::SeatVacant { seat: seat.clone() }));
    let foreign = cast.roster.keys().filter(|seat| script.seat(seat).is_none());
    facts.extend(foreign.map(|seat| Fact::RosterSeatUnknown { seat: seat.clone() }));
    let named: BTreeSet<&PersonId> = cast.roster.values().chain(&cast.holders).collect();
    let unknown = named.into_iter().filter(|person| !cast.members.contains_key(person));
    facts.extend(unknown.map(|person| Fact::PersonUnknown { person: person.clone() }));
    let mut keys = BTreeMap::new();
    for (person, member) in &cast.members {
        if let Some(one) = keys.insert(&member.key, person) {
            facts.push(Fact::KeyShared { one: one.clone(), other: person.clone() });
        }
    }
}

fn sharing(script: &Script, cast: &Cast, rules: &Rules, facts: &mut Vec<Fact>) {
    let roles = roles(script, cast);
    for (person, roles) in roles {
        for (index, one) in roles.iter().enumerate() {
            for other in roles.iter().skip(index + 1).filter(|other| !rules.may_share(*one, **other)) {
                facts.push(Fact::RolesNotShareable { person: person.clone(), one: *one, other: *other });
            }
        }
    }
    if script.kind().needs_both_organisations() {
        let organisations: BTreeSet<_> =
            script.seats_of(Role::CaManager).filter_map(|seat| cast.organisation(seat)).collect();
        if organisations.len() < 2 {
            facts.push(Fact::OrganisationsFew);
        }
    }
}

/// The roles of each person, one for each seat.
fn roles<'a>(script: &Script, cast: &'a Cast) -> BTreeMap<&'a PersonId, Vec<Role>> {
    let mut roles: BTreeMap<_, Vec<Role>> = BTreeMap::new();
    for (seat, person) in &cast.roster {
        roles.entry(person).or_default().extend(script.seat(seat).map(|seat| seat.policy_role));
    }
    roles
}

fn duties(script: &Script, cast: &Cast, facts: &mut Vec<Fact>) {
    for step in script.steps() {
        let mut seen = BTreeSet::new();
        for person in step.operators().chain(step.witnesses()).filter_map(|seat| cast.person(seat)) {
            if !seen.insert(person) {
                facts.push(Fact::SamePerson { step: step.id.clone(), person: person.clone() });
            }
        }
    }
}

fn independence(script: &Script, cast: &Cast, facts: &mut Vec<Fact>) {
    let mut reported: BTreeSet<(&SeatId, &SeatId)> = BTreeSet::new();
    for step in script.steps() {
        for witness in step.witnesses() {
            let others = step.operators().chain(step.witnesses().filter(|other| *other != witness));
            for other in others {
                let same = cast.organisation(witness).is_some_and(|its| cast.organisation(other) == Some(its));
                if same && !reported.contains(&(other, witness)) && reported.insert((witness, other)) {
                    let (step, seat, other) = (step.id.clone(), witness.clone(), other.clone());
                    facts.push(Fact::WitnessNotIndependent { step, seat, other });
                }
            }
        }
    }
}

fn holders(script: &Script, cast: &Cast, rules: &Rules, facts: &mut Vec<Fact>) {
    let (k, n) = (rules.quorum.k, rules.quorum.n);
    if k < 2 || k > n {
        facts.push(Fact::QuorumImpossible { k, n });
    }
    let roles = roles(script, cast);
    let present = cast.holders.iter().filter(|holder| roles.contains_key(holder)).count();
    let makes_parts = script.steps().iter().any(|step| matches!(step.action, Action::Enrol | Action::TokenInitialise));
    // A part can be sealed to the credential of a holder who is not at the table; k must be there to open the module.
    let complete = !(makes_parts && script.kind().generates_key()) || cast.holders.len() == usize::from(n);
    if present < usize::from(k) || cast.holders.len() > usize::from(n) || !complete {
        facts.push(Fact::HoldersCount { present, k, listed: cast.holders.len(), n });
    }
    for holder in &cast.holders {
        let entitled = |roles: &Vec<Role>| roles.iter().any(|role| rules.holders.contains(role));
        if roles.get(holder).is_some_and(|roles| !entitled(roles)) {
            facts.push(Fact::HolderNotEntitled { person: holder.clone() });
        }
    }
}
