//! Counters, in the text format of Prometheus 0.0.4.

use core::fmt::Write as _;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::content::Kind;
use crate::shared::Shared;

/// The statuses that the HTTP door answers with.
const STATUSES: [u16; 13] = [200, 204, 206, 304, 400, 404, 405, 408, 412, 413, 414, 416, 503];
const KINDS: [Kind; 5] = [Kind::Certificate, Kind::Crl, Kind::Metadata, Kind::List, Kind::Other];

/// Outcomes of LDAP operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LdapOutcome {
    Bind,
    Search,
    Refused,
    Malformed,
}

const LDAP: [(LdapOutcome, &str); 4] = [
    (LdapOutcome::Bind, "bind"),
    (LdapOutcome::Search, "search"),
    (LdapOutcome::Refused, "refused"),
    (LdapOutcome::Malformed, "malformed"),
];

/// What is counted since the start.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    statuses: [AtomicU64; STATUSES.len()],
    kinds: [AtomicU64; KINDS.len()],
    http_bytes: AtomicU64,
    ldap: [AtomicU64; LDAP.len()],
    ldap_entries: AtomicU64,
    pub(crate) http_connections: AtomicUsize,
    pub(crate) ldap_connections: AtomicUsize,
    pub(crate) loads: AtomicU64,
    pub(crate) load_failures: AtomicU64,
}

impl Metrics {
    /// Counts an HTTP answer.
    pub(crate) fn http(&self, status: u16, kind: Option<Kind>, bytes: usize) {
        bump(STATUSES.iter().zip(&self.statuses), |known| *known == status, 1);
        if let Some(kind) = kind {
            bump(KINDS.iter().zip(&self.kinds), |known| *known == kind, 1);
        }
        self.http_bytes.fetch_add(u64::try_from(bytes).unwrap_or_default(), Ordering::Relaxed);
    }

    /// Counts an LDAP operation and the entries it returned.
    pub(crate) fn ldap(&self, outcome: LdapOutcome, entries: usize) {
        bump(LDAP.iter().zip(&self.ldap), |(known, _)| *known == outcome, 1);
        self.ldap_entries.fetch_add(u64::try_from(entries).unwrap_or_default(), Ordering::Relaxed);
    }
}

fn bump<'a, T: 'a>(mut counters: impl Iterator<Item = (&'a T, &'a AtomicU64)>, is_it: impl Fn(&T) -> bool, by: u64) {
    if let Some((_, counter)) = counters.find(|(label, _)| is_it(label)) {
        counter.fetch_add(by, Ordering::Relaxed);
    }
}

/// The text of `/metrics`.
pub(crate) fn exposition(shared: &Shared) -> String {
    let metrics = &shared.metrics;
    let health = shared.health();
    let content = shared.content();
    let mut page = Page(String::with_capacity(4096));

    page.family("tegata_http_responses_total", "counter", "HTTP answers by status.");
    for (status, count) in STATUSES.iter().zip(&metrics.statuses) {
        page.sample("tegata_http_responses_total", &format!("{{code=\"{status}\"}}"), load(count));
    }
    page.family("tegata_http_objects_total", "counter", "HTTP answers about published objects, by kind.");
    for (kind, count) in KINDS.iter().zip(&metrics.kinds) {
        page.sample("tegata_http_objects_total", &format!("{{kind=\"{}\"}}", kind.id()), load(count));
    }
    page.single("tegata_http_body_bytes_total", "counter", "Bytes of HTTP bodies.", load(&metrics.http_bytes));
    page.family("tegata_ldap_operations_total", "counter", "LDAP operations by outcome.");
    for ((_, label), count) in LDAP.iter().zip(&metrics.ldap) {
        page.sample("tegata_ldap_operations_total", &format!("{{outcome=\"{label}\"}}"), load(count));
    }
    page.single("tegata_ldap_entries_total", "counter", "LDAP entries returned.", load(&metrics.ldap_entries));
    page.family("tegata_connections", "gauge", "Open connections.");
    for (door, open) in [("http", &metrics.http_connections), ("ldap", &metrics.ldap_connections)] {
        page.sample("tegata_connections", &format!("{{door=\"{door}\"}}"), open.load(Ordering::Relaxed));
    }
    page.single("tegata_ready", "gauge", "1 if /health says ready.", u8::from(health.is_ready()));
    page.single("tegata_anchors", "gauge", "Anchors in the current list.", health.anchors);
    page.single("tegata_objects", "gauge", "Paths that are served.", health.objects);
    page.single("tegata_content_bytes", "gauge", "Memory of served bytes and their variants.", content.size);
    page.single("tegata_loads_total", "counter", "Trees that were taken.", load(&metrics.loads));
    page.single("tegata_load_failures_total", "counter", "Trees that were refused.", load(&metrics.load_failures));
    if let Some((version, expires)) = health.pointer {
        page.single("tegata_pointer_version", "gauge", "Version of the pointer.", version);
        let end = expires.unix_timestamp();
        page.single("tegata_pointer_expires_timestamp_seconds", "gauge", "End of the pointer.", end);
    }
    if let Some(next) = content.facts.crls.iter().map(|crl| crl.next_update.unix_timestamp()).min() {
        page.single("tegata_crl_next_update_timestamp_seconds", "gauge", "Earliest nextUpdate of a CRL.", next);
    }
    page.single("tegata_access_log_lost_total", "counter", "Records that were not written.", shared.recorder.lost());
    let signals = shared.signals.snapshot();
    if !signals.is_empty() {
        page.family("tegata_readiness_signals_total", "counter", "Readiness signals by class.");
        for (class, count) in signals {
            page.sample("tegata_readiness_signals_total", &format!("{{class=\"{class}\"}}"), count);
        }
    }
    page.0
}

fn load(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a String does not fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &str, value: impl core::fmt::Display) {
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    fn single(&mut self, name: &str, kind: &str, help: &str, value: impl core::fmt::Display) {
        self.family(name, kind, help);
        self.sample(name, "", value);
    }
}
