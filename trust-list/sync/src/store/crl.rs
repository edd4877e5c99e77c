//! Taking in CRLs: verified with the anchor's key before they are kept, found by name *and* key, never going back.

use tegata_pki::{Certificate, Crl, CrlInput, CrlStatus, KeyUsage, OwnedCrl, check_crl, looks_like_html};
use time::UtcDateTime;

use super::{HeldCrl, Store};
use crate::{AnchorState, ImportError, KeyDigest};

impl Store {
    /// Takes in a CRL in DER or PEM, fetched at `at`, and tells of which anchor it is.
    ///
    /// Of several anchors of one name the one whose key signed it counts, in whatever order they come. The highest number
    /// of each anchor is remembered for good; a CRL that is past its nextUpdate is taken all the same if it is newer than
    /// what is held, because it may revoke.
    ///
    /// # Errors
    /// [`ImportError`]; nothing changes.
    pub fn import_crl(&mut self, bytes: &[u8], at: UtcDateTime) -> Result<KeyDigest, ImportError> {
        let at = at.truncate_to_second();
        self.check_clock(at).map_err(|latest| ImportError::ClockTurnedBack { latest, at })?;
        self.take_crl(bytes, at, at)
    }

    /// As [`Store::import_crl`], of one that was fetched before.
    pub(crate) fn take_crl(
        &mut self,
        bytes: &[u8],
        fetched_at: UtcDateTime,
        at: UtcDateTime,
    ) -> Result<KeyDigest, ImportError> {
        let crl = read(bytes)?;
        let anchor = self.issuer_of(&crl)?;
        self.check_crl(anchor, &crl, at)?;
        if let Some(number) = crl.number() {
            let highest = self.state.highest_crl.entry(anchor).or_insert(number);
            *highest = number.max(*highest);
        }
        self.state.crls.insert(anchor, HeldCrl { crl, fetched_at });
        self.pass_time(at);
        Ok(anchor)
    }

    /// The anchor that signed the CRL.
    fn issuer_of(&self, crl: &Crl<'_>) -> Result<KeyDigest, ImportError> {
        let mut nearest = ImportError::UnknownIssuer;
        for (_, key, anchor) in self.every_anchor() {
            let lives = anchor.state.is_trusted() || matches!(anchor.state, AnchorState::Candidate { .. });
            if !lives || !claims(crl, &anchor.certificate) {
                continue;
            }
            match crl.verify_signature(&anchor.certificate, self.provider) {
                Ok(()) if may_sign(&anchor.certificate) => return Ok(key),
                Ok(()) => return Err(ImportError::IssuerMayNotSign),
                Err(error) => nearest = ImportError::CrlSignature(error),
            }
        }
        Err(nearest)
    }

    /// Whether an authentic CRL may replace what is held of its issuer.
    fn check_crl(&self, anchor: KeyDigest, crl: &Crl<'_>, at: UtcDateTime) -> Result<(), ImportError> {
        let this_update = crl.this_update();
        if this_update > at.saturating_add(self.policy.skew) {
            return Err(ImportError::CrlNotYetValid { this_update });
        }
        if crl.next_update().is_none() {
            return Err(ImportError::NextUpdateMissing);
        }
        // An entry that cannot be processed makes the whole list useless, wherever it stands.
        crl.entries().try_for_each(|entry| entry.map(|_| ())).map_err(ImportError::Crl)?;
        let held = self.state.crls.get(&anchor).map(|held| &held.crl);
        let highest = self.state.highest_crl.get(&anchor).copied();
        match (crl.number(), highest) {
            (Some(found), Some(highest)) if found < highest => Err(ImportError::CrlNumberTooLow { found, highest }),
            (None, Some(highest)) => Err(ImportError::CrlNumberMissing { highest }),
            (Some(found), _) => match held {
                Some(held) if held.number() == Some(found) && held.tbs() != crl.tbs() => {
                    Err(ImportError::CrlNumberReused(found))
                }
                _ => Ok(()),
            },
            (None, None) => match held.map(|held| held.this_update()) {
                Some(held) if this_update < held => Err(ImportError::CrlOlder { found: this_update, held }),
                _ => Ok(()),
            },
        }
    }

    /// Whether the anchor with the certificate `by` has revoked `link`, by the CRL that is held of it.
    pub(super) fn has_revoked(&self, link: &Certificate, by: &Certificate) -> bool {
        let Some(held) = self.state.crls.get(&KeyDigest::of(by)) else { return false };
        // Revocations are not undone: a stale list is good enough for this.
        let input = CrlInput::new(held.crl.this_update());
        let status = check_crl(link, by, core::slice::from_ref(&held.crl), &input, self.provider);
        matches!(status, CrlStatus::Revoked { .. })
    }
}

fn read(bytes: &[u8]) -> Result<OwnedCrl, ImportError> {
    if looks_like_html(bytes) {
        return Err(ImportError::WebPage);
    }
    let crl = if bytes.trim_ascii_start().starts_with(b"-----BEGIN") {
        Crl::from_pem(bytes)
    } else {
        Crl::from_der(bytes).map(Crl::into_owned)
    };
    crl.map_err(ImportError::Crl)
}

/// Whether the CRL claims to be of this anchor: by name, and by key where both sides name it.
fn claims(crl: &Crl<'_>, anchor: &Certificate) -> bool {
    let same_key = match (crl.authority_key_identifier(), anchor.subject_key_identifier()) {
        (Some(named), Some(own)) => named == own,
        _ => true,
    };
    same_key && crl.issuer().matches(anchor.subject()).is_match()
}

fn may_sign(anchor: &Certificate) -> bool {
    anchor.key_usage().is_some_and(|usage| usage.contains(KeyUsage::CRL_SIGN))
}
