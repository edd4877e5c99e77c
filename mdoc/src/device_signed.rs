//! DeviceSigned and DeviceAuthentication (ISO/IEC 18013-5 8.3.2.1.2.2, 9.1.3).

use crate::cbor::{Decode, DecodeError, DecodeErrorKind, Encoder, Key, Reader};
use crate::cose::{CoseMac0, CoseSign1};
use crate::issuer_signed::ElementValue;
use crate::transcript::SessionTranscript;
use crate::{Deviation, Raw, Tag24};

/// The device's part of a document.
///
/// ```cddl
/// DeviceSigned = { "nameSpaces": #6.24(bstr .cbor DeviceNameSpaces), "deviceAuth": DeviceAuth, * tstr => any }
/// DeviceNameSpaces = { * NameSpace => { + tstr => any } }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceSigned<'a> {
    /// Elements the device signs itself, with the bytes that are authenticated.
    pub name_spaces: Tag24<'a, DeviceNameSpaces<'a>>,
    /// The device's signature or MAC.
    pub device_auth: DeviceAuth<'a>,
}

/// Device-signed elements by namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceNameSpaces<'a>(Vec<(&'a str, Vec<(&'a str, ElementValue<'a>)>)>);

impl<'a> DeviceNameSpaces<'a> {
    /// Every element with its namespace.
    pub fn elements(&self) -> impl Iterator<Item = (&'a str, &'a str, ElementValue<'a>)> {
        self.0
            .iter()
            .flat_map(|(name_space, elements)| elements.iter().map(|(element, value)| (*name_space, *element, *value)))
    }

    /// True when the device signs no element.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// `DeviceAuth = { "deviceSignature": COSE_Sign1 // "deviceMac": COSE_Mac0, * tstr => any }`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeviceAuth<'a> {
    /// A signature with the device key (9.1.3.6).
    Signature(CoseSign1<'a>),
    /// A MAC with a key agreed between device key and reader key (9.1.3.5).
    Mac(CoseMac0<'a>),
}

/// DeviceAuthenticationBytes, the detached payload of both variants (9.1.3.4):
///
/// ```cddl
/// DeviceAuthentication = [ "DeviceAuthentication", SessionTranscript, DocType, DeviceNameSpacesBytes ]
/// DeviceAuthenticationBytes = #6.24(bstr .cbor DeviceAuthentication)
/// ```
///
/// `transcript` and `name_spaces` enter with their bytes as received.
#[must_use]
pub fn device_authentication_bytes(
    transcript: &Raw<'_, SessionTranscript<'_>>,
    doc_type: &str,
    device_name_spaces_bytes: &[u8],
) -> Vec<u8> {
    let length = transcript.bytes().len() + doc_type.len() + device_name_spaces_bytes.len() + 48;
    let mut array = Encoder::with_capacity(length);
    array.array(4).text("DeviceAuthentication").raw(transcript.bytes()).text(doc_type).raw(device_name_spaces_bytes);
    let mut encoder = Encoder::with_capacity(length + 8);
    encoder.embedded(array.as_bytes());
    encoder.into_bytes()
}

impl<'a> Decode<'a> for DeviceSigned<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut name_spaces, mut device_auth) = (None, None);
        reader.map(|reader, key| {
            match key {
                Key::Text("nameSpaces") => {
                    name_spaces = Some(reader.tag24().map_err(|error| error.within("nameSpaces"))?)
                }
                Key::Text("deviceAuth") => {
                    device_auth = Some(DeviceAuth::decode(reader).map_err(|error| error.within("deviceAuth"))?);
                }
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let missing = |key| DecodeError::new(DecodeErrorKind::MissingKey { key }, at);
        Ok(Self {
            name_spaces: name_spaces.ok_or_else(|| missing("nameSpaces"))?,
            device_auth: device_auth.ok_or_else(|| missing("deviceAuth"))?,
        })
    }
}

impl<'a> Decode<'a> for DeviceNameSpaces<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut name_spaces = Vec::new();
        reader.map(|reader, key| {
            let Key::Text(name_space) = key else {
                return Err(reader.error(DecodeErrorKind::InvalidValue { field: "namespace" }));
            };
            let mut elements = Vec::new();
            reader.map(|reader, key| {
                let Key::Text(element) = key else {
                    return Err(reader.error(DecodeErrorKind::InvalidValue { field: "element identifier" }));
                };
                elements.push((element, ElementValue::decode(reader)?));
                Ok(())
            })?;
            name_spaces.push((name_space, elements));
            Ok(())
        })?;
        Ok(Self(name_spaces))
    }
}

impl<'a> Decode<'a> for DeviceAuth<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut signature, mut mac) = (None, None);
        reader.map(|reader, key| {
            match key {
                // Some wallets write null for the variant they do not use.
                Key::Text("deviceSignature" | "deviceMac") if reader.take_null()? => {
                    reader.note(Deviation::NullForAbsent);
                }
                Key::Text("deviceSignature") => {
                    signature = Some(CoseSign1::decode(reader).map_err(|error| error.within("deviceSignature"))?);
                }
                Key::Text("deviceMac") => {
                    mac = Some(CoseMac0::decode(reader).map_err(|error| error.within("deviceMac"))?)
                }
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let (auth, tagged, unprotected_is_empty) = match (signature, mac) {
            (Some(signature), None) => {
                let (tagged, empty) = (signature.tagged, signature.unprotected.is_empty());
                (Self::Signature(signature), tagged, empty)
            }
            (None, Some(mac)) => {
                let (tagged, empty) = (mac.tagged, mac.unprotected.is_empty());
                (Self::Mac(mac), tagged, empty)
            }
            // Two proofs would leave open which of them counts.
            (Some(_), Some(_)) => {
                return Err(DecodeError::new(DecodeErrorKind::InvalidValue { field: "deviceAuth" }, at));
            }
            (None, None) => {
                let key = "deviceSignature or deviceMac";
                return Err(DecodeError::new(DecodeErrorKind::MissingKey { key }, at));
            }
        };
        if tagged {
            reader.note(Deviation::CoseTag);
        }
        if !unprotected_is_empty {
            reader.note(Deviation::DeviceUnprotectedHeader);
        }
        Ok(auth)
    }
}
