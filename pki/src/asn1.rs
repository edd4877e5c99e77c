//! Reading and writing DER by hand where speed or exact bytes matter: a thin layer over the primitives of `der`.

mod reader;
mod slice;
pub(crate) mod tag;
mod time;
mod writer;

pub use reader::Asn1Error;
pub(crate) use reader::{Tlv, Walk, announced_length, minimal_integer};
pub(crate) use slice::{SharedSlice, Span};
pub(crate) use time::{parse_time, write_time};
pub(crate) use writer::DerWriter;
