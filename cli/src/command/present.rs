//! `tegata present`.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use tegata_holder::{DeviceProof, ElementName, PresentError, present};
use tegata_hsm::Signer;
use tegata_mdoc::cbor::decode;
use tegata_mdoc::issuer_signed::IssuerSigned;
use tegata_mdoc::kind::Kind;
use tegata_mdoc::transcript;
use tegata_pki::{AgreementKey, PublicKey, aws_lc_rs};
use tegata_terminal::Output;

use crate::answer::Answer;
use crate::args::present::Present;
use crate::failure::{ArgumentFault, Expected, Failure};
use crate::file;
use crate::input::Input;
use crate::key::{KeyRing, is_reference, public_key_of, software_key, software_signer};
use crate::load::{malformed, public_key, wrong_kind};
use crate::message::show as text;
use crate::recognise::{FileKind, recognise};
use crate::transcript::Transcript;

pub(super) fn run(args: &Present, output: Output) -> Result<(), Failure> {
    file::check(&args.out)?;
    let lang = output.lang;
    let issued = Input::read(&args.issued)?;
    if recognise(&issued) != FileKind::Cbor(Kind::IssuerSigned) {
        return Err(wrong_kind(&issued, Expected::IssuerSigned, lang));
    }
    let device_key = device_key(&issued)?;
    let session = Transcript::load(&args.transcript, lang)?;
    let (transcript, _) = transcript::read(session.bytes()).map_err(|error| Failure::Malformed {
        file: args.transcript.clone(),
        expected: Expected::Transcript,
        id: error.id(),
        detail: error.to_string(),
    })?;
    let elements: Vec<_> = args.elements.iter().map(element_name).collect();
    let failed = |error| refused(args, &issued, error);

    let response = if let (true, Some(reader_key)) = (args.mac, &args.reader_key) {
        let reader_key = public_key(reader_key, lang)?;
        let device_key = agreement_key(&args.device_key, output)?;
        let proof = DeviceProof::Mac { device_key: &device_key, reader_key: &reader_key, provider: aws_lc_rs() };
        present(&issued.bytes, &elements, &transcript, proof).map_err(failed)?
    } else {
        let signer = signer(args, &device_key, output)?;
        present(&issued.bytes, &elements, &transcript, DeviceProof::Signature(&*signer)).map_err(failed)?
    };
    file::write(&args.out, &response)?;
    let written = args.out.out.display();
    if output.json {
        return output.answer_json(&json!({ "written": written.to_string(), "elements": elements.len() }));
    }
    output.answer(&format!("{}\n", text::presented(lang, written, elements.len())))
}

fn element_name((name_space, element): &(String, String)) -> ElementName {
    ElementName { name_space: name_space.clone(), element: element.clone() }
}

/// The device key that the issuer signed.
fn device_key(issued: &Input) -> Result<PublicKey, Failure> {
    let unreadable =
        |error: tegata_mdoc::cbor::DecodeError| malformed(issued, Expected::IssuerSigned, error.id(), &error);
    let (document, _) = decode::<IssuerSigned<'_>>(&issued.bytes).map_err(unreadable)?;
    let (mso, _) = document.value().mobile_security_object().map_err(unreadable)?;
    let key = public_key_of(&mso.value().device_key_info.device_key);
    key.map_err(|error| malformed(issued, Expected::IssuerSigned, error.id(), &error))
}

fn signer(args: &Present, expected: &PublicKey, output: Output) -> Result<Arc<dyn Signer>, Failure> {
    if is_reference(&args.device_key) {
        return KeyRing::new(&args.pin, output).signer("--device-key", &args.device_key, expected);
    }
    software_signer(software_key(Path::new(&args.device_key), output)?)
}

/// The device key for a MAC, from a private JWK: a token's key makes signatures only.
fn agreement_key(key: &str, output: Output) -> Result<AgreementKey, Failure> {
    let wrong = |reason| Failure::Argument { argument: "--device-key", value: key.to_owned(), reason };
    if is_reference(key) {
        return Err(wrong(ArgumentFault::CannotAgree));
    }
    let input = Input::read(Path::new(key))?;
    if recognise(&input) != FileKind::Jwk {
        return Err(wrong(ArgumentFault::MacNeedsJwk));
    }
    output.note(&output.error_style.doubtful(&text::software_key(output.lang, key)));
    let read = AgreementKey::from_jwk(input.text().unwrap_or_default());
    read.map_err(|error| malformed(&input, Expected::PrivateKey, error.id(), &error))
}

fn refused(args: &Present, issued: &Input, error: PresentError) -> Failure {
    match error {
        PresentError::NoSuchElement { missing, available } => {
            let name = |name: &ElementName| format!("{}/{}", name.name_space, name.element);
            let wanted = name(&missing);
            let distance = |name: &String| strsim::damerau_levenshtein(name, &wanted);
            let nearest = available.iter().map(name).min_by_key(distance);
            let did_you_mean = nearest.filter(|name| distance(name) <= 4);
            Failure::NoSuchElement { file: issued.path.clone(), element: wanted, did_you_mean }
        }
        PresentError::Document(error) => malformed(issued, Expected::IssuerSigned, error.id(), &error),
        PresentError::Signer(error) => Failure::Signer(error),
        PresentError::Agreement(_) => {
            let value = args.reader_key.as_deref().unwrap_or(Path::new("")).display().to_string();
            Failure::Argument { argument: "--reader-key", value, reason: ArgumentFault::KeyCurve }
        }
        other => Failure::Refused {
            subject: Some(issued.path.clone()),
            id: other.id(),
            detail: other.to_string(),
            remedy: None,
        },
    }
}
