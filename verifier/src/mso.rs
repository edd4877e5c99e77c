//! Checks of the Mobile Security Object: structure, version, document type, digest algorithm, dates.

use tegata_mdoc::issuer_signed::IssuerSigned;
use tegata_mdoc::mso::{DigestAlgorithm, MobileSecurityObject, ValidityInfo};
use tegata_mdoc::{Deviations, Raw};
use tegata_pki::{Certificate, Hash};
use time::Duration;

use crate::cause::Cause;
use crate::check::Check;
use crate::report::Recorder;
use crate::verify::{Context, is_major_1};

/// `signed` may lie this far before the certificate's notBefore under a tolerant policy: issuers round it down to the day.
const ROUNDING: Duration = Duration::DAY;

/// Decodes the payload of issuerAuth.
pub(crate) fn decode<'a>(
    recorder: &mut Recorder<'a, '_>,
    issuer_signed: &IssuerSigned<'a>,
    deviations: &mut Deviations,
) -> Option<Raw<'a, MobileSecurityObject<'a>>> {
    if issuer_signed.issuer_auth.payload.is_none() {
        recorder.fail(Check::MsoStructure, Cause::DetachedPayload);
        return None;
    }
    match issuer_signed.mobile_security_object() {
        Ok((mso, met)) => {
            deviations.merge(met);
            recorder.pass(Check::MsoStructure);
            Some(mso)
        }
        Err(error) => {
            recorder.fail(Check::MsoStructure, Cause::Malformed(error));
            None
        }
    }
}

/// The hash of a digest algorithm name.
pub(crate) fn hash(algorithm: DigestAlgorithm<'_>) -> Option<Hash> {
    match algorithm {
        DigestAlgorithm::Sha256 => Some(Hash::Sha256),
        DigestAlgorithm::Sha384 => Some(Hash::Sha384),
        DigestAlgorithm::Sha512 => Some(Hash::Sha512),
        _ => None,
    }
}

/// Version, document type, digest algorithm and dates.
pub(crate) fn check<'a>(
    context: Context<'_>,
    recorder: &mut Recorder<'a, '_>,
    mso: &MobileSecurityObject<'a>,
    stated_doc_type: Option<&'a str>,
    signer: Option<&Certificate>,
) {
    if is_major_1(mso.version) {
        recorder.pass(Check::MsoVersion);
    } else {
        recorder.fail(Check::MsoVersion, Cause::Version { found: mso.version });
    }
    match stated_doc_type {
        // Issuer data alone states no type of its own: there is nothing to compare.
        None => recorder.not_run(Check::DocType, Cause::NotApplicable),
        Some(stated) if stated == mso.doc_type => recorder.pass(Check::DocType),
        Some(_) => recorder.fail(Check::DocType, Cause::DocTypeMismatch { mso: mso.doc_type.into() }),
    }
    if let DigestAlgorithm::Unknown(found) = mso.digest_algorithm {
        recorder.fail(Check::DigestAlgorithm, Cause::UnknownDigestAlgorithm { found });
    } else {
        recorder.pass(Check::DigestAlgorithm);
    }
    check_validity(context, recorder, &mso.validity_info);
    if let Some(signer) = signer {
        check_against_signer(recorder, &mso.validity_info, signer);
    }
}

fn check_validity(context: Context<'_>, recorder: &mut Recorder<'_, '_>, validity: &ValidityInfo) {
    let latest_beginning = context.at.saturating_add(context.policy.skew());
    let (from, until) = (validity.valid_from.instant(), validity.valid_until.instant());
    if from > latest_beginning {
        recorder.fail(Check::MsoValidity, Cause::NotYetValid { what: "mso", from });
    } else if until < context.at {
        recorder.fail(Check::MsoValidity, Cause::Expired { what: "mso", until });
    } else if validity.signed.instant() > latest_beginning {
        recorder.fail(Check::MsoValidity, Cause::SignedInFuture { signed: validity.signed });
    } else {
        recorder.pass(Check::MsoValidity);
    }

    let mark = recorder.mark();
    if validity.valid_from < validity.signed {
        recorder.deviates(Check::MsoValidityOrder, Cause::DateOrder { first: "signed", second: "validFrom" });
    }
    if validity.valid_until <= validity.valid_from {
        recorder.deviates(Check::MsoValidityOrder, Cause::DateOrder { first: "validFrom", second: "validUntil" });
    }
    recorder.pass_unless_recorded(Check::MsoValidityOrder, mark);
}

fn check_against_signer(recorder: &mut Recorder<'_, '_>, validity: &ValidityInfo, signer: &Certificate) {
    let (not_before, not_after) = (signer.not_before(), signer.not_after());
    let signed = validity.signed.instant();
    let cause = Cause::SignedOutsideDs { signed: validity.signed, not_before, not_after };
    if signed > not_after || signed < not_before.saturating_sub(ROUNDING) {
        recorder.fail(Check::SignedWithinDs, cause);
    } else if signed < not_before {
        recorder.deviates(Check::SignedWithinDs, cause);
    } else {
        recorder.pass(Check::SignedWithinDs);
    }
    if validity.valid_until.instant() > not_after {
        recorder.deviates(Check::MsoWithinDs, Cause::ValidUntilAfterDs { not_after });
    } else {
        recorder.pass(Check::MsoWithinDs);
    }
}
