//! The list: who is published for what, made from the holdings and the two files of the people who decide.

use std::collections::BTreeSet;

use tegata_manifest::{AnchorDates, AnchorList, Header, IssuerFacts, ListedAnchor, ListedState, StatusSource};
use time::{Duration, UtcDateTime};

use crate::{
    KeyDigest,
    authorisation::{Denial, Region},
    catalogue::{HeldRoot, Holdings},
    gate::Authority,
    service::Service,
};

/// Why no list is made. All reasons are told together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ListRefusal {
    /// No root is held.
    #[error("no root is held")]
    NoRoots,
    /// It is not said what a root is published for.
    #[error("it is not said what the root {0} is published for")]
    NoIssuer(KeyDigest),
    /// A root in use may not, or may no longer, speak for a document type: the row is to be reviewed, or the root to be
    /// taken out of use.
    #[error("the root {root} may not speak for {doc_type} in {region}: {denial}")]
    Unauthorised {
        /// The root.
        root: KeyDigest,
        /// The document type.
        doc_type: String,
        /// The region of its certificate.
        region: Region,
        /// Why.
        denial: Denial,
    },
    /// A status list is of a root that is not held.
    #[error("the status list {name:?} is of the root {root}, which is not held")]
    StatusOfUnknownRoot {
        /// The name of the list.
        name: String,
        /// The root.
        root: KeyDigest,
    },
}

impl ListRefusal {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::NoRoots => "list-no-roots",
            Self::NoIssuer(_) => "list-no-issuer",
            Self::Unauthorised { denial, .. } => denial.id(),
            Self::StatusOfUnknownRoot { .. } => "list-status-of-unknown-root",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        self.remedies().0
    }

    /// What to do about it, in Japanese.
    #[must_use]
    pub fn remedy_ja(&self) -> &'static str {
        self.remedies().1
    }

    fn remedies(&self) -> (&'static str, &'static str) {
        match self {
            Self::NoRoots => ("Import a bundle with a root first.", "先にルートを含むバンドルを取り込んでください。"),
            Self::NoIssuer(_) => (
                "Enter the root with its document types in the file of issuers; roots out of use stay in it.",
                "発行者ファイルにルートと文書型を登録してください。使用を終えたルートも残します。",
            ),
            Self::Unauthorised { .. } => (
                "Have the row of the authorisation list reviewed, or plan the end of the root.",
                "許可リストの行を再確認するか、ルートの使用終了を計画してください。",
            ),
            Self::StatusOfUnknownRoot { .. } => (
                "Correct the issuer of the status list in the file of the service.",
                "サービスファイルのステータスリストの発行者を直してください。",
            ),
        }
    }
}

/// Makes the next list, unsigned. Links of roots that are held and all notices go in; every anchor with the state that it
/// has at `at`.
///
/// # Errors
/// Everything that is against it; at least one refusal.
pub fn draft_list(
    holdings: &Holdings,
    service: &Service,
    authority: &Authority,
    at: UtcDateTime,
) -> Result<AnchorList, Vec<ListRefusal>> {
    let at = at.truncate_to_second();
    let expires = at.saturating_add(service.list_life);
    let mut refusals = Vec::new();
    if holdings.roots.is_empty() {
        refusals.push(ListRefusal::NoRoots);
    }
    let mut anchors = Vec::with_capacity(holdings.roots.len());
    for held in holdings.roots.values() {
        match anchor(held, authority, at, expires) {
            Ok(anchor) => anchors.push(anchor),
            Err(found) => refusals.extend(found),
        }
    }
    let stranger = |status: &&crate::service::StatusList| !holdings.roots.contains_key(&status.issuer);
    refusals.extend(
        service
            .status
            .iter()
            .filter(stranger)
            .map(|status| ListRefusal::StatusOfUnknownRoot { name: status.name.clone(), root: status.issuer }),
    );
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let source = |status: &crate::service::StatusList| StatusSource {
        uri: status.uri.clone(),
        kind: status.shape.kind(),
        issuer_key: *status.issuer.as_bytes(),
    };
    let sources: BTreeSet<StatusSource> = service.status.iter().map(source).collect();
    Ok(AnchorList {
        header: Header {
            repository: service.repository.clone(),
            version: holdings.metadata.list.as_ref().map_or(0, |list| list.version) + 1,
            issued: at,
            expires,
        },
        anchors,
        links: holdings.links.iter().map(|link| link.certificate().clone()).collect(),
        sources: sources.into_iter().collect(),
        notices: holdings.notices.clone(),
    })
}

fn anchor(
    held: &HeldRoot,
    authority: &Authority,
    at: UtcDateTime,
    expires: UtcDateTime,
) -> Result<ListedAnchor, Vec<ListRefusal>> {
    let root = held.root.key_digest();
    let issuer = authority.issuers.get(root).ok_or_else(|| vec![ListRefusal::NoIssuer(root)])?;
    let region = Region::from(held.root.certificate());
    let (mut review_by, mut refusals) = (None, Vec::new());
    // A root that is out of use speaks for nothing: it is listed so that everybody learns that.
    if held.is_in_use(at) {
        for doc_type in issuer.doc_types.iter() {
            match authority.authorisation.decide(root, doc_type, &region, at) {
                Ok(grant) => review_by = Some(review_by.map_or(grant.review_by, |by| grant.review_by.min(by))),
                Err(denial) => {
                    let (doc_type, region) = (doc_type.to_owned(), region.clone());
                    refusals.push(ListRefusal::Unauthorised { root, doc_type, region, denial });
                }
            }
        }
    }
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let end_of = |date: time::Date| UtcDateTime::new(date, time::Time::MIDNIGHT).saturating_add(Duration::DAY);
    Ok(ListedAnchor {
        certificate: held.root.certificate().clone(),
        doc_types: issuer.doc_types.clone(),
        purposes: issuer.purposes.clone(),
        state: held.state_at(at),
        dates: listed_dates(held, at),
        facts: IssuerFacts {
            crl_fresh: issuer.crl_fresh,
            crl_max_age: issuer.crl_max_age,
            revocation_duty: issuer.revocation_duty,
            review_by: review_by.map_or(expires, end_of),
        },
        approval: held.approval.clone(),
    })
}

/// The dates as they are listed: of a revoked root the last one is that of the revocation, and none lies after it.
fn listed_dates(held: &HeldRoot, at: UtcDateTime) -> AnchorDates {
    match held.revoked.filter(|_| held.state_at(at) == ListedState::Revoked) {
        None => held.dates,
        Some(revoked) => {
            let revoked = revoked.truncate_to_second().max(held.dates.announced);
            AnchorDates {
                announced: held.dates.announced,
                active: held.dates.active.min(revoked),
                retiring: held.dates.retiring.filter(|date| *date <= revoked),
                removed: Some(revoked),
            }
        }
    }
}
