//! What a client remembers from one update to the next.
//!
//! **This type is stored.** A change of its encoding needs a new version and a reader for the old one.

use std::collections::BTreeMap;

use tegata_mdoc::cbor::{DecodeError, Encoder, Limits, Reader};
use tegata_pki::CryptoProvider;
use time::UtcDateTime;

use crate::deterministic;
use crate::field::{check_time, invalid, read_fixed, read_time, required, text_key, write_time};
use crate::{Document, MAX_ROOT_BYTES, MetadataError, RoleKeys, RoleName, RootMetadata, Signed, Verified, sha256};

/// Longest stored state, in bytes: a root and a little more.
pub const MAX_STATE_BYTES: u64 = MAX_ROOT_BYTES + 4096;

const TYPE: &str = "tegata-client-state";
const VERSION: u64 = 1;
const LIMITS: Limits = Limits { bytes: usize::MAX, depth: 8, items: 1000 };

/// The trusted root, the highest version seen of each other role, and the latest known time.
///
/// ```cddl
/// state = [ "tegata-client-state", 1, body: bstr .cbor body, digest ]        ; SHA-256 of body
/// body  = { "root": bstr, "latest": tdate, "seen": { * ("list" / "snapshot" / "pointer") => seen } }
/// seen  = { "version": uint, "sha256": digest }                               ; SHA-256 of the payload
/// ```
///
/// The digest finds damage, not malice: whoever can write the state of a client has the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientState {
    root: RootMetadata,
    root_file: Vec<u8>,
    seen: BTreeMap<RoleName, Seen>,
    latest: UtcDateTime,
}

/// The newest file of a role that was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) version: u64,
    pub(super) payload_sha256: [u8; 32],
}

impl ClientState {
    /// Begins with a root that is trusted from now on: it came with the program, or the caller compared its digest.
    ///
    /// # Errors
    /// [`MetadataError`]: it is no root, or not even its own keys have signed it.
    pub fn bootstrap(root: &[u8], provider: &dyn CryptoProvider) -> Result<Self, MetadataError> {
        let verified = Signed::<RootMetadata>::parse(root)?.verify_by_itself(provider)?.into_document();
        let latest = verified.header.issued;
        Ok(Self { root: verified, root_file: root.to_vec(), seen: BTreeMap::new(), latest })
    }

    /// The trusted root.
    #[must_use]
    pub fn root(&self) -> &RootMetadata {
        &self.root
    }

    /// The file of the trusted root.
    #[must_use]
    pub fn root_file(&self) -> &[u8] {
        &self.root_file
    }

    /// The highest version of a role that was accepted; `None` when there was none yet, or it was forgotten because a root
    /// took a key from the role.
    #[must_use]
    pub fn version(&self, role: RoleName) -> Option<u64> {
        match role {
            RoleName::Root => Some(self.root.header.version),
            other => self.seen.get(&other).map(|seen| seen.version),
        }
    }

    /// The latest time that is known to have passed.
    #[must_use]
    pub fn latest_time(&self) -> UtcDateTime {
        self.latest
    }

    pub(super) fn seen(&self, role: RoleName) -> Option<Seen> {
        self.seen.get(&role).copied()
    }

    pub(super) fn remember<T: Document>(&mut self, role: RoleName, file: &Verified<T>) {
        if let Some(reference) = file.reference() {
            self.seen.insert(role, Seen { version: reference.version, payload_sha256: *file.payload_sha256() });
        }
    }

    pub(super) fn pass_time(&mut self, at: UtcDateTime) {
        self.latest = self.latest.max(at.truncate_to_second());
    }

    /// Trusts the next root and forgets the versions of the roles that lost a key by it or got a higher threshold. Who had
    /// such a key may have signed the highest version there is, and nothing could follow it (fast-forward). A role that only
    /// gained keys is remembered: its old files are still signed well.
    pub(super) fn replace_root(&mut self, root: RootMetadata, root_file: Vec<u8>) -> Vec<RoleName> {
        let changed = |role: &RoleName| match (self.root.roles.get(role), root.roles.get(role)) {
            (Some(old), Some(new)) => recovers(old, new),
            _ => true,
        };
        let forgotten: Vec<_> = self.seen.keys().copied().filter(changed).collect();
        self.seen.retain(|role, _| !forgotten.contains(role));
        self.root = root;
        self.root_file = root_file;
        forgotten
    }

    /// The bytes to store, in one write.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut body = Encoder::with_capacity(self.root_file.len() + 512);
        body.sorted_map(|map| {
            map.text("root", |value| _ = value.bytes(&self.root_file));
            map.text("latest", |value| write_time(value, self.latest));
            map.text("seen", |value| {
                value.sorted_map(|map| {
                    self.seen.iter().for_each(|(role, seen)| {
                        map.text(role.id(), |value| write_seen(value, seen));
                    })
                });
            });
        });
        let body = body.into_bytes();
        let mut encoder = Encoder::with_capacity(body.len() + 64);
        encoder.array(4).text(TYPE).unsigned(VERSION).bytes(&body).bytes(&sha256(&body));
        encoder.into_bytes()
    }

    /// Reads what was stored.
    ///
    /// # Errors
    /// [`StateError`]: anything but exactly the bytes that [`ClientState::to_bytes`] gave.
    pub fn from_bytes(bytes: &[u8], provider: &dyn CryptoProvider) -> Result<Self, StateError> {
        let found = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if found > MAX_STATE_BYTES {
            return Err(StateError::TooLarge { limit: MAX_STATE_BYTES, found });
        }
        let body = read_frame(bytes)?;
        deterministic::check(body).map_err(StateError::Body)?;
        let mut reader = Reader::new(body, LIMITS)?;
        let (root_file, latest, seen) = read_body(&mut reader)?;
        reader.finish()?;
        check_time("latest", latest).map_err(StateError::Body)?;
        let state = Self { seen, latest, ..Self::bootstrap(root_file, provider).map_err(StateError::Root)? };
        if state.to_bytes() == bytes { Ok(state) } else { Err(StateError::Damaged) }
    }
}

/// Whether a change of keys is one after which a key that was taken is worth nothing: one is gone, or more are needed.
fn recovers(old: &RoleKeys, new: &RoleKeys) -> bool {
    !old.keys.is_subset(&new.keys) || new.threshold > old.threshold
}

fn write_seen(encoder: &mut Encoder, seen: &Seen) {
    encoder.sorted_map(|map| {
        map.text("version", |value| _ = value.unsigned(seen.version));
        map.text("sha256", |value| _ = value.bytes(&seen.payload_sha256));
    });
}

/// The body, if its digest is right.
fn read_frame(bytes: &[u8]) -> Result<&[u8], StateError> {
    let mut reader = Reader::new(bytes, LIMITS)?;
    let (mut version, mut body, mut digest): (_, &[u8], _) = (0, &[], [0; 32]);
    reader.array_of(4, |reader, index| {
        let at = reader.offset();
        match index {
            0 if reader.text()? != TYPE => return Err(invalid(at, "type")),
            0 => {}
            1 => version = reader.unsigned()?,
            2 => body = reader.bytes()?,
            _ => digest = read_fixed(reader, "digest")?,
        }
        Ok(())
    })?;
    reader.finish()?;
    if version != VERSION {
        return Err(StateError::Version(version));
    }
    if sha256(body) == digest { Ok(body) } else { Err(StateError::Damaged) }
}

type Body<'a> = (&'a [u8], UtcDateTime, BTreeMap<RoleName, Seen>);

fn read_body<'a>(reader: &mut Reader<'a>) -> Result<Body<'a>, DecodeError> {
    let (mut root, mut latest, mut seen) = (None, None, None);
    reader.map(|reader, key| {
        let at = reader.offset();
        match text_key(reader, key)? {
            "root" => root = Some(reader.bytes()?),
            "latest" => latest = Some(read_time(reader)?),
            "seen" => seen = Some(read_seen(reader)?),
            _ => return Err(invalid(at, "key")),
        }
        Ok(())
    })?;
    Ok((required(reader, root, "root")?, required(reader, latest, "latest")?, required(reader, seen, "seen")?))
}

fn read_seen(reader: &mut Reader<'_>) -> Result<BTreeMap<RoleName, Seen>, DecodeError> {
    let mut all = BTreeMap::new();
    reader.map(|reader, key| {
        let at = reader.offset();
        let role = RoleName::from_id(text_key(reader, key)?).filter(|role| *role != RoleName::Root);
        let (mut version, mut sha256) = (None, None);
        reader.map(|reader, key| {
            match text_key(reader, key)? {
                "version" => version = Some(reader.unsigned()?),
                "sha256" => sha256 = Some(read_fixed(reader, "sha256")?),
                _ => return Err(invalid(reader.offset(), "key")),
            }
            Ok(())
        })?;
        let seen = Seen {
            version: required(reader, version, "version")?,
            payload_sha256: required(reader, sha256, "sha256")?,
        };
        all.insert(role.ok_or_else(|| invalid(at, "role"))?, seen);
        Ok(())
    })?;
    Ok(all)
}

/// Why a stored state cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// Longer than [`MAX_STATE_BYTES`].
    #[error("the state of {found} bytes is longer than {limit}")]
    TooLarge {
        /// The most bytes it may have.
        limit: u64,
        /// The bytes it has.
        found: u64,
    },
    /// Not the CBOR of a state.
    #[error("not the state of a client: {0}")]
    Cbor(#[from] DecodeError),
    /// Written by a program that is newer than this.
    #[error("unknown version {0} of the state")]
    Version(u64),
    /// The digest does not match, or the encoding is another than ours: something changed it since it was stored.
    #[error("the state was damaged")]
    Damaged,
    /// The body is not in the encoding that it may have.
    #[error("the state holds something that is not allowed: {0}")]
    Body(#[source] MetadataError),
    /// The root in it cannot be trusted.
    #[error("the root of the state: {0}")]
    Root(#[source] MetadataError),
}

impl StateError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "state-too-large",
            Self::Cbor(_) => "state-cbor",
            Self::Version(_) => "state-version",
            Self::Damaged => "state-damaged",
            Self::Body(_) => "state-body",
            Self::Root(_) => "state-root",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        self.remedies().0
    }

    /// What to do about it, in Japanese.
    #[must_use]
    pub fn remedy_ja(&self) -> &'static str {
        self.remedies().1
    }

    fn remedies(&self) -> (&'static str, &'static str) {
        match self {
            Self::Version(_) => ("Update this program.", "本プログラムを更新してください。"),
            _ => (
                "Restore the state from a backup, or begin again with the pinned root and find out what changed the file.",
                "バックアップから状態を復元するか、固定されたルートで開始し直し、ファイルが変更された原因を調べてください。",
            ),
        }
    }
}
