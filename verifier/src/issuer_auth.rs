//! Checks of issuerAuth: algorithm, signature, thumbprint.

use tegata_mdoc::cose::{AlgorithmId, CoseSign1};
use tegata_pki::{Certificate, CoseAlgorithm, Hash, PublicKey, SignatureRef};

use crate::cause::Cause;
use crate::check::Check;
use crate::report::Recorder;
use crate::verify::Context;

/// Verifies the issuer's signature with the key of `signer`; whether the signer is trusted is another check.
pub(crate) fn check<'a>(
    context: Context<'_>,
    recorder: &mut Recorder<'a, '_>,
    issuer_auth: &CoseSign1<'a>,
    signer: Option<&Certificate>,
) {
    let Some(signer) = signer else { return };
    check_thumbprint(context, recorder, issuer_auth, signer);
    let key = match signer.public_key() {
        Ok(key) => key,
        Err(error) => return recorder.fail(Check::IssuerAlgorithm, Cause::CertificateKey(error.clone())),
    };
    let algorithm = match algorithm(issuer_auth.protected.algorithm, key) {
        Ok(algorithm) => algorithm,
        Err(cause) => return recorder.fail(Check::IssuerAlgorithm, cause),
    };
    note_algorithm(recorder, Check::IssuerAlgorithm, algorithm);
    let Some(payload) = issuer_auth.payload else { return };
    let message = issuer_auth.to_be_signed(payload);
    let signature = SignatureRef::Raw(issuer_auth.signature);
    match context.provider.verify(key, algorithm.signature_algorithm(), &message, signature) {
        Ok(()) => recorder.pass(Check::IssuerSignature),
        Err(error) => recorder.fail(Check::IssuerSignature, Cause::Signature(error)),
    }
}

/// The COSE algorithm of a header, if it is one of the standard and fits `key`.
pub(crate) fn algorithm<'a>(id: Option<AlgorithmId<'a>>, key: &PublicKey) -> Result<CoseAlgorithm, Cause<'a>> {
    let algorithm = match id {
        None => return Err(Cause::NoAlgorithm),
        Some(AlgorithmId::Text(found)) => return Err(Cause::UnknownAlgorithm { found: found.into() }),
        Some(AlgorithmId::Number(number)) => CoseAlgorithm::from_number(number)
            .ok_or_else(|| Cause::UnknownAlgorithm { found: number.to_string().into() })?,
    };
    if algorithm.permits(key.curve()) {
        return Ok(algorithm);
    }
    Err(Cause::AlgorithmMismatch { algorithm: algorithm.name(), curve: key.curve().name() })
}

/// Passes the check; a fully-specified number, which the standard does not name, is noted.
pub(crate) fn note_algorithm(recorder: &mut Recorder<'_, '_>, check: Check, algorithm: CoseAlgorithm) {
    if algorithm.is_fully_specified() {
        recorder.warn(check, Cause::FullySpecifiedAlgorithm { number: algorithm.number() });
    } else {
        recorder.pass(check);
    }
}

fn check_thumbprint<'a>(
    context: Context<'_>,
    recorder: &mut Recorder<'a, '_>,
    issuer_auth: &CoseSign1<'a>,
    signer: &Certificate,
) {
    match issuer_auth.protected.thumbprint().or(issuer_auth.unprotected.thumbprint()) {
        None => recorder.not_run(Check::CertificateThumbprint, Cause::NotApplicable),
        Some((algorithm, found))
            if thumbprint_hash(algorithm)
                .is_some_and(|hash| context.provider.digest(hash, signer.der()).as_ref() == found) =>
        {
            recorder.pass(Check::CertificateThumbprint);
        }
        Some(_) => recorder.fail(Check::CertificateThumbprint, Cause::ThumbprintMismatch),
    }
}

/// The hash of a COSE algorithm number (RFC 9054 4.1); others are too short or not computed.
fn thumbprint_hash(algorithm: i64) -> Option<Hash> {
    match algorithm {
        -16 => Some(Hash::Sha256),
        -43 => Some(Hash::Sha384),
        -44 => Some(Hash::Sha512),
        _ => None,
    }
}
