//! The keys of documents that are revoked, one by one or with their document signer (CP/CPS 4.4.1.2).

use std::collections::BTreeSet;

use tegata_pki::Crl;
use tegata_trust_list::device_key_list::{DeviceKeyList, KeyThumbprint};
use time::UtcDateTime;

use super::StatusError;
use crate::{catalogue::HeldCrl, ledger::LedgerEntry};

/// All documents that are not over at `at` and are revoked, or whose document signer the CRL names.
pub(super) fn build(
    entries: &[&LedgerEntry],
    crl: &HeldCrl,
    sequence: u64,
    at: UtcDateTime,
) -> Result<DeviceKeyList, StatusError> {
    let crl = Crl::from_der(&crl.der)?;
    let mut serials = BTreeSet::new();
    for entry in crl.entries() {
        serials.insert(entry?.serial);
    }
    let is_revoked = |entry: &&&LedgerEntry| entry.revoked.is_some() || serials.contains(entry.ds_serial.as_slice());
    let revoked = entries.iter().filter(is_revoked);
    let keys = revoked.map(|entry| (KeyThumbprint::from_bytes(entry.device_key), entry.valid_until));
    Ok(DeviceKeyList::unexpired(sequence, at, keys, []))
}
