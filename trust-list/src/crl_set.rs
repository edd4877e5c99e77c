//! The CRLs at hand.

use std::collections::BTreeMap;

use tegata_pki::crl::Undetermined;
use tegata_pki::{
    Certificate, Crl, CrlError, CrlInput, CrlNumber, CrlStatus, CryptoProvider, OwnedCrl, PublicKey, check_crl,
};
use time::UtcDateTime;

/// CRLs as fetched, not verified: they are when they are used, with the key of the issuer asked for (ISO/IEC 18013-5
/// B.3.2). A list is found by issuer name and key identifier and counts by its signature.
///
/// The set remembers the highest number seen of every issuer key ([`CrlSet::remember`]), so that an older list, played
/// back, can no longer say *good*.
#[derive(Clone, Debug, Default)]
pub struct CrlSet {
    crls: Vec<OwnedCrl>,
    fetched_at: Vec<UtcDateTime>,
    highest: BTreeMap<PublicKey, CrlNumber>,
    unreadable: BTreeMap<String, CrlError>,
}

/// What the set says about one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrlAnswer {
    /// The status.
    pub status: CrlStatus,
    /// The list that gave it; `None` when the status is undetermined.
    pub used: Option<UsedCrl>,
}

/// The list that answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsedCrl {
    /// Its number; to be remembered, see [`CrlSet::remember`].
    pub number: Option<CrlNumber>,
    /// Its thisUpdate.
    pub this_update: UtcDateTime,
    /// Its nextUpdate.
    pub next_update: Option<UtcDateTime>,
    /// When it was fetched.
    pub fetched_at: UtcDateTime,
}

impl CrlSet {
    /// An empty set: every status is undetermined.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a list in DER or PEM, fetched at `fetched_at`.
    ///
    /// # Errors
    /// When it is not a CRL.
    pub fn add(&mut self, bytes: &[u8], fetched_at: UtcDateTime) -> Result<(), CrlError> {
        let crl = if bytes.trim_ascii_start().starts_with(b"-----BEGIN") {
            Crl::from_pem(bytes)?
        } else {
            Crl::from_der(bytes)?.into_owned()
        };
        self.crls.push(crl);
        self.fetched_at.push(fetched_at);
        Ok(())
    }

    /// As [`CrlSet::add`], with what came from `uri`. When that was no list, the set remembers so: as long as it has no list
    /// of the issuer, a certificate whose list is published there is undetermined for this reason.
    ///
    /// # Errors
    /// When it is not a CRL.
    pub fn add_fetched(&mut self, uri: &str, bytes: &[u8], fetched_at: UtcDateTime) -> Result<(), CrlError> {
        let added = self.add(bytes, fetched_at);
        match &added {
            Ok(()) => _ = self.unreadable.remove(uri),
            Err(error) => _ = self.unreadable.insert(uri.to_owned(), error.clone()),
        }
        added
    }

    /// Adds everything that another set knows: its lists after those that are here, the highest numbers, and what was
    /// unreadable.
    pub fn extend(&mut self, other: Self) {
        self.crls.extend(other.crls);
        self.fetched_at.extend(other.fetched_at);
        for (issuer_key, number) in other.highest {
            self.remember(&issuer_key, number);
        }
        self.unreadable.extend(other.unreadable);
    }

    /// Why what came from `uri` was no list.
    pub(crate) fn unreadable(&self, uri: &str) -> Option<&CrlError> {
        self.unreadable.get(uri)
    }

    /// The lists, unverified.
    #[must_use]
    pub fn crls(&self) -> &[OwnedCrl] {
        &self.crls
    }

    /// Remembers that a list of number `number` of this issuer key was used. Call it with what a check reports, and
    /// with what an earlier run stored; a lower number changes nothing.
    pub fn remember(&mut self, issuer_key: &PublicKey, number: CrlNumber) {
        let highest = self.highest.entry(issuer_key.clone()).or_insert(number);
        *highest = number.max(*highest);
    }

    /// The highest numbers seen, by issuer key: what to store for the next run.
    pub fn highest_numbers(&self) -> impl Iterator<Item = (&PublicKey, CrlNumber)> {
        self.highest.iter().map(|(key, number)| (key, *number))
    }

    /// The status of `certificate`, issued by `issuer`.
    ///
    /// `input.lowest_number` is raised to what this set remembers and to the highest number among its lists that the
    /// issuer did sign: a list that is superseded here does not become good by being fresh.
    #[must_use]
    pub fn check(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        input: &CrlInput,
        provider: &dyn CryptoProvider,
    ) -> CrlAnswer {
        let Ok(key) = issuer.public_key() else {
            return CrlAnswer { status: CrlStatus::Undetermined(Undetermined::NoCrl), used: None };
        };
        let own: Vec<usize> = self.positions_of(issuer).collect();
        let mut lowest_number = input.lowest_number.max(self.highest.get(key).copied());
        if own.len() > 1 {
            lowest_number = lowest_number.max(self.highest_signed(&own, issuer, input, provider));
        }
        let status = check_crl(certificate, issuer, &self.crls, &CrlInput { lowest_number, ..*input }, provider);
        let number = match &status {
            CrlStatus::Good { number, .. } | CrlStatus::Revoked { number, .. } => Some(*number),
            CrlStatus::Undetermined(_) => None,
        };
        let used = number.and_then(|number| own.into_iter().find_map(|position| self.used(position, number)));
        CrlAnswer { status, used }
    }

    /// The list at `position`, if its number is the one that answered.
    fn used(&self, position: usize, number: Option<CrlNumber>) -> Option<UsedCrl> {
        let (crl, fetched_at) = self.crls.get(position).zip(self.fetched_at.get(position))?;
        (crl.number() == number).then(|| UsedCrl {
            number,
            this_update: crl.this_update(),
            next_update: crl.next_update(),
            fetched_at: *fetched_at,
        })
    }

    /// The lists that claim to be of `issuer`: by name, and by key where both sides name it.
    fn positions_of<'a>(&'a self, issuer: &'a Certificate) -> impl Iterator<Item = usize> + 'a {
        let key_fits = |crl: &OwnedCrl| match (crl.authority_key_identifier(), issuer.subject_key_identifier()) {
            (Some(named), Some(own)) => named == own,
            _ => true,
        };
        let claims = move |crl: &OwnedCrl| key_fits(crl) && crl.issuer().matches(issuer.subject()).is_match();
        self.crls.iter().enumerate().filter(move |(_, crl)| claims(crl)).map(|(position, _)| position)
    }

    /// The highest number among the lists that `issuer` signed and that are not of the future.
    fn highest_signed(
        &self,
        positions: &[usize],
        issuer: &Certificate,
        input: &CrlInput,
        provider: &dyn CryptoProvider,
    ) -> Option<CrlNumber> {
        let latest = input.at.saturating_add(input.skew);
        let crls = positions.iter().filter_map(|position| self.crls.get(*position));
        let mut numbered: Vec<_> = crls.filter(|crl| crl.this_update() <= latest && crl.number().is_some()).collect();
        numbered.sort_by_key(|crl| core::cmp::Reverse(crl.number()));
        numbered.into_iter().find(|crl| crl.verify_signature(issuer, provider).is_ok()).and_then(Crl::number)
    }
}
