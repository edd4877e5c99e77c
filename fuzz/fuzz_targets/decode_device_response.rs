//! DeviceResponse, and the MSO of every document in it: no panic, and every item found in the input.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tegata_mdoc::cbor::decode;
use tegata_mdoc::response::DeviceResponse;

fuzz_target!(|data: &[u8]| {
    let Ok((response, _)) = decode::<DeviceResponse<'_>>(data) else { return };
    assert_eq!(response.bytes(), data);
    let documents = response.value().documents.len() + response.value().malformed_documents.len();
    for document in &response.value().malformed_documents {
        assert!(document.index < documents, "its place is among the documents");
    }
    for document in &response.value().documents {
        assert!(is_part_of(document.bytes(), data));
        let signed = &document.value().issuer_signed;
        let mso = signed.mobile_security_object();
        for (name_space, item) in signed.items() {
            // Digests are computed over received bytes, so these must be a part of the input.
            assert!(is_part_of(item.bytes(), data));
            if let Ok((mso, _)) = &mso {
                let _ = mso.value().digest(name_space, item.value().digest_id);
            }
            let _ = item.value().element_value.value();
        }
    }
});

fn is_part_of(part: &[u8], whole: &[u8]) -> bool {
    let whole = whole.as_ptr_range();
    let part = part.as_ptr_range();
    whole.start <= part.start && part.end <= whole.end
}
