//! The import gate: the one way by which something of a root comes into the catalogue.
//!
//! A response bundle is taken as a whole or not at all. Everything is checked with public keys only, whatever the root's
//! own program has checked before: the signature of the bundle and its place in the chain of requests and responses, every
//! certificate and list against its profile and with the key of its issuer, who vouches for a new root, and whether the
//! authorisation list lets it speak. All that is wrong is reported at once.

mod certificates;
mod crls;
mod refusal;

use std::collections::BTreeSet;

use tegata_audit::{Checkpoint, CheckpointVerifier};
use tegata_pki::{CryptoProvider, Edition, Finding, Mode, PublicKey, Severity};
use tegata_trust_list::bundle::{ResponseBundle, Verified};
use time::{Duration, UtcDateTime};

pub use self::refusal::{BundleObject, GateRefusal, ObjectKind};
use crate::{
    KeyDigest,
    authorisation::Authorisation,
    catalogue::{Catalogue, HeldCrl, HeldRoot},
    issuers::Issuers,
    published::{DocumentSigner, LinkCertificate, ListSigner},
};

/// Whom the gate believes, and what it lets in.
#[derive(Clone, Debug)]
pub struct Authority {
    /// The key that signs the root's responses; brought over once, in person.
    pub response_key: PublicKey,
    /// The key that signs the checkpoints of the root's audit log, with the log's name.
    pub checkpoint: CheckpointVerifier,
    /// Whose profiles the certificates and lists follow.
    pub edition: Edition,
    /// Roots whose fingerprints people have compared: they need nobody to vouch for them.
    pub root_pins: BTreeSet<KeyDigest>,
    /// What the roots are published for.
    pub issuers: Issuers,
    /// Which of that they may.
    pub authorisation: Authorisation,
    /// How long a root that a link vouches for is announced before its first document signer.
    pub announcement: Duration,
    /// Whether this service is for trials: bundles of a root in a software token are taken by such a one only.
    pub sandbox: bool,
}

/// The gate.
#[derive(Clone, Copy, Debug)]
pub struct Gate<'a> {
    provider: &'a dyn CryptoProvider,
}

/// A bundle that passed the gate: what [`Catalogue::apply`] will enter. There is no place in it for the certificate of a
/// document signer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    revision: u64,
    digest: [u8; 32],
    sequence: u64,
    next_sequence: u64,
    checkpoint: String,
    records: u64,
    contents: Contents,
}

/// What of a bundle is new.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Contents {
    roots: Vec<HeldRoot>,
    links: Vec<LinkCertificate>,
    list_signers: Vec<ListSigner>,
    document_signers: Vec<DocumentSigner>,
    crls: Vec<HeldCrl>,
}

impl Plan {
    /// The revision of the catalogue that it was made against.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// SHA-256 of the bundle.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The number of the exchange.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The number that the next request has.
    #[must_use]
    pub fn next_sequence(&self) -> u64 {
        self.next_sequence
    }

    /// The checkpoint of the root's log, verified.
    #[must_use]
    pub fn checkpoint(&self) -> &str {
        &self.checkpoint
    }

    /// The number of records that the checkpoint signs.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }

    /// The new roots.
    #[must_use]
    pub fn roots(&self) -> &[HeldRoot] {
        &self.contents.roots
    }

    /// The links.
    #[must_use]
    pub fn links(&self) -> &[LinkCertificate] {
        &self.contents.links
    }

    /// The list signers.
    #[must_use]
    pub fn list_signers(&self) -> &[ListSigner] {
        &self.contents.list_signers
    }

    /// What is kept of the document signers.
    #[must_use]
    pub fn document_signers(&self) -> &[DocumentSigner] {
        &self.contents.document_signers
    }

    /// The CRLs, none of them released yet.
    #[must_use]
    pub fn crls(&self) -> &[HeldCrl] {
        &self.contents.crls
    }
}

impl<'a> Gate<'a> {
    /// A gate that computes with `provider`.
    #[must_use]
    pub fn new(provider: &'a dyn CryptoProvider) -> Self {
        Self { provider }
    }

    /// Checks a response bundle against what is held. Nothing is changed.
    ///
    /// # Errors
    /// Everything that is wrong; at least one refusal.
    pub fn import(
        &self,
        bundle: &[u8],
        authority: &Authority,
        catalogue: &Catalogue,
        at: UtcDateTime,
    ) -> Result<Plan, Vec<GateRefusal>> {
        let opened = ResponseBundle::open(bundle, &authority.response_key, self.provider);
        let verified = opened.map_err(|error| vec![GateRefusal::Bundle(error)])?;
        let mut inspection = Inspection {
            authority,
            held: catalogue.holdings(),
            provider: self.provider,
            at,
            contents: Contents::default(),
            refusals: Vec::new(),
        };
        inspection.place_in_chain(&verified);
        let records = inspection.log(&verified);
        let response = verified.contents();
        if response.software_token && !authority.sandbox {
            inspection.refusals.push(GateRefusal::SoftwareToken);
        }
        inspection.certificates(response, verified.digest());
        inspection.crls(response);
        if inspection.refusals.is_empty() {
            Ok(Plan {
                revision: catalogue.revision(),
                digest: verified.digest(),
                sequence: response.sequence,
                next_sequence: response.next_sequence,
                checkpoint: response.checkpoint.clone(),
                records,
                contents: inspection.contents,
            })
        } else {
            Err(inspection.refusals)
        }
    }
}

/// One bundle at the gate.
struct Inspection<'a> {
    authority: &'a Authority,
    held: &'a crate::catalogue::Holdings,
    provider: &'a dyn CryptoProvider,
    at: UtcDateTime,
    contents: Contents,
    refusals: Vec<GateRefusal>,
}

impl Inspection<'_> {
    /// The bundle answers the request that waits.
    fn place_in_chain(&mut self, bundle: &Verified<ResponseBundle>) {
        match &self.held.request {
            None => self.refusals.push(GateRefusal::NoRequest),
            Some(request) => {
                let answers = bundle.check_answers(request.sequence, &request.digest);
                self.refusals.extend(answers.err().map(GateRefusal::Sequence));
            }
        }
    }

    /// The checkpoint is signed by the root's log, which grows from bundle to bundle. Returns its number of records.
    fn log(&mut self, bundle: &Verified<ResponseBundle>) -> u64 {
        let checkpoint = Checkpoint::parse(&bundle.contents().checkpoint);
        let size = checkpoint.and_then(|checkpoint| Ok(checkpoint.verify(&self.authority.checkpoint)?.size));
        match size {
            Err(error) => {
                self.refusals.push(GateRefusal::Checkpoint(error));
                0
            }
            Ok(found) => {
                let held = self.held.response.as_ref().map_or(0, |last| last.records);
                if found <= held {
                    self.refusals.push(GateRefusal::CheckpointNotAdvanced { held, found });
                }
                found
            }
        }
    }

    /// Findings that an authority does not tolerate in what it issues itself.
    fn refuse_findings(&mut self, object: BundleObject, findings: Vec<Finding>) {
        let errors = findings.into_iter().filter(|finding| finding.severity_in(Mode::Strict) == Severity::Error);
        self.refusals.extend(errors.map(|finding| GateRefusal::Profile { object, finding: Box::new(finding) }));
    }

    /// The root, held or of this bundle, whose key has this identifier.
    fn issuer(&self, identifier: &[u8]) -> Option<HeldRoot> {
        let is_it = |held: &&HeldRoot| {
            held.root.certificate().public_key().is_ok_and(|key| key.key_identifier().as_slice() == identifier)
        };
        let new = self.contents.roots.iter().find(is_it);
        new.or_else(|| self.held.root_by_key_identifier(identifier)).cloned()
    }
}
