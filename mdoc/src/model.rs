//! Data models of the document types: what an issuer may put into a document, and how it is encoded
//! (ISO/IEC 18013-5 7.2, 7.4; `data-models/*.json`).
//!
//! A [`Registry`] knows the models: document type → namespaces → elements, each with its type, presence and constraints.
//! It is data: the built-in models are compiled in as JSON, and [`Registry::with_model`] adds others at run time.
//! [`Claims::from_json`] turns claims written as JSON into encoded elements and reports every problem at once; a broken
//! rule whose model is *certain* refuses the claims, any other gives a warning.
//!
//! The models are for those who issue and for those who ask. A reader never refuses a signed element because of them.

mod age;
mod claims;
mod convert;
mod element;
mod format;
mod json;
mod problem;
mod registry;
mod schema;

pub use age::age_over_answer;
pub use claims::{Claim, Claims, NameSpaceClaims};
pub use element::{Charset, Confidence, Constraints, Element, ElementName, ElementType, Presence, TypeExpression};
pub use format::Format;
pub use json::JsonKind;
pub use problem::{ClaimPath, ClaimProblem, ClaimProblemKind, PathStep, Severity};
pub use registry::{DocTypeModel, ModelError, NameSpaceModel, Registry};

/// The known name most like `name`, when it is near enough to be what was meant.
fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<Box<str>> {
    const NEAR_ENOUGH: f64 = 0.7;
    known
        .into_iter()
        .map(|candidate| (strsim::normalized_damerau_levenshtein(name, candidate), candidate))
        .filter(|(similarity, _)| *similarity >= NEAR_ENOUGH)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate.into())
}
