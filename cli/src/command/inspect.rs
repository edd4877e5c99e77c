//! `tegata inspect`.

mod annotate;
mod certificate;
mod list;
mod request;

use serde_json::{Value as Json, json};
use tegata_mdoc::engagement::uri::{parse_device_engagement, parse_reader_engagement};
use tegata_mdoc::kind::Kind;
use tegata_pki::{AgreementKey, PublicKey};
use tegata_terminal::{Output, clean, facts};

use crate::answer::Answer;
use crate::args::inspect::Inspect;
use crate::failure::{Expected, Failure};
use crate::input::Input;
use crate::load::{malformed, public_key_of_input};
use crate::message::show as text;
use crate::recognise::{FileKind, recognise};
use crate::transcript::Transcript;

/// What is shown: text for people, a structure for programs.
struct View {
    page: String,
    json: Json,
}

pub(super) fn run(args: &Inspect, output: Output) -> Result<(), Failure> {
    let input = Input::read(&args.input)?;
    let kind = recognise(&input);
    let view = view(&input, kind, &output)?;
    if output.json {
        return output.answer_json(&json!({ "kind": kind.id(), "content": view.json }));
    }
    let title = output.style.title(&kind.name(output.lang));
    output.answer(&format!("{title}\n{}", view.page))?;
    output.note(&output.error_style.faint(&text::inspect_not_verified(output.lang)));
    Ok(())
}

fn view(input: &Input, kind: FileKind, output: &Output) -> Result<View, Failure> {
    match kind {
        FileKind::Cbor(Kind::Unknown)
        | FileKind::OtherText
        | FileKind::OtherPem
        | FileKind::OtherDer
        | FileKind::OverlongDer
        | FileKind::WebPage
        | FileKind::Hex
        | FileKind::Base64
        | FileKind::OtherJson => Err(Failure::WrongKind {
            file: input.path.clone(),
            expected: Expected::Inspectable,
            found: kind.name(output.lang),
        }),
        FileKind::Cbor(kind @ (Kind::StatusListToken | Kind::IdentifierListToken | Kind::DeviceKeyListToken)) => {
            let mut view = list::view(input, output)?;
            let structure = annotate::view(input, &input.bytes, kind, output)?;
            view.page.push_str(&structure.page);
            Ok(view)
        }
        FileKind::Cbor(kind) => annotate::view(input, &input.bytes, kind, output),
        FileKind::Certificate => certificate::view(input, output),
        FileKind::Crl => list::crl_view(input, output),
        FileKind::CertificationRequest => request::view(input, output),
        FileKind::StatusListJwt => list::view(input, output),
        FileKind::Jwt => Ok(jwt(input)),
        FileKind::EngagementUri => engagement(input, output),
        FileKind::TransportInputs => {
            let transcript = Transcript::load_input(input, output.lang)?;
            annotate::view(input, transcript.bytes(), Kind::SessionTranscript, output)
        }
        FileKind::PublicKey => public_key_of_input(input, output.lang).map(|key| key_view(&key, output)),
        FileKind::Jwk => jwk(input, output),
        FileKind::PrivateKey => Ok(View {
            page: format!("  {}\n", text::private_key_hidden(output.lang)),
            json: json!({ "private": true }),
        }),
    }
}

fn engagement(input: &Input, output: &Output) -> Result<View, Failure> {
    let uri = input.text().unwrap_or_default().trim();
    let parsed = parse_device_engagement(uri).or_else(|_| parse_reader_engagement(uri));
    let (bytes, _) = parsed.map_err(|error| malformed(input, Expected::Inspectable, error.id(), &error))?;
    let kind = tegata_mdoc::kind::recognise(&bytes);
    annotate::view(input, &bytes, kind, output)
}

fn jwt(input: &Input) -> View {
    let segments = input.text().unwrap_or_default().trim().split('.').take(2);
    let parts: Vec<_> = segments.filter_map(crate::recognise::decode_json).collect();
    let page = parts.iter().map(|part| format!("{}\n", clean(&format!("{part:#}")))).collect();
    View { page, json: parts.into() }
}

/// A public JWK, or the public half of a private one: the private member is never shown.
fn jwk(input: &Input, output: &Output) -> Result<View, Failure> {
    let json = input.text().unwrap_or_default();
    let failed = |error: tegata_pki::KeyError| malformed(input, Expected::PublicKey, error.id(), &error);
    match PublicKey::from_jwk(json) {
        Ok(key) => Ok(key_view(&key, output)),
        Err(tegata_pki::KeyError::PrivateMember(_)) => {
            let key = AgreementKey::from_jwk(json).map_err(failed)?;
            let mut view = key_view(key.public_key(), output);
            view.page.push_str(&format!("  {}\n", text::private_key_hidden(output.lang)));
            Ok(view)
        }
        Err(error) => Err(failed(error)),
    }
}

fn key_view(key: &PublicKey, output: &Output) -> View {
    use base64::Engine as _;
    let thumbprint = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(key.jwk_thumbprint());
    let rows = [
        (text::key_curve(output.lang), key.curve().name().to_owned()),
        ("x".to_owned(), hex::encode(key.x())),
        ("y".to_owned(), key.y().map(hex::encode).unwrap_or_default()),
        (text::key_thumbprint(output.lang), thumbprint.clone()),
    ];
    let jwk: Json = serde_json::from_str(&key.to_jwk()).unwrap_or_default();
    View { page: facts(output, &rows), json: json!({ "jwk": jwk, "thumbprint": thumbprint }) }
}
