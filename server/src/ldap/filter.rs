//! Filters (RFC 4511 4.5.1.7).

use ldap3_proto::LdapFilter;

use super::dn::{canonical, fold};
use super::entry::Entry;

/// Most terms of a filter; each is compared with each entry.
const MAX_TERMS: usize = 64;

/// Whether a filter has few enough terms.
pub(super) fn is_small(filter: &LdapFilter) -> bool {
    terms(filter) <= MAX_TERMS
}

fn terms(filter: &LdapFilter) -> usize {
    match filter {
        LdapFilter::And(inner) | LdapFilter::Or(inner) => inner.iter().map(terms).sum::<usize>() + 1,
        LdapFilter::Not(inner) => terms(inner) + 1,
        _ => 1,
    }
}

/// Whether an entry matches; `None` is *undefined*, which is neither and stays so under *not*. Presence and equality are
/// known; the other comparisons are undefined.
pub(super) fn matches(filter: &LdapFilter, entry: &Entry) -> Option<bool> {
    match filter {
        LdapFilter::And(inner) => all(inner.iter().map(|filter| matches(filter, entry))),
        LdapFilter::Or(inner) => {
            let none = all(inner.iter().map(|filter| matches(filter, entry).map(|value| !value)));
            none.map(|value| !value)
        }
        LdapFilter::Not(inner) => matches(inner, entry).map(|value| !value),
        LdapFilter::Present(name) => Some(entry.attribute(&canonical(name)).is_some()),
        LdapFilter::Equality(name, value) => {
            let Some(attribute) = entry.attribute(&canonical(name)) else { return Some(false) };
            let folded = fold(value);
            let none = all(attribute.values.iter().map(|value| value.equals(&folded).map(|equal| !equal)));
            none.map(|value| !value)
        }
        _ => None,
    }
}

/// False if any is false, else undefined if any is undefined, else true.
fn all(values: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut result = Some(true);
    for value in values {
        match value {
            Some(false) => return value,
            None => result = None,
            Some(true) => {}
        }
    }
    result
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use ldap3_proto::parse_ldap_filter_str;

    use super::*;
    use crate::ldap::Directory;

    #[test]
    fn three_values() {
        let entry = Directory::default().root();
        let cases = [
            ("(objectClass=*)", Some(true)),
            ("(OBJECTCLASS= Top )", Some(true)),
            ("(objectClass=person)", Some(false)),
            ("(cn=*)", Some(false)),
            ("(cn=a)", Some(false)),
            ("(!(cn=a))", Some(true)),
            ("(objectClass=t*)", None),
            ("(!(objectClass=t*))", None),
            ("(|(objectClass=t*)(objectClass=top))", Some(true)),
            ("(|(objectClass=t*)(cn=a))", None),
            ("(&(objectClass=t*)(cn=a))", Some(false)),
            ("(&(objectClass=t*)(objectClass=top))", None),
            ("(objectClass>=top)", None),
        ];
        for (text, expected) in cases {
            assert_eq!(matches(&parse_ldap_filter_str(text).unwrap(), &entry), expected, "{text}");
        }
        let by_number = LdapFilter::Equality("2.5.4.0".to_owned(), "TOP".to_owned());
        assert_eq!(matches(&by_number, &entry), Some(true));
        assert_eq!(matches(&LdapFilter::And(vec![]), &entry), Some(true), "RFC 4526");
        assert_eq!(matches(&LdapFilter::Or(vec![]), &entry), Some(false), "RFC 4526");
    }

    #[test]
    fn size() {
        let term = || LdapFilter::Present("cn".to_owned());
        assert!(is_small(&LdapFilter::Or((0..63).map(|_| term()).collect())));
        assert!(!is_small(&LdapFilter::Not(Box::new(LdapFilter::Or((0..63).map(|_| term()).collect())))));
    }
}
