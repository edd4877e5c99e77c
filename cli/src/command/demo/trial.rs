//! The five verifications of the demo and what must come out of them.

use serde_json::{Value as Json, json};
use tegata_pki::aws_lc_rs;
use tegata_sync::Store;
use tegata_terminal::{Lang, Tone};
use tegata_verifier::{Binding, Check, Overall, Policy, Verifier, json as report_json};
use time::UtcDateTime;

use super::directory::{Artefact, Directory};
use crate::failure::Failure;
use crate::message::of_checks;
use crate::message::{demo as text, show};

/// What a verification shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expectation {
    Accepted,
    DocumentRevoked,
    Tampered,
    OtherSession,
    SignerRevoked,
}

impl Expectation {
    fn outcome(self) -> (Overall, Option<Check>) {
        match self {
            Self::Accepted => (Overall::Accepted, None),
            Self::DocumentRevoked => (Overall::Rejected, Some(Check::MsoRevocation)),
            Self::Tampered => (Overall::Rejected, Some(Check::ElementDigests)),
            Self::OtherSession => (Overall::Rejected, Some(Check::DeviceAuth)),
            Self::SignerRevoked => (Overall::Rejected, Some(Check::DsRevocation)),
        }
    }

    fn title(self, lang: Lang) -> String {
        match self {
            Self::Accepted => text::trial_accepted(lang),
            Self::DocumentRevoked => text::trial_revoked(lang),
            Self::Tampered => text::trial_tampered(lang),
            Self::OtherSession => text::trial_other_session(lang),
            Self::SignerRevoked => text::trial_signer_revoked(lang),
        }
    }
}

/// A verification that is about to be made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan<'p> {
    expectation: Expectation,
    response: &'p [u8],
    transcript: &'p [u8],
    report: Artefact,
}

/// A verification that was made.
#[derive(Debug)]
pub(super) struct Trial {
    expectation: Expectation,
    overall: Overall,
    primary: Option<Check>,
    cause: [String; 2],
}

impl Trial {
    pub(super) fn plan<'p>(
        expectation: Expectation,
        response: &'p [u8],
        transcript: &'p [u8],
        report: Artefact,
    ) -> Plan<'p> {
        Plan { expectation, response, transcript, report }
    }

    pub(super) fn is_as_expected(&self) -> bool {
        (self.overall, self.primary) == self.expectation.outcome()
    }

    pub(super) fn title(&self, lang: Lang) -> String {
        self.expectation.title(lang)
    }

    pub(super) fn verdict(&self, lang: Lang) -> String {
        match self.overall {
            Overall::Accepted => show::accepted(lang),
            Overall::Rejected => show::rejected(lang),
            Overall::Undetermined => show::undetermined(lang),
        }
    }

    pub(super) fn tone(&self) -> Tone {
        match self.overall {
            Overall::Accepted => Tone::Good,
            Overall::Rejected => Tone::Bad,
            Overall::Undetermined => Tone::Doubtful,
        }
    }

    pub(super) fn reason(&self, lang: Lang) -> String {
        let [english, japanese] = &self.cause;
        let cause = lang.pick(english, japanese);
        self.primary.map(|check| format!("{}: {cause}", check.id())).unwrap_or_default()
    }

    pub(super) fn json(&self) -> Json {
        let (overall, primary) = self.expectation.outcome();
        json!({
            "trial": self.title(Lang::En),
            "verdict": self.overall.id(),
            "primary": self.primary.map(Check::id),
            "expected": { "verdict": overall.id(), "primary": primary.map(Check::id) },
            "as_expected": self.is_as_expected(),
        })
    }
}

impl Plan<'_> {
    pub(super) fn title(&self, lang: Lang) -> String {
        self.expectation.title(lang)
    }

    /// Verifies under the policy `strict`, with the anchors and the evidence of the store alone, and leaves the report in the directory.
    pub(super) fn run(&self, store: &Store, directory: &Directory, lang: Lang) -> Result<Trial, Failure> {
        let at = UtcDateTime::now();
        let failed = |id, detail: String| Failure::Refused { subject: None, id, detail, remedy: None };
        let trust = store.trust(at).map_err(|error| failed(error.id(), error.to_string()))?;
        let evidence = store.evidence(at);
        let session = tegata_verifier::Session::new(self.transcript);
        let session = session.map_err(|error| failed(error.id(), error.to_string()))?;
        let verifier = Verifier::new(trust, Policy::strict()).with_provider(aws_lc_rs());
        let report = verifier.verify(self.response, &Binding::session(session), &evidence, at);
        let report = report.map_err(|error| failed(error.id(), error.to_string()))?;
        directory.write(self.report, report_json::report_text(&report, of_checks(lang)).as_bytes())?;

        let primary = report.documents().first().and_then(|document| document.primary());
        let cause = |lang: Lang| {
            primary.and_then(|result| result.cause()).map(|cause| cause.text(of_checks(lang))).unwrap_or_default()
        };
        Ok(Trial {
            expectation: self.expectation,
            overall: report.overall(),
            primary: primary.map(|result| result.check),
            cause: [cause(Lang::En), cause(Lang::Ja)],
        })
    }
}
