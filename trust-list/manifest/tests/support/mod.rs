//! A small Digital Trust Service in memory: its keys, its publications, and a client that fetches from it.
#![allow(dead_code, reason = "each test file uses its own part")]

use core::num::NonZeroU16;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, OnceLock};

use getrandom::{SysRng, rand_core::UnwrapErr};
use tegata_manifest::{
    Accepted, AnchorDates, AnchorList, ClientState, Document, Fetched, FileReference, Header, Held, IssuerFacts, KeyId,
    ListedAnchor, ListedState, Notice, NoticeCategory, ObjectFilter, ObjectReference, Pointer, RoleKeys, RoleName,
    RootMetadata, Snapshot, SourceKind, StatusSource, Step, Update, UpdateError, UpdatePolicy, path, sha256,
};
use tegata_pki::software::InsecureSoftwareKey;
use tegata_pki::{
    Certificate, CertificateRequest, Contact, Curve, Edition, Name, PublicKey, Role, oid, profile, rust_crypto,
};
use tegata_trust_list::{DocTypes, Purpose};
use time::{Duration, UtcDateTime, macros::utc_datetime};

pub(crate) const START: UtcDateTime = utc_datetime!(2026-01-01 0:00);
pub(crate) const REPOSITORY: &str = "dts.example";
pub(crate) const MDL: &str = "org.iso.18013.5.1.mDL";

/// The key of that number, always the same.
pub(crate) fn key(number: u16) -> InsecureSoftwareKey {
    let [high, low] = number.to_be_bytes();
    let mut scalar = [7; 32];
    scalar[30] = high;
    scalar[31] = low;
    InsecureSoftwareKey::from_scalar(Curve::P256, &scalar).unwrap()
}

/// The public key of that number, computed once.
pub(crate) fn public(number: u16) -> PublicKey {
    static ALL: Mutex<BTreeMap<u16, PublicKey>> = Mutex::new(BTreeMap::new());
    ALL.lock().unwrap().entry(number).or_insert_with(|| key(number).public_key().clone()).clone()
}

pub(crate) fn publics(keys: &[&InsecureSoftwareKey]) -> Vec<PublicKey> {
    keys.iter().map(|key| key.public_key().clone()).collect()
}

/// Signs with all of `keys`.
pub(crate) fn sign<T: Document>(document: &T, keys: &[&InsecureSoftwareKey]) -> Vec<u8> {
    let prepared = document.prepare(&publics(keys)).unwrap();
    let signatures = prepared.to_be_signed().iter().map(|part| {
        let key = keys.iter().find(|key| key.public_key() == part.key()).unwrap();
        (part.key_id(), key.sign(part.algorithm(), part.message()).unwrap())
    });
    let signatures = signatures.collect();
    prepared.complete(&signatures, rust_crypto()).unwrap()
}

/// A CA certificate; each number once in a process.
pub(crate) fn iaca(number: usize) -> Certificate {
    static ALL: OnceLock<Vec<Certificate>> = OnceLock::new();
    ALL.get_or_init(|| (0..4).map(make_iaca).collect())[number].clone()
}

fn make_iaca(number: u16) -> Certificate {
    let key = key(1000 + number);
    let name = Name::from_attributes(&[(oid::COUNTRY, "UT"), (oid::COMMON_NAME, &format!("Utopia {number}"))]).unwrap();
    let validity = (START, START + Duration::days(3650));
    let public = key.public_key().clone();
    let rng = &mut UnwrapErr(SysRng);
    let request = CertificateRequest::new(profile(Role::Iaca, Edition::Iso18013_5), name, public, None, validity, rng)
        .contact(Contact::Uri("https://iaca.example".to_owned()))
        .crl_uri("https://iaca.example/crl");
    let unsigned = request.build().unwrap();
    let signature = key.sign(unsigned.algorithm(), unsigned.tbs()).unwrap().to_der(key.curve());
    unsigned.complete(&signature, rust_crypto()).unwrap()
}

pub(crate) fn header(version: u64, issued: UtcDateTime, life: Duration) -> Header {
    Header { repository: REPOSITORY.to_owned(), version, issued, expires: issued + life }
}

pub(crate) fn listed(certificate: Certificate) -> ListedAnchor {
    ListedAnchor {
        certificate,
        doc_types: DocTypes::new(MDL, ["org.iso.23220.photoid.1".to_owned()]),
        purposes: BTreeSet::from([Purpose::Issuance, Purpose::Status]),
        state: ListedState::Active,
        dates: AnchorDates {
            announced: START,
            active: START + Duration::days(30),
            retiring: Some(START + Duration::days(1500)),
            removed: None,
        },
        facts: IssuerFacts {
            crl_fresh: Some(Duration::DAY),
            crl_max_age: Some(Duration::days(90)),
            revocation_duty: Some(Duration::hours(48)),
            review_by: START + Duration::days(365),
        },
        approval: None,
    }
}

pub(crate) fn list(version: u64, at: UtcDateTime, anchors: &[usize]) -> AnchorList {
    let anchors: Vec<_> = anchors.iter().map(|number| listed(iaca(*number))).collect();
    let source = |anchor: &ListedAnchor| StatusSource {
        uri: "https://status.example/1".to_owned(),
        kind: SourceKind::StatusList,
        issuer_key: anchor.key_digest(),
    };
    let notice = Notice {
        id: "2026-01.rollover".to_owned(),
        category: NoticeCategory::Rollover,
        published: START,
        anchors: anchors.iter().map(ListedAnchor::key_digest).collect(),
        text_en: "A new root comes.".to_owned(),
        text_ja: "新しいルートが来ます。".to_owned(),
    };
    AnchorList {
        header: header(version, at, Duration::days(90)),
        sources: anchors.iter().map(source).collect(),
        anchors,
        links: Vec::new(),
        notices: vec![notice],
    }
}

pub(crate) type Tree = BTreeMap<String, Vec<u8>>;

/// The numbers of the keys of each role and its threshold.
pub(crate) type Roles = BTreeMap<RoleName, (Vec<u16>, u16)>;

/// A service: what it has published, and the keys.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) roles: Roles,
    pub(crate) versions: BTreeMap<RoleName, u64>,
    pub(crate) tree: Tree,
    pub(crate) crl: Vec<u8>,
}

impl Site {
    /// A service with a root and one publication, made at [`START`].
    pub(crate) fn new() -> Self {
        let roles = BTreeMap::from([
            (RoleName::Root, (vec![1, 2, 3], 2)),
            (RoleName::List, (vec![11, 12, 13], 2)),
            (RoleName::Snapshot, (vec![21], 1)),
            (RoleName::Pointer, (vec![31], 1)),
        ]);
        let versions = RoleName::ALL.into_iter().map(|role| (role, 0)).collect();
        let mut site = Self { roles, versions, tree: Tree::new(), crl: b"0\x03the CRL".to_vec() };
        let old = site.roles.clone();
        site.publish_root(START, &old);
        site.publish(START);
        site
    }

    pub(crate) fn keys(&self, role: RoleName) -> Vec<InsecureSoftwareKey> {
        self.roles[&role].0.iter().copied().map(key).collect()
    }

    /// Signs with all keys of the role.
    pub(crate) fn sign<T: Document>(&self, document: &T) -> Vec<u8> {
        let keys = self.keys(T::role());
        sign(document, &keys.iter().collect::<Vec<_>>())
    }

    pub(crate) fn root(&self, version: u64, at: UtcDateTime) -> RootMetadata {
        root_of(&self.roles, header(version, at, Duration::days(365)))
    }

    /// The next version of a role.
    pub(crate) fn bump(&mut self, role: RoleName) -> u64 {
        let version = self.versions.get_mut(&role).unwrap();
        *version += 1;
        *version
    }

    /// A new root with the keys of now, signed by them and by the root keys of `before`.
    pub(crate) fn publish_root(&mut self, at: UtcDateTime, before: &Roles) {
        let version = self.bump(RoleName::Root);
        let numbers: BTreeSet<_> = before[&RoleName::Root].0.iter().chain(&self.roles[&RoleName::Root].0).collect();
        let keys: Vec<_> = numbers.into_iter().copied().map(key).collect();
        let file = sign(&self.root(version, at), &keys.iter().collect::<Vec<_>>());
        self.tree.insert(path::root(version), file);
    }

    /// Gives a role other keys by a new root.
    pub(crate) fn rotate(&mut self, at: UtcDateTime, role: RoleName, keys: Vec<u16>, threshold: u16) {
        let before = self.roles.clone();
        self.roles.insert(role, (keys, threshold));
        self.publish_root(at, &before);
    }

    /// Publishes a list of the first IACA, a snapshot and a pointer.
    pub(crate) fn publish(&mut self, at: UtcDateTime) {
        let version = self.bump(RoleName::List);
        let list = list(version, at, &[0]);
        self.publish_list(at, &list);
    }

    pub(crate) fn publish_list(&mut self, at: UtcDateTime, list: &AnchorList) {
        let file = self.sign(list);
        let reference = self.put(path::list(list.header.version), list.header.version, file);
        self.publish_snapshot(at, reference);
    }

    pub(crate) fn publish_snapshot(&mut self, at: UtcDateTime, list: FileReference) {
        let certificate = iaca(0).der().to_vec();
        let objects =
            [("iaca/0.cer", certificate), ("crl/0.crl", self.crl.clone()), ("crl/copy.crl", self.crl.clone())];
        let objects = objects.into_iter().map(|(name, bytes)| {
            let object = ObjectReference { length: bytes.len() as u64, sha256: sha256(&bytes) };
            self.tree.insert(path::object(&object.sha256), bytes);
            (name.to_owned(), object)
        });
        let objects = objects.collect();
        let version = self.bump(RoleName::Snapshot);
        let snapshot = Snapshot { header: header(version, at, Duration::days(7)), list, objects };
        let file = self.sign(&snapshot);
        let reference = self.put(path::snapshot(version), version, file);
        self.publish_pointer(at, reference);
    }

    pub(crate) fn publish_pointer(&mut self, at: UtcDateTime, snapshot: FileReference) {
        let version = self.bump(RoleName::Pointer);
        let pointer = Pointer { header: header(version, at, Duration::DAY), snapshot };
        self.tree.insert(path::POINTER.to_owned(), self.sign(&pointer));
    }

    /// The reference to the newest file of a role.
    pub(crate) fn reference(&self, role: RoleName) -> FileReference {
        let version = self.versions[&role];
        let path = if role == RoleName::List { path::list(version) } else { path::snapshot(version) };
        reference(version, &self.tree[&path])
    }

    fn put(&mut self, path: String, version: u64, file: Vec<u8>) -> FileReference {
        let reference = reference(version, &file);
        self.tree.insert(path, file);
        reference
    }

    pub(crate) fn client(&self) -> ClientState {
        ClientState::bootstrap(&self.tree[&path::root(1)], rust_crypto()).unwrap()
    }
}

pub(crate) fn reference(version: u64, file: &[u8]) -> FileReference {
    FileReference { version, length: file.len() as u64, sha256: sha256(file) }
}

pub(crate) fn root_of(roles: &Roles, header: Header) -> RootMetadata {
    let ids = |numbers: &[u16]| numbers.iter().map(|number| KeyId::of(&public(*number))).collect();
    let keys = roles.values().flat_map(|(numbers, _)| numbers).map(|number| {
        let public = public(*number);
        (KeyId::of(&public), public)
    });
    let keys = keys.collect();
    let roles = roles.iter().map(|(role, (numbers, threshold))| {
        (*role, RoleKeys { keys: ids(numbers), threshold: NonZeroU16::new(*threshold).unwrap() })
    });
    RootMetadata { header, keys, roles: roles.collect() }
}

pub(crate) fn policy() -> UpdatePolicy {
    UpdatePolicy::online(START)
}

pub(crate) fn begin(state: &ClientState, at: UtcDateTime) -> Result<Update<'static>, UpdateError> {
    Update::begin(state.clone(), at, policy(), ObjectFilter::Everything, Held::default(), rust_crypto())
}

/// Runs an update to its end; `fetch` answers.
pub(crate) fn drive(
    mut update: Update<'_>,
    mut fetch: impl FnMut(&str, u64) -> Fetched,
) -> Result<Box<Accepted>, UpdateError> {
    loop {
        match update.next()? {
            Step::Fetch { path, max_bytes } => update.receive(fetch(&path, max_bytes))?,
            Step::Done(accepted) => return Ok(accepted),
        }
    }
}

/// What an honest server answers.
pub(crate) fn serve(tree: &Tree, path: &str) -> Fetched {
    tree.get(path).cloned().map_or(Fetched::Absent, Fetched::Bytes)
}

pub(crate) fn update(state: &ClientState, tree: &Tree, at: UtcDateTime) -> Result<Box<Accepted>, UpdateError> {
    drive(begin(state, at)?, |path, _| serve(tree, path))
}

/// An update during which `path` is answered by `answer`, everything else honestly.
pub(crate) fn update_with(
    state: &ClientState,
    tree: &Tree,
    at: UtcDateTime,
    path: &str,
    answer: &Fetched,
) -> Result<Box<Accepted>, UpdateError> {
    drive(begin(state, at)?, |wanted, _| if wanted == path { answer.clone() } else { serve(tree, wanted) })
}

/// The files in COSE, to build those that the library does not write.
pub(crate) mod cose {
    use tegata_mdoc::cbor::Encoder;

    pub(crate) fn protected(kid: &[u8]) -> Vec<u8> {
        let mut encoder = Encoder::new();
        encoder.map(2).integer(1).integer(-7).integer(4).bytes(kid);
        encoder.into_bytes()
    }

    pub(crate) fn body() -> Vec<u8> {
        let mut encoder = Encoder::new();
        encoder.map(1).integer(16).text(tegata_manifest::MEDIA_TYPE);
        encoder.into_bytes()
    }

    pub(crate) fn to_be_signed(kid: &[u8], payload: &[u8]) -> Vec<u8> {
        let mut encoder = Encoder::new();
        encoder.array(5).text("Signature").bytes(&body()).bytes(&protected(kid)).bytes(&[]).bytes(payload);
        encoder.into_bytes()
    }

    pub(crate) fn file(payload: &[u8], signatures: &[(&[u8], &[u8])]) -> Vec<u8> {
        let mut encoder = Encoder::new();
        encoder.tag(98).array(4).bytes(&body()).map(0).bytes(payload).array(signatures.len());
        for (kid, signature) in signatures {
            encoder.array(3).bytes(&protected(kid)).map(0).bytes(signature);
        }
        encoder.into_bytes()
    }
}

/// The signature of `payload` by that key, under any key id.
pub(crate) fn raw_signature(number: u16, kid: &[u8], payload: &[u8]) -> Vec<u8> {
    let key = key(number);
    let algorithm = key.curve().signature_algorithm().unwrap();
    key.sign(algorithm, &cose::to_be_signed(kid, payload)).unwrap().into_bytes()
}

/// A file of any payload, signed well by these keys.
pub(crate) fn sign_payload(payload: &[u8], numbers: &[u16]) -> Vec<u8> {
    let signatures = numbers.iter().map(|number| {
        let kid = *KeyId::of(&public(*number)).as_bytes();
        (kid, raw_signature(*number, &kid, payload))
    });
    let signatures: Vec<_> = signatures.collect();
    let signatures: Vec<_> = signatures.iter().map(|(kid, signature)| (&kid[..], &signature[..])).collect();
    cose::file(payload, &signatures)
}

/// A service with two publications, and a client that has accepted the second.
pub(crate) fn current() -> (Site, ClientState) {
    let mut site = Site::new();
    site.publish(START + Duration::HOUR);
    let state = update(&site.client(), &site.tree, START + Duration::HOUR).unwrap().state;
    (site, state)
}

/// All paths that a full update asks for, in order.
pub(crate) fn all_paths(site: &Site, state: &ClientState, at: UtcDateTime) -> Vec<String> {
    let mut paths = Vec::new();
    drive(begin(state, at).unwrap(), |path, _| {
        paths.push(path.to_owned());
        serve(&site.tree, path)
    })
    .unwrap();
    paths
}
