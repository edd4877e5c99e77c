//! Reading files of one expected kind.

use std::path::Path;

use tegata_pki::{Certificate, CertificationRequest, Crl, InspectedCrl, OwnedCrl, PublicKey};
use tegata_terminal::Lang;

use crate::failure::{Expected, Failure};
use crate::input::Input;
use crate::key::public_key_of;
use crate::recognise::{FileKind, recognise};

/// Every certificate of a file: PEM with any number of them, or one in DER.
pub(crate) fn certificates(path: &Path, lang: Lang) -> Result<Vec<Certificate>, Failure> {
    certificates_of_input(&Input::read(path)?, lang)
}

/// Every certificate of an input that was read.
pub(crate) fn certificates_of_input(input: &Input, lang: Lang) -> Result<Vec<Certificate>, Failure> {
    if recognise(input) != FileKind::Certificate && !is_der_sequence(input) {
        return Err(wrong_kind(input, Expected::Certificate, lang));
    }
    let certificates = if input.is_pem() {
        Certificate::chain_from_pem(&input.bytes)
    } else {
        Certificate::from_der(&input.bytes).map(|certificate| vec![certificate])
    };
    certificates.map_err(|error| malformed(input, Expected::Certificate, error.id(), &error))
}

/// The one certificate of a file.
pub(crate) fn certificate(path: &Path, lang: Lang) -> Result<Certificate, Failure> {
    match certificates(path, lang)?.as_slice() {
        [certificate] => Ok(certificate.clone()),
        several => Err(Failure::Malformed {
            file: path.to_owned(),
            expected: Expected::Certificate,
            id: "certificate-count",
            detail: crate::message::failure::certificate_count(lang, several.len()),
        }),
    }
}

/// Every CRL of a file: PEM with any number of them, or one in DER.
pub(crate) fn crls(path: &Path, lang: Lang) -> Result<Vec<OwnedCrl>, Failure> {
    crls_of_input(&Input::read(path)?, lang)
}

/// Every CRL of an input that was read.
pub(crate) fn crls_of_input(input: &Input, lang: Lang) -> Result<Vec<OwnedCrl>, Failure> {
    if recognise(input) != FileKind::Crl && !is_der_sequence(input) {
        return Err(wrong_kind(input, Expected::Crl, lang));
    }
    let crls = if input.is_pem() {
        pem_blocks(input, "X509 CRL").map(|block| Crl::from_pem(block.as_bytes())).collect()
    } else {
        Crl::from_der(&input.bytes).map(|crl| vec![crl.into_owned()])
    };
    crls.map_err(|error| malformed(input, Expected::Crl, error.id(), &error))
}

/// Every CRL of an input that was read, for showing.
pub(crate) fn inspected_crls(input: &Input, lang: Lang) -> Result<Vec<InspectedCrl>, Failure> {
    if recognise(input) != FileKind::Crl {
        return Err(wrong_kind(input, Expected::Crl, lang));
    }
    let crls = if input.is_pem() {
        pem_blocks(input, "X509 CRL").map(|block| InspectedCrl::from_pem(block.as_bytes())).collect()
    } else {
        InspectedCrl::from_der(&input.bytes).map(|crl| vec![crl])
    };
    crls.map_err(|error| malformed(input, Expected::Crl, error.id(), &error))
}

/// A certification request: PEM or DER.
pub(crate) fn certification_request(path: &Path, lang: Lang) -> Result<CertificationRequest, Failure> {
    certification_request_of_input(&Input::read(path)?, lang)
}

/// The certification request of an input that was read.
pub(crate) fn certification_request_of_input(input: &Input, lang: Lang) -> Result<CertificationRequest, Failure> {
    if recognise(input) != FileKind::CertificationRequest && !is_der_sequence(input) {
        return Err(wrong_kind(input, Expected::Csr, lang));
    }
    let read = if input.is_pem() { CertificationRequest::from_pem } else { CertificationRequest::from_der };
    read(&input.bytes).map_err(|error| malformed(input, Expected::Csr, error.id(), &error))
}

/// A public key: PEM, JWK or COSE_Key.
pub(crate) fn public_key(path: &Path, lang: Lang) -> Result<PublicKey, Failure> {
    public_key_of_input(&Input::read(path)?, lang)
}

/// The public key of an input that was read.
pub(crate) fn public_key_of_input(input: &Input, lang: Lang) -> Result<PublicKey, Failure> {
    use tegata_mdoc::kind::Kind;
    let wrong = || wrong_kind(input, Expected::PublicKey, lang);
    let failed = |error: tegata_pki::KeyError| malformed(input, Expected::PublicKey, error.id(), &error);
    match recognise(input) {
        FileKind::PublicKey if input.is_pem() => PublicKey::from_pem(input.text().ok_or_else(wrong)?).map_err(failed),
        FileKind::PublicKey => PublicKey::from_spki_der(&input.bytes).map_err(failed),
        FileKind::Jwk => PublicKey::from_jwk(input.text().ok_or_else(wrong)?).map_err(failed),
        FileKind::Cbor(Kind::CoseKey) => {
            let decoded = tegata_mdoc::cbor::decode::<tegata_mdoc::cose::CoseKey<'_>>(&input.bytes);
            let (key, _) = decoded.map_err(|error| malformed(input, Expected::PublicKey, error.id(), &error))?;
            public_key_of(key.value()).map_err(failed)
        }
        _ => Err(wrong()),
    }
}

/// A failure that names what the file holds instead.
pub(crate) fn wrong_kind(input: &Input, expected: Expected, lang: Lang) -> Failure {
    Failure::WrongKind { file: input.path.clone(), expected, found: recognise(input).name(lang) }
}

/// A failure of a decoder.
pub(crate) fn malformed(
    input: &Input,
    expected: Expected,
    id: &'static str,
    detail: &dyn std::fmt::Display,
) -> Failure {
    Failure::Malformed { file: input.path.clone(), expected, id, detail: detail.to_string() }
}

/// A damaged certificate or CRL is still no other kind of file.
fn is_der_sequence(input: &Input) -> bool {
    recognise(input) == FileKind::OtherDer
}

/// The PEM blocks with that label, each from its first to its last line.
fn pem_blocks<'i>(input: &'i Input, label: &str) -> impl Iterator<Item = &'i str> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let mut rest = input.text().unwrap_or_default();
    std::iter::from_fn(move || {
        let start = rest.find(&begin)?;
        let from_start = rest.get(start..)?;
        let length = from_start.find(&end).map_or(from_start.len(), |at| at + end.len());
        let block = from_start.get(..length)?;
        rest = from_start.get(length..)?;
        Some(block)
    })
}
