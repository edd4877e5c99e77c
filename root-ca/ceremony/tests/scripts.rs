//! The shipped scripts, and what `check` finds in others.

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

use common::{SiteDraft, Theatre, play_all, rules, script, script_text, scripts};
use tegata_ceremony::{Action, Finding, Kind, Lang, Previous, Quorum, Role, Rules, Script, Severity, Site, check};

fn previous(kind: Kind) -> Previous {
    match kind {
        Kind::First => Previous::default(),
        _ => play_all(&Theatre::new(Kind::First, Previous::default())).1,
    }
}

fn ids(findings: &[Finding]) -> BTreeSet<&'static str> {
    findings.iter().map(Finding::id).collect()
}

/// The first ceremony with a changed script.
fn with_script(from: &str, to: &str) -> BTreeSet<&'static str> {
    let text = script_text(Kind::First);
    assert!(text.contains(from), "{from}");
    let script = Script::parse(text.replacen(from, to, 1).as_bytes()).unwrap();
    ids(&check::script(&script, &rules()))
}

/// The first ceremony with a changed site file.
fn with_site(change: impl FnOnce(&mut SiteDraft)) -> BTreeSet<&'static str> {
    let script = script(Kind::First);
    let mut draft = SiteDraft::default();
    change(&mut draft);
    ids(&check(&script, &draft.site(&script), &rules(), &Previous::default()))
}

#[test]
fn every_shipped_script_passes_under_both_policies() {
    let shipped = std::fs::read_dir(scripts()).unwrap().count();
    assert_eq!(shipped, Kind::ALL.len());
    for kind in Kind::ALL {
        let script = script(kind);
        assert_eq!(script.kind(), kind);
        let site = SiteDraft::of(&script).site(&script);
        for policy in ["iso-18013-5", "jp-004"] {
            let rules = Rules::new(policy.parse().unwrap(), Quorum { k: 2, n: 3 });
            let findings = check(&script, &site, &rules, &previous(kind));
            assert!(findings.is_empty(), "{kind}: {findings:?}");
        }
    }
}

#[test]
fn the_first_ceremony_has_the_91_steps_of_the_published_procedure() {
    let sizes =
        [(0, 11), (1, 4), (2, 8), (3, 4), (4, 7), (5, 4), (6, 6), (7, 9), (8, 12), (9, 8), (10, 3), (11, 9), (12, 7)];
    let numbered: Vec<String> = sizes
        .iter()
        .flat_map(|(phase, last)| (1..=*last).map(move |step| format!("{phase}.{step:02}")))
        .filter(|id| id != "9.06")
        .collect();
    assert_eq!(numbered.len(), 91);
    let script = script(Kind::First);
    let plain = |id: &&str| !id.ends_with(|letter: char| letter.is_ascii_lowercase());
    let found: Vec<&str> = script.steps().iter().map(|step| step.id.as_str()).filter(plain).collect();
    assert_eq!(found, numbered);
}

#[test]
fn both_languages_are_there_and_differ() {
    for kind in Kind::ALL {
        let script = script(kind);
        for step in script.steps() {
            for text in [Some(&step.title), step.read_aloud.as_ref()].into_iter().flatten() {
                assert!(text.get(Lang::En).is_ascii(), "{}", step.id);
                assert!(text.get(Lang::Ja).chars().any(|c| c > '\u{3000}'), "{}", step.id);
            }
        }
    }
}

#[test]
fn a_site_file_has_no_key_of_a_script() {
    fn keys(value: &toml::Value, named_by_data: &[&str], found: &mut BTreeSet<String>) {
        match value {
            toml::Value::Table(table) => {
                for (key, value) in table {
                    found.insert(key.clone());
                    if !named_by_data.contains(&key.as_str()) {
                        keys(value, named_by_data, found);
                    }
                }
            }
            toml::Value::Array(items) => items.iter().for_each(|item| keys(item, named_by_data, found)),
            _ => {}
        }
    }
    let (mut of_scripts, mut of_sites) = (BTreeSet::new(), BTreeSet::new());
    for kind in Kind::ALL {
        keys(&toml::from_str(&script_text(kind)).unwrap(), &[], &mut of_scripts);
        let script = script(kind);
        let site = SiteDraft::of(&script).text(&script);
        keys(&toml::from_str(&site).unwrap(), &["roster", "places", "labels"], &mut of_sites);
    }
    assert!(of_scripts.len() > 20 && of_sites.len() > 20);
    assert!(of_scripts.is_disjoint(&of_sites), "{:?}", of_scripts.intersection(&of_sites));
    // And a key of the one is refused in the other.
    let script = script(Kind::First);
    let site = SiteDraft::default().text(&script);
    for key in &of_scripts {
        let text = format!("{key} = \"x\"\n{site}");
        assert_eq!(Site::parse(text.as_bytes()).unwrap_err().id(), "file-malformed", "{key}");
    }
    for key in &of_sites {
        let text = format!("{key} = \"x\"\n{}", script_text(Kind::First));
        assert_eq!(Script::parse(text.as_bytes()).unwrap_err().id(), "file-malformed", "{key}");
    }
}

#[test]
fn what_a_script_may_not_say() {
    for (from, to, id) in [
        ("action = \"keygen\"", "action = \"links\"", "action-not-allowed"),
        ("action = \"self-sign\"", "action = \"manual\"", "action-demanded"),
        ("auth = \"quorum\"", "auth = \"pair\"", "authentication-weak"),
        ("witness = { c1 = \"certificate-issuer\" }", "", "witness-missing"),
        ("confirms = [\"key-manager-2\"]", "confirms = [\"key-manager-1\"]", "seat-twice"),
        ("confirms = [\"key-manager-2\"]", "confirms = [\"nobody\"]", "seat-unknown"),
        ("id = \"0.03\"", "id = \"0.01\"", "step-order"),
        ("action = \"clock\"", "action = \"manual\"", "action-order"),
        ("place = \"safe\"", "place = \"moon\"", "step-place"),
        ("does = [\"ca-manager\"]", "does = [\"ops-manager\"]", "order-missing"),
        ("policy_role = \"auditor\"", "policy_role = \"witness\"", "role-missing"),
        ("\"iso-18013-5\", \"jp-004\"", "\"iso-18013-5\"", "policy-not-covered"),
        ("title = { en = \"First root ceremony\"", "title = { en = \" \"", "text-missing"),
    ] {
        let found = with_script(from, to);
        assert!(found.contains(id), "{id}: {found:?}");
    }
    for (kind, action, replaced) in
        [(Kind::EmergencyRevoke, Action::Issue, "crl"), (Kind::EmergencyRekey, Action::Links, "self-sign")]
    {
        let text =
            script_text(kind).replacen(&format!("action = \"{replaced}\""), &format!("action = \"{action}\""), 1);
        let found = ids(&check::script(&Script::parse(text.as_bytes()).unwrap(), &rules()));
        assert!(found.contains("action-not-allowed"), "{kind}: {found:?}");
    }
    let bad = script_text(Kind::First).replacen("action = \"keygen\"", "action = \"sign-anything\"", 1);
    assert_eq!(Script::parse(bad.as_bytes()).unwrap_err().id(), "file-malformed");
    assert_eq!(Script::parse(&vec![b'#'; 2 << 20]).unwrap_err().id(), "file-too-large");
    assert_eq!(Script::parse(&[0xff, 0xfe]).unwrap_err().id(), "file-not-text");
}

#[test]
fn who_may_not_sit_where() {
    let seat = |seat: &'static str, person: &'static str| {
        move |draft: &mut SiteDraft| drop(draft.roster.insert(seat.into(), person.into()))
    };
    assert_eq!(with_site(|_| {}), BTreeSet::new());
    for (seat_change, id) in [
        (seat("auditor", "p06"), "roles-not-shareable"),
        (seat("certificate-issuer", "p03"), "roles-not-shareable"),
        (seat("key-manager-2", "p03"), "same-person"),
        (seat("safe-custodian-2", "p03"), "roles-not-shareable"),
        (seat("auditor", "p99"), "person-not-listed"),
        (seat("ghost", "p01"), "roster-seat-unknown"),
    ] {
        let found = with_site(seat_change);
        assert!(found.contains(id), "{id}: {found:?}");
    }
    for (found, id) in [
        (with_site(|draft| drop(draft.roster.remove("auditor"))), "seat-vacant"),
        (with_site(|draft| draft.persons[6].2 = "Kagi Authority".into()), "witness-not-independent"),
        (with_site(|draft| draft.persons[6].2 = "Ministry of Seals".into()), "witness-not-independent"),
        (with_site(|draft| draft.holders.truncate(2)), "holders-count"),
        (with_site(|draft| draft.holders[0] = "p07".into()), "holder-not-entitled"),
        (with_site(|draft| drop(draft.approved.pop())), "approval-missing"),
        (with_site(|draft| draft.trained = "2025-11-30".into()), "training-old"),
        (with_site(|draft| draft.replaced.push("moon".into())), "object-not-in-script"),
    ] {
        assert!(found.contains(id), "{id}: {found:?}");
    }
    // Each key manager may keep a safe key; a third holder need not be at the table, but must be known.
    let both = |draft: &mut SiteDraft| {
        draft.roster.insert("safe-custodian-2".into(), "p04".into());
        draft.holders = ["p03", "p04", "p09"].map(str::to_owned).into();
    };
    assert_eq!(with_site(both), BTreeSet::from(["person-not-listed"]));
    let known = |draft: &mut SiteDraft| {
        both(draft);
        draft.persons.push(("p09".into(), "India Kuro".into(), "Kagi Authority".into()));
    };
    assert_eq!(with_site(known), BTreeSet::new());
    // An approval of another roster is none.
    let script = script(Kind::First);
    let text =
        SiteDraft::default().text(&script).replacen("safe-custodian-1 = \"p03\"", "safe-custodian-1 = \"p04\"", 1);
    let site = Site::parse(text.as_bytes()).unwrap();
    assert!(ids(&check(&script, &site, &rules(), &Previous::default())).contains("approval-invalid"));
    // Old training warns; it does not stop.
    let draft = SiteDraft { trained: "2025-01-01".into(), ..SiteDraft::default() };
    let findings = check(&script, &draft.site(&script), &rules(), &Previous::default());
    assert!(findings.iter().all(|finding| finding.severity == Severity::Warning) && findings.len() == 8);
    // Without the sharing table eight persons do not fill ten seats.
    let strict = rules().without_sharing();
    let found = ids(&check(&script, &SiteDraft::default().site(&script), &strict, &Previous::default()));
    assert!(found.contains("roles-not-shareable"));
    assert!(!strict.may_share(Role::KeyManager, Role::SafeCustodian));
}

/// The approvals are about the whole site file: whatever in it changes afterwards, they no longer hold.
#[test]
fn an_approval_covers_the_private_half_too() {
    let script = script(Kind::First);
    let text = SiteDraft::of(&script).text(&script);
    let judged = |text: &str| {
        let site = Site::parse(text.as_bytes()).unwrap();
        let found = ids(&check(&script, &site, &rules(), &Previous::default()));
        assert_eq!(found.contains("approval-invalid"), !site.unapproved(&script).is_empty());
        found.contains("approval-invalid")
    };
    assert!(!judged(&text));
    for (from, to) in [
        ("libsierra.so", "libother.so"),
        ("Tango token", "Tango tokem"),
        ("UNIFORM-77", "UNIFORM-78"),
        ("Label Romeo module", "Label Romeo other"),
        ("Room Quebec", "Room Quebek"),
        ("Alpha Ichiro", "Alpha Jiro"),
        ("trained = \"2026-06-01\"", "trained = \"2026-06-02\""),
        ("planned = \"2026-12-01\"", "planned = \"2026-12-02\""),
        ("credentials_changed = false", "credentials_changed = true"),
    ] {
        assert!(text.contains(from), "{from}");
        assert!(judged(&text.replacen(from, to, 1)), "{to}");
    }
}
