//! Private keys in DER, known by how they begin.

use base64::{Engine as _, alphabet, engine::GeneralPurpose, engine::general_purpose::NO_PAD};

/// How many octets of an encoding are looked at: the head of a key with explicit curve parameters fits.
const WINDOW: usize = 384;

/// The object identifiers of password-based encryption: PKCS#5 (RFC 8018) and PKCS#12 (RFC 7292).
const PASSWORD_BASED: [&[u8]; 2] =
    [&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5], &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 1]];

/// Whether a text, freed of separators, holds a private key in hexadecimal or base64 (either alphabet) somewhere.
///
/// A key begins with SEQUENCE, that is `30` or `M`, so that few places need a closer look.
pub(super) fn text_holds_private_key(text: &[u8]) -> bool {
    (0..text.len()).any(|start| {
        let rest = text.get(start..).unwrap_or_default();
        let octets = match rest {
            [b'3', b'0', ..] => from_hex(rest),
            [b'M', ..] => from_base64(rest),
            _ => return false,
        };
        is_private_key(&octets)
    })
}

/// Whether octets begin as a private key does. The end of the key need not be there.
pub(super) fn is_private_key(octets: &[u8]) -> bool {
    let Some((0x30, body, _)) = element(octets) else { return false };
    match element(body) {
        // SEC 1 (RFC 5915), PKCS#8 (RFC 5958), PKCS#1 (RFC 8017): a version first.
        Some((0x02, [version @ (0 | 1)], rest)) => match element(rest) {
            Some((0x04, key, _)) => *version == 1 && (16..=66).contains(&key.len()),
            Some((0x30, [0x06, ..], rest)) => match element(rest) {
                Some((tag, ..)) => tag == 0x04,
                // A certificate list, too, begins with version 1 and an algorithm; nothing else with version 0.
                None => *version == 0,
            },
            Some((0x02, modulus, _)) => modulus.len() >= 64,
            _ => false,
        },
        // EncryptedPrivateKeyInfo: an algorithm first.
        Some((0x30, algorithm, _)) => match element(algorithm) {
            Some((0x06, oid, _)) => PASSWORD_BASED.iter().any(|prefix| oid.starts_with(prefix)),
            _ => false,
        },
        _ => false,
    }
}

/// Tag, contents and what follows. Contents that are cut short are given as far as they are there.
fn element(octets: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = octets.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    let (contents, rest) = rest.split_at(length.min(rest.len()));
    Some((*tag, contents, rest))
}

fn from_hex(text: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = text.iter().copied().take(2 * WINDOW).take_while(u8::is_ascii_hexdigit).collect();
    let even = digits.len() & !1;
    hex::decode(digits.get(..even).unwrap_or_default()).unwrap_or_default()
}

fn from_base64(text: &[u8]) -> Vec<u8> {
    let standard = |byte: u8| match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => other,
    };
    let digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let digits: Vec<u8> = text.iter().copied().map(standard).take(WINDOW / 3 * 4).take_while(digit).collect();
    let whole = digits.len() & !3;
    let engine = GeneralPurpose::new(&alphabet::STANDARD, NO_PAD);
    engine.decode(digits.get(..whole).unwrap_or_default()).unwrap_or_default()
}
