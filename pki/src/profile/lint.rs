//! Comparing a certificate with a profile.

use std::borrow::Cow;

use time::{Date, Duration, UtcDateTime};

use super::{
    Constraint, Content, Presence, Profile, Rule,
    finding::{Element, Finding, FindingFact},
};
use crate::{
    algorithm::{Curve, Hash, SignatureAlgorithm},
    certificate::{
        Certificate, Extension, ExtensionState, GeneralName, KeyUsage, Name, PointPart, each_general_name,
        each_point_part,
    },
    oid,
};

/// Lists every deviation of a certificate from a profile; an empty list means that it conforms. Rules that compare with
/// the issuer are checked only when it is given; for a self-issued certificate it is the certificate itself.
///
/// This inspects. It verifies no signature and knows no time.
#[must_use]
pub fn lint(certificate: &Certificate, profile: &Profile, issuer: Option<&Certificate>) -> Vec<Finding> {
    lint_rules(certificate, profile.rules(), issuer)
}

/// As [`lint`], by some rules of a profile only: those that are not checked in another way.
#[must_use]
pub fn lint_rules(
    certificate: &Certificate,
    rules: impl Iterator<Item = &'static Rule>,
    issuer: Option<&Certificate>,
) -> Vec<Finding> {
    let issuer = issuer.or_else(|| certificate.is_self_issued().then_some(certificate));
    let (mut findings, mut facts) = (Vec::new(), Vec::new());
    for rule in rules {
        check(&rule.constraint, certificate, issuer, &mut facts);
        findings.extend(facts.drain(..).map(|fact| Finding::new(rule, fact)));
    }
    findings
}

type Facts = Vec<FindingFact>;

fn check(constraint: &Constraint, cert: &Certificate, issuer: Option<&Certificate>, facts: &mut Facts) {
    match constraint {
        Constraint::Version3 => {
            let version = cert.version();
            facts.extend((version != 3).then_some(FindingFact::Version(version)));
        }
        Constraint::Serial => facts.extend(serial(cert.serial())),
        Constraint::AlgorithmsAgree => {
            let disagree = !cert.signature_algorithms_agree();
            facts.extend(disagree.then_some(FindingFact::AlgorithmsDisagree));
        }
        Constraint::EcdsaSignature => ecdsa(cert, facts),
        Constraint::Ecdsa384 => ecdsa_384(cert, facts),
        Constraint::Key { okp } => key(cert, *okp, facts),
        Constraint::MaxDays(days) => {
            validity(cert, cert.not_before().checked_add(Duration::days((*days).into())), facts);
        }
        Constraint::MaxMonths(months) => {
            validity(cert, add_months(cert.not_before(), *months), facts);
        }
        Constraint::NotAfterWithinIssuer => {
            let outlives = issuer.is_some_and(|issuer| cert.not_after() > issuer.not_after());
            facts.extend(outlives.then_some(FindingFact::OutlivesIssuer));
        }
        Constraint::SelfIssued => {
            facts.extend((!cert.is_self_issued()).then_some(FindingFact::NotSelfIssued));
        }
        Constraint::IssuerName => {
            let differs = issuer.is_some_and(|issuer| cert.issuer() != issuer.subject());
            facts.extend(differs.then_some(FindingFact::IssuerName));
        }
        Constraint::Country => facts.extend(country(cert.subject())),
        Constraint::CountryOfIssuer => {
            facts.extend(issuer.and_then(|issuer| country_of_issuer(cert, issuer)));
        }
        Constraint::StateOfIssuer => facts.extend(issuer.and_then(|issuer| state(cert, issuer))),
        Constraint::Attribute(oid) => {
            let missing = cert.subject().values(*oid).next().is_none();
            facts.extend(missing.then_some(FindingFact::Missing(Element::Attribute(*oid))));
        }
        Constraint::NameStrings => name_strings(cert.subject(), facts),
        Constraint::Forbidden(oid) => {
            let present = cert.extension(oid).is_some();
            facts.extend(present.then_some(FindingFact::Forbidden(Element::Extension(*oid))));
        }
        Constraint::CriticalExtensions => {
            facts.extend(cert.extensions().iter().filter_map(unhandled));
        }
        Constraint::NotCa => {
            let ca = cert.basic_constraints().is_some_and(|found| found.ca);
            facts.extend(ca.then_some(FindingFact::IsCa));
        }
        Constraint::Extension { oid, presence, critical, content } => match cert.extension(oid) {
            Some(found) => extension(cert, issuer, found, *critical, content, facts),
            None if *presence == Presence::Mandatory => {
                facts.push(FindingFact::Missing(Element::Extension(*oid)));
            }
            None => {}
        },
        Constraint::CrlOrNoCheck => crl_or_no_check(cert, facts),
        // A rule for lists says nothing about a certificate.
        Constraint::Crl(_) => {}
    }
}

/// Compared without regard to case: the form is checked by a rule of its own.
fn country_of_issuer(cert: &Certificate, issuer: &Certificate) -> Option<FindingFact> {
    let (own, issuers) = (cert.subject().values(oid::COUNTRY), issuer.subject().values(oid::COUNTRY));
    (!pairwise(own, issuers, str::eq_ignore_ascii_case)).then_some(FindingFact::CountryMismatch)
}

/// Whether both sides have the same number of texts, and each its equal at the same place.
fn pairwise<'a>(
    mut own: impl Iterator<Item = Cow<'a, str>>,
    mut other: impl Iterator<Item = Cow<'a, str>>,
    equal: impl Fn(&str, &str) -> bool,
) -> bool {
    loop {
        match (own.next(), other.next()) {
            (None, None) => return true,
            (Some(own), Some(other)) if equal(&own, &other) => {}
            _ => return false,
        }
    }
}

fn serial(serial: &[u8]) -> Option<FindingFact> {
    let negative = serial.first().is_some_and(|b| b & 0x80 != 0);
    let digits = match serial {
        [0, rest @ ..] => rest,
        all => all,
    };
    if negative || digits.is_empty() {
        return Some(FindingFact::SerialNotPositive);
    }
    if serial.len() > 20 {
        return Some(FindingFact::SerialTooLong(serial.len()));
    }
    // 63 random bits give fewer than 56 significant ones only once in 128 certificates: below that it was not random.
    (digits.len() < 7).then_some(FindingFact::SerialTooShort)
}

fn ecdsa(cert: &Certificate, facts: &mut Facts) {
    if !matches!(cert.signature_algorithm(), Some(SignatureAlgorithm::Ecdsa(_))) {
        facts.push(FindingFact::SignatureAlgorithm(cert.signature_algorithm_oid()));
    } else if cert.signature_has_parameters() {
        facts.push(FindingFact::SignatureParameters);
    }
}

fn ecdsa_384(cert: &Certificate, facts: &mut Facts) {
    if cert.signature_algorithm() != Some(SignatureAlgorithm::Ecdsa(Hash::Sha384)) {
        facts.push(FindingFact::SignatureAlgorithm(cert.signature_algorithm_oid()));
    }
    if let Ok(key) = cert.public_key()
        && !matches!(key.curve(), Curve::P384 | Curve::BrainpoolP384r1)
    {
        facts.push(FindingFact::CurveNotAllowed(key.curve()));
    }
}

fn key(cert: &Certificate, okp: bool, facts: &mut Facts) {
    match cert.public_key() {
        Err(error) => facts.push(FindingFact::Key(error.clone())),
        Ok(key) => {
            let curve = key.curve();
            if !(curve.is_weierstrass() || okp && curve.can_sign()) {
                facts.push(FindingFact::CurveNotAllowed(curve));
            }
            // A key that does not stand there in the form we would write was compressed: every other form has been refused.
            if !cert.spki_der().ends_with(key.sec1_or_raw()) {
                facts.push(FindingFact::CompressedPoint);
            }
        }
    }
}

fn validity(cert: &Certificate, limit: Option<UtcDateTime>, facts: &mut Facts) {
    if cert.not_after() < cert.not_before() {
        facts.push(FindingFact::ValidityInverted);
    } else if limit.is_some_and(|limit| cert.not_after() > limit) {
        facts.push(FindingFact::ValidityTooLong);
    }
}

/// The same day and time so many months later, or the last day of that month; `None` beyond the calendar.
pub(super) fn add_months(at: UtcDateTime, months: u16) -> Option<UtcDateTime> {
    let index = i32::from(u8::from(at.month())) - 1 + i32::from(months);
    let year = at.year() + index / 12;
    let month = time::Month::try_from(u8::try_from(index % 12 + 1).ok()?).ok()?;
    let day = at.day().min(month.length(year));
    let date = Date::from_calendar_date(year, month, day).ok()?;
    Some(UtcDateTime::new(date, at.time()))
}

fn country(subject: &Name) -> Option<FindingFact> {
    let mut countries = subject.attributes_of_type(oid::COUNTRY);
    let Some(first) = countries.next() else {
        return Some(FindingFact::Missing(Element::Attribute(oid::COUNTRY)));
    };
    let letters =
        first.text().is_some_and(|text| text.len() == 2 && text.bytes().all(|letter| letter.is_ascii_uppercase()));
    let conforms = letters && first.is_printable_string() && countries.next().is_none();
    (!conforms).then_some(FindingFact::CountryForm)
}

fn state(cert: &Certificate, issuer: &Certificate) -> Option<FindingFact> {
    let own = || cert.subject().values(oid::STATE_OR_PROVINCE);
    let issuers = || issuer.subject().values(oid::STATE_OR_PROVINCE);
    if issuers().next().is_none() || pairwise(own(), issuers(), |own, issuers| own == issuers) {
        None
    } else if own().next().is_none() {
        Some(FindingFact::Missing(Element::Attribute(oid::STATE_OR_PROVINCE)))
    } else {
        Some(FindingFact::StateMismatch)
    }
}

/// countryName and serialNumber are PrintableString; other directory strings PrintableString or UTF8String. E-mail
/// addresses and domain components have a type of their own.
fn name_strings(subject: &Name, facts: &mut Facts) {
    for attribute in subject.attributes() {
        let allowed = match attribute.oid {
            // Its form is checked by a rule of its own.
            oid::COUNTRY | oid::EMAIL_ADDRESS | oid::DOMAIN_COMPONENT => true,
            oid::SERIAL_NUMBER => attribute.is_printable_string(),
            _ => attribute.is_printable_string() || attribute.is_utf8_string(),
        };
        if !allowed {
            facts.push(FindingFact::StringType(attribute.oid));
        }
    }
}

fn unhandled(extension: &Extension) -> Option<FindingFact> {
    let element = Element::Extension(extension.oid());
    match extension.state() {
        _ if !extension.is_critical() => None,
        ExtensionState::Processed => None,
        ExtensionState::Unknown => Some(FindingFact::UnknownCritical(element)),
        ExtensionState::Unprocessable(cause) => Some(FindingFact::Unprocessable(element, cause)),
    }
}

fn extension(
    cert: &Certificate,
    issuer: Option<&Certificate>,
    found: &Extension,
    critical: bool,
    content: &Content,
    facts: &mut Facts,
) {
    let element = Element::Extension(found.oid());
    match (critical, found.is_critical()) {
        (true, false) => facts.push(FindingFact::NotCritical(element)),
        (false, true) => facts.push(FindingFact::Critical(element)),
        _ => {}
    }
    if let ExtensionState::Unprocessable(cause) = found.state() {
        facts.push(FindingFact::Unprocessable(element, cause));
        return;
    }
    match content {
        Content::Any => {}
        Content::KeyIdentifier => {
            let expected = cert.public_key().ok().map(|key| key.key_identifier());
            if expected.is_some_and(|id| cert.subject_key_identifier() != Some(&id[..])) {
                facts.push(FindingFact::KeyIdentifier);
            }
        }
        Content::IssuerKeyIdentifier => match (cert.authority_key_identifier(), issuer) {
            (None, _) => facts.push(FindingFact::Missing(element)),
            (Some(named), Some(issuer)) if issuer.subject_key_identifier() != Some(named) => {
                facts.push(FindingFact::IssuerKeyIdentifier);
            }
            _ => {}
        },
        Content::KeyUsage(expected) => key_usage(cert, *expected, facts),
        Content::Ca { path_len } => match cert.basic_constraints() {
            Some(found) if !found.ca => facts.push(FindingFact::NotCa),
            Some(found) if found.path_len != Some(*path_len) => {
                facts.push(FindingFact::PathLength(found.path_len));
            }
            _ => {}
        },
        Content::KeyPurposes(purposes) => key_purposes(cert, purposes, facts),
        Content::Contact => {
            let mut reachable = false;
            // It has been read once, so it can be read.
            let _ = each_general_name(found.value(), |name| {
                reachable |= matches!(name, GeneralName::Email(_) | GeneralName::Uri(_));
            });
            facts.extend((!reachable).then_some(FindingFact::NoContact));
        }
        Content::CrlUri => {
            let (mut has_uri, mut limited) = (false, false);
            let _ = each_point_part(found.value(), |part| match part {
                PointPart::Name(name) => has_uri |= matches!(name, GeneralName::Uri(_)),
                PointPart::End { has_reasons, has_crl_issuer } => limited |= has_reasons || has_crl_issuer,
            });
            facts.extend((!has_uri).then_some(FindingFact::NoUri(element)));
            facts.extend(limited.then_some(FindingFact::LimitedDistributionPoint));
        }
        // Access to the issuer's certificate alone is allowed, so an absent OCSP URI deviates from nothing.
        Content::OcspUri => {}
    }
}

fn key_usage(cert: &Certificate, expected: KeyUsage, facts: &mut Facts) {
    if let Some(found) = cert.key_usage()
        && found != expected
    {
        facts.push(FindingFact::KeyUsage { expected, found });
    }
}

/// The first purpose is required, the others recommended.
fn key_purposes(cert: &Certificate, purposes: &'static [der::asn1::ObjectIdentifier], facts: &mut Facts) {
    let found = cert.extended_key_usage().unwrap_or_default();
    for (index, purpose) in purposes.iter().enumerate() {
        if !found.contains(purpose) {
            facts.push(match index {
                0 => FindingFact::KeyPurpose(*purpose),
                _ => FindingFact::RecommendedKeyPurpose(*purpose),
            });
        }
    }
}

fn crl_or_no_check(cert: &Certificate, facts: &mut Facts) {
    let no_check = cert.extension(&oid::OCSP_NOCHECK).is_some();
    if no_check == cert.extension(&oid::CRL_DISTRIBUTION_POINTS).is_some() {
        facts.push(FindingFact::CrlOrNoCheck);
    }
    if no_check {
        validity(cert, cert.not_before().checked_add(Duration::days(90)), facts);
    }
}
