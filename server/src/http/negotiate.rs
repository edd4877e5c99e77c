//! Which coding a client wants (RFC 9110 12.5.3).

use hyper::header::{ACCEPT_ENCODING, HeaderMap, RANGE};

use crate::content::{Coding, Object};

/// The coding to answer with: of those that the client likes best, the smallest that is kept.
pub(super) fn coding(headers: &HeaderMap, object: &Object) -> Coding {
    // A range is a range of the plain bytes: a client that goes on with a broken download asks for those.
    if !object.varies() || headers.contains_key(RANGE) {
        return Coding::Identity;
    }
    let mut weights = [(Coding::Brotli, 0), (Coding::Gzip, 0)];
    for value in headers.get_all(ACCEPT_ENCODING) {
        let Ok(text) = value.to_str() else { continue };
        for item in text.split(',') {
            let (name, weight) = weighted(item);
            for (coding, best) in &mut weights {
                if name.eq_ignore_ascii_case(coding.name()) || (name == "x-gzip" && *coding == Coding::Gzip) {
                    *best = weight;
                }
            }
        }
    }
    let [brotli, gzip] = weights.map(|(coding, weight)| if object.bytes(coding).is_some() { weight } else { 0 });
    match (brotli, gzip) {
        (0, 0) => Coding::Identity,
        (brotli, gzip) if brotli >= gzip => Coding::Brotli,
        _ => Coding::Gzip,
    }
}

/// A coding with its weight in thousandths; 1000 if none is stated, 0 if it cannot be read.
fn weighted(item: &str) -> (&str, u16) {
    let mut parts = item.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let stated = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    (name, stated.map_or(1000, |text| thousandths(text).unwrap_or(0)))
}

/// `qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )`
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let fraction: u16 = format!("{fraction:0<3}").parse().ok()?;
    match (whole, fraction) {
        ("0", fraction) => Some(fraction),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights() {
        assert_eq!(weighted("gzip"), ("gzip", 1000));
        assert_eq!(weighted(" br ; q=0.5"), ("br", 500));
        assert_eq!(weighted("br;q=0"), ("br", 0));
        assert_eq!(weighted("br;q=1.001"), ("br", 0));
        assert_eq!(weighted("br;q=nonsense"), ("br", 0));
        assert_eq!(weighted(""), ("", 1000));
    }
}
