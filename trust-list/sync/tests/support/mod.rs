//! A small world: issuers with roots, links, CRLs and lists, and a service that publishes them.
#![allow(dead_code, unused_imports, reason = "each test file uses its own part")]

mod pki;
mod site;
mod vical;

use tegata_manifest::UpdatePolicy;
use tegata_pki::rust_crypto;
use tegata_sync::{Store, SyncPolicy};
use time::{Duration, UtcDateTime, macros::utc_datetime};

pub(crate) use self::pki::{
    Party, crl, document_signer, iaca, iaca_between, link, status_list, status_signer, vical_signer,
};
pub(crate) use self::site::{Site, entry};
pub(crate) use self::vical::Provider;

pub(crate) const START: UtcDateTime = utc_datetime!(2026-01-01 0:00);
pub(crate) const MDL: &str = "org.iso.18013.5.1.mDL";
pub(crate) const PHOTO_ID: &str = "org.iso.23220.photoid.1";
pub(crate) const URI: &str = "https://status.example/1";

pub(crate) fn days(count: i64) -> Duration {
    Duration::days(count)
}

pub(crate) fn day(count: i64) -> UtcDateTime {
    START + days(count)
}

pub(crate) fn update_policy() -> UpdatePolicy {
    UpdatePolicy::online(START - days(365))
}

/// A store that knows the pinned root of `site` and nobody else.
pub(crate) fn new_store(site: &Site) -> Store {
    store_with(site, SyncPolicy::online())
}

pub(crate) fn store_with(site: &Site, policy: SyncPolicy) -> Store {
    let root = site.root(1);
    Store::bootstrap(root, &tegata_manifest::sha256(root), policy, rust_crypto()).unwrap()
}

/// The ids of what happened to an anchor, in their order.
pub(crate) fn history(store: &Store, party: &Party) -> Vec<&'static str> {
    let anchor = store.anchors().get(&party.digest()).unwrap();
    anchor.history.iter().map(|change| change.event.id()).collect()
}

pub(crate) fn state(store: &Store, party: &Party) -> &'static str {
    store.anchors().state(&party.digest()).map_or("unknown", |state| state.id())
}

/// Whether the store gives the anchor out.
pub(crate) fn trusts(store: &Store, party: &Party, at: UtcDateTime) -> bool {
    store.trust(at).is_ok_and(|trust| trust.anchors().iter().any(|anchor| *anchor.certificate() == party.certificate))
}
