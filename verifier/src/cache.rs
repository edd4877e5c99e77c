//! Document Signer certificates that were resolved before.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::document_signer::Resolved;

/// Most entries kept; the cache is emptied when it is full, which costs one signature per signer and lets nobody starve
/// it slowly.
const CAPACITY: usize = 256;

/// Which signers the anchors have signed, by the certificate's bytes and document type.
///
/// A verifier holds one trust store for life, so an entry cannot outlive the anchors it was made with; the generation is
/// compared all the same. Dates and revocation are never cached.
#[derive(Debug, Default)]
pub(crate) struct SignerCache {
    // Ordered and not hashed: certificates differ early, in the serial number.
    entries: Mutex<BTreeMap<Box<[u8]>, Vec<Entry>>>,
}

#[derive(Debug)]
struct Entry {
    doc_type: Box<str>,
    generation: u64,
    resolved: Arc<Resolved>,
}

impl SignerCache {
    pub(crate) fn get(&self, certificate: &[u8], doc_type: &str, generation: u64) -> Option<Arc<Resolved>> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let found = entries.get(certificate)?.iter().find(|entry| &*entry.doc_type == doc_type)?;
        (found.generation == generation).then(|| Arc::clone(&found.resolved))
    }

    pub(crate) fn insert(&self, certificate: &[u8], doc_type: &str, generation: u64, resolved: &Arc<Resolved>) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.values().map(Vec::len).sum::<usize>() >= CAPACITY {
            entries.clear();
        }
        let of_certificate = entries.entry(certificate.into()).or_default();
        of_certificate.retain(|entry| &*entry.doc_type != doc_type);
        of_certificate.push(Entry { doc_type: doc_type.into(), generation, resolved: Arc::clone(resolved) });
    }
}
