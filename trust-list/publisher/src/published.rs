//! The only certificates that can reach the published tree. A document signer's fits none of the types: it is no CA, and
//! its key purpose is not that of a list signer (CP/CPS 4.4.2.3: it is never published).

use tegata_pki::{Certificate, PublicKey, oid};
use tegata_trust_list::bundle::SignerRole;
use time::UtcDateTime;

use crate::KeyDigest;

/// The certificate does not belong to the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotPublishable {
    /// Not a self-issued CA certificate.
    #[error("not the self-issued certificate of a CA")]
    NotRoot,
    /// Not a CA certificate that another key issued.
    #[error("not a CA certificate that another key issued")]
    NotLink,
    /// Not the certificate of a list signer: a CA, or a document signer by its key purpose.
    #[error("not the certificate of a list signer")]
    NotListSigner,
    /// The key cannot be used.
    #[error("the key cannot be used")]
    Key,
}

/// The self-signed certificate of a root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootCertificate(Certificate);

/// A link certificate: a root's key, certified by another root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkCertificate(Certificate);

/// What a list signer signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListSignerRole {
    /// Revocation lists of documents.
    Status,
    /// Lists of issuing authorities.
    Vical,
}

/// The certificate of somebody who signs lists. It travels inside of what it signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListSigner {
    certificate: Certificate,
    role: ListSignerRole,
}

/// What is kept of a document signer: enough to know its revocation and to audit the ledger, not its certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentSigner {
    /// The root that issued it.
    pub issuer: KeyDigest,
    /// The contents octets of its serial number.
    pub serial: Vec<u8>,
    /// The first second of its validity.
    pub not_before: UtcDateTime,
    /// The last second of its validity.
    pub not_after: UtcDateTime,
    /// SHA-256 of the certificate.
    pub fingerprint: [u8; 32],
}

fn usable(certificate: &Certificate) -> Result<&PublicKey, NotPublishable> {
    certificate.public_key().map_err(|_| NotPublishable::Key)
}

/// The subject key identifier in lower-case hexadecimal digits, as it stands in the stable names.
fn ski(certificate: &Certificate) -> String {
    certificate.public_key().map(|key| hex::encode(key.key_identifier())).unwrap_or_default()
}

impl RootCertificate {
    /// Takes a root. Its signature is not verified here.
    ///
    /// # Errors
    /// [`NotPublishable::NotRoot`], [`NotPublishable::Key`].
    pub fn admit(certificate: Certificate) -> Result<Self, NotPublishable> {
        usable(&certificate)?;
        let is_root = certificate.is_self_issued() && certificate.is_ca();
        if is_root { Ok(Self(certificate)) } else { Err(NotPublishable::NotRoot) }
    }

    /// The certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.0
    }

    /// What the root is.
    #[must_use]
    pub fn key_digest(&self) -> KeyDigest {
        KeyDigest::of(&self.0)
    }

    /// Its subject key identifier in hexadecimal digits.
    #[must_use]
    pub fn ski(&self) -> String {
        ski(&self.0)
    }
}

impl LinkCertificate {
    /// Takes a link certificate. Its signature is not verified here.
    ///
    /// # Errors
    /// [`NotPublishable::NotLink`], [`NotPublishable::Key`].
    pub fn admit(certificate: Certificate) -> Result<Self, NotPublishable> {
        let own = usable(&certificate)?.key_identifier();
        let foreign = certificate.authority_key_identifier().is_some_and(|issuer| issuer != own);
        if certificate.is_ca() && foreign { Ok(Self(certificate)) } else { Err(NotPublishable::NotLink) }
    }

    /// The certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.0
    }

    /// What the root is that it certifies.
    #[must_use]
    pub fn subject_digest(&self) -> KeyDigest {
        KeyDigest::of(&self.0)
    }

    /// `<key identifier of the issuer>-<that of the subject>`, both in hexadecimal digits: for the link that carries trust
    /// over to a new root this is old–new.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}-{}", hex::encode(self.0.authority_key_identifier().unwrap_or_default()), ski(&self.0))
    }
}

impl ListSigner {
    /// Takes a list signer. Its signature is not verified here.
    ///
    /// # Errors
    /// [`NotPublishable::NotListSigner`] also for a role that signs no lists; [`NotPublishable::Key`].
    pub fn admit(certificate: Certificate, role: SignerRole) -> Result<Self, NotPublishable> {
        usable(&certificate)?;
        let role = match role {
            SignerRole::StatusSigner => ListSignerRole::Status,
            SignerRole::VicalSigner => ListSignerRole::Vical,
            SignerRole::DocumentSigner => return Err(NotPublishable::NotListSigner),
        };
        let purposes = certificate.extended_key_usage().unwrap_or_default();
        let signs_documents = purposes.iter().any(|purpose| [oid::EKU_MDL_DS, oid::EKU_MDOC_DS].contains(purpose));
        let is_ca = certificate.basic_constraints().is_some_and(|constraints| constraints.ca);
        if signs_documents || is_ca {
            return Err(NotPublishable::NotListSigner);
        }
        Ok(Self { certificate, role })
    }

    /// The certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// What it signs.
    #[must_use]
    pub fn role(&self) -> ListSignerRole {
        self.role
    }
}

impl ListSignerRole {
    /// The role in a bundle.
    #[must_use]
    pub const fn signer_role(self) -> SignerRole {
        match self {
            Self::Status => SignerRole::StatusSigner,
            Self::Vical => SignerRole::VicalSigner,
        }
    }
}
