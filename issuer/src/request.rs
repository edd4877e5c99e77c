//! What is to be issued.

use tegata_mdoc::model::Claims;
use tegata_pki::{Hash, PublicKey};
use time::{Duration, UtcDateTime};

use crate::IssueError;

/// One document to be issued.
#[derive(Clone, Copy, Debug)]
pub struct IssuanceRequest<'a> {
    /// The elements, and the document type with them.
    pub claims: &'a Claims,
    /// What does not depend on the single copy.
    pub terms: &'a Terms,
    /// The public key of the holder's device. [`PublicKey`] has no weak or zero value.
    pub device_key: &'a PublicKey,
    /// Where the revocation of this copy will be published; one index belongs to one copy.
    pub status: Option<&'a StatusReference>,
}

/// What all copies of a document have in common.
#[derive(Clone, Debug)]
pub struct Terms {
    /// First instant of validity; `None` for the time of signing. An instant in the past means the same, because the
    /// document does not exist before it is signed.
    pub valid_from: Option<UtcDateTime>,
    /// Last instant of validity asked for. The certificates may end it earlier.
    pub valid_until: UtcDateTime,
    /// When the issuer expects to sign again: a hint for the wallet, inside the validity.
    pub expected_update: Option<UtcDateTime>,
    /// How coarse the instants are.
    pub timestamps: TimestampPolicy,
    /// The digest of every element. SHA-256 has the widest acceptance.
    pub digest_algorithm: Hash,
    /// What the device may sign itself; `None` for nothing.
    pub key_authorizations: Option<KeyAuthorizations>,
    /// Random digests to add to each namespace, so that their number does not tell how many elements there are.
    pub decoys: u16,
}

impl Terms {
    /// Valid from the signing until `valid_until`, SHA-256, instants cut to the day, nothing else.
    #[must_use]
    pub fn until(valid_until: UtcDateTime) -> Self {
        Self {
            valid_from: None,
            valid_until,
            expected_update: None,
            timestamps: TimestampPolicy::Day,
            digest_algorithm: Hash::Sha256,
            key_authorizations: None,
            decoys: 0,
        }
    }
}

/// How coarse the instants of an MSO are (ISO/IEC 18013-5 9.1.2.4 recommends coarse ones, because copies that were signed
/// in the same second can be linked).
///
/// `signed` is cut down to a multiple, but not below notBefore of the certificates; `validFrom` is moved up and
/// `validUntil` down, so that no document is valid for longer than asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimestampPolicy {
    /// Whole seconds, the finest a tdate can be. For single documents only.
    Second,
    /// Whole hours, UTC.
    Hour,
    /// Whole days, UTC.
    Day,
}

impl TimestampPolicy {
    /// The unit.
    #[must_use]
    pub fn unit(self) -> Duration {
        match self {
            Self::Second => Duration::SECOND,
            Self::Hour => Duration::HOUR,
            Self::Day => Duration::DAY,
        }
    }
}

/// `StatusListInfo = { "idx": uint, "uri": tstr }` of the MSO's `status` (ISO/IEC 18013-5 second edition 12.3.6).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StatusReference {
    uri: String,
    index: u64,
}

impl StatusReference {
    /// Position `index` of the Token Status List published at `uri`.
    ///
    /// # Errors
    /// [`IssueError::StatusUri`] unless `uri` is an absolute `https` or `http` URI: a reader could not fetch anything else.
    pub fn new(uri: impl Into<String>, index: u64) -> Result<Self, IssueError> {
        let uri = uri.into();
        let rest = uri.strip_prefix("https://").or_else(|| uri.strip_prefix("http://"));
        let printable = uri.chars().all(|character| character.is_ascii_graphic());
        if rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/')) && printable {
            Ok(Self { uri, index })
        } else {
            Err(IssueError::StatusUri { uri: uri.into() })
        }
    }

    /// Where the list is; equals its `sub`.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// The position in the list.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }
}

/// `KeyAuthorizations = { ? "nameSpaces": [+ NameSpace], ? "dataElements": { + NameSpace => [+ tstr] } }`
/// (ISO/IEC 18013-5 9.1.2.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyAuthorizations {
    name_spaces: Vec<String>,
    data_elements: Vec<(String, Vec<String>)>,
}

impl KeyAuthorizations {
    /// The device may sign whole namespaces and single elements of others.
    ///
    /// # Errors
    /// [`IssueError::KeyAuthorizations`] when nothing is authorised, an entry stands twice, an element list is empty, or a
    /// namespace stands both as a whole and with single elements: the standard forbids all of these.
    pub fn new(name_spaces: Vec<String>, data_elements: Vec<(String, Vec<String>)>) -> Result<Self, IssueError> {
        let names = || name_spaces.iter().chain(data_elements.iter().map(|(name, _)| name));
        let elements_are_sets = data_elements.iter().all(|(_, elements)| !elements.is_empty() && all_differ(elements));
        if names().next().is_some() && all_differ(names()) && elements_are_sets {
            Ok(Self { name_spaces, data_elements })
        } else {
            Err(IssueError::KeyAuthorizations)
        }
    }

    /// Namespaces the device may sign in full.
    #[must_use]
    pub fn name_spaces(&self) -> &[String] {
        &self.name_spaces
    }

    /// Single elements the device may sign.
    #[must_use]
    pub fn data_elements(&self) -> &[(String, Vec<String>)] {
        &self.data_elements
    }
}

fn all_differ<'a>(names: impl IntoIterator<Item = &'a String>) -> bool {
    let mut seen = std::collections::HashSet::new();
    names.into_iter().all(|name| seen.insert(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authorizations_that_the_standard_forbids_cannot_be_made() {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let forbidden = [
            (names(&[]), vec![]),
            (names(&["a", "a"]), vec![]),
            (names(&["a"]), vec![("a".to_owned(), names(&["x"]))]),
            (names(&[]), vec![("a".to_owned(), names(&[]))]),
            (names(&[]), vec![("a".to_owned(), names(&["x", "x"]))]),
            (names(&[]), vec![("a".to_owned(), names(&["x"])), ("a".to_owned(), names(&["y"]))]),
        ];
        for (name_spaces, elements) in forbidden {
            let refused = KeyAuthorizations::new(name_spaces.clone(), elements.clone()).unwrap_err();
            assert_eq!(refused.id(), "issue-key-authorizations", "{name_spaces:?} {elements:?}");
        }
        assert!(KeyAuthorizations::new(names(&["a"]), vec![("b".to_owned(), names(&["x", "y"]))]).is_ok());
    }

    #[test]
    fn a_status_uri_can_be_fetched() {
        assert!(StatusReference::new("https://status.example/1", 7).is_ok());
        for uri in ["", "status/1", "https://", "https:///x", "file:///x", "https://a b", "https://a\n"] {
            assert_eq!(StatusReference::new(uri, 0).unwrap_err().id(), "issue-status-uri", "{uri}");
        }
    }
}
