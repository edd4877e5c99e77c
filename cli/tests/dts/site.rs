//! A Digital Trust Service: its keys, what it publishes, and the tree on disk.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU16;
use std::path::Path;

use tegata_manifest::{
    AnchorDates, AnchorList, Approval, Document, FileReference, Header, IssuerFacts, KeyId, ListedAnchor, ListedState,
    Notice, NoticeCategory, ObjectReference, Pointer, RoleKeys, RoleName, RootMetadata, Snapshot, SourceKind,
    StatusSource, path, sha256,
};
use tegata_pki::software::InsecureSoftwareKey;
use tegata_pki::{Curve, rust_crypto};
use tegata_trust_list::{DocTypes, Purpose};
use time::{Duration, UtcDateTime};

use super::{Issuer, MDL, START, STATUS_URI, at};

const REPOSITORY: &str = "dts.example";

/// A service: the list that it is about to publish, the objects beside it, and every file by its path.
pub(crate) struct Site {
    root_keys: Vec<InsecureSoftwareKey>,
    online: BTreeMap<RoleName, InsecureSoftwareKey>,
    versions: BTreeMap<RoleName, u64>,
    pub(crate) list: AnchorList,
    pub(crate) objects: BTreeMap<String, Vec<u8>>,
    pub(crate) tree: BTreeMap<String, Vec<u8>>,
}

fn key(number: u8) -> InsecureSoftwareKey {
    let mut scalar = [7; 32];
    scalar[31] = number;
    InsecureSoftwareKey::from_scalar(Curve::P256, &scalar).unwrap()
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

impl Site {
    /// A service with a root, signed by two of its three keys, and an empty list.
    pub(crate) fn new() -> Self {
        let root_keys: Vec<_> = (1..=3).map(key).collect();
        let online =
            BTreeMap::from([(RoleName::List, key(11)), (RoleName::Snapshot, key(12)), (RoleName::Pointer, key(13))]);
        let list = AnchorList {
            header: header(1, START, Duration::days(90)),
            anchors: Vec::new(),
            links: Vec::new(),
            sources: Vec::new(),
            notices: Vec::new(),
        };
        let (versions, objects, tree) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut site = Self { root_keys, online, versions, list, objects, tree };
        site.publish_root();
        site
    }

    fn publish_root(&mut self) {
        let ids = |keys: &[InsecureSoftwareKey]| keys.iter().map(|key| KeyId::of(key.public_key())).collect();
        let keys = self.root_keys.iter().chain(self.online.values());
        let keys = keys.map(|key| (KeyId::of(key.public_key()), key.public_key().clone())).collect();
        let one = |key: &InsecureSoftwareKey| RoleKeys {
            keys: BTreeSet::from([KeyId::of(key.public_key())]),
            threshold: NonZeroU16::MIN,
        };
        let mut roles: BTreeMap<_, _> = self.online.iter().map(|(role, key)| (*role, one(key))).collect();
        let quorum = RoleKeys { keys: ids(&self.root_keys), threshold: NonZeroU16::new(2).unwrap() };
        roles.insert(RoleName::Root, quorum);
        let root = RootMetadata { header: header(1, START, Duration::days(3650)), keys, roles };
        self.tree.insert(path::root(1), sign(&root, &[&self.root_keys[0], &self.root_keys[1]]));
    }

    fn next(&mut self, role: RoleName) -> u64 {
        let version = self.versions.entry(role).or_default();
        *version += 1;
        *version
    }

    /// Lists the issuer's root as active, with its CRL and its status list.
    pub(crate) fn list_issuer(&mut self, issuer: &Issuer, announced: UtcDateTime) {
        let anchor = ListedAnchor {
            certificate: issuer.root.clone(),
            doc_types: DocTypes::new(MDL, []),
            purposes: BTreeSet::from([Purpose::Issuance]),
            state: ListedState::Active,
            dates: AnchorDates { announced, active: announced, retiring: None, removed: None },
            facts: IssuerFacts {
                crl_fresh: None,
                crl_max_age: None,
                revocation_duty: Some(Duration::hours(48)),
                review_by: at(3650),
            },
            approval: None,
        };
        let source =
            StatusSource { uri: STATUS_URI.into(), kind: SourceKind::StatusList, issuer_key: anchor.key_digest() };
        self.list.sources.push(source);
        self.list.anchors.push(anchor);
        self.refresh(issuer, announced);
    }

    /// Replaces the issuer's CRL and status list by new ones; the number of the CRL is the day.
    pub(crate) fn refresh(&mut self, issuer: &Issuer, issued: UtcDateTime) {
        let number = (issued - START).whole_days().unsigned_abs() + 1;
        self.objects.insert("crl/iaca.crl".into(), issuer.crl(number, issued, &[]));
        self.tree.insert("status/1.cwt".into(), issuer.status_list(issued));
    }

    /// Two of the three root keys approve the issuer's root.
    pub(crate) fn approve(&mut self, issuer: &Issuer, issued: UtcDateTime) {
        let keys = [&self.root_keys[0], &self.root_keys[2]];
        let anchor = self.list.anchors.iter_mut().find(|anchor| anchor.certificate == issuer.root).unwrap();
        let approval = Approval {
            repository: REPOSITORY.to_owned(),
            issued,
            expires: issued + Duration::days(365),
            anchor: anchor.key_digest(),
            doc_types: anchor.doc_types.clone(),
            purposes: anchor.purposes.clone(),
        };
        anchor.approval = Some(sign(&approval, &keys));
    }

    pub(crate) fn notice(&mut self, id: &str, text: &str) {
        self.list.notices.push(Notice {
            id: id.into(),
            category: NoticeCategory::Rollover,
            published: START,
            anchors: Vec::new(),
            text_en: text.into(),
            text_ja: "お知らせ".into(),
        });
    }

    /// Signs and publishes list, snapshot and pointer.
    pub(crate) fn publish(&mut self, issued: UtcDateTime) {
        let life = Duration::days(90);
        self.list.header = header(self.next(RoleName::List), issued, life);
        let version = self.list.header.version;
        let list = sign(&self.list, &[&self.online[&RoleName::List]]);
        let reference = |version, file: &[u8]| FileReference {
            version,
            length: file.len().try_into().unwrap(),
            sha256: sha256(file),
        };
        let object =
            |bytes: &Vec<u8>| ObjectReference { length: bytes.len().try_into().unwrap(), sha256: sha256(bytes) };
        let objects = self.objects.iter().map(|(name, bytes)| (name.clone(), object(bytes))).collect();
        let snapshot = Snapshot {
            header: header(self.next(RoleName::Snapshot), issued, life),
            list: reference(version, &list),
            objects,
        };
        let file = sign(&snapshot, &[&self.online[&RoleName::Snapshot]]);
        let number = snapshot.header.version;
        let pointer = Pointer {
            header: header(self.next(RoleName::Pointer), issued, Duration::DAY),
            snapshot: reference(number, &file),
        };
        self.tree.extend(self.objects.values().map(|bytes| (path::object(&sha256(bytes)), bytes.clone())));
        self.tree.insert(path::list(version), list);
        self.tree.insert(path::snapshot(number), file);
        self.tree.insert(path::POINTER.into(), sign(&pointer, &[&self.online[&RoleName::Pointer]]));
    }

    /// Writes the tree in the place of what was there.
    pub(crate) fn write(&self, directory: &Path) {
        for (path, bytes) in &self.tree {
            let path = directory.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
    }
}
