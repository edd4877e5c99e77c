//! COSE_Sign (RFC 9052 4.1), in the one shape that metadata has.
//!
//! ```cddl
//! file = #6.98([ body, {}, payload: bstr, [+ signature] ])
//! body = bstr .cbor { 16: "application/tegata-metadata+cbor" }          ; typ, RFC 9596
//! signature = [ bstr .cbor { 1: alg: int, 4: keyid }, {}, signature: bstr ]
//! ```
//!
//! Written and read here and not by `coset`: the shape is closed (nothing that is not signed, one encoding), which `coset`
//! cannot be asked to insist on; the tests hold both against each other.

use tegata_mdoc::cbor::{DecodeError, Encoder, Key, Reader};
use tegata_mdoc::cose::{LABEL_ALG, LABEL_KID, LABEL_TYP};

use crate::field::invalid;
use crate::{MAX_SIGNATURES, MetadataError, deterministic};

/// The media type of metadata.
pub const MEDIA_TYPE: &str = "application/tegata-metadata+cbor";

const TAG_COSE_SIGN: u64 = 98;

/// A file, taken apart; nothing is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Envelope {
    pub(crate) payload: Vec<u8>,
    pub(crate) signatures: Vec<FileSignature>,
}

/// One signature of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileSignature {
    pub(crate) algorithm: i64,
    pub(crate) key_id: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

impl FileSignature {
    /// The protected header of the signer.
    pub(crate) fn protected(&self) -> Vec<u8> {
        protected(self.algorithm, &self.key_id)
    }
}

pub(crate) fn protected(algorithm: i64, key_id: &[u8]) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.sorted_map(|map| {
        map.integer(LABEL_ALG, |value| _ = value.integer(algorithm));
        map.integer(LABEL_KID, |value| _ = value.bytes(key_id));
    });
    encoder.into_bytes()
}

fn body() -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.sorted_map(|map| _ = map.integer(LABEL_TYP, |value| _ = value.text(MEDIA_TYPE)));
    encoder.into_bytes()
}

/// What a signer signs: the Sig_structure `["Signature", body, protected, h'', payload]` (RFC 9052 4.4).
pub(crate) fn to_be_signed(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut encoder = Encoder::with_capacity(payload.len() + 128);
    encoder.array(5).text("Signature").bytes(&body()).bytes(protected).bytes(&[]).bytes(payload);
    encoder.into_bytes()
}

impl Envelope {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::with_capacity(self.payload.len() + 64 + 192 * self.signatures.len());
        encoder.tag(TAG_COSE_SIGN).array(4).bytes(&body()).map(0).bytes(&self.payload).array(self.signatures.len());
        for signature in &self.signatures {
            encoder.array(3).bytes(&signature.protected()).map(0).bytes(&signature.signature);
        }
        encoder.into_bytes()
    }

    /// Takes a file of at most `limit` bytes apart.
    pub(crate) fn decode(file: &[u8], limit: u64) -> Result<Self, MetadataError> {
        let found = u64::try_from(file.len()).unwrap_or(u64::MAX);
        if found > limit {
            return Err(MetadataError::TooLarge { limit, found });
        }
        let mut reader = Reader::new(file, deterministic::limits(file.len()))?;
        let (payload, signatures) = read(&mut reader)?;
        reader.finish()?;
        if signatures.len() > MAX_SIGNATURES {
            return Err(MetadataError::TooMany { what: "signatures", found: signatures.len(), limit: MAX_SIGNATURES });
        }
        let envelope = Self { payload: payload.to_vec(), signatures };
        // What was read is all that the file says, so only another encoding of it can differ.
        if envelope.encode() == file { Ok(envelope) } else { Err(MetadataError::NotDeterministic) }
    }
}

fn read<'a>(reader: &mut Reader<'a>) -> Result<(&'a [u8], Vec<FileSignature>), DecodeError> {
    let (mut payload, mut signatures): (&[u8], _) = (&[], Vec::new());
    reader.expect_tag(TAG_COSE_SIGN)?;
    reader.array_of(4, |reader, index| {
        match index {
            0 => read_body(reader)?,
            1 => read_unprotected(reader)?,
            2 => payload = reader.bytes().map_err(|error| error.within("payload"))?,
            _ => {
                reader.array(|reader, _| {
                    signatures.push(read_signature(reader).map_err(|error| error.within("signatures"))?);
                    Ok(())
                })?;
            }
        }
        Ok(())
    })?;
    Ok((payload, signatures))
}

fn read_body(reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    let at = reader.offset();
    if reader.bytes()? == body() { Ok(()) } else { Err(invalid(at, "protected")) }
}

/// Nobody signs the unprotected header, so there is nothing in it.
fn read_unprotected(reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    let at = reader.offset();
    match reader.map(|reader, _| reader.skip())? {
        0 => Ok(()),
        _ => Err(invalid(at, "unprotected")),
    }
}

fn read_signature(reader: &mut Reader<'_>) -> Result<FileSignature, DecodeError> {
    let (mut algorithm, mut key_id, mut signature) = (0, Vec::new(), Vec::new());
    reader.array_of(3, |reader, index| {
        match index {
            0 => (algorithm, key_id) = read_protected(reader)?,
            1 => read_unprotected(reader)?,
            _ => signature = reader.bytes()?.to_vec(),
        }
        Ok(())
    })?;
    Ok(FileSignature { algorithm, key_id, signature })
}

fn read_protected(reader: &mut Reader<'_>) -> Result<(i64, Vec<u8>), DecodeError> {
    let at = reader.offset();
    let bytes = reader.bytes()?;
    let mut header = Reader::new(bytes, deterministic::limits(bytes.len()))?;
    let (mut algorithm, mut key_id) = (None, None);
    header.map(|reader, key| {
        match key {
            Key::Unsigned(1) => algorithm = Some(reader.integer()?),
            Key::Unsigned(4) => key_id = Some(reader.bytes()?.to_vec()),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    let Some((algorithm, key_id)) = algorithm.zip(key_id) else { return Err(invalid(at, "protected")) };
    // No other header, no other encoding.
    if protected(algorithm, &key_id) == bytes { Ok((algorithm, key_id)) } else { Err(invalid(at, "protected")) }
}
