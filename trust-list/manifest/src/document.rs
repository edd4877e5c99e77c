//! The payloads: what each type of metadata is on the wire.

mod approval;
mod list;
mod pointer;
mod root;
mod snapshot;

use tegata_mdoc::cbor::{DecodeError, Encoder, MapEncoder, Reader};
use tegata_pki::PublicKey;
use time::UtcDateTime;

use crate::deterministic;
use crate::field::{check_time, read_time, required, text_key, write_time};
use crate::{Header, MetadataError, Prepared, RoleName};

/// The version of the format.
pub const SPEC: u64 = 1;

/// Metadata of one of the five types: [`crate::RootMetadata`], [`crate::AnchorList`], [`crate::Snapshot`],
/// [`crate::Pointer`], [`crate::Approval`].
pub trait Document: sealed::Contents {
    /// Checks the value and makes the bytes that `signers` are to sign. Which of them do is seen when it is completed; so a
    /// quorum of k of n is prepared for all n.
    ///
    /// # Errors
    /// [`MetadataError`]: a rule of the type is broken, there is no signer, or one has a key that does not sign.
    fn prepare(&self, signers: &[PublicKey]) -> Result<Prepared, MetadataError> {
        Prepared::new(self, signers)
    }

    /// The type as the metadata says it: `root`, `list`, `snapshot`, `pointer`, `approval`.
    #[must_use]
    fn type_name() -> &'static str {
        Self::TYPE
    }

    /// Whose keys sign it.
    #[must_use]
    fn role() -> RoleName {
        Self::ROLE
    }

    /// The most bytes that a file of this type may have.
    #[must_use]
    fn max_bytes() -> u64 {
        Self::MAX_BYTES
    }
}

impl<T: sealed::Contents> Document for T {}

pub(crate) mod sealed {
    use super::{DecodeError, MapEncoder, MetadataError, Reader, RoleName, UtcDateTime};

    /// What differs between the types.
    pub trait Contents: Sized {
        const TYPE: &'static str;
        const ROLE: RoleName;
        const MAX_BYTES: u64;

        fn repository(&self) -> &str;
        /// Of an approval, which is not versioned, `None`.
        fn version(&self) -> Option<u64>;
        fn issued(&self) -> UtcDateTime;
        fn expires(&self) -> UtcDateTime;

        /// The rules beyond the encoding, the same for writing and for reading.
        fn check(&self) -> Result<(), MetadataError>;
        /// Writes the pairs besides `type` and `spec`.
        fn write(&self, map: &mut MapEncoder);
        /// Reads the map.
        fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError>;
    }
}

/// The payload of a checked document.
pub(crate) fn encode<T: sealed::Contents>(document: &T) -> Result<Vec<u8>, MetadataError> {
    document.check()?;
    let mut encoder = Encoder::new();
    encoder.sorted_map(|map| {
        map.text("type", |value| _ = value.text(T::TYPE));
        map.text("spec", |value| _ = value.unsigned(SPEC));
        document.write(map);
    });
    Ok(encoder.into_bytes())
}

/// Reads a payload; the value keeps all rules of its type.
pub(crate) fn decode<T: sealed::Contents>(payload: &[u8]) -> Result<T, MetadataError> {
    deterministic::check(payload)?;
    let found = type_of(payload)?;
    if found != T::TYPE {
        return Err(MetadataError::WrongType { expected: T::TYPE, found: found.to_owned() });
    }
    let mut reader = Reader::new(payload, deterministic::limits(payload.len()))?;
    let document = T::read(&mut reader)?;
    reader.finish()?;
    document.check()?;
    Ok(document)
}

/// The type that a payload says it has, if the version of the format is known.
pub(crate) fn type_of(payload: &[u8]) -> Result<&str, MetadataError> {
    let mut reader = Reader::new(payload, deterministic::limits(payload.len()))?;
    let (mut type_name, mut spec) = (None, None);
    reader.map(|reader, key| {
        match text_key(reader, key)? {
            "type" => type_name = Some(reader.text()?),
            "spec" => spec = Some(reader.unsigned()?),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    match required(&reader, spec, "spec")? {
        SPEC => Ok(required(&reader, type_name, "type")?),
        other => Err(MetadataError::Spec(other)),
    }
}

/// The fields of a header while they are read.
#[derive(Default)]
struct HeaderFields {
    repository: Option<String>,
    version: Option<u64>,
    issued: Option<UtcDateTime>,
    expires: Option<UtcDateTime>,
}

impl HeaderFields {
    /// Takes a field of the header, and reads over one that is not known.
    fn take(&mut self, reader: &mut Reader<'_>, key: &str) -> Result<(), DecodeError> {
        match key {
            "repository" => self.repository = Some(reader.text()?.to_owned()),
            "version" => self.version = Some(reader.unsigned()?),
            "issued" => self.issued = Some(read_time(reader)?),
            "expires" => self.expires = Some(read_time(reader)?),
            _ => reader.skip()?,
        }
        Ok(())
    }

    fn finish(self, reader: &Reader<'_>) -> Result<Header, DecodeError> {
        Ok(Header {
            version: required(reader, self.version, "version")?,
            repository: required(reader, self.repository, "repository")?,
            issued: required(reader, self.issued, "issued")?,
            expires: required(reader, self.expires, "expires")?,
        })
    }
}

fn write_header(map: &mut MapEncoder, header: &Header) {
    map.text("version", |value| _ = value.unsigned(header.version));
    write_origin(map, &header.repository, header.issued, header.expires);
}

fn write_origin(map: &mut MapEncoder, repository: &str, issued: UtcDateTime, expires: UtcDateTime) {
    map.text("repository", |value| _ = value.text(repository));
    map.text("issued", |value| write_time(value, issued));
    map.text("expires", |value| write_time(value, expires));
}

fn check_header(header: &Header) -> Result<(), MetadataError> {
    if header.version == 0 {
        return Err(MetadataError::Field("version"));
    }
    check_origin(&header.repository, header.issued, header.expires)
}

fn check_origin(repository: &str, issued: UtcDateTime, expires: UtcDateTime) -> Result<(), MetadataError> {
    if repository.is_empty() || repository.len() > 255 {
        return Err(MetadataError::Field("repository"));
    }
    check_time("issued", issued)?;
    check_time("expires", expires)?;
    if issued < expires { Ok(()) } else { Err(MetadataError::Field("expires")) }
}

/// The methods of a versioned document that its header answers.
macro_rules! header_methods {
    () => {
        fn repository(&self) -> &str {
            &self.header.repository
        }

        fn version(&self) -> Option<u64> {
            Some(self.header.version)
        }

        fn issued(&self) -> time::UtcDateTime {
            self.header.issued
        }

        fn expires(&self) -> time::UtcDateTime {
            self.header.expires
        }
    };
}
use header_methods;
