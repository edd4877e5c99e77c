//! The documents that are measured.

pub(crate) mod recorder;

use tegata_pki::CryptoProvider;
use tegata_testvectors::{Case, vectors};
use tegata_trust_list::{AnchorEntry, Evidence, Provenance, Scope, TrustStore, TrustStoreBuilder};
use tegata_verifier::{Binding, Overall, Policy, Revocation, Session, Verifier};
use time::UtcDateTime;
use time::macros::utc_datetime;

pub(crate) const AT: UtcDateTime = utc_datetime!(2026-07-01 12:00);

/// One of our vectors, ready to be verified without revocation evidence, which peers do not look at either.
pub(crate) struct Document {
    pub(crate) response: Vec<u8>,
    transcript: Vec<u8>,
    pub(crate) root: tegata_pki::Certificate,
}

impl Document {
    pub(crate) fn open(name: &str) -> Self {
        let case = Case::open(&vectors().join(name)).unwrap();
        let root = tegata_pki::Certificate::from_pem(&case.files("trust_anchors").unwrap()[0]).unwrap();
        Self { response: case.input().unwrap(), transcript: case.file("session_transcript").unwrap().unwrap(), root }
    }

    pub(crate) fn trust(&self) -> TrustStore {
        let provenance = Provenance { source: "bench".to_owned(), added_at: AT };
        let entry = AnchorEntry::issuance(self.root.clone(), Scope::AnyDocType, provenance);
        TrustStoreBuilder::new().anchor(entry).unwrap().build().unwrap()
    }

    pub(crate) fn verifier(&self, provider: &'static dyn CryptoProvider) -> Verifier {
        Verifier::new(self.trust(), Policy::strict().with_revocation(Revocation::DangerousOff)).with_provider(provider)
    }

    /// One whole verification, from bytes to verdict.
    pub(crate) fn verify(&self, verifier: &Verifier) -> Overall {
        let session = Session::new(&self.transcript).unwrap();
        let report = verifier.verify(&self.response, &Binding::session(session), &Evidence::new(), AT).unwrap();
        report.overall()
    }
}
