//! The one file that a store is kept in.
//!
//! **This type is stored.** A change of its encoding needs a new version and a reader for the old one.

use std::collections::BTreeMap;

use tegata_manifest::{AnchorList, ClientState, Signed, StateError, sha256};
use tegata_mdoc::cbor::{DecodeError, Encoder, Limits, Reader};
use tegata_pki::{Crl, CrlNumber, CryptoProvider};
use time::UtcDateTime;

use super::{FetchRecord, HeldCrl, HeldList, HeldToken, State, Store};
use crate::codec::{Bytes, Stored, invalid, read_fields};
use crate::{AnchorSet, KeyDigest, SyncPolicy, VicalProvider};

/// Longest file that is read, in bytes: 256 MiB.
pub const MAX_STORE_BYTES: usize = 256 << 20;

const TYPE: &str = "tegata-trust-store";
/// Version 1 had no providers of VICALs and always a client.
const VERSION: u64 = 2;
const WITHOUT_VICALS: u64 = 1;
const LIMITS: Limits = Limits { bytes: MAX_STORE_BYTES, depth: 16, items: 4_000_000 };

/// Why a file is not the state of a store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreBytesError {
    /// It is empty: a write that never happened, or a medium that lost it. Not an empty store.
    #[error("the file is empty")]
    Empty,
    /// It is cut off or not CBOR of the right shape.
    #[error("the file is damaged: {0}")]
    Damaged(DecodeError),
    /// It is something else.
    #[error("the file is not a trust store")]
    Type,
    /// It was written by a later version of this program.
    #[error("the file has version {0}, which is not known")]
    Version(u64),
    /// Its digest is not that of its content.
    #[error("the content of the file has changed since it was written")]
    Digest,
    /// The state of the client in it cannot be read.
    #[error("{0}")]
    Client(StateError),
    /// It is older than the state that the medium has seen: an old copy was put back.
    #[error("the file has generation {found}, after {expected} was kept")]
    RolledBack {
        /// The generation in the file.
        found: u64,
        /// The generation the medium has seen.
        expected: u64,
    },
}

impl StoreBytesError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Empty => "store-empty",
            Self::Damaged(_) => "store-damaged",
            Self::Type => "store-type",
            Self::Version(_) => "store-version",
            Self::Digest => "store-digest",
            Self::Client(_) => "store-client",
            Self::RolledBack { .. } => "store-rolled-back",
        }
    }
}

impl Store {
    /// The bytes to keep.
    ///
    /// ```cddl
    /// store   = [ "tegata-trust-store", 2, generation: uint, digest: bstr .size 32, content: bstr .cbor content ]
    /// content = [ generation: uint, client: bstr / null, latest: time, anchors: [* anchor], list / null,
    ///             crls: [* [ digest, [ der: bstr, fetched: time ]]],
    ///             highest: [* [ digest, bstr .size 20 ]], tokens: [* [ uri: tstr, token ]], latestTokens: [* [ uri: tstr, time ]],
    ///             confirmed: [* digest], [ lastAttempt / null, lastSuccess / null, failures: uint ],
    ///             vicals: [* [ name: tstr, provider ]] ]                                 ; version 1 ends before vicals
    /// list    = [ list: bstr, snapshot: bstr, accepted: time, asOf: time, pointerExpires: time ]
    /// token   = [ bytes: bstr, issued: time, expires / null, ttl / null, fetched: time ]
    /// ```
    ///
    /// `digest` is the SHA-256 of `content`: it finds damage, not malice. Who can write the file has the verifier.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut content = Encoder::new();
        self.state.write(&mut content);
        let content = content.into_bytes();
        let mut encoder = Encoder::with_capacity(content.len() + 80);
        encoder.array(5).text(TYPE).unsigned(VERSION).unsigned(self.state.generation);
        encoder.bytes(&sha256(&content)).bytes(&content);
        encoder.into_bytes()
    }

    /// Reads what was kept.
    ///
    /// # Errors
    /// [`StoreBytesError`]: a damaged file is never an empty store.
    pub fn from_bytes(
        bytes: &[u8],
        policy: SyncPolicy,
        provider: &'static dyn CryptoProvider,
    ) -> Result<Self, StoreBytesError> {
        if bytes.is_empty() {
            return Err(StoreBytesError::Empty);
        }
        let (version, content) = open(bytes)?;
        let mut reader = Reader::new(&content, LIMITS).map_err(StoreBytesError::Damaged)?;
        let state = State::read(&mut reader, version, provider)?;
        Ok(Self { policy, provider, state })
    }
}

/// Checks the frame and gives the version and the content.
fn open(bytes: &[u8]) -> Result<(u64, Vec<u8>), StoreBytesError> {
    let mut reader = Reader::new(bytes, LIMITS).map_err(StoreBytesError::Damaged)?;
    let (mut kind, mut version, mut digest, mut content) = (None, None, None, None);
    let frame = reader.array(|reader, index| {
        match index {
            0 => kind = Some(String::read(reader)?),
            1 => version = Some(reader.unsigned()?),
            2 => _ = reader.unsigned()?,
            3 => digest = Some(Bytes::read(reader)?.0),
            4 => content = Some(Bytes::read(reader)?.0),
            _ => reader.skip()?,
        }
        Ok(())
    });
    if kind.as_deref().is_some_and(|kind| kind != TYPE) {
        return Err(StoreBytesError::Type);
    }
    if let Some(version) = version.filter(|version| ![VERSION, WITHOUT_VICALS].contains(version)) {
        return Err(StoreBytesError::Version(version));
    }
    frame.and_then(|_| reader.finish()).map_err(StoreBytesError::Damaged)?;
    match (version, digest, content) {
        (Some(version), Some(digest), Some(content)) if digest == sha256(&content) => Ok((version, content)),
        (Some(_), Some(_), Some(_)) => Err(StoreBytesError::Digest),
        _ => Err(StoreBytesError::Damaged(invalid(bytes.len(), "store"))),
    }
}

impl State {
    fn write(&self, encoder: &mut Encoder) {
        encoder.array(12);
        self.generation.write(encoder);
        self.client.as_ref().map(|client| Bytes(client.to_bytes())).write(encoder);
        self.latest.write(encoder);
        self.anchors.write(encoder);
        self.list.write(encoder);
        pairs(&self.crls).write(encoder);
        pairs(&self.highest_crl).write(encoder);
        pairs(&self.tokens).write(encoder);
        pairs(&self.latest_token).write(encoder);
        self.confirmed.iter().copied().collect::<Vec<_>>().write(encoder);
        self.fetch.write(encoder);
        pairs(&self.vicals).write(encoder);
    }

    fn read(reader: &mut Reader<'_>, version: u64, provider: &dyn CryptoProvider) -> Result<Self, StoreBytesError> {
        let parts = if version == WITHOUT_VICALS { Parts::read_version_1(reader) } else { Parts::read(reader) };
        let parts = parts.and_then(|parts| reader.finish().map(|()| parts));
        let parts = parts.map_err(StoreBytesError::Damaged)?;
        let client = parts.client.map(|client| ClientState::from_bytes(&client.0, provider)).transpose();
        let client = client.map_err(StoreBytesError::Client)?;
        Ok(Self {
            generation: parts.generation,
            client,
            anchors: parts.anchors,
            list: parts.list,
            crls: parts.crls.into_iter().collect(),
            highest_crl: parts.highest.into_iter().collect(),
            tokens: parts.tokens.into_iter().collect(),
            latest_token: parts.latest_tokens.into_iter().collect(),
            confirmed: parts.confirmed.into_iter().collect(),
            latest: parts.latest,
            fetch: parts.fetch,
            vicals: parts.vicals.into_iter().collect(),
        })
    }
}

/// The content as read. The state of the client still needs a provider to be read.
struct Parts {
    generation: u64,
    client: Option<Bytes>,
    latest: UtcDateTime,
    anchors: AnchorSet,
    list: Option<HeldList>,
    crls: Vec<(KeyDigest, HeldCrl)>,
    highest: Vec<(KeyDigest, CrlNumber)>,
    tokens: Vec<(String, HeldToken)>,
    latest_tokens: Vec<(String, UtcDateTime)>,
    confirmed: Vec<KeyDigest>,
    fetch: FetchRecord,
    vicals: Vec<(String, VicalProvider)>,
}

impl Parts {
    #[rustfmt::skip]
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        read_fields!(
            reader, generation, client, latest, anchors, list, crls, highest, tokens, latest_tokens, confirmed, fetch,
            vicals,
        );
        Ok(Self {
            generation, client, latest, anchors, list, crls, highest, tokens, latest_tokens, confirmed, fetch, vicals,
        })
    }

    #[rustfmt::skip]
    fn read_version_1(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        read_fields!(
            reader, generation, client, latest, anchors, list, crls, highest, tokens, latest_tokens, confirmed, fetch,
        );
        let (client, vicals) = (Some(client), Vec::new());
        Ok(Self {
            generation, client, latest, anchors, list, crls, highest, tokens, latest_tokens, confirmed, fetch, vicals,
        })
    }
}

fn pairs<K: Clone, V: Clone>(map: &BTreeMap<K, V>) -> Vec<(K, V)> {
    map.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}

impl Stored for HeldList {
    fn write(&self, encoder: &mut Encoder) {
        encoder.array(5).bytes(&self.list_file).bytes(&self.snapshot_file);
        self.accepted_at.write(encoder);
        self.as_of.write(encoder);
        self.pointer_expires.write(encoder);
    }

    /// Its signatures were verified when it was accepted, by the root of that day.
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        read_fields!(reader, list_file, snapshot_file, accepted_at, as_of, pointer_expires);
        let (Bytes(list_file), Bytes(snapshot_file)) = (list_file, snapshot_file);
        let list = Signed::<AnchorList>::parse(&list_file).map_err(|_| invalid(at, "list"))?.unverified().clone();
        Ok(Self { list, list_file, snapshot_file, accepted_at, as_of, pointer_expires })
    }
}

impl Stored for HeldCrl {
    fn write(&self, encoder: &mut Encoder) {
        encoder.array(2).bytes(self.crl.der());
        self.fetched_at.write(encoder);
    }

    /// Its signature was verified when it was taken in, and is again when it is used.
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        read_fields!(reader, der, fetched_at);
        let Bytes(der) = der;
        let crl = Crl::from_der(&der).map_err(|_| invalid(at, "CRL"))?.into_owned();
        Ok(Self { crl, fetched_at })
    }
}

impl Stored for HeldToken {
    fn write(&self, encoder: &mut Encoder) {
        encoder.array(5).bytes(&self.bytes);
        self.issued_at.write(encoder);
        self.expires.write(encoder);
        self.ttl.write(encoder);
        self.fetched_at.write(encoder);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        read_fields!(reader, bytes, issued_at, expires, ttl, fetched_at);
        let Bytes(bytes) = bytes;
        Ok(Self { bytes, issued_at, expires, ttl, fetched_at })
    }
}

impl Stored for FetchRecord {
    fn write(&self, encoder: &mut Encoder) {
        encoder.array(3);
        self.last_attempt.write(encoder);
        self.last_success.write(encoder);
        self.failures.write(encoder);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        read_fields!(reader, last_attempt, last_success, failures);
        Ok(Self { last_attempt, last_success, failures })
    }
}
