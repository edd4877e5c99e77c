//! Signing certificates: the root's own, links, and those of signers.

use rand_core::CryptoRng;
use tegata_audit::{Class, Outcome};
use tegata_pki::{
    Certificate, CertificateRequest, DerSignature, Name, ObjectIdentifier, PublicKey, Role, UnsignedCertificate,
    profile, rust_crypto,
};
use time::{Duration, UtcDateTime};

use super::{MayIssue, MayLink, MaySelfSign, SigningSession, kind::CeremonyKind};
use crate::{
    csr::{AcceptedRequest, CsrFault},
    error::AuthorityError,
    key_status::{Generation, KeyStatus, KeyTask},
    policy::Policy,
    span::Span,
    state::{CertificateKind, CertificateRecord, IntentObject, NewCertificate, Notice, RootKey, Serial, State},
};

/// What to certify, and from when.
#[derive(Clone, Copy, Debug)]
pub struct IssueOrder<'a> {
    /// A request that passed every check.
    pub request: &'a AcceptedRequest,
    /// notBefore; `None` for the time of the session. The end follows from the policy.
    pub not_before: Option<UtcDateTime>,
}

/// Both link certificates of a rekey.
#[derive(Clone, Debug)]
pub struct Links {
    /// The old key, certified by the new one: for those who start with the new root.
    pub old_with_new: CertificateRecord,
    /// The new key, certified by the old one (ISO/IEC 18013-5 B.1.3): for those who have the old root.
    pub new_with_old: CertificateRecord,
}

/// A certificate to be.
struct Design<'a> {
    kind: CertificateKind,
    subject: Name,
    public_key: PublicKey,
    /// The signing root's certificate; `None` for its own.
    issuer: Option<&'a Certificate>,
    validity: (UtcDateTime, UtcDateTime),
    output: String,
    /// The request that it answers; `None` for certificates of root keys.
    request: Option<&'a AcceptedRequest>,
}

impl<K: MaySelfSign> SigningSession<'_, K> {
    /// Signs the certificate of a pending root key (ISO/IEC 18013-5 B.1.2). It begins at the generation of the key.
    ///
    /// # Errors
    /// [`AuthorityError::KeyStatus`], [`AuthorityError::CertifiedBefore`], and those of a signature.
    pub fn self_sign(
        &mut self,
        generation: Generation,
        rng: &mut impl CryptoRng,
    ) -> Result<CertificateRecord, AuthorityError> {
        self.logged("self-sign", |session| {
            let key = session.permit(generation, KeyTask::SelfSign)?;
            if key.certificate.is_some() {
                return Err(AuthorityError::CertifiedBefore(generation));
            }
            let design = Design {
                kind: CertificateKind::SelfSigned,
                subject: key.name.clone(),
                public_key: key.public_key.clone(),
                issuer: None,
                validity: period(key.created, session.authority.policy().root.validity),
                output: format!("root-g{generation}.cer"),
                request: None,
            };
            session.certify(&key, design, rng)
        })
    }
}

impl<K: MayLink> SigningSession<'_, K> {
    /// Signs both links between an old root and a later one (CP/CPS 7.1.2.2). Each begins when the key that it certifies was
    /// generated; both end with the old root.
    ///
    /// # Errors
    /// [`AuthorityError::LinkOrder`], [`AuthorityError::NotCertified`], [`AuthorityError::KeyStatus`], and those of a
    /// signature.
    pub fn link(
        &mut self,
        old: Generation,
        new: Generation,
        rng: &mut impl CryptoRng,
    ) -> Result<Links, AuthorityError> {
        self.logged("link", |session| {
            if old >= new {
                return Err(AuthorityError::LinkOrder { old, new });
            }
            let (old_key, new_key) = (session.permit(old, KeyTask::Link)?, session.permit(new, KeyTask::Link)?);
            let old_root = old_key.certificate.clone().ok_or(AuthorityError::NotCertified(old))?;
            let new_root = new_key.certificate.clone().ok_or(AuthorityError::NotCertified(new))?;
            let mut sign = |kind: CertificateKind, issuer: (&RootKey, &Certificate), subject: &RootKey| {
                let design = Design {
                    kind,
                    subject: subject.name.clone(),
                    public_key: subject.public_key.clone(),
                    issuer: Some(issuer.1),
                    validity: (subject.created, old_root.not_after()),
                    output: format!("link-{}-g{new}.cer", kind.id()),
                    request: None,
                };
                session.certify(issuer.0, design, rng)
            };
            Ok(Links {
                new_with_old: sign(CertificateKind::NewWithOld, (&old_key, &old_root), &new_key)?,
                old_with_new: sign(CertificateKind::OldWithNew, (&new_key, &new_root), &old_key)?,
            })
        })
    }
}

impl<K: MayIssue> SigningSession<'_, K> {
    /// Certifies a document, list or VICAL signer below the active root (ISO/IEC 18013-5 B.1.4, B.1.7, C.1).
    ///
    /// # Errors
    /// [`AuthorityError::OutlivesRoot`], [`AuthorityError::NotBefore`], [`AuthorityError::TooManyValid`],
    /// [`AuthorityError::KeyUseEnded`], [`AuthorityError::IncidentOpen`], and those of a signature.
    pub fn issue(
        &mut self,
        order: &IssueOrder<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<CertificateRecord, AuthorityError> {
        let active = |key: &RootKey| key.status == KeyStatus::Active;
        self.issue_below(order, active, KeyTask::Issue, rng)
    }

    /// Certifies an MSO revocation list signer below a retiring root, for the lists of its documents that are still valid.
    ///
    /// # Errors
    /// As for [`SigningSession::issue`]; a request of another role is refused.
    pub fn issue_list_signer_below(
        &mut self,
        generation: Generation,
        order: &IssueOrder<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<CertificateRecord, AuthorityError> {
        let role = order.request.role;
        if role != Role::StatusSigner {
            return Err(AuthorityError::Csr(vec![CsrFault::Role(role)]));
        }
        self.issue_below(order, |key| key.generation == generation, KeyTask::IssueListSigner, rng)
    }

    fn issue_below(
        &mut self,
        order: &IssueOrder<'_>,
        below: impl Fn(&RootKey) -> bool,
        task: KeyTask,
        rng: &mut impl CryptoRng,
    ) -> Result<CertificateRecord, AuthorityError> {
        self.logged("issue", |session| {
            let request = order.request;
            let key = session.authority.state().keys()?.into_iter().find(below).ok_or(AuthorityError::NobodySigns)?;
            let key = session.permit(key.generation, task)?;
            let root = key.certificate.clone().ok_or(AuthorityError::NotCertified(key.generation))?;
            let kind = CertificateKind::of_signer(request.role);
            let kind = kind.ok_or_else(|| AuthorityError::Csr(vec![CsrFault::Role(request.role)]))?;
            // Between the check and now the same key may have been certified.
            if let Some(serial) = session.authority.state().certified(&request.public_key)? {
                return Err(AuthorityError::Csr(vec![CsrFault::KeyCertified { serial }]));
            }
            let validity = validity(session.authority.policy(), order, &root, session.now())?;
            check_crowd(session.authority, kind, request, validity)?;
            let design = Design {
                kind,
                subject: request.subject.clone(),
                public_key: request.public_key.clone(),
                issuer: Some(&root),
                validity,
                output: format!("{}-{}.cer", kind.id(), hex::encode(request.public_key.key_identifier())),
                request: Some(request),
            };
            session.certify(&key, design, rng)
        })
    }
}

impl<K: CeremonyKind> SigningSession<'_, K> {
    /// Runs a signing task and logs its refusal or failure.
    pub(super) fn logged<T>(
        &mut self,
        name: &str,
        task: impl FnOnce(&mut Self) -> Result<T, AuthorityError>,
    ) -> Result<T, AuthorityError> {
        let result = task(self);
        if let Err(error) = &result {
            let class = if name == "sign-crl" { Class::Revocation } else { Class::Issuance };
            self.authority.log_error(name, class, error, self.input.now);
        }
        result
    }

    fn certify(
        &mut self,
        key: &RootKey,
        design: Design<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<CertificateRecord, AuthorityError> {
        let policy = self.authority.policy();
        let (kind, policy_oid) = (design.kind, policy_oid(policy, design.kind));
        let unsigned = build(policy, key.generation, &design, rng)?;
        let serial = serial_of(unsigned.tbs()).ok_or(AuthorityError::NotWhatWasIntended)?;
        if self.authority.state().serial_is_used(&serial)? {
            return Err(AuthorityError::Randomness);
        }
        let (output, tbs, request) = (design.output, unsigned.tbs().to_vec(), design.request);
        let object = IntentObject::Certificate { kind, serial: serial.clone() };
        self.sign(
            key,
            |_write| Ok((unsigned, object, tbs, output)),
            |unsigned: UnsignedCertificate, signature: &DerSignature| Ok(unsigned.complete(signature, rust_crypto())?),
            |write, certificate, intent, output| {
                let issuer = key.generation;
                let new = NewCertificate { kind, issuer, certificate, policy_oid, output, intent };
                write.insert_certificate(&new)?;
                request.map_or(Ok(()), |request| Ok(write.notice(&answered(request, certificate))?))
            },
        )?;
        Ok(self.authority.state().certificate(&serial.0)?)
    }
}

/// Which request the certificate answers, and who applied.
fn answered(request: &AcceptedRequest, certificate: &Certificate) -> Notice {
    let notice = Notice::new(Class::Issuance, "request-answered", Outcome::Success).object("csr", request.digest);
    let notice = notice.detail("serial", hex::encode(certificate.serial())).detail("role", request.role.id());
    notice.detail("applicants", request.applicants.to_vec())
}

/// From the profile table, with the policy's contact and distribution points.
fn build(
    policy: &Policy,
    issuer: Generation,
    design: &Design<'_>,
    rng: &mut impl CryptoRng,
) -> Result<UnsignedCertificate, AuthorityError> {
    let profile = profile(design.kind.role(), policy.edition);
    let (subject, key) = (design.subject.clone(), design.public_key.clone());
    let mut request = CertificateRequest::new(profile, subject, key, design.issuer, design.validity, rng);
    for contact in policy.contacts() {
        request = request.contact(contact);
    }
    if design.kind != CertificateKind::SelfSigned || policy.root.crl_uri_in_root {
        for uri in policy.crl_uris(issuer.0) {
            request = request.crl_uri(uri);
        }
    }
    Ok(request.build()?)
}

/// The span from `from`, its last second left out: RFC 5280 4.1.2.5 counts notAfter in.
fn period(from: UtcDateTime, span: Span) -> (UtcDateTime, UtcDateTime) {
    (from, span.after(from).saturating_sub(Duration::SECOND))
}

fn validity(
    policy: &Policy,
    order: &IssueOrder<'_>,
    root: &Certificate,
    now: UtcDateTime,
) -> Result<(UtcDateTime, UtcDateTime), AuthorityError> {
    let role = order.request.role;
    let rules = policy.signer_rules(role).ok_or_else(|| AuthorityError::Csr(vec![CsrFault::Role(role)]))?;
    let not_before = crate::state::whole_second(order.not_before.unwrap_or(now));
    let latest = rules.issue_ahead.after(now);
    if not_before < now || not_before > latest {
        return Err(AuthorityError::NotBefore { not_before, earliest: now, latest });
    }
    let (not_before, not_after) = period(not_before, rules.validity);
    if not_after > root.not_after() {
        return Err(AuthorityError::OutlivesRoot { not_after, root: root.not_after() });
    }
    Ok((not_before, not_after))
}

/// At no instant are more certificates of one name valid than the policy allows. Revoked ones do not count.
fn check_crowd(
    authority: &crate::Authority,
    kind: CertificateKind,
    request: &AcceptedRequest,
    (not_before, not_after): (UtcDateTime, UtcDateTime),
) -> Result<(), AuthorityError> {
    let state: &State = authority.state();
    let revoked: Vec<Serial> = state.revocations()?.into_iter().map(|revocation| revocation.serial).collect();
    let same = |record: &CertificateRecord| {
        record.kind == kind && *record.certificate.subject() == request.subject && !revoked.contains(&record.serial)
    };
    let others: Vec<_> = state.certificates()?.into_iter().filter(same).map(|record| record.certificate).collect();
    let allowed = authority.policy().signer_rules(request.role).map_or(0, |rules| usize::from(rules.max_valid));
    // The number rises only where one begins.
    let begins = others.iter().map(Certificate::not_before).filter(|at| (not_before..=not_after).contains(at));
    for at in begins.chain([not_before]) {
        let valid = others.iter().filter(|other| (other.not_before()..=other.not_after()).contains(&at));
        let count = valid.count() + 1;
        if count > allowed {
            return Err(AuthorityError::TooManyValid { count, at });
        }
    }
    Ok(())
}

/// Recorded with the certificate, never written into it (CP/CPS 1.2, 7.1.6).
fn policy_oid(policy: &Policy, kind: CertificateKind) -> Option<String> {
    let oids = policy.policy_oids.as_ref()?;
    let oid: ObjectIdentifier = match kind {
        CertificateKind::SelfSigned => oids.root,
        CertificateKind::OldWithNew | CertificateKind::NewWithOld => oids.link,
        CertificateKind::DocumentSigner => oids.document_signer,
        CertificateKind::StatusSigner | CertificateKind::VicalSigner => return None,
    };
    Some(oid.to_string())
}

/// The serial number of TBSCertificate: what is recorded is read from the bytes that will be signed.
fn serial_of(tbs: &[u8]) -> Option<Serial> {
    use der::{Reader as _, SliceReader, asn1::AnyRef};
    let mut outer = SliceReader::new(tbs).ok()?;
    let fields: AnyRef<'_> = outer.decode().ok()?;
    let mut fields = SliceReader::new(fields.value()).ok()?;
    let _version: AnyRef<'_> = fields.decode().ok()?;
    let serial: AnyRef<'_> = fields.decode().ok()?;
    Some(Serial(serial.value().to_vec()))
}
