//! `tegata dts metadata`: the ceremony of a quorum whose keys lie in several places.

mod show;

use std::path::{Path, PathBuf};

use serde_json::json;
use tegata_manifest::ceremony::{CeremonyError, Draft, DraftDocument, Share};
use tegata_manifest::sha256;
use tegata_pki::rust_crypto;
use tegata_publisher::KeyDigest;
use tegata_terminal::{Lang, Output};

use super::decide::decided;
use super::init::{pinned, told};
use super::settings::Settings;
use super::{Service, of_catalogue, refused};
use crate::answer::Answer;
use crate::args::dts::{Complete, Metadata, ShowDraft, Sign, WhatMetadata};
use crate::failure::Failure;
use crate::file;
use crate::input::Input;
use crate::key::KeyRing;
use crate::message::dts as text;

pub(super) fn run(args: &Metadata, output: Output) -> Result<(), Failure> {
    match &args.what {
        WhatMetadata::Show(args) => show(args, output),
        WhatMetadata::Sign(args) => sign(args, output),
        WhatMetadata::Complete(args) => complete(args, output),
    }
}

fn show(args: &ShowDraft, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    let draft = read_draft(&args.draft, lang)?;
    let mut signed = Vec::new();
    for (path, share) in read_shares(&args.shares, lang)? {
        draft.verify(&share, rust_crypto()).map_err(|error| of_ceremony(Some(&path), &error, lang))?;
        signed.push(share.key());
    }
    if output.json {
        return output.answer_json(&show::json(&draft, &signed));
    }
    output.answer(&show::page(&draft, &signed, &output))
}

/// Shows what is signed before the key is reached, and signs only what the key holders compared.
fn sign(args: &Sign, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    file::check(&args.out)?;
    let draft = read_draft(&args.draft, lang)?;
    output.note(&show::page(&draft, &[], &output));
    let digest = draft.digest();
    if digest != args.sha256 {
        let detail = text::other_draft(lang, hex::encode(digest));
        return Err(refused(Some(&args.draft), "ceremony-digest-differs", detail, text::remedy_other_draft(lang)));
    }
    if let Some(path) = &args.root {
        let own = sha256(&Input::read(path)?.bytes);
        if draft.root_sha256() != Some(own) {
            let remedy = text::remedy_other_draft(lang);
            return Err(refused(Some(path), "ceremony-root-differs", text::other_root(lang), remedy));
        }
    }
    let signer = KeyRing::new(&args.pin, output).new_signer("--key", &args.key)?;
    let failed = |error: CeremonyError| of_ceremony(Some(&args.draft), &error, lang);
    let wanted = draft.to_be_signed(signer.public_key()).map_err(failed)?;
    let signature = signer.sign(wanted.message())?;
    let share = draft.share(signer.public_key(), &signature, rust_crypto()).map_err(failed)?;
    file::write(&args.out, &share.to_bytes())?;
    let (written, key) = (args.out.out.display(), share.key());
    if output.json {
        let page = json!({ "written": written.to_string(), "key": key.to_string(), "sha256": hex::encode(digest) });
        return output.answer_json(&page);
    }
    output.answer(&format!("{}\n", text::share_written(lang, written, key)))
}

fn complete(args: &Complete, output: Output) -> Result<(), Failure> {
    let (lang, dir) = (output.lang, &args.place.dir);
    let mut open = Service::open(&args.place, lang)?;
    let draft = read_draft(&args.draft, lang)?;
    if draft.root_sha256() != open.catalogue.root_file().map(sha256) {
        let remedy = text::remedy_overtaken(lang);
        return Err(refused(Some(&args.draft), "ceremony-overtaken", text::overtaken(lang), remedy));
    }
    let shares: Vec<Share> = read_shares(&args.shares, lang)?.into_iter().map(|(_, share)| share).collect();
    let file = draft.complete(&shares, rust_crypto());
    let file = file.map_err(|error| of_ceremony(Some(&args.draft), &error, lang))?;
    match draft.document() {
        DraftDocument::Root(root) => {
            let version = root.header.version;
            file::check_new(&pinned(dir, version))?;
            let accepted = open.catalogue.accept_root(&file, open.at, rust_crypto());
            accepted.map_err(|error| of_catalogue(&error, lang))?;
            Settings::put_into_force(dir, &draft.digest())?;
            told(pinned(dir, version), &file, version, output)
        }
        DraftDocument::Approval(approval) => {
            let root = KeyDigest::from_bytes(approval.anchor);
            decided(open.catalogue.set_approval(root, file, open.at, rust_crypto()), &root.to_string(), output)
        }
        _ => Err(of_ceremony(Some(&args.draft), &CeremonyError::NoRoot, lang)),
    }
}

fn read_draft(path: &Path, lang: Lang) -> Result<Draft, Failure> {
    let input = Input::read(path)?;
    Draft::from_bytes(&input.bytes, rust_crypto()).map_err(|error| of_ceremony(Some(path), &error, lang))
}

fn read_shares(paths: &[PathBuf], lang: Lang) -> Result<Vec<(PathBuf, Share)>, Failure> {
    let read = |path: &PathBuf| {
        let share = Share::from_bytes(&Input::read(path)?.bytes);
        Ok((path.clone(), share.map_err(|error| of_ceremony(Some(path), &error, lang))?))
    };
    paths.iter().map(read).collect()
}

pub(super) fn of_ceremony(path: Option<&Path>, error: &CeremonyError, lang: Lang) -> Failure {
    refused(path, error.id(), error.to_string(), lang.pick(error.remedy(), error.remedy_ja()))
}
