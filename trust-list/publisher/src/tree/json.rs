//! The readable copies: `iacas.json` and `advisories.json`. They are not signed; who needs certainty reads the list.
//!
//! ```json
//! {"repository":"dts.example","listVersion":3,"issued":"…","nextUpdate":"…","iacas":[{
//!   "state":"active","docTypes":["org.iso.18013.5.1.mDL"],"purposes":["issuance"],"subject":"…","country":"UT",
//!   "keyIdentifier":"<40 hex>","keySha256":"<64 hex>","certificateSha256":"<64 hex>",
//!   "notBefore":"…","notAfter":"…","announced":"…","active":"…","retiring":null,"removed":null,
//!   "certificateUrl":"https://dts.example/iaca/<ski>.cer","crlUrl":"…","fingerprintUrl":"…","certificate":"<base64>"}]}
//! ```

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tegata_manifest::{AnchorList, ListedAnchor};
use tegata_pki::Certificate;
use time::{UtcDateTime, format_description::well_known::Rfc3339};

use crate::service::Service;

pub(super) fn ski(certificate: &Certificate) -> String {
    certificate.public_key().map(|key| hex::encode(key.key_identifier())).unwrap_or_default()
}

pub(super) fn instant(at: UtcDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}

pub(super) fn iacas(list: &AnchorList, service: &Service) -> String {
    document(&json!({
        "repository": list.header.repository,
        "listVersion": list.header.version,
        "issued": instant(list.header.issued),
        "nextUpdate": instant(list.header.expires),
        "iacas": list.anchors.iter().map(|anchor| iaca(anchor, service)).collect::<Vec<_>>(),
    }))
}

fn iaca(anchor: &ListedAnchor, service: &Service) -> Value {
    let certificate = &anchor.certificate;
    let (ski, base) = (ski(certificate), &service.base_url);
    json!({
        "state": anchor.state.id(),
        "docTypes": anchor.doc_types.iter().collect::<Vec<_>>(),
        "purposes": anchor.purposes.iter().map(|purpose| purpose.id()).collect::<Vec<_>>(),
        "subject": certificate.subject().to_string(),
        "country": certificate.subject().country(),
        "keyIdentifier": ski,
        "keySha256": hex::encode(anchor.key_digest()),
        "certificateSha256": hex::encode(certificate.fingerprint_sha256()),
        "notBefore": instant(certificate.not_before()),
        "notAfter": instant(certificate.not_after()),
        "announced": instant(anchor.dates.announced),
        "active": instant(anchor.dates.active),
        "retiring": anchor.dates.retiring.map(instant),
        "removed": anchor.dates.removed.map(instant),
        "certificateUrl": format!("{base}/iaca/{ski}.cer"),
        "crlUrl": format!("{base}/crl/{ski}.crl"),
        "fingerprintUrl": format!("{base}/iaca/{ski}.html"),
        "certificate": STANDARD.encode(certificate.der()),
    })
}

pub(super) fn advisories(list: &AnchorList) -> String {
    let notices = list.notices.iter().map(|notice| {
        json!({
            "id": notice.id,
            "category": notice.category.id(),
            "published": instant(notice.published),
            "iacas": notice.anchors.iter().map(hex::encode).collect::<Vec<_>>(),
            "en": notice.text_en,
            "ja": notice.text_ja,
        })
    });
    document(&json!({
        "repository": list.header.repository,
        "listVersion": list.header.version,
        "issued": instant(list.header.issued),
        "advisories": notices.collect::<Vec<_>>(),
    }))
}

fn document(value: &Value) -> String {
    format!("{value:#}\n")
}
