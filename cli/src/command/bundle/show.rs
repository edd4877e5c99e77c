//! `tegata bundle show`.

use serde_json::{Value as Json, json};
use tegata_mdoc::date::Tdate;
use tegata_pki::{Certificate, CertificationRequest, Crl, CrlNumber};
use tegata_terminal::{Lang, Output, facts};
use tegata_trust_list::bundle::{
    Inspected, RequestBundle, RequestItem, ResponseBundle, bundle_digest, inspect, qr::QrPart,
};

use super::{scan, spoilt, unscannable};
use crate::answer::Answer;
use crate::args::bundle::Show;
use crate::failure::Failure;
use crate::file;
use crate::input::Input;
use crate::message::bundle as text;
use crate::message::show::absent;

pub(super) fn run(args: &Show, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    if let Some(dir) = &args.qr_dir {
        file::check_directory(dir)?;
    }
    let input = scan::read(&args.input, lang)?;
    let found = inspect(&input.bytes).map_err(|error| spoilt(&input.path, &error, lang))?;
    if args.qr {
        return show_codes(&input, &output);
    }
    if let Some(dir) = &args.qr_dir {
        let parts = scan::parts(&input, lang)?;
        let files: Result<Vec<_>, _> = parts.iter().map(|part| drawing(part, &input, lang)).collect();
        file::write_directory(dir, &files?)?;
        if output.json {
            let written = json!({ "written": dir.display().to_string(), "codes": parts.len() });
            return output.answer_json(&written);
        }
        return output.answer(&format!("{}\n", text::codes_written(lang, dir.display(), parts.len())));
    }
    let digest = hex::encode(bundle_digest(&input.bytes));
    if output.json {
        return output.answer_json(&structure(&found, &digest, lang));
    }
    let (title, mut rows) = match &found {
        Inspected::Request(request) => (text::kind_request(lang), request_rows(request, lang)),
        Inspected::Response(response) => (text::kind_response(lang), response_rows(response, lang)),
    };
    rows.insert(0, (text::digest(lang), digest));
    output.answer(&format!("{}\n{}", output.style.title(&title), facts(&output, &rows)))?;
    output.note(&output.error_style.faint(&text::not_verified(lang)));
    Ok(())
}

fn show_codes(input: &Input, output: &Output) -> Result<(), Failure> {
    let mut page = String::new();
    for part in scan::parts(input, output.lang)? {
        let code = part.unicode().map_err(|error| undrawn(input, &error, output.lang))?;
        page.push_str(&format!("{}\n{code}\n\n", output.style.title(&code_title(&part, output.lang))));
    }
    output.answer(&page)
}

fn code_title(part: &QrPart, lang: Lang) -> String {
    text::code_title(lang, hex::encode_upper(part.set()), part.number(), part.total())
}

fn drawing(part: &QrPart, input: &Input, lang: Lang) -> Result<(String, Vec<u8>), Failure> {
    let svg = part.svg().map_err(|error| undrawn(input, &error, lang))?;
    let set = hex::encode_upper(part.set());
    Ok((format!("{set}-{:03}-of-{:03}.svg", part.number(), part.total()), svg.into_bytes()))
}

fn undrawn(input: &Input, error: &tegata_trust_list::bundle::qr::QrError, lang: Lang) -> Failure {
    unscannable(&input.path, error, error.to_string(), lang)
}

type Rows = Vec<(String, String)>;

fn date(instant: time::UtcDateTime) -> String {
    Tdate::new(instant).to_string()
}

fn request_rows(request: &RequestBundle, lang: Lang) -> Rows {
    let previous = request.previous_response.map_or_else(|| absent(lang), hex::encode);
    let mut rows = vec![
        (text::sequence(lang), request.sequence.to_string()),
        (text::created(lang), date(request.created)),
        (text::previous_response(lang), previous),
        (text::checkpoint(lang), first_lines(request.last_checkpoint.as_deref().unwrap_or(&absent(lang)))),
    ];
    for applicant in &request.applicants {
        rows.push((text::applicant(lang, applicant.role.id()), applicant.person.clone()));
    }
    rows.extend(request.items.iter().map(|item| (text::item(lang), item_line(item, lang))));
    rows
}

fn item_line(item: &RequestItem, lang: Lang) -> String {
    match item {
        RequestItem::Csr(csr) => {
            let subject = match CertificationRequest::from_der(&csr.der) {
                Ok(request) => request.subject().to_string(),
                Err(error) => text::unreadable(lang, csr.der.len(), error),
            };
            let line = text::object_csr(lang, csr.role.id(), subject);
            let attested = csr.attestation.as_ref().map(|_| format!(", {}", text::object_attested(lang)));
            line + &attested.unwrap_or_default()
        }
        RequestItem::Revoke(order) => {
            let issuer = hex::encode(&order.issuer_ski);
            let line = text::object_revoke(lang, hex::encode(&order.serial), issuer, date(order.at));
            let reason = order.reason.map(|reason| format!(", {}", text::object_reason(lang, reason.number())));
            line + &reason.unwrap_or_default()
        }
    }
}

fn response_rows(response: &ResponseBundle, lang: Lang) -> Rows {
    let token = if response.software_token { text::token_software(lang) } else { text::token_hardware(lang) };
    let mut rows = vec![
        (text::sequence(lang), response.sequence.to_string()),
        (text::request_digest(lang), hex::encode(response.request_digest)),
        (text::created(lang), date(response.created)),
        (text::next_sequence(lang), response.next_sequence.to_string()),
        (text::checkpoint(lang), first_lines(&response.checkpoint)),
        (text::token(lang), token),
    ];
    rows.extend(object_lines(response, lang).into_iter().map(|line| (text::object(lang), line)));
    rows
}

/// One line for each certificate, link and CRL of a response.
pub(super) fn object_lines(response: &ResponseBundle, lang: Lang) -> Vec<String> {
    let certificates = response.certificates.iter().map(|issued| match Certificate::from_der(&issued.der) {
        Ok(certificate) => {
            let until = date(certificate.not_after());
            text::object_certificate(lang, issued.role.id(), certificate.subject(), until)
        }
        Err(error) => text::unreadable(lang, issued.der.len(), error),
    });
    let links = response.links.iter().map(|der| match Certificate::from_der(der) {
        Ok(link) => text::object_link(lang, link.subject(), link.issuer()),
        Err(error) => text::unreadable(lang, der.len(), error),
    });
    let crls = response.crls.iter().map(|der| match Crl::from_der(der) {
        Ok(crl) => {
            let number = crl.number().map_or_else(|| absent(lang), short_number);
            text::object_crl(lang, number, crl.issuer(), date(crl.this_update()))
        }
        Err(error) => text::unreadable(lang, der.len(), error),
    });
    certificates.chain(links).chain(crls).collect()
}

/// In decimal where it fits.
fn short_number(number: CrlNumber) -> String {
    let bytes = number.to_be_bytes();
    let (high, low) = bytes.split_at(bytes.len() - 8);
    match <[u8; 8]>::try_from(low) {
        Ok(low) if high.iter().all(|byte| *byte == 0) => u64::from_be_bytes(low).to_string(),
        _ => format!("0x{}", hex::encode(bytes)),
    }
}

/// Origin and size of a checkpoint; the rest is for programs.
fn first_lines(checkpoint: &str) -> String {
    checkpoint.lines().take(2).collect::<Vec<_>>().join(" ")
}

fn structure(found: &Inspected, digest: &str, lang: Lang) -> Json {
    match found {
        Inspected::Request(request) => json!({
            "kind": "request", "sha256": digest, "sequence": request.sequence, "created": date(request.created),
            "nonce": hex::encode(request.nonce),
            "previous_response": request.previous_response.map(hex::encode),
            "last_checkpoint": request.last_checkpoint,
            "applicants": request.applicants.iter()
                .map(|applicant| json!({ "person": applicant.person, "role": applicant.role.id() }))
                .collect::<Vec<_>>(),
            "items": request.items.iter().map(|item| item_structure(item, lang)).collect::<Vec<_>>(),
        }),
        Inspected::Response(response) => json!({
            "kind": "response", "sha256": digest, "sequence": response.sequence, "created": date(response.created),
            "request_digest": hex::encode(response.request_digest), "next_sequence": response.next_sequence,
            "checkpoint": response.checkpoint, "software_token": response.software_token,
            "certificates": response.certificates.len(), "links": response.links.len(), "crls": response.crls.len(),
            "objects": object_lines(response, lang),
        }),
    }
}

fn item_structure(item: &RequestItem, lang: Lang) -> Json {
    let text = item_line(item, lang);
    match item {
        RequestItem::Csr(csr) => json!({
            "item": "csr", "role": csr.role.id(), "attested": csr.attestation.is_some(), "text": text,
        }),
        RequestItem::Revoke(order) => json!({
            "item": "revoke", "issuer_ski": hex::encode(&order.issuer_ski), "serial": hex::encode(&order.serial),
            "reason": order.reason.map(|reason| reason.number()), "at": date(order.at),
            "requested_by": order.requested_by, "text": text,
        }),
    }
}
