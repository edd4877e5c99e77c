//! Why a command failed: what, which file, why, what to do, and a stable id.

pub(crate) mod json;
mod root;
mod trust;

use std::fmt;
use std::path::{Path, PathBuf};

use tegata_hsm::{ErrorClass, PinError, ReferenceError, SignerError, TokenError};
use tegata_mdoc::model::ClaimProblem;
use tegata_terminal::{Lang, Output, OutputFault};

use crate::input::LIMIT;
use crate::message::failure as text;

pub(crate) use self::root::RootFault;
pub(crate) use self::trust::UpdateFault;

/// A failure of a command. The text in either language comes from [`Failure::message`] and [`Failure::remedy`].
#[derive(Debug)]
pub(crate) enum Failure {
    /// A file could not be read.
    Input { file: PathBuf, fault: InputFault },
    /// A file could not be written.
    Output { file: PathBuf, fault: OutputFault },
    /// A file was read but is another thing than asked for.
    WrongKind { file: PathBuf, expected: Expected, found: String },
    /// A file is of the right kind but cannot be understood.
    Malformed { file: PathBuf, expected: Expected, id: &'static str, detail: String },
    /// The claims are not those of the document type.
    Claims { file: PathBuf, doc_type: String, problems: Vec<ClaimProblem> },
    /// A value on the command line is wrong.
    Argument { argument: &'static str, value: String, reason: ArgumentFault },
    /// The document does not have the element that shall be presented.
    NoSuchElement { file: PathBuf, element: String, did_you_mean: Option<String> },
    /// No check has this id.
    NoSuchCheck { id: String, did_you_mean: Option<String> },
    /// A key on a token could not be used.
    Token(TokenError),
    /// A signature could not be made.
    Signer(SignerError),
    /// There is no PIN.
    Pin(PinError),
    /// A key reference is not one.
    Reference { argument: &'static str, error: ReferenceError },
    /// A room below refuses the request.
    Refused {
        subject: Option<PathBuf>,
        id: &'static str,
        detail: String,
        remedy: Option<std::borrow::Cow<'static, str>>,
    },
    /// The directory of a demo holds something that the demo did not make.
    ForeignFile { file: PathBuf },
    /// The executable of the offline root did not do what it was asked for.
    Root(RootFault),
    /// A trust store could not be updated.
    Update(Box<UpdateFault>),
    /// The machine failed: no randomness, no clock.
    Machine { id: &'static str, detail: String },
}

/// Why a file could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InputFault {
    NotFound,
    PermissionDenied,
    Directory,
    Empty,
    TooLarge,
    Unreadable(std::io::ErrorKind),
}

/// What is wrong with a value on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ArgumentFault {
    NotAKey,
    KeyUnusable,
    UnknownCurve,
    KeyCurve,
    CannotAgree,
    MacNeedsJwk,
    TooLarge,
}

/// What a file should have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    Document,
    IssuerSigned,
    Certificate,
    Crl,
    StatusList,
    Transcript,
    TransportInputs,
    PublicKey,
    PrivateKey,
    DeviceKeys,
    Claims,
    Csr,
    Bundle,
    Inspectable,
    TrustObject,
}

impl Failure {
    /// Tells of it on standard error.
    pub(crate) fn show(&self, output: &Output) {
        let lang = output.lang;
        output.fail(self.id(), &self.message(lang), &self.remedy(lang), &json::failure(self, lang));
    }

    /// The stable id.
    pub(crate) fn id(&self) -> &'static str {
        match self {
            Self::Input { fault, .. } => match fault {
                InputFault::NotFound => "file-not-found",
                InputFault::PermissionDenied => "file-not-permitted",
                InputFault::Directory => "file-is-directory",
                InputFault::Empty => "file-empty",
                InputFault::TooLarge => "file-too-large",
                InputFault::Unreadable(_) => "file-unreadable",
            },
            Self::Output { fault, .. } => fault.id(),
            Self::WrongKind { .. } => "wrong-file-kind",
            Self::Malformed { id, .. } | Self::Refused { id, .. } | Self::Machine { id, .. } => id,
            Self::Claims { problems, .. } => match problems.as_slice() {
                [problem] => problem.id(),
                _ => "claims-invalid",
            },
            Self::Argument { .. } => "argument-invalid",
            Self::NoSuchElement { .. } => "element-not-in-document",
            Self::NoSuchCheck { .. } => "check-unknown",
            Self::Token(error) => error.id(),
            Self::Signer(error) => error.id(),
            Self::Pin(error) => error.id(),
            Self::Reference { error, .. } => error.id(),
            Self::ForeignFile { .. } => "demo-foreign-file",
            Self::Root(fault) => fault.id(),
            Self::Update(fault) => fault.id,
        }
    }

    /// 2 for what the user can correct, 1 when a token, the offline root, a service or the machine failed.
    pub(crate) fn exit_status(&self) -> u8 {
        let internal = match self {
            Self::Token(error) => is_internal(error.class()),
            Self::Signer(error) => is_internal(error.class()),
            Self::Root(fault) => fault.is_internal(),
            Self::Machine { .. } | Self::Update(_) => true,
            _ => false,
        };
        if internal { 1 } else { 2 }
    }

    /// The file it is about.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::Input { file, .. }
            | Self::Output { file, .. }
            | Self::WrongKind { file, .. }
            | Self::Malformed { file, .. }
            | Self::Claims { file, .. }
            | Self::NoSuchElement { file, .. }
            | Self::ForeignFile { file } => Some(file),
            Self::Refused { subject, .. } => subject.as_deref(),
            Self::Root(fault) => fault.file().map(PathBuf::as_path),
            _ => None,
        }
    }

    /// What is wrong, in one sentence, for some failures followed by a list.
    pub(crate) fn message(&self, lang: Lang) -> String {
        match self {
            Self::Input { file, fault } => input_message(lang, &named(lang, file), *fault),
            Self::Output { file, fault } => {
                let file = file.display();
                match fault {
                    OutputFault::Exists | OutputFault::DirectoryExists => text::output_exists(lang, file),
                    OutputFault::Directory => text::output_is_directory(lang, file),
                    OutputFault::NoDirectory => text::output_no_directory(lang, file),
                    OutputFault::Unwritable(kind) => text::output_unwritable(lang, file, kind),
                    OutputFault::Unsettled(kind) => text::output_unsettled(lang, file, kind),
                }
            }
            Self::WrongKind { file, expected, found } => {
                text::wrong_kind(lang, named(lang, file), found, expected.name(lang))
            }
            Self::Malformed { file, expected, detail, .. } => {
                text::malformed(lang, named(lang, file), expected.name(lang), detail)
            }
            Self::Claims { file, doc_type, problems } => {
                let mut message = text::claims(lang, named(lang, file), doc_type);
                for problem in problems {
                    message.push_str(&format!("\n  - {problem} [{}]", problem.id()));
                }
                message
            }
            Self::Argument { argument, value, reason } => text::argument(lang, argument, value, reason.reason(lang)),
            Self::NoSuchElement { file, element, .. } => text::no_such_element(lang, named(lang, file), element),
            Self::NoSuchCheck { id, .. } => text::no_such_check(lang, id),
            Self::Token(error) => text::token(lang, error),
            Self::Signer(error) => text::signer(lang, error),
            Self::Pin(error) => text::pin(lang, error),
            Self::Reference { argument, error } => text::reference(lang, argument, error),
            Self::Refused { subject: Some(file), detail, .. } => text::refused_file(lang, named(lang, file), detail),
            Self::Refused { subject: None, detail, .. } => text::refused(lang, detail),
            Self::ForeignFile { file } => text::foreign_file(lang, file.display()),
            Self::Root(fault) => fault.message(lang),
            Self::Update(fault) => fault.message(lang),
            Self::Machine { detail, .. } => text::machine(lang, detail),
        }
    }

    /// What to do about it.
    pub(crate) fn remedy(&self, lang: Lang) -> String {
        match self {
            Self::Input { fault, .. } => match fault {
                InputFault::NotFound => text::remedy_not_found(lang),
                InputFault::PermissionDenied => text::remedy_permission(lang),
                InputFault::Directory => text::remedy_directory(lang),
                InputFault::Empty => text::remedy_empty(lang),
                InputFault::TooLarge => text::remedy_too_large(lang),
                InputFault::Unreadable(_) => text::remedy_unreadable(lang),
            },
            Self::Output { fault: OutputFault::Exists, .. } => text::remedy_exists(lang),
            Self::Output { fault: OutputFault::DirectoryExists, .. } => text::remedy_directory_exists(lang),
            Self::Output { fault: OutputFault::Unsettled(_), .. } => text::remedy_unsettled(lang),
            Self::Output { .. } => text::remedy_output(lang),
            Self::WrongKind { .. } => text::remedy_wrong_kind(lang),
            Self::Malformed { .. } => text::remedy_malformed(lang),
            Self::Claims { problems, .. } => match problems.iter().find_map(|problem| problem.kind.did_you_mean()) {
                Some(name) => text::remedy_did_you_mean(lang, name),
                None => text::remedy_claims(lang),
            },
            Self::Argument { .. } => text::remedy_argument(lang),
            Self::NoSuchElement { did_you_mean: Some(name), .. }
            | Self::NoSuchCheck { did_you_mean: Some(name), .. } => text::remedy_did_you_mean(lang, name),
            Self::NoSuchElement { .. } => text::remedy_no_such_element(lang),
            Self::NoSuchCheck { .. } => text::remedy_no_such_check(lang),
            Self::Token(error) => lang.pick(error.remedy(), error.remedy_ja()).to_owned(),
            Self::Signer(error) => lang.pick(error.remedy(), error.remedy_ja()).to_owned(),
            Self::Pin(_) => text::remedy_pin(lang),
            Self::Reference { .. } => text::remedy_reference(lang),
            Self::Refused { remedy: Some(remedy), .. } => remedy.clone().into_owned(),
            Self::Refused { .. } => text::remedy_refused(lang),
            Self::ForeignFile { .. } => text::remedy_foreign_file(lang),
            Self::Root(fault) => fault.remedy(lang),
            Self::Update(fault) => fault.remedy.clone(),
            Self::Machine { .. } => text::remedy_machine(lang),
        }
    }
}

fn is_internal(class: ErrorClass) -> bool {
    matches!(class, ErrorClass::Temporary | ErrorClass::Permanent | ErrorClass::BadSignature)
}

fn input_message(lang: Lang, file: &str, fault: InputFault) -> String {
    match fault {
        InputFault::NotFound => text::not_found(lang, file),
        InputFault::PermissionDenied => text::permission_denied(lang, file),
        InputFault::Directory => text::is_directory(lang, file),
        InputFault::Empty => text::is_empty(lang, file),
        InputFault::TooLarge => text::too_large(lang, file, LIMIT >> 20),
        InputFault::Unreadable(kind) => text::unreadable(lang, file, kind),
    }
}

/// The name a person knows the input by.
fn named(lang: Lang, file: &Path) -> String {
    if file == Path::new("-") { text::standard_input(lang) } else { file.display().to_string() }
}

impl ArgumentFault {
    fn reason(self, lang: Lang) -> String {
        match self {
            Self::NotAKey => text::not_a_key(lang),
            Self::KeyUnusable => text::key_unusable(lang),
            Self::UnknownCurve => text::unknown_curve(lang),
            Self::KeyCurve => text::key_curve(lang),
            Self::CannotAgree => text::cannot_agree(lang),
            Self::MacNeedsJwk => text::mac_needs_jwk(lang),
            Self::TooLarge => text::value_too_large(lang),
        }
    }
}

impl Expected {
    pub(crate) fn name(self, lang: Lang) -> String {
        match self {
            Self::Document => text::expected_document(lang),
            Self::IssuerSigned => text::expected_issuer_signed(lang),
            Self::Certificate => text::expected_certificate(lang),
            Self::Crl => text::expected_crl(lang),
            Self::StatusList => text::expected_status_list(lang),
            Self::Transcript => text::expected_transcript(lang),
            Self::TransportInputs => text::expected_transport_inputs(lang),
            Self::PublicKey => text::expected_public_key(lang),
            Self::PrivateKey => text::expected_private_key(lang),
            Self::DeviceKeys => text::expected_device_keys(lang),
            Self::Claims => text::expected_claims(lang),
            Self::Csr => text::expected_csr(lang),
            Self::Bundle => text::expected_bundle(lang),
            Self::Inspectable => text::expected_inspectable(lang),
            Self::TrustObject => text::expected_trust_object(lang),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message(Lang::En))
    }
}

impl std::error::Error for Failure {}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        Self::Token(error)
    }
}

impl From<SignerError> for Failure {
    fn from(error: SignerError) -> Self {
        Self::Signer(error)
    }
}

impl From<PinError> for Failure {
    fn from(error: PinError) -> Self {
        Self::Pin(error)
    }
}
