//! The trust store over the surface that Swift, Kotlin and Python see: its life as in the test vectors, with the reports of
//! the command line to the byte; and a place that loses, damages and refuses things.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tegata_ffi::{
    AnchorScope, BundleExport, FetchFailure, FetchRequest, PersistenceError, PolicyName, RevocationMode, StoreError,
    StorePersistence, StoreProfile, StoreSync, TrustPurpose, VerifierStore, VerifyRequest,
};
use tegata_testvectors::Case;
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

/// A place in memory.
#[derive(Default)]
struct Place {
    bytes: Mutex<Option<Vec<u8>>>,
    generation: Mutex<Option<u64>>,
    has_counter: bool,
    is_full: AtomicBool,
}

impl Place {
    fn with_counter() -> Self {
        Self { has_counter: true, ..Self::default() }
    }

    fn kept(&self) -> Option<Vec<u8>> {
        self.bytes.lock().unwrap().clone()
    }

    fn put(&self, bytes: Option<Vec<u8>>) {
        *self.bytes.lock().unwrap() = bytes;
    }
}

impl StorePersistence for Place {
    fn load(&self) -> Result<Option<Vec<u8>>, PersistenceError> {
        Ok(self.kept())
    }

    fn save(&self, bytes: Vec<u8>) -> Result<(), PersistenceError> {
        if self.is_full.load(Ordering::Relaxed) {
            return Err(PersistenceError::Failed { detail: "no space left".to_owned() });
        }
        self.put(Some(bytes));
        Ok(())
    }

    fn generation(&self) -> Result<Option<u64>, PersistenceError> {
        Ok(*self.generation.lock().unwrap())
    }

    fn raise_generation(&self, generation: u64) -> Result<(), PersistenceError> {
        if self.has_counter {
            *self.generation.lock().unwrap() = Some(generation);
        }
        Ok(())
    }
}

fn case() -> Case {
    Case::open(&tegata_testvectors::store()).unwrap()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap()
}

fn seconds(value: &Value, key: &str) -> i64 {
    UtcDateTime::parse(text(value, key), &Rfc3339).unwrap().unix_timestamp()
}

fn create(place: &Arc<Place>, profile: StoreProfile) -> Arc<VerifierStore> {
    let case = case();
    let (root, sha256) = (case.file("root").unwrap().unwrap(), case.get("sha256").as_str().unwrap().to_owned());
    Arc::new(VerifierStore::create(place.clone(), root, sha256, profile).unwrap())
}

/// Answers as a server with the files of `folder` would.
fn answer(request: &FetchRequest, folder: &str) -> (u16, Vec<u8>) {
    let case = case();
    let path = request.url.strip_prefix(case.get("base").as_str().unwrap()).unwrap().trim_start_matches('/');
    match std::fs::read(case.folder().join(folder).join(path)) {
        Ok(bytes) => {
            assert!(bytes.len() as u64 <= request.max_bytes);
            (200, bytes)
        }
        Err(_) => (404, b"<html>nothing here</html>".to_vec()),
    }
}

fn begin(store: &Arc<VerifierStore>, at: i64) -> Arc<StoreSync> {
    Arc::clone(store).begin_sync(case().get("base").as_str().unwrap().to_owned() + "/", at).unwrap()
}

fn sync(store: &Arc<VerifierStore>, folder: &str, at: i64) -> Result<Value, StoreError> {
    let sync = begin(store, at);
    while let Some(request) = sync.next() {
        assert_eq!(sync.next().as_ref(), Some(&request), "asking again gives the same answer");
        let (status, body) = answer(&request, folder);
        sync.answer(status, body);
    }
    Ok(serde_json::from_str(&sync.finish()?).unwrap())
}

fn request(at: i64) -> VerifyRequest {
    let case = case();
    VerifyRequest {
        input: case.input().unwrap(),
        policy: PolicyName::Strict,
        revocation: RevocationMode::ByPolicy,
        at,
        trust: Vec::new(),
        dangerous_pin_document_signer: Vec::new(),
        crls: Vec::new(),
        status_lists: Vec::new(),
        transcript: case.file("session_transcript").unwrap(),
        reader_key: None,
        issuer_data_only: false,
        lang: "en".to_owned(),
    }
}

fn id(error: &StoreError) -> &str {
    match error {
        StoreError::Refused { id, remedy, remedy_ja, .. } => {
            assert!(!remedy.is_empty() && !remedy_ja.is_empty());
            id
        }
        StoreError::TimeOutOfRange { .. } => "time-out-of-range",
    }
}

fn fails<T>(result: Result<T, StoreError>, expected: &str) {
    assert_eq!(id(&result.err().expect("it is refused")), expected);
}

fn expected_report(name: &str) -> String {
    std::fs::read_to_string(case().folder().join(name)).unwrap()
}

const SYNCED: i64 = 1_796_086_800; // 2026-12-01T01:00:00Z

#[test]
fn a_store_lives_as_in_the_vectors() {
    let case = case();
    let place = Arc::new(Place::with_counter());
    let mut store = create(&place, StoreProfile::Online);
    for step in case.get("steps").as_array().unwrap() {
        let at = seconds(step, "at");
        match text(step, "do") {
            "sync" => match (sync(&store, text(step, "from"), at), step["error"].as_str()) {
                (Ok(page), None) => assert_eq!(page["trust"]["available"], true, "{page:#}"),
                (Err(error), Some(expected)) => assert_eq!(id(&error), expected, "{step}"),
                (result, expected) => panic!("{step}: {result:?}, expected {expected:?}"),
            },
            "verify" => {
                assert_eq!(store.verify(request(at)).unwrap(), expected_report(text(step, "report")), "{step}");
            }
            other => panic!("unknown step {other}"),
        }
        // What is kept is what is in memory.
        let opened = VerifierStore::open(place.clone(), StoreProfile::Online).unwrap();
        assert_eq!(opened.show(at).unwrap(), store.show(at).unwrap());
        store = Arc::new(opened);
    }
}

#[test]
fn a_gate_without_a_network_lives_on_bundles() {
    let case = case();
    let offline = case.get("offline");
    let (made, at) = (seconds(offline, "exported"), seconds(offline, "at"));
    let root = case.file("root").unwrap().unwrap();
    let export = BundleExport::begin(root, case.get("base").as_str().unwrap().to_owned(), made).unwrap();
    fails(export.finish(), "sync-unfinished");
    while let Some(request) = export.next() {
        let (status, body) = answer(&request, text(offline, "from"));
        export.answer(status, body);
    }
    let exported = export.finish().unwrap();
    assert_eq!(exported.missing, Vec::<String>::new());
    let bundle = std::fs::read(case.folder().join(text(offline, "bundle"))).unwrap();
    assert!(exported.bundle == bundle, "the same bundle as from the generator");

    let gate = create(&Arc::new(Place::default()), StoreProfile::Offline);
    fails(gate.import_bundle(bundle[..bundle.len() - 1].to_vec(), at), "evidence-bundle-damaged");
    let page: Value = serde_json::from_str(&gate.import_bundle(bundle, at).unwrap()).unwrap();
    assert_eq!(page["fetched"], offline["exported"]);
    assert_eq!(gate.verify(request(at)).unwrap(), expected_report(text(offline, "report")));
}

#[test]
fn files_stand_beside_a_store() {
    let store = create(&Arc::new(Place::default()), StoreProfile::Online);
    let case = case();
    let file = |name: &str| std::fs::read(case.folder().join(name)).unwrap();
    let verdict = |request: VerifyRequest| -> (String, String) {
        let report: Value = serde_json::from_str(&store.verify(request).unwrap()).unwrap();
        let primary = report["documents"][0]["primary"].as_str().unwrap_or_default().to_owned();
        (text(&report, "verdict").to_owned(), primary)
    };
    // Nothing from the store yet: the files alone count, and without them it is not known whom to trust.
    let object = std::fs::read_dir(case.folder().join("before/o")).unwrap().next().unwrap().unwrap().path();
    let root = std::fs::read(tegata_testvectors::vectors().join("mdl-5-of-30/root.pem")).unwrap();
    let files = VerifyRequest {
        trust: vec![root],
        crls: vec![std::fs::read(object).unwrap()],
        status_lists: vec![file("before/status/1.cwt")],
        ..request(SYNCED)
    };
    assert_eq!(verdict(files).0, "accepted");
    assert_eq!(verdict(request(SYNCED)), ("undetermined".to_owned(), "ds-trusted".to_owned()));
    // A newer list in a file counts against the one that the store holds.
    sync(&store, "before", SYNCED).unwrap();
    assert_eq!(verdict(request(SYNCED + 86_400)).0, "accepted");
    let newer = VerifyRequest { status_lists: vec![file("after/status/1.cwt")], ..request(SYNCED + 86_400) };
    assert_eq!(verdict(newer), ("rejected".to_owned(), "mso-revoked".to_owned()));
}

#[test]
fn what_is_kept_is_never_taken_for_an_empty_store() {
    let place = Arc::new(Place::default());
    let open = || VerifierStore::open(place.clone(), StoreProfile::Online);
    fails(open(), "store-absent");
    let store = create(&place, StoreProfile::Online);
    sync(&store, "before", SYNCED).unwrap();
    let good = place.kept().unwrap();
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 1;
    let cases: [(&[u8], &str); 4] = [
        (&flipped, "store-digest"),
        (&good[..good.len() - 1], "store-damaged"),
        (b"", "store-empty"),
        (b"a letter to grandmother", "store-damaged"),
    ];
    for (bytes, expected) in cases {
        place.put(Some(bytes.to_vec()));
        fails(open(), expected);
        let case = case();
        let (root, sha256) = (case.file("root").unwrap().unwrap(), case.get("sha256").as_str().unwrap().to_owned());
        fails(VerifierStore::create(place.clone(), root, sha256, StoreProfile::Online), "store-exists");
        assert_eq!(place.kept().unwrap(), bytes, "it is left as it is");
    }
}

#[test]
fn an_old_copy_is_told_by_its_counter() {
    let place = Arc::new(Place::with_counter());
    let store = create(&place, StoreProfile::Online);
    let old = place.kept();
    sync(&store, "before", SYNCED).unwrap();
    for copy in [old, None] {
        place.put(copy);
        fails(VerifierStore::open(place.clone(), StoreProfile::Online), "store-rolled-back");
    }
    let case = case();
    let (root, sha256) = (case.file("root").unwrap().unwrap(), case.get("sha256").as_str().unwrap().to_owned());
    fails(VerifierStore::create(place.clone(), root, sha256, StoreProfile::Online), "store-rolled-back");
}

#[test]
fn another_root_than_the_pinned_one_is_refused() {
    let case = case();
    let root = case.file("root").unwrap().unwrap();
    let create = |root: &[u8], sha256: &str| {
        VerifierStore::create(Arc::new(Place::default()), root.to_vec(), sha256.to_owned(), StoreProfile::Online)
    };
    fails(create(&root, &"00".repeat(32)), "bootstrap-digest");
    fails(create(&root[1..], case.get("sha256").as_str().unwrap()), "bootstrap-digest");
    fails(create(&root, "00"), "not-a-digest");
}

#[test]
fn a_change_that_cannot_be_kept_is_not_made() {
    let place = Arc::new(Place::default());
    let store = create(&place, StoreProfile::Online);
    let before = (store.show(SYNCED).unwrap(), place.kept());
    place.is_full.store(true, Ordering::Relaxed);
    fails(sync(&store, "before", SYNCED), "store-save");
    assert_eq!((store.show(SYNCED).unwrap(), place.kept()), before);
    place.is_full.store(false, Ordering::Relaxed);
    sync(&store, "before", SYNCED).unwrap();
}

#[test]
fn answers_that_are_no_files_are_named() {
    let store = create(&Arc::new(Place::default()), StoreProfile::Online);
    let with = |answer: &dyn Fn(&StoreSync, &FetchRequest)| {
        let sync = begin(&store, SYNCED);
        while let Some(request) = sync.next() {
            answer(&sync, &request);
        }
        let result = sync.finish();
        fails(sync.finish(), "sync-over");
        result
    };
    fails(with(&|sync, _| sync.failed(FetchFailure::Timeout)), "update-unreachable");
    fails(with(&|sync, _| sync.answer(503, Vec::new())), "update-unreachable");
    fails(with(&|sync, _| sync.answer(511, b"<html>sign in</html>".to_vec())), "update-captive-portal");
    fails(with(&|sync, _| sync.absent()), "update-absent");
    let endless = |sync: &StoreSync, request: &FetchRequest| {
        let max = usize::try_from(request.max_bytes).unwrap();
        if request.url.ends_with("pointer.cbor") { sync.supply(vec![0xd8; max + 1]) } else { sync.absent() }
    };
    fails(with(&endless), "update-endless-data");

    // A list without a parent that states its length.
    let endless_list = |sync: &StoreSync, request: &FetchRequest| {
        if request.url.contains("/status/") {
            sync.supply(vec![0xd8; usize::try_from(request.max_bytes).unwrap() + 1]);
        } else {
            let (status, body) = answer(request, "before");
            sync.answer(status, body);
        }
    };
    let page: Value = serde_json::from_str(&with(&endless_list).unwrap()).unwrap();
    assert_eq!(page["refused"][0]["id"], "import-fetch-failed", "{page:#}");

    let page = store.doctor(SYNCED, PolicyName::Strict, RevocationMode::ByPolicy, None).unwrap();
    let page: Value = serde_json::from_str(&page).unwrap();
    assert_eq!(page["healthy"], true, "{page:#}");
}

#[test]
fn the_operator_decides() {
    let store = create(&Arc::new(Place::default()), StoreProfile::Online);
    sync(&store, "before", SYNCED).unwrap();
    let page: Value = serde_json::from_str(&store.show(SYNCED).unwrap()).unwrap();
    let anchor = &page["anchors"][0];
    let (key, fingerprint) = (text(anchor, "key").to_owned(), text(anchor, "fingerprint").to_owned());
    assert_eq!((text(anchor, "state"), &anchor["because"]["id"]), ("valid", &"approval".into()));
    store.distrust(key.clone(), SYNCED).unwrap();
    let report: Value = serde_json::from_str(&store.verify(request(SYNCED)).unwrap()).unwrap();
    assert_ne!(report["verdict"], "accepted");
    store.lift_distrust(key.clone(), SYNCED).unwrap();
    fails(store.confirm_removal(key.clone(), SYNCED), "operator-unknown-anchor");

    let root = std::fs::read(tegata_testvectors::vectors().join("mdl-5-of-30/root.pem")).unwrap();
    let scope = AnchorScope::DocTypes { doc_types: vec!["org.iso.18013.5.1.mDL".to_owned()] };
    let none = AnchorScope::DocTypes { doc_types: Vec::new() };
    let add = |sha256: &str, scope: &AnchorScope| {
        let purposes = vec![TrustPurpose::Issuance, TrustPurpose::Status];
        store.add_anchor(root.clone(), sha256.to_owned(), scope.clone(), purposes, SYNCED)
    };
    fails(add(&"00".repeat(32), &scope), "operator-fingerprint");
    fails(add(&fingerprint, &none), "no-doc-type");
    assert_eq!(add(&fingerprint, &scope).unwrap(), key);
}

#[test]
fn the_largest_file_is_probed_and_the_next_update_planned() {
    let store = create(&Arc::new(Place::default()), StoreProfile::Online);
    let base = "https://dts.utopia.example";
    assert_eq!(store.probe(base.to_owned()), None);
    assert_eq!(store.next_update(SYNCED, 0).unwrap(), SYNCED);
    sync(&store, "before", SYNCED).unwrap();
    let next = store.next_update(SYNCED, 0).unwrap();
    assert!((SYNCED + 3600..SYNCED + 86_400).contains(&next), "{next}");
    let probe = store.probe(base.to_owned()).unwrap();
    let (status, body) = answer(&probe, "before");
    assert_eq!((status, body.len() as u64), (200, probe.max_bytes));
    let doctor = |received: u64| -> Value {
        let page = store.doctor(SYNCED, PolicyName::Interop, RevocationMode::ByPolicy, Some(received)).unwrap();
        serde_json::from_str(&page).unwrap()
    };
    let ids = |page: &Value| -> Vec<String> {
        page["findings"].as_array().unwrap().iter().map(|finding| text(finding, "id").to_owned()).collect()
    };
    assert_eq!(ids(&doctor(probe.max_bytes)), ["doctor-revocation-optional"]);
    assert!(ids(&doctor(10)).len() > 1);
}

#[test]
fn verification_goes_on_while_an_update_runs() {
    let store = create(&Arc::new(Place::default()), StoreProfile::Online);
    sync(&store, "before", SYNCED).unwrap();
    let running = begin(&store, SYNCED + 86_400);
    let first = running.next().unwrap();
    assert!(first.url.ends_with("/v1/root/2.cbor"), "{}", first.url);
    std::thread::scope(|scope| {
        scope.spawn(|| store.verify(request(SYNCED + 3600)).unwrap()).join().unwrap();
    });
    fails(running.finish(), "sync-unfinished");
    while let Some(request) = running.next() {
        let (status, body) = answer(&request, "after");
        running.answer(status, body);
    }
    running.finish().unwrap();
}
