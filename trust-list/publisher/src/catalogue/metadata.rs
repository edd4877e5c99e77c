//! The signed metadata: root and list come in signed, versions of snapshot and pointer are used up here.

use std::{collections::BTreeMap, sync::Arc};

use tegata_manifest::{AnchorList, RootMetadata, Signed, sha256};
use tegata_pki::CryptoProvider;
use time::UtcDateTime;

use super::{Catalogue, CatalogueError, Change, SignedFile};
use crate::event;

impl Catalogue {
    /// The root metadata in force.
    ///
    /// # Errors
    /// [`CatalogueError::NoRootMetadata`], [`CatalogueError::Metadata`].
    pub fn root_metadata(&self, provider: &dyn CryptoProvider) -> Result<RootMetadata, CatalogueError> {
        let file = self.holdings().metadata.roots.last().ok_or(CatalogueError::NoRootMetadata)?;
        let verified = Signed::<RootMetadata>::parse(&file.bytes)?.verify_by_itself(provider)?;
        Ok(verified.into_document())
    }

    /// The file of the root metadata in force; `None` before the first.
    #[must_use]
    pub fn root_file(&self) -> Option<&[u8]> {
        self.holdings().metadata.roots.last().map(|file| &*file.bytes)
    }

    /// Takes root metadata that the quorum has signed: version 1 first, then each signed by the one before and by itself.
    ///
    /// # Errors
    /// [`CatalogueError::Metadata`], [`CatalogueError::Version`].
    pub fn accept_root(
        &mut self,
        file: &[u8],
        at: UtcDateTime,
        provider: &dyn CryptoProvider,
    ) -> Result<u64, CatalogueError> {
        let signed = Signed::<RootMetadata>::parse(file)?;
        let verified = if self.holdings().metadata.roots.is_empty() {
            signed.verify_by_itself(provider)?
        } else {
            signed.verify_successor(&self.root_metadata(provider)?, provider)?
        };
        let version = verified.document().header.version;
        let held = self.holdings().metadata.roots.last().map_or(0, |root| root.version);
        if version != held + 1 {
            return Err(CatalogueError::Version { held, found: version });
        }
        let mut holdings = self.holdings().clone();
        holdings.metadata.roots.push(SignedFile { version, bytes: file.into() });
        let event = event::decided("root-metadata-accepted", self.actor())?;
        let event = event.object(format!("v1/root/{version}.cbor"), sha256(file)).detail("version", version);
        self.commit(holdings, Change { events: vec![event], archive: Vec::new() }, at)?;
        Ok(version)
    }

    /// Takes the next list, signed by its role, with the exports that go with it under stable names.
    ///
    /// # Errors
    /// [`CatalogueError::NoRootMetadata`], [`CatalogueError::Metadata`], [`CatalogueError::Version`].
    pub fn accept_list(
        &mut self,
        file: &[u8],
        exports: BTreeMap<String, Arc<[u8]>>,
        at: UtcDateTime,
        provider: &dyn CryptoProvider,
    ) -> Result<u64, CatalogueError> {
        let root = self.root_metadata(provider)?;
        let verified = Signed::<AnchorList>::parse(file)?.verify(&root, provider)?;
        verified.check_time(at)?;
        let version = verified.document().header.version;
        let held = self.holdings().metadata.list.as_ref().map_or(0, |list| list.version);
        if version != held + 1 {
            return Err(CatalogueError::Version { held, found: version });
        }
        let mut holdings = self.holdings().clone();
        let event = event::decided("list-accepted", self.actor())?;
        let event = event.object(format!("v1/list/{version}.cbor"), sha256(file)).detail("version", version);
        let event = exports.iter().fold(event, |event, (name, bytes)| event.object(name.clone(), sha256(bytes)));
        holdings.metadata.list = Some(SignedFile { version, bytes: file.into() });
        holdings.metadata.exports = exports;
        self.commit(holdings, Change { events: vec![event], archive: Vec::new() }, at)?;
        Ok(version)
    }

    /// Uses up the next versions of snapshot and pointer, before they are signed: whatever becomes of the publication, no
    /// version is ever signed twice.
    pub(crate) fn use_versions(&mut self, at: UtcDateTime) -> Result<(), CatalogueError> {
        let mut holdings = self.holdings().clone();
        holdings.metadata.snapshot += 1;
        holdings.metadata.pointer += 1;
        self.commit(holdings, Change::default(), at)
    }

    /// Uses up the next sequence of the device-key lists.
    pub(crate) fn use_device_key_sequence(&mut self, at: UtcDateTime) -> Result<u64, CatalogueError> {
        let mut holdings = self.holdings().clone();
        holdings.metadata.device_keys += 1;
        let sequence = holdings.metadata.device_keys;
        self.commit(holdings, Change::default(), at)?;
        Ok(sequence)
    }

    /// Notes what the reference client remembers of a publication, with its record.
    pub(crate) fn note_published(
        &mut self,
        client: &[u8],
        event: tegata_audit::Event,
        at: UtcDateTime,
    ) -> Result<(), CatalogueError> {
        let mut holdings = self.holdings().clone();
        holdings.metadata.client = Some(client.into());
        self.commit(holdings, Change { events: vec![event], archive: Vec::new() }, at)
    }
}
