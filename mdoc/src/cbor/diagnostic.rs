//! Diagnostic notation (RFC 8949 8), indented, with embedded CBOR opened.

use core::fmt::Write as _;

use super::{TAG_EMBEDDED, Value, decode};

/// Byte strings longer than this are cut in the middle, in bytes.
const LONG_BYTES: usize = 48;
/// Embedded items are opened this many levels deep.
const OPENED_LEVELS: u8 = 16;

/// `value` in indented diagnostic notation. Byte strings under tag 24 are shown opened as `24(<< … >>)` when they hold
/// one well-formed item; long byte strings are shortened and carry their length.
#[must_use]
pub fn diagnostic(value: &Value<'_>) -> String {
    let mut output = String::new();
    write_value(&mut output, value, Place { indent: 0, opened: 0 });
    output
}

/// Where the printer stands.
#[derive(Clone, Copy)]
struct Place {
    indent: usize,
    opened: u8,
}

impl Place {
    fn deeper(self) -> Self {
        Self { indent: self.indent + 1, ..self }
    }
}

fn write_value(output: &mut String, value: &Value<'_>, place: Place) {
    match value {
        Value::Unsigned(value) => push(output, format_args!("{value}")),
        Value::Negative(n) => push(output, format_args!("{}", -1 - i128::from(*n))),
        Value::Bytes(bytes) => write_bytes(output, bytes),
        Value::Text(text) => push(output, format_args!("{text:?}")),
        Value::Bool(value) => push(output, format_args!("{value}")),
        Value::Null => output.push_str("null"),
        Value::Undefined => output.push_str("undefined"),
        Value::Float(value) if value.is_infinite() => {
            output.push_str(if *value > 0.0 { "Infinity" } else { "-Infinity" });
        }
        Value::Float(value) => push(output, format_args!("{value:?}")),
        Value::Simple(value) => push(output, format_args!("simple({value})")),
        Value::Tag(number, item) => write_tag(output, *number, item, place),
        Value::Array(items) => {
            write_container(output, ('[', ']'), items, place, |output, item, place| write_value(output, item, place));
        }
        Value::Map(pairs) => write_container(output, ('{', '}'), pairs, place, |output, (key, value), place| {
            write_value(output, key, place);
            output.push_str(": ");
            write_value(output, value, place);
        }),
    }
}

fn write_tag(output: &mut String, number: u64, item: &Value<'_>, place: Place) {
    push(output, format_args!("{number}("));
    let embedded = match item {
        Value::Bytes(bytes) if number == TAG_EMBEDDED && place.opened < OPENED_LEVELS => {
            decode::<Value<'_>>(bytes).ok()
        }
        _ => None,
    };
    match embedded {
        Some((inner, _)) => {
            output.push_str("<< ");
            write_value(output, inner.value(), Place { opened: place.opened + 1, ..place });
            output.push_str(" >>");
        }
        None => write_value(output, item, place),
    }
    output.push(')');
}

fn write_container<T>(
    output: &mut String,
    (open, close): (char, char),
    items: &[T],
    place: Place,
    write_item: impl Fn(&mut String, &T, Place),
) {
    output.push(open);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            output.push(',');
        }
        new_line(output, place.indent + 1);
        write_item(output, item, place.deeper());
    }
    if !items.is_empty() {
        new_line(output, place.indent);
    }
    output.push(close);
}

/// Appends `h'..'`, shortened and with its length when it is long.
pub(crate) fn write_bytes(output: &mut String, bytes: &[u8]) {
    output.push_str("h'");
    match (bytes.get(..LONG_BYTES / 2), bytes.get(bytes.len().saturating_sub(8)..)) {
        (Some(first), Some(last)) if bytes.len() > LONG_BYTES => {
            write_hex(output, first);
            output.push('…');
            write_hex(output, last);
            push(output, format_args!("' / {} bytes /", bytes.len()));
        }
        _ => {
            write_hex(output, bytes);
            output.push('\'');
        }
    }
}

fn write_hex(output: &mut String, bytes: &[u8]) {
    for byte in bytes {
        push(output, format_args!("{byte:02x}"));
    }
}

fn new_line(output: &mut String, indent: usize) {
    output.push('\n');
    for _ in 0..indent {
        output.push_str("  ");
    }
}

fn push(output: &mut String, arguments: core::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = output.write_fmt(arguments);
}
