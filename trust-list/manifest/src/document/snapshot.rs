//! The snapshot on the wire.

use std::collections::BTreeMap;

use tegata_mdoc::cbor::{DecodeError, MapEncoder, Reader};

use super::{HeaderFields, check_header, header_methods, sealed::Contents, write_header};
use crate::field::{check_reference, read_fixed, read_reference, required, text_key, write_reference};
use crate::{
    MAX_LIST_BYTES, MAX_OBJECT_BYTES, MAX_SNAPSHOT_BYTES, MetadataError, ObjectReference, RoleName, Snapshot, path,
};

impl Contents for Snapshot {
    const TYPE: &'static str = "snapshot";
    const ROLE: RoleName = RoleName::Snapshot;
    const MAX_BYTES: u64 = MAX_SNAPSHOT_BYTES;

    header_methods!();

    fn check(&self) -> Result<(), MetadataError> {
        check_header(&self.header)?;
        check_reference("list", &self.list, MAX_LIST_BYTES)?;
        let fits = |(name, object): (&String, &ObjectReference)| {
            path::is_name(name) && (1..=MAX_OBJECT_BYTES).contains(&object.length)
        };
        if self.objects.iter().all(fits) { Ok(()) } else { Err(MetadataError::Field("objects")) }
    }

    fn write(&self, map: &mut MapEncoder) {
        write_header(map, &self.header);
        map.text("list", |value| write_reference(value, &self.list));
        map.text("objects", |value| {
            value.sorted_map(|objects| {
                for (name, object) in &self.objects {
                    objects.text(name, |value| {
                        value.sorted_map(|map| {
                            map.text("length", |value| _ = value.unsigned(object.length));
                            map.text("sha256", |value| _ = value.bytes(&object.sha256));
                        });
                    });
                }
            });
        });
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (mut header, mut list, mut objects) = (HeaderFields::default(), None, None);
        reader.map(|reader, key| {
            match text_key(reader, key)? {
                "list" => list = Some(read_reference(reader).map_err(|error| error.within("list"))?),
                "objects" => objects = Some(read_objects(reader).map_err(|error| error.within("objects"))?),
                other => header.take(reader, other)?,
            }
            Ok(())
        })?;
        Ok(Self {
            header: header.finish(reader)?,
            list: required(reader, list, "list")?,
            objects: required(reader, objects, "objects")?,
        })
    }
}

fn read_objects(reader: &mut Reader<'_>) -> Result<BTreeMap<String, ObjectReference>, DecodeError> {
    let mut objects = BTreeMap::new();
    reader.map(|reader, key| {
        let name = text_key(reader, key)?.to_owned();
        objects.insert(name, read_object(reader)?);
        Ok(())
    })?;
    Ok(objects)
}

fn read_object(reader: &mut Reader<'_>) -> Result<ObjectReference, DecodeError> {
    let (mut length, mut sha256) = (None, None);
    reader.map(|reader, key| {
        match text_key(reader, key)? {
            "length" => length = Some(reader.unsigned()?),
            "sha256" => sha256 = Some(read_fixed(reader, "sha256")?),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(ObjectReference { length: required(reader, length, "length")?, sha256: required(reader, sha256, "sha256")? })
}
