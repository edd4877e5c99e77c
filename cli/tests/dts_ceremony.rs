//! A service whose root keys lie in three token stores: first root, rotation, and a reader that follows.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use serde_json::Value as Json;
use support::{Finished, demo_file, run};

/// One directory with a token store for each place: those of the key holders `a` to `d`, and that of the service, which is
/// a copy of the demo's. The demo's root answers this service too.
struct Places(tempfile::TempDir);

impl Places {
    fn new() -> Self {
        let places = Self(tempfile::tempdir().unwrap());
        std::fs::write(places.path("pin"), "correct horse").unwrap();
        for place in ["a", "b", "c", "d"] {
            places.at(place, &["token", "init", "--label", place, "--so-pin-file", &places.path("pin")]).expect(0);
            let public = places.path(&format!("{place}.jwk"));
            let generate = ["token", "generate", "--label", place, "--key", "root", "--public-out", &public];
            places.at(place, &generate).expect(0);
        }
        copy(std::path::Path::new(&demo_file("token")), &places.0.path().join("service"));
        places.at("service", &["token", "generate", "--label", "tegata-demo", "--key", "pointer-2"]).expect(0);
        places
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    /// A command at one place, with its token alone.
    fn at(&self, place: &str, arguments: &[&str]) -> Finished {
        let pin = if place == "service" { self.path("service/pin") } else { self.path("pin") };
        let token = ["--token-dir".to_owned(), self.path(place), "--pin-file".to_owned(), pin];
        run(arguments.iter().map(|word| (*word).to_owned()).chain(token))
    }

    /// `tegata dts init` or `rotate` with the root keys of these holders, of which two must sign.
    fn draft(&self, what: &[&str], holders: [&str; 3], pointer: &str, out: &str) -> Finished {
        let keys = holders.map(|holder| self.path(&format!("{holder}.jwk")));
        let (list, snapshot, pointer) = (online("dts-list"), online("dts-snapshot"), online(pointer));
        let mut arguments = [&["dts"], what, &["--root-threshold", "2"]].concat();
        keys.iter().for_each(|key| arguments.extend(["--root-key", key.as_str()]));
        arguments.extend(["--list-key", &list, "--snapshot-key", &snapshot, "--pointer-key", &pointer]);
        let out = self.path(out);
        arguments.extend(["--draft", &out, "--json"]);
        self.at("service", &arguments)
    }

    /// The service, with the draft of its first root.
    fn begun() -> (Self, String) {
        let places = Self::new();
        let (dts, response) = (places.path("dts"), demo_file("response-signer.pem"));
        let (checkpoint, signer) = (demo_file("root/checkpoint.pub"), online("status"));
        let what = [
            "init",
            &dts,
            "--repository",
            "dts.example",
            "--base-url",
            "https://dts.example",
            "--operator-en",
            "Utopia",
            "--operator-ja",
            "ユートピア",
            "--response-signer",
            &response,
            "--checkpoint-key",
            &checkpoint,
            "--sandbox",
            "--signer-key",
            &signer,
        ];
        let made = places.draft(&what, ["a", "b", "c"], "dts-pointer", "root-1.draft").expect(0).json();
        let digest = made["sha256"].as_str().unwrap().to_owned();
        (places, digest)
    }

    /// Admits the demo's root and takes in its first answer.
    fn admit(&self) -> String {
        let (dts, root) = (self.path("dts"), demo_file("iaca.pem"));
        let certificate = tegata_pki::Certificate::from_pem(&std::fs::read(&root).unwrap()).unwrap();
        let fingerprint = hex::encode(certificate.fingerprint_sha256());
        let issuer = ["dts", "issuer", &dts, &root, "--sha256", &fingerprint, "--doctype", "org.iso.18013.5.1.mDL"];
        run(issuer.iter().chain(&["--review-by", "2099-01-01"])).expect(0);
        let (request, signer) = (demo_file("request.bundle"), demo_file("online.pem"));
        run(["dts", "request", &dts, &request, "--signer", &signer]).expect(0);
        run(["dts", "import", &dts, &demo_file("response.bundle")]).expect(0);
        fingerprint
    }

    fn sign(&self, holder: &str, draft: &str, digest: &str, share: &str) -> Finished {
        let (draft, share, key) = (self.path(draft), self.path(share), format!("pkcs11:token={holder};object=root"));
        self.at(holder, &["dts", "metadata", "sign", &draft, "--sha256", digest, "--key", &key, "--out", &share])
    }

    fn complete(&self, draft: &str, shares: &[&str]) -> Finished {
        let shares: Vec<String> = shares.iter().map(|share| self.path(share)).collect();
        let (dts, draft) = (self.path("dts"), self.path(draft));
        let first = ["dts", "metadata", "complete", &dts, &draft];
        run(first.into_iter().chain(shares.iter().map(String::as_str)))
    }

    fn show(&self, draft: &str, shares: &[&str]) -> Json {
        let shares: Vec<String> = shares.iter().map(|share| self.path(share)).collect();
        let draft = self.path(draft);
        let first = ["dts", "metadata", "show", "--json", &draft];
        run(first.into_iter().chain(shares.iter().map(String::as_str))).expect(0).json()
    }

    fn publish(&self) -> Finished {
        let dts = self.path("dts");
        self.at("service", &["dts", "publish", &dts])
    }

    fn sync(&self) -> Finished {
        let (store, tree) = (self.path("gate.store"), self.path("dts/public"));
        run(["trust", "sync", &store, "--from", &tree, "--json"])
    }
}

fn online(key: &str) -> String {
    format!("pkcs11:token=tegata-demo;object={key}")
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// The year in which a root that is made now expires.
fn year_of_expiry() -> String {
    (time::UtcDateTime::now() + time::Duration::days(365)).year().to_string()
}

#[test]
fn a_root_whose_keys_never_meet() {
    let (places, digest) = Places::begun();
    places.publish().expect(2);
    // Everybody sees the same.
    let seen = places.show("root-1.draft", &[]);
    assert_eq!(
        (&seen["type"], &seen["version"], &seen["sha256"]),
        (&"root".into(), &1.into(), &digest.as_str().into())
    );
    assert_eq!((&seen["quorums"][0]["threshold"], &seen["before"]), (&2.into(), &Json::Null));
    assert_eq!(seen["changes"]["added"].as_array().unwrap().len(), 6);

    // Not what was compared, and not with a key that is not his to sign with.
    places.sign("a", "root-1.draft", &"00".repeat(32), "x.share").refused_after_summary("ceremony-digest-differs");
    places.sign("d", "root-1.draft", &digest, "x.share").refused_after_summary("ceremony-not-a-signer");
    assert!(!std::path::Path::new(&places.path("x.share")).exists());
    let signed = places.sign("a", "root-1.draft", &digest, "a.share").expect(0);
    for words in ["Root metadata 1 of dts.example", "2 of 3", "NEW", &year_of_expiry(), &digest] {
        assert!(signed.stderr().contains(words), "{words}: {}", signed.stderr());
    }
    let seen = places.show("root-1.draft", &["a.share"]);
    assert_eq!(seen["quorums"][0]["signed"].as_array().unwrap().len(), 1);

    // One short, one twice, one changed, one of another draft.
    places.complete("root-1.draft", &["a.share"]).refused(2, "metadata-not-signed");
    places.complete("root-1.draft", &["a.share", "a.share"]).refused(2, "ceremony-duplicate");
    let mut bytes = std::fs::read(places.path("a.share")).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(places.path("changed.share"), bytes).unwrap();
    places.complete("root-1.draft", &["changed.share"]).refused(2, "metadata-signature");
    let draft = std::fs::read(places.path("root-1.draft")).unwrap();
    let year = year_of_expiry();
    let place = draft.windows(5).rposition(|window| *window == *format!("{year}-").as_bytes()).unwrap();
    let mut changed = draft.clone();
    changed[place + 1] = b'9';
    std::fs::write(places.path("changed.draft"), changed).unwrap();
    places.complete("changed.draft", &["a.share"]).refused(2, "ceremony-other-draft");
    places.sign("c", "changed.draft", &digest, "x.share").refused_after_summary("ceremony-digest-differs");

    places.sign("c", "root-1.draft", &digest, "c.share").expect(0);
    let done = places.complete("root-1.draft", &["c.share", "a.share"]).expect(0).stdout();
    assert!(done.contains("root.cbor"), "{done}");
    places.complete("root-1.draft", &["c.share", "a.share"]).refused(2, "ceremony-overtaken");
    let fingerprint = places.admit();
    places.publish().expect(0);
    let (root, store) = (places.path("dts/root.cbor"), places.path("gate.store"));
    let pin = hex::encode(tegata_manifest::sha256(&std::fs::read(&root).unwrap()));
    run(["trust", "init", &store, "--root", &root, "--sha256", &pin]).expect(0);
    assert_eq!(places.sync().expect(0).json()["root"], 1);

    // A quorum at two places approves the issuer's root: readers take it without a hold-down.
    let (dts, draft, iaca) = (places.path("dts"), places.path("approval.draft"), demo_file("iaca.pem"));
    let approve = ["dts", "approve", &dts, &iaca, "--sha256", &fingerprint, "--draft", &draft, "--json"];
    let digest = run(approve).expect(0).json()["sha256"].as_str().unwrap().to_owned();
    assert_eq!(places.show("approval.draft", &[])["doc_types"][0], "org.iso.18013.5.1.mDL");
    for holder in ["b", "c"] {
        places.sign(holder, "approval.draft", &digest, &format!("{holder}-approval.share")).expect(0);
    }
    places.complete("approval.draft", &["b-approval.share"]).refused(2, "metadata-not-signed");
    places.complete("approval.draft", &["b-approval.share", "c-approval.share"]).expect(0);
    places.publish().expect(0);
    let page = places.sync().expect(0).json();
    assert_eq!(page["anchors"][0]["because"]["id"], "approval", "{page:#}");

    // The next root: b is replaced by d, and the pointer's key by another. Old and new quorum sign: a and c are in both.
    let made = places.draft(&["rotate", &dts], ["a", "c", "d"], "pointer-2", "root-2.draft").expect(0).json();
    let digest = made["sha256"].as_str().unwrap();
    let seen = places.show("root-2.draft", &[]);
    assert_eq!(seen["before"]["sha256"], pin.as_str());
    let changed = |what: &str| seen["changes"][what].as_array().unwrap().len();
    assert_eq!((changed("added"), changed("removed"), changed("thresholds")), (2, 2, 0));
    for holder in ["a", "b", "d"] {
        places.sign(holder, "root-2.draft", digest, &format!("{holder}-2.share")).expect(0);
    }
    places.complete("root-2.draft", &["a-2.share", "d-2.share"]).refused(2, "metadata-not-signed");
    places.complete("root-2.draft", &["a-2.share", "b-2.share"]).refused(2, "metadata-not-signed");
    // Until then the service goes on with the keys of before.
    places.publish().expect(0);
    places.complete("root-2.draft", &["a-2.share", "b-2.share", "d-2.share"]).expect(0);
    places.publish().expect(0);
    let page = places.sync().expect(0).json();
    assert_eq!((&page["root"], &page["repository"]), (&2.into(), &"dts.example".into()));
    let settings = std::fs::read_to_string(places.path("dts/dts.toml")).unwrap();
    assert!(settings.contains("pointer-2") && !settings.contains("a.jwk"), "{settings}");
}

#[test]
fn a_key_holder_may_insist_on_his_own_copy_of_the_root() {
    let (places, digest) = Places::begun();
    for holder in ["a", "b"] {
        places.sign(holder, "root-1.draft", &digest, &format!("{holder}.share")).expect(0);
    }
    places.complete("root-1.draft", &["a.share", "b.share"]).expect(0);
    let dts = places.path("dts");
    let made = places.draft(&["rotate", &dts], ["a", "b", "c"], "dts-pointer", "root-2.draft").expect(0).json();
    let (draft, digest) = (places.path("root-2.draft"), made["sha256"].as_str().unwrap());
    let sign = |root: &str, share: &str| {
        let (root, share) = (places.path(root), places.path(share));
        let first = ["dts", "metadata", "sign", &draft, "--sha256", digest, "--key", "pkcs11:token=a;object=root"];
        places.at("a", &[&first[..], &["--root", &root, "--out", &share]].concat())
    };
    sign("pin", "x.share").refused_after_summary("ceremony-root-differs");
    sign("dts/root.cbor", "a-2.share").expect(0);
    let page = run(["dts", "metadata", "show", &draft, &places.path("a-2.share"), "--lang", "ja"]).expect(0).stdout();
    assert!(page.contains("dts.exampleのルートメタデータ2") && page.contains("現在1個"), "{page}");
    run(["dts", "metadata", "show", &places.path("a-2.share")]).refused(2, "ceremony-wrong-file");
    for what in ["show", "sign", "complete"] {
        run(["dts", "metadata", what, "--help"]).expect(0);
    }
    // Without --draft the keys have to be at hand.
    let key = places.path("a.jwk");
    let refused = places.at(
        "service",
        &[
            "dts",
            "rotate",
            &dts,
            "--root-key",
            &key,
            "--list-key",
            &online("dts-list"),
            "--snapshot-key",
            &online("dts-snapshot"),
            "--pointer-key",
            &online("dts-pointer"),
        ],
    );
    refused.refused(2, "metadata-no-signer");
}

trait RefusedAfterSummary {
    fn refused_after_summary(self, id: &str);
}

impl RefusedAfterSummary for Finished {
    /// The summary stands before the refusal.
    fn refused_after_summary(self, id: &str) {
        let told = self.stderr();
        let (summary, refusal) = (told.find("Root metadata").unwrap(), told.find(&format!("error[{id}]")));
        assert!(refusal.is_some_and(|refusal| summary < refusal), "{}", self.all());
        assert_eq!((self.status(), self.stdout()), (2, String::new()));
    }
}
