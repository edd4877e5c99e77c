//! Reading a VICAL.

use std::sync::Arc;

use tegata_mdoc::Deviation;
use tegata_mdoc::cbor::{Decode, DecodeError, DecodeErrorKind, Key, Limits, Reader};
use tegata_mdoc::cose::{AlgorithmId, CoseSign1};
use tegata_mdoc::date::Tdate;
use tegata_pki::{Certificate, CoseAlgorithm, RawSignature};

use super::entry::{Found, is_capitalised};
use super::{
    Content, EntryError, Envelope, MAX_VICAL_BYTES, MAX_VICAL_ENTRIES, Parts, SkippedEntry, Vical, VicalDeviation,
    VicalEntry, VicalReadError,
};

/// COSE hash algorithm SHA-256 (RFC 9054), for `x5t`.
const SHA_256: i64 = -16;
const LIMITS: Limits = Limits { bytes: MAX_VICAL_BYTES, ..Limits::LIST };

const KEYS: [&str; 8] =
    ["version", "vicalProvider", "vicalIssueID", "date", "nextUpdate", "notAfter", "certificateInfos", "extensions"];

impl Vical {
    /// Reads a list. What deviates tolerably is in [`Vical::deviations`] and with the entries.
    ///
    /// # Errors
    /// [`VicalReadError`]. An entry that cannot be read is no error but skipped; a map with a repeated key is one.
    pub fn from_cbor(bytes: &[u8]) -> Result<Self, VicalReadError> {
        if bytes.len() > MAX_VICAL_BYTES {
            return Err(VicalReadError::TooLong { found: bytes.len() });
        }
        let mut reader = Reader::new(bytes, LIMITS)?;
        let sign1 = CoseSign1::decode(&mut reader)?;
        reader.finish()?;
        let payload = sign1.payload.ok_or(VicalReadError::NoPayload)?;
        let mut payload_reader = Reader::new(payload, LIMITS)?;
        let list = List::decode(&mut payload_reader)?;
        payload_reader.finish()?;
        if !list.content.version.starts_with("1.") {
            return Err(VicalReadError::Version(list.content.version));
        }
        let found = list.content.entries.len() + list.content.skipped.len();
        if found > MAX_VICAL_ENTRIES {
            return Err(VicalReadError::TooManyEntries { found });
        }
        let mut deviations = list.deviations;
        let envelope = envelope(&sign1, payload, &mut deviations)?;
        note_encoding(&reader, &payload_reader, &mut deviations);
        if found == 0 {
            deviations.push(VicalDeviation::NoEntries);
        }
        deviations.sort_unstable();
        deviations.dedup();
        Ok(Self(Arc::new(Parts { envelope, content: list.content, deviations })))
    }
}

fn envelope(
    sign1: &CoseSign1<'_>,
    payload: &[u8],
    deviations: &mut Vec<VicalDeviation>,
) -> Result<Envelope, VicalReadError> {
    if sign1.unprotected.algorithm.is_some() {
        return Err(VicalReadError::AlgorithmNotProtected);
    }
    let algorithm = match sign1.protected.algorithm {
        Some(AlgorithmId::Number(number)) => CoseAlgorithm::from_number(number),
        Some(AlgorithmId::Text(_)) => None,
        None => return Err(VicalReadError::AlgorithmNotProtected),
    };
    let protected = &sign1.protected;
    let chain = sign1.certificate_chain().map_err(|_| VicalReadError::AmbiguousChain)?;
    let chain = chain.into_iter().flatten().map(|der| Certificate::from_der(der));
    let chain: Vec<Certificate> = chain.collect::<Result<_, _>>().map_err(VicalReadError::SignerCertificate)?;
    let thumbprint = match protected.thumbprint().or(sign1.unprotected.thumbprint()) {
        Some((SHA_256, hash)) => Some(hash.to_vec()),
        // A thumbprint we cannot compute must not be passed over as if it had matched.
        Some(_) => return Err(VicalReadError::UnsupportedThumbprint),
        None => None,
    };
    let extra = protected.others() > 0 || protected.key_id().is_some() || protected.content_type().is_some();
    let curve = chain.first().and_then(|signer| signer.public_key().ok()).map(tegata_pki::PublicKey::curve);
    let high_s = curve.is_some_and(|curve| {
        RawSignature::new(curve, sign1.signature.to_vec()).is_ok_and(|signature| signature.has_high_s(curve))
    });
    let noted = [
        (sign1.tagged, VicalDeviation::CoseTag),
        (protected.chain.is_some(), VicalDeviation::ChainProtected),
        (extra, VicalDeviation::ExtraProtectedHeader),
        (chain.iter().any(Certificate::is_self_issued), VicalDeviation::RootInChain),
        (high_s, VicalDeviation::HighS),
    ];
    deviations.extend(noted.into_iter().filter(|(is_so, _)| *is_so).map(|(_, deviation)| deviation));
    Ok(Envelope {
        algorithm: algorithm.ok_or(VicalReadError::UnsupportedAlgorithm)?,
        chain,
        thumbprint,
        message: sign1.to_be_signed(payload),
        signature: sign1.signature.to_vec(),
    })
}

fn note_encoding(envelope: &Reader<'_>, payload: &Reader<'_>, deviations: &mut Vec<VicalDeviation>) {
    for deviation in envelope.deviations().iter().chain(payload.deviations().iter()) {
        deviations.extend(match deviation {
            Deviation::ChainArrayOfOne => Some(VicalDeviation::ChainArrayOfOne),
            Deviation::IndefiniteLength | Deviation::LongHead => Some(VicalDeviation::Encoding),
            Deviation::UntaggedDate | Deviation::FractionalSeconds | Deviation::DateOffset => {
                Some(VicalDeviation::DateForm)
            }
            _ => None,
        });
    }
}

/// The payload and what was noted about it.
struct List {
    content: Content,
    deviations: Vec<VicalDeviation>,
}

impl<'a> Decode<'a> for List {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut version, mut provider, mut issue_id, mut url) = (None, None, None, None);
        let (mut date, mut next_update, mut not_after) = (None, None, None);
        let (mut entries, mut skipped) = (None, Vec::new());
        let mut deviations = Vec::new();
        reader.map(|reader, key| {
            let Key::Text(key) = key else { return reader.skip() };
            match key {
                "version" => version = Some(reader.text()?.to_owned()),
                "vicalProvider" => provider = Some(reader.text()?.to_owned()),
                "vicalIssueID" => issue_id = Some(reader.unsigned()?),
                "date" => date = Some(Tdate::decode(reader)?.instant()),
                "nextUpdate" => next_update = Some(Tdate::decode(reader)?.instant()),
                "notAfter" => not_after = Some(Tdate::decode(reader)?.instant()),
                "certificateInfos" => entries = Some(read_entries(reader, &mut skipped)?),
                "vicalURL" => url = Some(reader.text()?.to_owned()),
                "vicalURI" | "vicalUrl" | "vicalUri" => {
                    deviations.push(VicalDeviation::UrlSpelling);
                    let text = reader.text()?;
                    url.get_or_insert_with(|| text.to_owned());
                }
                other => {
                    if is_capitalised(other, &KEYS) {
                        deviations.push(VicalDeviation::CapitalisedKey);
                    }
                    reader.skip()?;
                }
            }
            Ok(())
        })?;
        let missing = |key| DecodeError::new(DecodeErrorKind::MissingKey { key }, at);
        let content = Content {
            version: version.ok_or_else(|| missing("version"))?,
            provider: provider.ok_or_else(|| missing("vicalProvider"))?,
            issue_id,
            date: date.ok_or_else(|| missing("date"))?,
            next_update,
            not_after,
            url,
            entries: entries.ok_or_else(|| missing("certificateInfos"))?,
            skipped,
        };
        Ok(Self { content, deviations })
    }
}

/// Reads the entries one by one; those that cannot be read go to `skipped`.
fn read_entries(reader: &mut Reader<'_>, skipped: &mut Vec<SkippedEntry>) -> Result<Vec<VicalEntry>, DecodeError> {
    let mut entries = Vec::new();
    reader.array(|reader, position| {
        // Well formed it must be, or nothing after it can be found.
        let item = reader.item()?;
        let found = reader.embedded::<Found<'_>>(item).map_err(EntryError::Shape);
        match found.and_then(|found| VicalEntry::read(position, found)) {
            Ok(entry) => entries.push(entry),
            Err(error) => skipped.push(SkippedEntry { position, error }),
        }
        Ok(())
    })?;
    Ok(entries)
}
