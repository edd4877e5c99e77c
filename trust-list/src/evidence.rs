//! Evidence: what a verifier has fetched or was given, and how old it is.

use std::collections::BTreeMap;

use tegata_pki::CrlNumber;
use time::{Duration, UtcDateTime};

use crate::anchor::ListingKind;
use crate::crl_set::CrlSet;
use crate::token::{
    DeviceKeyListToken, IdentifierListToken, RevocationToken, StatusListToken, Token, TokenDeviation, TokenError,
    recognise,
};
use crate::{DeviceKeyList, IdentifierList, StatusList};

/// Everything a verifier knows about revocation. What is absent says nothing: without a list a status is undetermined.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// CRLs, for certificates.
    pub crls: CrlSet,
    /// Status, identifier and device-key lists, for documents.
    pub lists: ListSet,
}

impl Evidence {
    /// No evidence.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds everything that another set knows, after what is here.
    pub fn extend(&mut self, other: Self) {
        self.crls.extend(other.crls);
        self.lists.extend(other.lists);
    }
}

/// A token and when it was fetched.
#[derive(Clone, Debug)]
pub(crate) struct Fetched<L> {
    pub(crate) token: Token<L>,
    pub(crate) fetched_at: UtcDateTime,
}

/// Status, identifier and device-key lists by subject, not verified: they are when they are used, because only the document
/// says who may sign them.
///
/// The set remembers how late the lists were that it answered from ([`ListSet::remember`],
/// [`ListSet::remember_sequence`]), so that an older one, played back, can no longer say *good*.
#[derive(Clone, Debug, Default)]
pub struct ListSet {
    status_lists: BTreeMap<String, Vec<Fetched<StatusList>>>,
    identifier_lists: BTreeMap<String, Vec<Fetched<IdentifierList>>>,
    device_key_lists: BTreeMap<String, Vec<Fetched<DeviceKeyList>>>,
    latest: BTreeMap<String, UtcDateTime>,
    sequences: BTreeMap<String, u64>,
    unreadable: BTreeMap<String, TokenError>,
}

/// The most status lists, and identifier lists, that are kept and tried for one subject.
pub const MAX_TOKENS_PER_SUBJECT: usize = 4;

impl ListSet {
    /// An empty set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a token of any kind, fetched at `fetched_at`, and returns it. Of the status lists of one subject the
    /// [`MAX_TOKENS_PER_SUBJECT`] latest issued are kept, of the identifier lists likewise; of device-key lists all.
    ///
    /// # Errors
    /// When it is not a revocation list token.
    pub fn add(&mut self, bytes: &[u8], fetched_at: UtcDateTime) -> Result<RevocationToken, TokenError> {
        let token = recognise(bytes)?;
        match token.clone() {
            RevocationToken::StatusList(token) => self.add_status_list(token, fetched_at),
            RevocationToken::IdentifierList(token) => self.add_identifier_list(token, fetched_at),
            RevocationToken::DeviceKeyList(token) => self.add_device_key_list(token, fetched_at),
        }
        Ok(token)
    }

    fn add_status_list(&mut self, token: StatusListToken, fetched_at: UtcDateTime) {
        insert(&mut self.status_lists, token, fetched_at, Token::issued_at).truncate(MAX_TOKENS_PER_SUBJECT);
    }

    fn add_identifier_list(&mut self, token: IdentifierListToken, fetched_at: UtcDateTime) {
        insert(&mut self.identifier_lists, token, fetched_at, Token::issued_at).truncate(MAX_TOKENS_PER_SUBJECT);
    }

    /// All are kept: documents do not refer to the list, so that one crowded out by strangers' would not be missed.
    fn add_device_key_list(&mut self, token: DeviceKeyListToken, fetched_at: UtcDateTime) {
        let rank = |token: &DeviceKeyListToken| (token.unverified_content().sequence(), token.issued_at());
        _ = insert(&mut self.device_key_lists, token, fetched_at, rank);
    }

    /// Adds everything that another set knows: its tokens, the latest times of issue and numbers, and what was unreadable.
    pub fn extend(&mut self, other: Self) {
        for Fetched { token, fetched_at } in other.status_lists.into_values().flatten() {
            self.add_status_list(token, fetched_at);
        }
        for Fetched { token, fetched_at } in other.identifier_lists.into_values().flatten() {
            self.add_identifier_list(token, fetched_at);
        }
        for Fetched { token, fetched_at } in other.device_key_lists.into_values().flatten() {
            self.add_device_key_list(token, fetched_at);
        }
        for (subject, issued_at) in other.latest {
            self.remember(&subject, issued_at);
        }
        for (subject, sequence) in other.sequences {
            self.remember_sequence(&subject, sequence);
        }
        self.unreadable.extend(other.unreadable);
    }

    /// As [`ListSet::add`], with what came from `uri`. When that was no list, the set remembers so: as long as it has no
    /// list of `uri`, a status that depends on one is undetermined for this reason, and not for want of a list.
    ///
    /// # Errors
    /// When it is not a revocation list token.
    pub fn add_fetched(
        &mut self,
        uri: &str,
        bytes: &[u8],
        fetched_at: UtcDateTime,
    ) -> Result<RevocationToken, TokenError> {
        let added = self.add(bytes, fetched_at);
        match &added {
            Ok(_) => _ = self.unreadable.remove(uri),
            Err(error) => _ = self.unreadable.insert(uri.to_owned(), error.clone()),
        }
        added
    }

    /// The status list tokens of all subjects, unverified.
    pub fn status_lists(&self) -> impl Iterator<Item = &StatusListToken> {
        self.status_lists.values().flatten().map(|fetched| &fetched.token)
    }

    /// The identifier list tokens of all subjects, unverified.
    pub fn identifier_lists(&self) -> impl Iterator<Item = &IdentifierListToken> {
        self.identifier_lists.values().flatten().map(|fetched| &fetched.token)
    }

    /// The device-key list tokens of all subjects, unverified.
    pub fn device_key_lists(&self) -> impl Iterator<Item = &DeviceKeyListToken> {
        self.device_key_lists.values().flatten().map(|fetched| &fetched.token)
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

    /// Remembers that a device-key list of this subject and sequence number was used; a lower one is refused from now on.
    /// Call it with what a check reports, and with what an earlier run stored.
    pub fn remember_sequence(&mut self, subject: &str, sequence: u64) {
        let highest = self.sequences.entry(subject.to_owned()).or_insert(sequence);
        *highest = sequence.max(*highest);
    }

    /// The highest sequence numbers seen, by subject: what to store for the next run.
    pub fn highest_sequences(&self) -> impl Iterator<Item = (&str, u64)> {
        self.sequences.iter().map(|(subject, sequence)| (subject.as_str(), *sequence))
    }

    pub(crate) fn highest_sequence(&self, subject: &str) -> Option<u64> {
        self.sequences.get(subject).copied()
    }

    /// Why what came from `uri` was no list.
    pub(crate) fn unreadable(&self, uri: &str) -> Option<&TokenError> {
        self.unreadable.get(uri)
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

    /// The subjects of the device-key lists.
    pub(crate) fn device_key_subjects(&self) -> impl Iterator<Item = &str> {
        self.device_key_lists.keys().map(String::as_str)
    }

    /// The device-key lists of `uri`, highest sequence number first.
    pub(crate) fn device_key_lists_of(&self, uri: &str) -> &[Fetched<DeviceKeyList>] {
        self.device_key_lists.get(uri).map_or(&[], Vec::as_slice)
    }
}

/// Adds a token to those of its subject, which stand by falling `rank`.
fn insert<L, R: Ord>(
    map: &mut BTreeMap<String, Vec<Fetched<L>>>,
    token: Token<L>,
    fetched_at: UtcDateTime,
    rank: impl Fn(&Token<L>) -> R,
) -> &mut Vec<Fetched<L>> {
    let of_subject = map.entry(token.subject().to_owned()).or_default();
    of_subject.push(Fetched { token, fetched_at });
    of_subject.sort_by_key(|fetched| core::cmp::Reverse((rank(&fetched.token), fetched.fetched_at)));
    of_subject
}

/// A piece of evidence that answered, and its age: what a report shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceAge {
    /// What it is.
    pub kind: EvidenceKind,
    /// thisUpdate of a CRL, `iat` of a token, the date of a trust list.
    pub issued_at: UtcDateTime,
    /// nextUpdate of a CRL or trust list, `exp` of a token.
    pub expires: Option<UtcDateTime>,
    /// When it was fetched.
    pub fetched_at: Option<UtcDateTime>,
    /// Time since it was issued; negative within the clock skew.
    pub age: Duration,
    /// True when the publisher asks for a newer copy (`ttl` since the fetch has passed, or nextUpdate of a trust list)
    /// although this one still holds.
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
    /// A device-key list.
    DeviceKeyList {
        /// Its subject.
        uri: String,
        /// Its number; to be remembered, see [`ListSet::remember_sequence`].
        sequence: u64,
    },
    /// The published list that the anchor was taken from: no evidence of revocation, but as old as it is, so is the trust.
    TrustList {
        /// What kind of list.
        kind: ListingKind,
        /// Its provider or name.
        name: String,
    },
}
