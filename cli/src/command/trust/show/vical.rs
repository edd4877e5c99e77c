//! The providers of VICALs of a store, and what a list of theirs changed.

use serde_json::{Value as Json, json};
use tegata_sync::{Changes, HeldVical, Store, VicalAge, VicalChanges, VicalProvider};
use tegata_terminal::{Output, Tone, clean, table};
use time::UtcDateTime;

use super::{change_json, freshness, instant};
use crate::command::verify::show::age;
use crate::message::show::absent;
use crate::message::trust as text;

/// One row for each provider; empty without any.
pub(super) fn page(store: &Store, at: UtcDateTime, output: &Output) -> String {
    let lang = output.lang;
    let row = |(name, provider): (&str, &VicalProvider)| {
        let held = provider.held().zip(store.vical_age(name, at));
        let cell = |text: Option<String>| (text.unwrap_or_else(|| absent(lang)), Tone::Plain);
        let of_list = |pick: &dyn Fn(&HeldVical) -> Option<String>| cell(held.and_then(|(list, _)| pick(list)));
        let (fresh, tone) = match held {
            Some((_, age)) => freshness(age.freshness, lang),
            None => (text::never_updated(lang), Tone::Doubtful),
        };
        vec![
            (name.to_owned(), Tone::Plain),
            of_list(&|list| Some(clean(&list.provider).into_owned())),
            of_list(&|list| list.issue_id.map(|issue| issue.to_string())),
            of_list(&|list| Some(instant(list.date))),
            of_list(&|list| list.next_update.map(instant)),
            cell(held.map(|(_, held)| text::ago(lang, age(held.age, lang)))),
            (fresh, tone),
        ]
    };
    let rows: Vec<_> = store.vicals().map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    let header = [
        text::column_vical(lang),
        text::column_provider(lang),
        text::column_issue(lang),
        text::column_date(lang),
        text::column_vical_next(lang),
        text::column_current(lang),
        text::column_freshness(lang),
    ];
    table(output, &header, &rows)
}

/// `{"name", "pin", "pin_sha256", "pin_not_after", "hold_down_days", "failures", "list"}`.
pub(super) fn json(store: &Store, at: UtcDateTime) -> Vec<Json> {
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

/// What a list changed, for people.
pub(in crate::command::trust) fn changes(store: &Store, changed: &VicalChanges, output: &Output) -> String {
    let changes = Changes {
        anchors: changed.anchors.clone(),
        emptied: changed.emptied.clone(),
        refused: changed.refused.clone(),
        refused_entries: changed.refused_entries.clone(),
        ..Changes::default()
    };
    let mut page = super::changes(store, &changes, output);
    for entry in &changed.skipped {
        let name = format!("VICAL {}: {}", changed.name, entry.position);
        let line = text::refused(output.lang, name, &entry.error, entry.error.id());
        page.push_str(&format!("  {}\n", output.style.doubtful(&line)));
    }
    page
}

/// The same as JSON.
pub(in crate::command::trust) fn changes_json(changed: &VicalChanges) -> Json {
    let files = changed.refused.iter();
    let files = files.map(|file| json!({ "name": file.name, "id": file.error.id(), "detail": file.error.to_string() }));
    let entries = changed.refused_entries.iter();
    let entries = entries
        .map(|(key, error)| json!({ "name": format!("anchor {key}"), "id": error.id(), "detail": error.to_string() }));
    let skipped = changed.skipped.iter().map(|entry| {
        json!({
            "name": format!("entry {}", entry.position), "id": entry.error.id(), "detail": entry.error.to_string(),
        })
    });
    let emptied = changed
        .emptied
        .iter()
        .map(|scope| json!({ "country": scope.country, "purpose": scope.purpose.id(), "doc_type": scope.doc_type }));
    json!({
        "name": changed.name, "list": list(&changed.list, None),
        "changes": changed.anchors.iter().map(change_json).collect::<Vec<_>>(),
        "emptied": emptied.collect::<Vec<_>>(),
        "refused": files.chain(entries).chain(skipped).collect::<Vec<_>>(),
    })
}
