//! DeviceRequest and the engagements: no panic, and what was read can be written and read alike.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tegata_mdoc::cbor::decode;
use tegata_mdoc::engagement::{DeviceEngagement, ReaderEngagement, ndef};
use tegata_mdoc::request::{DeviceRequest, ItemsRequest};

fuzz_target!(|data: &[u8]| {
    let _ = decode::<ReaderEngagement<'_>>(data);
    let _ = ndef::device_engagement(data);
    if let Ok((engagement, _)) = decode::<DeviceEngagement<'_>>(data) {
        let engagement = engagement.value();
        let again = DeviceEngagement::encode(
            engagement.security.key.value(),
            &engagement.retrieval_methods,
            engagement.origin_infos.as_deref(),
            engagement.capabilities.as_ref(),
        );
        let (read, _) = decode::<DeviceEngagement<'_>>(&again).expect("our own engagement");
        assert_eq!(read.value().retrieval_methods, engagement.retrieval_methods);
        assert_eq!(read.value().capabilities, engagement.capabilities);
    }
    if let Ok((request, _)) = decode::<DeviceRequest<'_>>(data) {
        for doc_request in &request.value().doc_requests {
            let items = doc_request.items_request.value();
            let encoded = items.encode();
            let content = tegata_mdoc::kind::unwrapped(encoded.bytes());
            let (read, _) = decode::<ItemsRequest<'_>>(content).expect("our own request");
            assert_eq!(read.value().name_spaces, items.name_spaces);
        }
    }
});
