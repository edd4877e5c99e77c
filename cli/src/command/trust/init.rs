//! `tegata trust init`.

use serde_json::json;
use tegata_pki::aws_lc_rs;
use tegata_sync::{BootstrapError, Store};
use tegata_terminal::{Lang, Output};
use tegata_verifier_store::Profile;

use super::keep;
use super::{instant, refused};
use crate::answer::Answer;
use crate::args::trust::Init;
use crate::failure::Failure;
use crate::input::Input;
use crate::message::trust as text;

pub(super) fn run(args: &Init, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    keep::check_new(&args.store)?;
    let profile = if args.offline { Profile::Offline } else { Profile::Online };
    let root = Input::read(&args.root)?;
    let store = Store::bootstrap(&root.bytes, &args.sha256, profile.sync_policy(), aws_lc_rs());
    let store = store.map_err(|error| unpinned(&root, &error, lang))?;
    let header = store.root().header.clone();
    keep::create(&args.store, store, profile)?;
    let file = args.store.display();
    if output.json {
        return output.answer_json(&json!({
            "store": file.to_string(), "repository": header.repository, "root": header.version,
            "root_expires": instant(header.expires), "sha256": hex::encode(args.sha256), "profile": profile.id(),
        }));
    }
    let made = text::made_store(lang, file, header.repository, header.version, profile.id());
    output.answer(&format!("{made}\n{}\n", text::next_is_sync(lang)))
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
