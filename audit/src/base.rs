//! The first line of a log whose older records were archived: the state that its first record continues.

use serde::{Deserialize, Serialize};
use time::{UtcDateTime, format_description::well_known::Rfc3339};

use crate::{chain::Chain, record::write_time};

/// What was archived before. It is not a record and not a leaf; a later checkpoint vouches for it, because the root can
/// only be had from the right peaks.
///
/// ```text
/// base = { archived: {
///   size: uint,          ; records archived so far, at least 1
///   time: tstr,          ; of the last of them
///   head: hex,           ; SHA-256 of the last of them
///   peaks: [+ hex],      ; roots of the full subtrees of the tree over them, the largest first
/// } }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base {
    pub(crate) size: u64,
    pub(crate) time: UtcDateTime,
    pub(crate) head: [u8; 32],
    pub(crate) peaks: Vec<[u8; 32]>,
}

impl Base {
    /// The state of a chain that has records, as a base.
    pub(crate) fn of(chain: &Chain) -> Option<Self> {
        let peaks = chain.tree.peaks().to_vec();
        Some(Self { size: chain.tree.size(), time: chain.last_time?, head: chain.head, peaks })
    }

    pub(crate) fn to_line(&self) -> Option<String> {
        let archived = Archived {
            size: self.size,
            time: write_time(self.time)?,
            head: hex::encode(self.head),
            peaks: self.peaks.iter().map(hex::encode).collect(),
        };
        serde_json::to_string(&Line { archived }).ok()
    }

    /// Whether a line sets out to be a base.
    pub(crate) fn is_one(line: &[u8]) -> bool {
        line.starts_with(b"{\"archived\":")
    }

    /// Reads the line; `None` unless it is exactly what [`Base::to_line`] gives for a tree that can be.
    pub(crate) fn from_line(bytes: &[u8]) -> Option<Self> {
        let Line { archived } = serde_json::from_slice(bytes).ok()?;
        let hash = |text: &String| <[u8; 32]>::try_from(hex::decode(text).ok()?).ok();
        let base = Self {
            size: archived.size,
            time: UtcDateTime::parse(&archived.time, &Rfc3339).ok()?,
            head: hash(&archived.head)?,
            peaks: archived.peaks.iter().map(hash).collect::<Option<_>>()?,
        };
        let fits = base.size > 0 && Chain::after(&base).is_some() && base.to_line()?.as_bytes() == bytes;
        fits.then_some(base)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    archived: Archived,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Archived {
    size: u64,
    time: String,
    head: String,
    peaks: Vec<String>,
}
