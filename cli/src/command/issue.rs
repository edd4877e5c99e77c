//! `tegata issue`.

use std::path::Path;

use serde_json::json;
use tegata_issuer::{
    BatchRequest, DocumentSigner, DocumentSignerParts, IssuanceRequest, IssueError, IssuedDocument, StatusReference,
    Terms, TimestampPolicy,
};
use tegata_mdoc::cbor::{Encoder, Value, decode};
use tegata_mdoc::cose::CoseKey;
use tegata_mdoc::model::{Claims, Registry};
use tegata_pki::{Edition, Hash, PublicKey, aws_lc_rs};
use tegata_terminal::{Lang, Output};
use time::{Duration, UtcDateTime};

use crate::answer::Answer;
use crate::args::issue::{DigestChoice, Issue};
use crate::failure::{Expected, Failure};
use crate::file;
use crate::input::Input;
use crate::key::{KeyRing, public_key_of};
use crate::load::{certificate, malformed, public_key, wrong_kind};
use crate::message::show as text;

use super::{system_rng, time_or_now};

pub(super) fn run(args: &Issue, output: Output) -> Result<(), Failure> {
    file::check(&args.out)?;
    let lang = output.lang;
    let at = time_or_now(args.at);
    let claims = claims(&args.claims, &args.doctype, lang)?;
    for warning in claims.warnings() {
        output.note(&output.error_style.doubtful(&text::claims_warning(lang, warning)));
    }
    let device_keys = device_keys(args, lang)?;
    let signer = document_signer(args, at, output)?;
    let issued = issue(args, &claims, &device_keys, &signer, at)?;

    let bytes = match (&args.batch, issued.as_slice()) {
        (None, [document]) => document.issuer_signed().to_vec(),
        _ => array_of(&issued),
    };
    file::write(&args.out, &bytes)?;
    report(args, &issued, output)
}

fn report(args: &Issue, issued: &[IssuedDocument], output: Output) -> Result<(), Failure> {
    let Some(first) = issued.first() else { return Ok(()) };
    let (written, validity) = (args.out.out.display(), first.validity());
    if output.json {
        return output.answer_json(&json!({
            "written": written.to_string(),
            "doc_type": first.doc_type(),
            "documents": issued.len(),
            "valid_from": validity.valid_from.to_string(),
            "valid_until": validity.valid_until.to_string(),
            "cut_by_certificates": validity.is_cut_by_certificates,
        }));
    }
    if validity.is_cut_by_certificates {
        output.note(&output.error_style.doubtful(&text::issued_cut(output.lang)));
    }
    let line = text::issued(output.lang, written, issued.len(), validity.valid_from, validity.valid_until);
    output.answer(&format!("{line}\n"))
}

/// Claims of a file, checked against the data model of the document type.
pub(super) fn claims(path: &Path, doc_type: &str, lang: Lang) -> Result<Claims, Failure> {
    let input = Input::read(path)?;
    let Some(json) = input.text() else { return Err(wrong_kind(&input, Expected::Claims, lang)) };
    if !input.is_json_object() {
        return Err(wrong_kind(&input, Expected::Claims, lang));
    }
    let claims = Claims::from_json(doc_type, json, Registry::built_in());
    claims.map_err(|problems| Failure::Claims { file: path.to_owned(), doc_type: doc_type.to_owned(), problems })
}

fn device_keys(args: &Issue, lang: Lang) -> Result<Vec<PublicKey>, Failure> {
    if let Some(path) = &args.device_key {
        return Ok(vec![public_key(path, lang)?]);
    }
    let Some(path) = &args.batch else { return Ok(Vec::new()) };
    let input = Input::read(path)?;
    let Ok((array, _)) = decode::<Value<'_>>(&input.bytes) else {
        return Err(wrong_kind(&input, Expected::DeviceKeys, lang));
    };
    let Value::Array(keys) = array.value() else { return Err(wrong_kind(&input, Expected::DeviceKeys, lang)) };
    keys.iter()
        .map(|key| {
            let bytes = key.to_bytes();
            let decoded = decode::<CoseKey<'_>>(&bytes);
            let (key, _) = decoded.map_err(|error| malformed(&input, Expected::DeviceKeys, error.id(), &error))?;
            public_key_of(key.value()).map_err(|error| malformed(&input, Expected::DeviceKeys, error.id(), &error))
        })
        .collect()
}

fn document_signer(args: &Issue, at: UtcDateTime, output: Output) -> Result<DocumentSigner, Failure> {
    let certificate = certificate(&args.cert, output.lang)?;
    let iaca = args.chain.as_deref().map(|path| self::certificate(path, output.lang)).transpose()?;
    let refused = |id, detail: String| Failure::Refused { subject: Some(args.cert.clone()), id, detail, remedy: None };
    let expected = certificate.public_key().map_err(|error| refused(error.id(), error.to_string()))?;
    let signer = KeyRing::new(&args.pin, output).signer("--ds", &args.ds, expected)?;
    let edition = edition_of(&args.doctype);
    let parts = DocumentSignerParts { signer, certificate, iaca, edition, provider: aws_lc_rs() };
    DocumentSigner::new(parts, at).map_err(|error| refused(error.id(), error.to_string()))
}

/// The edition of the certificate profile that a document type follows.
fn edition_of(doc_type: &str) -> Edition {
    match doc_type {
        "eu.europa.ec.eudi.pid.1" => Edition::EuPid,
        "org.iso.23220.1.jp.mnc" => Edition::Jp004,
        _ => Edition::Iso18013_5,
    }
}

fn issue(
    args: &Issue,
    claims: &Claims,
    device_keys: &[PublicKey],
    signer: &DocumentSigner,
    at: UtcDateTime,
) -> Result<Vec<IssuedDocument>, Failure> {
    let failed = |error| refused(args, error);
    let mut terms = Terms::until(at.saturating_add(Duration::days(args.valid_days.into())));
    terms.digest_algorithm = match args.digest {
        DigestChoice::Sha256 => Hash::Sha256,
        DigestChoice::Sha384 => Hash::Sha384,
        DigestChoice::Sha512 => Hash::Sha512,
    };
    if let (None, [device_key]) = (&args.batch, device_keys) {
        // One document has no sibling it could be linked with: the days asked for are given in full.
        terms.timestamps = TimestampPolicy::Second;
        let status = args.status.as_ref().map(|(uri, index)| StatusReference::new(uri.as_str(), *index));
        let status = status.transpose().map_err(failed)?;
        let request = IssuanceRequest { claims, terms: &terms, device_key, status: status.as_ref() };
        return Ok(vec![signer.issue(&request, &mut system_rng(), at).map_err(failed)?]);
    }
    let batch = BatchRequest { claims, terms: &terms, device_keys };
    signer.issue_batch(&batch, None, &mut system_rng(), at).map_err(failed)
}

fn refused(args: &Issue, error: IssueError) -> Failure {
    match error {
        IssueError::Signer(error) => Failure::Signer(error),
        IssueError::Claims(problems) => {
            Failure::Claims { file: args.claims.clone(), doc_type: args.doctype.clone(), problems }
        }
        other => {
            let subject = match &other {
                IssueError::IssuingCountry | IssueError::IssuingJurisdiction => Some(args.claims.clone()),
                IssueError::DuplicateDeviceKey { .. } | IssueError::NoDeviceKeys => args.batch.clone(),
                IssueError::DeviceKeyIsIssuerKey => args.device_key.clone().or_else(|| args.batch.clone()),
                _ => None,
            };
            Failure::Refused { subject, id: other.id(), detail: other.to_string(), remedy: None }
        }
    }
}

/// `[+ IssuerSigned]`.
fn array_of(issued: &[IssuedDocument]) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.array(issued.len());
    for document in issued {
        encoder.raw(document.issuer_signed());
    }
    encoder.into_bytes()
}
