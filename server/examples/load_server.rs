//! Makes a tree with a CRL of 4 KB and one of 400 KB in an empty folder and serves it until its standard input ends.
//!
//! Prints one line of JSON: address and paths. For `scripts/load`, which compares the server with nginx over the same files.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a tool for measuring"
)]

#[path = "../tests/support/tree.rs"]
#[allow(dead_code, reason = "made for the tests")]
mod tree;

use std::io::Read as _;

use tegata_server::{Clock, Config, Server};
use time::Duration;
use tree::{NOW, Tree};

/// Bytes of one entry of a CRL made here.
const ENTRY_BYTES: u32 = 39;

#[tokio::main]
async fn main() {
    let tree = Tree::new();
    let soon = NOW + Duration::days(30);
    let paths = [(&tree.old, 4096), (&tree.new, 400 * 1024)].map(|(authority, bytes)| {
        let path = tree.crl_path(authority);
        tree.write(&path, &authority.crl(2, bytes / ENTRY_BYTES, soon));
        path
    });
    tree.publish(2, 2);
    let config = Config::new(tree.root(), "127.0.0.1:0".parse().unwrap(), Clock::new(|| NOW));
    let running = Server::bind(config).await.unwrap();
    running.first_load().unwrap();
    let line = serde_json::json!({
        "address": running.http_address().to_string(),
        "root": tree.root(),
        "small": paths[0],
        "large": paths[1],
        "pointer": "/v1/pointer.cbor",
        "bytes": paths.each_ref().map(|path| tree.read(path).len()),
    });
    println!("{line}");
    let end = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    end.await.unwrap().unwrap();
    running.shutdown().await;
}
