//! What the computer does at each step, on a real root.

mod check;
mod exchange;
mod inventory;
mod keys;
mod signing;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Map, Value};
use tegata_ceremony::{
    Action, ActionError, ActionOutcome, Actions, KeyTarget, Kind, ObjectId, Prompt, Script, SeatId, Serial, Site, Step,
};
use tegata_hsm::{CallTimeouts, Pin, Signer};
use tegata_quorum::{
    Activation, ActivationSession, Member, PersonId, QuorumPolicy, Sandbox, SealedShare, ShareSet, UnlockedCredential,
};
use tegata_root_ca::{Authority, IncidentStep, KeyStatus, RootKey};
use time::{Duration, UtcDateTime};

use super::desk::Desk;
use super::module::{RootModule, split_secret};
use super::since::Since;
use crate::failure::{Failure, Kind as FailureKind};
use crate::home::Home;
use crate::machine::rng;

/// The folder of everything that is signed.
const OBJECTS: &str = "objects";
/// The name of the request among the files of a record.
pub(crate) const REQUEST: &str = "request.bundle";
/// How long a person may have authenticated before an activation opens.
const WINDOW: Duration = Duration::minutes(15);
/// How long an activation lasts.
const SESSION: Duration = Duration::hours(4);
/// After how long a password has to be changed.
const PASSWORD_AGE: Duration = Duration::days(366);

/// Where requests come from and responses go.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    /// The request bundle, on the medium it came on.
    pub(crate) request: Option<PathBuf>,
    /// The carrier medium.
    pub(crate) carrier: PathBuf,
    /// When the next ceremony will be: the lists last until then.
    pub(crate) next_ceremony: UtcDateTime,
}

/// What a performer works with.
pub(crate) struct Parts<'h, D> {
    pub(crate) home: &'h Home,
    pub(crate) authority: Authority,
    pub(crate) script: &'h Script,
    pub(crate) site: &'h Site,
    pub(crate) desk: D,
    pub(crate) exchange: Exchange,
    /// How long the module may take for a call.
    pub(crate) timeouts: CallTimeouts,
    /// What there was before the ceremony.
    pub(crate) since: Since,
    pub(crate) sandbox: bool,
}

/// Carries out the actions of a ceremony.
pub(crate) struct Performer<'h, D> {
    parts: Parts<'h, D>,
    module: RootModule,
    activation: Option<Activation>,
    session: Option<ActivationSession>,
    bags: BTreeMap<ObjectId, Option<Serial>>,
    listed: Vec<KeyTarget>,
    facts: Map<String, Value>,
    clock_offset: Option<i64>,
    imported: Option<[u8; 32]>,
}

impl<'h, D: Desk> Performer<'h, D> {
    pub(crate) fn new(parts: Parts<'h, D>) -> Self {
        let module = RootModule::of(parts.site, parts.home.file("tokens"), parts.timeouts);
        Self {
            parts,
            module,
            activation: None,
            session: None,
            bags: BTreeMap::new(),
            listed: Vec::new(),
            facts: Map::new(),
            clock_offset: None,
            imported: None,
        }
    }

    fn kind(&self) -> Kind {
        self.parts.script.kind()
    }

    /// The people at the table.
    pub(crate) fn desk(&mut self) -> &mut D {
        &mut self.parts.desk
    }

    /// What the engine expects of the action that comes now.
    pub(crate) fn expect(&mut self, prompt: &Prompt<'_>, listed: &[KeyTarget]) {
        self.bags.clone_from(&prompt.objects);
        self.listed = listed.to_vec();
    }

    /// What the last action saw.
    pub(crate) fn take_facts(&mut self) -> Map<String, Value> {
        std::mem::take(&mut self.facts)
    }

    /// The clock, compared once more at the end.
    pub(crate) fn final_clock_offset(&mut self, now: UtcDateTime) -> Result<i64, Failure> {
        self.clock_offset_within_limit(now).map_err(|error| {
            let remedy = ["compare the clocks again", "時計を再度照合してください"];
            Failure::new(FailureKind::Refused, &error.id, &error, remedy)
        })
    }

    /// The seat at which a person authenticates: any of his.
    pub(crate) fn seat_of(&self, person: &str) -> Result<SeatId, Failure> {
        let found = self.parts.site.roster().iter().find(|(_, handle)| handle.as_str() == person);
        found.map(|(seat, _)| seat.clone()).ok_or_else(|| {
            let remedy = ["only persons of the roster take part", "名簿の者のみが参加できます"];
            Failure::new(FailureKind::Refused, "person-not-on-roster", format!("{person} is not on the roster"), remedy)
        })
    }

    /// Begins to gather the quorum, if nobody has authenticated yet.
    pub(crate) fn begin_activation(&mut self, now: UtcDateTime) -> Result<(), Failure> {
        if self.activation.is_some() {
            return Ok(());
        }
        let quorum = self.parts.authority.policy().quorum;
        let quorum = if self.kind() == Kind::EmergencyRevoke { quorum.on_call } else { quorum.activation };
        let sandbox = if self.parts.sandbox { Sandbox::Allowed } else { Sandbox::Refused };
        let policy = QuorumPolicy::new(quorum.k, WINDOW, SESSION, PASSWORD_AGE, sandbox)?;
        let mut members = Vec::new();
        for handle in self.parts.site.holders() {
            let Some(person) = self.parts.site.person(handle) else { continue };
            members.push(Member { person: PersonId::new(handle.as_str())?, public_key: person.key.clone() });
        }
        let purpose = format!("ceremony {}", self.parts.site.ceremony());
        self.activation = Some(Activation::begin(policy, self.share_set()?, members, &purpose, now, &mut rng())?);
        Ok(())
    }

    /// Takes the part of a person who has just authenticated.
    pub(crate) fn add_share(&mut self, credential: &UnlockedCredential, now: UtcDateTime) -> Result<(), Failure> {
        let set = self.share_set()?;
        let sealed = self.parts.home.read_text(&format!("shares/{}.json", credential.person()))?;
        let share = SealedShare::from_json(sealed.as_bytes())?.open(&set, credential)?;
        if let Some(activation) = &mut self.activation {
            activation.add(credential, share, now)?;
        }
        Ok(())
    }

    /// The holders who sit at the table.
    pub(crate) fn holders_at_the_table(&self) -> Vec<tegata_ceremony::PersonId> {
        let site = self.parts.site;
        let seated = |holder: &&tegata_ceremony::PersonId| site.roster().values().any(|person| person == *holder);
        site.holders().iter().filter(seated).cloned().collect()
    }

    /// How many more holders an activation needs.
    pub(crate) fn holders_missing(&self, now: UtcDateTime) -> usize {
        let progress = self.activation.as_ref().map(|activation| activation.progress(now));
        progress.map_or(0, |progress| progress.need.saturating_sub(progress.present.len()))
    }

    /// Whether the module is not active, or no longer.
    pub(crate) fn is_inactive(&mut self, now: UtcDateTime) -> bool {
        self.pin(now).is_err()
    }

    /// Opens the module again in the middle of a ceremony. Gives label and serial number of its token.
    pub(crate) fn reopen(&mut self, now: UtcDateTime) -> Result<(String, String), Failure> {
        match self.activate(now) {
            Ok(outcome) => {
                let said = |fact: &str| outcome.facts.get(fact).and_then(Value::as_str).unwrap_or_default().to_owned();
                Ok((said("token"), said("serial")))
            }
            Err(error) => {
                let again = "gather the quorum again: ceremony resume";
                let again_ja = "定足数を集めてceremony resumeをやり直してください";
                let remedy = match &error.remedy {
                    Some(own) => [own.en.as_str(), own.ja.as_str()],
                    None => [again, again_ja],
                };
                Err(Failure::new(FailureKind::Quorum, &error.id, &error, remedy))
            }
        }
    }

    /// The request that this ceremony has imported: every later step works on this one and no other.
    pub(crate) fn set_imported(&mut self, digest: Option<[u8; 32]>) {
        self.imported = digest;
    }

    fn share_set(&self) -> Result<ShareSet, Failure> {
        Ok(ShareSet::from_json(self.parts.home.read_text(keys::SHARE_SET)?.as_bytes())?)
    }

    fn activate(&mut self, now: UtcDateTime) -> Result<ActionOutcome, ActionError> {
        let session = match (self.activation.take(), self.session.take()) {
            (Some(activation), _) => activation.open(now).map_err(broken)?,
            // The quorum stood; only the token failed.
            (None, Some(session)) => session,
            (None, None) => return Err(failed("activation-absent", "nobody has authenticated")),
        };
        let present: Vec<Value> = session.persons().map(|person| person.as_str().into()).collect();
        let outcome = ActionOutcome::default()
            .fact("present", present)
            .fact("expires", session.expires().to_string())
            .fact("sandbox", session.is_sandbox());
        self.session = Some(session);
        // That the PIN opens the token is known only after a login.
        let pin = self.pin(now)?;
        let token = self.module.token().map_err(broken)?;
        let keys = token.keys(&pin).map_err(broken)?;
        self.response_key_of(&token, &pin)?;
        let description = token.description();
        Ok(outcome
            .fact("token", description.label.as_str())
            .fact("serial", description.serial.as_str())
            .fact("keys", keys.len()))
    }

    fn deactivate(&mut self) -> ActionOutcome {
        self.activation = None;
        let was_open = self.session.take().map(ActivationSession::close).is_some();
        ActionOutcome::default().fact("was-active", was_open)
    }

    /// The PIN, while the activation lasts.
    fn pin(&mut self, now: UtcDateTime) -> Result<Pin, ActionError> {
        let session = self.session.as_mut().ok_or_else(|| failed("not-active", "the module is not activated"))?;
        let secret = session.pin(now).map_err(broken)?;
        split_secret(secret).map(|(pin, _)| pin).ok_or_else(|| failed("activation-secret", "the parts give no PIN"))
    }

    /// Signers of every root key that may sign something now.
    fn signers(&mut self, now: UtcDateTime) -> Result<Vec<Box<dyn Signer>>, ActionError> {
        let pin = self.pin(now)?;
        let state = self.parts.authority.state();
        let incidents = state.incidents().map_err(broken)?;
        let last_list =
            |key: &RootKey| incidents.iter().any(|one| one.key == key.generation && one.step == IncidentStep::Opened);
        let usable = |key: &RootKey| match key.status {
            KeyStatus::Pending | KeyStatus::Active | KeyStatus::Retiring => true,
            KeyStatus::Compromised => last_list(key),
            KeyStatus::Retired | KeyStatus::Destroyed => false,
        };
        let keys = state.keys().map_err(broken)?;
        let open = |key: &RootKey| self.module.signer(key, pin.clone()).map_err(broken);
        keys.iter().filter(|key| usable(key)).map(open).collect()
    }
}

impl<D: Desk> Actions for Performer<'_, D> {
    fn perform(&mut self, step: &Step, now: UtcDateTime) -> Result<ActionOutcome, ActionError> {
        if step.action.signs() {
            // What was signed before a medium was full, or the power went, is not signed again: its file is written now.
            self.parts.authority.restore_outputs(&self.parts.home.file(OBJECTS)).map_err(broken)?;
        }
        let outcome = match step.action {
            Action::Manual => ActionOutcome::default(),
            Action::Clock => self.compare_clock(now)?,
            Action::Preflight => self.preflight(now)?,
            Action::InventoryCheck | Action::InventoryOpen | Action::InventorySeal | Action::InventoryStore => {
                self.note_bags(step)?
            }
            Action::Enrol => self.check_credentials(now)?,
            Action::TokenInitialise => self.initialise(now)?,
            Action::Activate => self.activate(now)?,
            Action::Deactivate => self.deactivate(),
            Action::Keygen => self.generate(now)?,
            Action::KeyCheck => self.check_keys(now)?,
            Action::SelfSign => self.self_sign(now)?,
            Action::Links => self.link(now)?,
            Action::ImportRequest => self.import_request(now)?,
            Action::CsrReport => self.report_requests(now)?,
            Action::Issue => self.issue(now)?,
            Action::Crl => self.sign_lists(now)?,
            Action::Response => self.respond(now)?,
            Action::VerifyIndependent => self.verify_independently(now)?,
            Action::CarrierWipe => self.wipe_carrier()?,
            Action::RetireList => self.list_retired(now)?,
            Action::Retire => self.retire(now)?,
            Action::Backup => self.back_up(step)?,
            Action::RestoreCheck => self.restore(step, now)?,
            Action::Destroy => self.destroy(step, now)?,
            Action::AuditCheckpoint => self.checkpoint(now)?,
        };
        self.facts.clone_from(&outcome.facts);
        Ok(outcome)
    }
}

/// An action that was not carried out.
fn failed(id: &str, message: impl std::fmt::Display) -> ActionError {
    ActionError::new(id, message)
}

/// An error of the libraries or of a file, as the record keeps it, with what can be done about it.
fn broken(error: impl Into<Failure>) -> ActionError {
    error.into().into()
}
