//! Walks the bytes and writes the lines.

use std::collections::BTreeMap;

use super::schema::Shape;
use super::{Annotator, DigestMark, LIMITS, Line, MAX_LINES, Note, names};
use crate::cbor::{DecodeError, Key, Reader, TAG_EMBEDDED, Type, Value, decode_with, diagnostic, write_bytes};
use crate::issuer_signed::{IssuerSigned, IssuerSignedItem};
use crate::mso::MobileSecurityObject;

/// Embedded items are opened down to this level; together with the depth limit of one item it bounds the recursion.
const OPENED_DEPTH: usize = 48;
/// Text longer than this is cut, in bytes.
const LONG_TEXT: usize = 256;

/// The lines of `item`, which is one well-formed item.
pub(super) fn print(item: &[u8], shape: Shape, annotator: &dyn Annotator) -> Vec<Line> {
    let mut printer = Printer { lines: Vec::new(), annotator, issued: None };
    printer.item(item, Place::new(0, shape));
    printer.lines
}

struct Printer<'a, 'p> {
    lines: Vec<Line>,
    annotator: &'p dyn Annotator,
    /// The IssuerSigned around the current item.
    issued: Option<Issued<'a>>,
}

/// What links items and digests.
struct Issued<'a> {
    mso: MobileSecurityObject<'a>,
    /// The identifier of every disclosed item by namespace and digestID.
    elements: BTreeMap<(&'a str, u64), &'a str>,
}

/// Where an item stands, and what goes around it.
struct Place<'a> {
    depth: usize,
    shape: Shape,
    /// The namespace that is being listed.
    name_space: Option<&'a str>,
    /// Goes in front of the first line: a key, the opening of a wrapping.
    prefix: String,
    /// Goes behind the last line.
    suffix: String,
    /// Remarks for the first line.
    notes: Vec<Note>,
}

impl Place<'_> {
    fn new(depth: usize, shape: Shape) -> Self {
        Self { depth, shape, name_space: None, prefix: String::new(), suffix: String::new(), notes: Vec::new() }
    }

    /// Puts a wrapping around the item.
    fn wrapped(mut self, open: &str, close: &str) -> Self {
        self.prefix.push_str(open);
        self.suffix.insert_str(0, close);
        self
    }
}

impl<'a> Printer<'a, '_> {
    fn item(&mut self, item: &'a [u8], place: Place<'a>) {
        if self.lines.len() >= MAX_LINES {
            return;
        }
        let depth = place.depth;
        // The whole input was checked before, so an error cannot occur; it would show as bytes.
        if self.try_item(item, place).is_err() {
            let mut text = String::new();
            write_bytes(&mut text, item);
            self.line(depth, text, Vec::new());
        }
    }

    fn try_item(&mut self, item: &'a [u8], place: Place<'a>) -> Result<(), DecodeError> {
        let mut reader = Reader::new(item, LIMITS)?;
        match reader.peek_type()? {
            Type::Array => self.array(&mut reader, place),
            Type::Map if place.shape == Shape::IssuerSigned => self.issuer_signed(item, &mut reader, place),
            Type::Map => self.map(&mut reader, place),
            Type::Tag => self.tag(&mut reader, place),
            Type::Bytes => self.bytes(&mut reader, place),
            _ => self.other(item, place),
        }
    }

    fn array(&mut self, reader: &mut Reader<'a>, mut place: Place<'a>) -> Result<(), DecodeError> {
        let mut elements = Vec::new();
        reader.array(|reader, _| {
            elements.push(reader.item()?);
            Ok(())
        })?;
        if elements.is_empty() {
            self.scalar(place, "[]");
            return Ok(());
        }
        let first = elements.first().copied().unwrap_or_default();
        let shape = place.shape.refined(small_text(first), false);
        let first_number = small_number(first);
        self.line(place.depth, format!("{}[", place.prefix), core::mem::take(&mut place.notes));
        let last = elements.len() - 1;
        for (index, element) in elements.into_iter().enumerate() {
            let mut inner = Place::new(place.depth + 1, shape.of_element(index, first_number));
            inner.name_space = place.name_space;
            if inner.shape == Shape::Item {
                inner.notes.extend(self.digest_mark(element, place.name_space).map(Note::Digest));
            }
            if index < last {
                inner.suffix.push(',');
            }
            self.item(element, inner);
        }
        self.line(place.depth, format!("]{}", place.suffix), Vec::new());
        Ok(())
    }

    fn map(&mut self, reader: &mut Reader<'a>, mut place: Place<'a>) -> Result<(), DecodeError> {
        let mut pairs = Vec::new();
        reader.map(|reader, key| {
            pairs.push((key, reader.item()?));
            Ok(())
        })?;
        if pairs.is_empty() {
            self.scalar(place, "{}");
            return Ok(());
        }
        let has_label_one = pairs.iter().any(|(key, _)| *key == Key::Unsigned(1));
        let shape = place.shape.refined(None, has_label_one);
        self.line(place.depth, format!("{}{{", place.prefix), core::mem::take(&mut place.notes));
        let last = pairs.len() - 1;
        for (index, (key, value)) in pairs.into_iter().enumerate() {
            let mut inner = Place::new(place.depth + 1, shape.of_field(&key));
            inner.name_space = match (shape, key) {
                (Shape::NameSpaces | Shape::ValueDigests, Key::Text(name_space)) => Some(name_space),
                _ => place.name_space,
            };
            inner.prefix = format!("{}: ", key_text(&key));
            inner.notes.extend(self.key_note(shape, &key, place.name_space));
            if index < last {
                inner.suffix.push(',');
            }
            self.item(value, inner);
        }
        self.line(place.depth, format!("}}{}", place.suffix), Vec::new());
        Ok(())
    }

    /// A map that brings the digests of its items with it.
    fn issuer_signed(&mut self, item: &'a [u8], reader: &mut Reader<'a>, place: Place<'a>) -> Result<(), DecodeError> {
        let outer = core::mem::replace(&mut self.issued, Issued::read(item));
        let result = self.map(reader, place);
        self.issued = outer;
        result
    }

    fn tag(&mut self, reader: &mut Reader<'a>, place: Place<'a>) -> Result<(), DecodeError> {
        let number = reader.tag()?;
        let inner = reader.item()?;
        let content = if number == TAG_EMBEDDED { openable(inner, place.depth) } else { None };
        match content {
            Some(content) => self.item(content, place.wrapped("24(<< ", " >>)")),
            None => self.item(inner, place.wrapped(&format!("{number}("), ")")),
        }
        Ok(())
    }

    fn bytes(&mut self, reader: &mut Reader<'a>, mut place: Place<'a>) -> Result<(), DecodeError> {
        let item = reader.item()?;
        let opened_shape = match place.shape {
            Shape::ProtectedHeader => Some(Shape::Header),
            Shape::PayloadBytes(payload) => Some(payload.shape()),
            _ => None,
        };
        if let (Some(shape), Some(content)) = (opened_shape, openable(item, place.depth)) {
            place.shape = shape;
            self.item(content, place.wrapped("<< ", " >>"));
            return Ok(());
        }
        if place.shape == Shape::Certificates
            && let Ok(der) = Reader::new(item, LIMITS)?.bytes()
        {
            place.notes.extend(self.annotator.certificate(der).map(|text| Note::Certificate(printable(&text))));
        }
        let (value, _) = decode_with::<Value<'_>>(item, LIMITS)?;
        let mut text = String::new();
        if let Value::Bytes(bytes) = value.value() {
            write_bytes(&mut text, bytes);
        }
        self.scalar(place, &text);
        Ok(())
    }

    fn other(&mut self, item: &'a [u8], mut place: Place<'a>) -> Result<(), DecodeError> {
        let (value, _) = decode_with::<Value<'_>>(item, LIMITS)?;
        let text = match value.value() {
            Value::Text(text) => {
                place.notes.extend((text.len() > LONG_TEXT).then_some(Note::Length(text.len())));
                quoted(text)
            }
            value => diagnostic(value),
        };
        if let Ok(number) = Reader::new(item, LIMITS)?.integer() {
            place.notes.extend(names::of_value(place.shape, number).map(Note::Value));
            if place.shape == Shape::NumericDate {
                place.notes.extend(time::UtcDateTime::from_unix_timestamp(number).ok().map(Note::Instant));
            }
        }
        self.scalar(place, &text);
        Ok(())
    }

    fn scalar(&mut self, place: Place<'a>, text: &str) {
        self.line(place.depth, format!("{}{text}{}", place.prefix, place.suffix), place.notes);
    }

    fn line(&mut self, depth: usize, text: String, notes: Vec<Note>) {
        match self.lines.len() + 1 {
            count if count < MAX_LINES => self.lines.push(Line { depth, text, notes }),
            MAX_LINES => self.lines.push(Line { depth, text: "…".to_owned(), notes: vec![Note::Truncated] }),
            _ => {}
        }
    }

    fn key_note(&self, shape: Shape, key: &Key<'_>, name_space: Option<&str>) -> Option<Note> {
        if shape != Shape::Digests {
            return key.label().and_then(|label| names::of_label(shape, label)).map(Note::Key);
        }
        let Key::Unsigned(id) = *key else { return None };
        let element = self.issued.as_ref()?.elements.get(&(name_space?, id))?;
        Some(Note::Element(quoted(element)))
    }

    fn digest_mark(&self, item: &[u8], name_space: Option<&str>) -> Option<DigestMark> {
        let issued = self.issued.as_ref()?;
        let digest_id = Reader::new(item, LIMITS).ok()?.tag24::<IssuerSignedItem<'_>>().ok()?.value().digest_id;
        let Some(expected) = issued.mso.digest(name_space?, digest_id) else { return Some(DigestMark::Missing) };
        let found = self.annotator.digest(issued.mso.digest_algorithm, item)?;
        Some(if found == expected { DigestMark::Matches } else { DigestMark::Differs })
    }
}

impl<'a> Issued<'a> {
    fn read(item: &'a [u8]) -> Option<Self> {
        let (issuer_signed, _) = decode_with::<IssuerSigned<'a>>(item, LIMITS).ok()?;
        let issuer_signed = issuer_signed.into_value();
        let (mso, _) = issuer_signed.mobile_security_object().ok()?;
        let elements = issuer_signed
            .items()
            .map(|(name_space, item)| ((name_space, item.value().digest_id), item.value().element_identifier))
            .collect();
        Some(Self { mso: mso.into_value(), elements })
    }
}

/// The content of the byte string `item`, where it is one well-formed item and may be opened at `depth`.
fn openable(item: &[u8], depth: usize) -> Option<&[u8]> {
    let content = Reader::new(item, LIMITS).ok()?.bytes().ok().filter(|_| depth < OPENED_DEPTH)?;
    let mut reader = Reader::new(content, LIMITS).ok()?;
    reader.skip().ok()?;
    reader.is_at_end().then_some(content)
}

fn small_text(item: &[u8]) -> Option<&str> {
    Reader::new(item, LIMITS).ok()?.text().ok()
}

fn small_number(item: &[u8]) -> Option<u64> {
    Reader::new(item, LIMITS).ok()?.unsigned().ok()
}

fn key_text(key: &Key<'_>) -> String {
    match key {
        Key::Unsigned(value) => value.to_string(),
        Key::Negative(n) => (-1 - i128::from(*n)).to_string(),
        Key::Text(text) => quoted(text),
        Key::Bytes(bytes) => {
            let mut text = String::new();
            write_bytes(&mut text, bytes);
            text
        }
        Key::Other(item) => decode_with::<Value<'_>>(item, LIMITS)
            .map(|(value, _)| diagnostic(value.value()).split_whitespace().collect::<Vec<_>>().join(" "))
            .unwrap_or_default(),
    }
}

/// `text` in quotes, control characters escaped, long text cut.
fn quoted(text: &str) -> String {
    if text.len() <= LONG_TEXT {
        return format!("{text:?}");
    }
    let end = (0..=LONG_TEXT).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    format!("{:?}…", text.get(..end).unwrap_or_default())
}

/// `text` without characters that could steer a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|each| if each.is_control() { '\u{fffd}' } else { each }).collect()
}
