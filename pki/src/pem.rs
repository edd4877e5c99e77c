//! PEM armour (RFC 7468), lenient in what it reads: any line width, CR LF, text before and after the blocks.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// The blocks of a file that have this label, decoded. `None` if a block does not end or is not base64.
pub(crate) fn decode_all(text: &[u8], label: &str) -> Option<Vec<Vec<u8>>> {
    let begin = format!("-----BEGIN {label}-----");
    let end = format!("-----END {label}-----");
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some(start) = find(rest, begin.as_bytes()) {
        let body = rest.get(start + begin.len()..)?;
        let stop = find(body, end.as_bytes())?;
        let base64: Vec<u8> = body.get(..stop)?.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
        blocks.push(STANDARD.decode(base64).ok()?);
        rest = body.get(stop + end.len()..)?;
    }
    Some(blocks)
}

/// The only block with this label.
pub(crate) fn decode_one(text: &[u8], label: &str) -> Option<Vec<u8>> {
    match <[Vec<u8>; 1]>::try_from(decode_all(text, label)?) {
        Ok([block]) => Some(block),
        Err(_) => None,
    }
}

/// One block, 64 characters a line.
pub(crate) fn encode(label: &str, der: &[u8]) -> String {
    let mut text = format!("-----BEGIN {label}-----\n");
    for (index, character) in STANDARD.encode(der).chars().enumerate() {
        if index > 0 && index % 64 == 0 {
            text.push('\n');
        }
        text.push(character);
    }
    text.push_str(&format!("\n-----END {label}-----\n"));
    text
}

fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip_and_refusals() {
        let der = [7; 100];
        let text = encode("X", &der);
        assert_eq!(decode_one(text.as_bytes(), "X").as_deref(), Some(&der[..]));
        assert_eq!(decode_one(format!("{text}{text}").as_bytes(), "X"), None);
        assert_eq!(decode_all(text.replace("END", "EN").as_bytes(), "X"), None);
        assert_eq!(decode_all(text.replace('\n', "\r\n").as_bytes(), "X").map(|b| b.len()), Some(1));
        assert_eq!(decode_all(b"", "X"), Some(Vec::new()));
    }
}
