//! The Merkle tree: known answers (RFC 6962, those of Certificate Transparency), and properties of its proofs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

use proptest::prelude::*;
use tegata_audit::merkle::{
    Hash, Tree, consistency_proof, inclusion_proof, leaf_hash, root, verify_consistency, verify_inclusion,
};

/// The leaves that the implementations of Certificate Transparency test with, and the roots over the first 0 to 8.
const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn leaves() -> Vec<Hash> {
    LEAVES.iter().map(|leaf| leaf_hash(&hex::decode(leaf).unwrap())).collect()
}

fn hashes(texts: &[&str]) -> Vec<Hash> {
    texts.iter().map(|text| hex::decode(text).unwrap().try_into().unwrap()).collect()
}

#[test]
fn roots() {
    let mut tree = Tree::default();
    for (size, expected) in ROOTS.iter().enumerate() {
        assert_eq!(hex::encode(root(&leaves()[..size])), *expected, "{size}");
        assert_eq!(hex::encode(tree.root()), *expected, "{size}");
        assert_eq!(tree.size(), size as u64);
        let resumed = Tree::resume(tree.size(), tree.peaks().to_vec()).unwrap();
        assert_eq!(resumed, tree);
        if let Some(leaf) = leaves().get(size) {
            tree.push(*leaf);
        }
    }
    assert_eq!(Tree::resume(3, vec![[0; 32]]), None);
}

#[test]
fn inclusion_proofs() {
    let cases: [(usize, usize, &[&str]); 4] = [
        (
            0,
            8,
            &[
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            5,
            8,
            &[
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (2, 3, &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
        (
            1,
            5,
            &[
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ];
    for (index, size, expected) in cases {
        assert_eq!(inclusion_proof(&leaves()[..size], index), Some(hashes(expected)), "{index} of {size}");
    }
    assert_eq!(inclusion_proof(&leaves(), 8), None);
    assert_eq!(inclusion_proof(&[], 0), None);
}

#[test]
fn consistency_proofs() {
    let cases: [(usize, usize, &[&str]); 4] = [
        (1, 1, &[]),
        (
            1,
            8,
            &[
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            6,
            8,
            &[
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (
            2,
            5,
            &[
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ];
    for (old, size, expected) in cases {
        assert_eq!(consistency_proof(&leaves()[..size], old), Some(hashes(expected)), "{old} to {size}");
    }
    assert_eq!(consistency_proof(&leaves(), 0), None);
    assert_eq!(consistency_proof(&leaves(), 9), None);
}

/// Every proof of every tree up to 70 leaves holds, for its own place and sizes only.
#[test]
fn proofs_hold_exhaustively() {
    let all: Vec<Hash> = (0_u32..70).map(|number| leaf_hash(&number.to_be_bytes())).collect();
    for size in 1..=all.len() {
        let (leaves, top) = (&all[..size], root(&all[..size]));
        for index in 0..size {
            let proof = inclusion_proof(leaves, index).unwrap();
            assert!(verify_inclusion(&leaves[index], index as u64, size as u64, &proof, &top));
            assert!(!verify_inclusion(&leaves[index], index as u64 + 1, size as u64, &proof, &top));
        }
        for old in 1..=size {
            let proof = consistency_proof(leaves, old).unwrap();
            let old_root = root(&all[..old]);
            assert!(verify_consistency(old as u64, &old_root, size as u64, &top, &proof), "{old} to {size}");
            if old < size {
                assert!(!verify_consistency(old as u64, &top, size as u64, &top, &proof), "{old} to {size}");
                assert!(!verify_consistency(old as u64, &old_root, size as u64, &old_root, &proof), "{old} to {size}");
            }
        }
    }
}

#[test]
fn empty_proofs_of_nothing_are_refused() {
    let top = root(&leaves());
    assert!(!verify_consistency(0, &root(&[]), 8, &top, &[]));
    assert!(!verify_consistency(8, &top, 7, &top, &[]));
    assert!(!verify_consistency(8, &top, 8, &top, &[top]));
    assert!(!verify_consistency(3, &top, 8, &top, &[]));
    assert!(!verify_inclusion(&top, 0, 0, &[], &top));
    assert!(!verify_inclusion(&leaves()[0], 8, 8, &[], &top));
}

proptest! {
    /// No change of a proof goes unnoticed, and no bytes make the verifiers fail otherwise than by `false`.
    #[test]
    fn changed_proofs_fail(size in 2_usize..200, a in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(),
        bit in 0_u8..8, octet in 0_usize..32, drop in any::<bool>())
    {
        let leaves: Vec<Hash> = (0..size).map(|number| leaf_hash(&number.to_be_bytes())).collect();
        let top = root(&leaves);
        let index = a.index(size);
        let change = |proof: &mut Vec<Hash>| {
            let place = at.index(proof.len());
            if drop { proof.remove(place); } else { proof[place][octet] ^= 1 << bit; }
        };
        let mut proof = inclusion_proof(&leaves, index).unwrap();
        change(&mut proof);
        prop_assert!(!verify_inclusion(&leaves[index], index as u64, size as u64, &proof, &top));

        let old = 1 + a.index(size - 1);
        let mut proof = consistency_proof(&leaves, old).unwrap();
        change(&mut proof);
        prop_assert!(!verify_consistency(old as u64, &root(&leaves[..old]), size as u64, &top, &proof));
    }

    #[test]
    fn any_numbers_are_taken(index in any::<u64>(), size in any::<u64>(), proof in prop::collection::vec(any::<Hash>(), 0..70)) {
        prop_assert!(!verify_inclusion(&[1; 32], index, size, &proof, &[2; 32]));
        prop_assert!(!verify_consistency(index, &[1; 32], size, &[2; 32], &proof));
    }
}
