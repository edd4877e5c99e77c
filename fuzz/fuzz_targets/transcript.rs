//! SessionTranscript: reading what came, and what is built from foreign strings reads back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tegata_mdoc::device_signed::device_authentication_bytes;
use tegata_mdoc::transcript::{self, Transport, session_transcript_bytes};

fuzz_target!(|data: &[u8]| {
    if let Ok((read, _)) = transcript::read(data) {
        let wrapped = session_transcript_bytes(&read);
        let (again, _) = transcript::read(&wrapped).expect("our own wrapping");
        assert_eq!(again.bytes(), read.bytes());
        assert!(!device_authentication_bytes(&read, "docType", &[0xd8, 0x18, 0x41, 0xa0]).is_empty());
    }
    let text = String::from_utf8_lossy(data);
    let (first, second) = text.split_at(text.floor_char_boundary(text.len() / 2));
    let hash = |_: &[u8]| [0; 32];
    for transport in [
        Transport::Qr { device_engagement: data, reader_key: data },
        Transport::Nfc {
            device_engagement: data,
            reader_key: data,
            handover_select: data,
            handover_request: Some(data),
        },
        Transport::AnnexB { client_id: first, response_uri: second, nonce: first, mdoc_generated_nonce: second },
        Transport::OpenId4Vp { client_id: first, nonce: second, jwk_thumbprint: Some(data), response_uri: first },
        Transport::DcApi { encryption_info: first, origin: second },
    ] {
        let bytes = transport.session_transcript(hash);
        let (read, deviations) = transcript::read(&bytes).expect("our own transcript");
        assert!(deviations.is_empty());
        assert_eq!(read.bytes(), bytes);
    }
});
