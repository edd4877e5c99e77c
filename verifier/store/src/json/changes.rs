//! What an update changed, as JSON.

use serde_json::{Value as Json, json};
use tegata_sync::{CatchUp, Change, Changes, EntryError, Event, KeyDigest, Refused, Store, TrustScope};

use super::{because, instant};

/// What an update changed: `{"list_version", "changes", "held_back", "emptied", "catch_up", "refused", "notices"}`.
#[must_use]
pub fn changes(store: &Store, changes: &Changes) -> Json {
    json!({
        "list_version": changes.list_version,
        "changes": changes.anchors.iter().map(change).collect::<Vec<_>>(),
        "held_back": changes.held_back.iter().map(|held| json!({
            "anchor": held.anchor.to_string(), "scopes": held.scopes.iter().map(scope).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "emptied": changes.emptied.iter().map(scope).collect::<Vec<_>>(),
        "catch_up": changes.catch_up.iter().map(|way| catch_up(store, way)).collect::<Vec<_>>(),
        "refused": refused(changes),
        "notices": changes.notices.iter().map(|notice| json!({
            "id": notice.id, "category": notice.category.id(), "published": instant(notice.published),
            "anchors": notice.anchors.iter().map(hex::encode).collect::<Vec<_>>(),
            "en": notice.text_en, "ja": notice.text_ja,
        })).collect::<Vec<_>>(),
    })
}

/// What happened to an anchor: `{"anchor", "at", "list", "event", "until"?, "because"?}`.
#[must_use]
pub fn change(change: &Change) -> Json {
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

pub(super) fn scope(scope: &TrustScope) -> Json {
    json!({ "country": scope.country, "purpose": scope.purpose.id(), "doc_type": scope.doc_type })
}

fn catch_up(store: &Store, catch_up: &CatchUp) -> Json {
    json!({
        "id": catch_up.way.id(), "anchor": catch_up.anchor.to_string(), "scope": scope(&catch_up.scope),
        "text": catch_up.way.text_en(), "text_ja": catch_up.way.text_ja(),
        "fingerprint": store.anchors().get(&catch_up.anchor)
            .map(|anchor| hex::encode(anchor.certificate.fingerprint_sha256())),
    })
}

fn refused(changes: &Changes) -> Vec<Json> {
    let links = changes.refused_links.iter();
    let links = links.map(|(digest, error)| {
        json!({ "name": format!("link {}", hex::encode(digest)), "id": error.id(), "detail": error.to_string() })
    });
    files(&changes.refused).chain(anchors(&changes.refused_entries)).chain(links).collect()
}

pub(super) fn files(refused: &[Refused]) -> impl Iterator<Item = Json> {
    let files = refused.iter();
    files.map(|file| json!({ "name": file.name, "id": file.error.id(), "detail": file.error.to_string() }))
}

pub(super) fn anchors(refused: &[(KeyDigest, EntryError)]) -> impl Iterator<Item = Json> {
    let anchors = refused.iter();
    anchors
        .map(|(key, error)| json!({ "name": format!("anchor {key}"), "id": error.id(), "detail": error.to_string() }))
}
