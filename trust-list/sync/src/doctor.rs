//! Is it really on? What an operator should know about a store before a rollover tells him.

mod vical;

use std::collections::BTreeMap;

use tegata_manifest::{ListedState, Signed, Snapshot, path};
use tegata_pki::Severity;
use time::{Duration, UtcDateTime};

use crate::{AnchorState, CatchUpWay, Freshness, HeldAnchor, KeyDigest, Store, TrustScope};

/// How long before its end the expiry of an anchor is worth a word.
const EXPIRY_NOTICE: Duration = Duration::days(90);

/// Whether the verifier that uses the store looks at revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationMode {
    /// Without evidence nothing is accepted.
    Required,
    /// Evidence is used when there is some.
    IfAvailable,
    /// Not at all.
    Off,
}

/// The result of fetching [`Store::largest_object`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Bytes that should have come.
    pub announced: u64,
    /// Bytes that came.
    pub received: u64,
}

/// What the doctor has to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkup {
    /// The time of the clock.
    pub at: UtcDateTime,
    /// A time that has certainly passed, such as the release of the program.
    pub not_before: UtcDateTime,
    /// Whether revocation is looked at.
    pub revocation: RevocationMode,
    /// Whether the largest object can be fetched; `None` when nobody tried.
    pub probe: Option<Probe>,
}

/// Something the doctor found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoctorFinding {
    /// Stable id.
    pub id: &'static str,
    /// How bad it is: an error means that documents are not, or not safely, verified.
    pub severity: Severity,
    /// In English.
    pub text_en: String,
    /// In Japanese.
    pub text_ja: String,
}

impl Store {
    /// The largest object of the service, by its path and length: what a probe should fetch, because a proxy may let small
    /// files through and not this one.
    #[must_use]
    pub fn largest_object(&self) -> Option<(String, u64)> {
        let file = &self.state.list.as_ref()?.snapshot_file;
        let snapshot = Signed::<Snapshot>::parse(file).ok()?.unverified().clone();
        let list = (path::list(snapshot.list.version), snapshot.list.length);
        let objects = snapshot.objects.values().map(|object| (path::object(&object.sha256), object.length));
        objects.chain([list]).max_by_key(|(_, length)| *length)
    }
}

/// Examines a store. The worst findings come first; without errors and warnings all is well.
#[must_use]
pub fn doctor(store: &Store, checkup: &Checkup) -> Vec<DoctorFinding> {
    let mut findings = Vec::new();
    clock(store, checkup, &mut findings);
    revocation(store, checkup, &mut findings);
    list(store, checkup, &mut findings);
    vical::examine(store, checkup, &mut findings);
    anchors(store, checkup, &mut findings);
    scopes(store, checkup, &mut findings);
    if store.root().is_some() {
        probe(checkup, &mut findings);
    }
    findings.sort_by_key(|finding| core::cmp::Reverse(finding.severity));
    findings
}

fn finding(id: &'static str, severity: Severity, text_en: String, text_ja: String) -> DoctorFinding {
    DoctorFinding { id, severity, text_en, text_ja }
}

fn clock(store: &Store, checkup: &Checkup, findings: &mut Vec<DoctorFinding>) {
    let Checkup { at, not_before, .. } = *checkup;
    if at < not_before {
        let en = format!("the clock says {at}, before the release of this program at {not_before}");
        let ja = format!("時計は {at} を示しており、このプログラムの公開（{not_before}）より前です");
        findings.push(finding("doctor-clock-before-release", Severity::Error, en, ja));
    }
    if let Err(latest) = store.check_clock(at) {
        let en = format!("the clock says {at}, but {latest} has passed: nothing is trusted until it is set right");
        let ja = format!("時計は {at} を示していますが、{latest} は既に過ぎています。修正されるまで何も信頼されません");
        findings.push(finding("doctor-clock-turned-back", Severity::Error, en, ja));
    }
}

fn revocation(store: &Store, checkup: &Checkup, findings: &mut Vec<DoctorFinding>) {
    match checkup.revocation {
        RevocationMode::Required => {}
        RevocationMode::IfAvailable => findings.push(finding(
            "doctor-revocation-optional",
            Severity::Warning,
            "revocation is checked only where evidence is at hand".to_owned(),
            "失効確認は証拠がある場合にのみ行われます".to_owned(),
        )),
        RevocationMode::Off => findings.push(finding(
            "doctor-revocation-off",
            Severity::Error,
            "revocation is not checked: revoked documents are accepted".to_owned(),
            "失効確認が無効です。失効した証明書類が受理されます".to_owned(),
        )),
    }
    for age in store.crl_ages(checkup.at) {
        let causes: Vec<&str> = age.freshness.causes.iter().map(|cause| cause.id()).collect();
        let (name, causes) = (name(store, &age.anchor), causes.join(", "));
        match age.freshness.freshness {
            Freshness::Fresh => {}
            Freshness::Grace => findings.push(finding(
                "doctor-crl-grace",
                Severity::Warning,
                format!("a newer CRL of {name} is due ({causes})"),
                format!("{name} の新しい CRL の取得が必要です（{causes}）"),
            )),
            Freshness::Stale => findings.push(finding(
                "doctor-crl-stale",
                Severity::Error,
                format!("there is no usable CRL of {name} ({causes})"),
                format!("{name} の有効な CRL がありません（{causes}）"),
            )),
        }
    }
}

fn list(store: &Store, checkup: &Checkup, findings: &mut Vec<DoctorFinding>) {
    match store.list_age(checkup.at) {
        None if store.root().is_none() => {
            if store.vicals().next().is_none() {
                findings.push(finding(
                    "doctor-no-source",
                    Severity::Error,
                    "the store follows no service and no VICAL provider".to_owned(),
                    "サービスもVICALの提供者も登録されていません".to_owned(),
                ));
            }
        }
        None => findings.push(finding(
            "doctor-never-updated",
            Severity::Error,
            "there has been no update yet".to_owned(),
            "一度も更新されていません".to_owned(),
        )),
        Some(age) if age.freshness == Freshness::Stale => findings.push(finding(
            "doctor-list-stale",
            Severity::Error,
            format!("list {} was last current at {}: its anchors are not trusted any more", age.version, age.as_of),
            format!("リスト {} は {} 時点のもので古すぎます。そのアンカーは信頼されません", age.version, age.as_of),
        )),
        Some(age) if age.freshness == Freshness::Grace => findings.push(finding(
            "doctor-list-grace",
            Severity::Warning,
            format!("list {} was last current at {}", age.version, age.as_of),
            format!("リスト {} が最後に最新と確認されたのは {} です", age.version, age.as_of),
        )),
        Some(_) => {}
    }
    let failures = store.state.fetch.failures;
    if failures > 0 {
        findings.push(finding(
            "doctor-update-failing",
            Severity::Warning,
            format!("the last {failures} updates failed"),
            format!("直近 {failures} 回の更新に失敗しています"),
        ));
    }
}

fn anchors(store: &Store, checkup: &Checkup, findings: &mut Vec<DoctorFinding>) {
    let at = checkup.at;
    let trusted: BTreeMap<KeyDigest, &HeldAnchor> =
        store.believed(at).into_iter().map(|(_, key, anchor)| (key, anchor)).collect();
    if trusted.is_empty() {
        findings.push(finding(
            "doctor-no-anchor",
            Severity::Error,
            "no anchor is trusted: no document can be accepted".to_owned(),
            "信頼されたアンカーがありません。どの証明書類も受理できません".to_owned(),
        ));
    }
    for (key, anchor) in &trusted {
        let (name, ends) = (name(store, key), anchor.certificate.not_after());
        if ends - at < EXPIRY_NOTICE {
            findings.push(finding(
                "doctor-anchor-expires",
                Severity::Warning,
                format!("{name} expires at {ends}"),
                format!("{name} は {ends} に期限切れになります"),
            ));
        }
    }
    for (_, key, anchor) in store.every_anchor() {
        let name = name(store, &key);
        match anchor.state {
            AnchorState::Candidate { until, because, .. } => findings.push(finding(
                "doctor-hold-down",
                Severity::Info,
                format!("{name} is held down until {until} ({})", because.id()),
                format!("{name} は {until} まで保留中です（{}）", because.id()),
            )),
            AnchorState::Missing { since, .. } => {
                let removed = anchor.listed.is_some_and(|listed| listed.state == ListedState::Removed);
                let overdue = at - since >= store.policy().missing;
                let (id, en, ja) = if removed || overdue {
                    (
                        "doctor-removal-unconfirmed",
                        format!("{name} should be removed and is the last of its scope: confirm, or find out why"),
                        format!(
                            "{name} は削除対象ですが、その範囲で最後のアンカーです。確認するか原因を調べてください"
                        ),
                    )
                } else {
                    (
                        "doctor-anchor-missing",
                        format!("{name} is missing from the list without a reason since {since}"),
                        format!("{name} は {since} から理由なくリストにありません"),
                    )
                };
                findings.push(finding(id, Severity::Warning, en, ja));
            }
            _ => {}
        }
    }
}

fn scopes(store: &Store, checkup: &Checkup, findings: &mut Vec<DoctorFinding>) {
    let at = checkup.at;
    for catch_up in store.catch_up(at) {
        if let CatchUpWay::Impossible { .. } = catch_up.way {
            let name = name(store, &catch_up.anchor);
            let en = format!("{name}: {}", catch_up.way.text_en());
            let ja = format!("{name}: {}", catch_up.way.text_ja());
            findings.push(finding("doctor-catch-up-impossible", Severity::Error, en, ja));
        }
    }
    let listed = store.every_anchor().filter(|(_, _, anchor)| {
        anchor.listed.is_some_and(|l| matches!(l.state, ListedState::Active | ListedState::Retiring))
    });
    let mut without: Vec<TrustScope> = listed.flat_map(|(_, _, anchor)| TrustScope::all_of(anchor)).collect();
    without.sort();
    without.dedup();
    let believed = store.believed(at);
    without.retain(|scope| !believed.iter().any(|(_, _, anchor)| scope.is_of(anchor)));
    for TrustScope { country, purpose, doc_type } in without {
        let (purpose, doc_type) = (purpose.id(), doc_type.as_deref().unwrap_or("*"));
        findings.push(finding(
            "doctor-scope-without-anchor",
            Severity::Error,
            format!("no anchor is trusted for {doc_type} of {country} ({purpose})"),
            format!("{country} の {doc_type}（{purpose}）について信頼されたアンカーがありません"),
        ));
    }
}

fn probe(checkup: &Checkup, findings: &mut Vec<DoctorFinding>) {
    match checkup.probe {
        None => findings.push(finding(
            "doctor-probe-not-run",
            Severity::Info,
            "nobody has tried to fetch the largest object".to_owned(),
            "最大のオブジェクトの取得は試されていません".to_owned(),
        )),
        Some(Probe { announced, received }) if received < announced => findings.push(finding(
            "doctor-probe-failed",
            Severity::Error,
            format!("of the largest object {received} of {announced} bytes came: a proxy or a limit is in the way"),
            format!(
                "最大のオブジェクトは {announced} バイト中 {received} バイトしか届きません。経路上に制限があります"
            ),
        )),
        Some(_) => {}
    }
}

/// What to call an anchor: its common name and the beginning of its digest.
fn name(store: &Store, key: &KeyDigest) -> String {
    let anchor = store.find_anchor(key);
    let common_name = anchor.and_then(|anchor| anchor.certificate.subject().common_name()).unwrap_or_default();
    let digest = key.to_string();
    format!("{common_name} ({})", digest.get(..8).unwrap_or_default())
}
