//! Objects in tamper-evident bags, chained from one ceremony to the next.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::ids::{ObjectId, PlaceId, Serial};

/// One object: its bag, if it is in one, and where it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// The serial of the closed bag; `None` while the object lies open.
    pub bag: Option<Serial>,
    /// The last place it was stored.
    pub place: Option<PlaceId>,
}

/// All objects of an authority, and every bag that has ever been opened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inventory {
    items: BTreeMap<ObjectId, Item>,
    spent: BTreeSet<Serial>,
}

/// What the inventory says against a bag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mismatch {
    /// The object is not in the inventory.
    Unknown,
    /// It should be in a bag and is not, or the other way round.
    State,
    /// The bag has another serial.
    Serial(Serial),
    /// The serial was used before, or is in use for another object.
    Reused,
}

impl Inventory {
    /// The objects.
    #[must_use]
    pub fn items(&self) -> &BTreeMap<ObjectId, Item> {
        &self.items
    }

    /// Serials of bags that were opened: they are never used again.
    #[must_use]
    pub fn spent(&self) -> &BTreeSet<Serial> {
        &self.spent
    }

    /// The serial that an object's bag must have.
    #[must_use]
    pub fn expected(&self, object: &ObjectId) -> Option<&Serial> {
        self.items.get(object)?.bag.as_ref()
    }

    /// Serials in use that are used twice or that belong to an opened bag; empty in a sound inventory.
    pub(crate) fn clashes(&self) -> BTreeSet<&Serial> {
        let mut seen = BTreeSet::new();
        let in_use = self.items.values().filter_map(|item| item.bag.as_ref());
        in_use.filter(|serial: &&Serial| self.spent.contains(*serial) || !seen.insert(*serial)).collect()
    }

    /// Whether this bag is the one that was closed.
    pub(crate) fn check(&self, object: &ObjectId, found: &Serial) -> Result<(), Mismatch> {
        match &self.items.get(object).ok_or(Mismatch::Unknown)?.bag {
            None => Err(Mismatch::State),
            Some(expected) if expected == found => Ok(()),
            Some(expected) => Err(Mismatch::Serial(expected.clone())),
        }
    }

    /// Opens the bag of an object, whatever its serial is said to be.
    pub(crate) fn open(&mut self, object: &ObjectId, found: &Serial) {
        let item = self.items.entry(object.clone()).or_default();
        self.spent.extend(item.bag.take());
        self.spent.insert(found.clone());
    }

    /// Whether an object may be put into this bag. `fresh`: the object is new, or replaces one of the same name.
    pub(crate) fn may_seal(&self, object: &ObjectId, serial: &Serial, fresh: bool) -> Result<(), Mismatch> {
        match self.items.get(object) {
            None if !fresh => return Err(Mismatch::Unknown),
            Some(Item { bag: Some(_), .. }) if !fresh => return Err(Mismatch::State),
            _ => {}
        }
        let in_use = self.items.values().any(|item| item.bag.as_ref() == Some(serial));
        if in_use || self.spent.contains(serial) { Err(Mismatch::Reused) } else { Ok(()) }
    }

    /// Puts an object into a bag.
    pub(crate) fn seal(&mut self, object: &ObjectId, serial: &Serial) {
        let item = self.items.entry(object.clone()).or_default();
        self.spent.extend(item.bag.replace(serial.clone()));
    }

    /// Notes where an object is.
    pub(crate) fn store(&mut self, object: &ObjectId, place: &PlaceId) {
        self.items.entry(object.clone()).or_default().place = Some(place.clone());
    }
}

/// What the ceremonies before this one left behind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Previous {
    /// Whether a root key exists.
    pub root_exists: bool,
    /// The objects, as the last ceremony left them.
    pub inventory: Inventory,
    /// Head of the last ceremony's record; `None` before the first.
    #[serde(with = "crate::encoding::maybe_octets")]
    pub record: Option<[u8; 32]>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    #[test]
    fn a_bag_is_opened_once() {
        let (module, first, second): (ObjectId, Serial, Serial) =
            ("module".parse().unwrap(), "A0001".parse().unwrap(), "A0002".parse().unwrap());
        let mut inventory = Inventory::default();
        assert_eq!(inventory.may_seal(&module, &first, false), Err(Mismatch::Unknown));
        assert_eq!(inventory.may_seal(&module, &first, true), Ok(()));
        inventory.seal(&module, &first);
        assert_eq!(inventory.check(&module, &second), Err(Mismatch::Serial(first.clone())));
        assert_eq!(inventory.may_seal(&module, &second, false), Err(Mismatch::State));
        inventory.open(&module, &first);
        assert_eq!(inventory.check(&module, &first), Err(Mismatch::State));
        assert_eq!(inventory.may_seal(&module, &first, false), Err(Mismatch::Reused));
        assert_eq!(inventory.may_seal(&module, &second, false), Ok(()));
        assert!(inventory.clashes().is_empty());
    }
}
