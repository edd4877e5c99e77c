//! The sample document: nobody's, of a country that does not exist.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tegata_mdoc::date::FullDate;
use time::UtcDateTime;

use super::{names, picture};
use crate::failure::Failure;

/// A mobile driving licence.
pub(in crate::command) const DOC_TYPE: &str = "org.iso.18013.5.1.mDL";
/// Its namespace.
pub(in crate::command) const NAME_SPACE: &str = "org.iso.18013.5.1";
/// The family name, by which a tampered copy is made.
pub(in crate::command) const FAMILY_NAME: &str = "SAMPLE";
/// What the holder discloses.
pub(in crate::command) const DISCLOSED: [&str; 6] =
    ["family_name", "given_name", "portrait", "age_over_18", "issuing_country", "expiry_date"];

/// The claims as JSON, issued today.
pub(in crate::command) fn sample(now: UtcDateTime) -> Result<String, Failure> {
    let date = |years: i32| {
        let today = now.date();
        // 29 February has no namesake in most years.
        let same_day = today.replace_year(today.year() + years);
        FullDate::new(same_day.or_else(|_| today.replace_day(28)?.replace_year(today.year() + years)).unwrap_or(today))
    };
    let portrait = picture::portrait()?;
    let claims = json!({
        NAME_SPACE: {
            "family_name": FAMILY_NAME,
            "given_name": "ERIKA",
            "birth_date": "1990-01-02",
            "issue_date": date(0).to_string(),
            "expiry_date": date(5).to_string(),
            "issuing_country": names::COUNTRY,
            "issuing_authority": names::ORGANIZATION,
            "document_number": "SAMPLE-000001",
            "portrait": STANDARD.encode(portrait),
            "driving_privileges": [
                { "vehicle_category_code": "B", "issue_date": date(0).to_string(), "expiry_date": date(5).to_string() }
            ],
            "un_distinguishing_sign": "UTO",
            "age_over_18": true,
            "age_over_21": true,
            "age_over_65": false,
            "resident_city": "Amaurot"
        }
    });
    Ok(format!("{claims:#}\n"))
}
