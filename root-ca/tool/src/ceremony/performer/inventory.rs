//! Clock, computer, bags.

use tegata_ceremony::{Action, ActionError, ActionOutcome, Step};
use time::UtcDateTime;

use super::{Performer, broken, failed};
use crate::ceremony::desk::Desk;
use crate::machine::program_digest;
use crate::network::check_cut_off;

/// Seconds by which the clock may differ from the reference.
const CLOCK_LIMIT: i64 = 60;

impl<D: Desk> Performer<'_, D> {
    pub(super) fn compare_clock(&mut self, now: UtcDateTime) -> Result<ActionOutcome, ActionError> {
        let offset = self.clock_offset_within_limit(now)?;
        self.clock_offset = Some(offset);
        Ok(ActionOutcome { clock_offset: Some(offset), ..ActionOutcome::default() }.fact("offset", offset))
    }

    pub(super) fn clock_offset_within_limit(&mut self, now: UtcDateTime) -> Result<i64, ActionError> {
        let offset = self.parts.desk.clock_offset(now)?;
        if offset.abs() > CLOCK_LIMIT {
            let message = format!("the clock differs by {offset} s from the reference; {CLOCK_LIMIT} s are allowed");
            return Err(failed("clock-differs", message));
        }
        Ok(offset)
    }

    /// Network, program, state and clock.
    pub(super) fn preflight(&mut self, now: UtcDateTime) -> Result<ActionOutcome, ActionError> {
        let network = check_cut_off();
        if let Err(fault) = &network
            && !self.parts.sandbox
        {
            return Err(failed("network-up", fault));
        }
        let program = program_digest().map_err(|error| failed("program-unreadable", error))?;
        let state = self.parts.authority.state();
        let last = state.last_time().map_err(broken)?;
        if now < last {
            return Err(failed(
                "clock-back",
                format!("the clock shows {now}, the last change of the root was at {last}"),
            ));
        }
        let open = state.open_intents().map_err(broken)?;
        if !open.is_empty() {
            let message = format!("{} intents are open; close each with its reason", open.len());
            return Err(failed("open-intents", message));
        }
        Ok(ActionOutcome::default()
            .fact("version", env!("CARGO_PKG_VERSION"))
            .fact("network", network.err().map_or("cut off".to_owned(), |fault| fault.to_string()))
            .fact("sandbox", self.parts.sandbox)
            .fact("software-token", self.module.is_embedded())
            .digest("tegata-root", program)
            .digest("policy", self.parts.authority.policy().digest()))
    }

    /// Bags are checked, opened, closed or stored: somebody reads each serial from the bag.
    pub(super) fn note_bags(&mut self, step: &Step) -> Result<ActionOutcome, ActionError> {
        let mut outcome = ActionOutcome::default();
        for (object, expected) in self.bags.clone() {
            let expected = expected.filter(|_| step.action != Action::InventorySeal);
            let serial = self.parts.desk.bag(step, &object, expected.as_ref())?;
            outcome = outcome.bag(object, serial);
        }
        let count = outcome.bags.len();
        Ok(outcome.fact("bags", count))
    }
}
