//! Retrieval methods of an engagement (ISO/IEC 18013-5 8.2.1.1, 8.2.2; ISO/IEC 18013-7 A.2).

use crate::cbor::{Decode, DecodeError, DecodeErrorKind, Encoder, Key, Reader};

/// A Bluetooth service UUID, most significant byte first as in the engagement.
pub type Uuid = [u8; 16];

const TYPE_NFC: u64 = 1;
const TYPE_BLE: u64 = 2;
const TYPE_WIFI_AWARE: u64 = 3;
const TYPE_WEBSITE: u64 = 4;
/// The only version of every method defined so far.
const VERSION: u64 = 1;

/// One link a party offers.
///
/// ```cddl
/// RetrievalMethod = [ type: uint, version: uint, options: any ]
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetrievalMethod<'a> {
    /// Type 1 version 1: NFC.
    Nfc(NfcOptions),
    /// Type 2 version 1: Bluetooth Low Energy.
    Ble(BleOptions<'a>),
    /// Type 3 version 1: Wi-Fi Aware.
    WifiAware(WifiAwareOptions<'a>),
    /// Type 4 version 1: HTTPS POST to this URI.
    Website(&'a str),
    /// Any other type or version, with its options as encoded.
    Unknown {
        /// The type.
        kind: u64,
        /// The version.
        version: u64,
        /// The encoded options; empty when there were none.
        options: &'a [u8],
    },
}

/// `NfcOptions = { 0: uint, 1: uint, * int => any }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NfcOptions {
    /// Longest command data field, 255 to 65535 bytes.
    pub max_command_length: u64,
    /// Longest response data field, 256 to 65536 bytes.
    pub max_response_length: u64,
}

/// `BleOptions = { 0: bool, 1: bool, ? 10: bstr, ? 11: bstr, ? 20: bstr, ? 21: uint, * int => any }`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BleOptions<'a> {
    /// The mdoc can be the GATT server (0).
    pub peripheral_server_mode: bool,
    /// The mdoc can be the GATT client (1).
    pub central_client_mode: bool,
    /// Service UUID the mdoc advertises (10); goes with `peripheral_server_mode`.
    pub peripheral_server_uuid: Option<Uuid>,
    /// Service UUID the reader advertises (11); goes with `central_client_mode`.
    pub central_client_uuid: Option<Uuid>,
    /// Device address of the mdoc (20).
    pub device_address: Option<&'a [u8]>,
    /// L2CAP protocol/service multiplexer of the mdoc (21, second edition).
    pub l2cap_psm: Option<u64>,
}

/// `WifiOptions = { ? 0: tstr, ? 1: uint, ? 2: uint, 3: bstr, * int => any }`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WifiAwareOptions<'a> {
    /// Pass-phrase (0).
    pub pass_phrase: Option<&'a str>,
    /// Operating class (1).
    pub operating_class: Option<u64>,
    /// Channel number (2).
    pub channel: Option<u64>,
    /// Bit map of supported bands (3).
    pub supported_bands: Option<&'a [u8]>,
}

impl RetrievalMethod<'_> {
    /// Appends `[type, version, options]`.
    pub fn encode(&self, encoder: &mut Encoder) {
        encoder.array(3);
        match self {
            Self::Nfc(options) => {
                encoder.unsigned(TYPE_NFC).unsigned(VERSION).map(2);
                encoder.integer(0).unsigned(options.max_command_length);
                encoder.integer(1).unsigned(options.max_response_length);
            }
            Self::Ble(options) => options.encode(encoder.unsigned(TYPE_BLE).unsigned(VERSION)),
            Self::WifiAware(options) => options.encode(encoder.unsigned(TYPE_WIFI_AWARE).unsigned(VERSION)),
            Self::Website(uri) => {
                encoder.unsigned(TYPE_WEBSITE).unsigned(VERSION).map(1).integer(0).text(uri);
            }
            Self::Unknown { kind, version, options } => {
                encoder.unsigned(*kind).unsigned(*version).raw(options);
            }
        }
    }
}

impl BleOptions<'_> {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.sorted_map(|map| {
            map.integer(0, |encoder| _ = encoder.boolean(self.peripheral_server_mode));
            map.integer(1, |encoder| _ = encoder.boolean(self.central_client_mode));
            if let Some(uuid) = &self.peripheral_server_uuid {
                map.integer(10, |encoder| _ = encoder.bytes(uuid));
            }
            if let Some(uuid) = &self.central_client_uuid {
                map.integer(11, |encoder| _ = encoder.bytes(uuid));
            }
            if let Some(address) = self.device_address {
                map.integer(20, |encoder| _ = encoder.bytes(address));
            }
            if let Some(psm) = self.l2cap_psm {
                map.integer(21, |encoder| _ = encoder.unsigned(psm));
            }
        });
    }
}

impl WifiAwareOptions<'_> {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.sorted_map(|map| {
            if let Some(pass_phrase) = self.pass_phrase {
                map.integer(0, |encoder| _ = encoder.text(pass_phrase));
            }
            if let Some(class) = self.operating_class {
                map.integer(1, |encoder| _ = encoder.unsigned(class));
            }
            if let Some(channel) = self.channel {
                map.integer(2, |encoder| _ = encoder.unsigned(channel));
            }
            if let Some(bands) = self.supported_bands {
                map.integer(3, |encoder| _ = encoder.bytes(bands));
            }
        });
    }
}

impl<'a> Decode<'a> for RetrievalMethod<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let (mut kind, mut version, mut method) = (0, 0, None);
        reader.array_of(3, |reader, index| {
            match index {
                0 => kind = reader.unsigned()?,
                1 => version = reader.unsigned()?,
                _ => {
                    method = Some(match (kind, version) {
                        (TYPE_NFC, VERSION) => Self::Nfc(Decode::decode(reader)?),
                        (TYPE_BLE, VERSION) => Self::Ble(Decode::decode(reader)?),
                        (TYPE_WIFI_AWARE, VERSION) => Self::WifiAware(Decode::decode(reader)?),
                        (TYPE_WEBSITE, VERSION) => Self::Website(website_uri(reader)?),
                        _ => Self::Unknown { kind, version, options: reader.item()? },
                    });
                }
            }
            Ok(())
        })?;
        // `array_of` has seen three elements, so the third was read.
        Ok(method.unwrap_or(Self::Unknown { kind, version, options: &[] }))
    }
}

impl<'a> Decode<'a> for NfcOptions {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut command, mut response) = (None, None);
        reader.map(|reader, key| {
            match key {
                Key::Unsigned(0) => command = Some(reader.unsigned()?),
                Key::Unsigned(1) => response = Some(reader.unsigned()?),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let missing = |key| DecodeError::new(DecodeErrorKind::MissingKey { key }, at);
        Ok(Self {
            max_command_length: command.ok_or_else(|| missing("maximum command data length (0)"))?,
            max_response_length: response.ok_or_else(|| missing("maximum response data length (1)"))?,
        })
    }
}

impl<'a> Decode<'a> for BleOptions<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut peripheral, mut central) = (None, None);
        let mut options = Self::default();
        reader.map(|reader, key| {
            match key {
                Key::Unsigned(0) => peripheral = Some(reader.boolean()?),
                Key::Unsigned(1) => central = Some(reader.boolean()?),
                Key::Unsigned(10) => options.peripheral_server_uuid = Some(uuid(reader)?),
                Key::Unsigned(11) => options.central_client_uuid = Some(uuid(reader)?),
                Key::Unsigned(20) => options.device_address = Some(reader.bytes()?),
                Key::Unsigned(21) => options.l2cap_psm = Some(reader.unsigned()?),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let missing = |key| DecodeError::new(DecodeErrorKind::MissingKey { key }, at);
        options.peripheral_server_mode = peripheral.ok_or_else(|| missing("peripheral server mode (0)"))?;
        options.central_client_mode = central.ok_or_else(|| missing("central client mode (1)"))?;
        Ok(options)
    }
}

impl<'a> Decode<'a> for WifiAwareOptions<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut options = Self::default();
        reader.map(|reader, key| {
            match key {
                Key::Unsigned(0) => options.pass_phrase = Some(reader.text()?),
                Key::Unsigned(1) => options.operating_class = Some(reader.unsigned()?),
                Key::Unsigned(2) => options.channel = Some(reader.unsigned()?),
                Key::Unsigned(3) => options.supported_bands = Some(reader.bytes()?),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        Ok(options)
    }
}

fn uuid(reader: &mut Reader<'_>) -> Result<Uuid, DecodeError> {
    let at = reader.offset();
    let bytes = reader.bytes()?;
    bytes.try_into().map_err(|_| DecodeError::new(DecodeErrorKind::InvalidValue { field: "UUID" }, at))
}

/// `{ 0: tstr, * int => any }`.
fn website_uri<'a>(reader: &mut Reader<'a>) -> Result<&'a str, DecodeError> {
    let at = reader.offset();
    let mut uri = None;
    reader.map(|reader, key| {
        match key {
            Key::Unsigned(0) => uri = Some(reader.text()?),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    uri.ok_or_else(|| DecodeError::new(DecodeErrorKind::MissingKey { key: "URI (0)" }, at))
}
