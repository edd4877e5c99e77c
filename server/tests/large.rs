//! Large objects come whole whatever the client does: parts, codings, pipelining, slow reading, a publication meanwhile.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use std::net::SocketAddr;
use std::time::Duration;

use support::client::{get, request};
use support::tree::{NOW, Tree};
use support::{Hand, config, server};
use tegata_server::Server;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

const ENTRIES: u32 = 30_000;

/// A tree whose first CRL has more than a megabyte.
fn tree() -> (Tree, String) {
    let tree = Tree::new();
    let path = publish(&tree, 2, ENTRIES);
    assert!(tree.read(&path).len() > 1_000_000);
    (tree, path)
}

fn publish(tree: &Tree, number: u64, entries: u32) -> String {
    let path = tree.crl_path(&tree.old);
    tree.write(&path, &tree.old.crl(number, entries, NOW + time::Duration::days(30)));
    tree.publish(number, 2);
    path
}

#[tokio::test]
async fn whole_in_parts_and_packed() {
    let (tree, path) = tree();
    let running = server(&tree).await;
    let http = running.http_address();
    let bytes = tree.read(&path);
    assert_eq!(get(http, &path).await.body, bytes);
    assert!(request(http, "HEAD", &path, &[]).await.body.is_empty());

    let end = bytes.len();
    for (first, last) in [(0, end - 1), (1, end - 2), (4095, 4096), (65_535, 131_072), (end - 70_000, end - 1), (7, 7)]
    {
        let reply = request(http, "GET", &path, &[("Range", &format!("bytes={first}-{last}"))]).await;
        assert_eq!(reply.status, 206);
        assert_eq!(reply.body, bytes[first..=last], "{first}-{last}");
    }
    let packed = request(http, "GET", &path, &[("Accept-Encoding", "gzip")]).await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    let mut back = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&*packed.body), &mut back).unwrap();
    assert_eq!(back, bytes);
}

/// Several requests at once on one connection: a body may still be on its way when the next is announced.
#[tokio::test]
async fn pipelined() {
    let (tree, path) = tree();
    let other = tree.crl_path(&tree.new);
    let running = server(&tree).await;
    let ask = |path: &str, more: &str| format!("GET {path} HTTP/1.1\r\nHost: a\r\n{more}\r\n");
    let requests = [
        ask(&path, ""),
        ask(&other, ""),
        ask(&path, "Range: bytes=100000-299999\r\n"),
        ask("/v1/pointer.cbor", ""),
        ask(&path, "Connection: close\r\n"),
    ];
    let bytes = tree.read(&path);
    let expected = [&bytes, &tree.read(&other), &bytes[100_000..300_000], &tree.read("/v1/pointer.cbor"), &bytes];
    let received = exchange(running.http_address(), &requests.concat()).await;
    let mut rest = received.as_slice();
    for body in expected {
        let head = rest.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        assert!(rest.starts_with(b"HTTP/1.1 20"));
        assert!(rest[head..].starts_with(body), "another body of {} bytes", body.len());
        rest = &rest[head + body.len()..];
    }
    assert!(rest.is_empty());
}

/// A client on a bad line, while the object is replaced: it gets the old bytes to the end, who comes later the new.
#[tokio::test]
async fn slowly_during_a_publication() {
    let (tree, path) = tree();
    let running = server(&tree).await;
    let old = tree.read(&path);
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(8192).unwrap();
    let mut stream = socket.connect(running.http_address()).await.unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut received = vec![0; 20_000];
    stream.read_exact(&mut received).await.unwrap();

    publish(&tree, 3, ENTRIES + 1000);
    running.reload().await.unwrap();
    let new = tree.read(&path);
    assert_ne!(old, new);
    assert_eq!(get(running.http_address(), &path).await.body, new);
    let mut rest = Vec::new();
    while stream.read_buf(&mut rest).await.unwrap() > 0 {
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    received.extend(rest);
    assert!(received.ends_with(&old) && received.len() < old.len() + 2000);
}

#[tokio::test]
async fn who_stops_reading_or_leaves_is_let_go() {
    let (tree, path) = tree();
    let mut config = config(&tree, &Hand::default());
    config.limits.write_stall = Duration::from_millis(300);
    let running = Server::bind(config).await.unwrap();
    let http = running.http_address();
    // More than what the buffers of both sides take.
    let many = format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").repeat(30);
    let open = |count| running.metrics().contains(&format!("tegata_connections{{door=\"http\"}} {count}"));
    let until = |count| async move {
        let begin = std::time::Instant::now();
        while !open(count) {
            assert!(begin.elapsed() < Duration::from_secs(20), "not {count} connections");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let mut stopped = TcpStream::connect(http).await.unwrap();
    stopped.write_all(many.as_bytes()).await.unwrap();
    until(1).await;
    until(0).await;
    drop(stopped);

    let mut leaving = TcpStream::connect(http).await.unwrap();
    leaving.write_all(many.as_bytes()).await.unwrap();
    leaving.read_exact(&mut [0; 5000]).await.unwrap();
    drop(leaving);
    until(0).await;
    assert_eq!(get(http, &path).await.body, tree.read(&path), "others are served on");
}

async fn exchange(address: SocketAddr, requests: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(requests.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    stream.read_to_end(&mut received).await.unwrap();
    received
}
