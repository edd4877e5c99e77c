//! Whom `tegata verify` trusts: those of a store, and those of files.

use std::path::{Path, PathBuf};

use tegata_sync::{KeyDigest, Store, TrustUnavailable};
use tegata_terminal::Lang;
use tegata_trust_list::{
    Anchor, AnchorEntry, Listing, ListingKind, Provenance, Purpose, RequiredDeviceKeyList, Scope, TrustError,
    TrustStore, TrustStoreBuilder,
};
use tegata_verifier::{Trust, TrustGap};
use time::UtcDateTime;

use crate::args::verify::Verify;
use crate::failure::Failure;
use crate::load::certificates;

/// Whom the store trusts, each for its scope, and the files: by the same rules as `tegata_verifier::simple`, anchors of
/// files speak for every document type and for status lists.
pub(super) fn of(args: &Verify, store: Option<&Store>, at: UtcDateTime, lang: Lang) -> Result<Trust, Failure> {
    let mut builder = TrustStoreBuilder::new();
    let provenance = |path: &PathBuf| Provenance { source: path.display().to_string(), added_at: at };
    let mut is_empty = true;
    let mut gap = None;
    if let Some(store) = store {
        match store.trust(at) {
            Ok(held) => {
                builder = add_held(builder, &held, store, at)?;
                is_empty = false;
            }
            Err(unavailable) => gap = Some(gap_of(&unavailable)),
        }
    }
    for path in &args.trust {
        for certificate in certificates(path, lang)? {
            let entry = AnchorEntry::issuance(certificate, Scope::AnyDocType, provenance(path));
            builder = builder.anchor(entry.with_purpose(Purpose::Status)).map_err(|error| untrustable(path, &error))?;
            is_empty = false;
        }
    }
    for path in &args.dangerous_pin_ds {
        for certificate in certificates(path, lang)? {
            let pinned = builder.dangerous_pin_document_signer(certificate, Scope::AnyDocType, provenance(path));
            builder = pinned.map_err(|error| untrustable(path, &error))?;
            is_empty = false;
        }
    }
    if is_empty {
        return Ok(gap.map_or(Trust::RejectAll, Trust::Unavailable));
    }
    let store = builder.build();
    store.map(Trust::Store).map_err(|error| Failure::Machine { id: error.id(), detail: error.to_string() })
}

/// Adds what the store gives out, each anchor with the list that names it, so that the report says how old that is.
fn add_held(
    mut builder: TrustStoreBuilder,
    held: &TrustStore,
    store: &Store,
    at: UtcDateTime,
) -> Result<TrustStoreBuilder, Failure> {
    for anchor in held.anchors() {
        let entry = AnchorEntry {
            certificate: anchor.certificate().clone(),
            scope: anchor.scope().clone(),
            purposes: anchor.purposes().collect(),
            provenance: anchor.provenance().clone(),
        };
        let added = match anchor.listing().cloned().or_else(|| listing(anchor, store, at)) {
            Some(listing) => builder.listed_anchor(entry, listing),
            None => builder.anchor(entry),
        };
        builder = added.map_err(|error| Failure::Machine { id: error.id(), detail: error.to_string() })?;
        builder = add_required(builder, held, anchor);
    }
    Ok(builder)
}

/// What documents under the anchor cannot do without goes along.
fn add_required(mut builder: TrustStoreBuilder, held: &TrustStore, anchor: &Anchor) -> TrustStoreBuilder {
    let issuer_key = *KeyDigest::of(anchor.certificate()).as_bytes();
    let Scope::DocTypes(doc_types) = anchor.scope() else { return builder };
    for doc_type in doc_types.iter() {
        for uri in held.required_device_key_lists(&issuer_key, doc_type) {
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
fn gap_of(unavailable: &TrustUnavailable) -> TrustGap {
    match unavailable {
        TrustUnavailable::ClockTurnedBack { latest, .. } => TrustGap::ClockTurnedBack { latest: *latest },
        TrustUnavailable::NeverUpdated => TrustGap::NeverUpdated,
        TrustUnavailable::ListStale { as_of } => TrustGap::ListStale { as_of: *as_of },
        TrustUnavailable::NoAnchor => TrustGap::NoAnchor,
        _ => TrustGap::Unusable,
    }
}

fn untrustable(path: &Path, error: &TrustError) -> Failure {
    Failure::Refused { subject: Some(path.to_owned()), id: error.id(), detail: error.to_string(), remedy: None }
}
