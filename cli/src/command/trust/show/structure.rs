//! A store as JSON.

use serde_json::{Value as Json, json};
use tegata_sync::{AnchorState, Change, Event, HeldAnchor, KeyDigest, Store, Vouching};
use tegata_trust_list::Scope;
use time::UtcDateTime;

use super::{instant, name};
use crate::command::trust::keep::Profile;
use crate::command::verify::show::crl_number;

/// `{"repository", "root", "profile", "generation", "list", "trust", "vicals", "anchors", "crls"}`; without a service the first
/// two and `list` are null.
pub(in crate::command::trust) fn store(store: &Store, profile: Profile, at: UtcDateTime) -> Json {
    let header = store.root().map(|root| &root.header);
    let list = store.list_age(at).map(|list| {
        json!({
            "version": list.version, "accepted": instant(list.accepted_at), "as_of": instant(list.as_of),
            "age_seconds": list.age.whole_seconds(), "freshness": list.freshness.id(),
        })
    });
    let trust = match store.trust(at) {
        Ok(_) => json!({ "available": true }),
        Err(gap) => json!({ "available": false, "id": gap.id(), "detail": gap.to_string() }),
    };
    json!({
        "repository": header.map(|header| &header.repository), "root": header.map(|header| header.version),
        "root_expires": header.map(|header| instant(header.expires)), "vicals": super::vical::json(store, at),
        "profile": profile.id(), "generation": store.generation(), "at": instant(at), "list": list, "trust": trust,
        "anchors": store.every_anchor().map(|(vical, key, held)| anchor(vical, &key, held)).collect::<Vec<_>>(),
        "crls": crls(store, at),
    })
}

fn anchor(vical: Option<&str>, key: &KeyDigest, anchor: &HeldAnchor) -> Json {
    let (since, until) = times(&anchor.state);
    let grants = anchor.grants.scopes().into_iter().map(|(purposes, scope)| {
        let doc_types = match &scope {
            Scope::AnyDocType => Json::Null,
            Scope::DocTypes(doc_types) => doc_types.iter().collect(),
        };
        json!({ "purposes": purposes.iter().map(|purpose| purpose.id()).collect::<Vec<_>>(), "doc_types": doc_types })
    });
    json!({
        "key": key.to_string(), "vical": vical, "name": name(anchor), "subject": anchor.certificate.subject().to_string(),
        "fingerprint": hex::encode(anchor.certificate.fingerprint_sha256()),
        "not_after": instant(anchor.certificate.not_after()),
        "state": anchor.state.id(), "trusted": anchor.state.is_trusted(),
        "since": instant(since), "until": until.map(instant), "because": anchor.state.because().map(because),
        "grants": grants.collect::<Vec<_>>(),
        "listed": anchor.listed.map(|listed| json!({ "state": listed.state.id(), "version": listed.version })),
        "history": anchor.history.iter().map(change).collect::<Vec<_>>(),
    })
}

fn times(state: &AnchorState) -> (UtcDateTime, Option<UtcDateTime>) {
    match *state {
        AnchorState::Candidate { since, until, .. } => (since, Some(until)),
        AnchorState::Valid { since, .. }
        | AnchorState::Missing { since, .. }
        | AnchorState::Retired { since }
        | AnchorState::Revoked { since }
        | AnchorState::Expired { since }
        | AnchorState::LocalDistrust { since } => (since, None),
    }
}

/// `{"anchor", "at", "list", "event", "until"?, "because"?}`.
pub(in crate::command::trust) fn change(change: &Change) -> Json {
    let (until, vouching) = match change.event {
        Event::Seen { until, because } | Event::TimerChanged { until, because } => (Some(until), Some(because)),
        Event::Adopted { because } => (None, Some(because)),
        _ => (None, None),
    };
    json!({
        "anchor": change.anchor.to_string(), "at": instant(change.at), "list": change.list_version,
        "event": change.event.id(), "until": until.map(instant), "because": vouching.map(because),
    })
}

fn because(vouching: Vouching) -> Json {
    let by = match vouching {
        Vouching::NewWithOld { by } | Vouching::OldWithNew { by } => Some(by.to_string()),
        _ => None,
    };
    json!({ "id": vouching.id(), "by": by })
}

fn crls(store: &Store, at: UtcDateTime) -> Vec<Json> {
    let ages = store.crl_ages(at);
    let crl = |age: &tegata_sync::CrlAge| {
        json!({
            "anchor": age.anchor.to_string(), "number": age.number.map(crl_number),
            "this_update": age.times.map(|times| instant(times.this_update)),
            "next_update": age.times.map(|times| instant(times.next_update)),
            "fetched": age.times.map(|times| instant(times.fetched_at)),
            "freshness": age.freshness.freshness.id(),
            "causes": age.freshness.causes.iter().map(|cause| cause.id()).collect::<Vec<_>>(),
        })
    };
    ages.iter().map(crl).collect()
}
