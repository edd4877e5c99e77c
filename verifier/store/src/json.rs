//! Stores, changes and findings as JSON: what `tegata trust … --json` prints and the bindings return.
//!
//! Times are RFC 3339 in whole seconds, keys and fingerprints hex, CRL numbers decimal text.

mod changes;
mod vical;

use serde_json::{Value as Json, json};
use tegata_mdoc::date::Tdate;
use tegata_pki::{CrlNumber, Severity};
use tegata_sync::{
    AnchorState, BundleReport, Changes, CrlAge, DoctorFinding, EvidenceBundle, HeldAnchor, Jitter, KeyDigest, Store,
    VicalChanges, Vouching,
};
use tegata_trust_list::Scope;
use time::UtcDateTime;

pub use self::changes::{change, changes};
pub use self::vical::vical_changes;
use crate::Profile;

/// The text that the command line prints of a JSON value: pretty-printed, ending in a line feed.
#[must_use]
pub fn text(value: &Json) -> String {
    format!("{value:#}\n")
}

/// An instant: RFC 3339 in whole seconds, UTC.
#[must_use]
pub fn instant(at: UtcDateTime) -> String {
    Tdate::new(at.truncate_to_second()).to_string()
}

/// A CRL number in decimal; one of more than 128 bits, which nobody counts up to, in hex.
#[must_use]
pub fn crl_number(number: CrlNumber) -> String {
    let octets = number.to_be_bytes();
    match octets.split_last_chunk::<16>() {
        Some((high, low)) if high.iter().all(|octet| *octet == 0) => u128::from_be_bytes(*low).to_string(),
        _ => format!("0x{}", hex::encode(octets)),
    }
}

/// What an anchor is called: its common name, else its whole name.
#[must_use]
pub fn anchor_name(anchor: &HeldAnchor) -> String {
    let subject = anchor.certificate.subject();
    subject.common_name().map_or_else(|| subject.to_string(), std::borrow::Cow::into_owned)
}

/// Adds the members of one object to another.
pub fn merge(into: &mut Json, from: Json) {
    if let (Some(into), Json::Object(from)) = (into.as_object_mut(), from) {
        into.extend(from);
    }
}

/// A store: `{"repository", "root", "root_expires", "profile", "generation", "at", "list", "trust", "vicals", "anchors",
/// "crls"}`; without a service the first three and `list` are null.
#[must_use]
pub fn store(store: &Store, profile: Profile, at: UtcDateTime) -> Json {
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
        "root_expires": header.map(|header| instant(header.expires)), "vicals": vical::providers(store, at),
        "profile": profile.id(), "generation": store.generation(), "at": instant(at), "list": list, "trust": trust,
        "anchors": store.every_anchor().map(|(vical, key, held)| anchor(vical, &key, held)).collect::<Vec<_>>(),
        "crls": store.crl_ages(at).iter().map(crl).collect::<Vec<_>>(),
    })
}

/// `vical`: the provider whose list it comes from, if it is not the service.
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
        "key": key.to_string(), "vical": vical, "name": anchor_name(anchor), "subject": anchor.certificate.subject().to_string(),
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

fn because(vouching: Vouching) -> Json {
    let by = match vouching {
        Vouching::NewWithOld { by } | Vouching::OldWithNew { by } => Some(by.to_string()),
        _ => None,
    };
    json!({ "id": vouching.id(), "by": by })
}

fn crl(age: &CrlAge) -> Json {
    json!({
        "anchor": age.anchor.to_string(), "number": age.number.map(crl_number),
        "this_update": age.times.map(|times| instant(times.this_update)),
        "next_update": age.times.map(|times| instant(times.next_update)),
        "fetched": age.times.map(|times| instant(times.fetched_at)),
        "freshness": age.freshness.freshness.id(),
        "causes": age.freshness.causes.iter().map(|cause| cause.id()).collect::<Vec<_>>(),
    })
}

/// What an update changed: `{"next_update", "vical_updates"}`, the members of [`changes()`] if the service took part, and
/// those of [`store()`].
#[must_use]
pub fn synced(
    synced: &Store,
    changes: Option<&Changes>,
    vicals: &[VicalChanges],
    profile: Profile,
    at: UtcDateTime,
) -> Json {
    let mut page = json!({
        "next_update": instant(synced.plan(at, Jitter::NONE).next_update),
        "vical_updates": vicals.iter().map(vical_changes).collect::<Vec<_>>(),
    });
    if let Some(changes) = changes {
        merge(&mut page, self::changes(synced, changes));
    }
    merge(&mut page, store(synced, profile, at));
    page
}

/// What the import of a bundle changed, and how old its evidence is: `{"made", "fetched", "as_of", "age_seconds",
/// "vical_updates", "refused_vicals"}` and the members of [`changes()`] and [`store()`].
#[must_use]
pub fn bundle(
    bundle: &EvidenceBundle,
    report: &BundleReport,
    imported: &Store,
    profile: Profile,
    at: UtcDateTime,
) -> Json {
    let mut page = json!({
        "made": instant(bundle.made_at()), "fetched": instant(report.fetched_at), "as_of": instant(report.as_of),
        "age_seconds": report.age.whole_seconds(),
        "vical_updates": report.vicals.iter().map(vical_changes).collect::<Vec<_>>(),
        "refused_vicals": report.refused_vicals.iter().map(|(name, error)| json!({
            "name": name, "id": error.id(), "detail": error.to_string(),
        })).collect::<Vec<_>>(),
    });
    merge(&mut page, changes(imported, &report.changes));
    merge(&mut page, store(imported, profile, at));
    page
}

/// What the doctor found: `{"healthy", "at", "profile", "findings": [{"id", "severity", "en", "ja"}]}`.
#[must_use]
pub fn doctor(findings: &[DoctorFinding], profile: Profile, at: UtcDateTime) -> Json {
    let is_ill = findings.iter().any(|finding| finding.severity == Severity::Error);
    let found: Vec<Json> = findings.iter().map(finding).collect();
    json!({ "healthy": !is_ill, "at": instant(at), "profile": profile.id(), "findings": found })
}

fn finding(finding: &DoctorFinding) -> Json {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        _ => "info",
    };
    json!({ "id": finding.id, "severity": severity, "en": finding.text_en, "ja": finding.text_ja })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    #[test]
    fn crl_numbers_are_decimal_as_far_as_anybody_counts() {
        let number = |octets: &[u8]| crl_number(CrlNumber::from_be_bytes(octets).unwrap());
        assert_eq!(number(&[1, 0]), "256");
        assert_eq!(number(&[0xff; 16]), u128::MAX.to_string());
        assert_eq!(number(&[&[1_u8][..], &[0; 16]].concat()), format!("0x00000001{}", "00".repeat(16)));
    }
}
