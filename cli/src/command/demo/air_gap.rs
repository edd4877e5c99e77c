//! The air gap between the online side and the offline root: requests go one way, answers come back, and each names the
//! one before.

use std::path::Path;
use std::sync::Arc;

use rand_core::Rng as _;
use tegata_hsm::Signer;
use tegata_pki::{PublicKey, rust_crypto};
use tegata_terminal::Lang;
use tegata_trust_list::bundle::{
    Applicant, ApplicantRole, RequestBundle, RequestItem, ResponseBundle, Verified, bundle_digest,
};
use time::{Duration, UtcDateTime};

use super::super::bundle::{out_of_sequence, sign_request, spoilt};
use super::super::system_rng;
use super::directory::{Artefact, Directory};
use super::names;
use super::program::{Ceremony, Rehearsed, RootProgram};
use crate::failure::Failure;
use crate::input::Input;
use crate::load::public_key;

/// The online side of it.
pub(super) struct AirGap<'d> {
    directory: &'d Directory,
    program: &'d RootProgram,
    key: Arc<dyn Signer>,
    lang: Lang,
    last: Option<Last>,
}

/// What the online side remembers of the last answer.
struct Last {
    /// The key that signed it, and signs the next.
    signer: PublicKey,
    response: Verified<ResponseBundle>,
}

/// An answer, and the ceremony in which it was made.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) response: ResponseBundle,
    pub(super) rehearsed: Rehearsed,
    /// Records of the ceremony.
    pub(super) records: usize,
}

impl<'d> AirGap<'d> {
    /// An online side that has asked for nothing yet. `key` signs its requests.
    pub(super) fn new(
        directory: &'d Directory,
        program: &'d RootProgram,
        key: Arc<dyn Signer>,
        lang: Lang,
    ) -> Result<Self, Failure> {
        directory.write(Artefact::OnlineKey, key.public_key().to_pem().as_bytes())?;
        Ok(Self { directory, program, key, lang, last: None })
    }

    /// Asks the root in a ceremony, and takes the answer if it is signed by the root's key for answers, whole, and answers
    /// this very request.
    pub(super) fn ask(&mut self, ceremony: Ceremony, files: Files, items: Vec<RequestItem>) -> Result<Answer, Failure> {
        let (directory, lang) = (self.directory, self.lang);
        self.let_the_second_pass();
        let request = self.request(items);
        let bytes = sign_request(&request, &*self.key, lang)?;
        directory.write(files.request, &bytes)?;

        let (online, carried) = (directory.path(Artefact::OnlineKey), directory.path(files.request));
        let rehearsed = self.program.rehearse(ceremony, &directory.root(), &carried, &online, None, lang)?;
        let record = Input::read(&rehearsed.record)?.bytes;
        directory.write(files.record, &record)?;
        directory.write(files.response, &Input::read(&rehearsed.response)?.bytes)?;

        let signer = self.response_signer()?;
        let response = open(&directory.path(files.response), &signer, (&request, &bytes), lang)?;
        let answer = Answer {
            response: response.contents().clone(),
            rehearsed,
            records: record.iter().filter(|byte| **byte == b'\n').count(),
        };
        self.last = Some(Last { signer, response });
        Ok(answer)
    }

    /// Certificates, lists and records carry whole seconds: what two ceremonies signed within one could not be told apart.
    fn let_the_second_pass(&self) {
        let Some(last) = &self.last else { return };
        let next = last.response.contents().created.saturating_add(Duration::SECOND);
        // A clock that went back is not waited for.
        let wait = (next - UtcDateTime::now()).min(Duration::SECOND);
        std::thread::sleep(wait.try_into().unwrap_or_default());
    }

    fn request(&self, items: Vec<RequestItem>) -> RequestBundle {
        let last = self.last.as_ref().map(|last| &last.response);
        let mut nonce = [0; 32];
        system_rng().fill_bytes(&mut nonce);
        let applicant = |person: &str, role| Applicant { person: person.to_owned(), role };
        RequestBundle {
            sequence: last.map_or(1, |last| last.contents().next_sequence),
            nonce,
            created: UtcDateTime::now().truncate_to_second(),
            previous_response: last.map(Verified::digest),
            last_checkpoint: last.map(|last| last.contents().checkpoint.clone()),
            applicants: vec![
                applicant(names::OPS_MANAGER, ApplicantRole::OpsManager),
                applicant(names::KEY_MANAGER, ApplicantRole::KeyManager),
            ],
            items,
        }
    }

    /// The key that signs answers. It is made in the first ceremony and brought over once; from then on it is pinned.
    fn response_signer(&self) -> Result<PublicKey, Failure> {
        if let Some(last) = &self.last {
            return Ok(last.signer.clone());
        }
        let key = public_key(&self.directory.root().join("response.pem"), self.lang)?;
        self.directory.write(Artefact::ResponseSigner, key.to_pem().as_bytes())?;
        Ok(key)
    }
}

/// Reads an answer to the request.
fn open(
    file: &Path,
    signer: &PublicKey,
    (request, sent): (&RequestBundle, &[u8]),
    lang: Lang,
) -> Result<Verified<ResponseBundle>, Failure> {
    let response = ResponseBundle::open(&Input::read(file)?.bytes, signer, rust_crypto());
    let response = response.map_err(|error| spoilt(file, &error, lang))?;
    let answers = response.check_answers(request.sequence, &bundle_digest(sent));
    answers.map_err(|error| out_of_sequence(file, &error, lang))?;
    Ok(response)
}

/// What a ceremony leaves in the directory of the demo.
pub(super) struct Files {
    request: Artefact,
    response: Artefact,
    record: Artefact,
}

impl Files {
    /// Those of the first ceremony.
    pub(super) const FIRST: Self =
        Self { request: Artefact::RequestBundle, response: Artefact::ResponseBundle, record: Artefact::CeremonyRecord };
    /// Those of the ceremony that revokes.
    pub(super) const REVOCATION: Self = Self {
        request: Artefact::RevocationRequest,
        response: Artefact::RevocationResponse,
        record: Artefact::RevocationRecord,
    };
}
