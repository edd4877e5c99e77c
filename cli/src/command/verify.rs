//! `tegata verify`.

pub(crate) mod show;
mod trust;

use std::process::ExitCode;

use tegata_pki::{AgreementKey, CryptoProvider, aws_lc_rs, rust_crypto};
use tegata_terminal::{Lang, Output};
use tegata_trust_list::Evidence;
use tegata_verifier::simple::Held;
use tegata_verifier::{Binding, InputError, Overall, Policy, Revocation, Session, Trust, Verifier, json};
use tegata_verifier_store::held;
use time::UtcDateTime;

use crate::answer::Answer;
use crate::args::verify::{PolicyChoice, ProviderChoice, RevocationChoice, Verify};
use crate::failure::{Expected, Failure};
use crate::input::Input;
use crate::key;
use crate::load::{crls, malformed, wrong_kind};
use crate::message::of_checks;
use crate::message::show as text;
use crate::recognise::{FileKind, recognise};
use crate::transcript::Transcript;

use super::time_or_now;
use super::trust::keep;

pub(super) fn run(args: &Verify, output: Output) -> Result<ExitCode, Failure> {
    let lang = output.lang;
    let at = time_or_now(args.at);
    let input = Input::read(&args.input)?;
    let kept = args.store.as_deref().map(|path| keep::load(path, lang)).transpose()?;
    let held = kept.as_ref().map(|kept| held(&kept.store, at)).transpose();
    let held = held.map_err(|error| Failure::Machine { id: error.id(), detail: error.to_string() })?;
    let is_gap = held.as_ref().is_some_and(|held| held.trust.is_err());
    let (held_trust, held_evidence) = held.map(|Held { trust, evidence }| (trust, evidence)).unzip();
    let trust = trust::of(args, held_trust, at, lang)?;
    let evidence = evidence(args, held_evidence.unwrap_or_default(), at, lang)?;
    let transcript = args.transcript.as_deref().map(|path| Transcript::load(path, lang)).transpose()?;
    let reader_key = args.reader_key.as_deref().map(|text| key::reader_key("--reader-key", text)).transpose()?;

    let trusts_nobody = matches!(trust, Trust::RejectAll);
    let binding = binding(args, transcript.as_ref(), reader_key.as_ref())?;
    let verifier = Verifier::new(trust, policy(args)).with_provider(provider(args.provider));
    let report =
        verifier.verify(&input.bytes, &binding, &evidence, at).map_err(|error| refused(&input, &error, lang))?;

    if is_gap {
        output.note(&output.error_style.doubtful(&crate::message::trust::store_gap(lang)));
    }
    if trusts_nobody {
        output.note(&output.error_style.doubtful(&text::no_trust(lang)));
    }
    if output.json {
        output.answer(&json::report_text(&report, of_checks(lang)))?;
    } else {
        output.answer(&show::report(&report, &output, args.verbose))?;
    }
    Ok(exit_status(report.overall()))
}

/// 0 all accepted, 10 any rejected, 11 any undetermined (none rejected).
fn exit_status(overall: Overall) -> ExitCode {
    ExitCode::from(match overall {
        Overall::Accepted => 0,
        Overall::Rejected => 10,
        Overall::Undetermined => 11,
    })
}

/// What the store knows, and the files beside it.
fn evidence(args: &Verify, mut evidence: Evidence, at: UtcDateTime, lang: Lang) -> Result<Evidence, Failure> {
    for path in &args.crl {
        for crl in crls(path, lang)? {
            let added = evidence.crls.add(crl.der(), at);
            added.map_err(|error| Failure::Malformed {
                file: path.clone(),
                expected: Expected::Crl,
                id: error.id(),
                detail: error.to_string(),
            })?;
        }
    }
    for path in &args.status {
        use tegata_mdoc::kind::Kind;
        let input = Input::read(path)?;
        let known = matches!(
            recognise(&input),
            FileKind::StatusListJwt
                | FileKind::Jwt
                | FileKind::Cbor(
                    Kind::StatusListToken | Kind::IdentifierListToken | Kind::DeviceKeyListToken | Kind::Cwt
                )
        );
        if !known {
            return Err(wrong_kind(&input, Expected::StatusList, lang));
        }
        let added = evidence.lists.add(&input.bytes, at);
        added.map_err(|error| malformed(&input, Expected::StatusList, error.id(), &error))?;
    }
    Ok(evidence)
}

fn binding<'s>(
    args: &Verify,
    transcript: Option<&'s Transcript>,
    reader_key: Option<&'s AgreementKey>,
) -> Result<Binding<'s>, Failure> {
    let Some(transcript) = transcript else {
        return Ok(if args.issuer_signed { Binding::issuer_data_only() } else { Binding::unknown_session() });
    };
    let mut session = Session::new(transcript.bytes()).map_err(|error| Failure::Malformed {
        file: args.transcript.clone().unwrap_or_default(),
        expected: Expected::Transcript,
        id: error.id(),
        detail: error.to_string(),
    })?;
    if let Some(reader_key) = reader_key {
        session = session.with_reader_key(reader_key);
    }
    if let Some(transport) = transcript.transport() {
        session = session.with_transport(transport);
    }
    Ok(if args.issuer_signed { Binding::issuer_data_with_session(session) } else { Binding::session(session) })
}

fn policy(args: &Verify) -> Policy {
    let policy = match args.policy {
        PolicyChoice::Strict => Policy::strict(),
        PolicyChoice::Interop => Policy::interop(),
    };
    match args.revocation {
        None => policy,
        Some(RevocationChoice::Require) => policy.with_revocation(Revocation::Require),
        Some(RevocationChoice::Available) => policy.with_revocation(Revocation::Available),
        Some(RevocationChoice::DangerousOff) => policy.with_revocation(Revocation::DangerousOff),
    }
}

fn provider(choice: ProviderChoice) -> &'static dyn CryptoProvider {
    match choice {
        ProviderChoice::AwsLcRs => aws_lc_rs(),
        ProviderChoice::RustCrypto => rust_crypto(),
    }
}

fn refused(input: &Input, error: &InputError, lang: Lang) -> Failure {
    match error {
        InputError::NotADocument { .. } => wrong_kind(input, Expected::Document, lang),
        other => malformed(input, Expected::Document, other.id(), other),
    }
}
