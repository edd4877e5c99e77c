//! Reading the bytes of a log: lines, records, and what is wrong with them.

use crate::{Fault, Record, base::Base, chain::Chain, secret};

/// Reads the records of a log and checks that they form a chain.
///
/// The chain alone does not show that nobody rewrote the whole, or cut the end off: that takes checkpoints, see
/// [`verify`](crate::verify).
///
/// # Errors
/// Everything that is wrong, each with its line.
pub fn read(bytes: &[u8]) -> Result<Vec<Record>, Vec<Fault>> {
    let scan = Scan::new(bytes, &Chain::default());
    if scan.faults.is_empty() {
        Ok(scan.records.into_iter().map(|(_, record)| record).collect())
    } else {
        Err(scan.faults)
    }
}

/// The lines of one file and the state after them.
pub(crate) struct Scan<'a> {
    /// The state before the first record.
    pub(crate) start: Chain,
    /// The records with their lines, without those that could not be read.
    pub(crate) records: Vec<(u64, Record)>,
    /// The lines of records, whole ones only, readable or not.
    pub(crate) lines: Vec<&'a [u8]>,
    /// The state after the last line.
    pub(crate) end: Chain,
    /// The bytes after the last newline, if any.
    pub(crate) torn: Option<&'a [u8]>,
    /// All faults, [`Fault::Torn`] among them.
    pub(crate) faults: Vec<Fault>,
}

impl<'a> Scan<'a> {
    /// Reads a file whose first record follows upon `before`.
    ///
    /// When `before` is the beginning of everything, a base is believed (a checkpoint must confirm it); otherwise it
    /// must say the same as `before`.
    pub(crate) fn new(bytes: &'a [u8], before: &Chain) -> Self {
        let mut faults = Vec::new();
        let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
        let torn = lines.pop().filter(|rest| !rest.is_empty());
        let mut number = 0_u64;

        let base_line = lines.first().copied().filter(|line| Base::is_one(line));
        let mut base = None;
        if let Some(line) = base_line {
            lines.remove(0);
            number = 1;
            base = Base::from_line(line);
        }
        let first = before.tree.size() == 0;
        let start = match &base {
            Some(base) if first => Chain::after(base).unwrap_or_default(),
            _ => before.clone(),
        };
        let continues = if first { base.is_some() || base_line.is_none() } else { base == Base::of(before) };
        if !continues {
            faults.push(Fault::Base { line: 1 });
        }

        let mut chain = start.clone();
        let mut records = Vec::with_capacity(lines.len());
        for bytes in &lines {
            number += 1;
            match Record::from_line(bytes) {
                Ok(record) => {
                    faults.extend(chain.faults(&record, number));
                    chain.advance(bytes, Some(&record));
                    records.push((number, record));
                }
                Err(error) => {
                    faults.push(Fault::Line { line: number, error });
                    chain.advance(bytes, None);
                }
            }
        }
        if torn.is_some() {
            faults.push(Fault::Torn { line: number + 1 });
        }
        Self { start, records, lines, end: chain, torn, faults }
    }

    /// The secrets that records hold. They do not break the chain, so that a log goes on in spite of one.
    pub(crate) fn secrets(&self) -> Vec<Fault> {
        let found = |(line, record): &(u64, Record)| {
            secret::scan(record).err().map(|secret| Fault::Secret { line: *line, secret })
        };
        self.records.iter().filter_map(found).collect()
    }
}
