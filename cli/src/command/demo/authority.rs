//! The issuing authority of the demo: signers whose keys are online, certified by a root that is not.

use std::sync::Arc;

use tegata_hsm::Signer;
use tegata_pki::crl::RevocationReason;
use tegata_pki::{Certificate, Crl, PublicKey, rust_crypto};
use tegata_terminal::Lang;
use tegata_trust_list::bundle::{CsrItem, IssuedRole, RequestItem, ResponseBundle, RevocationOrder, SignerRole};
use time::UtcDateTime;

use super::super::token::certification_request;
use super::air_gap::{AirGap, Answer, Files};
use super::directory::{Artefact, Directory};
use super::names;
use super::program::Ceremony;
use super::token::Keys;
use crate::failure::Failure;
use crate::message::demo as text;

/// What the first ceremony gave, with the keys it was given for.
pub(super) struct Authority {
    pub(super) root: Certificate,
    pub(super) document_signer: Certificate,
    pub(super) document_signer_key: Arc<dyn Signer>,
}

impl Authority {
    /// Asks the root, which comes into being in this ceremony, to certify the two signers.
    pub(super) fn certify(
        keys: &Keys,
        air_gap: &mut AirGap<'_>,
        directory: &Directory,
        lang: Lang,
    ) -> Result<(Self, Answer), Failure> {
        let csr = |role, common_name, key: &dyn Signer| {
            let name = names::signer(common_name);
            let name = name.map_err(|error| Failure::Machine { id: error.id(), detail: error.to_string() })?;
            let der = certification_request(name, key, lang)?.der().to_vec();
            Ok::<_, Failure>(RequestItem::Csr(CsrItem { role, der, attestation: None }))
        };
        let items = vec![
            csr(SignerRole::DocumentSigner, names::DOCUMENT_SIGNER, &*keys.document_signer)?,
            csr(SignerRole::StatusSigner, names::STATUS_SIGNER, &*keys.status_signer)?,
        ];
        let answer = air_gap.ask(Ceremony::First, Files::FIRST, items)?;

        let taken = Taken { response: &answer.response, directory, file: Artefact::ResponseBundle, lang };
        let root = taken.root()?;
        let issued = |role: SignerRole, key: &dyn Signer, artefact: Artefact| {
            let certificate = taken.certificate(role, &root, key.public_key(), artefact)?;
            directory.write(artefact, certificate.to_pem().as_bytes())?;
            Ok::<_, Failure>(certificate)
        };
        let document_signer = issued(SignerRole::DocumentSigner, &*keys.document_signer, Artefact::DocumentSigner)?;
        issued(SignerRole::StatusSigner, &*keys.status_signer, Artefact::StatusSigner)?;
        let crl = taken.crl(&root, Artefact::Crl)?;
        directory.write(Artefact::Root, root.to_pem().as_bytes())?;
        directory.write(Artefact::Crl, &crl)?;
        let authority = Self { root, document_signer, document_signer_key: Arc::clone(&keys.document_signer) };
        Ok((authority, answer))
    }

    /// Orders the revocation of the Document Signer; returns the CRL in which it stands.
    pub(super) fn revoke_document_signer(
        &self,
        air_gap: &mut AirGap<'_>,
        directory: &Directory,
        lang: Lang,
    ) -> Result<(Vec<u8>, Answer), Failure> {
        let order = RevocationOrder {
            issuer_ski: self.document_signer.authority_key_identifier().unwrap_or_default().to_vec(),
            serial: self.document_signer.serial().to_vec(),
            reason: Some(RevocationReason::KeyCompromise),
            at: UtcDateTime::now().truncate_to_second(),
            requested_by: names::CA_MANAGER.to_owned(),
        };
        let answer = air_gap.ask(Ceremony::EmergencyRevoke, Files::REVOCATION, vec![RequestItem::Revoke(order)])?;
        let taken = Taken { response: &answer.response, directory, file: Artefact::RevocationResponse, lang };
        let crl = taken.crl(&self.root, Artefact::CrlAfter)?;
        directory.write(Artefact::CrlAfter, &crl)?;
        Ok((crl, answer))
    }
}

/// An answer that is taken apart; what was asked for has to be in it and to fit.
struct Taken<'a> {
    response: &'a ResponseBundle,
    directory: &'a Directory,
    file: Artefact,
    lang: Lang,
}

impl Taken<'_> {
    fn issued(&self, role: IssuedRole) -> impl Iterator<Item = Certificate> {
        let of_role = self.response.certificates.iter().filter(move |issued| issued.role == role);
        of_role.filter_map(|issued| Certificate::from_der(&issued.der).ok())
    }

    /// The root, which signed itself.
    fn root(&self) -> Result<Certificate, Failure> {
        let root = self.issued(IssuedRole::Root).find(|root| is_signed_by(root, root));
        root.ok_or_else(|| self.lacks(Artefact::Root))
    }

    /// The certificate of that key, signed by the root.
    fn certificate(
        &self,
        role: SignerRole,
        root: &Certificate,
        key: &PublicKey,
        artefact: Artefact,
    ) -> Result<Certificate, Failure> {
        let fits = |certificate: &Certificate| certificate.public_key() == Ok(key) && is_signed_by(certificate, root);
        self.issued(role.into()).find(fits).ok_or_else(|| self.lacks(artefact))
    }

    /// The newest CRL of the root that is valid now. An answer may hold older ones and ones for later.
    fn crl(&self, root: &Certificate, artefact: Artefact) -> Result<Vec<u8>, Failure> {
        let now = UtcDateTime::now();
        let crls = self.response.crls.iter().filter_map(|der| Crl::from_der(der).ok());
        let is_valid =
            |crl: &Crl<'_>| crl.this_update() <= now && crl.next_update().is_some_and(|next_update| now <= next_update);
        let valid = crls.filter(|crl| is_valid(crl) && crl.verify_signature(root, rust_crypto()).is_ok());
        let newest = valid.max_by_key(Crl::number);
        newest.map(|crl| crl.der().to_vec()).ok_or_else(|| self.lacks(artefact))
    }

    fn lacks(&self, artefact: Artefact) -> Failure {
        Failure::Refused {
            subject: Some(self.directory.path(self.file)),
            id: "response-incomplete",
            detail: text::response_lacks(self.lang, artefact.describe(self.lang)),
            remedy: Some(text::remedy_response_lacks(self.lang).into()),
        }
    }
}

fn is_signed_by(certificate: &Certificate, issuer: &Certificate) -> bool {
    issuer.public_key().is_ok_and(|key| certificate.verify_signature(key, rust_crypto()).is_ok())
}
