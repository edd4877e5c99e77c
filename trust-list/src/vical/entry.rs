//! One entry of a VICAL: a certificate, the document types it is for, and what the provider repeats about it.

use tegata_mdoc::cbor::{Decode, DecodeError, DecodeErrorKind, Key, Reader, TAG_TDATE, Value};
use tegata_mdoc::date::Tdate;
use tegata_pki::{Certificate, CertificateError, KeyError, ObjectIdentifier};
use time::{Duration, UtcDateTime};

use super::EntryDeviation;
use crate::DocTypes;

/// CBOR tag 2: an unsigned bignum.
pub(super) const TAG_BIGNUM: u64 = 2;

/// An entry that was read.
#[derive(Clone, Debug)]
pub struct VicalEntry {
    position: usize,
    certificate: Certificate,
    doc_types: DocTypes,
    profiles: Vec<String>,
    issuing_authority: Option<String>,
    issuing_country: Option<String>,
    state_or_province: Option<String>,
    deviations: Vec<EntryDeviation>,
}

/// An entry that was not read, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedEntry {
    /// Its place in the list, from 0.
    pub position: usize,
    /// Why.
    pub error: EntryError,
}

/// Why an entry is skipped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EntryError {
    /// Not a map with the members of a CertificateInfo.
    #[error("not a CertificateInfo: {0}")]
    Shape(DecodeError),
    /// The certificate cannot be read.
    #[error("{0}")]
    Certificate(CertificateError),
    /// A critical extension of the certificate is unknown or cannot be read, as basicConstraints with a BOOLEAN that is BER
    /// and not DER: no path could end at it (RFC 5280 4.2).
    #[error("critical extension {0} cannot be processed")]
    Extension(ObjectIdentifier),
    /// The certificate's key cannot be used.
    #[error("{0}")]
    Key(KeyError),
}

impl EntryError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Shape(_) => "vical-entry-shape",
            Self::Certificate(_) => "vical-entry-certificate",
            Self::Extension(_) => "vical-entry-extension",
            Self::Key(_) => "vical-entry-key",
        }
    }
}

impl VicalEntry {
    /// The place in the list, from 0; skipped entries count.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }

    /// The certificate: what the entry *is*.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The document types the certificate is an anchor for, and no others (C.1.7.1).
    #[must_use]
    pub fn doc_types(&self) -> &DocTypes {
        &self.doc_types
    }

    /// `certificateProfile`: URNs, such as `urn:oid:1.0.18013.5.1.7` for the IACA of a driving licence.
    #[must_use]
    pub fn profiles(&self) -> &[String] {
        &self.profiles
    }

    /// `issuingAuthority`, in the provider's words.
    #[must_use]
    pub fn issuing_authority(&self) -> Option<&str> {
        self.issuing_authority.as_deref()
    }

    /// `issuingCountry`, in the provider's words: ISO 3166-1 alpha-2 or ISO 3166-2.
    #[must_use]
    pub fn issuing_country(&self) -> Option<&str> {
        self.issuing_country.as_deref()
    }

    /// `stateOrProvinceName`, in the provider's words.
    #[must_use]
    pub fn state_or_province(&self) -> Option<&str> {
        self.state_or_province.as_deref()
    }

    /// The key identifier, from the certificate: its extension, or without one the SHA-1 of its key.
    #[must_use]
    pub fn key_identifier(&self) -> Vec<u8> {
        key_identifier(&self.certificate)
    }

    /// Where the provider's repetition of the certificate is wrong, and what is noteworthy about the certificate.
    #[must_use]
    pub fn deviations(&self) -> &[EntryDeviation] {
        &self.deviations
    }

    pub(super) fn read(position: usize, found: Found<'_>) -> Result<Self, EntryError> {
        let certificate = Certificate::from_der(found.certificate).map_err(EntryError::Certificate)?;
        if let Some(extension) = certificate.extensions().iter().find(|extension| extension.is_unhandled_critical()) {
            return Err(EntryError::Extension(extension.oid()));
        }
        certificate.public_key().map_err(|error| EntryError::Key(error.clone()))?;
        let deviations = found.deviations(&certificate);
        let text = |value: Option<Value<'_>>| value.as_ref().and_then(Value::as_text).map(str::to_owned);
        Ok(Self {
            position,
            certificate,
            doc_types: found.doc_types,
            profiles: found.profiles,
            issuing_authority: text(found.issuing_authority),
            issuing_country: text(found.issuing_country),
            state_or_province: text(found.state_or_province),
            deviations,
        })
    }
}

/// The members of a CertificateInfo. Those that count must have their type; the others are kept as they are.
pub(super) struct Found<'a> {
    certificate: &'a [u8],
    doc_types: DocTypes,
    profiles: Vec<String>,
    serial: Option<Value<'a>>,
    ski: Option<Value<'a>>,
    issuing_authority: Option<Value<'a>>,
    issuing_country: Option<Value<'a>>,
    state_or_province: Option<Value<'a>>,
    issuer: Option<Value<'a>>,
    subject: Option<Value<'a>>,
    not_before: Option<Value<'a>>,
    not_after: Option<Value<'a>>,
    profile_type: bool,
    capitalised: bool,
}

const KEYS: [&str; 13] = [
    "certificate",
    "serialNumber",
    "ski",
    "docType",
    "certificateProfile",
    "issuingAuthority",
    "issuingCountry",
    "stateOrProvinceName",
    "issuer",
    "subject",
    "notBefore",
    "notAfter",
    "extensions",
];

/// Whether `key` is one of `known` but for its first letter, which is a capital.
pub(super) fn is_capitalised(key: &str, known: &[&str]) -> bool {
    let mut letters = key.chars();
    let small = letters.next().filter(char::is_ascii_uppercase).map(|first| first.to_ascii_lowercase());
    small.is_some_and(|first| {
        known.iter().any(|name| name.strip_prefix(first).is_some_and(|rest| rest == letters.as_str()))
    })
}

impl<'a> Decode<'a> for Found<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut certificate, mut doc_types, mut profiles) = (None, None, Vec::new());
        let [mut serial, mut ski, mut issuer, mut subject, mut not_before, mut not_after] = [const { None }; 6];
        let [mut issuing_authority, mut issuing_country, mut state_or_province] = [const { None }; 3];
        let (mut profile_type, mut capitalised) = (true, false);
        reader.map(|reader, key| {
            let Key::Text(key) = key else { return reader.skip() };
            let slot = match key {
                "certificate" => {
                    certificate = Some(reader.bytes()?);
                    return Ok(());
                }
                "docType" => {
                    doc_types = Some(texts(reader)?);
                    return Ok(());
                }
                "certificateProfile" => {
                    let value = Value::decode(reader)?;
                    profile_type =
                        matches!(&value, Value::Array(items) if items.iter().all(|item| item.as_text().is_some()));
                    if let Value::Array(items) = value {
                        profiles = items.iter().filter_map(Value::as_text).map(str::to_owned).collect();
                    }
                    return Ok(());
                }
                "serialNumber" => &mut serial,
                "ski" => &mut ski,
                "issuingAuthority" => &mut issuing_authority,
                "issuingCountry" => &mut issuing_country,
                "stateOrProvinceName" => &mut state_or_province,
                "issuer" => &mut issuer,
                "subject" => &mut subject,
                "notBefore" => &mut not_before,
                "notAfter" => &mut not_after,
                other => {
                    capitalised |= is_capitalised(other, &KEYS);
                    return reader.skip();
                }
            };
            *slot = Some(Value::decode(reader)?);
            Ok(())
        })?;
        let missing = |key| DecodeError::new(DecodeErrorKind::MissingKey { key }, at);
        let mut doc_types = doc_types.ok_or_else(|| missing("docType"))?.into_iter();
        let first = doc_types.next().ok_or_else(|| DecodeError::new(DecodeErrorKind::Empty, at).within("docType"))?;
        Ok(Self {
            certificate: certificate.ok_or_else(|| missing("certificate"))?,
            doc_types: DocTypes::new(first, doc_types),
            profiles,
            serial,
            ski,
            issuing_authority,
            issuing_country,
            state_or_province,
            issuer,
            subject,
            not_before,
            not_after,
            profile_type,
            capitalised,
        })
    }
}

fn texts(reader: &mut Reader<'_>) -> Result<Vec<String>, DecodeError> {
    let mut texts = Vec::new();
    reader.array(|reader, _| {
        texts.push(reader.text()?.to_owned());
        Ok(())
    })?;
    Ok(texts)
}

impl Found<'_> {
    /// Compares what is repeated with the certificate.
    fn deviations(&self, certificate: &Certificate) -> Vec<EntryDeviation> {
        let mut deviations = Vec::new();
        if self.serial.is_none() || self.ski.is_none() {
            deviations.push(EntryDeviation::MissingMember);
        }
        deviations.extend(self.ski.as_ref().and_then(|ski| ski_deviation(ski, &key_identifier(certificate))));
        if let Some(serial) = &self.serial {
            deviations.extend(serial_deviations(serial, certificate.serial()));
        }
        let dates = [(&self.not_before, certificate.not_before()), (&self.not_after, certificate.not_after())];
        for (found, own) in dates {
            deviations.extend(found.as_ref().and_then(|found| date_deviation(found, own)));
        }
        let names = [
            (&self.issuer, certificate.issuer(), EntryDeviation::IssuerDiffers),
            (&self.subject, certificate.subject(), EntryDeviation::SubjectDiffers),
        ];
        for (found, own, differs) in names {
            match found {
                Some(Value::Bytes(der)) if **der != *own.der() => deviations.push(differs),
                Some(Value::Bytes(_)) | None => {}
                Some(_) => deviations.push(EntryDeviation::MemberType),
            }
        }
        let texts = [&self.issuing_authority, &self.issuing_country, &self.state_or_province];
        if !self.profile_type || texts.into_iter().flatten().any(|value| value.as_text().is_none()) {
            deviations.push(EntryDeviation::MemberType);
        }
        if self.capitalised {
            deviations.push(EntryDeviation::CapitalisedKey);
        }
        if !certificate.is_self_issued() {
            deviations.push(EntryDeviation::NotSelfIssued);
        }
        if !certificate.is_ca() {
            deviations.push(EntryDeviation::NotCa);
        }
        deviations.sort_unstable();
        deviations.dedup();
        deviations
    }
}

/// The key identifier of a certificate: its extension (RFC 5280 4.2.1.2), or without one the SHA-1 of its key.
pub(super) fn key_identifier(certificate: &Certificate) -> Vec<u8> {
    let extension = certificate.subject_key_identifier().map(<[u8]>::to_vec);
    extension
        .unwrap_or_else(|| certificate.public_key().map_or_else(|_| Vec::new(), |key| key.key_identifier().to_vec()))
}

fn ski_deviation(found: &Value<'_>, own: &[u8]) -> Option<EntryDeviation> {
    let Value::Bytes(found) = found else { return Some(EntryDeviation::MemberType) };
    if **found == *own {
        return None;
    }
    let once = octet_string(found);
    let wrapped = once == Some(own) || once.and_then(octet_string) == Some(own);
    Some(if wrapped { EntryDeviation::WrappedSki } else { EntryDeviation::SkiDiffers })
}

/// The contents of a DER OCTET STRING of less than 128 octets.
fn octet_string(der: &[u8]) -> Option<&[u8]> {
    match der {
        [0x04, length, contents @ ..] if *length < 0x80 && usize::from(*length) == contents.len() => Some(contents),
        _ => None,
    }
}

fn serial_deviations(found: &Value<'_>, own: &[u8]) -> Vec<EntryDeviation> {
    let own = without_zeros(own);
    let integer;
    let (digits, small) = match found {
        Value::Unsigned(number) => {
            integer = number.to_be_bytes();
            (without_zeros(&integer), false)
        }
        Value::Tag(TAG_BIGNUM, content) => {
            let Value::Bytes(octets) = &**content else { return vec![EntryDeviation::MemberType] };
            (without_zeros(octets), octets.len() <= size_of::<u64>() || octets.first() == Some(&0))
        }
        _ => return vec![EntryDeviation::MemberType],
    };
    let differs = (digits != own).then_some(EntryDeviation::SerialDiffers);
    differs.into_iter().chain(small.then_some(EntryDeviation::BignumForm)).collect()
}

fn without_zeros(octets: &[u8]) -> &[u8] {
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    octets.get(zeros..).unwrap_or_default()
}

fn date_deviation(found: &Value<'_>, own: UtcDateTime) -> Option<EntryDeviation> {
    let date = match found {
        Value::Tag(TAG_TDATE, text) => text.as_text().and_then(Tdate::parse),
        _ => None,
    };
    let Some(date) = date else { return Some(EntryDeviation::MemberType) };
    let distance = (date.instant() - own).abs();
    if distance.is_zero() {
        None
    } else if distance == Duration::hours(12) {
        Some(EntryDeviation::DatesTwelveHoursOff)
    } else {
        Some(EntryDeviation::DatesDiffer)
    }
}
