//! Eight persons with keys in memory, a computer that does nothing, and records that can be bent.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]

use std::{collections::BTreeMap, fs, path::PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use tegata_audit::Log;
use tegata_ceremony::{
    Action, ActionError, ActionOutcome, Actions, Kind, ObjectId, PersonId, Previous, Quorum, Rules, Run, RunError,
    Script, SeatId, Serial, Setup, SignOff, Site, Stage, Statement, Step,
};
use tegata_pki::{Curve, SignatureAlgorithm, software::InsecureSoftwareKey};
use time::{Duration, UtcDateTime, macros::utc_datetime};

pub const BEGIN: UtcDateTime = utc_datetime!(2026-12-01 08:00:00);

/// Handle, private name, organisation.
pub const PERSONS: [(&str, &str, &str); 8] = [
    ("p01", "Alpha Ichiro", "Kagi Authority"),
    ("p02", "Bravo Jiro", "Kagi Authority"),
    ("p03", "Charlie Saburo", "Kagi Authority"),
    ("p04", "Delta Shiro", "Kagi Authority"),
    ("p05", "Echo Goro", "Ministry of Seals"),
    ("p06", "Foxtrot Rokuro", "Kagi Authority"),
    ("p07", "Golf Shichiro", "Audit House"),
    ("p08", "Hotel Hachiro", "Data Centre Company"),
];

/// Seat and handle: eight persons fill ten seats.
pub const ROSTER: [(&str, &str); 10] = [
    ("ca-manager", "p01"),
    ("ops-manager", "p02"),
    ("key-manager-1", "p03"),
    ("key-manager-2", "p04"),
    ("certificate-issuer", "p05"),
    ("pki-engineer", "p06"),
    ("auditor", "p07"),
    ("facility", "p08"),
    ("safe-custodian-1", "p03"),
    ("safe-custodian-2", "p02"),
];

pub fn scripts() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../ceremonies")
}

pub fn script_text(kind: Kind) -> String {
    fs::read_to_string(scripts().join(format!("{kind}.toml"))).unwrap()
}

pub fn script(kind: Kind) -> Script {
    Script::parse(script_text(kind).as_bytes()).unwrap()
}

pub fn rules() -> Rules {
    Rules::new("jp-004".parse().unwrap(), Quorum { k: 2, n: 3 })
}

pub fn key(handle: &str) -> InsecureSoftwareKey {
    let mut seed = [7; 32];
    seed.iter_mut().zip(handle.bytes()).for_each(|(slot, byte)| *slot = byte);
    InsecureSoftwareKey::from_scalar(Curve::Ed25519, &seed).unwrap()
}

pub fn sign(statement: &Statement) -> SignOff {
    sign_as(statement, statement.person.as_str())
}

/// A signature by the key of `handle`, in that person's name.
pub fn sign_as(statement: &Statement, handle: &str) -> SignOff {
    let person: PersonId = handle.parse().unwrap();
    let statement = Statement { person: person.clone(), ..statement.clone() };
    let signature = key(handle).sign(SignatureAlgorithm::EdDsa, statement.to_sign().unwrap().as_bytes()).unwrap();
    SignOff { person, signature: signature.as_bytes().try_into().unwrap() }
}

/// What a site file is made from.
#[derive(Clone)]
pub struct SiteDraft {
    pub persons: Vec<(String, String, String)>,
    pub roster: BTreeMap<String, String>,
    pub holders: Vec<String>,
    pub trained: String,
    pub replaced: Vec<String>,
    pub approved: Vec<String>,
}

impl Default for SiteDraft {
    fn default() -> Self {
        let owned = |(a, b, c): (&str, &str, &str)| (a.to_owned(), b.to_owned(), c.to_owned());
        Self {
            persons: PERSONS.map(owned).into(),
            roster: ROSTER.map(|(seat, person)| (seat.to_owned(), person.to_owned())).into(),
            holders: ["p02", "p03", "p04"].map(str::to_owned).into(),
            trained: "2026-06-01".to_owned(),
            replaced: Vec::new(),
            approved: ["ca-manager", "certificate-issuer"].map(str::to_owned).into(),
        }
    }
}

impl SiteDraft {
    /// With the seats and persons that the script needs beyond the eight.
    pub fn of(script: &Script) -> Self {
        let mut draft = Self::default();
        if script.kind() == Kind::Destroy {
            draft.persons.push(("p09".into(), "India Kuro".into(), "Second Authority".into()));
            draft.roster.insert("ca-manager-2".into(), "p09".into());
            draft.approved.push("ca-manager-2".into());
        }
        draft
    }

    pub fn text(&self, script: &Script) -> String {
        let unsigned = self.unsigned(script);
        let site = Site::parse(unsigned.as_bytes()).unwrap();
        let at = BEGIN - Duration::days(5);
        let mut text = unsigned;
        for seat in &self.approved {
            let Some(statement) = site.approval_statement(script, &seat.parse().unwrap(), at) else { continue };
            let signature = STANDARD.encode(sign(&statement).signature);
            text += &format!(
                "\n[[approval]]\nby = \"{seat}\"\nat = \"2026-11-26T08:00:00Z\"\nsignature = \"{signature}\"\n"
            );
        }
        text
    }

    pub fn site(&self, script: &Script) -> Site {
        Site::parse(self.text(script).as_bytes()).unwrap()
    }

    fn unsigned(&self, script: &Script) -> String {
        let list = |items: &[String]| format!("{items:?}");
        let mut text = format!(
            "ceremony = \"c-{}\"\nplanned = \"2026-12-01\"\nholders = {}\n",
            script.kind(),
            list(&self.holders)
        );
        for (handle, name, organisation) in &self.persons {
            let public = STANDARD.encode(key(handle).public_key().sec1_or_raw());
            text += &format!(
                "\n[[person]]\nhandle = \"{handle}\"\nname = \"{name}\"\norganisation = \"{organisation}\"\n\
                 key = \"{public}\"\ntrained = \"{}\"\n",
                self.trained
            );
        }
        text += "\n[roster]\n";
        for (seat, person) in &self.roster {
            text += &format!("{seat} = \"{person}\"\n");
        }
        text += "\n[places]\n";
        for place in script.places() {
            text += &format!("{} = \"Room Quebec {}\"\n", place.id, place.id);
        }
        text += "\n[labels]\n";
        for object in script.objects() {
            text += &format!("{} = \"Label Romeo {}\"\n", object.id, object.id);
        }
        text += "\n[token]\nmodule = \"libsierra.so\"\nlabel = \"Tango token\"\nserial = \"UNIFORM-77\"\n";
        text + &format!("\n[conditions]\nreplaced = {}\ncredentials_changed = false\n", list(&self.replaced))
    }
}

/// The computer: bags come from a stack of new ones or from the inventory, files have made-up digests.
#[derive(Default)]
pub struct Double {
    pub bags: BTreeMap<ObjectId, Serial>,
    pub next_bag: u32,
    pub performed: Vec<Action>,
    pub fail_next: Option<ActionError>,
    pub tamper: Option<ActionOutcome>,
}

impl Double {
    pub fn after(previous: &Previous) -> Self {
        let items = previous.inventory.items().iter();
        let bags = items.filter_map(|(object, item)| Some((object.clone(), item.bag.clone()?))).collect();
        let next_bag = u32::try_from(previous.inventory.spent().len()).unwrap() * 100;
        Self { bags, next_bag, ..Self::default() }
    }
}

impl Actions for Double {
    fn perform(&mut self, step: &Step, _now: UtcDateTime) -> Result<ActionOutcome, ActionError> {
        if let Some(error) = self.fail_next.take() {
            return Err(error);
        }
        if let Some(outcome) = self.tamper.take() {
            return Ok(outcome);
        }
        self.performed.push(step.action);
        let mut outcome = ActionOutcome::default().fact("seen", "Victor secretly seen");
        match step.action {
            Action::InventorySeal => {
                for object in &step.objects {
                    self.next_bag += 1;
                    let serial: Serial = format!("TEB-{:05}", self.next_bag).parse().unwrap();
                    self.bags.insert(object.clone(), serial.clone());
                    outcome = outcome.bag(object.clone(), serial);
                }
            }
            action if action.is_inventory() => {
                for object in &step.objects {
                    outcome = outcome.bag(object.clone(), self.bags[object].clone());
                }
            }
            Action::Clock => outcome.clock_offset = Some(-2),
            Action::RestoreCheck | Action::Destroy => {
                let copies = ["module", "backup-1", "backup-2"].map(|id| id.parse::<ObjectId>().unwrap());
                outcome.copies = copies.into_iter().filter(|copy| step.objects.contains(copy)).collect();
            }
            Action::RetireList | Action::Retire => {
                outcome.targets.push(tegata_ceremony::KeyTarget {
                    fingerprint: [9; 32],
                    ended: BEGIN - Duration::days(30),
                    generations_back: 2,
                });
            }
            Action::SelfSign => outcome = outcome.digest("root-certificate", [0x11; 32]),
            Action::Issue => outcome = outcome.digest("document-signer-whiskey.der", [0x22; 32]),
            _ => {}
        }
        Ok(outcome)
    }
}

/// A ceremony with its record in a folder of its own.
pub struct Theatre {
    pub folder: tempfile::TempDir,
    pub script: Script,
    pub site: Site,
    pub rules: Rules,
    pub previous: Previous,
}

impl Theatre {
    pub fn new(kind: Kind, previous: Previous) -> Self {
        let script = script(kind);
        let site = SiteDraft::of(&script).site(&script);
        Self { folder: tempfile::tempdir().unwrap(), script, site, rules: rules(), previous }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("record.jsonl")
    }

    pub fn log(&self) -> Log {
        Log::open(&self.path(), "root-1").unwrap()
    }

    pub fn start(&self) -> Result<Run<'_, Log>, RunError> {
        let mut environment = serde_json::Map::new();
        environment.insert("sandbox".into(), Value::Bool(true));
        let setup = Setup {
            script: &self.script,
            site: &self.site,
            rules: &self.rules,
            previous: self.previous.clone(),
            environment,
        };
        Run::start(&setup, self.log(), BEGIN)
    }

    pub fn record(&self) -> Vec<u8> {
        fs::read(self.path()).unwrap()
    }
}

/// Answers one prompt as the procedure wants. `false` when the ceremony has ended.
pub fn answer(run: &mut Run<'_, Log>, double: &mut Double, now: UtcDateTime) -> bool {
    let prompt = run.next(now);
    match prompt.stage {
        Stage::Begin | Stage::BeginAgain => run.begin(now).unwrap(),
        Stage::Act => run.perform(double, now).unwrap(),
        Stage::Authenticate => {
            let person = prompt.candidates.first().unwrap();
            let seat = ROSTER.iter().find(|(_, handle)| *handle == person.as_str()).unwrap().0;
            sign_at(run, &seat.parse().unwrap(), now);
        }
        Stage::SignOff | Stage::Close => {
            let seat = prompt.duties.iter().find(|duty| !duty.done).unwrap().seat.clone();
            sign_at(run, &seat, now);
        }
        Stage::Clock => run.compare_clock(1, now).unwrap(),
        Stage::Finish => {
            run.finish(now).unwrap();
        }
        Stage::Ended => return false,
    }
    true
}

pub fn sign_at(run: &mut Run<'_, Log>, seat: &SeatId, now: UtcDateTime) {
    let statement = run.statement(seat, now).unwrap();
    run.sign_off(seat, sign(&statement), now).unwrap();
}

/// Two holders open the module again, as the token says it is.
pub fn reopen(run: &mut Run<'_, Log>, now: UtcDateTime) -> Result<(), RunError> {
    reopen_by(run, &["ops-manager", "key-manager-1"], now)
}

/// The same by those who sit at these seats.
pub fn reopen_by(run: &mut Run<'_, Log>, seats: &[&str], now: UtcDateTime) -> Result<(), RunError> {
    let sign_at = |seat: &&str| {
        let seat: SeatId = seat.parse().unwrap();
        let statement = run.reopening_statement("Tango token", "UNIFORM-77", &seat, now).unwrap();
        (seat, sign(&statement))
    };
    let signatures = seats.iter().map(sign_at).collect();
    run.reopened("Tango token", "UNIFORM-77", signatures, now)
}

/// Plays a ceremony until `stop` says so, or to its end.
pub fn play(
    run: &mut Run<'_, Log>,
    double: &mut Double,
    clock: &mut UtcDateTime,
    mut stop: impl FnMut(&Run<'_, Log>, UtcDateTime) -> bool,
) {
    while !stop(run, *clock) {
        *clock += Duration::seconds(5);
        if !answer(run, double, *clock) {
            return;
        }
    }
}

/// Plays a whole ceremony; its record and what it leaves.
pub fn play_all(stage: &Theatre) -> (Vec<u8>, Previous) {
    let mut run = stage.start().unwrap();
    let mut double = Double::after(&stage.previous);
    let mut clock = BEGIN;
    play(&mut run, &mut double, &mut clock, |_, _| false);
    drop(run);
    let record = stage.record();
    let left = tegata_ceremony::leaves(&record, &stage.script, &stage.rules).unwrap();
    (record, left)
}

/// The lines of a record as JSON values.
pub fn lines(record: &[u8]) -> Vec<Value> {
    record
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|l| serde_json::from_slice(l).unwrap())
        .collect()
}

/// Writes lines back as a record whose numbers and chain hold: what somebody with write access could do.
pub fn rechain(lines: Vec<Value>) -> Vec<u8> {
    use tegata_pki::{Hash, rust_crypto};

    let order = ["seq", "time", "terminal", "class", "event", "result", "actor", "objects", "step", "detail", "prev"];
    let mut out = Vec::new();
    let mut prev = "0".repeat(64);
    for (seq, mut line) in lines.into_iter().enumerate() {
        line["seq"] = seq.into();
        line["prev"] = prev.into();
        let members: Vec<String> =
            order.iter().filter_map(|key| Some(format!("\"{key}\":{}", line.get(*key)?))).collect();
        let text = format!("{{{}}}", members.join(","));
        prev = hex::encode(rust_crypto().digest(Hash::Sha256, text.as_bytes()).as_bytes());
        out.extend_from_slice(text.as_bytes());
        out.push(b'\n');
    }
    out
}
