//! What a trust object says, as facts. Nothing of it is true before it was verified.

use tegata_pki::{Certificate, CrlNumber, Edition, InspectedCrl, Role, lint, lint_crl, profile};
use time::UtcDateTime;

use super::{TrustObject, TrustObjectKind};
use crate::lote::Lote;
use crate::token::Token;
use crate::vical::Vical;

/// The number of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// `vicalIssueID`, `LoTESequenceNumber`.
    Integer(u64),
    /// cRLNumber.
    Crl(CrlNumber),
}

/// Something noteworthy: a deviation of form, or from a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFinding {
    /// Stable id; of a profile deviation the id of the rule.
    pub id: &'static str,
    /// What exactly, in English.
    pub text: String,
    /// In Japanese, where there is such a text.
    pub text_ja: Option<String>,
    /// The entry it is about, from 0; `None` for the object itself.
    pub entry: Option<usize>,
}

/// One entry of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Entry {
    /// A certificate that a VICAL lists.
    Anchor {
        /// Its place.
        position: usize,
        /// The certificate.
        certificate: Certificate,
        /// The document types it is for.
        doc_types: Vec<String>,
    },
    /// An entry that cannot be read.
    Skipped {
        /// Its place.
        position: usize,
        /// Stable id of the reason.
        id: &'static str,
        /// The reason.
        text: String,
    },
    /// A service of a trusted entity.
    Service {
        /// Its place, counted over all entities.
        position: usize,
        /// The first name of the entity.
        entity: String,
        /// The first name of the service.
        service: String,
        /// URI of its kind.
        service_type: Option<String>,
        /// Its certificates.
        certificates: Vec<Certificate>,
    },
    /// A revoked certificate.
    Revoked {
        /// The contents octets of the serial number.
        serial: Vec<u8>,
        /// Since when.
        since: UtcDateTime,
    },
    /// A revoked identifier.
    Identifier(Vec<u8>),
}

/// What the object says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// What it is.
    pub kind: TrustObjectKind,
    /// Whose it is: provider, operator, URI of the list, issuer or subject.
    pub name: String,
    /// Its number.
    pub number: Option<Number>,
    /// When it was issued: date, `iat`, thisUpdate, notBefore.
    pub issued_at: Option<UtcDateTime>,
    /// When the next is due: nextUpdate.
    pub next_update: Option<UtcDateTime>,
    /// When it ends: notAfter, `exp`.
    pub expires: Option<UtcDateTime>,
    /// How many entries there are, where that can be told without verifying.
    pub entry_count: Option<u64>,
    /// The entries; of a status list none.
    pub entries: Vec<Entry>,
    /// What is noteworthy about its form.
    pub findings: Vec<NamedFinding>,
}

impl Facts {
    pub(super) fn new(kind: TrustObjectKind, name: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
            number: None,
            issued_at: None,
            next_update: None,
            expires: None,
            entry_count: None,
            entries: Vec::new(),
            findings: Vec::new(),
        }
    }

    pub(super) fn of_crl(crl: &InspectedCrl) -> Self {
        let mut facts = Self::new(TrustObjectKind::Crl, crl.issuer().to_string());
        facts.number = crl.number().map(Number::Crl);
        facts.issued_at = Some(crl.this_update());
        facts.next_update = crl.next_update();
        let listed = crl.listed().map(|(serial, since)| Entry::Revoked { serial: serial.to_vec(), since });
        facts.entries = listed.collect();
        facts.entry_count = u64::try_from(facts.entries.len()).ok();
        facts
    }
}

impl NamedFinding {
    /// A finding that its id says all about.
    pub(super) fn bare(id: &'static str, entry: Option<usize>) -> Self {
        Self { id, text: id.replace('-', " "), text_ja: None, entry }
    }

    pub(super) fn of_profile(finding: &tegata_pki::Finding) -> Self {
        Self { id: finding.rule, text: finding.text_en(), text_ja: Some(finding.text_ja()), entry: None }
    }
}

impl TrustObject {
    /// What the object says, nothing of it verified. A link certificate and an end-entity certificate are linted when they
    /// are checked, because most of their rules are about their issuer.
    #[must_use]
    pub fn inspect(&self) -> Facts {
        match self {
            Self::Vical(vical) => of_vical(vical),
            Self::Lote(lote) => of_lote(lote, self.kind()),
            Self::StatusList(token) => of_token(token, self.kind()),
            Self::IdentifierList(token) => {
                let mut facts = of_token(token, self.kind());
                let identifiers = token.unverified_content().identifiers();
                facts.entries = identifiers.map(|identifier| Entry::Identifier(identifier.to_vec())).collect();
                facts.entry_count = u64::try_from(facts.entries.len()).ok();
                facts
            }
            Self::DeviceKeyList(token) => {
                let mut facts = of_token(token, self.kind());
                let list = token.unverified_content();
                facts.number = Some(Number::Integer(list.sequence()));
                let keys = list.keys().map(|key| Entry::Identifier(key.as_bytes().to_vec()));
                let signers = list.signers().map(|signer| Entry::Identifier(signer.serial.to_vec()));
                facts.entries = keys.chain(signers).collect();
                facts.entry_count = u64::try_from(facts.entries.len()).ok();
                facts
            }
            Self::Crl(crl) => {
                let mut facts = Facts::of_crl(&InspectedCrl::of(crl));
                let findings = lint_crl(crl, profile(Role::Crl, Edition::Iso18013_5), None);
                facts.findings = findings.iter().map(NamedFinding::of_profile).collect();
                facts
            }
            Self::Certificate(certificate) => of_certificate(certificate, self.kind()),
            Self::Metadata(_) => Facts::new(TrustObjectKind::Metadata, ""),
        }
    }
}

fn of_vical(vical: &Vical) -> Facts {
    let mut facts = Facts::new(TrustObjectKind::Vical, vical.provider());
    facts.number = vical.issue_id().map(Number::Integer);
    facts.issued_at = Some(vical.date());
    facts.next_update = vical.next_update();
    facts.expires = vical.not_after();
    facts.findings = vical.deviations().iter().map(|deviation| NamedFinding::bare(deviation.id(), None)).collect();
    for entry in vical.entries() {
        let position = entry.position();
        let deviations = entry.deviations().iter();
        facts.findings.extend(deviations.map(|deviation| NamedFinding::bare(deviation.id(), Some(position))));
        facts.entries.push(Entry::Anchor {
            position,
            certificate: entry.certificate().clone(),
            doc_types: entry.doc_types().iter().map(str::to_owned).collect(),
        });
    }
    for skipped in vical.skipped() {
        let (position, id, text) = (skipped.position, skipped.error.id(), skipped.error.to_string());
        facts.findings.push(NamedFinding { id, text: text.clone(), text_ja: None, entry: Some(position) });
        facts.entries.push(Entry::Skipped { position, id, text });
    }
    facts.entries.sort_by_key(|entry| match entry {
        Entry::Anchor { position, .. } | Entry::Skipped { position, .. } => *position,
        _ => 0,
    });
    facts.entry_count = u64::try_from(facts.entries.len()).ok();
    facts
}

fn of_lote(lote: &Lote, kind: TrustObjectKind) -> Facts {
    let mut facts = Facts::new(kind, lote.operator());
    facts.number = Some(Number::Integer(lote.sequence_number()));
    facts.issued_at = Some(lote.issued_at());
    facts.next_update = lote.next_update();
    facts.findings = lote.deviations().iter().map(|deviation| NamedFinding::bare(deviation.id(), None)).collect();
    let services =
        lote.entities().iter().flat_map(|entity| entity.services.iter().map(move |service| (entity, service)));
    for (position, (entity, service)) in services.enumerate() {
        let first =
            |names: &[crate::lote::LangString]| names.first().map(|name| name.value.clone()).unwrap_or_default();
        facts.entries.push(Entry::Service {
            position,
            entity: first(&entity.information.names),
            service: first(&service.information.names),
            service_type: service.information.service_type.clone(),
            certificates: service.information.identity.read_certificates(),
        });
    }
    facts.entry_count = u64::try_from(facts.entries.len()).ok();
    facts
}

fn of_token<L>(token: &Token<L>, kind: TrustObjectKind) -> Facts {
    let mut facts = Facts::new(kind, token.subject());
    facts.issued_at = Some(token.issued_at());
    facts.next_update = token.ttl().and_then(|ttl| token.issued_at().checked_add(ttl));
    facts.expires = token.expires();
    facts.findings = token.deviations().iter().map(|deviation| NamedFinding::bare(deviation.id(), None)).collect();
    facts
}

fn of_certificate(certificate: &Certificate, kind: TrustObjectKind) -> Facts {
    let mut facts = Facts::new(kind, certificate.subject().to_string());
    facts.issued_at = Some(certificate.not_before());
    facts.expires = Some(certificate.not_after());
    if kind == TrustObjectKind::Root {
        let findings = lint(certificate, profile(Role::Iaca, Edition::Iso18013_5), None);
        facts.findings = findings.iter().map(NamedFinding::of_profile).collect();
    }
    facts
}
