//! The objects of an update: which are fetched, and that they are the right ones.

use std::collections::{BTreeMap, BTreeSet};

use super::Accepted;
use super::file::check_content;
use crate::client::{ObjectFilter, UpdateError};
use crate::{MAX_UPDATE_BYTES, ObjectReference, path};

/// A result that waits for its objects.
#[derive(Debug)]
pub(super) struct Objects {
    accepted: Accepted,
    missing: Vec<Missing>,
}

/// An object to be fetched, once for all of its names.
#[derive(Debug)]
struct Missing {
    object: ObjectReference,
    names: Vec<String>,
}

impl Objects {
    pub(super) fn plan(
        mut accepted: Accepted,
        filter: &ObjectFilter,
        held: &BTreeSet<[u8; 32]>,
    ) -> Result<Self, UpdateError> {
        let mut missing: BTreeMap<([u8; 32], u64), Vec<String>> = BTreeMap::new();
        for (name, object) in accepted.snapshot.objects.iter().filter(|(name, _)| filter.wants(name)) {
            if held.contains(&object.sha256) {
                accepted.held_objects.insert(name.clone(), object.sha256);
            } else {
                missing.entry((object.sha256, object.length)).or_default().push(name.clone());
            }
        }
        let total = missing.keys().fold(0_u64, |total, (_, length)| total.saturating_add(*length));
        if total > MAX_UPDATE_BYTES {
            return Err(UpdateError::TooMuch { total });
        }
        let missing = missing.into_iter();
        let missing =
            missing.map(|((sha256, length), names)| Missing { object: ObjectReference { length, sha256 }, names });
        Ok(Self { accepted, missing: missing.collect() })
    }

    /// The object that is wanted next, and its length.
    pub(super) fn wanted(&self) -> Option<(String, u64)> {
        self.missing.last().map(|missing| (path::object(&missing.object.sha256), missing.object.length))
    }

    /// Takes the object that was wanted.
    pub(super) fn take(&mut self, path: &str, bytes: Vec<u8>) -> Result<(), UpdateError> {
        let Missing { object, names } = self.missing.pop().ok_or(UpdateError::Over)?;
        check_content(path, &bytes, object.length, &object.sha256)?;
        self.accepted.objects.extend(names.into_iter().map(|name| (name, bytes.clone())));
        Ok(())
    }

    pub(super) fn into_accepted(self) -> Accepted {
        self.accepted
    }
}
