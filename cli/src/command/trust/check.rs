//! `tegata trust check`.

mod json;
mod metadata;
mod show;

use std::path::Path;
use std::process::ExitCode;

use tegata_pki::{AgreementKey, Certificate, KeyError, PublicKey, aws_lc_rs};
use tegata_terminal::{Lang, Output};
use tegata_trust_list::trust_object::{
    Given, GivenSigner, TrustObject, TrustObjectError, TrustReport, Verdict, check, recognise,
};
use time::UtcDateTime;

use crate::answer::Answer;
use crate::args::trust::Check;
use crate::failure::{Expected, Failure};
use crate::input::Input;
use crate::load::{certificate, certificates_of_input, malformed, public_key_of_input, wrong_kind};
use crate::message::{show as common, trust_check as text};
use crate::recognise::{FileKind, recognise as file_kind};

use super::super::time_or_now;

pub(super) fn run(args: &Check, output: Output) -> Result<ExitCode, Failure> {
    let lang = output.lang;
    let input = Input::read(&args.input)?;
    let object = match recognise(&input.bytes) {
        Ok(object) => object,
        Err(error) => {
            let report = TrustReport::of_unusable(&error).ok_or_else(|| refused(&input, &error, lang))?;
            return answer(&report, time_or_now(args.at), output);
        }
    };
    if args.index.is_some() && !matches!(object, TrustObject::StatusList(_)) {
        let (detail, remedy) = (text::index_not_applicable(lang), text::remedy_index(lang).into());
        let (subject, id) = (Some(args.input.clone()), "index-not-applicable");
        return Err(Failure::Refused { subject, id, detail, remedy: Some(remedy) });
    }
    let signer = args.signer.as_deref().map(|path| Signer::read(path, output)).transpose()?;
    let read = |path: &Option<std::path::PathBuf>| path.as_deref().map(|path| certificate(path, lang)).transpose();
    let (root, old, new) = (read(&args.root)?, read(&args.old)?, read(&args.new)?);
    let given = Given {
        signer: signer.as_ref().map(Signer::given),
        root: root.as_ref(),
        roots: old.as_ref().zip(new.as_ref()),
        index: args.index,
        at: time_or_now(args.at),
    };
    let mut report = check(&object, &given, aws_lc_rs());
    if let TrustObject::Metadata(bytes) = &object {
        metadata::complete(&mut report, bytes, given.at, aws_lc_rs());
    }
    answer(&report, given.at, output)
}

fn answer(report: &TrustReport, at: UtcDateTime, output: Output) -> Result<ExitCode, Failure> {
    if output.json {
        output.answer_json(&json::report(report, at))?;
    } else {
        output.answer(&show::report(report, &output))?;
    }
    Ok(exit_status(report))
}

/// As of `tegata verify`.
fn exit_status(report: &TrustReport) -> ExitCode {
    ExitCode::from(match report.verdict {
        Verdict::Valid => 0,
        Verdict::Invalid => 10,
        Verdict::Undetermined => 11,
    })
}

fn refused(input: &Input, error: &TrustObjectError, lang: Lang) -> Failure {
    match error {
        TrustObjectError::Unknown => wrong_kind(input, Expected::TrustObject, lang),
        other => malformed(input, Expected::TrustObject, other.id(), other),
    }
}

/// `--signer`.
enum Signer {
    Certificate(Box<Certificate>),
    Key(PublicKey),
}

impl Signer {
    fn read(path: &Path, output: Output) -> Result<Self, Failure> {
        let (input, lang) = (Input::read(path)?, output.lang);
        match file_kind(&input) {
            FileKind::Certificate => match certificates_of_input(&input, lang)?.as_slice() {
                [one] => Ok(Self::Certificate(Box::new(one.clone()))),
                // Reading it as the one certificate of a file words the failure.
                _ => certificate(path, lang).map(|one| Self::Certificate(Box::new(one))),
            },
            FileKind::Jwk => jwk(&input, output).map(Self::Key),
            _ => public_key_of_input(&input, lang).map(Self::Key),
        }
    }

    fn given(&self) -> GivenSigner<'_> {
        match self {
            Self::Certificate(certificate) => GivenSigner::Certificate(certificate),
            Self::Key(key) => GivenSigner::Key(key),
        }
    }
}

/// A public JWK, or the public half of a private one, as published with examples.
fn jwk(input: &Input, output: Output) -> Result<PublicKey, Failure> {
    let failed = |error: KeyError| malformed(input, Expected::PublicKey, error.id(), &error);
    let json = input.text().unwrap_or_default();
    match PublicKey::from_jwk(json) {
        Err(KeyError::PrivateMember(_)) => {
            let key = AgreementKey::from_jwk(json).map_err(failed)?;
            output.note(&output.error_style.doubtful(&common::software_key(output.lang, input.path.display())));
            Ok(key.public_key().clone())
        }
        other => other.map_err(failed),
    }
}
