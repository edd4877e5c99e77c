//! The walk over a certificate.
//!
//! ```text
//! Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm AlgorithmIdentifier, signature BIT STRING }
//! TBSCertificate ::= SEQUENCE { version [0] EXPLICIT INTEGER DEFAULT v1, serialNumber INTEGER,
//!     signature AlgorithmIdentifier, issuer Name, validity SEQUENCE { notBefore Time, notAfter Time }, subject Name,
//!     subjectPublicKeyInfo, issuerUniqueID [1] OPTIONAL, subjectUniqueID [2] OPTIONAL, extensions [3] EXPLICIT OPTIONAL }
//! ```

use std::sync::{Arc, OnceLock};

use der::asn1::ObjectIdentifier;

use super::{
    CertificateError, Inner, MAX_CERTIFICATE_BYTES, MAX_EXTENSIONS, Name,
    extension::{Contents, Extension},
};
use crate::asn1::{Asn1Error, SharedSlice, Span, Walk, parse_time, tag};

/// A buffer that is being walked over, and what its parts become.
struct Parts<'a> {
    der: &'a [u8],
    owner: Arc<[u8]>,
}

impl Parts<'_> {
    /// The place of a part.
    fn span(&self, part: &[u8]) -> Result<Span, CertificateError> {
        Span::within(self.der, part).ok_or(CertificateError::Der(Asn1Error::Malformed))
    }

    /// A part that lives on its own.
    fn share(&self, part: &[u8]) -> Result<SharedSlice, CertificateError> {
        self.span(part).map(|span| SharedSlice::new(&self.owner, span))
    }
}

pub(super) fn parse(der: &[u8]) -> Result<Inner, CertificateError> {
    if der.len() > MAX_CERTIFICATE_BYTES {
        return Err(CertificateError::TooLarge);
    }
    let parts = Parts { der, owner: der.into() };
    let mut certificate = Walk::only(der, tag::SEQUENCE)?.walk()?;
    let tbs = certificate.take(tag::SEQUENCE)?;
    let outer = certificate.take(tag::SEQUENCE)?;
    let signature = certificate.take(tag::BIT_STRING)?.whole_bits()?;
    certificate.finish()?;

    let mut walk = tbs.walk()?;
    let version = match walk.take_if(tag::context_constructed(0))? {
        Some(version) => Walk::only(version.value, tag::INTEGER)?.small_integer()?,
        None => 0,
    };
    if version > 2 {
        return Err(CertificateError::Version(version));
    }
    let serial = walk.take(tag::INTEGER)?.integer()?;
    let inner = walk.take(tag::SEQUENCE)?;
    let issuer = Name::from_slice(parts.share(walk.take(tag::SEQUENCE)?.raw)?)?;
    let mut validity = walk.take(tag::SEQUENCE)?.walk()?;
    let not_before = parse_time(&validity.next()?)?;
    let not_after = parse_time(&validity.next()?)?;
    validity.finish()?;
    let subject = Name::from_slice(parts.share(walk.take(tag::SEQUENCE)?.raw)?)?;
    let spki = walk.take(tag::SEQUENCE)?;
    walk.take_if(tag::context(1))?;
    walk.take_if(tag::context(2))?;
    let mut contents = Contents::default();
    let extensions = match walk.take_if(tag::context_constructed(3))? {
        Some(list) => {
            let list = Walk::only(list.value, tag::SEQUENCE)?.walk()?;
            parse_extensions(&parts, list, &mut contents)?
        }
        None => Vec::new(),
    };
    walk.finish()?;

    let mut algorithm = outer.walk()?;
    let signature_oid = algorithm.next()?.oid()?;
    Ok(Inner {
        version,
        tbs: parts.span(tbs.raw)?,
        serial: parts.span(serial)?,
        issuer,
        subject,
        not_before,
        not_after,
        spki: parts.span(spki.raw)?,
        key: OnceLock::new(),
        signature_oid,
        signature_has_parameters: !algorithm.is_finished(),
        signature_algorithms_agree: inner.raw == outer.raw,
        signature: parts.span(signature)?,
        extensions,
        contents,
        der: parts.owner,
    })
}

/// `Extension ::= SEQUENCE { extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }`
fn parse_extensions(
    parts: &Parts<'_>,
    mut list: Walk<'_>,
    contents: &mut Contents,
) -> Result<Vec<Extension>, CertificateError> {
    let mut extensions: Vec<Extension> = Vec::with_capacity(8);
    while !list.is_finished() {
        let (oid, critical, value) = extension_fields(&mut list)?;
        if extensions.len() == MAX_EXTENSIONS {
            return Err(CertificateError::TooManyExtensions);
        }
        if extensions.iter().any(|known| known.is(&oid)) {
            return Err(CertificateError::DuplicateExtension(oid));
        }
        let state = contents.read(&oid, value);
        extensions.push(Extension { oid, critical, value: parts.share(value)?, state });
    }
    Ok(extensions)
}

/// The next extension of a certificate, a CRL or a CRL entry: type, criticality, contents of `extnValue`.
pub(crate) fn extension_fields<'a>(list: &mut Walk<'a>) -> Result<(ObjectIdentifier, bool, &'a [u8]), Asn1Error> {
    let mut fields = list.take(tag::SEQUENCE)?.walk()?;
    let oid = fields.next()?.oid()?;
    // DER leaves FALSE out, but an explicit FALSE is common and says the same.
    let critical = fields.take_if(tag::BOOLEAN)?.map(|tlv| tlv.boolean()).transpose()?;
    let value = fields.take(tag::OCTET_STRING)?.value;
    fields.finish()?;
    Ok((oid, critical.unwrap_or(false), value))
}
