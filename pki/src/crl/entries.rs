//! The pass over the entries of a list.

use time::UtcDateTime;

use super::CrlError;
use crate::{
    asn1::{Tlv, Walk, parse_time, tag},
    certificate::extension_fields,
    oid,
};

/// One entry of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevokedEntry<'a> {
    /// The contents octets of the serial number.
    pub serial: &'a [u8],
    /// When the certificate was revoked.
    pub date: UtcDateTime,
    /// Why; `None` when the entry does not say, as ISO/IEC 18013-5 B.2 wants it.
    pub reason: Option<RevocationReason>,
    /// Whether there are extensions beside the reason; none of them is critical.
    pub has_other_extensions: bool,
}

/// `CRLReason` (RFC 5280 5.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RevocationReason {
    /// unspecified (0)
    Unspecified,
    /// keyCompromise (1)
    KeyCompromise,
    /// cACompromise (2)
    CaCompromise,
    /// affiliationChanged (3)
    AffiliationChanged,
    /// superseded (4)
    Superseded,
    /// cessationOfOperation (5)
    CessationOfOperation,
    /// certificateHold (6): suspended, may come back.
    CertificateHold,
    /// removeFromCRL (8): of delta CRLs only.
    RemoveFromCrl,
    /// privilegeWithdrawn (9)
    PrivilegeWithdrawn,
    /// aACompromise (10)
    AaCompromise,
    /// A number that RFC 5280 does not define.
    Other(u8),
}

impl RevocationReason {
    const NAMED: [(u8, Self); 10] = [
        (0, Self::Unspecified),
        (1, Self::KeyCompromise),
        (2, Self::CaCompromise),
        (3, Self::AffiliationChanged),
        (4, Self::Superseded),
        (5, Self::CessationOfOperation),
        (6, Self::CertificateHold),
        (8, Self::RemoveFromCrl),
        (9, Self::PrivilegeWithdrawn),
        (10, Self::AaCompromise),
    ];

    /// The reason of a `CRLReason` number.
    #[must_use]
    pub fn from_number(number: u8) -> Self {
        let named = Self::NAMED.into_iter().find(|(known, _)| *known == number);
        named.map_or(Self::Other(number), |(_, reason)| reason)
    }

    /// The `CRLReason` number.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Other(number) => number,
            reason => Self::NAMED.into_iter().find(|(_, known)| *known == reason).map_or(0, |(number, _)| number),
        }
    }
}

/// The entries of a list, one after the other; ends after the first error.
#[derive(Clone)]
pub struct Entries<'a>(&'a [u8]);

impl<'a> Entries<'a> {
    pub(super) fn new(contents: &'a [u8]) -> Self {
        Self(contents)
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<RevokedEntry<'a>, CrlError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let result = split_entry(self.0).and_then(|(entry, rest)| {
            self.0 = rest;
            entry.read()
        });
        if result.is_err() {
            self.0 = &[];
        }
        Some(result)
    }
}

/// An entry whose date has not been looked at.
struct Entry<'a> {
    serial: &'a [u8],
    time: Tlv<'a>,
    extensions: Option<Tlv<'a>>,
}

impl<'a> Entry<'a> {
    fn read(&self) -> Result<RevokedEntry<'a>, CrlError> {
        let (reason, has_other_extensions) = self.read_extensions()?;
        let date = parse_time(&self.time)?;
        Ok(RevokedEntry { serial: self.serial, date, reason, has_other_extensions })
    }

    /// Processes the entry's extensions; RFC 5280 5.3 wants that even where the reason is not of interest.
    fn read_extensions(&self) -> Result<(Option<RevocationReason>, bool), CrlError> {
        let Some(extensions) = &self.extensions else { return Ok((None, false)) };
        let mut list = extensions.walk()?;
        let mut seen = Vec::new();
        let mut reason = None;
        while !list.is_finished() {
            let (oid, critical, value) = extension_fields(&mut list)?;
            if seen.contains(&oid) {
                return Err(CrlError::DuplicateExtension(oid));
            }
            seen.push(oid);
            match oid {
                oid::REASON_CODE => {
                    let code = Walk::only(value, tag::ENUMERATED)?.value;
                    let [number] = code else {
                        return Err(CrlError::Der(crate::asn1::Asn1Error::InvalidValue));
                    };
                    reason = Some(RevocationReason::from_number(*number));
                }
                oid::CERTIFICATE_ISSUER => return Err(CrlError::Indirect),
                oid::INVALIDITY_DATE => {}
                other if critical => return Err(CrlError::UnknownCriticalExtension(other)),
                _ => {}
            }
        }
        let has_others = seen.iter().any(|oid| *oid != oid::REASON_CODE);
        Ok((reason, has_others))
    }
}

/// Serial numbers and dates, for showing: extensions are not looked at. Ends before the first entry that is damaged.
pub(super) fn listed(contents: &[u8]) -> impl Iterator<Item = (&[u8], UtcDateTime)> {
    let mut rest = contents;
    core::iter::from_fn(move || {
        let (entry, after) = split_entry(rest).ok()?;
        rest = after;
        Some((entry.serial, parse_time(&entry.time).ok()?))
    })
}

pub(super) fn lookup<'a>(contents: &'a [u8], serial: &[u8]) -> Result<Option<RevokedEntry<'a>>, CrlError> {
    let mut found = None;
    let mut rest = contents;
    while !rest.is_empty() {
        // Most entries are bare and of other certificates: those are stepped over without looking at the date.
        if let Some((other, after)) = bare_entry(rest)
            && other != serial
        {
            rest = after;
            continue;
        }
        let (entry, after) = split_entry(rest)?;
        rest = after;
        if entry.serial == serial {
            let entry = entry.read()?;
            if entry.reason != Some(RevocationReason::RemoveFromCrl) && found.is_none() {
                found = Some(entry);
            }
        } else {
            entry.read_extensions()?;
        }
    }
    Ok(found)
}

/// The serial of an entry in its usual shape: short lengths, a serial number and a UTCTime, no extensions. `None` means
/// that the entry must be read in full.
fn bare_entry(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let [0x30, length @ 0..=0x7F, 0x02, serial_length @ 1..=0x7F, rest @ ..] = bytes else {
        return None;
    };
    let (serial, rest) = rest.split_at_checked(usize::from(*serial_length))?;
    let (time, rest) = rest.split_first_chunk::<15>()?;
    let is_utc_time = matches!(time, [0x17, 13, .., b'Z']);
    let is_minimal = !matches!(serial, [0, 0..=0x7F, ..] | [0xFF, 0x80..=0xFF, ..]);
    let fits = usize::from(*length) == 2 + serial.len() + time.len();
    (is_utc_time && is_minimal && fits).then_some((serial, rest))
}

fn split_entry(bytes: &[u8]) -> Result<(Entry<'_>, &[u8]), CrlError> {
    let mut outer = Walk::new(bytes)?;
    let sequence = outer.take(tag::SEQUENCE)?;
    let rest = outer.rest();
    let mut fields = sequence.walk()?;
    let serial = fields.take(tag::INTEGER)?.integer()?;
    let time = fields.next()?;
    let extensions = fields.take_if(tag::SEQUENCE)?;
    fields.finish()?;
    Ok((Entry { serial, time, extensions }, rest))
}
