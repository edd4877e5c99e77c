//! Certification requests (PKCS #10): made here and read by openssl, made by openssl and read here, and what is refused.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use proptest::prelude::*;
use support::pki::{OpenSsl, key, name};
use tegata_pki::{
    CertificationRequest, CertificationRequestBuilder, CsrError, Curve, Hash, KeyError, SignatureAlgorithm,
    SignatureError, VerifiedRequest, csr, oid, rust_crypto, software::InsecureSoftwareKey,
};

const SIGNING: [Curve; 6] =
    [Curve::P256, Curve::P384, Curve::P521, Curve::BrainpoolP256r1, Curve::BrainpoolP384r1, Curve::Ed25519];

fn request(key: &InsecureSoftwareKey) -> VerifiedRequest {
    let builder = CertificationRequestBuilder::new(name("UT", "Utopia DS 1"), key.public_key().clone());
    let unsigned = builder.build().unwrap();
    assert_eq!(unsigned.signer(), key.public_key());
    let signature = key.sign(unsigned.algorithm(), unsigned.tbs()).unwrap().to_der(key.curve());
    unsigned.complete(&signature, rust_crypto()).unwrap()
}

#[test]
fn openssl_verifies_what_is_built_on_every_curve() {
    let openssl = OpenSsl::new("csr-built");
    for curve in SIGNING {
        let key = key(curve);
        let made = request(&key);
        for provider in support::providers() {
            assert_eq!(made.request().verify(provider).unwrap().public_key(), key.public_key());
        }
        let read = CertificationRequest::from_pem(made.request().to_pem().as_bytes()).unwrap();
        assert_eq!(&read, made.request());
        assert_eq!(read.subject(), &name("UT", "Utopia DS 1"));
        assert!(read.attributes().is_empty() && read.requested_extensions().is_empty());
        let Some(openssl) = &openssl else { continue };
        openssl.write("request.pem", read.to_pem());
        let (ok, text) = openssl.run("req -in request.pem -noout -verify -text");
        assert!(ok && text.contains("verify OK"), "{curve}: {text}");
        assert!(text.contains("C = UT, CN = Utopia DS 1") && text.contains("Version: 1"), "{text}");
    }
}

#[test]
fn requests_of_openssl_are_read_on_every_curve() {
    let Some(openssl) = OpenSsl::new("csr-read") else { return };
    for curve in SIGNING {
        let kind = match curve {
            Curve::Ed25519 => "-newkey ed25519".to_owned(),
            Curve::P256 => "-newkey ec -pkeyopt ec_paramgen_curve:P-256".to_owned(),
            Curve::P384 => "-newkey ec -pkeyopt ec_paramgen_curve:P-384 -sha384".to_owned(),
            Curve::P521 => "-newkey ec -pkeyopt ec_paramgen_curve:P-521 -sha512".to_owned(),
            brainpool => format!("-newkey ec -pkeyopt ec_paramgen_curve:{brainpool}"),
        };
        let tail = "-nodes -keyout key.pem -subj /C=UT/O=Utopia/CN=DS -addext keyUsage=critical,digitalSignature \
                    -addext subjectKeyIdentifier=hash -out request.pem";
        let (ok, text) = openssl.run(&format!("req -new {kind} {tail}"));
        assert!(ok, "{curve}: {text}");
        let pem = std::fs::read(openssl.0.join("request.pem")).unwrap();
        let read = CertificationRequest::from_pem(&pem).unwrap();
        let verified = read.verify(rust_crypto()).unwrap();
        assert_eq!(verified.public_key().curve(), curve);
        let own = InsecureSoftwareKey::from_pkcs8_pem(&std::fs::read_to_string(openssl.0.join("key.pem")).unwrap());
        assert_eq!(verified.public_key(), own.unwrap().public_key());
        assert_eq!(verified.subject().to_string(), "CN=DS,O=Utopia,C=UT");
        let wishes: Vec<_> = read.requested_extensions().iter().map(|wish| (wish.oid(), wish.is_critical())).collect();
        assert_eq!(wishes, [(oid::KEY_USAGE, true), (oid::SUBJECT_KEY_IDENTIFIER, false)]);
        assert_eq!(read.requested_extensions()[0].value(), [3, 2, 7, 0x80]);
        assert_eq!(read.attributes()[0].oid(), csr::EXTENSION_REQUEST);
        let old = String::from_utf8(pem).unwrap().replace("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST");
        assert_eq!(CertificationRequest::from_pem(old.as_bytes()).unwrap(), read);
    }
}

#[test]
fn an_rsa_request_is_shown_but_proves_nothing() {
    let Some(openssl) = OpenSsl::new("csr-rsa") else { return };
    let (ok, text) = openssl.run("req -new -newkey rsa:2048 -nodes -keyout key.pem -subj /CN=RSA -out request.pem");
    assert!(ok, "{text}");
    let read = CertificationRequest::from_pem(&std::fs::read(openssl.0.join("request.pem")).unwrap()).unwrap();
    assert_eq!(read.subject().common_name().as_deref(), Some("RSA"));
    assert_eq!(read.signature_algorithm(), None);
    let error = read.verify(rust_crypto()).unwrap_err();
    assert!(matches!(error, CsrError::Key(KeyError::UnsupportedAlgorithm(_))), "{error}");
    assert_eq!(error.id(), "csr-key");
}

#[test]
fn a_signature_of_another_key_is_refused() {
    let (own, other) = (key(Curve::P256), key(Curve::P256));
    let builder = CertificationRequestBuilder::new(name("UT", "DS"), own.public_key().clone());
    let unsigned = builder.build().unwrap();
    let signature = other.sign(unsigned.algorithm(), unsigned.tbs()).unwrap().to_der(Curve::P256);
    let error = unsigned.complete(&signature, rust_crypto()).unwrap_err();
    assert_eq!(error, CsrError::Signature(SignatureError::Mismatch));
    assert!(!error.remedy().is_empty() && !error.remedy_ja().is_ascii());
}

#[test]
fn a_key_that_does_not_sign_cannot_ask() {
    let x25519 = key(Curve::X25519);
    let error = CertificationRequestBuilder::new(name("UT", "DS"), x25519.public_key().clone()).build().unwrap_err();
    assert_eq!(error, CsrError::Key(KeyError::WrongUse(Curve::X25519)));
}

/// Wraps DER contents in a tag and the shortest length.
fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    let octets = contents.len().to_be_bytes();
    let digits = &octets[octets.iter().take_while(|octet| **octet == 0).count()..];
    let mut der = vec![tag];
    match digits {
        [] => der.push(0),
        [short @ 0..128] => der.push(*short),
        long => {
            der.push(0x80 | u8::try_from(long.len()).unwrap());
            der.extend_from_slice(long);
        }
    }
    der.extend_from_slice(contents);
    der
}

/// A request that is signed, with these version octets, attributes and algorithm parameters.
fn forged(version: &[u8], attributes: &[u8], parameters: &[u8]) -> Vec<u8> {
    let key = key(Curve::P256);
    let subject = name("UT", "DS");
    let info = [&tlv(2, version), subject.der(), &key.public_key().to_spki_der(), &tlv(0xA0, attributes)].concat();
    let info = tlv(0x30, &info);
    let algorithm = SignatureAlgorithm::Ecdsa(Hash::Sha256);
    let signature = key.sign(algorithm, &info).unwrap().to_der(Curve::P256);
    let identifier = tlv(0x30, &[&tlv(6, algorithm.oid().as_bytes()), parameters].concat());
    let bits = tlv(3, &[&[0], signature.as_bytes()].concat());
    tlv(0x30, &[info, identifier, bits].concat())
}

fn attribute(dots: &str, values: &[&[u8]]) -> Vec<u8> {
    let oid = tegata_pki::ObjectIdentifier::new_unwrap(dots);
    tlv(0x30, &[tlv(6, oid.as_bytes()), tlv(0x31, &values.concat())].concat())
}

#[test]
fn what_is_not_pkcs_10_in_der_is_refused() {
    let padding: &[u8] = &tlv(0x0C, &[b'x'; 100]);
    let challenge = |text: &[u8]| attribute("1.2.840.113549.1.9.7", &[padding, &tlv(0x13, text)]);
    let good = forged(&[0], &challenge(b"pass"), &[]);
    CertificationRequest::from_der(&good).unwrap().verify(rust_crypto()).unwrap();

    let read = |der: &[u8]| CertificationRequest::from_der(der).map(|_| ()).unwrap_err();
    assert_eq!(read(&forged(&[1], &challenge(b"pass"), &[])), CsrError::Version(1));
    let twice = [challenge(b"pasa"), challenge(b"pass")].concat();
    assert_eq!(read(&forged(&[0], &twice, &[])).id(), "csr-attribute");
    let empty = [attribute("1.2.840.113549.1.9.8", &[]), challenge(b"pass")].concat();
    assert_eq!(read(&forged(&[0], &empty, &[])).id(), "csr-attribute");
    let unsorted = attribute("1.2.840.113549.1.9.7", &[&tlv(0x13, b"pass"), padding]);
    assert_eq!(read(&forged(&[0], &unsorted, &[])), CsrError::SetOrder);
    let many: Vec<u8> = (0..17).flat_map(|n| attribute(&format!("1.2.3.{n}"), &[&[5, 0]])).collect();
    assert_eq!(read(&forged(&[0], &many, &[])), CsrError::TooMany);
    let extension = tlv(0x30, &[tlv(6, oid::KEY_USAGE.as_bytes()), tlv(4, &[3, 2, 7, 0x80])].concat());
    let both = tlv(0x30, &[extension.clone(), extension.clone()].concat());
    let wish = [challenge(b"pass"), attribute("1.2.840.113549.1.9.14", &[&both])];
    let sorted = |parts: &[Vec<u8>]| {
        let mut parts = parts.to_vec();
        parts.sort();
        parts.concat()
    };
    assert_eq!(read(&forged(&[0], &sorted(&wish), &[])), CsrError::DuplicateExtension(oid::KEY_USAGE));
    let one = tlv(0x30, &extension);
    let wish = [challenge(b"pass"), attribute("1.2.840.113549.1.9.14", &[&one, &one])];
    assert_eq!(read(&forged(&[0], &sorted(&wish), &[])), CsrError::ExtensionRequests);
    assert_eq!(read(&vec![0x30; csr::MAX_REQUEST_BYTES + 1]), CsrError::TooLarge);

    let null = forged(&[0], &challenge(b"pass"), &[5, 0]);
    let error = CertificationRequest::from_der(&null).unwrap().verify(rust_crypto()).unwrap_err();
    assert_eq!(error.id(), "csr-algorithm-parameters");

    let pem = request(&key(Curve::P256)).request().to_pem();
    assert_eq!(CertificationRequest::from_pem(format!("{pem}{pem}").as_bytes()), Err(CsrError::Count(2)));
    assert_eq!(CertificationRequest::from_pem(b"text"), Err(CsrError::Pem));
}

#[test]
fn truncated_everywhere() {
    let made = request(&key(Curve::P384));
    let der = made.request().der();
    for length in 0..der.len() {
        assert!(CertificationRequest::from_der(&der[..length]).is_err());
    }
    assert!(CertificationRequest::from_der(&[der, &[0]].concat()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(CertificationRequest::from_der(&bytes).is_err());
        prop_assert!(CertificationRequest::from_pem(&bytes).is_err());
    }
}

/// Whatever is changed: either it does not read, or it does not verify, or nothing was changed.
#[test]
fn mutated_requests_prove_nothing() {
    let der = request(&key(Curve::P256)).into_request().der().to_vec();
    for place in 0..der.len() {
        for value in [0x00, 0x01, 0x7F, 0x80, 0xFF, der[place] ^ 1, der[place].wrapping_add(1)] {
            let mut bytes = der.clone();
            bytes[place] = value;
            if let Ok(read) = CertificationRequest::from_der(&bytes) {
                let _ = format!("{read:?} {:?}", read.public_key());
                assert!(read.verify(rust_crypto()).is_err() || bytes == der, "octet {place} as {value:#x}");
            }
        }
    }
}
