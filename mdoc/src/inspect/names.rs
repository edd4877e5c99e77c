//! Names of registered numbers (IANA COSE, CWT; ISO/IEC 18013-5).

use super::schema::Shape;

/// The name of `value` where `shape` says what kind of number it is.
pub(super) fn of_value(shape: Shape, value: i64) -> Option<&'static str> {
    match shape {
        Shape::Algorithm => algorithm(value),
        Shape::HashAlgorithm => hash_algorithm(value),
        Shape::KeyType => key_type(value),
        Shape::Curve => curve(value),
        Shape::CipherSuite => (value == 1).then_some("ECDH, HKDF-SHA-256, AES-256-GCM"),
        Shape::MethodType => method_type(value),
        Shape::ResponseStatus => response_status(value),
        Shape::SessionStatus => session_status(value),
        Shape::ErrorCode => (value == 0).then_some("data not returned"),
        _ => None,
    }
}

fn algorithm(value: i64) -> Option<&'static str> {
    Some(match value {
        -7 => "ES256",
        -35 => "ES384",
        -36 => "ES512",
        -8 => "EdDSA",
        -9 => "ESP256",
        -51 => "ESP384",
        -52 => "ESP512",
        -19 => "Ed25519",
        -53 => "Ed448",
        -265 => "ESB256",
        -266 => "ESB320",
        -267 => "ESB384",
        -268 => "ESB512",
        4 => "HMAC 256/64",
        5 => "HMAC 256/256",
        6 => "HMAC 384/384",
        7 => "HMAC 512/512",
        _ => return None,
    })
}

fn hash_algorithm(value: i64) -> Option<&'static str> {
    Some(match value {
        -16 => "SHA-256",
        -43 => "SHA-384",
        -44 => "SHA-512",
        _ => return None,
    })
}

fn key_type(value: i64) -> Option<&'static str> {
    Some(match value {
        1 => "OKP",
        2 => "EC2",
        3 => "RSA",
        4 => "Symmetric",
        _ => return None,
    })
}

fn curve(value: i64) -> Option<&'static str> {
    Some(match value {
        1 => "P-256",
        2 => "P-384",
        3 => "P-521",
        4 => "X25519",
        5 => "X448",
        6 => "Ed25519",
        7 => "Ed448",
        8 => "secp256k1",
        256 => "brainpoolP256r1",
        257 => "brainpoolP320r1",
        258 => "brainpoolP384r1",
        259 => "brainpoolP512r1",
        _ => return None,
    })
}

fn method_type(value: i64) -> Option<&'static str> {
    Some(match value {
        1 => "NFC",
        2 => "BLE",
        3 => "Wi-Fi Aware",
        4 => "website",
        _ => return None,
    })
}

fn response_status(value: i64) -> Option<&'static str> {
    Some(match value {
        0 => "OK",
        10 => "general error",
        11 => "CBOR decoding error",
        12 => "CBOR validation error",
        _ => return None,
    })
}

fn session_status(value: i64) -> Option<&'static str> {
    Some(match value {
        10 => "session encryption error",
        11 => "CBOR decoding error",
        20 => "session termination",
        _ => return None,
    })
}

/// The name of the integer key `label` of a map of `shape`.
pub(super) fn of_label(shape: Shape, label: i64) -> Option<&'static str> {
    match shape {
        Shape::Header => header(label),
        Shape::CoseKey => cose_key(label),
        Shape::DeviceEngagement | Shape::ReaderEngagement => engagement(label),
        Shape::Capabilities => capability(label),
        Shape::NfcOptions => nfc_option(label),
        Shape::BleOptions => ble_option(label),
        Shape::WifiOptions => wifi_option(label),
        Shape::WebsiteOptions => (label == 0).then_some("URI"),
        Shape::Claims => claim(label),
        _ => None,
    }
}

fn header(label: i64) -> Option<&'static str> {
    Some(match label {
        1 => "alg",
        2 => "crit",
        3 => "content type",
        4 => "kid",
        5 => "IV",
        6 => "Partial IV",
        15 => "CWT Claims",
        16 => "typ",
        32 => "x5bag",
        33 => "x5chain",
        34 => "x5t",
        35 => "x5u",
        _ => return None,
    })
}

fn cose_key(label: i64) -> Option<&'static str> {
    Some(match label {
        1 => "kty",
        2 => "kid",
        3 => "alg",
        4 => "key_ops",
        5 => "Base IV",
        -1 => "crv",
        -2 => "x",
        -3 => "y",
        -4 => "d (private)",
        _ => return None,
    })
}

fn engagement(label: i64) -> Option<&'static str> {
    Some(match label {
        0 => "Version",
        1 => "Security",
        2 => "RetrievalMethods",
        3 => "ServerRetrievalMethods",
        4 => "ProtocolInfo",
        5 => "OriginInfos",
        6 => "Capabilities",
        _ => return None,
    })
}

fn capability(label: i64) -> Option<&'static str> {
    Some(match label {
        0 => "MacKeysSupport",
        1 => "MacKeysCurves",
        2 => "HandoverSessionEstablishmentSupport",
        3 => "ReaderAuthAllSupport",
        4 => "ExtendedRequestSupport",
        _ => return None,
    })
}

fn nfc_option(label: i64) -> Option<&'static str> {
    Some(match label {
        0 => "maximum command data length",
        1 => "maximum response data length",
        _ => return None,
    })
}

fn ble_option(label: i64) -> Option<&'static str> {
    Some(match label {
        0 => "peripheral server mode",
        1 => "central client mode",
        10 => "UUID, peripheral server mode",
        11 => "UUID, central client mode",
        20 => "device address",
        21 => "L2CAP PSM",
        _ => return None,
    })
}

fn wifi_option(label: i64) -> Option<&'static str> {
    Some(match label {
        0 => "pass-phrase",
        1 => "operating class",
        2 => "channel",
        3 => "supported bands",
        _ => return None,
    })
}

fn claim(label: i64) -> Option<&'static str> {
    Some(match label {
        1 => "iss",
        2 => "sub",
        3 => "aud",
        4 => "exp",
        5 => "nbf",
        6 => "iat",
        7 => "cti",
        8 => "cnf",
        65530 => "identifier_list",
        65533 => "status_list",
        65534 => "ttl",
        65535 => "status",
        _ => return None,
    })
}
