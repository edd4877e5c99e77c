//! What is printed, and above all what is not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod common;

use std::collections::BTreeSet;

use common::{PERSONS, Theatre, play_all};
use tegata_ceremony::{
    Kind, Lang, Previous,
    render::{Format, PublicReport, private_procedure, private_report, public_procedure, public_report},
};

const FORMATS: [Format; 2] = [Format::Html, Format::Text];

fn words(octets: &[u8]) -> String {
    format!("first-word-{:02x}", octets[0])
}

/// Every private string of the site file and of what happened.
fn private_strings(previous: &Previous) -> BTreeSet<String> {
    let mut strings: BTreeSet<String> = PERSONS
        .iter()
        .flat_map(|(handle, name, organisation)| [*handle, *name, *organisation])
        .chain(["Room Quebec", "Label Romeo", "libsierra", "Tango", "UNIFORM", "Victor", "whiskey"])
        .map(str::to_owned)
        .collect();
    for item in previous.inventory.items().values() {
        strings.extend(item.bag.as_ref().map(ToString::to_string));
    }
    strings.extend(previous.inventory.spent().iter().map(ToString::to_string));
    strings
}

#[test]
fn public_prints_leak_nothing_and_private_ones_say_it_all() {
    let stage = Theatre::new(Kind::First, Previous::default());
    let (record, left) = play_all(&stage);
    let secret = private_strings(&left);
    let report = PublicReport::of(&record, &stage.script, &stage.rules);
    for lang in Lang::ALL {
        for format in FORMATS {
            let procedure = public_procedure(&stage.script, lang, format);
            let printed = public_report(&report, &stage.script, &words, lang, format);
            for page in [&procedure, &printed] {
                for string in &secret {
                    assert!(!page.contains(string.as_str()), "{lang} {format:?}: {string}");
                }
                assert!(page.contains(&hex::encode(stage.script.digest())));
                assert!(page.contains("7.03"));
            }
            assert!(printed.contains("2026-12-01T08:00:00Z") && printed.contains(&"11".repeat(32)));
            assert!(printed.contains("first-word-"));
            let roster = private_procedure(&stage.script, &stage.site, lang, format);
            let annex = private_report(&record, &stage.script, &stage.site, &stage.rules, &words, lang, format);
            for (_, name, organisation) in PERSONS {
                assert!(roster.contains(name) && roster.contains(organisation) && annex.contains(name));
            }
            assert!(roster.contains("Room Quebec") && roster.contains("Tango token"));
            assert!(annex.contains("TEB-00001") && annex.contains("whiskey"));
        }
    }
}

#[test]
fn the_languages_and_the_verdict_are_on_the_page() {
    let stage = Theatre::new(Kind::First, Previous::default());
    let (record, _) = play_all(&stage);
    let whole = PublicReport::of(&record, &stage.script, &stage.rules);
    let cut = PublicReport::of(&record[..record.len() / 2], &stage.script, &stage.rules);
    let page = |report, lang| public_report(report, &stage.script, &words, lang, Format::Text);
    assert!(page(&whole, Lang::En).contains("every rule was kept"));
    assert!(page(&whole, Lang::Ja).contains("全ての規則に適合"));
    let broken = page(&cut, Lang::En);
    assert!(broken.contains("record-tail-missing") && !broken.contains("every rule was kept"));
    assert!(broken.contains("not carried out"));
    let html = public_procedure(&stage.script, Lang::Ja, Format::Html);
    assert!(html.starts_with("<!DOCTYPE html>") && html.contains("lang=\"ja\"") && html.contains("@page"));
    assert!(html.contains("秘密鍵管理者1") && !html.contains("<script"));
}
