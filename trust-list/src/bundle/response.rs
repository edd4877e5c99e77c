//! The response bundle: what the root gives back.

use tegata_mdoc::cbor::{DecodeError, Encoder, Key, Reader};
use tegata_pki::{CryptoProvider, PublicKey, Role};
use time::UtcDateTime;

use super::envelope::{Contents, Envelope, Objects};
use super::field::{
    check_time, read_fixed, read_list, read_time, read_word, required, unknown_key, write_list, write_time,
};
use super::{BundleError, MAX_CHECKPOINT_BYTES, PreparedBundle, SignerRole, Verified};

/// What the root gives back. It is signed with the key of the ceremony log, never with a root key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseBundle {
    /// The number of the request that is answered.
    pub sequence: u64,
    /// The digest of that request.
    pub request_digest: [u8; 32],
    /// When it was made; carried in whole seconds.
    pub created: UtcDateTime,
    /// Certificates of signers, and the self-signed certificates of new roots.
    pub certificates: Vec<IssuedCertificate>,
    /// Link certificates, DER.
    pub links: Vec<Vec<u8>>,
    /// CRLs, DER, in the order of their numbers; those of a pre-signed series lie in the future.
    pub crls: Vec<Vec<u8>>,
    /// The number that the next request has to have.
    pub next_sequence: u64,
    /// The checkpoint of the root's audit log (C2SP tlog-checkpoint, a signed note).
    pub checkpoint: String,
    /// Whether the root key lived in a software token: a sandbox, never production.
    pub software_token: bool,
}

/// A certificate that the root issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedCertificate {
    /// What it is for.
    pub role: IssuedRole,
    /// The certificate, DER; not parsed here.
    pub der: Vec<u8>,
}

/// What an issued certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IssuedRole {
    /// The self-signed certificate of a root.
    Root,
    /// A signer's certificate.
    Signer(SignerRole),
}

impl IssuedRole {
    /// The row of the profile table.
    #[must_use]
    pub const fn profile_role(self) -> Role {
        match self {
            Self::Root => Role::Iaca,
            Self::Signer(role) => role.profile_role(),
        }
    }

    /// The name in the bundle: `iaca`, or that of the signer's role.
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.profile_role().id()
    }

    /// The role of that name.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        if id == Self::Root.id() { Some(Self::Root) } else { SignerRole::from_id(id).map(Self::Signer) }
    }
}

impl From<SignerRole> for IssuedRole {
    fn from(role: SignerRole) -> Self {
        Self::Signer(role)
    }
}

impl ResponseBundle {
    /// Assembles the bytes to be signed by the ceremony log's key.
    ///
    /// # Errors
    /// [`BundleError`] when the contents break a rule, or are too large.
    pub fn prepare(&self, signer: &PublicKey) -> Result<PreparedBundle, BundleError> {
        PreparedBundle::new(self, signer)
    }

    /// Reads a response that the owner of `signer` signed: signature, manifest, objects, encoding and rules. Whether it
    /// answers the request that was sent: [`Verified::check_answers`].
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
}

/// The kinds of object that are plain lists of DER; the name of an object is its kind and its number, from 1.
const CERTIFICATE: &str = "certificate";
const LINK: &str = "link";
const CRL: &str = "crl";

fn object_name(kind: &str, index: usize) -> String {
    format!("{kind}-{}", index + 1)
}

impl Contents for ResponseBundle {
    const TYPE: &'static str = "tegata-response-bundle";

    fn check(&self) -> Result<(), BundleError> {
        if self.sequence == 0 {
            return Err(BundleError::Field("sequence"));
        }
        if self.next_sequence <= self.sequence {
            return Err(BundleError::Field("nextSequence"));
        }
        check_time("created", self.created)?;
        if self.checkpoint.is_empty() || self.checkpoint.len() > MAX_CHECKPOINT_BYTES {
            return Err(BundleError::Field("checkpoint"));
        }
        match self.objects().iter().find(|(_, bytes)| bytes.is_empty()) {
            Some(_) => Err(BundleError::Field("objects")),
            None => Ok(()),
        }
    }

    fn objects(&self) -> Vec<(String, &[u8])> {
        fn named<'a>(
            kind: &'static str,
            list: impl Iterator<Item = &'a Vec<u8>>,
        ) -> impl Iterator<Item = (String, &'a [u8])> {
            list.enumerate().map(move |(index, der)| (object_name(kind, index), der.as_slice()))
        }
        named(CERTIFICATE, self.certificates.iter().map(|certificate| &certificate.der))
            .chain(named(LINK, self.links.iter()))
            .chain(named(CRL, self.crls.iter()))
            .collect()
    }

    fn encode_head(&self, encoder: &mut Encoder) {
        let names = |kind: &'static str| {
            move |encoder: &mut Encoder, index: usize, _: &Vec<u8>| {
                encoder.text(&object_name(kind, index));
            }
        };
        encoder.sorted_map(|map| {
            map.text("sequence", |value| _ = value.unsigned(self.sequence));
            map.text("requestDigest", |value| _ = value.bytes(&self.request_digest));
            map.text("created", |value| write_time(value, self.created));
            map.text("certificates", |value| write_list(value, &self.certificates, write_certificate));
            map.text("links", |value| write_list(value, &self.links, names(LINK)));
            map.text("crls", |value| write_list(value, &self.crls, names(CRL)));
            map.text("nextSequence", |value| _ = value.unsigned(self.next_sequence));
            map.text("checkpoint", |value| _ = value.text(&self.checkpoint));
            map.text("softwareToken", |value| _ = value.boolean(self.software_token));
        });
    }

    fn decode_head(reader: &mut Reader<'_>, objects: &mut Objects) -> Result<Self, BundleError> {
        let (mut sequence, mut request_digest, mut created, mut next_sequence) = (None, None, None, None);
        let (mut certificates, mut links, mut crls) = (None, None, None);
        let (mut checkpoint, mut software_token) = (None, None);
        reader.map(|reader, key| {
            match key {
                Key::Text("sequence") => sequence = Some(reader.unsigned()?),
                Key::Text("requestDigest") => request_digest = Some(read_fixed(reader, "requestDigest")?),
                Key::Text("created") => created = Some(read_time(reader)?),
                Key::Text("certificates") => {
                    certificates = Some(read_list(reader, |reader| read_certificate(reader, objects))?);
                }
                Key::Text("links") => links = Some(read_list(reader, |reader| Ok(objects.take(reader.text()?)))?),
                Key::Text("crls") => crls = Some(read_list(reader, |reader| Ok(objects.take(reader.text()?)))?),
                Key::Text("nextSequence") => next_sequence = Some(reader.unsigned()?),
                Key::Text("checkpoint") => checkpoint = Some(reader.text()?.to_owned()),
                Key::Text("softwareToken") => software_token = Some(reader.boolean()?),
                other => return Err(unknown_key(reader, other)),
            }
            Ok(())
        })?;
        Ok(Self {
            sequence: required(reader, sequence, "sequence")?,
            request_digest: required(reader, request_digest, "requestDigest")?,
            created: required(reader, created, "created")?,
            certificates: required(reader, certificates, "certificates")?,
            links: required(reader, links, "links")?,
            crls: required(reader, crls, "crls")?,
            next_sequence: required(reader, next_sequence, "nextSequence")?,
            checkpoint: required(reader, checkpoint, "checkpoint")?,
            software_token: required(reader, software_token, "softwareToken")?,
        })
    }
}

fn write_certificate(encoder: &mut Encoder, index: usize, certificate: &IssuedCertificate) {
    encoder.sorted_map(|map| {
        map.text("certificate", |value| _ = value.text(&object_name(CERTIFICATE, index)));
        map.text("role", |value| _ = value.text(certificate.role.id()));
    });
}

fn read_certificate(reader: &mut Reader<'_>, objects: &mut Objects) -> Result<IssuedCertificate, DecodeError> {
    let (mut der, mut role) = (None, None);
    reader.map(|reader, key| {
        match key {
            Key::Text("certificate") => der = Some(objects.take(reader.text()?)),
            Key::Text("role") => role = Some(read_word(reader, "role", IssuedRole::from_id)?),
            other => return Err(unknown_key(reader, other)),
        }
        Ok(())
    })?;
    Ok(IssuedCertificate { role: required(reader, role, "role")?, der: required(reader, der, "certificate")? })
}
