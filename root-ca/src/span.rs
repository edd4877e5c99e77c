//! Lengths of time as policies write them: `64 months`, `3 days`, `48 hours`.

use std::{fmt, str::FromStr};

use serde::Deserialize;
use time::{Date, Duration, Month, UtcDateTime};

use crate::text::Lang;

/// The unit of a [`Span`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Calendar months.
    Months,
    /// Days of 86 400 seconds.
    Days,
    /// Hours.
    Hours,
}

/// A length of time. Months are calendar months: the same day and time, or the last day of a shorter month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Span {
    count: u16,
    unit: Unit,
}

/// A text that is not a [`Span`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a length of time such as \"64 months\", \"3 days\" or \"48 hours\": {text:?}")]
pub struct SpanError {
    /// The text.
    pub text: String,
}

impl Span {
    /// So many calendar months.
    #[must_use]
    pub const fn months(count: u16) -> Self {
        Self { count, unit: Unit::Months }
    }

    /// So many days.
    #[must_use]
    pub const fn days(count: u16) -> Self {
        Self { count, unit: Unit::Days }
    }

    /// So many hours.
    #[must_use]
    pub const fn hours(count: u16) -> Self {
        Self { count, unit: Unit::Hours }
    }

    /// How many of the unit.
    #[must_use]
    pub const fn count(self) -> u16 {
        self.count
    }

    /// The unit.
    #[must_use]
    pub const fn unit(self) -> Unit {
        self.unit
    }

    /// The instant so much later; the end of the calendar where there is none.
    #[must_use]
    pub fn after(self, from: UtcDateTime) -> UtcDateTime {
        match self.unit {
            Unit::Months => shift_months(from, i32::from(self.count)).unwrap_or(UtcDateTime::MAX),
            Unit::Days | Unit::Hours => from.saturating_add(self.longest()),
        }
    }

    /// The instant so much earlier; the beginning of the calendar where there is none.
    #[must_use]
    pub fn before(self, from: UtcDateTime) -> UtcDateTime {
        match self.unit {
            Unit::Months => shift_months(from, -i32::from(self.count)).unwrap_or(UtcDateTime::MIN),
            Unit::Days | Unit::Hours => from.saturating_sub(self.longest()),
        }
    }

    /// The most it can be, wherever it begins.
    #[must_use]
    pub fn longest(self) -> Duration {
        let count = i64::from(self.count);
        match self.unit {
            // Twelve months have at most 366 days; the rest of a year at most 31 days a month.
            Unit::Months => Duration::days(count / 12 * 366 + count % 12 * 31),
            Unit::Days => Duration::days(count),
            Unit::Hours => Duration::hours(count),
        }
    }

    /// The least it can be, wherever it begins.
    #[must_use]
    pub fn shortest(self) -> Duration {
        let count = i64::from(self.count);
        match self.unit {
            Unit::Months => Duration::days(count / 12 * 365 + count % 12 * 28),
            Unit::Days | Unit::Hours => self.longest(),
        }
    }

    /// The text in a language: `64 months`, `64か月`.
    #[must_use]
    pub fn text(self, lang: Lang) -> String {
        match (lang, self.unit) {
            (Lang::En, _) => self.to_string(),
            (Lang::Ja, Unit::Months) => format!("{}か月", self.count),
            (Lang::Ja, Unit::Days) => format!("{}日", self.count),
            (Lang::Ja, Unit::Hours) => format!("{}時間", self.count),
        }
    }
}

/// The same day and time so many months away, or the last day of that month.
fn shift_months(at: UtcDateTime, months: i32) -> Option<UtcDateTime> {
    let index = at.year().checked_mul(12)?.checked_add(i32::from(u8::from(at.month())) - 1)?.checked_add(months)?;
    let (year, month) = (index.div_euclid(12), index.rem_euclid(12) + 1);
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(year, month, at.day().min(month.length(year))).ok()?;
    Some(UtcDateTime::new(date, at.time()))
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let parsed = text.split_once(' ').and_then(|(count, unit)| {
            let unit = match unit {
                "month" | "months" => Unit::Months,
                "day" | "days" => Unit::Days,
                "hour" | "hours" => Unit::Hours,
                _ => return None,
            };
            let count = count.parse().ok()?;
            (1..=1200).contains(&count).then_some(Self { count, unit })
        });
        parsed.ok_or_else(|| SpanError { text: text.to_owned() })
    }
}

impl TryFrom<String> for Span {
    type Error = SpanError;

    fn try_from(text: String) -> Result<Self, SpanError> {
        text.parse()
    }
}

impl fmt::Display for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Months => "month",
            Unit::Days => "day",
            Unit::Hours => "hour",
        };
        write!(formatter, "{} {unit}{}", self.count, if self.count == 1 { "" } else { "s" })
    }
}

#[cfg(test)]
mod tests {
    use time::macros::utc_datetime;

    use super::*;

    #[test]
    fn months_end_on_the_last_day_of_a_shorter_month() {
        let end_of_january = utc_datetime!(2027-01-31 9:00);
        assert_eq!(Span::months(1).after(end_of_january), utc_datetime!(2027-02-28 9:00));
        assert_eq!(Span::months(13).after(end_of_january), utc_datetime!(2028-02-29 9:00));
        assert_eq!(Span::months(2).before(end_of_january), utc_datetime!(2026-11-30 9:00));
        assert_eq!(Span::months(64).after(utc_datetime!(2026-11-21 0:00)), utc_datetime!(2032-03-21 0:00));
    }

    #[test]
    fn texts_are_read_strictly() {
        assert_eq!("64 months".parse(), Ok(Span::months(64)));
        assert_eq!("1 day".parse(), Ok(Span::days(1)));
        for wrong in ["", "64", "months", "0 days", "-1 days", "3  days", "3 weeks", "1201 months", "70000 hours"] {
            assert!(wrong.parse::<Span>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn bounds_hold_for_every_start() {
        for months in [1_u16, 3, 4, 12, 64] {
            for day in 0..1500 {
                let from = utc_datetime!(2026-01-01 0:00) + Duration::days(day);
                let length = Span::months(months).after(from) - from;
                assert!(Span::months(months).shortest() <= length && length <= Span::months(months).longest());
            }
        }
    }
}
