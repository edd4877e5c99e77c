//! Roots, links and signers of a bundle.

use tegata_manifest::AnchorDates;
use tegata_pki::{Certificate, Role, lint, profile};
use tegata_trust_list::bundle::{IssuedRole, ResponseBundle, SignerRole};

use super::{BundleObject, GateRefusal, Inspection, ObjectKind};
use crate::{
    KeyDigest,
    authorisation::Region,
    catalogue::HeldRoot,
    published::{DocumentSigner, LinkCertificate, ListSigner, RootCertificate},
};

/// An object with its certificate.
type Read = (BundleObject, Certificate);

impl Inspection<'_> {
    /// Roots first: everything else is signed by one of them.
    pub(super) fn certificates(&mut self, response: &ResponseBundle, bundle: [u8; 32]) {
        let (mut roots, mut signers) = (Vec::new(), Vec::new());
        for (number, issued) in (1..).zip(&response.certificates) {
            let Some(read) = self.read(ObjectKind::Certificate, number, &issued.der) else { continue };
            match issued.role {
                IssuedRole::Root => roots.push(read),
                IssuedRole::Signer(role) => signers.push((role, read)),
            }
        }
        let links: Vec<Read> =
            (1..).zip(&response.links).filter_map(|(number, der)| self.read(ObjectKind::Link, number, der)).collect();
        for (object, certificate) in roots {
            self.root(object, certificate, &links, bundle);
        }
        for (object, certificate) in links {
            self.link(object, certificate);
        }
        for (role, (object, certificate)) in signers {
            self.signer(object, certificate, role);
        }
    }

    fn read(&mut self, kind: ObjectKind, number: usize, der: &[u8]) -> Option<Read> {
        let object = BundleObject { kind, number };
        match Certificate::from_der(der) {
            Ok(certificate) => Some((object, certificate)),
            Err(error) => {
                self.refusals.push(GateRefusal::Certificate { object, error });
                None
            }
        }
    }

    fn root(&mut self, object: BundleObject, certificate: Certificate, links: &[Read], bundle: [u8; 32]) {
        self.refuse_findings(object, lint(&certificate, profile(Role::Iaca, self.authority.edition), None));
        self.refuse_ended(object, &certificate);
        let root = match RootCertificate::admit(certificate) {
            Ok(root) => root,
            Err(error) => return self.refusals.push(GateRefusal::Disguised { object, error }),
        };
        if !self.is_signed_by(object, root.certificate(), root.certificate()) {
            return;
        }
        let key = root.key_digest();
        if let Some(held) = self.held.roots.get(&key) {
            if held.root != root {
                self.refusals.push(GateRefusal::RootRenewed { object, root: key });
            }
            return;
        }
        let is_pinned = self.authority.root_pins.contains(&key);
        if !is_pinned && !self.is_linked(&root, links) {
            self.refusals.push(GateRefusal::RootNotTrusted { object, root: key });
        }
        self.authorise(object, &root);
        // Where a root is in use already, people must have time to take the new one up.
        let is_first = !self.held.roots.values().any(|held| held.is_in_use(self.at));
        let lead = if is_first { time::Duration::ZERO } else { self.authority.announcement };
        let dates = AnchorDates {
            announced: self.at,
            active: self.at.saturating_add(lead).max(root.certificate().not_before()),
            retiring: None,
            removed: None,
        };
        self.contents.roots.push(HeldRoot { root, dates, revoked: None, bundle, approval: None });
    }

    /// A root that is held and in use has certified this one, in a link of the bundle.
    fn is_linked(&self, root: &RootCertificate, links: &[Read]) -> bool {
        links.iter().filter(|(_, link)| KeyDigest::of(link) == root.key_digest()).any(|(_, link)| {
            let issuer = link.authority_key_identifier().and_then(|issuer| self.held.root_by_key_identifier(issuer));
            issuer.filter(|held| held.is_in_use(self.at)).is_some_and(|held| {
                let key = held.root.certificate().public_key();
                link.subject() == root.certificate().subject()
                    && key.is_ok_and(|key| link.verify_signature(key, self.provider).is_ok())
            })
        })
    }

    fn authorise(&mut self, object: BundleObject, root: &RootCertificate) {
        let key = root.key_digest();
        let Some(issuer) = self.authority.issuers.get(key) else {
            return self.refusals.push(GateRefusal::NoIssuer { object, root: key });
        };
        let region = Region::from(root.certificate());
        for doc_type in issuer.doc_types.iter() {
            if let Err(denial) = self.authority.authorisation.decide(key, doc_type, &region, self.at) {
                let (doc_type, region) = (doc_type.to_owned(), region.clone());
                self.refusals.push(GateRefusal::Unauthorised { object, root: key, doc_type, region, denial });
            }
        }
    }

    fn link(&mut self, object: BundleObject, certificate: Certificate) {
        self.refuse_ended(object, &certificate);
        let Some(issuer) = self.usable_issuer(object, &certificate) else { return };
        let rules = profile(Role::Link, self.authority.edition);
        self.refuse_findings(object, lint(&certificate, rules, Some(issuer.root.certificate())));
        if !self.is_signed_by(object, &certificate, issuer.root.certificate()) {
            return;
        }
        let link = match LinkCertificate::admit(certificate) {
            Ok(link) => link,
            Err(error) => return self.refusals.push(GateRefusal::Disguised { object, error }),
        };
        let subject = link.subject_digest();
        let new = self.contents.roots.iter().find(|new| new.root.key_digest() == subject);
        let root = new.or_else(|| self.held.roots.get(&subject));
        match root.filter(|held| held.root.certificate().subject() == link.certificate().subject()) {
            Some(_) => self.contents.links.push(link),
            None => self.refusals.push(GateRefusal::LinkSubject { object }),
        }
    }

    fn signer(&mut self, object: BundleObject, certificate: Certificate, role: SignerRole) {
        self.refuse_ended(object, &certificate);
        let Some(issuer) = self.usable_issuer(object, &certificate) else { return };
        let rules = profile(role.profile_role(), self.authority.edition);
        self.refuse_findings(object, lint(&certificate, rules, Some(issuer.root.certificate())));
        if !self.is_signed_by(object, &certificate, issuer.root.certificate()) {
            return;
        }
        if role == SignerRole::DocumentSigner {
            // The certificate ends here.
            return self.contents.document_signers.push(DocumentSigner {
                issuer: issuer.root.key_digest(),
                serial: certificate.serial().to_vec(),
                not_before: certificate.not_before(),
                not_after: certificate.not_after(),
                fingerprint: certificate.fingerprint_sha256(),
            });
        }
        match ListSigner::admit(certificate, role) {
            Ok(signer) => self.contents.list_signers.push(signer),
            Err(error) => self.refusals.push(GateRefusal::Disguised { object, error }),
        }
    }

    fn refuse_ended(&mut self, object: BundleObject, certificate: &Certificate) {
        let not_after = certificate.not_after();
        if not_after < self.at {
            self.refusals.push(GateRefusal::Ended { object, not_after });
        }
    }

    /// The root that a certificate names as its issuer, if it may still issue.
    fn usable_issuer(&mut self, object: BundleObject, certificate: &Certificate) -> Option<HeldRoot> {
        let identifier = certificate.authority_key_identifier().unwrap_or_default().to_vec();
        match self.issuer(&identifier) {
            None => self.refusals.push(GateRefusal::UnknownIssuer { object, issuer: identifier }),
            Some(held) if !held.is_in_use(self.at) => {
                self.refusals.push(GateRefusal::IssuerOutOfUse { object, issuer: held.root.key_digest() });
            }
            Some(held) => return Some(held),
        }
        None
    }

    fn is_signed_by(&mut self, object: BundleObject, certificate: &Certificate, issuer: &Certificate) -> bool {
        let verified = issuer
            .public_key()
            .map_err(|error| tegata_pki::SignatureError::Key(error.clone()))
            .and_then(|key| certificate.verify_signature(key, self.provider));
        let holds = verified.is_ok();
        self.refusals.extend(verified.err().map(|error| GateRefusal::Signature { object, error }));
        holds
    }
}
