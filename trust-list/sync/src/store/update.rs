//! One update: from what the client of the service accepted to a new state, all at once or not at all.

use std::collections::BTreeSet;

use tegata_manifest::{
    Accepted, ClientState, Fetched, Held, Notice, ObjectFilter, RoleName, Update, UpdatePolicy, sha256, verify_approval,
};
use time::UtcDateTime;

use super::{FetchedList, HeldList, ListTrust, Store};
use crate::{
    ApplyError, CatchUp, Change, EntryError, HeldBack, ImportError, KeyDigest, LinkError, Listing, ListingInput,
    Moment, TrustScope,
};

/// A file of an update that was not taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Its stable name or URI.
    pub name: String,
    /// Why.
    pub error: ImportError,
}

/// What an update changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The version of the list.
    pub list_version: u64,
    /// What happened to anchors.
    pub anchors: Vec<Change>,
    /// Removals that wait for the operator ([`Store::confirm_removal`]).
    pub held_back: Vec<HeldBack>,
    /// Scopes that have no anchor any more.
    pub emptied: Vec<TrustScope>,
    /// Scopes whose newest anchor is not believed yet, and what can be done.
    pub catch_up: Vec<CatchUp>,
    /// Entries of the list that cannot be anchors.
    pub refused_entries: Vec<(KeyDigest, EntryError)>,
    /// Link certificates that prove nothing, by their SHA-256 fingerprint.
    pub refused_links: Vec<([u8; 32], LinkError)>,
    /// CRLs and lists that were not taken in; what was held of them ages.
    pub refused: Vec<Refused>,
    /// Notices that were not in the list before.
    pub notices: Vec<Notice>,
}

impl Store {
    /// Begins an update at `at`: drive it with [`Update::next`] and give the result to [`Store::apply`].
    ///
    /// # Errors
    /// [`ApplyError::Update`], [`ApplyError::ClockTurnedBack`].
    pub fn begin_update(&self, at: UtcDateTime, policy: UpdatePolicy) -> Result<Update<'static>, ApplyError> {
        self.check_clock(at).map_err(|latest| ApplyError::ClockTurnedBack { latest, at })?;
        self.begin_client(at, policy)
    }

    /// Begins an update by the clock of the client alone.
    pub(crate) fn begin_client(&self, at: UtcDateTime, policy: UpdatePolicy) -> Result<Update<'static>, ApplyError> {
        let held = Held {
            snapshot: self.state.list.as_ref().map(|held| held.snapshot_file.clone()),
            list: self.state.list.as_ref().map(|held| held.list_file.clone()),
            objects: self.state.crls.values().map(|held| sha256(held.crl.der())).collect(),
        };
        let filter = ObjectFilter::Prefixes(vec!["crl/".to_owned()]);
        let client = self.state.client.clone().ok_or(ApplyError::NoService)?;
        Update::begin(client, at, policy, filter, held, self.provider).map_err(ApplyError::Update)
    }

    /// Applies what an update accepted, with the status and identifier lists that were fetched along: all of it, or
    /// nothing when there is an error. CRLs and lists that are not good are refused one by one and reported.
    ///
    /// # Errors
    /// [`ApplyError`]; nothing changes.
    pub fn apply(&mut self, accepted: Accepted, lists: &[FetchedList], at: UtcDateTime) -> Result<Changes, ApplyError> {
        self.apply_fetched(accepted, lists, at, at)
    }

    /// As [`Store::apply`], of an update that was fetched before.
    pub(crate) fn apply_fetched(
        &mut self,
        accepted: Accepted,
        lists: &[FetchedList],
        fetched_at: UtcDateTime,
        at: UtcDateTime,
    ) -> Result<Changes, ApplyError> {
        let (fetched_at, at) = (fetched_at.truncate_to_second(), at.truncate_to_second());
        self.check_clock(at).map_err(|latest| ApplyError::ClockTurnedBack { latest, at })?;
        let client = self.state.client.as_ref().ok_or(ApplyError::NoService)?;
        if is_overtaken(client, &accepted.state) {
            return Err(ApplyError::Overtaken);
        }
        let mut next = self.clone();
        let changes = next.take_in(accepted, lists, fetched_at.min(at), at);
        *self = next;
        Ok(changes)
    }

    /// Notes that an update failed at `at`: the next one comes sooner, and later again with each failure.
    pub fn note_failure(&mut self, at: UtcDateTime) {
        self.state.fetch.note_failure(at.truncate_to_second());
    }

    fn take_in(
        &mut self,
        accepted: Accepted,
        lists: &[FetchedList],
        fetched_at: UtcDateTime,
        at: UtcDateTime,
    ) -> Changes {
        // Nobody can know that a list is current beyond the life of its pointer, whatever he says about the fetch.
        let moment = Moment { at, as_of: fetched_at.min(accepted.pointer_expires) };
        let root = accepted.state.root().clone();
        self.state.client = Some(accepted.state);
        self.pass_time(at);
        let mut changes = Changes { list_version: accepted.list_version, ..Changes::default() };

        // CRLs first, because an anchor may have revoked a link; those of anchors that only this list brings come after.
        let mut waiting = Vec::new();
        for (name, bytes) in &accepted.objects {
            match self.take_crl(bytes, moment.as_of, at) {
                Ok(_) => {}
                Err(ImportError::UnknownIssuer) => waiting.push((name, bytes)),
                Err(error) => changes.refused.push(Refused { name: name.clone(), error }),
            }
        }
        let current: BTreeSet<[u8; 32]> = accepted.held_objects.values().copied().collect();
        for held in self.state.crls.values_mut().filter(|held| current.contains(&sha256(held.crl.der()))) {
            held.fetched_at = held.fetched_at.max(moment.as_of);
        }

        let listing = Listing::verify(
            &accepted.list,
            &self.state.anchors,
            &ListingInput {
                approval: &|file| verify_approval(file, &root, self.provider, at).ok(),
                is_revoked: &|link, by| self.has_revoked(link, by),
                provider: self.provider,
            },
        );
        let refusals = self.refusals();
        changes.anchors = self.state.anchors.refuse(&refusals, Some(&listing), at, self.policy.history);
        let observation = self.state.anchors.observe(&listing, moment, &self.policy, &self.state.confirmed);
        self.state.confirmed.clear();
        changes.anchors.extend(observation.changes);
        self.share_refusals(at);
        changes.held_back = observation.held_back;
        changes.emptied = observation.emptied;
        for (name, bytes) in waiting {
            if let Err(error) = self.take_crl(bytes, moment.as_of, at) {
                changes.refused.push(Refused { name: name.clone(), error });
            }
        }

        let known: BTreeSet<&str> =
            self.list().into_iter().flat_map(|list| &list.notices).map(|notice| notice.id.as_str()).collect();
        changes.notices =
            accepted.list.notices.iter().filter(|notice| !known.contains(notice.id.as_str())).cloned().collect();
        self.state.list = Some(HeldList {
            list: accepted.list,
            list_file: accepted.list_file,
            snapshot_file: accepted.snapshot_file,
            accepted_at: at,
            as_of: moment.as_of,
            pointer_expires: accepted.pointer_expires,
        });
        self.take_in_lists(lists, at, &mut changes);
        changes.catch_up = self.catch_up(at);
        changes.refused_entries = listing.refused_entries;
        changes.refused_links = listing.refused_links;
        self.state.fetch.note_success(at);
        changes
    }

    fn take_in_lists(&mut self, lists: &[FetchedList], at: UtcDateTime, changes: &mut Changes) {
        for FetchedList { uri, fetched, fetched_at } in lists {
            let result = match fetched {
                Fetched::Bytes(bytes) => self.take_list(uri, bytes, ListTrust::Anchors, *fetched_at, at).map(|_| ()),
                Fetched::Absent => Err(ImportError::Absent),
                Fetched::Failed(failure) => Err(ImportError::Fetch(*failure)),
            };
            if let Err(error) = result {
                changes.refused.push(Refused { name: uri.clone(), error });
            }
        }
    }
}

/// Whether another update came between: nothing may fall.
fn is_overtaken(held: &ClientState, new: &ClientState) -> bool {
    match new.version(RoleName::Root).cmp(&held.version(RoleName::Root)) {
        core::cmp::Ordering::Less => true,
        core::cmp::Ordering::Equal => RoleName::ALL.iter().any(|role| new.version(*role) < held.version(*role)),
        core::cmp::Ordering::Greater => false,
    }
}
