//! The approval of an anchor on the wire.

use tegata_mdoc::cbor::{DecodeError, MapEncoder, Reader};
use time::UtcDateTime;

use super::{HeaderFields, check_origin, sealed::Contents, write_origin};
use crate::field::{
    check_doc_types, check_purposes, read_doc_types, read_fixed, read_purposes, required, text_key, write_doc_types,
    write_purposes,
};
use crate::{Approval, MAX_APPROVAL_BYTES, MetadataError, RoleName};

impl Contents for Approval {
    const TYPE: &'static str = "approval";
    const ROLE: RoleName = RoleName::Root;
    const MAX_BYTES: u64 = MAX_APPROVAL_BYTES;

    fn repository(&self) -> &str {
        &self.repository
    }

    fn version(&self) -> Option<u64> {
        None
    }

    fn issued(&self) -> UtcDateTime {
        self.issued
    }

    fn expires(&self) -> UtcDateTime {
        self.expires
    }

    fn check(&self) -> Result<(), MetadataError> {
        check_origin(&self.repository, self.issued, self.expires)?;
        check_doc_types(&self.doc_types)?;
        check_purposes(&self.purposes)
    }

    fn write(&self, map: &mut MapEncoder) {
        write_origin(map, &self.repository, self.issued, self.expires);
        map.text("anchor", |value| _ = value.bytes(&self.anchor));
        map.text("docTypes", |value| write_doc_types(value, &self.doc_types));
        map.text("purposes", |value| write_purposes(value, &self.purposes));
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (mut origin, mut anchor) = (HeaderFields::default(), None);
        let (mut doc_types, mut purposes) = (None, None);
        reader.map(|reader, key| {
            match text_key(reader, key)? {
                "anchor" => anchor = Some(read_fixed(reader, "anchor")?),
                "docTypes" => doc_types = Some(read_doc_types(reader)?),
                "purposes" => purposes = Some(read_purposes(reader)?),
                other => origin.take(reader, other)?,
            }
            Ok(())
        })?;
        Ok(Self {
            repository: required(reader, origin.repository, "repository")?,
            issued: required(reader, origin.issued, "issued")?,
            expires: required(reader, origin.expires, "expires")?,
            anchor: required(reader, anchor, "anchor")?,
            doc_types: required(reader, doc_types, "docTypes")?,
            purposes: required(reader, purposes, "purposes")?,
        })
    }
}
