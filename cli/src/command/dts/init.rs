//! `tegata dts init` and `tegata dts rotate`: the root metadata.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU16;

use serde_json::json;
use tegata_manifest::{Header, KeyId, RoleKeys, RoleName, RootMetadata, Signed, sha256};
use tegata_pki::{PublicKey, rust_crypto};
use tegata_publisher::service::Text;
use tegata_publisher::{Service as Published, Signers};
use tegata_terminal::{Lang, Output};
use time::{Duration, UtcDateTime};

use super::keys::Keys;
use super::settings::{self, KeyReferences, Settings, edition_id};
use super::{PUBLIC, Service, of_catalogue, of_metadata, refuse_unless_empty, refused};
use crate::answer::Answer;
use crate::args::dts::{Init, Roles, Rotate};
use crate::args::token::PinArgs;
use crate::failure::Failure;
use crate::file;
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
    let file = sign_root(&root, None, &roles, lang)?;

    std::fs::create_dir_all(dir).map_err(|error| Failure::Output {
        file: dir.clone(),
        fault: tegata_terminal::OutputFault::Unwritable(error.kind()),
    })?;
    settings::create(dir, &service, &settings)?;
    let mut open = Service::make(&args.place, lang)?;
    let accepted = open.catalogue.accept_root(&file, open.at, rust_crypto());
    accepted.map_err(|error| of_catalogue(&error, lang))?;
    told(args.place.dir.join(PINNED), &file, 1, output)
}

pub(super) fn rotate(args: &Rotate, output: Output) -> Result<(), Failure> {
    let (lang, dir) = (output.lang, &args.place.dir);
    let mut open = Service::open(&args.place, lang)?;
    let mut settings = Settings::read(dir)?;
    let last = open.catalogue.root_metadata(rust_crypto()).map_err(|error| of_catalogue(&error, lang))?;
    let mut roles = RoleSet::open(&args.roles, &args.pin, output)?;
    // The keys of before sign too, those of them that are still in the tokens.
    roles.old = Some(Keys::open("dts.toml", &settings.keys.root, &args.pin, output)?);
    let version = last.header.version + 1;
    let root = roles.root(&last.header.repository, version, open.at, args.roles.root_days)?;
    let file = sign_root(&root, Some(&last), &roles, lang)?;
    let accepted = open.catalogue.accept_root(&file, open.at, rust_crypto());
    accepted.map_err(|error| of_catalogue(&error, lang))?;
    settings.keys = references(&args.roles, settings.keys.signers);
    settings.write(dir)?;
    told(dir.join(format!("root-{version}.cbor")), &file, version, output)
}

fn told(pinned: std::path::PathBuf, file: &[u8], version: u64, output: Output) -> Result<(), Failure> {
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
        root: roles.root_key.clone(),
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
    fn open(args: &Roles, pin: &PinArgs, output: Output) -> Result<Self, Failure> {
        let root = Keys::open("--root-key", &args.root_key, pin, output)?;
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
        let roots = root.public_keys();
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
