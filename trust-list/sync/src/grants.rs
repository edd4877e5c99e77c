//! What an anchor may speak for: document types by purpose.

use std::collections::{BTreeMap, BTreeSet};

use tegata_trust_list::{DocTypes, Purpose, Scope};

/// Document types by purpose. Trust is given per document type and purpose (ISO/IEC 18013-5 C.1.7.1), so it is compared,
/// widened and narrowed per pair.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants(BTreeMap<Purpose, Extent>);

/// The document types of one purpose. Only an operator can say "any"; a list cannot.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Extent {
    Any,
    Only(BTreeSet<String>),
}

impl Grants {
    /// Each of `purposes` for each of `doc_types`.
    #[must_use]
    pub fn new(purposes: &BTreeSet<Purpose>, doc_types: &DocTypes) -> Self {
        let extent = Extent::Only(doc_types.iter().map(str::to_owned).collect());
        Self(purposes.iter().map(|purpose| (*purpose, extent.clone())).collect())
    }

    /// Each of `purposes` for `scope`, which may be any document type.
    #[must_use]
    pub fn of_scope(purposes: &BTreeSet<Purpose>, scope: &Scope) -> Self {
        match scope {
            Scope::DocTypes(doc_types) => Self::new(purposes, doc_types),
            Scope::AnyDocType => Self(purposes.iter().map(|purpose| (*purpose, Extent::Any)).collect()),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `doc_type` is granted for `purpose`.
    #[must_use]
    pub fn covers(&self, purpose: Purpose, doc_type: &str) -> bool {
        match self.0.get(&purpose) {
            Some(Extent::Any) => true,
            Some(Extent::Only(doc_types)) => doc_types.contains(doc_type),
            None => false,
        }
    }

    /// Whether a pair is granted; `None` stands for any document type.
    #[must_use]
    pub fn contains(&self, purpose: Purpose, doc_type: Option<&str>) -> bool {
        match doc_type {
            Some(doc_type) => self.covers(purpose, doc_type),
            None => self.0.get(&purpose) == Some(&Extent::Any),
        }
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let both = |(purpose, one): (&Purpose, &Extent)| {
            let extent = match (one, other.0.get(purpose)?) {
                (extent, Extent::Any) | (Extent::Any, extent) => extent.clone(),
                (Extent::Only(one), Extent::Only(two)) => Extent::Only(one.intersection(two).cloned().collect()),
            };
            extent.some().map(|extent| (*purpose, extent))
        };
        Self(self.0.iter().filter_map(both).collect())
    }

    /// What is here and not in `other`. Of *any* document type nothing but *any* can be taken away.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        let rest = |(purpose, one): (&Purpose, &Extent)| {
            let extent = match (one, other.0.get(purpose)) {
                (_, Some(Extent::Any)) => return None,
                (Extent::Only(one), Some(Extent::Only(two))) => Extent::Only(one.difference(two).cloned().collect()),
                (extent, _) => extent.clone(),
            };
            extent.some().map(|extent| (*purpose, extent))
        };
        Self(self.0.iter().filter_map(rest).collect())
    }

    /// What is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut all = self.clone();
        for (purpose, extent) in &other.0 {
            match (all.0.get_mut(purpose), extent) {
                (Some(Extent::Only(own)), Extent::Only(more)) => own.extend(more.iter().cloned()),
                (Some(own), Extent::Any) => *own = Extent::Any,
                (Some(Extent::Any), _) => {}
                (None, extent) => _ = all.0.insert(*purpose, extent.clone()),
            }
        }
        all
    }

    /// One [`Scope`] for each set of purposes that share it: what a [`tegata_trust_list::AnchorEntry`] takes.
    #[must_use]
    pub fn scopes(&self) -> Vec<(BTreeSet<Purpose>, Scope)> {
        let mut scopes: Vec<(BTreeSet<Purpose>, Scope)> = Vec::new();
        for (purpose, extent) in &self.0 {
            let Some(scope) = extent.scope() else { continue };
            match scopes.iter_mut().find(|(_, known)| *known == scope) {
                Some((purposes, _)) => _ = purposes.insert(*purpose),
                None => scopes.push((BTreeSet::from([*purpose]), scope)),
            }
        }
        scopes
    }

    /// Every pair; `None` stands for any document type.
    pub fn iter(&self) -> impl Iterator<Item = (Purpose, Option<&str>)> {
        self.0.iter().flat_map(|(purpose, extent)| {
            let (any, some) = match extent {
                Extent::Any => (Some((*purpose, None)), None),
                Extent::Only(doc_types) => (None, Some(doc_types)),
            };
            any.into_iter().chain(some.into_iter().flatten().map(|doc_type| (*purpose, Some(doc_type.as_str()))))
        })
    }

    /// Adds a pair; `None` stands for any document type.
    pub(crate) fn insert(&mut self, purpose: Purpose, doc_type: Option<&str>) {
        let extent = self.0.entry(purpose).or_insert_with(|| Extent::Only(BTreeSet::new()));
        match (extent, doc_type) {
            (extent, None) => *extent = Extent::Any,
            (Extent::Only(doc_types), Some(doc_type)) => _ = doc_types.insert(doc_type.to_owned()),
            (Extent::Any, Some(_)) => {}
        }
    }
}

impl Extent {
    /// Itself, unless it is nothing.
    fn some(self) -> Option<Self> {
        (!matches!(&self, Self::Only(doc_types) if doc_types.is_empty())).then_some(self)
    }

    fn scope(&self) -> Option<Scope> {
        match self {
            Self::Any => Some(Scope::AnyDocType),
            Self::Only(doc_types) => {
                let mut doc_types = doc_types.iter().cloned();
                doc_types.next().map(|first| Scope::DocTypes(DocTypes::new(first, doc_types)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grants(purposes: &[Purpose], doc_types: &[&str]) -> Grants {
        let mut grants = Grants::default();
        for purpose in purposes {
            doc_types.iter().for_each(|doc_type| grants.insert(*purpose, Some(doc_type)));
        }
        grants
    }

    #[test]
    fn set_operations_work_per_pair() {
        let one = grants(&[Purpose::Issuance], &["a", "b"]);
        let two = grants(&[Purpose::Issuance, Purpose::Status], &["b", "c"]);
        assert_eq!(one.intersection(&two), grants(&[Purpose::Issuance], &["b"]));
        assert_eq!(one.difference(&two), grants(&[Purpose::Issuance], &["a"]));
        let all = one.union(&two);
        assert!(all.covers(Purpose::Issuance, "a") && all.covers(Purpose::Status, "c"));
        assert!(!all.covers(Purpose::Status, "a"), "a purpose never spreads to other document types");
        assert!(one.difference(&one).is_empty());
        assert_eq!(all.scopes().len(), 2);
    }

    #[test]
    fn any_document_type_absorbs_and_is_not_made_smaller() {
        let any = Grants::of_scope(&BTreeSet::from([Purpose::Issuance]), &Scope::AnyDocType);
        let one = grants(&[Purpose::Issuance], &["a"]);
        assert_eq!(any.intersection(&one), one);
        assert_eq!(any.difference(&one), any);
        assert!(one.difference(&any).is_empty());
        assert_eq!(one.union(&any), any);
        assert_eq!(any.iter().collect::<Vec<_>>(), [(Purpose::Issuance, None)]);
    }
}
