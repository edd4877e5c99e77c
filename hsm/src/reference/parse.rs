//! Reading a `pkcs11:` URI.

use std::path::PathBuf;

use super::percent::{decode, is_path_character, is_query_character};
use super::{KeyReference, ObjectKind, ReferenceError};
use crate::PinSource;

/// The longest reference that is read, in bytes.
const LONGEST: usize = 4096;

pub(super) fn reference(text: &str) -> Result<KeyReference, ReferenceError> {
    if text.len() > LONGEST {
        return Err(ReferenceError::TooLong { limit: LONGEST });
    }
    let (scheme, rest) = text.split_once(':').ok_or(ReferenceError::Scheme)?;
    if !scheme.eq_ignore_ascii_case("pkcs11") {
        return Err(ReferenceError::Scheme);
    }
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (rest, None),
    };
    let mut reference = KeyReference::default();
    let mut index = 0;
    for part in path.split(';').filter(|_| !path.is_empty()) {
        path_attribute(&mut reference, Attribute::new(part, index, is_path_character)?)?;
        index += 1;
    }
    for part in query.into_iter().flat_map(|query| query.split('&')) {
        query_attribute(&mut reference, Attribute::new(part, index, is_query_character)?)?;
        index += 1;
    }
    Ok(reference)
}

fn path_attribute(reference: &mut KeyReference, attribute: Attribute<'_>) -> Result<(), ReferenceError> {
    match attribute.name {
        "token" => attribute.store(&mut reference.token, Attribute::text),
        "manufacturer" => attribute.store(&mut reference.manufacturer, Attribute::text),
        "serial" => attribute.store(&mut reference.serial, Attribute::text),
        "model" => attribute.store(&mut reference.model, Attribute::text),
        "slot-id" => attribute.store(&mut reference.slot_id, Attribute::number),
        "object" => attribute.store(&mut reference.object, Attribute::text),
        "type" => attribute.store(&mut reference.kind, Attribute::kind),
        "id" => attribute.store(&mut reference.id, Attribute::bytes),
        _ => Err(attribute.unknown()),
    }
}

fn query_attribute(reference: &mut KeyReference, attribute: Attribute<'_>) -> Result<(), ReferenceError> {
    match attribute.name {
        "pin-source" => attribute.store(&mut reference.pin_source, Attribute::pin_source),
        "module-name" => attribute.store(&mut reference.module_name, Attribute::text),
        "module-path" => attribute.store(&mut reference.module_path, |attribute| attribute.text().map(PathBuf::from)),
        _ => Err(attribute.unknown()),
    }
}

/// One `name=value` whose value is still encoded.
struct Attribute<'a> {
    name: &'a str,
    value: &'a str,
    allowed: fn(u8) -> bool,
}

impl<'a> Attribute<'a> {
    fn new(part: &'a str, index: usize, allowed: fn(u8) -> bool) -> Result<Self, ReferenceError> {
        let (name, value) = part.split_once('=').ok_or(ReferenceError::NotAnAttribute { index })?;
        Ok(Self { name, value, allowed })
    }

    /// Sets a field that is still empty.
    fn store<T>(
        &self,
        field: &mut Option<T>,
        read: impl FnOnce(&Self) -> Result<T, ReferenceError>,
    ) -> Result<(), ReferenceError> {
        if field.is_some() {
            return Err(ReferenceError::Duplicate { name: self.name.to_owned() });
        }
        *field = Some(read(self)?);
        Ok(())
    }

    fn bytes(&self) -> Result<Vec<u8>, ReferenceError> {
        let bytes = decode(self.value, self.allowed)
            .map_err(|offset| ReferenceError::Encoding { name: self.name.to_owned(), offset })?;
        if bytes.is_empty() {
            return Err(ReferenceError::Empty { name: self.name.to_owned() });
        }
        Ok(bytes)
    }

    fn text(&self) -> Result<String, ReferenceError> {
        let not_text = || ReferenceError::NotText { name: self.name.to_owned() };
        let text = String::from_utf8(self.bytes()?).map_err(|_| not_text())?;
        if text.contains('\0') { Err(not_text()) } else { Ok(text) }
    }

    fn number(&self) -> Result<u64, ReferenceError> {
        // `u64::from_str` alone would also take a plus sign.
        if !self.value.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ReferenceError::SlotId);
        }
        self.value.parse().map_err(|_| ReferenceError::SlotId)
    }

    fn kind(&self) -> Result<ObjectKind, ReferenceError> {
        use ObjectKind::{Certificate, Data, Private, Public, SecretKey};
        let name = self.text()?;
        [Public, Private, Certificate, SecretKey, Data]
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or(ReferenceError::ObjectKind)
    }

    fn pin_source(&self) -> Result<PinSource, ReferenceError> {
        let text = self.text()?;
        if text.starts_with('|') {
            return Err(ReferenceError::PinSourceProgram);
        }
        if text == "prompt:" {
            return Ok(PinSource::Prompt);
        }
        if let Some(name) = text.strip_prefix("env:") {
            let named = !name.is_empty() && !name.contains('=');
            return if named { Ok(PinSource::Environment(name.to_owned())) } else { Err(ReferenceError::PinSource) };
        }
        // `file://` is followed by an authority, which must be empty (RFC 8089 2).
        let path = text.strip_prefix("file://").or_else(|| text.strip_prefix("file:")).unwrap_or(&text);
        if path.starts_with('/') { Ok(PinSource::File(path.into())) } else { Err(ReferenceError::PinSource) }
    }

    /// The refusal of an attribute that has no meaning here. A PIN is refused under its own name and never repeated.
    fn unknown(&self) -> ReferenceError {
        if self.name == "pin-value" {
            ReferenceError::PinValue
        } else {
            ReferenceError::UnknownAttribute { name: self.name.to_owned() }
        }
    }
}
