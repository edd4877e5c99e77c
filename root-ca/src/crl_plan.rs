//! Which CRLs a ceremony signs, and what stands in them.

use tegata_pki::{Name, crl::RevocationReason};
use time::UtcDateTime;

use crate::{
    error::AuthorityError,
    key_status::Generation,
    policy::{CrlMode, Policy},
    state::{CertificateRecord, Revocation, RootKey, Serial},
};

/// One list to be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrlSlot {
    /// The key that signs it.
    pub issuer: Generation,
    /// When it takes effect.
    pub this_update: UtcDateTime,
    /// When it ends.
    pub next_update: UtcDateTime,
    /// When the next one of the series is to be published; `None` for a single list.
    pub next_publish: Option<UtcDateTime>,
}

/// A key that signs lists, and how long they must last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrlSigner {
    /// The key.
    pub generation: Generation,
    /// The lists cover every instant before this one.
    pub until: UtcDateTime,
    /// notAfter of the key's certificate: no list takes effect after it.
    pub not_after: UtcDateTime,
}

/// What must be revoked: an entry of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) serial: Serial,
    pub(crate) date: UtcDateTime,
    pub(crate) reason: Option<RevocationReason>,
    /// notAfter of the certificate.
    pub(crate) ends: UtcDateTime,
}

/// How long the lists of a key must last, seen from a ceremony at `now`: to the next ceremony and the policy's slip. A key
/// that can no longer sign then covers everything that it issued, to its end.
///
/// # Errors
/// [`AuthorityError::NextCeremony`] unless it lies after `now` and within the policy's interval.
pub fn cover_until(
    key: &RootKey,
    issued: &[CertificateRecord],
    policy: &Policy,
    next_ceremony: UtcDateTime,
    now: UtcDateTime,
) -> Result<UtcDateTime, AuthorityError> {
    let latest = now.saturating_add(policy.document_signer.cadence.longest());
    if next_ceremony <= now || next_ceremony > latest {
        return Err(AuthorityError::NextCeremony(next_ceremony));
    }
    let horizon = policy.crl.slip.after(next_ceremony);
    if policy.root.crl_after_key_use || policy.root.key_use.after(key.created) >= horizon {
        return Ok(horizon);
    }
    let below = issued.iter().filter(|record| record.issuer == key.generation && record.kind.is_end_entity());
    Ok(below.map(|record| record.certificate.not_after()).chain([horizon]).max().unwrap_or(horizon))
}

/// The lists of a ceremony in the order of their numbers: by date, at one date the older key first. So the numbers of a name
/// rise with time under every reading, and the newest list carries the greatest.
///
/// # Errors
/// [`AuthorityError::NobodySigns`] without signers; [`AuthorityError::NextCeremony`] when a single list ends too soon.
pub fn schedule(policy: &Policy, signers: &[CrlSigner], now: UtcDateTime) -> Result<Vec<CrlSlot>, AuthorityError> {
    let last = signers.iter().map(|signer| signer.until).max().ok_or(AuthorityError::NobodySigns)?;
    let slots_at = |this_update: UtcDateTime, next_publish: Option<UtcDateTime>| {
        let next_update = policy.crl.validity.after(this_update);
        let due = signers.iter().filter(move |signer| this_update < signer.until && this_update <= signer.not_after);
        due.map(move |signer| CrlSlot { issuer: signer.generation, this_update, next_update, next_publish })
    };
    let mut slots = Vec::new();
    match (policy.crl.mode, policy.crl.next_publish) {
        (CrlMode::DailySeries, Some(interval)) => {
            let mut this_update = now;
            while this_update < last {
                let next = interval.after(this_update);
                slots.extend(slots_at(this_update, Some(next)));
                this_update = next;
            }
        }
        _ => {
            if policy.crl.validity.after(now) < last {
                return Err(AuthorityError::NextCeremony(last));
            }
            slots.extend(slots_at(now, None));
        }
    }
    if slots.is_empty() { Err(AuthorityError::NobodySigns) } else { Ok(slots) }
}

/// The revoked certificates of an issuer name, whichever of its keys signed them.
pub(crate) fn entries(
    name: &Name,
    certificates: &[CertificateRecord],
    revocations: &[Revocation],
    policy_reasons: bool,
) -> Vec<Entry> {
    let entry = |revocation: &Revocation| {
        let record = certificates.iter().find(|record| record.serial == revocation.serial)?;
        (record.certificate.issuer() == name).then(|| Entry {
            serial: revocation.serial.clone(),
            date: revocation.date,
            reason: revocation.cause.reason().filter(|_| policy_reasons),
            ends: record.certificate.not_after(),
        })
    };
    revocations.iter().filter_map(entry).collect()
}

/// Whether an entry stands in a list of that date: until the certificate has ended and one list after it has said so
/// (RFC 5280 3.3).
pub(crate) fn is_listed(entry: &Entry, policy: &Policy, this_update: UtcDateTime) -> bool {
    policy.crl_interval().after(entry.ends) >= this_update
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::{Duration, macros::utc_datetime};

    use super::*;

    const NOW: UtcDateTime = utc_datetime!(2027-01-10 9:00);

    fn signer(generation: u32, days: i64) -> CrlSigner {
        let until = NOW + Duration::days(days);
        CrlSigner { generation: Generation(generation), until, not_after: NOW + Duration::days(3000) }
    }

    #[test]
    fn a_quarter_and_a_week_are_ninety_nine_lists() {
        let policy = Policy::built_in("jp-004").unwrap();
        let slots = schedule(&policy, &[signer(1, 99)], NOW).unwrap();
        assert_eq!(slots.len(), 99);
        assert_eq!(slots[98].next_update, NOW + Duration::days(101));
        assert_eq!(slots[0].next_publish, Some(slots[1].this_update));
    }

    #[test]
    fn a_single_list_must_reach_the_next_ceremony() {
        let policy = Policy::built_in("iso-18013-5").unwrap();
        assert_eq!(schedule(&policy, &[signer(1, 90)], NOW).unwrap().len(), 1);
        assert!(matches!(schedule(&policy, &[signer(1, 91)], NOW), Err(AuthorityError::NextCeremony(_))));
        assert!(matches!(schedule(&policy, &[], NOW), Err(AuthorityError::NobodySigns)));
    }

    proptest! {
        /// Every instant before `until` of every key is covered twice over, dates never go back, and the older key of a
        /// date comes first.
        #[test]
        fn the_series_has_no_gap_and_rises(lengths in proptest::collection::vec(1_i64..150, 1..4)) {
            let policy = Policy::built_in("jp-004").unwrap();
            let signers: Vec<_> = (1..).zip(&lengths).map(|(generation, days)| signer(generation, *days)).collect();
            let slots = schedule(&policy, &signers, NOW).unwrap();
            for pair in slots.windows(2) {
                prop_assert!((pair[0].this_update, pair[0].issuer) < (pair[1].this_update, pair[1].issuer));
            }
            for signer in &signers {
                let mut instant = NOW;
                while instant < signer.until {
                    let covered = slots.iter().any(|slot| {
                        slot.issuer == signer.generation && slot.this_update <= instant && instant < slot.next_update
                    });
                    prop_assert!(covered, "{instant}");
                    instant += Duration::hours(7);
                }
            }
        }
    }
}
