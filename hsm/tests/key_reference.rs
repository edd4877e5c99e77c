//! Key references: examples of RFC 7512, refusals, and properties.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

use proptest::prelude::*;
use tegata_hsm::{KeyReference, ObjectKind, PinSource, ReferenceError};

fn error(text: &str) -> ReferenceError {
    text.parse::<KeyReference>().unwrap_err()
}

#[test]
fn every_attribute_is_read() {
    let text = "pkcs11:token=The%20Software%20PKCS%2311%20Softtoken;manufacturer=Snake%20Oil,%20Inc.;model=1.0;\
                serial=4f5a;slot-id=327;object=my-certificate;type=private;id=%69%95%3E%5C%F4%BD%EC%91\
                ?pin-source=file:/etc/token_pin&module-name=any&module-path=/usr/lib/p11.so";
    let reference: KeyReference = text.parse().unwrap();
    assert_eq!(reference.token.as_deref(), Some("The Software PKCS#11 Softtoken"));
    assert_eq!(reference.manufacturer.as_deref(), Some("Snake Oil, Inc."));
    assert_eq!(reference.model.as_deref(), Some("1.0"));
    assert_eq!(reference.serial.as_deref(), Some("4f5a"));
    assert_eq!(reference.slot_id, Some(327));
    assert_eq!(reference.object.as_deref(), Some("my-certificate"));
    assert_eq!(reference.kind, Some(ObjectKind::Private));
    assert_eq!(reference.id.as_deref(), Some(b"\x69\x95\x3e\x5c\xf4\xbd\xec\x91".as_slice()));
    assert_eq!(reference.pin_source, Some(PinSource::File("/etc/token_pin".into())));
    assert_eq!(reference.module_name.as_deref(), Some("any"));
    assert_eq!(reference.module_path.as_deref(), Some("/usr/lib/p11.so".as_ref()));
    assert!(!reference.is_embedded());
}

#[test]
fn the_scheme_is_case_insensitive_and_may_stand_alone() {
    assert_eq!("PKCS11:".parse::<KeyReference>().unwrap(), KeyReference::default());
    for text in ["", "pkcs11", "pkcs12:token=a", "/usr/lib/module.so", " pkcs11:"] {
        assert_eq!(error(text), ReferenceError::Scheme, "{text:?}");
    }
}

#[test]
fn a_pin_is_refused_and_not_repeated() {
    for text in
        ["pkcs11:object=k?pin-value=sesame", "pkcs11:object=k;pin-value=sesame", "pkcs11:?pin-value=%73%65sesame"]
    {
        let error = error(text);
        assert_eq!(error, ReferenceError::PinValue);
        assert!(!format!("{error} {error:?} {}", error.remedy()).contains("sesame"));
    }
}

#[test]
fn what_is_not_understood_is_refused() {
    for (text, id) in [
        ("pkcs11:x-vendor=1", "reference-unknown-attribute"),
        ("pkcs11:object=k?x-vendor=1", "reference-unknown-attribute"),
        ("pkcs11:library-version=3", "reference-unknown-attribute"),
        ("pkcs11:Token=a", "reference-unknown-attribute"),
        ("pkcs11:module-path=/a", "reference-unknown-attribute"),
        ("pkcs11:?object=k", "reference-unknown-attribute"),
        ("pkcs11:token=a;token=b", "reference-duplicate"),
        ("pkcs11:object=k?module-name=a&module-name=a", "reference-duplicate"),
        ("pkcs11:token", "reference-not-an-attribute"),
        ("pkcs11:token=a;", "reference-not-an-attribute"),
        ("pkcs11:token=a?", "reference-not-an-attribute"),
        ("pkcs11:token=", "reference-empty"),
        ("pkcs11:token=a b", "reference-encoding"),
        ("pkcs11:token=%4", "reference-encoding"),
        ("pkcs11:token=%+4", "reference-encoding"),
        ("pkcs11:token=é", "reference-encoding"),
        ("pkcs11:token=%ff", "reference-not-text"),
        ("pkcs11:token=a%00", "reference-not-text"),
        ("pkcs11:slot-id=+1", "reference-slot-id"),
        ("pkcs11:slot-id=", "reference-slot-id"),
        ("pkcs11:slot-id=99999999999999999999", "reference-slot-id"),
        ("pkcs11:type=key", "reference-object-kind"),
        ("pkcs11:?pin-source=|/bin/pin", "reference-pin-source-program"),
        ("pkcs11:?pin-source=https:", "reference-pin-source"),
        ("pkcs11:?pin-source=file://host/pin", "reference-pin-source"),
        ("pkcs11:?pin-source=env:", "reference-pin-source"),
    ] {
        assert_eq!(error(text).id(), id, "{text}");
    }
    assert_eq!(error(&format!("pkcs11:token={}", "a".repeat(5000))).id(), "reference-too-long");
}

#[test]
fn pin_sources_have_three_forms() {
    for (text, source) in [
        ("pkcs11:?pin-source=prompt:", PinSource::Prompt),
        ("pkcs11:?pin-source=env:TEGATA_PIN", PinSource::Environment("TEGATA_PIN".into())),
        ("pkcs11:?pin-source=/run/pin", PinSource::File("/run/pin".into())),
        ("pkcs11:?pin-source=file:///run/pin", PinSource::File("/run/pin".into())),
    ] {
        assert_eq!(text.parse::<KeyReference>().unwrap().pin_source, Some(source), "{text}");
    }
}

fn text() -> impl Strategy<Value = String> {
    "[^\0]{1,24}"
}

fn reference() -> impl Strategy<Value = KeyReference> {
    let option = proptest::option::of::<BoxedStrategy<String>>;
    let path = (option(text().boxed()), option(text().boxed()), option(text().boxed()), option(text().boxed()));
    let object = (
        option(text().boxed()),
        proptest::option::of(prop_oneof![
            Just(ObjectKind::Private),
            Just(ObjectKind::Public),
            Just(ObjectKind::Certificate)
        ]),
        proptest::option::of(proptest::collection::vec(any::<u8>(), 1..32)),
        any::<Option<u64>>(),
    );
    let pin_source = prop_oneof![
        Just(PinSource::Prompt),
        text().prop_map(|path| PinSource::File(format!("/{path}").into())),
        "[A-Z_]{1,12}".prop_map(PinSource::Environment),
    ];
    let query = (proptest::option::of(pin_source), option(text().boxed()), option(text().boxed()));
    (path, object, query).prop_map(|(path, object, query)| {
        let mut reference = KeyReference::default();
        (reference.token, reference.manufacturer, reference.serial, reference.model) = path;
        (reference.object, reference.kind, reference.id, reference.slot_id) = object;
        (reference.pin_source, reference.module_name) = (query.0, query.1);
        reference.module_path = query.2.map(Into::into);
        reference
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(reference in reference()) {
        prop_assert_eq!(reference.to_string().parse::<KeyReference>().unwrap(), reference);
    }

    #[test]
    fn reading_is_stable(text in "pkcs11:[a-z%=;?&/:.0-9-]{0,64}") {
        if let Ok(reference) = text.parse::<KeyReference>() {
            prop_assert_eq!(reference.to_string().parse::<KeyReference>().unwrap(), reference);
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = format!("pkcs11:{text}").parse::<KeyReference>();
        let _ = text.parse::<KeyReference>();
    }
}
