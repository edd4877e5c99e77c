//! Randomness and time of this machine.

use rand_core::UnwrapErr;
use time::UtcDateTime;

/// The operating system's random number generator.
pub(crate) type SystemRng = UnwrapErr<getrandom::SysRng>;

/// The operating system's random number generator. A machine that has no randomness cannot go on: it panics then.
pub(crate) fn rng() -> SystemRng {
    UnwrapErr(getrandom::SysRng)
}

/// What time it is: the clock of the machine, or that of a rehearsal's plan.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Clock {
    /// The machine's clock.
    Machine,
    /// The machine's clock, moved so that the rehearsal began at the planned time.
    Planned { planned: UtcDateTime, started: UtcDateTime },
}

impl Clock {
    /// A clock that shows `planned` now and goes on from there.
    pub(crate) fn starting_at(planned: UtcDateTime) -> Self {
        Self::Planned { planned, started: UtcDateTime::now() }
    }

    /// The time in whole seconds, as records, certificates and lists have it.
    pub(crate) fn now(self) -> UtcDateTime {
        match self {
            Self::Machine => UtcDateTime::now(),
            Self::Planned { planned, started } => planned.saturating_add(UtcDateTime::now() - started),
        }
        .truncate_to_second()
    }
}

/// The hash of the running program, for the record.
pub(crate) fn program_digest() -> std::io::Result<[u8; 32]> {
    // Not by its path, which may name another program by now.
    let path = "/proc/self/exe";
    Ok(tegata_pki::rust_crypto()
        .digest(tegata_pki::Hash::Sha256, &std::fs::read(path)?)
        .as_ref()
        .try_into()
        .unwrap_or_default())
}
