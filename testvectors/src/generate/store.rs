//! The life of a trust store as data: what a service published on two days, what is asked, and the reports that every door
//! must give, to the byte.

use std::path::Path;

use serde_json::{Value, json};
use tegata_issuer::StatusReference;
use tegata_manifest::{path, sha256};
use tegata_pki::{Curve, rust_crypto};
use tegata_sync::MemoryMedium;
use tegata_verifier::simple::Request;
use tegata_verifier::{Lang, Policy};
use tegata_verifier_store::{Asks, BundleExport, Profile, VerifierStore, WebDownload};
use time::format_description::well_known::Rfc3339;
use time::macros::utc_datetime;
use time::{Duration, UtcDateTime};

use crate::authority::Authority;
use crate::service::{self, REPOSITORY, Service, Tree};
use crate::vector::{Recipe, hex, qr_transcript};

const START: UtcDateTime = utc_datetime!(2026-12-01 0:00);
const INDEX: u64 = 4242;

/// The story in the making.
struct Story<'f> {
    folder: &'f Path,
    response: Vec<u8>,
    transcript: Vec<u8>,
    store: VerifierStore,
    medium: MemoryMedium,
    steps: Vec<Value>,
}

/// Writes the folder.
pub(crate) fn write(folder: &Path) {
    let base = format!("https://{REPOSITORY}");
    let status_uri = format!("{base}/status/1.cwt");
    let utopia = Authority::utopia();
    let service = Service::new(&utopia.root, &status_uri, START);
    let recipe =
        Recipe::mdl().without("age_in_years").disclosing(&["family_name", "given_name", "birth_date", "age_over_21"]);
    let status = StatusReference::new(&status_uri, INDEX).unwrap();
    let issued = recipe.issue_at(&utopia, &status, (START, START + Duration::days(90)));
    let transcript = qr_transcript(Curve::P256, "session");
    let response = recipe.present(&issued, &transcript);

    let publish = |number: u8, revoked: &[u64]| {
        let at = START + Duration::days(i64::from(number) - 1);
        let life = (at, at + Duration::days(40));
        let mut tree = service.publish(u64::from(number), at, utopia.crl_of(number, life, &[]));
        tree.insert("status/1.cwt".to_owned(), utopia.status_list_of(&status_uri, life, revoked));
        tree
    };
    let (before, after) = (publish(1, &[INDEX + 1]), publish(2, &[INDEX, INDEX + 1]));
    let mut tampered = after.clone();
    *tampered.get_mut(path::POINTER).unwrap().last_mut().unwrap() ^= 1;

    let digest = sha256(&service.root);
    let mut medium = MemoryMedium::new();
    let store = VerifierStore::create(&mut medium, &service.root, &digest, Profile::Online, rust_crypto()).unwrap();
    for (tree, name) in [(&before, "before"), (&after, "after"), (&tampered, "tampered")] {
        service::write(tree, &folder.join(name));
    }
    let mut story = Story { folder, response, transcript, store, medium, steps: Vec::new() };
    let hours = |hours: i64| START + Duration::hours(hours);
    story.verify("never-updated", hours(0), "undetermined", "trust-never-updated");
    story.sync(("before", &before), hours(1), None);
    story.verify("accepted", hours(2), "accepted", "");
    story.sync(("tampered", &tampered), hours(25), Some("update-not-signed"));
    story.verify("after-tampered", hours(25), "accepted", "");
    story.sync(("before", &before), hours(26), Some("update-expired"));
    story.sync(("after", &after), hours(26), None);
    story.verify("revoked", hours(26), "rejected", "mso-revoked");
    story.sync(("before", &before), hours(27), Some("update-rollback"));
    story.verify("stale", hours(24 * 11), "undetermined", "trust-list-stale");

    let offline = story.offline((&before, &service.root), &base, hours(1), hours(24 * 20));
    let write = |name: &str, content: &[u8]| std::fs::write(folder.join(name), content).unwrap();
    write("root.cbor", &service.root);
    write("device-response.cbor", &story.response);
    write("session-transcript.cbor", &story.transcript);
    let scenario = json!({
        "title": "A store from its pinned root: update, acceptance, attack, revocation, old age",
        "base": base, "root": "root.cbor", "sha256": hex(&digest), "profile": "online", "policy": "strict",
        "input": "device-response.cbor", "session_transcript": "session-transcript.cbor",
        "steps": story.steps, "offline": offline,
    });
    write("case.json", format!("{scenario:#}\n").as_bytes());
}

impl Story<'_> {
    fn sync(&mut self, (name, tree): (&str, &Tree), at: UtcDateTime, error: Option<&str>) {
        let mut sync = self.store.begin_sync("", at).unwrap();
        fetch(&mut sync, tree);
        let done = self.store.finish_sync(sync, &mut self.medium);
        assert_eq!(done.as_ref().err().map(|error| error.id()), error, "{name} at {at}");
        assert!(done.is_err() || done.unwrap().refused.is_empty(), "{name} at {at}");
        let step = json!({ "do": "sync", "from": name, "at": at.format(&Rfc3339).unwrap(), "error": error });
        self.steps.push(step);
    }

    fn verify(&mut self, name: &str, at: UtcDateTime, verdict: &str, cause: &str) {
        let report = self.report(&self.store, at, verdict, cause);
        let file = self.write_report(name, &report);
        let step = json!({
            "do": "verify", "at": at.format(&Rfc3339).unwrap(), "report": file, "verdict": verdict, "cause": cause,
        });
        self.steps.push(step);
    }

    /// A bundle of what the service had, imported at a gate without a network.
    fn offline(&self, (tree, root): (&Tree, &[u8]), base: &str, at: UtcDateTime, used: UtcDateTime) -> Value {
        let mut export = BundleExport::begin(root, base, at, rust_crypto()).unwrap();
        fetch(&mut export, tree);
        let (bundle, missing) = export.finish().unwrap().into_bundle();
        assert!(missing.is_empty());
        let bundle = bundle.to_bytes();
        std::fs::write(self.folder.join("evidence.bundle"), &bundle).unwrap();
        let mut medium = MemoryMedium::new();
        let made = VerifierStore::create(&mut medium, root, &sha256(root), Profile::Offline, rust_crypto());
        let mut gate = made.unwrap();
        gate.import_bundle(&bundle, used, &mut medium).unwrap();
        let report = self.report(&gate, used, "accepted", "");
        json!({
            "profile": "offline", "from": "before", "exported": at.format(&Rfc3339).unwrap(),
            "bundle": "evidence.bundle", "at": used.format(&Rfc3339).unwrap(),
            "report": self.write_report("offline", &report), "verdict": "accepted",
        })
    }

    fn report(&self, store: &VerifierStore, at: UtcDateTime, verdict: &str, cause: &str) -> String {
        let mut request = Request::new(self.response.clone(), Policy::strict(), at);
        request.transcript(self.transcript.clone()).unwrap();
        let text = store.verify(&request, Lang::En).unwrap();
        let report: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(report["verdict"], verdict, "{text}");
        assert!(cause.is_empty() || text.contains(&format!("\"{cause}\"")), "{text}");
        text
    }

    fn write_report(&self, name: &str, report: &str) -> String {
        let file = format!("{name}.report.json");
        std::fs::write(self.folder.join(&file), report).unwrap();
        file
    }
}

/// Answers from a tree, as a web server would.
fn fetch<A: Asks>(download: &mut WebDownload<A>, tree: &Tree) {
    while let Some(request) = download.next() {
        let path = request.url.trim_start_matches(&format!("https://{REPOSITORY}")).trim_start_matches('/');
        match tree.get(path) {
            Some(bytes) => download.answer(200, bytes.clone()),
            None => download.answer(404, Vec::new()),
        }
    }
}
