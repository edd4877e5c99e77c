//! The model files as written (`"schema": "mdoc-data-model/1"`, described in `data-models/README.md`).
//!
//! A member this version does not know is an error: a rule that is not understood must not be skipped.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::element::{Charset, Confidence, Presence};

/// The only schema this version reads.
pub(super) const SCHEMA: &str = "mdoc-data-model/1";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelFile {
    pub(super) schema: String,
    pub(super) title: String,
    pub(super) doctypes: Vec<DocTypeEntry>,
    #[serde(rename = "sources", default)]
    _sources: Vec<String>,
    #[serde(rename = "confidence")]
    _confidence: Option<String>,
    #[serde(rename = "rules", default)]
    _rules: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) types: BTreeMap<String, TypeEntry>,
    pub(super) namespaces: BTreeMap<String, NameSpaceEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DocTypeEntry {
    pub(super) id: String,
    #[serde(default)]
    pub(super) status: Option<String>,
    #[serde(rename = "notes", default)]
    _notes: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NameSpaceEntry {
    pub(super) confidence: Confidence,
    #[serde(default = "mandatory")]
    pub(super) presence: Presence,
    #[serde(default = "closed")]
    pub(super) closed: bool,
    #[serde(default)]
    pub(super) aliases: Vec<String>,
    #[serde(rename = "status", default)]
    _status: Option<String>,
    #[serde(rename = "notes", default)]
    _notes: Option<String>,
    pub(super) elements: Vec<ElementEntry>,
}

fn mandatory() -> Presence {
    Presence::Mandatory
}

fn closed() -> bool {
    true
}

/// An element; `deny_unknown_fields` does not go with `flatten`, so the constraints are spelt out here and in the other
/// entries by [`constraint_fields`].
macro_rules! constraint_fields {
    ($(#[$outer:meta])* struct $name:ident { $($(#[$meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$outer])*
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name {
            $($(#[$meta])* pub(super) $field: $type,)*
            #[serde(rename = "enum", default)]
            pub(super) values: Vec<serde_json::Value>,
            #[serde(default)]
            pub(super) enum_open: bool,
            #[serde(rename = "enum_labels", default)]
            pub(super) labels: BTreeMap<String, String>,
            #[serde(default)]
            pub(super) max_chars: Option<usize>,
            #[serde(default)]
            pub(super) min_items: usize,
            #[serde(default)]
            pub(super) charset: Option<Charset>,
            #[serde(default)]
            pub(super) format: Option<String>,
            #[serde(default)]
            pub(super) pattern: Option<String>,
            #[serde(default)]
            pub(super) extra_values: Vec<String>,
            #[serde(default)]
            pub(super) allow_empty: bool,
            #[serde(rename = "known_values", default)]
            _known_values: Vec<serde_json::Value>,
            #[serde(rename = "notes", default)]
            _notes: Option<String>,
        }

        impl $name {
            /// The constraints as written.
            pub(super) fn constraints(&self) -> RawConstraints<'_> {
                RawConstraints {
                    values: &self.values,
                    enum_open: self.enum_open,
                    labels: &self.labels,
                    max_chars: self.max_chars,
                    min_items: self.min_items,
                    charset: self.charset,
                    format: self.format.as_deref(),
                    pattern: self.pattern.as_deref(),
                    extra_values: &self.extra_values,
                    allow_empty: self.allow_empty,
                }
            }
        }
    };
}

/// What elements, fields and named types have in common.
#[derive(Debug)]
pub(super) struct RawConstraints<'a> {
    pub(super) values: &'a [serde_json::Value],
    pub(super) enum_open: bool,
    pub(super) labels: &'a BTreeMap<String, String>,
    pub(super) max_chars: Option<usize>,
    pub(super) min_items: usize,
    pub(super) charset: Option<Charset>,
    pub(super) format: Option<&'a str>,
    pub(super) pattern: Option<&'a str>,
    pub(super) extra_values: &'a [String],
    pub(super) allow_empty: bool,
}

constraint_fields! {
    struct ElementEntry {
        #[serde(default)]
        id: Option<String>,
        #[serde(default)]
        id_template: Option<String>,
        #[serde(default)]
        id_pattern: Option<String>,
        label: String,
        r#type: String,
        presence: Presence,
        #[serde(default)]
        confidence: Option<Confidence>,
        #[serde(default)]
        aliases: Vec<String>,
        #[serde(default)]
        status: Option<String>,
        #[serde(default)]
        unit: Option<String>,
        #[serde(rename = "variants", default)]
        _variants: Vec<String>,
        #[serde(rename = "since", default)]
        _since: Option<String>,
        #[serde(rename = "presence_note", default)]
        _presence_note: Option<String>,
    }
}

constraint_fields! {
    struct FieldEntry {
        key: String,
        r#type: String,
        presence: Presence,
    }
}

constraint_fields! {
    struct TypeEntry {
        kind: TypeKind,
        #[serde(default)]
        fields: Vec<FieldEntry>,
        #[serde(default)]
        min_pairs: usize,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum TypeKind {
    Map,
    Tstr,
}
