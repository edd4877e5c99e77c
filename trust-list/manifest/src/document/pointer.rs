//! The pointer on the wire.

use tegata_mdoc::cbor::{DecodeError, MapEncoder, Reader};

use super::{HeaderFields, check_header, header_methods, sealed::Contents, write_header};
use crate::field::{check_reference, read_reference, required, text_key, write_reference};
use crate::{MAX_POINTER_BYTES, MAX_SNAPSHOT_BYTES, MetadataError, Pointer, RoleName};

impl Contents for Pointer {
    const TYPE: &'static str = "pointer";
    const ROLE: RoleName = RoleName::Pointer;
    const MAX_BYTES: u64 = MAX_POINTER_BYTES;

    header_methods!();

    fn check(&self) -> Result<(), MetadataError> {
        check_header(&self.header)?;
        check_reference("snapshot", &self.snapshot, MAX_SNAPSHOT_BYTES)
    }

    fn write(&self, map: &mut MapEncoder) {
        write_header(map, &self.header);
        map.text("snapshot", |value| write_reference(value, &self.snapshot));
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (mut header, mut snapshot) = (HeaderFields::default(), None);
        reader.map(|reader, key| {
            match text_key(reader, key)? {
                "snapshot" => snapshot = Some(read_reference(reader).map_err(|error| error.within("snapshot"))?),
                other => header.take(reader, other)?,
            }
            Ok(())
        })?;
        Ok(Self { header: header.finish(reader)?, snapshot: required(reader, snapshot, "snapshot")? })
    }
}
