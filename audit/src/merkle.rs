//! The Merkle tree over the lines of a log (RFC 6962 2.1), its inclusion and consistency proofs, and their verification
//! (the algorithms of RFC 9162 2.1.3.2 and 2.1.4.2, which are for the same trees).

use sha2::{Digest as _, Sha256};

/// A hash of the tree: SHA-256.
pub type Hash = [u8; 32];

/// The hash of a leaf: SHA-256 of `00` and the bytes of the line.
#[must_use]
pub fn leaf_hash(line: &[u8]) -> Hash {
    sha256(&[&[0], line])
}

/// The hash of an inner node: SHA-256 of `01`, the left and the right hash.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], left, right])
}

/// The root of the tree over these leaf hashes; SHA-256 of nothing when there is none.
#[must_use]
pub fn root(leaves: &[Hash]) -> Hash {
    leaves.iter().fold(Tree::default(), Tree::with).root()
}

/// A tree that only grows: it keeps the roots of its full subtrees, the largest first (at most 64 hashes).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    peaks: Vec<Hash>,
}

impl Tree {
    /// Takes up a tree where another left it. `None` if a tree of that size has another number of full subtrees.
    #[must_use]
    pub fn resume(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        let fits = u32::try_from(peaks.len()) == Ok(size.count_ones());
        fits.then_some(Self { size, peaks })
    }

    /// The number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the full subtrees, the largest first.
    #[must_use]
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Appends a leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        let mut size = self.size;
        while size & 1 == 1 {
            if let Some(left) = self.peaks.pop() {
                node = node_hash(&left, &node);
            }
            size >>= 1;
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// The root hash.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        match peaks.next() {
            Some(last) => peaks.fold(*last, |right, left| node_hash(left, &right)),
            None => sha256(&[]),
        }
    }

    fn with(mut self, leaf: &Hash) -> Self {
        self.push(*leaf);
        self
    }
}

/// The audit path that shows leaf `index` to be in the tree over `leaves` (RFC 6962 2.1.1), the lowest sibling first.
/// `None` if there is no such leaf.
#[must_use]
pub fn inclusion_proof(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
    if index >= leaves.len() {
        return None;
    }
    if leaves.len() == 1 {
        return Some(Vec::new());
    }
    let (left, right) = split(leaves);
    let (mut proof, sibling) = if index < left.len() {
        (inclusion_proof(left, index)?, right)
    } else {
        (inclusion_proof(right, index - left.len())?, left)
    };
    proof.push(root(sibling));
    Some(proof)
}

/// The proof that the tree over `leaves` begins with the tree over its first `old` leaves (RFC 6962 2.1.2). `None` if
/// `old` is 0 or more than there are.
#[must_use]
pub fn consistency_proof(leaves: &[Hash], old: usize) -> Option<Vec<Hash>> {
    (1..=leaves.len()).contains(&old).then(|| subproof(leaves, old, true))
}

/// SUBPROOF of RFC 6962 2.1.2. `whole` says that the old tree is the subtree in hand, so that its root is known.
fn subproof(leaves: &[Hash], old: usize, whole: bool) -> Vec<Hash> {
    if old == leaves.len() {
        return if whole { Vec::new() } else { vec![root(leaves)] };
    }
    let (left, right) = split(leaves);
    let (mut proof, other) = if old <= left.len() {
        (subproof(left, old, whole), right)
    } else {
        (subproof(right, old - left.len(), false), left)
    };
    proof.push(root(other));
    proof
}

/// Splits two or more leaves at the largest power of two below their number.
fn split(leaves: &[Hash]) -> (&[Hash], &[Hash]) {
    let half = leaves.len().div_ceil(2).next_power_of_two();
    leaves.split_at(half.min(leaves.len()))
}

/// Whether `proof` shows that the leaf with this hash is number `index` of the tree of `size` leaves with this root.
#[must_use]
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut place, mut last, mut node) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            node = node_hash(sibling, &node);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            node = node_hash(&node, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && node == *root
}

/// Whether `proof` shows that the tree of `new_size` leaves begins with the tree of `old_size` leaves.
///
/// An empty old tree is refused: it is the beginning of any tree, so that such a proof would show nothing.
#[must_use]
pub fn verify_consistency(old_size: u64, old_root: &Hash, new_size: u64, new_root: &Hash, proof: &[Hash]) -> bool {
    if old_size == 0 || old_size > new_size {
        return false;
    }
    if old_size == new_size {
        return proof.is_empty() && old_root == new_root;
    }
    let (first, rest) = if old_size.is_power_of_two() {
        (*old_root, proof)
    } else {
        match proof.split_first() {
            Some((first, rest)) => (*first, rest),
            None => return false,
        }
    };
    let (mut place, mut last) = (old_size - 1, new_size - 1);
    while place & 1 == 1 {
        place >>= 1;
        last >>= 1;
    }
    let (mut old, mut new) = (first, first);
    for sibling in rest {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            old = node_hash(sibling, &old);
            new = node_hash(sibling, &new);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            new = node_hash(&new, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && old == *old_root && new == *new_root
}

/// SHA-256 of these bytes, one after the other.
pub(crate) fn sha256(parts: &[&[u8]]) -> Hash {
    let mut hash = Sha256::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}
