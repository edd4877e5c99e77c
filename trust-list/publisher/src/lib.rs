//! The publishing side of a Digital Trust Service: import gate, catalogue, exports, publication.

pub mod authorisation;
pub mod catalogue;
pub mod digest;
mod event;
mod file;
pub mod gate;
pub mod issuers;
pub mod published;

pub use self::{
    authorisation::Authorisation,
    catalogue::{Catalogue, CatalogueError},
    digest::KeyDigest,
    file::{FileError, FileOperation},
    gate::{Authority, Gate, GateRefusal, Plan},
    issuers::Issuers,
};
