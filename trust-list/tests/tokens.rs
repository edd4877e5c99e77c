//! Tokens of our own: who may sign, what is tolerated, what is refused.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use support::{
    NOW, Party, URI, chain, cwt, document_signer, finish, iaca, short_lived_status_signer, status_signer,
    status_signer_for, testdata,
};
use tegata_mdoc::cbor::Encoder;
use tegata_mdoc::cose::CoseSign1;
use tegata_pki::software::InsecureSoftwareKey;
use tegata_pki::{Certificate, Curve, ObjectIdentifier, PathError, SignatureAlgorithm, SignatureError, rust_crypto};
use tegata_trust_list::token::{
    BuildError, RevocationToken, SignerTrust, Token, TokenBuilder, TokenCheck, TokenDeviation, TokenError, TokenSigner,
    TrustBasis, recognise,
};
use tegata_trust_list::{
    Bits, Compression, IdentifierList, StatusArray, StatusList, StatusListError, StatusListToken, StatusValue,
    TokenPolicy, VerifiedStatusList,
};
use time::Duration;

fn list() -> StatusList {
    let mut array = StatusArray::new(Bits::One, 1024);
    array.set(77, StatusValue::Invalid).unwrap();
    StatusList::compress(&array, Compression::Small)
}

fn check<'a>(issuer: &'a Certificate, policy: &'a TokenPolicy) -> TokenCheck<'a> {
    let trust = SignerTrust::Issuer { issuer, status_anchors: &[] };
    TokenCheck { uri: URI, trust, at: NOW, policy, provider: rust_crypto() }
}

fn status_list(bytes: &[u8]) -> StatusListToken {
    match recognise(bytes).unwrap() {
        RevocationToken::StatusList(token) => token,
        other => panic!("{other:?}"),
    }
}

fn verify(bytes: &[u8], issuer: &Party, policy: &TokenPolicy) -> Result<VerifiedStatusList, StatusListError> {
    status_list(bytes).verify(&check(&issuer.certificate, policy))
}

#[test]
fn a_token_of_every_curve_and_kind_passes_strict() {
    let root = iaca("Utopia IACA");
    for curve in [Curve::P256, Curve::P384, Curve::P521, Curve::BrainpoolP256r1, Curve::BrainpoolP384r1] {
        let signer = status_signer(&root, curve);
        let builder = TokenBuilder::new(URI, list(), NOW, NOW + Duration::DAY, chain(&signer)).ttl(Duration::HOUR);
        let mut tokens = vec![finish(builder.prepare_cwt().unwrap(), &signer.key)];
        match builder.prepare_jwt() {
            Ok(prepared) => tokens.push(finish(prepared, &signer.key)),
            Err(error) => assert_eq!(error, BuildError::NoAlgorithm(curve)),
        }
        for bytes in tokens {
            let verified = verify(&bytes, &root, &TokenPolicy::strict()).unwrap();
            assert_eq!(verified.basis(), TrustBasis::Issuer);
            assert_eq!(verified.signer(), Some(&signer.certificate));
            assert_eq!(verified.token().ttl(), Some(Duration::HOUR));
            assert_eq!(verified.get(77).unwrap(), StatusValue::Invalid);
            assert_eq!(verified.get(76).unwrap(), StatusValue::Valid);
            assert_eq!(verified.get(1024).unwrap_err().id(), "status-index-out-of-range");
        }
    }
}

#[test]
fn our_cwt_is_read_by_an_independent_decoder() {
    let root = iaca("Utopia IACA");
    let bytes = cwt(list(), &status_signer(&root, Curve::P256));
    let value: ciborium::Value = ciborium::from_reader(bytes.as_slice()).unwrap();
    let ciborium::Value::Tag(18, array) = value else { panic!("no tag 18") };
    let array = array.into_array().unwrap();
    let payload: ciborium::Value = ciborium::from_reader(array[2].as_bytes().unwrap().as_slice()).unwrap();
    let claims = payload.into_map().unwrap();
    let claim = |label: i64| &claims.iter().find(|(key, _)| *key == label.into()).unwrap().1;
    assert_eq!(claim(2).as_text(), Some(URI));
    let lst = claim(65533).as_map().unwrap().iter().find(|(key, _)| key.as_text() == Some("lst")).unwrap();
    let plain = miniz_oxide::inflate::decompress_to_vec_zlib(lst.1.as_bytes().unwrap()).unwrap();
    assert_eq!((plain.len(), plain[9]), (128, 1 << 5));
}

#[test]
fn a_list_signed_by_the_document_signer_passes() {
    let root = iaca("Utopia IACA");
    let ds = document_signer(&root, "Utopia DS");
    assert!(verify(&cwt(list(), &ds), &root, &TokenPolicy::strict()).is_ok());
}

#[test]
fn a_signer_of_another_ca_is_refused_unless_an_anchor_for_status_is_configured() {
    let (root, other) = (iaca("Utopia IACA"), iaca("Other IACA"));
    let namesake = iaca("Utopia IACA");
    let signer = status_signer(&other, Curve::P256);
    let bytes = cwt(list(), &signer);
    let policy = TokenPolicy::interop();
    let refused = StatusListError::ForeignSigner(PathError::IssuerNameMismatch(tegata_pki::PathPosition::Leaf));
    assert_eq!(verify(&bytes, &root, &policy).unwrap_err(), refused);

    let forged = cwt(list(), &status_signer(&namesake, Curve::P256));
    let error = verify(&forged, &root, &policy).unwrap_err();
    assert!(matches!(error, StatusListError::ForeignSigner(PathError::Signature(..))), "{error:?}");

    let anchors = [&other.certificate];
    let trust = SignerTrust::Issuer { issuer: &root.certificate, status_anchors: &anchors };
    let with_anchor = TokenCheck { trust, ..check(&root.certificate, &policy) };
    let verified = status_list(&bytes).verify(&with_anchor).unwrap();
    assert_eq!(verified.basis(), TrustBasis::StatusAnchor);
    assert!(verified.deviations().contains(&TokenDeviation::ForeignAnchor));
    let strict = TokenPolicy::strict();
    let refused = status_list(&bytes).verify(&TokenCheck { policy: &strict, ..with_anchor });
    assert_eq!(refused.unwrap_err(), StatusListError::Deviation(TokenDeviation::ForeignAnchor));

    let reference =
        TokenCheck { trust: SignerTrust::Reference(&other.certificate), ..check(&root.certificate, &strict) };
    assert_eq!(status_list(&bytes).verify(&reference).unwrap().basis(), TrustBasis::Reference);
}

#[test]
fn the_ca_itself_an_expired_signer_and_a_foreign_purpose_are_refused() {
    let root = iaca("Utopia IACA");
    let policy = TokenPolicy::interop();
    let expired = short_lived_status_signer(&root);
    let error = verify(&cwt(list(), &expired), &root, &policy).unwrap_err();
    assert!(matches!(error, StatusListError::SignerPath(PathError::Expired { .. })), "{error:?}");

    let server = status_signer_for(&root, ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1"));
    assert_eq!(verify(&cwt(list(), &server), &root, &policy).unwrap_err(), StatusListError::SignerPurpose);

    let unknown = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.127");
    let bytes = cwt(list(), &status_signer_for(&root, unknown));
    let deviation = TokenDeviation::UnknownSignerPurpose;
    assert_eq!(verify(&bytes, &root, &policy).unwrap().deviations(), [deviation]);
    let mut strict = TokenPolicy::strict();
    assert_eq!(verify(&bytes, &root, &strict).unwrap_err(), StatusListError::Deviation(deviation));
    strict.signer_purposes = strict.signer_purposes.accepting(unknown);
    assert!(verify(&bytes, &root, &strict).is_ok());
}

/// A CWT from its parts.
struct Parts {
    protected: Vec<u8>,
    unprotected: Vec<u8>,
    payload: Vec<u8>,
    prefix: Vec<u8>,
}

fn claims(fill: impl FnOnce(&mut Encoder)) -> Vec<u8> {
    let mut encoder = Encoder::new();
    fill(&mut encoder);
    encoder.into_bytes()
}

fn parts(signer: &Party, typ: &str) -> Parts {
    let der = signer.certificate.der();
    let expires = (NOW + Duration::DAY).unix_timestamp();
    Parts {
        protected: claims(|e| _ = e.map(3).integer(1).integer(-7).integer(16).text(typ).integer(33).bytes(der)),
        unprotected: vec![0xa0],
        payload: claims(|e| {
            e.map(4).integer(2).text(URI).integer(6).integer(NOW.unix_timestamp()).integer(4).integer(expires);
            e.integer(65533).map(2).text("bits").integer(1).text("lst").bytes(list().compressed());
        }),
        prefix: vec![0xd2],
    }
}

fn assemble(parts: &Parts, key: &InsecureSoftwareKey) -> Vec<u8> {
    let message = CoseSign1::signature_input(&parts.protected, &parts.payload);
    let signature = key.sign(SignatureAlgorithm::Ecdsa(tegata_pki::Hash::Sha256), &message).unwrap();
    let body =
        CoseSign1::encode(&parts.protected, &parts.unprotected, Some(&parts.payload), signature.as_bytes(), false);
    [parts.prefix.as_slice(), &body].concat()
}

const TYPE: &str = "application/statuslist+cwt";

#[test]
fn deviations_are_named_tolerated_by_interop_and_refused_by_strict() {
    let root = iaca("Utopia IACA");
    let signer = status_signer(&root, Curve::P256);
    let der = signer.certificate.der();
    let plain = || parts(&signer, TYPE);
    let bare = claims(|e| _ = e.map(2).integer(1).integer(-7).integer(16).text(TYPE));
    let cases = [
        (TokenDeviation::ShortType, parts(&signer, "statuslist+cwt")),
        (TokenDeviation::NoCoseTag, Parts { prefix: vec![], ..plain() }),
        (TokenDeviation::PayloadEmbedded, Parts { payload: claims(|e| _ = e.embedded(&plain().payload)), ..plain() }),
        (
            TokenDeviation::ChainUnprotected,
            Parts { protected: bare, unprotected: claims(|e| _ = e.map(1).integer(33).bytes(der)), ..plain() },
        ),
        (
            TokenDeviation::NoExpiry,
            Parts {
                payload: claims(|e| {
                    e.map(3).integer(2).text(URI).integer(6).integer(NOW.unix_timestamp());
                    e.integer(65533).map(2).text("bits").integer(1).text("lst").bytes(list().compressed());
                }),
                ..plain()
            },
        ),
    ];
    assert!(verify(&assemble(&plain(), &signer.key), &root, &TokenPolicy::strict()).unwrap().deviations().is_empty());
    for (deviation, parts) in cases {
        let bytes = assemble(&parts, &signer.key);
        let verified = verify(&bytes, &root, &TokenPolicy::interop()).unwrap();
        assert_eq!(verified.deviations(), [deviation]);
        assert_eq!(verified.get(77).unwrap(), StatusValue::Invalid);
        let refused = verify(&bytes, &root, &TokenPolicy::strict()).unwrap_err();
        assert_eq!(refused, StatusListError::Deviation(deviation));
    }

    let tagged = assemble(&Parts { prefix: vec![0xd8, 61, 0xd2], ..plain() }, &signer.key);
    let refused = StatusListError::Deviation(TokenDeviation::CwtTag);
    assert_eq!(verify(&tagged, &root, &TokenPolicy::interop()).unwrap_err(), refused);
    assert!(verify(&tagged, &root, &TokenPolicy::interop().tolerating(TokenDeviation::CwtTag)).is_ok());
}

#[test]
fn a_token_without_expiry_grows_old() {
    let root = iaca("Utopia IACA");
    let signer = status_signer(&root, Curve::P256);
    let payload = claims(|e| {
        e.map(3).integer(2).text(URI).integer(6).integer((NOW - Duration::days(8)).unix_timestamp());
        e.integer(65533).map(2).text("bits").integer(1).text("lst").bytes(list().compressed());
    });
    let bytes = assemble(&Parts { payload, ..parts(&signer, TYPE) }, &signer.key);
    let error = verify(&bytes, &root, &TokenPolicy::interop()).unwrap_err();
    assert_eq!(error, StatusListError::TooOld(NOW - Duration::days(8)));
    assert!(error.is_stale());
}

#[test]
fn malformed_tokens_are_refused_for_the_right_reason() {
    let root = iaca("Utopia IACA");
    let signer = status_signer(&root, Curve::P256);
    let der = signer.certificate.der();
    let parse = |parts: Parts| StatusListToken::from_cwt(&assemble(&parts, &signer.key)).unwrap_err().id();
    let plain = || parts(&signer, TYPE);
    assert_eq!(parse(parts(&signer, "application/cwt")), "token-wrong-type");
    let no_alg = claims(|e| _ = e.map(2).integer(16).text(TYPE).integer(33).bytes(der));
    assert_eq!(parse(Parts { protected: no_alg, ..plain() }), "token-algorithm-not-protected");
    let mac = claims(|e| _ = e.map(2).integer(1).integer(5).integer(16).text(TYPE));
    assert_eq!(parse(Parts { protected: mac, ..plain() }), "token-unsupported-algorithm");
    let two = claims(|e| _ = e.map(1).integer(33).bytes(root.certificate.der()));
    assert_eq!(parse(Parts { unprotected: two, ..plain() }), "token-ambiguous-chain");
    for (bits, id) in [(1, None), (3, Some("cbor-invalid-value")), (0, Some("cbor-invalid-value"))] {
        let payload = claims(|e| {
            e.map(3).integer(2).text(URI).integer(6).integer(NOW.unix_timestamp());
            e.integer(65533).map(2).text("bits").integer(bits).text("lst").bytes(&[]);
        });
        match (StatusListToken::from_cwt(&assemble(&Parts { payload, ..plain() }, &signer.key)), id) {
            (Ok(_), None) => {}
            (Err(TokenError::Cbor(error)), Some(id)) => assert_eq!(error.id(), id),
            (other, _) => panic!("{other:?}"),
        }
    }
    for (label, name) in [(2, "sub"), (6, "iat")] {
        let payload = claims(|e| {
            e.map(2);
            if label == 2 {
                e.integer(6).integer(NOW.unix_timestamp());
            } else {
                e.integer(2).text(URI);
            }
            e.integer(65533).map(2).text("bits").integer(1).text("lst").bytes(&[]);
        });
        let error = StatusListToken::from_cwt(&assemble(&Parts { payload, ..plain() }, &signer.key)).unwrap_err();
        assert_eq!(error, TokenError::MissingClaim(name));
    }
}

#[test]
fn algorithm_and_key_must_belong_together() {
    let root = iaca("Utopia IACA");
    let signer = status_signer(&root, Curve::P384);
    let der = signer.certificate.der();
    let protected = claims(|e| _ = e.map(3).integer(1).integer(-7).integer(16).text(TYPE).integer(33).bytes(der));
    let bytes = assemble(&Parts { protected, ..parts(&signer, TYPE) }, &signer.key);
    let error = verify(&bytes, &root, &TokenPolicy::interop()).unwrap_err();
    assert_eq!(error.id(), "status-algorithm-mismatch");
}

fn jwt(header: &str, payload: &str, key: &InsecureSoftwareKey) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = key.sign(SignatureAlgorithm::Ecdsa(tegata_pki::Hash::Sha256), message.as_bytes()).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_bytes()))
}

#[test]
fn jwt_headers_cannot_choose_the_key_or_switch_off_the_signature() {
    let root = iaca("Utopia IACA");
    let signer = status_signer(&root, Curve::P256);
    let x5c = STANDARD.encode(signer.certificate.der());
    let (now, later) = (NOW.unix_timestamp(), (NOW + Duration::DAY).unix_timestamp());
    let lst = URL_SAFE_NO_PAD.encode(list().compressed());
    let payload =
        format!(r#"{{"sub":"{URI}","iat":{now},"exp":{later}.5,"status_list":{{"bits":1,"lst":"{lst}"}},"x":[1]}}"#);
    let sign = |header: &str| jwt(header, &payload, &signer.key);
    let good = format!(r#"{{"alg":"ES256","typ":"statuslist+jwt","x5c":["{x5c}"]}}"#);
    assert!(verify(sign(&good).as_bytes(), &root, &TokenPolicy::strict()).is_ok());

    // A key of the attacker's in the header, which would verify.
    let attacker = iaca("Attacker").key;
    let jwk = attacker.public_key().to_jwk();
    let forged = jwt(&format!(r#"{{"alg":"ES256","typ":"statuslist+jwt","jwk":{jwk}}}"#), &payload, &attacker);
    assert_eq!(verify(forged.as_bytes(), &root, &TokenPolicy::interop()).unwrap_err(), StatusListError::NoSigner);
    let forged =
        jwt(&format!(r#"{{"alg":"ES256","typ":"statuslist+jwt","x5c":["{x5c}"],"jwk":{jwk}}}"#), &payload, &attacker);
    let error = verify(forged.as_bytes(), &root, &TokenPolicy::interop()).unwrap_err();
    assert_eq!(error, StatusListError::Signature(SignatureError::Mismatch));

    for (alg, id) in [("none", "token-unsupported-algorithm"), ("HS256", "token-unsupported-algorithm")] {
        let header = format!(r#"{{"alg":"{alg}","typ":"statuslist+jwt","x5c":["{x5c}"]}}"#);
        assert_eq!(StatusListToken::from_jwt(&sign(&header)).unwrap_err().id(), id);
    }
    let parse = |header: &str| StatusListToken::from_jwt(&sign(header)).unwrap_err();
    assert_eq!(parse(r#"{"alg":"ES256","typ":"JWT"}"#).id(), "token-wrong-type");
    assert_eq!(parse(r#"{"alg":"ES256"}"#).id(), "token-wrong-type");
    assert_eq!(parse(r#"{"alg":"ES256","typ":"statuslist+jwt","crit":["exp"]}"#), TokenError::CriticalHeader);
    assert_eq!(parse(r#"{"alg":"ES256","alg":"none","typ":"statuslist+jwt"}"#).id(), "token-json");
    assert_eq!(parse(r#"{"alg":"ES256","typ":"statuslist+jwt","x5c":["-_"]}"#), TokenError::Base64("x5c"));
    let unsigned = sign(&good);
    let (message, _) = unsigned.rsplit_once('.').unwrap();
    let error = verify(format!("{message}.").as_bytes(), &root, &TokenPolicy::interop()).unwrap_err();
    assert_eq!(error, StatusListError::Signature(SignatureError::Malformed));
    assert_eq!(StatusListToken::from_jwt("eyJ").unwrap_err(), TokenError::JwtShape);
    assert_eq!(StatusListToken::from_jwt("eyJ.e30.!").unwrap_err(), TokenError::Base64("header"));
    assert_eq!(StatusListToken::from_jwt("e30.e30.").unwrap_err().id(), "token-json");
    let es384 = format!(r#"{{"alg":"ES384","typ":"statuslist+jwt","x5c":["{x5c}"]}}"#);
    let error = verify(sign(&es384).as_bytes(), &root, &TokenPolicy::interop()).unwrap_err();
    assert_eq!(error.id(), "status-algorithm-mismatch");
}

#[test]
fn a_builder_releases_nothing_that_is_wrong() {
    let root = iaca("Utopia IACA");
    let signer = status_signer(&root, Curve::P256);
    let build = |expires, signer| TokenBuilder::new(URI, list(), NOW, expires, signer).prepare_cwt();
    assert_eq!(build(NOW, chain(&signer)).unwrap_err(), BuildError::Times);
    assert_eq!(build(NOW + Duration::DAY, TokenSigner::Chain(vec![])).unwrap_err(), BuildError::EmptyChain);
    let with_root = TokenSigner::Chain(vec![signer.certificate.clone(), root.certificate.clone()]);
    assert_eq!(build(NOW + Duration::DAY, with_root).unwrap_err(), BuildError::RootInChain);
    let prepared = build(NOW + Duration::DAY, chain(&signer)).unwrap();
    let foreign = root.key.sign(prepared.algorithm(), prepared.to_be_signed()).unwrap();
    assert_eq!(prepared.complete(&foreign, rust_crypto()).unwrap_err().id(), "token-build-signature");
}

#[test]
fn an_identifier_list_names_the_revoked() {
    let root = iaca("Utopia IACA");
    let signer = status_signer(&root, Curve::P256);
    let list = IdentifierList::new([vec![0xcc, 0xcc], vec![0xab, 0xcd], vec![0xcc, 0xcc]]);
    assert_eq!(list.identifiers().len(), 2);
    let bytes = cwt(list, &signer);
    let RevocationToken::IdentifierList(token) = recognise(&bytes).unwrap() else { panic!() };
    let policy = TokenPolicy::strict();
    let verified = token.verify(&check(&root.certificate, &policy)).unwrap();
    assert!(verified.is_revoked(&[0xcc, 0xcc]) && verified.is_revoked(&[0xab, 0xcd]));
    assert!(!verified.is_revoked(&[0xcc]) && !verified.is_revoked(&[]));
    assert!(matches!(StatusListToken::from_cwt(&bytes), Err(TokenError::WrongType { .. })));
}

#[test]
fn the_published_identifier_list_is_read_in_a_token() {
    let Some(folder) = testdata("status-list") else { return };
    let published = std::fs::read(folder.join("identifier-list.cbor")).unwrap();
    let root = iaca("Utopia IACA");
    let signer = status_signer(&root, Curve::P256);
    let payload = claims(|e| {
        e.map(4).integer(2).text(URI).integer(6).integer(NOW.unix_timestamp());
        e.integer(4).integer((NOW + Duration::DAY).unix_timestamp()).integer(65530).raw(&published);
    });
    let bytes = assemble(&Parts { payload, ..parts(&signer, "application/identifierlist+cwt") }, &signer.key);
    let token: Token<IdentifierList> = Token::from_cwt(&bytes).unwrap();
    let policy = TokenPolicy::strict();
    let verified = token.verify(&check(&root.certificate, &policy)).unwrap();
    let listed: Vec<String> = verified.content().identifiers().map(hex::encode).collect();
    assert_eq!(listed, ["aaaa", "abcd", "cccc"]);
    assert_eq!(verified.content().aggregation_uri(), Some("https://example.com/identifierlists/aggregation"));
}

#[test]
fn every_flipped_bit_of_our_own_token_is_refused_or_changes_nothing() {
    let root = iaca("Utopia IACA");
    let signer = status_signer(&root, Curve::P256);
    let good = cwt(list(), &signer);
    let policy = TokenPolicy::interop();
    for position in 0..good.len() {
        let mut bad = good.clone();
        bad[position] ^= 1 << (position % 8);
        let Ok(RevocationToken::StatusList(token)) = recognise(&bad) else { continue };
        if let Ok(verified) = token.verify(&check(&root.certificate, &policy)) {
            assert_eq!(verified.get(77).unwrap(), StatusValue::Invalid, "{position}");
            assert_eq!(verified.get(76).unwrap(), StatusValue::Valid, "{position}");
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = recognise(&bytes);
        let _ = recognise(&[b"eyJ".as_slice(), &bytes].concat());
    }

    #[test]
    fn lists_of_every_width_survive_the_way_through_a_token(
        bits in prop::sample::select(Bits::ALL.to_vec()),
        values in prop::collection::vec(any::<u8>(), 1..300),
    ) {
        let key = InsecureSoftwareKey::from_scalar(Curve::P256, &[7; 32]).unwrap();
        let values: Vec<_> = values.iter().map(|v| StatusValue::from_number(v & bits.max_value())).collect();
        let array = StatusArray::from_values(bits, values.iter().copied()).unwrap();
        let signer = TokenSigner::Key { key: key.public_key().clone(), key_id: b"1".to_vec() };
        let content = StatusList::compress(&array, Compression::Fast);
        let builder = TokenBuilder::new(URI, content, NOW, NOW + Duration::DAY, signer);
        let policy = TokenPolicy::interop();
        for prepared in [builder.prepare_cwt().unwrap(), builder.prepare_jwt().unwrap()] {
            let token = status_list(&finish(prepared, &key));
            let trust = SignerTrust::Key(key.public_key());
            let check = TokenCheck { uri: URI, trust, at: NOW, policy: &policy, provider: rust_crypto() };
            let verified = token.verify(&check).unwrap();
            for (index, value) in values.iter().enumerate() {
                prop_assert_eq!(verified.get(index as u64).unwrap(), *value);
            }
            prop_assert_eq!(verified.expand().unwrap(), array.clone());
        }
    }
}
