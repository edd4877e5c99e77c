//! `Time ::= CHOICE { utcTime UTCTime, generalTime GeneralizedTime }` in the narrow form of RFC 5280 4.1.2.5.

use ::time::{Date, Month, Time, UtcDateTime};

use super::{
    reader::{Asn1Error, Tlv},
    tag,
    writer::DerWriter,
};

/// Reads a time that ends in `Z`, has seconds and no fraction. Two-digit years below 50 are of this century.
pub(crate) fn parse_time(tlv: &Tlv<'_>) -> Result<UtcDateTime, Asn1Error> {
    let (year, rest) = match tlv.tag {
        tag::UTC_TIME => {
            let (year, rest) = number(tlv.value, 2)?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        tag::GENERALIZED_TIME => number(tlv.value, 4)?,
        _ => return Err(Asn1Error::UnexpectedTag),
    };
    let (month, rest) = number(rest, 2)?;
    let (day, rest) = number(rest, 2)?;
    let (hour, rest) = number(rest, 2)?;
    let (minute, rest) = number(rest, 2)?;
    let (second, rest) = number(rest, 2)?;
    if rest != b"Z" {
        return Err(Asn1Error::InvalidTime);
    }
    let build = || {
        let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
        let date = Date::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?).ok()?;
        let time = Time::from_hms(u8::try_from(hour).ok()?, u8::try_from(minute).ok()?, u8::try_from(second).ok()?);
        Some(UtcDateTime::new(date, time.ok()?))
    };
    build().ok_or(Asn1Error::InvalidTime)
}

fn number(bytes: &[u8], digits: usize) -> Result<(u16, &[u8]), Asn1Error> {
    let (head, rest) = bytes.split_at_checked(digits).ok_or(Asn1Error::InvalidTime)?;
    let value = head.iter().try_fold(0u16, |sum, b| b.is_ascii_digit().then(|| sum * 10 + u16::from(b - b'0')));
    value.map(|value| (value, rest)).ok_or(Asn1Error::InvalidTime)
}

/// Writes UTCTime through 2049 and GeneralizedTime from 2050, to the second. A year outside 0..=9999 cannot be written.
pub(crate) fn write_time(writer: &mut DerWriter, at: UtcDateTime) -> Result<(), Asn1Error> {
    let (year, month, day) = at.date().to_calendar_date();
    let (hour, minute, second) = at.time().as_hms();
    let tail = format!("{:02}{day:02}{hour:02}{minute:02}{second:02}Z", u8::from(month));
    match year {
        1950..=2049 => {
            let text = format!("{:02}{tail}", year % 100);
            writer.element(tag::UTC_TIME, text.as_bytes());
        }
        0..=9999 => {
            let text = format!("{year:04}{tail}");
            writer.element(tag::GENERALIZED_TIME, text.as_bytes());
        }
        _ => return Err(Asn1Error::InvalidTime),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use ::time::macros::utc_datetime;

    use super::*;
    use crate::asn1::Walk;

    fn round_trip(at: UtcDateTime) -> (u8, UtcDateTime) {
        let mut writer = DerWriter::new();
        write_time(&mut writer, at).unwrap();
        let der = writer.finish();
        let tlv = Walk::new(&der).unwrap().next().unwrap();
        (der[0], parse_time(&tlv).unwrap())
    }

    #[test]
    fn the_century_decides_the_type() {
        let last = utc_datetime!(2049-12-31 23:59:59);
        assert_eq!(round_trip(last), (tag::UTC_TIME, last));
        let first = utc_datetime!(2050-01-01 0:00);
        assert_eq!(round_trip(first), (tag::GENERALIZED_TIME, first));
        let far = utc_datetime!(3024-02-29 0:00);
        assert_eq!(round_trip(far), (tag::GENERALIZED_TIME, far));
    }

    #[test]
    fn other_forms_are_refused() {
        for text in ["2401010000Z", "240101000000+0000", "240230000000Z", "24010100000Z", ""] {
            let mut writer = DerWriter::new();
            writer.element(tag::UTC_TIME, text.as_bytes());
            let der = writer.finish();
            let tlv = Walk::new(&der).unwrap().next().unwrap();
            assert_eq!(parse_time(&tlv), Err(Asn1Error::InvalidTime), "{text}");
        }
    }
}
