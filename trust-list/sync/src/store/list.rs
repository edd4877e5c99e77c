//! Taking in status, identifier and device-key lists: verified under the anchor for whose documents they speak.

use tegata_manifest::Fetched;
use tegata_pki::{Certificate, looks_like_html};
use tegata_trust_list::Purpose;
use tegata_trust_list::token::{
    ListContent, RevocationToken, SignerTrust, StatusListError, Token, TokenCheck, recognise,
};
use time::{Duration, UtcDateTime};

use super::{HeldToken, Store};
use crate::{HeldAnchor, ImportError, KeyDigest};

/// A status or identifier list, or a CRL, as it came from its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedList {
    /// Where it was fetched: what documents name.
    pub uri: String,
    /// What came.
    pub fetched: Fetched,
    /// When.
    pub fetched_at: UtcDateTime,
}

/// Who may have signed a list that is taken in.
#[derive(Clone, Copy, Debug)]
pub enum ListTrust<'a> {
    /// A signer under the anchor that the service's list names for this place; where it names none, under any trusted
    /// anchor. Anchors for status count as well.
    Anchors,
    /// A signer under this certificate: the `certificate` in the `status` of the documents (ISO/IEC 18013-5 12.3.6.2).
    Certificate(&'a Certificate),
}

/// The claims about time of a token that was verified.
struct Claims {
    issued_at: UtcDateTime,
    expires: Option<UtcDateTime>,
    ttl: Option<Duration>,
}

impl Store {
    /// Takes in a status or identifier list, fetched at `at` from `uri`, and tells when it was issued. When it is used, it
    /// is verified once more for the document at hand.
    ///
    /// # Errors
    /// [`ImportError`]; nothing changes.
    pub fn import_list(
        &mut self,
        uri: &str,
        bytes: &[u8],
        trust: ListTrust<'_>,
        at: UtcDateTime,
    ) -> Result<UtcDateTime, ImportError> {
        let at = at.truncate_to_second();
        self.check_clock(at).map_err(|latest| ImportError::ClockTurnedBack { latest, at })?;
        self.take_list(uri, bytes, trust, at, at)
    }

    /// As [`Store::import_list`], of one that was fetched before.
    pub(super) fn take_list(
        &mut self,
        uri: &str,
        bytes: &[u8],
        trust: ListTrust<'_>,
        fetched_at: UtcDateTime,
        at: UtcDateTime,
    ) -> Result<UtcDateTime, ImportError> {
        if looks_like_html(bytes) {
            return Err(ImportError::WebPage);
        }
        let claims = match recognise(bytes).map_err(ImportError::Token)? {
            RevocationToken::StatusList(token) => self.check_token(uri, &token, trust, at)?,
            RevocationToken::IdentifierList(token) => self.check_token(uri, &token, trust, at)?,
            RevocationToken::DeviceKeyList(token) => self.check_token(uri, &token, trust, at)?,
            _ => return Err(ImportError::ListKind),
        };
        let Claims { issued_at, expires, ttl } = claims;
        if let Some(seen) = self.state.latest_token.get(uri).copied().filter(|seen| issued_at < *seen) {
            return Err(ImportError::ListOlder { found: issued_at, seen });
        }
        self.state.latest_token.insert(uri.to_owned(), issued_at);
        let held = HeldToken { bytes: bytes.to_vec(), issued_at, expires, ttl, fetched_at: fetched_at.min(at) };
        self.state.tokens.insert(uri.to_owned(), held);
        self.pass_time(at);
        Ok(issued_at)
    }

    fn check_token<L: ListContent>(
        &self,
        uri: &str,
        token: &Token<L>,
        trust: ListTrust<'_>,
        at: UtcDateTime,
    ) -> Result<Claims, ImportError> {
        if token.subject() != uri {
            let (expected, found) = (uri.to_owned(), token.subject().to_owned());
            return Err(ImportError::ListSubject { expected, found });
        }
        self.verify(uri, token, trust, at)?;
        Ok(Claims { issued_at: token.issued_at(), expires: token.expires(), ttl: token.ttl() })
    }

    /// Verifies a token under any of the anchors that may be its own.
    fn verify<L: ListContent>(
        &self,
        uri: &str,
        token: &Token<L>,
        trust: ListTrust<'_>,
        at: UtcDateTime,
    ) -> Result<(), ImportError> {
        let verify = |trust| {
            let check = TokenCheck { uri, trust, at, policy: &self.policy.token, provider: self.provider };
            token.verify(&check).map(|_| ())
        };
        if let ListTrust::Certificate(certificate) = trust {
            return verify(SignerTrust::Reference(certificate)).map_err(ImportError::List);
        }
        let named = self.issuers_named_for(uri);
        let trusted = self.believed(at);
        let may = |purpose| {
            let may = |anchor: &HeldAnchor| anchor.grants.iter().any(|(granted, _)| granted == purpose);
            let certificates = trusted.iter().filter(|(_, _, anchor)| may(anchor));
            certificates.map(|(_, key, anchor)| (*key, &anchor.certificate)).collect::<Vec<_>>()
        };
        let status_anchors: Vec<&Certificate> = may(Purpose::Status).into_iter().map(|(_, anchor)| anchor).collect();
        let issuers = may(Purpose::Issuance).into_iter().filter(|(key, _)| named.is_empty() || named.contains(key));
        let mut nearest: Option<StatusListError> = None;
        for (_, issuer) in issuers {
            match verify(SignerTrust::Issuer { issuer, status_anchors: &status_anchors }) {
                Ok(()) => return Ok(()),
                Err(error) if nearest.as_ref().is_none_or(|nearest| rank(nearest) < rank(&error)) => {
                    nearest = Some(error);
                }
                Err(_) => {}
            }
        }
        Err(nearest.map_or(ImportError::ListWithoutAnchor, ImportError::List))
    }

    /// The anchors that the service's list names for this place.
    fn issuers_named_for(&self, uri: &str) -> Vec<KeyDigest> {
        let sources = self.list().map(|list| list.sources.as_slice()).unwrap_or_default();
        let of_uri = sources.iter().filter(|source| source.uri == uri);
        of_uri.map(|source| KeyDigest::from_bytes(source.issuer_key)).collect()
    }
}

/// Of the errors under several anchors the one that came furthest tells most.
fn rank(error: &StatusListError) -> u8 {
    match error {
        StatusListError::SignerPath(error) => error.rank(),
        _ => u8::MAX,
    }
}
