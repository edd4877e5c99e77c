//! A Digital Trust Service in memory.

use core::num::NonZeroU16;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tegata_manifest::{
    Accepted, AnchorDates, AnchorList, Approval, Document, Fetched, FileReference, Header, IssuerFacts, KeyId,
    ListedAnchor, ListedState, ObjectReference, Pointer, RoleKeys, RoleName, RootMetadata, Snapshot, SourceKind,
    StatusSource, Step, Update, UpdateError, path, sha256,
};
use tegata_pki::software::InsecureSoftwareKey;
use tegata_pki::{Curve, rust_crypto};
use tegata_sync::{Changes, Store};
use tegata_trust_list::{DocTypes, Purpose};
use time::{Duration, UtcDateTime};

use super::{MDL, Party, START, days, update_policy};

pub(crate) const REPOSITORY: &str = "dts.example";

/// A service: its keys, what it is about to publish, and what it has.
#[derive(Clone)]
pub(crate) struct Site {
    root_keys: Vec<Arc<InsecureSoftwareKey>>,
    online: BTreeMap<RoleName, Arc<InsecureSoftwareKey>>,
    pub(crate) list: AnchorList,
    pub(crate) objects: BTreeMap<String, Vec<u8>>,
    pub(crate) tree: BTreeMap<String, Vec<u8>>,
    pub(crate) pointer_life: Duration,
    versions: BTreeMap<RoleName, u64>,
}

fn key(number: u8) -> Arc<InsecureSoftwareKey> {
    let mut scalar = [7; 32];
    scalar[31] = number;
    Arc::new(InsecureSoftwareKey::from_scalar(Curve::P256, &scalar).unwrap())
}

fn header(version: u64, issued: UtcDateTime, life: Duration) -> Header {
    Header { repository: REPOSITORY.to_owned(), version, issued, expires: issued + life }
}

fn sign<T: Document>(document: &T, keys: &[&InsecureSoftwareKey]) -> Vec<u8> {
    let publics: Vec<_> = keys.iter().map(|key| key.public_key().clone()).collect();
    let prepared = document.prepare(&publics).unwrap();
    let signatures = prepared.to_be_signed().iter().map(|part| {
        let key = keys.iter().find(|key| key.public_key() == part.key()).unwrap();
        (part.key_id(), key.sign(part.algorithm(), part.message()).unwrap())
    });
    let signatures = signatures.collect();
    prepared.complete(&signatures, rust_crypto()).unwrap()
}

pub(crate) fn entry(party: &Party, state: ListedState, announced: UtcDateTime, active: UtcDateTime) -> ListedAnchor {
    ListedAnchor {
        certificate: party.certificate.clone(),
        doc_types: DocTypes::new(MDL, []),
        purposes: BTreeSet::from([Purpose::Issuance]),
        state,
        dates: AnchorDates { announced, active, retiring: None, removed: None },
        facts: IssuerFacts {
            crl_fresh: None,
            crl_max_age: None,
            revocation_duty: Some(Duration::hours(48)),
            review_by: START + days(3650),
        },
        approval: None,
    }
}

impl Site {
    pub(crate) fn new() -> Self {
        let root_keys: Vec<_> = (1..=3).map(key).collect();
        let online =
            BTreeMap::from([(RoleName::List, key(11)), (RoleName::Snapshot, key(12)), (RoleName::Pointer, key(13))]);
        let list = AnchorList {
            header: header(0, START, days(90)),
            anchors: Vec::new(),
            links: Vec::new(),
            sources: Vec::new(),
            notices: Vec::new(),
        };
        let mut site = Self {
            root_keys,
            online,
            list,
            objects: BTreeMap::new(),
            tree: BTreeMap::new(),
            pointer_life: Duration::DAY,
            versions: BTreeMap::new(),
        };
        site.publish_root();
        site
    }

    fn publish_root(&mut self) {
        let version = self.next(RoleName::Root);
        let one = |key: &Arc<InsecureSoftwareKey>| (KeyId::of(key.public_key()), key.public_key().clone());
        let keys = self.root_keys.iter().chain(self.online.values()).map(one).collect();
        let root_ids = self.root_keys.iter().map(|key| KeyId::of(key.public_key())).collect();
        let mut roles: BTreeMap<_, _> = self
            .online
            .iter()
            .map(|(role, key)| {
                let keys = BTreeSet::from([KeyId::of(key.public_key())]);
                (*role, RoleKeys { keys, threshold: NonZeroU16::MIN })
            })
            .collect();
        roles.insert(RoleName::Root, RoleKeys { keys: root_ids, threshold: NonZeroU16::new(2).unwrap() });
        let root = RootMetadata { header: header(version, START, days(36_500)), keys, roles };
        self.tree.insert(path::root(version), sign(&root, &[&self.root_keys[0], &self.root_keys[1]]));
    }

    pub(crate) fn root(&self, version: u64) -> &[u8] {
        &self.tree[&path::root(version)]
    }

    fn next(&mut self, role: RoleName) -> u64 {
        let version = self.versions.entry(role).or_default();
        *version += 1;
        *version
    }

    /// Lists an anchor that is in use, in the place of an earlier entry of the same key.
    pub(crate) fn activate(&mut self, party: &Party) {
        self.put(entry(party, ListedState::Active, START, START));
    }

    pub(crate) fn put(&mut self, anchor: ListedAnchor) {
        self.list.anchors.retain(|listed| listed.key_digest() != anchor.key_digest());
        self.list.anchors.push(anchor);
    }

    pub(crate) fn entry_mut(&mut self, party: &Party) -> &mut ListedAnchor {
        self.list.anchors.iter_mut().find(|listed| listed.certificate == party.certificate).unwrap()
    }

    pub(crate) fn drop_entry(&mut self, party: &Party) {
        self.list.anchors.retain(|listed| listed.certificate != party.certificate);
    }

    /// An approval by two of the three root keys.
    pub(crate) fn approval(&self, anchor: &ListedAnchor, at: UtcDateTime) -> Vec<u8> {
        self.approval_by(anchor, at, &[&self.root_keys[0], &self.root_keys[2]])
    }

    /// An approval by one root key and the key of the list: too little.
    pub(crate) fn bad_approval(&self, anchor: &ListedAnchor, at: UtcDateTime) -> Vec<u8> {
        self.approval_by(anchor, at, &[&self.root_keys[0], &self.online[&RoleName::List]])
    }

    fn approval_by(&self, anchor: &ListedAnchor, at: UtcDateTime, keys: &[&InsecureSoftwareKey]) -> Vec<u8> {
        let approval = Approval {
            repository: REPOSITORY.to_owned(),
            issued: at,
            expires: at + days(365),
            anchor: anchor.key_digest(),
            doc_types: anchor.doc_types.clone(),
            purposes: anchor.purposes.clone(),
        };
        sign(&approval, keys)
    }

    /// Approves the entry of `party` as it stands.
    pub(crate) fn approve(&mut self, party: &Party, at: UtcDateTime) {
        let approval =
            self.approval(self.list.anchors.iter().find(|a| a.certificate == party.certificate).unwrap(), at);
        self.entry_mut(party).approval = Some(approval);
    }

    pub(crate) fn source(&mut self, party: &Party, uri: &str) {
        let issuer_key = *party.digest().as_bytes();
        self.list.sources.push(StatusSource { uri: uri.to_owned(), kind: SourceKind::StatusList, issuer_key });
    }

    pub(crate) fn put_crl(&mut self, name: &str, crl: Vec<u8>) {
        self.objects.insert(format!("crl/{name}.crl"), crl);
    }

    /// Signs and publishes the list, a snapshot and a pointer.
    pub(crate) fn publish(&mut self, at: UtcDateTime) {
        self.list.header = header(self.next(RoleName::List), at, days(90));
        let list = sign(&self.list, &[&self.online[&RoleName::List]]);
        let reference = |version, file: &[u8]| FileReference {
            version,
            length: u64::try_from(file.len()).unwrap(),
            sha256: sha256(file),
        };
        let objects = self.objects.iter().map(|(name, bytes)| {
            let length = u64::try_from(bytes.len()).unwrap();
            (name.clone(), ObjectReference { length, sha256: sha256(bytes) })
        });
        let objects = objects.collect();
        let list_version = self.list.header.version;
        let version = self.next(RoleName::Snapshot);
        let snapshot =
            Snapshot { header: header(version, at, days(90)), list: reference(list_version, &list), objects };
        let snapshot = sign(&snapshot, &[&self.online[&RoleName::Snapshot]]);
        for bytes in self.objects.values() {
            self.tree.insert(path::object(&sha256(bytes)), bytes.clone());
        }
        self.tree.insert(path::list(list_version), list);
        self.tree.insert(path::snapshot(version), snapshot);
        self.point(at);
    }

    /// Publishes a new pointer to the newest snapshot.
    pub(crate) fn point(&mut self, at: UtcDateTime) {
        let snapshot = self.versions[&RoleName::Snapshot];
        let file = &self.tree[&path::snapshot(snapshot)];
        let length = u64::try_from(file.len()).unwrap();
        let reference = FileReference { version: snapshot, length, sha256: sha256(file) };
        let version = self.next(RoleName::Pointer);
        let pointer = Pointer { header: header(version, at, self.pointer_life), snapshot: reference };
        self.tree.insert(path::POINTER.to_owned(), sign(&pointer, &[&self.online[&RoleName::Pointer]]));
    }

    /// What a client gets.
    pub(crate) fn fetch(&self, path: &str) -> Fetched {
        self.tree.get(path).map_or(Fetched::Absent, |bytes| Fetched::Bytes(bytes.clone()))
    }

    pub(crate) fn drive(&self, mut update: Update<'_>) -> Result<Accepted, UpdateError> {
        loop {
            match update.next()? {
                Step::Fetch { path, .. } => update.receive(self.fetch(&path))?,
                Step::Done(accepted) => return Ok(*accepted),
            }
        }
    }

    /// An update of `store` at `at`.
    pub(crate) fn update(&self, store: &mut Store, at: UtcDateTime) -> Changes {
        let accepted = self.drive(store.begin_update(at, update_policy()).unwrap()).unwrap();
        store.apply(accepted, &[], at).unwrap()
    }

    /// Publishes a pointer and updates: one more day.
    pub(crate) fn pass(&mut self, store: &mut Store, at: UtcDateTime) -> Changes {
        self.point(at);
        self.update(store, at)
    }

    /// Publishes everything and updates.
    pub(crate) fn push(&mut self, store: &mut Store, at: UtcDateTime) -> Changes {
        self.publish(at);
        self.update(store, at)
    }
}
