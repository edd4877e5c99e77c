//! Where a provider publishes its VICAL: a URL, a file, or a directory with `vical/latest.cbor` below it.

use std::path::{Path, PathBuf};

use tegata_manifest::Fetched;
use tegata_terminal::Lang;
use tegata_trust_list::vical::MAX_VICAL_BYTES;

use super::web::{self, Web};
use super::{Fetcher, Origin, directory};
use crate::command::trust::refused;
use crate::failure::{Failure, InputFault};
use crate::message::trust as text;

/// Where a service of ours keeps its newest VICAL.
const LATEST: &str = "vical/latest.cbor";
/// ISO/IEC 18013-5 C.1.7.3; some serve it under its general type.
const ACCEPT: &str = "application/cwt, application/cbor;q=0.9, */*;q=0.5";

/// Fetches the VICAL of one provider, and the CRLs of its anchors.
#[derive(Debug)]
pub(in crate::command::trust) struct VicalFetcher {
    name: String,
    place: String,
    file: Option<PathBuf>,
    fetcher: Fetcher,
}

impl VicalFetcher {
    /// `place` is a URL, a file or a directory; `map` gives files that stand for URIs. With a file or a directory nothing is
    /// fetched from the network.
    pub(in crate::command::trust) fn new(
        (name, place): &(String, String),
        map: &[(String, PathBuf)],
        lang: Lang,
    ) -> Result<Self, Failure> {
        let (file, origin) = if place.contains("://") {
            if !web::is_url(place) {
                let remedy = text::remedy_origin_url(lang);
                return Err(refused(None, "origin-url", text::origin_url(lang, place), remedy));
            }
            (None, Origin::Web { base: place.clone(), web: Web::new() })
        } else {
            let path = Path::new(place);
            let metadata = std::fs::metadata(path);
            let metadata =
                metadata.map_err(|error| Failure::Input { file: path.to_owned(), fault: InputFault::of(&error) })?;
            let (file, folder) = if metadata.is_dir() {
                (path.join(LATEST), path.to_owned())
            } else {
                (path.to_owned(), path.parent().map(Path::to_owned).unwrap_or_default())
            };
            (Some(file), Origin::Directory(folder))
        };
        let fetcher = Fetcher { origin, map: map.to_vec() };
        Ok(Self { name: name.clone(), place: place.clone(), file, fetcher })
    }

    /// What the store calls the provider.
    pub(in crate::command::trust) fn name(&self) -> &str {
        &self.name
    }

    /// Where from, for people.
    pub(in crate::command::trust) fn place(&self) -> &str {
        &self.place
    }

    /// The list.
    pub(in crate::command::trust) fn list(&self) -> Fetched {
        let limit = u64::try_from(MAX_VICAL_BYTES).unwrap_or(u64::MAX);
        match &self.file {
            Some(file) => directory::read(file, limit),
            None => self.fetcher.at_uri(&self.place, ACCEPT, limit),
        }
    }

    /// The CRL at `uri`.
    pub(in crate::command::trust) fn crl(&self, uri: &str) -> Fetched {
        self.fetcher.at_uri(uri, "application/pkix-crl, */*;q=0.5", crate::input::LIMIT)
    }
}
