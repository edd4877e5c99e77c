//! The procedure, before the ceremony.

use super::{
    document::{Block, Document},
    label,
};
use crate::{
    action::Action,
    ids::{ObjectId, SeatId},
    script::{Performers, Script, Step},
    site::Site,
    text::Lang,
};

pub(super) fn document(script: &Script, site: Option<&Site>, lang: Lang) -> Document {
    let mut page = Document::new(format!("{}: {}", label::PROCEDURE.get(lang), script.title().get(lang)));
    let policies: Vec<&str> = script.policies().iter().map(crate::PolicyId::as_str).collect();
    let mut facts = vec![
        label::KIND.with(lang, script.kind().name()),
        label::POLICIES.with(lang, policies.join(", ")),
        label::SCRIPT.with(lang, hex::encode(script.digest())),
    ];
    if let Some(site) = site {
        let token = site.token();
        facts.push(label::NUMBER.with(lang, site.ceremony().as_str()));
        facts.push(label::PLANNED.with(lang, site.planned().to_string()));
        facts.push(label::TOKEN.with(lang, format!("{} / {} / {}", token.module, token.label, token.serial)));
    }
    page.facts(facts);

    page.heading(label::SEATS.get(lang));
    page.facts(script.seats().iter().map(|seat| (seat.title.get(lang).to_owned(), holder(&seat.id, site))).collect());
    page.heading(label::OBJECTS.get(lang));
    let text = |id: &ObjectId| site.and_then(|site| site.labels().get(id)).cloned();
    let objects = script
        .objects()
        .iter()
        .map(|object| (object.title.get(lang).to_owned(), text(&object.id).unwrap_or_else(|| object.id.to_string())));
    page.facts(objects.collect());
    if let Some(site) = site {
        page.heading(label::PLACES.get(lang));
        let places = script
            .places()
            .iter()
            .map(|place| (place.title.get(lang).to_owned(), site.places().get(&place.id).cloned().unwrap_or_default()));
        page.facts(places.collect());
    }
    for phase in script.phases() {
        page.heading(format!("{}  {}", phase.number, phase.title.get(lang)));
        for step in script.steps().iter().filter(|step| step.id.phase() == phase.number) {
            page.blocks.push(block(script, step, site, lang));
        }
    }
    page
}

fn block(script: &Script, step: &Step, site: Option<&Site>, lang: Lang) -> Block {
    let seats = |seats: &mut dyn Iterator<Item = &SeatId>| {
        let title = |seat: &SeatId| script.seat(seat).map_or(seat.as_str(), |seat| seat.title.get(lang)).to_owned();
        seats.map(title).collect::<Vec<_>>().join(", ")
    };
    let mut facts = Vec::new();
    facts.extend(label::when(step.when, lang).map(|when| label::WHEN.with(lang, when)));
    facts.push(match &step.does {
        Performers::Everybody => label::DOES.with(lang, label::EVERYBODY.get(lang)),
        Performers::Seats(does) => label::DOES.with(lang, seats(&mut does.iter())),
    });
    if !step.confirms.is_empty() {
        facts.push(label::CONFIRMS.with(lang, seats(&mut step.confirms.iter())));
    }
    facts.extend(step.witness.c1.as_ref().map(|seat| label::C1.with(lang, seats(&mut core::iter::once(seat)))));
    facts.extend(step.witness.c2.as_ref().map(|seat| label::C2.with(lang, seats(&mut core::iter::once(seat)))));
    let objects: Vec<&str> = script
        .objects()
        .iter()
        .filter(|object| step.objects.contains(&object.id))
        .map(|object| object.title.get(lang))
        .collect();
    if !objects.is_empty() {
        facts.push(label::OBJECTS.with(lang, objects.join(", ")));
    }
    let place = step.place.as_ref().and_then(|id| script.places().iter().find(|place| place.id == *id));
    facts.extend(place.map(|place| label::PLACE.with(lang, place.title.get(lang))));
    facts.extend(label::authentication(step.auth, lang).map(|auth| label::AUTHENTICATION.with(lang, auth)));
    if step.action != Action::Manual {
        facts.push(label::ACTION.with(lang, step.action.name()));
    }
    if site.is_some() {
        facts.push(label::FIELDS.with(lang, "________________________________"));
    }
    let spoken = step.read_aloud.as_ref().map(|text| text.get(lang).to_owned());
    Block::Step { id: step.id.to_string(), title: step.title.get(lang).to_owned(), spoken, facts }
}

/// Who sits at a seat by name and handle, or the seat's own id where persons are not printed.
fn holder(seat: &SeatId, site: Option<&Site>) -> String {
    let Some(site) = site else { return seat.to_string() };
    let Some(handle) = site.roster().get(seat) else { return "—".to_owned() };
    match site.person(handle) {
        Some(person) => format!("{} ({handle}, {})", person.name, person.organisation),
        None => handle.to_string(),
    }
}
