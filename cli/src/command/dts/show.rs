//! `tegata dts show`.

use serde_json::json;
use tegata_manifest::{AnchorList, ListedState, Signed};
use tegata_pki::rust_crypto;
use tegata_publisher::catalogue::Holdings;
use tegata_terminal::{Lang, Output, Tone, facts, table};
use time::{Duration, UtcDateTime};

use super::super::instant;
use super::{Service, of_catalogue};
use crate::answer::Answer;
use crate::args::dts::Show;
use crate::failure::Failure;
use crate::message::dts as text;

pub(super) fn run(args: &Show, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    let open = Service::open(&args.place, lang)?;
    let root = open.catalogue.root_metadata(rust_crypto()).map_err(|error| of_catalogue(&error, lang))?;
    let (holdings, at) = (open.catalogue.holdings(), open.at);
    let list = holdings.metadata.list.as_ref().and_then(|list| Signed::<AnchorList>::parse(&list.bytes).ok());
    let list = list.as_ref().map(|list| list.unverified().header.clone());
    let waiting = |issuer| holdings.crls_of(issuer).filter(|crl| crl.released.is_none()).count();
    if output.json {
        let roots = holdings.roots.iter().map(|(key, held)| {
            let crl = holdings.released_crl(*key);
            json!({
                "root": key.to_string(),
                "subject": held.root.certificate().subject().to_string(),
                "state": held.state_at(at).id(),
                "approved": held.approval.is_some(),
                "crl": crl.map(|crl| json!({ "number": crl.number.to_string(), "next_update": instant(crl.next_update) })),
                "crls_waiting": waiting(*key),
            })
        });
        return output.answer_json(&json!({
            "repository": root.header.repository,
            "root_metadata": { "version": root.header.version, "expires": instant(root.header.expires) },
            "list": list.map(|list| json!({ "version": list.version, "expires": instant(list.expires) })),
            "roots": roots.collect::<Vec<_>>(),
            "request_waiting": holdings.request.as_ref().map(|request| request.sequence),
            "notices": holdings.notices.len(),
        }));
    }
    let until = |version: u64, expires: UtcDateTime| text::version_until(lang, version, instant(expires));
    let mut rows = vec![
        (text::repository(lang), root.header.repository.clone()),
        (text::root_metadata(lang), until(root.header.version, root.header.expires)),
        (text::list(lang), list.map_or_else(|| text::none(lang), |list| until(list.version, list.expires))),
        (text::request(lang), awaited(holdings, lang)),
        (text::notices(lang), holdings.notices.len().to_string()),
    ];
    rows.extend(due(holdings, at, lang));
    let header = [
        text::column_root(lang),
        text::column_state(lang),
        text::column_crl(lang),
        text::column_next_update(lang),
        text::column_waiting(lang),
    ];
    let lines: Vec<_> = holdings
        .roots
        .iter()
        .map(|(key, held)| {
            let state = held.state_at(at);
            let crl = holdings.released_crl(*key);
            vec![
                (held.root.certificate().subject().to_string(), Tone::Plain),
                (state.id().to_owned(), tone(state)),
                (crl.map(|crl| crl.number.to_string()).unwrap_or_default(), Tone::Plain),
                crl.map_or_else(|| (text::none(lang), Tone::Doubtful), |crl| next_update(crl.next_update, at)),
                (waiting(*key).to_string(), Tone::Faint),
            ]
        })
        .collect();
    output.answer(&format!("{}\n{}", facts(&output, &rows), table(&output, &header, &lines)))
}

fn awaited(holdings: &Holdings, lang: Lang) -> String {
    match (&holdings.request, &holdings.response) {
        (Some(request), _) => text::request_waiting(lang, request.sequence),
        (None, Some(last)) => text::request_next(lang, last.next_sequence),
        (None, None) => text::none(lang),
    }
}

/// What somebody has to do soon: lists that end within two days.
fn due(holdings: &Holdings, at: UtcDateTime, lang: Lang) -> Vec<(String, String)> {
    let ends = holdings.roots.iter().filter(|(_, held)| held.is_in_use(at)).filter_map(|(key, held)| {
        let last = holdings.crls_of(*key).map(|crl| crl.next_update).max();
        let is_near = last.is_none_or(|last| at.saturating_add(Duration::days(2)) >= last);
        is_near.then(|| {
            let subject = held.root.certificate().subject().to_string();
            let last = last.map_or_else(|| text::none(lang), instant);
            (text::due(lang), text::crl_ends(lang, subject, last))
        })
    });
    ends.collect()
}

fn tone(state: ListedState) -> Tone {
    match state {
        ListedState::Active => Tone::Good,
        ListedState::Revoked | ListedState::Removed => Tone::Bad,
        _ => Tone::Doubtful,
    }
}

fn next_update(ends: UtcDateTime, at: UtcDateTime) -> (String, Tone) {
    (instant(ends), if at >= ends { Tone::Bad } else { Tone::Plain })
}
