//! Leading through a ceremony: what the computer does at each step, and how persons take part.
//!
//! [`lead()`] drives the engine of `tegata_ceremony`. It asks a [`Desk`] for what only people can give (a bag's serial, the
//! reference time, a signature), and the [`Performer`] carries out the actions on the root. Two desks exist: the
//! [`Terminal`] for a room full of people, and the [`Rehearsal`], which answers by itself with credentials of its own.

mod desk;
mod lead;
mod module;
mod people;
mod performer;
mod rehearsal;
mod since;
mod terminal;

pub(crate) use self::{
    desk::Desk,
    lead::{Ceremony, Ending, lead, resume},
    people::sign,
    performer::{Exchange, Parts, Performer},
    rehearsal::{Cast, Rehearsal, Wish, rehearsal_id, write_request},
    since::Since,
    terminal::Terminal,
};
