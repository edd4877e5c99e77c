//! The content of a list as JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use tegata_mdoc::date::Tdate;

use super::{Vical, VicalEntry};

impl Vical {
    /// The content as JSON, for programs that do not read CBOR: the members of ISO/IEC 18013-5 C.1.7.1 under their names,
    /// dates as RFC 3339, `certificate` as base64 of the DER, other bytes in hex. What repeats the certificate is taken
    /// from the certificate; `sha256` of it is added. Skipped entries are not in it. It is not signed.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut list = Map::new();
        list.insert("version".to_owned(), json!(self.version()));
        list.insert("vicalProvider".to_owned(), json!(self.provider()));
        insert(&mut list, "vicalIssueID", self.issue_id());
        list.insert("date".to_owned(), json!(Tdate::new(self.date()).to_string()));
        insert(&mut list, "nextUpdate", self.next_update().map(|date| Tdate::new(date).to_string()));
        insert(&mut list, "notAfter", self.not_after().map(|date| Tdate::new(date).to_string()));
        insert(&mut list, "vicalURL", self.url());
        let entries: Vec<Value> = self.entries().iter().map(VicalEntry::to_json).collect();
        list.insert("certificateInfos".to_owned(), Value::Array(entries));
        Value::Object(list)
    }
}

impl VicalEntry {
    /// The entry as JSON; see [`Vical::to_json`].
    #[must_use]
    pub fn to_json(&self) -> Value {
        let certificate = self.certificate();
        let mut entry = Map::new();
        let mut set = |key: &str, value: Value| _ = entry.insert(key.to_owned(), value);
        set("certificate", json!(STANDARD.encode(certificate.der())));
        set("sha256", json!(hex(&certificate.fingerprint_sha256())));
        set("serialNumber", json!(hex(certificate.serial())));
        set("ski", json!(hex(&self.key_identifier())));
        set("docType", json!(self.doc_types().iter().collect::<Vec<_>>()));
        set("issuer", json!(certificate.issuer().to_string()));
        set("subject", json!(certificate.subject().to_string()));
        set("notBefore", json!(Tdate::new(certificate.not_before()).to_string()));
        set("notAfter", json!(Tdate::new(certificate.not_after()).to_string()));
        if !self.profiles().is_empty() {
            set("certificateProfile", json!(self.profiles()));
        }
        insert(&mut entry, "issuingAuthority", self.issuing_authority());
        insert(&mut entry, "issuingCountry", self.issuing_country());
        insert(&mut entry, "stateOrProvinceName", self.state_or_province());
        Value::Object(entry)
    }
}

fn insert(map: &mut Map<String, Value>, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        map.insert(key.to_owned(), value.into());
    }
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
