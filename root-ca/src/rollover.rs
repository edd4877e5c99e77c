//! The time chart of a root: when each key and certificate begins and ends, and what must happen before.
//!
//! The rule behind it all: a private key is used no longer than the validity of its certificate less the longest validity
//! that it gives (CP/CPS 6.3.2; the key chart of the JPNIC practice documents).

mod chart;
mod check;
mod key_chart;
mod show;
mod update;

pub use self::{
    chart::{Alarm, Chart, PlannedCertificate, PlannedLists, Window, plan, plan_with_rekey},
    check::{ChartFinding, check},
    key_chart::{KeyChart, key_chart},
    update::{Assessment, CaUpdate, CrlChoice, Fate, Renewal},
};
