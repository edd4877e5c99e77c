//! Checks of DeviceSigned: presence, device key, signature or MAC over our transcript, authorisation of elements.

use std::borrow::Cow;

use tegata_mdoc::cose::{AlgorithmId, CoseKey, CoseMac0, CoseSign1, HMAC_256_256, KTY_EC2, KTY_OKP};
use tegata_mdoc::device_signed::{DeviceAuth, DeviceSigned, device_authentication_bytes};
use tegata_mdoc::mso::MobileSecurityObject;
use tegata_pki::{CryptoProvider, Curve, Hash, PublicKey, SignatureRef, ct_eq};

use crate::cause::Cause;
use crate::check::Check;
use crate::diagnosis;
use crate::input::{Binding, Session};
use crate::issuer_auth::algorithm;
use crate::report::Recorder;
use crate::verify::Context;

/// What device authentication is about: the parts that do not depend on the transcript.
#[derive(Clone, Copy)]
pub(crate) struct Proof<'d, 'a> {
    pub(crate) doc_type: &'d str,
    pub(crate) device_signed: &'d DeviceSigned<'a>,
    pub(crate) device_key: &'d PublicKey,
}

/// Every check of the device's part.
pub(crate) fn check<'a>(
    context: Context<'_>,
    recorder: &mut Recorder<'a, '_>,
    binding: &Binding<'_>,
    doc_type: &str,
    device_signed: Option<&DeviceSigned<'a>>,
    mso: Option<&MobileSecurityObject<'a>>,
) {
    let Some(device_signed) = device_signed else {
        return check_absent(recorder, binding);
    };
    recorder.pass(Check::DeviceSigned);
    let Some(mso) = mso else { return };
    check_authorizations(recorder, device_signed, mso);
    let device_key = match public_key(&mso.device_key_info.device_key) {
        Ok(key) => key,
        Err(cause) => return recorder.fail(Check::DeviceKey, cause),
    };
    recorder.pass(Check::DeviceKey);
    if is_short(&mso.device_key_info.device_key, &device_key) {
        recorder.deviates(Check::Encoding, Cause::ShortCoordinate);
    }
    let Some(session) = &binding.session else {
        let cause = if binding.required { Cause::NoTranscript } else { Cause::NotAsked };
        return recorder.not_run(Check::DeviceAuth, cause);
    };
    let proof = Proof { doc_type, device_signed, device_key: &device_key };
    authenticate(context, recorder, session, proof);
}

fn check_absent(recorder: &mut Recorder<'_, '_>, binding: &Binding<'_>) {
    if binding.required {
        recorder.fail(Check::DeviceSigned, Cause::NoDeviceSigned);
        return;
    }
    for check in [Check::DeviceSigned, Check::DeviceKey, Check::KeyAuthorizations, Check::DeviceAuth] {
        recorder.not_run(check, Cause::NotAsked);
    }
}

fn check_authorizations<'a>(
    recorder: &mut Recorder<'a, '_>,
    device_signed: &DeviceSigned<'a>,
    mso: &MobileSecurityObject<'a>,
) {
    let mark = recorder.mark();
    let authorizations = mso.device_key_info.key_authorizations.as_ref();
    let nothing = authorizations.is_some_and(tegata_mdoc::mso::KeyAuthorizations::is_empty);
    if nothing && !recorder.policy.is_strict() {
        // Some issuers always write it. It authorises nothing, as if it were absent.
        recorder.warn(Check::KeyAuthorizations, Cause::ContradictoryAuthorizations);
    } else if authorizations.is_some_and(tegata_mdoc::mso::KeyAuthorizations::is_contradictory) {
        recorder.deviates(Check::KeyAuthorizations, Cause::ContradictoryAuthorizations);
    }
    for (name_space, element, _) in device_signed.name_spaces.value().elements() {
        if !authorizations.is_some_and(|authorizations| authorizations.covers(name_space, element)) {
            recorder.fail_element(Check::KeyAuthorizations, (name_space, element), Cause::NotAuthorized);
        }
    }
    recorder.pass_unless_recorded(Check::KeyAuthorizations, mark);
}

fn authenticate<'a>(
    context: Context<'_>,
    recorder: &mut Recorder<'a, '_>,
    session: &Session<'_>,
    proof: Proof<'_, 'a>,
) {
    let transcript = session.transcript;
    let name_spaces = proof.device_signed.name_spaces.bytes();
    let payload = device_authentication_bytes(&transcript, proof.doc_type, name_spaces);
    match authenticate_payload(context.provider, session, proof, transcript.bytes(), &payload) {
        Ok(()) => {
            recorder.pass(Check::DeviceAuth);
            let attached = match &proof.device_signed.device_auth {
                DeviceAuth::Signature(sign1) => sign1.payload,
                DeviceAuth::Mac(mac) => mac.payload,
                _ => None,
            };
            if attached.is_some() {
                recorder.deviates(Check::Encoding, Cause::AttachedPayload);
            }
        }
        Err(cause @ (Cause::Signature(_) | Cause::MacMismatch)) => {
            recorder.fail(Check::DeviceAuth, cause);
            if let Some(variant) = diagnosis::matching_variant(context.provider, session, proof) {
                recorder.fail(Check::DeviceAuth, Cause::OtherTranscript { variant });
            }
        }
        Err(cause @ Cause::NoReaderKey) => recorder.not_run(Check::DeviceAuth, cause),
        Err(cause) => recorder.fail(Check::DeviceAuth, cause),
    }
}

/// Verifies the device's signature or MAC over `payload` (DeviceAuthenticationBytes of `transcript`).
pub(crate) fn authenticate_payload<'a>(
    provider: &dyn CryptoProvider,
    session: &Session<'_>,
    proof: Proof<'_, 'a>,
    transcript: &[u8],
    payload: &[u8],
) -> Result<(), Cause<'a>> {
    match &proof.device_signed.device_auth {
        DeviceAuth::Signature(signature) => verify_signature(provider, proof.device_key, signature, payload),
        DeviceAuth::Mac(mac) => verify_mac(provider, session, proof.device_key, mac, transcript, payload),
        // A variant this verifier does not know proves nothing.
        _ => Err(Cause::MacMismatch),
    }
}

fn verify_signature<'a>(
    provider: &dyn CryptoProvider,
    key: &PublicKey,
    sign1: &CoseSign1<'a>,
    payload: &[u8],
) -> Result<(), Cause<'a>> {
    // What counts is our payload. A copy of it travelling along changes nothing; anything else is a contradiction.
    if sign1.payload.is_some_and(|attached| attached != payload) {
        return Err(Cause::AttachedPayload);
    }
    let algorithm = algorithm(sign1.protected.algorithm, key)?;
    let message = sign1.to_be_signed(payload);
    provider
        .verify(key, algorithm.signature_algorithm(), &message, SignatureRef::Raw(sign1.signature))
        .map_err(Cause::Signature)
}

/// EMacKey = HKDF-SHA-256(ECDH, salt = SHA-256(SessionTranscriptBytes), info = "EMacKey") (ISO/IEC 18013-5 9.1.3.5).
fn verify_mac<'a>(
    provider: &dyn CryptoProvider,
    session: &Session<'_>,
    key: &PublicKey,
    mac: &CoseMac0<'a>,
    transcript: &[u8],
    payload: &[u8],
) -> Result<(), Cause<'a>> {
    match mac.protected.algorithm {
        Some(AlgorithmId::Number(HMAC_256_256)) => {}
        Some(AlgorithmId::Number(number)) => return Err(Cause::UnknownAlgorithm { found: number.to_string().into() }),
        Some(AlgorithmId::Text(found)) => return Err(Cause::UnknownAlgorithm { found: found.into() }),
        None => return Err(Cause::NoAlgorithm),
    }
    if mac.payload.is_some_and(|attached| attached != payload) {
        return Err(Cause::AttachedPayload);
    }
    let reader_key = session.reader_key.ok_or(Cause::NoReaderKey)?;
    let (device, reader) = (key.curve(), reader_key.public_key().curve());
    if device != reader {
        return Err(Cause::ReaderKeyCurve { device: device.name(), reader: reader.name() });
    }
    let shared = provider.agree(reader_key, key).map_err(Cause::DeviceKey)?;
    let mut wrapped = tegata_mdoc::cbor::Encoder::with_capacity(transcript.len() + 8);
    wrapped.embedded(transcript);
    let salt = provider.digest(Hash::Sha256, wrapped.as_bytes());
    let mac_key = provider.hkdf_sha256(shared.as_bytes(), salt.as_ref(), b"EMacKey");
    let expected = provider.hmac_sha256(&mac_key, &mac.to_be_maced(payload));
    if ct_eq(&expected, mac.tag) { Ok(()) } else { Err(Cause::MacMismatch) }
}

/// The device key of an MSO as a validated public key.
pub(crate) fn public_key<'a>(key: &CoseKey<'a>) -> Result<PublicKey, Cause<'a>> {
    let curve = Curve::from_cose_number(key.curve).ok_or(Cause::DeviceKeyCurve { curve: key.curve })?;
    let expected_type = if curve.is_weierstrass() { KTY_EC2 } else { KTY_OKP };
    if key.key_type != expected_type {
        return Err(Cause::DeviceKeyCurve { curve: key.curve });
    }
    let (x, y) = (full_length(curve, key.x), key.y.map(|y| full_length(curve, y)));
    match (y, key.y_is_odd) {
        (None, Some(y_is_odd)) => PublicKey::from_compressed(curve, &x, y_is_odd),
        (y, _) => PublicKey::from_coordinates(curve, &x, y.as_deref()),
    }
    .map_err(Cause::DeviceKey)
}

/// The coordinate with the leading zeros that some encoders drop (RFC 9053 7.1.1 keeps them).
fn full_length(curve: Curve, coordinate: &[u8]) -> Cow<'_, [u8]> {
    let missing = curve.field_len().saturating_sub(coordinate.len());
    if missing == 0 || !curve.is_weierstrass() || coordinate.is_empty() {
        return Cow::Borrowed(coordinate);
    }
    Cow::Owned([vec![0; missing].as_slice(), coordinate].concat())
}

fn is_short(received: &CoseKey<'_>, key: &PublicKey) -> bool {
    let full = key.curve().field_len();
    received.x.len() < full || received.y.is_some_and(|y| y.len() < full)
}
