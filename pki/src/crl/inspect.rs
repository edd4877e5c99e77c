//! Showing a list, also one that may never be used.

use time::UtcDateTime;

use super::{Crl, CrlError, CrlNumber, OwnedCrl, entries};
use crate::certificate::Name;

/// What a list (RFC 5280 5.1) says, for people to look at. It may be one that is refused whoever signed it, as a delta CRL,
/// which is why it gives no [`Crl`] out.
#[derive(Clone, Debug)]
pub struct InspectedCrl {
    crl: OwnedCrl,
    refusal: Option<CrlError>,
}

impl InspectedCrl {
    /// Reads DER.
    ///
    /// # Errors
    /// [`CrlError`], of bytes that are no list or a damaged one.
    pub fn from_der(der: &[u8]) -> Result<Self, CrlError> {
        let (crl, refusal) = Crl::read(der)?;
        Ok(Self::new(crl.into_owned(), refusal))
    }

    /// A list that was read to be used.
    #[must_use]
    pub fn of(crl: &OwnedCrl) -> Self {
        Self::new(crl.clone(), None)
    }

    /// A list of a good form may still have an entry that cannot be processed.
    fn new(crl: OwnedCrl, refusal: Option<CrlError>) -> Self {
        let refusal = refusal.or_else(|| crl.entries().find_map(Result::err));
        Self { crl, refusal }
    }

    /// Reads a PEM file that holds exactly one list.
    ///
    /// # Errors
    /// As [`InspectedCrl::from_der`], and [`CrlError::Pem`].
    pub fn from_pem(text: &[u8]) -> Result<Self, CrlError> {
        Self::from_der(&super::decode_pem(text)?)
    }

    /// Why it may not be used; `None` when its form is no reason.
    #[must_use]
    pub fn refusal(&self) -> Option<&CrlError> {
        self.refusal.as_ref()
    }

    /// Who issued the list.
    #[must_use]
    pub fn issuer(&self) -> &Name {
        self.crl.issuer()
    }

    /// The CRL number.
    #[must_use]
    pub fn number(&self) -> Option<CrlNumber> {
        self.crl.number()
    }

    /// When it was issued.
    #[must_use]
    pub fn this_update(&self) -> UtcDateTime {
        self.crl.this_update()
    }

    /// When the next one will have been issued.
    #[must_use]
    pub fn next_update(&self) -> Option<UtcDateTime> {
        self.crl.next_update()
    }

    /// Serial numbers (contents octets) and dates, up to the first entry that is damaged. Extensions are not looked at.
    pub fn listed(&self) -> impl Iterator<Item = (&[u8], UtcDateTime)> {
        entries::listed(self.crl.part(&self.crl.entries))
    }
}
