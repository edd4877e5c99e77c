//! The claims that both encodings share.

use time::{Duration, UtcDateTime};

use super::{Claims, TokenError};

/// Claims as they are met, in any order.
#[derive(Default)]
pub(super) struct ClaimsFound {
    pub(super) subject: Option<String>,
    pub(super) issued_at: Option<f64>,
    pub(super) not_before: Option<f64>,
    pub(super) expires: Option<f64>,
    pub(super) ttl: Option<u64>,
}

impl ClaimsFound {
    /// Checks presence and ranges.
    pub(super) fn complete(self) -> Result<Claims, TokenError> {
        let instant = |claim, value: Option<f64>| value.map(|seconds| numeric_date(claim, seconds)).transpose();
        let subject = self.subject.ok_or(TokenError::MissingClaim("sub"))?;
        if subject.is_empty() {
            return Err(TokenError::InvalidClaim("sub"));
        }
        let ttl = match self.ttl {
            None => None,
            Some(0) => return Err(TokenError::InvalidClaim("ttl")),
            Some(seconds) => Some(Duration::seconds(i64::try_from(seconds).unwrap_or(i64::MAX))),
        };
        Ok(Claims {
            subject,
            issued_at: instant("iat", self.issued_at)?.ok_or(TokenError::MissingClaim("iat"))?,
            not_before: instant("nbf", self.not_before)?,
            expires: instant("exp", self.expires)?,
            ttl,
        })
    }
}

/// NumericDate (RFC 8392 2, RFC 7519 2): seconds since 1970, a fraction is cut off.
fn numeric_date(claim: &'static str, seconds: f64) -> Result<UtcDateTime, TokenError> {
    // The last instant of the year 9999; also refuses NaN.
    if !(0.0..=253_402_300_799.0).contains(&seconds) {
        return Err(TokenError::InvalidClaim(claim));
    }
    #[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "in range, the fraction is dropped")]
    let seconds = seconds as i64;
    UtcDateTime::from_unix_timestamp(seconds).map_err(|_| TokenError::InvalidClaim(claim))
}
