//! COSE headers (RFC 9052 3), read as far as mobile documents need them.

use super::{LABEL_ALG, LABEL_CRIT, LABEL_KID, LABEL_TYP, LABEL_X5CHAIN, LABEL_X5T};
use crate::Deviation;
use crate::cbor::{Decode, DecodeError, DecodeErrorKind, Key, Reader, Type};

/// The value of `alg`: a registered number or a private text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlgorithmId<'a> {
    /// A number of the IANA registry.
    Number(i64),
    /// A text; none is registered.
    Text(&'a str),
}

/// `x5chain = bstr / [2* bstr]` (RFC 9360 2): DER certificates, the signer first.
pub type CertificateChain<'a> = Vec<&'a [u8]>;

/// One header map. Unknown labels are kept as a count only; `crit` is kept whole, because an unknown critical label must
/// make the structure fail (RFC 9052 3.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers<'a> {
    /// `alg` (1).
    pub algorithm: Option<AlgorithmId<'a>>,
    /// `x5chain` (33); an empty array is an empty chain.
    pub chain: Option<CertificateChain<'a>>,
    /// Boxed, because most maps of a document have none of them and a response holds four maps.
    rare: Option<Box<Rare<'a>>>,
}

/// The parameters that few maps have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Rare<'a> {
    critical: Vec<Option<i64>>,
    key_id: Option<&'a [u8]>,
    content_type: Option<&'a str>,
    content_format: Option<u64>,
    thumbprint: Option<(i64, &'a [u8])>,
    others: usize,
}

impl<'a> Headers<'a> {
    /// True when the map is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.algorithm.is_none() && self.chain.is_none() && self.rare.is_none()
    }

    /// `crit` (2): the integer labels; `None` in the list stands for a label that is not an integer.
    #[must_use]
    pub fn critical(&self) -> &[Option<i64>] {
        self.rare.as_ref().map_or(&[], |rare| &rare.critical)
    }

    /// `kid` (4), where it is a byte string.
    #[must_use]
    pub fn key_id(&self) -> Option<&'a [u8]> {
        self.rare.as_ref()?.key_id
    }

    /// `typ` (16), where it is text.
    #[must_use]
    pub fn content_type(&self) -> Option<&'a str> {
        self.rare.as_ref()?.content_type
    }

    /// `typ` (16), where it is a CoAP content format number.
    #[must_use]
    pub fn content_format(&self) -> Option<u64> {
        self.rare.as_ref()?.content_format
    }

    /// `x5t` (34): hash algorithm number and hash.
    #[must_use]
    pub fn thumbprint(&self) -> Option<(i64, &'a [u8])> {
        self.rare.as_ref()?.thumbprint
    }

    /// How many other labels there are, a `kid` of another type among them.
    #[must_use]
    pub fn others(&self) -> usize {
        self.rare.as_ref().map_or(0, |rare| rare.others)
    }

    /// True when `crit` names a label this reader does not process.
    #[must_use]
    pub fn has_unknown_critical(&self) -> bool {
        let known = [LABEL_ALG, LABEL_CRIT, LABEL_KID, LABEL_TYP, LABEL_X5CHAIN, LABEL_X5T];
        self.critical().iter().any(|label| label.is_none_or(|label| !known.contains(&label)))
    }
}

impl<'a> Decode<'a> for Headers<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut headers = Self::default();
        reader.map(|reader, key| {
            match key.label() {
                Some(LABEL_ALG) => {
                    headers.algorithm = Some(match reader.peek_type()? {
                        Type::Text => AlgorithmId::Text(reader.text()?),
                        _ => AlgorithmId::Number(reader.integer()?),
                    });
                }
                Some(LABEL_X5CHAIN) => {
                    headers.chain = Some(chain(reader).map_err(|error| error.within("x5chain"))?);
                }
                _ => headers.rare.get_or_insert_default().read(reader, key)?,
            }
            Ok(())
        })?;
        Ok(headers)
    }
}

impl<'a> Rare<'a> {
    fn read(&mut self, reader: &mut Reader<'a>, key: Key<'a>) -> Result<(), DecodeError> {
        match key.label() {
            Some(LABEL_CRIT) => self.critical = critical(reader).map_err(|error| error.within("crit"))?,
            Some(LABEL_KID) if reader.peek_type()? == Type::Bytes => self.key_id = Some(reader.bytes()?),
            // RFC 9052 3.1 wants bytes. Some issuers write text; nothing here is decided by it.
            Some(LABEL_KID) => {
                self.others += 1;
                reader.note(Deviation::MalformedKeyId);
                reader.skip()?;
            }
            Some(LABEL_TYP) if reader.peek_type()? == Type::Unsigned => self.content_format = Some(reader.unsigned()?),
            Some(LABEL_TYP) => self.content_type = Some(reader.text()?),
            Some(LABEL_X5T) => self.thumbprint = Some(thumbprint(reader)?),
            _ if matches!(key, Key::Unsigned(_) | Key::Negative(_) | Key::Text(_)) => {
                self.others += 1;
                reader.skip()?;
            }
            _ => return Err(reader.error(DecodeErrorKind::InvalidValue { field: "header label" })),
        }
        Ok(())
    }
}

fn critical(reader: &mut Reader<'_>) -> Result<Vec<Option<i64>>, DecodeError> {
    let mut labels = Vec::new();
    reader.array(|reader, _| {
        labels.push(if reader.peek_type()? == Type::Text {
            reader.text()?;
            None
        } else {
            Some(reader.integer()?)
        });
        Ok(())
    })?;
    if labels.is_empty() { Err(reader.error(DecodeErrorKind::Empty)) } else { Ok(labels) }
}

fn thumbprint<'a>(reader: &mut Reader<'a>) -> Result<(i64, &'a [u8]), DecodeError> {
    let (mut algorithm, mut hash): (i64, &[u8]) = (0, &[]);
    reader.array_of(2, |reader, index| {
        if index == 0 {
            reader.integer().map(|value| algorithm = value)
        } else {
            reader.bytes().map(|value| hash = value)
        }
    })?;
    Ok((algorithm, hash))
}

fn chain<'a>(reader: &mut Reader<'a>) -> Result<CertificateChain<'a>, DecodeError> {
    if reader.peek_type()? == Type::Bytes {
        return Ok(vec![reader.bytes()?]);
    }
    let mut chain = Vec::new();
    reader.array(|reader, _| {
        chain.push(reader.bytes()?);
        Ok(())
    })?;
    if chain.len() == 1 {
        reader.note(Deviation::ChainArrayOfOne);
    }
    Ok(chain)
}
