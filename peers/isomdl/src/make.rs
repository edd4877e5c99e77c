//! isomdl as the issuer and as the holder.
//!
//! The IACA and document signer certificates come from OpenSSL (`peers/chain`); isomdl builds the items, the MSO, the
//! `IssuerSigned`, the QR-shaped transcript, and signs the presentation.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Result, anyhow};
use isomdl::{
    cbor,
    definitions::{
        CoseKey, DeviceEngagement, DeviceKeyInfo, DeviceResponse, DigestAlgorithm, EC2Curve, EC2Y, IssuerSigned,
        Security, SessionTranscript180135, ValidityInfo,
        device_request::ItemsRequest,
        device_signed::DeviceAuthType,
        helpers::{NonEmptyMap, Tag24},
        session::Handover,
        x509::X5Chain,
    },
    issuance::Mdoc,
    presentation::device::{DeviceSession, Documents},
};
use p256::{
    SecretKey,
    ecdsa::{Signature, SigningKey, signature::Signer},
    elliptic_curve::sec1::ToEncodedPoint,
    pkcs8::DecodePrivateKey,
};
use time::{Duration, OffsetDateTime};

use crate::{
    claims::{self, DOC_TYPE, NAMESPACE},
    folder,
};

/// The private keys of the four parties, all P-256, from PKCS#8 PEM files.
pub struct Keys {
    ds: SecretKey,
    device: SecretKey,
    reader: SecretKey,
}

impl Keys {
    /// Reads `ds.pem`, `device.pem` and `reader.pem` of `dir`.
    pub fn read(dir: &Path) -> Result<Self> {
        let key = |name: &str| {
            SecretKey::from_pkcs8_pem(&folder::read_text(dir, name)?)
                .map_err(|error| anyhow!("{name} is no P-256 key in PKCS#8 PEM: {error}"))
        };
        Ok(Self { ds: key("ds.pem")?, device: key("device.pem")?, reader: key("reader.pem")? })
    }
}

/// Issues the mDL under `ds.pem` of `out`, presents the elements in `disclosed` and writes `issued.cbor`,
/// `transcript.cbor` and `response.cbor` to `out`.
pub fn response(keys: &Keys, disclosed: &[&str], out: &Path) -> Result<()> {
    let mdoc = issue(keys, &folder::read_text(out, folder::DS)?)?;
    let issued = IssuerSigned { namespaces: Some(mdoc.namespaces.clone()), issuer_auth: mdoc.issuer_auth.clone() };
    let holder =
        Holder { documents: NonEmptyMap::new(DOC_TYPE.to_owned(), mdoc.into()), transcript: transcript(keys)? };
    let response = holder.present(disclosed, &keys.device)?;

    folder::write(out, folder::ISSUED, &cbor::to_vec(&issued)?)?;
    folder::write(out, folder::TRANSCRIPT, &cbor::to_vec(&holder.transcript)?)?;
    folder::write(out, folder::RESPONSE, &cbor::to_vec(&response)?)
}

fn issue(keys: &Keys, ds_certificate: &str) -> Result<Mdoc> {
    let signed = OffsetDateTime::now_utc().replace_nanosecond(0)?;
    let chain = X5Chain::builder().with_pem_certificate(ds_certificate.as_bytes())?.build()?;
    Mdoc::builder()
        .doc_type(DOC_TYPE.to_owned())
        .namespaces(claims::mdl())
        .validity_info(ValidityInfo {
            signed,
            valid_from: signed,
            valid_until: signed + Duration::days(30),
            expected_update: None,
        })
        .digest_algorithm(DigestAlgorithm::SHA256)
        .device_key_info(DeviceKeyInfo {
            device_key: cose_key(&keys.device)?,
            key_authorizations: None,
            key_info: None,
        })
        .enable_decoy_digests(false)
        .issue::<SigningKey, Signature>(chain, SigningKey::from(&keys.ds))
}

/// `[DeviceEngagementBytes, EReaderKeyBytes, null]` (ISO/IEC 18013-5 9.1.5.1). The device's session key is its document
/// key: nothing is encrypted here, so one key less is needed, and the transcript stays the same from run to run.
fn transcript(keys: &Keys) -> Result<SessionTranscript180135> {
    let engagement = DeviceEngagement {
        version: "1.0".to_owned(),
        security: Security(1, Tag24::new(cose_key(&keys.device)?)?),
        device_retrieval_methods: None,
        server_retrieval_methods: None,
        protocol_info: None,
    };
    Ok(SessionTranscript180135(Tag24::new(engagement)?, Tag24::new(cose_key(&keys.reader)?)?, Handover::QR))
}

fn cose_key(key: &SecretKey) -> Result<CoseKey> {
    let point = key.public_key().to_encoded_point(false);
    let (x, y) = point.x().zip(point.y()).context("the public key is the point at infinity")?;
    Ok(CoseKey::EC2 { crv: EC2Curve::P256, x: x.to_vec(), y: EC2Y::Value(y.to_vec()) })
}

/// isomdl's device side, without its session encryption.
struct Holder {
    documents: Documents,
    transcript: SessionTranscript180135,
}

impl Holder {
    fn present(&self, disclosed: &[&str], device_key: &SecretKey) -> Result<DeviceResponse> {
        let intents: BTreeMap<String, bool> = disclosed.iter().map(|name| ((*name).to_owned(), false)).collect();
        let requested = ItemsRequest {
            doc_type: DOC_TYPE.to_owned(),
            namespaces: NonEmptyMap::new(NAMESPACE.to_owned(), intents.try_into()?),
            request_info: None,
        };
        let elements = disclosed.iter().map(|name| (*name).to_owned()).collect();
        let permitted = BTreeMap::from([(DOC_TYPE.to_owned(), BTreeMap::from([(NAMESPACE.to_owned(), elements)]))]);

        let mut prepared = self.prepare_response(&vec![requested], permitted);
        let (_, payload) = prepared.get_next_signature_payload().context("isomdl prepared no document")?;
        let signature: Signature = SigningKey::from(device_key).sign(payload);
        prepared.submit_next_signature(signature.to_vec());
        Ok(prepared.finalize_response())
    }
}

impl DeviceSession for Holder {
    type ST = SessionTranscript180135;

    fn documents(&self) -> &Documents {
        &self.documents
    }

    fn session_transcript(&self) -> Self::ST {
        self.transcript.clone()
    }

    fn device_auth_type(&self) -> DeviceAuthType {
        DeviceAuthType::Sign1
    }
}
