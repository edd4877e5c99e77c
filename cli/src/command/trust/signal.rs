//! `tegata trust signal`.

use serde_json::json;
use tegata_sync::AnchorTag;
use tegata_terminal::{Output, facts};

use super::keep::{self, Kept};
use super::{fetch, name, refused};
use crate::answer::Answer;
use crate::args::trust::Signal;
use crate::command::time_or_now;
use crate::failure::Failure;
use crate::message::trust as text;

pub(super) fn run(args: &Signal, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    let at = time_or_now(args.at);
    let Kept { store, .. } = keep::load(&args.store, lang)?;
    let Some(signal) = store.readiness_signal(args.class.class(), at) else {
        let (detail, remedy) = (text::never_updated(lang), text::next_is_sync(lang));
        return Err(refused(Some(&args.store), "trust-never-updated", detail, remedy));
    };
    let bytes = signal.to_bytes();
    let told = store.anchors().iter().filter(|(key, _)| signal.anchors.contains(&AnchorTag::from(*key)));
    let told: Vec<(String, String)> =
        told.map(|(key, anchor)| (key.to_string().chars().take(8).collect(), name(anchor))).collect();
    if let Some(url) = &args.post {
        fetch::post(url, &bytes, lang)?;
    }
    if output.json {
        return output.answer_json(&json!({
            "class": signal.class.id(), "list_version": signal.list_version,
            "anchors": told.iter().map(|(tag, _)| tag).collect::<Vec<_>>(),
            "signal": hex::encode(&bytes), "sent": args.post,
        }));
    }
    let mut rows = vec![
        (text::signal_class(lang), signal.class.id().to_owned()),
        (text::signal_list(lang), signal.list_version.to_string()),
    ];
    rows.extend(told.into_iter().map(|(tag, name)| (text::signal_anchor(lang), format!("{tag}  ({name})"))));
    rows.push((text::signal_bytes(lang), hex::encode(&bytes)));
    let verdict = match &args.post {
        Some(url) => text::signal_sent(lang, url),
        None => text::signal_not_sent(lang),
    };
    output.answer(&format!("{}{verdict}\n", facts(&output, &rows)))
}
