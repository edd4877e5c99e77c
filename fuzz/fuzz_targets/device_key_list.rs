//! Device-key list tokens from foreign bytes: no panic, and what is read is in order.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tegata_trust_list::token::DeviceKeyListToken;

fuzz_target!(|data: &[u8]| {
    let Ok(token) = DeviceKeyListToken::from_cwt(data) else { return };
    let list = token.unverified_content();
    assert!(token.deviations().is_empty() && token.expires().is_some());
    assert!(list.keys().is_sorted_by(|one, next| one < next));
    assert!(list.signers().is_sorted_by(|one, next| one < next));
});
