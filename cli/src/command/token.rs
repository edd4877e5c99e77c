//! `tegata token`.

use serde_json::{Value, json};
use tegata_hsm::{KeyDescription, Module, Pin, PinSource, PinState, Signer, Token, TokenDescription};
use tegata_pki::{
    CertificationRequest, CertificationRequestBuilder, CsrError, Curve, Name, NameError, ObjectIdentifier, PublicKey,
    oid, rust_crypto,
};
use tegata_terminal::{Lang, Output, Tone, table};

use crate::answer::Answer;
use crate::args::Out;
use crate::args::token::{CurveChoice, PinArgs, RequestSubject, Token as Args, What};
use crate::failure::Failure;
use crate::file;
use crate::key::{KeyRing, open_module};
use crate::message::show as text;

pub(super) fn run(args: &Args, output: Output) -> Result<(), Failure> {
    match &args.what {
        What::List { place } => {
            let module = open_module(place.module.module.as_deref(), place.token_dir.clone())?;
            list(output, &module)
        }
        What::Init { label, so_pin_file, module, pin } => {
            let ring = KeyRing::new(pin, output);
            let module = ring.module(module.module.as_deref())?;
            let so_pin = so_pin(so_pin_file.as_deref(), output)?;
            let token = module.initialise_token(label, &so_pin, &ring.pin_of(label)?)?;
            show_token(output, token.description())
        }
        What::Keys { label, module, pin } => {
            let ring = KeyRing::new(pin, output);
            let token = ring.token(module.module.as_deref(), label)?;
            keys(output, &token, &ring.pin_of(label)?)
        }
        What::Generate { label, key, curve, public_out, module, pin } => {
            let ring = KeyRing::new(pin, output);
            let token = ring.token(module.module.as_deref(), label)?;
            let curve = match curve {
                CurveChoice::P256 => Curve::P256,
                CurveChoice::P384 => Curve::P384,
            };
            if let Some(path) = public_out {
                file::check_new(path)?;
            }
            let generated = token.generate_key(&ring.pin_of(label)?, curve, key, &fresh_id(key))?;
            if let Some(path) = public_out {
                file::write_new(path, generated.public_key.to_jwk().as_bytes())?;
            }
            let reference = generated.reference.to_string();
            if output.json {
                let public: Value = serde_json::from_str(&generated.public_key.to_jwk()).unwrap_or_default();
                return output.answer_json(&json!({ "reference": reference, "public_key": public }));
            }
            output.answer(&format!("{reference}\n"))
        }
        What::Csr { key, subject, pin, out } => csr(key, subject, pin, out, output),
    }
}

fn csr(key: &str, subject: &RequestSubject, pin: &PinArgs, out: &Out, output: Output) -> Result<(), Failure> {
    file::check(out)?;
    let lang = output.lang;
    let subject = subject_name(subject).map_err(|error| Failure::Refused {
        subject: None,
        id: error.id(),
        detail: error.to_string(),
        remedy: None,
    })?;
    let signer = KeyRing::new(pin, output).new_signer("--key", key)?;
    let request = certification_request(subject, &*signer, lang)?;
    file::write(out, request.to_pem().as_bytes())?;
    let written = out.out.display();
    if output.json {
        let digest = hex::encode(request.fingerprint_sha256());
        return output.answer_json(&json!({ "written": written.to_string(), "sha256": digest }));
    }
    output.answer(&format!("{}\n", text::made_csr(lang, written, request.subject())))
}

/// The request of the owner of that key for a certificate in that name.
pub(super) fn certification_request(
    subject: Name,
    signer: &dyn Signer,
    lang: Lang,
) -> Result<CertificationRequest, Failure> {
    let refused = |error: CsrError| Failure::Refused {
        subject: None,
        id: error.id(),
        detail: error.to_string(),
        remedy: Some(lang.pick(error.remedy(), error.remedy_ja()).into()),
    };
    let builder = CertificationRequestBuilder::new(subject, signer.public_key().clone());
    let unsigned = builder.build().map_err(refused)?;
    let signature = signer.sign(unsigned.tbs())?.to_der(signer.public_key().curve());
    Ok(unsigned.complete(&signature, rust_crypto()).map_err(refused)?.into_request())
}

/// Country, state, organisation, common name: the order of the certificates of ISO/IEC 18013-5 Annex B in the field.
fn subject_name(subject: &RequestSubject) -> Result<Name, NameError> {
    let optional = |oid: ObjectIdentifier, text: &Option<String>| text.clone().map(|text| (oid, text));
    let attributes: Vec<_> = [
        Some((oid::COUNTRY, subject.country.clone())),
        optional(oid::STATE_OR_PROVINCE, &subject.state),
        optional(oid::ORGANIZATION, &subject.organization),
        Some((oid::COMMON_NAME, subject.common_name.clone())),
    ]
    .into_iter()
    .flatten()
    .collect();
    let borrowed: Vec<_> = attributes.iter().map(|(oid, text)| (*oid, text.as_str())).collect();
    Name::from_attributes(&borrowed)
}

/// The id of a new key: its label in bytes, so that label and id name the same key and a second one is refused.
fn fresh_id(label: &str) -> Vec<u8> {
    label.as_bytes().to_vec()
}

fn so_pin(path: Option<&std::path::Path>, output: Output) -> Result<Pin, Failure> {
    let source = path.map_or(PinSource::Prompt, |path| PinSource::File(path.to_owned()));
    Ok(source.obtain(&text::so_pin_prompt(output.lang))?)
}

fn list(output: Output, module: &Module) -> Result<(), Failure> {
    let tokens = module.tokens()?;
    let tokens: Vec<_> = tokens.iter().filter(|token| token.initialised).collect();
    if output.json {
        return output.answer_json(&json!({ "tokens": tokens.iter().copied().map(token_json).collect::<Vec<_>>() }));
    }
    let lang = output.lang;
    let header = [text::token_label(lang), text::token_serial(lang), text::token_model(lang), text::token_pin(lang)];
    let rows: Vec<_> = tokens
        .iter()
        .map(|token| {
            let tone = if token.pin == PinState::Good { Tone::Good } else { Tone::Doubtful };
            vec![
                (token.label.clone(), Tone::Plain),
                (token.serial.clone(), Tone::Plain),
                (token.model.clone(), Tone::Faint),
                (pin_state(token.pin).to_owned(), tone),
            ]
        })
        .collect();
    output.answer(&table(&output, &header, &rows))
}

fn show_token(output: Output, token: &TokenDescription) -> Result<(), Failure> {
    if output.json {
        return output.answer_json(&json!({ "token": token_json(token) }));
    }
    output.answer(&format!("{}\n", text::token_made(output.lang, &token.label, &token.serial)))
}

fn token_json(token: &TokenDescription) -> Value {
    json!({
        "label": token.label, "serial": token.serial, "model": token.model,
        "manufacturer": token.manufacturer, "pin": pin_state(token.pin),
    })
}

fn pin_state(state: PinState) -> &'static str {
    match state {
        PinState::Good => "good",
        PinState::CountLow => "count-low",
        PinState::FinalTry => "final-try",
        PinState::Locked => "locked",
        PinState::Unset => "unset",
        _ => "unknown",
    }
}

fn keys(output: Output, token: &Token, pin: &Pin) -> Result<(), Failure> {
    let keys = token.keys(pin)?;
    let reference = |key: &KeyDescription| token.reference(&key.label, &key.id).to_string();
    let curve = |key: &KeyDescription| key.public_key.as_ref().map_or("?", |key| key.curve().name());
    if output.json {
        let describe = |key: &KeyDescription| {
            json!({
                "reference": reference(key),
                "label": key.label,
                "id": hex::encode(&key.id),
                "curve": key.public_key.as_ref().map(|key| key.curve().name()),
                "public_key": key.public_key.as_ref().map(jwk),
                "unsafe": key.unsafe_attributes.iter().map(ToString::to_string).collect::<Vec<_>>(),
            })
        };
        return output.answer_json(&json!({ "keys": keys.iter().map(describe).collect::<Vec<_>>() }));
    }
    let lang = output.lang;
    let header = [text::key_label(lang), text::key_curve(lang), text::key_safety(lang), text::key_reference(lang)];
    let rows: Vec<_> = keys
        .iter()
        .map(|key| {
            let unsafe_attributes: Vec<_> = key.unsafe_attributes.iter().map(ToString::to_string).collect();
            let safety = match unsafe_attributes.as_slice() {
                [] => (text::key_is_safe(lang), Tone::Good),
                several => (several.join(", "), Tone::Bad),
            };
            vec![
                (key.label.clone(), Tone::Plain),
                (curve(key).to_owned(), Tone::Plain),
                safety,
                (reference(key), Tone::Faint),
            ]
        })
        .collect();
    output.answer(&table(&output, &header, &rows))
}

fn jwk(key: &PublicKey) -> Value {
    serde_json::from_str(&key.to_jwk()).unwrap_or_default()
}
