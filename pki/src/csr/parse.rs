//! The walk over a request.

use der::asn1::ObjectIdentifier;

use super::{
    CsrError, EXTENSION_REQUEST, Inner, MAX_ATTRIBUTE_VALUES, MAX_ATTRIBUTES, MAX_REQUEST_BYTES,
    MAX_REQUESTED_EXTENSIONS, RequestAttribute, RequestedExtension,
};
use crate::{
    asn1::{Tlv, Walk, tag},
    certificate::{Name, extension_fields},
    key::PublicKey,
};

/// `attributes [0] IMPLICIT SET OF Attribute`
const ATTRIBUTES: u8 = tag::context_constructed(0);

pub(super) fn parse(der: &[u8]) -> Result<Inner, CsrError> {
    if der.len() > MAX_REQUEST_BYTES {
        return Err(CsrError::TooLarge);
    }
    let mut request = Walk::only(der, tag::SEQUENCE)?.walk()?;
    let info = request.take(tag::SEQUENCE)?;
    let mut algorithm = request.take(tag::SEQUENCE)?.walk()?;
    let signature = request.take(tag::BIT_STRING)?.whole_bits()?;
    request.finish()?;

    let mut walk = info.walk()?;
    match walk.take(tag::INTEGER)?.small_integer()? {
        0 => {}
        version => return Err(CsrError::Version(version)),
    }
    let subject = Name::from_der(walk.take(tag::SEQUENCE)?.raw)?;
    let spki = walk.take(tag::SEQUENCE)?.raw;
    let attributes = read_attributes(walk.take(ATTRIBUTES)?)?;
    walk.finish()?;

    let signature_oid = algorithm.next()?.oid()?;
    let signature_has_parameters = !algorithm.is_finished();
    if signature_has_parameters {
        algorithm.next()?;
        algorithm.finish()?;
    }
    Ok(Inner {
        der: der.to_vec(),
        info: info.raw.to_vec(),
        subject,
        spki: spki.to_vec(),
        key: PublicKey::from_spki_der(spki),
        extensions: requested_extensions(&attributes)?,
        attributes,
        signature_oid,
        signature_has_parameters,
        signature: signature.to_vec(),
    })
}

fn read_attributes(set: Tlv<'_>) -> Result<Vec<RequestAttribute>, CsrError> {
    let elements = elements_of_set(set, MAX_ATTRIBUTES)?;
    let mut attributes: Vec<RequestAttribute> = Vec::with_capacity(elements.len());
    for element in elements {
        let mut fields = element.expect(tag::SEQUENCE)?.walk()?;
        let oid = fields.next()?.oid()?;
        let values = elements_of_set(fields.take(tag::SET)?, MAX_ATTRIBUTE_VALUES)?;
        fields.finish()?;
        if values.is_empty() || attributes.iter().any(|known| known.oid == oid) {
            return Err(CsrError::Attribute(oid));
        }
        attributes.push(RequestAttribute { oid, values: values.iter().map(|value| value.raw.to_vec()).collect() });
    }
    Ok(attributes)
}

/// The elements of a SET OF, which DER sorts by their encodings (X.690 11.6).
fn elements_of_set(set: Tlv<'_>, limit: usize) -> Result<Vec<Tlv<'_>>, CsrError> {
    let mut walk = set.walk()?;
    let mut elements: Vec<Tlv<'_>> = Vec::new();
    while !walk.is_finished() {
        if elements.len() == limit {
            return Err(CsrError::TooMany);
        }
        elements.push(walk.next()?);
    }
    if elements.is_sorted_by(|a, b| a.raw <= b.raw) { Ok(elements) } else { Err(CsrError::SetOrder) }
}

/// `ExtensionRequest ::= Extensions`, the one value of the attribute.
fn requested_extensions(attributes: &[RequestAttribute]) -> Result<Vec<RequestedExtension>, CsrError> {
    let Some(attribute) = attributes.iter().find(|attribute| attribute.oid == EXTENSION_REQUEST) else {
        return Ok(Vec::new());
    };
    let [value] = attribute.values.as_slice() else { return Err(CsrError::ExtensionRequests) };
    let mut list = Walk::only(value, tag::SEQUENCE)?.walk()?;
    let mut extensions: Vec<RequestedExtension> = Vec::new();
    while !list.is_finished() {
        let (oid, critical, value): (ObjectIdentifier, bool, &[u8]) = extension_fields(&mut list)?;
        if extensions.len() == MAX_REQUESTED_EXTENSIONS {
            return Err(CsrError::TooMany);
        }
        if extensions.iter().any(|known| known.oid == oid) {
            return Err(CsrError::DuplicateExtension(oid));
        }
        extensions.push(RequestedExtension { oid, critical, value: value.to_vec() });
    }
    Ok(extensions)
}
