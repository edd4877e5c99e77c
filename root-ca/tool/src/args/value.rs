//! Values on the command line that need more than text.

use tegata_audit::{Class, Outcome};
use tegata_root_ca::IncidentStep;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime, Time, UtcDateTime};

/// A day, which begins at midnight UTC, or an instant in RFC 3339.
pub(super) fn day_or_instant(text: &str) -> Result<UtcDateTime, String> {
    if let Ok(day) = Date::parse(text, format_description!("[year]-[month]-[day]")) {
        return Ok(UtcDateTime::new(day, Time::MIDNIGHT));
    }
    let instant = OffsetDateTime::parse(text, &Rfc3339).ok().map(UtcDateTime::from);
    instant.ok_or_else(|| "not a day such as 2027-04-01 or a time such as 2027-04-01T09:00:00Z".to_owned())
}

/// A step of the treatment of a compromise.
pub(super) fn incident_step(text: &str) -> Result<IncidentStep, String> {
    one_of(IncidentStep::from_id(text), IncidentStep::ALL.map(IncidentStep::id))
}

/// A class of events.
pub(super) fn class(text: &str) -> Result<Class, String> {
    one_of(Class::from_id(text), Class::ALL.map(Class::id))
}

/// A result of events.
pub(super) fn outcome(text: &str) -> Result<Outcome, String> {
    one_of(Outcome::from_id(text), Outcome::ALL.map(Outcome::id))
}

/// SHA-256 in hexadecimal digits.
pub(super) fn sha256(text: &str) -> Result<[u8; 32], String> {
    let octets = hex::decode(text).ok().and_then(|octets| octets.try_into().ok());
    octets.ok_or_else(|| "not a SHA-256 of 64 hexadecimal digits".to_owned())
}

fn one_of<T, const N: usize>(found: Option<T>, names: [&str; N]) -> Result<T, String> {
    found.ok_or_else(|| format!("not one of {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use time::macros::utc_datetime;

    use super::*;

    #[test]
    fn values_are_read_or_refused() {
        assert_eq!(day_or_instant("2027-04-01"), Ok(utc_datetime!(2027-04-01 0:00)));
        assert_eq!(day_or_instant("2027-04-01T09:00:00+09:00"), Ok(utc_datetime!(2027-04-01 0:00)));
        for wrong in ["", "2027-4-1", "2027-02-30", "2027-04-01T09:00:00", "tomorrow"] {
            assert!(day_or_instant(wrong).is_err(), "{wrong}");
        }
        assert_eq!(incident_step("halted"), Ok(IncidentStep::Halted));
        assert!(incident_step("stopped").unwrap_err().contains("intake-stopped"));
        assert!(class("issuing").is_err() && outcome("ok").is_err());
        assert_eq!(sha256(&"ab".repeat(32)), Ok([0xab; 32]));
        assert!(sha256("ab").is_err() && sha256(&"zz".repeat(32)).is_err());
    }
}
