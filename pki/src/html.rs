//! A web page in place of data.

/// Whether bytes are markup: what a captive portal, a proxy or a server's error page gives instead of a certificate, list or
/// token. None of those begins with `<`, in any of their encodings.
#[must_use]
pub fn looks_like_html(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    text.trim_ascii_start().starts_with(b"<")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_told_from_data() {
        for page in ["<!DOCTYPE html>", "\u{feff}\r\n <html>", "<?xml version='1.0'?><Error/>"] {
            assert!(looks_like_html(page.as_bytes()), "{page}");
        }
        for data in [&b""[..], b"0\x82<", b"\xd2\x84", b"eyJ", b"-----BEGIN"] {
            assert!(!looks_like_html(data), "{data:?}");
        }
    }
}
