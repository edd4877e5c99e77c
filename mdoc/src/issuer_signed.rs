//! IssuerSigned and its items (ISO/IEC 18013-5 8.3.2.1.2.2, 9.1.2.4, 9.1.2.5).

use crate::cbor::{Decode, DecodeError, DecodeErrorKind, Encoder, Key, Reader, Type, Value};
use crate::cose::CoseSign1;
use crate::mso::MobileSecurityObject;
use crate::{Deviation, Deviations, Raw, Tag24};

/// The issuer's part of a document: salted items and the signed Mobile Security Object.
///
/// ```cddl
/// IssuerSigned = {
///   ? "nameSpaces": { + NameSpace => [ + IssuerSignedItemBytes ] },
///   "issuerAuth": COSE_Sign1,            ; payload = encoded #6.24(bstr .cbor MobileSecurityObject)
///   * tstr => any }
/// IssuerSignedItemBytes = #6.24(bstr .cbor IssuerSignedItem)
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct IssuerSigned<'a> {
    /// The disclosed items by namespace, in the order received. Empty when the key is absent.
    pub name_spaces: Vec<NameSpaceItems<'a>>,
    /// The issuer's COSE_Sign1.
    pub issuer_auth: CoseSign1<'a>,
}

/// The items of one namespace.
#[derive(Clone, Debug, PartialEq)]
pub struct NameSpaceItems<'a> {
    /// The namespace.
    pub name_space: &'a str,
    /// Its items, each with its bytes as received: what the digest is computed over.
    pub items: Vec<Tag24<'a, IssuerSignedItem<'a>>>,
}

impl<'a> IssuerSigned<'a> {
    /// The Mobile Security Object in the payload, and the deviations met in it.
    ///
    /// # Errors
    /// When the payload is detached, not `#6.24(bstr)`, or not an MSO. An MSO directly in the payload, without tag 24,
    /// is read and noted.
    pub fn mobile_security_object(&self) -> Result<(Raw<'a, MobileSecurityObject<'a>>, Deviations), DecodeError> {
        let payload = self.issuer_auth.payload.unwrap_or_default();
        let mut reader = Reader::new(payload, crate::cbor::Limits::DOCUMENT)?;
        if !payload.is_empty() && reader.peek_type()? == Type::Map {
            reader.note(Deviation::PayloadNotEmbedded);
            let mso = reader.raw()?;
            reader.finish()?;
            return Ok((mso, reader.deviations()));
        }
        let embedded = reader.tag24::<MobileSecurityObject<'a>>()?;
        reader.finish()?;
        Ok((embedded.into_raw(), reader.deviations()))
    }

    /// Every item with its namespace.
    pub fn items(&self) -> impl Iterator<Item = (&'a str, &Tag24<'a, IssuerSignedItem<'a>>)> {
        self.name_spaces.iter().flat_map(|entry| entry.items.iter().map(|item| (entry.name_space, item)))
    }
}

impl<'a> Decode<'a> for IssuerSigned<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut name_spaces, mut issuer_auth) = (Vec::new(), None);
        reader.map(|reader, key| {
            match key {
                Key::Text("nameSpaces") if reader.take_null()? => reader.note(Deviation::NullForAbsent),
                Key::Text("nameSpaces") => {
                    name_spaces = read_name_spaces(reader).map_err(|error| error.within("nameSpaces"))?
                }
                Key::Text("issuerAuth") => {
                    let sign1 = CoseSign1::decode(reader).map_err(|error| error.within("issuerAuth"))?;
                    crate::cose::note_issuer_auth_deviations(reader, &sign1);
                    issuer_auth = Some(sign1);
                }
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let missing = DecodeErrorKind::MissingKey { key: "issuerAuth" };
        Ok(Self { name_spaces, issuer_auth: issuer_auth.ok_or_else(|| DecodeError::new(missing, at))? })
    }
}

fn read_name_spaces<'a>(reader: &mut Reader<'a>) -> Result<Vec<NameSpaceItems<'a>>, DecodeError> {
    let mut name_spaces = Vec::new();
    let count = reader.map(|reader, key| {
        let Key::Text(name_space) = key else {
            return Err(reader.error(DecodeErrorKind::InvalidValue { field: "namespace" }));
        };
        let mut items = Vec::with_capacity(reader.announced());
        if reader.array(|reader, _| {
            items.push(reader.tag24()?);
            Ok(())
        })? == 0
        {
            reader.note(Deviation::EmptyNameSpace);
        }
        name_spaces.push(NameSpaceItems { name_space, items });
        Ok(())
    })?;
    if count == 0 {
        reader.note(Deviation::EmptyNameSpace);
    }
    Ok(name_spaces)
}

/// One salted element.
///
/// ```cddl
/// IssuerSignedItem = { "digestID": uint, "random": bstr, "elementIdentifier": tstr, "elementValue": any, * tstr => any }
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IssuerSignedItem<'a> {
    /// Key of the digest in the MSO; smaller than 2^31.
    pub digest_id: u64,
    /// The salt, at least 16 bytes.
    pub random: &'a [u8],
    /// Name of the element.
    pub element_identifier: &'a str,
    /// Value of the element, as encoded.
    pub element_value: ElementValue<'a>,
}

impl IssuerSignedItem<'_> {
    /// Encodes `#6.24(bstr .cbor IssuerSignedItem)` with the keys in the order of the standard's examples: digestID,
    /// random, elementIdentifier, elementValue. `element_value` is one encoded item.
    pub fn encode(
        encoder: &mut Encoder,
        digest_id: u64,
        random: &[u8],
        element_identifier: &str,
        element_value: &[u8],
    ) {
        let mut item = Encoder::with_capacity(element_value.len() + random.len() + element_identifier.len() + 72);
        item.map(4).text("digestID").unsigned(digest_id).text("random").bytes(random);
        item.text("elementIdentifier").text(element_identifier).text("elementValue").raw(element_value);
        encoder.embedded(item.as_bytes());
    }
}

impl<'a> Decode<'a> for IssuerSignedItem<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let start = reader.mark();
        let item = match read_usual_item(reader) {
            Some(item) => item,
            None => {
                reader.rewind(start);
                read_item(reader)?
            }
        };
        if item.digest_id >= 1 << 31 {
            reader.note(Deviation::LargeDigestId);
        }
        if item.random.len() < 16 {
            reader.note(Deviation::ShortRandom);
        }
        Ok(item)
    }
}

/// Reads an item as nearly every issuer writes it: a map of the four keys and no other, in the order of the standard's
/// examples. A verification spends most of its time here. For anything else gives `None`, at any position: [`read_item`]
/// judges then.
fn read_usual_item<'a>(reader: &mut Reader<'a>) -> Option<IssuerSignedItem<'a>> {
    reader.literal(b"\xa4")?;
    let item = reader.tagged(|reader| Ok(read_usual_pairs(reader)));
    item.ok().flatten()
}

fn read_usual_pairs<'a>(reader: &mut Reader<'a>) -> Option<IssuerSignedItem<'a>> {
    reader.literal(b"\x68digestID")?;
    let digest_id = reader.unsigned().ok()?;
    reader.literal(b"\x66random")?;
    let random = reader.bytes().ok()?;
    reader.literal(b"\x71elementIdentifier")?;
    let element_identifier = reader.text().ok()?;
    reader.literal(b"\x6celementValue")?;
    let element_value = ElementValue(reader.item().ok()?);
    Some(IssuerSignedItem { digest_id, random, element_identifier, element_value })
}

/// Reads an item of any form.
fn read_item<'a>(reader: &mut Reader<'a>) -> Result<IssuerSignedItem<'a>, DecodeError> {
    let at = reader.offset();
    let (mut digest_id, mut random, mut element_identifier, mut element_value) = (None, None, None, None);
    reader.map(|reader, key| {
        match key {
            Key::Text("digestID") => digest_id = Some(reader.unsigned()?),
            Key::Text("random") => random = Some(reader.bytes()?),
            Key::Text("elementIdentifier") => element_identifier = Some(reader.text()?),
            Key::Text("elementValue") => element_value = Some(ElementValue(reader.item()?)),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    let missing = |key| DecodeError::new(DecodeErrorKind::MissingKey { key }, at);
    Ok(IssuerSignedItem {
        digest_id: digest_id.ok_or_else(|| missing("digestID"))?,
        random: random.ok_or_else(|| missing("random"))?,
        element_identifier: element_identifier.ok_or_else(|| missing("elementIdentifier"))?,
        element_value: element_value.ok_or_else(|| missing("elementValue"))?,
    })
}

/// The encoded value of an element: one well-formed item without duplicate keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ElementValue<'a>(&'a [u8]);

impl<'a> ElementValue<'a> {
    /// The bytes as received.
    #[must_use]
    pub fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// The value, borrowed from the bytes.
    ///
    /// # Errors
    /// Never for a value that came out of a decoder, which has checked it.
    pub fn value(self) -> Result<Value<'a>, DecodeError> {
        Ok(crate::cbor::decode::<Value<'a>>(self.0)?.0.into_value())
    }
}

impl<'a> Decode<'a> for ElementValue<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.item().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cbor::Limits;

    const PAIRS: [&[u8]; 4] = [
        b"\x68digestID\x07",
        b"\x66random\x50\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f",
        b"\x71elementIdentifier\x63sex",
        b"\x6celementValue\x82\x01\xa1\x01\x02",
    ];

    fn reader(bytes: &[u8]) -> Reader<'_> {
        Reader::new(bytes, Limits { items: 30, ..Limits::DOCUMENT }).unwrap()
    }

    /// Whether the short way was taken; where it was, both ways give the same item, budget and deviations.
    fn is_usual(bytes: &[u8]) -> bool {
        let (mut short, mut long) = (reader(bytes), reader(bytes));
        let Some(item) = read_usual_item(&mut short) else { return false };
        assert_eq!(Ok(item), read_item(&mut long));
        assert_eq!(format!("{short:?}"), format!("{long:?}"));
        true
    }

    #[test]
    fn both_ways_agree_in_every_order() {
        for choice in 0..256_usize {
            let chosen = [choice & 3, choice >> 2 & 3, choice >> 4 & 3, choice >> 6];
            let pairs: Vec<u8> = chosen.iter().flat_map(|index| PAIRS[*index]).copied().collect();
            let bytes = [b"\xa4", pairs.as_slice()].concat();
            assert_eq!(is_usual(&bytes), chosen == [0, 1, 2, 3]);
            assert_eq!(IssuerSignedItem::decode(&mut reader(&bytes)), read_item(&mut reader(&bytes)));
        }
    }

    #[test]
    fn anything_else_is_left_to_the_general_way() {
        let [id, random, name, value] = PAIRS;
        let long_head = b"\x78\x08digestID\x07".as_slice();
        let ill_typed = b"\x68digestID\x61x".as_slice();
        let cases = [
            [b"\xa5", id, random, name, value, b"\x61x\x01"].concat(),
            [b"\xa4", long_head, random, name, value].concat(),
            [b"\xbf", id, random, name, value, b"\xff"].concat(),
            [b"\xa4", ill_typed, random, name, value].concat(),
            [b"\xa4", id, random, name].concat(),
            [b"\xa5", id, random, name, value, long_head].concat(),
        ];
        for bytes in cases {
            assert!(!is_usual(&bytes));
            let (mut decoded, mut general) = (reader(&bytes), reader(&bytes));
            assert_eq!(IssuerSignedItem::decode(&mut decoded), read_item(&mut general));
            assert_eq!(format!("{decoded:?}"), format!("{general:?}"));
        }
    }
}
