//! Evidence: what a verifier has fetched or was given, and how old it is.

use std::collections::BTreeMap;

use tegata_pki::CrlNumber;
use time::{Duration, UtcDateTime};

use crate::crl_set::CrlSet;
use crate::token::{
    IdentifierListToken, RevocationToken, StatusListToken, Token, TokenDeviation, TokenError, recognise,
};
use crate::{IdentifierList, StatusList};

/// Everything a verifier knows about revocation. What is absent says nothing: without a list a status is undetermined.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// CRLs, for certificates.
    pub crls: CrlSet,
    /// Status and identifier lists, for documents.
    pub lists: ListSet,
}

impl Evidence {
    /// No evidence.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

/// A token and when it was fetched.
#[derive(Clone, Debug)]
pub(crate) struct Fetched<L> {
    pub(crate) token: Token<L>,
    pub(crate) fetched_at: UtcDateTime,
}

/// Status and identifier lists by subject, not verified: they are when they are used, because only the document says who
/// may sign them.
#[derive(Clone, Debug, Default)]
pub struct ListSet {
    status_lists: BTreeMap<String, Vec<Fetched<StatusList>>>,
    identifier_lists: BTreeMap<String, Vec<Fetched<IdentifierList>>>,
    latest: BTreeMap<String, UtcDateTime>,
}

/// The most tokens that are kept, and tried, for one subject.
pub const MAX_TOKENS_PER_SUBJECT: usize = 4;

impl ListSet {
    /// An empty set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a token of any kind, fetched at `fetched_at`, and returns it. Of one subject the
    /// [`MAX_TOKENS_PER_SUBJECT`] latest issued are kept.
    ///
    /// # Errors
    /// When it is not a revocation list token.
    pub fn add(&mut self, bytes: &[u8], fetched_at: UtcDateTime) -> Result<RevocationToken, TokenError> {
        let token = recognise(bytes)?;
        match token.clone() {
            RevocationToken::StatusList(token) => insert(&mut self.status_lists, token, fetched_at),
            RevocationToken::IdentifierList(token) => insert(&mut self.identifier_lists, token, fetched_at),
        }
        Ok(token)
    }

    /// The status list tokens of all subjects, unverified.
    pub fn status_lists(&self) -> impl Iterator<Item = &StatusListToken> {
        self.status_lists.values().flatten().map(|fetched| &fetched.token)
    }

    /// The identifier list tokens of all subjects, unverified.
    pub fn identifier_lists(&self) -> impl Iterator<Item = &IdentifierListToken> {
        self.identifier_lists.values().flatten().map(|fetched| &fetched.token)
    }

    /// Remembers that a token of this subject, issued then, was used; an earlier one is refused from now on. Call it with
    /// what a check reports, and with what an earlier run stored.
    pub fn remember(&mut self, subject: &str, issued_at: UtcDateTime) {
        let latest = self.latest.entry(subject.to_owned()).or_insert(issued_at);
        *latest = issued_at.max(*latest);
    }

    /// The latest times of issue seen, by subject: what to store for the next run.
    pub fn latest_seen(&self) -> impl Iterator<Item = (&str, UtcDateTime)> {
        self.latest.iter().map(|(subject, issued_at)| (subject.as_str(), *issued_at))
    }

    pub(crate) fn latest(&self, subject: &str) -> Option<UtcDateTime> {
        self.latest.get(subject).copied()
    }

    /// The status lists of `uri`, latest first.
    pub(crate) fn status_lists_of(&self, uri: &str) -> &[Fetched<StatusList>] {
        self.status_lists.get(uri).map_or(&[], Vec::as_slice)
    }

    /// The identifier lists of `uri`, latest first.
    pub(crate) fn identifier_lists_of(&self, uri: &str) -> &[Fetched<IdentifierList>] {
        self.identifier_lists.get(uri).map_or(&[], Vec::as_slice)
    }
}

fn insert<L>(map: &mut BTreeMap<String, Vec<Fetched<L>>>, token: Token<L>, fetched_at: UtcDateTime) {
    let of_subject = map.entry(token.subject().to_owned()).or_default();
    of_subject.push(Fetched { token, fetched_at });
    of_subject.sort_by_key(|fetched| core::cmp::Reverse((fetched.token.issued_at(), fetched.fetched_at)));
    of_subject.truncate(MAX_TOKENS_PER_SUBJECT);
}

/// A piece of evidence that answered, and its age: what a report shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceAge {
    /// What it is.
    pub kind: EvidenceKind,
    /// thisUpdate of a CRL, `iat` of a token.
    pub issued_at: UtcDateTime,
    /// nextUpdate of a CRL, `exp` of a token.
    pub expires: Option<UtcDateTime>,
    /// When it was fetched.
    pub fetched_at: Option<UtcDateTime>,
    /// Time since it was issued; negative within the clock skew.
    pub age: Duration,
    /// True when the publisher asks for a newer copy (`ttl` since the fetch has passed) although this one still holds.
    pub refresh_due: bool,
    /// What was tolerated in it.
    pub deviations: Vec<TokenDeviation>,
}

/// The kinds of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EvidenceKind {
    /// A CRL.
    Crl {
        /// Its number; to be remembered, see [`CrlSet::remember`].
        number: Option<CrlNumber>,
    },
    /// A status list.
    StatusList {
        /// Its subject; to be remembered, see [`ListSet::remember`].
        uri: String,
    },
    /// An identifier list.
    IdentifierList {
        /// Its subject; to be remembered, see [`ListSet::remember`].
        uri: String,
    },
}
