//! What an auditor runs: every rule of the engine, replayed over a record that is not trusted.

use core::fmt;

use tegata_audit::Fault;

use crate::{
    breach::{Binding, Breach},
    entry::{Entry, Line},
    inventory::Previous,
    rules::Rules,
    script::Script,
    site::Site,
    state::{At, State},
};

/// A rule that a record breaks, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The line of the record, counted from 1; `None` for the record as a whole.
    pub line: Option<u64>,
    /// The rule.
    pub breach: Breach,
}

impl Violation {
    /// A stable name of the rule.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.breach.id()
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.breach),
            None => self.breach.fmt(f),
        }
    }
}

/// Verifies the record of a ceremony against its script, and against the site file if it is at hand. Empty when every rule
/// was kept.
///
/// Without the site file, the persons and their keys are believed as the record states them: what is shown is that these
/// keys signed this course of events. With it, the keys are the ones that the authority appointed. `previous` is what the
/// record of the ceremony before left behind ([`leaves`]); without it, the start of the inventory is believed.
///
/// A record whose end was cut off *with* its closing events is shown by its missing end; one that was rewritten as a whole
/// by somebody who holds all sign-off keys is shown by an audit checkpoint kept elsewhere (`tegata_audit::verify`).
#[must_use]
pub fn verify(
    record: &[u8],
    script: &Script,
    site: Option<&Site>,
    previous: Option<&Previous>,
    rules: &Rules,
) -> Vec<Violation> {
    let mut violations: Vec<Violation> = match tegata_audit::read(record) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.into_iter().map(chain).collect(),
    };
    let mut state = State::new(script, rules);
    let mut altered = false;
    for (number, line) in Line::all(record) {
        let at = At { time: line.time, head: line.prev };
        let mut found = match Entry::read(&line) {
            Ok(entry) => {
                let found = state.breaches(&entry, at);
                state.apply(&entry, at);
                found
            }
            Err(breach) => vec![breach],
        };
        // Every sign-off after the first alteration shows it again.
        found.retain(|breach| {
            !matches!(breach, Breach::HistoryAltered { .. }) || !core::mem::replace(&mut altered, true)
        });
        violations.extend(found.into_iter().map(|breach| Violation { line: Some(number), breach }));
    }
    if !state.ended {
        violations.push(Violation { line: None, breach: Breach::TailMissing });
    }
    violations.extend(bindings(&state, script, site, previous));
    violations
}

/// What a verified record leaves behind for the next ceremony; `None` when it breaks a rule.
#[must_use]
pub fn leaves(record: &[u8], script: &Script, rules: &Rules) -> Option<Previous> {
    if !verify(record, script, None, None, rules).is_empty() {
        return None;
    }
    let mut state = State::new(script, rules);
    for (_, line) in Line::all(record) {
        state.apply(&Entry::read(&line).ok()?, At { time: line.time, head: line.prev });
    }
    let last = record.strip_suffix(b"\n").unwrap_or(record).rsplit(|byte| *byte == b'\n').next()?;
    Some(state.leaves(crate::encoding::sha256(last)))
}

fn chain(fault: Fault) -> Violation {
    Violation { line: fault.line(), breach: Breach::Chain(fault) }
}

fn bindings(state: &State<'_>, script: &Script, site: Option<&Site>, previous: Option<&Previous>) -> Vec<Violation> {
    let Some(start) = &state.start else { return Vec::new() };
    let mut others = Vec::new();
    if let Some(site) = site {
        if start.site != site.digest() || start.ceremony != *site.ceremony() {
            others.push(Binding::Site);
        }
        let conditions = site.conditions();
        if start.cast != site.cast() || start.roster != site.roster_digest(script) {
            others.push(Binding::Roster);
        } else if start.replaced != conditions.replaced || start.credentials_changed != conditions.credentials_changed {
            others.push(Binding::Site);
        }
    }
    if previous.is_some_and(|previous| *previous != start.previous) {
        others.push(Binding::Previous);
    }
    others.into_iter().map(|binding| Violation { line: Some(1), breach: Breach::Other(binding) }).collect()
}
