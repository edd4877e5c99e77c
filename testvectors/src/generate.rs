//! Writes the vectors: fixed keys, fixed randomness, fixed times, so that every run gives the same bytes.
//!
//! `cargo run -p tegata-testvectors --features generator --bin generate-testvectors [OUT]`
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a developer's tool")]

#[path = "generate/authority.rs"]
mod authority;
#[path = "generate/claims.rs"]
mod claims;
#[path = "generate/random.rs"]
mod random;
#[path = "generate/service.rs"]
mod service;
#[path = "generate/store.rs"]
mod store;
#[path = "generate/vector.rs"]
mod vector;

use std::path::PathBuf;

fn main() {
    let output = std::env::args_os().nth(1).map_or_else(tegata_testvectors::vectors, PathBuf::from);
    for vector in vector::all() {
        vector.write(&output);
    }
    authority::write_keys(&output.join("../keys"));
    store::write(&output.join("../store"));
}
