//! `tegata dts request` and `tegata dts import`.

use serde_json::json;
use tegata_pki::rust_crypto;
use tegata_publisher::import::ImportError;
use tegata_publisher::{Gate, GateRefusal, Plan, import};
use tegata_terminal::{Lang, Output};
use tegata_trust_list::bundle::RequestBundle;

use super::super::bundle::{scan, spoilt};
use super::settings::authority;
use super::{Service, of_catalogue, refused};
use crate::answer::Answer;
use crate::args::dts::{Import, Request};
use crate::failure::Failure;
use crate::load::public_key;
use crate::message::dts as text;

pub(super) fn request(args: &Request, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    let mut service = Service::open(&args.place, lang)?;
    let signer = public_key(&args.signer, lang)?;
    let input = scan::read(&args.bundle, lang)?;
    let request = RequestBundle::open(&input.bytes, &signer, rust_crypto());
    let request = request.map_err(|error| spoilt(&args.bundle, &error, lang))?;
    let recorded = service.catalogue.record_request(&request, service.at);
    recorded.map_err(|error| of_catalogue(&error, lang))?;
    let (sequence, digest) = (request.contents().sequence, hex::encode(request.digest()));
    if output.json {
        return output.answer_json(&json!({ "sequence": sequence, "sha256": digest }));
    }
    output.answer(&format!("{}\n", text::request_noted(lang, sequence, digest)))
}

pub(super) fn run(args: &Import, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    let mut service = Service::open(&args.place, lang)?;
    let authority = authority(&args.place.dir, lang)?;
    let input = scan::read(&args.bundle, lang)?;
    let provider = rust_crypto();
    let plan = Gate::new(provider).import(&input.bytes, &authority, &service.catalogue, service.at);
    if args.dry_run {
        let plan = plan.map_err(|refusals| at_gate(args, &refusals, lang))?;
        return told(&plan, 0, output);
    }
    let done = import(&mut service.catalogue, &input.bytes, &authority, service.at, provider);
    let done = done.map_err(|error| match error {
        ImportError::Refused(refusals) => at_gate(args, &refusals, lang),
        ImportError::Catalogue(error) => of_catalogue(&error, lang),
        other => refused(Some(&args.bundle), other.id(), other.to_string(), ""),
    })?;
    let voided = done.voided.iter().map(|voided| voided.lists.len()).sum();
    // A plan that was refused would have been refused above too.
    let plan = plan.map_err(|refusals| at_gate(args, &refusals, lang))?;
    told(&plan, voided, output)
}

/// Everything that is wrong at once; the remedy is that of the first.
fn at_gate(args: &Import, refusals: &[GateRefusal], lang: Lang) -> Failure {
    let first = refusals.first();
    let detail: Vec<String> = refusals.iter().map(|refusal| format!("{} ({})", refusal, refusal.id())).collect();
    let remedy = first.map(|first| lang.pick(first.remedy(), first.remedy_ja())).unwrap_or_default();
    let id = first.map_or("import-refused", GateRefusal::id);
    refused(Some(&args.bundle), id, detail.join("; "), remedy)
}

fn told(plan: &Plan, voided: usize, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    if output.json {
        return output.answer_json(&json!({
            "sequence": plan.sequence(),
            "roots": plan.roots().iter().map(|new| new.root.key_digest().to_string()).collect::<Vec<_>>(),
            "links": plan.links().len(),
            "list_signers": plan.list_signers().len(),
            "document_signers_kept_back": plan.document_signers().len(),
            "crls": plan.crls().len(),
            "voided": voided,
        }));
    }
    let counts = text::imported(
        lang,
        plan.sequence(),
        plan.roots().len(),
        plan.links().len(),
        plan.list_signers().len(),
        plan.crls().len(),
    );
    let kept = text::kept_back(lang, plan.document_signers().len(), voided);
    output.answer(&format!("{counts}\n{kept}\n"))
}
