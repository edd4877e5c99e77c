//! Every kind of evidence in one verification, and evidence an attacker would like to be taken.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

use getrandom::{SysRng, rand_core::UnwrapErr};
use serde_json::Value as Json;
use tegata_mdoc::cbor::decode;
use tegata_mdoc::response::DeviceResponse;
use tegata_pki::software::InsecureSoftwareKey;
use tegata_pki::{
    Certificate, CertificateRequest, Contact, CrlBuilder, CrlNumber, Curve, Edition, Hash, Name, PublicKey, Role, oid,
    profile, rust_crypto,
};
use tegata_testvectors::{Case, vectors};
use tegata_trust_list::token::{TokenBuilder, TokenSigner};
use tegata_trust_list::{
    AnchorEntry, DeviceKeyList, Evidence, KeyThumbprint, Listing, ListingKind, Provenance, RequiredDeviceKeyList,
    Scope, SignerName, TrustStore, TrustStoreBuilder,
};
use tegata_verifier::{Binding, Lang, Policy, Session, Verifier, json};
use time::macros::utc_datetime;
use time::{Duration, UtcDateTime};

const AT: UtcDateTime = utc_datetime!(2026-07-01 12:00);
const KEYS_URI: &str = "https://dts.utopia.example/device-keys/1.cwt";
const STATUS_URI: &str = "https://status.utopia.example/lists/1";
const PORTAL: &[u8] = b"<html><body>Welcome to our Wi-Fi</body></html>";

/// A genuine presentation of Utopia's, with the evidence that goes with it and the authority's key.
struct Utopia {
    response: Vec<u8>,
    transcript: Vec<u8>,
    crl: Vec<u8>,
    status_list: Vec<u8>,
    root: Certificate,
    root_key: InsecureSoftwareKey,
    ds: Certificate,
    device: KeyThumbprint,
}

impl Utopia {
    fn new() -> Self {
        let case = Case::open(&vectors().join("mdl-5-of-30")).unwrap();
        let root = Certificate::from_pem(&case.files("trust_anchors").unwrap()[0]).unwrap();
        let root_key = std::fs::read_to_string(vectors().join("../keys/iaca.pem")).unwrap();
        let device = std::fs::read_to_string(vectors().join("../keys/device.pem")).unwrap();
        let device = InsecureSoftwareKey::from_pkcs8_pem(&device).unwrap();
        let response = case.input().unwrap();
        let (decoded, _) = decode::<DeviceResponse<'_>>(&response).unwrap();
        let issuer_auth = &decoded.value().documents[0].value().issuer_signed.issuer_auth;
        let ds = Certificate::from_der(issuer_auth.certificate_chain().unwrap().unwrap().first().unwrap()).unwrap();
        Self {
            transcript: case.file("session_transcript").unwrap().unwrap(),
            crl: case.files("crls").unwrap().remove(0),
            status_list: case.files("status_lists").unwrap().remove(0),
            root,
            root_key: InsecureSoftwareKey::from_pkcs8_pem(&root_key).unwrap(),
            ds,
            device: KeyThumbprint::of(device.public_key(), rust_crypto()),
            response,
        }
    }

    fn evidence(&self) -> Evidence {
        let mut evidence = Evidence::new();
        evidence.crls.add(&self.crl, AT - Duration::HOUR).unwrap();
        evidence.lists.add(&self.status_list, AT - Duration::HOUR).unwrap();
        evidence
    }

    /// The root as a VICAL of June names it.
    fn builder(&self) -> TrustStoreBuilder {
        let provenance = Provenance { source: "VICAL 7".to_owned(), added_at: AT };
        let entry = AnchorEntry::issuance(self.root.clone(), Scope::AnyDocType, provenance);
        let listing = Listing {
            kind: ListingKind::Vical,
            name: "Utopia Trust Service".to_owned(),
            issued_at: AT - Duration::days(20),
            next_update: Some(AT + Duration::days(10)),
            fetched_at: AT - Duration::days(2),
        };
        TrustStoreBuilder::new().listed_anchor(entry, listing).unwrap()
    }

    fn trust(&self) -> TrustStore {
        self.builder().build().unwrap()
    }

    /// The device-key list is required.
    fn demanding(&self) -> TrustStore {
        let digest = rust_crypto().digest(Hash::Sha256, self.root.spki_der());
        let issuer_key = digest.as_bytes().try_into().unwrap();
        let uri = KEYS_URI.to_owned();
        self.builder()
            .require_device_key_list(RequiredDeviceKeyList { issuer_key, scope: Scope::AnyDocType, uri })
            .build()
            .unwrap()
    }

    fn report(&self, trust: TrustStore, policy: Policy, evidence: &Evidence, at: UtcDateTime) -> Json {
        let verifier = Verifier::new(trust, policy);
        let binding = Binding::session(Session::new(&self.transcript).unwrap());
        json::report(&verifier.verify(&self.response, &binding, evidence, at).unwrap(), Lang::En)
    }

    /// A device-key list of half an hour ago, by a list signer of this authority.
    fn key_list(&self, list: DeviceKeyList) -> Vec<u8> {
        signed_list(list, &self.root, &self.root_key)
    }

    fn crl(&self, number: u64, this_update: UtcDateTime, revoked: &[&[u8]]) -> Vec<u8> {
        let next_update = this_update + Duration::days(30);
        let mut builder = CrlBuilder::new(&self.root, CrlNumber::from(number), this_update, next_update);
        for serial in revoked {
            builder = builder.revoke(serial, this_update, None);
        }
        let unsigned = builder.build().unwrap();
        let signature = self.root_key.sign(unsigned.algorithm(), unsigned.tbs()).unwrap();
        unsigned.complete(&signature.to_der(self.root_key.curve()), rust_crypto()).unwrap().der().to_vec()
    }
}

fn issue(
    role: Role,
    name: &str,
    key: PublicKey,
    issuer: Option<&Certificate>,
    signer: &InsecureSoftwareKey,
) -> Certificate {
    let subject = Name::from_attributes(&[(oid::COUNTRY, "UT"), (oid::COMMON_NAME, name)]).unwrap();
    let validity = (AT - Duration::days(30), AT + Duration::days(300));
    let profile = profile(role, Edition::Iso18013_5);
    let request = CertificateRequest::new(profile, subject, key, issuer, validity, &mut UnwrapErr(SysRng));
    let request =
        request.contact(Contact::Uri("https://utopia.example".to_owned())).crl_uri("https://utopia.example/crl");
    let unsigned = request.build().unwrap();
    let signature = signer.sign(unsigned.algorithm(), unsigned.tbs()).unwrap().to_der(signer.curve());
    unsigned.complete(&signature, rust_crypto()).unwrap()
}

fn signed_list(list: DeviceKeyList, root: &Certificate, root_key: &InsecureSoftwareKey) -> Vec<u8> {
    let key = InsecureSoftwareKey::generate(Curve::P256, &mut UnwrapErr(SysRng)).unwrap();
    let certificate = issue(Role::StatusSigner, "Lists", key.public_key().clone(), Some(root), root_key);
    let issued_at = AT - Duration::minutes(30);
    let chain = TokenSigner::Chain(vec![certificate]);
    let prepared =
        TokenBuilder::new(KEYS_URI, list, issued_at, issued_at + Duration::DAY, chain).prepare_cwt().unwrap();
    let signature = key.sign(prepared.algorithm(), prepared.to_be_signed()).unwrap();
    prepared.complete(&signature, rust_crypto()).unwrap()
}

/// The cause of a check in the report, and its outcome.
fn finding<'j>(report: &'j Json, check: &str) -> (&'j str, &'j str) {
    let checks = report["documents"][0]["checks"].as_array().unwrap();
    let found = checks.iter().find(|result| result["id"] == check).unwrap();
    (found["outcome"].as_str().unwrap(), found["cause"].as_str().unwrap_or_default())
}

#[test]
fn every_kind_of_evidence_counts_in_one_call_and_is_in_the_report_with_its_age() {
    let utopia = Utopia::new();
    let mut evidence = utopia.evidence();
    evidence.lists.add(&utopia.key_list(DeviceKeyList::new(1, [], [])), AT).unwrap();
    let report = utopia.report(utopia.demanding(), Policy::strict(), &evidence, AT);
    assert_eq!(report["verdict"], "accepted", "{report:#}");
    let ages: Vec<_> = report["documents"][0]["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .map(|used| (used["kind"].as_str().unwrap(), used["age_seconds"].as_i64().unwrap()))
        .collect();
    let days = |days: i64| days * 86_400;
    assert_eq!(
        ages,
        [
            ("status-list", days(1) + 43_200),
            ("device-key-list", 1_800),
            ("crl", days(11) + 43_200),
            ("vical", days(20)),
        ]
    );
    let kinds = serde_json::from_str::<Json>(json::SCHEMA).unwrap();
    let kinds = &kinds["$defs"]["document"]["properties"]["evidence"]["items"]["properties"]["kind"]["enum"];
    for (kind, _) in ages {
        assert!(kinds.as_array().unwrap().contains(&kind.into()), "{kind} is not in the schema");
    }
}

#[test]
fn a_listed_device_key_or_signer_rejects_the_document() {
    let utopia = Utopia::new();
    let signer = SignerName::of(&utopia.ds, &utopia.root, rust_crypto());
    for list in [DeviceKeyList::new(1, [utopia.device], []), DeviceKeyList::new(1, [], [signer])] {
        for policy in [Policy::strict(), Policy::interop()] {
            let mut evidence = utopia.evidence();
            evidence.lists.add(&utopia.key_list(list.clone()), AT).unwrap();
            let report = utopia.report(utopia.trust(), policy, &evidence, AT);
            assert_eq!(report["verdict"], "rejected");
            assert_eq!(report["documents"][0]["primary"], "mso-revoked");
            assert_eq!(finding(&report, "mso-revoked"), ("fail", "mso-revoked"));
        }
    }
}

#[test]
fn a_strangers_list_is_no_evidence_and_does_not_stand_in_for_a_required_one() {
    let utopia = Utopia::new();
    let key = InsecureSoftwareKey::generate(Curve::P256, &mut UnwrapErr(SysRng)).unwrap();
    let root = issue(Role::Iaca, "Stranger", key.public_key().clone(), None, &key);
    let mut evidence = utopia.evidence();
    evidence.lists.add(&signed_list(DeviceKeyList::new(1, [utopia.device], []), &root, &key), AT).unwrap();
    assert_eq!(utopia.report(utopia.trust(), Policy::strict(), &evidence, AT)["verdict"], "accepted");
    let report = utopia.report(utopia.demanding(), Policy::strict(), &evidence, AT);
    assert_eq!(report["verdict"], "undetermined");
    assert_eq!(finding(&report, "mso-revoked"), ("undetermined", "status-foreign-signer"));
}

#[test]
fn a_required_list_that_is_missing_is_told_whatever_the_policy() {
    let utopia = Utopia::new();
    for policy in [Policy::strict(), Policy::interop()] {
        let report = utopia.report(utopia.demanding(), policy, &utopia.evidence(), AT);
        assert_eq!(report["verdict"], "undetermined");
        assert_eq!(report["documents"][0]["primary"], "mso-revoked");
        assert_eq!(finding(&report, "mso-revoked"), ("undetermined", "device-key-list-missing"));
    }
}

#[test]
fn each_attack_on_the_crl_has_its_own_cause_and_none_is_accepted() {
    let utopia = Utopia::new();
    let uri = utopia.ds.crl_distribution_uris()[0].to_owned();
    let fresh = utopia.crl(9, AT - Duration::DAY, &[]);
    let attacks = [
        ("crl-number-too-low", utopia.crl(3, AT - Duration::DAY, &[])),
        ("crl-not-yet-valid", utopia.crl(9, AT + Duration::DAY, &[])),
        ("crl-looks-like-html", PORTAL.to_vec()),
        ("crl-truncated", fresh[..fresh.len() - 1].to_vec()),
        ("crl-stale", utopia.crl(9, AT - Duration::days(60), &[])),
    ];
    for (expected, bytes) in attacks {
        for policy in [Policy::strict(), Policy::interop()] {
            let mut evidence = Evidence::new();
            evidence.lists.add(&utopia.status_list, AT).unwrap();
            evidence.crls.remember(utopia.root_key.public_key(), CrlNumber::from(5));
            _ = evidence.crls.add_fetched(&uri, &bytes, AT);
            let report = utopia.report(utopia.trust(), policy, &evidence, AT);
            assert_eq!(report["verdict"], "undetermined", "{expected}");
            assert_eq!(finding(&report, "ds-revoked"), ("undetermined", expected));
        }
    }
    let mut evidence = utopia.evidence();
    evidence.crls.add(&utopia.crl(9, AT - Duration::HOUR, &[utopia.ds.serial()]), AT).unwrap();
    let report = utopia.report(utopia.trust(), Policy::strict(), &evidence, AT);
    assert_eq!(
        (report["verdict"].as_str(), finding(&report, "ds-revoked")),
        (Some("rejected"), ("fail", "ds-revoked"))
    );
}

#[test]
fn each_attack_on_a_list_has_its_own_cause_and_none_is_accepted() {
    let utopia = Utopia::new();
    let mut forged = utopia.status_list.clone();
    *forged.last_mut().unwrap() ^= 1;
    let cut = utopia.status_list[..utopia.status_list.len() - 9].to_vec();
    let attacks = [
        ("token-looks-like-html", PORTAL.to_vec(), AT),
        ("token-truncated", cut, AT),
        ("status-signature", forged, AT),
        ("status-expired", utopia.status_list.clone(), AT + Duration::days(8)),
        // The clock turned back to before the list was made.
        ("status-not-yet-valid", utopia.status_list.clone(), AT - Duration::days(5)),
    ];
    for (expected, bytes, at) in attacks {
        for policy in [Policy::strict(), Policy::interop()] {
            let mut evidence = Evidence::new();
            evidence.crls.add(&utopia.crl, AT).unwrap();
            _ = evidence.lists.add_fetched(STATUS_URI, &bytes, AT);
            let report = utopia.report(utopia.trust(), policy, &evidence, at);
            assert_eq!(report["verdict"], "undetermined", "{expected}: {report:#}");
            assert_eq!(finding(&report, "mso-revoked"), ("undetermined", expected));
        }
    }
}
