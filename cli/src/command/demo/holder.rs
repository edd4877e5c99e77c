//! The simulated holder and reader: a session begun by QR code, and what is presented in it.

use tegata_holder::{DeviceProof, ElementName, present};
use tegata_hsm::Signer;
use tegata_mdoc::cbor::Encoder;
use tegata_mdoc::cose::{CoseKey, KTY_EC2};
use tegata_mdoc::engagement::uri::format_device_engagement;
use tegata_mdoc::engagement::{BleOptions, DeviceEngagement, RetrievalMethod};
use tegata_mdoc::transcript::{self, Transport};
use tegata_pki::{AgreementKey, Curve, PublicKey};

use super::super::system_rng;
use super::claims::{DISCLOSED, FAMILY_NAME, NAME_SPACE};
use crate::failure::Failure;
use crate::transcript::sha256;

/// A session between a holder and a reader.
#[derive(Debug)]
pub(super) struct Session {
    device_engagement: Vec<u8>,
    transcript: Vec<u8>,
}

impl Session {
    /// Holder shows a QR code, reader answers with its ephemeral key. Both ephemeral keys live as long as this call: the
    /// demo encrypts nothing.
    pub(super) fn start() -> Result<Self, Failure> {
        let generate = || {
            let key = AgreementKey::generate(Curve::P256, &mut system_rng());
            key.map_err(|error| Failure::Machine { id: error.id(), detail: error.to_string() })
        };
        let (device, reader) = (generate()?, generate()?);
        let mut uuid = [0; 16];
        rand_core::Rng::fill_bytes(&mut system_rng(), &mut uuid);
        let bluetooth = RetrievalMethod::Ble(BleOptions {
            peripheral_server_mode: false,
            central_client_mode: true,
            peripheral_server_uuid: None,
            central_client_uuid: Some(uuid),
            device_address: None,
            l2cap_psm: None,
        });
        let device_engagement = DeviceEngagement::encode(&cose_key(device.public_key()), &[bluetooth], None, None);
        let mut reader_key = Encoder::new();
        cose_key(reader.public_key()).encode(&mut reader_key);
        let transport = Transport::Qr { device_engagement: &device_engagement, reader_key: reader_key.as_bytes() };
        let transcript = transport.session_transcript(sha256);
        Ok(Self { device_engagement, transcript })
    }

    /// The text of the QR code.
    pub(super) fn engagement_uri(&self) -> String {
        format!("{}\n", format_device_engagement(&self.device_engagement))
    }

    pub(super) fn transcript(&self) -> &[u8] {
        &self.transcript
    }

    /// The holder's DeviceResponse.
    pub(super) fn present(&self, issued: &[u8], device_key: &dyn Signer) -> Result<Vec<u8>, Failure> {
        let failed = |id, detail: String| Failure::Refused { subject: None, id, detail, remedy: None };
        let (transcript, _) =
            transcript::read(&self.transcript).map_err(|error| failed(error.id(), error.to_string()))?;
        let elements =
            DISCLOSED.map(|element| ElementName { name_space: NAME_SPACE.to_owned(), element: element.to_owned() });
        let response = present(issued, &elements, &transcript, DeviceProof::Signature(device_key));
        response.map_err(|error| failed(error.id(), error.to_string()))
    }
}

/// The response with one letter of the family name changed.
pub(super) fn tampered(response: &[u8]) -> Vec<u8> {
    let mut tampered = response.to_vec();
    let name = FAMILY_NAME.as_bytes();
    let place = tampered.windows(name.len()).position(|window| window == name);
    if let Some(letter) = place.and_then(|place| tampered.get_mut(place)) {
        *letter ^= 1;
    }
    tampered
}

fn cose_key(key: &PublicKey) -> CoseKey<'_> {
    CoseKey {
        key_type: KTY_EC2,
        curve: key.curve().cose_number(),
        x: key.x(),
        y: key.y(),
        y_is_odd: None,
        algorithm: None,
    }
}
