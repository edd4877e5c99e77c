//! The decisions of the operator: `tegata trust add`, `distrust`, `lift` and `confirm-removal`.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::json;
use tegata_sync::{KeyDigest, OperatorError, Store};
use tegata_terminal::{Lang, Output};
use tegata_trust_list::{DocTypes, Purpose, Scope};
use time::UtcDateTime;

use super::{keep, name_of, refused};
use crate::answer::Answer;
use crate::args::trust::{Add, Decision};
use crate::command::time_or_now;
use crate::failure::Failure;
use crate::load;
use crate::message::trust as text;

pub(super) fn add(args: &Add, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    let at = time_or_now(args.at);
    let certificate = load::certificate(&args.certificate, lang)?;
    let purposes: BTreeSet<Purpose> = args.purpose.iter().copied().collect();
    let scope = scope(args);
    let (key, store) = keep::change(&args.store, lang, |store| {
        let added = store.add_manually(certificate.der(), &args.sha256, &scope, &purposes, at);
        added.map_err(|error| declined(Some(&args.certificate), &error, lang))
    })?;
    done(&store, &key, text::added(lang, name_of(&store, &key)), &output)
}

/// No document type at all is refused by the command line.
fn scope(args: &Add) -> Scope {
    let mut doc_types = args.doctype.iter().cloned();
    match doc_types.next() {
        Some(first) if !args.any_doctype => Scope::DocTypes(DocTypes::new(first, doc_types)),
        _ => Scope::AnyDocType,
    }
}

pub(super) fn distrust(args: &Decision, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    let (key, store) = decide(args, lang, Store::distrust)?;
    done(&store, &key, text::distrusted(lang, name_of(&store, &key)), &output)
}

pub(super) fn lift(args: &Decision, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    let (key, store) = decide(args, lang, |store, key, at| store.lift_distrust(key, at).map(|_| ()))?;
    done(&store, &key, text::lifted(lang, key), &output)
}

pub(super) fn confirm_removal(args: &Decision, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    let (key, store) = decide(args, lang, Store::confirm_removal)?;
    done(&store, &key, text::removal_confirmed(lang, name_of(&store, &key)), &output)
}

fn decide(
    args: &Decision,
    lang: Lang,
    decision: impl FnOnce(&mut Store, &KeyDigest, UtcDateTime) -> Result<(), OperatorError>,
) -> Result<(KeyDigest, Store), Failure> {
    let at = time_or_now(args.at);
    keep::change(&args.store, lang, |store| {
        let key = find(store, &args.anchor, lang)?;
        decision(store, &key, at).map_err(|error| declined(None, &error, lang))?;
        Ok(key)
    })
}

/// The one anchor whose digest begins so.
fn find(store: &Store, prefix: &str, lang: Lang) -> Result<KeyDigest, Failure> {
    let keys = store.every_anchor().map(|(_, key, _)| key).filter(|key| key.to_string().starts_with(prefix));
    let keys: BTreeSet<KeyDigest> = keys.collect();
    match Vec::from_iter(keys).as_slice() {
        [key] => Ok(*key),
        [] => {
            let detail = text::unknown_anchor(lang, prefix);
            Err(refused(None, "operator-unknown-anchor", detail, text::remedy_unknown_anchor(lang)))
        }
        several => {
            let detail = text::ambiguous_anchor(lang, prefix, several.len());
            Err(refused(None, "operator-ambiguous-anchor", detail, text::remedy_ambiguous_anchor(lang)))
        }
    }
}

fn done(store: &Store, key: &KeyDigest, sentence: String, output: &Output) -> Result<(), Failure> {
    if output.json {
        let state = store.find_anchor(key).map(|anchor| anchor.state.id());
        return output.answer_json(&json!({
            "anchor": key.to_string(), "state": state, "generation": store.generation(),
        }));
    }
    output.answer(&format!("{sentence}\n"))
}

fn declined(file: Option<&Path>, error: &OperatorError, lang: Lang) -> Failure {
    let (detail, remedy) = match error {
        OperatorError::Fingerprint { found } => {
            (text::certificate_fingerprint(lang, hex::encode(found)), text::remedy_fingerprint(lang))
        }
        OperatorError::Revoked => (error.to_string(), text::remedy_revoked(lang)),
        OperatorError::ClockTurnedBack { .. } => (error.to_string(), text::remedy_clock(lang)),
        OperatorError::State(_) | OperatorError::Unknown(_) => (error.to_string(), text::remedy_unknown_anchor(lang)),
        _ => (error.to_string(), text::remedy_not_an_anchor(lang)),
    };
    refused(file, error.id(), detail, remedy)
}
