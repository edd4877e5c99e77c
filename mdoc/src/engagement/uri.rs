//! Engagements as text: `mdoc:` in a QR code (ISO/IEC 18013-5 8.2.2.3), `mdoc://` on a website (ISO/IEC 18013-7 A.3).

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::{Deviation, Deviations};

/// The scheme of both kinds of engagement.
pub const SCHEME: &str = "mdoc";

/// Base64url that is written without padding; padding is read, and noted by the caller.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_encode_padding(false).with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a text is not an engagement URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UriError {
    /// The scheme is not `mdoc`.
    #[error("the text does not start with \"mdoc:\"")]
    Scheme,
    /// What follows the scheme is not base64url.
    #[error("the text after \"mdoc:\" is not base64url")]
    Base64,
}

impl UriError {
    /// Stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Scheme => "mdoc-uri-scheme",
            Self::Base64 => "mdoc-uri-base64",
        }
    }
}

/// The text of the QR code for an encoded DeviceEngagement: `mdoc:` and base64url without padding.
#[must_use]
pub fn format_device_engagement(device_engagement: &[u8]) -> String {
    format!("{SCHEME}:{}", BASE64URL.encode(device_engagement))
}

/// The link for an encoded ReaderEngagement: `mdoc://` and base64url without padding.
#[must_use]
pub fn format_reader_engagement(reader_engagement: &[u8]) -> String {
    format!("{SCHEME}://{}", BASE64URL.encode(reader_engagement))
}

/// The encoded DeviceEngagement of a QR code's text, without decoding it. The scheme is compared without regard to case;
/// `mdoc://` ([`Deviation::UriAuthority`]) and padding ([`Deviation::UriPadding`]) are noted.
///
/// # Errors
/// [`UriError`].
pub fn parse_device_engagement(text: &str) -> Result<(Vec<u8>, Deviations), UriError> {
    let mut deviations = Deviations::default();
    let mut encoded = after_scheme(text)?;
    if let Some(rest) = encoded.strip_prefix("//") {
        deviations.insert(Deviation::UriAuthority);
        encoded = rest;
    }
    Ok((decode(encoded, &mut deviations)?, deviations))
}

/// The encoded ReaderEngagement of a link, without decoding it.
///
/// # Errors
/// [`UriError`], also when `//` is missing: such a text is a DeviceEngagement.
pub fn parse_reader_engagement(text: &str) -> Result<(Vec<u8>, Deviations), UriError> {
    let mut deviations = Deviations::default();
    let encoded = after_scheme(text)?.strip_prefix("//").ok_or(UriError::Scheme)?;
    Ok((decode(encoded, &mut deviations)?, deviations))
}

fn after_scheme(text: &str) -> Result<&str, UriError> {
    let (scheme, rest) = text.split_once(':').ok_or(UriError::Scheme)?;
    if scheme.eq_ignore_ascii_case(SCHEME) { Ok(rest) } else { Err(UriError::Scheme) }
}

fn decode(encoded: &str, deviations: &mut Deviations) -> Result<Vec<u8>, UriError> {
    if encoded.ends_with('=') {
        deviations.insert(Deviation::UriPadding);
    }
    BASE64URL.decode(encoded).map_err(|_| UriError::Base64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_engagement_is_written_without_slashes_and_padding() {
        assert_eq!(format_device_engagement(&[0xa0]), "mdoc:oA");
        assert_eq!(format_reader_engagement(&[0xa0]), "mdoc://oA");
    }

    #[test]
    fn the_scheme_is_compared_without_regard_to_case() {
        assert_eq!(parse_device_engagement("MDOC:oA"), Ok((vec![0xa0], Deviations::default())));
    }

    #[test]
    fn sloppy_texts_are_read_and_noted() {
        let (bytes, deviations) = parse_device_engagement("mdoc://oA==").unwrap();
        assert_eq!(bytes, [0xa0]);
        assert_eq!(deviations.iter().collect::<Vec<_>>(), [Deviation::UriAuthority, Deviation::UriPadding]);
    }

    #[test]
    fn other_texts_are_refused() {
        assert_eq!(parse_device_engagement("oA"), Err(UriError::Scheme));
        assert_eq!(parse_device_engagement("mdl:oA"), Err(UriError::Scheme));
        assert_eq!(parse_device_engagement("mdoc:o+/="), Err(UriError::Base64));
        assert_eq!(parse_reader_engagement("mdoc:oA"), Err(UriError::Scheme));
    }
}
