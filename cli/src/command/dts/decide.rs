//! What people decide about roots, and what they tell the world.

use std::path::Path;

use serde_json::json;
use tegata_manifest::ceremony::Draft;
use tegata_manifest::{Approval, Notice as Entry, NoticeCategory};
use tegata_pki::{Certificate, rust_crypto};
use tegata_publisher::{CatalogueError, KeyDigest, sign_metadata};
use tegata_terminal::{Lang, Output};
use time::Duration;

use super::init::drafted;
use super::keys::Keys;
use super::metadata::of_ceremony;
use super::settings::{Settings, authority};
use super::{Service, of_catalogue, refused};
use crate::answer::Answer;
use crate::args::dts::{Approve, CategoryChoice, Notice, Retire, RevokeRoot};
use crate::failure::Failure;
use crate::load::certificate;
use crate::message::dts as text;

pub(super) fn notice(args: &Notice, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    let mut open = Service::open(&args.place, lang)?;
    let roots = args.root.iter().map(|path| Ok(*KeyDigest::of(&certificate(path, lang)?).as_bytes()));
    let notice = Entry {
        id: args.id.clone(),
        category: category(args.category),
        published: open.at,
        anchors: roots.collect::<Result<_, Failure>>()?,
        text_en: args.text_en.clone(),
        text_ja: args.text_ja.clone(),
    };
    decided(open.catalogue.add_notice(notice, open.at), &args.id, output)
}

pub(super) fn retire(args: &Retire, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    let mut open = Service::open(&args.place, lang)?;
    let root = KeyDigest::of(&certificate(&args.certificate, lang)?);
    let planned = open.catalogue.plan_retirement(root, Some(args.retiring), args.removed, open.at);
    decided(planned, &root.to_string(), output)
}

pub(super) fn revoke_root(args: &RevokeRoot, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    let mut open = Service::open(&args.place, lang)?;
    let root = compared(&args.certificate, &args.sha256, lang)?;
    let root = KeyDigest::of(&root);
    decided(open.catalogue.revoke_root(root, open.at), &root.to_string(), output)
}

pub(super) fn approve(args: &Approve, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    let mut open = Service::open(&args.place, lang)?;
    let root = KeyDigest::of(&compared(&args.certificate, &args.sha256, lang)?);
    let (settings, authority) = (Settings::read(&args.place.dir)?, authority(&args.place.dir, lang)?);
    let issuer = authority.issuers.get(root);
    let issuer = issuer.ok_or_else(|| of_catalogue(&CatalogueError::UnknownRoot(root), lang))?;
    let metadata = open.catalogue.root_metadata(rust_crypto()).map_err(|error| of_catalogue(&error, lang))?;
    let approval = Approval {
        repository: metadata.header.repository.clone(),
        issued: open.at,
        expires: open.at.saturating_add(Duration::days(args.days.into())),
        anchor: *root.as_bytes(),
        doc_types: issuer.doc_types.clone(),
        purposes: issuer.purposes.clone(),
    };
    if let Some(path) = &args.draft {
        let draft = Draft::of_approval(&approval, open.catalogue.root_file().unwrap_or_default(), rust_crypto());
        let draft = draft.map_err(|error| of_ceremony(None, &error, lang))?;
        return drafted(path, &draft, output);
    }
    let keys = Keys::open("dts.toml", &settings.keys.root, &args.pin, output)?;
    let signed = sign_metadata(&approval, &metadata, &keys, rust_crypto());
    let (file, _) = signed.map_err(|error| refused(None, error.id(), error.to_string(), ""))?;
    decided(open.catalogue.set_approval(root, file, open.at, rust_crypto()), &root.to_string(), output)
}

/// The certificate, if it is the one whose fingerprint was typed.
fn compared(path: &Path, expected: &[u8; 32], lang: Lang) -> Result<Certificate, Failure> {
    let root = certificate(path, lang)?;
    let found = root.fingerprint_sha256();
    if found == *expected {
        return Ok(root);
    }
    let detail = text::other_fingerprint(lang, hex::encode(found));
    Err(refused(Some(path), "fingerprint-differs", detail, text::remedy_fingerprint(lang)))
}

pub(super) fn decided(done: Result<(), CatalogueError>, subject: &str, output: Output) -> Result<(), Failure> {
    done.map_err(|error| of_catalogue(&error, output.lang))?;
    if output.json {
        return output.answer_json(&json!({ "recorded": subject }));
    }
    output.answer(&format!("{}\n", text::decided(output.lang, subject)))
}

fn category(choice: CategoryChoice) -> NoticeCategory {
    match choice {
        CategoryChoice::RootCompromise => NoticeCategory::RootCompromise,
        CategoryChoice::SignerCompromise => NoticeCategory::SignerCompromise,
        CategoryChoice::Rollover => NoticeCategory::Rollover,
        CategoryChoice::Withdrawal => NoticeCategory::Withdrawal,
        CategoryChoice::Maintenance => NoticeCategory::Maintenance,
    }
}
