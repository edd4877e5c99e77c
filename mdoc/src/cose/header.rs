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
    /// `crit` (2): the integer labels; `None` in the list stands for a label that is not an integer.
    pub critical: Vec<Option<i64>>,
    /// `kid` (4), where it is a byte string.
    pub key_id: Option<&'a [u8]>,
    /// `typ` (16), where it is text.
    pub content_type: Option<&'a str>,
    /// `typ` (16), where it is a CoAP content format number.
    pub content_format: Option<u64>,
    /// `x5chain` (33); an empty array is an empty chain.
    pub chain: Option<CertificateChain<'a>>,
    /// `x5t` (34): hash algorithm number and hash.
    pub thumbprint: Option<(i64, &'a [u8])>,
    /// How many other labels there are, a `kid` of another type among them.
    pub others: usize,
}

impl Headers<'_> {
    /// True when the map is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// True when `crit` names a label this reader does not process.
    #[must_use]
    pub fn has_unknown_critical(&self) -> bool {
        let known = [LABEL_ALG, LABEL_CRIT, LABEL_KID, LABEL_TYP, LABEL_X5CHAIN, LABEL_X5T];
        self.critical.iter().any(|label| label.is_none_or(|label| !known.contains(&label)))
    }
}

impl<'a> Decode<'a> for Headers<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut headers = Self::default();
        reader.map(|reader, key| match key.label() {
            Some(LABEL_ALG) => {
                headers.algorithm = Some(match reader.peek_type()? {
                    Type::Text => AlgorithmId::Text(reader.text()?),
                    _ => AlgorithmId::Number(reader.integer()?),
                });
                Ok(())
            }
            Some(LABEL_CRIT) => {
                let count = reader.array(|reader, _| {
                    let label = if reader.peek_type()? == Type::Text {
                        reader.text()?;
                        None
                    } else {
                        Some(reader.integer()?)
                    };
                    headers.critical.push(label);
                    Ok(())
                })?;
                if count == 0 { Err(reader.error(DecodeErrorKind::Empty).within("crit")) } else { Ok(()) }
            }
            Some(LABEL_KID) => {
                if reader.peek_type()? == Type::Bytes {
                    headers.key_id = Some(reader.bytes()?);
                    return Ok(());
                }
                headers.others += 1;
                reader.note(Deviation::MalformedKeyId);
                reader.skip()
            }
            Some(LABEL_TYP) => match reader.peek_type()? {
                Type::Unsigned => {
                    headers.content_format = Some(reader.unsigned()?);
                    Ok(())
                }
                _ => {
                    headers.content_type = Some(reader.text()?);
                    Ok(())
                }
            },
            Some(LABEL_X5CHAIN) => {
                headers.chain = Some(chain(reader).map_err(|error| error.within("x5chain"))?);
                Ok(())
            }
            Some(LABEL_X5T) => {
                let (mut algorithm, mut hash): (i64, &[u8]) = (0, &[]);
                reader.array_of(2, |reader, index| {
                    if index == 0 {
                        reader.integer().map(|value| algorithm = value)
                    } else {
                        reader.bytes().map(|value| hash = value)
                    }
                })?;
                headers.thumbprint = Some((algorithm, hash));
                Ok(())
            }
            _ => {
                headers.others += 1;
                match key {
                    Key::Unsigned(_) | Key::Negative(_) | Key::Text(_) => reader.skip(),
                    _ => Err(reader.error(DecodeErrorKind::InvalidValue { field: "header label" })),
                }
            }
        })?;
        Ok(headers)
    }
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
