//! The issuing authority: its offline root in rehearsed ceremonies, its keys in a token, its documents.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use tegata_hsm::Signer;
use tegata_pki::{Certificate, PublicKey, rust_crypto};
use tegata_terminal::Lang;
use tegata_trust_list::bundle::{IssuedRole, ResponseBundle, SignerRole};
use time::UtcDateTime;

use super::super::super::demo::program::{Appointment, Ceremony, RootProgram};
use super::super::super::demo::{claims, names};
use super::super::super::own_program::{OwnProgram, with_token};
use super::super::super::sandbox_token::SandboxToken;
use super::super::super::{bundle::spoilt, instant};
use super::calendar::Sample;
use super::{Home, TOKEN_LABEL};
use crate::failure::Failure;
use crate::file;
use crate::input::Input;
use crate::load::public_key;

/// The authority.
pub(super) struct Authority<'h> {
    home: &'h Home,
    own: &'h OwnProgram,
    program: RootProgram,
    token: SandboxToken,
    lang: Lang,
    /// The roots in the order of their generations.
    roots: Vec<Certificate>,
    /// The last answer of the root.
    last: Option<PathBuf>,
}

/// A ceremony that was held: what was asked and what was answered.
pub(super) struct Held {
    pub(super) request: PathBuf,
    pub(super) response: PathBuf,
}

impl<'h> Authority<'h> {
    /// The keys of the online side; there is no root yet.
    pub(super) fn new(home: &'h Home, own: &'h OwnProgram, lang: Lang) -> Result<Self, Failure> {
        let program = RootProgram::beside_this_one()?;
        let token = SandboxToken::open(&home.token(), TOKEN_LABEL)?;
        file::replace(&home.online_key(), token.signer("request")?.public_key().to_pem().as_bytes())?;
        file::replace(&home.device_key(), token.signer("device")?.public_key().to_jwk().as_bytes())?;
        for name in super::service::KEYS {
            token.signer(name)?;
        }
        Ok(Self { home, own, program, token, lang, roots: Vec::new(), last: None })
    }

    /// The roots in the order of their generations.
    pub(super) fn roots(&self) -> &[Certificate] {
        &self.roots
    }

    /// Holds a ceremony. `signer` is the name of a new Document Signer key that it certifies.
    pub(super) fn hold(
        &mut self,
        ceremony: Ceremony,
        appointment: Appointment,
        signer: Option<&str>,
    ) -> Result<Held, Failure> {
        let name = format!("{}-{}", ceremony.id(), appointment.at.date());
        let request = self.home.exchange(&format!("{name}.request"));
        let key = signer.map(|signer| self.token.signer(signer)).transpose()?;
        self.ask(&request, signer, appointment.at)?;
        let (root, online) = (self.home.root(), self.home.online_key());
        let rehearsed = self.program.rehearse(ceremony, &root, &request, &online, Some(appointment), self.lang)?;
        let response = self.home.exchange(&format!("{name}.response"));
        file::write_new(&response, &Input::read(&rehearsed.response)?.bytes)?;
        self.take(&response, signer.zip(key.as_deref()))?;
        self.last = Some(response.clone());
        Ok(Held { request, response })
    }

    /// `tegata token csr` and `tegata bundle request`.
    fn ask(&self, request: &Path, signer: Option<&str>, at: UtcDateTime) -> Result<(), Failure> {
        let mut command = self.own.command(&["bundle", "request"]);
        if let Some(signer) = signer {
            let csr = self.home.exchange(&format!("{signer}.csr"));
            let mut asks = self.own.command(&["token", "csr", "--key", &key_reference(signer)]);
            asks.args(["--country", names::COUNTRY, "--organization", names::ORGANIZATION]);
            asks.args(["--common-name", names::DOCUMENT_SIGNER, "--out"]).arg(&csr);
            self.own.run(with_token(asks, &self.home.token()))?;
            command.arg("--csr").arg(format!("document-signer={}", csr.display()));
        }
        match &self.last {
            None => command.args(["--sequence", "1"]),
            Some(last) => {
                command.arg("--previous-response").arg(last).arg("--response-signer").arg(self.home.response_key())
            }
        };
        command.args(["--ops-manager", names::OPS_MANAGER, "--key-manager", names::KEY_MANAGER]);
        command.args(["--key", &key_reference("request"), "--at", &instant(at), "--out"]).arg(request);
        self.own.run(with_token(command, &self.home.token())).map(|_| ())
    }

    /// Keeps what the root has certified: a new root, and the signer.
    fn take(&mut self, response: &Path, signer: Option<(&str, &dyn Signer)>) -> Result<(), Failure> {
        let root = public_key(&self.home.response_key(), self.lang)?;
        let bundle = ResponseBundle::open(&Input::read(response)?.bytes, &root, rust_crypto());
        let bundle = bundle.map_err(|error| spoilt(response, &error, self.lang))?;
        let issued = |role: IssuedRole| {
            let of_role = bundle.contents().certificates.iter().filter(move |issued| issued.role == role);
            of_role.filter_map(|issued| Certificate::from_der(&issued.der).ok())
        };
        for root in issued(IssuedRole::Root) {
            self.roots.push(root.clone());
            file::write_new(&self.home.root_certificate(self.roots.len()), root.to_pem().as_bytes())?;
        }
        let Some((name, key)) = signer else { return Ok(()) };
        let is_of = |certificate: &Certificate, key: &PublicKey| certificate.public_key() == Ok(key);
        let mut certified = issued(SignerRole::DocumentSigner.into());
        let certificate = certified.find(|certificate| is_of(certificate, key.public_key()));
        let certificate = certificate.ok_or_else(|| Failure::Machine {
            id: "response-incomplete",
            detail: format!("{}: {name}", response.display()),
        })?;
        file::write_new(&self.home.signer_certificate(name), certificate.to_pem().as_bytes())
    }

    /// `tegata issue`: a document under the newest root, by the signer of that name.
    pub(super) fn issue(&self, sample: Sample, signer: &str, days: u32, at: UtcDateTime) -> Result<(), Failure> {
        let claims = self.home.claims();
        file::replace(&claims, claims::sample(at)?.as_bytes())?;
        let chain = match sample {
            Sample::Old => self.home.root_certificate(1),
            Sample::New => self.home.root_certificate(2),
        };
        let mut command = self.own.command(&["issue", "--doctype", claims::DOC_TYPE, "--claims"]);
        command.arg(claims).args(["--ds", &key_reference(signer), "--cert"]).arg(self.home.signer_certificate(signer));
        command.arg("--chain").arg(chain).arg("--device-key").arg(self.home.device_key());
        command.args(["--valid-days", &days.to_string(), "--at", &instant(at), "--force", "--out"]);
        command.arg(self.home.document(sample));
        let told: Json = self.own.run(with_token(command, &self.home.token()))?;
        // A document that its signer would not cover to its end would make the table say something else than it means.
        match told.get("cut_by_certificates").and_then(Json::as_bool) {
            Some(false) => Ok(()),
            _ => Err(Failure::Machine { id: "document-cut-short", detail: told.to_string() }),
        }
    }
}

/// A key of the token.
pub(super) fn key_reference(name: &str) -> String {
    format!("pkcs11:token={TOKEN_LABEL};object={name}?module-name=tegata-embedded")
}
