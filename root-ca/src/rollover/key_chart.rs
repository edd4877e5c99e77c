//! The key chart of a hierarchy of three: roots, issuing authorities, end entities.

use time::UtcDateTime;

use crate::span::Span;

/// When each key begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyChart {
    /// The issuing keys.
    pub issuing: Vec<UtcDateTime>,
    /// The root keys.
    pub roots: Vec<UtcDateTime>,
}

/// Draws the chart up to `until`. `root` and `issuing` are the first key of each tier, when it begins and how long its
/// certificate is valid; `leaf` is the validity of end-entity certificates. A key is used for its validity less that of
/// what it issues; its successor begins when the use ends. A root has a successor when the first issuing key begins that
/// its use no longer covers.
#[must_use]
pub fn key_chart(root: (UtcDateTime, Span), issuing: (UtcDateTime, Span), leaf: Span, until: UtcDateTime) -> KeyChart {
    let use_ends = |begin: UtcDateTime, own: Span, below: Span| below.before(own.after(begin));
    let mut chart = KeyChart { issuing: Vec::new(), roots: vec![root.0] };
    let (mut begin, mut root_use) = (issuing.0, use_ends(root.0, root.1, issuing.1));
    while begin <= until {
        chart.issuing.push(begin);
        if begin >= root_use {
            chart.roots.push(begin);
            root_use = use_ends(begin, root.1, issuing.1);
        }
        let next = use_ends(begin, issuing.1, leaf);
        // A tier that outlives what is above it has no chart.
        if next <= begin {
            break;
        }
        begin = next;
    }
    chart
}

#[cfg(test)]
mod tests {
    use time::{Date, Month};

    use super::*;

    fn year(year: i32) -> UtcDateTime {
        UtcDateTime::new(Date::from_calendar_date(year, Month::January, 1).unwrap(), time::Time::MIDNIGHT)
    }

    fn chart(leaf_years: u16) -> (Vec<i32>, Vec<i32>) {
        let (root, issuing) = ((year(2007), Span::months(120)), (year(2008), Span::months(60)));
        let chart = key_chart(root, issuing, Span::months(12 * leaf_years), year(2014));
        let years = |list: Vec<UtcDateTime>| list.into_iter().map(UtcDateTime::year).collect();
        (years(chart.issuing), years(chart.roots))
    }

    #[test]
    fn ten_five_and_two_years() {
        assert_eq!(chart(2), (vec![2008, 2011, 2014], vec![2007, 2014]));
    }

    #[test]
    fn one_year_more_for_end_entities_brings_the_root_forward_by_two() {
        assert_eq!(chart(3), (vec![2008, 2010, 2012, 2014], vec![2007, 2012]));
    }

    #[test]
    fn what_outlives_its_issuer_has_no_chart() {
        let (root, issuing) = ((year(2007), Span::months(120)), (year(2008), Span::months(24)));
        let chart = key_chart(root, issuing, Span::months(36), year(2014));
        assert_eq!(chart.issuing, [year(2008)]);
    }
}
