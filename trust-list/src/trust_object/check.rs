//! Checking a trust object with whatever the caller has at hand, and saying what is missing.

use tegata_pki::path::{check_extensions, check_validity};
use tegata_pki::{
    Certificate, CryptoProvider, Edition, Finding, FindingFact, KeyError, KeyUsage, Mode, OwnedCrl, PathInput,
    PathPosition, PublicKey, Role, Severity, SignatureError, SubjectRules, lint_crl, profile, validate_path,
};
use time::{Duration, UtcDateTime};

use super::facts::{Facts, NamedFinding};
use super::{LinkError, TrustObject, TrustObjectError, TrustObjectKind, check_link};
use crate::lote::{Lote, LoteCheck, LoteFreshness, LoteMemory, LoteTrust};
use crate::token::{ListContent, SignerTrust, Token, TokenCheck};
use crate::vical::{Freshness, Vical, VicalCheck, VicalMemory, VicalTrust};
use crate::{InflateLimit, StatusListError, StatusListToken, StatusValue, TokenPolicy};

/// Who is known to sign the object.
#[derive(Clone, Copy, Debug)]
pub enum GivenSigner<'a> {
    /// A certificate, trusted by its exact bytes; of a CRL the issuer's. A CA also vouches for the signers under it, like a
    /// [`Given::root`].
    Certificate(&'a Certificate),
    /// A bare key.
    Key(&'a PublicKey),
}

/// What the caller has at hand. Whatever is missing makes the verdict undetermined and never valid.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// The signer.
    pub signer: Option<GivenSigner<'a>>,
    /// The root that the signer is under; of a CRL its issuer; of a root the one it should be.
    pub root: Option<&'a Certificate>,
    /// Old and new root: a certificate is then judged as a link between them.
    pub roots: Option<(&'a Certificate, &'a Certificate)>,
    /// The entry of a status list that is asked for.
    pub index: Option<u64>,
    /// The time of the check.
    pub at: UtcDateTime,
}

impl<'a> Given<'a> {
    /// The root to look for above a chain that begins with the certificate `leaf`, unless that is the signer given.
    fn root_above(&self, leaf: Option<&[u8]>) -> Option<&'a Certificate> {
        match (self.root, self.signer) {
            (Some(root), _) => Some(root),
            (None, Some(GivenSigner::Certificate(ca))) => {
                (ca.is_ca() && leaf.is_some_and(|leaf| leaf != ca.der())).then_some(ca)
            }
            _ => None,
        }
    }

    /// The certificate that is the root or the signer.
    fn certificate(&self) -> Option<&'a Certificate> {
        match (self.root, self.signer) {
            (Some(root), _) => Some(root),
            (None, Some(GivenSigner::Certificate(certificate))) => Some(certificate),
            _ => None,
        }
    }
}

/// The outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Signed by whom it should be, whole, and current.
    Valid,
    /// It must not be used.
    Invalid,
    /// It cannot be told, or a newer copy is due.
    Undetermined,
}

impl Verdict {
    /// Stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::Undetermined => "undetermined",
        }
    }
}

/// Why the verdict is not *valid*.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Stable id.
    pub id: &'static str,
    /// What exactly, in English.
    pub text: String,
}

/// The entry of a status list that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusAt {
    /// Its index.
    pub index: u64,
    /// What stands there. To be believed only when the verdict is [`Verdict::Valid`].
    pub value: StatusValue,
}

/// Facts and verdict.
#[derive(Clone, Debug)]
pub struct TrustReport {
    /// What the object says; its findings include those of the check.
    pub facts: Facts,
    /// The verdict.
    pub verdict: Verdict,
    /// Why it is not valid.
    pub cause: Option<Cause>,
    /// The status that was asked for.
    pub status: Option<StatusAt>,
}

impl TrustReport {
    /// The report about an object that nobody may use, [`TrustObjectError::Unusable`]; `None` of other errors, after which
    /// there is nothing to report about.
    #[must_use]
    pub fn of_unusable(error: &TrustObjectError) -> Option<Self> {
        let TrustObjectError::Unusable { facts, id, text } = error else { return None };
        let cause = Some(Cause { id, text: text.clone() });
        Some(Self { facts: facts.as_ref().clone(), verdict: Verdict::Invalid, cause, status: None })
    }
}

/// What a check of one kind found: nothing against the object, or a verdict against it with its cause.
type Judged = Result<(), (Verdict, Cause)>;

fn invalid(id: &'static str, text: impl ToString) -> (Verdict, Cause) {
    (Verdict::Invalid, Cause { id, text: text.to_string() })
}

fn undetermined(id: &'static str, text: impl ToString) -> (Verdict, Cause) {
    (Verdict::Undetermined, Cause { id, text: text.to_string() })
}

fn no_signer() -> (Verdict, Cause) {
    undetermined("no-signer-given", "without the signer or its root the signature cannot be judged")
}

/// Checks `object` with what is `given`. There is no memory of earlier lists: that a list is not older than one seen before
/// is for the store that keeps them.
#[must_use]
pub fn check(object: &TrustObject, given: &Given<'_>, provider: &dyn CryptoProvider) -> TrustReport {
    let mut facts = object.inspect();
    let mut status = None;
    let judged = match object {
        TrustObject::Vical(vical) => vical_judged(vical, given, provider, &mut facts.findings),
        TrustObject::Lote(lote) => lote_judged(lote, given, provider, &mut facts.findings),
        TrustObject::StatusList(token) => {
            let content = content_judged(token, given, &mut facts, &mut status);
            let signature = token_judged(token, given, provider, &mut facts.findings);
            content.and(signature)
        }
        TrustObject::IdentifierList(token) => token_judged(token, given, provider, &mut facts.findings),
        TrustObject::DeviceKeyList(token) => token_judged(token, given, provider, &mut facts.findings),
        TrustObject::Crl(crl) => crl_judged(crl, given, provider, &mut facts.findings),
        TrustObject::Certificate(certificate) => match (facts.kind, given.roots) {
            // A link under the same name that names no other key as its issuer's looks like a root.
            (kind, Some(roots)) => {
                if kind == TrustObjectKind::Root {
                    (facts.kind, facts.findings) = (TrustObjectKind::Link, Vec::new());
                }
                link_judged(certificate, roots, given.at, provider, &mut facts.findings)
            }
            (TrustObjectKind::Link, None) => {
                Err(undetermined("no-roots-given", "a link certificate is checked with the old and the new root"))
            }
            (TrustObjectKind::Root, None) => root_judged(certificate, given, provider),
            _ => leaf_judged(certificate, given, provider, &mut facts.findings),
        },
        TrustObject::Metadata(_) => Err(undetermined(
            "metadata-not-verified",
            "signed metadata is verified by an update that begins with a trusted root",
        )),
    };
    let (verdict, cause) = match judged {
        Ok(()) => (Verdict::Valid, None),
        Err((verdict, cause)) => (verdict, Some(cause)),
    };
    TrustReport { facts, verdict, cause, status }
}

fn vical_judged(
    vical: &Vical,
    given: &Given<'_>,
    provider: &dyn CryptoProvider,
    findings: &mut Vec<NamedFinding>,
) -> Judged {
    let signer;
    let chain = vical.certificate_chain();
    let trust = match (given.root_above(chain.first().map(Certificate::der)), given.signer) {
        (Some(root), _) => VicalTrust::Roots(core::slice::from_ref(root)),
        (None, Some(GivenSigner::Certificate(certificate))) => VicalTrust::DangerousPinnedSigner(certificate),
        // A key pins the certificate that has it: whatever else that certificate says is checked all the same.
        (None, Some(GivenSigner::Key(key))) => {
            signer = chain.first().filter(|signer| signer.public_key() == Ok(key));
            let Some(signer) = signer else {
                if chain.is_empty() {
                    return Err(invalid("vical-no-signer", "the list does not say who signed it"));
                }
                return Err(invalid("vical-signer-not-pinned", "the signer has another key than the one given"));
            };
            VicalTrust::DangerousPinnedSigner(signer)
        }
        (None, None) => return Err(no_signer()),
    };
    let memory = VicalMemory::new();
    let check = VicalCheck { trust, memory: &memory, at: given.at, skew: Duration::ZERO, provider };
    let verified = vical.verify(&check).map_err(|error| invalid(error.id(), &error))?;
    findings.extend(verified.path_findings().iter().map(|finding| NamedFinding::bare(finding.id(), None)));
    findings.extend(verified.signer_findings().iter().map(NamedFinding::of_profile));
    let expired = verified.expired();
    findings.extend(expired.map(|entry| NamedFinding::bare("vical-entry-expired", Some(entry.position()))));
    match verified.freshness() {
        Freshness::Stale { since } => Err(undetermined("vical-stale", format!("a newer list was due at {since}"))),
        Freshness::Fresh { .. } | Freshness::Unstated => Ok(()),
    }
}

fn lote_judged(
    lote: &Lote,
    given: &Given<'_>,
    provider: &dyn CryptoProvider,
    findings: &mut Vec<NamedFinding>,
) -> Judged {
    if !lote.is_signed() {
        return Err(undetermined("lote-unsigned", "the list is not signed"));
    }
    let leaf = lote.certificate_chain().first().map(Certificate::der);
    let trust = match (given.root_above(leaf), given.signer) {
        (Some(root), _) => LoteTrust::Roots(core::slice::from_ref(root)),
        (None, Some(GivenSigner::Certificate(certificate))) => LoteTrust::Signers(core::slice::from_ref(certificate)),
        (None, Some(GivenSigner::Key(key))) => LoteTrust::Key(key),
        (None, None) => return Err(no_signer()),
    };
    let memory = LoteMemory::new();
    let check = LoteCheck { trust, memory: &memory, at: given.at, skew: Duration::ZERO, provider };
    let verified = lote.verify(&check).map_err(|error| invalid(error.id(), &error))?;
    findings.extend(verified.findings().iter().map(|finding| NamedFinding::bare(finding.id(), None)));
    findings.extend(verified.path_findings().iter().map(|finding| NamedFinding::bare(finding.id(), None)));
    match verified.freshness() {
        LoteFreshness::Stale { since } => Err(undetermined("lote-stale", format!("a newer list was due at {since}"))),
        LoteFreshness::Closed => {
            findings.push(NamedFinding::bare("lote-closed", None));
            Ok(())
        }
        LoteFreshness::Fresh { .. } => Ok(()),
    }
}

/// The list itself: whether it expands, within the limit, and what stands at the index.
fn content_judged(
    token: &StatusListToken,
    given: &Given<'_>,
    facts: &mut Facts,
    status: &mut Option<StatusAt>,
) -> Judged {
    let list = token.unverified_content();
    let array = list.expand(InflateLimit::default()).map_err(|error| invalid(error.id(), &error))?;
    facts.entry_count = Some(array.entries());
    if let Some(index) = given.index {
        let value = array.get(index).map_err(|error| undetermined(error.id(), error))?;
        *status = Some(StatusAt { index, value });
    }
    Ok(())
}

fn token_judged<L: ListContent>(
    token: &Token<L>,
    given: &Given<'_>,
    provider: &dyn CryptoProvider,
    findings: &mut Vec<NamedFinding>,
) -> Judged {
    let trust = match (given.root_above(token.certificate_chain().next()), given.signer) {
        (Some(root), _) => SignerTrust::Reference(root),
        (None, Some(GivenSigner::Certificate(certificate))) => {
            usable(certificate, given.at)?;
            let key = certificate.public_key().map_err(|error| invalid(error.id(), error))?;
            SignerTrust::Key(key)
        }
        (None, Some(GivenSigner::Key(key))) => SignerTrust::Key(key),
        (None, None) => return Err(no_signer()),
    };
    let policy = TokenPolicy::interop();
    let check = TokenCheck { uri: token.subject(), trust, at: given.at, policy: &policy, provider };
    let verified = token.verify(&check).map_err(|error| token_error(&error))?;
    findings.extend(verified.path_findings().iter().map(|finding| NamedFinding::bare(finding.id(), None)));
    let own = token.deviations();
    let of_signer = verified.deviations().iter().filter(|deviation| !own.contains(deviation));
    findings.extend(of_signer.map(|deviation| NamedFinding::bare(deviation.id(), None)));
    Ok(())
}

fn token_error(error: &StatusListError) -> (Verdict, Cause) {
    if error.is_stale() { undetermined(error.id(), error) } else { invalid(error.id(), error) }
}

fn crl_judged(
    crl: &OwnedCrl,
    given: &Given<'_>,
    provider: &dyn CryptoProvider,
    findings: &mut Vec<NamedFinding>,
) -> Judged {
    let Some(issuer) = given.certificate() else {
        return Err(match given.signer {
            Some(_) => undetermined("crl-needs-certificate", "a CRL is checked with its issuer's certificate"),
            None => no_signer(),
        });
    };
    if !crl.issuer().matches(issuer.subject()).is_match() {
        return Err(invalid("crl-issuer", "the CRL is of another issuer"));
    }
    crl.verify_signature(issuer, provider).map_err(|error| match error {
        // Whether a signature of an algorithm that is not computed with is good cannot be told.
        SignatureError::Key(_) | SignatureError::UnsupportedAlgorithm(_) => undetermined(error.id(), &error),
        _ => invalid(error.id(), &error),
    })?;
    may_sign_crls(issuer, findings)?;
    usable(issuer, given.at)?;
    for finding in lint_crl(crl, profile(Role::Crl, Edition::Iso18013_5), Some(issuer)) {
        let finding = NamedFinding::of_profile(&finding);
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
    // One entry that cannot be processed makes the whole list useless (RFC 5280 5.3).
    if let Some(error) = crl.entries().find_map(Result::err) {
        return Err(invalid(error.id(), &error));
    }
    if crl.this_update() > given.at {
        return Err(invalid("crl-not-yet-valid", format!("thisUpdate is {}", crl.this_update())));
    }
    match crl.next_update() {
        Some(since) if since < given.at => Err(undetermined("crl-stale", format!("a newer list was due at {since}"))),
        Some(_) => Ok(()),
        None => Err(undetermined("crl-no-next-update", "the CRL does not say when the next one is due")),
    }
}

/// RFC 5280 6.3.3 (f): where the issuer says what its key is for, signing CRLs is among it.
fn may_sign_crls(issuer: &Certificate, findings: &mut Vec<NamedFinding>) -> Judged {
    match issuer.key_usage() {
        Some(usage) if usage.contains(KeyUsage::CRL_SIGN) => {}
        Some(_) => {
            let text = "keyUsage of the issuer does not allow it to sign CRLs";
            return Err(invalid("crl-issuer-may-not-sign", text));
        }
        None => findings.push(NamedFinding::bare("crl-issuer-key-usage-absent", None)),
    }
    Ok(())
}

fn link_judged(
    link: &Certificate,
    (old, new): (&Certificate, &Certificate),
    at: UtcDateTime,
    provider: &dyn CryptoProvider,
    findings: &mut Vec<NamedFinding>,
) -> Judged {
    let checked = check_link(link, old, new, at, provider);
    let (direction, found) = checked.map_err(|error| match error {
        LinkError::Key(_) => undetermined(error.id(), &error),
        _ => invalid(error.id(), &error),
    })?;
    findings.push(NamedFinding::bare(direction.id(), None));
    findings.extend(found.iter().map(NamedFinding::of_profile));
    // Rules without which a store does not take it as evidence either, but for one: passport CAs write their curves out, and
    // `check_link` has compared every number.
    let written_out = |finding: &Finding| finding.fact == FindingFact::Key(KeyError::CurveNotNamed);
    let broken = |finding: &&Finding| finding.severity_in(Mode::Interop) == Severity::Error && !written_out(finding);
    match found.iter().find(broken) {
        Some(broken) => Err(invalid("link-profile", format!("{}: {}", broken.rule, broken.text_en()))),
        None => Ok(()),
    }
}

/// A root proves by its own signature that somebody has its key, and by nothing in it that it is the right one.
fn root_judged(root: &Certificate, given: &Given<'_>, provider: &dyn CryptoProvider) -> Judged {
    let key = root.public_key().map_err(|error| undetermined(error.id(), error))?;
    root.verify_signature(key, provider).map_err(|error| invalid("root-self-signature", &error))?;
    usable(root, given.at)?;
    match (given.certificate(), given.signer) {
        (Some(expected), _) if expected.der() == root.der() => Ok(()),
        (None, Some(GivenSigner::Key(expected))) if expected == key => Ok(()),
        (None, None) => {
            Err(undetermined("no-root-given", "compare the fingerprint with one obtained from the authority"))
        }
        _ => Err(invalid("root-is-another", "it is another certificate than the root given")),
    }
}

fn leaf_judged(
    leaf: &Certificate,
    given: &Given<'_>,
    provider: &dyn CryptoProvider,
    findings: &mut Vec<NamedFinding>,
) -> Judged {
    let signed_by = |key: &PublicKey| leaf.verify_signature(key, provider).map_err(|error| invalid(error.id(), &error));
    match (given.certificate(), given.signer) {
        // It signed itself, and is named by its exact bytes.
        (Some(own), Some(GivenSigner::Certificate(_))) if own.der() == leaf.der() => {
            signed_by(own.public_key().map_err(|error| undetermined(error.id(), error))?)?;
            usable(leaf, given.at)
        }
        (Some(root), _) => {
            let input = PathInput { subject_rules: SubjectRules::None, ..PathInput::new(leaf, root, given.at) };
            let path = validate_path(&input, provider).map_err(|error| invalid(error.id(), &error))?;
            findings.extend(path.findings().iter().map(|finding| NamedFinding::bare(finding.id(), None)));
            Ok(())
        }
        (None, Some(GivenSigner::Key(key))) => {
            signed_by(key)?;
            usable(leaf, given.at)
        }
        _ => {
            usable(leaf, given.at)?;
            Err(no_signer())
        }
    }
}

fn usable(certificate: &Certificate, at: UtcDateTime) -> Judged {
    let position = PathPosition::Anchor;
    let checked = check_extensions(position, certificate, &mut Vec::new())
        .and_then(|()| check_validity(position, certificate, at, Duration::ZERO));
    checked.map_err(|error| invalid(error.id(), &error))
}
