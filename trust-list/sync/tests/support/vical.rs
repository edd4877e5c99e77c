//! A provider of VICALs.

use tegata_pki::rust_crypto;
use tegata_sync::{Store, SyncPolicy, VicalChanges, VicalPin};
use tegata_trust_list::DocTypes;
use tegata_trust_list::vical::{VicalBuilder, VicalListing};
use time::{Duration, UtcDateTime};

use super::{MDL, Party, START, days, iaca, vical_signer};

/// A provider: its root, and the signer of its lists.
pub(crate) struct Provider {
    pub(crate) root: Party,
    pub(crate) signer: Party,
}

impl Provider {
    /// The name under which stores follow it.
    pub(crate) const NAME: &'static str = "utopia";

    pub(crate) fn new() -> Self {
        let root = iaca("Utopia DTS Root");
        Self { signer: vical_signer(&root, START), root }
    }

    /// Issue `id` of `date`, to be replaced after `life`, with roots for driving licences.
    pub(crate) fn list(&self, id: u64, date: UtcDateTime, life: Duration, listed: &[&Party]) -> Vec<u8> {
        let entries: Vec<(&Party, &[&str])> = listed.iter().map(|party| (*party, &[MDL][..])).collect();
        self.list_of(VicalBuilder::new("Utopia DTS", id, date, date + life), &entries)
    }

    /// A list of roots, each for its document types.
    pub(crate) fn list_of(&self, builder: VicalBuilder, listed: &[(&Party, &[&str])]) -> Vec<u8> {
        let builder = listed.iter().fold(builder, |builder, (party, doc_types)| {
            let others = doc_types[1..].iter().map(|doc_type| (*doc_type).to_owned());
            builder.entry(VicalListing::new(party.certificate.clone(), DocTypes::new(doc_types[0], others)))
        });
        let prepared = builder.prepare(core::slice::from_ref(&self.signer.certificate)).unwrap();
        let signature = self.signer.key.sign(prepared.algorithm(), prepared.to_be_signed()).unwrap();
        prepared.complete(&signature, rust_crypto()).unwrap()
    }

    /// A store that follows this provider and no service.
    pub(crate) fn store(&self) -> Store {
        self.store_with(SyncPolicy::online())
    }

    pub(crate) fn store_with(&self, policy: SyncPolicy) -> Store {
        let mut store = Store::without_service(policy, rust_crypto());
        self.add_to(&mut store, START);
        store
    }

    pub(crate) fn add_to(&self, store: &mut Store, at: UtcDateTime) {
        let fingerprint = self.root.certificate.fingerprint_sha256();
        store.add_vical(Self::NAME, VicalPin::Root(self.root.certificate.clone()), &fingerprint, None, at).unwrap();
    }

    /// Takes in a list of a day, fetched on that day.
    pub(crate) fn push(&self, store: &mut Store, id: u64, at: UtcDateTime, listed: &[&Party]) -> VicalChanges {
        store.apply_vical(Self::NAME, &self.list(id, at, days(1), listed), &[], at).unwrap()
    }

    /// The state of an anchor of this provider.
    pub(crate) fn state(&self, store: &Store, party: &Party) -> &'static str {
        let (_, provider) = store.vicals().find(|(name, _)| *name == Self::NAME).unwrap();
        provider.anchors().state(&party.digest()).map_or("unknown", |state| state.id())
    }
}
