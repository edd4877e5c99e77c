//! Across the air gap: requests in, responses out.

use tegata_ceremony::{ActionError, ActionOutcome};
use tegata_pki::{PublicKey, rust_crypto};
use tegata_root_ca::{AcceptedRequest, AdmittedRequest, CrlRecord, CsrInput, ResponseFacts};
use tegata_trust_list::bundle::{CsrItem, RequestBundle, ResponseBundle};
use time::UtcDateTime;

use super::{Performer, REQUEST, broken, failed};
use crate::ceremony::desk::Desk;
use crate::failure::{Failure, Kind};

/// The name of the response on the carrier and among the files of the ceremony.
const RESPONSE: &str = "response.bundle";

impl<D: Desk> Performer<'_, D> {
    /// Takes the request: signer, sequence, last response, last checkpoint. Its revocation orders are accepted here.
    pub(super) fn import_request(&mut self, now: UtcDateTime) -> Result<ActionOutcome, ActionError> {
        self.imported = None;
        let admitted = self.admit(now)?;
        self.parts.desk.compare("request bundle", &admitted.digest)?;
        self.imported = Some(admitted.digest);
        let manager = self.ca_manager()?;
        let mut revoked = 0_usize;
        for order in admitted.contents.revocations() {
            if order.requested_by != manager {
                let message = format!("{} is not the CA manager, who alone orders revocations", order.requested_by);
                return Err(failed("revocation-not-ordered", message));
            }
            let order = self.parts.authority.revocation_order(order, "ca-manager").map_err(broken)?;
            match self.parts.authority.revoke(&order, now) {
                // Taken up again after a crash, the order stands already.
                Ok(()) | Err(tegata_root_ca::AuthorityError::RevokedBefore { .. }) => revoked += 1,
                Err(error) => return Err(broken(error)),
            }
        }
        Ok(ActionOutcome::default()
            .fact("sequence", admitted.sequence)
            .fact("requests", admitted.contents.csrs().count())
            .fact("revocations", revoked)
            .digest(REQUEST, admitted.digest))
    }

    fn admit(&mut self, now: UtcDateTime) -> Result<AdmittedRequest, ActionError> {
        let file = self.parts.exchange.request.clone();
        let file = file.ok_or_else(|| failed("request-absent", "no request was named: --request FILE"))?;
        let bytes = std::fs::read(&file).map_err(|error| failed("request-unreadable", error))?;
        let signer = self.parts.home.online_key().map_err(broken)?;
        let request = RequestBundle::open(&bytes, &signer, rust_crypto()).map_err(broken)?;
        if self.imported.is_some_and(|imported| imported != request.digest()) {
            let message = "this is not the request that this ceremony has imported and compared";
            let remedy = [
                "name the file of that request; another one is taken only by another ceremony, after this one was broken off",
                "取り込んだ申請のファイルを指定してください。別の申請は、このセレモニーの打ち切り後、次のセレモニーでのみ扱えます",
            ];
            return Err(broken(Failure::new(Kind::Refused, "request-other", message, remedy)));
        }
        self.parts.authority.admit_request(&request, now).map_err(broken)
    }

    /// The handle of the CA manager of this ceremony.
    fn ca_manager(&self) -> Result<String, ActionError> {
        let roster = self.parts.site.roster();
        let found = roster.iter().find(|(seat, _)| seat.as_str().starts_with("ca-manager"));
        found
            .map(|(_, handle)| handle.as_str().to_owned())
            .ok_or_else(|| failed("no-ca-manager", "there is no CA manager"))
    }

    /// Every check of every request, one line each.
    pub(super) fn report_requests(&mut self, now: UtcDateTime) -> Result<ActionOutcome, ActionError> {
        let admitted = self.admit(now)?;
        let mut outcome = ActionOutcome::default();
        for (number, item) in admitted.contents.csrs().enumerate() {
            let report = self.check(item, &admitted, now)?;
            for (check, fault) in &report.rows {
                if let Some(fault) = fault {
                    return Err(failed(fault.id(), format!("request {}: {fault}", number + 1)));
                }
                outcome = outcome.fact(&format!("request-{}-{}", number + 1, check.id()), "good");
            }
            outcome = outcome.fact(&format!("request-{}-attestation", number + 1), report.attestation.statement());
            outcome = outcome.digest(&format!("request-{}", number + 1), report.digest);
        }
        Ok(outcome)
    }

    /// The requests that passed every check and are not certified yet.
    pub(super) fn accepted_requests(&mut self, now: UtcDateTime) -> Result<Vec<AcceptedRequest>, ActionError> {
        let admitted = self.admit(now)?;
        let certified = self.certified_here()?;
        let mut accepted = Vec::new();
        for item in admitted.contents.csrs() {
            let done = certified.iter().any(|record| {
                let asked = tegata_pki::CertificationRequest::from_der(&item.der);
                let asked = asked.ok().and_then(|request| request.public_key().ok().cloned());
                record.certificate.public_key().ok() == asked.as_ref() && asked.is_some()
            });
            if done {
                continue;
            }
            let report = self.check(item, &admitted, now)?;
            accepted.push(report.accept().map_err(|faults| {
                let message = faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
                failed(faults.first().map_or("csr-refused", |fault| fault.id()), message)
            })?);
        }
        Ok(accepted)
    }

    fn check(
        &mut self,
        item: &CsrItem,
        admitted: &AdmittedRequest,
        now: UtcDateTime,
    ) -> Result<tegata_root_ca::CsrReport, ActionError> {
        let input = CsrInput {
            role: item.role.profile_role(),
            der: &item.der,
            attestation: item.attestation.as_deref(),
            applicants: &admitted.contents.applicants,
        };
        self.parts.authority.check_request(&input, now).map_err(broken)
    }

    /// The signed answer, on the carrier and among the files of the ceremony. It counts as given once its digest has been
    /// compared.
    pub(super) fn respond(&mut self, now: UtcDateTime) -> Result<ActionOutcome, ActionError> {
        let (certificates, crls) = (self.certified_here()?, self.lists_here()?);
        let checkpoint = self.signed_checkpoint()?;
        let software_token = self.module.is_embedded();
        let facts = ResponseFacts { certificates: &certificates, crls: &crls, checkpoint: &checkpoint, software_token };
        let response = self.parts.authority.response(&facts, now).map_err(broken)?;
        let bytes = self.sign_response(&response, now)?;
        let digest = tegata_trust_list::bundle::bundle_digest(&bytes);
        let home = self.parts.home;
        let kept = format!("ceremonies/{}/{RESPONSE}", self.parts.site.ceremony());
        home.write(&kept, &bytes, true).map_err(broken)?;
        let carried = self.parts.exchange.carrier.join(RESPONSE);
        tegata_terminal::write_output(&carried, &bytes, true).map_err(|fault| failed("carrier-unwritable", fault))?;
        self.parts.desk.compare("response bundle", &digest)?;
        self.parts.authority.record_response(digest, &checkpoint, now).map_err(broken)?;
        Ok(ActionOutcome::default()
            .fact("sequence", response.sequence)
            .fact("certificates", certificates.len())
            .fact("lists", crls.len())
            .fact("bytes", bytes.len())
            .digest(RESPONSE, digest))
    }

    /// Signs with the key for responses, which lives in the same module and certifies nothing.
    fn sign_response(&mut self, response: &ResponseBundle, now: UtcDateTime) -> Result<Vec<u8>, ActionError> {
        let key = self.response_key()?;
        let prepared = response.prepare(&key).map_err(broken)?;
        let reference = self.parts.home.read_text("response.ref").map_err(broken)?;
        let pin = self.pin(now)?;
        let signer = self.module.signer_at(reference.trim(), &key, pin).map_err(broken)?;
        let signature = signer.sign(prepared.to_be_signed()).map_err(broken)?;
        prepared.complete(&signature, rust_crypto()).map_err(broken)
    }

    pub(super) fn response_key(&self) -> Result<PublicKey, ActionError> {
        let text = self.parts.home.read_text(super::keys::RESPONSE_PUBLIC).map_err(broken)?;
        PublicKey::from_pem(&text).map_err(|error| failed(error.id(), error))
    }

    /// The lists of this ceremony that are still there.
    pub(super) fn lists_here(&self) -> Result<Vec<CrlRecord>, ActionError> {
        let mut lists = Vec::new();
        for name in self.parts.authority.issuer_names().map_err(broken)? {
            let all = self.parts.authority.state().crls(&name).map_err(broken)?;
            lists.extend(all.into_iter().filter(|crl| crl.der.is_some() && self.parts.since.has(&name, crl)));
        }
        Ok(lists)
    }

    pub(super) fn signed_checkpoint(&self) -> Result<String, ActionError> {
        let home = self.parts.home;
        let (origin, key) = (home.origin().map_err(broken)?, home.checkpoint_key().map_err(broken)?);
        Ok(self.parts.authority.log().checkpoint(&origin, &key).as_str().to_owned())
    }

    pub(super) fn checkpoint(&mut self, now: UtcDateTime) -> Result<ActionOutcome, ActionError> {
        let text = self.signed_checkpoint()?;
        let log = self.parts.authority.log();
        let (size, root) = (log.len(), log.root());
        self.parts.desk.compare("audit log", &root)?;
        let stamp = now.unix_timestamp();
        let home = self.parts.home;
        let name = format!("ceremonies/{}/checkpoint-{stamp}.txt", self.parts.site.ceremony());
        home.write(&name, text.as_bytes(), true).map_err(broken)?;
        let copy = format!("ceremonies/{}/state-{stamp}.sqlite", self.parts.site.ceremony());
        let state = self.parts.authority.state().copy_to(&home.file(copy)).map_err(broken)?;
        Ok(ActionOutcome::default().fact("records", size).digest("log-root", root).digest("state-copy", state))
    }

    /// Overwrites and removes every file on the carrier.
    pub(super) fn wipe_carrier(&mut self) -> Result<ActionOutcome, ActionError> {
        let carrier = self.parts.exchange.carrier.clone();
        let failure = |error: std::io::Error| failed("carrier-not-wiped", error);
        let mut wiped = 0_usize;
        for entry in std::fs::read_dir(&carrier).map_err(failure)? {
            let entry = entry.map_err(failure)?;
            if !entry.file_type().map_err(failure)?.is_file() {
                return Err(failed("carrier-not-wiped", format!("{} is not a file", entry.path().display())));
            }
            let length = usize::try_from(entry.metadata().map_err(failure)?.len()).unwrap_or(0);
            std::fs::write(entry.path(), vec![0; length]).map_err(failure)?;
            std::fs::File::open(entry.path()).and_then(|file| file.sync_all()).map_err(failure)?;
            std::fs::remove_file(entry.path()).map_err(failure)?;
            wiped += 1;
        }
        self.parts.desk.confirm("the carrier is empty")?;
        Ok(ActionOutcome::default().fact("files-wiped", wiped))
    }
}
