//! `tegata dts rehearse-rollover`: the rollover of a root in fast motion, with everybody who lives through it.
//!
//! Everything is done by the commands that an operator and a relying party would type, each in a process of its own; the
//! root is that of `tegata-root ceremony rehearse`. Only the time is invented.

mod authority;
mod calendar;
mod door;
mod outcome;
mod readers;
mod service;

use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};
use tegata_manifest::sha256;
use tegata_pki::Certificate;
use tegata_publisher::KeyDigest;
use tegata_terminal::{Lang, Output, Progress};
use time::Duration;

use self::authority::{Authority, Held};
use self::calendar::{AFTER, Calendar, Hour, KEEP, LAST, Phase, REKEY, REMOVED, Reader, SWITCH, Sample};
use self::door::Door;
use self::outcome::{Gate, Look, Outcome, Seen, Trial};
use self::readers::Readers;
use self::service::{Staging, fingerprint};
use super::super::demo::program::{Appointment, Ceremony};
use super::super::own_program::OwnProgram;
use super::super::{instant, time_or_now};
use super::{refuse_unless_empty, refused};
use crate::answer::Answer;
use crate::args::dts::Rehearse;
use crate::failure::Failure;
use crate::file;
use crate::input::Input;
use crate::message::rehearse as text;

/// Label of the token that holds every key of the online side.
const TOKEN_LABEL: &str = "tegata-rehearsal";
/// Documents under the first signer end before their signer does; so do those under the later ones.
const DOCUMENT_DAYS: u32 = 100;
/// Steps that are shown: the four ceremonies and the eight phases.
const STEPS: u64 = 12;

pub(super) fn run(args: &Rehearse, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    refuse_unless_empty(&args.dir, lang)?;
    let home = Home::make(&args.dir)?;
    let own = OwnProgram::new(lang)?;
    let calendar = Calendar::new(time_or_now(args.at));
    let outcome = {
        let progress = Progress::new(output, STEPS);
        Rehearsal::begin(&home, &own, calendar, args, output)?.play(&progress)?
    };
    if output.json {
        output.answer_json(&outcome.json(&args.dir))?;
    } else {
        output.answer(&outcome.page(&args.dir, &output))?;
    }
    match outcome.first_surprise(lang) {
        None => Ok(()),
        Some(detail) => Err(Failure::Machine { id: "rehearsal-unexpected", detail }),
    }
}

/// Everything of a rehearsal.
struct Rehearsal<'h> {
    home: &'h Home,
    calendar: Calendar,
    output: Output,
    authority: Authority<'h>,
    staging: Staging<'h>,
    readers: Readers<'h>,
    door: Option<Door>,
}

impl<'h> Rehearsal<'h> {
    /// The first ceremony, the service, and the first document: everything before the first day's publication.
    fn begin(
        home: &'h Home,
        own: &'h OwnProgram,
        calendar: Calendar,
        args: &Rehearse,
        output: Output,
    ) -> Result<Self, Failure> {
        let door = args.serve.map(|address| Door::new(address, args.step, home.public())).transpose()?;
        let mut authority = Authority::new(home, own, output.lang)?;
        let appointment = appointment(calendar, 0, REKEY);
        let held = authority.hold(Ceremony::First, appointment, Some("ds-1"))?;
        let office = calendar.at(0, Hour::Office);
        let staging = Staging::init(home, own, office)?;
        let readers = Readers::new(home, own);
        let rehearsal = Self { home, calendar, output, authority, staging, readers, door };
        let root = rehearsal.root(1)?;
        rehearsal.staging.admit(1, &root, rehearsal.review(), office)?;
        rehearsal.staging.import(&held, office)?;
        rehearsal.staging.approve(1, &root, office)?;
        rehearsal.authority.issue(Sample::Old, "ds-1", DOCUMENT_DAYS, office)?;
        Ok(rehearsal)
    }

    fn play(mut self, progress: &Progress) -> Result<Outcome, Failure> {
        let lang = self.output.lang;
        progress.done(&text::step_first(lang), &text::result_first(lang, REKEY));
        let mut outcome = Outcome::new(self.calendar);
        for day in 0..=LAST {
            progress.begin(&text::step_day(lang, day, LAST));
            if let Some(step) = self.work(day)? {
                progress.done(&step, &text::day(lang, day));
            }
            self.staging.publish(self.calendar.at(day, Hour::Publication))?;
            self.live(day)?;
            if let Some(phase) = Phase::on(day) {
                let look = self.look(phase)?;
                progress.done(&phase.title(lang), &look.summary(lang));
                let may_go_on = look.gate.as_ref().is_none_or(|gate| gate.go || phase.go() == Some(false));
                self.serve(phase, &look)?;
                outcome.looks.push(look);
                if !may_go_on {
                    return Err(refused(None, "rollover-no-go", text::stopped(lang), text::remedy_stopped(lang)));
                }
            }
        }
        outcome.roots = self.authority.roots().to_vec();
        Ok(outcome)
    }

    /// What the authority and the service do on a day beside publishing.
    fn work(&mut self, day: i64) -> Result<Option<String>, Failure> {
        let lang = self.output.lang;
        match day {
            REKEY => self.announce().map(|()| Some(text::step_rekey(lang))),
            KEEP => {
                let held = self.authority.hold(Ceremony::Quarterly, appointment(self.calendar, KEEP, SWITCH), None)?;
                self.staging.import(&held, self.calendar.at(KEEP, Hour::Office))?;
                Ok(Some(text::step_keep(lang)))
            }
            SWITCH => self.switch().map(|()| Some(text::step_switch(lang))),
            _ => Ok(None),
        }
    }

    /// The new root, both links and a last signer under the old root; the new root is announced.
    fn announce(&mut self) -> Result<(), Failure> {
        let appointment = appointment(self.calendar, REKEY, KEEP);
        let held = self.authority.hold(Ceremony::RootRekey, appointment, Some("ds-2"))?;
        let office = self.calendar.at(REKEY, Hour::Office);
        let root = self.root(2)?;
        self.staging.admit(2, &root, self.review(), office)?;
        self.take(&held, "links", 2, office)?;
        self.staging.notice("announcement", self.calendar.at(SWITCH, Hour::Office), office)?;
        self.authority.issue(Sample::Old, "ds-2", DOCUMENT_DAYS + 20, office)
    }

    /// The gate has said go: the new root certifies its first signer, and the old one retires.
    fn switch(&mut self) -> Result<(), Failure> {
        let appointment = appointment(self.calendar, SWITCH, AFTER);
        let held = self.authority.hold(Ceremony::Quarterly, appointment, Some("ds-3"))?;
        let office = self.calendar.at(SWITCH, Hour::Office);
        self.take(&held, "crls", 2, office)?;
        self.authority.issue(Sample::New, "ds-3", DOCUMENT_DAYS, office)
    }

    /// Takes an answer in, which has to bring so many of something.
    fn take(&self, held: &Held, member: &str, least: u64, at: time::UtcDateTime) -> Result<(), Failure> {
        let told = self.staging.import(held, at)?;
        match told.get(member).and_then(Json::as_u64) {
            Some(count) if count >= least => Ok(()),
            _ => Err(Failure::Machine { id: "response-incomplete", detail: format!("{member}: {told}") }),
        }
    }

    /// What the relying parties do.
    fn live(&self, day: i64) -> Result<(), Failure> {
        let at = self.calendar.at(day, Hour::Update);
        let new_root = self.authority.roots().get(1);
        for reader in Reader::ALL {
            let root = new_root.map(|root| (self.home.root_certificate(2), fingerprint(root)));
            let root = root.as_ref().map(|(file, digest)| (file.as_path(), digest.clone()));
            self.readers.live(reader, day, at, root)?;
        }
        Ok(())
    }

    /// Asks everybody, and the gate where it is its time.
    fn look(&self, phase: Phase) -> Result<Look, Failure> {
        let at = self.calendar.at(phase.day(), Hour::Verification);
        let keys: Vec<String> = self.authority.roots().iter().map(|root| KeyDigest::of(root).to_string()).collect();
        let told = self.staging.show(at)?;
        let listed = keys.iter().map(|key| state_of(&told, key)).collect();
        let mut seen = Vec::new();
        for reader in Reader::ALL.into_iter().filter(|reader| self.readers.has_begun(*reader)) {
            let mut trials = Vec::new();
            for sample in Sample::ALL {
                let Some(expected) = phase.expected(reader, sample) else { continue };
                let verdict = self.readers.verify(reader, sample, at)?;
                trials.push(Trial { sample, verdict, expected });
            }
            seen.push(Seen { reader, anchors: self.readers.anchors(reader, &keys, at)?, trials });
        }
        let gate = phase.go().map(|expected| self.ask(phase, expected)).transpose()?;
        if phase == Phase::Ready && gate.as_ref().is_some_and(|gate| gate.go) {
            let (retiring, removed) =
                (self.calendar.at(SWITCH, Hour::Ceremony), self.calendar.at(REMOVED, Hour::Ceremony));
            self.staging.retire(retiring, removed, at)?;
            self.staging.notice("switch", retiring, at)?;
        }
        Ok(Look { phase, at, listed, seen, gate })
    }

    /// The go/no-go gate: the signals of everybody who is awake.
    fn ask(&self, phase: Phase, expected: bool) -> Result<Gate, Failure> {
        let at = self.calendar.at(phase.day(), Hour::Verification);
        let mut lines = String::new();
        for reader in Reader::ALL.into_iter().filter(|reader| reader.is_awake(phase.day())) {
            lines.push_str(&self.readers.signal(reader, at)?);
        }
        let signals = self.home.exchange(&format!("readiness-{}.jsonl", phase.id()));
        file::write_new(&signals, lines.as_bytes())?;
        let (go, figures) = self.staging.readiness(&signals)?;
        Ok(Gate { go, expected, figures })
    }

    /// Lets app teams look at the phase.
    fn serve(&mut self, phase: Phase, look: &Look) -> Result<(), Failure> {
        let Some(door) = &mut self.door else { return Ok(()) };
        let metadata = hex::encode(sha256(&Input::read(&self.home.root_metadata())?.bytes));
        let mut documents = Vec::new();
        for sample in Sample::ALL {
            let Some(expected) = phase.expected(Reader::Daily, sample) else { continue };
            let name = format!("rehearsal-{}.cbor", sample.id());
            file::replace(&self.home.public().join(&name), &Input::read(&self.home.document(sample))?.bytes)?;
            documents.push(json!({ "document": sample.id(), "path": format!("/{name}"), "expected": expected.id() }));
        }
        let roots = self.authority.roots().iter().zip(1..);
        let roots = roots.map(|(root, generation)| json!({ "generation": generation, "sha256": fingerprint(root) }));
        let page = json!({
            "phase": phase.id(), "day": phase.day(), "now": instant(look.at),
            "title": { "en": phase.title(Lang::En), "ja": phase.title(Lang::Ja) },
            "root_metadata": { "path": "/v1/root/1.cbor", "sha256": metadata },
            "roots": roots.collect::<Vec<_>>(),
            "documents": documents,
        });
        file::replace(&self.home.public().join("rehearsal.json"), format!("{page:#}\n").as_bytes())?;
        door.stop(phase, look.at, self.output)
    }

    fn root(&self, generation: usize) -> Result<Certificate, Failure> {
        let root = self.authority.roots().get(generation.saturating_sub(1)).cloned();
        root.ok_or_else(|| Failure::Machine { id: "response-incomplete", detail: format!("root {generation}") })
    }

    /// The day by which the authorisation of a root is looked at again: after the rehearsal.
    fn review(&self) -> time::UtcDateTime {
        self.calendar.at(LAST, Hour::Ceremony).saturating_add(Duration::days(30))
    }
}

fn appointment(calendar: Calendar, day: i64, next: i64) -> Appointment {
    Appointment { at: calendar.at(day, Hour::Ceremony), next: calendar.at(next, Hour::Ceremony) }
}

/// The state of a root in `tegata dts show`.
fn state_of(told: &Json, key: &str) -> String {
    let roots = told.get("roots").and_then(Json::as_array);
    let root = roots.and_then(|roots| roots.iter().find(|root| root.get("root").and_then(Json::as_str) == Some(key)));
    root.and_then(|root| root.get("state")?.as_str()).unwrap_or_default().to_owned()
}

/// The directory of a rehearsal.
struct Home(PathBuf);

impl Home {
    fn make(path: &Path) -> Result<Self, Failure> {
        let home = Self(path.to_owned());
        for folder in [home.exchange(""), home.token()] {
            std::fs::create_dir_all(&folder).map_err(|error| Failure::Output {
                file: folder,
                fault: tegata_terminal::OutputFault::Unwritable(error.kind()),
            })?;
        }
        Ok(home)
    }

    fn token(&self) -> PathBuf {
        self.0.join("token")
    }

    /// The folder of the offline root.
    fn root(&self) -> PathBuf {
        self.0.join("root")
    }

    fn response_key(&self) -> PathBuf {
        self.root().join("response.pem")
    }

    fn online_key(&self) -> PathBuf {
        self.0.join("online.pem")
    }

    fn device_key(&self) -> PathBuf {
        self.0.join("device-key.jwk")
    }

    fn claims(&self) -> PathBuf {
        self.0.join("claims.json")
    }

    fn dts(&self) -> PathBuf {
        self.0.join("dts")
    }

    fn public(&self) -> PathBuf {
        self.dts().join(super::PUBLIC)
    }

    /// The root metadata that relying parties pin.
    fn root_metadata(&self) -> PathBuf {
        self.dts().join("root.cbor")
    }

    /// What goes from one party to another.
    fn exchange(&self, name: &str) -> PathBuf {
        self.0.join("exchange").join(name)
    }

    fn root_certificate(&self, generation: usize) -> PathBuf {
        self.0.join(format!("root-{generation}.pem"))
    }

    fn signer_certificate(&self, name: &str) -> PathBuf {
        self.0.join(format!("{name}.pem"))
    }

    fn document(&self, sample: Sample) -> PathBuf {
        self.0.join(format!("document-{}.cbor", sample.id()))
    }

    fn store(&self, reader: Reader) -> PathBuf {
        self.0.join(format!("{}.store", reader.id()))
    }
}
