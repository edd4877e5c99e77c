//! The Digital Trust Service of the demo, and the store of a relying party: run by the commands that an operator would
//! type, each in a process of its own, with nothing between them but files.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value as Json, json};
use tegata_hsm::Signer;
use tegata_pki::{Certificate, aws_lc_rs};
use tegata_publisher::KeyDigest;
use tegata_sync::{FileMedium, Store, SyncPolicy};
use tegata_terminal::Lang;
use tegata_trust_list::device_key_list::KeyThumbprint;
use time::{Duration, UtcDateTime};

use super::super::instant;
use super::super::own_program::{OwnProgram, with_token};
use super::authority::Authority;
use super::directory::{Artefact, Directory};
use super::token::TOKEN_LABEL;
use super::{DAYS, STATUS_PLACES, STATUS_URI, claims};
use crate::failure::Failure;
use crate::input::Input;

/// Where the service would be found. Nothing is fetched from there.
const BASE_URL: &str = "https://sandbox.example";
/// The metadata keys: two people of the root role, the list, and what is online.
pub(super) const KEYS: [&str; 5] = ["dts-root-1", "dts-root-2", "dts-list", "dts-snapshot", "dts-pointer"];
/// Days until somebody has to look at the authorisation again.
const REVIEW_DAYS: i64 = 180;

/// The service and the store.
pub(super) struct TrustService<'d> {
    program: OwnProgram,
    directory: &'d Directory,
}

impl<'d> TrustService<'d> {
    /// A service whose directory is made; its root metadata is signed by two keys.
    pub(super) fn open(directory: &'d Directory, lang: Lang) -> Result<Self, Failure> {
        let service = Self { program: OwnProgram::new(lang)?, directory };
        let key = |name: &str| format!("pkcs11:token={TOKEN_LABEL};object={name}");
        let [root_1, root_2, list, snapshot, pointer] = KEYS.map(key);
        let signer = key("status");
        let checkpoint = directory.root().join("checkpoint.pub");
        let mut command = service.program.command(&["dts", "init"]);
        command.arg(directory.dts()).args(["--repository", "sandbox.example", "--base-url", BASE_URL]);
        command.args(["--operator-en", "Utopia Trust Service", "--operator-ja", "ユートピア信頼サービス"]);
        command.arg("--response-signer").arg(directory.path(Artefact::ResponseSigner));
        command.arg("--checkpoint-key").arg(checkpoint).arg("--sandbox");
        command.args(["--root-key", &root_1, "--root-key", &root_2, "--root-threshold", "2", "--list-key", &list]);
        command.args(["--snapshot-key", &snapshot, "--pointer-key", &pointer, "--signer-key", &signer]);
        service.program.run(service.with_keys(command))?;
        Ok(service)
    }

    /// Admits the root whose fingerprint was compared, takes in the first answer, and has the quorum approve the root.
    pub(super) fn admit(&self, root: &Certificate) -> Result<(), Failure> {
        let fingerprint = hex::encode(root.fingerprint_sha256());
        let file = self.directory.path(Artefact::Root);
        let review = UtcDateTime::now().saturating_add(Duration::days(REVIEW_DAYS)).date().to_string();
        let mut command = self.dts("issuer");
        command.arg(&file).args(["--sha256", &fingerprint, "--doctype", claims::DOC_TYPE, "--review-by", &review]);
        command.args(["--crl-fresh-hours", "24", "--revocation-duty-hours", "48"]);
        self.program.run(command)?;
        self.import(Artefact::RequestBundle, Artefact::ResponseBundle)?;
        let mut command = self.dts("status-list");
        command.args(["1", "--uri", STATUS_URI, "--entries", &STATUS_PLACES.to_string(), "--issuer"]).arg(&file);
        self.program.run(command)?;
        let mut command = self.dts("approve");
        command.arg(&file).args(["--sha256", &fingerprint]);
        self.program.run(self.with_keys(command)).map(|_| ())
    }

    /// Takes in an answer of the root through the gate.
    pub(super) fn import(&self, request: Artefact, response: Artefact) -> Result<(), Failure> {
        let mut command = self.dts("request");
        command.arg(self.directory.path(request)).arg("--signer").arg(self.directory.path(Artefact::OnlineKey));
        self.program.run(command)?;
        let mut command = self.dts("import");
        command.arg(self.directory.path(response));
        self.program.run(command).map(|_| ())
    }

    /// Publishes with the ledger of the one document, and keeps its status list. Returns how many files were written.
    pub(super) fn publish(&self, issued: &Issued<'_>, status: Artefact) -> Result<u64, Failure> {
        self.directory.write(Artefact::Ledger, format!("{}\n", issued.ledger_line()).as_bytes())?;
        let mut command = self.dts("publish");
        command.arg("--ledger").arg(self.directory.path(Artefact::Ledger));
        let told = self.program.run(self.with_keys(command))?;
        self.directory.write(status, &Input::read(&self.public().join("status/1.cwt"))?.bytes)?;
        Ok(told.get("written").and_then(Json::as_u64).unwrap_or_default())
    }

    /// Pins the service's root metadata in a new store.
    pub(super) fn make_store(&self) -> Result<(), Failure> {
        let root = self.directory.dts().join("root.cbor");
        let digest = hex::encode(tegata_manifest::sha256(&Input::read(&root)?.bytes));
        let mut command = self.program.command(&["trust", "init"]);
        command.arg(self.directory.store()).arg("--root").arg(root).args(["--sha256", &digest]);
        self.program.run(command).map(|_| ())
    }

    /// Brings the store up to date. Returns the number of anchors that it trusts.
    pub(super) fn sync(&self) -> Result<usize, Failure> {
        let mut command = self.program.command(&["trust", "sync"]);
        command.arg(self.directory.store()).arg("--from").arg(self.public());
        self.program.run(command)?;
        let store = self.store()?;
        let trusted = store.trust(UtcDateTime::now()).map(|trust| trust.anchors().len());
        trusted.map_err(|error| Failure::Machine { id: error.id(), detail: error.to_string() })
    }

    /// The store, as the next verification finds it.
    pub(super) fn store(&self) -> Result<Store, Failure> {
        let failed = |detail: String| Failure::Machine { id: "demo-store", detail };
        let store = Store::load(&FileMedium::new(self.directory.store()), SyncPolicy::online(), aws_lc_rs());
        store.map_err(|error| failed(error.to_string()))?.ok_or_else(|| failed("no store".to_owned()))
    }

    fn public(&self) -> PathBuf {
        self.directory.dts().join("public")
    }

    fn dts(&self, what: &str) -> Command {
        let mut command = self.program.command(&["dts", what]);
        command.arg(self.directory.dts());
        command
    }

    fn with_keys(&self, command: Command) -> Command {
        with_token(command, &self.directory.token())
    }
}

/// The one document that was issued, as the ledger has it.
pub(super) struct Issued<'a> {
    pub(super) authority: &'a Authority,
    pub(super) device: &'a dyn Signer,
    pub(super) index: u64,
    pub(super) at: UtcDateTime,
    /// When its issuer revoked it.
    pub(super) revoked: Option<UtcDateTime>,
}

impl Issued<'_> {
    fn ledger_line(&self) -> Json {
        let thumbprint = KeyThumbprint::of(self.device.public_key(), aws_lc_rs());
        let mut line = json!({
            "docType": claims::DOC_TYPE,
            "dsSerial": hex::encode(self.authority.document_signer.serial()),
            "issuer": KeyDigest::of(&self.authority.root).to_string(),
            "deviceKey": hex::encode(thumbprint.as_bytes()),
            "validUntil": instant(self.at.saturating_add(Duration::days(DAYS.into()))),
            "status": { "uri": STATUS_URI, "idx": self.index },
        });
        if let (Some(at), Some(members)) = (self.revoked, line.as_object_mut()) {
            members.insert("revoked".to_owned(), json!({ "at": instant(at), "reason": "device-lost" }));
        }
        line
    }
}

/// Removes what an earlier run left of service and store.
pub(super) fn clear(directory: &Directory) -> Result<(), Failure> {
    let gone = |path: &Path, removed: std::io::Result<()>| match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Failure::Output {
            file: path.to_owned(),
            fault: tegata_terminal::OutputFault::Unwritable(error.kind()),
        }),
        _ => Ok(()),
    };
    let (dts, store) = (directory.dts(), directory.store());
    gone(&dts, std::fs::remove_dir_all(&dts))?;
    gone(&store, std::fs::remove_file(&store))
}
