//! The pass over a CRL's entries: no panic, and the fast look-up finds what reading every entry in full finds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tegata_pki::crl::RevocationReason;
use tegata_pki::{Crl, CrlError};

fuzz_target!(|data: &[u8]| {
    let Ok(crl) = Crl::from_der(data) else { return };
    let entries: Result<Vec<_>, CrlError> = crl.entries().collect();
    let Ok(entries) = entries else { return };
    let counts = |reason| reason != Some(RevocationReason::RemoveFromCrl);
    for entry in entries.iter().filter(|entry| counts(entry.reason)) {
        let first = entries.iter().find(|other| other.serial == entry.serial && counts(other.reason));
        assert_eq!(crl.lookup(entry.serial).expect("every entry was read").as_ref(), first);
    }
    let absent = [0x7e; 21];
    assert_eq!(crl.lookup(&absent).expect("every entry was read").is_some(), entries.iter().any(|e| e.serial == absent));
});
