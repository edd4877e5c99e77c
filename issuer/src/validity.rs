//! The instants of an MSO (ISO/IEC 18013-5 9.1.2.4 `ValidityInfo`).

use tegata_mdoc::date::Tdate;
use time::UtcDateTime;

use crate::request::{Terms, TimestampPolicy};
use crate::{DocumentSigner, IssueError};

/// The validity a document gets: `signed <= valid_from < valid_until <= notAfter` of the certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// When it was signed, cut down to the unit of the [`TimestampPolicy`].
    pub signed: Tdate,
    /// First instant of validity.
    pub valid_from: Tdate,
    /// Last instant of validity.
    pub valid_until: Tdate,
    /// The hint for the wallet.
    pub expected_update: Option<Tdate>,
    /// True when the certificates end the validity before the instant asked for.
    pub is_cut_by_certificates: bool,
}

impl Validity {
    /// The instants for a document signed at `now`: never outside what was asked for, nor outside the certificates.
    pub(crate) fn new(terms: &Terms, signer: &DocumentSigner, now: UtcDateTime) -> Result<Self, IssueError> {
        let (not_before, not_after) = (signer.not_before(), signer.not_after());
        if now < not_before || now > not_after {
            return Err(IssueError::SignerNotValid { not_before, not_after, now });
        }
        let policy = terms.timestamps;
        // Cutting to midnight must not end before the certificate began (a verifier rejects such a document).
        let signed = policy.down(now)?.max(not_before);
        let valid_from = match terms.valid_from.filter(|from| *from > now) {
            Some(from) => policy.up(from)?.max(signed),
            None => signed,
        };
        let asked = policy.down(terms.valid_until)?;
        let valid_until = asked.min(not_after.truncate_to_second());
        if valid_until <= valid_from || valid_until <= now {
            return Err(IssueError::EmptyValidity { valid_from, valid_until });
        }
        let expected_update = terms.expected_update.map(|update| policy.down(update)).transpose()?;
        if expected_update.is_some_and(|update| update < valid_from || update > valid_until) {
            return Err(IssueError::ExpectedUpdateOutsideValidity);
        }
        Ok(Self {
            signed: Tdate::new(signed),
            valid_from: Tdate::new(valid_from),
            valid_until: Tdate::new(valid_until),
            expected_update: expected_update.map(Tdate::new),
            is_cut_by_certificates: not_after < asked,
        })
    }
}

impl TimestampPolicy {
    fn down(self, instant: UtcDateTime) -> Result<UtcDateTime, IssueError> {
        let (seconds, unit) = (instant.unix_timestamp(), self.unit().whole_seconds());
        from_unix(seconds - seconds.rem_euclid(unit))
    }

    fn up(self, instant: UtcDateTime) -> Result<UtcDateTime, IssueError> {
        let down = self.down(instant)?;
        if down == instant { Ok(down) } else { from_unix(down.unix_timestamp() + self.unit().whole_seconds()) }
    }
}

fn from_unix(seconds: i64) -> Result<UtcDateTime, IssueError> {
    UtcDateTime::from_unix_timestamp(seconds).map_err(|_| IssueError::TimeOutOfRange)
}

#[cfg(test)]
mod tests {
    use time::macros::utc_datetime;

    use super::*;

    #[test]
    fn units_cut_both_ways() {
        let instant = utc_datetime!(2026-11-21 13:45:10.5);
        assert_eq!(TimestampPolicy::Day.down(instant).unwrap(), utc_datetime!(2026-11-21 0:00));
        assert_eq!(TimestampPolicy::Day.up(instant).unwrap(), utc_datetime!(2026-11-22 0:00));
        assert_eq!(TimestampPolicy::Hour.down(instant).unwrap(), utc_datetime!(2026-11-21 13:00));
        assert_eq!(TimestampPolicy::Second.up(instant).unwrap(), utc_datetime!(2026-11-21 13:45:11));
        let exact = utc_datetime!(2026-11-21 13:00);
        assert_eq!(TimestampPolicy::Hour.up(exact).unwrap(), exact);
        let early = utc_datetime!(1969-12-31 23:00:01);
        assert_eq!(TimestampPolicy::Day.down(early).unwrap(), utc_datetime!(1969-12-31 0:00));
        assert!(TimestampPolicy::Day.up(UtcDateTime::MAX).is_err());
    }
}
