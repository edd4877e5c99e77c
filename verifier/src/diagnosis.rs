//! Diagnosis of failed device authentication: would a sibling transcript have matched?
//!
//! A transcript mismatch is the most frequent fault between wallet and reader, and the signature alone does not tell what
//! went wrong. The siblings below are tried *after* a failure and only to name the mistake; a match never leads to
//! acceptance.

use tegata_mdoc::cbor::{Encoder, decode};
use tegata_mdoc::transcript::{SessionTranscript, Transport};
use tegata_pki::{CryptoProvider, Hash};

use crate::device::{Proof, authenticate_payload};
use crate::input::Session;

/// Names the first sibling of the session's transcript over which the proof verifies.
pub(crate) fn matching_variant(
    provider: &dyn CryptoProvider,
    session: &Session<'_>,
    proof: Proof<'_, '_>,
) -> Option<&'static str> {
    let ours = session.transcript.bytes();
    let mut siblings = encoded_siblings(session.transcript.value(), ours);
    if let Some(transport) = &session.transport {
        siblings.extend(transport_siblings(provider, transport));
    }
    let name_spaces = proof.device_signed.name_spaces.bytes();
    let matches =
        |transcript: &[u8], payload: &[u8]| authenticate_payload(provider, session, proof, transcript, payload).is_ok();
    let array = authentication(ours, proof.doc_type, name_spaces);
    if matches(ours, &array) {
        return Some("DeviceAuthentication signed without its tag 24");
    }
    let found = siblings.into_iter().find(|(_, transcript)| {
        let mut payload = Encoder::new();
        payload.embedded(&authentication(transcript, proof.doc_type, name_spaces));
        matches(transcript, payload.as_bytes())
    });
    found.map(|(name, _)| name)
}

/// `[ "DeviceAuthentication", SessionTranscript, DocType, DeviceNameSpacesBytes ]`, with any transcript.
fn authentication(transcript: &[u8], doc_type: &str, name_spaces: &[u8]) -> Vec<u8> {
    let mut array = Encoder::with_capacity(transcript.len() + doc_type.len() + name_spaces.len() + 48);
    array.array(4).text("DeviceAuthentication").raw(transcript).text(doc_type).raw(name_spaces);
    array.into_bytes()
}

/// Siblings that follow from the encoded transcript alone.
fn encoded_siblings(ours: &SessionTranscript<'_>, bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let build = |engagement: Option<&[u8]>, reader_key: Option<&[u8]>, handover: &[u8]| {
        let mut encoder = Encoder::new();
        encoder.array(3);
        for part in [engagement, reader_key] {
            match part {
                Some(part) => encoder.raw(part),
                None => encoder.null(),
            };
        }
        encoder.raw(handover);
        encoder.into_bytes()
    };
    let mut wrapped = Encoder::new();
    wrapped.embedded(bytes);
    let mut siblings = vec![("transcript wrapped in tag 24", wrapped.into_bytes())];
    if ours.device_engagement.is_some() || ours.reader_key.is_some() {
        siblings.push(("QR handover (null)", build(ours.device_engagement, ours.reader_key, &[0xf6])));
        siblings.push(("device engagement null", build(None, ours.reader_key, ours.handover)));
        siblings.push(("device engagement and reader key null", build(None, None, ours.handover)));
    }
    for (name, handover) in handover_siblings(ours.handover) {
        siblings.push((name, build(ours.device_engagement, ours.reader_key, &handover)));
    }
    siblings.retain(|(_, sibling)| sibling != bytes);
    siblings
}

/// Other readings of an encoded handover array.
fn handover_siblings(handover: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    use tegata_mdoc::cbor::Value;
    let Ok((value, _)) = decode::<Value<'_>>(handover) else { return Vec::new() };
    let Value::Array(parts) = value.value() else { return Vec::new() };
    let renamed = |name: &'static str| {
        let hash = parts.get(1)?.clone();
        Some(Value::Array(vec![Value::text(name), hash]).to_bytes())
    };
    let candidates: Vec<(&'static str, Option<Vec<u8>>)> = match parts.as_slice() {
        [Value::Text(_), Value::Bytes(_)] => vec![
            ("handover named OpenID4VPHandover", renamed("OpenID4VPHandover")),
            ("handover named OpenID4VPDCAPIHandover", renamed("OpenID4VPDCAPIHandover")),
            ("handover named dcapi", renamed("dcapi")),
        ],
        [Value::Bytes(first), Value::Bytes(second)] => vec![
            ("NFC static handover", Some(Value::Array(vec![Value::Bytes(first.clone()), Value::Null]).to_bytes())),
            ("NFC handover messages swapped", {
                Some(Value::Array(vec![Value::Bytes(second.clone()), Value::Bytes(first.clone())]).to_bytes())
            }),
        ],
        [Value::Bytes(first), Value::Bytes(second), nonce] => vec![("Annex B hashes swapped", {
            Some(
                Value::Array(vec![Value::Bytes(second.clone()), Value::Bytes(first.clone()), nonce.clone()]).to_bytes(),
            )
        })],
        _ => Vec::new(),
    };
    candidates.into_iter().filter_map(|(name, handover)| Some((name, handover?))).collect()
}

/// Siblings that follow from the inputs of the transcript.
fn transport_siblings(provider: &dyn CryptoProvider, ours: &Transport<'_>) -> Vec<(&'static str, Vec<u8>)> {
    let sha256 = |bytes: &[u8]| {
        let mut hash = [0; 32];
        hash.copy_from_slice(provider.digest(Hash::Sha256, bytes).as_ref());
        hash
    };
    let mut siblings = Vec::new();
    let mut add =
        |name: &'static str, transport: Transport<'_>| siblings.push((name, transport.session_transcript(sha256)));
    match ours {
        Transport::OpenId4Vp { client_id, nonce, jwk_thumbprint, response_uri } => {
            if jwk_thumbprint.is_some() {
                let jwk_thumbprint = None;
                add("jwkThumbprint null", Transport::OpenId4Vp { client_id, nonce, jwk_thumbprint, response_uri });
            }
            if let Some((_, bare)) = client_id.split_once(':') {
                let jwk_thumbprint = *jwk_thumbprint;
                add(
                    "client_id without prefix",
                    Transport::OpenId4Vp { client_id: bare, nonce, jwk_thumbprint, response_uri },
                );
            }
            if let Some(origin) = origin_of(response_uri) {
                let jwk_thumbprint = *jwk_thumbprint;
                add("Digital Credentials API handover", Transport::OpenId4VpDcApi { origin, nonce, jwk_thumbprint });
            }
        }
        Transport::OpenId4VpDcApi { origin, nonce, jwk_thumbprint } => {
            if jwk_thumbprint.is_some() {
                add("jwkThumbprint null", Transport::OpenId4VpDcApi { origin, nonce, jwk_thumbprint: None });
            }
            let jwk_thumbprint = *jwk_thumbprint;
            let with_slash = format!("{origin}/");
            add(
                "origin with a trailing slash",
                Transport::OpenId4VpDcApi { origin: &with_slash, nonce, jwk_thumbprint },
            );
            let bare = origin.trim_end_matches('/');
            add("origin without a trailing slash", Transport::OpenId4VpDcApi { origin: bare, nonce, jwk_thumbprint });
            let web_origin = format!("web-origin:{origin}");
            let draft = Transport::OpenId4VpDraft24DcApi { origin, client_id: &web_origin, nonce };
            add("OpenID4VP draft 24 with client_id web-origin:", draft);
        }
        Transport::AnnexB { client_id, response_uri, nonce, mdoc_generated_nonce } => {
            let swapped =
                Transport::AnnexB { client_id, response_uri, nonce: mdoc_generated_nonce, mdoc_generated_nonce: nonce };
            add("Annex B with the two nonces swapped", swapped);
            let current = Transport::OpenId4Vp { client_id, nonce, jwk_thumbprint: None, response_uri };
            add("OpenID4VP 1.0 handover", current);
        }
        Transport::DcApi { encryption_info, origin } => {
            let with_slash = format!("{origin}/");
            add("origin with a trailing slash", Transport::DcApi { encryption_info, origin: &with_slash });
            let bare = origin.trim_end_matches('/');
            add("origin without a trailing slash", Transport::DcApi { encryption_info, origin: bare });
        }
        _ => {}
    }
    siblings
}

/// `scheme://host[:port]` of a URI.
fn origin_of(uri: &str) -> Option<&str> {
    let start = uri.find("://")? + 3;
    let end = uri.get(start..)?.find('/').map_or(uri.len(), |slash| start + slash);
    uri.get(..end)
}
