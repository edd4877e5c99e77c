//! Key ceremonies of an offline root.
//!
//! A ceremony is two files and a record. The *script* ([`Script`]) is the public procedure: steps, seats, witnesses. The
//! *site file* ([`Site`]) is private: persons, places, media. The *record* is an audit log of its own, in which every step
//! is signed off by those who did, confirmed and witnessed it.
//!
//! | question | here |
//! |---|---|
//! | may this ceremony take place? | [`check()`] → [`Finding`]s |
//! | lead through it | [`Run`]: [`Run::next`] says who acts now; [`Actions`] is what the computer does |
//! | was it done by the rules? | [`verify()`] → [`Violation`]s, offline, with public files |
//! | print it | [`render`]: procedure and report, public or private, Japanese or English, HTML or text |
//!
//! The engine and the verifier share one state machine and one list of rules ([`Breach`]): what the one refuses is what the
//! other names. Nothing here reads a clock, draws randomness or opens a file; the one side effect is the [`Recorder`].

mod action;
mod breach;
mod cast;
pub mod check;
mod encoding;
mod entry;
mod ids;
mod inventory;
mod kind;
mod outcome;
pub mod render;
mod role;
mod rules;
mod run;
mod script;
mod site;
mod state;
mod statement;
mod text;
mod verify;

pub use action::Action;
pub use breach::{Binding, Breach, TargetFault};
pub use cast::{Cast, Member};
pub use check::{Fact, Finding, Severity, check};
pub use entry::Effect;
pub use ids::{CeremonyId, IdError, ObjectId, PersonId, PlaceId, PolicyId, SeatId, Serial, StepId};
pub use inventory::{Inventory, Item, Previous};
pub use kind::Kind;
pub use outcome::{ActionError, ActionOutcome, Actions, KeyTarget};
pub use role::{Mark, Role};
pub use rules::{Quorum, Rules};
pub use run::{Order, Prompt, Recorder, Run, RunError, Setup, Stage};
pub use script::{Authentication, FileError, Object, Performers, Phase, Place, Script, Seat, Step, When, Witnesses};
pub use site::{Approval, Person, Site, SiteConditions, Token};
pub use state::Duty;
pub use statement::{SignOff, Statement};
pub use text::{Lang, Text, UnknownLang};
pub use verify::{Violation, leaves, verify};
