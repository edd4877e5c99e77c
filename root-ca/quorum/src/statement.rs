//! What a person signs: a canonical JSON object behind a fixed prefix, and nothing else.

use core::fmt;

use serde_json::{Map, Value};

use crate::encoding::sha256;

/// What stands before the JSON in the signed octets, so that a signature made here means nothing anywhere else.
pub const PREFIX: &[u8] = b"tegata-sign-off-v1\n";

/// The most octets of a statement.
const LONGEST: usize = 16 * 1024;

/// A statement that a person can sign off: `"tegata-sign-off-v1\n" || JSON`.
///
/// The JSON is one object with at least one member and canonical by RFC 8785: members sorted by name, no white space,
/// the shortest escapes. Names are printable ASCII. Numbers are integers of at most 2^53 - 1 in size, for which RFC 8785
/// has one form only.
#[derive(Clone, PartialEq, Eq)]
pub struct Statement {
    octets: Vec<u8>,
    members: Map<String, Value>,
}

impl Statement {
    /// Builds a statement from its members.
    ///
    /// # Errors
    /// [`StatementError`] when there are none, a value has no single canonical form, or it is too long.
    pub fn new(members: Map<String, Value>) -> Result<Self, StatementError> {
        if members.is_empty() {
            return Err(StatementError::Empty);
        }
        let mut octets = PREFIX.to_vec();
        octets.extend_from_slice(canonical_object(&members)?.as_bytes());
        if octets.len() > LONGEST {
            return Err(StatementError::TooLong { limit: LONGEST });
        }
        Ok(Self { octets, members })
    }

    /// Takes octets that another program prepared for signing.
    ///
    /// # Errors
    /// [`StatementError::Prefix`], [`StatementError::NotJson`], and [`StatementError::NotCanonical`] when the octets are
    /// not those that [`Statement::new`] makes of the same members; as [`Statement::new`].
    pub fn from_bytes(octets: &[u8]) -> Result<Self, StatementError> {
        if octets.len() > LONGEST {
            return Err(StatementError::TooLong { limit: LONGEST });
        }
        let json = octets.strip_prefix(PREFIX).ok_or(StatementError::Prefix)?;
        let members = serde_json::from_slice(json).map_err(|_| StatementError::NotJson)?;
        let statement = Self::new(members)?;
        if statement.octets == octets { Ok(statement) } else { Err(StatementError::NotCanonical) }
    }

    /// The octets that are signed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.octets
    }

    /// The members.
    #[must_use]
    pub fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// The SHA-256 of [`Statement::as_bytes`].
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        sha256(&self.octets)
    }
}

impl fmt::Debug for Statement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Statement({})", String::from_utf8_lossy(&self.octets).trim_end())
    }
}

/// Writes an object in the form of RFC 8785.
pub(crate) fn canonical_object(members: &Map<String, Value>) -> Result<String, StatementError> {
    let mut text = String::new();
    write_object(members, &mut text)?;
    Ok(text)
}

fn write_object(members: &Map<String, Value>, text: &mut String) -> Result<(), StatementError> {
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_by_key(|(name, _)| *name);
    text.push('{');
    for (index, (name, value)) in sorted.into_iter().enumerate() {
        // For ASCII the order of UTF-8 octets and that of UTF-16 units, which RFC 8785 sorts by, are the same.
        if name.is_empty() || !name.chars().all(|c| matches!(c, ' '..='~')) {
            return Err(StatementError::Name);
        }
        if index > 0 {
            text.push(',');
        }
        write_string(name, text);
        text.push(':');
        write_value(value, text)?;
    }
    text.push('}');
    Ok(())
}

fn write_value(value: &Value, text: &mut String) -> Result<(), StatementError> {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => text.push_str(&canonical_integer(number)?),
        Value::String(string) => write_string(string, text),
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_value(item, text)?;
            }
            text.push(']');
        }
        Value::Object(members) => write_object(members, text)?,
    }
    Ok(())
}

fn canonical_integer(number: &serde_json::Number) -> Result<String, StatementError> {
    const LARGEST: i64 = (1 << 53) - 1;
    let integer = number.as_i64().filter(|integer| (-LARGEST..=LARGEST).contains(integer));
    integer.map(|integer| integer.to_string()).ok_or(StatementError::Number)
}

/// The escapes of RFC 8785 3.2.2.2, which are those that `serde_json` writes.
fn write_string(string: &str, text: &mut String) {
    text.push_str(&Value::from(string).to_string());
}

/// Why something is not a statement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatementError {
    /// No members.
    #[error("a statement has at least one member")]
    Empty,
    /// Too many octets.
    #[error("a statement has at most {limit} octets")]
    TooLong {
        /// The limit.
        limit: usize,
    },
    /// The octets do not begin with [`PREFIX`].
    #[error("the octets are not a statement to be signed off: their prefix is another")]
    Prefix,
    /// What follows the prefix is not a JSON object.
    #[error("the statement is not a JSON object")]
    NotJson,
    /// The JSON is not in its canonical form.
    #[error("the statement is not canonical JSON")]
    NotCanonical,
    /// A number that is not an integer, or too large for every reader to take it exactly.
    #[error("a number in the statement is not an integer of at most 2^53 - 1")]
    Number,
    /// A member's name is empty or not printable ASCII.
    #[error("a member's name in the statement is empty or not printable ASCII")]
    Name,
}

impl StatementError {
    /// The stable name of this error.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Empty => "statement-empty",
            Self::TooLong { .. } => "statement-too-long",
            Self::Prefix => "statement-prefix",
            Self::NotJson => "statement-not-json",
            Self::NotCanonical => "statement-not-canonical",
            Self::Number => "statement-number",
            Self::Name => "statement-name",
        }
    }

    /// What to do about it, in English.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Prefix | Self::NotJson | Self::NotCanonical => {
                "Do not sign this: obtain the statement again from the ceremony program."
            }
            Self::Empty | Self::TooLong { .. } | Self::Number | Self::Name => {
                "Correct the program that makes the statement."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn statement(value: Value) -> Result<Statement, StatementError> {
        Statement::new(value.as_object().unwrap().clone())
    }

    #[test]
    fn canonical_form() {
        let value = json!({ "step": "7.03", "b": { "z": [1, -2, null, true], "a": "\u{e9}\n\"\u{1}" }, "B": {} });
        let expected = "tegata-sign-off-v1\n{\"B\":{},\"b\":{\"a\":\"\u{e9}\\n\\\"\\u0001\",\"z\":[1,-2,null,true]},\"step\":\"7.03\"}";
        let made = statement(value).unwrap();
        assert_eq!(std::str::from_utf8(made.as_bytes()).unwrap(), expected);
        assert_eq!(Statement::from_bytes(expected.as_bytes()).unwrap(), made);
    }

    #[test]
    fn only_one_form_is_taken() {
        for (json, id) in [
            ("{\"b\":1,\"a\":2}", "statement-not-canonical"),
            ("{\"a\": 1}", "statement-not-canonical"),
            ("{\"a\":1,\"a\":1}", "statement-not-canonical"),
            ("{\"a\":\"\\u0041\"}", "statement-not-canonical"),
            ("{\"a\":1} ", "statement-not-canonical"),
            ("{\"a\":1.5}", "statement-number"),
            ("{\"a\":9007199254740992}", "statement-number"),
            ("{\"\":1}", "statement-name"),
            ("{\"\u{e9}\":1}", "statement-name"),
            ("{}", "statement-empty"),
            ("[1]", "statement-not-json"),
            ("{\"a\":1}x", "statement-not-json"),
        ] {
            let octets = [PREFIX, json.as_bytes()].concat();
            assert_eq!(Statement::from_bytes(&octets).unwrap_err().id(), id, "{json}");
        }
        assert_eq!(Statement::from_bytes(b"{\"a\":1}").unwrap_err(), StatementError::Prefix);
        let long = json!({ "a": "x".repeat(LONGEST) });
        assert_eq!(statement(long).unwrap_err().id(), "statement-too-long");
    }

    proptest! {
        #[test]
        fn what_is_made_is_read(members in proptest::collection::btree_map("[ -~]{1,8}", "\\PC{0,12}|[\\x00-\\x1f]{0,3}", 1..6)) {
            let members: Map<String, Value> = members.into_iter().map(|(name, text)| (name, text.into())).collect();
            let made = Statement::new(members).unwrap();
            prop_assert_eq!(Statement::from_bytes(made.as_bytes()).unwrap(), made);
        }
    }
}
