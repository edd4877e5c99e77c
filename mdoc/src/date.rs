//! The two date types of ISO/IEC 18013-5 7.2.1: `tdate` (an instant) and `full-date` (a calendar day, never an instant).

use core::fmt;

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime, UtcDateTime};

use crate::Deviation;
use crate::cbor::{Decode, DecodeError, DecodeErrorKind, Encoder, Reader, TAG_FULL_DATE, TAG_TDATE, Type};

/// An instant: `tdate = #6.0(tstr)`, RFC 3339 date-time.
///
/// Written as `YYYY-MM-DDThh:mm:ssZ`, without a fraction. Fractions, offsets and a missing tag are read and noted
/// ([`Deviation::FractionalSeconds`], [`Deviation::DateOffset`], [`Deviation::UntaggedDate`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tdate(UtcDateTime);

impl Tdate {
    /// The instant, cut down to the whole second.
    #[must_use]
    pub fn new(instant: UtcDateTime) -> Self {
        Self(instant.truncate_to_second())
    }

    /// The instant.
    #[must_use]
    pub fn instant(self) -> UtcDateTime {
        self.0
    }

    /// Reads RFC 3339 text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        fast_parse(text).or_else(|| OffsetDateTime::parse(text, &Rfc3339).ok().map(OffsetDateTime::to_utc)).map(Self)
    }

    /// Appends the tagged text.
    pub fn encode(self, encoder: &mut Encoder) {
        encoder.tag(TAG_TDATE).text(&self.to_string());
    }
}

impl fmt::Display for Tdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (date, time) = (self.0.date(), self.0.time());
        let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
        write!(f, "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", time.hour(), time.minute(), time.second())
    }
}

impl<'a> Decode<'a> for Tdate {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        if reader.peek_type()? == Type::Text {
            reader.note(Deviation::UntaggedDate);
        } else {
            reader.expect_tag(TAG_TDATE)?;
        }
        let text = reader.text()?;
        if let Some(instant) = fast_parse(text) {
            return Ok(Self(instant));
        }
        let date = Self::parse(text).ok_or_else(|| DecodeError::new(DecodeErrorKind::InvalidDate, at))?;
        if text.contains('.') {
            reader.note(Deviation::FractionalSeconds);
        }
        if !text.ends_with('Z') || !text.contains('T') {
            reader.note(Deviation::DateOffset);
        }
        Ok(date)
    }
}

/// `YYYY-MM-DDThh:mm:ssZ`, the only form the standard allows, without the general parser.
fn fast_parse(text: &str) -> Option<UtcDateTime> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2, b'Z'] = text.as_bytes()
    else {
        return None;
    };
    let two = |tens: u8, ones: u8| {
        let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
        (tens < 10 && ones < 10).then(|| tens * 10 + ones)
    };
    let year = i32::from(two(y1, y2)?) * 100 + i32::from(two(y3, y4)?);
    let month = time::Month::try_from(two(m1, m2)?).ok()?;
    let date = Date::from_calendar_date(year, month, two(d1, d2)?).ok()?;
    let time = time::Time::from_hms(two(h1, h2)?, two(n1, n2)?, two(s1, s2)?).ok()?;
    Some(UtcDateTime::new(date, time))
}

/// A calendar day: `full-date = #6.1004(tstr)`, `YYYY-MM-DD` (RFC 8943). It has no time zone and never becomes an
/// instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FullDate(Date);

impl FullDate {
    /// The day `date`.
    #[must_use]
    pub fn new(date: Date) -> Self {
        Self(date)
    }

    /// The day.
    #[must_use]
    pub fn date(self) -> Date {
        self.0
    }

    /// Reads `YYYY-MM-DD`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Date::parse(text, format_description!("[year]-[month]-[day]")).ok().filter(|_| text.len() == 10).map(Self)
    }

    /// Appends the tagged text.
    pub fn encode(self, encoder: &mut Encoder) {
        encoder.tag(TAG_FULL_DATE).text(&self.to_string());
    }
}

impl fmt::Display for FullDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), u8::from(self.0.month()), self.0.day())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cbor::decode;

    fn encoded(tag: Option<u64>, text: &str) -> Vec<u8> {
        let mut encoder = Encoder::new();
        if let Some(tag) = tag {
            encoder.tag(tag);
        }
        encoder.text(text);
        encoder.into_bytes()
    }

    #[test]
    fn a_tdate_is_written_without_fraction_and_with_z() {
        let date = Tdate::parse("2025-02-19T23:36:58.210391+09:00").unwrap();
        assert_eq!(Tdate::new(date.instant()).to_string(), "2025-02-19T14:36:58Z");
    }

    #[test]
    fn deviating_forms_are_read_and_noted() {
        for (tag, text, deviation) in [
            (None, "2024-08-12T14:49:42Z", Deviation::UntaggedDate),
            (Some(0), "2024-08-12T14:49:42.5Z", Deviation::FractionalSeconds),
            (Some(0), "2024-08-12T14:49:42+00:00", Deviation::DateOffset),
        ] {
            let bytes = encoded(tag, text);
            let (_, deviations) = decode::<Tdate>(&bytes).unwrap();
            assert_eq!(deviations.iter().collect::<Vec<_>>(), [deviation]);
        }
    }

    #[test]
    fn impossible_dates_are_refused() {
        for text in ["2024-02-30T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01", "2024-01-01T00:00:00", "x"] {
            assert!(decode::<Tdate>(&encoded(Some(0), text)).is_err(), "{text}");
        }
        assert!(FullDate::parse("2024-02-30").is_none());
        assert!(FullDate::parse("+2024-02-3").is_none());
        assert_eq!(FullDate::parse("2024-02-29").unwrap().to_string(), "2024-02-29");
    }
}
