//! Services of a list and anchors of ours: one into the other.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tegata_mdoc::date::Tdate;
use tegata_pki::Certificate;

use super::verify::has_unknown_extension;
use super::{
    DigitalIdentity, LangString, LoteFreshness, PkiObject, ServiceInformation, TrustedEntityService, VerifiedLote,
};
use crate::{AnchorEntry, DocTypes, Provenance, Purpose, Scope};

/// Base of the service types of the profiles (ETSI TS 119 602 Annex D to I).
const SERVICE_TYPES: &str = "http://uri.etsi.org/19602/SvcType";
const ISSUANCE: &str = "/Issuance";
const REVOCATION: &str = "/Revocation";
/// The last part of a status that ends the service (SvcStatus/withdrawn of Annex H).
const WITHDRAWN: &str = "/withdrawn";

/// Document types with a service type of their own.
const KNOWN: [(&str, &str); 2] = [("org.iso.18013.5.1.mDL", "mDL"), ("eu.europa.ec.eudi.pid.1", "PID")];

impl VerifiedLote {
    /// The CA certificates of the services as anchors for `doc_types`, which a list of this kind does not say and the
    /// operator has to. A service whose type ends in `/Issuance` gives an anchor for issuance, `/Revocation` one for
    /// status; they are never mixed. Nothing comes from a closed list, a withdrawn service, one with an unknown extension,
    /// or an end-entity certificate.
    #[must_use]
    pub fn anchors(&self, doc_types: &DocTypes) -> Vec<AnchorEntry> {
        if self.freshness() == LoteFreshness::Closed {
            return Vec::new();
        }
        let lote = self.lote();
        let (number, operator, date) = (lote.sequence_number(), lote.operator(), Tdate::new(lote.issued_at()));
        let source = format!("LoTE {number} of {operator}, {date}");
        let usable =
            lote.entities().iter().filter(|entity| !has_unknown_extension(entity.information.extensions.as_deref()));
        let services = usable.flat_map(|entity| &entity.services).map(|service| &service.information);
        let mut anchors = Vec::new();
        for service in services {
            let Some(purpose) = service.purpose() else { continue };
            for certificate in service.identity.read_certificates().into_iter().filter(Certificate::is_ca) {
                anchors.push(AnchorEntry {
                    certificate,
                    scope: Scope::DocTypes(doc_types.clone()),
                    purposes: BTreeSet::from([purpose]),
                    provenance: Provenance { source: source.clone(), added_at: self.at() },
                });
            }
        }
        anchors
    }
}

impl ServiceInformation {
    /// What the service's certificates may speak for; `None` for other services, withdrawn ones, and those with an
    /// extension that is not known.
    #[must_use]
    pub fn purpose(&self) -> Option<Purpose> {
        let withdrawn = self.status.as_ref().is_some_and(|status| status.ends_with(WITHDRAWN));
        if withdrawn || has_unknown_extension(self.extensions.as_deref()) {
            return None;
        }
        let service_type = self.service_type.as_deref()?;
        if service_type.ends_with(ISSUANCE) {
            Some(Purpose::Issuance)
        } else if service_type.ends_with(REVOCATION) {
            Some(Purpose::Status)
        } else {
            None
        }
    }
}

impl DigitalIdentity {
    /// The certificates that can be read; others are left out.
    #[must_use]
    pub fn read_certificates(&self) -> Vec<Certificate> {
        let objects = self.certificates.iter().flatten();
        let der = objects.filter_map(|object| STANDARD.decode(&object.value).ok());
        der.filter_map(|der| Certificate::from_der(&der).ok()).collect()
    }
}

/// The services of an anchor: for each document type one for issuance, and one for status, which an anchor for issuance
/// covers as well. `base` begins the service types of document types that no profile names.
pub(super) fn services(anchor: &AnchorEntry, base: &str) -> Vec<TrustedEntityService> {
    let Scope::DocTypes(doc_types) = &anchor.scope else { return Vec::new() };
    let issues = anchor.purposes.contains(&Purpose::Issuance);
    let states = issues || anchor.purposes.contains(&Purpose::Status);
    let kinds = [(issues, ISSUANCE, "Issuance"), (states, REVOCATION, "Revocation")];
    let kinds = kinds.into_iter().filter(|(wanted, ..)| *wanted);
    kinds
        .flat_map(|(_, kind, name)| doc_types.iter().map(move |doc_type| (doc_type, kind, name)))
        .map(|(doc_type, kind, name)| {
            let known = KNOWN.iter().find(|(known, _)| *known == doc_type);
            let service_type = match known {
                Some((_, short)) => format!("{SERVICE_TYPES}/{short}{kind}"),
                None => format!("{base}/SvcType/{doc_type}{kind}"),
            };
            service(&anchor.certificate, service_type, format!("{name} of {doc_type}"))
        })
        .collect()
}

fn service(certificate: &Certificate, service_type: String, name: String) -> TrustedEntityService {
    let object = PkiObject { encoding: None, specification: None, value: STANDARD.encode(certificate.der()) };
    let identity = DigitalIdentity { certificates: Some(vec![object]), ..DigitalIdentity::default() };
    TrustedEntityService {
        information: ServiceInformation {
            names: vec![LangString { lang: "en".to_owned(), value: name }],
            identity,
            service_type: Some(service_type),
            status: None,
            status_since: None,
            scheme_definition: None,
            supply_points: None,
            definition: None,
            extensions: None,
        },
        history: None,
    }
}
