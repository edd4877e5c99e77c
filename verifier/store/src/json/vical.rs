//! The providers of VICALs of a store, and what a list of theirs changed, as JSON.

use serde_json::{Value as Json, json};
use tegata_sync::{HeldVical, Store, VicalAge, VicalChanges, VicalProvider};
use time::UtcDateTime;

use super::changes::{anchors, change, files, scope};
use super::instant;

/// `{"name", "pin", "pin_sha256", "pin_not_after", "hold_down_days", "failures", "list"}`.
pub(super) fn providers(store: &Store, at: UtcDateTime) -> Vec<Json> {
    let provider = |(name, provider): (&str, &VicalProvider)| {
        let pin = provider.pin().certificate();
        json!({
            "name": name, "pin": provider.pin().id(), "pin_sha256": hex::encode(pin.fingerprint_sha256()),
            "pin_not_after": instant(pin.not_after()), "failures": provider.failures(),
            "hold_down_days": provider.hold_down().map(|hold_down| hold_down.whole_days()),
            "list": provider.held().zip(store.vical_age(name, at)).map(|(held, age)| list(held, Some(age))),
        })
    };
    store.vicals().map(provider).collect()
}

fn list(held: &HeldVical, age: Option<VicalAge>) -> Json {
    json!({
        "provider": held.provider, "issue": held.issue_id, "date": instant(held.date),
        "next_update": held.next_update.map(instant), "not_after": held.not_after.map(instant),
        "sha256": hex::encode(held.sha256), "fetched": instant(held.fetched_at),
        "as_of": age.map(|age| instant(age.as_of)), "age_seconds": age.map(|age| age.age.whole_seconds()),
        "freshness": age.map(|age| age.freshness.id()),
    })
}

/// What a VICAL changed: `{"name", "list", "changes", "emptied", "refused"}`.
#[must_use]
pub fn vical_changes(changed: &VicalChanges) -> Json {
    let skipped = changed.skipped.iter().map(|entry| {
        json!({
            "name": format!("entry {}", entry.position), "id": entry.error.id(), "detail": entry.error.to_string(),
        })
    });
    json!({
        "name": changed.name, "list": list(&changed.list, None),
        "changes": changed.anchors.iter().map(change).collect::<Vec<_>>(),
        "emptied": changed.emptied.iter().map(scope).collect::<Vec<_>>(),
        "refused": files(&changed.refused).chain(anchors(&changed.refused_entries)).chain(skipped).collect::<Vec<_>>(),
    })
}
