//! `org-iso-mdoc` over the Digital Credentials API (ISO/IEC 18013-7 Annex C).
//!
//! The reader sends a DeviceRequest and EncryptionInfo, both as base64url text; the wallet answers with an
//! EncryptedResponse. The transcript takes the *text* of EncryptionInfo ([`crate::transcript::Transport::DcApi`]), so a
//! verifier keeps that text per transaction. HPKE itself is not in this room.

use crate::cbor::{Decode, DecodeError, DecodeErrorKind, Encoder, Key, Reader};
use crate::cose::CoseKey;

/// First element of both structures.
pub const DCAPI: &str = "dcapi";
/// Protocol identifier deployed everywhere and sent by us.
pub const PROTOCOL: &str = "org-iso-mdoc";
/// Protocol identifier of the candidate text; expected from nobody, logged when seen.
pub const PROTOCOL_DRAFT: &str = "org.iso.mdoc";

/// Where the wallet encrypts its answer to.
///
/// ```cddl
/// EncryptionInfo = [ "dcapi", { "nonce": bstr, "recipientPublicKey": COSE_Key, * tstr => any } ]
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncryptionInfo<'a> {
    /// At least 16 random bytes, new for every request.
    pub nonce: &'a [u8],
    /// HPKE recipient key: P-256, uncompressed.
    pub recipient_public_key: CoseKey<'a>,
}

impl EncryptionInfo<'_> {
    /// Encodes it.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::new();
        encoder.array(2).text(DCAPI).map(2).text("nonce").bytes(self.nonce);
        self.recipient_public_key.encode(encoder.text("recipientPublicKey"));
        encoder.into_bytes()
    }
}

/// A DeviceResponse encrypted by HPKE.
///
/// ```cddl
/// EncryptedResponse = [ "dcapi", { "enc": bstr, "cipherText": bstr, * tstr => any } ]
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncryptedResponse<'a> {
    /// The encapsulated key: an uncompressed point of 65 bytes.
    pub enc: &'a [u8],
    /// Ciphertext and tag.
    pub cipher_text: &'a [u8],
}

impl EncryptedResponse<'_> {
    /// Encodes it.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::with_capacity(self.cipher_text.len() + self.enc.len() + 40);
        encoder.array(2).text(DCAPI).map(2).text("enc").bytes(self.enc).text("cipherText").bytes(self.cipher_text);
        encoder.into_bytes()
    }
}

impl<'a> Decode<'a> for EncryptionInfo<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut nonce, mut recipient_public_key) = (None, None);
        dcapi(reader, |reader, key| {
            match key {
                Key::Text("nonce") => nonce = Some(reader.bytes()?),
                Key::Text("recipientPublicKey") => {
                    recipient_public_key =
                        Some(CoseKey::decode(reader).map_err(|error| error.within("recipientPublicKey"))?);
                }
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let missing = |key| DecodeError::new(DecodeErrorKind::MissingKey { key }, at);
        Ok(Self {
            nonce: nonce.ok_or_else(|| missing("nonce"))?,
            recipient_public_key: recipient_public_key.ok_or_else(|| missing("recipientPublicKey"))?,
        })
    }
}

impl<'a> Decode<'a> for EncryptedResponse<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut enc, mut cipher_text) = (None, None);
        dcapi(reader, |reader, key| {
            match key {
                Key::Text("enc") => enc = Some(reader.bytes()?),
                Key::Text("cipherText") => cipher_text = Some(reader.bytes()?),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let missing = |key| DecodeError::new(DecodeErrorKind::MissingKey { key }, at);
        Ok(Self {
            enc: enc.ok_or_else(|| missing("enc"))?,
            cipher_text: cipher_text.ok_or_else(|| missing("cipherText"))?,
        })
    }
}

/// Reads `[ "dcapi", map ]`, giving the map's pairs to `each`.
fn dcapi<'a>(
    reader: &mut Reader<'a>,
    mut each: impl FnMut(&mut Reader<'a>, Key<'a>) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    reader.array_of(2, |reader, index| match index {
        0 if reader.text()? == DCAPI => Ok(()),
        0 => Err(reader.error(DecodeErrorKind::InvalidValue { field: "dcapi" })),
        _ => reader.map(&mut each).map(|_| ()),
    })
}
