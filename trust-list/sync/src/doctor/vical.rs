//! What there is to say about providers of VICALs.

use tegata_pki::Severity;

use super::{Checkup, DoctorFinding, EXPIRY_NOTICE, finding};
use crate::{Freshness, Store};

pub(super) fn examine(store: &Store, checkup: &Checkup, findings: &mut Vec<DoctorFinding>) {
    let at = checkup.at;
    for (name, provider) in store.vicals() {
        let age = provider.held().zip(provider.age(store.policy(), at));
        match age {
            None => findings.push(finding(
                "doctor-vical-never-updated",
                Severity::Error,
                format!("no VICAL of {name} has been taken in yet"),
                format!("{name} のVICALはまだ一度も取り込まれていません"),
            )),
            Some((list, age)) if age.freshness == Freshness::Stale => findings.push(finding(
                "doctor-vical-stale",
                Severity::Error,
                format!(
                    "VICAL {} of {name} was last current at {}: its anchors are not trusted any more",
                    list.number(),
                    age.as_of
                ),
                format!(
                    "{name} のVICAL {} は {} 時点のもので古すぎます。そのアンカーは信頼されません",
                    list.number(),
                    age.as_of
                ),
            )),
            Some((list, age)) if age.freshness == Freshness::Grace => findings.push(finding(
                "doctor-vical-grace",
                Severity::Warning,
                format!("VICAL {} of {name} was last current at {}; a newer one is due", list.number(), age.as_of),
                format!("{name} のVICAL {} が最後に最新と確認されたのは {} です", list.number(), age.as_of),
            )),
            Some(_) => {}
        }
        let failures = provider.failures();
        if failures > 0 {
            findings.push(finding(
                "doctor-vical-failing",
                Severity::Warning,
                format!("the last {failures} updates by the VICAL of {name} failed"),
                format!("{name} のVICALの更新に直近 {failures} 回失敗しています"),
            ));
        }
        let ends = provider.pin().certificate().not_after();
        if ends - at < EXPIRY_NOTICE {
            findings.push(finding(
                "doctor-vical-pin-expires",
                Severity::Warning,
                format!("the pinned certificate of {name} expires at {ends}: pin its successor before"),
                format!("{name} の固定した証明書は {ends} に期限切れになります。それまでに後継を固定してください"),
            ));
        }
    }
}
