//! Credentials, the token, root keys, their copies and their end.

use std::path::{Path, PathBuf};

use tegata_ceremony::{ActionError, ActionOutcome, KeyTarget, Kind, ObjectId, Step};
use tegata_hsm::{KeySelector, Pin, Token, TokenError};
use tegata_pki::{Hash, PublicKey, rust_crypto};
use tegata_quorum::words::pgp_words;
use tegata_quorum::{Credential, Secret, ShareSet, SplitRequest, split};
use tegata_root_ca::{CertificateKind, Generation, IncidentStep, KeyStatus, RootKey};
use time::UtcDateTime;

use super::{Performer, broken, failed};
use crate::ceremony::desk::Desk;
use crate::ceremony::module::{SECRET_LENGTH, split_secret};
use crate::machine::rng;

/// Label of the key that signs responses.
const RESPONSE_KEY: &str = "response";
/// Its public half, for the online side.
pub(super) const RESPONSE_PUBLIC: &str = "response.pem";
/// What is public about the parts.
pub(super) const SHARE_SET: &str = "shares/set.json";
/// The object that is the module itself; every other one that holds the key is a copy.
const MODULE: &str = "module";
/// How many younger keys of a signer must exist before one is deleted.
const GENERATIONS_KEPT: u32 = 2;

impl<D: Desk> Performer<'_, D> {
    /// Every holder has a credential whose key is the one of the site file.
    pub(super) fn check_credentials(&mut self, now: UtcDateTime) -> Result<ActionOutcome, ActionError> {
        let mut outcome = ActionOutcome::default();
        for credential in self.holders()? {
            let handle = credential.person().as_str();
            let days = credential.password_age(now).whole_days();
            outcome = outcome.fact(handle, format!("factor {}, password {days} days old", credential.factor()));
        }
        Ok(outcome)
    }

    fn holders(&self) -> Result<Vec<Credential>, ActionError> {
        let credential = |handle: &tegata_ceremony::PersonId| {
            let text = self.parts.home.read_text(&format!("persons/{handle}.json")).map_err(broken)?;
            let credential = Credential::from_json(text.as_bytes()).map_err(broken)?;
            let person = self.parts.site.person(handle);
            if person.is_none_or(|person| person.key != *credential.public_key()) {
                return Err(failed(
                    "credential-not-of-site",
                    format!("{handle}: the credential has another key than the site file"),
                ));
            }
            if credential.is_sandbox() && !self.parts.sandbox {
                return Err(failed("credential-for-sandbox", format!("{handle}: the credential is for practice only")));
            }
            Ok(credential)
        };
        self.parts.site.holders().iter().map(credential).collect()
    }

    /// Initialises the token with PINs that nobody knows, and splits them among the holders. In a restore drill the spare
    /// module is emptied instead.
    pub(super) fn initialise(&mut self, now: UtcDateTime) -> Result<ActionOutcome, ActionError> {
        if self.kind() == Kind::RestoreDrill {
            let spare = self.parts.home.file("spare");
            empty(&spare)?;
            return Ok(ActionOutcome::default().fact("spare", "empty"));
        }
        let holders: Vec<_> = self.holders()?.iter().map(Credential::holder).collect();
        let threshold = self.parts.authority.policy().quorum.activation.k;
        let home = self.parts.home;
        // Taken up again where the token was made and the record could not be written: its PINs are in the parts that lie
        // there, and new parts would be parts of nothing.
        if home.file(SHARE_SET).exists()
            && let Ok(token) = self.module.token()
        {
            let set = self.share_set().map_err(ActionError::from)?;
            return Ok(of_token(&token, &set));
        }
        let secret = Secret::random_pin(SECRET_LENGTH, &mut rng()).map_err(broken)?;
        let label = self.module.label().to_owned();
        let request = SplitRequest { secret: &secret, label: &label, threshold, holders: &holders, now };
        let (set, shares) = split(request, &mut rng()).map_err(broken)?;
        let (pin, so_pin) = split_secret(&secret).ok_or_else(|| failed("activation-secret", "no PIN can be made"))?;
        // The parts are on the medium before the token asks for what they give; the set, which says that they are, last.
        for share in &shares {
            let text = share.to_json().map_err(broken)?;
            home.write(format!("shares/{}.json", share.person()), text.as_bytes(), true).map_err(broken)?;
        }
        home.write(SHARE_SET, set.to_json().map_err(broken)?.as_bytes(), true).map_err(broken)?;
        let token = self.module.initialise(&so_pin, &pin).map_err(broken)?;
        let response = self.response_key_of(&token, &pin)?;
        Ok(of_token(&token, &set).digest("response-key", fingerprint(&response)))
    }

    /// The key for responses, made and written down where it is not yet. It is looked for at every opening of the module,
    /// because a full medium may have come in between.
    pub(super) fn response_key_of(&self, token: &Token, pin: &Pin) -> Result<PublicKey, ActionError> {
        let home = self.parts.home;
        if home.file(RESPONSE_PUBLIC).exists() {
            return self.response_key();
        }
        let there = token.keys(pin).map_err(broken)?.into_iter().find(|key| key.label == RESPONSE_KEY);
        let (key, reference) = match there.and_then(|key| Some((key.public_key?, key.id))) {
            Some((key, id)) => (key, token.reference(RESPONSE_KEY, &id)),
            None => {
                let made = token.generate_key(pin, self.curve()?, RESPONSE_KEY, &[1]).map_err(broken)?;
                (made.public_key, made.reference)
            }
        };
        home.write("response.ref", reference.to_string().as_bytes(), true).map_err(broken)?;
        home.write(RESPONSE_PUBLIC, key.to_pem().as_bytes(), true).map_err(broken)?;
        Ok(key)
    }

    pub(super) fn generate(&mut self, now: UtcDateTime) -> Result<ActionOutcome, ActionError> {
        let pin = self.pin(now)?;
        let curve = self.curve()?;
        let keys = self.keys()?;
        let last = keys.last().map_or(0, |key| key.generation.0);
        // Taken up again where the key was made and the record could not be written.
        if let Some(made) = self.parts.since.keys(keys).pop().filter(|key| key.status == KeyStatus::Pending) {
            return Ok(of_key(made.generation, &made.reference, &made.public_key));
        }
        let number = last.saturating_add(1);
        let token = self.module.token().map_err(broken)?;
        let label = format!("root-g{number}");
        let made = token.generate_key(&pin, curve, &label, &number.to_be_bytes()).map_err(broken)?;
        let reference = made.reference.to_string();
        let generation = self.parts.authority.register_key(&made.public_key, &reference, now).map_err(broken)?;
        Ok(of_key(generation, &reference, &made.public_key))
    }

    /// The newest key is read aloud by its fingerprint; while the module is active its attributes are read back.
    pub(super) fn check_keys(&mut self, now: UtcDateTime) -> Result<ActionOutcome, ActionError> {
        let newest = self.keys()?.pop().ok_or_else(|| failed("no-root-key", "there is no root key"))?;
        let digest = fingerprint(&newest.public_key);
        self.parts.desk.compare("root key", &digest)?;
        let mut outcome = ActionOutcome::default()
            .fact("generation", newest.generation.0)
            .fact("status", newest.status.id())
            .fact("words", pgp_words(&digest))
            .digest("root-key", digest);
        if self.session.is_some() {
            let pin = self.pin(now)?;
            let token = self.module.token().map_err(broken)?;
            let keys = token.keys(&pin).map_err(broken)?;
            let found = keys.iter().find(|key| key.public_key.as_ref() == Some(&newest.public_key));
            let found = found.ok_or_else(|| failed("root-key-absent", "the module does not hold the root key"))?;
            if !found.unsafe_attributes.is_empty() {
                return Err(failed("root-key-unsafe", format!("{:?}", found.unsafe_attributes)));
            }
            outcome = outcome.fact("label", found.label.as_str()).fact("never-extractable-local", true);
        }
        Ok(outcome)
    }

    /// Copies the module by its own means: the embedded token's store as it is, sealed by its PIN; a hardware module by the
    /// maker's procedure, which people confirm.
    pub(super) fn back_up(&mut self, step: &Step) -> Result<ActionOutcome, ActionError> {
        let mut outcome = ActionOutcome::default();
        for object in self.copies(step) {
            if self.module.is_embedded() {
                let folder = self.copy_folder(&object);
                empty(&folder)?;
                copy_folder(self.module.store(), &folder).map_err(|error| failed("backup-failed", error))?;
                outcome = outcome.fact(object.as_str(), "copied");
            } else {
                self.parts.desk.confirm(&format!("the module's backup is on {object}"))?;
                outcome = outcome.fact(object.as_str(), "by the module's own means");
            }
        }
        Ok(outcome)
    }

    /// Restores each copy and compares the public keys of what it holds.
    pub(super) fn restore(&mut self, step: &Step, now: UtcDateTime) -> Result<ActionOutcome, ActionError> {
        let keys: Vec<RootKey> = self.keys()?.into_iter().filter(|key| is_backed_up(key.status)).collect();
        let mut outcome = ActionOutcome::default();
        for object in self.copies(step) {
            let restored = self.restored_keys(&object, now)?;
            for key in &keys {
                if !restored.contains(&key.public_key) {
                    let message = format!("{object} does not hold the root key of generation {}", key.generation);
                    return Err(failed("restored-other-key", message));
                }
            }
            outcome.copies.insert(object);
        }
        for key in keys {
            self.parts.authority.record_restore_test(key.generation, &key.public_key, now).map_err(broken)?;
            outcome = outcome.digest("root-key", fingerprint(&key.public_key));
        }
        Ok(outcome)
    }

    fn restored_keys(&mut self, object: &ObjectId, now: UtcDateTime) -> Result<Vec<PublicKey>, ActionError> {
        let Some(copy) = self.module.copied_to(&self.copy_folder(object)) else {
            let file = self.parts.desk.restored_key(object)?;
            let text = std::fs::read_to_string(&file).map_err(|error| failed("restored-key-unreadable", error))?;
            let key = PublicKey::from_pem(&text).map_err(|error| failed(error.id(), error))?;
            return Ok(vec![key]);
        };
        let pin = self.pin(now)?;
        let token = copy.token().map_err(broken)?;
        let keys = token.keys(&pin).map_err(broken)?;
        Ok(keys.into_iter().filter_map(|key| key.public_key).collect())
    }

    /// Signers' keys whose certificates have ended and that two younger ones have followed.
    pub(super) fn list_retired(&mut self, now: UtcDateTime) -> Result<ActionOutcome, ActionError> {
        let records = self.parts.authority.state().certificates().map_err(broken)?;
        let mut outcome = ActionOutcome::default();
        for record in records.iter().filter(|record| record.kind == CertificateKind::DocumentSigner) {
            let certificate = &record.certificate;
            let younger = records.iter().filter(|other| {
                other.kind == record.kind
                    && other.certificate.subject() == certificate.subject()
                    && other.certificate.not_before() > certificate.not_before()
            });
            let generations_back = u32::try_from(younger.count()).unwrap_or(u32::MAX);
            let Ok(key) = certificate.public_key() else { continue };
            if certificate.not_after() < now && generations_back >= GENERATIONS_KEPT {
                let ended = certificate.not_after();
                outcome.targets.push(KeyTarget { fingerprint: fingerprint(key), ended, generations_back });
            }
        }
        let count = outcome.targets.len();
        Ok(outcome.fact("keys-to-delete", count))
    }

    /// People delete those keys at their signers; a root key whose work is over is retired.
    pub(super) fn retire(&mut self, now: UtcDateTime) -> Result<ActionOutcome, ActionError> {
        let targets = self.listed.clone();
        for target in &targets {
            self.parts.desk.compare("key to be deleted", &target.fingerprint)?;
        }
        let mut outcome = ActionOutcome { targets, ..ActionOutcome::default() };
        for key in self.keys()?.into_iter().filter(|key| key.status == KeyStatus::Retiring) {
            if self.parts.authority.retire_key(key.generation, now).is_ok() {
                outcome = outcome.fact("root-retired", key.generation.0);
            }
        }
        Ok(outcome)
    }

    /// Destroys every copy of the keys whose work is over.
    pub(super) fn destroy(&mut self, step: &Step, now: UtcDateTime) -> Result<ActionOutcome, ActionError> {
        let incidents = self.parts.authority.state().incidents().map_err(broken)?;
        // A compromised key may have its last list to sign yet.
        let signs_yet =
            |key: &RootKey| incidents.iter().any(|one| one.key == key.generation && one.step == IncidentStep::Opened);
        let ended = |key: &RootKey| match key.status {
            KeyStatus::Retired => true,
            KeyStatus::Compromised => !signs_yet(key),
            _ => false,
        };
        let keys: Vec<RootKey> = self.keys()?.into_iter().filter(ended).collect();
        let living = self.keys()?.iter().filter(|key| is_backed_up(key.status)).count();
        let others_live = living > 0;
        for key in &keys {
            let what = format!("root key of generation {}, to be destroyed", key.generation);
            self.parts.desk.compare(&what, &fingerprint(&key.public_key))?;
        }
        if keys.is_empty() {
            return Err(failed("nothing-to-destroy", "no root key is retired or compromised"));
        }
        let pin = self.pin(now)?;
        let approvals: Vec<String> = self.approvals();
        let inventory: Vec<String> = step.objects.iter().map(|object| object.as_str().to_owned()).collect();
        let token = self.module.token().map_err(broken)?;
        destroy_in(&token, &pin, &keys)?;
        for object in self.copies(step) {
            match self.module.copied_to(&self.copy_folder(&object)) {
                // Copies of keys that are still of use stay where they are.
                Some(copy) if others_live => {
                    let token = copy.token().map_err(broken)?;
                    destroy_in(&token, &pin, &keys)?;
                }
                Some(_) => empty(&self.copy_folder(&object))?,
                None => self.parts.desk.confirm(&format!("the copies of these keys on {object} are destroyed"))?,
            }
        }
        let mut outcome = ActionOutcome::default();
        for key in &keys {
            for copy in &inventory {
                let authority = &mut self.parts.authority;
                authority.record_destroyed_copy(key.generation, copy, &approvals, now).map_err(broken)?;
            }
            self.parts.authority.finish_destruction(key.generation, &inventory, now).map_err(broken)?;
            outcome = outcome.digest("destroyed-root-key", fingerprint(&key.public_key));
        }
        outcome.copies = self.parts.script.key_copies(step).cloned().collect();
        outcome.living_keys = u32::try_from(living).unwrap_or(u32::MAX);
        Ok(outcome)
    }

    /// Who approves for the organisations: the CA managers, each with the organisation.
    fn approvals(&self) -> Vec<String> {
        let site = self.parts.site;
        let managers = site.roster().iter().filter(|(seat, _)| seat.as_str().starts_with("ca-manager"));
        let approval = |handle: &tegata_ceremony::PersonId| {
            site.person(handle).map(|person| format!("{handle} for {}", person.organisation))
        };
        managers.filter_map(|(_, handle)| approval(handle)).collect()
    }

    pub(super) fn keys(&self) -> Result<Vec<RootKey>, ActionError> {
        self.parts.authority.state().keys().map_err(broken)
    }

    fn curve(&self) -> Result<tegata_pki::Curve, ActionError> {
        let curves = &self.parts.authority.policy().root.curves;
        curves.first().copied().ok_or_else(|| failed("policy-no-curve", "the policy names no curve for the root"))
    }

    /// The objects of a step that hold copies of the key.
    fn copies(&self, step: &Step) -> Vec<ObjectId> {
        let holders = self.parts.script.key_copies(step);
        holders.filter(|object| object.as_str() != MODULE).cloned().collect()
    }

    fn copy_folder(&self, object: &ObjectId) -> PathBuf {
        self.parts.home.file("copies").join(object.as_str())
    }
}

/// The outcome of a step that initialised the token.
fn of_token(token: &Token, set: &ShareSet) -> ActionOutcome {
    let description = token.description();
    ActionOutcome::default()
        .fact("token", description.label.as_str())
        .fact("serial", description.serial.as_str())
        .fact("manufacturer", description.manufacturer.as_str())
        .fact("model", description.model.as_str())
        .fact("parts", set.holders().len())
        .fact("threshold", set.threshold())
        .digest("share-set", *set.id())
}

/// The outcome of a step that made a root key.
fn of_key(generation: Generation, reference: &str, key: &PublicKey) -> ActionOutcome {
    ActionOutcome::default()
        .fact("generation", generation.0)
        .fact("curve", key.curve().name())
        .fact("reference", reference)
        .digest("root-key", fingerprint(key))
}

/// SHA-256 of the SubjectPublicKeyInfo.
pub(super) fn fingerprint(key: &PublicKey) -> [u8; 32] {
    let digest = rust_crypto().digest(Hash::Sha256, &key.to_spki_der());
    digest.as_ref().try_into().unwrap_or_default()
}

fn is_backed_up(status: KeyStatus) -> bool {
    matches!(status, KeyStatus::Pending | KeyStatus::Active | KeyStatus::Retiring)
}

/// Destroys keys on a token; one that is gone already was destroyed before an interruption.
fn destroy_in(token: &Token, pin: &Pin, keys: &[RootKey]) -> Result<(), ActionError> {
    for key in keys {
        let label = format!("root-g{}", key.generation);
        match token.destroy_key(pin, &KeySelector::label(label)) {
            Ok(()) | Err(TokenError::KeyNotFound { .. }) => {}
            Err(error) => return Err(broken(error)),
        }
    }
    Ok(())
}

/// An empty folder, whatever was there before.
fn empty(folder: &Path) -> Result<(), ActionError> {
    let result = if folder.exists() { std::fs::remove_dir_all(folder) } else { Ok(()) };
    result.and_then(|()| std::fs::create_dir_all(folder)).map_err(|error| failed("folder-not-emptied", error))
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            std::fs::create_dir_all(&target)?;
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target)?;
            std::fs::File::open(&target)?.sync_all()?;
        }
    }
    Ok(())
}
