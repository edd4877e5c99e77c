//! `tegata sandbox`.

use std::sync::Arc;

use serde_json::json;
use tegata_hsm::Signer;
use tegata_issuer::sandbox::{SandboxAuthority, SandboxError, create_crl};
use tegata_pki::{Certificate, Contact, CrlNumber, Edition, PublicKey, rust_crypto};
use tegata_terminal::{Lang, Output};
use tegata_trust_list::token::{BuildError, TokenSigner};
use tegata_trust_list::{Bits, Compression, StatusArray, StatusList, StatusListBuilder, StatusValue};
use time::{Duration, UtcDateTime};

use crate::answer::Answer;
use crate::args::Out;
use crate::args::sandbox::{Certified, Root, Sandbox, Subject, What};
use crate::args::token::PinArgs;
use crate::failure::{ArgumentFault, Failure};
use crate::file;
use crate::key::KeyRing;
use crate::load::{certificate, certificates};
use crate::message::show as text;

use super::{system_rng, time_or_now};

/// The most places of a status list: what a verifier inflates by default.
const MOST_PLACES: u64 = 1 << 27;

pub(super) fn run(args: &Sandbox, output: Output) -> Result<(), Failure> {
    match &args.what {
        What::Root { key, subject, valid_days, at, pin, out } => {
            file::check(out)?;
            let signer = KeyRing::new(pin, output).new_signer("--key", key)?;
            let period = period(time_or_now(*at), *valid_days);
            let made = authority(subject).create_root(&*signer, period, &mut system_rng()).map_err(refused)?;
            write_certificate(&made, out, output)
        }
        What::Ds { key, certified } => certify(key, certified, output, |authority, root, key, period| {
            authority.create_document_signer(root, key, period, &mut system_rng())
        }),
        What::StatusSigner { key, certified } => certify(key, certified, output, |authority, root, key, period| {
            authority.create_status_signer(root, key, period, &mut system_rng())
        }),
        What::Crl { root, number, revoke, valid_days, at, pin, out } => {
            file::check(out)?;
            let mut revoked = Vec::new();
            for path in revoke {
                revoked.extend(certificates(path, output.lang)?);
            }
            let (root, signer) = open_root(root, &KeyRing::new(pin, output), output.lang)?;
            let crl = crl((&root, &*signer), *number, period(time_or_now(*at), *valid_days), &revoked)?;
            file::write(out, &crl)?;
            told(output, out, &text::made_crl(output.lang, out.out.display(), number, revoked.len()))
        }
        What::Status { uri, key, cert, revoke, size, valid_days, at, pin, out } => {
            file::check(out)?;
            let places = usize::try_from(*size).ok().filter(|_| *size <= MOST_PLACES).ok_or_else(|| {
                Failure::Argument { argument: "--size", value: size.to_string(), reason: ArgumentFault::TooLarge }
            })?;
            let list = StatusPlan { uri, places, revoked: revoke, period: period(time_or_now(*at), *valid_days) };
            let made = status_list(&list, cert, key, pin, output)?;
            file::write(out, &made)?;
            told(output, out, &text::made_status_list(output.lang, out.out.display(), uri, revoke.len()))
        }
    }
}

/// Makes a certificate for a key under the root.
fn certify(
    key: &str,
    args: &Certified,
    output: Output,
    create: impl FnOnce(
        &SandboxAuthority,
        (&Certificate, &dyn Signer),
        &PublicKey,
        (UtcDateTime, UtcDateTime),
    ) -> Result<Certificate, SandboxError>,
) -> Result<(), Failure> {
    let Certified { root, valid_days, subject, at, pin, out } = args;
    file::check(out)?;
    let ring = KeyRing::new(pin, output);
    let (root, root_signer) = open_root(root, &ring, output.lang)?;
    let key = ring.new_signer("--key", key)?;
    let period = period(time_or_now(*at), *valid_days);
    let made = create(&authority(subject), (&root, &*root_signer), key.public_key(), period).map_err(refused)?;
    write_certificate(&made, out, output)
}

/// From a moment on, for a number of days.
pub(super) fn period(from: UtcDateTime, days: u32) -> (UtcDateTime, UtcDateTime) {
    let from = from.truncate_to_second();
    (from, from.saturating_add(Duration::days(days.into())))
}

/// A sandbox authority.
pub(super) fn authority(subject: &Subject) -> SandboxAuthority {
    SandboxAuthority {
        country: subject.country.clone(),
        state: subject.state.clone(),
        crl_uri: subject.crl_uri.clone(),
        contact: Contact::Uri("https://sandbox.example".to_owned()),
        edition: if subject.country == "JP" { Edition::Jp004 } else { Edition::Iso18013_5 },
    }
}

/// The DER of a CRL in which `revoked` stand.
pub(super) fn crl(
    root: (&Certificate, &dyn Signer),
    number: u64,
    period: (UtcDateTime, UtcDateTime),
    revoked: &[Certificate],
) -> Result<Vec<u8>, Failure> {
    let value = CrlNumber::from_be_bytes(&number.to_be_bytes()).ok_or_else(|| Failure::Argument {
        argument: "--number",
        value: number.to_string(),
        reason: ArgumentFault::TooLarge,
    })?;
    let serials: Vec<_> = revoked.iter().map(Certificate::serial).collect();
    Ok(create_crl(root, value, period, &serials).map_err(refused)?.der().to_vec())
}

/// What a status list shall say.
#[derive(Debug, Clone, Copy)]
pub(super) struct StatusPlan<'s> {
    pub(super) uri: &'s str,
    pub(super) places: usize,
    pub(super) revoked: &'s [u64],
    pub(super) period: (UtcDateTime, UtcDateTime),
}

impl StatusPlan<'_> {
    /// The signed token (CWT), one bit for each place.
    pub(super) fn sign(&self, certificate: &Certificate, signer: &dyn Signer) -> Result<Vec<u8>, Failure> {
        let mut array = StatusArray::new(Bits::One, self.places);
        for index in self.revoked {
            array.set(*index, StatusValue::Invalid).map_err(|error| Failure::Refused {
                subject: None,
                id: error.id(),
                detail: error.to_string(),
                remedy: None,
            })?;
        }
        let list = StatusList::compress(&array, Compression::Small);
        let chain = TokenSigner::Chain(vec![certificate.clone()]);
        let (issued, expires) = self.period;
        let prepared =
            StatusListBuilder::new(self.uri, list, issued, expires, chain).prepare_cwt().map_err(unbuildable)?;
        let signature = signer.sign(prepared.to_be_signed())?;
        prepared.complete(&signature, rust_crypto()).map_err(unbuildable)
    }
}

fn status_list(
    plan: &StatusPlan<'_>,
    cert: &std::path::Path,
    key: &str,
    pin: &PinArgs,
    output: Output,
) -> Result<Vec<u8>, Failure> {
    let certificate = certificate(cert, output.lang)?;
    let expected = certificate.public_key().map_err(|error| Failure::Refused {
        subject: Some(cert.to_owned()),
        id: error.id(),
        detail: error.to_string(),
        remedy: None,
    })?;
    let signer = KeyRing::new(pin, output).signer("--key", key, expected)?;
    plan.sign(&certificate, &*signer)
}

fn open_root(root: &Root, ring: &KeyRing<'_>, lang: Lang) -> Result<(Certificate, Arc<dyn Signer>), Failure> {
    let certificate = certificate(&root.root_cert, lang)?;
    let expected = certificate.public_key().map_err(|error| Failure::Refused {
        subject: Some(root.root_cert.clone()),
        id: error.id(),
        detail: error.to_string(),
        remedy: None,
    })?;
    let signer = ring.signer("--root-key", &root.root_key, expected)?;
    Ok((certificate, signer))
}

fn write_certificate(certificate: &Certificate, out: &Out, output: Output) -> Result<(), Failure> {
    file::write(out, certificate.to_pem().as_bytes())?;
    told(output, out, &text::made_certificate(output.lang, out.out.display(), certificate.subject()))
}

fn told(output: Output, out: &Out, line: &str) -> Result<(), Failure> {
    if output.json {
        return output.answer_json(&json!({ "written": out.out.display().to_string() }));
    }
    output.answer(&format!("{line}\n"))
}

/// A failure of the sandbox authority.
pub(super) fn refused(error: SandboxError) -> Failure {
    match error {
        SandboxError::Signer(error) => Failure::Signer(error),
        other => Failure::Refused { subject: None, id: other.id(), detail: other.to_string(), remedy: None },
    }
}

fn unbuildable(error: BuildError) -> Failure {
    Failure::Refused { subject: None, id: error.id(), detail: error.to_string(), remedy: None }
}
