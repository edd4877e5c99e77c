//! The whole verifier on foreign bytes: no panic, and whatever is accepted says nothing the issuer did not sign.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tegata_verifier::simple::Request;
use tegata_verifier::{Policy, Revocation, Verdict};
use time::macros::utc_datetime;

const GENUINE: &[u8] = include_bytes!("../../testvectors/vectors/mdl-5-of-30/device-response.cbor");
const ROOT: &[u8] = include_bytes!("../../testvectors/vectors/mdl-5-of-30/root.pem");
const TRANSCRIPT: &[u8] = include_bytes!("../../testvectors/vectors/mdl-5-of-30/session-transcript.cbor");

fuzz_target!(|data: &[u8]| {
    let policy = Policy::interop().with_revocation(Revocation::DangerousOff);
    let mut request = Request::new(data.to_vec(), policy, utc_datetime!(2026-07-01 12:00));
    request.trust(ROOT).expect("our root").transcript(TRANSCRIPT.to_vec()).expect("our transcript");
    let Ok(report) = request.verify() else { return };
    for document in report.documents() {
        let Verdict::Accepted(accepted) = document.verdict() else { continue };
        for (_, element, value) in accepted.claims() {
            let signed = |part: &[u8]| GENUINE.windows(part.len()).any(|window| window == part);
            assert!(signed(element.as_bytes()) && signed(value.bytes()));
        }
    }
});
