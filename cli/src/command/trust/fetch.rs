//! Fetching what a service publishes, from the network or from a directory. Nothing is believed for where it comes from.

mod directory;
mod vical;
mod web;

use std::path::{Path, PathBuf};

use tegata_manifest::Fetched;
use tegata_terminal::Lang;
use tegata_verifier_store::{FetchRequest, Wanted};

pub(super) use self::vical::VicalFetcher;
use self::web::Web;
use super::refused;
use crate::failure::{Failure, InputFault};
use crate::message::trust as text;

/// Fetches from one service.
#[derive(Debug)]
pub(super) struct Fetcher {
    origin: Origin,
    map: Vec<(String, PathBuf)>,
}

#[derive(Debug)]
enum Origin {
    Web { base: String, web: Web },
    Directory(PathBuf),
}

impl Fetcher {
    /// Fetches from a base URL or a directory; `map` gives files that stand for URIs.
    pub(super) fn new(from: &str, map: &[(String, PathBuf)], lang: Lang) -> Result<Self, Failure> {
        let origin = if from.contains("://") {
            let base = from.trim_end_matches('/').to_owned();
            if !web::is_url(&base) {
                return Err(refused(None, "origin-url", text::origin_url(lang, from), text::remedy_origin_url(lang)));
            }
            Origin::Web { base, web: Web::new() }
        } else {
            let path = PathBuf::from(from);
            let metadata = std::fs::metadata(&path);
            let metadata =
                metadata.map_err(|error| Failure::Input { file: path.clone(), fault: InputFault::of(&error) })?;
            if !metadata.is_dir() {
                let remedy = text::remedy_origin_directory(lang);
                return Err(refused(Some(&path), "origin-not-directory", text::origin_not_directory(lang), remedy));
            }
            Origin::Directory(path)
        };
        Ok(Self { origin, map: map.to_vec() })
    }

    /// Where from, for people.
    pub(super) fn origin(&self) -> String {
        match &self.origin {
            Origin::Web { base, .. } => base.clone(),
            Origin::Directory(directory) => directory.display().to_string(),
        }
    }

    /// The file at `path` below the base.
    pub(super) fn file(&self, path: &str, max_bytes: u64) -> Fetched {
        match &self.origin {
            Origin::Web { base, web } => web.get(&format!("{base}/{path}"), "*/*", max_bytes),
            Origin::Directory(directory) => directory::read(&directory.join(path), max_bytes),
        }
    }

    /// What a download asks for.
    pub(super) fn get(&self, request: &FetchRequest) -> Fetched {
        match &request.wanted {
            Wanted::File(path) => self.file(path, request.max_bytes),
            Wanted::List { uri, .. } => self.at_uri(uri, request.accept(), request.max_bytes),
        }
    }

    /// The file at `uri`.
    fn at_uri(&self, uri: &str, accept: &str, max_bytes: u64) -> Fetched {
        if let Some(path) = self.mapped(uri) {
            return directory::read(&path, max_bytes);
        }
        match &self.origin {
            Origin::Web { web, .. } => web.get(uri, accept, max_bytes),
            Origin::Directory(directory) => {
                match web::path_of(uri).and_then(|path| directory::below(directory, path)) {
                    Some(path) => directory::read(&path, max_bytes),
                    None => Fetched::Absent,
                }
            }
        }
    }

    /// The file that stands for `uri`.
    fn mapped(&self, uri: &str) -> Option<PathBuf> {
        let exact = self.map.iter().find(|(prefix, _)| prefix == uri);
        if let Some((_, path)) = exact {
            return Some(path.clone());
        }
        let prefixes = self.map.iter().filter(|(prefix, _)| prefix.ends_with('/') && uri.starts_with(prefix.as_str()));
        let (prefix, folder): (&str, &Path) =
            prefixes.max_by_key(|(prefix, _)| prefix.len()).map(|(prefix, path)| (prefix.as_str(), path.as_path()))?;
        directory::below(folder, uri.strip_prefix(prefix)?)
    }
}

/// Sends a readiness signal.
pub(super) fn post(url: &str, bytes: &[u8], lang: Lang) -> Result<(), Failure> {
    if !web::is_url(url) {
        return Err(refused(None, "origin-url", text::origin_url(lang, url), text::remedy_origin_url(lang)));
    }
    Web::new().post(url, bytes).map_err(|failure| super::sync::unreachable(url, failure, lang))
}
