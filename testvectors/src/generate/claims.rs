//! What the vectors' documents say. The persons and vehicles do not exist.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::random::FixedRandom;

pub(crate) const MDL: &str = "org.iso.18013.5.1.mDL";
pub(crate) const MDL_SPACE: &str = "org.iso.18013.5.1";

/// Thirty elements of a mobile driving licence, with a portrait of 20 KiB.
pub(crate) fn mdl() -> Value {
    json!({ MDL_SPACE: {
        "family_name": "Mustermann",
        "given_name": "Erika",
        "birth_date": "1984-08-12",
        "issue_date": "2024-03-01",
        "expiry_date": "2034-02-28",
        "issuing_country": "UT",
        "issuing_authority": "Utopia Department of Roads",
        "document_number": "UT-1234-5678",
        "portrait": portrait(20 * 1024),
        "driving_privileges": [
            { "vehicle_category_code": "B", "issue_date": "2003-09-01", "expiry_date": "2034-02-28" },
            { "vehicle_category_code": "A1", "codes": [{ "code": "70", "sign": "<=", "value": "125" }] }
        ],
        "un_distinguishing_sign": "UTO",
        "administrative_number": "A-0042",
        "sex": 2,
        "height": 170,
        "weight": 62,
        "eye_colour": "green",
        "hair_colour": "brown",
        "birth_place": "Port Utopia",
        "resident_address": "1 Harbour Road, Port Utopia",
        "portrait_capture_date": "2024-02-20T09:30:00Z",
        "age_in_years": 41,
        "age_birth_year": 1984,
        "age_over_18": true,
        "age_over_21": true,
        "age_over_65": false,
        "nationality": "UT",
        "resident_city": "Port Utopia",
        "resident_state": "Harbour",
        "resident_postal_code": "00042",
        "resident_country": "UT"
    } })
}

pub(crate) fn pid() -> Value {
    json!({ "eu.europa.ec.eudi.pid.1": {
        "family_name": "Musterfrau",
        "given_name": "Érika",
        "birth_date": "1990-02-28",
        "place_of_birth": { "country": "UT", "locality": "Port Utopia" },
        "nationality": ["UT"],
        "issuing_authority": "Utopia Registry",
        "issuing_country": "UT"
    } })
}

pub(crate) fn photo_id() -> Value {
    json!({ "org.iso.23220.1": {
        "family_name": "手形",
        "given_name": "花子",
        "birth_date": { "birth_date": "2001-05-05" },
        "portrait": portrait(512),
        "issue_date": "2025-01-01",
        "expiry_date": "2035-01-01",
        "issuing_authority": "Utopia Registry",
        "issuing_country": "UT",
        "age_over_18": true
    } })
}

/// The first bytes of a JPEG file and then bytes without meaning.
fn portrait(length: usize) -> String {
    let mut image = vec![0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, b'J', b'F', b'I', b'F', 0x00];
    let mut counter = 0;
    while image.len() < length {
        image.extend(FixedRandom::block("portrait", counter));
        counter += 1;
    }
    image.truncate(length - 2);
    image.extend([0xff, 0xd9]);
    STANDARD.encode(image)
}
