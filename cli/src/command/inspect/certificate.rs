//! Certificates, with the findings of their profile.

use serde_json::{Value as Json, json};
use tegata_mdoc::date::Tdate;
use tegata_pki::certificate::ExtensionState;
use tegata_pki::{Certificate, Edition, Finding, KeyUsage, ObjectIdentifier, Role, Severity, lint, oid, profile};
use tegata_terminal::{Lang, Output, clean};

use super::{View, facts};
use crate::failure::Failure;
use crate::input::Input;
use crate::load::certificates_of_input;
use crate::message::show as text;

pub(super) fn view(input: &Input, output: &Output) -> Result<View, Failure> {
    let certificates = certificates_of_input(input, output.lang)?;
    let pages: Vec<_> = certificates.iter().map(|certificate| page(certificate, &certificates, output)).collect();
    let json: Vec<_> =
        certificates.iter().map(|certificate| structure(certificate, &certificates, output.lang)).collect();
    Ok(View { page: pages.join("\n"), json: json.into() })
}

/// id-kp-oauthStatusSigning, the purpose of status list signers (draft-ietf-oauth-status-list 10.1).
const STATUS_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.30");

fn page(certificate: &Certificate, all: &[Certificate], output: &Output) -> String {
    let Output { lang, style, .. } = *output;
    let date = |instant| Tdate::new(instant).to_string();
    let key = match certificate.public_key() {
        Ok(key) => key.curve().name().to_owned(),
        Err(error) => error.to_string(),
    };
    let algorithm = certificate.signature_algorithm();
    let algorithm =
        algorithm.map_or_else(|| certificate.signature_algorithm_oid().to_string(), |known| known.name().to_owned());
    let mut rows = vec![
        (text::certificate_subject(lang), certificate.subject().to_string()),
        (text::certificate_issuer(lang), certificate.issuer().to_string()),
        (text::certificate_serial(lang), hex::encode(certificate.serial())),
        (
            text::certificate_validity(lang),
            format!("{} – {}", date(certificate.not_before()), date(certificate.not_after())),
        ),
        (text::certificate_key(lang), key),
        (text::certificate_signature(lang), algorithm),
        (text::certificate_fingerprint(lang), hex::encode(certificate.fingerprint_sha256())),
    ];
    for extension in certificate.extensions() {
        rows.push((text::certificate_extension(lang), extension_line(certificate, extension, lang)));
    }
    let mut page = facts(output, &rows);
    let (role, findings) = findings(certificate, all);
    let (role, edition) = (role.id(), Edition::Iso18013_5.id());
    if findings.is_empty() {
        page.push_str(&format!("  {}\n", style.good(&format!("✓ {}", text::no_findings(lang, role, edition)))));
        return page;
    }
    page.push_str(&format!("  {}\n", style.doubtful(&text::findings(lang, role, edition))));
    for finding in findings {
        let line = format!("{} {} [{}]", finding.rule, finding_text(&finding, lang), finding.clause);
        let line = clean(&line);
        let line = match finding.severity {
            Severity::Error => style.bad(&format!("✗ {line}")),
            Severity::Warning => style.doubtful(&format!("! {line}")),
            _ => style.faint(&format!("- {line}")),
        };
        page.push_str(&format!("    {line}\n"));
    }
    page
}

fn extension_line(certificate: &Certificate, extension: &tegata_pki::certificate::Extension, lang: Lang) -> String {
    let known = extension_name(certificate, &extension.oid());
    let mut line = known.unwrap_or_else(|| extension.oid().to_string());
    if extension.is_critical() {
        line.push_str(&format!(" ({})", text::certificate_critical(lang)));
    }
    match extension.state() {
        ExtensionState::Unprocessable(_) => line.push_str(&format!(": {}", text::certificate_malformed(lang))),
        ExtensionState::Unknown => line.push_str(&format!(": {}", text::certificate_unknown(lang))),
        ExtensionState::Processed => {}
    }
    line
}

/// Name and content of the extensions that matter here.
fn extension_name(certificate: &Certificate, id: &ObjectIdentifier) -> Option<String> {
    let hex_of = |bytes: Option<&[u8]>| bytes.map(hex::encode).unwrap_or_default();
    Some(match *id {
        oid::SUBJECT_KEY_IDENTIFIER => {
            format!("subjectKeyIdentifier {}", hex_of(certificate.subject_key_identifier()))
        }
        oid::AUTHORITY_KEY_IDENTIFIER => {
            format!("authorityKeyIdentifier {}", hex_of(certificate.authority_key_identifier()))
        }
        oid::KEY_USAGE => {
            let usage = certificate.key_usage().map(KeyUsage::names);
            format!("keyUsage {}", usage.into_iter().flatten().collect::<Vec<_>>().join(", "))
        }
        oid::EXTENDED_KEY_USAGE => {
            let purposes = certificate.extended_key_usage().unwrap_or_default();
            let purposes: Vec<_> = purposes.iter().map(ToString::to_string).collect();
            format!("extendedKeyUsage {}", purposes.join(", "))
        }
        oid::BASIC_CONSTRAINTS => match certificate.basic_constraints() {
            Some(constraints) => {
                let length = constraints.path_len.map(|length| format!(", pathLen {length}")).unwrap_or_default();
                format!("basicConstraints CA {}{length}", constraints.ca)
            }
            None => "basicConstraints".to_owned(),
        },
        oid::CRL_DISTRIBUTION_POINTS => {
            format!("cRLDistributionPoints {}", certificate.crl_distribution_uris().join(", "))
        }
        oid::ISSUER_ALT_NAME => "issuerAltName".to_owned(),
        oid::SUBJECT_ALT_NAME => "subjectAltName".to_owned(),
        _ => return None,
    })
}

/// The role a certificate plays, told from its basic constraints and key purposes, and what its profile says.
fn findings(certificate: &Certificate, all: &[Certificate]) -> (Role, Vec<Finding>) {
    let role = role(certificate);
    let issuer = all.iter().find(|issuer| issuer.subject().matches(certificate.issuer()).is_match());
    (role, lint(certificate, profile(role, Edition::Iso18013_5), issuer))
}

fn role(certificate: &Certificate) -> Role {
    let purposes = certificate.extended_key_usage().unwrap_or_default();
    let has = |purpose| purposes.contains(&purpose);
    if certificate.is_ca() {
        if certificate.is_self_issued() { Role::Iaca } else { Role::Link }
    } else if has(oid::EKU_MDL_READER_AUTH) || has(oid::EKU_MDOC_READER_AUTH) {
        Role::Reader
    } else if has(oid::EKU_MDL_VICAL) || has(oid::EKU_MDOC_VICAL) {
        Role::VicalSigner
    } else if has(oid::EKU_OCSP_SIGNING) {
        Role::OcspSigner
    } else if has(STATUS_SIGNING) {
        Role::StatusSigner
    } else {
        Role::DocumentSigner
    }
}

fn finding_text(finding: &Finding, lang: Lang) -> String {
    lang.pick(finding.text_en(), finding.text_ja())
}

fn structure(certificate: &Certificate, all: &[Certificate], lang: Lang) -> Json {
    let (role, findings) = findings(certificate, all);
    let extension = |extension: &tegata_pki::certificate::Extension| {
        json!({
            "oid": extension.oid().to_string(),
            "critical": extension.is_critical(),
            "content": extension_name(certificate, &extension.oid()),
            "value": hex::encode(extension.value()),
        })
    };
    let finding = |finding: &Finding| {
        json!({
            "rule": finding.rule,
            "clause": finding.clause,
            "severity": match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                _ => "info",
            },
            "text": finding_text(finding, lang),
        })
    };
    json!({
        "subject": certificate.subject().to_string(),
        "issuer": certificate.issuer().to_string(),
        "serial": hex::encode(certificate.serial()),
        "not_before": Tdate::new(certificate.not_before()).to_string(),
        "not_after": Tdate::new(certificate.not_after()).to_string(),
        "public_key": certificate.public_key().ok().map(|key| json!({ "curve": key.curve().name(), "pem": key.to_pem() })),
        "fingerprint_sha256": hex::encode(certificate.fingerprint_sha256()),
        "extensions": certificate.extensions().iter().map(extension).collect::<Vec<_>>(),
        "role": role.id(),
        "findings": findings.iter().map(finding).collect::<Vec<_>>(),
    })
}
