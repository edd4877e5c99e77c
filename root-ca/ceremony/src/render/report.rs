//! The report, after the ceremony.

use std::collections::BTreeMap;

use time::UtcDateTime;

use super::{
    Words,
    document::{Block, Document},
    label,
};
use crate::{
    encoding::{canonical_json, sha256, stamp_text},
    entry::{Effect, Entry, Line},
    ids::SeatId,
    kind::Kind,
    role::Mark,
    rules::Rules,
    script::Script,
    site::Site,
    text::Lang,
    verify::{Violation, verify},
};

/// What may be published of a ceremony: no field of it can hold a text that is not the script's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicReport {
    kind: Kind,
    script: [u8; 32],
    head: [u8; 32],
    started: Option<UtcDateTime>,
    ended: Option<UtcDateTime>,
    completed: bool,
    sandbox: bool,
    clock_offset: Option<i64>,
    /// Ids of broken rules and how often each was broken.
    violations: BTreeMap<&'static str, usize>,
    /// By position in the script.
    steps: Vec<PublicStep>,
    closing: Vec<(Mark, usize, UtcDateTime)>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct PublicStep {
    begun: Option<UtcDateTime>,
    passed_over: bool,
    left_out: bool,
    /// Marks by the position of the seat in the script.
    marks: Vec<(Mark, usize, UtcDateTime)>,
    files: Vec<[u8; 32]>,
}

impl PublicReport {
    /// Takes out of a record what may be published. The record is verified; what is broken is in the report.
    #[must_use]
    pub fn of(record: &[u8], script: &Script, rules: &Rules) -> Self {
        let mut violations = BTreeMap::new();
        for violation in verify(record, script, None, None, rules) {
            *violations.entry(violation.id()).or_default() += 1;
        }
        let last = record.strip_suffix(b"\n").unwrap_or(record).rsplit(|byte| *byte == b'\n').next();
        let mut report = Self {
            kind: script.kind(),
            script: script.digest(),
            head: sha256(last.unwrap_or_default()),
            started: None,
            ended: None,
            completed: false,
            sandbox: false,
            clock_offset: None,
            violations,
            steps: vec![PublicStep::default(); script.steps().len()],
            closing: Vec::new(),
        };
        for (_, line) in Line::all(record) {
            if let Ok(entry) = Entry::read(&line) {
                report.take(script, &entry, line.time);
            }
        }
        report
    }

    fn take(&mut self, script: &Script, entry: &Entry, time: UtcDateTime) {
        let index = entry.step().and_then(|id| script.steps().iter().position(|step| step.id == *id));
        let seat = |id: &SeatId| script.seats().iter().position(|seat| seat.id == *id);
        match entry {
            Entry::Start(start) => {
                self.started = Some(time);
                self.sandbox = start.environment.get("sandbox").is_some_and(|value| *value != false);
            }
            Entry::Clock { offset } => self.clock_offset = Some(*offset),
            Entry::End { completed } => (self.ended, self.completed) = (Some(time), *completed),
            Entry::SignOff { step: None, signed } => {
                self.closing.extend(seat(&signed.seat).map(|seat| (signed.mark, seat, time)));
            }
            _ => {}
        }
        let Some(step) = index.and_then(|index| self.steps.get_mut(index)) else { return };
        match entry {
            Entry::Begin(_) => {
                *step = PublicStep { begun: Some(time), files: step.files.clone(), ..PublicStep::default() }
            }
            Entry::Skip(_) => step.passed_over = true,
            Entry::Deviation { order, .. } => step.left_out |= order.effect == Effect::LeaveOut,
            Entry::Action { outcome, .. } => {
                step.files = outcome.digests.iter().map(|object| object.sha256).collect();
            }
            Entry::SignOff { signed, .. } => {
                step.marks.extend(seat(&signed.seat).map(|seat| (signed.mark, seat, time)));
            }
            _ => {}
        }
    }
}

pub(super) fn public(report: &PublicReport, script: &Script, words: Words<'_>, lang: Lang) -> Document {
    let mut page = Document::new(format!("{}: {}", label::REPORT.get(lang), script.title().get(lang)));
    let time = |time: Option<UtcDateTime>| time.map_or_else(|| "—".to_owned(), stamp_text);
    let yes = |yes: bool| if yes { label::YES.get(lang) } else { label::NO.get(lang) };
    let mut facts = vec![
        label::KIND.with(lang, report.kind.name()),
        label::SCRIPT.with(lang, hex::encode(report.script)),
        label::SCRIPT_WORDS.with(lang, words(&report.script)),
        label::STARTED.with(lang, time(report.started)),
        label::ENDED.with(lang, time(report.ended)),
        label::COMPLETED.with(lang, if report.completed { label::YES } else { label::BROKEN_OFF }.get(lang)),
        label::SANDBOX.with(lang, yes(report.sandbox)),
    ];
    facts.extend(report.clock_offset.map(|offset| label::CLOCK.with(lang, offset.to_string())));
    facts.push(label::RESULT.with(lang, verdict(&report.violations, lang)));
    page.facts(facts);
    let seat = |index: usize| script.seats().get(index).map_or("—", |seat| seat.title.get(lang));
    let marks = |marks: &[(Mark, usize, UtcDateTime)]| -> Vec<(String, String)> {
        let row = |(mark, at, time): &(Mark, usize, UtcDateTime)| {
            (label::mark(*mark, lang).to_owned(), format!("{} {}", seat(*at), stamp_text(*time)))
        };
        marks.iter().map(row).collect()
    };
    for phase in script.phases() {
        page.heading(format!("{}  {}", phase.number, phase.title.get(lang)));
        for (step, done) in script.steps().iter().zip(&report.steps).filter(|(step, _)| step.id.phase() == phase.number)
        {
            let mut facts = match (done.begun, done.left_out, done.passed_over) {
                (_, true, _) => vec![label::BEGUN.with(lang, label::LEFT_OUT.get(lang))],
                (Some(begun), ..) => vec![label::BEGUN.with(lang, stamp_text(begun))],
                (None, _, true) => vec![label::BEGUN.with(lang, label::NOT_DUE.get(lang))],
                (None, ..) => vec![label::BEGUN.with(lang, label::NOTHING.get(lang))],
            };
            facts.extend(done.files.iter().map(|digest| label::FILES.with(lang, hex::encode(digest))));
            facts.extend(marks(&done.marks));
            let (id, title) = (step.id.to_string(), step.title.get(lang).to_owned());
            page.blocks.push(Block::Step { id, title, spoken: None, facts });
        }
    }
    page.heading(label::CLOSING.get(lang));
    page.facts(marks(&report.closing));
    page.facts(vec![
        label::HEAD.with(lang, hex::encode(report.head)),
        label::SCRIPT_WORDS.with(lang, words(&report.head)),
    ]);
    page
}

pub(super) fn private(
    record: &[u8],
    script: &Script,
    site: &Site,
    rules: &Rules,
    words: Words<'_>,
    lang: Lang,
) -> Document {
    let violations = verify(record, script, Some(site), None, rules);
    let mut page = public(&PublicReport::of(record, script, rules), script, words, lang);
    page.heading(label::RESULT.get(lang));
    if violations.is_empty() {
        page.paragraph(label::NO_VIOLATIONS.get(lang));
    }
    for violation in &violations {
        page.paragraph(Violation::to_string(violation));
    }
    page.heading(label::SEATS.get(lang));
    let seats = site.roster().iter().map(|(seat, handle)| {
        let person = site.person(handle);
        let name = person.map(|person| format!("{} ({handle}, {})", person.name, person.organisation));
        (seat.to_string(), name.unwrap_or_else(|| handle.to_string()))
    });
    page.facts(seats.collect());
    page.heading(label::NUMBER.get(lang).to_owned() + " " + site.ceremony().as_str());
    for (number, line) in Line::all(record) {
        let name = site.persons().iter().find(|person| person.handle.as_str() == line.actor);
        let actor = name.map_or_else(|| line.actor.clone(), |person| format!("{} ({})", person.name, line.actor));
        let mut facts = vec![
            ("terminal".to_owned(), line.terminal),
            ("actor".to_owned(), actor),
            ("result".to_owned(), line.result.to_string()),
        ];
        facts.extend(line.objects.iter().map(|object| (object.name.clone(), hex::encode(object.sha256))));
        facts.extend(line.detail.iter().map(|(key, value)| (key.clone(), canonical_json(value))));
        let title = format!("{} {} {}", stamp_text(line.time), line.event, line.step.unwrap_or_default());
        page.blocks.push(Block::Step { id: number.to_string(), title, spoken: None, facts });
    }
    page
}

fn verdict(violations: &BTreeMap<&'static str, usize>, lang: Lang) -> String {
    if violations.is_empty() {
        return label::NO_VIOLATIONS.get(lang).to_owned();
    }
    let listed: Vec<String> = violations.iter().map(|(id, count)| format!("{id} ×{count}")).collect();
    format!("{}: {}", label::VIOLATIONS.get(lang), listed.join(", "))
}
