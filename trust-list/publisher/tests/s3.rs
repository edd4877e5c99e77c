//! Publication to a server that speaks the protocol of S3: `moto_server`, or what `MOTO_SERVER` names. `scripts/test`
//! installs one; without any, the test is skipped.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration as Span,
};

use object_store::{Attribute, ObjectStoreExt as _, aws::AmazonS3Builder, path::Path};
use support::*;
use tegata_manifest::{Fetched, path};
use tegata_publisher::{Target, target::ObjectStoreTarget};
use time::Duration;
use tokio::runtime::Builder;

struct Server(Child, u16);

impl Server {
    /// `None` when there is no such program.
    fn start() -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let named = std::env::var_os("MOTO_SERVER");
        let program = named.clone().unwrap_or_else(|| "moto_server".into());
        let started = Command::new(program)
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let child = match started {
            Ok(child) => child,
            Err(error) if named.is_some() => panic!("MOTO_SERVER does not start: {error}"),
            Err(_) => {
                println!("skipped: moto_server is not installed");
                return None;
            }
        };
        let server = Self(child, port);
        for _ in 0..300 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(server);
            }
            std::thread::sleep(Span::from_millis(100));
        }
        panic!("the server did not start");
    }

    fn request(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.1)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

#[test]
fn a_client_follows_the_publications() {
    let Some(server) = Server::start() else { return };
    let made = server.request("PUT /dts HTTP/1.0\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    assert!(made.contains(" 200 "), "{made}");
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let store = AmazonS3Builder::new()
        .with_endpoint(format!("http://127.0.0.1:{}", server.1))
        .with_allow_http(true)
        .with_bucket_name("dts")
        .with_region("us-east-1")
        .with_access_key_id("test")
        .with_secret_access_key("test")
        .build()
        .unwrap();
    let store = Arc::new(store);
    let target = ObjectStoreTarget::new(store.clone(), "site", runtime.handle().clone());
    let fetch = |path: &str| target.read(path).unwrap().map_or(Fetched::Absent, |stored| Fetched::Bytes(stored.bytes));

    let mut world = World::ready();
    world.publish(&target, NOW).unwrap();
    let first = update(world.stranger(), NOW, fetch).unwrap();
    let later = NOW + Duration::HOUR;
    let crls = vec![crl(&world.iaca, 11, later, Duration::days(30), &[])];
    world.import_answer(&Answer { crls, ..Answer::default() }, later).unwrap();
    world.publish(&target, later).unwrap();
    let second = update(first.state, later, fetch).unwrap();
    assert_eq!(second.snapshot.header.version, 2);

    // Conditions hold, and the media type arrives.
    let stored = target.read(path::POINTER).unwrap().unwrap();
    target.put_stable(path::POINTER, b"theirs", Some(&stored.version)).unwrap();
    assert_eq!(target.put_stable(path::POINTER, b"ours", Some(&stored.version)).unwrap_err().id(), "target-changed");
    assert_eq!(target.put_immutable("v1/list/1.cbor", b"other").unwrap_err().id(), "target-conflict");
    let place = Path::from(format!("site/crl/{}.crl", world.iaca.ski()));
    let attributes = runtime.block_on(store.get(&place)).unwrap().attributes;
    assert_eq!(attributes.get(&Attribute::ContentType).unwrap().as_ref(), "application/pkix-crl");
    assert_eq!(attributes.get(&Attribute::CacheControl).unwrap().as_ref(), "public, max-age=3600");
}
