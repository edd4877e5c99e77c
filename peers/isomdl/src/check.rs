//! isomdl as the reader.
//!
//! What isomdl 0.2.0 verifies: the document signer certificate (validity, extensions of Annex B, issuer name, key
//! identifiers, signature by the IACA, country and state), the signature over the MSO, and the device signature over
//! the transcript. What it leaves out is in [`NOT_CHECKED`], and is printed with every result: an acceptance by isomdl
//! says nothing about the claims.

use std::{fmt, path::Path};

use anyhow::{Context, Result, anyhow};
use coset::Label;
use isomdl::{
    cbor,
    definitions::{
        DeviceResponse, IssuerSigned, SessionTranscript180135,
        x509::{
            X5Chain,
            trust_anchor::{PemTrustAnchor, TrustAnchorRegistry, TrustPurpose},
            validation::ValidationRuleset,
            x5chain::X5CHAIN_COSE_HEADER_LABEL,
        },
    },
    presentation::{
        authentication::{AuthenticationStatus, ResponseAuthenticationOutcome, mdoc::issuer_authentication},
        reader, reader_utils,
    },
};
use serde::de::DeserializeOwned;

use crate::folder;

/// What isomdl 0.2.0 does not look at, neither in an `IssuerSigned` nor in a `DeviceResponse`.
pub const NOT_CHECKED: [&str; 6] = [
    "item digests against the MSO",
    "validityInfo of the MSO",
    "docType of the document against the MSO",
    "CRLs and MSO status",
    "documents after the first mDL",
    "device MACs",
];

/// One thing that isomdl checked, and what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was checked.
    pub subject: &'static str,
    /// isomdl's complaint, when it had one.
    pub complaint: Option<String>,
}

/// What isomdl found in one input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// Whether isomdl had at least one thing to check and no complaint.
    pub fn accepted(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|finding| finding.complaint.is_none())
    }

    fn add(&mut self, subject: &'static str, complaint: Option<String>) {
        self.0.push(Finding { subject, complaint });
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Finding { subject, complaint } in &self.0 {
            match complaint {
                None => writeln!(f, "ok    {subject}")?,
                Some(complaint) => writeln!(f, "FAIL  {subject}: {complaint}")?,
            }
        }
        for omission in NOT_CHECKED {
            writeln!(f, "--    not checked by isomdl 0.2.0: {omission}")?;
        }
        Ok(())
    }
}

/// Checks `issued.cbor` of `dir` under `iaca.pem`. An error is a file that cannot be read or a root that is no
/// certificate; what isomdl cannot decode is a finding.
pub fn issued(dir: &Path) -> Result<Findings> {
    let issued = folder::read(dir, folder::ISSUED)?;
    let anchors = anchors(dir)?;

    let mut findings = Findings::default();
    let decoded = decode(&issued).and_then(|issued| Ok((x5chain(&issued)?, issued)));
    match decoded {
        Err(error) => findings.add(DECODING, Some(format!("{error:#}"))),
        Ok((chain, issued)) => {
            let errors = ValidationRuleset::Mdl.validate(&chain, &anchors).errors;
            findings.add(
                "document signer certificate under the IACA, Annex B profiles",
                (!errors.is_empty()).then(|| errors.join("; ")),
            );
            findings.add(
                "issuer signature over the MSO",
                issuer_authentication(chain, &issued).err().map(|error| error.to_string()),
            );
        }
    }
    Ok(findings)
}

/// Checks `response.cbor` of `dir` under `iaca.pem` and `transcript.cbor`; errors as for [`issued`].
pub fn response(dir: &Path) -> Result<Findings> {
    let input = ResponseInput::read(dir)?;

    let mut findings = Findings::default();
    match input.validate() {
        Err(error) => findings.add(DECODING, Some(format!("{error:#}"))),
        Ok(outcome) => {
            findings.add(
                "document signer certificate under the IACA, and issuer signature over the MSO",
                complaint(
                    outcome.issuer_authentication,
                    &outcome,
                    &["certificate_errors", "issuer_authentication_errors"],
                ),
            );
            findings.add(
                "device signature over the transcript",
                complaint(outcome.device_authentication, &outcome, &["device_authentication_errors"]),
            );
        }
    }
    Ok(findings)
}

const DECODING: &str = "structure of the document";

/// The bytes and the trust that one validation of a response needs.
pub struct ResponseInput {
    response: Vec<u8>,
    transcript: SessionTranscript180135,
    anchors: TrustAnchorRegistry,
}

impl ResponseInput {
    /// Reads `response.cbor`, `transcript.cbor` and `iaca.pem` of `dir`.
    pub fn read(dir: &Path) -> Result<Self> {
        Ok(Self {
            response: folder::read(dir, folder::RESPONSE)?,
            transcript: decode(&folder::read(dir, folder::TRANSCRIPT)?).context(folder::TRANSCRIPT)?,
            anchors: anchors(dir)?,
        })
    }

    /// isomdl's whole work on one response, as its reader does it after decryption: decode, collect the claims as
    /// JSON, validate the chain, verify both signatures. An error is a response that isomdl cannot decode.
    pub fn validate(&self) -> Result<ResponseAuthenticationOutcome> {
        let response: DeviceResponse = decode(&self.response)?;
        let (document, chain, claims) =
            reader::parse(&response).map_err(|error| anyhow!("isomdl cannot parse it: {error}"))?;
        Ok(reader_utils::validate_response(
            self.transcript.clone(),
            self.anchors.clone(),
            chain,
            document.clone(),
            claims,
        ))
    }
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    cbor::from_slice(bytes).context("isomdl cannot decode it")
}

fn complaint(status: AuthenticationStatus, outcome: &ResponseAuthenticationOutcome, kinds: &[&str]) -> Option<String> {
    (status != AuthenticationStatus::Valid).then(|| {
        let reasons: Vec<String> =
            kinds.iter().filter_map(|kind| outcome.errors.get(*kind)).map(ToString::to_string).collect();
        format!("{status:?} {}", reasons.join(" "))
    })
}

fn anchors(dir: &Path) -> Result<TrustAnchorRegistry> {
    TrustAnchorRegistry::from_pem_certificates(vec![PemTrustAnchor {
        certificate_pem: folder::read_text(dir, folder::IACA)?,
        purpose: TrustPurpose::Iaca,
    }])
}

fn x5chain(issued: &IssuerSigned) -> Result<X5Chain> {
    let (_, value) = issued
        .issuer_auth
        .unprotected
        .rest
        .iter()
        .find(|(label, _)| *label == Label::Int(X5CHAIN_COSE_HEADER_LABEL))
        .context("issuerAuth has no x5chain")?;
    X5Chain::from_cbor(value.clone())
}
