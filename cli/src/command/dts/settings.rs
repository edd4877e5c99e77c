//! The files of a service that people edit.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::json;
use tegata_audit::CheckpointVerifier;
use tegata_pki::{Certificate, Edition, PublicKey};
use tegata_publisher::authorisation::{AuthorisationError, RegionPattern};
use tegata_publisher::{Authorisation, Authority, Issuers, KeyDigest, Service as Published};
use tegata_terminal::{Lang, Output, OutputFault};
use time::Duration;

use super::{Service, refused};
use crate::answer::Answer;
use crate::args::dts::{EditionChoice, Issuer, ListKind, StatusList};
use crate::failure::Failure;
use crate::file;
use crate::input::Input;
use crate::load::certificate;
use crate::message::dts as text;

/// Whom the gate believes, and which keys sign.
pub(super) const DTS: &str = "dts.toml";
const SERVICE: &str = "service.toml";
const ISSUERS: &str = "issuers.toml";
const AUTHORISATION: &str = "authorisation.toml";

/// `dts.toml`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Settings {
    pub(super) edition: String,
    pub(super) sandbox: bool,
    /// Days that a root which a link vouches for is announced before it may issue.
    pub(super) announcement_days: u16,
    /// The public key of the root's responses, PEM.
    pub(super) response_key: String,
    /// Name and key of the root's audit log.
    pub(super) checkpoint_key: String,
    /// Roots whose fingerprints people have compared: SHA-256 of the SubjectPublicKeyInfo.
    pub(super) root_pins: Vec<KeyDigest>,
    pub(super) keys: KeyReferences,
}

/// Where the keys are: `pkcs11:` URIs.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct KeyReferences {
    pub(super) root: Vec<String>,
    pub(super) list: Vec<String>,
    pub(super) snapshot: String,
    pub(super) pointer: String,
    pub(super) signers: Vec<String>,
}

impl Settings {
    pub(super) fn read(dir: &Path) -> Result<Self, Failure> {
        let (path, text) = read_text(dir, DTS)?;
        toml::from_str(&text).map_err(|error| refused(Some(&path), "dts-toml", error.to_string(), ""))
    }

    pub(super) fn write(&self, dir: &Path) -> Result<(), Failure> {
        self.write_to(&dir.join(DTS))
    }

    /// Keeps the settings that come into force with the metadata of a draft.
    pub(super) fn write_next(&self, dir: &Path, draft: &[u8; 32]) -> Result<(), Failure> {
        self.write_to(&next(dir, draft))
    }

    /// Puts the settings of a draft into force, if there are any: in a draft of the first root they are already.
    pub(super) fn put_into_force(dir: &Path, draft: &[u8; 32]) -> Result<(), Failure> {
        let (waiting, path) = (next(dir, draft), dir.join(DTS));
        if !waiting.exists() {
            return Ok(());
        }
        let moved = std::fs::rename(&waiting, &path);
        let unwritable =
            |error: std::io::Error| Failure::Output { file: path, fault: OutputFault::Unwritable(error.kind()) };
        moved.map_err(unwritable)
    }

    fn write_to(&self, path: &Path) -> Result<(), Failure> {
        let text = toml::to_string(self);
        let text = text.map_err(|error| Failure::Machine { id: "dts-toml", detail: error.to_string() })?;
        let text = format!("# Whom the gate believes, and where the keys of the service are.\n{text}");
        file::replace(path, text.as_bytes())
    }
}

fn next(dir: &Path, draft: &[u8; 32]) -> std::path::PathBuf {
    dir.join(format!("dts-{}.toml", hex::encode(draft)))
}

/// Makes the files of a new service.
pub(super) fn create(dir: &Path, service: &Published, settings: &Settings) -> Result<(), Failure> {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let head = format!(
        "repository = {}\nbase-url = {}\nlist-days = 90\nsnapshot-days = 7\npointer-hours = 24\nstatus-hours = 24\n\
         status-ttl-minutes = 60\n\n[operator]\nen = {}\nja = {}\n",
        quoted(&service.repository),
        quoted(&service.base_url),
        quoted(&service.operator.en),
        quoted(&service.operator.ja),
    );
    parse_service(&dir.join(SERVICE), &head)?;
    file::write_new(&dir.join(SERVICE), head.as_bytes())?;
    file::write_new(&dir.join(ISSUERS), b"# What each root is published for.\n")?;
    file::write_new(&dir.join(AUTHORISATION), "# 許可リスト: which root may speak for what, and where.\n".as_bytes())?;
    settings.write(dir)
}

/// `service.toml`.
pub(super) fn service(dir: &Path) -> Result<Published, Failure> {
    let (path, text) = read_text(dir, SERVICE)?;
    parse_service(&path, &text)
}

fn parse_service(path: &Path, text: &str) -> Result<Published, Failure> {
    Published::from_toml(text).map_err(|error| refused(Some(path), error.id(), error.to_string(), ""))
}

/// All files together: whom the gate believes.
pub(super) fn authority(dir: &Path, lang: Lang) -> Result<Authority, Failure> {
    let settings = Settings::read(dir)?;
    let path = dir.join(DTS);
    let wrong = |member: &'static str| refused(Some(&path), "dts-toml", text::wrong_member(lang, member), "");
    let (issuers_path, issuers) = read_text(dir, ISSUERS)?;
    let (authorisation_path, authorisation) = read_text(dir, AUTHORISATION)?;
    let authorisation = read_authorisation(&authorisation_path, &authorisation, lang)?;
    Ok(Authority {
        response_key: PublicKey::from_pem(&settings.response_key).map_err(|_| wrong("response-key"))?,
        checkpoint: settings.checkpoint_key.parse().map_err(|_| wrong("checkpoint-key"))?,
        edition: edition_of(&settings.edition).ok_or_else(|| wrong("edition"))?,
        root_pins: settings.root_pins.into_iter().collect(),
        issuers: Issuers::from_toml(&issuers)
            .map_err(|error| refused(Some(&issuers_path), error.id(), error.to_string(), ""))?,
        authorisation,
        announcement: Duration::days(settings.announcement_days.into()),
        sandbox: settings.sandbox,
    })
}

/// The name of an edition in `dts.toml`.
pub(super) fn edition_id(edition: EditionChoice) -> &'static str {
    match edition {
        EditionChoice::Iso18013_5 => "iso-18013-5",
        EditionChoice::Jp004 => "jp-004",
        EditionChoice::EuPid => "eu-pid",
        EditionChoice::Aamva => "aamva",
    }
}

fn edition_of(id: &str) -> Option<Edition> {
    Some(match id {
        "iso-18013-5" => Edition::Iso18013_5,
        "jp-004" => Edition::Jp004,
        "eu-pid" => Edition::EuPid,
        "aamva" => Edition::Aamva,
        _ => return None,
    })
}

/// The verifier of the root's audit log, as `checkpoint.pub` says it.
pub(super) fn checkpoint_key(path: &Path, lang: Lang) -> Result<CheckpointVerifier, Failure> {
    let input = Input::read(path)?;
    let wrong = |detail: String| refused(Some(path), "checkpoint-key", detail, text::remedy_checkpoint_key(lang));
    let text = input.text().ok_or_else(|| wrong(String::new()))?;
    text.trim().parse().map_err(|error: tegata_audit::CheckpointError| wrong(error.to_string()))
}

/// `tegata dts issuer`.
pub(super) fn add_issuer(args: &Issuer, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    let dir = &args.place.dir;
    let mut service = Service::open(&args.place, lang)?;
    let root = certificate(&args.certificate, lang)?;
    let found = root.fingerprint_sha256();
    if found != args.sha256 {
        let detail = text::other_fingerprint(lang, hex::encode(found));
        return Err(refused(Some(&args.certificate), "fingerprint-differs", detail, text::remedy_fingerprint(lang)));
    }
    let digest = KeyDigest::of(&root);
    let region = region_of(&root);

    let (issuers_path, mut issuers) = read_text(dir, ISSUERS)?;
    let (authorisation_path, mut authorisation) = read_text(dir, AUTHORISATION)?;
    let doc_types: Vec<_> = args.doctype.iter().cloned().map(toml::Value::String).collect();
    let purposes: &str = if args.status { r#"["issuance", "status"]"# } else { r#"["issuance"]"# };
    let _ = write!(
        issuers,
        "\n[[issuer]]\nroot = \"{digest}\"\ndoc-types = {}\npurposes = {purposes}\n",
        toml::Value::Array(doc_types)
    );
    let hours = [
        ("crl-fresh-hours", args.crl_fresh_hours),
        ("crl-max-age-hours", args.crl_max_age_hours),
        ("revocation-duty-hours", args.revocation_duty_hours),
    ];
    for (name, value) in hours {
        if let Some(value) = value {
            let _ = writeln!(issuers, "{name} = {value}");
        }
    }
    for doc_type in &args.doctype {
        let _ = write!(
            authorisation,
            "\n[[entry]]\nroot = \"{digest}\"\naction = \"allow\"\ndoc-type = {}\nregion = {}\nreview-by = {}\n",
            toml::Value::String(doc_type.clone()),
            toml::Value::String(region.clone()),
            args.review_by
        );
    }
    // Both are read as they will be before either is written.
    Issuers::from_toml(&issuers).map_err(|error| refused(Some(&issuers_path), error.id(), error.to_string(), ""))?;
    read_authorisation(&authorisation_path, &authorisation, lang)?;
    let mut settings = Settings::read(dir)?;
    let mut pins: BTreeSet<KeyDigest> = settings.root_pins.iter().copied().collect();
    pins.insert(digest);
    settings.root_pins = pins.into_iter().collect();
    service.record("issuer-admitted", digest, lang)?;
    file::replace(&authorisation_path, authorisation.as_bytes())?;
    file::replace(&issuers_path, issuers.as_bytes())?;
    settings.write(dir)?;
    if output.json {
        return output.answer_json(&json!({ "root": digest.to_string(), "region": region }));
    }
    output.answer(&format!("{}\n", text::issuer_added(lang, digest, region)))
}

/// The narrowest region of a root, as the authorisation list writes it; any, if the root names none.
fn region_of(root: &Certificate) -> String {
    let subject = root.subject();
    match (subject.country(), subject.state_or_province()) {
        (Some(country), Some(state)) => RegionPattern::State(country.into_owned(), state.into_owned()),
        (Some(country), None) => RegionPattern::Country(country.into_owned()),
        (None, _) => RegionPattern::Any,
    }
    .to_string()
}

/// `tegata dts status-list`.
pub(super) fn add_status_list(args: &StatusList, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    let mut open = Service::open(&args.place, lang)?;
    let issuer = KeyDigest::of(&certificate(&args.issuer, lang)?);
    let (path, mut text) = read_text(&args.place.dir, SERVICE)?;
    let kind = match args.kind {
        ListKind::Status => "status-list",
        ListKind::Identifier => "identifier-list",
        ListKind::DeviceKey => "device-key-list",
    };
    let _ = write!(
        text,
        "\n[[status]]\nname = {}\nuri = {}\nkind = \"{kind}\"\nissuer = \"{issuer}\"\n",
        toml::Value::String(args.name.clone()),
        toml::Value::String(args.uri.clone()),
    );
    if args.kind == ListKind::Status {
        let _ = write!(text, "bits = {}\nentries = {}\n", args.bits, args.entries);
    }
    parse_service(&path, &text)?;
    open.record("status-list-added", issuer, lang)?;
    file::replace(&path, text.as_bytes())?;
    if output.json {
        return output.answer_json(&json!({ "name": args.name, "uri": args.uri, "kind": kind }));
    }
    output.answer(&format!("{}\n", text::status_list_added(lang, &args.name, kind, &args.uri)))
}

fn read_authorisation(path: &Path, text: &str, lang: Lang) -> Result<Authorisation, Failure> {
    Authorisation::from_toml(text).map_err(|error| match &error {
        AuthorisationError::Toml(_) => refused(Some(path), error.id(), error.to_string(), ""),
        AuthorisationError::Rows(faults) => {
            let remedy = faults.first().map(|fault| lang.pick(fault.fault.remedy(), fault.fault.remedy_ja()));
            refused(Some(path), error.id(), error.to_string(), remedy.unwrap_or_default())
        }
        other => refused(Some(path), other.id(), other.to_string(), ""),
    })
}

fn read_text(dir: &Path, name: &str) -> Result<(std::path::PathBuf, String), Failure> {
    let path = dir.join(name);
    let input = Input::read(&path)?;
    let text = input.text().map(str::to_owned);
    let text = text.ok_or_else(|| refused(Some(&path), "file-not-text", String::new(), ""))?;
    Ok((path, text))
}
