//! Everything that can be found out before anyone travels.
//!
//! [`check()`] looks at the script ([`script`]), at who sits where ([`cast`]), and at the site file and the state of the
//! authority. Findings are errors, which keep a ceremony from starting, or warnings.

mod finding;
mod roster;
mod structure;

use std::collections::BTreeSet;

use time::{Date, Month};

pub use self::finding::{Fact, Finding, Severity};
pub use self::roster::cast;
pub use self::structure::script;
use crate::{
    cast::Cast,
    ids::{ObjectId, SeatId},
    inventory::Previous,
    kind::Kind,
    role::Role,
    rules::Rules,
    script::{Script, When},
    site::Site,
};

/// Checks a ceremony before it takes place.
#[must_use]
pub fn check(script: &Script, site: &Site, rules: &Rules, previous: &Previous) -> Vec<Finding> {
    let people = site.cast();
    let mut findings = self::script(script, rules);
    findings.extend(cast(script, &people, rules));
    persons(script, site, rules, &mut findings);
    approvals(script, site, &people, &mut findings);
    state(script, site, previous, &mut findings);
    findings
}

/// The seats whose approval the roster needs: CA managers and certificate issuers.
pub(crate) fn approvers(script: &Script) -> impl Iterator<Item = &SeatId> {
    script.seats_of(Role::CaManager).chain(script.seats_of(Role::CertificateIssuer))
}

fn persons(script: &Script, site: &Site, rules: &Rules, findings: &mut Vec<Finding>) {
    let mut handles = BTreeSet::new();
    for person in site.persons() {
        if !handles.insert(&person.handle) {
            findings.push(Finding::error(Fact::PersonTwice { person: person.handle.clone() }));
        }
        let seated = site.roster().values().any(|handle| *handle == person.handle);
        if seated && months_later(person.trained, rules.training_months) < site.planned() {
            findings.push(Finding::warning(Fact::TrainingOld { person: person.handle.clone() }));
        }
        if person.name.trim().is_empty() || person.organisation.trim().is_empty() {
            findings.push(Finding::error(Fact::PersonIncomplete { person: person.handle.clone() }));
        }
    }
    let mut holders = BTreeSet::new();
    for holder in site.holders() {
        if !holders.insert(holder) {
            findings.push(Finding::error(Fact::PersonTwice { person: holder.clone() }));
        }
    }
    for place in script.places() {
        if site.places().get(&place.id).is_none_or(|text| text.trim().is_empty()) {
            findings.push(Finding::error(Fact::PlaceNotDescribed { place: place.id.clone() }));
        }
    }
    for place in site.places().keys().filter(|id| !script.places().iter().any(|place| place.id == **id)) {
        findings.push(Finding::error(Fact::PlaceUnknown { place: place.clone() }));
    }
    let known = |id: &ObjectId| script.objects().iter().any(|object| object.id == *id);
    let foreign = site.labels().keys().chain(&site.conditions().replaced).filter(|id| !known(id));
    findings.extend(foreign.map(|id| Finding::error(Fact::ObjectUnknown { object: id.clone() })));
    for object in script.objects().iter().filter(|object| !site.labels().contains_key(&object.id)) {
        findings.push(Finding::error(Fact::ObjectNotLabelled { object: object.id.clone() }));
    }
}

fn approvals(script: &Script, site: &Site, people: &Cast, findings: &mut Vec<Finding>) {
    let signed = site.signed_approvals();
    for seat in approvers(script) {
        let mut given = signed.iter().filter(|(by, _, _)| by == seat).peekable();
        if given.peek().is_none() {
            findings.push(Finding::error(Fact::ApprovalMissing { seat: seat.clone() }));
            continue;
        }
        let valid = given.any(|(_, at, sign_off)| {
            let key = people.key(&sign_off.person);
            let statement = site.approval_statement(script, seat, *at);
            key.zip(statement).is_some_and(|(key, statement)| sign_off.verify(&statement, key).is_ok())
        });
        if !valid {
            findings.push(Finding::error(Fact::ApprovalInvalid { seat: seat.clone() }));
        }
    }
}

fn state(script: &Script, site: &Site, previous: &Previous, findings: &mut Vec<Finding>) {
    match (script.kind(), previous.root_exists) {
        (Kind::First, true) => findings.push(Finding::error(Fact::RootExists)),
        (Kind::First, false) | (_, true) => {}
        (_, false) => findings.push(Finding::error(Fact::RootAbsent)),
    }
    let inventory = &previous.inventory;
    for serial in inventory.clashes() {
        findings.push(Finding::error(Fact::SerialClash { serial: serial.clone() }));
    }
    if !previous.root_exists {
        return;
    }
    let mut objects = BTreeSet::new();
    for step in script.steps().iter().filter(|step| step.action.is_inventory() && step.when != When::First) {
        objects.extend(&step.objects);
    }
    for object in objects {
        let replaced = site.conditions().replaced.contains(object);
        match inventory.items().get(object) {
            None if !replaced => {
                findings.push(Finding::error(Fact::ObjectNotInInventory { object: object.clone() }));
            }
            Some(item) if item.bag.is_none() && !replaced => {
                findings.push(Finding::error(Fact::ObjectNotSealed { object: object.clone() }));
            }
            _ => {}
        }
    }
}

/// The same day some months later, or the last day of that month.
fn months_later(date: Date, months: u8) -> Date {
    let count = u32::from(u8::from(date.month())) - 1 + u32::from(months);
    let year = date.year().saturating_add(i32::try_from(count / 12).unwrap_or(0));
    let month =
        u8::try_from(count % 12 + 1).ok().and_then(|month| Month::try_from(month).ok()).unwrap_or(Month::January);
    let day = date.day().min(month.length(year));
    Date::from_calendar_date(year, month, day).unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn months_are_counted_by_the_calendar() {
        assert_eq!(months_later(date!(2025 - 11 - 21), 12), date!(2026 - 11 - 21));
        assert_eq!(months_later(date!(2024 - 02 - 29), 12), date!(2025 - 02 - 28));
        assert_eq!(months_later(date!(2025 - 10 - 31), 4), date!(2026 - 02 - 28));
    }
}
