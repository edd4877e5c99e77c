//! Byte ranges (RFC 9110 14).

/// What a `Range` header asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Nothing that is understood: the whole is sent, as RFC 9110 14.2 allows. So are several ranges at once.
    Whole,
    /// The bytes from the first to the last, both included.
    Part {
        /// First byte.
        first: usize,
        /// Last byte.
        last: usize,
    },
    /// 416: nothing of it exists.
    Unsatisfiable,
}

/// Reads a `Range` header against a length.
pub(super) fn asked(header: &str, length: usize) -> Asked {
    let Some((unit, set)) = header.split_once('=') else { return Asked::Whole };
    let Some((first, last)) = set.trim().split_once('-') else { return Asked::Whole };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Asked::Whole;
    }
    match (number(first), number(last)) {
        (Some(Some(first)), Some(last)) => match last {
            Some(last) if last < first => Asked::Whole,
            _ if first >= length => Asked::Unsatisfiable,
            _ => Asked::Part { first, last: last.unwrap_or(usize::MAX).min(length - 1) },
        },
        (Some(None), Some(Some(0))) => Asked::Unsatisfiable,
        (Some(None), Some(Some(_))) if length == 0 => Asked::Unsatisfiable,
        (Some(None), Some(Some(suffix))) => Asked::Part { first: length.saturating_sub(suffix), last: length - 1 },
        _ => Asked::Whole,
    }
}

/// `Some(None)`: empty. `None`: no number. A number beyond memory is as good as the largest.
fn number(text: &str) -> Option<Option<usize>> {
    if text.is_empty() {
        return Some(None);
    }
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| Some(text.parse().unwrap_or(usize::MAX)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn forms() {
        let part = |first, last| Asked::Part { first, last };
        let cases = [
            ("bytes=0-0", part(0, 0)),
            ("bytes=0-", part(0, 9)),
            ("BYTES = 2-4", part(2, 4)),
            ("bytes=5-100", part(5, 9)),
            ("bytes=-3", part(7, 9)),
            ("bytes=-99", part(0, 9)),
            ("bytes=10-", Asked::Unsatisfiable),
            ("bytes=99999999999999999999999-", Asked::Unsatisfiable),
            ("bytes=-0", Asked::Unsatisfiable),
            ("bytes=4-2", Asked::Whole),
            ("bytes=-", Asked::Whole),
            ("bytes=0-1,3-4", Asked::Whole),
            ("bytes=a-b", Asked::Whole),
            ("lines=0-1", Asked::Whole),
            ("nonsense", Asked::Whole),
        ];
        for (header, expected) in cases {
            assert_eq!(asked(header, 10), expected, "{header}");
        }
        assert_eq!(asked("bytes=-1", 0), Asked::Unsatisfiable);
        assert_eq!(asked("bytes=0-", 0), Asked::Unsatisfiable);
    }

    proptest! {
        #[test]
        fn a_part_always_lies_inside(header in "bytes=[0-9]{0,21}-[0-9]{0,21}", length in 0_usize..1000) {
            if let Asked::Part { first, last } = asked(&header, length) {
                prop_assert!(first <= last && last < length);
            }
        }
    }
}
