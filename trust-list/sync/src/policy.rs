//! The numbers a relying party may choose, in one place.

use tegata_trust_list::token::TokenPolicy;
use time::Duration;

/// What a verifier demands of its trust store. [`SyncPolicy::online`] is the starting point; every value can be replaced.
///
/// Hold-downs are the time in which the owner of a stolen key can revoke before anybody believes the thief (RFC 5011 2.2,
/// 2.4.1). They are not zero everywhere because the online keys of a publisher are the likeliest to be stolen, and not
/// thirty days everywhere because a lost IACA key must be replaceable the same day, by the offline quorum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncPolicy {
    /// Hold-down of an anchor that only the signed list vouches for: 30 days.
    pub hold_down_online: Duration,
    /// Hold-down of an anchor that a valid anchor's link certificate vouches for (NewWithOld): 7 days.
    pub hold_down_link: Duration,
    /// Hold-down of an *older* anchor that a valid newer one vouches for (OldWithNew): 7 days.
    ///
    /// The evidence is as good as NewWithOld, a signature of an offline key of a valid anchor, and so is what a thief of
    /// that key could do with it: name any key as "the old root". So it waits as long. Who cannot wait adds the old root by
    /// its fingerprint.
    pub hold_down_old_with_new: Duration,
    /// Hold-down of an anchor that a k-of-n quorum of the root role approved, offline: none.
    pub hold_down_approval: Duration,
    /// Hold-down of an anchor that a later list of a VICAL provider adds: 30 days, like that of one online key.
    pub hold_down_vical: Duration,
    /// Hold-down of the anchors in the first list of a VICAL provider: none, because the operator has chosen the provider.
    pub hold_down_vical_first: Duration,
    /// How long an anchor is still believed after a VICAL left it out: not at all, because a VICAL has no other way to
    /// withdraw one.
    pub vical_missing: Duration,
    /// How long after its date a VICAL can be current, whatever its nextUpdate says: 90 days (ISO/IEC 18013-5 C.1.2).
    pub vical_interval: Duration,
    /// How long an anchor is still believed after it vanished from the list without a reason: 30 days, with an alarm.
    pub missing: Duration,

    /// Age of the list from which it is no longer [`Fresh`](crate::Freshness::Fresh).
    pub list_fresh: Duration,
    /// Age of the list from which it is [`Stale`](crate::Freshness::Stale) and its anchors are not given out.
    pub list_max_age: Duration,
    /// Time since the fetch of a CRL from which it is no longer fresh.
    pub crl_fetch_fresh: Duration,
    /// Time since the fetch of a CRL from which it is stale, whatever its nextUpdate says.
    pub crl_fetch_max_age: Duration,
    /// Time since thisUpdate from which a CRL is stale, whatever its nextUpdate says: 90 days, the longest interval
    /// that ISO/IEC 18013-5 B.2 allows.
    pub crl_max_age: Duration,
    /// The longest time an issuer may take to publish a revocation. An issuer that promises no such time, or a longer one,
    /// never passes. `None` asks for no promise.
    pub max_revocation_delay: Option<Duration>,
    /// How far the own clock and those of publishers may disagree.
    pub skew: Duration,
    /// What is tolerated in status and identifier lists.
    pub token: TokenPolicy,

    /// Shortest and longest time between two updates (RFC 5011 2.3: one hour, 15 days).
    pub query_interval: (Duration, Duration),
    /// Shortest and longest time until an update that failed is tried again (10 minutes, a day).
    pub retry_interval: (Duration, Duration),
    /// The most changes that are kept of each anchor: the first, and the latest others.
    pub history: usize,
}

impl SyncPolicy {
    /// A gate or server that is online: a list is fresh for a day and stale after three.
    #[must_use]
    pub fn online() -> Self {
        Self {
            hold_down_online: Duration::days(30),
            hold_down_link: Duration::days(7),
            hold_down_old_with_new: Duration::days(7),
            hold_down_approval: Duration::ZERO,
            hold_down_vical: Duration::days(30),
            hold_down_vical_first: Duration::ZERO,
            vical_missing: Duration::ZERO,
            vical_interval: Duration::days(90),
            missing: Duration::days(30),
            list_fresh: Duration::days(1),
            list_max_age: Duration::days(3),
            crl_fetch_fresh: Duration::days(1),
            crl_fetch_max_age: Duration::days(3),
            crl_max_age: Duration::days(90),
            max_revocation_delay: None,
            skew: Duration::minutes(3),
            token: TokenPolicy::strict(),
            query_interval: (Duration::hours(1), Duration::days(15)),
            retry_interval: (Duration::minutes(10), Duration::days(1)),
            history: 32,
        }
    }

    /// A reader at the roadside that may be without a network: list and CRLs count for 90 days, no longer fresh after a
    /// day. An explicit choice; the age shows in each report.
    #[must_use]
    pub fn offline() -> Self {
        Self { list_max_age: Duration::days(90), crl_fetch_max_age: Duration::days(90), ..Self::online() }
    }
}
