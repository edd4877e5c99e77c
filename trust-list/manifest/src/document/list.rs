//! The list on the wire: the anchors here, what else it says in [`extras`].

mod anchor;
mod extras;

use std::collections::BTreeSet;

use tegata_mdoc::cbor::{DecodeError, MapEncoder, Reader};
use tegata_pki::Certificate;

use super::{HeaderFields, check_header, header_methods, sealed::Contents, write_header};
use crate::field::{invalid, read_list, required, text_key};
use crate::{AnchorList, MAX_LIST_BYTES, MetadataError, RoleName};

impl Contents for AnchorList {
    const TYPE: &'static str = "list";
    const ROLE: RoleName = RoleName::List;
    const MAX_BYTES: u64 = MAX_LIST_BYTES;

    header_methods!();

    fn check(&self) -> Result<(), MetadataError> {
        check_header(&self.header)?;
        self.anchors.iter().try_for_each(anchor::check)?;
        let keys: BTreeSet<_> = self.anchors.iter().map(|anchor| anchor.certificate.spki_der()).collect();
        check_distinct("anchors", self.anchors.len(), keys.len())?;
        let links: BTreeSet<_> = self.links.iter().map(Certificate::der).collect();
        check_distinct("links", self.links.len(), links.len())?;
        extras::check(self)
    }

    fn write(&self, map: &mut MapEncoder) {
        write_header(map, &self.header);
        map.text("anchors", |value| {
            value.array(self.anchors.len());
            self.anchors.iter().for_each(|anchor| anchor::write(value, anchor));
        });
        map.text("links", |value| {
            value.array(self.links.len());
            self.links.iter().for_each(|link| _ = value.bytes(link.der()));
        });
        map.text("sources", |value| {
            value.array(self.sources.len());
            self.sources.iter().for_each(|source| extras::write_source(value, source));
        });
        map.text("notices", |value| {
            value.array(self.notices.len());
            self.notices.iter().for_each(|notice| extras::write_notice(value, notice));
        });
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut header = HeaderFields::default();
        let (mut anchors, mut links, mut sources, mut notices) = (None, None, None, None);
        reader.map(|reader, key| {
            let key = text_key(reader, key)?;
            match key {
                "anchors" => anchors = Some(read_list(reader, anchor::read).map_err(|error| error.within("anchors"))?),
                "links" => links = Some(read_list(reader, |reader| read_certificate(reader, "links"))?),
                "sources" => {
                    sources = Some(read_list(reader, extras::read_source).map_err(|error| error.within("sources"))?);
                }
                "notices" => {
                    notices = Some(read_list(reader, extras::read_notice).map_err(|error| error.within("notices"))?);
                }
                other => header.take(reader, other)?,
            }
            Ok(())
        })?;
        Ok(Self {
            header: header.finish(reader)?,
            anchors: required(reader, anchors, "anchors")?,
            links: required(reader, links, "links")?,
            sources: required(reader, sources, "sources")?,
            notices: required(reader, notices, "notices")?,
        })
    }
}

fn check_distinct(what: &'static str, all: usize, distinct: usize) -> Result<(), MetadataError> {
    if all == distinct { Ok(()) } else { Err(MetadataError::Duplicate(what)) }
}

fn read_certificate(reader: &mut Reader<'_>, field: &'static str) -> Result<Certificate, DecodeError> {
    let at = reader.offset();
    Certificate::from_der(reader.bytes()?).map_err(|_| invalid(at, field))
}
