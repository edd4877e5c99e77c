//! `tegata demo`: the whole story, from the ceremony that makes the root to the rejection of a revoked document.

mod air_gap;
mod authority;
pub(super) mod claims;
mod directory;
mod holder;
pub(super) mod names;
mod picture;
pub(super) mod program;
mod token;
mod trial;
mod trust_service;

use std::sync::Arc;

use serde_json::json;
use tegata_hsm::Signer;
use tegata_issuer::{DocumentSigner, DocumentSignerParts, IssuanceRequest, StatusReference, Terms, TimestampPolicy};
use tegata_mdoc::model::{Claims, Registry};
use tegata_pki::{Edition, aws_lc_rs};
use tegata_terminal::{Output, Progress, Tone, table};
use time::{Duration, UtcDateTime};

use crate::answer::Answer;
use crate::args::demo::Demo;
use crate::failure::Failure;
use crate::message::demo as text;

use super::system_rng;
use air_gap::AirGap;
use authority::Authority;
use directory::{Artefact, Directory};
use holder::Session;
use program::{Rehearsed, RootProgram};
use token::Keys;
use trial::{Expectation, Plan, Trial};
use trust_service::{Issued, TrustService};

/// Where the authority would publish its status list. Nothing is fetched from there.
const STATUS_URI: &str = "https://sandbox.example/status/1.cwt";
/// Places of the status list: enough to hide in.
const STATUS_PLACES: usize = 1 << 17;
/// Days that a document and the status list are valid.
const DAYS: u32 = 30;
/// Steps that are shown.
const STEPS: u64 = 16;

/// What the story came to.
struct Told {
    trials: Vec<Trial>,
    rehearsed: [Rehearsed; 2],
}

pub(super) fn run(args: &Demo, output: Output) -> Result<(), Failure> {
    let told = {
        let progress = Progress::new(output, STEPS);
        tell(&args.dir, output, &progress)?
    };
    let directory = args.dir.display().to_string();
    if output.json {
        output.answer_json(&json!({
            "dir": directory,
            "ceremonies": told.rehearsed.iter().map(Rehearsed::json).collect::<Vec<_>>(),
            "trials": told.trials.iter().map(Trial::json).collect::<Vec<_>>(),
            "artefacts": Artefact::ALL.iter().map(|artefact| artefact.name()).collect::<Vec<_>>(),
        }))?;
    } else {
        output.answer(&summary(&told, &directory, &output))?;
    }
    match told.trials.iter().find(|trial| !trial.is_as_expected()) {
        None => Ok(()),
        Some(trial) => Err(Failure::Machine { id: "demo-unexpected", detail: trial.title(output.lang) }),
    }
}

/// The story. Each step leaves its artefacts in the directory.
fn tell(dir: &std::path::Path, output: Output, progress: &Progress) -> Result<Told, Failure> {
    let lang = output.lang;
    let program = RootProgram::beside_this_one()?;
    let directory = Directory::open(dir)?;
    directory.renew_root()?;
    trust_service::clear(&directory)?;

    progress.begin(&text::step_token(lang));
    let keys = Keys::open(&directory.token())?;
    progress.done(&text::step_token(lang), &text::result_token(lang));

    progress.begin(&text::step_ceremony(lang));
    let mut air_gap = AirGap::new(&directory, &program, Arc::clone(&keys.request), lang)?;
    let (authority, answer) = Authority::certify(&keys, &mut air_gap, &directory, lang)?;
    let first = answer.rehearsed;
    let certified = authority.document_signer.subject();
    progress.done(&text::step_ceremony(lang), &text::result_ceremony(lang, certified, answer.records));

    // What the ceremony signed is valid from its own moment on.
    let now = UtcDateTime::now().truncate_to_second();
    progress.begin(&text::step_claims(lang));
    let claims_json = claims::sample(now)?;
    directory.write(Artefact::Claims, claims_json.as_bytes())?;
    let claims = Claims::from_json(claims::DOC_TYPE, &claims_json, Registry::built_in());
    let claims = claims.map_err(|problems| Failure::Claims {
        file: directory.path(Artefact::Claims),
        doc_type: claims::DOC_TYPE.to_owned(),
        problems,
    })?;
    progress.done(&text::step_claims(lang), &text::result_claims(lang, claims.element_count()));

    progress.begin(&text::step_issue(lang));
    let index = u64::from(rand_core::Rng::next_u32(&mut system_rng()) >> (32 - 17));
    let issued = issue(&authority, &*keys.device, &claims, index, now)?;
    directory.write(Artefact::Issued, &issued)?;
    directory.write(Artefact::DeviceKey, keys.device.public_key().to_jwk().as_bytes())?;
    progress.done(&text::step_issue(lang), &text::result_issue(lang, issued.len()));

    progress.begin(&text::step_service(lang));
    let service = TrustService::open(&directory, lang)?;
    service.admit(&authority.root)?;
    progress.done(&text::step_service(lang), &text::result_service(lang));

    progress.begin(&text::step_publish(lang));
    let mut entry = Issued { authority: &authority, device: &*keys.device, index, at: now, revoked: None };
    let files = service.publish(&entry, Artefact::StatusListBefore)?;
    progress.done(&text::step_publish(lang), &text::result_published(lang, files));

    progress.begin(&text::step_sync(lang));
    service.make_store()?;
    let anchors = service.sync()?;
    progress.done(&text::step_sync(lang), &text::result_sync(lang, anchors));

    progress.begin(&text::step_present(lang));
    let session = Session::start()?;
    let other_session = Session::start()?;
    let response = session.present(&issued, &*keys.device)?;
    directory.write(Artefact::Engagement, session.engagement_uri().as_bytes())?;
    directory.write(Artefact::Transcript, session.transcript())?;
    directory.write(Artefact::OtherTranscript, other_session.transcript())?;
    directory.write(Artefact::Response, &response)?;
    progress.done(&text::step_present(lang), &text::result_present(lang, response.len()));

    let tampered = holder::tampered(&response);
    directory.write(Artefact::Tampered, &tampered)?;
    let (ours, theirs) = (session.transcript(), other_session.transcript());
    let mut trials = Vec::new();
    let mut verify = |plan: Plan<'_>, service: &TrustService<'_>| {
        progress.begin(&plan.title(lang));
        let trial = plan.run(&service.store()?, &directory, lang)?;
        progress.done(&trial.title(lang), &trial.verdict(lang));
        trials.push(trial);
        Ok::<_, Failure>(())
    };
    verify(Trial::plan(Expectation::Accepted, &response, ours, Artefact::ReportAccepted), &service)?;
    verify(Trial::plan(Expectation::Tampered, &tampered, ours, Artefact::ReportTampered), &service)?;
    verify(Trial::plan(Expectation::OtherSession, &response, theirs, Artefact::ReportOtherSession), &service)?;

    progress.begin(&text::step_holder_revoked(lang));
    let_the_second_pass(now);
    entry.revoked = Some(UtcDateTime::now());
    let files = service.publish(&entry, Artefact::StatusListAfter)?;
    service.sync()?;
    progress.done(&text::step_holder_revoked(lang), &text::result_published(lang, files));
    verify(Trial::plan(Expectation::DocumentRevoked, &response, ours, Artefact::ReportRevoked), &service)?;

    progress.begin(&text::step_revocation(lang));
    let (_, answer) = authority.revoke_document_signer(&mut air_gap, &directory, lang)?;
    service.import(Artefact::RevocationRequest, Artefact::RevocationResponse)?;
    service.publish(&entry, Artefact::StatusListAfter)?;
    service.sync()?;
    progress.done(&text::step_revocation(lang), &text::result_revocation(lang, answer.records));
    verify(Trial::plan(Expectation::SignerRevoked, &response, ours, Artefact::ReportSignerRevoked), &service)?;
    progress.done(&text::step_artefacts(lang), &dir.display().to_string());
    Ok(Told { trials, rehearsed: [first, answer.rehearsed] })
}

fn issue(
    authority: &Authority,
    device: &dyn Signer,
    claims: &Claims,
    index: u64,
    now: UtcDateTime,
) -> Result<Vec<u8>, Failure> {
    let refused = |id, detail: String| Failure::Refused { subject: None, id, detail, remedy: None };
    let parts = DocumentSignerParts {
        signer: Arc::clone(&authority.document_signer_key),
        certificate: authority.document_signer.clone(),
        iaca: Some(authority.root.clone()),
        edition: Edition::Iso18013_5,
        provider: aws_lc_rs(),
    };
    let signer = DocumentSigner::new(parts, now).map_err(|error| refused(error.id(), error.to_string()))?;
    let mut terms = Terms::until(now.saturating_add(Duration::days(DAYS.into())));
    terms.timestamps = TimestampPolicy::Second;
    let status = StatusReference::new(STATUS_URI, index).map_err(|error| refused(error.id(), error.to_string()))?;
    let request = IssuanceRequest { claims, terms: &terms, device_key: device.public_key(), status: Some(&status) };
    let issued = signer.issue(&request, &mut system_rng(), now);
    Ok(issued.map_err(|error| refused(error.id(), error.to_string()))?.into_issuer_signed())
}

/// Lists carry whole seconds: what two of them say within one could not be told apart.
fn let_the_second_pass(since: UtcDateTime) {
    let wait = since.saturating_add(Duration::SECOND) - UtcDateTime::now();
    std::thread::sleep(wait.min(Duration::SECOND).try_into().unwrap_or_default());
}

/// What was checked, what lies where, and how to go on.
fn summary(told: &Told, directory: &str, output: &Output) -> String {
    let lang = output.lang;
    let header = [text::column_trial(lang), text::column_verdict(lang), text::column_reason(lang), String::new()];
    let rows: Vec<_> = told
        .trials
        .iter()
        .map(|trial| {
            let mark =
                if trial.is_as_expected() { ("✓".to_owned(), Tone::Good) } else { ("✗".to_owned(), Tone::Bad) };
            vec![
                (trial.title(lang), Tone::Plain),
                (trial.verdict(lang), trial.tone()),
                (trial.reason(lang), Tone::Faint),
                mark,
            ]
        })
        .collect();
    let mut page = table(output, &header, &rows);
    let header = [text::column_file(lang), text::column_content(lang)];
    let rows: Vec<_> = Artefact::ALL
        .iter()
        .map(|artefact| vec![(artefact.name().to_owned(), Tone::Plain), (artefact.describe(lang), Tone::Faint)])
        .collect();
    page.push_str(&format!("\n{}\n", output.style.title(directory)));
    page.push_str(&table(output, &header, &rows));
    let [first, _] = &told.rehearsed;
    let (record, first) = (first.record.display(), first.folder.display());
    page.push_str(&format!(
        "\n{}\n  tegata verify {directory}/response.cbor --store {directory}/gate.store --transcript {directory}/transcript.cbor\n  tegata verify {directory}/response.cbor --trust {directory}/iaca.pem --transcript {directory}/transcript.cbor \\\n    --crl {directory}/crl.der --status {directory}/status-list-before.cwt\n  tegata dts show {directory}/dts\n  tegata trust show {directory}/gate.store\n  tegata inspect {directory}/response.cbor\n  tegata bundle show {directory}/response.bundle\n  tegata-root ceremony verify {record} \\\n    {first}/script.toml {first}/site.toml\n",
        text::try_next(lang)
    ));
    page
}
