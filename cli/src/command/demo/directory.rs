//! The directory of a demo: what lies in it, and that nothing foreign is touched.

use std::path::{Path, PathBuf};

use tegata_terminal::{Lang, OutputFault};

use crate::failure::Failure;
use crate::file;
use crate::message::demo as text;

/// The file by which a later run knows that the directory is one of its own.
const MARKER: &str = ".tegata-demo";
const MARKER_TEXT: &str = "Made by `tegata demo`. Everything here is a sample: no real person, key or authority.\n";
/// The store of the embedded token.
const TOKEN: &str = "token";
/// The folder of the offline root.
const ROOT: &str = "root";
/// The directory of the Digital Trust Service.
const DTS: &str = "dts";
/// The trust store of a relying party.
const STORE: &str = "gate.store";

/// The files that a demo leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Artefact {
    OnlineKey,
    RequestBundle,
    ResponseBundle,
    ResponseSigner,
    CeremonyRecord,
    RevocationRequest,
    RevocationResponse,
    RevocationRecord,
    Root,
    DocumentSigner,
    StatusSigner,
    Claims,
    DeviceKey,
    Issued,
    Ledger,
    StatusListBefore,
    StatusListAfter,
    Crl,
    CrlAfter,
    Engagement,
    Transcript,
    OtherTranscript,
    Response,
    Tampered,
    ReportAccepted,
    ReportRevoked,
    ReportTampered,
    ReportOtherSession,
    ReportSignerRevoked,
}

impl Artefact {
    pub(super) const ALL: [Self; 29] = [
        Self::OnlineKey,
        Self::RequestBundle,
        Self::ResponseBundle,
        Self::ResponseSigner,
        Self::CeremonyRecord,
        Self::RevocationRequest,
        Self::RevocationResponse,
        Self::RevocationRecord,
        Self::Root,
        Self::DocumentSigner,
        Self::StatusSigner,
        Self::Claims,
        Self::DeviceKey,
        Self::Issued,
        Self::Ledger,
        Self::StatusListBefore,
        Self::StatusListAfter,
        Self::Crl,
        Self::CrlAfter,
        Self::Engagement,
        Self::Transcript,
        Self::OtherTranscript,
        Self::Response,
        Self::Tampered,
        Self::ReportAccepted,
        Self::ReportRevoked,
        Self::ReportTampered,
        Self::ReportOtherSession,
        Self::ReportSignerRevoked,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::OnlineKey => "online.pem",
            Self::RequestBundle => "request.bundle",
            Self::ResponseBundle => "response.bundle",
            Self::ResponseSigner => "response-signer.pem",
            Self::CeremonyRecord => "ceremony-first.jsonl",
            Self::RevocationRequest => "request-revoke.bundle",
            Self::RevocationResponse => "response-revoke.bundle",
            Self::RevocationRecord => "ceremony-revoke.jsonl",
            Self::Root => "iaca.pem",
            Self::DocumentSigner => "ds.pem",
            Self::StatusSigner => "status-signer.pem",
            Self::Claims => "claims.json",
            Self::DeviceKey => "device-key.jwk",
            Self::Issued => "issued.cbor",
            Self::Ledger => "ledger.jsonl",
            Self::StatusListBefore => "status-list-before.cwt",
            Self::StatusListAfter => "status-list-after.cwt",
            Self::Crl => "crl.der",
            Self::CrlAfter => "crl-after.der",
            Self::Engagement => "engagement.txt",
            Self::Transcript => "transcript.cbor",
            Self::OtherTranscript => "transcript-other.cbor",
            Self::Response => "response.cbor",
            Self::Tampered => "response-tampered.cbor",
            Self::ReportAccepted => "report-accepted.json",
            Self::ReportRevoked => "report-revoked.json",
            Self::ReportTampered => "report-tampered.json",
            Self::ReportOtherSession => "report-other-session.json",
            Self::ReportSignerRevoked => "report-ds-revoked.json",
        }
    }

    pub(super) fn describe(self, lang: Lang) -> String {
        match self {
            Self::OnlineKey => text::file_online_key(lang),
            Self::RequestBundle => text::file_request(lang),
            Self::ResponseBundle => text::file_answer(lang),
            Self::ResponseSigner => text::file_answer_key(lang),
            Self::CeremonyRecord => text::file_record(lang),
            Self::RevocationRequest => text::file_revoke_request(lang),
            Self::RevocationResponse => text::file_revoke_answer(lang),
            Self::RevocationRecord => text::file_revoke_record(lang),
            Self::Root => text::file_root(lang),
            Self::DocumentSigner => text::file_document_signer(lang),
            Self::StatusSigner => text::file_status_signer(lang),
            Self::Claims => text::file_claims(lang),
            Self::DeviceKey => text::file_device_key(lang),
            Self::Issued => text::file_issued(lang),
            Self::Ledger => text::file_ledger(lang),
            Self::StatusListBefore => text::file_status_before(lang),
            Self::StatusListAfter => text::file_status_after(lang),
            Self::Crl => text::file_crl(lang),
            Self::CrlAfter => text::file_crl_after(lang),
            Self::Engagement => text::file_engagement(lang),
            Self::Transcript => text::file_transcript(lang),
            Self::OtherTranscript => text::file_other_transcript(lang),
            Self::Response => text::file_response(lang),
            Self::Tampered => text::file_tampered(lang),
            Self::ReportAccepted => text::file_report(lang, text::trial_accepted(lang)),
            Self::ReportRevoked => text::file_report(lang, text::trial_revoked(lang)),
            Self::ReportTampered => text::file_report(lang, text::trial_tampered(lang)),
            Self::ReportOtherSession => text::file_report(lang, text::trial_other_session(lang)),
            Self::ReportSignerRevoked => text::file_report(lang, text::trial_signer_revoked(lang)),
        }
    }
}

/// A directory that belongs to the demo.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
}

impl Directory {
    /// Takes a directory over: one that is new or empty of the demo's names, or one that an earlier run has marked.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        std::fs::create_dir_all(path).map_err(|error| unwritable(path, &error))?;
        if !path.join(MARKER).exists() {
            let names = Artefact::ALL.iter().map(|artefact| artefact.name()).chain([TOKEN, ROOT, DTS, STORE]);
            if let Some(foreign) = names.map(|name| path.join(name)).find(|path| path.exists()) {
                return Err(Failure::ForeignFile { file: foreign });
            }
            file::write_new(&path.join(MARKER), MARKER_TEXT.as_bytes())?;
        }
        Ok(Self { path: path.to_owned() })
    }

    pub(super) fn path(&self, artefact: Artefact) -> PathBuf {
        self.path.join(artefact.name())
    }

    pub(super) fn token(&self) -> PathBuf {
        self.path.join(TOKEN)
    }

    /// The folder of the offline root, which lies on a medium of its own where it is real.
    pub(super) fn root(&self) -> PathBuf {
        self.path.join(ROOT)
    }

    /// The directory of the Digital Trust Service.
    pub(super) fn dts(&self) -> PathBuf {
        self.path.join(DTS)
    }

    /// The trust store of a relying party.
    pub(super) fn store(&self) -> PathBuf {
        self.path.join(STORE)
    }

    /// Makes the folder of the offline root, or empties the one that an earlier run made: a root is made once.
    pub(super) fn renew_root(&self) -> Result<(), Failure> {
        let root = self.root();
        if !root.exists() {
            return file::write_directory(&root, &[(MARKER.to_owned(), MARKER_TEXT.as_bytes().to_vec())]);
        }
        let is_ours = root.symlink_metadata().is_ok_and(|found| found.is_dir()) && root.join(MARKER).is_file();
        if !is_ours {
            return Err(Failure::ForeignFile { file: root });
        }
        for entry in std::fs::read_dir(&root).map_err(|error| unwritable(&root, &error))? {
            let entry = entry.map_err(|error| unwritable(&root, &error))?;
            if entry.file_name() == MARKER {
                continue;
            }
            let path = entry.path();
            let is_folder = entry.file_type().map_err(|error| unwritable(&path, &error))?.is_dir();
            let removed = if is_folder { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
            removed.map_err(|error| unwritable(&path, &error))?;
        }
        Ok(())
    }

    pub(super) fn write(&self, artefact: Artefact, bytes: &[u8]) -> Result<(), Failure> {
        file::replace(&self.path(artefact), bytes)
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Output { file: path.to_owned(), fault: OutputFault::Unwritable(error.kind()) }
}
