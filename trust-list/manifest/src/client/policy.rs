//! What a caller brings to an update.

use std::collections::BTreeSet;

use time::{Duration, UtcDateTime};

/// The rules of an update that are not in the metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UpdatePolicy {
    /// By how much clocks may differ: how far a date of issue may lie ahead, and the time given behind the latest known
    /// one. Expiry knows no tolerance.
    pub clock_tolerance: Duration,
    /// The longest life of a pointer (from `issued` to `expires`): whoever takes its key can hold clients back that long.
    pub pointer_life: Duration,
    /// A time that has certainly passed, such as the date of the program's release: an earlier clock is wrong.
    pub not_before: UtcDateTime,
}

impl UpdatePolicy {
    /// For a verifier with a network: five minutes, pointers of a day.
    #[must_use]
    pub fn online(not_before: UtcDateTime) -> Self {
        Self { clock_tolerance: Duration::minutes(5), pointer_life: Duration::DAY, not_before }
    }

    /// For a verifier that gets the files by hand: five minutes, pointers of a week.
    #[must_use]
    pub fn offline(not_before: UtcDateTime) -> Self {
        Self { pointer_life: Duration::WEEK, ..Self::online(not_before) }
    }
}

/// Which objects of a snapshot are wanted, by their stable names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObjectFilter {
    /// None: the list alone.
    Nothing,
    /// All.
    Everything,
    /// Those whose names begin with one of these: `crl/`, `link/`.
    Prefixes(Vec<String>),
    /// These. A name that the snapshot does not have is not an error.
    Names(BTreeSet<String>),
}

impl ObjectFilter {
    /// Whether the object `name` is wanted.
    #[must_use]
    pub fn wants(&self, name: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::Prefixes(prefixes) => prefixes.iter().any(|prefix| name.starts_with(prefix.as_str())),
            Self::Names(names) => names.contains(name),
        }
    }
}

/// What the caller holds from earlier updates, so that it is not fetched again. It is verified like anything fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// The snapshot's file ([`crate::Accepted::snapshot_file`]).
    pub snapshot: Option<Vec<u8>>,
    /// The list's file ([`crate::Accepted::list_file`]).
    pub list: Option<Vec<u8>>,
    /// The SHA-256 of the objects held.
    pub objects: BTreeSet<[u8; 32]>,
}
