//! isomdl 0.2 as a peer: an mdoc implementation that shares no code with this project reads what the project made,
//! and makes what the project must read.
//!
//! | module | what it does |
//! |---|---|
//! | [`check`] | reader-side validation by isomdl of an `IssuerSigned` and of a `DeviceResponse` |
//! | [`make`] | isomdl issues an mDL and presents it over a QR-shaped `SessionTranscript` |
//! | [`claims`] | the mDL that it issues, with and without a portrait |
//! | [`folder`] | the file names that the peers and the project agree on |

pub mod check;
pub mod claims;
pub mod folder;
pub mod make;
