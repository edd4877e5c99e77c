//! Formats of texts and byte strings.

use core::fmt;

/// A format that a model demands of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Two capital letters (ISO 3166-1 alpha-2). Whether the code is assigned is not checked: documents of test countries
    /// (`UT`) and user-assigned codes (`XK`) are issued every day.
    Country,
    /// A country code, a hyphen, and one to three capital letters or digits (ISO 3166-2).
    Subdivision,
    /// A JPEG image: starts with `ff d8 ff`.
    Jpeg,
    /// A JPEG 2000 image: a JP2 file or a raw codestream.
    Jpeg2000,
    /// `local@domain` (RFC 5322 3.4.1), as far as a glance tells.
    Email,
    /// An absolute `https` or `http` URL, as far as a glance tells.
    Url,
}

impl Format {
    /// The format called `name` in a model.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "iso3166-1-alpha2" => Self::Country,
            "iso3166-2" => Self::Subdivision,
            "jpeg" => Self::Jpeg,
            "jpeg2000" => Self::Jpeg2000,
            "rfc5322" => Self::Email,
            "url" => Self::Url,
            _ => return None,
        })
    }

    /// Its name in a model.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Country => "iso3166-1-alpha2",
            Self::Subdivision => "iso3166-2",
            Self::Jpeg => "jpeg",
            Self::Jpeg2000 => "jpeg2000",
            Self::Email => "rfc5322",
            Self::Url => "url",
        }
    }

    /// True for formats of byte strings.
    #[must_use]
    pub fn is_binary(self) -> bool {
        matches!(self, Self::Jpeg | Self::Jpeg2000)
    }

    /// Whether `value` (the octets of a byte string or the UTF-8 of a text) has the format.
    #[must_use]
    pub fn accepts(self, value: &[u8]) -> bool {
        match self {
            Self::Country => is_country(value),
            Self::Subdivision => is_subdivision(value),
            Self::Jpeg => value.starts_with(&[0xff, 0xd8, 0xff]),
            Self::Jpeg2000 => {
                let signature_box = b"\x00\x00\x00\x0cjP  \r\n\x87\n";
                value.starts_with(signature_box) || value.starts_with(&[0xff, 0x4f, 0xff, 0x51])
            }
            Self::Email => is_email(value),
            Self::Url => is_url(value),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn is_country(value: &[u8]) -> bool {
    value.len() == 2 && value.iter().all(u8::is_ascii_uppercase)
}

fn is_subdivision(value: &[u8]) -> bool {
    let Some((country, rest)) = value.split_first_chunk::<2>() else { return false };
    let [b'-', code @ ..] = rest else { return false };
    is_country(country)
        && (1..=3).contains(&code.len())
        && code.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn is_email(value: &[u8]) -> bool {
    let printable = value.iter().all(|byte| *byte > b' ' && *byte != 0x7f);
    let mut parts = value.rsplitn(2, |byte| *byte == b'@');
    let (domain, local) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let labels_are_there = domain.split(|byte| *byte == b'.').all(|label| !label.is_empty());
    printable && !local.is_empty() && !domain.is_empty() && labels_are_there
}

fn is_url(value: &[u8]) -> bool {
    let rest = value.strip_prefix(b"https://").or_else(|| value.strip_prefix(b"http://"));
    let host_is_there = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(b"/"));
    host_is_there && value.iter().all(|byte| *byte > b' ' && *byte != 0x7f)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_takes_its_own_and_refuses_its_neighbours() {
        type Row = (Format, &'static [&'static [u8]], &'static [&'static [u8]]);
        let table: [Row; 6] = [
            (Format::Country, &[b"JP", b"UT"], &[b"jp", b"JPN", b"J", b"J1", b""]),
            (Format::Subdivision, &[b"US-CA", b"JP-13", b"GB-ENG"], &[b"US", b"US-", b"US-CALI", b"us-CA", b"USxCA"]),
            (Format::Jpeg, &[&[0xff, 0xd8, 0xff, 0xe0]], &[&[0xff, 0xd8], b"", b"\x89PNG"]),
            (Format::Jpeg2000, &[&[0xff, 0x4f, 0xff, 0x51], b"\0\0\0\x0cjP  \r\n\x87\n"], &[&[0xff, 0xd8, 0xff]]),
            (Format::Email, &[b"a@b.example", b"\"x@y\"@z"], &[b"a", b"@b", b"a@", b"a b@c", b"a@b..c"]),
            (Format::Url, &[b"https://a.example/x"], &[b"https://", b"ftp://a", b"https:///x", b"https://a b"]),
        ];
        for (format, good, bad) in table {
            assert_eq!(Format::from_name(format.name()), Some(format));
            assert!(good.iter().all(|value| format.accepts(value)), "{format}");
            for value in bad {
                assert!(!format.accepts(value), "{format} {value:?}");
            }
        }
    }
}
