//! What a row of the authorisation list is about: a set of document types times a set of regions.

use std::fmt;

/// A set of document types.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DocTypePattern {
    /// `*`.
    Any,
    /// `a.b.*`: every one whose name begins with `a.b.`; held without the `.*`.
    Below(String),
    /// This one.
    Exact(String),
}

/// A set of regions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RegionPattern {
    /// `*`, also roots that name none.
    Any,
    /// `US`: the country with all of its states.
    Country(String),
    /// `US/US-OH`: country and stateOrProvinceName, both as in the certificate.
    State(String, String),
}

/// Where a root is, by its certificate: nothing is guessed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Region {
    /// countryName.
    pub country: Option<String>,
    /// stateOrProvinceName.
    pub state: Option<String>,
}

/// What a row is about. Two patterns of one kind are nested or have nothing in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    /// The document types.
    pub doc_type: DocTypePattern,
    /// The regions.
    pub region: RegionPattern,
}

impl DocTypePattern {
    /// Reads the form that [`fmt::Display`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Any);
        }
        let (stem, below) = text.strip_suffix(".*").map_or((text, false), |stem| (stem, true));
        let letter = |c: char| c.is_ascii_graphic() && c != '*';
        if stem.is_empty() || !stem.chars().all(letter) {
            return None;
        }
        Some(if below { Self::Below(stem.to_owned()) } else { Self::Exact(stem.to_owned()) })
    }

    fn covers(&self, doc_type: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Below(stem) => doc_type.strip_prefix(stem.as_str()).is_some_and(|rest| rest.starts_with('.')),
            Self::Exact(exact) => exact == doc_type,
        }
    }

    fn contains(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) => true,
            (Self::Below(_), Self::Below(stem)) => self == other || self.covers(stem),
            (_, Self::Exact(exact)) => self.covers(exact),
            (_, Self::Any) | (Self::Exact(_), Self::Below(_)) => false,
        }
    }
}

impl RegionPattern {
    /// Reads the form that [`fmt::Display`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Any);
        }
        let (country, state) = text.split_once('/').map_or((text, None), |(country, state)| (country, Some(state)));
        if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        match state {
            None => Some(Self::Country(country.to_owned())),
            Some(state) if state.is_empty() || state.chars().any(char::is_control) => None,
            Some(state) => Some(Self::State(country.to_owned(), state.to_owned())),
        }
    }

    fn covers(&self, region: &Region) -> bool {
        match self {
            Self::Any => true,
            Self::Country(country) => region.country.as_ref() == Some(country),
            Self::State(country, state) => {
                region.country.as_ref() == Some(country) && region.state.as_ref() == Some(state)
            }
        }
    }

    fn contains(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) => true,
            (Self::Country(own), Self::Country(country) | Self::State(country, _)) => own == country,
            _ => self == other,
        }
    }
}

impl Scope {
    /// Whether a document type in a region is within.
    #[must_use]
    pub fn covers(&self, doc_type: &str, region: &Region) -> bool {
        self.doc_type.covers(doc_type) && self.region.covers(region)
    }

    /// Whether everything of `other` is within, the same scope included.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        self.doc_type.contains(&other.doc_type) && self.region.contains(&other.region)
    }

    /// Whether the two have something in common.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let doc_types = self.doc_type.contains(&other.doc_type) || other.doc_type.contains(&self.doc_type);
        doc_types && (self.region.contains(&other.region) || other.region.contains(&self.region))
    }
}

impl fmt::Display for DocTypePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Below(stem) => write!(f, "{stem}.*"),
            Self::Exact(exact) => f.write_str(exact),
        }
    }
}

impl fmt::Display for RegionPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Country(country) => f.write_str(country),
            Self::State(country, state) => write!(f, "{country}/{state}"),
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.country.as_deref().unwrap_or("-"))?;
        self.state.as_deref().map_or(Ok(()), |state| write!(f, "/{state}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn doc_type() -> impl Strategy<Value = DocTypePattern> {
        prop::sample::select(vec!["*", "a.*", "a.b.*", "a.b", "a.b.c", "ab", "a"])
            .prop_map(|text| DocTypePattern::parse(text).unwrap())
    }

    fn region() -> impl Strategy<Value = RegionPattern> {
        prop::sample::select(vec!["*", "US", "US/OH", "US/CA", "JP"])
            .prop_map(|text| RegionPattern::parse(text).unwrap())
    }

    const DOC_TYPES: [&str; 7] = ["a", "a.b", "a.b.c", "a.b.c.d", "ab", "ab.c", "z"];

    fn regions() -> Vec<Region> {
        let one = |country: Option<&str>, state: Option<&str>| Region {
            country: country.map(str::to_owned),
            state: state.map(str::to_owned),
        };
        vec![
            one(None, None),
            one(Some("US"), None),
            one(Some("US"), Some("OH")),
            one(Some("US"), Some("CA")),
            one(Some("JP"), None),
            one(Some("JP"), Some("OH")),
        ]
    }

    proptest! {
        /// Containment and overlap of patterns are those of the sets that they stand for.
        #[test]
        fn patterns_are_sets(a in (doc_type(), region()), b in (doc_type(), region())) {
            let scope = |(doc_type, region)| Scope { doc_type, region };
            let (a, b) = (scope(a), scope(b));
            let points = || DOC_TYPES.iter().flat_map(|doc_type| regions().into_iter().map(move |region| (*doc_type, region)));
            let common = points().any(|(doc_type, region)| a.covers(doc_type, &region) && b.covers(doc_type, &region));
            prop_assert_eq!(a.overlaps(&b), common);
            if a.contains(&b) {
                let within = points().all(|(doc_type, region)| !b.covers(doc_type, &region) || a.covers(doc_type, &region));
                prop_assert!(within);
                prop_assert!(a.overlaps(&b));
            }
            prop_assert!(!(a.contains(&b) && b.contains(&a)) || a == b);
        }
    }

    #[test]
    fn texts() {
        for text in ["*", "org.iso.*", "org.iso.18013.5.1.mDL"] {
            assert_eq!(DocTypePattern::parse(text).unwrap().to_string(), text);
        }
        for text in ["", ".*", "a*", "a.*.b", "a b", "a.**"] {
            assert_eq!(DocTypePattern::parse(text), None, "{text}");
        }
        for text in ["*", "JP", "US/US-OH", "US/New York"] {
            assert_eq!(RegionPattern::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "jp", "JPN", "US/", "/OH", "US/\n"] {
            assert_eq!(RegionPattern::parse(text), None, "{text}");
        }
    }
}
