//! The simulated holder: takes an IssuerSigned, discloses some of its elements and proves possession of the device key.
//!
//! It stands in for a wallet in demos and tests. A real wallet keeps its keys in the phone's secure area and asks its
//! owner; this one does what it is told.

use tegata_hsm::{Signer, SignerError};
use tegata_mdoc::Raw;
use tegata_mdoc::cbor::{Decode, DecodeError, Encoder, Key, Limits, Reader, decode};
use tegata_mdoc::cose::{CoseMac0, CoseSign1, HMAC_256_256, LABEL_ALG};
use tegata_mdoc::device_signed::device_authentication_bytes;
use tegata_mdoc::issuer_signed::IssuerSigned;
use tegata_mdoc::response::{DeviceResponse, Document};
use tegata_mdoc::transcript::{SessionTranscript, session_transcript_bytes};
use tegata_pki::{AgreementKey, CoseAlgorithm, CryptoProvider, Hash, KeyError, PublicKey};

/// An element to disclose: namespace and identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElementName {
    /// The namespace.
    pub name_space: String,
    /// The element identifier.
    pub element: String,
}

/// How the device proves possession of its key (ISO/IEC 18013-5 9.1.3).
#[derive(Clone, Copy, Debug)]
pub enum DeviceProof<'k> {
    /// A signature by the device key.
    Signature(&'k dyn Signer),
    /// A MAC with a key agreed between the device key and the reader's ephemeral key.
    Mac {
        /// The device's private key, as agreement key.
        device_key: &'k AgreementKey,
        /// The reader's ephemeral public key.
        reader_key: &'k PublicKey,
        /// Computes the agreement.
        provider: &'k dyn CryptoProvider,
    },
}

/// Why nothing could be presented.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PresentError {
    /// The document at rest cannot be read.
    #[error("the document cannot be read: {0}")]
    Document(#[from] DecodeError),
    /// The document has no such element.
    #[error("the document has no element {}/{}", .missing.name_space, .missing.element)]
    NoSuchElement {
        /// What was asked for.
        missing: ElementName,
        /// The elements it has.
        available: Vec<ElementName>,
    },
    /// The key given is not the device key the issuer signed.
    #[error("the key is not the device key of the document")]
    NotTheDeviceKey,
    /// No COSE algorithm belongs to the device key.
    #[error("no signature algorithm belongs to the device key")]
    NoAlgorithm,
    /// The signer failed.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// Device key and reader key cannot agree.
    #[error("device key and reader key cannot agree: {0}")]
    Agreement(#[from] KeyError),
}

impl PresentError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Document(error) => error.id(),
            Self::NoSuchElement { .. } => "no-such-element",
            Self::NotTheDeviceKey => "not-the-device-key",
            Self::NoAlgorithm => "no-algorithm",
            Self::Signer(error) => error.id(),
            Self::Agreement(error) => error.id(),
        }
    }
}

/// Presents `elements` of `issuer_signed` in the session of `transcript`: the bytes of a DeviceResponse with one document.
///
/// # Errors
/// When the document cannot be read, lacks an element, or the proof cannot be made.
pub fn present(
    issuer_signed: &[u8],
    elements: &[ElementName],
    transcript: &Raw<'_, SessionTranscript<'_>>,
    proof: DeviceProof<'_>,
) -> Result<Vec<u8>, PresentError> {
    let (document, _) = decode::<IssuerSigned<'_>>(issuer_signed)?;
    let (mso, _) = document.value().mobile_security_object()?;
    let doc_type = mso.value().doc_type;
    let disclosed = disclose(issuer_signed, document.value(), elements)?;

    let mut name_spaces = Encoder::new();
    name_spaces.embedded(&[0xa0]);
    let payload = device_authentication_bytes(transcript, doc_type, name_spaces.as_bytes());
    let device_auth = authenticate(&payload, transcript, mso.value(), proof)?;
    let mut device_signed = Encoder::new();
    device_signed.map(2).text("nameSpaces").raw(name_spaces.as_bytes()).text("deviceAuth").raw(&device_auth);

    Ok(DeviceResponse::encode(&[Document::encode(doc_type, &disclosed, device_signed.as_bytes())]))
}

/// The IssuerSigned with the chosen items only, every item and issuerAuth byte for byte as issued.
fn disclose(bytes: &[u8], issuer_signed: &IssuerSigned<'_>, elements: &[ElementName]) -> Result<Vec<u8>, PresentError> {
    let has = |wanted: &ElementName| {
        let mut items = issuer_signed.items();
        items.any(|(space, item)| space == wanted.name_space && item.value().element_identifier == wanted.element)
    };
    if let Some(missing) = elements.iter().find(|wanted| !has(wanted)) {
        let available = issuer_signed.items().map(|(space, item)| ElementName {
            name_space: space.to_owned(),
            element: item.value().element_identifier.to_owned(),
        });
        return Err(PresentError::NoSuchElement { missing: missing.clone(), available: available.collect() });
    }
    let chosen: Vec<(&str, Vec<&[u8]>)> = issuer_signed
        .name_spaces
        .iter()
        .map(|entry| {
            let wanted =
                |name: &str| elements.iter().any(|each| each.name_space == entry.name_space && each.element == name);
            let items = entry.items.iter().filter(|item| wanted(item.value().element_identifier));
            (entry.name_space, items.map(tegata_mdoc::Tag24::bytes).collect::<Vec<_>>())
        })
        .filter(|(_, items)| !items.is_empty())
        .collect();

    let mut encoder = Encoder::with_capacity(bytes.len());
    encoder.map(if chosen.is_empty() { 1 } else { 2 });
    if !chosen.is_empty() {
        encoder.text("nameSpaces").map(chosen.len());
        for (name_space, items) in &chosen {
            encoder.text(name_space).array(items.len());
            for item in items {
                encoder.raw(item);
            }
        }
    }
    encoder.text("issuerAuth").raw(issuer_auth(bytes)?);
    Ok(encoder.into_bytes())
}

/// The encoded issuerAuth inside an encoded IssuerSigned.
fn issuer_auth(bytes: &[u8]) -> Result<&[u8], DecodeError> {
    struct IssuerAuth<'a>(&'a [u8]);
    impl<'a> Decode<'a> for IssuerAuth<'a> {
        fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
            let mut found: &[u8] = &[];
            reader.map(|reader, key| match key {
                Key::Text("issuerAuth") => reader.item().map(|item| found = item),
                _ => reader.skip(),
            })?;
            Ok(Self(found))
        }
    }
    let mut reader = Reader::new(bytes, Limits::DOCUMENT)?;
    Ok(IssuerAuth::decode(&mut reader)?.0)
}

fn authenticate(
    payload: &[u8],
    transcript: &Raw<'_, SessionTranscript<'_>>,
    mso: &tegata_mdoc::mso::MobileSecurityObject<'_>,
    proof: DeviceProof<'_>,
) -> Result<Vec<u8>, PresentError> {
    let device_key = &mso.device_key_info.device_key;
    let is_device_key = |key: &PublicKey| key.curve().cose_number() == device_key.curve && key.x() == device_key.x;
    let mut encoder = Encoder::new();
    encoder.map(1);
    match proof {
        DeviceProof::Signature(signer) => {
            if !is_device_key(signer.public_key()) {
                return Err(PresentError::NotTheDeviceKey);
            }
            let algorithm = CoseAlgorithm::for_curve(signer.public_key().curve()).ok_or(PresentError::NoAlgorithm)?;
            let protected = protected_header(algorithm.number());
            let signature = signer.sign(&CoseSign1::signature_input(&protected, payload))?;
            let sign1 = CoseSign1::encode(&protected, &[0xa0], None, signature.as_bytes(), false);
            encoder.text("deviceSignature").raw(&sign1);
        }
        DeviceProof::Mac { device_key, reader_key, provider } => {
            if !is_device_key(device_key.public_key()) {
                return Err(PresentError::NotTheDeviceKey);
            }
            let shared = provider.agree(device_key, reader_key)?;
            let salt = provider.digest(Hash::Sha256, &session_transcript_bytes(transcript));
            let mac_key = provider.hkdf_sha256(shared.as_bytes(), salt.as_ref(), b"EMacKey");
            let protected = protected_header(HMAC_256_256);
            let tag = provider.hmac_sha256(&mac_key, &CoseMac0::mac_input(&protected, payload));
            encoder.text("deviceMac").raw(&CoseMac0::encode_detached(&protected, &tag));
        }
    }
    Ok(encoder.into_bytes())
}

/// `{ 1: alg }`, nothing else: some readers demand exactly that.
fn protected_header(algorithm: i64) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.map(1).integer(LABEL_ALG).integer(algorithm);
    encoder.into_bytes()
}
