//! Identifier lists: the revoked ones by name (ISO/IEC 18013-5 12.3.6.4).

use tegata_mdoc::cbor::{DecodeError, DecodeErrorKind, Encoder, Key, Reader};

use crate::token::sealed::Content;

/// The identifiers of all revoked documents of a publisher.
///
/// ```cddl
/// IdentifierList = { "identifiers": { * bstr => { * label => any } }, ? "aggregation_uri": tstr, * tstr => any }
/// ```
///
/// An identifier that is listed is revoked, one that is not is not; what its map holds is for future use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdentifierList {
    /// Sorted.
    identifiers: Vec<Vec<u8>>,
    aggregation_uri: Option<String>,
}

impl IdentifierList {
    /// A list of the given identifiers; repeated ones count once.
    #[must_use]
    pub fn new(identifiers: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let mut identifiers: Vec<_> = identifiers.into_iter().collect();
        identifiers.sort_unstable();
        identifiers.dedup();
        Self { identifiers, aggregation_uri: None }
    }

    /// Names the place that lists all lists of the publisher.
    #[must_use]
    pub fn with_aggregation_uri(mut self, uri: impl Into<String>) -> Self {
        self.aggregation_uri = Some(uri.into());
        self
    }

    /// The identifiers, in bytewise order.
    pub fn identifiers(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.identifiers.iter().map(Vec::as_slice)
    }

    /// Where the publisher's lists are listed.
    #[must_use]
    pub fn aggregation_uri(&self) -> Option<&str> {
        self.aggregation_uri.as_deref()
    }

    pub(crate) fn contains(&self, identifier: &[u8]) -> bool {
        self.identifiers.binary_search_by(|listed| listed.as_slice().cmp(identifier)).is_ok()
    }
}

impl Content for IdentifierList {
    const CWT_CLAIM: i64 = 65530;
    const CWT_TYPE: &'static str = "application/identifierlist+cwt";
    const CWT_SHORT_TYPE: &'static str = "identifierlist+cwt";

    fn decode_cbor(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut identifiers, mut aggregation_uri) = (None, None);
        reader.map(|reader, key| {
            match key {
                Key::Text("identifiers") => identifiers = Some(decode_identifiers(reader)?),
                Key::Text("aggregation_uri") => aggregation_uri = Some(reader.text()?.to_owned()),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let missing = DecodeErrorKind::MissingKey { key: "identifiers" };
        let identifiers = identifiers.ok_or_else(|| DecodeError::new(missing, at))?;
        Ok(Self { aggregation_uri, ..Self::new(identifiers) })
    }

    fn encode_cbor(&self, encoder: &mut Encoder) {
        encoder.map(1 + usize::from(self.aggregation_uri.is_some()));
        encoder.text("identifiers").map(self.identifiers.len());
        for identifier in &self.identifiers {
            encoder.bytes(identifier).map(0);
        }
        if let Some(uri) = &self.aggregation_uri {
            encoder.text("aggregation_uri").text(uri);
        }
    }
}

fn decode_identifiers(reader: &mut Reader<'_>) -> Result<Vec<Vec<u8>>, DecodeError> {
    let mut identifiers = Vec::new();
    reader.map(|reader, key| {
        let Key::Bytes(identifier) = key else {
            return Err(reader.error(DecodeErrorKind::InvalidValue { field: "identifier" }));
        };
        identifiers.push(identifier.to_vec());
        reader.map(|reader, _| reader.skip()).map(|_| ())
    })?;
    Ok(identifiers)
}
