//! `tegata trust init`.

use serde_json::json;
use tegata_pki::aws_lc_rs;
use tegata_sync::{BootstrapError, Store, VicalPin};
use tegata_terminal::{Lang, Output};
use tegata_verifier_store::Profile;

use super::keep;
use super::vical::Pinning;
use super::{instant, refused};
use crate::answer::Answer;
use crate::args::trust::Init;
use crate::command::time_or_now;
use crate::failure::Failure;
use crate::input::Input;
use crate::load::certificate;
use crate::message::trust as text;

pub(super) fn run(args: &Init, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    keep::check_new(&args.store)?;
    let profile = if args.offline { Profile::Offline } else { Profile::Online };
    let mut store = begin(args, profile, lang)?;
    if let (Some(file), Some(sha256)) = (&args.vical_root, &args.vical_sha256) {
        let pin = VicalPin::Root(certificate(file, lang)?);
        let pinning = Pinning { name: &args.vical_name, file, pin, sha256, hold_down: None };
        pinning.add(&mut store, time_or_now(args.at), lang)?;
    }
    let header = store.root().map(|root| root.header.clone());
    let vical = store.vicals().next().map(|(name, _)| name.to_owned());
    keep::create(&args.store, store, profile)?;
    let file = args.store.display();
    if output.json {
        return output.answer_json(&json!({
            "store": file.to_string(), "repository": header.as_ref().map(|header| &header.repository),
            "root": header.as_ref().map(|header| header.version),
            "root_expires": header.as_ref().map(|header| instant(header.expires)),
            "sha256": args.sha256.map(hex::encode), "vical": vical,
            "vical_sha256": args.vical_sha256.map(hex::encode), "profile": profile.id(),
        }));
    }
    let mut page = match header {
        Some(header) => text::made_store(lang, &file, header.repository, header.version, profile.id()) + "\n",
        None => text::made_vical_store(lang, &file, profile.id()) + "\n",
    };
    if let Some(name) = vical {
        page.push_str(&format!("{}\n", text::vical_added(lang, name)));
    }
    output.answer(&format!("{page}{}\n", text::next_is_sync(lang)))
}

/// A store with the pinned root, or without a service.
fn begin(args: &Init, profile: Profile, lang: Lang) -> Result<Store, Failure> {
    let (Some(root), Some(sha256)) = (&args.root, &args.sha256) else {
        return Ok(Store::without_service(profile.sync_policy(), aws_lc_rs()));
    };
    let root = Input::read(root)?;
    let store = Store::bootstrap(&root.bytes, sha256, profile.sync_policy(), aws_lc_rs());
    store.map_err(|error| unpinned(&root, &error, lang))
}

fn unpinned(root: &Input, error: &BootstrapError, lang: Lang) -> Failure {
    match error {
        BootstrapError::Digest { found } => {
            let (detail, remedy) = (text::root_digest(lang, hex::encode(found)), text::remedy_fingerprint(lang));
            refused(Some(&root.path), error.id(), detail, remedy)
        }
        BootstrapError::Root(cause) => {
            let remedy = lang.pick(cause.remedy(), cause.remedy_ja());
            refused(Some(&root.path), error.id(), cause.to_string(), remedy)
        }
        _ => refused(Some(&root.path), error.id(), error.to_string(), text::remedy_fingerprint(lang)),
    }
}
