//! The mDL that this peer issues: thirty elements of ISO/IEC 18013-5 7.2.1, one of them the portrait.

use std::{collections::BTreeMap, iter};

use ciborium::Value;
use isomdl::issuance::mdoc::Namespaces;

/// The mDL document type.
pub const DOC_TYPE: &str = "org.iso.18013.5.1.mDL";
/// The mDL namespace.
pub const NAMESPACE: &str = "org.iso.18013.5.1";
/// Bytes of the portrait: the size of a real one.
pub const PORTRAIT_BYTES: usize = 20 * 1024;
/// What is presented when only a few elements are asked for.
pub const FEW: [&str; 5] = ["family_name", "given_name", "birth_date", "age_over_18", "issuing_country"];

/// Thirty elements in [`NAMESPACE`].
pub fn mdl() -> Namespaces {
    let texts = [
        ("family_name", "Yamada"),
        ("given_name", "Hanako"),
        ("issuing_country", "JP"),
        ("issuing_authority", "Peers Public Safety Commission"),
        ("document_number", "1234567890"),
        ("un_distinguishing_sign", "J"),
        ("administrative_number", "A-0001"),
        ("eye_colour", "brown"),
        ("hair_colour", "black"),
        ("birth_place", "Nara"),
        ("resident_address", "1-1 Noborioji-cho"),
        ("resident_city", "Nara"),
        ("resident_state", "Nara"),
        ("resident_postal_code", "630-8213"),
        ("resident_country", "JP"),
        ("nationality", "JP"),
        ("family_name_national_character", "山田"),
        ("given_name_national_character", "花子"),
    ]
    .map(|(name, text)| (name, Value::from(text)));
    let dates = [("birth_date", "1985-04-12"), ("issue_date", "2026-04-01"), ("expiry_date", "2031-04-12")]
        .map(|(name, date)| (name, full_date(date)));
    let numbers = [("sex", 2), ("height", 162), ("weight", 55)].map(|(name, n)| (name, Value::from(n)));
    let ages = [("age_over_18", true), ("age_over_20", true), ("age_over_25", true), ("age_over_65", false)]
        .map(|(name, over)| (name, Value::from(over)));
    let structures = [("driving_privileges", driving_privileges()), ("portrait", Value::Bytes(portrait()))];

    let elements: BTreeMap<String, Value> = texts
        .into_iter()
        .chain(dates)
        .chain(numbers)
        .chain(ages)
        .chain(structures)
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    BTreeMap::from([(NAMESPACE.to_owned(), elements)])
}

/// `full-date = #6.1004(tstr)` (RFC 8943).
fn full_date(date: &str) -> Value {
    Value::Tag(1004, Box::new(Value::from(date)))
}

fn driving_privileges() -> Value {
    let privilege = [
        ("vehicle_category_code", Value::from("B")),
        ("issue_date", full_date("2005-05-20")),
        ("expiry_date", full_date("2031-04-12")),
    ];
    Value::Array(vec![Value::Map(privilege.into_iter().map(|(name, value)| (Value::from(name), value)).collect())])
}

/// A JPEG's first and last marker around bytes of a fixed linear congruential sequence: not a picture, but a byte
/// string of a portrait's size that no compressor or shortcut helps with.
fn portrait() -> Vec<u8> {
    let filler = iter::successors(Some(2_463_534_242_u32), |state| {
        Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223))
    })
    .map(|state| state.to_be_bytes()[0]);
    [0xff, 0xd8, 0xff].into_iter().chain(filler.take(PORTRAIT_BYTES - 5)).chain([0xff, 0xd9]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mdl_has_thirty_elements_and_those_that_are_presented() {
        let mdl = mdl();
        let elements = &mdl[NAMESPACE];
        assert_eq!(elements.len(), 30);
        for name in FEW {
            assert!(elements.contains_key(name), "{name}");
        }
        assert_eq!(elements["portrait"].as_bytes().map(Vec::len), Some(PORTRAIT_BYTES));
    }
}
