//! Which CRL is released when, and which never.

use std::collections::{BTreeMap, BTreeSet};

use tegata_pki::CrlNumber;
use time::UtcDateTime;

use super::{Catalogue, CatalogueError, Change, HeldCrl, Holdings};
use crate::{KeyDigest, event};

/// A list that was released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The root.
    pub issuer: KeyDigest,
    /// The number of the list.
    pub number: CrlNumber,
    /// Numbers of lists whose day had passed before they were released; they stay unreleased for good.
    pub missed: Vec<CrlNumber>,
}

/// Lists that were destroyed before their day because a bundle brought newer ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voided {
    /// The root.
    pub issuer: KeyDigest,
    /// Number and SHA-256 of each.
    pub lists: Vec<(CrlNumber, [u8; 32])>,
}

impl Catalogue {
    /// Releases, for every root, the newest list whose thisUpdate has come. So a series of daily lists gives one a day,
    /// and after days without a release the one of today; the others go to the archive.
    ///
    /// # Errors
    /// [`CatalogueError`].
    pub fn release(&mut self, at: UtcDateTime) -> Result<Vec<Release>, CatalogueError> {
        let mut holdings = self.holdings.clone();
        let (releases, mut change) = due(&mut holdings, at);
        if releases.is_empty() {
            return Ok(releases);
        }
        for release in &releases {
            change.events.push(event::released(release, &holdings, self.actor())?);
        }
        self.commit(holdings, change, at)?;
        Ok(releases)
    }
}

/// Marks what is due as released, and takes out what it supersedes.
pub(super) fn due(holdings: &mut Holdings, at: UtcDateTime) -> (Vec<Release>, Change) {
    let issuers: BTreeSet<KeyDigest> = holdings.crls.iter().map(|crl| crl.issuer).collect();
    let (mut releases, mut change) = (Vec::new(), Change::default());
    for issuer in issuers {
        let in_effect = holdings.crls_of(issuer).filter(|crl| crl.this_update <= at);
        let Some(newest) = in_effect.map(|crl| crl.number).max() else { continue };
        let is_new = holdings.crls_of(issuer).any(|crl| crl.number == newest && crl.released.is_none());
        if !is_new {
            continue;
        }
        let (superseded, kept): (Vec<HeldCrl>, Vec<HeldCrl>) =
            std::mem::take(&mut holdings.crls).into_iter().partition(|crl| crl.issuer == issuer && crl.number < newest);
        holdings.crls = kept;
        for crl in holdings.crls.iter_mut().filter(|crl| crl.issuer == issuer && crl.number == newest) {
            crl.released = Some(at);
        }
        let missed = superseded.iter().filter(|crl| crl.released.is_none()).map(|crl| crl.number).collect();
        releases.push(Release { issuer, number: newest, missed });
        change.archive.extend(superseded);
    }
    (releases, change)
}

/// Takes out every list that was not released and has a lower number than a new one of the same root: it knows nothing of
/// what was revoked since it was signed.
pub(super) fn void(holdings: &mut Holdings, new: &[HeldCrl]) -> Vec<Voided> {
    let mut lowest: BTreeMap<KeyDigest, CrlNumber> = BTreeMap::new();
    for crl in new {
        let number = lowest.entry(crl.issuer).or_insert(crl.number);
        *number = crl.number.min(*number);
    }
    let mut voided: BTreeMap<KeyDigest, Vec<(CrlNumber, [u8; 32])>> = BTreeMap::new();
    holdings.crls.retain(|crl| {
        let is_void = crl.released.is_none() && lowest.get(&crl.issuer).is_some_and(|number| crl.number < *number);
        if is_void {
            voided.entry(crl.issuer).or_default().push((crl.number, crl.sha256));
        }
        !is_void
    });
    voided.into_iter().map(|(issuer, lists)| Voided { issuer, lists }).collect()
}
