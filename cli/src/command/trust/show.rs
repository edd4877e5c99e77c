//! `tegata trust show`, and what the other commands show of a store.

mod changes;
mod vical;

use tegata_manifest::{Header, ListedState};
use tegata_sync::{AnchorState, Change, CrlAge, Event, Freshness, HeldAnchor, KeyDigest, Store, Vouching};
use tegata_terminal::{Lang, Output, Tone, clean, facts, table};
use tegata_verifier_store::Profile;
use tegata_verifier_store::json::{self, crl_number};
use time::UtcDateTime;

pub(super) use self::changes::page as changes;
pub(super) use self::vical::changes as vical_changes;
use super::keep::{self, Kept};
use super::{instant, name, short};
use crate::answer::Answer;
use crate::args::trust::Show;
use crate::command::time_or_now;
use crate::command::verify::show::age;
use crate::failure::Failure;
use crate::message::show::absent;
use crate::message::trust as text;

pub(super) fn run(args: &Show, output: Output) -> Result<(), Failure> {
    let at = time_or_now(args.at);
    let Kept { store, profile } = keep::load(&args.store, output.lang)?;
    if output.json {
        return output.answer_json(&json::store(&store, profile, at));
    }
    let mut page = page(&store, profile, at, &output);
    if args.history {
        page.push_str(&history(&store, &output));
    }
    output.answer(&page)
}

/// The service and the age of its list; the providers of VICALs; the anchors; the CRLs of those that are trusted.
pub(super) fn page(store: &Store, profile: Profile, at: UtcDateTime, output: &Output) -> String {
    let mut page = match store.root() {
        Some(root) => service(store, &root.header, profile, at, output),
        None => without_service(store, profile, at, output),
    };
    page.push_str(&vical::page(store, at, output));
    page.push_str(&anchors(store, output));
    page.push_str(&crls(store, at, output));
    page
}

/// Why nobody is trusted; empty if somebody is.
fn gap(store: &Store, at: UtcDateTime, lang: Lang) -> String {
    store.trust(at).err().map(|gap| text::trusts_nobody(lang, &gap)).unwrap_or_default()
}

fn without_service(store: &Store, profile: Profile, at: UtcDateTime, output: &Output) -> String {
    let lang = output.lang;
    let rows = [(text::row_profile(lang), profile.id().to_owned()), (text::row_trust(lang), gap(store, at, lang))];
    format!("{}\n{}", output.style.title(&text::no_service(lang)), facts(output, &rows))
}

fn service(store: &Store, header: &Header, profile: Profile, at: UtcDateTime, output: &Output) -> String {
    let lang = output.lang;
    let mut page = format!("{}\n", output.style.title(&clean(&header.repository)));
    let list = match store.list_age(at) {
        Some(list) => {
            let fresh = freshness(list.freshness, lang).0;
            text::list_line(lang, list.version, instant(list.as_of), age(list.age, lang), fresh)
        }
        None => text::never_updated(lang),
    };
    page.push_str(&facts(
        output,
        &[
            (text::row_root(lang), text::root_line(lang, header.version, instant(header.expires))),
            (text::row_list(lang), list),
            (text::row_profile(lang), profile.id().to_owned()),
            (text::row_trust(lang), gap(store, at, lang)),
        ],
    ));
    page
}

fn anchors(store: &Store, output: &Output) -> String {
    let lang = output.lang;
    let rows: Vec<_> = store.every_anchor().map(|(vical, key, anchor)| anchor_row(vical, &key, anchor, lang)).collect();
    if rows.is_empty() {
        return format!("  {}\n", output.style.doubtful(&text::no_anchors(lang)));
    }
    let header = [
        text::column_key(lang),
        text::column_anchor(lang),
        text::column_state(lang),
        text::column_why(lang),
        text::column_scope(lang),
    ];
    table(output, &header, &rows)
}

fn anchor_row(vical: Option<&str>, key: &KeyDigest, anchor: &HeldAnchor, lang: Lang) -> Vec<(String, Tone)> {
    let (state, tone) = state(anchor, lang);
    let why = match vical {
        Some(name) => text::because_vical_of(lang, name),
        None => anchor.state.because().map(|because| vouching(because, lang)).unwrap_or_default(),
    };
    vec![
        (short(key), Tone::Faint),
        (name(anchor), Tone::Plain),
        (state, tone),
        (why, Tone::Plain),
        (scope(anchor, lang), Tone::Faint),
    ]
}

fn state(anchor: &HeldAnchor, lang: Lang) -> (String, Tone) {
    let day = |since: UtcDateTime| since.date().to_string();
    match anchor.state {
        AnchorState::Candidate { until, .. } => (text::state_candidate(lang, day(until)), Tone::Doubtful),
        AnchorState::Valid { since, .. } if anchor.is_retiring() => {
            (text::state_retiring(lang, day(since)), Tone::Good)
        }
        AnchorState::Valid { since, .. } => (text::state_valid(lang, day(since)), Tone::Good),
        AnchorState::Missing { since, .. } => (text::state_missing(lang, day(since)), Tone::Doubtful),
        AnchorState::Retired { since } => (text::state_retired(lang, day(since)), Tone::Faint),
        AnchorState::Revoked { since } => (text::state_revoked(lang, day(since)), Tone::Bad),
        AnchorState::Expired { since } => (text::state_expired(lang, day(since)), Tone::Faint),
        AnchorState::LocalDistrust { since } => (text::state_distrusted(lang, day(since)), Tone::Bad),
    }
}

/// Who vouches for an anchor.
fn vouching(because: Vouching, lang: Lang) -> String {
    match because {
        Vouching::OnlineRole => text::because_list(lang),
        Vouching::NewWithOld { by } => text::because_new_with_old(lang, short(&by)),
        Vouching::OldWithNew { by } => text::because_old_with_new(lang, short(&by)),
        Vouching::Approval => text::because_approval(lang),
        Vouching::Operator => text::because_operator(lang),
        Vouching::Vical => text::because_vical(lang),
    }
}

/// `issuance, status: org.iso.18013.5.1.mDL`, and how the service lists it where that is not plainly in use.
fn scope(anchor: &HeldAnchor, lang: Lang) -> String {
    let mut lines: Vec<String> = Vec::new();
    for (purposes, scope) in anchor.grants.scopes() {
        let purposes: Vec<&str> = purposes.iter().map(|purpose| purpose.id()).collect();
        let doc_types = match &scope {
            tegata_trust_list::Scope::AnyDocType => text::any_doc_type(lang),
            tegata_trust_list::Scope::DocTypes(doc_types) => doc_types.iter().collect::<Vec<_>>().join(", "),
        };
        lines.push(format!("{}: {doc_types}", purposes.join(", ")));
    }
    if let Some(listed) = anchor.listed.filter(|listed| listed.state != ListedState::Active) {
        lines.push(text::listed_as(lang, listed.state.id(), listed.version));
    }
    if let Some(widening) = &anchor.widening {
        lines.push(text::widening(lang, instant(widening.until)));
    }
    lines.join("\n")
}

fn crls(store: &Store, at: UtcDateTime, output: &Output) -> String {
    let lang = output.lang;
    let rows: Vec<_> = store.crl_ages(at).iter().map(|age| crl_row(store, age, at, lang)).collect();
    if rows.is_empty() {
        return String::new();
    }
    let header = [
        text::column_crl(lang),
        text::column_number(lang),
        text::column_this_update(lang),
        text::column_next_update(lang),
        text::column_fetched(lang),
        text::column_freshness(lang),
    ];
    table(output, &header, &rows)
}

fn crl_row(store: &Store, crl: &CrlAge, at: UtcDateTime, lang: Lang) -> Vec<(String, Tone)> {
    let (mut fresh, tone) = freshness(crl.freshness.freshness, lang);
    let causes: Vec<&str> = crl.freshness.causes.iter().map(|cause| cause.id()).collect();
    if !causes.is_empty() {
        fresh.push_str(&format!(" ({})", causes.join(", ")));
    }
    let time = |pick: fn(&tegata_sync::CrlTimes) -> UtcDateTime| {
        crl.times.as_ref().map_or_else(|| absent(lang), |times| instant(pick(times)))
    };
    let fetched = crl.times.map_or_else(|| absent(lang), |times| text::ago(lang, age(at - times.fetched_at, lang)));
    vec![
        (super::name_of(store, &crl.anchor), Tone::Plain),
        (crl.number.map_or_else(|| absent(lang), crl_number), Tone::Plain),
        (time(|times| times.this_update), Tone::Plain),
        (time(|times| times.next_update), Tone::Plain),
        (fetched, Tone::Plain),
        (fresh, tone),
    ]
}

fn freshness(freshness: Freshness, lang: Lang) -> (String, Tone) {
    match freshness {
        Freshness::Fresh => (text::fresh(lang), Tone::Good),
        Freshness::Grace => (text::grace(lang), Tone::Doubtful),
        Freshness::Stale => (text::stale(lang), Tone::Bad),
    }
}

/// What happened to every anchor, in its order.
fn history(store: &Store, output: &Output) -> String {
    let lang = output.lang;
    let changes = store.every_anchor();
    let changes = changes.flat_map(|(vical, _, anchor)| anchor.history.iter().map(move |change| (vical, change)));
    let mut changes: Vec<(Option<&str>, &Change)> = changes.collect();
    changes.sort_by_key(|(_, change)| (change.at, change.anchor));
    let rows: Vec<_> = changes
        .iter()
        .map(|(vical, change)| {
            let by = match (change.list_version, vical) {
                (None, _) => text::by_operator(lang),
                (Some(list), None) => text::by_list(lang, list),
                (Some(issue), Some(name)) => text::by_vical(lang, name, issue),
            };
            vec![
                (instant(change.at), Tone::Plain),
                (super::name_of(store, &change.anchor), Tone::Plain),
                (event(&change.event, lang), Tone::Plain),
                (by, Tone::Faint),
            ]
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let header = [text::column_when(lang), text::column_anchor(lang), text::column_event(lang), text::column_by(lang)];
    table(output, &header, &rows)
}

/// What happened, in words.
fn event(event: &Event, lang: Lang) -> String {
    match event {
        Event::Seen { until, because } => text::event_seen(lang, instant(*until), vouching(*because, lang)),
        Event::TimerChanged { until, because } => text::event_timer(lang, instant(*until), vouching(*because, lang)),
        Event::Dropped => text::event_dropped(lang),
        Event::Adopted { because } => text::event_adopted(lang, vouching(*because, lang)),
        Event::WentMissing => text::event_missing(lang),
        Event::Returned => text::event_returned(lang),
        Event::Retired => text::event_retired(lang),
        Event::RemovalHeldBack => text::event_held_back(lang),
        Event::Revoked => text::event_revoked(lang),
        Event::Expired => text::event_expired(lang),
        Event::Distrusted => text::event_distrusted(lang),
        Event::DistrustLifted => text::event_lifted(lang),
        Event::Widened => text::event_widened(lang),
        Event::Narrowed => text::event_narrowed(lang),
        other => other.id().to_owned(),
    }
}
