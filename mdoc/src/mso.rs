//! The Mobile Security Object (ISO/IEC 18013-5 9.1.2.4).

use core::fmt;

use crate::Deviation;
use crate::cbor::{Decode, DecodeError, DecodeErrorKind, Key, Reader, Type};
use crate::cose::CoseKey;
use crate::date::Tdate;

/// What the issuer signed: digests of all elements, the device key, the validity, and where to ask for revocation.
///
/// ```cddl
/// MobileSecurityObject = {
///   "version": tstr,                          ; "1.0"
///   "digestAlgorithm": "SHA-256" / "SHA-384" / "SHA-512",
///   "valueDigests": { + NameSpace => { + uint => bstr } },
///   "deviceKeyInfo": DeviceKeyInfo,
///   "docType": tstr,
///   "validityInfo": ValidityInfo,
///   ? "status": Status,                       ; second edition
///   * tstr => any }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MobileSecurityObject<'a> {
    /// `"1.0"`; another minor version of major 1 is to be processed.
    pub version: &'a str,
    /// The digest of every element.
    pub digest_algorithm: DigestAlgorithm<'a>,
    /// Digests by namespace, sorted by namespace.
    pub value_digests: Vec<(&'a str, Digests<'a>)>,
    /// The key of the holder's device.
    pub device_key_info: DeviceKeyInfo<'a>,
    /// The document type.
    pub doc_type: &'a str,
    /// The validity of the object (not of the document it stands for).
    pub validity_info: ValidityInfo,
    /// References to revocation lists.
    pub status: Option<Status<'a>>,
}

impl<'a> MobileSecurityObject<'a> {
    /// The digest recorded for `digest_id` of `name_space`.
    #[must_use]
    pub fn digest(&self, name_space: &str, digest_id: u64) -> Option<&'a [u8]> {
        self.digests(name_space)?.get(digest_id)
    }

    /// The digests of `name_space`.
    #[must_use]
    pub fn digests(&self, name_space: &str) -> Option<&Digests<'a>> {
        let index = self.value_digests.binary_search_by_key(&name_space, |(name, _)| name).ok()?;
        self.value_digests.get(index).map(|(_, digests)| digests)
    }
}

/// `digestAlgorithm` as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DigestAlgorithm<'a> {
    /// `"SHA-256"`.
    Sha256,
    /// `"SHA-384"`.
    Sha384,
    /// `"SHA-512"`.
    Sha512,
    /// Any other text: not allowed, kept for the report.
    Unknown(&'a str),
}

impl<'a> DigestAlgorithm<'a> {
    /// The algorithm of that name.
    #[must_use]
    pub fn from_name(name: &'a str) -> Self {
        match name {
            "SHA-256" => Self::Sha256,
            "SHA-384" => Self::Sha384,
            "SHA-512" => Self::Sha512,
            other => Self::Unknown(other),
        }
    }

    /// The name as written in the MSO.
    #[must_use]
    pub fn name(self) -> &'a str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
            Self::Unknown(name) => name,
        }
    }
}

impl fmt::Display for DigestAlgorithm<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// `{ + uint => bstr }`: digests by digestID, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Digests<'a>(Vec<(u64, &'a [u8])>);

impl<'a> Digests<'a> {
    /// The digest of `digest_id`.
    #[must_use]
    pub fn get(&self, digest_id: u64) -> Option<&'a [u8]> {
        let index = self.0.binary_search_by_key(&digest_id, |(id, _)| *id).ok()?;
        self.0.get(index).map(|(_, digest)| *digest)
    }

    /// All, by ascending digestID.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &'a [u8])> {
        self.0.iter().copied()
    }

    /// How many there are, decoys included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True when there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> Decode<'a> for Digests<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let mut digests = Vec::with_capacity(reader.announced());
        let mut large = false;
        reader.each_pair(|reader| {
            if reader.peek_type()? != Type::Unsigned {
                return Err(reader.error(DecodeErrorKind::InvalidValue { field: "digestID" }));
            }
            let id = reader.unsigned()?;
            large |= id >= 1 << 31;
            digests.push((id, reader.bytes()?));
            Ok(())
        })?;
        if large {
            reader.note(Deviation::LargeDigestId);
        }
        digests.sort_unstable_by_key(|(id, _)| *id);
        if digests.windows(2).any(|pair| matches!(pair, [(id, _), (next, _)] if id == next)) {
            return Err(DecodeError::new(DecodeErrorKind::DuplicateKey, at));
        }
        Ok(Self(digests))
    }
}

/// `DeviceKeyInfo = { "deviceKey": COSE_Key, ? "keyAuthorizations": KeyAuthorizations, ? "keyInfo": { * int => any },
/// * tstr => any }`.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceKeyInfo<'a> {
    /// The device's public key.
    pub device_key: CoseKey<'a>,
    /// What the device may sign itself; `None` means nothing.
    pub key_authorizations: Option<KeyAuthorizations<'a>>,
}

/// `KeyAuthorizations = { ? "nameSpaces": [+ NameSpace], ? "dataElements": { + NameSpace => [+ tstr] }, * tstr => any }`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyAuthorizations<'a> {
    /// Namespaces the device may sign in full.
    pub name_spaces: Vec<&'a str>,
    /// Single elements the device may sign.
    pub data_elements: Vec<(&'a str, Vec<&'a str>)>,
}

impl KeyAuthorizations<'_> {
    /// True when the device may sign `element` of `name_space`.
    #[must_use]
    pub fn covers(&self, name_space: &str, element: &str) -> bool {
        self.name_spaces.contains(&name_space)
            || self.data_elements.iter().any(|(name, elements)| *name == name_space && elements.contains(&element))
    }

    /// True when nothing is authorised.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.name_spaces.is_empty() && self.data_elements.is_empty()
    }

    /// True when a namespace stands both as a whole and with single elements, or nothing is authorised at all: both are
    /// forbidden (ISO/IEC 18013-5 9.1.2.4).
    #[must_use]
    pub fn is_contradictory(&self) -> bool {
        let doubled = self.data_elements.iter().any(|(name, _)| self.name_spaces.contains(name));
        doubled || self.is_empty()
    }
}

/// `ValidityInfo = { "signed": tdate, "validFrom": tdate, "validUntil": tdate, ? "expectedUpdate": tdate, * tstr => any }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValidityInfo {
    /// When the MSO was signed.
    pub signed: Tdate,
    /// First instant of validity; not before `signed`.
    pub valid_from: Tdate,
    /// Last instant of validity; after `valid_from`.
    pub valid_until: Tdate,
    /// When the issuer expects to sign again; a hint for the wallet.
    pub expected_update: Option<Tdate>,
}

/// `Status = { ? "status_list": StatusListInfo, ? "identifier_list": IdentifierListInfo, * tstr => any }`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status<'a> {
    /// A bit in a Token Status List.
    pub status_list: Option<StatusListInfo<'a>>,
    /// An identifier in an identifier list.
    pub identifier_list: Option<IdentifierListInfo<'a>>,
}

/// `StatusListInfo = { "idx": uint, "uri": tstr, ? "certificate": bstr, * tstr => any }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusListInfo<'a> {
    /// Position in the list.
    pub index: u64,
    /// Where the list is; equals its `sub`.
    pub uri: &'a str,
    /// DER certificate whose key signed the top certificate of the list's x5chain.
    pub certificate: Option<&'a [u8]>,
}

/// `IdentifierListInfo = { "id": bstr, "uri": tstr, ? "certificate": bstr, * tstr => any }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdentifierListInfo<'a> {
    /// The opaque identifier.
    pub id: &'a [u8],
    /// Where the list is; equals its `sub`.
    pub uri: &'a str,
    /// As in [`StatusListInfo::certificate`].
    pub certificate: Option<&'a [u8]>,
}

impl<'a> Decode<'a> for MobileSecurityObject<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut version, mut digest_algorithm, mut value_digests) = (None, None, None);
        let (mut device_key_info, mut doc_type, mut validity_info, mut status) = (None, None, None, None);
        reader.map(|reader, key| {
            match key {
                Key::Text("version") => version = Some(reader.text()?),
                Key::Text("digestAlgorithm") => digest_algorithm = Some(DigestAlgorithm::from_name(reader.text()?)),
                Key::Text("valueDigests") => value_digests = Some(field(reader, "valueDigests", read_value_digests)?),
                Key::Text("deviceKeyInfo") => device_key_info = Some(field(reader, "deviceKeyInfo", Decode::decode)?),
                Key::Text("docType") => doc_type = Some(reader.text()?),
                Key::Text("validityInfo") => validity_info = Some(field(reader, "validityInfo", Decode::decode)?),
                // Some issuers write null for "no reference"; there is nothing to ask then.
                Key::Text("status") if reader.take_null()? => reader.note(Deviation::NullForAbsent),
                Key::Text("status") => status = Some(field(reader, "status", Decode::decode)?),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let missing = |key| DecodeError::new(DecodeErrorKind::MissingKey { key }, at);
        Ok(Self {
            version: version.ok_or_else(|| missing("version"))?,
            digest_algorithm: digest_algorithm.ok_or_else(|| missing("digestAlgorithm"))?,
            value_digests: value_digests.ok_or_else(|| missing("valueDigests"))?,
            device_key_info: device_key_info.ok_or_else(|| missing("deviceKeyInfo"))?,
            doc_type: doc_type.ok_or_else(|| missing("docType"))?,
            validity_info: validity_info.ok_or_else(|| missing("validityInfo"))?,
            status,
        })
    }
}

/// Runs `read` and names the field in its error.
fn field<'a, T>(
    reader: &mut Reader<'a>,
    name: &'static str,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    read(reader).map_err(|error| error.within(name))
}

fn read_value_digests<'a>(reader: &mut Reader<'a>) -> Result<Vec<(&'a str, Digests<'a>)>, DecodeError> {
    let mut value_digests = Vec::new();
    reader.map(|reader, key| {
        let Key::Text(name_space) = key else {
            return Err(reader.error(DecodeErrorKind::InvalidValue { field: "namespace" }));
        };
        value_digests.push((name_space, Digests::decode(reader)?));
        Ok(())
    })?;
    value_digests.sort_unstable_by_key(|(name_space, _)| *name_space);
    Ok(value_digests)
}

impl<'a> Decode<'a> for DeviceKeyInfo<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut device_key, mut key_authorizations) = (None, None);
        reader.map(|reader, key| {
            match key {
                Key::Text("deviceKey") => device_key = Some(field(reader, "deviceKey", Decode::decode)?),
                Key::Text("keyAuthorizations") if reader.take_null()? => reader.note(Deviation::NullForAbsent),
                Key::Text("keyAuthorizations") => {
                    key_authorizations = Some(field(reader, "keyAuthorizations", Decode::decode)?);
                }
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let missing = DecodeErrorKind::MissingKey { key: "deviceKey" };
        Ok(Self { device_key: device_key.ok_or_else(|| DecodeError::new(missing, at))?, key_authorizations })
    }
}

impl<'a> Decode<'a> for KeyAuthorizations<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut authorizations = Self::default();
        reader.map(|reader, key| match key {
            Key::Text("nameSpaces" | "dataElements") if reader.take_null()? => {
                reader.note(Deviation::NullForAbsent);
                Ok(())
            }
            Key::Text("nameSpaces") => {
                authorizations.name_spaces = texts(reader)?;
                Ok(())
            }
            Key::Text("dataElements") => reader
                .map(|reader, key| {
                    let Key::Text(name_space) = key else {
                        return Err(reader.error(DecodeErrorKind::InvalidValue { field: "namespace" }));
                    };
                    authorizations.data_elements.push((name_space, texts(reader)?));
                    Ok(())
                })
                .map(|_| ()),
            _ => reader.skip(),
        })?;
        Ok(authorizations)
    }
}

fn texts<'a>(reader: &mut Reader<'a>) -> Result<Vec<&'a str>, DecodeError> {
    let mut texts = Vec::new();
    reader.array(|reader, _| {
        texts.push(reader.text()?);
        Ok(())
    })?;
    Ok(texts)
}

impl<'a> Decode<'a> for ValidityInfo {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut signed, mut valid_from, mut valid_until, mut expected_update) = (None, None, None, None);
        reader.map(|reader, key| {
            match key {
                Key::Text("signed") => signed = Some(field(reader, "signed", Tdate::decode)?),
                Key::Text("validFrom") => valid_from = Some(field(reader, "validFrom", Tdate::decode)?),
                Key::Text("validUntil") => valid_until = Some(field(reader, "validUntil", Tdate::decode)?),
                // Some issuers write null for "none"; it has no effect on validity.
                Key::Text("expectedUpdate") if reader.take_null()? => reader.note(Deviation::NullForAbsent),
                Key::Text("expectedUpdate") => expected_update = Some(field(reader, "expectedUpdate", Tdate::decode)?),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let missing = |key| DecodeError::new(DecodeErrorKind::MissingKey { key }, at);
        Ok(Self {
            signed: signed.ok_or_else(|| missing("signed"))?,
            valid_from: valid_from.ok_or_else(|| missing("validFrom"))?,
            valid_until: valid_until.ok_or_else(|| missing("validUntil"))?,
            expected_update,
        })
    }
}

impl<'a> Decode<'a> for Status<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut status = Self::default();
        reader.map(|reader, key| {
            match key {
                Key::Text("status_list") => status.status_list = Some(field(reader, "status_list", Decode::decode)?),
                Key::Text("identifier_list") => {
                    status.identifier_list = Some(field(reader, "identifier_list", Decode::decode)?);
                }
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        Ok(status)
    }
}

impl<'a> Decode<'a> for StatusListInfo<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut index, mut uri, mut certificate) = (None, None, None);
        reader.map(|reader, key| {
            match key {
                Key::Text("idx") => index = Some(reader.unsigned()?),
                Key::Text("uri") => uri = Some(reader.text()?),
                Key::Text("certificate") => certificate = Some(reader.bytes()?),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let missing = |key| DecodeError::new(DecodeErrorKind::MissingKey { key }, at);
        Ok(Self { index: index.ok_or_else(|| missing("idx"))?, uri: uri.ok_or_else(|| missing("uri"))?, certificate })
    }
}

impl<'a> Decode<'a> for IdentifierListInfo<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut id, mut uri, mut certificate): (Option<&[u8]>, _, _) = (None, None, None);
        reader.map(|reader, key| {
            match key {
                Key::Text("id") if reader.peek_type()? == Type::Text => {
                    reader.note(Deviation::TextIdentifier);
                    id = Some(reader.text()?.as_bytes());
                }
                Key::Text("id") => id = Some(reader.bytes()?),
                Key::Text("uri") => uri = Some(reader.text()?),
                Key::Text("certificate") => certificate = Some(reader.bytes()?),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let missing = |key| DecodeError::new(DecodeErrorKind::MissingKey { key }, at);
        Ok(Self { id: id.ok_or_else(|| missing("id"))?, uri: uri.ok_or_else(|| missing("uri"))?, certificate })
    }
}
