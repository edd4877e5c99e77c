//! What an issuer must refuse, one test for each typed error.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    dead_code,
    unreachable_pub,
    reason = "test code"
)]

mod common;

use std::sync::Arc;

use common::*;
use serde_json::json;
use tegata_hsm::{InsecureSoftwareSigner, PendingSignature, Signer, SignerError};
use tegata_issuer::{
    BatchRequest, DocumentSigner, DocumentSignerParts, IssuanceRequest, IssueError, RandomStatusAllocator,
    StatusAllocationError, StatusAllocator, StatusReference, Terms, TimestampPolicy,
};
use tegata_mdoc::model::Claims;
use tegata_pki::software::InsecureSoftwareKey;
use tegata_pki::{Curve, Hash, PublicKey, SignatureAlgorithm};
use time::macros::utc_datetime;
use time::{Duration, UtcDateTime};

fn refused_signer(parts: DocumentSignerParts, at: UtcDateTime) -> &'static str {
    DocumentSigner::new(parts, at).unwrap_err().id()
}

#[test]
fn a_signer_with_another_key_is_refused() {
    let sandbox = Sandbox::new(Curve::P256, Curve::P256);
    let parts = DocumentSignerParts { signer: signer(Curve::P256), ..sandbox.parts() };
    assert_eq!(refused_signer(parts, NOW), "document-signer-key-mismatch");
}

#[derive(Debug)]
struct OtherAlgorithm(Arc<dyn Signer>);

impl Signer for OtherAlgorithm {
    fn public_key(&self) -> &PublicKey {
        self.0.public_key()
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::Ecdsa(Hash::Sha512)
    }

    fn begin(&self, message: Vec<u8>) -> PendingSignature {
        self.0.begin(message)
    }
}

#[test]
fn a_signer_with_another_hash_is_refused() {
    let sandbox = Sandbox::new(Curve::P256, Curve::P256);
    let signer = Arc::new(OtherAlgorithm(Arc::clone(&sandbox.ds_signer)));
    let parts = DocumentSignerParts { signer, ..sandbox.parts() };
    assert_eq!(refused_signer(parts, NOW), "document-signer-algorithm");
}

#[test]
fn a_certificate_outside_its_validity_is_refused() {
    let sandbox = Sandbox::new(Curve::P256, Curve::P256);
    let before = sandbox.ds.not_before() - Duration::SECOND;
    assert_eq!(refused_signer(sandbox.parts(), before), "document-signer-not-yet-valid");
    let after = sandbox.ds.not_after() + Duration::SECOND;
    assert_eq!(refused_signer(sandbox.parts(), after), "document-signer-expired");
    assert!(DocumentSigner::new(sandbox.parts(), sandbox.ds.not_before()).is_ok());
    assert!(DocumentSigner::new(sandbox.parts(), sandbox.ds.not_after()).is_ok());
}

#[test]
fn a_certificate_under_another_root_is_refused() {
    let (sandbox, other) = (Sandbox::new(Curve::P256, Curve::P256), Sandbox::new(Curve::P256, Curve::P256));
    let parts = DocumentSignerParts { iaca: Some(other.root), ..sandbox.parts() };
    assert_eq!(refused_signer(parts, NOW), "document-signer-path");
}

#[test]
fn a_certificate_of_another_role_is_refused() {
    let sandbox = Sandbox::new(Curve::P256, Curve::P256);
    let status_signer = signer(Curve::P256);
    let period = (utc_datetime!(2026-11-01 0:00), utc_datetime!(2027-11-01 0:00));
    let root = (&sandbox.root, &*sandbox.root_signer);
    let certificate = authority().create_status_signer(root, status_signer.public_key(), period, &mut rng()).unwrap();
    let parts = DocumentSignerParts { signer: status_signer, certificate, ..sandbox.parts() };
    assert_eq!(refused_signer(parts, NOW), "document-signer-profile");
    let parts = DocumentSignerParts {
        signer: Arc::clone(&sandbox.root_signer),
        certificate: sandbox.root.clone(),
        iaca: None,
        ..sandbox.parts()
    };
    assert_eq!(refused_signer(parts, NOW), "document-signer-profile");
}

fn refused(sandbox: &Sandbox, claims: &Claims, terms: &Terms, now: UtcDateTime) -> IssueError {
    let key = device_key();
    let request = IssuanceRequest { claims, terms, device_key: &key, status: None };
    sandbox.document_signer().issue(&request, &mut rng(), now).unwrap_err()
}

#[test]
fn validity_never_leaves_the_certificates_nor_what_was_asked_for() {
    let sandbox = Sandbox::new(Curve::P256, Curve::P256);
    let (signer, claims, key) = (sandbox.document_signer(), mdl(), device_key());
    let validity = |terms: &Terms, now| {
        let request = IssuanceRequest { claims: &claims, terms, device_key: &key, status: None };
        let validity = *signer.issue(&request, &mut rng(), now).unwrap().validity();
        (validity.signed.to_string(), validity.valid_from.to_string(), validity.valid_until.to_string())
    };
    // Midnight lies before notBefore of the document signer (09:30 of the same day).
    let (signed, from, until) = validity(&terms(), NOW);
    assert_eq!(
        (signed.as_str(), from.as_str(), until.as_str()),
        ("2026-11-21T09:30:00Z", "2026-11-21T09:30:00Z", "2027-02-01T00:00:00Z")
    );
    let terms = Terms {
        valid_from: Some(utc_datetime!(2026-12-01 8:00)),
        valid_until: utc_datetime!(2030-01-01 0:00),
        ..terms()
    };
    let (signed, from, until) = validity(&terms, utc_datetime!(2026-11-25 13:00));
    assert_eq!(
        (signed.as_str(), from.as_str(), until.as_str()),
        ("2026-11-25T00:00:00Z", "2026-12-02T00:00:00Z", "2027-11-20T23:59:59Z")
    );
}

#[test]
fn a_signer_that_has_expired_since_does_not_sign() {
    let sandbox = Sandbox::new(Curve::P256, Curve::P256);
    for now in [sandbox.ds.not_after() + Duration::SECOND, sandbox.ds.not_before() - Duration::SECOND] {
        assert_eq!(refused(&sandbox, &mdl(), &terms(), now).id(), "issue-signer-not-valid");
    }
}

#[test]
fn an_empty_validity_is_refused() {
    let sandbox = Sandbox::new(Curve::P256, Curve::P256);
    let cases = [
        // In the past; on the same day, cut to midnight; begins when it has ended; begins after the certificate.
        (None, utc_datetime!(2026-11-20 0:00)),
        (None, utc_datetime!(2026-11-21 23:00)),
        (Some(utc_datetime!(2026-12-02 0:00)), utc_datetime!(2026-12-01 0:00)),
        (Some(utc_datetime!(2028-01-01 0:00)), utc_datetime!(2029-01-01 0:00)),
    ];
    for (valid_from, valid_until) in cases {
        let terms = Terms { valid_from, valid_until, ..terms() };
        assert_eq!(refused(&sandbox, &mdl(), &terms, NOW).id(), "issue-empty-validity", "{valid_until}");
    }
    let terms = Terms { valid_until: UtcDateTime::MAX, valid_from: Some(UtcDateTime::MAX), ..terms() };
    assert_eq!(refused(&sandbox, &mdl(), &terms, NOW).id(), "issue-time-out-of-range");
}

#[test]
fn an_expected_update_outside_the_validity_is_refused() {
    let sandbox = Sandbox::new(Curve::P256, Curve::P256);
    for update in [utc_datetime!(2026-11-20 0:00), utc_datetime!(2027-03-01 0:00)] {
        let terms = Terms { expected_update: Some(update), ..terms() };
        assert_eq!(refused(&sandbox, &mdl(), &terms, NOW).id(), "issue-expected-update");
    }
}

#[test]
fn claims_that_disagree_with_the_certificate_or_themselves_are_refused() {
    let sandbox = Sandbox::new(Curve::P256, Curve::P256);
    let mut json = mdl_json();
    json[NS]["issuing_country"] = json!("JP");
    assert_eq!(refused(&sandbox, &claims_of(&json), &terms(), NOW).id(), "issue-issuing-country");
    let mut json = mdl_json();
    json[NS]["birth_date"] = json!("2015-01-01");
    let error = refused(&sandbox, &claims_of(&json), &terms(), NOW);
    assert_eq!(error.id(), "issue-claims");
    assert!(error.to_string().contains("age_over_18") && !error.to_string().contains("2015"), "{error}");

    let state = tegata_issuer::sandbox::SandboxAuthority { state: Some("UT-X".into()), ..authority() };
    let sandbox = Sandbox::of(&state, Curve::P256, Curve::P256);
    let mut json = mdl_json();
    json[NS]["issuing_jurisdiction"] = json!("UT-Y");
    assert_eq!(refused(&sandbox, &claims_of(&json), &terms(), NOW).id(), "issue-issuing-jurisdiction");
}

#[test]
fn an_issuer_key_is_no_device_key() {
    let sandbox = Sandbox::new(Curve::P256, Curve::P256);
    let (claims, terms) = (mdl(), terms());
    for key in [sandbox.ds_signer.public_key(), sandbox.root_signer.public_key()] {
        let request = IssuanceRequest { claims: &claims, terms: &terms, device_key: key, status: None };
        let error = sandbox.document_signer().prepare(&request, &mut rng(), NOW).unwrap_err();
        assert_eq!(error.id(), "issue-device-key-is-issuer-key");
    }
}

#[test]
fn a_signature_that_does_not_verify_releases_nothing() {
    let sandbox = Sandbox::new(Curve::P256, Curve::P256);
    let (claims, terms, key) = (mdl(), terms(), device_key());
    let request = IssuanceRequest { claims: &claims, terms: &terms, device_key: &key, status: None };
    let document_signer = sandbox.document_signer();
    let prepare = || document_signer.prepare(&request, &mut rng(), NOW).unwrap();
    let (first, second) = (prepare(), prepare());
    let of_the_other = sandbox.ds_signer.sign(second.to_be_signed()).unwrap();
    assert_eq!(first.complete(&of_the_other).unwrap_err().id(), "issue-signature");
    let by_another_key = signer(Curve::P256).sign(second.to_be_signed()).unwrap();
    assert_eq!(second.complete(&by_another_key).unwrap_err().id(), "issue-signature");
}

#[derive(Debug)]
struct Broken(Arc<dyn Signer>);

impl Signer for Broken {
    fn public_key(&self) -> &PublicKey {
        self.0.public_key()
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.0.algorithm()
    }

    fn begin(&self, _: Vec<u8>) -> PendingSignature {
        PendingSignature::ready(Err(SignerError::Stopped))
    }
}

#[test]
fn a_failing_signer_issues_nothing() {
    let sandbox = Sandbox::new(Curve::P256, Curve::P256);
    let signer = Arc::new(Broken(Arc::clone(&sandbox.ds_signer)));
    let signer = DocumentSigner::new(DocumentSignerParts { signer, ..sandbox.parts() }, NOW).unwrap();
    let (claims, terms, keys) = (mdl(), terms(), [device_key(), device_key()]);
    let request = IssuanceRequest { claims: &claims, terms: &terms, device_key: &keys[0], status: None };
    assert_eq!(signer.issue(&request, &mut rng(), NOW).unwrap_err().id(), "issue-signer");
    let batch = BatchRequest { claims: &claims, terms: &terms, device_keys: &keys };
    assert_eq!(signer.issue_batch(&batch, None, &mut rng(), NOW).unwrap_err().id(), "issue-signer");
}

/// Gives the same reference again and again.
struct Stuck;

impl StatusAllocator for Stuck {
    fn allocate(
        &mut self,
        count: usize,
        _: &mut dyn rand_core::CryptoRng,
    ) -> Result<Vec<StatusReference>, StatusAllocationError> {
        Ok(vec![StatusReference::new("https://status.example/1", 7).unwrap(); count])
    }
}

#[test]
fn batches_that_could_be_linked_are_refused() {
    let sandbox = Sandbox::new(Curve::P256, Curve::P256);
    let signer = sandbox.document_signer();
    let (claims, terms) = (mdl(), terms());
    let key = device_key();
    let refused = |keys: &[PublicKey], terms: &Terms, allocator: Option<&mut dyn StatusAllocator>| {
        let batch = BatchRequest { claims: &claims, terms, device_keys: keys };
        signer.issue_batch(&batch, allocator, &mut rng(), NOW).unwrap_err()
    };
    assert_eq!(refused(&[], &terms, None).id(), "issue-no-device-keys");
    let twice = [key.clone(), device_key(), key];
    assert!(matches!(refused(&twice, &terms, None), IssueError::DuplicateDeviceKey { first: 0, second: 2 }));
    let exact = Terms { timestamps: TimestampPolicy::Second, ..terms.clone() };
    assert_eq!(refused(&twice[..2], &exact, None).id(), "issue-batch-instants");
    assert_eq!(refused(&twice[..2], &terms, Some(&mut Stuck)).id(), "issue-status-references");
    let mut full = RandomStatusAllocator::new("https://status.example/1", 4, [0, 2, 3]).unwrap();
    let error = refused(&twice[..2], &terms, Some(&mut full));
    assert_eq!(error.id(), "issue-status-allocation");
    assert!(matches!(error, IssueError::StatusAllocation(StatusAllocationError::Exhausted { free: 1, asked: 2 })));
}

#[test]
fn a_sandbox_root_signs_with_its_own_key_only() {
    let sandbox = Sandbox::new(Curve::P256, Curve::P256);
    let other = InsecureSoftwareKey::generate(Curve::P256, &mut rng()).unwrap();
    let other = InsecureSoftwareSigner::new(other).unwrap();
    let period = (utc_datetime!(2026-11-21 0:00), utc_datetime!(2027-11-20 0:00));
    let error = authority()
        .create_document_signer((&sandbox.root, &other), sandbox.ds_signer.public_key(), period, &mut rng())
        .unwrap_err();
    assert_eq!(error.id(), "sandbox-root-key-mismatch");
    let long = (utc_datetime!(2026-11-21 0:00), utc_datetime!(2029-11-20 0:00));
    let error = authority()
        .create_document_signer((&sandbox.root, &*sandbox.root_signer), other.public_key(), long, &mut rng())
        .unwrap_err();
    assert_eq!(error.id(), "sandbox-build");
}
