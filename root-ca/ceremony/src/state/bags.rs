//! Bags at a step: what the inventory allows, and what it becomes.

use std::collections::{BTreeMap, BTreeSet};

use super::{Current, State};
use crate::{
    action::Action,
    breach::Breach,
    entry::BagEvent,
    ids::{ObjectId, Serial, StepId},
    inventory::Mismatch,
    script::Step,
};

impl State<'_> {
    /// The rules that these bags break at a step.
    pub(super) fn bag_breaches(
        &self,
        current: &Current,
        step: &Step,
        bags: &BTreeMap<ObjectId, Serial>,
    ) -> Vec<Breach> {
        let Some(event) = BagEvent::of(step.action) else {
            return bags.keys().map(|object| other(&step.id, object)).collect();
        };
        let asked = self.objects(step);
        let reported: BTreeSet<ObjectId> = bags.keys().cloned().collect();
        let mut breaches: Vec<Breach> =
            asked.symmetric_difference(&reported).map(|object| other(&step.id, object)).collect();
        let mut serials = BTreeSet::new();
        for (object, serial) in bags {
            if !serials.insert(serial) {
                breaches.push(Breach::SerialReused { step: step.id.clone(), serial: serial.clone() });
            }
            breaches.extend(self.bag_breach(&step.id, event, object, serial));
            if current.bags.get(object).is_none_or(|noted| *noted != (event, serial.clone())) {
                breaches.push(other(&step.id, object));
            }
        }
        breaches
    }

    /// The rule that one bag breaks.
    pub(super) fn bag_breach(
        &self,
        step: &StepId,
        event: BagEvent,
        object: &ObjectId,
        serial: &Serial,
    ) -> Option<Breach> {
        let judged = match event {
            BagEvent::Checked | BagEvent::Opened | BagEvent::Stored => self.inventory.check(object, serial),
            BagEvent::Sealed => {
                let again = self.current.as_ref().is_some_and(|current| current.repeated);
                self.inventory.may_seal(object, serial, again || self.is_fresh(object))
            }
        };
        let (step, object) = (step.clone(), object.clone());
        Some(match judged.err()? {
            Mismatch::Unknown => Breach::ObjectUnknown { step, object },
            Mismatch::State => Breach::ObjectState { step, object },
            Mismatch::Serial(expected) => Breach::SerialWrong { step, object, expected, found: serial.clone() },
            Mismatch::Reused => Breach::SerialReused { step, serial: serial.clone() },
        })
    }

    /// Whether an object is new here: it was replaced, or this is the first ceremony and it has not been sealed yet.
    fn is_fresh(&self, object: &ObjectId) -> bool {
        let known = self.inventory.items().contains_key(object);
        self.start.as_ref().is_some_and(|start| {
            let replaced = start.replaced.contains(object);
            let untouched = start.previous.inventory.items().get(object) == self.inventory.items().get(object);
            !known && (replaced || !start.previous.root_exists) || known && replaced && untouched
        })
    }

    pub(super) fn move_bags(&mut self, step: &StepId, action: Action, bags: &BTreeMap<ObjectId, Serial>) {
        let place = self.script.step(step).and_then(|step| step.place.clone());
        for (object, serial) in bags {
            match action {
                Action::InventoryOpen => self.inventory.open(object, serial),
                Action::InventorySeal => self.inventory.seal(object, serial),
                Action::InventoryStore => {
                    if let Some(place) = &place {
                        self.inventory.store(object, place);
                    }
                }
                _ => {}
            }
        }
    }
}

fn other(step: &StepId, object: &ObjectId) -> Breach {
    Breach::BagOther { step: step.clone(), object: object.clone() }
}
