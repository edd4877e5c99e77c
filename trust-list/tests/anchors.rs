//! Anchors: import, scope, purpose, search, pinning.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use std::collections::BTreeSet;

use support::{MDL, PID, anchor, document_signer, iaca, provenance, testdata};
use tegata_pki::Certificate;
use tegata_trust_list::{AnchorEntry, EmptyTrust, Purpose, Scope, TrustError, TrustStore, TrustStoreBuilder};

fn store(anchors: impl IntoIterator<Item = AnchorEntry>) -> TrustStore {
    let mut builder = TrustStoreBuilder::new();
    for entry in anchors {
        builder = builder.anchor(entry).unwrap();
    }
    builder.build().unwrap()
}

#[test]
fn a_store_is_never_empty() {
    assert_eq!(TrustStoreBuilder::new().build().unwrap_err(), EmptyTrust);
    let entry =
        AnchorEntry { purposes: BTreeSet::new(), ..anchor(&iaca("Utopia IACA").certificate, Scope::AnyDocType) };
    assert_eq!(TrustStoreBuilder::new().anchor(entry).unwrap_err(), TrustError::NoPurpose);
}

#[test]
fn every_store_has_its_generation() {
    let root = iaca("Utopia IACA");
    let one = store([anchor(&root.certificate, Scope::AnyDocType)]);
    let other = store([anchor(&root.certificate, Scope::AnyDocType)]);
    assert!(other.generation() > one.generation());
    assert_eq!(one.clone().generation(), one.generation());
}

#[test]
fn anchors_speak_for_their_document_types_and_purposes_only() {
    let root = iaca("Utopia IACA");
    let ds = document_signer(&root, "DS").certificate;
    let count = |store: &TrustStore, purpose, doc_type| store.candidates(purpose, doc_type, &ds).count();
    let mdl = store([anchor(&root.certificate, Scope::doc_type(MDL))]);
    assert_eq!(count(&mdl, Purpose::Issuance, MDL), 1);
    assert_eq!(count(&mdl, Purpose::Issuance, PID), 0);
    assert_eq!(count(&mdl, Purpose::Issuance, "org.iso.18013.5.1.mdl"), 0);
    assert_eq!(count(&mdl, Purpose::Status, MDL), 0);
    assert_eq!(count(&mdl, Purpose::Reader, MDL), 0);
    assert_eq!(count(&store([anchor(&root.certificate, Scope::AnyDocType)]), Purpose::Issuance, PID), 1);

    // Status for PID does not leak into status for the mDL.
    let status =
        AnchorEntry { purposes: BTreeSet::from([Purpose::Status]), ..anchor(&root.certificate, Scope::doc_type(PID)) };
    let both = store([anchor(&root.certificate, Scope::doc_type(MDL)), status.clone(), status]);
    assert_eq!(both.anchors().len(), 2);
    assert_eq!(count(&both, Purpose::Status, MDL), 0);
    assert_eq!(count(&both, Purpose::Issuance, PID), 0);
    assert_eq!(both.anchors_with_key(root.key.public_key()).count(), 2);
}

#[test]
fn the_key_identifier_comes_before_the_name_and_others_never() {
    let (root, namesake, stranger) = (iaca("Utopia IACA"), iaca("Utopia IACA"), iaca("Stranger IACA"));
    let ds = document_signer(&root, "DS").certificate;
    let anchors = [&stranger, &namesake, &root].map(|party| anchor(&party.certificate, Scope::AnyDocType));
    let store = store(anchors);
    let found: Vec<&Certificate> =
        store.candidates(Purpose::Issuance, MDL, &ds).map(|anchor| anchor.certificate()).collect();
    assert_eq!(found, [&root.certificate, &namesake.certificate]);
}

#[test]
fn the_search_is_bounded() {
    let root = iaca("Utopia IACA");
    let ds = document_signer(&root, "DS").certificate;
    let anchors = (0..20).map(|_| anchor(&iaca("Utopia IACA").certificate, Scope::AnyDocType));
    let store = store(anchors.collect::<Vec<_>>());
    assert_eq!(store.candidates(Purpose::Issuance, MDL, &ds).count(), tegata_trust_list::store::MAX_CANDIDATES);
}

#[test]
fn a_pinned_signer_is_itself_and_no_anchor() {
    let root = iaca("Utopia IACA");
    let (ds, other) = (document_signer(&root, "DS").certificate, document_signer(&root, "DS").certificate);
    let pinned = TrustStoreBuilder::new()
        .dangerous_pin_document_signer(ds.clone(), Scope::doc_type(MDL), provenance())
        .unwrap()
        .build()
        .unwrap();
    assert_eq!(pinned.pinned(&ds, MDL).unwrap().certificate(), &ds);
    assert!(pinned.pinned(&ds, PID).is_none());
    assert!(pinned.pinned(&other, MDL).is_none());
    assert!(pinned.pinned(&root.certificate, MDL).is_none());
    assert!(pinned.anchors().is_empty());
    assert_eq!(pinned.candidates(Purpose::Issuance, MDL, &ds).count(), 0);
    let read_again = Certificate::from_der(ds.der()).unwrap();
    assert!(pinned.pinned(&read_again, MDL).is_some());
}

#[test]
fn real_roots_are_imported_and_their_deviations_recorded() {
    let Some(folder) = testdata("trust/iaca") else { return };
    let mut imported = 0;
    let mut ids = BTreeSet::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "pem") {
            continue;
        }
        for certificate in Certificate::chain_from_pem(&std::fs::read(&path).unwrap()).unwrap() {
            let store = store([anchor(&certificate, Scope::doc_type(MDL))]);
            imported += 1;
            ids.extend(store.anchors()[0].findings().iter().map(|finding| finding.id()));
        }
    }
    assert!(imported >= 18, "{imported}");
    assert!(!ids.is_empty());
    assert!(!ids.contains("anchor-self-signature"));
    println!("{imported} roots, findings: {ids:?}");
}
