//! Reading a list: plain JSON, or a JWS around it.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde::de::IgnoredAny;
use tegata_mdoc::date::Tdate;
use tegata_pki::{Certificate, RawSignature};
use time::UtcDateTime;

use super::{Envelope, ListDocument, Lote, LoteDeviation, LoteReadError, MAX_LOTE_BYTES, Parts, TrustedList};
use crate::token::jwt;

/// The members we look at. A repeated member is an error; others are let through, as RFC 7515 4 wants.
#[derive(Deserialize)]
struct Header {
    alg: String,
    x5c: Option<Vec<String>>,
    #[serde(rename = "x5t#S256")]
    x5t_sha256: Option<String>,
    crit: Option<Vec<String>>,
    #[serde(rename = "sigT")]
    signing_time: Option<String>,
    iat: Option<f64>,
    jwk: Option<IgnoredAny>,
    jku: Option<IgnoredAny>,
    x5u: Option<IgnoredAny>,
}

impl Header {
    /// Whether every header that `crit` names is there and is one we read: the two ways of JAdES to state the signing time
    /// (ETSI TS 119 182-1 5.1.11, 5.2.1). Headers of RFC 7515 itself may not be named.
    fn critical_is_understood(&self) -> bool {
        self.crit.as_ref().is_none_or(|names| {
            !names.is_empty()
                && names.iter().all(|name| match name.as_str() {
                    "sigT" => self.signing_time.is_some(),
                    "iat" => self.iat.is_some(),
                    _ => false,
                })
        })
    }
}

impl Lote {
    /// Reads a list in either form, told by its first character: `{` is plain JSON.
    ///
    /// # Errors
    /// [`LoteReadError`].
    pub fn read(bytes: &[u8]) -> Result<Self, LoteReadError> {
        let text = bytes.trim_ascii();
        if text.first() == Some(&b'{') {
            return Self::from_json(text);
        }
        Self::from_jws(core::str::from_utf8(text).map_err(|_| LoteReadError::Shape)?)
    }

    /// Reads plain JSON: `{"LoTE": {"ListAndSchemeInformation": {…}, ? "TrustedEntitiesList": […]}}`.
    ///
    /// # Errors
    /// [`LoteReadError`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, LoteReadError> {
        check_length(bytes.len())?;
        Self::with_envelope(bytes, None, vec![LoteDeviation::Unsigned])
    }

    /// Reads a JWS in compact serialisation: `base64url(header) . base64url(list) . base64url(signature)`, header
    /// `{"alg", ? "x5c", ? "x5t#S256", …}`.
    ///
    /// # Errors
    /// [`LoteReadError`]; `alg` `none` and MACs are [`LoteReadError::UnsupportedAlgorithm`].
    pub fn from_jws(text: &str) -> Result<Self, LoteReadError> {
        check_length(text.len())?;
        let (message, signature) = text.rsplit_once('.').ok_or(LoteReadError::Shape)?;
        let (header, payload) = message.split_once('.').ok_or(LoteReadError::Shape)?;
        let header: Header = json("header", &base64url("header", header)?)?;
        let payload = base64url("payload", payload)?;
        if !header.critical_is_understood() {
            return Err(LoteReadError::CriticalHeader);
        }
        let algorithm = jwt::algorithm(&header.alg).ok_or(LoteReadError::UnsupportedAlgorithm)?;
        let chain = header.x5c.unwrap_or_default().into_iter().map(|certificate| {
            let der = STANDARD.decode(certificate).map_err(|_| LoteReadError::Base64("x5c"))?;
            Certificate::from_der(&der).map_err(LoteReadError::SignerCertificate)
        });
        let chain: Vec<Certificate> = chain.collect::<Result<_, _>>()?;
        let signature = base64url("signature", signature)?;
        let thumbprint = header.x5t_sha256.map(|hash| base64url("x5t#S256", &hash)).transpose()?;

        let curve = chain.first().and_then(|signer| signer.public_key().ok()).map(tegata_pki::PublicKey::curve);
        let high_s = curve.is_some_and(|curve| {
            RawSignature::new(curve, signature.clone()).is_ok_and(|signature| signature.has_high_s(curve))
        });
        let noted = [
            (high_s, LoteDeviation::HighS),
            (chain.iter().skip(1).any(Certificate::is_self_issued), LoteDeviation::RootInChain),
            (header.jwk.is_some() || header.jku.is_some() || header.x5u.is_some(), LoteDeviation::KeyInHeader),
            (thumbprint.is_none(), LoteDeviation::NoThumbprint),
        ];
        let deviations = noted.into_iter().filter(|(is_so, _)| *is_so).map(|(_, deviation)| deviation).collect();
        let message = message.as_bytes().to_vec();
        Self::with_envelope(&payload, Some(Envelope { algorithm, chain, thumbprint, message, signature }), deviations)
    }

    fn with_envelope(
        payload: &[u8],
        envelope: Option<Envelope>,
        mut deviations: Vec<LoteDeviation>,
    ) -> Result<Self, LoteReadError> {
        let ListDocument { list } = json("payload", payload)?;
        let information = &list.information;
        if information.version != 1 {
            return Err(LoteReadError::Version(information.version));
        }
        if information.operator_names.is_empty() {
            return Err(LoteReadError::NoOperator);
        }
        let issued_at = date("ListIssueDateTime", &information.issued_at, &mut deviations)?;
        let next_update = information.next_update.as_deref();
        let next_update = next_update.map(|text| date("NextUpdate", text, &mut deviations)).transpose()?;
        note_form(&list, &mut deviations);
        deviations.sort_unstable();
        deviations.dedup();
        Ok(Self(Arc::new(Parts { list, issued_at, next_update, envelope, deviations })))
    }
}

fn check_length(found: usize) -> Result<(), LoteReadError> {
    if found > MAX_LOTE_BYTES { Err(LoteReadError::TooLong { found }) } else { Ok(()) }
}

fn date(name: &'static str, text: &str, deviations: &mut Vec<LoteDeviation>) -> Result<UtcDateTime, LoteReadError> {
    let date = Tdate::parse(text).ok_or(LoteReadError::Date(name))?;
    if text.contains('.') {
        deviations.push(LoteDeviation::FractionalSeconds);
    }
    if !text.ends_with('Z') {
        deviations.push(LoteDeviation::DateOffset);
    }
    Ok(date.instant())
}

/// What the schema would object to, besides unknown members, which reading refuses.
fn note_form(list: &TrustedList, deviations: &mut Vec<LoteDeviation>) {
    let information = &list.information;
    let is_empty = |length: Option<usize>| length == Some(0);
    let entities = list.entities.as_deref().unwrap_or_default();
    let empty = [
        information.distribution_points.as_ref().map(Vec::len),
        information.extensions.as_ref().map(Vec::len),
        information.pointers.as_ref().map(Vec::len),
        information.scheme_names.as_ref().map(Vec::len),
        information.scheme_uris.as_ref().map(Vec::len),
        information.community_rules.as_ref().map(Vec::len),
        information.policy.as_ref().map(Vec::len),
        list.entities.as_ref().map(Vec::len),
    ];
    let empty_entity = entities.iter().any(|entity| entity.services.is_empty() || entity.information.names.is_empty());
    if empty.into_iter().any(is_empty) || empty_entity {
        deviations.push(LoteDeviation::EmptyArray);
    }
    if entities.iter().any(|entity| entity.information.address.is_none() || entity.information.uris.is_none()) {
        deviations.push(LoteDeviation::MissingMember);
    }
}

fn base64url(part: &'static str, text: &str) -> Result<Vec<u8>, LoteReadError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| LoteReadError::Base64(part))
}

fn json<'a, T: Deserialize<'a>>(part: &'static str, bytes: &'a [u8]) -> Result<T, LoteReadError> {
    let located = |error: serde_json::Error| LoteReadError::Json { part, line: error.line(), column: error.column() };
    serde_json::from_slice(bytes).map_err(located)
}
