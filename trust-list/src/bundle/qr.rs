//! A small file as a series of QR codes: for a CRL or a request where no medium may be carried.
//!
//! ```text
//! part = "TEGATA1:" set ":" number ":" total ":" check ":" data "."
//! ```
//!
//! All in the alphanumeric mode of ISO/IEC 18004. `set` is the first 4 bytes of the SHA-256 of the whole file, in upper-case
//! hexadecimal: the same for every part, and what a person compares. `number` counts from 1 to `total`. `check` is the
//! first 4 bytes of the SHA-256 of set, number and total (two bytes each, big-endian) and the bytes of the part. `data` is
//! their Base45 (RFC 9285). The full stop keeps a space at the end of the data from being trimmed away.
//!
//! Set and check find scanning mistakes; they are no protection against a forger. That is the signature of the bundle.

use std::collections::BTreeMap;

use qrcode::render::{svg, unicode};
use qrcode::{EcLevel, QrCode};

use super::bundle_digest;

/// Bytes of the file in one part: fits version 20 (97 modules a side) at error correction level M, which hand-held
/// scanners and telephones read from paper.
pub const PART_BYTES: usize = 600;
/// The most parts of a series.
pub const MAX_PARTS: u16 = 128;

/// What every part begins with.
pub const PREFIX: &str = "TEGATA1:";

/// Why a series of QR codes cannot be made or joined.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum QrError {
    /// The file is empty.
    #[error("nothing to show")]
    Empty,
    /// The file takes more than [`MAX_PARTS`] parts.
    #[error("{found} bytes are too many for a series of QR codes")]
    TooLong {
        /// Its length in bytes.
        found: usize,
    },
    /// The text is no part of a series.
    #[error("not a part of a series")]
    NotAPart,
    /// The part was read wrong.
    #[error("part {number} was read wrong")]
    Corrupt {
        /// The number that the part states.
        number: u16,
    },
    /// The part belongs to another series.
    #[error("a part of another series")]
    Foreign {
        /// The set of the series.
        expected: [u8; 4],
        /// The set of the part.
        found: [u8; 4],
    },
    /// Another part with the same number, or a part with another total, in the same series.
    #[error("part {number} contradicts another part")]
    Conflict {
        /// The number of the part.
        number: u16,
    },
    /// These parts are missing; the list is empty if no part was read at all.
    #[error("parts are missing: {0:?}")]
    Missing(Vec<u16>),
    /// The parts together are not the file that they were made from.
    #[error("the parts do not make the file they state")]
    Digest,
    /// The code cannot be drawn.
    #[error("the code cannot be drawn")]
    Drawing,
}

impl QrError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Empty => "qr-empty",
            Self::TooLong { .. } => "qr-too-long",
            Self::NotAPart => "qr-not-a-part",
            Self::Corrupt { .. } => "qr-corrupt",
            Self::Foreign { .. } => "qr-foreign",
            Self::Conflict { .. } => "qr-conflict",
            Self::Missing(_) => "qr-missing",
            Self::Digest => "qr-digest",
            Self::Drawing => "qr-drawing",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        self.remedies().0
    }

    /// What to do about it, in Japanese.
    #[must_use]
    pub fn remedy_ja(&self) -> &'static str {
        self.remedies().1
    }

    fn remedies(&self) -> (&'static str, &'static str) {
        match self {
            Self::Empty | Self::TooLong { .. } | Self::Drawing => {
                ("Carry the file over on a medium instead.", "媒体でファイルを運んでください。")
            }
            Self::NotAPart | Self::Corrupt { .. } => {
                ("Scan this code again.", "このコードをもう一度読み取ってください。")
            }
            Self::Foreign { .. } | Self::Conflict { .. } => {
                ("Scan the codes of one print-out only.", "同じ印刷物のコードだけを読み取ってください。")
            }
            Self::Missing(_) => ("Scan the missing codes too.", "足りないコードも読み取ってください。"),
            Self::Digest => (
                "Begin again with a new print-out of all codes.",
                "すべてのコードを印刷し直し、最初から読み取ってください。",
            ),
        }
    }
}

/// One part of a series: what one QR code says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QrPart {
    set: [u8; 4],
    number: u16,
    total: u16,
    data: Vec<u8>,
}

/// Splits a file into parts of [`PART_BYTES`].
///
/// # Errors
/// [`QrError::Empty`], [`QrError::TooLong`].
pub fn split(file: &[u8]) -> Result<Vec<QrPart>, QrError> {
    let too_long = QrError::TooLong { found: file.len() };
    let total = u16::try_from(file.chunks(PART_BYTES).count()).ok().filter(|total| *total <= MAX_PARTS);
    let total = total.ok_or(too_long)?;
    if total == 0 {
        return Err(QrError::Empty);
    }
    let set = set_of(file);
    let numbered = (1..=total).zip(file.chunks(PART_BYTES));
    Ok(numbered.map(|(number, data)| QrPart { set, number, total, data: data.to_vec() }).collect())
}

fn set_of(file: &[u8]) -> [u8; 4] {
    let [a, b, c, d, ..] = bundle_digest(file);
    [a, b, c, d]
}

impl QrPart {
    /// Reads what a scanner gave. A line end is ignored, and so is the case of letters, which some scanners change.
    ///
    /// # Errors
    /// [`QrError::NotAPart`], [`QrError::Corrupt`].
    pub fn parse(text: &str) -> Result<Self, QrError> {
        let text = text.trim_end_matches(['\r', '\n']).to_ascii_uppercase();
        let fields = text.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix('.')).ok_or(QrError::NotAPart)?;
        let mut fields = fields.splitn(5, ':');
        let mut next = || fields.next().ok_or(QrError::NotAPart);
        let set = read_hex(next()?)?;
        let (number, total) = (read_number(next()?)?, read_number(next()?)?);
        let check = read_hex(next()?)?;
        if total > MAX_PARTS || number > total {
            return Err(QrError::NotAPart);
        }
        let corrupt = QrError::Corrupt { number };
        let encoded = next()?;
        let data = base45::decode(encoded).map_err(|_| corrupt.clone())?;
        let part = Self { set, number, total, data };
        // One text for one part: a second spelling of the same bytes is a mistake of the scanner too.
        let is_good = part.check() == check && !part.data.is_empty() && part.data.len() <= PART_BYTES;
        if is_good && base45::encode(&part.data) == encoded { Ok(part) } else { Err(corrupt) }
    }

    /// What the code says.
    #[must_use]
    pub fn text(&self) -> String {
        let (set, check) = (Hex(self.set), Hex(self.check()));
        format!("{PREFIX}{set}:{}:{}:{check}:{}.", self.number, self.total, base45::encode(&self.data))
    }

    /// The first 4 bytes of the SHA-256 of the file.
    #[must_use]
    pub fn set(&self) -> [u8; 4] {
        self.set
    }

    /// Its number, from 1.
    #[must_use]
    pub fn number(&self) -> u16 {
        self.number
    }

    /// How many parts the series has.
    #[must_use]
    pub fn total(&self) -> u16 {
        self.total
    }

    /// The code as an SVG image with its quiet zone, 8 units a module.
    ///
    /// # Errors
    /// [`QrError::Drawing`].
    pub fn svg(&self) -> Result<String, QrError> {
        Ok(self.code()?.render::<svg::Color<'_>>().module_dimensions(8, 8).build())
    }

    /// The code in block characters for a terminal with light letters on a dark ground.
    ///
    /// # Errors
    /// [`QrError::Drawing`].
    pub fn unicode(&self) -> Result<String, QrError> {
        let code = self.code()?;
        let mut renderer = code.render::<unicode::Dense1x2>();
        Ok(renderer.dark_color(unicode::Dense1x2::Light).light_color(unicode::Dense1x2::Dark).build())
    }

    fn code(&self) -> Result<QrCode, QrError> {
        QrCode::with_error_correction_level(self.text(), EcLevel::M).map_err(|_| QrError::Drawing)
    }

    fn check(&self) -> [u8; 4] {
        let numbers = [self.number.to_be_bytes(), self.total.to_be_bytes()].concat();
        set_of(&[&self.set, numbers.as_slice(), &self.data].concat())
    }
}

struct Hex([u8; 4]);

impl core::fmt::Display for Hex {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:08X}", u32::from_be_bytes(self.0))
    }
}

fn read_hex(text: &str) -> Result<[u8; 4], QrError> {
    let is_hex = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let value = u32::from_str_radix(text, 16).ok().filter(|_| is_hex);
    value.map(u32::to_be_bytes).ok_or(QrError::NotAPart)
}

/// A number from 1, without leading zeros or a sign.
fn read_number(text: &str) -> Result<u16, QrError> {
    let value = text.parse::<u16>().ok().filter(|value| *value > 0 && value.to_string() == text);
    value.ok_or(QrError::NotAPart)
}

/// What adding a part did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Added {
    /// The part is new.
    New,
    /// The same part was read before.
    Again,
}

/// Parts as they come in, in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QrSeries {
    parts: BTreeMap<u16, QrPart>,
}

impl QrSeries {
    /// No part yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a part in. After an error the series is as before.
    ///
    /// # Errors
    /// [`QrError::NotAPart`], [`QrError::Corrupt`], [`QrError::Foreign`], [`QrError::Conflict`].
    pub fn add(&mut self, text: &str) -> Result<Added, QrError> {
        let part = QrPart::parse(text)?;
        let number = part.number;
        if let Some(first) = self.parts.values().next() {
            if first.set != part.set {
                return Err(QrError::Foreign { expected: first.set, found: part.set });
            }
            if first.total != part.total {
                return Err(QrError::Conflict { number });
            }
        }
        match self.parts.get(&number) {
            Some(known) if *known == part => Ok(Added::Again),
            Some(_) => Err(QrError::Conflict { number }),
            None => {
                self.parts.insert(number, part);
                Ok(Added::New)
            }
        }
    }

    /// How many parts the series has; `None` before the first part.
    #[must_use]
    pub fn total(&self) -> Option<u16> {
        self.parts.values().next().map(QrPart::total)
    }

    /// The numbers of the parts that are missing; empty before the first part.
    #[must_use]
    pub fn missing(&self) -> Vec<u16> {
        (1..=self.total().unwrap_or(0)).filter(|number| !self.parts.contains_key(number)).collect()
    }

    /// The file.
    ///
    /// # Errors
    /// [`QrError::Missing`], [`QrError::Digest`].
    pub fn join(&self) -> Result<Vec<u8>, QrError> {
        let missing = self.missing();
        let Some(first) = self.parts.values().next().filter(|_| missing.is_empty()) else {
            return Err(QrError::Missing(missing));
        };
        let file: Vec<u8> = self.parts.values().flat_map(|part| part.data.iter().copied()).collect();
        if set_of(&file) == first.set { Ok(file) } else { Err(QrError::Digest) }
    }
}
