//! An offline root, its online side, the keys of a service, and a catalogue between them.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU16,
    path::PathBuf,
};

use getrandom::{SysRng, rand_core::UnwrapErr};
use tegata_audit::{Actor, CheckpointKey, Class, Event, Log, Origin, Outcome, Record};
use tegata_manifest::{
    Accepted, ClientState, Document as _, Fetched, Header, Held, KeyId, ObjectFilter, RoleKeys, RoleName, RootMetadata,
    Step, Update, UpdateError, UpdatePolicy,
};
use tegata_pki::{
    Certificate, CertificateRequest, Contact, CrlBuilder, CrlNumber, Curve, Edition, Name, PublicKey, RawSignature,
    Role, SignatureAlgorithm, oid, profile, rust_crypto, software::InsecureSoftwareKey,
};
use tegata_publisher::{
    Authorisation, Authority, Catalogue, GateRefusal, ImportError, Issuers, KeyDigest, Publication, PublishError,
    Published, Service, Signers, StatusFile, Target,
    catalogue::Imported,
    draft_list, exports, import, publish,
    sign::{SignerFailure, sign_metadata},
};
use tegata_trust_list::bundle::{
    Applicant, ApplicantRole, IssuedCertificate, IssuedRole, RequestBundle, ResponseBundle, SignerRole, bundle_digest,
};
use tempfile::TempDir;
use time::{Duration, UtcDateTime, macros::utc_datetime};

pub(crate) const START: UtcDateTime = utc_datetime!(2026-01-01 0:00);
pub(crate) const NOW: UtcDateTime = utc_datetime!(2026-03-01 12:00);
pub(crate) const MDL: &str = "org.iso.18013.5.1.mDL";
pub(crate) const STATUS_URI: &str = "https://dts.example/status/1";
pub(crate) const IDENTIFIER_URI: &str = "https://dts.example/status/ids";
pub(crate) const DEVICE_URI: &str = "https://dts.example/device-keys/1";

/// In memory where there is such a place: the tests sync often.
fn temporary() -> TempDir {
    TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap()
}

pub(crate) fn rng() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

pub(crate) fn key() -> InsecureSoftwareKey {
    InsecureSoftwareKey::generate(Curve::P256, &mut rng()).unwrap()
}

/// A key with its certificate.
pub(crate) struct Party {
    pub(crate) key: InsecureSoftwareKey,
    pub(crate) certificate: Certificate,
}

impl Party {
    pub(crate) fn digest(&self) -> KeyDigest {
        KeyDigest::of(&self.certificate)
    }

    pub(crate) fn ski(&self) -> String {
        hex::encode(self.key.public_key().key_identifier())
    }
}

pub(crate) fn name(common: &str) -> Name {
    let attributes = [(oid::COUNTRY, "UT"), (oid::ORGANIZATION, "Utopia"), (oid::COMMON_NAME, common)];
    Name::from_attributes(&attributes).unwrap()
}

pub(crate) fn certify(
    role: Role,
    common: &str,
    public: &PublicKey,
    signer: (&InsecureSoftwareKey, Option<&Certificate>),
    days: i64,
) -> Certificate {
    let (signing_key, issuer) = signer;
    let validity = (START, START + Duration::days(days));
    let unsigned = CertificateRequest::new(
        profile(role, Edition::Iso18013_5),
        name(common),
        public.clone(),
        issuer,
        validity,
        &mut rng(),
    )
    .contact(Contact::Uri("https://iaca.example".to_owned()))
    .crl_uri("http://dts.example/crl")
    .build()
    .unwrap();
    let signature = signing_key.sign(unsigned.algorithm(), unsigned.tbs()).unwrap().to_der(signing_key.curve());
    unsigned.complete(&signature, rust_crypto()).unwrap()
}

pub(crate) fn root(common: &str) -> Party {
    let key = key();
    let certificate = certify(Role::Iaca, common, key.public_key(), (&key, None), 3650);
    Party { key, certificate }
}

pub(crate) fn issue(role: Role, common: &str, issuer: &Party, days: i64) -> Party {
    let key = key();
    let certificate = certify(role, common, key.public_key(), (&issuer.key, Some(&issuer.certificate)), days);
    Party { key, certificate }
}

/// `old` certifies `new`.
pub(crate) fn link(old: &Party, new: &Party) -> Vec<u8> {
    let common = new.certificate.subject().common_name().unwrap().into_owned();
    let issuer = (&old.key, Some(&old.certificate));
    certify(Role::Link, &common, new.key.public_key(), issuer, 3650).der().to_vec()
}

pub(crate) fn crl(
    issuer: &Party,
    number: u64,
    this_update: UtcDateTime,
    life: Duration,
    revoked: &[(&[u8], UtcDateTime)],
) -> Vec<u8> {
    let mut builder = CrlBuilder::new(&issuer.certificate, CrlNumber::from(number), this_update, this_update + life);
    for (serial, date) in revoked {
        builder = builder.revoke(serial, *date, None);
    }
    let unsigned = builder.build().unwrap();
    let signature = issuer.key.sign(unsigned.algorithm(), unsigned.tbs()).unwrap().to_der(issuer.key.curve());
    unsigned.complete(&signature, rust_crypto()).unwrap().der().to_vec()
}

/// Daily lists of three days, from `from` on.
pub(crate) fn series(
    issuer: &Party,
    first: u64,
    from: UtcDateTime,
    days: u64,
    revoked: &[(&[u8], UtcDateTime)],
) -> Vec<Vec<u8>> {
    let day = |day: u64| from + Duration::days(i64::try_from(day).unwrap());
    (0..days).map(|n| crl(issuer, first + n, day(n), Duration::days(3), revoked)).collect()
}

/// Keys by their public halves.
#[derive(Default)]
pub(crate) struct Ring(pub(crate) Vec<InsecureSoftwareKey>);

impl Signers for Ring {
    fn holds(&self, key: &PublicKey) -> bool {
        self.0.iter().any(|held| held.public_key() == key)
    }

    fn sign(
        &self,
        key: &PublicKey,
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<RawSignature, SignerFailure> {
        let held = self.0.iter().find(|held| held.public_key() == key).ok_or("no such key")?;
        Ok(held.sign(algorithm, message)?)
    }
}

/// The other side of the air gap.
pub(crate) struct Offline {
    directory: TempDir,
    log: Log,
    checkpoint_key: CheckpointKey,
    origin: Origin,
    pub(crate) response_key: InsecureSoftwareKey,
    pub(crate) request_key: InsecureSoftwareKey,
    sequence: u64,
    previous: Option<([u8; 32], String)>,
}

impl Offline {
    pub(crate) fn new() -> Self {
        let directory = temporary();
        let log = Log::open(&directory.path().join("log.jsonl"), "offline").unwrap();
        let checkpoint_key = CheckpointKey::create(&directory.path().join("key"), &mut rng()).unwrap();
        let origin = Origin::new("root.example/audit").unwrap();
        Self {
            directory,
            log,
            checkpoint_key,
            origin,
            response_key: key(),
            request_key: key(),
            sequence: 1,
            previous: None,
        }
    }

    fn request(&self, at: UtcDateTime) -> Vec<u8> {
        let applicant = |person: &str, role| Applicant { person: person.to_owned(), role };
        let request = RequestBundle {
            sequence: self.sequence,
            nonce: [7; 32],
            created: at.truncate_to_second(),
            previous_response: self.previous.as_ref().map(|(digest, _)| *digest),
            last_checkpoint: self.previous.as_ref().map(|(_, checkpoint)| checkpoint.clone()),
            applicants: vec![
                applicant("ops-manager", ApplicantRole::OpsManager),
                applicant("key-manager", ApplicantRole::KeyManager),
            ],
            items: Vec::new(),
        };
        let prepared = request.prepare(self.request_key.public_key()).unwrap();
        let signature = self.request_key.sign(prepared.algorithm(), prepared.to_be_signed()).unwrap();
        prepared.complete(&signature, rust_crypto()).unwrap()
    }

    pub(crate) fn sign(&self, response: &ResponseBundle) -> Vec<u8> {
        let prepared = response.prepare(self.response_key.public_key()).unwrap();
        let signature = self.response_key.sign(prepared.algorithm(), prepared.to_be_signed()).unwrap();
        prepared.complete(&signature, rust_crypto()).unwrap()
    }

    pub(crate) fn checkpoint(&mut self, at: UtcDateTime) -> String {
        let at = self.log.last_time().map_or(at, |last| last.max(at));
        let event = Event::new(Class::Ceremony, "step", Outcome::Success, Actor::new("root").unwrap()).unwrap();
        self.log.append(event, at).unwrap();
        self.log.checkpoint(&self.origin, &self.checkpoint_key).as_str().to_owned()
    }
}

/// What a ceremony gives back.
#[derive(Default, Clone)]
pub(crate) struct Answer {
    pub(crate) roots: Vec<Vec<u8>>,
    pub(crate) signers: Vec<(SignerRole, Vec<u8>)>,
    pub(crate) links: Vec<Vec<u8>>,
    pub(crate) crls: Vec<Vec<u8>>,
    pub(crate) software_token: bool,
}

pub(crate) struct World {
    pub(crate) directory: TempDir,
    pub(crate) offline: Offline,
    pub(crate) iaca: Party,
    pub(crate) ds: Party,
    pub(crate) status_signer: Party,
    pub(crate) vical_signer: Party,
    pub(crate) authority: Authority,
    pub(crate) service: Service,
    pub(crate) ring: Ring,
    pub(crate) role_keys: BTreeMap<RoleName, Vec<PublicKey>>,
    pub(crate) catalogue: Catalogue,
}

pub(crate) fn actor() -> Actor {
    Actor::new("dts-operator").unwrap()
}

/// Rows that let a root speak for driving licences in Utopia until the end of 2026.
pub(crate) fn allow(root: KeyDigest) -> String {
    format!(
        "[[entry]]\nroot = \"{root}\"\naction = \"allow\"\ndoc-type = \"{MDL}\"\nregion = \"UT\"\nreview-by = 2026-12-31\n"
    )
}

pub(crate) fn issuer_row(root: KeyDigest) -> String {
    format!(
        "[[issuer]]\nroot = \"{root}\"\ndoc-types = [\"{MDL}\"]\npurposes = [\"issuance\"]\ncrl-fresh-hours = 24\n\
         [issuer.authority]\nname = {{ en = \"Utopia Motor Vehicles\", ja = \"ユートピア運転免許局\" }}\n\
         address = {{ street = \"2 Main Street\", locality = \"Capital\", country = \"UT\" }}\n\
         contact = \"https://dmv.example\"\ninformation = \"https://dmv.example/about\"\n"
    )
}

impl World {
    /// Nothing is imported yet; the root is pinned, authorised and known as an issuer.
    pub(crate) fn new() -> Self {
        let offline = Offline::new();
        let iaca = root("Utopia IACA 1");
        let authority = Authority {
            response_key: offline.response_key.public_key().clone(),
            checkpoint: offline.checkpoint_key.verifier(&offline.origin).unwrap(),
            edition: Edition::Iso18013_5,
            root_pins: BTreeSet::from([iaca.digest()]),
            issuers: Issuers::from_toml(&issuer_row(iaca.digest())).unwrap(),
            authorisation: Authorisation::from_toml(&allow(iaca.digest())).unwrap(),
            announcement: Duration::days(30),
            sandbox: false,
        };
        let service = service(&iaca);
        let (ds, status_signer) = (
            issue(Role::DocumentSigner, "Utopia DS 1", &iaca, 400),
            issue(Role::StatusSigner, "Utopia Status", &iaca, 400),
        );
        let vical_signer = issue(Role::VicalSigner, "Utopia VICAL", &iaca, 400);
        let mut ring = Ring::default();
        let mut role_keys = BTreeMap::new();
        for (role, count) in [(RoleName::Root, 3), (RoleName::List, 2), (RoleName::Snapshot, 1), (RoleName::Pointer, 1)]
        {
            let keys: Vec<InsecureSoftwareKey> = (0..count).map(|_| key()).collect();
            role_keys.insert(role, keys.iter().map(|key| key.public_key().clone()).collect());
            ring.0.extend(keys);
        }
        for party in [&status_signer, &vical_signer] {
            ring.0.push(InsecureSoftwareKey::from_pkcs8_pem(&party.key.to_pkcs8_pem()).unwrap());
        }
        let directory = temporary();
        let catalogue = Catalogue::open(&directory.path().join("catalogue"), "dts", actor()).unwrap();
        Self {
            directory,
            offline,
            iaca,
            ds,
            status_signer,
            vical_signer,
            authority,
            service,
            ring,
            role_keys,
            catalogue,
        }
    }

    /// A root with its document signer, list signers and a list of 30 days.
    pub(crate) fn first_answer(&self) -> Answer {
        Answer {
            roots: vec![self.iaca.certificate.der().to_vec()],
            signers: vec![
                (SignerRole::DocumentSigner, self.ds.certificate.der().to_vec()),
                (SignerRole::StatusSigner, self.status_signer.certificate.der().to_vec()),
                (SignerRole::VicalSigner, self.vical_signer.certificate.der().to_vec()),
            ],
            crls: vec![crl(&self.iaca, 10, NOW - Duration::HOUR, Duration::days(30), &[])],
            ..Answer::default()
        }
    }

    /// Sends a request and signs the answer; the chain goes on when it is imported.
    pub(crate) fn bundle(&mut self, answer: &Answer, at: UtcDateTime) -> Vec<u8> {
        let response = self.response(answer, at);
        self.offline.sign(&response)
    }

    pub(crate) fn response(&mut self, answer: &Answer, at: UtcDateTime) -> ResponseBundle {
        let request = self.offline.request(at);
        let opened = RequestBundle::open(&request, self.offline.request_key.public_key(), rust_crypto()).unwrap();
        self.catalogue.record_request(&opened, at).unwrap();
        let root = answer.roots.iter().map(|der| IssuedCertificate { role: IssuedRole::Root, der: der.clone() });
        let signers =
            answer.signers.iter().map(|(role, der)| IssuedCertificate { role: (*role).into(), der: der.clone() });
        ResponseBundle {
            sequence: self.offline.sequence,
            request_digest: bundle_digest(&request),
            created: at.truncate_to_second(),
            certificates: root.chain(signers).collect(),
            links: answer.links.clone(),
            crls: answer.crls.clone(),
            next_sequence: self.offline.sequence + 1,
            checkpoint: self.offline.checkpoint(at),
            software_token: answer.software_token,
        }
    }

    pub(crate) fn import(&mut self, bundle: &[u8], at: UtcDateTime) -> Result<Imported, ImportError> {
        let imported = import(&mut self.catalogue, bundle, &self.authority, at, rust_crypto())?;
        let response = self.catalogue.holdings().response.clone().unwrap();
        self.offline.sequence = response.next_sequence;
        self.offline.previous = Some((response.digest, response.checkpoint));
        Ok(imported)
    }

    pub(crate) fn import_answer(&mut self, answer: &Answer, at: UtcDateTime) -> Result<Imported, ImportError> {
        let bundle = self.bundle(answer, at);
        self.import(&bundle, at)
    }

    /// The ids of the reasons for which an answer is refused.
    pub(crate) fn refusal(&mut self, answer: &Answer, at: UtcDateTime) -> Vec<&'static str> {
        match self.import_answer(answer, at) {
            Err(ImportError::Refused(refusals)) => ids(&refusals),
            other => panic!("{other:?}"),
        }
    }

    /// Imports the first answer and accepts root metadata and a list.
    pub(crate) fn ready() -> Self {
        Self::ready_for("dts.example")
    }

    pub(crate) fn ready_for(repository: &str) -> Self {
        let mut world = Self::new();
        repository.clone_into(&mut world.service.repository);
        let answer = world.first_answer();
        world.import_answer(&answer, NOW).unwrap();
        let root = world.root_metadata(1, &world.role_keys, NOW);
        world.catalogue.accept_root(&root, NOW, rust_crypto()).unwrap();
        world.sign_list(NOW);
        world
    }

    /// Root metadata signed by every root key at hand.
    pub(crate) fn root_metadata(
        &self,
        version: u64,
        roles: &BTreeMap<RoleName, Vec<PublicKey>>,
        at: UtcDateTime,
    ) -> Vec<u8> {
        let document = RootMetadata {
            header: Header {
                repository: self.service.repository.clone(),
                version,
                issued: at.truncate_to_second(),
                expires: at.truncate_to_second() + Duration::days(365),
            },
            keys: roles.values().flatten().map(|key| (KeyId::of(key), key.clone())).collect(),
            roles: roles
                .iter()
                .map(|(role, keys)| {
                    let threshold = if keys.len() > 1 { 2 } else { 1 };
                    let keys = keys.iter().map(KeyId::of).collect();
                    (*role, RoleKeys { keys, threshold: NonZeroU16::new(threshold).unwrap() })
                })
                .collect(),
        };
        let prepared = document.prepare(&self.role_keys[&RoleName::Root]).unwrap();
        let signatures = prepared.to_be_signed().iter().map(|signer| {
            (signer.key_id(), self.ring.sign(signer.key(), signer.algorithm(), signer.message()).unwrap())
        });
        let signatures = signatures.collect();
        prepared.complete(&signatures, rust_crypto()).unwrap()
    }

    pub(crate) fn sign_list(&mut self, at: UtcDateTime) {
        let list = draft_list(self.catalogue.holdings(), &self.service, &self.authority, at).unwrap();
        let exports = exports(
            &list,
            self.catalogue.holdings(),
            &self.service,
            &self.authority.issuers,
            &self.ring,
            rust_crypto(),
        )
        .unwrap();
        let root = self.catalogue.root_metadata(rust_crypto()).unwrap();
        let (file, _) = sign_metadata(&list, &root, &self.ring, rust_crypto()).unwrap();
        self.catalogue.accept_list(&file, exports, at, rust_crypto()).unwrap();
    }

    pub(crate) fn publish(&mut self, target: &dyn Target, at: UtcDateTime) -> Result<Published, PublishError> {
        self.publish_with(&[], target, at)
    }

    pub(crate) fn publish_with(
        &mut self,
        status: &[StatusFile],
        target: &dyn Target,
        at: UtcDateTime,
    ) -> Result<Published, PublishError> {
        let publication = Publication { service: &self.service, status, signers: &self.ring, provider: rust_crypto() };
        publish(&mut self.catalogue, &publication, target, at)
    }

    pub(crate) fn site(&self) -> PathBuf {
        self.directory.path().join("site")
    }

    pub(crate) fn records(&self) -> Vec<Record> {
        tegata_audit::read(&std::fs::read(self.catalogue.log().path()).unwrap()).unwrap()
    }

    /// The names of the recorded events.
    pub(crate) fn events(&self) -> Vec<String> {
        self.records().into_iter().map(|record| record.name).collect()
    }

    /// A client that knows the first root metadata only.
    pub(crate) fn stranger(&self) -> ClientState {
        ClientState::bootstrap(&self.catalogue.holdings().metadata.roots[0].bytes, rust_crypto()).unwrap()
    }
}

pub(crate) fn service(iaca: &Party) -> Service {
    let issuer = iaca.digest();
    Service::from_toml(&format!(
        "repository = \"dts.example\"\nbase-url = \"https://dts.example\"\nlist-days = 90\nsnapshot-days = 7\n\
         pointer-hours = 24\nstatus-hours = 24\nstatus-ttl-minutes = 60\n\
         operator = {{ en = \"Utopia <Trust> Service\", ja = \"ユートピア信頼サービス\" }}\n\
         [lote]\nterritory = \"UT\"\ncontact = \"mailto:dts@dts.example\"\nrules = \"https://dts.example/rules\"\n\
         address = {{ street = \"1 Main Street\", locality = \"Capital\", country = \"UT\" }}\n\
         [[status]]\nname = \"1\"\nuri = \"{STATUS_URI}\"\nkind = \"status-list\"\nissuer = \"{issuer}\"\nbits = 1\nentries = 1024\n\
         [[status]]\nname = \"ids\"\nuri = \"{IDENTIFIER_URI}\"\nkind = \"identifier-list\"\nissuer = \"{issuer}\"\n\
         [[status]]\nname = \"1\"\nuri = \"{DEVICE_URI}\"\nkind = \"device-key-list\"\nissuer = \"{issuer}\"\n"
    ))
    .unwrap()
}

pub(crate) fn ids(refusals: &[GateRefusal]) -> Vec<&'static str> {
    let mut ids: Vec<&'static str> = refusals.iter().map(GateRefusal::id).collect();
    ids.dedup();
    ids
}

/// Lets a client update from whatever `fetch` gives.
pub(crate) fn update(
    state: ClientState,
    at: UtcDateTime,
    fetch: impl Fn(&str) -> Fetched,
) -> Result<Accepted, UpdateError> {
    let policy = UpdatePolicy::online(START);
    let mut update = Update::begin(state, at, policy, ObjectFilter::Everything, Held::default(), rust_crypto())?;
    loop {
        match update.next()? {
            Step::Fetch { path, .. } => update.receive(fetch(&path))?,
            Step::Done(accepted) => return Ok(*accepted),
        }
    }
}

/// Reads files of a directory as an HTTP server would give them.
pub(crate) fn from_directory(directory: &std::path::Path) -> impl Fn(&str) -> Fetched + '_ {
    move |path| match std::fs::read(directory.join(path)) {
        Ok(bytes) => Fetched::Bytes(bytes),
        Err(_) => Fetched::Absent,
    }
}
