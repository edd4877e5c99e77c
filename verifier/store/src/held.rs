//! What a store gives out, for a request.

use tegata_sync::{KeyDigest, Store, TrustUnavailable};
use tegata_trust_list::{
    Anchor, AnchorEntry, Listing, ListingKind, RequiredDeviceKeyList, Scope, TrustError, TrustStore, TrustStoreBuilder,
};
use tegata_verifier::TrustGap;
use tegata_verifier::simple::Held;
use time::UtcDateTime;

/// What `store` gives out at `at`: the anchors, each with the list that names it, so that a report says how old that is; what
/// documents under them cannot do without; and what is known about revocation.
///
/// # Errors
/// When an anchor of the store cannot be one.
pub fn held(store: &Store, at: UtcDateTime) -> Result<Held, TrustError> {
    let trust = match store.trust(at) {
        Ok(trust) => Ok(builder(&trust, store, at)?),
        Err(unavailable) => Err(gap(&unavailable)),
    };
    Ok(Held { trust, evidence: store.evidence(at) })
}

fn builder(trust: &TrustStore, store: &Store, at: UtcDateTime) -> Result<TrustStoreBuilder, TrustError> {
    let mut builder = TrustStoreBuilder::new();
    for anchor in trust.anchors() {
        let entry = AnchorEntry {
            certificate: anchor.certificate().clone(),
            scope: anchor.scope().clone(),
            purposes: anchor.purposes().collect(),
            provenance: anchor.provenance().clone(),
        };
        builder = match anchor.listing().cloned().or_else(|| listing(anchor, store, at)) {
            Some(listing) => builder.listed_anchor(entry, listing)?,
            None => builder.anchor(entry)?,
        };
        builder = add_required(builder, trust, anchor);
    }
    Ok(builder)
}

/// What documents under the anchor cannot do without goes along.
fn add_required(mut builder: TrustStoreBuilder, trust: &TrustStore, anchor: &Anchor) -> TrustStoreBuilder {
    let issuer_key = *KeyDigest::of(anchor.certificate()).as_bytes();
    let Scope::DocTypes(doc_types) = anchor.scope() else { return builder };
    for doc_type in doc_types.iter() {
        for uri in trust.required_device_key_lists(&issuer_key, doc_type) {
            let (scope, uri) = (Scope::doc_type(doc_type), uri.to_owned());
            builder = builder.require_device_key_list(RequiredDeviceKeyList { issuer_key, scope, uri });
        }
    }
    builder
}

/// The list of the store, if it names the anchor.
fn listing(anchor: &Anchor, store: &Store, at: UtcDateTime) -> Option<Listing> {
    store.anchors().get(&KeyDigest::of(anchor.certificate()))?.listed?;
    let header = &store.list()?.header;
    Some(Listing {
        kind: ListingKind::AnchorList,
        name: header.repository.clone(),
        issued_at: header.issued,
        next_update: Some(header.expires),
        fetched_at: store.list_age(at)?.as_of,
    })
}

/// Why the store gives nothing out, as the report says it.
fn gap(unavailable: &TrustUnavailable) -> TrustGap {
    match unavailable {
        TrustUnavailable::ClockTurnedBack { latest, .. } => TrustGap::ClockTurnedBack { latest: *latest },
        TrustUnavailable::NeverUpdated => TrustGap::NeverUpdated,
        TrustUnavailable::ListStale { as_of } => TrustGap::ListStale { as_of: *as_of },
        TrustUnavailable::NoAnchor => TrustGap::NoAnchor,
        _ => TrustGap::Unusable,
    }
}
