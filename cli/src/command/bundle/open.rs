//! `tegata bundle open`.

use serde_json::json;
use tegata_pki::{Certificate, Crl, PublicKey, rust_crypto};
use tegata_terminal::{Lang, Output, clean};
use tegata_trust_list::bundle::{
    BundleError, Inspected, RequestBundle, RequestItem, ResponseBundle, bundle_digest, inspect,
};

use super::{out_of_sequence, refused, scan, show, spoilt};
use crate::answer::Answer;
use crate::args::bundle::Open;
use crate::failure::{Expected, Failure};
use crate::file;
use crate::input::Input;
use crate::load::{malformed, public_key};
use crate::message::bundle as text;

/// Files to be written, by name.
type Files = Vec<(String, Vec<u8>)>;

pub(super) fn run(args: &Open, output: Output) -> Result<(), Failure> {
    file::check_directory(&args.dir)?;
    let lang = output.lang;
    let signer = public_key(&args.signer, lang)?;
    let input = scan::read(&args.input, lang)?;
    let failed = |error: BundleError| spoilt(&input.path, &error, lang);
    let (sequence, files, lines) = match inspect(&input.bytes).map_err(failed)? {
        Inspected::Request(_) => {
            if args.request.is_some() {
                let remedy = text::remedy_request_not_needed(lang);
                let detail = text::request_not_needed(lang);
                return Err(refused(Some(&input.path), "bundle-request-not-needed", detail, remedy));
            }
            let request = RequestBundle::open(&input.bytes, &signer, rust_crypto()).map_err(failed)?.into_contents();
            (request.sequence, request_files(&request), Vec::new())
        }
        Inspected::Response(_) => {
            let response = response(args, &input, &signer, lang)?;
            (response.sequence, response_files(&response, &input)?, show::object_lines(&response, lang))
        }
    };
    file::write_directory(&args.dir, &files)?;
    if output.json {
        let names: Vec<_> = files.iter().map(|(name, _)| name).collect();
        let written = args.dir.display().to_string();
        let digest = hex::encode(bundle_digest(&input.bytes));
        return output
            .answer_json(&json!({ "written": written, "sequence": sequence, "sha256": digest, "files": names }));
    }
    let mut page = format!("{}\n", text::opened(lang, args.dir.display(), files.len(), sequence));
    for line in lines {
        page.push_str(&format!("  {}\n", clean(&line)));
    }
    output.answer(&page)
}

/// The response, which must answer the request that was sent.
fn response(args: &Open, input: &Input, signer: &PublicKey, lang: Lang) -> Result<ResponseBundle, Failure> {
    let Some(sent) = &args.request else {
        let (detail, remedy) = (text::request_needed(lang), text::remedy_request_needed(lang));
        return Err(refused(Some(&input.path), "bundle-request-needed", detail, remedy));
    };
    let sent = scan::read(sent, lang)?;
    let request = inspect(&sent.bytes).and_then(Inspected::into_request);
    let sequence = request.map_err(|error| spoilt(&sent.path, &error, lang))?.sequence;
    let response = ResponseBundle::open(&input.bytes, signer, rust_crypto());
    let response = response.map_err(|error| spoilt(&input.path, &error, lang))?;
    let answers = response.check_answers(sequence, &bundle_digest(&sent.bytes));
    answers.map_err(|error| out_of_sequence(&input.path, &error, lang))?;
    Ok(response.into_contents())
}

fn request_files(request: &RequestBundle) -> Files {
    let mut files = Files::new();
    for (number, item) in (1..).zip(&request.items) {
        if let RequestItem::Csr(csr) = item {
            files.push((format!("csr-{number}.der"), csr.der.clone()));
            files.extend(csr.attestation.iter().map(|bytes| (format!("attestation-{number}.bin"), bytes.clone())));
        }
    }
    files
}

/// What cannot be read as what it should be is not written.
fn response_files(response: &ResponseBundle, input: &Input) -> Result<Files, Failure> {
    let mut files = Files::new();
    for (number, issued) in (1..).zip(&response.certificates) {
        certificate(&issued.der, input)?;
        files.push((format!("certificate-{number}.{}.der", issued.role.id()), issued.der.clone()));
    }
    for (number, link) in (1..).zip(&response.links) {
        certificate(link, input)?;
        files.push((format!("link-{number}.der"), link.clone()));
    }
    for (number, crl) in (1..).zip(&response.crls) {
        Crl::from_der(crl).map_err(|error| malformed(input, Expected::Bundle, error.id(), &error))?;
        files.push((format!("crl-{number}.der"), crl.clone()));
    }
    files.push(("checkpoint.txt".to_owned(), response.checkpoint.clone().into_bytes()));
    Ok(files)
}

fn certificate(der: &[u8], input: &Input) -> Result<(), Failure> {
    let read = Certificate::from_der(der);
    read.map(|_| ()).map_err(|error| malformed(input, Expected::Bundle, error.id(), &error))
}
