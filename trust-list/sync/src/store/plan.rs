//! What to fetch next, and when (RFC 5011 2.3, with the numbers of the policy).

use time::{Duration, UtcDateTime};

use super::{FetchRecord, Store};

/// A random shift of the next fetch, so that a fleet does not ask all at once: thousandths of the interval, −100 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jitter(i16);

impl Jitter {
    /// No shift.
    pub const NONE: Self = Self(0);

    /// From 16 random bits.
    #[must_use]
    pub fn from_random(bits: u16) -> Self {
        // 65536 values over 201.
        let span = u32::from(bits) * 201 / 65_536;
        Self(i16::try_from(span).unwrap_or(100) - 100)
    }

    fn apply(self, interval: Duration) -> Duration {
        interval.saturating_add(interval.saturating_mul(i32::from(self.0)) / 1000)
    }
}

/// What to fetch next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// When the next update is due; not after `at` when it is now.
    pub next_update: UtcDateTime,
    /// Whether that is a retry after a failure.
    pub is_retry: bool,
    /// The status and identifier lists to fetch along: those that the service's list names, and those held for other
    /// reasons, each when its own copy asks for it.
    pub lists: Vec<(String, UtcDateTime)>,
}

impl Store {
    /// Plans the next fetches.
    ///
    /// Of several sources the first that is due counts. An update is due after half of the time until anything runs out (nextUpdate of a CRL, the age at which an issuer
    /// wants its CRL fetched again, the pointer), within the bounds of the policy. After a failure a tenth of that, twice
    /// as long after each further one.
    #[must_use]
    pub fn plan(&self, at: UtcDateTime, jitter: Jitter) -> Plan {
        let record = self.state.fetch;
        let interval = self.interval(record.last_success.unwrap_or(at));
        let service = self.state.client.as_ref().map(|_| {
            let due = self.state.anchors.next_due(&self.policy);
            self.next_fetch(record, interval, due, at, jitter)
        });
        let vicals = self.state.vicals.values().map(|provider| {
            let record = provider.fetch;
            let due = provider.anchors.next_due(&provider.rules(&self.policy));
            let ends = provider.held.iter().filter_map(|held| held.next_update);
            let interval = self.half_way(record.last_success.unwrap_or(at), ends);
            self.next_fetch(record, interval, due, at, jitter)
        });
        let first = service.into_iter().chain(vicals).min_by_key(|(next_update, _)| *next_update);
        let (next_update, is_retry) = first.unwrap_or((at, false));
        Plan { next_update, is_retry, lists: self.plan_lists(at, jitter) }
    }

    /// When one source is to be fetched, and whether that is a retry.
    fn next_fetch(
        &self,
        record: FetchRecord,
        interval: Duration,
        due: Option<UtcDateTime>,
        at: UtcDateTime,
        jitter: Jitter,
    ) -> (UtcDateTime, bool) {
        match (record.last_success, record.last_attempt) {
            (_, Some(attempt)) if record.failures > 0 => {
                let (shortest, longest) = self.policy.retry_interval;
                let doubled = 1_i32.checked_shl(record.failures.saturating_sub(1).min(20)).unwrap_or(i32::MAX);
                let tenth: Duration = interval / 10;
                let retry = tenth.max(shortest).saturating_mul(doubled).min(longest);
                (attempt.saturating_add(jitter.apply(retry)), true)
            }
            (Some(success), _) => {
                // A hold-down that ends is worth an update: time alone adopts nobody.
                let due = due.filter(|due| *due > success);
                let regular = success.saturating_add(jitter.apply(interval));
                (due.map_or(regular, |due| due.min(regular)), false)
            }
            _ => (at, false),
        }
    }

    /// The time between two updates, as seen at the last one.
    fn interval(&self, base: UtcDateTime) -> Duration {
        let pointer = self.state.list.as_ref().map(|held| held.pointer_expires);
        let crls = self.state.crls.iter().flat_map(|(key, held)| {
            let facts = self.state.anchors.get(key).and_then(|anchor| anchor.listed).and_then(|listed| listed.facts);
            let fresh = facts.and_then(|facts| facts.crl_fresh);
            let wanted = fresh.map(|fresh| held.crl.this_update().saturating_add(fresh));
            wanted.into_iter().chain(held.crl.next_update())
        });
        self.half_way(base, pointer.into_iter().chain(crls))
    }

    /// Half of the time until the first of `ends`, within the bounds of the policy.
    fn half_way(&self, base: UtcDateTime, ends: impl Iterator<Item = UtcDateTime>) -> Duration {
        let (shortest, longest) = self.policy.query_interval;
        let first = ends.filter(|end| *end > base).min();
        let half = first.map(|end| -> Duration { (end - base) / 2 });
        half.map_or(shortest, |half| half.clamp(shortest, longest))
    }

    /// When each list is due: after `ttl` since its fetch, half-way to its expiry, or now if it is not held.
    fn plan_lists(&self, at: UtcDateTime, jitter: Jitter) -> Vec<(String, UtcDateTime)> {
        let (shortest, longest) = self.policy.query_interval;
        let sources = self.list().map(|list| list.sources.as_slice()).unwrap_or_default();
        let mut uris: Vec<&str> = sources.iter().map(|source| source.uri.as_str()).collect();
        uris.extend(self.state.tokens.keys().map(String::as_str));
        uris.sort_unstable();
        uris.dedup();
        let due = |uri: &str| {
            let Some(held) = self.state.tokens.get(uri) else { return at };
            let half_life = held.expires.map(|expires| (expires - held.fetched_at) / 2);
            let interval = held.ttl.into_iter().chain(half_life).min().unwrap_or(longest).clamp(shortest, longest);
            held.fetched_at.saturating_add(jitter.apply(interval))
        };
        uris.into_iter().map(|uri| (uri.to_owned(), due(uri))).collect()
    }
}
