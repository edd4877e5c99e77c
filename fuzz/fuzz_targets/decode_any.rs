//! Any item, its deterministic encoding, its views: no panic, and the encoding is a fixed point.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tegata_mdoc::cbor::{Value, decode, diagnostic};
use tegata_mdoc::inspect::{NoAnnotator, annotate, render};
use tegata_mdoc::kind::{Kind, recognise};

fuzz_target!(|data: &[u8]| {
    let kind = recognise(data);
    if let Ok(lines) = annotate(data, kind, &NoAnnotator) {
        assert!(!lines.is_empty());
        let text = render(&lines);
        assert!(!text.chars().any(|each| each.is_control() && each != '\n'));
    }
    let Ok((value, _)) = decode::<Value<'_>>(data) else { return };
    assert_ne!(kind, Kind::Unknown);
    let _ = diagnostic(value.value());
    let bytes = value.value().to_bytes();
    // Keys that only differ in their encoding become equal when they are written deterministically.
    if let Ok((read, _)) = decode::<Value<'_>>(&bytes) {
        assert_eq!(read.value().to_bytes(), bytes);
    }
});
