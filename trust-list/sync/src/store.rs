//! The store: everything a verifier remembers between two updates, and what it gives out.

mod bytes;
mod crl;
mod list;
mod operator;
mod output;
mod plan;
mod update;
mod vical;

use std::collections::{BTreeMap, BTreeSet};

use tegata_manifest::{AnchorList, ClientState, RootMetadata, sha256};
use tegata_pki::{CrlNumber, CryptoProvider, OwnedCrl};
use time::{Duration, UtcDateTime};

pub use self::bytes::{MAX_STORE_BYTES, StoreBytesError};
pub use self::list::{FetchedList, ListTrust};
pub use self::output::{CrlAge, ListAge};
pub use self::plan::{Jitter, Plan};
pub use self::update::{Changes, Refused};
pub use self::vical::{CrlSource, VicalChanges};
use crate::{AnchorSet, BootstrapError, KeyDigest, SyncPolicy, VicalProvider};

/// The trust store of a verifier.
///
/// Without I/O: files come in, evidence goes out, and [`Store::to_bytes`] is what to keep in between. A failure of any kind
/// leaves what is held as it is; it only ages. Use [`Store::transaction`] to have a change in memory only when it is on the
/// medium too.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) policy: SyncPolicy,
    pub(crate) provider: &'static dyn CryptoProvider,
    pub(crate) state: State,
}

/// What is kept.
#[derive(Clone, Debug)]
pub(crate) struct State {
    /// Counts the states of this store; a state with a lower number is an old copy.
    pub(crate) generation: u64,
    /// `None` in a store without a service.
    pub(crate) client: Option<ClientState>,
    pub(crate) anchors: AnchorSet,
    pub(crate) list: Option<HeldList>,
    pub(crate) crls: BTreeMap<KeyDigest, HeldCrl>,
    /// Outlives the CRL and the anchor.
    pub(crate) highest_crl: BTreeMap<KeyDigest, CrlNumber>,
    pub(crate) tokens: BTreeMap<String, HeldToken>,
    /// Outlives the list.
    pub(crate) latest_token: BTreeMap<String, UtcDateTime>,
    /// The anchors whose removal the operator agreed to; until the next update.
    pub(crate) confirmed: BTreeSet<KeyDigest>,
    pub(crate) latest: UtcDateTime,
    pub(crate) fetch: FetchRecord,
    /// The providers of VICALs, by the names that the operator gave them.
    pub(crate) vicals: BTreeMap<String, VicalProvider>,
}

/// The list as accepted.
#[derive(Clone, Debug)]
pub(crate) struct HeldList {
    pub(crate) list: AnchorList,
    pub(crate) list_file: Vec<u8>,
    pub(crate) snapshot_file: Vec<u8>,
    pub(crate) accepted_at: UtcDateTime,
    /// Until when the list is known to have been current.
    pub(crate) as_of: UtcDateTime,
    pub(crate) pointer_expires: UtcDateTime,
}

/// A CRL whose signature by the anchor was verified.
#[derive(Clone, Debug)]
pub(crate) struct HeldCrl {
    pub(crate) crl: OwnedCrl,
    pub(crate) fetched_at: UtcDateTime,
}

/// A status or identifier list that was verified when it came.
#[derive(Clone, Debug)]
pub(crate) struct HeldToken {
    pub(crate) bytes: Vec<u8>,
    pub(crate) issued_at: UtcDateTime,
    pub(crate) expires: Option<UtcDateTime>,
    pub(crate) ttl: Option<Duration>,
    pub(crate) fetched_at: UtcDateTime,
}

/// How the last attempts to update went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FetchRecord {
    pub(crate) last_attempt: Option<UtcDateTime>,
    pub(crate) last_success: Option<UtcDateTime>,
    pub(crate) failures: u32,
}

impl Store {
    /// Begins with a pinned root of a service, whose digest came by another way than the file. Nobody is trusted yet:
    /// anchors come with the first update, at once if the quorum of this root approved them, else after their hold-down;
    /// or the operator adds them.
    ///
    /// # Errors
    /// [`BootstrapError`].
    pub fn bootstrap(
        root: &[u8],
        expected_sha256: &[u8; 32],
        policy: SyncPolicy,
        provider: &'static dyn CryptoProvider,
    ) -> Result<Self, BootstrapError> {
        let found = sha256(root);
        if found != *expected_sha256 {
            return Err(BootstrapError::Digest { found });
        }
        let client = ClientState::bootstrap(root, provider).map_err(BootstrapError::Root)?;
        let latest = client.latest_time();
        Ok(Self { policy, provider, state: State::new(Some(client), latest) })
    }

    /// The policy. It is not part of what is kept.
    #[must_use]
    pub fn policy(&self) -> &SyncPolicy {
        &self.policy
    }

    /// The anchors of the service and of the operator, believed or not. Each provider of VICALs has its own
    /// ([`VicalProvider::anchors`], [`Store::every_anchor`]).
    #[must_use]
    pub fn anchors(&self) -> &AnchorSet {
        &self.state.anchors
    }

    /// The list as last accepted.
    #[must_use]
    pub fn list(&self) -> Option<&AnchorList> {
        self.state.list.as_ref().map(|held| &held.list)
    }

    /// The root of the service in force; `None` in a store without a service.
    #[must_use]
    pub fn root(&self) -> Option<&RootMetadata> {
        self.state.client.as_ref().map(ClientState::root)
    }

    /// The number of this state; it rises with every state that is kept.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.state.generation
    }

    /// The latest time that is known to have passed.
    #[must_use]
    pub fn latest_time(&self) -> UtcDateTime {
        let client = self.state.client.as_ref().map(ClientState::latest_time);
        client.map_or(self.state.latest, |client| client.max(self.state.latest))
    }

    /// Whether the clock is plausible: `Err` is the latest known time when it is more than the tolerated difference ahead.
    pub(crate) fn check_clock(&self, at: UtcDateTime) -> Result<(), UtcDateTime> {
        let latest = self.latest_time();
        if at.saturating_add(self.policy.skew) < latest { Err(latest) } else { Ok(()) }
    }

    /// Notes that this time has passed.
    pub(crate) fn pass_time(&mut self, at: UtcDateTime) {
        self.state.latest = self.state.latest.max(at);
    }
}

impl State {
    /// Nothing but what a store begins with.
    fn new(client: Option<ClientState>, latest: UtcDateTime) -> Self {
        Self {
            generation: 0,
            client,
            anchors: AnchorSet::new(),
            list: None,
            crls: BTreeMap::new(),
            highest_crl: BTreeMap::new(),
            tokens: BTreeMap::new(),
            latest_token: BTreeMap::new(),
            confirmed: BTreeSet::new(),
            latest,
            fetch: FetchRecord::default(),
            vicals: BTreeMap::new(),
        }
    }
}
