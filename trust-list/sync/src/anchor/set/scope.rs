//! What documents are about: the unit that is never emptied silently.

use tegata_trust_list::Purpose;

use crate::{Grants, HeldAnchor};

/// Documents of one country and type, for one purpose.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TrustScope {
    /// countryName of the anchor's subject; empty if it has none.
    pub country: String,
    /// The purpose.
    pub purpose: Purpose,
    /// The document type; `None` for an anchor of any.
    pub doc_type: Option<String>,
}

impl TrustScope {
    /// Every scope that an anchor may speak for.
    #[must_use]
    pub fn all_of(anchor: &HeldAnchor) -> Vec<Self> {
        Self::within(anchor, &anchor.grants)
    }

    /// The scopes of `grants`, for the country of `anchor`.
    pub(super) fn within(anchor: &HeldAnchor, grants: &Grants) -> Vec<Self> {
        let country = anchor.certificate.subject().country().unwrap_or_default();
        let scope = |(purpose, doc_type): (Purpose, Option<&str>)| Self {
            country: country.clone().into_owned(),
            purpose,
            doc_type: doc_type.map(str::to_owned),
        };
        grants.iter().map(scope).collect()
    }

    /// Whether `anchor` may speak for it.
    #[must_use]
    pub fn is_of(&self, anchor: &HeldAnchor) -> bool {
        anchor.grants.contains(self.purpose, self.doc_type.as_deref())
            && anchor.certificate.subject().country().unwrap_or_default() == self.country
    }
}
