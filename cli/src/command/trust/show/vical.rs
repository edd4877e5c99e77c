//! The providers of VICALs of a store, and what a list of theirs changed.

use tegata_sync::{Changes, HeldVical, Store, VicalChanges, VicalProvider};
use tegata_terminal::{Output, Tone, clean, table};
use time::UtcDateTime;

use super::{freshness, instant};
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
