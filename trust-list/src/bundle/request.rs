//! The request bundle: what the online side asks the root for.

use tegata_mdoc::cbor::{DecodeError, DecodeErrorKind, Encoder, Key, Reader};
use tegata_pki::crl::RevocationReason;
use tegata_pki::{CryptoProvider, PublicKey, Role};
use time::UtcDateTime;

use super::envelope::{Contents, Envelope, Objects};
use super::field::{
    check_time, is_person, read_fixed, read_list, read_time, read_word, required, unknown_key, write_list, write_time,
};
use super::{
    Applicant, ApplicantRole, BundleError, MAX_CHECKPOINT_BYTES, MAX_ITEMS, PreparedBundle, Verified, check_applicants,
};

/// What the online side asks for. A request without items asks for the next CRLs only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestBundle {
    /// The number of the request, from 1, one more than that of the last.
    pub sequence: u64,
    /// 32 random bytes, drawn for this request.
    pub nonce: [u8; 32],
    /// When it was made; carried in whole seconds.
    pub created: UtcDateTime,
    /// The digest of the last response that was imported; `None` before the first.
    pub previous_response: Option<[u8; 32]>,
    /// The checkpoint of the root's log in that response; `None` before the first.
    pub last_checkpoint: Option<String>,
    /// The operations manager and the key manager who apply.
    pub applicants: Vec<Applicant>,
    /// What is asked for.
    pub items: Vec<RequestItem>,
}

/// One thing that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestItem {
    /// A certificate.
    Csr(CsrItem),
    /// A revocation.
    Revoke(RevocationOrder),
}

/// A certificate that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsrItem {
    /// What the certificate is for.
    pub role: SignerRole,
    /// The PKCS #10 request, DER; not parsed here.
    pub der: Vec<u8>,
    /// A statement of the key's module about the key, in the module's own format.
    pub attestation: Option<Vec<u8>>,
}

/// A revocation that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationOrder {
    /// The subject key identifier of the certificate's issuer, 1 to 64 octets.
    pub issuer_ski: Vec<u8>,
    /// The contents octets of the serial number, as in the certificate, 1 to 20 octets.
    pub serial: Vec<u8>,
    /// Why. Never certificateHold or removeFromCRL: nothing is suspended here, and a revocation is not taken back.
    pub reason: Option<RevocationReason>,
    /// From when on the certificate is not to be trusted; carried in whole seconds.
    pub at: UtcDateTime,
    /// The handle of the person who ordered it.
    pub requested_by: String,
}

/// What a signer signs with the certificate that it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignerRole {
    /// Documents (MSO).
    DocumentSigner,
    /// MSO revocation lists.
    StatusSigner,
    /// Lists of issuing authorities (VICAL).
    VicalSigner,
}

impl SignerRole {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::DocumentSigner, Self::StatusSigner, Self::VicalSigner];

    /// The row of the profile table.
    #[must_use]
    pub const fn profile_role(self) -> Role {
        match self {
            Self::DocumentSigner => Role::DocumentSigner,
            Self::StatusSigner => Role::StatusSigner,
            Self::VicalSigner => Role::VicalSigner,
        }
    }

    /// The name in the bundle.
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.profile_role().id()
    }

    /// The role of that name.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.id() == id)
    }
}

impl RequestBundle {
    /// Assembles the bytes to be signed by the online side.
    ///
    /// # Errors
    /// [`BundleError`] when the contents break a rule, or are too large.
    pub fn prepare(&self, signer: &PublicKey) -> Result<PreparedBundle, BundleError> {
        PreparedBundle::new(self, signer)
    }

    /// Reads a request that the owner of `signer` signed: signature, manifest, objects, encoding, applicants and the
    /// other rules. Whether it is the next one of the chain: [`Verified::check_follows`].
    ///
    /// # Errors
    /// [`BundleError`].
    pub fn open(
        bytes: &[u8],
        signer: &PublicKey,
        provider: &dyn CryptoProvider,
    ) -> Result<Verified<Self>, BundleError> {
        Envelope::parse(bytes)?.open(signer, provider)
    }

    /// The certificates that are asked for.
    pub fn csrs(&self) -> impl Iterator<Item = &CsrItem> {
        self.items.iter().filter_map(|item| match item {
            RequestItem::Csr(csr) => Some(csr),
            RequestItem::Revoke(_) => None,
        })
    }

    /// The revocations that are asked for.
    pub fn revocations(&self) -> impl Iterator<Item = &RevocationOrder> {
        self.items.iter().filter_map(|item| match item {
            RequestItem::Csr(_) => None,
            RequestItem::Revoke(order) => Some(order),
        })
    }
}

/// Names of the objects of the item at `index`; counted from 1.
fn csr_name(index: usize) -> String {
    format!("csr-{}", index + 1)
}

fn attestation_name(index: usize) -> String {
    format!("attestation-{}", index + 1)
}

impl Contents for RequestBundle {
    const TYPE: &'static str = "tegata-request-bundle";

    fn check(&self) -> Result<(), BundleError> {
        check_applicants(&self.applicants)?;
        if self.sequence == 0 {
            return Err(BundleError::Field("sequence"));
        }
        check_time("created", self.created)?;
        if self.last_checkpoint.as_ref().is_some_and(|text| text.is_empty() || text.len() > MAX_CHECKPOINT_BYTES) {
            return Err(BundleError::Field("lastCheckpoint"));
        }
        if self.items.len() > MAX_ITEMS {
            return Err(BundleError::TooMany { what: "items", found: self.items.len(), limit: MAX_ITEMS });
        }
        self.items.iter().try_for_each(|item| match item {
            RequestItem::Csr(csr) if csr.der.is_empty() => Err(BundleError::Field("csr")),
            RequestItem::Csr(csr) if csr.attestation.as_ref().is_some_and(Vec::is_empty) => {
                Err(BundleError::Field("attestation"))
            }
            RequestItem::Csr(_) => Ok(()),
            RequestItem::Revoke(order) => order.check(),
        })
    }

    fn objects(&self) -> Vec<(String, &[u8])> {
        let mut objects = Vec::new();
        for (index, item) in self.items.iter().enumerate() {
            if let RequestItem::Csr(csr) = item {
                objects.push((csr_name(index), csr.der.as_slice()));
                objects.extend(csr.attestation.iter().map(|bytes| (attestation_name(index), bytes.as_slice())));
            }
        }
        objects
    }

    fn encode_head(&self, encoder: &mut Encoder) {
        encoder.sorted_map(|map| {
            map.text("sequence", |value| _ = value.unsigned(self.sequence));
            map.text("nonce", |value| _ = value.bytes(&self.nonce));
            map.text("created", |value| write_time(value, self.created));
            if let Some(digest) = &self.previous_response {
                map.text("previousResponse", |value| _ = value.bytes(digest));
            }
            if let Some(checkpoint) = &self.last_checkpoint {
                map.text("lastCheckpoint", |value| _ = value.text(checkpoint));
            }
            map.text("applicants", |value| write_list(value, &self.applicants, write_applicant));
            map.text("items", |value| write_list(value, &self.items, write_item));
        });
    }

    fn decode_head(reader: &mut Reader<'_>, objects: &mut Objects) -> Result<Self, BundleError> {
        let (mut sequence, mut nonce, mut created, mut applicants, mut items) = (None, None, None, None, None);
        let (mut previous_response, mut last_checkpoint) = (None, None);
        reader.map(|reader, key| {
            match key {
                Key::Text("sequence") => sequence = Some(reader.unsigned()?),
                Key::Text("nonce") => nonce = Some(read_fixed(reader, "nonce")?),
                Key::Text("created") => created = Some(read_time(reader)?),
                Key::Text("previousResponse") => previous_response = Some(read_fixed(reader, "previousResponse")?),
                Key::Text("lastCheckpoint") => last_checkpoint = Some(reader.text()?.to_owned()),
                Key::Text("applicants") => applicants = Some(read_list(reader, read_applicant)?),
                Key::Text("items") => items = Some(read_list(reader, |reader| read_item(reader, objects))?),
                other => return Err(unknown_key(reader, other)),
            }
            Ok(())
        })?;
        Ok(Self {
            sequence: required(reader, sequence, "sequence")?,
            nonce: required(reader, nonce, "nonce")?,
            created: required(reader, created, "created")?,
            previous_response,
            last_checkpoint,
            applicants: required(reader, applicants, "applicants")?,
            items: required(reader, items, "items")?,
        })
    }
}

impl RevocationOrder {
    fn check(&self) -> Result<(), BundleError> {
        if !(1..=64).contains(&self.issuer_ski.len()) {
            return Err(BundleError::Field("issuerSki"));
        }
        let is_minimal = match self.serial.as_slice() {
            [] => false,
            [0x00, next, ..] => next & 0x80 != 0,
            [0xFF, next, ..] => next & 0x80 == 0,
            _ => true,
        };
        // RFC 5280 4.1.2.2 allows 20 octets at most.
        if !is_minimal || self.serial.len() > 20 {
            return Err(BundleError::Field("serial"));
        }
        let is_final = match self.reason {
            Some(RevocationReason::CertificateHold | RevocationReason::RemoveFromCrl | RevocationReason::Other(_)) => {
                false
            }
            Some(_) | None => true,
        };
        if !is_final {
            return Err(BundleError::Field("reason"));
        }
        check_time("at", self.at)?;
        if is_person(&self.requested_by) { Ok(()) } else { Err(BundleError::Field("requestedBy")) }
    }
}

fn write_applicant(encoder: &mut Encoder, _index: usize, applicant: &Applicant) {
    encoder.sorted_map(|map| {
        map.text("person", |value| _ = value.text(&applicant.person));
        map.text("role", |value| _ = value.text(applicant.role.id()));
    });
}

fn read_applicant(reader: &mut Reader<'_>) -> Result<Applicant, DecodeError> {
    let (mut person, mut role) = (None, None);
    reader.map(|reader, key| {
        match key {
            Key::Text("person") => person = Some(reader.text()?.to_owned()),
            Key::Text("role") => role = Some(read_word(reader, "role", ApplicantRole::from_id)?),
            other => return Err(unknown_key(reader, other)),
        }
        Ok(())
    })?;
    Ok(Applicant { person: required(reader, person, "person")?, role: required(reader, role, "role")? })
}

fn write_item(encoder: &mut Encoder, index: usize, item: &RequestItem) {
    encoder.sorted_map(|map| match item {
        RequestItem::Csr(csr) => {
            map.text("csr", |value| _ = value.text(&csr_name(index)));
            map.text("role", |value| _ = value.text(csr.role.id()));
            if csr.attestation.is_some() {
                map.text("attestation", |value| _ = value.text(&attestation_name(index)));
            }
        }
        RequestItem::Revoke(order) => {
            map.text("issuerSki", |value| _ = value.bytes(&order.issuer_ski));
            map.text("serial", |value| _ = value.bytes(&order.serial));
            if let Some(reason) = order.reason {
                map.text("reason", |value| _ = value.unsigned(reason.number().into()));
            }
            map.text("at", |value| write_time(value, order.at));
            map.text("requestedBy", |value| _ = value.text(&order.requested_by));
        }
    });
}

fn read_item(reader: &mut Reader<'_>, objects: &mut Objects) -> Result<RequestItem, DecodeError> {
    let (mut der, mut role, mut attestation) = (None, None, None);
    let (mut issuer_ski, mut serial, mut reason, mut at, mut requested_by) = (None, None, None, None, None);
    let start = reader.offset();
    reader.map(|reader, key| {
        match key {
            Key::Text("csr") => der = Some(objects.take(reader.text()?)),
            Key::Text("role") => role = Some(read_word(reader, "role", SignerRole::from_id)?),
            Key::Text("attestation") => attestation = Some(objects.take(reader.text()?)),
            Key::Text("issuerSki") => issuer_ski = Some(reader.bytes()?.to_vec()),
            Key::Text("serial") => serial = Some(reader.bytes()?.to_vec()),
            Key::Text("reason") => reason = Some(read_reason(reader)?),
            Key::Text("at") => at = Some(read_time(reader)?),
            Key::Text("requestedBy") => requested_by = Some(reader.text()?.to_owned()),
            other => return Err(unknown_key(reader, other)),
        }
        Ok(())
    })?;
    match (der, role, attestation, issuer_ski, serial, reason, at, requested_by) {
        (Some(der), Some(role), attestation, None, None, None, None, None) => {
            Ok(RequestItem::Csr(CsrItem { role, der, attestation }))
        }
        (None, None, None, Some(issuer_ski), Some(serial), reason, Some(at), Some(requested_by)) => {
            Ok(RequestItem::Revoke(RevocationOrder { issuer_ski, serial, reason, at, requested_by }))
        }
        _ => Err(DecodeError::new(DecodeErrorKind::InvalidValue { field: "items" }, start)),
    }
}

fn read_reason(reader: &mut Reader<'_>) -> Result<RevocationReason, DecodeError> {
    let at = reader.offset();
    let number = u8::try_from(reader.unsigned()?);
    let number = number.map_err(|_| DecodeError::new(DecodeErrorKind::InvalidValue { field: "reason" }, at))?;
    Ok(RevocationReason::from_number(number))
}
