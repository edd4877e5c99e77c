//! The vectors: what is issued, presented and spoilt, and what must be said about it.

use std::path::Path;

use serde_json::{Value, json};
use tegata_holder::{DeviceProof, ElementName, present};
use tegata_issuer::{IssuanceRequest, StatusReference, Terms, TimestampPolicy};
use tegata_mdoc::cbor::Encoder;
use tegata_mdoc::model::{Claims, Registry};
use tegata_mdoc::transcript::{self, Transport};
use tegata_pki::{AgreementKey, Certificate, Curve, Edition, Hash, rust_crypto};
use tegata_verifier::simple::Request;
use tegata_verifier::{Lang, Policy, json as report};
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::utc_datetime;

use crate::authority::{Authority, NOW, SIGNED, STATUS_INDEX, STATUS_URI, key, scalar, signer};
use crate::claims;
use crate::random::FixedRandom;

/// One case folder in the making.
pub(crate) struct Vector {
    id: &'static str,
    title: &'static str,
    verdict: &'static str,
    at: UtcDateTime,
    input: Vec<u8>,
    root: Certificate,
    transcript: Option<Vec<u8>>,
    reader_key: Option<String>,
    crl: Vec<u8>,
    status_list: Vec<u8>,
}

/// How a document is issued and presented.
pub(crate) struct Recipe {
    doc_type: &'static str,
    claims: Value,
    disclosed: Option<&'static [&'static str]>,
    hash: Hash,
    device_curve: Curve,
    mac: bool,
}

impl Recipe {
    pub(crate) fn mdl() -> Self {
        Self {
            doc_type: claims::MDL,
            claims: claims::mdl(),
            disclosed: None,
            hash: Hash::Sha256,
            device_curve: Curve::P256,
            mac: false,
        }
    }

    /// The same without an element of the ISO name space: an age is true for a year only.
    pub(crate) fn without(mut self, element: &str) -> Self {
        self.claims[claims::MDL_SPACE].as_object_mut().unwrap().remove(element);
        self
    }

    /// The same, of which the holder discloses only these elements.
    pub(crate) fn disclosing(self, elements: &'static [&'static str]) -> Self {
        Self { disclosed: Some(elements), ..self }
    }

    /// The IssuerSigned, with a status reference.
    fn issue(&self, authority: &Authority) -> Vec<u8> {
        let status = StatusReference::new(STATUS_URI, STATUS_INDEX).unwrap();
        self.issue_at(authority, &status, (SIGNED, utc_datetime!(2026-09-01 0:00)))
    }

    /// The same in another place of a status list, valid for that period.
    pub(crate) fn issue_at(
        &self,
        authority: &Authority,
        status: &StatusReference,
        (signed, until): (UtcDateTime, UtcDateTime),
    ) -> Vec<u8> {
        let claims = Claims::from_json(self.doc_type, &self.claims.to_string(), Registry::built_in()).unwrap();
        let mut terms = Terms::until(until);
        terms.timestamps = TimestampPolicy::Second;
        terms.digest_algorithm = self.hash;
        let device_key = key(self.device_curve, "device");
        let request = IssuanceRequest {
            claims: &claims,
            terms: &terms,
            device_key: device_key.public_key(),
            status: Some(status),
        };
        let rng = &mut FixedRandom::new(&format!("issue {} {}", self.doc_type, self.hash.name()));
        authority.document_signer.issue(&request, rng, signed).unwrap().into_issuer_signed()
    }

    pub(crate) fn present(&self, issued: &[u8], transcript: &[u8]) -> Vec<u8> {
        let mut elements = Vec::new();
        for (name_space, values) in self.claims.as_object().unwrap() {
            for element in values.as_object().unwrap().keys() {
                if self.disclosed.is_none_or(|disclosed| disclosed.contains(&element.as_str())) {
                    elements.push(ElementName { name_space: name_space.clone(), element: element.clone() });
                }
            }
        }
        let (transcript, _) = transcript::read(transcript).unwrap();
        let device_signer = signer(self.device_curve, "device");
        let device_key = AgreementKey::from_raw(self.device_curve, &scalar(self.device_curve, "device")).unwrap();
        let reader_key = key(self.device_curve, "reader");
        let proof = if self.mac {
            DeviceProof::Mac { device_key: &device_key, reader_key: reader_key.public_key(), provider: rust_crypto() }
        } else {
            DeviceProof::Signature(&*device_signer)
        };
        present(issued, &elements, &transcript, proof).unwrap()
    }
}

/// Every vector.
pub(crate) fn all() -> Vec<Vector> {
    let utopia = Authority::utopia();
    let session = qr_transcript(Curve::P256, "session");
    let mdl = Recipe::mdl();
    let issued = mdl.issue(&utopia);
    let full = mdl.present(&issued, &session);
    let five = Recipe {
        disclosed: Some(&["family_name", "given_name", "birth_date", "issuing_country", "age_over_21"]),
        ..Recipe::mdl()
    }
    .present(&issued, &session);
    let new = |id, title, verdict, input: &[u8]| Vector::new(id, title, verdict, input.to_vec(), &utopia, &session);

    let serial = utopia.document_signer.certificate().serial().to_vec();
    let elsewhere = Authority::new("UT", "elsewhere", Curve::P256, Curve::P256, Edition::Iso18013_5);
    let mut vectors = vec![
        new("mdl-30-elements", "Thirty elements with a portrait of 20 KiB", "accepted", &full),
        new("mdl-5-of-30", "Five of thirty elements", "accepted", &five),
        Vector { transcript: None, ..new("mdl-no-transcript", "The session is not known", "undetermined", &five) },
        Vector {
            transcript: Some(qr_transcript(Curve::P256, "other session")),
            ..new("mdl-other-session", "Presented in another session", "rejected", &five)
        },
        Vector {
            status_list: utopia.status_list(&[STATUS_INDEX]),
            ..new("mdl-revoked", "The status list says invalid", "rejected", &five)
        },
        Vector {
            status_list: elsewhere.status_list(&[]),
            ..new("mdl-foreign-status-list", "The status list is signed under another root", "undetermined", &five)
        },
        Vector {
            crl: utopia.crl(&[&serial]),
            ..new("mdl-ds-revoked", "The document signer is on the CRL", "rejected", &five)
        },
        Vector {
            root: elsewhere.root.clone(),
            ..new("mdl-untrusted", "Another root of the same country", "rejected", &five)
        },
        Vector { at: utc_datetime!(2026-09-02 0:00), ..new("mdl-expired", "After validUntil", "rejected", &five) },
        Vector {
            at: utc_datetime!(2026-05-31 0:00),
            ..new("mdl-not-yet-valid", "Before validFrom", "rejected", &five)
        },
        new(
            "mdl-changed-element",
            "One letter of family_name changed",
            "rejected",
            &replaced(&five, b"Mustermann", b"Mustermand"),
        ),
        new("mdl-changed-doc-type", "Presented as another type", "rejected", &doc_type_changed(&five)),
        new(
            "mdl-changed-device-signature",
            "Last byte of the device signature changed",
            "rejected",
            &device_signature_changed(&five),
        ),
        new(
            "mdl-changed-issuer-signature",
            "A byte of the MSO changed",
            "rejected",
            &replaced(&five, b"validUntil", b"validUntjl"),
        ),
    ];
    vectors.extend(algorithms(&session));
    vectors.extend(other_doc_types());
    vectors
}

/// The same document under other algorithms, and with a MAC.
fn algorithms(session: &[u8]) -> Vec<Vector> {
    let disclosed: Option<&'static [&'static str]> = Some(&["family_name", "age_over_18"]);
    let mut vectors = Vec::new();
    for (id, title, curve, hash) in [
        ("mdl-p384-sha384", "Root, signer and device on P-384, digests SHA-384", Curve::P384, Hash::Sha384),
        ("mdl-p521-sha512", "Root, signer and device on P-521, digests SHA-512", Curve::P521, Hash::Sha512),
    ] {
        let authority = Authority::new("UT", "utopia", curve, curve, Edition::Iso18013_5);
        let recipe = Recipe { disclosed, hash, device_curve: curve, ..Recipe::mdl() };
        let session = qr_transcript(curve, "session");
        let response = recipe.present(&recipe.issue(&authority), &session);
        vectors.push(Vector::new(id, title, "accepted", response, &authority, &session));
    }
    let utopia = Authority::utopia();
    let recipe = Recipe { disclosed, mac: true, ..Recipe::mdl() };
    let response = recipe.present(&recipe.issue(&utopia), session);
    let mac = |id, title, verdict, reader_key| Vector {
        reader_key,
        ..Vector::new(id, title, verdict, response.clone(), &utopia, session)
    };
    vectors.push(mac("mdl-device-mac", "Device MAC", "accepted", Some(hex(&scalar(Curve::P256, "reader")))));
    vectors.push(mac("mdl-device-mac-no-key", "Device MAC, the reader key is missing", "undetermined", None));
    vectors.push(mac(
        "mdl-device-mac-other-key",
        "Device MAC, another reader key",
        "rejected",
        Some(hex(&scalar(Curve::P256, "other"))),
    ));
    vectors
}

fn other_doc_types() -> Vec<Vector> {
    let session = qr_transcript(Curve::P256, "session");
    let mut vectors = Vec::new();
    for (id, title, doc_type, claims, edition) in [
        ("eu-pid", "EU person identification data", "eu.europa.ec.eudi.pid.1", claims::pid(), Edition::EuPid),
        ("photo-id", "ISO Photo ID", "org.iso.23220.photoid.1", claims::photo_id(), Edition::Iso18013_5),
    ] {
        let authority = Authority::new("UT", "utopia", Curve::P256, Curve::P256, edition);
        let recipe = Recipe { doc_type, claims, ..Recipe::mdl() };
        let response = recipe.present(&recipe.issue(&authority), &session);
        vectors.push(Vector::new(id, title, "accepted", response, &authority, &session));
    }
    vectors
}

impl Vector {
    fn new(
        id: &'static str,
        title: &'static str,
        verdict: &'static str,
        input: Vec<u8>,
        authority: &Authority,
        session: &[u8],
    ) -> Self {
        Self {
            id,
            title,
            verdict,
            at: NOW,
            input,
            root: authority.root.clone(),
            transcript: Some(session.to_vec()),
            reader_key: None,
            crl: authority.crl(&[]),
            status_list: authority.status_list(&[STATUS_INDEX + 1]),
        }
    }

    /// Writes the folder, with the report that `strict` gives.
    pub(crate) fn write(&self, output: &Path) {
        let folder = output.join(self.id);
        std::fs::create_dir_all(&folder).unwrap();
        let write = |name: &str, content: &[u8]| std::fs::write(folder.join(name), content).unwrap();
        write("device-response.cbor", &self.input);
        write("root.pem", self.root.to_pem().as_bytes());
        write("iaca.crl", &self.crl);
        write("status-list.cwt", &self.status_list);
        if let Some(transcript) = &self.transcript {
            write("session-transcript.cbor", transcript);
        }
        if let Some(key) = &self.reader_key {
            write("reader-ephemeral-key.hex", key.as_bytes());
        }
        let verdict = match self.verdict {
            "accepted" => "accept",
            "rejected" => "reject",
            other => other,
        };
        let case = json!({
            "id": self.id,
            "title": self.title,
            "input": "device-response.cbor",
            "kind": "device-response",
            "session_transcript": self.transcript.as_ref().map(|_| "session-transcript.cbor"),
            "reader_ephemeral_private_key_hex": self.reader_key.as_ref().map(|_| "reader-ephemeral-key.hex"),
            "trust_anchors": ["root.pem"],
            "anchor_kind": "iaca",
            "crls": ["iaca.crl"],
            "status_lists": ["status-list.cwt"],
            "validation_time": self.at.format(&Rfc3339).unwrap(),
            "expect": { "documents": [{ "verdict": verdict }] },
        });
        write("case.json", format!("{case:#}\n").as_bytes());
        write("expected-report.json", self.report().as_bytes());
    }

    fn report(&self) -> String {
        let mut request = Request::new(self.input.clone(), Policy::strict(), self.at);
        request.trust(self.root.der()).unwrap().crl(&self.crl).unwrap().status_list(&self.status_list).unwrap();
        if let Some(transcript) = &self.transcript {
            request.transcript(transcript.clone()).unwrap();
        }
        if let Some(key) = &self.reader_key {
            request.reader_key_text(key).unwrap();
        }
        let report = request.verify().unwrap();
        assert_eq!(report.overall().id(), self.verdict, "{}: {:#}", self.id, report::report(&report, Lang::En));
        report::report_text(&report, Lang::En)
    }
}

/// The transcript of a session that began with a QR code; `name` is what makes it another session.
pub(crate) fn qr_transcript(curve: Curve, name: &str) -> Vec<u8> {
    let device = cose_key(curve, &format!("{name} engagement"));
    let reader = cose_key(curve, "reader");
    let mut engagement = Encoder::new();
    engagement.map(2).unsigned(0).text("1.0").unsigned(1).array(2).unsigned(1).embedded(&device);
    let transport = Transport::Qr { device_engagement: engagement.as_bytes(), reader_key: &reader };
    transport.session_transcript(|bytes| rust_crypto().digest(Hash::Sha256, bytes).as_ref().try_into().unwrap())
}

fn cose_key(curve: Curve, name: &str) -> Vec<u8> {
    let key = key(curve, name);
    let public = key.public_key();
    let mut encoder = Encoder::new();
    encoder.map(4).integer(1).integer(2).integer(-1).integer(curve.cose_number());
    encoder.integer(-2).bytes(public.x()).integer(-3).bytes(public.y().unwrap());
    encoder.into_bytes()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `bytes` with the first occurrence of `from` replaced by `to` of the same length.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

/// Only the outer docType; that of the MSO stays.
fn doc_type_changed(bytes: &[u8]) -> Vec<u8> {
    replaced(bytes, b"docTypeuorg.iso.18013.5.1.mDL", b"docTypeuorg.iso.18013.5.1.mDX")
}

/// The signature is the last item before `"status": 0`.
fn device_signature_changed(bytes: &[u8]) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    let at = changed.len() - b"\x66status\x00".len() - 1;
    changed[at] ^= 1;
    changed
}
