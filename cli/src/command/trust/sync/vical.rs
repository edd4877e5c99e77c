//! The update of a store by the VICAL of one provider.

use std::path::Path;

use tegata_sync::{VicalChanges, VicalImportError};
use tegata_terminal::{Lang, Output, Progress};
use time::UtcDateTime;

use super::update_failure;
use crate::command::trust::fetch::VicalFetcher;
use crate::command::trust::{download, keep};
use crate::failure::Failure;
use crate::message::trust as text;

/// Fetches the list, verifies it, fetches the CRLs of its anchors, and takes all in.
pub(super) fn update(
    path: &Path,
    fetcher: &VicalFetcher,
    at: UtcDateTime,
    progress: &Progress,
    output: &Output,
) -> Result<VicalChanges, Failure> {
    let (lang, name) = (output.lang, fetcher.name());
    let wrong = |error: VicalImportError| failed(fetcher.place(), &error, lang);
    let updated = download::vical(fetcher, progress).map_err(wrong).and_then(|list| {
        // Which CRLs there are is known when the list is; nothing is changed yet.
        let mut trial = keep::load(path, lang)?.store;
        let changes = trial.apply_vical(name, &list, &[], at).map_err(wrong)?;
        let done = text::step_vical_done(lang, changes.list.number());
        progress.done(&text::step_vical(lang, name), &done);
        let crls = download::crls(&trial.crl_sources(name), fetcher, at, progress, output);
        progress.begin(&text::step_store(lang));
        keep::change(path, lang, |store| store.apply_vical(name, &list, &crls, at).map_err(wrong))
    });
    match updated {
        Ok((changes, store)) => {
            progress.done(&text::step_store(lang), &text::step_store_done(lang, store.generation()));
            Ok(changes)
        }
        Err(failure) => {
            if matches!(failure, Failure::Update(_)) {
                // That the store cannot be written now is not told: why the update failed is.
                drop(keep::change(path, lang, |store| {
                    store.note_vical_failure(name, at);
                    Ok(())
                }));
            }
            Err(failure)
        }
    }
}

fn failed(from: &str, error: &VicalImportError, lang: Lang) -> Failure {
    update_failure(from, error.id(), error.to_string(), remedy(error, lang))
}

/// What to do about a list that is not taken in.
pub(in crate::command::trust) fn remedy(error: &VicalImportError, lang: Lang) -> String {
    use tegata_trust_list::vical::VicalError;
    match error {
        VicalImportError::ClockTurnedBack { .. } | VicalImportError::Invalid(VicalError::NotYetValid(_)) => {
            text::remedy_clock(lang)
        }
        VicalImportError::WebPage => text::remedy_portal(lang),
        VicalImportError::Fetch(_) | VicalImportError::Absent => text::remedy_vical_place(lang),
        VicalImportError::UnknownProvider(_) => text::remedy_vical_unknown(lang),
        VicalImportError::Invalid(VicalError::SignerPath(_) | VicalError::SignerNotPinned) => {
            text::remedy_vical_signer(lang)
        }
        VicalImportError::Invalid(error) if error.is_stale() => text::remedy_vical_older(lang),
        _ => text::remedy_vical(lang),
    }
}
