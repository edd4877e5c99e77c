//! The verifier: runs the table of checks over an input.

use tegata_mdoc::Deviations;
use tegata_mdoc::issuer_signed::IssuerSigned;
use tegata_mdoc::response::{DeviceResponse, Document, MalformedDocument};
use tegata_pki::{CryptoProvider, rust_crypto};
use tegata_trust_list::{Evidence, TrustStore};
use time::UtcDateTime;

use crate::cache::SignerCache;
use crate::cause::Cause;
use crate::check::{CHECKS, Check, CheckSet, SubjectKind};
use crate::device;
use crate::document_signer::{self, Signer};
use crate::elements;
use crate::input::{Binding, Input, InputError};
use crate::issuer_auth;
use crate::mso;
use crate::policy::Policy;
use crate::report::{Claims, DocumentReport, Recorder, Report};
use crate::revocation;

/// What a verifier trusts.
#[derive(Debug)]
pub enum Trust {
    /// Anchors and pinned document signers.
    Store(TrustStore),
    /// Nothing: every other check is made, and every document is rejected as untrusted.
    RejectAll,
    /// A trust store that gives nothing out at the moment: every other check is made, and no document is accepted. What
    /// would be rejected only for want of an anchor is undetermined.
    Unavailable(TrustGap),
}

/// Why a trust store gives no anchors out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrustGap {
    /// The clock of this machine is behind a time that has passed for certain.
    ClockTurnedBack {
        /// That time.
        latest: UtcDateTime,
    },
    /// There has been no update yet.
    NeverUpdated,
    /// The list is too old for the policy of the store.
    ListStale {
        /// When it was last known to be current.
        as_of: UtcDateTime,
    },
    /// No anchor is believed.
    NoAnchor,
    /// An anchor cannot be used.
    Unusable,
}

impl TrustGap {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::ClockTurnedBack { .. } => "trust-clock-turned-back",
            Self::NeverUpdated => "trust-never-updated",
            Self::ListStale { .. } => "trust-list-stale",
            Self::NoAnchor => "trust-no-anchor",
            Self::Unusable => "trust-unusable",
        }
    }
}

impl From<TrustStore> for Trust {
    fn from(store: TrustStore) -> Self {
        Self::Store(store)
    }
}

impl Trust {
    pub(crate) fn store(&self) -> Option<&TrustStore> {
        match self {
            Self::Store(store) => Some(store),
            Self::RejectAll | Self::Unavailable(_) => None,
        }
    }

    fn generation(&self) -> u64 {
        self.store().map_or(0, TrustStore::generation)
    }
}

/// Verifies mobile documents under given trust and policy. Cheap to keep, and worth keeping: it remembers which Document
/// Signer certificates the anchors have signed (never for how long they are valid, nor that they are not revoked).
#[derive(Debug)]
pub struct Verifier {
    trust: Trust,
    policy: Policy,
    provider: &'static dyn CryptoProvider,
    cache: SignerCache,
}

/// What every check may look at.
#[derive(Clone, Copy)]
pub(crate) struct Context<'v> {
    pub(crate) trust: &'v Trust,
    pub(crate) policy: &'v Policy,
    pub(crate) provider: &'static dyn CryptoProvider,
    pub(crate) cache: &'v SignerCache,
    pub(crate) evidence: &'v Evidence,
    pub(crate) at: UtcDateTime,
}

impl Verifier {
    /// A verifier with the pure-Rust provider.
    #[must_use]
    pub fn new(trust: impl Into<Trust>, policy: Policy) -> Self {
        Self { trust: trust.into(), policy, provider: rust_crypto(), cache: SignerCache::default() }
    }

    /// The same verifier with another cryptographic provider.
    #[must_use]
    pub fn with_provider(self, provider: &'static dyn CryptoProvider) -> Self {
        Self { provider, ..self }
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Verifies `input` (a DeviceResponse, a Document or an IssuerSigned, recognised by content) at the time `at`.
    ///
    /// # Errors
    /// When the input is none of them or cannot be decoded. Everything else is in the report.
    pub fn verify<'a>(
        &self,
        input: &'a [u8],
        binding: &Binding<'_>,
        evidence: &Evidence,
        at: UtcDateTime,
    ) -> Result<Report<'a>, InputError> {
        let context = Context {
            trust: &self.trust,
            policy: &self.policy,
            provider: self.provider,
            cache: &self.cache,
            evidence,
            at,
        };
        let mut recorder = Recorder::new(&self.policy, 2);
        let documents = match Input::read(input)? {
            Input::Response(response) => {
                check_response(&mut recorder, &response);
                let documents = response.documents.iter();
                let mut reports: Vec<_> =
                    documents.map(|document| verify_document(context, binding, document.value())).collect();
                // Ascending, so that each lands in the place it was received in.
                for document in response.malformed_documents {
                    reports.insert(document.index.min(reports.len()), reject_malformed(context, document));
                }
                reports
            }
            Input::Malformed(document) => vec![reject_malformed(context, document)],
            Input::Document(document) => vec![verify_document(context, binding, &document)],
            Input::IssuerSigned(issuer_signed, deviations) => {
                vec![verify_issuer_signed(context, binding, None, &issuer_signed, None, deviations)]
            }
        };
        let mut report = Report {
            at,
            policy: self.policy.clone(),
            trust_generation: self.trust.generation(),
            checks: recorder.results,
            documents,
        };
        spread_response_failures(&mut report);
        Ok(report)
    }
}

fn check_response<'a>(recorder: &mut Recorder<'a, '_>, response: &DeviceResponse<'a>) {
    if is_major_1(response.version) {
        recorder.pass(Check::ResponseVersion);
    } else {
        recorder.fail(Check::ResponseVersion, Cause::Version { found: response.version });
    }
    if response.status != 0 {
        recorder.fail(Check::ResponseStatus, Cause::Status { code: response.status });
    } else if response.documents.is_empty() && response.malformed_documents.is_empty() {
        recorder.fail(Check::ResponseStatus, Cause::NoDocument);
    } else {
        recorder.pass(Check::ResponseStatus);
    }
}

/// A failure of the response is a failure of each of its documents: a document's verdict must stand alone.
fn spread_response_failures(report: &mut Report<'_>) {
    let Report { checks, documents, .. } = report;
    for failure in checks.iter().filter(|result| result.outcome == crate::Outcome::Fail) {
        for document in documents.iter_mut() {
            document.checks.push(failure.clone());
        }
    }
}

fn verify_document<'a>(context: Context<'_>, binding: &Binding<'_>, document: &Document<'a>) -> DocumentReport<'a> {
    let Document { doc_type, issuer_signed, device_signed, deviations, .. } = document;
    verify_issuer_signed(context, binding, Some(*doc_type), issuer_signed, device_signed.as_ref(), *deviations)
}

/// The report of a document that cannot be read: no check but the first can be made.
fn reject_malformed<'a>(context: Context<'_>, document: MalformedDocument<'a>) -> DocumentReport<'a> {
    let mut recorder = Recorder::new(context.policy, 40);
    recorder.fail(Check::Encoding, Cause::Malformed(document.error));
    note_unreached(&mut recorder);
    DocumentReport {
        doc_type: document.doc_type.unwrap_or_default(),
        claims: Claims::default(),
        checks: recorder.results,
        evidence: Vec::new(),
    }
}

/// All checks of one document. `doc_type` is what the holder states; issuer data alone states none.
fn verify_issuer_signed<'a>(
    context: Context<'_>,
    binding: &Binding<'_>,
    doc_type: Option<&'a str>,
    issuer_signed: &IssuerSigned<'a>,
    device_signed: Option<&tegata_mdoc::device_signed::DeviceSigned<'a>>,
    mut deviations: Deviations,
) -> DocumentReport<'a> {
    let mut recorder = Recorder::new(context.policy, 40);
    let decoded = mso::decode(&mut recorder, issuer_signed, &mut deviations);
    let mso = decoded.as_ref().map(tegata_mdoc::Raw::value);
    let stated = doc_type.or(mso.map(|mso| mso.doc_type)).unwrap_or_default();

    let signer = document_signer::resolve(context, &mut recorder, issuer_signed, stated);
    issuer_auth::check(context, &mut recorder, &issuer_signed.issuer_auth, signer.as_ref().map(Signer::certificate));
    let mut evidence = Vec::new();
    if let Some(signer) = &signer {
        document_signer::check(context, &mut recorder, signer, stated);
    }
    if let Some(mso) = mso {
        mso::check(context, &mut recorder, mso, doc_type, signer.as_ref().map(Signer::certificate));
        elements::check(context, &mut recorder, issuer_signed, device_signed, mso);
        elements::check_country(&mut recorder, issuer_signed, stated, signer.as_ref());
        evidence.extend(revocation::check_mso(context, &mut recorder, mso, signer.as_ref()));
    }
    evidence.extend(revocation::check_signer(context, &mut recorder, signer.as_ref()));
    evidence.extend(revocation::trust_evidence(context, signer.as_ref()));
    device::check(context, &mut recorder, binding, stated, device_signed, mso);
    for deviation in deviations.iter() {
        recorder.deviates(Check::Encoding, Cause::Deviation(deviation));
    }
    recorder.pass_unless_recorded(Check::Encoding, 0);
    note_unreached(&mut recorder);

    DocumentReport {
        doc_type: stated,
        claims: claims(issuer_signed, device_signed),
        checks: recorder.results,
        evidence,
    }
}

/// Every check of the table is in the report. One that could not be made blocks acceptance.
fn note_unreached(recorder: &mut Recorder<'_, '_>) {
    let dependency =
        recorder.results.iter().find(|result| result.outcome == crate::Outcome::Fail).map(|result| result.check);
    let made: CheckSet = recorder.results.iter().map(|result| result.check).collect();
    let of_documents = CHECKS.iter().filter(|row| row.subject != SubjectKind::Response);
    for row in of_documents.filter(|row| !made.contains(row.check)) {
        recorder.not_run(row.check, Cause::DependsOn(dependency.unwrap_or(row.check)));
    }
}

fn claims<'a>(
    issuer_signed: &IssuerSigned<'a>,
    device_signed: Option<&tegata_mdoc::device_signed::DeviceSigned<'a>>,
) -> Claims<'a> {
    let mut claims = Vec::with_capacity(issuer_signed.name_spaces.iter().map(|entry| entry.items.len()).sum());
    for entry in &issuer_signed.name_spaces {
        let items = entry.items.iter().map(tegata_mdoc::Tag24::value);
        claims.extend(items.map(|item| (entry.name_space, item.element_identifier, item.element_value)));
    }
    if let Some(device_signed) = device_signed {
        claims.extend(device_signed.name_spaces.value().elements());
    }
    Claims(claims)
}

/// True for versions `1` and `1.x`.
pub(crate) fn is_major_1(version: &str) -> bool {
    version == "1" || version.strip_prefix("1.").is_some_and(|minor| minor.bytes().all(|byte| byte.is_ascii_digit()))
}
