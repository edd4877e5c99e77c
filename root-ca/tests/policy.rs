//! Policies: what comes with the program, what a file may not say, what people read.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

use tegata_pki::{Curve, Edition};
use tegata_root_ca::{Lang, Policy, PolicyError, PolicyFault, Span};

#[test]
fn the_built_in_policies_say_what_their_documents_say() {
    let japan = Policy::built_in("jp-004").unwrap();
    assert_eq!((japan.edition, japan.root.curves.as_slice()), (Edition::Jp004, [Curve::P384].as_slice()));
    assert_eq!((japan.root.validity, japan.root.key_use), (Span::months(64), Span::months(60)));
    assert_eq!((japan.crl.validity, japan.crl.next_publish), (Span::days(3), Some(Span::days(1))));
    assert_eq!(japan.policy_oids.as_ref().unwrap().document_signer.to_string(), "1.2.392.200149.23220.1.2");
    assert!(japan.roles.may_share("safe-custodian", "key-manager"));
    assert!(!japan.roles.may_share("auditor", "facility"));
    assert_eq!(Policy::built_in("iso-18013-5").unwrap().document_signer.max_validity, Span::days(457));
    assert!(Policy::built_in("none").is_none());
}

#[test]
fn both_languages_are_made_from_the_same_numbers() {
    for id in Policy::BUILT_IN {
        let policy = Policy::built_in(id).unwrap();
        let (english, japanese) = (policy.show(Lang::En), policy.show(Lang::Ja));
        // The tables hold the same values; the decisions are prose and are compared by their ids.
        let tables = |text: &str| -> Vec<Vec<u64>> {
            let rows = text.lines().filter(|line| line.starts_with("| "));
            let numbers = |line: &str| {
                let value = line.rsplit_once(" | ").map_or("", |(_, value)| value);
                let digits =
                    value.split(|c: char| !c.is_ascii_digit()).filter(|digits| (1..15).contains(&digits.len()));
                let mut numbers: Vec<u64> = digits.map(|digits| digits.parse().unwrap()).collect();
                numbers.sort_unstable();
                numbers
            };
            rows.map(numbers).collect()
        };
        assert_eq!(tables(&english), tables(&japanese), "{id}");
        for decision in &policy.decisions {
            let heading = format!("### {}", decision.id);
            assert!(english.contains(&heading) && japanese.contains(&heading));
            assert!(english.contains(&decision.reason.en) && japanese.contains(&decision.reason.ja));
        }
        assert!(english.contains(&policy.root.validity.to_string()), "{english}");
        assert!(japanese.contains(&policy.root.validity.text(Lang::Ja)), "{japanese}");
    }
}

#[test]
fn every_open_point_of_the_requirements_is_settled_with_its_reason() {
    const OPEN: [&str; 11] = [
        "crl-reading",
        "ds-retire",
        "curves",
        "mso-revocation-list",
        "quorum",
        "ds-validity",
        "mso-validity",
        "rekey-early",
        "telemetry",
        "ldap",
        "technical-documents",
    ];
    for id in Policy::BUILT_IN {
        let policy = Policy::built_in(id).unwrap();
        for open in OPEN {
            let decision = policy.decisions.iter().find(|decision| decision.id == open);
            let decision = decision.unwrap_or_else(|| panic!("{open} in {id}"));
            assert!(!decision.reason.en.is_empty() && !decision.reason.ja.is_empty());
        }
    }
}

/// The faults of the Japanese policy with one text replaced.
fn faults(from: &str, to: &str) -> Vec<&'static str> {
    let source = Policy::built_in_toml("jp-004").unwrap();
    assert!(source.contains(from), "{from}");
    match Policy::from_toml(&source.replacen(from, to, 1)) {
        Ok(_) => Vec::new(),
        Err(PolicyError::Faults(faults)) => faults.iter().map(PolicyFault::id).collect(),
        Err(other) => vec![other.id()],
    }
}

#[test]
fn a_policy_that_contradicts_itself_is_refused() {
    let cases = [
        ("key-use = \"60 months\"", "key-use = \"61 months\"", "policy-outlives-root"),
        ("validity = \"64 months\"", "validity = \"65 months\"", "policy-profile-limit"),
        ("rekey-lead = \"12 months\"", "rekey-lead = \"60 months\"", "policy-rekey-lead"),
        ("curves = [\"P-384\"]", "curves = [\"P-256\"]", "policy-root-curve"),
        ("max-validity = \"4 months\"", "max-validity = \"3 months\"", "policy-validity-above-limit"),
        ("cadence = \"3 months\"", "cadence = \"5 months\"", "policy-gap"),
        ("max-valid = 2", "max-valid = 1", "policy-too-many-valid"),
        ("validity = \"3 days\"\nnext", "validity = \"4 days\"\nnext", "policy-profile-limit"),
        ("next-publish = \"1 day\"", "next-publish = \"3 days\"", "policy-next-publish"),
        ("next-publish = \"1 day\"\n", "", "policy-next-publish"),
        ("duty-alarms = [\"24 hours\"", "duty-alarms = [\"49 hours\"", "policy-duty-alarm"),
        ("activation = { k = 2, n = 3 }", "activation = { k = 1, n = 3 }", "policy-quorum"),
        ("on-call = { k = 2, n = 3 }", "on-call = { k = 4, n = 3 }", "policy-quorum"),
        ("[\"key-manager\", \"safe-custodian\"]", "[\"key-manager\", \"ca-manager\"]", "policy-may-share"),
        ("[\"key-manager\", \"safe-custodian\"]", "[\"auditor\", \"facility\"]", "policy-may-share"),
        ("[\"key-manager\", \"safe-custodian\"]", "[\"key-manager\", \"cleaner\"]", "policy-may-share"),
        ("uris = [\"https:", "uris = [\"ldap:", "policy-uri"),
        ("country = \"JP\"", "country = \"日本\"", "policy-name"),
        (
            "status-signers = [\"mdoc Revocation List Signer 1\"]",
            "status-signers = [\"mdoc Root CA\"]",
            "policy-name-twice",
        ),
        ("uri = \"https://iaca.example/contact\"", "", "policy-empty"),
        ("slip = \"7 days\"", "slip = \"a week\"", "policy-toml"),
        ("slip = \"7 days\"", "slip = \"7 days\"\nslipp = \"7 days\"", "policy-toml"),
        ("edition = \"jp-004\"", "edition = \"jp-005\"", "policy-toml"),
    ];
    for (from, to, expected) in cases {
        assert!(faults(from, to).contains(&expected), "{to}: {:?}", faults(from, to));
    }
    assert!(faults("organization = \"Sandbox Organization\"", "organization = \"Another\"").is_empty());
}
