//! HTTP conformance: methods, conditions, codings, ranges, caching, CORS.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use support::client::{get, raw, request};
use support::tree::Tree;
use support::{Hand, config, server};
use tegata_server::Server;
use time::Duration;

#[tokio::test]
async fn every_object_comes_as_it_is() {
    let tree = Tree::new();
    let running = server(&tree).await;
    let http = running.http_address();
    let crl = tree.crl_path(&tree.old);
    let types = [
        (crl.as_str(), "application/pkix-crl"),
        (&format!("/iaca/{}.cer", tree.old.identifier()), "application/pkix-cert"),
        ("/v1/pointer.cbor", "application/cbor"),
        ("/v1/snapshot/1.cbor", "application/cbor"),
        ("/status/1.cwt", "application/statuslist+cwt"),
        ("/iacas.json", "application/json"),
        ("/index.html", "text/html; charset=utf-8"),
    ];
    for (path, media_type) in types {
        let reply = get(http, path).await;
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(reply.body, tree.read(path), "{path}");
        assert_eq!(reply.header("content-type"), Some(media_type));
        assert_eq!(reply.header("content-length").unwrap(), reply.body.len().to_string());
        assert_eq!(reply.header("etag").unwrap(), format!("\"{}\"", hex::encode(Sha256::digest(&reply.body))));
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert!(reply.header("last-modified").is_some() && reply.header("date").is_some());
        assert!(reply.header("set-cookie").is_none());
    }
    let by_digest = format!("/o/{}", hex::encode(Sha256::digest(tree.read(&crl))));
    let reply = get(http, &by_digest).await;
    assert_eq!((reply.header("content-type"), &reply.body), (Some("application/pkix-crl"), &tree.read(&crl)));
    assert_eq!(get(http, "/").await.body, tree.read("/index.html"));
}

#[tokio::test]
async fn no_path_leads_out_of_the_index() {
    let tree = Tree::new();
    std::fs::write(tree.root().parent().unwrap().join("secret"), "secret").unwrap();
    let running = server(&tree).await;
    let http = running.http_address();
    let targets = [
        "/../secret",
        "/%2e%2e/secret",
        "/crl/../../secret",
        "//etc/passwd",
        "/crl",
        "/crl/",
        "/.draft",
        "/v1/pointer.cbor/",
        "/v1%2fpointer.cbor",
        "/index.html%00",
        "/o/../index.html",
        "http://dts.example/../secret",
    ];
    for target in targets {
        let reply = get(http, target).await;
        assert_eq!(reply.status, 404, "{target}");
        assert_eq!(reply.header("cache-control"), Some("no-cache"));
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    }
    assert_eq!(get(http, &format!("/{}", "a".repeat(2000))).await.status, 414);
    assert_eq!(get(http, "/index.html?version=2").await.status, 200, "a query to get past caches does no harm");
}

#[tokio::test]
async fn head_says_what_get_would() {
    let tree = Tree::new();
    let running = server(&tree).await;
    let path = tree.crl_path(&tree.old);
    for headers in [&[][..], &[("Accept-Encoding", "gzip")], &[("If-None-Match", "*")]] {
        let got = request(running.http_address(), "GET", &path, headers).await;
        let head = request(running.http_address(), "HEAD", &path, headers).await;
        assert!(head.body.is_empty());
        assert_eq!(head.status, got.status);
        let plain = |headers: &[(String, String)]| -> Vec<_> {
            headers.iter().filter(|(name, _)| name != "date").cloned().collect()
        };
        assert_eq!(plain(&head.headers), plain(&got.headers));
    }
}

#[tokio::test]
async fn other_methods_are_refused() {
    let tree = Tree::new();
    let running = server(&tree).await;
    for method in ["PUT", "DELETE", "POST", "PATCH", "TRACE", "BREW"] {
        let reply = request(running.http_address(), method, "/index.html", &[]).await;
        assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, HEAD, OPTIONS")), "{method}");
    }
    assert_eq!(request(running.http_address(), "POST", "/v1/readiness", &[]).await.status, 405, "a door nobody opened");
}

#[tokio::test]
async fn conditional_requests() {
    let tree = Tree::new();
    let running = server(&tree).await;
    let (http, path) = (running.http_address(), tree.crl_path(&tree.old));
    let first = get(http, &path).await;
    let (etag, modified) = (first.header("etag").unwrap(), first.header("last-modified").unwrap());

    for condition in [("If-None-Match", etag), ("If-Modified-Since", modified)] {
        let reply = request(http, "GET", &path, &[condition]).await;
        assert_eq!((reply.status, reply.body.len()), (304, 0));
        for name in ["etag", "cache-control", "vary", "last-modified", "access-control-allow-origin"] {
            assert_eq!(reply.header(name), first.header(name), "{name}");
        }
        assert_eq!(reply.header("content-type"), None);
    }
    let other = [("If-None-Match", "\"other\""), ("If-Modified-Since", modified)];
    assert_eq!(request(http, "GET", &path, &other).await.status, 200);
    assert_eq!(request(http, "GET", &path, &[("If-Match", "\"other\"")]).await.status, 412);
    assert_eq!(request(http, "GET", &path, &[("If-Match", etag)]).await.status, 200);

    // Another coding is another representation.
    let packed = request(http, "GET", &path, &[("Accept-Encoding", "gzip"), ("If-None-Match", etag)]).await;
    assert_eq!(packed.status, 200);
    assert_ne!(packed.header("etag"), Some(etag));
    let again = [("Accept-Encoding", "gzip"), ("If-None-Match", packed.header("etag").unwrap())];
    assert_eq!(request(http, "GET", &path, &again).await.status, 304);
}

#[tokio::test]
async fn codings_are_negotiated() {
    let tree = Tree::new();
    let running = server(&tree).await;
    let cases = [
        ("", None),
        ("identity", None),
        ("gzip", Some("gzip")),
        ("GZIP", Some("gzip")),
        ("br", Some("br")),
        ("gzip, deflate, br, zstd", Some("br")),
        ("gzip;q=1.0, br;q=0.5", Some("gzip")),
        ("gzip;q=0, br;q=0", None),
        ("deflate", None),
    ];
    let plain = tree.read("/iacas.json");
    for (accepted, coding) in cases {
        let reply = request(running.http_address(), "GET", "/iacas.json", &[("Accept-Encoding", accepted)]).await;
        assert_eq!(reply.header("content-encoding"), coding, "{accepted}");
        assert_eq!(reply.header("vary"), Some("Accept-Encoding"));
        let mut body = Vec::new();
        match coding {
            None => body.clone_from(&reply.body),
            Some("gzip") => _ = flate2::read::GzDecoder::new(&*reply.body).read_to_end(&mut body).unwrap(),
            Some(_) => _ = brotli::Decompressor::new(&*reply.body, 4096).read_to_end(&mut body).unwrap(),
        }
        assert_eq!(body, plain, "{accepted}");
    }
    let list = request(running.http_address(), "GET", "/status/1.cwt", &[("Accept-Encoding", "gzip, br")]).await;
    assert_eq!((list.header("content-encoding"), list.header("vary")), (None, None), "it is compressed already");
}

#[tokio::test]
async fn ranges() {
    let tree = Tree::new();
    let running = server(&tree).await;
    let (http, path) = (running.http_address(), tree.crl_path(&tree.old));
    let all = tree.read(&path);
    let length = all.len();
    let whole = get(http, &path).await;
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));

    let cases = [("bytes=0-99", 0..100), ("bytes=100-", 100..length), ("bytes=-10", length - 10..length)];
    for (range, expected) in cases {
        let reply = request(http, "GET", &path, &[("Range", range), ("Accept-Encoding", "gzip, br")]).await;
        assert_eq!(reply.status, 206);
        assert_eq!(
            reply.header("content-range").unwrap(),
            format!("bytes {}-{}/{length}", expected.start, expected.end - 1)
        );
        assert_eq!(reply.header("etag"), whole.header("etag"));
        assert_eq!(reply.header("content-encoding"), None);
        assert_eq!(reply.body, all[expected], "{range}");
    }
    let beyond = request(http, "GET", &path, &[("Range", &format!("bytes={length}-"))]).await;
    assert_eq!((beyond.status, beyond.header("content-range")), (416, Some(format!("bytes */{length}").as_str())));
    assert_eq!(request(http, "GET", &path, &[("Range", "bytes=0-1,4-5")]).await.status, 200);
    assert_eq!(request(http, "HEAD", &path, &[("Range", "bytes=0-1")]).await.status, 200);

    // A download goes on only if the object is the same still.
    let etag = whole.header("etag").unwrap();
    let go_on = |tag| [("Range", "bytes=5-"), ("If-Range", tag)];
    assert_eq!(request(http, "GET", &path, &go_on(etag)).await.status, 206);
    assert_eq!(request(http, "GET", &path, &go_on("\"other\"")).await.status, 200);
}

#[tokio::test]
async fn caches_never_outlive_the_content() {
    let tree = Tree::new();
    let hand = Hand::default();
    let running = Server::bind(config(&tree, &hand)).await.unwrap();
    let http = running.http_address();
    let crl = tree.crl_path(&tree.old);
    let digest = hex::encode(Sha256::digest(tree.read(&crl)));
    let control = async |path: &str| get(http, path).await.header("cache-control").unwrap().to_owned();

    assert_eq!(control("/v1/pointer.cbor").await, "public, max-age=60, stale-if-error=86340");
    assert_eq!(control(&crl).await, "public, max-age=3600, stale-if-error=2588400");
    assert_eq!(control("/status/1.cwt").await, "public, max-age=600, stale-if-error=172200", "the ttl of the token");
    assert_eq!(control("/iacas.json").await, "public, max-age=300");
    for path in [&format!("/o/{digest}"), "/v1/root/1.cbor", "/v1/snapshot/1.cbor", "/v1/list/1.cbor"] {
        assert_eq!(control(path).await, "public, max-age=31536000, immutable");
    }
    hand.turn(Duration::days(30) - Duration::seconds(40));
    assert_eq!(control(&crl).await, "public, max-age=10, stale-if-error=30");
    assert_eq!(control("/v1/pointer.cbor").await, "no-cache");
    hand.turn(Duration::minutes(1));
    assert_eq!(control(&crl).await, "no-cache");
    assert_eq!(control("/health").await, "no-store");
}

#[tokio::test]
async fn scripts_of_every_origin_may_read() {
    let tree = Tree::new();
    let running = server(&tree).await;
    let asked = [
        ("Origin", "https://verifier.example"),
        ("Access-Control-Request-Method", "GET"),
        ("Access-Control-Request-Headers", "if-none-match"),
    ];
    let reply = request(running.http_address(), "OPTIONS", "/v1/pointer.cbor", &asked).await;
    assert_eq!(reply.status, 204);
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    assert_eq!(reply.header("access-control-allow-methods"), Some("GET, HEAD, OPTIONS"));
    assert!(reply.header("access-control-allow-headers").unwrap().contains("If-None-Match"));
    assert_eq!(reply.header("access-control-allow-credentials"), None);
    let page = get(running.http_address(), "/").await;
    assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    assert!(page.header("access-control-expose-headers").unwrap().contains("ETag"));
}

#[tokio::test]
async fn store_queries() {
    let tree = Tree::new();
    let running = server(&tree).await;
    let http = running.http_address();
    let hash = |bytes: &[u8]| STANDARD_NO_PAD.encode(Sha1::digest(bytes)).replace('+', "%2B").replace('/', "%2F");
    let (old, new) = (&tree.old.certificate, &tree.new.certificate);

    let one = get(http, &format!("/certificates/search.cgi?certHash={}", hash(old.der()))).await;
    assert_eq!((one.status, one.header("content-type")), (200, Some("application/pkix-cert")));
    assert_eq!(one.body, old.der());
    assert!(one.header("etag").is_some());
    let key = hash(old.subject_key_identifier().unwrap());
    assert_eq!(get(http, &format!("/certificates/search.cgi?sKIDHash={key}")).await.body, old.der());
    let crl = get(http, &format!("/crls/search.cgi?sKIDHash={key}")).await;
    assert_eq!(crl.header("content-type"), Some("application/pkix-crl"));
    assert_eq!(crl.body, tree.read(&tree.crl_path(&tree.old)));
    let (issuer, serial) = (new.issuer().der(), new.serial());
    let content = [issuer, &[2, u8::try_from(serial.len()).unwrap()], serial].concat();
    let length = u8::try_from(content.len()).unwrap();
    let head: &[u8] = if length < 0x80 { &[0x30, length] } else { &[0x30, 0x81, length] };
    let both = [head, &content].concat();
    assert_eq!(get(http, &format!("/certificates/search.cgi?iAndSHash={}", hash(&both))).await.body, new.der());

    // Two roots and the link have one name: a part for each.
    for query in [format!("sHash={}", hash(old.subject().der())), "name=Utopia+%E6%89%8B%E5%BD%A2%20IACA".to_owned()] {
        let several = get(http, &format!("/certificates/search.cgi?{query}")).await;
        let media_type = several.header("content-type").unwrap();
        let boundary = media_type.strip_prefix("multipart/mixed; boundary=").unwrap();
        for certificate in [old, new, &tree.link] {
            let head = format!("--{boundary}\r\nContent-Type: application/pkix-cert\r\n\r\n");
            let part = [head.as_bytes(), certificate.der(), b"\r\n"].concat();
            assert!(several.body.windows(part.len()).any(|window| window == part), "{query}");
        }
        assert!(several.body.ends_with(format!("--{boundary}--\r\n").as_bytes()));
    }
    assert_eq!(get(http, &format!("/crls/search.cgi?iHash={}", hash(b"someone"))).await.status, 404);
    for query in ["", "?iHash=short", "?serial=1", &format!("?iHash={key}&name=a")] {
        assert_eq!(get(http, &format!("/crls/search.cgi{query}")).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn heads_are_bounded_in_size_and_time() {
    let tree = Tree::new();
    let mut config = config(&tree, &Hand::default());
    config.limits.http_head_time = std::time::Duration::from_millis(300);
    let running = Server::bind(config).await.unwrap();
    let http = running.http_address();

    let large = format!("GET / HTTP/1.1\r\nHost: a\r\nCookie: {}\r\n\r\n", "a".repeat(100_000));
    assert_eq!(raw(http, large.as_bytes()).await.status, 431);
    let many = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "A: b\r\n".repeat(200));
    assert_eq!(raw(http, many.as_bytes()).await.status, 431);
    assert_eq!(raw(http, b"GET / HTTP/1.1\r\nHost: a\r\nno header\r\n\r\n").await.status, 400);
    assert_eq!(raw(http, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n").await.status, 400, "no Host");
    assert_eq!(request(http, "GET", "/", &[("Host", "b")]).await.status, 400, "two of them");
    assert_eq!(raw(http, b"GET / HTTP/1.0\r\n\r\n").await.status, 200, "HTTP/1.0 had none");

    // Slow loris: a byte now and then does not keep a connection.
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut slow = tokio::net::TcpStream::connect(http).await.unwrap();
    let begin = std::time::Instant::now();
    let (mut reader, mut writer) = slow.split();
    let drip = async {
        for byte in b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ".iter().chain([b'a'; 1000].iter()) {
            if writer.write_all(&[*byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let mut rest = Vec::new();
    tokio::select! {
        _ = reader.read_to_end(&mut rest) => {}
        () = drip => panic!("the connection was kept"),
    }
    assert!(begin.elapsed() < std::time::Duration::from_secs(5), "{:?}", begin.elapsed());

    // Nor does silence, before the first request or after one.
    let mut idle = tokio::net::TcpStream::connect(http).await.unwrap();
    idle.write_all(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let closed = tokio::time::timeout(std::time::Duration::from_secs(5), idle.read_to_end(&mut rest)).await;
    assert!(closed.is_ok(), "an idle connection is closed");
}

#[tokio::test]
async fn who_asks_and_does_not_read_is_let_go() {
    use tokio::io::AsyncWriteExt as _;
    let tree = Tree::new();
    let mut config = config(&tree, &Hand::default());
    config.limits.write_stall = std::time::Duration::from_millis(300);
    let running = Server::bind(config).await.unwrap();
    let stream = tokio::net::TcpStream::connect(running.http_address()).await.unwrap();
    let (reader, mut writer) = stream.into_split();
    let asking = tokio::spawn(async move {
        let one = format!("GET {} HTTP/1.1\r\nHost: a\r\n\r\n", tree.crl_path(&tree.old));
        while writer.write_all(one.as_bytes()).await.is_ok() {}
        tree
    });
    let open = || running.metrics().contains("tegata_connections{door=\"http\"} 1");
    let begin = std::time::Instant::now();
    while !open() {
        assert!(begin.elapsed() < std::time::Duration::from_secs(10));
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    while open() {
        assert!(begin.elapsed() < std::time::Duration::from_secs(20), "the connection is kept");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    drop(reader);
    asking.await.unwrap();
}
