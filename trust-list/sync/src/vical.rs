//! Providers of VICALs that a verifier follows (ISO/IEC 18013-5 Annex C), beside a Digital Trust Service or without one.
//!
//! A VICAL is one signed list without roles, pointer or approvals, so that what a service states has to come from policy:
//!
//! * **Who signs**: a root of the provider that the operator pinned by its fingerprint, or one signer certificate.
//! * **How new anchors come in**: the provider vets what it lists, and the operator chose it, so the first list counts at
//!   once ([`SyncPolicy::hold_down_vical_first`]): there is nothing before it that a thief would have to replace. What a
//!   later list adds waits like anything that one online key says ([`SyncPolicy::hold_down_vical`]): that is the time in
//!   which a provider whose signer was stolen can publish a list without the stranger. A list without it ends the wait.
//! * **How anchors go**: to leave a certificate out is the only way in which a VICAL can withdraw it, for whatever reason.
//!   It counts at once ([`SyncPolicy::vical_missing`]), for the last anchor of a scope too; such scopes are reported. Only
//!   a list that would leave nobody at all is refused as a whole.
//! * **How old it may be**: it was current when it was fetched, never longer than its nextUpdate says nor than the 90 days of
//!   C.1.2, and the age since then is judged like that of a service's list. After notAfter it is stale at once.
//!
//! Each provider has anchors of its own, with states of their own: what one list leaves out, another may vouch for
//! (12.8.1). Only refusals are shared: a key that any source revoked, or the operator distrusts, is believed by none.

mod error;
mod listing;

use tegata_pki::{Certificate, CryptoProvider};
use tegata_trust_list::vical::{SeenVical, VerifiedVical, Vical, VicalCheck, VicalMemory, VicalTrust};
use time::{Duration, UtcDateTime};

pub use self::error::{ProviderError, VicalImportError};
use crate::freshness::list_freshness;
use crate::store::FetchRecord;
use crate::{AnchorSet, Freshness, SyncPolicy};

/// Most providers of one store.
pub const MAX_VICAL_PROVIDERS: usize = 16;

/// Who signs the lists of a provider, as the operator learned from another channel than the lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VicalPin {
    /// The provider's root: a signer under it will do.
    Root(Certificate),
    /// One signer certificate by its exact bytes. Nobody can revoke it, and the next signer is another one; for tests, and
    /// for providers that publish no root.
    DangerousSigner(Certificate),
}

impl VicalPin {
    /// The pinned certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        match self {
            Self::Root(certificate) | Self::DangerousSigner(certificate) => certificate,
        }
    }

    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Root(_) => "root",
            Self::DangerousSigner(_) => "dangerous-signer",
        }
    }

    fn trust(&self) -> VicalTrust<'_> {
        match self {
            Self::Root(root) => VicalTrust::Roots(core::slice::from_ref(root)),
            Self::DangerousSigner(signer) => VicalTrust::DangerousPinnedSigner(signer),
        }
    }
}

/// A provider as a store follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VicalProvider {
    pub(crate) pin: VicalPin,
    pub(crate) hold_down: Option<Duration>,
    /// The highest number and the latest date; outlives the list.
    pub(crate) seen: Option<SeenVical>,
    /// When the first list was taken in that was current: what comes later is held down.
    pub(crate) settled: Option<UtcDateTime>,
    pub(crate) held: Option<HeldVical>,
    pub(crate) anchors: AnchorSet,
    pub(crate) fetch: FetchRecord,
}

/// The facts of the list that was last accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldVical {
    /// `vicalProvider`: what the provider calls itself.
    pub provider: String,
    /// `vicalIssueID`.
    pub issue_id: Option<u64>,
    /// `date`.
    pub date: UtcDateTime,
    /// `nextUpdate`.
    pub next_update: Option<UtcDateTime>,
    /// `notAfter` (second edition).
    pub not_after: Option<UtcDateTime>,
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
    /// When it was fetched.
    pub fetched_at: UtcDateTime,
}

/// The age of a provider's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VicalAge {
    /// Until when it is known to have been current: its fetch, and not after its nextUpdate.
    pub as_of: UtcDateTime,
    /// The time since.
    pub age: Duration,
    /// What the list and the policy make of that.
    pub freshness: Freshness,
}

impl VicalProvider {
    pub(crate) fn new(pin: VicalPin, hold_down: Option<Duration>) -> Self {
        let (anchors, fetch) = (AnchorSet::new(), FetchRecord::default());
        Self { pin, hold_down, seen: None, settled: None, held: None, anchors, fetch }
    }

    /// Who signs its lists.
    #[must_use]
    pub fn pin(&self) -> &VicalPin {
        &self.pin
    }

    /// The hold-down that the operator chose for this provider; `None` is that of the policy.
    #[must_use]
    pub fn hold_down(&self) -> Option<Duration> {
        self.hold_down
    }

    /// The list that was last accepted.
    #[must_use]
    pub fn held(&self) -> Option<&HeldVical> {
        self.held.as_ref()
    }

    /// The highest number and the latest date that were seen: what is below is refused.
    #[must_use]
    pub fn seen(&self) -> Option<SeenVical> {
        self.seen
    }

    /// Its anchors, believed or not.
    #[must_use]
    pub fn anchors(&self) -> &AnchorSet {
        &self.anchors
    }

    /// How many fetches in a row have failed.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.fetch.failures
    }

    /// The age of its list at `at`; `None` before the first one.
    #[must_use]
    pub fn age(&self, policy: &SyncPolicy, at: UtcDateTime) -> Option<VicalAge> {
        let held = self.held.as_ref()?;
        let as_of = held.as_of(policy);
        Some(VicalAge { as_of, age: at - as_of, freshness: held.freshness(policy, at) })
    }

    /// Whether its list counts at `at`.
    pub(crate) fn is_current(&self, policy: &SyncPolicy, at: UtcDateTime) -> bool {
        self.held.as_ref().is_some_and(|held| held.freshness(policy, at) != Freshness::Stale)
    }

    /// The policy as it applies to the anchors of this provider.
    pub(crate) fn rules(&self, policy: &SyncPolicy) -> SyncPolicy {
        let hold_down = match self.settled {
            None => policy.hold_down_vical_first,
            Some(_) => self.hold_down.unwrap_or(policy.hold_down_vical),
        };
        let (hold_down_online, hold_down_vical, missing) = (hold_down, hold_down, policy.vical_missing);
        SyncPolicy { hold_down_online, hold_down_vical, missing, ..policy.clone() }
    }

    /// Verifies a list of this provider. The highest number counts whatever name the provider gives itself in it.
    pub(crate) fn verify(
        &self,
        vical: &Vical,
        skew: Duration,
        at: UtcDateTime,
        provider: &dyn CryptoProvider,
    ) -> Result<VerifiedVical, VicalImportError> {
        let mut memory = VicalMemory::new();
        if let Some(seen) = self.seen {
            memory.insert(vical.provider(), seen);
        }
        let check = VicalCheck { trust: self.pin.trust(), memory: &memory, at, skew, provider };
        vical.verify(&check).map_err(VicalImportError::Invalid)
    }

    /// Remembers a list that was accepted. Neither number nor date ever falls.
    pub(crate) fn remember(&mut self, vical: &Vical) {
        let seen = SeenVical { issue_id: vical.issue_id(), date: vical.date() };
        self.seen = Some(match self.seen {
            Some(known) => SeenVical { issue_id: known.issue_id.max(seen.issue_id), date: known.date.max(seen.date) },
            None => seen,
        });
    }
}

impl HeldVical {
    /// The number under which its changes stand: `vicalIssueID`, or without one the seconds of `date` since 1970.
    #[must_use]
    pub fn number(&self) -> u64 {
        number(self.issue_id, self.date)
    }

    /// Nobody can know that a list is current beyond the time at which the next one is due.
    pub(crate) fn as_of(&self, policy: &SyncPolicy) -> UtcDateTime {
        let longest = self.date.saturating_add(policy.vical_interval);
        self.fetched_at.min(longest).min(self.next_update.unwrap_or(longest))
    }

    fn freshness(&self, policy: &SyncPolicy, at: UtcDateTime) -> Freshness {
        let is_past = |end: Option<UtcDateTime>| end.is_some_and(|end| end < at);
        match list_freshness(self.as_of(policy), policy, at) {
            _ if is_past(self.not_after) => Freshness::Stale,
            Freshness::Fresh if is_past(self.next_update) => Freshness::Grace,
            freshness => freshness,
        }
    }
}

/// What a change that a list caused names as its version.
pub(crate) fn number(issue_id: Option<u64>, date: UtcDateTime) -> u64 {
    issue_id.unwrap_or_else(|| u64::try_from(date.unix_timestamp()).unwrap_or_default())
}
