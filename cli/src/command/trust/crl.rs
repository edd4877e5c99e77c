//! `tegata trust crl`.

use serde_json::json;
use tegata_sync::ImportError;
use tegata_terminal::{Lang, Output};

use super::{keep, name_of, refused};
use crate::answer::Answer;
use crate::args::trust::Crl;
use crate::command::time_or_now;
use crate::failure::Failure;
use crate::input::Input;
use crate::message::show::absent;
use crate::message::trust as text;
use tegata_verifier_store::json::crl_number;

pub(super) fn run(args: &Crl, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    let at = time_or_now(args.at);
    let input = Input::read(&args.input)?;
    let (key, store) = keep::change(&args.store, lang, |store| {
        store.import_crl(&input.bytes, at).map_err(|error| declined(&input, &error, lang))
    })?;
    let age = store.crl_ages(at).into_iter().find(|age| age.anchor == key);
    let number = age.as_ref().and_then(|age| age.number).map(crl_number);
    if output.json {
        return output.answer_json(&json!({
            "anchor": key.to_string(), "number": number,
            "freshness": age.map(|age| age.freshness.freshness.id()), "generation": store.generation(),
        }));
    }
    let number = number.unwrap_or_else(|| absent(lang));
    output.answer(&format!("{}\n", text::crl_taken(lang, number, name_of(&store, &key))))
}

fn declined(input: &Input, error: &ImportError, lang: Lang) -> Failure {
    let remedy = match error {
        ImportError::WebPage => text::remedy_portal(lang),
        ImportError::ClockTurnedBack { .. } | ImportError::CrlNotYetValid { .. } => text::remedy_clock(lang),
        ImportError::UnknownIssuer => text::remedy_unknown_issuer(lang),
        ImportError::CrlNumberTooLow { .. } | ImportError::CrlOlder { .. } => text::remedy_older_crl(lang),
        _ => text::remedy_crl(lang),
    };
    refused(Some(&input.path), error.id(), error.to_string(), remedy)
}
