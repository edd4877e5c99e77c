//! `tegata dts init` and `tegata dts rotate`: the root metadata.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};

use serde_json::json;
use tegata_manifest::ceremony::Draft;
use tegata_manifest::{Header, KeyId, RoleKeys, RoleName, RootMetadata, Signed, sha256};
use tegata_pki::{PublicKey, rust_crypto};
use tegata_publisher::service::Text;
use tegata_publisher::{Service as Published, Signers};
use tegata_terminal::{Lang, Output};
use time::{Duration, UtcDateTime};

use super::keys::Keys;
use super::metadata::of_ceremony;
use super::settings::{self, KeyReferences, Settings, edition_id};
use super::{PUBLIC, Service, of_catalogue, of_metadata, refuse_unless_empty, refused};
use crate::answer::Answer;
use crate::args::dts::{Init, Roles, Rotate};
use crate::args::token::PinArgs;
use crate::failure::Failure;
use crate::file;
use crate::key::is_reference;
use crate::load::public_key;
use crate::message::dts as text;

/// Days that a root which a link vouches for is announced before it may issue: as long as verifiers hold it down.
const ANNOUNCEMENT_DAYS: u16 = 30;
/// The name under which the root metadata is handed to relying parties.
const PINNED: &str = "root.cbor";

pub(super) fn run(args: &Init, output: Output) -> Result<(), Failure> {
    let (lang, dir) = (output.lang, &args.place.dir);
    refuse_unless_empty(dir, lang)?;
    let service = Published {
        repository: args.repository.clone(),
        base_url: args.base_url.clone(),
        operator: Text { en: args.operator_en.clone(), ja: args.operator_ja.clone() },
        list_life: Duration::days(90),
        snapshot_life: Duration::days(7),
        pointer_life: Duration::DAY,
        status_life: Duration::DAY,
        status_ttl: Duration::HOUR,
        status: Vec::new(),
        lote: None,
    };
    let settings = Settings {
        edition: edition_id(args.edition).to_owned(),
        sandbox: args.sandbox,
        announcement_days: ANNOUNCEMENT_DAYS,
        response_key: public_key(&args.response_signer, lang)?.to_pem(),
        checkpoint_key: settings::checkpoint_key(&args.checkpoint_key, lang)?.to_string(),
        root_pins: Vec::new(),
        keys: references(&args.roles, args.signer_key.clone()),
    };
    let roles = RoleSet::open(&args.roles, &args.pin, output)?;
    let at = super::time_or_now(args.place.at).truncate_to_second();
    let root = roles.root(&args.repository, 1, at, args.roles.root_days)?;
    let draft = args.draft.as_deref().map(|path| Draft::of_root(&root, None, rust_crypto()).map(|draft| (path, draft)));
    let draft = draft.transpose().map_err(|error| of_ceremony(None, &error, lang))?;
    let file = match &draft {
        Some((path, _)) => file::check_new(path).map(|()| None)?,
        None => Some(sign_root(&root, None, &roles, lang)?),
    };

    std::fs::create_dir_all(dir).map_err(|error| Failure::Output {
        file: dir.clone(),
        fault: tegata_terminal::OutputFault::Unwritable(error.kind()),
    })?;
    settings::create(dir, &service, &settings)?;
    let mut open = Service::make(&args.place, lang)?;
    match (file, draft) {
        (Some(file), _) => {
            let accepted = open.catalogue.accept_root(&file, open.at, rust_crypto());
            accepted.map_err(|error| of_catalogue(&error, lang))?;
            told(pinned(dir, 1), &file, 1, output)
        }
        (None, Some((path, draft))) => drafted(path, &draft, output),
        (None, None) => Ok(()),
    }
}

pub(super) fn rotate(args: &Rotate, output: Output) -> Result<(), Failure> {
    let (lang, dir) = (output.lang, &args.place.dir);
    let mut open = Service::open(&args.place, lang)?;
    let mut settings = Settings::read(dir)?;
    let last = open.catalogue.root_metadata(rust_crypto()).map_err(|error| of_catalogue(&error, lang))?;
    let mut roles = RoleSet::open(&args.roles, &args.pin, output)?;
    if args.draft.is_none() {
        // The keys of before sign too, those of them that are still in the tokens.
        roles.old = Some(Keys::open("dts.toml", &settings.keys.root, &args.pin, output)?);
    }
    let version = last.header.version + 1;
    let root = roles.root(&last.header.repository, version, open.at, args.roles.root_days)?;
    settings.keys = references(&args.roles, settings.keys.signers);
    if let Some(path) = &args.draft {
        let in_force = open.catalogue.root_file().unwrap_or_default();
        let draft = Draft::of_root(&root, Some(in_force), rust_crypto());
        let draft = draft.map_err(|error| of_ceremony(None, &error, lang))?;
        file::check_new(path)?;
        // The keys are used from the moment on in which the root is in force.
        settings.write_next(dir, &draft.digest())?;
        return drafted(path, &draft, output);
    }
    let file = sign_root(&root, Some(&last), &roles, lang)?;
    let accepted = open.catalogue.accept_root(&file, open.at, rust_crypto());
    accepted.map_err(|error| of_catalogue(&error, lang))?;
    settings.write(dir)?;
    told(pinned(dir, version), &file, version, output)
}

/// Where the root of that version is kept for relying parties.
pub(super) fn pinned(dir: &Path, version: u64) -> PathBuf {
    if version == 1 { dir.join(PINNED) } else { dir.join(format!("root-{version}.cbor")) }
}

/// Writes a draft and says what to do with it.
pub(super) fn drafted(path: &Path, draft: &Draft, output: Output) -> Result<(), Failure> {
    file::write_new(path, &draft.to_bytes())?;
    let digest = hex::encode(draft.digest());
    if output.json {
        return output.answer_json(&json!({ "draft": path.display().to_string(), "sha256": digest }));
    }
    output.answer(&format!("{}\n", text::drafted(output.lang, path.display(), digest)))
}

pub(super) fn told(pinned: PathBuf, file: &[u8], version: u64, output: Output) -> Result<(), Failure> {
    file::write_new(&pinned, file)?;
    let digest = hex::encode(sha256(file));
    if output.json {
        return output
            .answer_json(&json!({ "root": pinned.display().to_string(), "version": version, "sha256": digest }));
    }
    let told = text::root_signed(output.lang, version, pinned.display(), digest);
    output.answer(&format!("{told}\n{}\n", text::root_next(output.lang, PUBLIC)))
}

fn references(roles: &Roles, signers: Vec<String>) -> KeyReferences {
    KeyReferences {
        root: roles.root_key.iter().filter(|key| is_reference(key)).cloned().collect(),
        list: roles.list_key.clone(),
        snapshot: roles.snapshot_key.clone(),
        pointer: roles.pointer_key.clone(),
        signers,
    }
}

/// The keys of the four roles; those of the root role can sign.
struct RoleSet {
    keys: [(RoleName, Vec<PublicKey>, NonZeroU16); 4],
    root: Keys,
    old: Option<Keys>,
}

impl RoleSet {
    /// Keys of the root role that lie elsewhere are given as files of public keys.
    fn open(args: &Roles, pin: &PinArgs, output: Output) -> Result<Self, Failure> {
        let (at_hand, elsewhere): (Vec<_>, Vec<_>) = args.root_key.iter().partition(|key| is_reference(key));
        let root = Keys::open("--root-key", at_hand, pin, output)?;
        let elsewhere = elsewhere.into_iter().map(|path| public_key(Path::new(path), output.lang));
        let elsewhere: Vec<PublicKey> = elsewhere.collect::<Result<_, _>>()?;
        let public = |argument, reference: &[String]| {
            Keys::open(argument, reference, pin, output).map(|keys| keys.public_keys())
        };
        let list = public("--list-key", &args.list_key)?;
        let snapshot = public("--snapshot-key", std::slice::from_ref(&args.snapshot_key))?;
        let pointer = public("--pointer-key", std::slice::from_ref(&args.pointer_key))?;
        let threshold = |given: Option<u16>, keys: &[PublicKey]| {
            let all = u16::try_from(keys.len()).unwrap_or(u16::MAX);
            NonZeroU16::new(given.unwrap_or(all)).unwrap_or(NonZeroU16::MIN)
        };
        let roots = [root.public_keys(), elsewhere].concat();
        let keys = [
            (RoleName::Root, roots.clone(), threshold(args.root_threshold, &roots)),
            (RoleName::List, list.clone(), threshold(args.list_threshold, &list)),
            (RoleName::Snapshot, snapshot, NonZeroU16::MIN),
            (RoleName::Pointer, pointer, NonZeroU16::MIN),
        ];
        Ok(Self { keys, root, old: None })
    }

    fn root(&self, repository: &str, version: u64, at: UtcDateTime, days: u16) -> Result<RootMetadata, Failure> {
        let (mut keys, mut roles) = (BTreeMap::new(), BTreeMap::new());
        for (role, of_role, threshold) in &self.keys {
            let ids: BTreeSet<KeyId> = of_role.iter().map(KeyId::of).collect();
            keys.extend(of_role.iter().map(|key| (KeyId::of(key), key.clone())));
            roles.insert(*role, RoleKeys { keys: ids, threshold: *threshold });
        }
        let expires = at.saturating_add(Duration::days(days.into()));
        let header = Header { repository: repository.to_owned(), version, issued: at, expires };
        Ok(RootMetadata { header, keys, roles })
    }
}

impl RoleSet {
    fn signer_of(&self, key: &PublicKey) -> Option<&Keys> {
        [Some(&self.root), self.old.as_ref()].into_iter().flatten().find(|keys| keys.holds(key))
    }
}

/// Signed by its own root keys, and by those of the root before.
fn sign_root(
    root: &RootMetadata,
    last: Option<&RootMetadata>,
    roles: &RoleSet,
    lang: Lang,
) -> Result<Vec<u8>, Failure> {
    use tegata_manifest::Document as _;
    let failed = |error: tegata_manifest::MetadataError| of_metadata(&error, lang);
    let of_root = |metadata: &RootMetadata| {
        let rules = metadata.roles.get(&RoleName::Root).map(|rules| rules.keys.clone()).unwrap_or_default();
        rules.into_iter().filter_map(|id| metadata.keys.get(&id).cloned()).collect::<Vec<_>>()
    };
    let mut keys = of_root(root);
    for key in last.map(of_root).unwrap_or_default() {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys.retain(|key| roles.signer_of(key).is_some());
    let prepared = root.prepare(&keys).map_err(failed)?;
    let mut signatures = BTreeMap::new();
    for wanted in prepared.to_be_signed() {
        let Some(keys) = roles.signer_of(wanted.key()) else { continue };
        let signature = keys.sign(wanted.key(), wanted.algorithm(), wanted.message());
        let signature = signature.map_err(|error| refused(None, "signing-signer", error.to_string(), ""))?;
        signatures.insert(wanted.key_id(), signature);
    }
    let file = prepared.complete(&signatures, rust_crypto()).map_err(failed)?;
    let signed = Signed::<RootMetadata>::parse(&file).map_err(failed)?;
    match last {
        None => signed.verify_by_itself(rust_crypto()),
        Some(last) => signed.verify_successor(last, rust_crypto()),
    }
    .map_err(failed)?;
    Ok(file)
}
