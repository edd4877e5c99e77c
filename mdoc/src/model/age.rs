//! Ages: the answer rule for `age_over_NN` and the agreement of ages with the birth date (ISO/IEC 18013-5 7.2.5).

use time::{Date, Month};

use super::claims::{Claims, NameSpaceClaims};
use super::problem::{ClaimPath, ClaimProblem, ClaimProblemKind};
use crate::cbor::{TAG_FULL_DATE, Value};
use crate::date::FullDate;

const PREFIX: &str = "age_over_";

/// Which stored attestation answers the request for `age_over_NN`: the smallest age at or above NN that is true, else the
/// largest at or below NN that is false, else none (ISO/IEC 18013-5 7.2.5).
///
/// `stored` are pairs of NN and the value, in any order.
#[must_use]
pub fn age_over_answer(stored: impl IntoIterator<Item = (u8, bool)>, asked: u8) -> Option<(u8, bool)> {
    let (mut true_above, mut false_below): (Option<u8>, Option<u8>) = (None, None);
    for (age, over) in stored {
        if over && age >= asked {
            true_above = Some(true_above.map_or(age, |best| best.min(age)));
        } else if !over && age <= asked {
            false_below = Some(false_below.map_or(age, |best| best.max(age)));
        }
    }
    true_above.map(|age| (age, true)).or_else(|| false_below.map(|age| (age, false)))
}

/// NN of `age_over_NN`: `Some(Err(()))` when something else than two digits follows.
pub(super) fn age_over_name(element: &str) -> Option<Result<u8, ()>> {
    let digits = element.strip_prefix(PREFIX)?;
    let two = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
    Some(digits.parse().ok().filter(|_| two).ok_or(()))
}

/// The age attestations of a namespace.
fn ages(claims: &NameSpaceClaims) -> Vec<(u8, bool)> {
    let ages = claims.elements().iter().filter_map(|claim| {
        let age = age_over_name(claim.element())?.ok()?;
        match claim.value() {
            Ok(Value::Bool(over)) => Some((age, over)),
            _ => None,
        }
    });
    ages.collect()
}

/// Over an age means over every smaller one.
pub(super) fn contradictions(claims: &NameSpaceClaims) -> Vec<ClaimProblem> {
    let ages = ages(claims);
    let mut problems = Vec::new();
    for (age, _) in ages.iter().filter(|(_, over)| *over) {
        let smaller = ages.iter().filter(|(other, over)| !over && other < age).map(|(other, _)| *other).max();
        if let Some(smaller) = smaller {
            let path = ClaimPath::element(claims.name_space(), &format!("{PREFIX}{age:02}"));
            problems.push(ClaimProblem::error(path, ClaimProblemKind::AgesContradict { smaller }));
        }
    }
    problems
}

impl Claims {
    /// Where ages disagree with the birth date on `valid_from`, the first day of validity, for which their values hold
    /// (ISO/IEC 18013-5 7.2.5): `age_over_NN`, `age_in_years` and `age_birth_year`. Empty when there is no birth date.
    ///
    /// A birth date has no time zone, and laws differ on the day on which an age is reached (the birthday, the day
    /// before, 1 March for 29 February), so one day to either side is not called a disagreement.
    #[must_use]
    pub fn age_problems(&self, valid_from: Date) -> Vec<ClaimProblem> {
        let mut problems = Vec::new();
        let anywhere = self.name_spaces().iter().find_map(birth_date);
        for claims in self.name_spaces() {
            let Some(birth) = birth_date(claims).or(anywhere) else { continue };
            let youngest = age_on(birth, valid_from.previous_day().unwrap_or(valid_from));
            let oldest = age_on(birth, valid_from.next_day().unwrap_or(valid_from));
            let mut disagree = |element: &str, agrees: bool| {
                if !agrees {
                    let path = ClaimPath::element(claims.name_space(), element);
                    problems.push(ClaimProblem::error(path, ClaimProblemKind::AgeDisagreesWithBirthDate));
                }
            };
            for (age, over) in ages(claims) {
                let age_years = i32::from(age);
                let agrees = if over { oldest >= age_years } else { youngest < age_years };
                disagree(&format!("{PREFIX}{age:02}"), agrees);
            }
            if let Some(age) = unsigned(claims, "age_in_years") {
                disagree("age_in_years", (i64::from(youngest)..=i64::from(oldest)).contains(&age));
            }
            if let Some(year) = unsigned(claims, "age_birth_year") {
                disagree("age_birth_year", year == i64::from(birth.year()));
            }
        }
        problems
    }
}

fn unsigned(claims: &NameSpaceClaims, element: &str) -> Option<i64> {
    match claims.element(element)?.value() {
        Ok(Value::Unsigned(number)) => Some(i64::try_from(number).unwrap_or(i64::MAX)),
        _ => None,
    }
}

/// `birth_date`, plain or inside the map form of ISO/IEC 23220.
fn birth_date(claims: &NameSpaceClaims) -> Option<Date> {
    fn full_date(value: &Value<'_>) -> Option<Date> {
        match value {
            Value::Tag(TAG_FULL_DATE, text) => FullDate::parse(text.as_text()?).map(FullDate::date),
            Value::Map(pairs) => pairs
                .iter()
                .find(|(key, _)| key.as_text() == Some("birth_date"))
                .and_then(|(_, value)| full_date(value)),
            _ => None,
        }
    }
    full_date(&claims.element("birth_date")?.value().ok()?)
}

/// Completed years on `day`; somebody born on 29 February completes one on 1 March of a common year.
fn age_on(birth: Date, day: Date) -> i32 {
    let of_year = |date: Date| -> (Month, u8) { (date.month(), date.day()) };
    let (birth_month, birth_day) = of_year(birth);
    let (month, day_of_month) = of_year(day);
    let before_birthday = (u8::from(month), day_of_month) < (u8::from(birth_month), birth_day);
    day.year() - birth.year() - i32::from(before_birthday)
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn the_answer_table_of_the_standard() {
        // (stored 21, stored 60) → answers to 18, 21, 30, 60, 65.
        type Row = ([(u8, bool); 2], [Option<(u8, bool)>; 5]);
        let table: [Row; 3] = [
            (
                [(21, false), (60, false)],
                [None, Some((21, false)), Some((21, false)), Some((60, false)), Some((60, false))],
            ),
            (
                [(21, true), (60, false)],
                [Some((21, true)), Some((21, true)), None, Some((60, false)), Some((60, false))],
            ),
            ([(21, true), (60, true)], [Some((21, true)), Some((21, true)), Some((60, true)), Some((60, true)), None]),
        ];
        for (stored, answers) in table {
            for (asked, answer) in [18, 21, 30, 60, 65].into_iter().zip(answers) {
                assert_eq!(age_over_answer(stored, asked), answer, "{stored:?} {asked}");
                assert_eq!(age_over_answer(stored.into_iter().rev(), asked), answer);
            }
        }
        assert_eq!(age_over_answer([], 18), None);
    }

    #[test]
    fn names_have_two_digits() {
        assert_eq!(age_over_name("age_over_18"), Some(Ok(18)));
        assert_eq!(age_over_name("age_over_07"), Some(Ok(7)));
        for name in ["age_over_1", "age_over_100", "age_over_+1", "age_over_NN", "age_over_"] {
            assert_eq!(age_over_name(name), Some(Err(())), "{name}");
        }
        assert_eq!(age_over_name("age_in_years"), None);
    }

    #[test]
    fn completed_years() {
        let birth = date!(2004 - 02 - 29);
        assert_eq!(age_on(birth, date!(2022 - 02 - 28)), 17);
        assert_eq!(age_on(birth, date!(2022 - 03 - 01)), 18);
        assert_eq!(age_on(birth, date!(2024 - 02 - 28)), 19);
        assert_eq!(age_on(birth, date!(2024 - 02 - 29)), 20);
    }

    fn claims(elements: Vec<(&str, Value<'_>)>) -> Claims {
        Claims::from_values_unchecked("x", [("ns", elements)]).unwrap()
    }

    #[test]
    fn ages_must_agree_with_the_birth_date_but_for_a_day() {
        let birth = Value::Tag(TAG_FULL_DATE, Box::new(Value::text("2005-06-15")));
        let claims = claims(vec![
            ("birth_date", birth),
            ("age_over_18", Value::Bool(true)),
            ("age_over_21", Value::Bool(false)),
            ("age_in_years", Value::Unsigned(18)),
            ("age_birth_year", Value::Unsigned(2005)),
        ]);
        let wrong = |day| -> Vec<_> {
            claims.age_problems(day).into_iter().map(|problem| problem.path.element.unwrap()).collect()
        };
        assert!(wrong(date!(2023 - 06 - 14)).is_empty(), "one day early is not called wrong");
        assert_eq!(wrong(date!(2023 - 06 - 13)).len(), 2, "age_over_18 and age_in_years");
        assert!(wrong(date!(2023 - 06 - 15)).is_empty());
        assert_eq!(wrong(date!(2024 - 07 - 01)), ["age_in_years".into()]);
        assert!(wrong(date!(2026 - 06 - 17)).contains(&"age_over_21".into()));
    }

    #[test]
    fn the_map_form_of_a_birth_date_counts_too() {
        let day = Value::Tag(TAG_FULL_DATE, Box::new(Value::text("2015-06-15")));
        let birth = Value::Map(vec![(Value::text("birth_date"), day)]);
        let claims = claims(vec![("birth_date", birth), ("age_over_18", Value::Bool(true))]);
        assert_eq!(claims.age_problems(date!(2026 - 11 - 21)).len(), 1);
    }
}
