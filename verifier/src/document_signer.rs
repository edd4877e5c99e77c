//! Who signed: the Document Signer certificate, its anchor, and whether it may sign this document.

use std::sync::{Arc, LazyLock};

use tegata_mdoc::cose::CertificateChain;
use tegata_mdoc::issuer_signed::IssuerSigned;
use tegata_pki::{
    Certificate, Edition, Finding, KeyUsage, Mode, ObjectIdentifier, PathError, PathPosition, Role, Rule, Severity,
    VerifiedPath, lint_rules, profile, verify_path,
};
use tegata_trust_list::{Anchor, Listing, Purpose};
use time::UtcDateTime;

use crate::cause::Cause;
use crate::check::Check;
use crate::report::Recorder;
use crate::verify::{Context, Trust};

/// Extended key usage of Document Signers of mobile driving licences (ISO/IEC 18013-5 B.1.4).
const MDL_DS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.0.18013.5.1.2");
/// Extended key usage of Document Signers of any mobile document (ISO/IEC 23220-4).
const MDOC_DS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.0.23220.4.1.2");
/// Extended key usage of Document Signers of the EU reference implementation.
const EU_DS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.130.2.0.0.1.2");
const MDL_DOC_TYPE: &str = "org.iso.18013.5.1.mDL";

/// A Document Signer certificate and what vouches for it.
#[derive(Debug)]
pub(crate) enum Signer {
    /// Issued by an anchor, or pinned.
    Resolved(Arc<Resolved>),
    /// Readable, but nothing vouches for it.
    Untrusted(Certificate),
}

/// A certificate that an anchor or a pin vouches for, with everything about it that does not depend on the time.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) certificate: Certificate,
    pub(crate) standing: Standing,
    findings: Vec<Finding>,
}

/// What vouches for a signer.
#[derive(Debug)]
pub(crate) enum Standing {
    Anchored { anchor: Certificate, listing: Option<Box<Listing>>, path: VerifiedPath },
    Pinned,
}

impl Signer {
    pub(crate) fn certificate(&self) -> &Certificate {
        match self {
            Self::Resolved(resolved) => &resolved.certificate,
            Self::Untrusted(certificate) => certificate,
        }
    }

    /// True when the certificate is trusted by its exact bytes.
    pub(crate) fn is_pinned(&self) -> bool {
        matches!(self, Self::Resolved(resolved) if matches!(resolved.standing, Standing::Pinned))
    }

    /// The published list that its anchor was taken from.
    pub(crate) fn listing(&self) -> Option<&Listing> {
        match self {
            Self::Resolved(resolved) => match &resolved.standing {
                Standing::Anchored { listing, .. } => listing.as_deref(),
                Standing::Pinned => None,
            },
            Self::Untrusted(_) => None,
        }
    }

    /// The certificate of the anchor that issued the signer.
    pub(crate) fn anchor(&self) -> Option<&Certificate> {
        match self {
            Self::Resolved(resolved) => match &resolved.standing {
                Standing::Anchored { anchor, .. } => Some(anchor),
                Standing::Pinned => None,
            },
            Self::Untrusted(_) => None,
        }
    }
}

/// Reads the signer's certificate and finds what vouches for it.
pub(crate) fn resolve<'a>(
    context: Context<'_>,
    recorder: &mut Recorder<'a, '_>,
    issuer_signed: &IssuerSigned<'a>,
    doc_type: &str,
) -> Option<Signer> {
    let chain = match issuer_signed.issuer_auth.certificate_chain() {
        Ok(Some(chain)) => chain,
        Ok(None) => return refuse(recorder, Cause::NoCertificate),
        Err(_) => return refuse(recorder, Cause::AmbiguousChain),
    };
    let Some(leaf) = chain.first() else { return refuse(recorder, Cause::NoCertificate) };
    let generation = context.trust.store().map_or(0, tegata_trust_list::TrustStore::generation);
    if let Some(resolved) = context.cache.get(leaf, doc_type, generation) {
        recorder.pass(Check::IssuerCertificate);
        let signer = Signer::Resolved(resolved);
        check_composition(recorder, chain, &signer);
        return Some(signer);
    }
    let certificate = match Certificate::from_der(leaf) {
        Ok(certificate) => certificate,
        Err(error) => return refuse(recorder, Cause::Certificate(error)),
    };
    recorder.pass(Check::IssuerCertificate);
    let signer = match find_standing(context, &certificate, doc_type) {
        Ok(standing) => {
            let findings = profile_findings(&certificate, &standing, doc_type);
            let resolved = Arc::new(Resolved { certificate, standing, findings });
            context.cache.insert(doc_type, generation, &resolved);
            Signer::Resolved(resolved)
        }
        Err((check, cause)) => {
            match cause {
                Cause::TrustUnavailable(_) => recorder.undetermined(check, cause),
                _ => recorder.fail(check, cause),
            }
            Signer::Untrusted(certificate)
        }
    };
    check_composition(recorder, chain, &signer);
    Some(signer)
}

fn refuse<'a>(recorder: &mut Recorder<'a, '_>, cause: Cause<'a>) -> Option<Signer> {
    recorder.fail(Check::IssuerCertificate, cause);
    None
}

/// Finds the pin or the anchor that vouches for `certificate`, for documents of `doc_type`.
fn find_standing(
    context: Context<'_>,
    certificate: &Certificate,
    doc_type: &str,
) -> Result<Standing, (Check, Cause<'static>)> {
    let store = match context.trust {
        Trust::Store(store) => store,
        Trust::RejectAll => return Err((Check::DsTrusted, Cause::NoAnchors)),
        Trust::Unavailable(gap) => return Err((Check::DsTrusted, Cause::TrustUnavailable(*gap))),
    };
    if store.pinned(certificate, doc_type).is_some() {
        return match first_critical_extension(certificate) {
            None => Ok(Standing::Pinned),
            Some(oid) => Err((Check::DsCriticalExtensions, Cause::CriticalExtension { oid })),
        };
    }
    let mut nearest: Option<(PathError, &Anchor)> = None;
    for anchor in store.candidates(Purpose::Issuance, doc_type, certificate) {
        match verify_path(certificate, &[], anchor.certificate(), context.provider) {
            Ok(path) => {
                let (anchor, listing) = (anchor.certificate().clone(), anchor.listing().cloned().map(Box::new));
                return Ok(Standing::Anchored { anchor, listing, path });
            }
            Err(error) if nearest.as_ref().is_none_or(|(known, _)| error.rank() > known.rank()) => {
                nearest = Some((error, anchor));
            }
            Err(_) => {}
        }
    }
    let Some((error, anchor)) = nearest else {
        return Err((Check::DsTrusted, Cause::UnknownIssuer { issuer: certificate.issuer().to_string() }));
    };
    let anchor = anchor.certificate().subject().to_string();
    Err(match error {
        PathError::UnknownCriticalExtension(_, oid) | PathError::UnprocessableCriticalExtension(_, oid) => {
            (Check::DsCriticalExtensions, Cause::CriticalExtension { oid })
        }
        PathError::Signature(..) => (Check::DsTrusted, Cause::NotSignedByAnchor { anchor }),
        PathError::LeafIsAnchor => (Check::DsTrusted, Cause::AnchorIsSigner),
        PathError::AnchorNotCa => (Check::DsTrusted, Cause::AnchorNotCa { anchor }),
        other => (Check::DsTrusted, Cause::Path { reason: other.id(), anchor }),
    })
}

fn first_critical_extension(certificate: &Certificate) -> Option<ObjectIdentifier> {
    let unhandled = certificate.extensions().iter().find(|extension| extension.is_unhandled_critical());
    unhandled.map(tegata_pki::certificate::Extension::oid)
}

/// Deviations from the Document Signer profile of the document type. Rules that are checks of their own (issuer name,
/// usages, critical extensions, country) are left out.
fn profile_findings(certificate: &Certificate, standing: &Standing, doc_type: &str) -> Vec<Finding> {
    let issuer = match standing {
        Standing::Anchored { anchor, .. } => Some(anchor),
        Standing::Pinned => None,
    };
    let mut findings = lint_rules(certificate, rules(doc_type).iter().copied(), issuer);
    findings.retain(|finding| finding.severity != Severity::Info);
    findings
}

/// The rules of the profile that a document type follows, without those that are checks of their own.
fn rules(doc_type: &str) -> &'static [&'static Rule] {
    static ISO: LazyLock<Vec<&Rule>> = LazyLock::new(|| remaining(Edition::Iso18013_5));
    static EU: LazyLock<Vec<&Rule>> = LazyLock::new(|| remaining(Edition::EuPid));
    fn remaining(edition: Edition) -> Vec<&'static Rule> {
        let rules = profile(Role::DocumentSigner, edition).rules();
        rules.filter(|rule| !matches!(rule.id, "DS-02" | "DS-11" | "DS-14" | "X-09" | "X-11")).collect()
    }
    if is_eu(doc_type) { &EU } else { &ISO }
}

fn is_eu(doc_type: &str) -> bool {
    doc_type.starts_with("eu.europa.ec.")
}

/// Trust, dates, names, usages and profile of the signer.
pub(crate) fn check<'a>(context: Context<'_>, recorder: &mut Recorder<'a, '_>, signer: &Signer, doc_type: &str) {
    let resolved = match signer {
        Signer::Untrusted(certificate) => {
            check_dates(context, recorder, certificate, None);
            check_usages(recorder, certificate, doc_type, false);
            return;
        }
        Signer::Resolved(resolved) => resolved,
    };
    recorder.pass(Check::DsCriticalExtensions);
    let certificate = &resolved.certificate;
    match &resolved.standing {
        Standing::Pinned => {
            recorder.warn(Check::DsTrusted, Cause::PinnedSigner);
            check_dates(context, recorder, certificate, None);
            recorder.not_run(Check::DsCountry, Cause::NotApplicable);
        }
        Standing::Anchored { anchor, path, .. } => {
            recorder.pass(Check::DsTrusted);
            check_dates(context, recorder, certificate, Some(path));
            check_country(recorder, certificate, anchor, doc_type);
        }
    }
    check_usages(recorder, certificate, doc_type, signer.is_pinned());
    let mark = recorder.mark();
    for finding in &resolved.findings {
        let cause = Cause::Profile(finding.clone());
        match finding.severity_in(mode(context)) {
            Severity::Error if context.policy.is_strict() => recorder.fail(Check::DsProfile, cause),
            // What even a tolerant policy refuses under an anchor was accepted by whoever pinned these very bytes.
            Severity::Error if !matches!(resolved.standing, Standing::Pinned) => recorder.fail(Check::DsProfile, cause),
            _ => recorder.warn(Check::DsProfile, cause),
        }
    }
    recorder.pass_unless_recorded(Check::DsProfile, mark);
}

fn mode(context: Context<'_>) -> Mode {
    if context.policy.is_strict() { Mode::Strict } else { Mode::Interop }
}

/// Beginnings are tolerated within the skew; ends are not.
fn check_dates(
    context: Context<'_>,
    recorder: &mut Recorder<'_, '_>,
    certificate: &Certificate,
    path: Option<&VerifiedPath>,
) {
    let result = match path {
        Some(path) => path.check_validity_with_early_start(context.at, context.policy.skew()),
        None => own_dates(certificate, context.at, context.policy.skew()),
    };
    let what = |position: PathPosition| if position == PathPosition::Anchor { "anchor" } else { "ds" };
    match result {
        Ok(()) => recorder.pass(Check::DsValidity),
        Err(PathError::NotYetValid { position, not_before }) => {
            recorder.fail(Check::DsValidity, Cause::NotYetValid { what: what(position), from: not_before });
        }
        Err(PathError::Expired { position, not_after }) => {
            recorder.fail(Check::DsValidity, Cause::Expired { what: what(position), until: not_after });
        }
        Err(other) => recorder.fail(Check::DsValidity, Cause::Path { reason: other.id(), anchor: String::new() }),
    }
}

fn own_dates(certificate: &Certificate, at: UtcDateTime, skew: time::Duration) -> Result<(), PathError> {
    let position = PathPosition::Leaf;
    if at.saturating_add(skew) < certificate.not_before() {
        return Err(PathError::NotYetValid { position, not_before: certificate.not_before() });
    }
    if at > certificate.not_after() {
        return Err(PathError::Expired { position, not_after: certificate.not_after() });
    }
    Ok(())
}

/// Country equal, state equal where both name one. The rule is that of IACA certificates; other document types have their
/// own (ISO/IEC 18013-5 B.1.1).
fn check_country(recorder: &mut Recorder<'_, '_>, certificate: &Certificate, anchor: &Certificate, doc_type: &str) {
    if doc_type != MDL_DOC_TYPE {
        return recorder.not_run(Check::DsCountry, Cause::NotApplicable);
    }
    let mark = recorder.mark();
    let (own, issuers) = (certificate.subject(), anchor.subject());
    let (own_country, issuers_country) = (own.country().unwrap_or_default(), issuers.country().unwrap_or_default());
    if own_country != issuers_country {
        let same = own_country.eq_ignore_ascii_case(&issuers_country);
        let (found, expected) = (own_country.into_owned(), issuers_country.into_owned());
        let cause = Cause::NameMismatch { what: "countryName", found, expected };
        record_names(recorder, cause, same);
    }
    if let Some(own) = own.state_or_province()
        && let Some(issuers) = issuers.state_or_province()
        && own != issuers
    {
        let same = same_but_for_form(&own, &issuers, &certificate.subject().country().unwrap_or_default());
        let (found, expected) = (own.into_owned(), issuers.into_owned());
        record_names(recorder, Cause::NameMismatch { what: "stateOrProvinceName", found, expected }, same);
    }
    recorder.pass_unless_recorded(Check::DsCountry, mark);
}

fn record_names<'a>(recorder: &mut Recorder<'a, '_>, cause: Cause<'a>, same_but_for_form: bool) {
    if same_but_for_form && !recorder.policy.is_strict() {
        recorder.warn(Check::DsCountry, cause);
    } else {
        recorder.fail(Check::DsCountry, cause);
    }
}

/// Whether two names of a state in `country` differ in case only, or in that one leaves the country out: production roots name
/// Alaska `AK` as well as `US-AK`. Names of a country alone may differ in case.
pub(crate) fn same_but_for_form(one: &str, other: &str, country: &str) -> bool {
    let prefix = format!("{}-", country.to_ascii_uppercase());
    let [one, other] = [one, other].map(str::to_ascii_uppercase);
    let bare = |name: &str| name.strip_prefix(&prefix).unwrap_or(name).to_owned();
    bare(&one) == bare(&other)
}

fn check_usages(recorder: &mut Recorder<'_, '_>, certificate: &Certificate, doc_type: &str, pinned: bool) {
    match certificate.key_usage() {
        Some(KeyUsage::DIGITAL_SIGNATURE) => recorder.pass(Check::DsKeyUsage),
        Some(usage) => {
            let cause = Cause::KeyUsage { found: usage.names().collect::<Vec<_>>().join(", ") };
            if usage.contains(KeyUsage::DIGITAL_SIGNATURE) {
                recorder.deviates(Check::DsKeyUsage, cause);
            } else {
                recorder.fail(Check::DsKeyUsage, cause);
            }
        }
        None => recorder.deviates(Check::DsKeyUsage, Cause::KeyUsageAbsent),
    }

    let Some(usages) = certificate.extended_key_usage() else {
        // The EU profile (ETSI TS 119 412-6) has no extended key usage.
        if is_eu(doc_type) {
            return recorder.pass(Check::DsExtendedKeyUsage);
        }
        return recorder.deviates(Check::DsExtendedKeyUsage, Cause::ExtendedKeyUsageAbsent);
    };
    let mdl = doc_type == MDL_DOC_TYPE;
    if usages.contains(&MDL_DS) || (!mdl && usages.contains(&MDOC_DS)) || (is_eu(doc_type) && usages.contains(&EU_DS)) {
        recorder.pass(Check::DsExtendedKeyUsage);
    } else if let Some(oid) = usages.iter().find(|oid| [MDOC_DS, EU_DS].contains(oid)) {
        recorder.deviates(Check::DsExtendedKeyUsage, Cause::EcosystemKeyUsage { oid: *oid });
    } else {
        let found = usages.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let cause = Cause::ForeignKeyUsage { found };
        // A certificate of another purpose under a trusted root must never sign documents. A pinned one was named by the
        // operator, so the purpose is a deviation like any other.
        if pinned {
            recorder.deviates(Check::DsExtendedKeyUsage, cause);
        } else {
            recorder.fail(Check::DsExtendedKeyUsage, cause);
        }
    }
}

/// x5chain holds the signer first and nothing that is not needed; in particular not the anchor.
fn check_composition(recorder: &mut Recorder<'_, '_>, chain: &CertificateChain<'_>, signer: &Signer) {
    let others = chain.get(1..).unwrap_or_default();
    if others.is_empty() {
        recorder.pass(Check::ChainComposition);
    } else if signer.anchor().is_some_and(|anchor| others.contains(&anchor.der())) {
        recorder.deviates(Check::ChainComposition, Cause::AnchorInChain);
    } else {
        recorder.deviates(Check::ChainComposition, Cause::ExtraCertificates { count: others.len() });
    }
}
