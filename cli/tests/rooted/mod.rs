//! A real offline root in rehearsed ceremonies, a Digital Trust Service that takes its answers in, and stores that follow
//! it: by the command lines alone, with the clock of a plan.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code, shared by several test binaries"
)]

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value as Json;
use tegata_mdoc::date::Tdate;
use tegata_pki::{Certificate, PublicKey, rust_crypto};
use tegata_publisher::KeyDigest;
use tegata_trust_list::bundle::{IssuedRole, ResponseBundle, SignerRole};
use time::{Duration, UtcDateTime};

use crate::support::{Finished, build_root_program, run};

/// PIN of the online side of a rehearsed root, which is no secret.
const PIN: &str = "rehearsal";
/// The keys of the service's metadata.
const KEYS: [&str; 5] = ["root-1", "root-2", "list", "snapshot", "pointer"];

/// What a root is for.
pub(crate) struct Kind {
    /// Policy of the root, and edition of the service.
    pub(crate) policy: &'static str,
    pub(crate) doc_type: &'static str,
    pub(crate) claims: Json,
}

/// A Document Signer that a ceremony certified.
#[derive(Clone)]
pub(crate) struct Signer {
    /// Its certificate, PEM.
    pub(crate) file: PathBuf,
    /// Reference to its key, which is in the token of the online side.
    key: String,
}

/// An answer of the root, taken out of its ceremony.
pub(crate) struct Answer {
    pub(crate) contents: ResponseBundle,
    request: PathBuf,
    response: PathBuf,
    /// The signer that it certified, if it did.
    pub(crate) signer: Option<Signer>,
}

/// Everything, in a directory of its own.
pub(crate) struct World {
    directory: tempfile::TempDir,
    kind: Kind,
    /// The roots in the order of their generations.
    roots: RefCell<Vec<Certificate>>,
    ceremonies: RefCell<u32>,
}

pub(crate) fn rfc3339(at: UtcDateTime) -> String {
    Tdate::new(at).to_string()
}

/// Some minutes after a ceremony: what it signed has begun.
pub(crate) fn after(at: UtcDateTime) -> UtcDateTime {
    at + Duration::minutes(20)
}

impl World {
    pub(crate) fn new(kind: Kind) -> Self {
        build_root_program();
        // In memory where that is possible: ceremonies and publications sync a disk often.
        let directory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let world = Self { directory, kind, roots: RefCell::default(), ceremonies: RefCell::new(0) };
        std::fs::write(world.path("pin"), PIN).unwrap();
        std::fs::write(world.path("claims.json"), world.kind.claims.to_string()).unwrap();
        world.tegata(&["token", "init", "--label", "dts", "--so-pin-file", &world.path("pin")], true).expect(0);
        for key in KEYS.into_iter().chain(["device"]) {
            let arguments = ["token", "generate", "--label", "dts", "--key", key, "--public-out", &world.path(key)];
            world.tegata(&arguments, true).expect(0);
        }
        world
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.directory.path().join(name).display().to_string()
    }

    /// The certificate of the root of that generation.
    pub(crate) fn root(&self, generation: usize) -> Certificate {
        self.roots.borrow()[generation - 1].clone()
    }

    pub(crate) fn root_file(&self, generation: usize) -> String {
        self.path(&format!("root-{generation}.pem"))
    }

    pub(crate) fn fingerprint(&self, generation: usize) -> String {
        hex::encode(self.root(generation).fingerprint_sha256())
    }

    pub(crate) fn key(&self, generation: usize) -> String {
        KeyDigest::of(&self.root(generation)).to_string()
    }

    fn tegata(&self, arguments: &[&str], with_keys: bool) -> Finished {
        let mut arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
        if with_keys {
            arguments.extend(["--token-dir".into(), self.path("token"), "--pin-file".into(), self.path("pin")]);
        }
        run(arguments)
    }

    /// Rehearses a ceremony; the CRLs last until `next`.
    pub(crate) fn ceremony(&self, kind: &str, at: UtcDateTime, next: UtcDateTime) -> Answer {
        let program = Path::new(env!("CARGO_BIN_EXE_tegata"));
        let program = program.with_file_name(format!("tegata-root{}", std::env::consts::EXE_SUFFIX));
        let mut command = Command::new(program);
        command.args([
            "--root",
            &self.path("root"),
            "--sandbox",
            "--json",
            "--lang",
            "en",
            "ceremony",
            "rehearse",
            kind,
        ]);
        command.args(["--policy", self.kind.policy, "--at", &rfc3339(at), "--next", &rfc3339(next)]);
        let rehearsed = Finished(command.stdin(Stdio::null()).output().unwrap()).expect(0).json();
        let response = Path::new(rehearsed["ceremony"].as_str().unwrap()).join("response.bundle");
        let number = {
            let mut ceremonies = self.ceremonies.borrow_mut();
            *ceremonies += 1;
            *ceremonies
        };
        let request = PathBuf::from(self.path(&format!("{number}.request")));
        std::fs::copy(self.path("root/request.bundle"), &request).unwrap();
        let key = PublicKey::from_pem(&std::fs::read_to_string(self.path("root/response.pem")).unwrap()).unwrap();
        let contents = ResponseBundle::open(&std::fs::read(&response).unwrap(), &key, rust_crypto()).unwrap();
        let contents = contents.into_contents();
        let issued = |role: IssuedRole| {
            let of_role = contents.certificates.iter().find(|issued| issued.role == role);
            of_role.map(|issued| Certificate::from_der(&issued.der).unwrap())
        };
        if let Some(root) = issued(IssuedRole::Root) {
            self.roots.borrow_mut().push(root.clone());
            std::fs::write(self.root_file(self.roots.borrow().len()), root.to_pem()).unwrap();
        }
        let signer = issued(SignerRole::DocumentSigner.into()).map(|certificate| {
            let file = PathBuf::from(self.path(&format!("{number}.ds.pem")));
            std::fs::write(&file, certificate.to_pem()).unwrap();
            Signer { file, key: self.reference_of(certificate.public_key().unwrap()) }
        });
        Answer { contents, request, response, signer }
    }

    /// The reference to a key in the token of the online side.
    fn reference_of(&self, key: &PublicKey) -> String {
        let (token, pin) = (self.path("root/online"), self.path("pin"));
        let told = run(["token", "keys", "--label", "ONLINE", "--token-dir", &token, "--pin-file", &pin, "--json"]);
        let keys = told.expect(0).json()["keys"].as_array().unwrap().clone();
        let jwk: Json = serde_json::from_str(&key.to_jwk()).unwrap();
        let found = keys.iter().find(|found| found["public_key"]["x"] == jwk["x"]).unwrap();
        found["reference"].as_str().unwrap().to_owned()
    }

    /// `tegata dts …` of the service in `dts`.
    pub(crate) fn dts(&self, what: &str, arguments: &[&str], at: UtcDateTime) -> Finished {
        let with_keys = ["init", "approve", "publish"].contains(&what);
        let (dir, at) = (self.path("dts"), rfc3339(at));
        self.tegata(&[&["dts", what, &dir, "--at", &at, "--json"], arguments].concat(), with_keys)
    }

    /// Makes the service for the root of the first ceremony, whose answer is taken in and whose root the quorum approves.
    pub(crate) fn found(&self, answer: &Answer, at: UtcDateTime) {
        let [root_1, root_2, list, snapshot, pointer] =
            KEYS.map(|key| format!("pkcs11:token=dts;object={key}?module-name=tegata-embedded"));
        let (signer, checkpoint) = (self.path("root/response.pem"), self.path("root/checkpoint.pub"));
        let init = [
            &["--repository", "dts.example", "--base-url", "https://dts.example", "--sandbox"][..],
            &["--operator-en", "Utopia", "--operator-ja", "ユートピア", "--edition", self.kind.policy],
            &[
                "--response-signer",
                &signer,
                "--checkpoint-key",
                &checkpoint,
                "--root-key",
                &root_1,
                "--root-key",
                &root_2,
            ],
            &["--list-key", &list, "--snapshot-key", &snapshot, "--pointer-key", &pointer, "--root-days", "3650"],
        ];
        self.dts("init", &init.concat(), at).expect(0);
        self.admit(1, at);
        self.import(answer, at).expect(0);
        let (file, digest) = (self.root_file(1), self.fingerprint(1));
        self.dts("approve", &[&file, "--sha256", &digest, "--days", "30"], at).expect(0);
    }

    /// Admits the root of that generation.
    pub(crate) fn admit(&self, generation: usize, at: UtcDateTime) {
        let (file, digest) = (self.root_file(generation), self.fingerprint(generation));
        let review = (at + Duration::days(700)).date().to_string();
        let arguments = [&file, "--sha256", &digest, "--doctype", self.kind.doc_type, "--review-by", &review];
        self.dts("issuer", &arguments, at).expect(0);
    }

    /// Takes an answer in through the gate.
    pub(crate) fn import(&self, answer: &Answer, at: UtcDateTime) -> Finished {
        let (request, signer) = (answer.request.display().to_string(), self.path("root/online.pem"));
        self.dts("request", &[&request, "--signer", &signer], at).expect(0);
        self.dts("import", &[&answer.response.display().to_string()], at)
    }

    pub(crate) fn publish(&self, at: UtcDateTime) -> Json {
        self.dts("publish", &[], at).expect(0).json()
    }

    /// Makes a store that is pinned to the service.
    pub(crate) fn store(&self, name: &str) {
        let root = self.path("dts/root.cbor");
        let digest = hex::encode(tegata_manifest::sha256(&std::fs::read(&root).unwrap()));
        run(["trust", "init", &self.path(name), "--root", &root, "--sha256", &digest]).expect(0);
    }

    /// `tegata trust sync`; what it tells.
    pub(crate) fn sync(&self, store: &str, at: UtcDateTime) -> Json {
        let (store, tree) = (self.path(store), self.path("dts/public"));
        run(["trust", "sync", &store, "--from", &tree, "--at", &rfc3339(at), "--json"]).expect(0).json()
    }

    /// A new publication, and a store that takes it.
    pub(crate) fn publish_and_sync(&self, store: &str, at: UtcDateTime) -> Json {
        self.publish(at);
        self.sync(store, at + Duration::minutes(10))
    }

    /// Issues a document of that name.
    pub(crate) fn issue(&self, name: &str, signer: &Signer, days: u32, at: UtcDateTime) {
        let (claims, certificate, device) =
            (self.path("claims.json"), signer.file.display().to_string(), self.path("device"));
        let (days, at, out) = (days.to_string(), rfc3339(at), self.path(name));
        let (token, pin) = (self.path("root/online"), self.path("pin"));
        let arguments = [
            &[
                "issue",
                "--doctype",
                self.kind.doc_type,
                "--claims",
                &claims,
                "--ds",
                &signer.key,
                "--cert",
                &certificate,
            ][..],
            &["--device-key", &device, "--valid-days", &days, "--at", &at, "--out", &out],
            &["--token-dir", &token, "--pin-file", &pin],
        ];
        run(arguments.concat()).expect(0);
    }

    /// Verifies a document with a store alone: the verdict, and the check and the cause that decided.
    pub(crate) fn verdict(&self, store: &str, document: &str, at: UtcDateTime) -> Verdict {
        let (document, store) = (self.path(document), self.path(store));
        let finished = run(["verify", &document, "--issuer-signed", "--store", &store, "--at", &rfc3339(at), "--json"]);
        let verdict = match finished.status() {
            0 => "accepted",
            10 => "rejected",
            11 => "undetermined",
            status => panic!("{status}: {}", finished.stderr()),
        };
        let report = finished.json();
        let checks = report["documents"][0]["checks"].as_array().unwrap();
        let of = |outcome: &str| checks.iter().find(|check| check["outcome"] == outcome);
        let decided = of("fail").or_else(|| of("undetermined"));
        let text = |name: &str| decided.and_then(|check| check[name].as_str()).unwrap_or_default().to_owned();
        Verdict { verdict, check: text("id"), cause: text("cause") }
    }
}

/// A verdict with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) verdict: &'static str,
    pub(crate) check: String,
    pub(crate) cause: String,
}

/// State and reason of an anchor in what `tegata trust sync` and `show` tell.
pub(crate) fn anchor<'j>(told: &'j Json, key: &str) -> Option<(&'j str, Option<&'j str>)> {
    let anchors = told["anchors"].as_array().unwrap();
    let anchor = anchors.iter().find(|anchor| anchor["key"] == key)?;
    Some((anchor["state"].as_str().unwrap(), anchor["because"]["id"].as_str()))
}
