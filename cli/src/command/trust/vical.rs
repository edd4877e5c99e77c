//! `tegata trust vical`.

use std::path::Path;

use serde_json::json;
use tegata_sync::{ProviderError, Store, VicalPin};
use tegata_terminal::{Lang, Output};
use time::{Duration, UtcDateTime};

use super::{keep, refused};
use crate::answer::Answer;
use crate::args::trust::vical::{Add, Remove, Vical, What};
use crate::command::time_or_now;
use crate::failure::Failure;
use crate::load::certificate;
use crate::message::trust as text;

pub(super) fn run(args: &Vical, output: Output) -> Result<(), Failure> {
    match &args.what {
        What::Add(args) => add(args, output),
        What::Remove(args) => remove(args, output),
    }
}

/// A provider as named on the command line.
pub(super) struct Pinning<'a> {
    pub(super) name: &'a str,
    pub(super) file: &'a Path,
    pub(super) pin: VicalPin,
    pub(super) sha256: &'a [u8; 32],
    pub(super) hold_down: Option<Duration>,
}

impl Pinning<'_> {
    pub(super) fn add(self, store: &mut Store, at: UtcDateTime, lang: Lang) -> Result<(), Failure> {
        let added = store.add_vical(self.name, self.pin, self.sha256, self.hold_down, at);
        added.map_err(|error| declined(Some(self.file), &error, lang))
    }
}

fn add(args: &Add, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    let (file, pin) = match (&args.root, &args.dangerous_signer) {
        (Some(file), _) => (file, VicalPin::Root(certificate(file, lang)?)),
        (None, Some(file)) => (file, VicalPin::DangerousSigner(certificate(file, lang)?)),
        // The command line demands one of them.
        (None, None) => return Ok(()),
    };
    let hold_down = args.hold_down.map(|days| Duration::days(days.into()));
    let pinning = Pinning { name: &args.name, file, pin, sha256: &args.sha256, hold_down };
    let at = time_or_now(args.at);
    let ((), store) = keep::change(&args.store, lang, |store| pinning.add(store, at, lang))?;
    done(&store, &args.name, text::vical_added(lang, &args.name), output)
}

fn remove(args: &Remove, output: Output) -> Result<(), Failure> {
    let (lang, at) = (output.lang, time_or_now(args.at));
    let ((), store) = keep::change(&args.store, lang, |store| {
        store.remove_vical(&args.name, at).map_err(|error| declined(None, &error, lang))
    })?;
    done(&store, &args.name, text::vical_removed(lang, &args.name), output)
}

fn done(store: &Store, name: &str, sentence: String, output: Output) -> Result<(), Failure> {
    if output.json {
        let vicals: Vec<&str> = store.vicals().map(|(name, _)| name).collect();
        return output.answer_json(&json!({ "vical": name, "vicals": vicals, "generation": store.generation() }));
    }
    output.answer(&format!("{sentence}\n"))
}

fn declined(file: Option<&Path>, error: &ProviderError, lang: Lang) -> Failure {
    let (detail, remedy) = match error {
        ProviderError::Fingerprint { found } => {
            (text::certificate_fingerprint(lang, hex::encode(found)), text::remedy_fingerprint(lang))
        }
        ProviderError::ClockTurnedBack { .. } => (error.to_string(), text::remedy_clock(lang)),
        ProviderError::Name(_) | ProviderError::Exists(_) | ProviderError::TooMany(_) => {
            (error.to_string(), text::remedy_vical_name(lang))
        }
        ProviderError::Unknown(_) => (error.to_string(), text::remedy_vical_unknown(lang)),
        _ => (error.to_string(), text::remedy_vical_pin(lang)),
    };
    let file = match error {
        ProviderError::Name(_) | ProviderError::Exists(_) | ProviderError::TooMany(_) => None,
        _ => file,
    };
    refused(file, error.id(), detail, remedy)
}
