//! The authorisation list: what it allows, and the four rules for rows that overlap.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

use tegata_publisher::{
    Authorisation, KeyDigest,
    authorisation::{AuthorisationError, OverlapRule, Region, RowFault},
};
use time::{UtcDateTime, macros::utc_datetime};

const AT: UtcDateTime = utc_datetime!(2026-11-21 12:00);
const ROOT: KeyDigest = KeyDigest::from_bytes([1; 32]);
const OTHER: KeyDigest = KeyDigest::from_bytes([2; 32]);

fn row(root: KeyDigest, action: &str, doc_type: &str, region: &str) -> String {
    format!(
        "[[entry]]\nroot = \"{root}\"\naction = \"{action}\"\ndoc-type = \"{doc_type}\"\nregion = \"{region}\"\n\
         review-by = 2027-06-01\n"
    )
}

fn list(rows: &[(&str, &str, &str)]) -> Result<Authorisation, AuthorisationError> {
    let text: String = rows.iter().map(|(action, doc_type, region)| row(ROOT, action, doc_type, region)).collect();
    Authorisation::from_toml(&text)
}

/// The rule that the last of the rows breaks, and the row that it breaks it with.
fn broken(rows: &[(&str, &str, &str)]) -> (OverlapRule, usize) {
    let Err(AuthorisationError::Rows(faults)) = list(rows) else { panic!("{rows:?}") };
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!(faults[0].entry, rows.len());
    let RowFault::Overlap { rule, with } = faults[0].fault else { panic!("{faults:?}") };
    assert!(!faults[0].fault.remedy_ja().is_empty());
    (rule, with)
}

fn utopia() -> Region {
    Region { country: Some("UT".to_owned()), state: None }
}

fn state(state: &str) -> Region {
    Region { country: Some("UT".to_owned()), state: Some(state.to_owned()) }
}

#[test]
fn rule_1_two_rows_that_allow_do_not_overlap() {
    let rule = OverlapRule::AllowOverlapsAllow;
    assert_eq!(broken(&[("allow", "a.b", "UT"), ("allow", "a.b", "UT")]), (rule, 1));
    assert_eq!(broken(&[("allow", "a.*", "UT"), ("allow", "a.b", "UT")]), (rule, 1));
    assert_eq!(broken(&[("allow", "c", "UT"), ("allow", "a.b", "UT/North"), ("allow", "*", "UT/North")]).0, rule);
    list(&[("allow", "a.b", "UT"), ("allow", "a.c", "UT"), ("allow", "a.b", "JP")]).unwrap();
}

#[test]
fn rule_2_two_rows_that_deny_do_not_overlap() {
    let rule = OverlapRule::DenyOverlapsDeny;
    assert_eq!(broken(&[("deny", "a.b", "UT"), ("deny", "a.b", "*")]), (rule, 1));
    assert_eq!(broken(&[("deny", "a.b", "UT/North"), ("deny", "a.*", "UT")]), (rule, 1));
    list(&[("deny", "a.b", "UT/North"), ("deny", "a.b", "UT/South")]).unwrap();
}

#[test]
fn rule_3_nothing_is_allowed_inside_of_what_is_denied() {
    let rule = OverlapRule::AllowInsideDeny;
    assert_eq!(broken(&[("deny", "a.b", "UT"), ("allow", "a.b", "UT")]), (rule, 1));
    assert_eq!(broken(&[("deny", "a.*", "UT"), ("allow", "a.b", "UT/North")]), (rule, 1));
    // More than what is denied may be allowed: the row that denies stays carved out.
    let wide = list(&[("deny", "a.b", "UT/North"), ("allow", "a.*", "UT")]).unwrap();
    assert!(wide.decide(ROOT, "a.b", &utopia(), AT).is_ok());
    assert_eq!(wide.decide(ROOT, "a.b", &state("North"), AT).unwrap_err().id(), "unauthorised-denied");
}

#[test]
fn rule_4_no_row_denies_all_of_what_another_allows() {
    let rule = OverlapRule::DenyOverAllow;
    assert_eq!(broken(&[("allow", "a.b", "UT"), ("deny", "a.b", "UT")]), (rule, 1));
    assert_eq!(broken(&[("allow", "a.b", "UT/North"), ("deny", "a.*", "UT")]), (rule, 1));
    let carved = list(&[("allow", "a.*", "UT"), ("deny", "a.b", "UT")]).unwrap();
    assert!(carved.decide(ROOT, "a.c", &utopia(), AT).is_ok());
    assert!(carved.decide(ROOT, "a.b", &utopia(), AT).is_err());
}

#[test]
fn the_rules_are_of_one_root() {
    let text = row(ROOT, "allow", "a.b", "UT") + &row(OTHER, "deny", "a.b", "UT") + &row(OTHER, "allow", "c", "UT");
    let list = Authorisation::from_toml(&text).unwrap();
    assert!(list.decide(ROOT, "a.b", &utopia(), AT).is_ok());
    assert_eq!(list.decide(OTHER, "a.b", &utopia(), AT).unwrap_err().id(), "unauthorised-denied");
    assert_eq!(list.decide(ROOT, "c", &utopia(), AT).unwrap_err().id(), "unauthorised-no-entry");
    let nowhere = Region::default();
    assert_eq!(list.decide(ROOT, "a.b", &nowhere, AT).unwrap_err().id(), "unauthorised-no-entry");
}

#[test]
fn every_row_is_reviewed() {
    let text = row(ROOT, "allow", "a", "UT").replace("review-by = 2027-06-01\n", "");
    let Err(AuthorisationError::Rows(faults)) = Authorisation::from_toml(&text) else { panic!() };
    assert_eq!(faults[0].fault.id(), "authorisation-no-review-date");

    let list = list(&[("allow", "a.*", "UT"), ("deny", "a.b", "UT")]).unwrap();
    let last_second = utc_datetime!(2027-06-01 23:59:59);
    assert!(list.decide(ROOT, "a.c", &utopia(), last_second).is_ok());
    let after = utc_datetime!(2027-06-02 0:00);
    assert_eq!(list.decide(ROOT, "a.c", &utopia(), after).unwrap_err().id(), "unauthorised-review-due");
    // What is denied stays so.
    assert_eq!(list.decide(ROOT, "a.b", &utopia(), after).unwrap_err().id(), "unauthorised-denied");
}

#[test]
fn every_fault_is_named_with_its_row() {
    let text = row(ROOT, "allow", "a", "UT")
        + &row(ROOT, "allow", "b*", "UT")
        + &row(ROOT, "allow", "c", "utopia")
        + &row(ROOT, "allow", "d", "UT").replace(&ROOT.to_string(), "abc")
        + &row(ROOT, "allow", "e", "UT").replace("2027-06-01", "2027-06-01T00:00:00Z");
    let Err(AuthorisationError::Rows(faults)) = Authorisation::from_toml(&text) else { panic!() };
    let found: Vec<_> = faults.iter().map(|fault| (fault.entry, fault.fault.id())).collect();
    let expected = [
        (2, "authorisation-doc-type"),
        (3, "authorisation-region"),
        (4, "authorisation-root"),
        (5, "authorisation-review-date"),
    ];
    assert_eq!(found, expected);
    assert!(matches!(Authorisation::from_toml("[[entry]]\nsurprise = 1"), Err(AuthorisationError::Toml(_))));
}
