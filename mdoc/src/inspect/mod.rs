//! An annotated view of received bytes, for people: indented diagnostic notation (RFC 8949 8) in which embedded CBOR,
//! protected headers and payloads are opened, with the names of numbers, the fate of digests and the certificates
//! beside it.
//!
//! Nothing here is a verdict. Hashing and X.509 are not in this room: the caller lends them through [`Annotator`].

mod names;
mod ndef;
mod printer;
mod schema;

use core::fmt;

use time::UtcDateTime;

use crate::cbor::{DecodeError, Limits, Reader};
use crate::kind::Kind;
use crate::mso::DigestAlgorithm;

/// What the view cannot find out by itself. Every method may answer `None`: then the remark is left out.
pub trait Annotator {
    /// The digest of `item` (IssuerSignedItemBytes from the tag on) under `algorithm`.
    fn digest(&self, algorithm: DigestAlgorithm<'_>, item: &[u8]) -> Option<Vec<u8>> {
        let _ = (algorithm, item);
        None
    }

    /// One line about a DER certificate, for example subject and dates.
    fn certificate(&self, der: &[u8]) -> Option<String> {
        let _ = der;
        None
    }
}

/// An [`Annotator`] that knows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoAnnotator;

impl Annotator for NoAnnotator {}

/// One line of the view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Levels of indentation.
    pub depth: usize,
    /// Diagnostic notation; control characters are escaped.
    pub text: String,
    /// Remarks, in the order to be shown.
    pub notes: Vec<Note>,
}

impl fmt::Display for Line {
    /// Two blanks for each level, the text, and the remarks after `#` (a comment to the end of the line).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:1$}{2}", "", self.depth * 2, self.text)?;
        for (index, note) in self.notes.iter().enumerate() {
            write!(f, "{}{note}", if index == 0 { "  # " } else { "; " })?;
        }
        Ok(())
    }
}

/// A remark.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// The registered name of an integer key.
    Key(&'static str),
    /// The registered name of a value.
    Value(&'static str),
    /// A string was shortened; its full length in bytes.
    Length(usize),
    /// The instant a NumericDate stands for.
    Instant(UtcDateTime),
    /// The element that was disclosed for a digestID.
    Element(String),
    /// How an item's digest compares with the MSO.
    Digest(DigestMark),
    /// What [`Annotator::certificate`] said.
    Certificate(String),
    /// The view ends here because it reached [`MAX_LINES`].
    Truncated,
}

/// How the digest of an item compares with the MSO beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DigestMark {
    /// Equal.
    Matches,
    /// Different.
    Differs,
    /// The MSO has no digest for this namespace and digestID.
    Missing,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(name) | Self::Value(name) => f.write_str(name),
            Self::Length(length) => write!(f, "{length} bytes"),
            Self::Instant(instant) => write!(f, "{}", crate::date::Tdate::new(*instant)),
            Self::Element(element) => write!(f, "disclosed: {element}"),
            Self::Digest(DigestMark::Matches) => f.write_str("digest matches the MSO"),
            Self::Digest(DigestMark::Differs) => f.write_str("DIGEST DIFFERS from the MSO"),
            Self::Digest(DigestMark::Missing) => f.write_str("NO DIGEST in the MSO"),
            Self::Certificate(text) => f.write_str(text),
            Self::Truncated => f.write_str("the rest is not shown"),
        }
    }
}

/// A view never has more lines than this, whatever the input.
pub const MAX_LINES: usize = 200_000;

/// What the input may cost: any published list, nested as deep as a document.
const LIMITS: Limits = Limits { depth: Limits::DOCUMENT.depth, ..Limits::LIST };

/// The annotated view of `bytes` as `kind`, which [`crate::kind::recognise`] tells.
///
/// # Errors
/// When the bytes are not one well-formed item (or, for [`Kind::HandoverMessage`], never). A structure that is
/// well-formed CBOR but not of its kind's shape is shown as far as it goes.
pub fn annotate(bytes: &[u8], kind: Kind, annotator: &dyn Annotator) -> Result<Vec<Line>, DecodeError> {
    if kind == Kind::HandoverMessage {
        return Ok(ndef::annotate(bytes, annotator));
    }
    let mut reader = Reader::new(bytes, LIMITS)?;
    reader.skip()?;
    reader.finish()?;
    Ok(printer::print(bytes, schema::Shape::of_kind(kind), annotator))
}

/// The lines as one text, each ended by a line feed.
#[must_use]
pub fn render(lines: &[Line]) -> String {
    use fmt::Write as _;
    let mut text = String::new();
    for line in lines {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{line}");
    }
    text
}
