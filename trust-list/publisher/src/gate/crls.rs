//! The CRLs of a bundle: single ones and series of which most lie in the future.

use std::collections::BTreeSet;

use tegata_manifest::sha256;
use tegata_pki::{Crl, CrlNumber, Role, lint_crl, profile};
use tegata_trust_list::bundle::ResponseBundle;
use time::UtcDateTime;

use super::{BundleObject, GateRefusal, Inspection, ObjectKind};
use crate::{
    KeyDigest,
    catalogue::{HeldCrl, HeldRoot},
};

impl Inspection<'_> {
    pub(super) fn crls(&mut self, response: &ResponseBundle) {
        for (number, der) in (1..).zip(&response.crls) {
            let object = BundleObject { kind: ObjectKind::Crl, number };
            match Crl::from_der(der) {
                Ok(crl) => self.crl(object, &crl),
                Err(error) => self.refusals.push(GateRefusal::Crl { object, error }),
            }
        }
        self.coverage();
    }

    fn crl(&mut self, object: BundleObject, crl: &Crl<'_>) {
        let identifier = crl.authority_key_identifier().unwrap_or_default();
        // A root that is out of use still says what is revoked: after a compromise above all.
        let Some(issuer) = self.issuer(identifier) else {
            let issuer = identifier.to_vec();
            return self.refusals.push(GateRefusal::UnknownIssuer { object, issuer });
        };
        let rules = profile(Role::Crl, self.authority.edition);
        self.refuse_findings(object, lint_crl(crl, rules, Some(issuer.root.certificate())));
        if let Err(error) = crl.verify_signature(issuer.root.certificate(), self.provider) {
            return self.refusals.push(GateRefusal::Signature { object, error });
        }
        // What lacks one of the two has a finding.
        let (Some(number), Some(next_update)) = (crl.number(), crl.next_update()) else { return };
        let key = issuer.root.key_digest();
        self.order(object, key, number, crl.this_update());
        self.entries(object, key, crl);
        self.contents.crls.push(HeldCrl {
            issuer: key,
            number,
            this_update: crl.this_update(),
            next_update,
            der: crl.der().into(),
            sha256: sha256(crl.der()),
            released: None,
        });
    }

    /// Numbers rise above every list that is held, released or not, and from list to list of the bundle; so do the dates,
    /// against the list that is published.
    fn order(&mut self, object: BundleObject, issuer: KeyDigest, found: CrlNumber, this_update: UtcDateTime) {
        let new = || self.contents.crls.iter().filter(|crl| crl.issuer == issuer);
        let greatest = new().chain(self.held.crls_of(issuer)).map(|crl| crl.number).max();
        let last = new().map(|crl| crl.this_update).max();
        let published = self.held.released_crl(issuer).map(|crl| crl.this_update);
        if let Some(held) = greatest.filter(|held| found <= *held) {
            self.refusals.push(GateRefusal::CrlNumber { object, held, found });
        }
        let falls_back = published.filter(|published| this_update < *published);
        if let Some(held) = last.filter(|last| this_update <= *last).or(falls_back) {
            self.refusals.push(GateRefusal::CrlOrder { object, held, found: this_update });
        }
    }

    /// Who was revoked stays so until the certificate has ended, and nobody is revoked in advance.
    fn entries(&mut self, object: BundleObject, issuer: KeyDigest, crl: &Crl<'_>) {
        let mut serials = BTreeSet::new();
        // An entry that cannot be read ends the iteration; the profile has a finding for it.
        for entry in crl.entries().map_while(Result::ok) {
            if entry.date > crl.this_update() {
                let (serial, date) = (entry.serial.to_vec(), entry.date);
                self.refusals.push(GateRefusal::CrlEntryDate { object, serial, date });
            }
            serials.insert(entry.serial);
        }
        let Some(published) = self.held.released_crl(issuer) else { return };
        let Ok(before) = Crl::from_der(&published.der) else { return };
        for entry in before.entries().map_while(Result::ok) {
            let has_ended = self.not_after(issuer, entry.serial).is_some_and(|end| end < crl.this_update());
            if !has_ended && !serials.contains(entry.serial) {
                self.refusals.push(GateRefusal::CrlEntryVanished { object, serial: entry.serial.to_vec() });
            }
        }
    }

    /// The end of a certificate that came through this gate.
    fn not_after(&self, issuer: KeyDigest, serial: &[u8]) -> Option<UtcDateTime> {
        let known = self.held.document_signers.iter().find(|signer| signer.issuer == issuer && signer.serial == serial);
        if let Some(signer) = known {
            return Some(signer.not_after);
        }
        let identifier = self.held.roots.get(&issuer)?.root.certificate().public_key().ok()?.key_identifier();
        let lists = self.held.list_signers.iter().map(|signer| signer.certificate());
        let links = self.held.links.iter().map(|link| link.certificate());
        let issued = lists.chain(links).find(|certificate| {
            certificate.serial() == serial && certificate.authority_key_identifier() == Some(identifier.as_slice())
        });
        issued.map(|certificate| certificate.not_after())
    }

    /// A root whose lists are replaced has one in effect among the new ones, and a new root has one at all.
    fn coverage(&mut self) {
        let at = self.at;
        let issuers: BTreeSet<KeyDigest> = self.contents.crls.iter().map(|crl| crl.issuer).collect();
        let in_effect = |crl: &&HeldCrl| crl.this_update <= at && at < crl.next_update;
        for root in &issuers {
            if !self.contents.crls.iter().filter(|crl| crl.issuer == *root).any(|crl| in_effect(&crl)) {
                self.refusals.push(GateRefusal::NoCrlInEffect { root: *root, at });
            }
        }
        let new = self.contents.roots.iter().map(|new: &HeldRoot| new.root.key_digest());
        let bare = new.filter(|root| !issuers.contains(root));
        self.refusals.extend(bare.map(|root| GateRefusal::NoCrl { root }));
    }
}
