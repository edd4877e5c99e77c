//! What changes the catalogue. Each change is recorded.

use tegata_manifest::{Notice, verify_approval};
use tegata_pki::CryptoProvider;
use tegata_trust_list::bundle::{Continuity, RequestBundle, Verified};
use time::UtcDateTime;

use super::{
    AwaitedRequest, Catalogue, CatalogueError, Change, Release, Voided,
    holdings::{HeldRoot, Holdings, ImportedResponse},
    schedule,
};
use crate::{KeyDigest, event, gate::Plan};

/// What an import did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Lists that were destroyed before their day.
    pub voided: Vec<Voided>,
    /// Lists that were released with the import.
    pub released: Vec<Release>,
}

/// Most bytes of a notice's text.
const MAX_NOTICE: usize = 4096;

impl Catalogue {
    /// Notes the request that was sent to the root: the gate takes an answer to this one only. A request that was noted
    /// before and is not answered is replaced by one of the same number.
    ///
    /// # Errors
    /// [`CatalogueError::Sequence`] unless it continues the last response that was imported.
    pub fn record_request(&mut self, request: &Verified<RequestBundle>, at: UtcDateTime) -> Result<(), CatalogueError> {
        let last = self.holdings.response.as_ref();
        request.check_follows(&Continuity {
            sequence: last.map_or(1, |last| last.next_sequence),
            previous_response: last.map(|last| last.digest),
            last_checkpoint: last.map(|last| last.checkpoint.as_str()),
        })?;
        let (sequence, digest) = (request.contents().sequence, request.digest());
        let mut holdings = self.holdings.clone();
        holdings.request = Some(AwaitedRequest { sequence, digest });
        let event = event::decided("request-recorded", self.actor())?;
        let event = event.object("request.bundle", digest).detail("sequence", sequence);
        self.commit(holdings, Change { events: vec![event], archive: Vec::new() }, at)
    }

    /// Carries a plan of the gate out: everything of the bundle at once, the lists of lower number voided, what is due
    /// released.
    ///
    /// # Errors
    /// [`CatalogueError::Changed`] when the catalogue is not the one that the plan was made against.
    pub fn apply(&mut self, plan: &Plan, at: UtcDateTime) -> Result<Imported, CatalogueError> {
        if plan.revision() != self.revision() {
            return Err(CatalogueError::Changed);
        }
        let mut holdings = self.holdings.clone();
        let voided = schedule::void(&mut holdings, plan.crls());
        plan.enter(&mut holdings);
        let (released, mut change) = schedule::due(&mut holdings, at);

        let mut events = vec![event::imported(plan, self.actor())?];
        for lists in &voided {
            events.push(event::voided(lists, self.actor())?);
        }
        for release in &released {
            events.push(event::released(release, &holdings, self.actor())?);
        }
        change.events = events;
        self.commit(holdings, change, at)?;
        Ok(Imported { voided, released })
    }

    /// Sets when the last document signer under a root is issued, and when no document under it is valid any more.
    ///
    /// # Errors
    /// [`CatalogueError::UnknownRoot`]; [`CatalogueError::Dates`] when they are not in order or the root is revoked.
    pub fn plan_retirement(
        &mut self,
        root: KeyDigest,
        retiring: Option<UtcDateTime>,
        removed: Option<UtcDateTime>,
        at: UtcDateTime,
    ) -> Result<(), CatalogueError> {
        self.change_root(root, "root-retirement-planned", at, |held| {
            held.dates.retiring = retiring;
            held.dates.removed = removed;
            let known = [Some(held.dates.announced), Some(held.dates.active), retiring, removed];
            let is_ordered = known.into_iter().flatten().is_sorted();
            let is_whole = retiring.is_some() || removed.is_none();
            held.revoked.is_none() && is_ordered && is_whole
        })
    }

    /// Marks a root as revoked: at once, for good. Verifiers hear of it with the next list.
    ///
    /// # Errors
    /// [`CatalogueError::UnknownRoot`]; [`CatalogueError::Dates`] when it is revoked.
    pub fn revoke_root(&mut self, root: KeyDigest, at: UtcDateTime) -> Result<(), CatalogueError> {
        self.change_root(root, "root-revoked", at, |held| held.revoked.replace(at).is_none())
    }

    /// Sets the signed approval of a root by the threshold of the root role.
    ///
    /// # Errors
    /// [`CatalogueError::UnknownRoot`], [`CatalogueError::NoRootMetadata`]; [`CatalogueError::Metadata`] when it does not
    /// hold at `at`; [`CatalogueError::Approval`] when it is of another root.
    pub fn set_approval(
        &mut self,
        root: KeyDigest,
        approval: Vec<u8>,
        at: UtcDateTime,
        provider: &dyn CryptoProvider,
    ) -> Result<(), CatalogueError> {
        let approved = verify_approval(&approval, &self.root_metadata(provider)?, provider, at)?;
        if approved.anchor != *root.as_bytes() {
            return Err(CatalogueError::Approval(root));
        }
        self.change_root(root, "root-approved", at, |held| {
            held.approval = Some(approval);
            true
        })
    }

    /// Enters a notice; it is published with the next list.
    ///
    /// # Errors
    /// [`CatalogueError::Notice`], [`CatalogueError::UnknownRoot`].
    pub fn add_notice(&mut self, notice: Notice, at: UtcDateTime) -> Result<(), CatalogueError> {
        let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
        let has_id = (1..=64).contains(&notice.id.len()) && notice.id.bytes().all(letter);
        let has_text = |text: &str| (1..=MAX_NOTICE).contains(&text.len());
        let is_new = !self.holdings.notices.iter().any(|known| known.id == notice.id);
        if !has_id || !is_new || !has_text(&notice.text_en) || !has_text(&notice.text_ja) {
            return Err(CatalogueError::Notice(notice.id));
        }
        let unknown = notice.anchors.iter().map(|key| KeyDigest::from_bytes(*key));
        if let Some(root) = unknown.into_iter().find(|root| !self.holdings.roots.contains_key(root)) {
            return Err(CatalogueError::UnknownRoot(root));
        }
        let event = event::decided("notice-added", self.actor())?;
        let event = event.detail("notice", notice.id.clone()).detail("category", notice.category.id());
        let mut holdings = self.holdings.clone();
        holdings.notices.push(notice);
        self.commit(holdings, Change { events: vec![event], archive: Vec::new() }, at)
    }

    /// Records a decision about a root that stands in a file of the operator.
    ///
    /// # Errors
    /// [`CatalogueError::Audit`].
    pub fn record_decision(&mut self, name: &str, root: KeyDigest, at: UtcDateTime) -> Result<(), CatalogueError> {
        let event = event::decided(name, self.actor())?.detail("issuer", root.to_string());
        self.record(event, at)
    }

    fn change_root(
        &mut self,
        root: KeyDigest,
        name: &str,
        at: UtcDateTime,
        change: impl FnOnce(&mut HeldRoot) -> bool,
    ) -> Result<(), CatalogueError> {
        let mut holdings = self.holdings.clone();
        let held = holdings.roots.get_mut(&root).ok_or(CatalogueError::UnknownRoot(root))?;
        if !change(held) {
            return Err(CatalogueError::Dates(root));
        }
        let event = event::decided(name, self.actor())?.detail("issuer", root.to_string());
        self.commit(holdings, Change { events: vec![event], archive: Vec::new() }, at)
    }
}

impl Plan {
    /// Enters the contents of the plan.
    fn enter(&self, holdings: &mut Holdings) {
        for new in self.roots() {
            holdings.roots.insert(new.root.key_digest(), new.clone());
        }
        for link in self.links() {
            if !holdings.links.contains(link) {
                holdings.links.push(link.clone());
            }
        }
        for signer in self.list_signers() {
            if !holdings.list_signers.contains(signer) {
                holdings.list_signers.push(signer.clone());
            }
        }
        for signer in self.document_signers() {
            if !holdings.document_signers.contains(signer) {
                holdings.document_signers.push(signer.clone());
            }
        }
        holdings.crls.extend(self.crls().iter().cloned());
        holdings.request = None;
        holdings.response = Some(ImportedResponse {
            sequence: self.sequence(),
            digest: self.digest(),
            next_sequence: self.next_sequence(),
            checkpoint: self.checkpoint().to_owned(),
            records: self.records(),
        });
    }
}
