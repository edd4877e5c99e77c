//! The report and the verdict.

use tegata_mdoc::issuer_signed::ElementValue;
use tegata_trust_list::EvidenceAge;
use time::UtcDateTime;

use crate::cause::Cause;
use crate::check::{Check, Severity};
use crate::policy::{Policy, Revocation};

/// Everything that was found out about one input: per document every check, run or not, and a verdict.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    pub(crate) at: UtcDateTime,
    pub(crate) policy: Policy,
    pub(crate) trust_generation: u64,
    pub(crate) checks: Vec<CheckResult<'a>>,
    pub(crate) documents: Vec<DocumentReport<'a>>,
}

impl<'a> Report<'a> {
    /// The time the verdict holds for.
    #[must_use]
    pub fn at(&self) -> UtcDateTime {
        self.at
    }

    /// The policy judged by.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Generation number of the trust store used.
    #[must_use]
    pub fn trust_generation(&self) -> u64 {
        self.trust_generation
    }

    /// The checks of the response as a whole. A failure here is part of every document's verdict.
    #[must_use]
    pub fn checks(&self) -> &[CheckResult<'a>] {
        &self.checks
    }

    /// The documents, in the order received.
    #[must_use]
    pub fn documents(&self) -> &[DocumentReport<'a>] {
        &self.documents
    }

    /// The first document of `doc_type`.
    #[must_use]
    pub fn document(&self, doc_type: &str) -> Option<&DocumentReport<'a>> {
        self.documents.iter().find(|document| document.doc_type == doc_type)
    }

    /// The verdict over all documents: rejected if any is, undetermined if any is, accepted only when there is at least
    /// one document and all are accepted.
    #[must_use]
    pub fn overall(&self) -> Overall {
        if self.documents.is_empty() || verdict_of(&self.checks) == Overall::Rejected {
            return Overall::Rejected;
        }
        let verdicts = self.documents.iter().map(DocumentReport::overall);
        verdicts.fold(Overall::Accepted, Overall::worse)
    }
}

/// A verdict without its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overall {
    /// Every check that could reject passed or is tolerated by the policy.
    Accepted,
    /// At least one check failed.
    Rejected,
    /// Nothing failed, but evidence is missing or a required check could not run.
    Undetermined,
}

impl Overall {
    /// Stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Undetermined => "undetermined",
        }
    }

    fn worse(self, other: Self) -> Self {
        match (self, other) {
            (Self::Rejected, _) | (_, Self::Rejected) => Self::Rejected,
            (Self::Undetermined, _) | (_, Self::Undetermined) => Self::Undetermined,
            (Self::Accepted, Self::Accepted) => Self::Accepted,
        }
    }
}

/// The findings about one document.
#[derive(Clone, Debug)]
pub struct DocumentReport<'a> {
    pub(crate) doc_type: &'a str,
    pub(crate) checks: Vec<CheckResult<'a>>,
    pub(crate) claims: Claims<'a>,
    pub(crate) evidence: Vec<EvidenceAge>,
}

impl<'a> DocumentReport<'a> {
    /// The document type as presented (for issuer data alone: that of the MSO).
    #[must_use]
    pub fn doc_type(&self) -> &'a str {
        self.doc_type
    }

    /// Every check with its outcome, in the order they were made.
    #[must_use]
    pub fn checks(&self) -> &[CheckResult<'a>] {
        &self.checks
    }

    /// The evidence that was used, with its age: of revocation, and the published list that the anchor was taken from.
    #[must_use]
    pub fn evidence(&self) -> &[EvidenceAge] {
        &self.evidence
    }

    /// The verdict without its content.
    #[must_use]
    pub fn overall(&self) -> Overall {
        verdict_of(&self.checks)
    }

    /// The verdict. Claims can be read only from [`Verdict::Accepted`].
    #[must_use]
    pub fn verdict(&self) -> Verdict<'_, 'a> {
        match self.overall() {
            Overall::Accepted => Verdict::Accepted(AcceptedDocument { report: self }),
            Overall::Rejected => Verdict::Rejected(Rejection { report: self }),
            Overall::Undetermined => Verdict::Undetermined(Missing { report: self }),
        }
    }

    /// The check that decided: the highest-ranking failure, else the highest-ranking check without an answer.
    #[must_use]
    pub fn primary(&self) -> Option<&CheckResult<'a>> {
        let failed =
            self.checks.iter().filter(|result| result.outcome == Outcome::Fail).min_by_key(|result| result.check);
        failed.or_else(|| self.checks.iter().filter(|result| result.blocks()).min_by_key(|result| result.check))
    }
}

fn verdict_of(checks: &[CheckResult<'_>]) -> Overall {
    let verdicts = checks.iter().map(|result| match result.outcome {
        Outcome::Fail => Overall::Rejected,
        _ if result.blocks() => Overall::Undetermined,
        _ => Overall::Accepted,
    });
    verdicts.fold(Overall::Accepted, Overall::worse)
}

/// A verdict with what may be done with it.
#[derive(Clone, Copy, Debug)]
pub enum Verdict<'r, 'a> {
    /// The claims may be relied on.
    Accepted(AcceptedDocument<'r, 'a>),
    /// The document must not be relied on.
    Rejected(Rejection<'r, 'a>),
    /// Evidence is missing; fetch it and verify again.
    Undetermined(Missing<'r, 'a>),
}

/// An accepted document: the only place where claims can be read.
#[derive(Clone, Copy, Debug)]
pub struct AcceptedDocument<'r, 'a> {
    report: &'r DocumentReport<'a>,
}

impl<'r, 'a> AcceptedDocument<'r, 'a> {
    /// The document type.
    #[must_use]
    pub fn doc_type(&self) -> &'a str {
        self.report.doc_type
    }

    /// The value of an element.
    #[must_use]
    pub fn claim(&self, name_space: &str, element: &str) -> Option<ElementValue<'a>> {
        self.claims().find(|(space, name, _)| *space == name_space && *name == element).map(|(_, _, value)| value)
    }

    /// Every element: namespace, identifier, value.
    pub fn claims(&self) -> impl Iterator<Item = (&'a str, &'a str, ElementValue<'a>)> + use<'r, 'a> {
        self.report.claims.0.iter().copied()
    }

    /// Deviations the policy tolerated.
    pub fn warnings(&self) -> impl Iterator<Item = &'r CheckResult<'a>> + use<'r, 'a> {
        self.report.checks.iter().filter(|result| result.outcome == Outcome::Warn)
    }
}

/// Why a document is rejected.
#[derive(Clone, Copy, Debug)]
pub struct Rejection<'r, 'a> {
    report: &'r DocumentReport<'a>,
}

impl<'r, 'a> Rejection<'r, 'a> {
    /// The failed checks.
    pub fn failures(&self) -> impl Iterator<Item = &'r CheckResult<'a>> + use<'r, 'a> {
        self.report.checks.iter().filter(|result| result.outcome == Outcome::Fail)
    }

    /// The failure that decided.
    #[must_use]
    pub fn primary(&self) -> Option<&'r CheckResult<'a>> {
        self.report.primary()
    }
}

/// What is missing for a verdict.
#[derive(Clone, Copy, Debug)]
pub struct Missing<'r, 'a> {
    report: &'r DocumentReport<'a>,
}

impl<'r, 'a> Missing<'r, 'a> {
    /// The checks without an answer, each with the evidence it lacks.
    pub fn open(&self) -> impl Iterator<Item = &'r CheckResult<'a>> + use<'r, 'a> {
        self.report.checks.iter().filter(|result| result.blocks())
    }
}

/// Disclosed elements, kept out of reach until the verdict is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claims<'a>(pub(crate) Vec<(&'a str, &'a str, ElementValue<'a>)>);

/// The outcome of one check on one subject. Small, because a report has some forty of them and most passed.
#[derive(Clone, Debug)]
pub struct CheckResult<'a> {
    /// The row of the table.
    pub check: Check,
    /// How it ended.
    pub outcome: Outcome,
    reason: Reason<'a>,
}

/// What there is to say about an outcome.
#[derive(Clone, Debug)]
enum Reason<'a> {
    Nothing,
    /// [`Cause::NotApplicable`], which every report has.
    NotApplicable,
    Cause(Box<Cause<'a>>),
    /// The element's namespace and identifier with the cause.
    Element(Box<((&'a str, &'a str), Cause<'a>)>),
}

impl<'a> CheckResult<'a> {
    /// Element the check speaks of, where it speaks of one: namespace and identifier.
    #[must_use]
    pub fn element(&self) -> Option<(&'a str, &'a str)> {
        match &self.reason {
            Reason::Element(both) => Some(both.0),
            Reason::Nothing | Reason::NotApplicable | Reason::Cause(_) => None,
        }
    }

    /// Why, unless it passed.
    #[must_use]
    pub fn cause(&self) -> Option<&Cause<'a>> {
        match &self.reason {
            Reason::Nothing => None,
            Reason::NotApplicable => Some(&Cause::NotApplicable),
            Reason::Cause(cause) => Some(cause),
            Reason::Element(both) => Some(&both.1),
        }
    }

    /// True when this result alone keeps a document from being accepted without rejecting it.
    #[must_use]
    pub fn blocks(&self) -> bool {
        match self.outcome {
            Outcome::Undetermined => true,
            Outcome::NotRun => self.cause().is_none_or(|cause| !cause.is_harmless()),
            Outcome::Pass | Outcome::Warn | Outcome::Fail => false,
        }
    }
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It holds.
    Pass,
    /// It does not hold; the document is rejected.
    Fail,
    /// It does not hold; the policy tolerates it.
    Warn,
    /// Evidence to decide is missing or unusable.
    Undetermined,
    /// It was not made; the cause says why.
    NotRun,
}

impl Outcome {
    /// Stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Undetermined => "undetermined",
            Self::NotRun => "not-run",
        }
    }
}

/// Collects results under a policy.
pub(crate) struct Recorder<'a, 'p> {
    pub(crate) policy: &'p Policy,
    pub(crate) results: Vec<CheckResult<'a>>,
}

impl<'a, 'p> Recorder<'a, 'p> {
    /// With room for `expected` results.
    pub(crate) fn new(policy: &'p Policy, expected: usize) -> Self {
        Self { policy, results: Vec::with_capacity(expected) }
    }

    pub(crate) fn pass(&mut self, check: Check) {
        self.results.push(CheckResult { check, outcome: Outcome::Pass, reason: Reason::Nothing });
    }

    /// The check does not hold: fails or warns as the policy says.
    pub(crate) fn deviates(&mut self, check: Check, cause: Cause<'a>) {
        let outcome = match self.policy.severity(check) {
            Severity::Fail => Outcome::Fail,
            Severity::Warn => Outcome::Warn,
        };
        self.push(check, outcome, cause);
    }

    /// The check does not hold, whatever the policy.
    pub(crate) fn fail(&mut self, check: Check, cause: Cause<'a>) {
        self.push(check, Outcome::Fail, cause);
    }

    /// The check does not hold for one element, whatever the policy.
    pub(crate) fn fail_element(&mut self, check: Check, element: (&'a str, &'a str), cause: Cause<'a>) {
        let reason = Reason::Element(Box::new((element, cause)));
        self.results.push(CheckResult { check, outcome: Outcome::Fail, reason });
    }

    pub(crate) fn warn(&mut self, check: Check, cause: Cause<'a>) {
        self.push(check, Outcome::Warn, cause);
    }

    pub(crate) fn undetermined(&mut self, check: Check, cause: Cause<'a>) {
        self.push(check, Outcome::Undetermined, cause);
    }

    pub(crate) fn not_run(&mut self, check: Check, cause: Cause<'a>) {
        self.push(check, Outcome::NotRun, cause);
    }

    /// No usable revocation evidence is at hand: what that means is the policy's demand.
    pub(crate) fn no_evidence(&mut self, check: Check, cause: Cause<'a>) {
        match self.policy.revocation() {
            Revocation::Require => self.undetermined(check, cause),
            Revocation::Available | Revocation::DangerousOff => self.not_run(check, cause),
        }
    }

    /// Passes `check` unless a result for it was recorded since `mark`.
    pub(crate) fn pass_unless_recorded(&mut self, check: Check, mark: usize) {
        if !self.results.iter().skip(mark).any(|result| result.check == check) {
            self.pass(check);
        }
    }

    pub(crate) fn mark(&self) -> usize {
        self.results.len()
    }

    fn push(&mut self, check: Check, outcome: Outcome, cause: Cause<'a>) {
        let reason = match cause {
            Cause::NotApplicable => Reason::NotApplicable,
            cause => Reason::Cause(Box::new(cause)),
        };
        self.results.push(CheckResult { check, outcome, reason });
    }
}
