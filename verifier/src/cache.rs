//! Document Signer certificates that were resolved before.

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
    entries: Mutex<Vec<Entry>>,
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
        let found = entries.get(place(&entries, certificate, doc_type).ok()?)?;
        (found.generation == generation).then(|| Arc::clone(&found.resolved))
    }

    pub(crate) fn insert(&self, doc_type: &str, generation: u64, resolved: &Arc<Resolved>) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= CAPACITY {
            entries.clear();
        }
        let entry = Entry { doc_type: doc_type.into(), generation, resolved: Arc::clone(resolved) };
        match place(&entries, resolved.certificate.der(), doc_type) {
            Ok(known) => entries.splice(known..=known, [entry]).for_each(drop),
            Err(free) => entries.insert(free, entry),
        }
    }
}

/// Where the entry stands, or where it would have to.
fn place(entries: &[Entry], certificate: &[u8], doc_type: &str) -> Result<usize, usize> {
    entries.binary_search_by(|entry| (entry.resolved.certificate.der(), &*entry.doc_type).cmp(&(certificate, doc_type)))
}
