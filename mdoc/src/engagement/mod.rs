//! Device and reader engagement (ISO/IEC 18013-5 8.2.1; ISO/IEC 18013-7 Annex A).
//!
//! A wallet shows a DeviceEngagement as QR code ([`uri`]) or hands it over by NFC ([`ndef`]); it names the wallet's
//! ephemeral key and the radio links it offers ([`RetrievalMethod`]). A website shows a ReaderEngagement.

pub mod ndef;
mod retrieval;
pub mod uri;

pub use retrieval::{BleOptions, NfcOptions, RetrievalMethod, Uuid, WifiAwareOptions};

use crate::Tag24;
use crate::cbor::{Decode, DecodeError, DecodeErrorKind, Encoder, Key, Reader};
use crate::cose::CoseKey;

/// The only cipher suite of ISO/IEC 18013-5: ECDH, HKDF-SHA-256, AES-256-GCM (9.1.5.2).
pub const CIPHER_SUITE_1: i64 = 1;

/// The wallet's half of an engagement.
///
/// ```cddl
/// DeviceEngagement = {
///   0: tstr,                               ; "1.0", "1.1" iff 5 or 6 is present
///   1: Security,
///   ? 2: [+ RetrievalMethod],              ; absent in NFC engagement
///   ? 3: ServerRetrievalMethods,           ; first edition only
///   ? 4: any,                              ; first edition only
///   ? 5: [* OriginInfo], ? 6: Capabilities,
///   * int => any }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceEngagement<'a> {
    /// `"1.0"` or `"1.1"`; another minor version of major 1 is to be processed.
    pub version: &'a str,
    /// Cipher suite and EDeviceKey.
    pub security: Security<'a>,
    /// The offered links. Empty when the key is absent, as in NFC engagement.
    pub retrieval_methods: Vec<RetrievalMethod<'a>>,
    /// ServerRetrievalMethods as encoded. The second edition dropped them and nothing here processes them.
    pub server_retrieval_methods: Option<&'a [u8]>,
    /// ProtocolInfo as encoded. The second edition dropped it and nothing here processes it.
    pub protocol_info: Option<&'a [u8]>,
    /// Where the wallet got the reader's engagement from; `None` when the key is absent.
    pub origin_infos: Option<Vec<OriginInfo<'a>>>,
    /// What the wallet understands beyond the first edition; `None` when the key is absent.
    pub capabilities: Option<Capabilities>,
}

/// The reader's half of an engagement: shown by a website (`"1.1"`, with key and URI), or sent in an NFC negotiated
/// handover (version only).
///
/// ```cddl
/// ReaderEngagement = { 0: tstr, ? 1: Security, ? 2: [+ RetrievalMethod], * int => any }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ReaderEngagement<'a> {
    /// `"1.1"` from a website, `"1.0"` over NFC.
    pub version: &'a str,
    /// Cipher suite and EReaderKey.
    pub security: Option<Security<'a>>,
    /// Where the wallet can reach the reader.
    pub retrieval_methods: Vec<RetrievalMethod<'a>>,
}

/// `Security = [ int, #6.24(bstr .cbor COSE_Key) ]`: cipher suite and ephemeral key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Security<'a> {
    /// [`CIPHER_SUITE_1`] in every published edition.
    pub cipher_suite: i64,
    /// EDeviceKeyBytes (or EReaderKeyBytes) as received. An EDeviceKey may be a compressed point; an EReaderKey on an
    /// EC2 curve may not ([`is_valid_reader_key`]).
    pub key: Tag24<'a, CoseKey<'a>>,
}

/// `OriginInfo = { "cat": uint, "type": uint, "details": { + tstr => any }, * tstr => any }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OriginInfo<'a> {
    /// 1 in every published use: how the engagement was received.
    pub category: u64,
    /// 1: from a website, with `domain` in the details; 0: otherwise.
    pub kind: u64,
    /// `details` as encoded.
    pub details: &'a [u8],
    /// `details.domain`: the host the wallet saw, empty when unknown. A verifier compares it with its own.
    pub domain: Option<&'a str>,
}

impl<'a> OriginInfo<'a> {
    /// Appends the origin info of a wallet that read the engagement at `domain` (empty when unknown).
    pub fn encode_domain(encoder: &mut Encoder, domain: &str) {
        encoder.map(3).text("cat").unsigned(1).text("type").unsigned(1);
        encoder.text("details").map(1).text("domain").text(domain);
    }

    fn encode(&self, encoder: &mut Encoder) {
        encoder.map(3).text("cat").unsigned(self.category).text("type").unsigned(self.kind);
        encoder.text("details").raw(self.details);
    }
}

/// `Capabilities = { ? 0: bool, ? 1: [+ int], ? 2: bool, ? 3: bool, ? 4: bool, * int => any }`. Absent means false.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// MacKeysSupport (0): `macKeys` in a DeviceRequest are understood (ISO/IEC 18013-7 Annex A).
    pub mac_keys: bool,
    /// MacKeysCurves (1): COSE curve numbers for those keys.
    pub mac_keys_curves: Vec<i64>,
    /// HandoverSessionEstablishmentSupport (2).
    pub handover_session_establishment: bool,
    /// ReaderAuthAllSupport (3).
    pub reader_auth_all: bool,
    /// ExtendedRequestSupport (4): alternativeDataElements, issuerIdentifiers and useCases are all understood.
    pub extended_request: bool,
}

impl DeviceEngagement<'_> {
    /// Encodes an engagement with cipher suite 1: version `"1.1"` when origin infos or capabilities are given, else
    /// `"1.0"`. With capabilities, origin infos are written even when there is none, as the standard asks.
    #[must_use]
    pub fn encode(
        key: &CoseKey<'_>,
        retrieval_methods: &[RetrievalMethod<'_>],
        origin_infos: Option<&[OriginInfo<'_>]>,
        capabilities: Option<&Capabilities>,
    ) -> Vec<u8> {
        let origin_infos = origin_infos.or_else(|| capabilities.map(|_| -> &[OriginInfo<'_>] { &[] }));
        let pairs = 2
            + usize::from(!retrieval_methods.is_empty())
            + usize::from(origin_infos.is_some())
            + usize::from(capabilities.is_some());
        let mut encoder = Encoder::new();
        encoder.map(pairs).integer(0).text(if origin_infos.is_some() { "1.1" } else { "1.0" });
        encode_security(encoder.integer(1), key);
        encode_retrieval_methods(&mut encoder, retrieval_methods);
        if let Some(origin_infos) = origin_infos {
            encoder.integer(5).array(origin_infos.len());
            for info in origin_infos {
                info.encode(&mut encoder);
            }
        }
        if let Some(capabilities) = capabilities {
            capabilities.encode(encoder.integer(6));
        }
        encoder.into_bytes()
    }
}

impl ReaderEngagement<'_> {
    /// Encodes the engagement a website shows: the wallet posts to `uri` (ISO/IEC 18013-7 A.2).
    #[must_use]
    pub fn encode_website(key: &CoseKey<'_>, uri: &str) -> Vec<u8> {
        let mut encoder = Encoder::new();
        encoder.map(3).integer(0).text("1.1");
        encode_security(encoder.integer(1), key);
        encode_retrieval_methods(&mut encoder, &[RetrievalMethod::Website(uri)]);
        encoder.into_bytes()
    }
}

impl Capabilities {
    fn encode(&self, encoder: &mut Encoder) {
        let flags = [
            (0, self.mac_keys),
            (2, self.handover_session_establishment),
            (3, self.reader_auth_all),
            (4, self.extended_request),
        ];
        encoder.sorted_map(|map| {
            for (label, _) in flags.into_iter().filter(|(_, set)| *set) {
                map.integer(label, |encoder| _ = encoder.boolean(true));
            }
            if !self.mac_keys_curves.is_empty() {
                map.integer(1, |encoder| {
                    encoder.array(self.mac_keys_curves.len());
                    for curve in &self.mac_keys_curves {
                        encoder.integer(*curve);
                    }
                });
            }
        });
    }
}

/// True when `key` may be an EReaderKey: an EC2 point is uncompressed (ISO/IEC 18013-5 9.1.1.4).
#[must_use]
pub fn is_valid_reader_key(key: &CoseKey<'_>) -> bool {
    key.key_type != crate::cose::KTY_EC2 || key.y.is_some()
}

fn encode_security(encoder: &mut Encoder, key: &CoseKey<'_>) {
    let mut encoded_key = Encoder::new();
    key.encode(&mut encoded_key);
    encoder.array(2).integer(CIPHER_SUITE_1).embedded(encoded_key.as_bytes());
}

fn encode_retrieval_methods(encoder: &mut Encoder, retrieval_methods: &[RetrievalMethod<'_>]) {
    if retrieval_methods.is_empty() {
        return;
    }
    encoder.integer(2).array(retrieval_methods.len());
    for method in retrieval_methods {
        method.encode(encoder);
    }
}

impl<'a> Decode<'a> for DeviceEngagement<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut version, mut security, mut retrieval_methods) = (None, None, Vec::new());
        let (mut server_retrieval_methods, mut protocol_info) = (None, None);
        let (mut origin_infos, mut capabilities) = (None, None);
        reader.map(|reader, key| {
            match key {
                Key::Unsigned(0) => version = Some(reader.text()?),
                Key::Unsigned(1) => security = Some(Security::decode(reader).map_err(|e| e.within("Security"))?),
                Key::Unsigned(2) => {
                    retrieval_methods = list(reader).map_err(|error| error.within("DeviceRetrievalMethods"))?;
                }
                Key::Unsigned(3) => server_retrieval_methods = Some(reader.item()?),
                Key::Unsigned(4) => protocol_info = Some(reader.item()?),
                Key::Unsigned(5) => {
                    origin_infos = Some(list(reader).map_err(|error| error.within("OriginInfos"))?);
                }
                Key::Unsigned(6) => {
                    capabilities = Some(Capabilities::decode(reader).map_err(|e| e.within("Capabilities"))?);
                }
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let missing = |key| DecodeError::new(DecodeErrorKind::MissingKey { key }, at);
        Ok(Self {
            version: version.ok_or_else(|| missing("Version (0)"))?,
            security: security.ok_or_else(|| missing("Security (1)"))?,
            retrieval_methods,
            server_retrieval_methods,
            protocol_info,
            origin_infos,
            capabilities,
        })
    }
}

impl<'a> Decode<'a> for ReaderEngagement<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut version, mut security, mut retrieval_methods) = (None, None, Vec::new());
        reader.map(|reader, key| {
            match key {
                Key::Unsigned(0) => version = Some(reader.text()?),
                Key::Unsigned(1) => security = Some(Security::decode(reader).map_err(|e| e.within("Security"))?),
                Key::Unsigned(2) => {
                    retrieval_methods = list(reader).map_err(|error| error.within("ReaderRetrievalMethods"))?;
                }
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let missing = DecodeErrorKind::MissingKey { key: "Version (0)" };
        Ok(Self { version: version.ok_or_else(|| DecodeError::new(missing, at))?, security, retrieval_methods })
    }
}

impl<'a> Decode<'a> for Security<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut cipher_suite, mut key) = (None, None);
        reader.array_of(2, |reader, index| {
            match index {
                0 => cipher_suite = Some(reader.integer()?),
                _ => key = Some(reader.tag24()?),
            }
            Ok(())
        })?;
        let short = || DecodeError::new(DecodeErrorKind::WrongArrayLength { expected: 2, found: 0 }, at);
        Ok(Self { cipher_suite: cipher_suite.ok_or_else(short)?, key: key.ok_or_else(short)? })
    }
}

impl<'a> Decode<'a> for OriginInfo<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut category, mut kind, mut details, mut domain) = (None, None, None, None);
        reader.map(|reader, key| {
            match key {
                Key::Text("cat") => category = Some(reader.unsigned()?),
                Key::Text("type") => kind = Some(reader.unsigned()?),
                Key::Text("details") => {
                    let found = reader.raw::<Details<'a>>().map_err(|error| error.within("details"))?;
                    details = Some(found.bytes());
                    domain = found.value().domain;
                }
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let missing = |key| DecodeError::new(DecodeErrorKind::MissingKey { key }, at);
        Ok(Self {
            category: category.ok_or_else(|| missing("cat"))?,
            kind: kind.ok_or_else(|| missing("type"))?,
            details: details.ok_or_else(|| missing("details"))?,
            domain,
        })
    }
}

/// The part of `OriginInfo.details` that is read.
struct Details<'a> {
    domain: Option<&'a str>,
}

impl<'a> Decode<'a> for Details<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut domain = None;
        reader.map(|reader, key| {
            match key {
                Key::Text("domain") => domain = Some(reader.text()?),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        Ok(Self { domain })
    }
}

impl<'a> Decode<'a> for Capabilities {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut capabilities = Self::default();
        reader.map(|reader, key| {
            match key {
                Key::Unsigned(0) => capabilities.mac_keys = reader.boolean()?,
                Key::Unsigned(1) => {
                    reader.array(|reader, _| {
                        capabilities.mac_keys_curves.push(reader.integer()?);
                        Ok(())
                    })?;
                }
                Key::Unsigned(2) => capabilities.handover_session_establishment = reader.boolean()?,
                Key::Unsigned(3) => capabilities.reader_auth_all = reader.boolean()?,
                Key::Unsigned(4) => capabilities.extended_request = reader.boolean()?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        Ok(capabilities)
    }
}

/// Reads `[* T]`.
fn list<'a, T: Decode<'a>>(reader: &mut Reader<'a>) -> Result<Vec<T>, DecodeError> {
    let mut items = Vec::new();
    reader.array(|reader, _| {
        items.push(T::decode(reader)?);
        Ok(())
    })?;
    Ok(items)
}
