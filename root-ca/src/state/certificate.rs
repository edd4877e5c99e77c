//! The issuance record: every certificate that was ever signed.

use std::fmt;

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use tegata_pki::{Certificate, PublicKey, Role};
use time::UtcDateTime;

use super::{State, StateError, Write, instant, seconds};
use crate::key_status::Generation;

/// The contents octets of a serial number, as in the DER. Shown in hex.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Serial(pub Vec<u8>);

impl fmt::Display for Serial {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for Serial {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Serial({self})")
    }
}

/// What a certificate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum CertificateKind {
    /// The root's own.
    SelfSigned,
    /// The old key, certified by the new one (RFC 9810 4.4).
    OldWithNew,
    /// The new key, certified by the old one (ISO/IEC 18013-5 B.1.3).
    NewWithOld,
    /// Document signer.
    DocumentSigner,
    /// MSO revocation list signer.
    StatusSigner,
    /// VICAL signer.
    VicalSigner,
}

impl CertificateKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::SelfSigned,
        Self::OldWithNew,
        Self::NewWithOld,
        Self::DocumentSigner,
        Self::StatusSigner,
        Self::VicalSigner,
    ];

    /// A stable name.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::SelfSigned => "self-signed",
            Self::OldWithNew => "old-with-new",
            Self::NewWithOld => "new-with-old",
            Self::DocumentSigner => "document-signer",
            Self::StatusSigner => "status-signer",
            Self::VicalSigner => "vical-signer",
        }
    }

    /// The kind of a stable name.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.id() == id)
    }

    /// The kind that the root issues for a role on request; `None` for others.
    #[must_use]
    pub const fn of_signer(role: Role) -> Option<Self> {
        match role {
            Role::DocumentSigner => Some(Self::DocumentSigner),
            Role::StatusSigner => Some(Self::StatusSigner),
            Role::VicalSigner => Some(Self::VicalSigner),
            _ => None,
        }
    }

    /// The role whose profile the certificate has.
    #[must_use]
    pub const fn role(self) -> Role {
        match self {
            Self::SelfSigned => Role::Iaca,
            Self::OldWithNew | Self::NewWithOld => Role::Link,
            Self::DocumentSigner => Role::DocumentSigner,
            Self::StatusSigner => Role::StatusSigner,
            Self::VicalSigner => Role::VicalSigner,
        }
    }

    /// Whether it is one of an end entity and not of a root key.
    #[must_use]
    pub const fn is_end_entity(self) -> bool {
        matches!(self, Self::DocumentSigner | Self::StatusSigner | Self::VicalSigner)
    }
}

/// A row of the issuance record.
#[derive(Clone, Debug)]
pub struct CertificateRecord {
    /// The serial number.
    pub serial: Serial,
    /// What it is.
    pub kind: CertificateKind,
    /// The root key that signed it.
    pub issuer: Generation,
    /// The certificate.
    pub certificate: Certificate,
    /// When it was signed.
    pub issued: UtcDateTime,
    /// The policy identifier that goes with it; recorded here and not in the certificate.
    pub policy_oid: Option<String>,
    /// The name of its file among the outputs.
    pub output: String,
}

/// A row to be.
pub(crate) struct NewCertificate<'a> {
    pub(crate) kind: CertificateKind,
    pub(crate) issuer: Generation,
    pub(crate) certificate: &'a Certificate,
    pub(crate) policy_oid: Option<String>,
    pub(crate) output: &'a str,
    pub(crate) intent: u64,
}

const COLUMNS: &str = "SELECT serial, kind, issuer, der, issued, policy_oid, output FROM certificate";

impl State {
    /// Every certificate, in the order of issue.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn certificates(&self) -> Result<Vec<CertificateRecord>, StateError> {
        all(&self.connection)
    }

    /// One certificate.
    ///
    /// # Errors
    /// [`StateError::NoCertificate`].
    pub fn certificate(&self, serial: &[u8]) -> Result<CertificateRecord, StateError> {
        one(&self.connection, serial)
    }

    /// The first certificate of a key, if the key was ever certified, root keys among them.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn certified(&self, key: &PublicKey) -> Result<Option<Serial>, StateError> {
        certified(&self.connection, key)
    }
}

impl Write<'_> {
    pub(crate) fn certificates(&self) -> Result<Vec<CertificateRecord>, StateError> {
        all(self.db)
    }

    pub(crate) fn certificate(&self, serial: &[u8]) -> Result<CertificateRecord, StateError> {
        one(self.db, serial)
    }

    pub(crate) fn insert_certificate(&self, new: &NewCertificate<'_>) -> Result<(), StateError> {
        let certificate = new.certificate;
        self.db.execute(
            "INSERT INTO certificate (serial, kind, issuer, subject, spki, not_before, not_after, der, issued, policy_oid, \
             output, intent) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            params![
                certificate.serial(),
                new.kind.id(),
                new.issuer.0,
                certificate.subject().der(),
                certificate.spki_der(),
                seconds(certificate.not_before()),
                seconds(certificate.not_after()),
                certificate.der(),
                seconds(self.now),
                new.policy_oid,
                new.output,
                i64::try_from(new.intent).map_err(|_| StateError::Row { table: "intent" })?,
            ],
        )?;
        Ok(())
    }
}

fn all(db: &Connection) -> Result<Vec<CertificateRecord>, StateError> {
    let mut statement = db.prepare_cached(&format!("{COLUMNS} ORDER BY intent"))?;
    let rows = statement.query_map([], raw)?;
    rows.map(|row| complete(row?)).collect()
}

pub(super) fn of_issuer(db: &Connection, issuer: Generation) -> Result<Vec<CertificateRecord>, StateError> {
    let mut statement = db.prepare_cached(&format!("{COLUMNS} WHERE issuer = ?1 ORDER BY intent"))?;
    let rows = statement.query_map([issuer.0], raw)?;
    rows.map(|row| complete(row?)).collect()
}

fn one(db: &Connection, serial: &[u8]) -> Result<CertificateRecord, StateError> {
    let mut statement = db.prepare_cached(&format!("{COLUMNS} WHERE serial = ?1"))?;
    let row = statement.query_row([serial], raw).optional()?;
    complete(row.ok_or_else(|| StateError::NoCertificate { serial: hex::encode(serial) })?)
}

fn certified(db: &Connection, key: &PublicKey) -> Result<Option<Serial>, StateError> {
    let mut statement = db.prepare_cached("SELECT serial FROM certificate WHERE spki = ?1 ORDER BY intent LIMIT 1")?;
    Ok(statement.query_row([key.to_spki_der()], |row| row.get(0)).optional()?.map(Serial))
}

type Raw = (Vec<u8>, String, u32, Vec<u8>, i64, Option<String>, String);

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
}

fn complete((serial, kind, issuer, der, issued, policy_oid, output): Raw) -> Result<CertificateRecord, StateError> {
    const DAMAGED: StateError = StateError::Row { table: "certificate" };
    Ok(CertificateRecord {
        serial: Serial(serial),
        kind: CertificateKind::from_id(&kind).ok_or(DAMAGED)?,
        issuer: Generation(issuer),
        certificate: Certificate::from_der(&der).map_err(|_| DAMAGED)?,
        issued: instant(issued)?,
        policy_oid,
        output,
    })
}
