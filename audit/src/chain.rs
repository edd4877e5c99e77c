//! The state of a log after its last record: all that is needed to write or to check the next one.

use time::UtcDateTime;

use crate::{
    Fault, Record,
    base::Base,
    merkle::{self, Tree},
};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Chain {
    pub(crate) tree: Tree,
    /// SHA-256 of the last line; zeros before the first.
    pub(crate) head: [u8; 32],
    pub(crate) last_time: Option<UtcDateTime>,
    /// The number that the next record should have. It departs from the tree's size only after a fault.
    next: u64,
}

impl Chain {
    pub(crate) fn after(base: &Base) -> Option<Self> {
        let tree = Tree::resume(base.size, base.peaks.clone())?;
        Some(Self { tree, head: base.head, last_time: Some(base.time), next: base.size })
    }

    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    /// What is wrong with this record as the next one.
    pub(crate) fn faults(&self, record: &Record, line: u64) -> Vec<Fault> {
        let mut faults = Vec::new();
        let (expected, found) = (self.next, record.seq);
        match found.cmp(&expected) {
            std::cmp::Ordering::Greater => faults.push(Fault::Missing { line, expected, found }),
            std::cmp::Ordering::Less => faults.push(Fault::OutOfOrder { line, expected, found }),
            // After a gap the hash cannot fit; that is no further fault.
            std::cmp::Ordering::Equal if record.prev != self.head => faults.push(Fault::Chain { line }),
            std::cmp::Ordering::Equal => {}
        }
        if let Some(previous) = self.last_time.filter(|previous| record.time < *previous) {
            faults.push(Fault::ClockBack { line, previous, found: record.time });
        }
        faults
    }

    /// Goes on to the state after this line; `record` is `None` when it could not be read.
    pub(crate) fn advance(&mut self, line: &[u8], record: Option<&Record>) {
        self.head = merkle::sha256(&[line]);
        self.tree.push(merkle::leaf_hash(line));
        self.next = record.map_or(self.next, |record| record.seq).saturating_add(1);
        self.last_time = record.map(|record| record.time).or(self.last_time);
    }
}
