//! Which trees are taken, and what health, metrics and history say about them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use std::sync::Arc;
use std::time::Duration as Wait;

use sha2::{Digest as _, Sha256};
use support::client::{get, raw, request};
use support::tree::{NOW, Tree, status_list};
use support::{Hand, Sheet, config, server};
use tegata_server::{AccessLog, BindError, NotReady, ReadinessSink, Reload, Server, SignalClass, SignalRefused};
use time::{Duration, UtcDateTime};

#[tokio::test]
async fn a_new_publication_is_taken_as_a_whole() {
    let tree = Tree::new();
    let running = server(&tree).await;
    let http = running.http_address();
    let crl = tree.crl_path(&tree.old);
    assert_eq!(running.reload().await, Ok(Reload::Unchanged));

    let next = tree.old.crl(2, 201, NOW + Duration::days(31));
    tree.write(&crl, &next);
    tree.publish(2, 2);
    assert_ne!(get(http, &crl).await.body, next, "nothing changes before the reload");
    assert_eq!(running.reload().await, Ok(Reload::Taken));
    assert_eq!(get(http, &crl).await.body, next);
    assert_eq!(running.health().pointer.unwrap().0, 2);

    // Tokens are replaced in place, outside the publication.
    let token = status_list(&tree.new.key, NOW + Duration::days(5));
    tree.write("/status/1.cwt", &token);
    assert_eq!(running.reload().await, Ok(Reload::Taken));
    assert_eq!(get(http, "/status/1.cwt").await.body, token);
}

#[tokio::test]
async fn broken_and_half_copied_trees_are_not() {
    type Damage = fn(&Tree);
    let object = |tree: &Tree| format!("/o/{}", hex::encode(Sha256::digest(tree.read(&tree.crl_path(&tree.old)))));
    let cases: [(Damage, &str); 10] = [
        (|tree| tree.remove("/v1/pointer.cbor"), "content-no-pointer"),
        (|tree| tree.remove("/v1/snapshot/1.cbor"), "content-missing"),
        (|tree| tree.remove("/v1/list/1.cbor"), "content-missing"),
        (|tree| tree.write("/v1/pointer.cbor", &tree.read("/v1/pointer.cbor")[..40]), "content-malformed"),
        (|tree| tree.write("/v1/pointer.cbor", &tree.read("/v1/list/1.cbor")), "content-malformed"),
        (|tree| tree.write("/iaca/x.cer", b"<html>sign in</html>"), "content-malformed"),
        (|tree| tree.write("/status/2.cwt", b"half"), "content-malformed"),
        (|tree| tree.write(&format!("/o/{}", "0".repeat(64)), b"something"), "content-different"),
        (|tree| tree.write("/crl/a b.crl", b""), "content-name"),
        (
            |tree| {
                let list = tree.read("/v1/list/1.cbor");
                tree.publish(2, 3);
                tree.write("/v1/list/2.cbor", &list);
            },
            "content-different",
        ),
    ];
    for (number, (damage, expected)) in cases.into_iter().enumerate() {
        let tree = Tree::new();
        let running = server(&tree).await;
        let crl = tree.crl_path(&tree.old);
        let before = tree.read(&crl);
        damage(&tree);
        let error = running.reload().await.unwrap_err();
        assert_eq!(error.id(), expected, "case {number}");
        assert_eq!(get(running.http_address(), &crl).await.body, before, "what was served is served on");
        let health = get(running.http_address(), "/health").await;
        assert_eq!(health.status, 200, "and is as good as before");
        assert_eq!(health.json()["lastLoad"]["error"]["id"], expected);
    }
    let tree = Tree::new();
    let running = server(&tree).await;
    tree.remove(&object(&tree));
    assert_eq!(running.reload().await.unwrap_err().id(), "content-missing");
    tree.publish(2, 2);
    assert_eq!(running.reload().await, Ok(Reload::Taken), "as soon as it is whole it is taken");
}

#[tokio::test]
async fn memory_is_bounded() {
    let tree = Tree::new();
    let mut small = config(&tree, &Hand::default());
    small.limits.content.file_bytes = 3000;
    let running = Server::bind(small).await.unwrap();
    assert_eq!(running.first_load().unwrap_err().id(), "content-file-too-large");
    assert_eq!(running.health().reasons, [NotReady::NoContent]);
    assert_eq!(get(running.http_address(), "/health").await.status, 503);
    assert_eq!(get(running.http_address(), "/v1/pointer.cbor").await.status, 404);

    let mut small = config(&tree, &Hand::default());
    small.limits.content.tree_bytes = 10_000;
    let running = Server::bind(small).await.unwrap();
    assert_eq!(running.first_load().unwrap_err().id(), "content-tree-too-large");
}

#[tokio::test]
async fn health_names_what_is_stale() {
    let tree = Tree::new();
    let hand = Hand::default();
    let running = Server::bind(config(&tree, &hand)).await.unwrap();
    let http = running.http_address();
    let ready = get(http, "/health").await;
    assert_eq!((ready.status, ready.json()["ready"].as_bool()), (200, Some(true)));
    assert_eq!(ready.json()["anchors"], 2);

    hand.turn(Duration::hours(25));
    assert_eq!(running.health().reasons, [NotReady::PointerExpired { since: NOW + Duration::DAY }]);
    hand.turn(Duration::DAY);
    let stale = NotReady::ListStale { path: "/status/1.cwt".to_owned(), since: NOW + Duration::days(2) };
    assert_eq!(running.health().reasons[1], stale);
    hand.turn(Duration::days(30));
    let health = get(http, "/health").await;
    assert_eq!(health.status, 503);
    let reasons = health.json()["reasons"].as_array().unwrap().clone();
    let crl = reasons.iter().find(|reason| reason["id"] == "crl-stale").unwrap();
    assert_eq!(crl["path"], tree.crl_path(&tree.old));
    let ids: Vec<&str> = reasons.iter().map(|reason| reason["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["pointer-expired", "metadata-expired", "metadata-expired", "crl-stale", "list-stale"]);

    hand.turn(Duration::days(3600));
    let reasons = running.health().reasons;
    assert!(!reasons.iter().any(|reason| reason.id() == "crl-stale"), "the issuers have ended: {reasons:?}");

    tree.publish_until(2, 0, NOW + Duration::days(5000));
    running.reload().await.unwrap();
    assert!(running.health().reasons.contains(&NotReady::NoAnchors));
}

#[tokio::test]
async fn metrics_count_what_happened() {
    let tree = Tree::new();
    let running = server(&tree).await;
    let http = running.http_address();
    get(http, &tree.crl_path(&tree.old)).await;
    get(http, "/none").await;
    request(http, "HEAD", "/v1/pointer.cbor", &[]).await;
    let page = get(http, "/metrics").await;
    assert_eq!(page.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let text = page.text();
    for line in [
        "tegata_http_responses_total{code=\"200\"} 2",
        "tegata_http_responses_total{code=\"404\"} 1",
        "tegata_http_objects_total{kind=\"crl\"} 1",
        "tegata_http_objects_total{kind=\"metadata\"} 1",
        "tegata_ready 1",
        "tegata_anchors 2",
        "tegata_loads_total 1",
        "tegata_load_failures_total 0",
        "tegata_pointer_version 1",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
    }
    // Every sample belongs to a family that was announced once.
    for sample in text.lines().filter(|line| !line.starts_with('#')) {
        let name = sample.split(['{', ' ']).next().unwrap();
        assert_eq!(text.matches(&format!("# TYPE {name} ")).count(), 1, "{name}");
    }
}

#[tokio::test]
async fn the_history_holds_what_was_served_and_not_to_whom() {
    let tree = Tree::new();
    let (plain, named) = (Sheet::default(), Sheet::default());
    let logs = [AccessLog::new(plain.clone()), AccessLog::new(named.clone()).with_client_addresses()];
    let crl = tree.crl_path(&tree.old);
    for log in logs {
        let mut config = config(&tree, &Hand::default());
        config.access_log = Some(log);
        let running = Server::bind(config).await.unwrap();
        let http = running.http_address();
        let first = get(http, &crl).await;
        request(http, "GET", &crl, &[("If-None-Match", first.header("etag").unwrap())]).await;
        get(http, "/certificates/search.cgi?name=someone").await;
        running.shutdown().await;
    }
    let lines = plain.lines();
    let bytes = tree.read(&crl);
    let expected = serde_json::json!({
        "at": "2026-11-22T12:00:00Z", "door": "http", "action": "GET", "path": crl, "status": 200,
        "bytes": bytes.len(), "sha256": hex::encode(Sha256::digest(&bytes)),
    });
    assert_eq!(lines[0], expected);
    assert_eq!((&lines[1]["status"], &lines[1]["bytes"]), (&304.into(), &0.into()));
    assert_eq!(lines[2]["path"], "/certificates/search.cgi", "what was searched for is nobody's business");
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|line| line.get("client").is_none()));
    assert!(named.lines().iter().all(|line| line["client"] == "127.0.0.1"));
}

/// Takes `class:anything`, as long as it is not full.
struct Sink;

impl ReadinessSink for Sink {
    fn take(&self, signal: &[u8], at: UtcDateTime) -> Result<SignalClass, SignalRefused> {
        assert_eq!(at, NOW);
        let text = std::str::from_utf8(signal).map_err(|_| SignalRefused::Malformed)?;
        match text.split_once(':') {
            Some(("full", _)) => Err(SignalRefused::Unavailable),
            Some((class, _)) => SignalClass::new(class).ok_or(SignalRefused::Malformed),
            None => Err(SignalRefused::Malformed),
        }
    }
}

#[tokio::test]
async fn readiness_signals_are_counted_by_class() {
    let tree = Tree::new();
    let mut config = config(&tree, &Hand::default());
    config.readiness = Some(Arc::new(Sink));
    config.limits.http_head_time = Wait::from_millis(500);
    let running = Server::bind(config).await.unwrap();
    let http = running.http_address();
    let post = async |body: &str| {
        let head = format!(
            "POST /v1/readiness HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        raw(http, head.as_bytes()).await.status
    };
    assert_eq!(post("gate:1").await, 204);
    assert_eq!(post("gate:2").await, 204);
    assert_eq!(post("phone:1").await, 204);
    assert_eq!(post("no signal").await, 400);
    assert_eq!(post("full:1").await, 503);
    assert_eq!(post(&format!("gate:{}", "a".repeat(2000))).await, 413);
    let chunks = format!("7d0\r\n{}\r\n0\r\n\r\n", "a".repeat(2000));
    let chunked = format!("POST /v1/readiness HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
    assert_eq!(raw(http, chunked.as_bytes()).await.status, 413);
    let stuck = "POST /v1/readiness HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\ngate";
    assert_eq!(raw(http, stuck.as_bytes()).await.status, 408);
    let metrics = running.metrics();
    assert!(metrics.contains("tegata_readiness_signals_total{class=\"gate\"} 2"), "{metrics}");
    assert!(metrics.contains("tegata_readiness_signals_total{class=\"phone\"} 1"));
    let allowed = request(http, "OPTIONS", "/v1/readiness", &[]).await;
    assert_eq!(allowed.header("access-control-allow-methods"), Some("POST, OPTIONS"));
}

#[tokio::test]
async fn polling_sees_a_new_publication() {
    let tree = Tree::new();
    let mut config = config(&tree, &Hand::default());
    config.poll = Some(Wait::from_millis(20));
    let running = Server::bind(config).await.unwrap();
    tree.publish(2, 2);
    for _ in 0..500 {
        if running.health().pointer.unwrap().0 == 2 {
            return;
        }
        tokio::time::sleep(Wait::from_millis(20)).await;
    }
    panic!("not seen");
}

#[cfg(unix)]
#[tokio::test]
async fn sighup_makes_the_server_look() {
    let tree = Tree::new();
    let mut config = config(&tree, &Hand::default());
    config.reload_on_hangup = true;
    let running = Server::bind(config).await.unwrap();
    tree.publish(2, 2);
    let mut kill = std::process::Command::new("kill");
    kill.args(["-HUP", &std::process::id().to_string()]);
    assert!(support::run(kill).await.status.success());
    for _ in 0..500 {
        if running.health().pointer.unwrap().0 == 2 {
            return;
        }
        tokio::time::sleep(Wait::from_millis(20)).await;
    }
    panic!("not seen");
}

#[tokio::test]
async fn stopping_finishes_what_was_begun() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let tree = Tree::new();
    let mut config = config(&tree, &Hand::default());
    config.limits.shutdown_grace = Wait::from_millis(500);
    let running = Server::bind(config).await.unwrap();
    let (http, ldap) = (running.http_address(), running.ldap_address().unwrap());
    let mut idle = tokio::net::TcpStream::connect(http).await.unwrap();
    idle.write_all(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let mut buffer = [0; 1024];
    assert!(idle.read(&mut buffer).await.unwrap() > 0);
    let mut half = tokio::net::TcpStream::connect(http).await.unwrap();
    half.write_all(b"GET / HT").await.unwrap();
    let begin = std::time::Instant::now();
    running.shutdown().await;
    assert!(begin.elapsed() < Wait::from_secs(8), "{:?}", begin.elapsed());
    assert_eq!(idle.read(&mut buffer).await.unwrap_or(0), 0, "closed");
    for address in [http, ldap] {
        assert!(tokio::net::TcpStream::connect(address).await.is_err());
    }
}

#[tokio::test]
async fn connections_are_capped() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let tree = Tree::new();
    let mut config = config(&tree, &Hand::default());
    config.limits.http_connections = 1;
    let running = Server::bind(config).await.unwrap();
    let mut first = tokio::net::TcpStream::connect(running.http_address()).await.unwrap();
    first.write_all(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let mut buffer = [0; 1024];
    assert!(first.read(&mut buffer).await.unwrap() > 0);
    let mut second = tokio::net::TcpStream::connect(running.http_address()).await.unwrap();
    second.write_all(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let waiting = tokio::time::timeout(Wait::from_millis(200), second.read(&mut buffer)).await;
    assert!(waiting.is_err(), "the second waits for the first");
    drop(first);
    let served = tokio::time::timeout(Wait::from_secs(10), second.read(&mut buffer)).await;
    assert!(served.unwrap().unwrap() > 0);
}

#[tokio::test]
async fn an_address_in_use_is_told() {
    let tree = Tree::new();
    let running = server(&tree).await;
    let mut second = config(&tree, &Hand::default());
    second.http = running.http_address();
    assert_eq!(Server::bind(second).await.unwrap_err().id(), "bind-http");
    let mut third = config(&tree, &Hand::default());
    third.limits.http_head_bytes = 100;
    assert!(matches!(Server::bind(third).await, Err(BindError::Limit { name: "http_head_bytes", least: 8192 })));
}
