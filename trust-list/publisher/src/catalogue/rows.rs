//! How the holdings stand in the state file.
//!
//! **These types are stored.** `catalogue.json` is a JSON object with `format` 1; contents of objects are not in it but in
//! `objects/<sha256>`, and are named here by their digest. A member that is unknown is refused: an older program must not
//! drop what a newer one has written.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};
use tegata_audit::{Actor, Class, Event, ObjectDigest, Outcome};
use tegata_manifest::{AnchorDates, Notice, NoticeCategory, sha256};
use tegata_pki::{Certificate, Crl};
use tegata_trust_list::bundle::SignerRole;
use time::UtcDateTime;

use super::holdings::{AwaitedRequest, HeldCrl, HeldRoot, Holdings, ImportedResponse, Metadata, SignedFile};
use crate::{
    KeyDigest, instant,
    published::{DocumentSigner, LinkCertificate, ListSigner, RootCertificate},
};

/// The version of the form.
pub(super) const FORMAT: u32 = 1;

/// A SHA-256, in hexadecimal digits: of an object, or of a key.
type Digest = KeyDigest;

/// The state file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct State {
    pub(super) format: u32,
    /// Counts the changes.
    pub(super) revision: u64,
    #[serde(with = "instant::option")]
    pub(super) changed: Option<UtcDateTime>,
    roots: Vec<RootRow>,
    links: Vec<Digest>,
    list_signers: Vec<SignerRow>,
    document_signers: Vec<DocumentSignerRow>,
    crls: Vec<CrlRow>,
    notices: Vec<NoticeRow>,
    request: Option<RequestRow>,
    response: Option<ResponseRow>,
    metadata: MetadataRow,
    /// Events of the last change; the log may have them already.
    pub(super) outbox: Vec<EventRow>,
    /// The number of the next event.
    pub(super) next_event: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RootRow {
    certificate: Digest,
    #[serde(with = "instant")]
    announced: UtcDateTime,
    #[serde(with = "instant")]
    active: UtcDateTime,
    #[serde(with = "instant::option")]
    retiring: Option<UtcDateTime>,
    #[serde(with = "instant::option")]
    removed: Option<UtcDateTime>,
    #[serde(with = "instant::option")]
    revoked: Option<UtcDateTime>,
    bundle: Digest,
    approval: Option<Digest>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct SignerRow {
    certificate: Digest,
    role: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct DocumentSignerRow {
    issuer: KeyDigest,
    #[serde(with = "hex::serde")]
    serial: Vec<u8>,
    #[serde(with = "instant")]
    not_before: UtcDateTime,
    #[serde(with = "instant")]
    not_after: UtcDateTime,
    fingerprint: Digest,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct CrlRow {
    issuer: KeyDigest,
    list: Digest,
    #[serde(with = "instant::option")]
    released: Option<UtcDateTime>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct NoticeRow {
    id: String,
    category: String,
    #[serde(with = "instant")]
    published: UtcDateTime,
    anchors: Vec<KeyDigest>,
    en: String,
    ja: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RequestRow {
    sequence: u64,
    digest: Digest,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ResponseRow {
    sequence: u64,
    digest: Digest,
    next_sequence: u64,
    checkpoint: String,
    records: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FileRow {
    version: u64,
    file: Digest,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct MetadataRow {
    roots: Vec<FileRow>,
    list: Option<FileRow>,
    exports: BTreeMap<String, Digest>,
    snapshot: u64,
    pointer: u64,
    device_keys: u64,
    client: Option<Digest>,
}

/// An event that waits for the log.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct EventRow {
    pub(super) number: u64,
    #[serde(with = "instant")]
    pub(super) at: UtcDateTime,
    class: Class,
    name: String,
    outcome: Outcome,
    actor: Actor,
    objects: Vec<ObjectDigest>,
    detail: serde_json::Map<String, serde_json::Value>,
}

/// The member of a record's details that tells whether the log has an event.
pub(super) const EVENT_NUMBER: &str = "catalogueEvent";

impl EventRow {
    pub(super) fn new(number: u64, event: Event, at: UtcDateTime) -> Self {
        let Event { class, name, outcome, actor, objects, detail, .. } = event;
        Self { number, at, class, name, outcome, actor, objects, detail }
    }

    pub(super) fn event(&self) -> Result<Event, tegata_audit::AuditError> {
        let mut event = Event::new(self.class, self.name.clone(), self.outcome, self.actor.clone())?;
        event.objects.clone_from(&self.objects);
        event.detail.clone_from(&self.detail);
        Ok(event.detail(EVENT_NUMBER, self.number))
    }
}

/// The contents of objects by their digest.
pub(super) type Objects = BTreeMap<[u8; 32], Arc<[u8]>>;

impl State {
    /// The holdings as they stand in the file, and the objects that must be beside it.
    pub(super) fn write(holdings: &Holdings) -> (Self, Objects) {
        let mut objects = Objects::new();
        let mut keep = |bytes: &[u8]| {
            let digest = sha256(bytes);
            objects.entry(digest).or_insert_with(|| bytes.into());
            Digest::from_bytes(digest)
        };
        let state = Self {
            format: FORMAT,
            revision: 0,
            changed: None,
            roots: holdings.roots.values().map(|held| RootRow::write(held, &mut keep)).collect(),
            links: holdings.links.iter().map(|link| keep(link.certificate().der())).collect(),
            list_signers: holdings
                .list_signers
                .iter()
                .map(|signer| SignerRow {
                    certificate: keep(signer.certificate().der()),
                    role: signer.role().signer_role().id().to_owned(),
                })
                .collect(),
            document_signers: holdings.document_signers.iter().map(DocumentSignerRow::write).collect(),
            crls: holdings
                .crls
                .iter()
                .map(|crl| CrlRow { issuer: crl.issuer, list: keep(&crl.der), released: crl.released })
                .collect(),
            notices: holdings.notices.iter().map(NoticeRow::write).collect(),
            request: holdings
                .request
                .map(|request| RequestRow { sequence: request.sequence, digest: Digest::from_bytes(request.digest) }),
            response: holdings.response.as_ref().map(|response| ResponseRow {
                sequence: response.sequence,
                digest: Digest::from_bytes(response.digest),
                next_sequence: response.next_sequence,
                checkpoint: response.checkpoint.clone(),
                records: response.records,
            }),
            metadata: MetadataRow::write(&holdings.metadata, &mut keep),
            outbox: Vec::new(),
            next_event: 0,
        };
        (state, objects)
    }

    /// Reads the holdings back. `load` gives the object of a digest. `Err` names the object that is missing or is not what
    /// the state says.
    pub(super) fn read<E>(
        &self,
        mut load: impl FnMut(&[u8; 32]) -> Result<Arc<[u8]>, E>,
        damaged: impl Fn(&[u8; 32]) -> E,
    ) -> Result<Holdings, E> {
        let mut object = |digest: &Digest| load(digest.as_bytes());
        let bad = |digest: &Digest| damaged(digest.as_bytes());
        let mut holdings = Holdings::default();
        for row in &self.roots {
            let der = object(&row.certificate)?;
            let certificate = Certificate::from_der(&der).map_err(|_| bad(&row.certificate))?;
            let root = RootCertificate::admit(certificate).map_err(|_| bad(&row.certificate))?;
            let approval = row.approval.as_ref().map(&mut object).transpose()?;
            let held = HeldRoot {
                dates: AnchorDates {
                    announced: row.announced,
                    active: row.active,
                    retiring: row.retiring,
                    removed: row.removed,
                },
                revoked: row.revoked,
                bundle: *row.bundle.as_bytes(),
                approval: approval.map(|bytes| bytes.to_vec()),
                root,
            };
            holdings.roots.insert(held.root.key_digest(), held);
        }
        for digest in &self.links {
            let certificate = Certificate::from_der(&object(digest)?).map_err(|_| bad(digest))?;
            holdings.links.push(LinkCertificate::admit(certificate).map_err(|_| bad(digest))?);
        }
        for row in &self.list_signers {
            let certificate = Certificate::from_der(&object(&row.certificate)?).map_err(|_| bad(&row.certificate))?;
            let signer = SignerRole::from_id(&row.role).and_then(|role| ListSigner::admit(certificate, role).ok());
            holdings.list_signers.push(signer.ok_or_else(|| bad(&row.certificate))?);
        }
        for row in &self.crls {
            let der = object(&row.list)?;
            holdings.crls.push(row.read(der).ok_or_else(|| bad(&row.list))?);
        }
        for row in &self.notices {
            holdings.notices.push(row.read().ok_or_else(|| bad(&Digest::from_bytes([0; 32])))?);
        }
        holdings.document_signers = self.document_signers.iter().map(DocumentSignerRow::read).collect();
        holdings.request =
            self.request.as_ref().map(|row| AwaitedRequest { sequence: row.sequence, digest: *row.digest.as_bytes() });
        holdings.response = self.response.as_ref().map(|row| ImportedResponse {
            sequence: row.sequence,
            digest: *row.digest.as_bytes(),
            next_sequence: row.next_sequence,
            checkpoint: row.checkpoint.clone(),
            records: row.records,
        });
        let row = &self.metadata;
        let mut file = |row: &FileRow| Ok(SignedFile { version: row.version, bytes: object(&row.file)? });
        holdings.metadata = Metadata {
            roots: row.roots.iter().map(&mut file).collect::<Result<_, E>>()?,
            list: row.list.as_ref().map(&mut file).transpose()?,
            exports: BTreeMap::new(),
            snapshot: row.snapshot,
            pointer: row.pointer,
            device_keys: row.device_keys,
            client: row.client.as_ref().map(&mut object).transpose()?,
        };
        for (name, digest) in &row.exports {
            holdings.metadata.exports.insert(name.clone(), object(digest)?);
        }
        Ok(holdings)
    }
}

impl RootRow {
    fn write(held: &HeldRoot, keep: &mut impl FnMut(&[u8]) -> Digest) -> Self {
        Self {
            certificate: keep(held.root.certificate().der()),
            announced: held.dates.announced,
            active: held.dates.active,
            retiring: held.dates.retiring,
            removed: held.dates.removed,
            revoked: held.revoked,
            bundle: Digest::from_bytes(held.bundle),
            approval: held.approval.as_deref().map(keep),
        }
    }
}

impl DocumentSignerRow {
    fn write(signer: &DocumentSigner) -> Self {
        Self {
            issuer: signer.issuer,
            serial: signer.serial.clone(),
            not_before: signer.not_before,
            not_after: signer.not_after,
            fingerprint: Digest::from_bytes(signer.fingerprint),
        }
    }

    fn read(&self) -> DocumentSigner {
        DocumentSigner {
            issuer: self.issuer,
            serial: self.serial.clone(),
            not_before: self.not_before,
            not_after: self.not_after,
            fingerprint: *self.fingerprint.as_bytes(),
        }
    }
}

impl CrlRow {
    fn read(&self, der: Arc<[u8]>) -> Option<HeldCrl> {
        let crl = Crl::from_der(&der).ok()?;
        let (number, this_update, next_update) = (crl.number()?, crl.this_update(), crl.next_update()?);
        let sha256 = *self.list.as_bytes();
        Some(HeldCrl { issuer: self.issuer, number, this_update, next_update, sha256, der, released: self.released })
    }
}

impl NoticeRow {
    fn write(notice: &Notice) -> Self {
        Self {
            id: notice.id.clone(),
            category: notice.category.id().to_owned(),
            published: notice.published,
            anchors: notice.anchors.iter().copied().map(KeyDigest::from_bytes).collect(),
            en: notice.text_en.clone(),
            ja: notice.text_ja.clone(),
        }
    }

    fn read(&self) -> Option<Notice> {
        Some(Notice {
            id: self.id.clone(),
            category: NoticeCategory::from_id(&self.category)?,
            published: self.published,
            anchors: self.anchors.iter().map(|anchor| *anchor.as_bytes()).collect(),
            text_en: self.en.clone(),
            text_ja: self.ja.clone(),
        })
    }
}

impl MetadataRow {
    fn write(metadata: &Metadata, keep: &mut impl FnMut(&[u8]) -> Digest) -> Self {
        let mut file = |file: &SignedFile| FileRow { version: file.version, file: keep(&file.bytes) };
        Self {
            roots: metadata.roots.iter().map(&mut file).collect(),
            list: metadata.list.as_ref().map(&mut file),
            exports: metadata.exports.iter().map(|(name, bytes)| (name.clone(), keep(bytes))).collect(),
            snapshot: metadata.snapshot,
            pointer: metadata.pointer,
            device_keys: metadata.device_keys,
            client: metadata.client.as_deref().map(keep),
        }
    }
}
