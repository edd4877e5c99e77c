//! Why a bundle is not imported.

use std::fmt;

use tegata_audit::CheckpointError;
use tegata_pki::{CertificateError, CrlError, CrlNumber, Finding, SignatureError};
use tegata_trust_list::bundle::{BundleError, SequenceError};
use time::UtcDateTime;

use crate::{
    KeyDigest,
    authorisation::{Denial, Region},
    published::NotPublishable,
};

/// An object of the bundle, named as in its manifest: `certificate-1`, `link-1`, `crl-1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BundleObject {
    /// Its kind.
    pub kind: ObjectKind,
    /// Its number within the kind, from 1.
    pub number: usize,
}

/// The kinds of objects of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKind {
    /// The certificate of a root or a signer.
    Certificate,
    /// A link certificate.
    Link,
    /// A CRL.
    Crl,
}

impl fmt::Display for BundleObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            ObjectKind::Certificate => "certificate",
            ObjectKind::Link => "link",
            ObjectKind::Crl => "crl",
        };
        write!(f, "{kind}-{}", self.number)
    }
}

/// One reason for which a bundle is not imported. Nothing of it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GateRefusal {
    /// The bundle cannot be read, or its signature does not hold.
    #[error("{0}")]
    Bundle(#[from] BundleError),
    /// The bundle answers another request than the one that waits.
    #[error("{0}")]
    Sequence(#[from] SequenceError),
    /// No request waits for an answer.
    #[error("no request waits for an answer")]
    NoRequest,
    /// The checkpoint of the root's audit log does not hold.
    #[error("checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The log of the root is not longer than at the last bundle.
    #[error("the root's log had {held} records at the last bundle and has {found} now")]
    CheckpointNotAdvanced {
        /// Records at the last bundle.
        held: u64,
        /// Records now.
        found: u64,
    },
    /// The root's keys lie in a software token, and this is no sandbox.
    #[error("the root's keys lie in a software token")]
    SoftwareToken,
    /// A certificate cannot be read.
    #[error("{object}: {error}")]
    Certificate {
        /// The object.
        object: BundleObject,
        /// Why.
        error: CertificateError,
    },
    /// A CRL cannot be read.
    #[error("{object}: {error}")]
    Crl {
        /// The object.
        object: BundleObject,
        /// Why.
        error: CrlError,
    },
    /// A deviation from the profile.
    #[error("{object}: {finding}")]
    Profile {
        /// The object.
        object: BundleObject,
        /// The deviation.
        finding: Box<Finding>,
    },
    /// The certificate is another kind of certificate than the bundle says; a document signer among them.
    #[error("{object}: {error}")]
    Disguised {
        /// The object.
        object: BundleObject,
        /// What it is not.
        error: NotPublishable,
    },
    /// The signature does not verify with the key of the issuer.
    #[error("{object}: {error}")]
    Signature {
        /// The object.
        object: BundleObject,
        /// Why.
        error: SignatureError,
    },
    /// No root that is held, or comes with the bundle, has the key that the object names as its issuer's.
    #[error("{object}: no root has the key {}", hex::encode(.issuer))]
    UnknownIssuer {
        /// The object.
        object: BundleObject,
        /// The authority key identifier.
        issuer: Vec<u8>,
    },
    /// The issuer was revoked or removed.
    #[error("{object}: its issuer {issuer} is out of use")]
    IssuerOutOfUse {
        /// The object.
        object: BundleObject,
        /// The root.
        issuer: KeyDigest,
    },
    /// The certificate has ended.
    #[error("{object}: ended at {not_after}")]
    Ended {
        /// The object.
        object: BundleObject,
        /// Its last second.
        not_after: UtcDateTime,
    },
    /// Nobody vouches for a new root: its key is not pinned, and no root that is held has certified it in a link.
    #[error("{object}: the root {root} is neither pinned nor linked to a root that is held")]
    RootNotTrusted {
        /// The object.
        object: BundleObject,
        /// The root.
        root: KeyDigest,
    },
    /// Another certificate for the key of a root that is held: renewal is not allowed (ISO/IEC 18013-5 C.1.7).
    #[error("{object}: the root {root} is held with another certificate")]
    RootRenewed {
        /// The object.
        object: BundleObject,
        /// The root.
        root: KeyDigest,
    },
    /// A link does not certify, under its name, a root that is held or comes with the bundle.
    #[error("{object}: certifies no root that is held or comes with the bundle")]
    LinkSubject {
        /// The object.
        object: BundleObject,
    },
    /// It is not said what the root is published for.
    #[error("{object}: it is not said what the root {root} is published for")]
    NoIssuer {
        /// The object.
        object: BundleObject,
        /// The root.
        root: KeyDigest,
    },
    /// The authorisation list says no.
    #[error("{object}: the root {root} may not speak for {doc_type} in {region}: {denial}")]
    Unauthorised {
        /// The object.
        object: BundleObject,
        /// The root.
        root: KeyDigest,
        /// The document type.
        doc_type: String,
        /// The region of its certificate.
        region: Region,
        /// Why.
        denial: Denial,
    },
    /// The number of a CRL is not above the one before it, held or in the bundle.
    #[error("{object}: number {found} is not above {held}")]
    CrlNumber {
        /// The object.
        object: BundleObject,
        /// The greatest number before it.
        held: CrlNumber,
        /// Its number.
        found: CrlNumber,
    },
    /// thisUpdate of a CRL is not after that of the one before it.
    #[error("{object}: thisUpdate {found} is not after {held}")]
    CrlOrder {
        /// The object.
        object: BundleObject,
        /// thisUpdate of the one before it.
        held: UtcDateTime,
        /// Its thisUpdate.
        found: UtcDateTime,
    },
    /// No list of this root in the bundle is in effect, while those that are held would be voided.
    #[error("of the root {root} no CRL of the bundle is in effect at {at}")]
    NoCrlInEffect {
        /// The root.
        root: KeyDigest,
        /// The time of the import.
        at: UtcDateTime,
    },
    /// A new root comes without a CRL.
    #[error("the new root {root} comes without a CRL")]
    NoCrl {
        /// The root.
        root: KeyDigest,
    },
    /// An entry says that the certificate will be revoked after the list takes effect.
    #[error("{object}: serial {} is revoked at {date}, after thisUpdate", hex::encode(.serial))]
    CrlEntryDate {
        /// The object.
        object: BundleObject,
        /// The serial number.
        serial: Vec<u8>,
        /// The date of the entry.
        date: UtcDateTime,
    },
    /// A certificate that was revoked, and is not known to have ended, is in the list no more.
    #[error("{object}: serial {} was revoked and is not in the list any more", hex::encode(.serial))]
    CrlEntryVanished {
        /// The object.
        object: BundleObject,
        /// The serial number.
        serial: Vec<u8>,
    },
}

impl GateRefusal {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Bundle(error) => error.id(),
            Self::Sequence(error) => error.id(),
            Self::Checkpoint(error) => error.id(),
            Self::Unauthorised { denial, .. } => denial.id(),
            _ => self.row().0,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Bundle(error) => error.remedy(),
            Self::Sequence(error) => error.remedy(),
            Self::Checkpoint(error) => error.remedy(),
            _ => self.row().1,
        }
    }

    /// What to do about it, in Japanese.
    #[must_use]
    pub fn remedy_ja(&self) -> &'static str {
        match self {
            Self::Bundle(error) => error.remedy_ja(),
            Self::Sequence(error) => error.remedy_ja(),
            Self::Checkpoint(error) => error.remedy_ja(),
            _ => self.row().2,
        }
    }

    fn row(&self) -> (&'static str, &'static str, &'static str) {
        const BACK: (&str, &str) = (
            "Do not publish. Send the bundle back to the root and have it find out how it was signed.",
            "公開せず、バンドルをルート側に差し戻し、署名に至った経緯を調べてください。",
        );
        let with = |id, (en, ja)| (id, en, ja);
        match self {
            Self::Bundle(_) => with("bundle", BACK),
            Self::Sequence(_) => with("sequence", BACK),
            Self::Checkpoint(_) => with("checkpoint", BACK),
            Self::NoRequest => (
                "no-request",
                "Record the request that was sent to the root first; a bundle that nobody asked for is not imported.",
                "先にルートへ送った要求を登録してください。要求のないバンドルは取り込めません。",
            ),
            Self::CheckpointNotAdvanced { .. } => (
                "checkpoint-not-advanced",
                "Stop. Have an auditor compare the root's log with its last checkpoint: records may be missing.",
                "作業を止め、監査者がルートのログを前回のチェックポイントと照合してください。記録が失われた可能性があります。",
            ),
            Self::SoftwareToken => (
                "software-token",
                "Import it into a sandbox only; production takes bundles of a root in a hardware module.",
                "サンドボックスにのみ取り込めます。本番ではハードウェアモジュールのルートのバンドルだけを扱います。",
            ),
            Self::Certificate { .. } => with("certificate-unreadable", BACK),
            Self::Crl { .. } => with("crl-unreadable", BACK),
            Self::Profile { .. } => with("profile", BACK),
            Self::Disguised { .. } => with("disguised", BACK),
            Self::Signature { .. } => with("object-signature", BACK),
            Self::UnknownIssuer { .. } => (
                "unknown-issuer",
                "Import the bundle with that root first, or pin the key of the root after comparing its fingerprint.",
                "そのルートを含むバンドルを先に取り込むか、フィンガープリントを照合したうえでルートの鍵を登録してください。",
            ),
            Self::IssuerOutOfUse { .. } => with("issuer-out-of-use", BACK),
            Self::Ended { .. } => (
                "certificate-ended",
                "Check the clock of this machine; if it is right, ask the root for a certificate that is valid.",
                "この機器の時計を確認し、正しければ有効な証明書をルートに求めてください。",
            ),
            Self::RootNotTrusted { .. } => (
                "root-not-trusted",
                "Compare the fingerprint with the ceremony's record, two persons, then pin the key; or have the old root \
                 sign a link certificate.",
                "2名でセレモニー記録のフィンガープリントと照合して鍵を登録するか、旧ルートによるリンク証明書を用意してください。",
            ),
            Self::RootRenewed { .. } => with("root-renewed", BACK),
            Self::LinkSubject { .. } => with("link-subject", BACK),
            Self::NoIssuer { .. } => (
                "no-issuer",
                "Enter the root with its document types in the file of issuers.",
                "発行者ファイルにルートと文書型を登録してください。",
            ),
            Self::Unauthorised { .. } => (
                "unauthorised",
                "Ask those who keep the authorisation list. Until a row allows it, nothing of this root is published.",
                "許可リストの管理者に確認してください。許可されるまで、このルートのものは公開されません。",
            ),
            Self::CrlNumber { .. } => with("crl-number-not-above", BACK),
            Self::CrlOrder { .. } => with("crl-order", BACK),
            Self::NoCrlInEffect { .. } => (
                "no-crl-in-effect",
                "Check the clock of this machine; if it is right, import the bundle when its first list takes effect, or \
                 ask for one with lists that have not ended.",
                "この機器の時計を確認してください。正しければ、最初のCRLの発効後に取り込むか、期限内のCRLを求めてください。",
            ),
            Self::NoCrl { .. } => with("no-crl", BACK),
            Self::CrlEntryDate { .. } => with("crl-entry-date", BACK),
            Self::CrlEntryVanished { .. } => (
                "crl-entry-vanished",
                "Stop. A revocation is final: have the root compare the list with its register.",
                "作業を止めてください。失効は取り消せません。ルート側でCRLと台帳を照合してください。",
            ),
        }
    }
}
