//! MobileSecurityObject: no panic, and every digest is found again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tegata_mdoc::cbor::decode;
use tegata_mdoc::mso::MobileSecurityObject;

fuzz_target!(|data: &[u8]| {
    let Ok((mso, _)) = decode::<MobileSecurityObject<'_>>(data) else { return };
    let mso = mso.value();
    for (name_space, digests) in &mso.value_digests {
        for (digest_id, digest) in digests.iter() {
            assert_eq!(mso.digest(name_space, digest_id), Some(digest));
        }
    }
    if let Some(authorizations) = &mso.device_key_info.key_authorizations {
        for name_space in &authorizations.name_spaces {
            assert!(authorizations.covers(name_space, "element"));
        }
    }
});
