//! EC parameters and points as PKCS#11 attributes carry them (PKCS#11 3.1, 6.3).

use tegata_pki::{Curve, ObjectIdentifier, PublicKey};

const OBJECT_IDENTIFIER: u8 = 0x06;
const OCTET_STRING: u8 = 0x04;
const PRINTABLE_STRING: u8 = 0x13;

/// `CKA_EC_PARAMS` of a curve: the DER encoding of its object identifier.
pub(super) fn parameters(curve: Curve) -> Option<Vec<u8>> {
    let oid = curve.oid();
    let content = oid.as_bytes();
    let length = u8::try_from(content.len()).ok().filter(|length| *length < 0x80)?;
    Some([&[OBJECT_IDENTIFIER, length], content].concat())
}

/// The curve of `CKA_EC_PARAMS`: an object identifier, or for Ed25519 its curve name too.
pub(super) fn curve(parameters: &[u8]) -> Option<Curve> {
    let (&tag, rest) = parameters.split_first()?;
    let (&length, content) = rest.split_first()?;
    if usize::from(length) != content.len() {
        return None;
    }
    match tag {
        OBJECT_IDENTIFIER => Curve::from_oid(&ObjectIdentifier::from_bytes(content).ok()?),
        PRINTABLE_STRING if content == b"edwards25519" => Some(Curve::Ed25519),
        _ => None,
    }
}

/// The public key of `CKA_EC_POINT`: the point in a DER OCTET STRING, as the specification wants it, or plain, as some
/// modules write it. The two always differ in length.
pub(super) fn public_key(curve: Curve, point: &[u8]) -> Option<PublicKey> {
    let field = curve.field_len();
    let plain = if curve.is_weierstrass() { 2 * field + 1 } else { field };
    let point = if point.len() == plain { point } else { octet_string(point)? };
    PublicKey::from_sec1(curve, point).ok()
}

/// The content of a DER OCTET STRING of less than 256 bytes with nothing behind it.
fn octet_string(der: &[u8]) -> Option<&[u8]> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, content) = match first {
        0..=0x7f => (first, rest),
        0x81 => {
            let (&length, content) = rest.split_first()?;
            (length, content)
        }
        _ => return None,
    };
    (tag == OCTET_STRING && usize::from(length) == content.len()).then_some(content)
}

#[cfg(test)]
mod tests {
    use tegata_pki::software::InsecureSoftwareKey;

    use super::*;

    fn sample(curve: Curve) -> PublicKey {
        let mut scalar = vec![0; curve.field_len()];
        *scalar.last_mut().unwrap() = 7;
        InsecureSoftwareKey::from_scalar(curve, &scalar).unwrap().public_key().clone()
    }

    #[test]
    fn a_point_is_taken_wrapped_and_plain() {
        for curve in [Curve::P256, Curve::P384, Curve::P521, Curve::BrainpoolP256r1, Curve::Ed25519] {
            let key = sample(curve);
            let plain = key.sec1_or_raw();
            let mut wrapped = vec![OCTET_STRING];
            if plain.len() >= 0x80 {
                wrapped.push(0x81);
            }
            wrapped.push(u8::try_from(plain.len()).unwrap());
            wrapped.extend_from_slice(plain);
            assert_eq!(public_key(curve, plain).as_ref(), Some(&key), "{curve:?} plain");
            assert_eq!(public_key(curve, &wrapped).as_ref(), Some(&key), "{curve:?} wrapped");
            wrapped.push(0);
            assert_eq!(public_key(curve, &wrapped), None, "{curve:?} trailing byte");
        }
    }

    #[test]
    fn a_point_off_the_curve_is_refused() {
        let mut point = sample(Curve::P256).sec1_or_raw().to_vec();
        *point.last_mut().unwrap() ^= 1;
        assert_eq!(public_key(Curve::P256, &point), None);
    }

    #[test]
    fn parameters_name_the_curve() {
        for curve in [Curve::P256, Curve::P384, Curve::P521, Curve::BrainpoolP384r1] {
            assert_eq!(super::curve(&parameters(curve).unwrap()), Some(curve));
        }
        assert_eq!(curve(b"\x13\x0cedwards25519"), Some(Curve::Ed25519));
        assert_eq!(curve(&[OBJECT_IDENTIFIER, 3, 0x2b]), None);
    }
}
