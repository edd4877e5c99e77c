//! `tegata bundle request`.

use std::path::Path;

use rand_core::Rng as _;
use serde_json::json;
use tegata_hsm::Signer;
use tegata_pki::crl::RevocationReason;
use tegata_pki::rust_crypto;
use tegata_terminal::{Lang, Output};
use tegata_trust_list::bundle::{
    Applicant, ApplicantRole, BundleError, CsrItem, RequestBundle, RequestItem, ResponseBundle, RevocationOrder,
    bundle_digest,
};
use time::UtcDateTime;

use super::{refused, scan, spoilt};
use crate::answer::Answer;
use crate::args::bundle::{ReasonChoice, Request};
use crate::command::{system_rng, time_or_now};
use crate::failure::Failure;
use crate::file;
use crate::input::Input;
use crate::key::KeyRing;
use crate::load::{certificates, certification_request, public_key};
use crate::message::bundle as text;

pub(super) fn run(args: &Request, output: Output) -> Result<(), Failure> {
    file::check(&args.out)?;
    let lang = output.lang;
    let created = time_or_now(args.at).truncate_to_second();
    let chain = chain(args, lang)?;
    let mut nonce = [0; 32];
    system_rng().fill_bytes(&mut nonce);
    let applicant = |person: &String, role| Applicant { person: person.clone(), role };
    let request = RequestBundle {
        sequence: chain.sequence,
        nonce,
        created,
        previous_response: chain.previous_response,
        last_checkpoint: chain.last_checkpoint,
        applicants: vec![
            applicant(&args.ops_manager, ApplicantRole::OpsManager),
            applicant(&args.key_manager, ApplicantRole::KeyManager),
        ],
        items: items(args, created, lang)?,
    };
    let signer = KeyRing::new(&args.pin, output).new_signer("--key", &args.key)?;
    let bytes = sign(&request, &*signer, lang)?;
    file::write(&args.out, &bytes)?;
    let digest = hex::encode(bundle_digest(&bytes));
    let written = args.out.out.display();
    if output.json {
        let facts = json!({ "written": written.to_string(), "sequence": request.sequence, "sha256": digest });
        return output.answer_json(&facts);
    }
    output.answer(&format!("{}\n", text::made_request(lang, written, request.sequence, digest)))
}

/// The file of a request.
pub(in crate::command) fn sign(request: &RequestBundle, signer: &dyn Signer, lang: Lang) -> Result<Vec<u8>, Failure> {
    let unbuildable =
        |error: BundleError| refused(None, error.id(), error.to_string(), lang.pick(error.remedy(), error.remedy_ja()));
    let prepared = request.prepare(signer.public_key()).map_err(unbuildable)?;
    let signature = signer.sign(prepared.to_be_signed())?;
    prepared.complete(&signature, rust_crypto()).map_err(unbuildable)
}

/// What ties the request to the last response.
struct Chain {
    sequence: u64,
    previous_response: Option<[u8; 32]>,
    last_checkpoint: Option<String>,
}

fn chain(args: &Request, lang: Lang) -> Result<Chain, Failure> {
    let (Some(path), Some(signer)) = (&args.previous_response, &args.response_signer) else {
        let sequence = args.sequence.unwrap_or(0);
        return Ok(Chain { sequence, previous_response: None, last_checkpoint: None });
    };
    let (input, signer) = (scan::read(path, lang)?, public_key(signer, lang)?);
    let response = ResponseBundle::open(&input.bytes, &signer, rust_crypto());
    let response = response.map_err(|error| spoilt(path, &error, lang))?;
    Ok(Chain {
        sequence: response.contents().next_sequence,
        previous_response: Some(response.digest()),
        last_checkpoint: Some(response.contents().checkpoint.clone()),
    })
}

fn items(args: &Request, created: UtcDateTime, lang: Lang) -> Result<Vec<RequestItem>, Failure> {
    let mut csrs = Vec::with_capacity(args.csr.len());
    for (role, path) in &args.csr {
        let request = certification_request(path, lang)?;
        let proof = request.verify(rust_crypto());
        proof.map_err(|error| {
            refused(Some(path), error.id(), error.to_string(), lang.pick(error.remedy(), error.remedy_ja()))
        })?;
        csrs.push(CsrItem { role: *role, der: request.der().to_vec(), attestation: None });
    }
    for (number, path) in &args.attestation {
        let place = csrs.get_mut(number.saturating_sub(1)).filter(|csr| csr.attestation.is_none());
        let Some(csr) = place else {
            let detail = text::attestation_without_csr(lang, number);
            return Err(refused(Some(path), "attestation-without-csr", detail, text::remedy_attestation(lang)));
        };
        csr.attestation = Some(Input::read(path)?.bytes);
    }
    let mut items: Vec<_> = csrs.into_iter().map(RequestItem::Csr).collect();
    for path in &args.revoke {
        items.extend(revocations(path, args, created, lang)?);
    }
    Ok(items)
}

fn revocations(path: &Path, args: &Request, created: UtcDateTime, lang: Lang) -> Result<Vec<RequestItem>, Failure> {
    let order = |certificate: tegata_pki::Certificate| {
        let Some(issuer_ski) = certificate.authority_key_identifier() else {
            let detail = text::no_authority_key(lang, path.display());
            return Err(refused(None, "certificate-without-issuer-key", detail, text::remedy_no_authority_key(lang)));
        };
        Ok(RequestItem::Revoke(RevocationOrder {
            issuer_ski: issuer_ski.to_vec(),
            serial: certificate.serial().to_vec(),
            reason: args.reason.map(reason),
            at: args.revoked_at.unwrap_or(created).truncate_to_second(),
            requested_by: args.requested_by.clone().unwrap_or_default(),
        }))
    };
    certificates(path, lang)?.into_iter().map(order).collect()
}

fn reason(choice: ReasonChoice) -> RevocationReason {
    match choice {
        ReasonChoice::Unspecified => RevocationReason::Unspecified,
        ReasonChoice::KeyCompromise => RevocationReason::KeyCompromise,
        ReasonChoice::CaCompromise => RevocationReason::CaCompromise,
        ReasonChoice::AffiliationChanged => RevocationReason::AffiliationChanged,
        ReasonChoice::Superseded => RevocationReason::Superseded,
        ReasonChoice::CessationOfOperation => RevocationReason::CessationOfOperation,
        ReasonChoice::PrivilegeWithdrawn => RevocationReason::PrivilegeWithdrawn,
    }
}
