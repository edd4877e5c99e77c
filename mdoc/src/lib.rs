//! The mobile document and its protocols as bytes and types.
//!
//! This room knows the shapes of ISO/IEC 18013-5 and its companions and nothing else: no trust, no clock, no I/O, no
//! signing keys. Everything that was received is kept as received: [`Raw`] and [`Tag24`] pair the bytes with a borrowed,
//! decoded view, and whatever is hashed, signed or authenticated is taken from those bytes. The encoder lives in
//! [`cbor::Encoder`] and is not used by any decoder.
//!
//! | module | subject | clause |
//! |---|---|---|
//! | [`cbor`] | budgeted reader, deterministic encoder, diagnostic notation | ISO/IEC 18013-5 8.3, RFC 8949 |
//! | [`cose`] | COSE_Sign1, COSE_Mac0, COSE_Key, x5chain | RFC 9052, RFC 9360 |
//! | [`issuer_signed`], [`mso`] | IssuerSigned and the Mobile Security Object | ISO/IEC 18013-5 9.1.2 |
//! | [`response`], [`device_signed`] | DeviceResponse, Document, DeviceSigned | ISO/IEC 18013-5 8.3.2.1.2, 9.1.3 |
//! | [`request`] | DeviceRequest (1.0 and 1.1), reader authentication | ISO/IEC 18013-5 8.3.2.1.2, 9.1.4 |
//! | [`engagement`] | DeviceEngagement, ReaderEngagement | ISO/IEC 18013-5 8.2.1 |
//! | [`dcapi`] | EncryptionInfo, EncryptedResponse | ISO/IEC 18013-7 Annex C |
//! | [`transcript`] | SessionTranscript of every transport | ISO/IEC 18013-5 9.1.5, ISO/IEC 18013-7, OpenID4VP 1.0 |
//! | [`kind`], [`inspect`] | what a file holds, told from its content; an annotated view of it | |
//! | [`model`] | data models of the document types | `data-models/*.json` |

pub mod cbor;
pub mod cose;
pub mod date;
pub mod dcapi;
pub mod deviation;
pub mod device_signed;
pub mod engagement;
pub mod inspect;
pub mod issuer_signed;
pub mod kind;
pub mod model;
pub mod mso;
pub mod raw;
pub mod request;
pub mod response;
pub mod transcript;

pub use deviation::{Deviation, Deviations};
pub use raw::{Raw, Tag24};
