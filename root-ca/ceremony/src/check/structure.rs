//! The script itself: names, order, witnesses, authentication, and what its kind allows and demands.

use std::collections::BTreeSet;

use super::finding::{Fact, Finding};
use crate::{
    action::Action,
    ids::PlaceId,
    kind::Kind,
    role::{Mark, Role},
    rules::Rules,
    script::{Authentication, Performers, Script, Step, When},
    text::Text,
};

/// What must have come before an action.
const BEFORE: &[(Action, &[Action])] = &[
    (Action::InventoryOpen, &[Action::InventoryCheck]),
    (Action::Activate, &[Action::Preflight, Action::Clock]),
    (Action::SelfSign, &[Action::Keygen, Action::KeyCheck]),
    (Action::Links, &[Action::SelfSign]),
    (Action::CsrReport, &[Action::ImportRequest]),
    (Action::Issue, &[Action::CsrReport]),
    (Action::Retire, &[Action::RetireList]),
    (Action::Response, &[Action::VerifyIndependent, Action::CarrierWipe]),
    (Action::Destroy, &[Action::KeyCheck]),
];

/// What must come after an action.
const AFTER: &[(Action, Action)] = &[
    (Action::Activate, Action::Deactivate),
    (Action::Response, Action::CarrierWipe),
    (Action::InventoryOpen, Action::InventorySeal),
    (Action::InventorySeal, Action::InventoryStore),
];

/// Checks a script against the rules of the policy.
#[must_use]
pub fn script(script: &Script, rules: &Rules) -> Vec<Finding> {
    let mut facts = Vec::new();
    names(script, &mut facts);
    if !script.policies().contains(&rules.policy) {
        facts.push(Fact::PolicyNotCovered(rules.policy.clone()));
    }
    for role in [Role::CaManager, Role::CertificateIssuer, Role::Auditor, Role::KeyManager] {
        let both = role == Role::CaManager && script.kind().needs_both_organisations();
        let needed = if role == Role::KeyManager || both { 2 } else { 1 };
        if script.seats_of(role).count() < needed {
            facts.push(Fact::RoleMissing(role));
        }
    }
    for step in script.steps() {
        references(script, step, &mut facts);
        watched(script.kind(), step, &mut facts);
    }
    order(script, &mut facts);
    facts.into_iter().map(Finding::error).collect()
}

fn names(script: &Script, facts: &mut Vec<Fact>) {
    let titles = core::iter::once(("script".to_owned(), script.title()))
        .chain(script.seats().iter().map(|seat| (seat.id.to_string(), &seat.title)))
        .chain(script.objects().iter().map(|object| (object.id.to_string(), &object.title)))
        .chain(script.places().iter().map(|place| (place.id.to_string(), &place.title)))
        .chain(script.phases().iter().map(|phase| (format!("phase {}", phase.number), &phase.title)))
        .chain(script.steps().iter().map(|step| (step.id.to_string(), &step.title)));
    let read_aloud = script.steps().iter().filter_map(|step| Some((step.id.to_string(), step.read_aloud.as_ref()?)));
    let missing = titles.clone().chain(read_aloud).filter(|(_, text): &(String, &Text)| text.is_incomplete());
    facts.extend(missing.map(|(name, _)| Fact::TextMissing(name)));
    let mut seen = BTreeSet::new();
    facts.extend(titles.filter(|(name, _)| !seen.insert(name.clone())).map(|(name, _)| Fact::NameTwice(name)));
    for (before, after) in script.steps().iter().zip(script.steps().iter().skip(1)) {
        if before.id.order() >= after.id.order() {
            facts.push(Fact::StepOrder { step: after.id.clone() });
        }
    }
}

fn references(script: &Script, step: &Step, facts: &mut Vec<Fact>) {
    let id = || step.id.clone();
    if !script.phases().iter().any(|phase| phase.number == step.id.phase()) {
        facts.push(Fact::PhaseUnknown { step: id() });
    }
    if matches!(&step.does, Performers::Seats(seats) if seats.is_empty()) {
        facts.push(Fact::NobodyDoes { step: id() });
    }
    let mut seen = BTreeSet::new();
    for seat in step.operators().chain(step.witnesses()) {
        if script.seat(seat).is_none() {
            facts.push(Fact::SeatUnknown { step: id(), seat: seat.clone() });
        }
        if !seen.insert(seat) || (step.does == Performers::Everybody) {
            facts.push(Fact::SeatTwice { step: id(), seat: seat.clone() });
        }
    }
    for object in &step.objects {
        if !script.objects().iter().any(|known| known.id == *object) {
            facts.push(Fact::StepObjectUnknown { step: id(), object: object.clone() });
        }
    }
    let known = |place: &PlaceId| script.places().iter().any(|known| known.id == *place);
    if step.place.as_ref().is_some_and(known) != (step.action == Action::InventoryStore)
        || (step.place.is_some() && step.action != Action::InventoryStore)
    {
        facts.push(Fact::StepPlace { step: id() });
    }
    if step.action.is_inventory() && step.objects.is_empty() {
        facts.push(Fact::ObjectsMissing { step: id(), action: step.action });
    }
    if step.action == Action::Destroy {
        let copies = script.objects().iter().filter(|object| object.holds_key && !step.objects.contains(&object.id));
        facts.extend(copies.map(|object| Fact::CopyLeftOut { step: id(), object: object.id.clone() }));
    }
}

fn watched(kind: Kind, step: &Step, facts: &mut Vec<Fact>) {
    let (id, action) = (|| step.id.clone(), step.action);
    if can_be_due(step, kind) && !kind.allows(action) {
        facts.push(Fact::ActionNotAllowed { step: id(), action, kind });
    }
    if step.witness.c1.is_none() && (action.is_sensitive() || action.is_inventory()) {
        facts.push(Fact::WitnessMissing { step: id(), mark: Mark::C1, action });
    }
    if step.witness.c2.is_none() && action.is_sensitive() {
        facts.push(Fact::WitnessMissing { step: id(), mark: Mark::C2, action });
    }
    if action.is_sensitive() && step.operators().count() < 2 {
        facts.push(Fact::OperatorsFew { step: id(), action });
    }
    let needed = match action {
        Action::Activate | Action::Retire | Action::Destroy => Authentication::Quorum,
        Action::TokenInitialise => Authentication::Pair,
        action if action.uses_key() => Authentication::Pair,
        _ => Authentication::None,
    };
    if step.auth < needed {
        facts.push(Fact::AuthenticationWeak { step: id(), action, needed });
    }
}

fn order(script: &Script, facts: &mut Vec<Fact>) {
    let kind = script.kind();
    let certain: Vec<&Step> = script.steps().iter().filter(|step| is_certain(step, kind)).collect();
    for action in kind.demands() {
        if !certain.iter().any(|step| step.action == *action) {
            facts.push(Fact::ActionDemanded { action: *action, kind });
        }
    }
    let before =
        |step: &Step, action| certain.iter().any(|other| other.action == action && other.id.order() < step.id.order());
    let after =
        |step: &Step, action| certain.iter().any(|other| other.action == action && other.id.order() > step.id.order());
    let mut open = false;
    for step in script.steps().iter().filter(|step| can_be_due(step, kind)) {
        let (id, action) = (|| step.id.clone(), step.action);
        let mut needed: Vec<Action> =
            BEFORE.iter().filter(|(its, _)| *its == action).flat_map(|(_, first)| first.iter().copied()).collect();
        if action.signs() {
            needed.extend([Action::Clock, Action::Preflight]);
        }
        if action == Action::RestoreCheck && kind.generates_key() {
            needed.push(Action::Backup);
        }
        for first in needed.into_iter().filter(|first| !before(step, *first)) {
            facts.push(Fact::ActionOrder { step: id(), action, first });
        }
        for (_, then) in AFTER.iter().filter(|(its, then)| *its == action && !after(step, *then)) {
            facts.push(Fact::ActionOpen { step: id(), action, then: *then });
        }
        match action {
            Action::Activate => open = true,
            Action::Deactivate => open = false,
            action if action.uses_key() && !open => {
                facts.push(Fact::ActionOrder { step: id(), action, first: Action::Activate });
            }
            _ => {}
        }
    }
    let manager = |step: &Step| {
        let is_manager = |seat| script.seat(seat).is_some_and(|seat| seat.policy_role == Role::CaManager);
        step.does.seats().iter().any(is_manager)
    };
    let touched = certain.iter().find(|step| step.action.uses_key() || step.action == Action::Activate);
    let ordered = |step: &Step| certain.iter().any(|other| other.id.order() < step.id.order() && manager(other));
    if let Some(step) = touched.filter(|step| !ordered(step)) {
        facts.push(Fact::OrderMissing { step: step.id.clone() });
    }
}

/// Whether a step is due in every ceremony of this kind.
fn is_certain(step: &Step, kind: Kind) -> bool {
    match step.when {
        When::Always => true,
        When::First | When::FirstOrReplaced => kind == Kind::First,
        When::Repeat => kind != Kind::First,
        When::OnKeygen => kind.generates_key(),
    }
}

/// Whether a step is due in some ceremony of this kind.
fn can_be_due(step: &Step, kind: Kind) -> bool {
    match step.when {
        When::Always | When::FirstOrReplaced | When::OnKeygen => true,
        When::First => kind == Kind::First,
        When::Repeat => kind != Kind::First,
    }
}
