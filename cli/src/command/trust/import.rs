//! `tegata trust import`.

use serde_json::json;
use tegata_sync::{ApplyError, BundleError, EvidenceBundle};
use tegata_terminal::{Lang, Output, clean};
use tegata_verifier_store::json::{bundle as imported, merge};

use super::keep::{self, Kept};
use super::{instant, refused, show, sync};
use crate::answer::Answer;
use crate::args::trust::Import;
use crate::command::time_or_now;
use crate::command::verify::show::age;
use crate::failure::Failure;
use crate::input::Input;
use crate::message::trust as text;

pub(super) fn run(args: &Import, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    let at = time_or_now(args.at);
    let Kept { profile, .. } = keep::load(&args.store, lang)?;
    let input = Input::read(&args.input)?;
    let bundle = EvidenceBundle::from_bytes(&input.bytes).map_err(|error| declined(&input, &error, lang))?;
    let (report, store) = keep::change(&args.store, lang, |store| {
        let taken = store.import_bundle(&bundle, profile.update_policy(), at);
        taken.map_err(|error| declined(&input, &error, lang))
    })?;
    if output.json {
        let mut page = json!({ "store": args.store.display().to_string() });
        merge(&mut page, imported(&bundle, &report, &store, profile, at));
        return output.answer_json(&page);
    }
    let line = text::bundle_taken(lang, instant(report.fetched_at), instant(report.as_of), age(report.age, lang));
    let mut page = format!("{line}\n");
    page.push_str(&show::changes(&store, &report.changes, &output));
    report.vicals.iter().for_each(|changes| page.push_str(&show::vical_changes(&store, changes, &output)));
    for (name, error) in &report.refused_vicals {
        let line = text::refused(lang, format!("VICAL {}", clean(name)), error, error.id());
        page.push_str(&format!("  {}\n", output.style.doubtful(&line)));
    }
    page.push_str(&show::page(&store, profile, at, &output));
    output.answer(&page)
}

fn declined(input: &Input, error: &BundleError, lang: Lang) -> Failure {
    let remedy = match error {
        BundleError::Root(cause) => lang.pick(cause.remedy(), cause.remedy_ja()).to_owned(),
        BundleError::Update(cause) | BundleError::Apply(ApplyError::Update(cause)) => {
            lang.pick(cause.remedy(), cause.remedy_ja()).to_owned()
        }
        BundleError::FromFuture { .. } | BundleError::Apply(ApplyError::ClockTurnedBack { .. }) => {
            text::remedy_clock(lang)
        }
        BundleError::Vical(cause) => sync::vical_remedy(cause, lang),
        BundleError::NothingFollowed => text::remedy_nothing_followed(lang),
        BundleError::Version(_) => text::remedy_store_version(lang),
        _ => text::remedy_bundle(lang),
    };
    refused(Some(&input.path), error.id(), error.to_string(), remedy)
}
