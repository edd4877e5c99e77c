//! The exchange over the air gap: admitting the next request, and what goes into its response.

use tegata_audit::{Class, Outcome};
use tegata_pki::crl::RevocationReason;
use tegata_trust_list::bundle::{
    self, Continuity, IssuedCertificate, IssuedRole, RequestBundle, ResponseBundle, Verified,
};
use time::UtcDateTime;

use crate::{
    authority::Authority,
    error::AuthorityError,
    order::{OrderedAct, SignedOrder},
    revoke::{CA_MANAGER, Cause, RevocationOrder},
    state::{CertificateKind, CertificateRecord, CrlRecord, NewRequest, Notice, RequestRecord, ResponseRecord, Serial},
};

/// A request that is the next one of the chain and was entered in the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdmittedRequest {
    /// Its number.
    pub sequence: u64,
    /// SHA-256 of the file.
    pub digest: [u8; 32],
    /// What it asks for.
    pub contents: RequestBundle,
}

/// What a ceremony has to answer.
#[derive(Clone, Debug)]
pub struct ResponseFacts<'a> {
    /// The certificates that were signed, links and roots among them.
    pub certificates: &'a [CertificateRecord],
    /// The lists that were signed.
    pub crls: &'a [CrlRecord],
    /// The signed checkpoint of the audit log.
    pub checkpoint: &'a str,
    /// Whether the keys lie in a software token: nobody should trust what came of it.
    pub software_token: bool,
}

/// The role that a kind of certificate has in a response; `None` for links, which stand apart.
#[must_use]
pub const fn role_of(kind: CertificateKind) -> Option<IssuedRole> {
    match kind {
        CertificateKind::SelfSigned => Some(IssuedRole::Root),
        CertificateKind::DocumentSigner => Some(IssuedRole::Signer(bundle::SignerRole::DocumentSigner)),
        CertificateKind::StatusSigner => Some(IssuedRole::Signer(bundle::SignerRole::StatusSigner)),
        CertificateKind::VicalSigner => Some(IssuedRole::Signer(bundle::SignerRole::VicalSigner)),
        CertificateKind::OldWithNew | CertificateKind::NewWithOld => None,
    }
}

impl Authority {
    /// Admits a request whose signature was verified, if it is the next one: number, last response, last checkpoint, nonce.
    /// Its number and nonce are used from here on. The request that waits for its response is admitted again, so that a
    /// ceremony can be resumed.
    ///
    /// # Errors
    /// [`AuthorityError::Unanswered`], [`AuthorityError::Sequence`], [`AuthorityError::NonceUsed`].
    pub fn admit_request(
        &mut self,
        request: &Verified<RequestBundle>,
        now: UtcDateTime,
    ) -> Result<AdmittedRequest, AuthorityError> {
        self.refusals("request-admitted", Class::Issuance, now, |authority| {
            let exchange = authority.state().exchange()?;
            let contents = request.contents();
            let open = exchange.request.as_ref().filter(|_| exchange.is_waiting());
            if let Some(again) = open.filter(|open| open.digest == request.digest()) {
                let (sequence, digest) = (again.sequence, again.digest);
                return Ok(AdmittedRequest { sequence, digest, contents: contents.clone() });
            }
            let last = exchange.response.as_ref();
            let expected = Continuity {
                sequence: exchange.next_sequence(),
                previous_response: last.map(|response| response.digest),
                last_checkpoint: last.map(|response| response.checkpoint.as_str()),
            };
            request.check_follows(&expected)?;
            if let Some(open) = open {
                return Err(AuthorityError::Unanswered(open.sequence));
            }
            if authority.state().nonce_is_known(&contents.nonce)? {
                return Err(AuthorityError::NonceUsed);
            }
            let (sequence, nonce, digest) = (contents.sequence, contents.nonce, request.digest());
            authority.commit(now, |write| {
                write.insert_request(&NewRequest { sequence, nonce, digest })?;
                let notice = Notice::new(Class::Issuance, "request-admitted", Outcome::Success);
                Ok(write.notice(&notice.detail("sequence", sequence).object("request.bundle", digest))?)
            })?;
            Ok(AdmittedRequest { sequence, digest, contents: contents.clone() })
        })
    }

    /// Gives up the request that waits for its response, by order of the CA manager, so that another one can be admitted.
    /// Number and nonce stay used; the next request names the last response that was given, as this one did. What the
    /// request led to so far stands: revocations for good, and certificates, which the log names.
    ///
    /// # Errors
    /// [`AuthorityError::NothingToAnswer`], [`AuthorityError::OrderOther`], [`AuthorityError::OrderUnsigned`],
    /// [`AuthorityError::Role`], [`AuthorityError::ReasonEmpty`].
    pub fn withdraw_request(&mut self, order: &SignedOrder, now: UtcDateTime) -> Result<u64, AuthorityError> {
        self.refusals("request-withdrawn", Class::Issuance, now, |authority| {
            let waiting = authority.waiting_request()?.ok_or(AuthorityError::NothingToAnswer)?;
            let (sequence, digest) = (waiting.sequence, waiting.digest);
            order.check(&OrderedAct::WithdrawRequest { sequence, digest }, CA_MANAGER)?;
            let since = authority.state().certificates()?.into_iter().filter(|made| made.issued >= waiting.admitted);
            let made: Vec<String> = since.map(|made| made.serial.to_string()).collect();
            authority.commit(now, |write| {
                write.insert_withdrawal(sequence, &order.order.reason, order.order.person.as_str())?;
                let notice = Notice::new(Class::Issuance, "request-withdrawn", Outcome::Success);
                let notice = notice.detail("sequence", sequence).object("request.bundle", digest);
                let notice = notice.detail("certificates-since-its-admission", made);
                Ok(write.notice(&order.note(notice))?)
            })?;
            Ok(sequence)
        })
    }

    /// The request that waits for its response.
    ///
    /// # Errors
    /// [`AuthorityError::State`].
    pub fn waiting_request(&self) -> Result<Option<RequestRecord>, AuthorityError> {
        let exchange = self.state().exchange()?;
        let waiting = exchange.is_waiting();
        Ok(exchange.request.filter(|_| waiting))
    }

    /// Reads a revocation order of a request. Which role the person has is not in the bundle: the roster tells.
    ///
    /// # Errors
    /// [`AuthorityError::OrderUnusable`] when its issuer is no key of this root, or it asks for a hold or removal.
    pub fn revocation_order(
        &self,
        order: &bundle::RevocationOrder,
        role: &str,
    ) -> Result<RevocationOrder, AuthorityError> {
        let is_ours = |key: &crate::RootKey| key.public_key.key_identifier().as_slice() == order.issuer_ski.as_slice();
        let keys = self.state().keys()?;
        let issuer = keys.iter().find(|key| is_ours(key)).ok_or(AuthorityError::OrderUnusable)?;
        let record = self.state().certificate(&order.serial)?;
        let cause = Cause::from_number(order.reason.map_or(0, RevocationReason::number));
        match cause.filter(|_| record.issuer == issuer.generation) {
            Some(cause) => Ok(RevocationOrder {
                serial: Serial(order.serial.clone()),
                cause,
                date: order.at,
                requested_by: order.requested_by.clone(),
                role: role.to_owned(),
            }),
            None => Err(AuthorityError::OrderUnusable),
        }
    }

    /// Puts the answer to the admitted request together, to be signed by the ceremony's own key and never by a root key.
    ///
    /// # Errors
    /// [`AuthorityError::NothingToAnswer`].
    pub fn response(&self, facts: &ResponseFacts<'_>, now: UtcDateTime) -> Result<ResponseBundle, AuthorityError> {
        let exchange = self.state().exchange()?;
        let request = exchange.request.as_ref().filter(|_| exchange.is_waiting());
        let request = request.ok_or(AuthorityError::NothingToAnswer)?;
        let issued = |record: &CertificateRecord| {
            let role = role_of(record.kind)?;
            Some(IssuedCertificate { role, der: record.certificate.der().to_vec() })
        };
        let links = facts.certificates.iter().filter(|record| role_of(record.kind).is_none());
        Ok(ResponseBundle {
            sequence: request.sequence,
            request_digest: request.digest,
            created: crate::state::whole_second(now),
            certificates: facts.certificates.iter().filter_map(issued).collect(),
            links: links.map(|record| record.certificate.der().to_vec()).collect(),
            crls: facts.crls.iter().filter_map(|crl| crl.der.clone()).collect(),
            next_sequence: request.sequence.saturating_add(1),
            checkpoint: facts.checkpoint.to_owned(),
            software_token: facts.software_token,
        })
    }

    /// Enters the response that was given: the next request must name its digest and checkpoint.
    ///
    /// # Errors
    /// [`AuthorityError::NothingToAnswer`].
    pub fn record_response(
        &mut self,
        digest: [u8; 32],
        checkpoint: &str,
        now: UtcDateTime,
    ) -> Result<(), AuthorityError> {
        self.refusals("response-recorded", Class::Issuance, now, |authority| {
            let exchange = authority.state().exchange()?;
            let request = exchange.request.as_ref().filter(|_| exchange.is_waiting());
            let sequence = request.ok_or(AuthorityError::NothingToAnswer)?.sequence;
            let response = ResponseRecord { sequence, digest, checkpoint: checkpoint.to_owned() };
            authority.commit(now, |write| {
                write.insert_response(&response)?;
                let notice = Notice::new(Class::Issuance, "response-recorded", Outcome::Success);
                Ok(write.notice(&notice.detail("sequence", sequence).object("response.bundle", digest))?)
            })
        })
    }
}
