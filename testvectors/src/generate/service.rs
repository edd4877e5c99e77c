//! The Digital Trust Service of the vectors: fixed keys, a root with a quorum, one issuer that the quorum approved.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU16;
use std::path::Path;

use tegata_manifest::{
    AnchorDates, AnchorList, Approval, Document, FileReference, Header, IssuerFacts, KeyId, ListedAnchor, ListedState,
    ObjectReference, Pointer, RoleKeys, RoleName, RootMetadata, Snapshot, SourceKind, StatusSource, path, sha256,
};
use tegata_pki::software::InsecureSoftwareKey;
use tegata_pki::{Certificate, Curve, rust_crypto};
use tegata_trust_list::{DocTypes, Purpose};
use time::{Duration, UtcDateTime};

use crate::authority::key;
use crate::claims::MDL;

pub(crate) const REPOSITORY: &str = "dts.utopia.example";
const LIFE: Duration = Duration::days(90);

/// A published tree: the files by their paths below the base URL.
pub(crate) type Tree = BTreeMap<String, Vec<u8>>;

/// A service that lists one issuer.
pub(crate) struct Service {
    online: BTreeMap<RoleName, InsecureSoftwareKey>,
    anchor: ListedAnchor,
    source: StatusSource,
    pub root: Vec<u8>,
}

impl Service {
    /// A service that begins at `start`, with the issuer of `iaca` and its status list at `status_uri`.
    pub(crate) fn new(iaca: &Certificate, status_uri: &str, start: UtcDateTime) -> Self {
        let root_keys = ["1", "2", "3"].map(|number| key(Curve::P256, &format!("dts root {number}")));
        let online = [(RoleName::List, "list"), (RoleName::Snapshot, "snapshot"), (RoleName::Pointer, "pointer")];
        let online = online.map(|(role, name)| (role, key(Curve::P256, &format!("dts {name}")))).into();
        let mut anchor = ListedAnchor {
            certificate: iaca.clone(),
            doc_types: DocTypes::new(MDL, []),
            purposes: BTreeSet::from([Purpose::Issuance]),
            state: ListedState::Active,
            dates: AnchorDates { announced: start, active: start, retiring: None, removed: None },
            facts: IssuerFacts {
                crl_fresh: None,
                crl_max_age: None,
                revocation_duty: Some(Duration::hours(48)),
                review_by: start + Duration::days(3650),
            },
            approval: None,
        };
        let issuer_key = anchor.key_digest();
        let approval = Approval {
            repository: REPOSITORY.to_owned(),
            issued: start,
            expires: start + Duration::days(365),
            anchor: issuer_key,
            doc_types: anchor.doc_types.clone(),
            purposes: anchor.purposes.clone(),
        };
        anchor.approval = Some(sign(&approval, &[&root_keys[0], &root_keys[2]]));
        let source = StatusSource { uri: status_uri.to_owned(), kind: SourceKind::StatusList, issuer_key };
        let root = root(&root_keys, &online, start);
        Self { online, anchor, source, root }
    }

    /// What stands below the base URL after publication number `version` at `issued`, with that CRL.
    pub(crate) fn publish(&self, version: u64, issued: UtcDateTime, crl: Vec<u8>) -> Tree {
        let header = |life| Header { repository: REPOSITORY.to_owned(), version, issued, expires: issued + life };
        let list = AnchorList {
            header: header(LIFE),
            anchors: vec![self.anchor.clone()],
            links: Vec::new(),
            sources: vec![self.source.clone()],
            notices: Vec::new(),
        };
        let list = sign(&list, &[&self.online[&RoleName::List]]);
        let reference =
            |file: &[u8]| FileReference { version, length: file.len().try_into().unwrap(), sha256: sha256(file) };
        let object = ObjectReference { length: crl.len().try_into().unwrap(), sha256: sha256(&crl) };
        let objects = BTreeMap::from([("crl/iaca.crl".to_owned(), object)]);
        let snapshot = Snapshot { header: header(LIFE), list: reference(&list), objects };
        let snapshot = sign(&snapshot, &[&self.online[&RoleName::Snapshot]]);
        let pointer = Pointer { header: header(Duration::DAY), snapshot: reference(&snapshot) };
        let pointer = sign(&pointer, &[&self.online[&RoleName::Pointer]]);
        Tree::from([
            (path::root(1), self.root.clone()),
            (path::object(&sha256(&crl)), crl),
            (path::list(version), list),
            (path::snapshot(version), snapshot),
            (path::POINTER.to_owned(), pointer),
        ])
    }
}

fn root(
    root_keys: &[InsecureSoftwareKey; 3],
    online: &BTreeMap<RoleName, InsecureSoftwareKey>,
    start: UtcDateTime,
) -> Vec<u8> {
    let id = |key: &InsecureSoftwareKey| KeyId::of(key.public_key());
    let keys = root_keys.iter().chain(online.values()).map(|key| (id(key), key.public_key().clone())).collect();
    let one = |key| RoleKeys { keys: BTreeSet::from([id(key)]), threshold: NonZeroU16::MIN };
    let mut roles: BTreeMap<_, _> = online.iter().map(|(role, key)| (*role, one(key))).collect();
    let quorum = RoleKeys { keys: root_keys.iter().map(id).collect(), threshold: NonZeroU16::new(2).unwrap() };
    roles.insert(RoleName::Root, quorum);
    let expires = start + Duration::days(3650);
    let header = Header { repository: REPOSITORY.to_owned(), version: 1, issued: start, expires };
    sign(&RootMetadata { header, keys, roles }, &[&root_keys[0], &root_keys[1]])
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

/// Writes a tree below `folder`.
pub(crate) fn write(tree: &Tree, folder: &Path) {
    for (path, bytes) in tree {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}
