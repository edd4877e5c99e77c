//! The room of a ceremony: persons with credentials and key files, a request from the online side, a site file that is
//! approved, and somebody who answers at the terminal for all of them.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rand_core::UnwrapErr;
use tegata_ceremony::{Script, SeatId, Site};
use tegata_pki::software::InsecureSoftwareKey;
use tegata_pki::{Curve, PublicKey, SignatureAlgorithm, csr::CertificationRequestBuilder, rust_crypto};
use tegata_quorum::{Credential, Enrolment, KeyFileFactor, Password, PersonId, UnlockedCredential, WorkFactor, words};
use tegata_root_ca::Policy;
use tegata_trust_list::bundle::{Applicant, ApplicantRole, CsrItem, RequestBundle, RequestItem, SignerRole};
use time::{Duration, UtcDateTime};

/// Those who sit at the table; both key managers keep a safe key too.
pub(crate) const PERSONS: [&str; 8] = [
    "ca-manager",
    "ops-manager",
    "key-manager-1",
    "key-manager-2",
    "certificate-issuer",
    "pki-engineer",
    "auditor",
    "facility",
];
/// A holder who is not there.
const ABSENT: &str = "key-manager-3";
const POLICY: &str = "jp-004";
/// Who has a token of his own as second factor, where [`Room::with_a_personal_token`] prepared the room.
pub(crate) const WITH_TOKEN: &str = "key-manager-1";
const TOKEN_PIN: &str = "personal-pin-1";

pub(crate) fn tool() -> &'static str {
    env!("CARGO_BIN_EXE_tegata-root")
}

/// The module of `tegata-hsm`'s tests that wraps another one and injects faults; built where the tests of that package have
/// not built it.
pub(crate) fn fault_module() -> PathBuf {
    let profile = Path::new(tool()).parent().unwrap().to_owned();
    let file = profile.join("examples/libfault_module.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../hsm/tests-shim/fault_module.rs");
    let changed = |path: &Path| std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    if changed(&file) > changed(&source) {
        return file;
    }
    let target = profile.parent().unwrap();
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "-p", "tegata-hsm", "--example", "fault_module"])
        .env("CARGO_TARGET_DIR", target)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .status()
        .unwrap();
    assert!(built.success() && file.exists());
    file
}

pub(crate) fn softhsm_library() -> Option<PathBuf> {
    let places = ["/usr/lib/softhsm", "/usr/lib64/softhsm", "/usr/local/lib/softhsm"];
    places.iter().map(|place| Path::new(place).join("libsofthsm2.so")).find(|library| library.exists())
}

fn rng() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

pub(crate) struct Room {
    _folder: tempfile::TempDir,
    base: PathBuf,
    pub(crate) root: PathBuf,
    pub(crate) library: PathBuf,
    pub(crate) configuration: PathBuf,
    /// While this file is there, the next signature fails, if the library is the fault module.
    pub(crate) fault: PathBuf,
    request: PathBuf,
    script: PathBuf,
    site: PathBuf,
}

impl Room {
    /// Everything that is there before the persons come together.
    pub(crate) fn prepare(library: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().to_owned();
        let root = base.join("root");
        let done = Command::new(tool())
            .args(["--root", root.to_str().unwrap(), "--sandbox", "init", "--policy", POLICY])
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        for part in ["carrier", "factors", "hsm"] {
            std::fs::create_dir(base.join(part)).unwrap();
        }
        let configuration = write_configuration(&base, "hsm");
        let mut room = Self {
            _folder: folder,
            root,
            library: library.to_owned(),
            configuration,
            fault: base.join("fault"),
            request: base.join("request.bundle"),
            script: base.join("script.toml"),
            site: base.join("site.toml"),
            base,
        };
        std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("../ceremonies/first.toml"), &room.script).unwrap();
        for person in PERSONS.into_iter().chain([ABSENT]) {
            room.enrol(person);
        }
        room.write_request();
        room.write_site(&["key-manager-1", "key-manager-2", ABSENT]);
        room
    }

    /// Gives [`WITH_TOKEN`] a token in place of the key file, by `person renew`: key and part stay as they are.
    pub(crate) fn hand_out_a_personal_token(&self) {
        let library = softhsm_library().unwrap();
        let made = Command::new("softhsm2-util")
            .env("SOFTHSM2_CONF", &self.configuration)
            .args(["--init-token", "--free", "--label", "PERSON", "--pin", TOKEN_PIN, "--so-pin", "personal-so-pin"])
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let pin = self.base.join("pin");
        std::fs::write(&pin, TOKEN_PIN).unwrap();
        let word = self.base.join("password");
        std::fs::write(&word, format!("the password of {WITH_TOKEN}")).unwrap();
        let uri = format!(
            "pkcs11:token=PERSON;object=factor?module-path={}&pin-source=file:{}",
            library.display(),
            pin.display()
        );
        let renew = |factor: [&str; 2], more: &[&str]| {
            Command::new(tool())
                .env("SOFTHSM2_CONF", &self.configuration)
                .args(["--root", self.root.to_str().unwrap(), "--sandbox", "person", "renew"])
                .arg(self.credential(WITH_TOKEN))
                .args(["--password-file", word.to_str().unwrap(), "--new-password-file", word.to_str().unwrap()])
                .args(["--work-factor", "2"])
                .args(factor)
                .args(more)
                .output()
                .unwrap()
        };
        let file = self.factor(WITH_TOKEN).display().to_string();
        let renewed = renew(["--factor-file", &file], &["--new-factor-token", &uri, "--make-secret"]);
        assert!(renewed.status.success(), "{}", String::from_utf8_lossy(&renewed.stderr));
        // From now on the key file opens nothing, and the token does.
        let refused = renew(["--factor-file", &file], &[]);
        assert!(String::from_utf8_lossy(&refused.stderr).contains("credential-other-factor"));
        let again = renew(["--factor-token", &uri], &["--json"]);
        assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
        let said = String::from_utf8_lossy(&again.stdout).into_owned();
        assert!(said.contains("pkcs11:token=PERSON;") && !said.contains("module-path"), "{said}");
    }

    fn factor(&self, person: &str) -> PathBuf {
        self.base.join("factors").join(person)
    }

    fn enrol(&mut self, person: &str) {
        let factor = KeyFileFactor::create(&self.factor(person), &mut rng()).unwrap();
        let password = password(person);
        let work_factor = WorkFactor::insecure(2).unwrap();
        let now = UtcDateTime::now() - Duration::days(1);
        let enrolment = Enrolment { password: &password, factor: &factor, work_factor, now };
        let credential = Credential::enrol(PersonId::new(person).unwrap(), enrolment, &mut rng()).unwrap();
        std::fs::write(self.credential(person), credential.to_json().unwrap()).unwrap();
    }

    fn credential(&self, person: &str) -> PathBuf {
        self.root.join(format!("persons/{person}.json"))
    }

    pub(crate) fn unlock(&self, person: &str) -> UnlockedCredential {
        let credential = Credential::from_json(&std::fs::read(self.credential(person)).unwrap()).unwrap();
        let factor = KeyFileFactor::open(&self.factor(person)).unwrap();
        credential.unlock(&password(person), &factor, UtcDateTime::now()).unwrap()
    }

    /// The online side asks for a document signer.
    fn write_request(&self) {
        let policy = Policy::built_in(POLICY).unwrap();
        let (online, signer) = (key(), key());
        let name = policy.name(&policy.names.document_signers[0]).unwrap();
        let unsigned = CertificationRequestBuilder::new(name, signer.public_key().clone()).build().unwrap();
        let es256 = SignatureAlgorithm::Ecdsa(tegata_pki::Hash::Sha256);
        let signature = signer.sign(es256, unsigned.tbs()).unwrap().to_der(Curve::P256);
        let der = unsigned.complete(&signature, rust_crypto()).unwrap().into_request().der().to_vec();
        let applicant = |person: &str, role| Applicant { person: person.to_owned(), role };
        let request = RequestBundle {
            sequence: 1,
            nonce: [7; 32],
            created: UtcDateTime::now(),
            previous_response: None,
            last_checkpoint: None,
            applicants: vec![
                applicant("ops-manager", ApplicantRole::OpsManager),
                applicant("key-manager-1", ApplicantRole::KeyManager),
            ],
            items: vec![RequestItem::Csr(CsrItem { role: SignerRole::DocumentSigner, der, attestation: None })],
        };
        let prepared = request.prepare(online.public_key()).unwrap();
        let signature = online.sign(es256, prepared.to_be_signed()).unwrap();
        std::fs::write(&self.request, prepared.complete(&signature, rust_crypto()).unwrap()).unwrap();
        std::fs::write(self.root.join("online.pem"), online.public_key().to_pem()).unwrap();
    }

    /// A site file with these holders of parts, approved.
    pub(crate) fn write_site(&self, holders: &[&str]) {
        let script = Script::parse(&std::fs::read(&self.script).unwrap()).unwrap();
        let today = UtcDateTime::now().date();
        let mut text = format!("ceremony = \"first-on-softhsm\"\nplanned = \"{today}\"\nholders = {holders:?}\n");
        for person in PERSONS.into_iter().chain([ABSENT]) {
            let credential = Credential::from_json(&std::fs::read(self.credential(person)).unwrap()).unwrap();
            let key = STANDARD.encode(credential.public_key().sec1_or_raw());
            let organisation = match person {
                "auditor" | "certificate-issuer" | "ca-manager" => person,
                _ => "operator",
            };
            write!(
                text,
                "\n[[person]]\nhandle = \"{person}\"\nname = \"The {person}\"\norganisation = \"{organisation}\"\nkey = \"{key}\"\ntrained = \"{today}\"\n"
            )
            .unwrap();
        }
        text.push_str("\n[roster]\n");
        for seat in script.seats() {
            let person = seat.id.as_str().replace("safe-custodian", "key-manager");
            writeln!(text, "{} = \"{person}\"", seat.id).unwrap();
        }
        text.push_str("\n[places]\n");
        script.places().iter().for_each(|place| writeln!(text, "{} = \"here\"", place.id).unwrap());
        text.push_str("\n[labels]\n");
        script.objects().iter().for_each(|object| writeln!(text, "{} = \"{}\"", object.id, object.id).unwrap());
        let library = self.library.display();
        write!(text, "\n[token]\nmodule = \"{library}\"\nlabel = \"ROOT\"\nserial = \"new\"\n").unwrap();
        text.push_str("\n[conditions]\nreplaced = []\ncredentials_changed = false\n");
        let draft = Site::parse(text.as_bytes()).unwrap();
        for seat in ["ca-manager", "certificate-issuer"] {
            let at = UtcDateTime::now().truncate_to_second() - Duration::HOUR;
            let statement = draft.approval_statement(&script, &SeatId::new(seat).unwrap(), at).unwrap();
            let signed = self.unlock(seat).sign_off(&statement.to_sign().unwrap());
            let signature = STANDARD.encode(signed.signature());
            let at = at.format(&time::format_description::well_known::Rfc3339).unwrap();
            write!(text, "\n[[approval]]\nby = \"{seat}\"\nat = \"{at}\"\nsignature = \"{signature}\"\n").unwrap();
        }
        std::fs::write(&self.site, text).unwrap();
    }

    /// The folder of script and site file.
    pub(crate) fn folder(&self) -> &Path {
        &self.base
    }

    /// Script and site file.
    pub(crate) fn files(&self) -> (String, String) {
        (self.script.display().to_string(), self.site.display().to_string())
    }

    /// Runs the first ceremony to its end and gives everything that was on the screen.
    pub(crate) fn run_first(&self) -> String {
        let (script, site) = self.files();
        self.lead(&["run", &script, &site], &mut |_| None)
    }

    /// Leads through a ceremony. `intervene` sees each question with what stood before it and may answer it.
    pub(crate) fn lead(&self, what: &[&str], intervene: &mut dyn FnMut(&str) -> Option<String>) -> String {
        let (status, said) = self.try_to_lead(Command::new(tool()), what, intervene);
        assert!(status.success(), "{status}\n…{}", tail(&said));
        said
    }

    /// The same, however it ends. `command` is the program, or one that runs it with the arguments that follow.
    pub(crate) fn try_to_lead(
        &self,
        mut command: Command,
        what: &[&str],
        intervene: &mut dyn FnMut(&str) -> Option<String>,
    ) -> (ExitStatus, String) {
        let next = (UtcDateTime::now() + Duration::days(80)).truncate_to_second();
        let next = next.format(&time::format_description::well_known::Rfc3339).unwrap();
        let request = self.request.display().to_string();
        let carrier = self.base.join("carrier").display().to_string();
        let media = ["--request", &request, "--carrier", &carrier, "--next", &next];
        self.converse(&mut command, &[&["ceremony"][..], what, &media[..]].concat(), intervene)
    }

    /// Runs a command of the program that asks at the terminal, and answers for everybody.
    pub(crate) fn converse(
        &self,
        command: &mut Command,
        what: &[&str],
        intervene: &mut dyn FnMut(&str) -> Option<String>,
    ) -> (ExitStatus, String) {
        let mut process = command
            .env("SOFTHSM2_CONF", &self.configuration)
            .env("FAULT_WRAP", softhsm_library().unwrap())
            .env("FAULT_FILE", &self.fault)
            .env("NO_COLOR", "1")
            .args(["--root", self.root.to_str().unwrap(), "--sandbox", "--lang", "en"])
            .args(what)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = process.stdin.take().unwrap();
        let mut screen = process.stderr.take().unwrap();
        let mut said = String::new();
        let mut bags = Bags::default();
        let mut buffer = [0; 4096];
        let mut unread = Vec::new();
        let mut answered = 0;
        loop {
            let count = screen.read(&mut buffer).unwrap();
            if count == 0 {
                break;
            }
            unread.extend_from_slice(&buffer[..count]);
            let whole = std::str::from_utf8(&unread).map_or_else(|error| error.valid_up_to(), str::len);
            said.push_str(std::str::from_utf8(&unread[..whole]).unwrap());
            unread.drain(..whole);
            let open = said[answered..].to_owned();
            if !(open.ends_with(": ") || open.ends_with("? ")) {
                continue;
            }
            answered = said.len();
            let answer = intervene(&open).unwrap_or_else(|| self.answer(&open, &mut bags));
            // A process that has ended reads no answer; its last words are on the screen.
            if writeln!(stdin, "{answer}").is_err() {
                break;
            }
        }
        let ended = process.wait_with_output().unwrap();
        said.push_str(&String::from_utf8_lossy(&ended.stdout));
        (ended.status, said)
    }

    fn answer(&self, screen: &str, bags: &mut Bags) -> String {
        let question = screen.trim_end().lines().last().unwrap_or_default();
        bags.read(screen);
        if question.starts_with("Enter when") || question.contains("credential file [") {
            // The person of the last question is whose factor and password come next.
            if let Some((person, _)) = question.split_once(": credential file") {
                bags.person = person.trim().to_owned();
            }
            String::new()
        } else if question.contains("more must authenticate") {
            let list = question.split_once('(').unwrap().1.split_once(')').unwrap().0;
            list.split(", ").find(|person| *person != ABSENT).unwrap().to_owned()
        } else if question.starts_with("second factor, PKCS#11 module") {
            softhsm_library().unwrap().display().to_string()
        } else if question.starts_with("PIN of your token") {
            TOKEN_PIN.to_owned()
        } else if question.starts_with("second factor") {
            self.factor(&bags.person).display().to_string()
        } else if question.starts_with("password:") {
            format!("the password of {}", bags.person)
        } else if question.starts_with("your code for today") {
            format!("code-{}", bags.person)
        } else if question.starts_with("reason:") {
            "the room is on fire".to_owned()
        } else if question.starts_with("seat of the CA manager:") {
            "ca-manager".to_owned()
        } else if question.ends_with("code:") {
            let person = question.split_once('(').unwrap().1.split_once(')').unwrap().0;
            format!("code-{person}")
        } else if let Some(object) = question.strip_prefix("serial on the bag of ") {
            bags.serial(object.trim_end_matches(':'))
        } else if question.starts_with("the reference clock") {
            let now = UtcDateTime::now().truncate_to_second();
            now.format(&time::format_description::well_known::Rfc3339).unwrap()
        } else if question.starts_with("read aloud and compared") {
            let digest = screen.lines().rev().find_map(|line| line.trim().strip_prefix("SHA-256 ")).unwrap();
            let words = words::pgp_words(&hex::decode(digest).unwrap());
            let words: Vec<&str> = words.split_whitespace().collect();
            format!("{} {}", words[0], words[words.len() - 1])
        } else if question.ends_with("Type Yes:") {
            "Yes".to_owned()
        } else if question.starts_with("file with the public key") {
            self.restored_key().display().to_string()
        } else {
            panic!("an unknown question: {question}\n{screen}")
        }
    }

    /// The maker's way of copying, for SoftHSM: the token's folder, read by another program in another place.
    fn restored_key(&self) -> PathBuf {
        let copy = self.base.join("restored");
        if !copy.exists() {
            copy_folder(&self.base.join("hsm"), &copy);
        }
        let configuration = write_configuration(&self.base, "restored");
        let listed = Command::new("pkcs11-tool")
            .env("SOFTHSM2_CONF", configuration)
            .args(["--module", softhsm_library().unwrap().to_str().unwrap(), "--token-label", "ROOT"])
            .args(["--list-objects", "--type", "pubkey"])
            .output()
            .unwrap();
        assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
        let listed = String::from_utf8(listed.stdout).unwrap();
        let object = listed
            .split("Public Key Object")
            .find(|object| object.contains("root-g1"))
            .unwrap_or_else(|| panic!("{listed}"));
        let point = object.lines().find_map(|line| line.trim().strip_prefix("EC_POINT:")).unwrap();
        // An OCTET STRING of 97 octets around the point (PKCS#11 2.40, 2.3.3).
        let point = hex::decode(point.trim()).unwrap();
        let key = PublicKey::from_sec1(Curve::P384, &point[2..]).unwrap();
        let pem = self.base.join("restored.pem");
        std::fs::write(&pem, key.to_pem()).unwrap();
        pem
    }

    pub(crate) fn pkcs11_tool(&self, arguments: &[&str]) -> String {
        let answer = Command::new("pkcs11-tool")
            .env("SOFTHSM2_CONF", &self.configuration)
            .args(["--module", softhsm_library().unwrap().to_str().unwrap(), "--token-label", "ROOT"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
        String::from_utf8_lossy(&answer.stdout).into_owned()
    }
}

/// The end of what was on the screen.
pub(crate) fn tail(said: &str) -> String {
    let lines: Vec<&str> = said.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}

/// The number of the next bag from the box.
static NEXT_BAG: AtomicU32 = AtomicU32::new(1);

/// The bags on the table: what the screen says they must have, and new ones from the box.
#[derive(Default)]
struct Bags {
    shown: BTreeMap<String, String>,
    person: String,
}

impl Bags {
    /// Reads the objects of a step from the screen: `· object  [SERIAL]`, or without a serial for one that lies open.
    fn read(&mut self, screen: &str) {
        for line in screen.lines().filter_map(|line| line.trim().strip_prefix("· ")) {
            let mut words = line.split_whitespace();
            let Some(object) = words.next() else { continue };
            match words.next().and_then(|serial| serial.strip_prefix('[')?.strip_suffix(']')) {
                Some(serial) => self.shown.insert(object.to_owned(), serial.to_owned()),
                None => self.shown.remove(object),
            };
        }
    }

    fn serial(&mut self, object: &str) -> String {
        if let Some(serial) = self.shown.get(object) {
            return serial.clone();
        }
        format!("BAG-{:05}", NEXT_BAG.fetch_add(1, Ordering::Relaxed))
    }
}

fn key() -> InsecureSoftwareKey {
    InsecureSoftwareKey::generate(Curve::P256, &mut rng()).unwrap()
}

fn password(person: &str) -> Password {
    Password::new(format!("the password of {person}")).unwrap()
}

fn write_configuration(base: &Path, tokens: &str) -> PathBuf {
    let file = base.join(format!("{tokens}.conf"));
    let folder = base.join(tokens);
    std::fs::write(&file, format!("directories.tokendir = {}\nobjectstore.backend = file\n", folder.display()))
        .unwrap();
    file
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &to.join(entry.file_name()));
        } else {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}
