//! Many copies of one document for many keys of one wallet, none of which tells that it belongs to the others.

use std::collections::{HashSet, VecDeque};

use rand_core::CryptoRng;
use tegata_hsm::PendingSignature;
use tegata_mdoc::model::Claims;
use tegata_pki::PublicKey;
use time::UtcDateTime;

use crate::{
    DocumentSigner, IssuanceRequest, IssueError, IssuedDocument, Prepared, StatusReference, Terms, TimestampPolicy,
};

/// Signatures asked for and not yet fetched: enough to keep a pool of token sessions busy, few enough to stay small.
const IN_FLIGHT: usize = 64;

/// Copies of one document.
#[derive(Clone, Copy, Debug)]
pub struct BatchRequest<'a> {
    /// The elements of every copy.
    pub claims: &'a Claims,
    /// What the copies have in common; the instants must be rounded to hours or days.
    pub terms: &'a Terms,
    /// One key for each copy, all different.
    pub device_keys: &'a [PublicKey],
}

/// Gives out positions in status lists.
///
/// An implementation must never give out a position twice, and must choose positions at random: consecutive ones would
/// link the copies of a batch (ISO/IEC 18013-5 second edition 12.3.6.4).
pub trait StatusAllocator {
    /// Allocates `count` references for good, whether or not the documents are issued in the end.
    ///
    /// # Errors
    /// [`StatusAllocationError`]; nothing is allocated then.
    fn allocate(
        &mut self,
        count: usize,
        rng: &mut dyn CryptoRng,
    ) -> Result<Vec<StatusReference>, StatusAllocationError>;
}

/// Why no status references were given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StatusAllocationError {
    /// The list has fewer free positions than asked for.
    #[error("{free} positions are free, {asked} were asked for")]
    Exhausted {
        /// How many are free.
        free: u64,
        /// How many were asked for.
        asked: usize,
    },
    /// What holds the allocations failed.
    #[error("the store of the allocations failed")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StatusAllocationError {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Exhausted { .. } => "status-allocation-exhausted",
            Self::Store(_) => "status-allocation-store",
        }
    }
}

/// Positions of one list, chosen at random and remembered in memory. For sandboxes and tests: an issuer that restarts must
/// remember what it gave out.
#[derive(Clone, Debug)]
pub struct RandomStatusAllocator {
    uri: String,
    size: u64,
    used: HashSet<u64>,
}

impl RandomStatusAllocator {
    /// The list of `size` positions at `uri`, of which those in `used` are taken.
    ///
    /// # Errors
    /// [`IssueError::StatusUri`].
    pub fn new(uri: impl Into<String>, size: u64, used: impl IntoIterator<Item = u64>) -> Result<Self, IssueError> {
        let uri = StatusReference::new(uri, 0)?.uri().to_owned();
        Ok(Self { uri, size, used: used.into_iter().filter(|index| *index < size).collect() })
    }

    fn free(&self) -> u64 {
        self.size - u64::try_from(self.used.len()).unwrap_or(u64::MAX).min(self.size)
    }
}

impl StatusAllocator for RandomStatusAllocator {
    fn allocate(
        &mut self,
        count: usize,
        rng: &mut dyn CryptoRng,
    ) -> Result<Vec<StatusReference>, StatusAllocationError> {
        let free = self.free();
        if u64::try_from(count).map_or(true, |count| count > free) {
            return Err(StatusAllocationError::Exhausted { free, asked: count });
        }
        let mut references = Vec::with_capacity(count);
        while references.len() < count {
            let start = u64::try_from((u128::from(rng.next_u64()) * u128::from(self.size)) >> 64).unwrap_or(0);
            // In a nearly full list, the next free position after a random one.
            let index = (start..self.size).chain(0..start).find(|index| !self.used.contains(index));
            let reference = index.and_then(|index| StatusReference::new(self.uri.clone(), index).ok());
            let Some(reference) = reference else {
                return Err(StatusAllocationError::Exhausted { free: 0, asked: count });
            };
            self.used.insert(reference.index());
            references.push(reference);
        }
        Ok(references)
    }
}

impl DocumentSigner {
    /// Issues one copy for each device key: fresh salts, a fresh order of digests, a status position of its own, the same
    /// rounded instants for all. Signatures are asked for ahead, so that a token with several sessions works on several.
    ///
    /// # Errors
    /// [`IssueError`]: a batch is issued whole or not at all. Status positions that were allocated stay allocated.
    pub fn issue_batch(
        &self,
        batch: &BatchRequest<'_>,
        allocator: Option<&mut dyn StatusAllocator>,
        rng: &mut impl CryptoRng,
        now: UtcDateTime,
    ) -> Result<Vec<IssuedDocument>, IssueError> {
        check_batch(batch)?;
        let references = allocator.map(|allocator| allocate(allocator, batch.device_keys.len(), rng)).transpose()?;
        let mut references = references.unwrap_or_default().into_iter();

        let mut issued = Vec::with_capacity(batch.device_keys.len());
        let mut in_flight: VecDeque<(Prepared<'_>, PendingSignature)> = VecDeque::with_capacity(IN_FLIGHT);
        for device_key in batch.device_keys {
            let status = references.next();
            let request =
                IssuanceRequest { claims: batch.claims, terms: batch.terms, device_key, status: status.as_ref() };
            let prepared = self.prepare(&request, rng, now)?;
            if in_flight.len() == IN_FLIGHT {
                issued.extend(fetch(&mut in_flight)?);
            }
            let pending = self.signer().begin(prepared.to_be_signed().to_vec());
            in_flight.push_back((prepared, pending));
        }
        while let Some(document) = fetch(&mut in_flight)? {
            issued.push(document);
        }
        Ok(issued)
    }
}

/// The oldest document in flight, with its signature.
fn fetch(in_flight: &mut VecDeque<(Prepared<'_>, PendingSignature)>) -> Result<Option<IssuedDocument>, IssueError> {
    let Some((prepared, pending)) = in_flight.pop_front() else { return Ok(None) };
    Ok(Some(prepared.assemble(&pending.wait()?)))
}

fn check_batch(batch: &BatchRequest<'_>) -> Result<(), IssueError> {
    if batch.device_keys.is_empty() {
        return Err(IssueError::NoDeviceKeys);
    }
    if batch.terms.timestamps == TimestampPolicy::Second {
        return Err(IssueError::BatchNeedsRoundedInstants);
    }
    let mut seen = HashSet::new();
    for (second, key) in batch.device_keys.iter().enumerate() {
        if !seen.insert(key) {
            let first = batch.device_keys.iter().position(|other| other == key).unwrap_or_default();
            return Err(IssueError::DuplicateDeviceKey { first, second });
        }
    }
    Ok(())
}

/// References from an allocator that is not trusted to be right: one used twice would revoke a stranger.
fn allocate(
    allocator: &mut dyn StatusAllocator,
    count: usize,
    rng: &mut dyn CryptoRng,
) -> Result<Vec<StatusReference>, IssueError> {
    let references = allocator.allocate(count, rng)?;
    let distinct: HashSet<&StatusReference> = references.iter().collect();
    if references.len() == count && distinct.len() == count {
        Ok(references)
    } else {
        Err(IssueError::StatusReferencesNotDistinct)
    }
}
