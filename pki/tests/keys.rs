//! Keys: encodings lead back, providers agree, openssl reads and writes the same.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use support::{
    pki::{OpenSsl, key},
    providers,
};
use tegata_pki::{
    AgreementKey, Curve, Hash, PublicKey, SignatureAlgorithm, SignatureRef, rust_crypto, software::InsecureSoftwareKey,
};

#[test]
fn every_encoding_leads_back() {
    for curve in Curve::ALL {
        let public = key(curve).public_key().clone();
        assert_eq!(PublicKey::from_spki_der(&public.to_spki_der()).as_ref(), Ok(&public));
        assert_eq!(PublicKey::from_pem(&public.to_pem()).as_ref(), Ok(&public));
        assert_eq!(PublicKey::from_jwk(&public.to_jwk()).as_ref(), Ok(&public));
        assert_eq!(PublicKey::from_sec1(curve, public.sec1_or_raw()).as_ref(), Ok(&public));
        let again = PublicKey::from_coordinates(curve, public.x(), public.y());
        assert_eq!(again.as_ref(), Ok(&public));
        if let Some(y) = public.y() {
            let odd = y.last().unwrap() & 1 == 1;
            assert_eq!(PublicKey::from_compressed(curve, public.x(), odd).as_ref(), Ok(&public));
            assert_ne!(PublicKey::from_compressed(curve, public.x(), !odd).as_ref(), Ok(&public));
            let mut off = public.sec1_or_raw().to_vec();
            *off.last_mut().unwrap() ^= 1;
            assert_eq!(PublicKey::from_sec1(curve, &off).unwrap_err().id(), "key-not-on-curve");
            assert!(PublicKey::from_coordinates(curve, public.x(), None).is_err());
            assert!(PublicKey::from_coordinates(curve, &public.x()[1..], public.y()).is_err());
            assert!(PublicKey::from_sec1(curve, &[0]).is_err(), "infinity");
        }
    }
}

#[test]
fn weak_ed25519_keys_are_refused() {
    let mut identity = [0; 32];
    identity[0] = 1;
    assert_eq!(PublicKey::from_sec1(Curve::Ed25519, &identity).unwrap_err().id(), "key-weak");
    // y = p + 3 encodes y = 3: not canonical.
    let mut not_canonical = [0xFF; 32];
    not_canonical[0] = 0xF0;
    not_canonical[31] = 0x7F;
    assert!(PublicKey::from_sec1(Curve::Ed25519, &not_canonical).is_err());
}

#[test]
fn every_hash_with_every_curve_verifies_with_every_provider() {
    for curve in Curve::ALL.into_iter().filter(|curve| curve.can_sign()) {
        let (own, other) = (key(curve), key(curve));
        let ecdsa = Hash::ALL.map(SignatureAlgorithm::Ecdsa);
        for algorithm in ecdsa.into_iter().chain([SignatureAlgorithm::EdDsa]) {
            let Ok(raw) = own.sign(algorithm, b"message") else {
                assert!(!algorithm.fits(curve));
                continue;
            };
            let der = raw.to_der(curve);
            for provider in providers() {
                let verify = |key: &InsecureSoftwareKey, message: &[u8], signature| {
                    provider.verify(key.public_key(), algorithm, message, signature)
                };
                let signature = SignatureRef::Raw(raw.as_bytes());
                verify(&own, b"message", signature).unwrap();
                assert_eq!(verify(&own, b"massage", signature).unwrap_err().id(), "signature-mismatch");
                assert!(verify(&other, b"message", signature).is_err());
                let der = verify(&own, b"message", SignatureRef::Der(der.as_bytes()));
                assert_eq!(der.is_ok(), curve.is_weierstrass());
                let high = SignatureRef::Raw(&raw.as_bytes()[1..]);
                assert_eq!(verify(&own, b"message", high).unwrap_err().id(), "signature-malformed");
            }
        }
    }
}

#[test]
fn both_sides_agree_with_every_provider() {
    for curve in Curve::ALL.into_iter().filter(|curve| curve.can_agree()) {
        let mut rng = support::pki::rng();
        let reader = AgreementKey::generate(curve, &mut rng).unwrap();
        let device = key(curve);
        let expected = device.agree(reader.public_key()).unwrap();
        for provider in providers() {
            let shared = provider.agree(&reader, device.public_key()).unwrap();
            assert_eq!(shared.as_bytes(), expected.as_bytes(), "{curve}");
            assert_eq!(shared.as_bytes().len(), curve.field_len());
            let foreign = if curve == Curve::P256 { Curve::P384 } else { Curve::P256 };
            let mismatch = provider.agree(&reader, key(foreign).public_key());
            assert_eq!(mismatch.unwrap_err().id(), "key-curve-mismatch");
        }
    }
    assert!(AgreementKey::from_raw(Curve::Ed25519, &[1; 32]).is_err());
    assert!(AgreementKey::from_raw(Curve::P256, &[0; 32]).is_err());
    assert!(AgreementKey::from_raw(Curve::P256, &[0xFF; 32]).is_err());
}

#[test]
fn secrets_do_not_show() {
    let scalar = [0x5A; 32];
    let agreement = AgreementKey::from_raw(Curve::P256, &scalar).unwrap();
    let software = InsecureSoftwareKey::from_scalar(Curve::P256, &scalar).unwrap();
    let secret = rust_crypto().agree(&agreement, software.public_key()).unwrap();
    let shown = format!("{agreement:?} {software:?} {secret:?}");
    assert!(!shown.contains("5a5a") && !shown.contains("90, 90") && shown.contains("redacted"));
}

#[test]
fn openssl_reads_our_keys_and_we_read_its_own() {
    let Some(openssl) = OpenSsl::new("keys") else { return };
    for curve in Curve::ALL {
        let own = key(curve);
        let pem = own.to_pkcs8_pem();
        let again = InsecureSoftwareKey::from_pkcs8_pem(&pem).unwrap();
        assert_eq!(again.public_key(), own.public_key());
        openssl.write("key.pem", pem.as_bytes());
        let (ok, text) = openssl.run("pkey -in key.pem -check -pubout");
        assert!(ok, "{curve}: {text}");
        let start = text.find("-----BEGIN").unwrap();
        assert_eq!(PublicKey::from_pem(&text[start..]).as_ref(), Ok(own.public_key()));
    }
    let (ok, text) = openssl.run("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out theirs.pem");
    assert!(ok, "{text}");
    let theirs = std::fs::read_to_string(openssl.0.join("theirs.pem")).unwrap();
    let theirs = InsecureSoftwareKey::from_pkcs8_pem(&theirs).unwrap();
    openssl.write("message", "message");
    let signature = theirs.sign(SignatureAlgorithm::Ecdsa(Hash::Sha256), b"message").unwrap();
    openssl.write("signature", signature.to_der(Curve::P384).as_bytes());
    openssl.write("public.pem", theirs.public_key().to_pem());
    let (ok, text) = openssl.run("dgst -sha256 -verify public.pem -signature signature message");
    assert!(ok, "{text}");
}

#[test]
fn explicit_parameters_and_rsa_are_told_apart() {
    let Some(openssl) = OpenSsl::new("foreign-keys") else { return };
    let public = |generate: &str| {
        let (ok, text) = openssl.run(generate);
        assert!(ok, "{text}");
        openssl.run("pkey -in k.pem -pubout -out p.pem");
        let pem = std::fs::read_to_string(openssl.0.join("p.pem")).unwrap();
        PublicKey::from_pem(&pem).unwrap_err().id()
    };
    let explicit = "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit -out k.pem";
    assert_eq!(public(explicit), "key-curve-not-named");
    assert_eq!(public("genpkey -algorithm RSA -out k.pem"), "key-unsupported-algorithm");
    let k1 = "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1 -out k.pem";
    assert_eq!(public(k1), "key-unsupported-algorithm");
}

/// Passport CAs write the curve out. Only a curve that is a supported one in every number gives a key, and only where a
/// caller asks for that.
#[test]
fn curves_written_out_are_recognised_number_by_number() {
    let Some(openssl) = OpenSsl::new("explicit") else { return };
    let names = ["P-256", "P-384", "P-521", "brainpoolP256r1", "brainpoolP384r1"];
    let curves = Curve::ALL.into_iter().filter(|curve| curve.is_weierstrass());
    for (curve, name) in curves.zip(names) {
        let made = format!(
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:{name} -pkeyopt ec_param_enc:explicit -outform DER -out key.der"
        );
        assert!(openssl.run(&made).0, "{name}");
        assert!(openssl.run("pkey -in key.der -inform DER -pubout -outform DER -out public.der").0);
        let der = std::fs::read(openssl.0.join("public.der")).unwrap();
        assert_eq!(PublicKey::from_spki_der(&der).unwrap_err().id(), "key-curve-not-named");
        let key = PublicKey::from_spki_der_with_explicit_curve(&der).unwrap();
        assert_eq!((key.curve(), der.ends_with(key.sec1_or_raw())), (curve, true));

        let parameters = der.len() - key.sec1_or_raw().len();
        let mut unmoved = 0;
        for at in 0..parameters {
            let mut changed = der.clone();
            changed[at] ^= 1;
            unmoved += usize::from(PublicKey::from_spki_der_with_explicit_curve(&changed).is_ok());
        }
        // What b was made from, and the number of its unused bits; the brainpool curves do not say.
        assert_eq!(unmoved, if name.starts_with('P') { 21 } else { 0 }, "{name}");

        // The base point of CVE-2020-0601: the key itself, of which everybody knows the secret 1.
        let base = key.sec1_or_raw();
        let generator = der[..parameters]
            .windows(base.len())
            .position(|bytes| bytes[0] == 4 && PublicKey::from_sec1(curve, bytes).is_ok());
        let mut forged = der.clone();
        forged[generator.unwrap()..][..base.len()].copy_from_slice(base);
        let refused = PublicKey::from_spki_der_with_explicit_curve(&forged).unwrap_err();
        assert_eq!(refused.id(), "key-curve-not-named");
    }
    let named = key(Curve::P256).public_key().to_spki_der();
    assert!(PublicKey::from_spki_der_with_explicit_curve(&named).is_err());
}
