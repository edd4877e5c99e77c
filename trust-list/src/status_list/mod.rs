//! The content of a Token Status List (draft-ietf-oauth-status-list 4): an array of 1, 2, 4 or 8 bit values, packed and
//! compressed. The signed token around it is in [`crate::token`].

mod array;
mod compress;
mod inflate;
mod list;
mod value;

pub use array::{ArrayError, StatusArray};
pub use compress::Compression;
pub use inflate::{InflateError, InflateLimit};
pub use list::StatusList;
pub use value::{Bits, StatusValue};
