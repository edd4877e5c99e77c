//! The single checks of a path.

use super::{MAX_INTERMEDIATES, PathError, PathFinding, PathInput, PathPosition, SubjectRules};
use crate::{
    certificate::{Certificate, KeyUsage, Name, NameMatch},
    oid,
    provider::CryptoProvider,
};

type Placed<'a> = (PathPosition, &'a Certificate);

/// The intermediates up to the anchor's or a root's appearance among them.
pub(super) fn relevant_intermediates<'a>(
    intermediates: &'a [Certificate],
    anchor: &Certificate,
) -> Result<&'a [Certificate], PathError> {
    let ends = |cert: &Certificate| cert == anchor || cert.is_self_issued();
    let count = intermediates.iter().take_while(|cert| !ends(cert)).count();
    if count > MAX_INTERMEDIATES {
        return Err(PathError::TooManyIntermediates);
    }
    Ok(intermediates.get(..count).unwrap_or_default())
}

/// One certificate under the next: name, key identifiers, signature.
pub(super) fn check_step(
    (position, subject): Placed<'_>,
    (issuer_position, issuer): Placed<'_>,
    provider: &dyn CryptoProvider,
    findings: &mut Vec<PathFinding>,
) -> Result<(), PathError> {
    match subject.issuer().matches(issuer.subject()) {
        NameMatch::Identical => {}
        NameMatch::Equivalent => findings.push(PathFinding::IssuerNameEquivalent(position)),
        NameMatch::Different => return Err(PathError::IssuerNameMismatch(position)),
    }
    let key = issuer.public_key();
    let key = key.map_err(|error| PathError::Key(issuer_position, error.clone()))?;
    subject.verify_signature(key, provider).map_err(|error| PathError::Signature(position, error))?;
    match (subject.authority_key_identifier(), issuer.subject_key_identifier()) {
        (Some(named), Some(own)) if named != own => {
            findings.push(PathFinding::KeyIdentifierMismatch(position));
        }
        (authority, own) => {
            if authority.is_none() {
                findings.push(PathFinding::AuthorityKeyIdentifierMissing(position));
            }
            if own.is_none() {
                findings.push(PathFinding::SubjectKeyIdentifierMissing(issuer_position));
            }
        }
    }
    Ok(())
}

/// Who may certify and who may not.
pub(super) fn check_roles(
    leaf: &Certificate,
    intermediates: &[Certificate],
    anchor: &Certificate,
) -> Result<(), PathError> {
    if leaf.spki_der() == anchor.spki_der() || leaf.public_key() == anchor.public_key() {
        return Err(PathError::LeafIsAnchor);
    }
    if !anchor.is_ca() {
        return Err(PathError::AnchorNotCa);
    }
    if let Some(index) = intermediates.iter().position(|cert| !cert.is_ca()) {
        return Err(PathError::IntermediateNotCa(PathPosition::Intermediate(index)));
    }
    let certifies = leaf.basic_constraints().is_some_and(|constraints| constraints.ca)
        || leaf.key_usage().is_some_and(|usage| usage.contains(KeyUsage::KEY_CERT_SIGN));
    if certifies {
        return Err(PathError::LeafIsCa);
    }
    // Self-issued certificates are never among the intermediates, so every one of them counts.
    let below = intermediates.iter().enumerate().map(|(i, c)| (PathPosition::Intermediate(i), c, i));
    let anchor = (PathPosition::Anchor, anchor, intermediates.len());
    for (position, certificate, followers) in below.chain([anchor]) {
        let limit = certificate.basic_constraints().and_then(|constraints| constraints.path_len);
        if limit.is_some_and(|limit| usize::try_from(limit).is_ok_and(|limit| followers > limit)) {
            return Err(PathError::PathLength(position));
        }
    }
    Ok(())
}

/// countryName and stateOrProvinceName (ISO/IEC 18013-5 9.3.3 and B.1.1).
pub(super) fn check_subjects(input: &PathInput<'_>, findings: &mut Vec<PathFinding>) -> Result<(), PathError> {
    let reported = match input.subject_rules {
        SubjectRules::None => return Ok(()),
        SubjectRules::Iaca => false,
        SubjectRules::IacaReported => true,
    };
    let (leaf, anchor) = (input.leaf.subject(), input.anchor.subject());
    match (only(leaf, oid::COUNTRY), only(anchor, oid::COUNTRY)) {
        (Ok(Some(own)), Ok(Some(issuers))) if own == issuers => {}
        (Ok(Some(own)), Ok(Some(issuers))) if own.eq_ignore_ascii_case(&issuers) => {
            findings.push(PathFinding::CountryDiffersInCase);
        }
        _ if reported => findings.push(PathFinding::CountryMismatch),
        _ => return Err(PathError::CountryMismatch),
    }
    match (only(leaf, oid::STATE_OR_PROVINCE), only(anchor, oid::STATE_OR_PROVINCE)) {
        (Ok(_), Ok(None)) => {}
        (Ok(None), Ok(Some(_))) => findings.push(PathFinding::StateMissing),
        (Ok(own), Ok(issuers)) if own == issuers => {}
        _ if reported => findings.push(PathFinding::StateMismatch),
        _ => return Err(PathError::StateMismatch),
    }
    Ok(())
}

/// The only value of an attribute, or that there is none. Several values, or one that is no text, are an error: which of
/// them counts would be guessing.
fn only(name: &Name, oid: der::asn1::ObjectIdentifier) -> Result<Option<String>, ()> {
    let mut values = name.attributes_of_type(oid);
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(one), None) => one.text().map(|text| Some(text.into_owned())).ok_or(()),
        (Some(_), Some(_)) => Err(()),
    }
}
