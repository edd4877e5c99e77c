//! Signing CRLs.

use tegata_audit::{Class, Outcome};
use tegata_pki::{
    Certificate, CrlBuilder, CrlNumber, DerSignature, OwnedCrl, Role, Severity, crl::UnsignedCrl, lint_crl, profile,
    rust_crypto,
};
use time::UtcDateTime;

use super::{MaySignCrl, SigningSession, permit};
use crate::{
    crl_plan::{self, CrlSigner, CrlSlot, Entry},
    error::AuthorityError,
    key_status::{KeyStatus, KeyTask},
    output,
    policy::Policy,
    state::{CrlRecord, IntentObject, NewCrl, Notice, RootKey},
};

/// The lists of one ceremony.
#[derive(Clone, Debug)]
pub struct CrlBatch {
    /// The new lists, in the order of their numbers.
    pub crls: Vec<CrlRecord>,
    /// Lists of earlier ceremonies that had not yet taken effect. Their bytes are gone from the state and from the outputs;
    /// the trust service must destroy its copies.
    pub destroyed: Vec<CrlRecord>,
}

/// A key that signs lists, with what is needed for it.
struct Issuer {
    key: RootKey,
    certificate: Certificate,
    entries: Vec<Entry>,
}

impl<K: MaySignCrl> SigningSession<'_, K> {
    /// Signs the lists that last to the next ceremony, of every key that must have them: one each, or a series, as the policy
    /// says. Their numbers lie above all numbers ever taken; lists of earlier ceremonies that had not yet taken effect are
    /// destroyed once the new ones are there. The session needs a signer for each of the keys.
    ///
    /// # Errors
    /// [`AuthorityError::NextCeremony`], [`AuthorityError::MissingSigner`], [`AuthorityError::NobodySigns`], and those of a
    /// signature: then the lists signed so far are in the state, and the next call signs all anew with higher numbers.
    pub fn sign_crls(&mut self, next_ceremony: UtcDateTime) -> Result<CrlBatch, AuthorityError> {
        self.logged("sign-crl", |session| {
            let issuers = session.issuers()?;
            let slots = session.slots(&issuers, next_ceremony)?;
            let mut crls = Vec::with_capacity(slots.len());
            for slot in &slots {
                let issuer = issuers.iter().find(|issuer| issuer.key.generation == slot.issuer);
                crls.push(session.sign_crl(issuer.ok_or(AuthorityError::MissingSigner(slot.issuer))?, slot)?);
            }
            let destroyed = session.supersede(&issuers, &crls)?;
            Ok(CrlBatch { crls, destroyed })
        })
    }

    /// The keys that must have lists, oldest first: every certified one whose status and use period permit it.
    fn issuers(&self) -> Result<Vec<Issuer>, AuthorityError> {
        let state = self.authority.state();
        let (certificates, revocations) = (state.certificates()?, state.revocations()?);
        let reasons = self.authority.policy().crl.reason_codes;
        let mut issuers = Vec::new();
        for key in state.keys()? {
            let Some(certificate) = key.certificate.clone() else { continue };
            match permit(self.authority, &key, KeyTask::SignCrl, self.now()) {
                Ok(()) => {}
                Err(AuthorityError::KeyStatus { .. } | AuthorityError::KeyUseEnded { .. }) => continue,
                Err(error) => return Err(error),
            }
            self.signer(&key)?;
            let entries = crl_plan::entries(&key.name, &certificates, &revocations, reasons);
            issuers.push(Issuer { key, certificate, entries });
        }
        Ok(issuers)
    }

    fn slots(&self, issuers: &[Issuer], next_ceremony: UtcDateTime) -> Result<Vec<CrlSlot>, AuthorityError> {
        let (policy, now) = (self.authority.policy(), self.now());
        let issued = self.authority.state().certificates()?;
        let mut signers = Vec::new();
        for issuer in issuers {
            let until = crl_plan::cover_until(&issuer.key, &issued, policy, next_ceremony, now)?;
            let (generation, not_after) = (issuer.key.generation, issuer.certificate.not_after());
            signers.push(CrlSigner { generation, until, not_after });
        }
        crl_plan::schedule(policy, &signers, now)
    }

    fn sign_crl(&mut self, issuer: &Issuer, slot: &CrlSlot) -> Result<CrlRecord, AuthorityError> {
        let policy = self.authority.policy().clone();
        let key = &issuer.key;
        let crl = self.sign(
            key,
            |write| {
                let number = write.take_crl_number(&key.name)?;
                let unsigned = build(issuer, &policy, slot, number)?;
                let (tbs, output) = (unsigned.tbs().to_vec(), format!("crl-g{}-{number:08}.crl", key.generation));
                Ok((unsigned, IntentObject::Crl { number }, tbs, output))
            },
            |unsigned, signature| complete(unsigned, signature, issuer, &policy),
            |write, crl, intent, output| {
                let number = number_of(crl)?;
                let (next_update, next_publish) = (slot.next_update, slot.next_publish);
                let issuer = key.generation;
                Ok(write.insert_crl(&NewCrl { number, issuer, crl, next_update, next_publish, output, intent })?)
            },
        )?;
        let record = self.authority.state().crl(&key.name, number_of(&crl)?)?;
        record.ok_or(AuthorityError::NotWhatWasIntended)
    }

    /// Destroys what the new lists replace and stops the clock of the revocations in them.
    fn supersede(&mut self, issuers: &[Issuer], crls: &[CrlRecord]) -> Result<Vec<CrlRecord>, AuthorityError> {
        let first = crls.iter().map(|crl| crl.number).min().unwrap_or(0);
        // What only a compromised key says stops no clock: an attacker says it too.
        let sound = issuers.iter().any(|issuer| issuer.key.status != KeyStatus::Compromised);
        let destroyed = self.authority.commit(self.input.now, |write| {
            let mut destroyed = Vec::new();
            for issuer in issuers {
                destroyed.extend(write.destroy_unreleased(&issuer.key, first)?);
            }
            if sound {
                write.mark_revocations_signed()?;
            }
            for crl in &destroyed {
                let notice = Notice::new(Class::Revocation, "unreleased-crl-destroyed", Outcome::Success);
                let notice = notice.detail("crl-number", crl.number).detail("generation", crl.issuer.0);
                write.notice(&notice.object(&crl.output, crl.sha256))?;
            }
            Ok(destroyed)
        })?;
        for crl in &destroyed {
            output::remove(self.folder(), &crl.output)?;
        }
        output::sync(self.folder())?;
        Ok(destroyed)
    }
}

fn build(issuer: &Issuer, policy: &Policy, slot: &CrlSlot, number: u64) -> Result<UnsignedCrl, AuthorityError> {
    let builder = CrlBuilder::new(&issuer.certificate, CrlNumber::from(number), slot.this_update, slot.next_update);
    let listed = issuer.entries.iter().filter(|entry| crl_plan::is_listed(entry, policy, slot.this_update));
    let builder = listed.fold(builder, |builder, entry| builder.revoke(&entry.serial.0, entry.date, entry.reason));
    Ok(builder.build()?)
}

fn complete(
    unsigned: UnsignedCrl,
    signature: &DerSignature,
    issuer: &Issuer,
    policy: &Policy,
) -> Result<OwnedCrl, AuthorityError> {
    let crl = unsigned.complete(signature, rust_crypto())?;
    let mut findings = lint_crl(&crl, profile(Role::Crl, policy.edition), Some(&issuer.certificate));
    findings.retain(|finding| finding.severity == Severity::Error);
    if findings.is_empty() { Ok(crl) } else { Err(AuthorityError::CrlProfile(findings)) }
}

fn number_of(crl: &OwnedCrl) -> Result<u64, AuthorityError> {
    let bytes = crl.number().map(CrlNumber::to_be_bytes);
    let low = bytes.and_then(|bytes| bytes.last_chunk::<8>().map(|low| u64::from_be_bytes(*low)));
    low.filter(|low| crl.number() == Some(CrlNumber::from(*low))).ok_or(AuthorityError::NotWhatWasIntended)
}
