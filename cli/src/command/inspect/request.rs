//! Certification requests.

use serde_json::json;
use tegata_pki::rust_crypto;
use tegata_terminal::{Output, clean};

use super::{View, facts};
use crate::failure::Failure;
use crate::input::Input;
use crate::load::certification_request_of_input;
use crate::message::show as text;

pub(super) fn view(input: &Input, output: &Output) -> Result<View, Failure> {
    let Output { lang, style, .. } = *output;
    let request = certification_request_of_input(input, lang)?;
    let algorithm = request.signature_algorithm_oid().to_string();
    let algorithm = request.signature_algorithm().map_or(algorithm, |known| known.name().to_owned());
    let key = match request.public_key() {
        Ok(key) => format!("{} {}", key.curve(), hex::encode(key.key_identifier())),
        Err(error) => error.to_string(),
    };
    let extensions: Vec<_> = request.requested_extensions().iter().map(|wish| wish.oid().to_string()).collect();
    let mut rows = vec![
        (text::certificate_subject(lang), request.subject().to_string()),
        (text::certificate_key(lang), key.clone()),
        (text::certificate_signature(lang), algorithm),
        ("SHA-256".to_owned(), hex::encode(request.fingerprint_sha256())),
    ];
    rows.extend(extensions.iter().map(|oid| (text::certificate_extension(lang), oid.clone())));
    let mut page = facts(output, &rows);
    let proof = request.verify(rust_crypto());
    let line = match &proof {
        Ok(_) => style.good(&format!("✓ {}", text::csr_proven(lang))),
        Err(error) => style.bad(&clean(&format!("✗ {}", text::csr_not_proven(lang, error)))),
    };
    page.push_str(&format!("  {line}\n"));
    let json = json!({
        "subject": request.subject().to_string(),
        "key": key,
        "sha256": hex::encode(request.fingerprint_sha256()),
        "requested_extensions": extensions,
        "proof_of_possession": proof.is_ok(),
        "fault": proof.err().map(|error| error.id()),
    });
    Ok(View { page, json })
}
