//! Writing DER: constructed values are written inside out by closures, lengths are patched in when they close.

use der::asn1::ObjectIdentifier;

use super::tag;

/// A growing DER value.
#[derive(Clone, Debug, Default)]
pub(crate) struct DerWriter(Vec<u8>);

impl DerWriter {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// An element with these contents.
    pub(crate) fn element(&mut self, tag: u8, contents: &[u8]) -> &mut Self {
        self.0.push(tag);
        self.length(contents.len());
        self.raw(contents)
    }

    /// An element whose contents `write` writes.
    pub(crate) fn nested(&mut self, tag: u8, write: impl FnOnce(&mut Self)) -> &mut Self {
        let mut inner = Self::new();
        write(&mut inner);
        self.element(tag, &inner.0)
    }

    pub(crate) fn sequence(&mut self, write: impl FnOnce(&mut Self)) -> &mut Self {
        self.nested(tag::SEQUENCE, write)
    }

    /// Bytes that are DER already.
    pub(crate) fn raw(&mut self, der: &[u8]) -> &mut Self {
        self.0.extend_from_slice(der);
        self
    }

    pub(crate) fn oid(&mut self, oid: &ObjectIdentifier) -> &mut Self {
        self.element(tag::OID, oid.as_bytes())
    }

    pub(crate) fn boolean(&mut self, value: bool) -> &mut Self {
        self.element(tag::BOOLEAN, &[if value { 0xFF } else { 0x00 }])
    }

    /// A not negative INTEGER from its big-endian magnitude.
    pub(crate) fn unsigned(&mut self, magnitude: &[u8]) -> &mut Self {
        let zeros = magnitude.iter().take_while(|b| **b == 0).count();
        let digits = magnitude.get(zeros..).unwrap_or_default();
        match digits.first() {
            None => self.element(tag::INTEGER, &[0]),
            Some(first) if first & 0x80 != 0 => {
                let padded: Vec<u8> = core::iter::once(0).chain(digits.iter().copied()).collect();
                self.element(tag::INTEGER, &padded)
            }
            Some(_) => self.element(tag::INTEGER, digits),
        }
    }

    /// A BIT STRING of whole octets.
    pub(crate) fn bits(&mut self, octets: &[u8]) -> &mut Self {
        self.nested(tag::BIT_STRING, |w| {
            w.raw(&[0]).raw(octets);
        })
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }

    /// The shortest definite length (X.690 10.1).
    fn length(&mut self, length: usize) {
        match u8::try_from(length) {
            Ok(short @ 0..=0x7F) => self.0.push(short),
            _ => {
                let bytes = length.to_be_bytes();
                let zeros = bytes.iter().take_while(|b| **b == 0).count();
                let digits = bytes.get(zeros..).unwrap_or_default();
                // A usize has at most 8 octets, so the count fits beside the flag bit.
                self.0.push(0x80 | u8::try_from(digits.len()).unwrap_or(8));
                self.0.extend_from_slice(digits);
            }
        }
    }
}
