//! A verified VICAL as a [`Listing`].

use std::collections::BTreeSet;

use tegata_manifest::{AnchorDates, ListedState};
use tegata_pki::{Certificate, CryptoProvider};
use tegata_trust_list::Purpose;
use tegata_trust_list::vical::{VerifiedVical, VicalEntry};

use super::number;
use crate::anchor::check_root;
use crate::{Entry, Grants, KeyDigest, Listing, Vouching};

impl Listing {
    /// The entries of a verified VICAL that can be anchors, each for the document types of its own entry (C.1.7.1). Several
    /// entries of one key count together, by the certificate that is valid longest; expired ones give nothing.
    #[must_use]
    pub fn of_vical(verified: &VerifiedVical, provider: &dyn CryptoProvider) -> Self {
        let vical = verified.vical();
        let version = number(vical.issue_id(), vical.date());
        let mut listing = Self { by: Vouching::Vical, version, ..Self::default() };
        let expired: BTreeSet<usize> = verified.expired().map(VicalEntry::position).collect();
        for entry in vical.entries().iter().filter(|entry| !expired.contains(&entry.position())) {
            let key = KeyDigest::of(entry.certificate());
            match check_root(entry.certificate(), true, provider) {
                Ok(()) => listing.add(key, entry),
                Err(error) => listing.refused_entries.push((key, error)),
            }
        }
        listing
    }

    fn add(&mut self, key: KeyDigest, listed: &VicalEntry) {
        let grants = Grants::new(&BTreeSet::from([Purpose::Issuance]), listed.doc_types());
        match self.entries.get_mut(&key) {
            Some(known) => {
                known.grants = known.grants.union(&grants);
                if listed.certificate().not_after() > known.certificate.not_after() {
                    known.certificate = listed.certificate().clone();
                    known.dates = dates(&known.certificate);
                }
            }
            None => {
                let certificate = listed.certificate().clone();
                let (state, dates) = (ListedState::Active, dates(&certificate));
                let entry = Entry { certificate, grants, state, dates, facts: None, approved: Grants::default() };
                self.entries.insert(key, entry);
            }
        }
    }
}

/// A VICAL has no dates of announcement: those of the certificate, so that another certificate of the same key restarts the
/// hold-down.
fn dates(certificate: &Certificate) -> AnchorDates {
    let (announced, active) = (certificate.not_before(), certificate.not_before());
    AnchorDates { announced, active, retiring: None, removed: None }
}
