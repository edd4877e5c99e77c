//! What an update changed, for people: what needs a hand comes with the command for it.

use tegata_sync::{CatchUpWay, Changes, KeyDigest, Store};
use tegata_terminal::{Lang, Output, clean};

use super::{event, instant};
use crate::command::trust::{name_of, short};
use crate::message::trust as text;

/// One line for each thing; empty when nothing changed.
pub(in crate::command::trust) fn page(store: &Store, changes: &Changes, output: &Output) -> String {
    let Output { lang, style, .. } = *output;
    let mut lines: Vec<String> = Vec::new();
    for change in &changes.anchors {
        lines.push(format!("{}  {}", style.title(&event(&change.event, lang)), name(store, &change.anchor)));
    }
    for held in &changes.held_back {
        let scopes: Vec<String> = held.scopes.iter().map(|scope| scope_text(scope, lang)).collect();
        let line = text::held_back(lang, name(store, &held.anchor), scopes.join(", "), short(&held.anchor));
        lines.push(style.doubtful(&line));
    }
    for scope in &changes.emptied {
        lines.push(style.bad(&text::emptied(lang, scope_text(scope, lang))));
    }
    for catch_up in &changes.catch_up {
        let what = lang.pick(catch_up.way.text_en(), catch_up.way.text_ja());
        let line = format!("{}: {what}", name(store, &catch_up.anchor));
        lines.push(match catch_up.way {
            CatchUpWay::Impossible { .. } => style.bad(&line),
            _ => style.doubtful(&line),
        });
    }
    for file in &changes.refused {
        lines.push(style.doubtful(&text::refused(lang, clean(&file.name), &file.error, file.error.id())));
    }
    for (key, error) in &changes.refused_entries {
        lines.push(style.doubtful(&text::refused(lang, format!("anchor {key}"), error, error.id())));
    }
    for (digest, error) in &changes.refused_links {
        let name = format!("link {}", hex::encode(digest));
        lines.push(style.doubtful(&text::refused(lang, name, error, error.id())));
    }
    for notice in &changes.notices {
        let (first, second) = match lang {
            Lang::En => (&notice.text_en, &notice.text_ja),
            Lang::Ja => (&notice.text_ja, &notice.text_en),
        };
        let words = if first.is_empty() { second } else { first };
        let head = text::notice(lang, notice.category.id(), instant(notice.published));
        lines.push(format!("{}: {}", style.title(&head), clean(words)));
    }
    lines.iter().map(|line| format!("  {line}\n")).collect()
}

fn name(store: &Store, key: &KeyDigest) -> String {
    clean(&name_of(store, key)).into_owned()
}

fn scope_text(scope: &tegata_sync::TrustScope, lang: Lang) -> String {
    let doc_type = scope.doc_type.clone().unwrap_or_else(|| text::any_doc_type(lang));
    clean(&format!("{doc_type} {} ({})", scope.country, scope.purpose.id())).into_owned()
}
