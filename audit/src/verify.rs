//! What an auditor runs: a log against the checkpoints that others kept.

use crate::{Checkpoint, CheckpointVerifier, Fault, Record, chain::Chain, merkle, read::Scan};

/// A log that agrees with every checkpoint given.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Verified {
    /// The records of the parts given, in their order.
    pub records: Vec<Record>,
    /// The number of records ever made, archived ones among them.
    pub size: u64,
    /// How many of them the checkpoints sign; those after could still be rewritten by who holds the file.
    pub signed: u64,
    /// How many were archived before the first part given.
    pub archived: u64,
    /// SHA-256 of the last line.
    pub head: [u8; 32],
    /// The root of the Merkle tree over all records.
    pub root: [u8; 32],
}

/// Checks a log that is one file. Everything needed is public: the file, its checkpoints and the verifier.
///
/// Found are: a deleted, inserted, moved or edited record, a rewritten log, a lost tail, a clock that went back, a secret.
///
/// # Errors
/// Everything that is wrong. No checkpoint at all is a fault.
pub fn verify(log: &[u8], checkpoints: &[Checkpoint], verifier: &CheckpointVerifier) -> Result<Verified, Vec<Fault>> {
    verify_parts(&[log], checkpoints, verifier)
}

/// Checks a log of which parts were archived: the archives, oldest first, and then the log itself.
///
/// The first part need not be the first of all; its older records are then vouched for by the checkpoints alone.
///
/// # Errors
/// As [`verify`]; with several parts a fault says which by [`Fault::InPart`].
pub fn verify_parts(
    parts: &[&[u8]],
    checkpoints: &[Checkpoint],
    verifier: &CheckpointVerifier,
) -> Result<Verified, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut records = Vec::new();
    let mut leaves = Vec::new();
    let mut start = None;
    let mut chain = Chain::default();
    for (part, bytes) in parts.iter().enumerate() {
        let scan = Scan::new(bytes, &chain);
        let place = |fault| if parts.len() == 1 { fault } else { Fault::InPart { part, fault: Box::new(fault) } };
        let secrets = scan.secrets();
        faults.extend(scan.faults.into_iter().chain(secrets).map(place));
        start.get_or_insert(scan.start);
        leaves.extend(scan.lines.iter().map(|line| merkle::leaf_hash(line)));
        records.extend(scan.records.into_iter().map(|(_, record)| record));
        chain = scan.end;
    }
    let start = start.unwrap_or_default();
    let signed = check(checkpoints, verifier, &start, &leaves, &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    let (archived, size) = (start.tree.size(), chain.tree.size());
    Ok(Verified { records, size, signed, archived, head: chain.head, root: chain.tree.root() })
}

/// Compares each checkpoint with the tree of its size; gives the greatest size.
fn check(
    checkpoints: &[Checkpoint],
    verifier: &CheckpointVerifier,
    start: &Chain,
    leaves: &[merkle::Hash],
    faults: &mut Vec<Fault>,
) -> u64 {
    let mut heads = Vec::with_capacity(checkpoints.len());
    for (index, checkpoint) in checkpoints.iter().enumerate() {
        match checkpoint.verify(verifier) {
            Ok(head) => heads.push((head.size, head.root, index)),
            Err(error) => faults.push(Fault::Checkpoint { index, error }),
        }
    }
    if checkpoints.is_empty() {
        faults.push(Fault::NoCheckpoint);
    }
    heads.sort_unstable_by_key(|(size, _, index)| (*size, *index));

    let mut tree = start.tree.clone();
    let archived = tree.size();
    let mut leaves = leaves.iter();
    for (size, root, index) in &heads {
        let (size, index) = (*size, *index);
        if size < archived {
            faults.push(Fault::ArchiveNeeded { index, size });
            continue;
        }
        while tree.size() < size
            && let Some(leaf) = leaves.next()
        {
            tree.push(*leaf);
        }
        if tree.size() < size {
            faults.push(Fault::TailLost { index, size, found: tree.size() });
        } else if tree.root() != *root {
            faults.push(Fault::Root { index, size });
        }
    }
    heads.last().map_or(0, |(size, ..)| *size)
}
