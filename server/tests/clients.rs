//! The doors through the clients that people use: curl, OpenLDAP's ldapsearch, openssl, and a browser.
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
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use support::tree::Tree;
use support::{run, server, tool};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const BASE: &str = r"cn=utopia 手形 iaca, o=ministry\, of documents, c=ut";

#[tokio::test]
async fn ldapsearch_and_curl_return_the_same_crl_and_openssl_verifies_it() {
    let (Some(curl), Some(ldapsearch), Some(openssl)) = (tool("curl"), tool("ldapsearch"), tool("openssl")) else {
        return;
    };
    let tree = Tree::new();
    let running = server(&tree).await;
    let work = tempfile::tempdir().unwrap();
    for authority in [&tree.old, &tree.new] {
        let path = tree.crl_path(authority);
        let mut command = Command::new(&curl);
        command.args(["-sS", "--fail", "--compressed"]).arg(format!("http://{}{path}", running.http_address()));
        let by_http = run(command).await;
        assert!(by_http.status.success(), "{}", String::from_utf8_lossy(&by_http.stderr));

        // `-t` writes each binary value to a file of its own.
        let folder = work.path().join(authority.identifier());
        std::fs::create_dir(&folder).unwrap();
        let mut command = Command::new(&ldapsearch);
        command
            .args(["-x", "-LLL", "-t", "-T"])
            .arg(&folder)
            .args(["-H", &format!("ldap://{}", running.ldap_address().unwrap())])
            .args(["-b", &format!("cn={},{BASE}", authority.identifier()), "-s", "base"])
            .args(["objectClass=cRLDistributionPoint", "certificateRevocationList;binary"]);
        let found = run(command).await;
        assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stderr));
        let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(files.len(), 1);
        let by_ldap = std::fs::read(&files[0]).unwrap();
        assert_eq!(by_ldap, by_http.stdout);
        assert_eq!(by_ldap, tree.read(&path));

        std::fs::write(folder.join("iaca.pem"), authority.certificate.to_pem()).unwrap();
        let mut command = Command::new(&openssl);
        command
            .args(["crl", "-inform", "DER", "-noout", "-CAfile"])
            .arg(folder.join("iaca.pem"))
            .arg("-in")
            .arg(&files[0]);
        let verified = run(command).await;
        assert!(String::from_utf8_lossy(&verified.stderr).contains("verify OK"), "{verified:?}");
    }
}

#[tokio::test]
async fn ldapsearch_finds_the_certificates_and_may_not_log_in() {
    let Some(ldapsearch) = tool("ldapsearch") else { return };
    let tree = Tree::new();
    let running = server(&tree).await;
    let url = format!("ldap://{}", running.ldap_address().unwrap());
    let ask = async |arguments: &[&str]| {
        let mut command = Command::new(&ldapsearch);
        command.args(["-x", "-LLL", "-H", &url]).args(arguments);
        run(command).await
    };
    let contexts = ask(&["-b", "", "-s", "base", "namingContexts"]).await;
    assert!(String::from_utf8_lossy(&contexts.stdout).contains("namingContexts"), "{contexts:?}");
    let found = ask(&["-o", "ldif-wrap=no", "-b", BASE, "objectClass=pkiCA", "cACertificate;binary"]).await;
    let text = String::from_utf8_lossy(&found.stdout);
    assert_eq!(text.matches("cACertificate;binary:: ").count(), 3, "{text}");
    // Results of LDAP are the exit status: 49 invalidCredentials, 53 unwillingToPerform, 32 noSuchObject.
    for (arguments, status) in [
        (&["-D", "cn=admin", "-w", "secret", "-b", "", "-s", "base"][..], 49),
        (&["-D", "cn=admin", "-w", "", "-b", "", "-s", "base"], 53),
        (&["-b", "cn=nobody"], 32),
        (&["-E", "!1.2.3.4", "-b", "", "-s", "base"], 12),
    ] {
        let refused = ask(arguments).await;
        assert_eq!(refused.status.code(), Some(status), "{arguments:?} {}", String::from_utf8_lossy(&refused.stderr));
    }
    let paged = ask(&["-E", "pr=10/noprompt", "-b", BASE, "-s", "base", "cn"]).await;
    assert!(paged.status.success(), "pages are a hint: {}", String::from_utf8_lossy(&paged.stderr));
}

#[tokio::test]
async fn curl_follows_a_publication_with_conditions_and_ranges() {
    let Some(curl) = tool("curl") else { return };
    let tree = Tree::new();
    let running = server(&tree).await;
    let work = tempfile::tempdir().unwrap();
    let (etag, output) = (work.path().join("etag"), work.path().join("output"));
    let url = format!("http://{}{}", running.http_address(), tree.crl_path(&tree.old));
    let fetch = async |more: &[&str]| {
        let mut command = Command::new(&curl);
        command.args(["-sS", "-w", "%{http_code}", "-o"]).arg(&output).args(more).arg(&url);
        String::from_utf8(run(command).await.stdout).unwrap()
    };
    let etag = etag.to_str().unwrap();
    assert_eq!(fetch(&["--etag-save", etag]).await, "200");
    let crl = std::fs::read(&output).unwrap();
    assert_eq!(fetch(&["--etag-compare", etag]).await, "304");
    std::fs::write(&output, &crl[..100]).unwrap();
    assert_eq!(fetch(&["-C", "-"]).await, "206", "a broken download goes on");
    assert_eq!(std::fs::read(&output).unwrap(), crl);
}

/// A page of another origin fetches the CRL and the pointer, with a condition that needs a preflight, and tells what it got.
const PAGE: &str = r#"<!doctype html><title>verifier</title><script>
const hex = bytes => Array.from(new Uint8Array(bytes), byte => byte.toString(16).padStart(2, "0")).join("");
(async () => {
  const told = {};
  try {
    for (const path of ["CRL", "/v1/pointer.cbor"]) {
      const answer = await fetch("DTS" + path);
      told[path] = hex(await answer.arrayBuffer());
      told.etag = answer.headers.get("ETag");
    }
    const again = await fetch("DTS/v1/pointer.cbor", { headers: { "If-None-Match": told.etag }, cache: "no-store" });
    told.again = again.status;
    const part = await fetch("DTS" + "CRL", { headers: { Range: "bytes=0-3" }, cache: "no-store" });
    told.part = [part.status, part.headers.get("Content-Range"), hex(await part.arrayBuffer())];
  } catch (error) { told.error = String(error); }
  await fetch("/told", { method: "POST", body: JSON.stringify(told) });
})();
</script>"#;

#[tokio::test]
async fn a_script_of_another_origin_fetches_in_a_browser() {
    let Some(chromium) = tool("chromium") else { return };
    let tree = Tree::new();
    let running = server(&tree).await;
    let crl = tree.crl_path(&tree.old);
    let page =
        PAGE.replace("DTS", &format!("http://{}", running.http_address())).replace("\"CRL\"", &format!("\"{crl}\""));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = listener.local_addr().unwrap();
    let profile = tempfile::tempdir().unwrap();
    let mut browser = browse(&chromium, profile.path(), origin);
    let told = tokio::time::timeout(Duration::from_secs(120), relying_party(listener, page)).await;
    // Ends what this test started, by its handle.
    let _ = browser.kill();
    let _ = browser.wait();
    let told = told.expect("the browser told nothing within two minutes");
    println!("the browser told {told}");
    assert_eq!(told["error"], serde_json::Value::Null);
    assert_eq!(told[&crl], hex::encode(tree.read(&crl)));
    assert_eq!(told["/v1/pointer.cbor"], hex::encode(tree.read("/v1/pointer.cbor")));
    assert_eq!(told["again"], 304);
    let bytes = tree.read(&crl);
    let range = format!("bytes 0-3/{}", bytes.len());
    assert_eq!(told["part"], serde_json::json!([206, range, hex::encode(&bytes[..4])]));
}

fn browse(chromium: &Path, profile: &Path, origin: SocketAddr) -> std::process::Child {
    Command::new(chromium)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"])
        .args(["--remote-debugging-port=0".to_owned(), format!("--user-data-dir={}", profile.display())])
        .arg(format!("http://{origin}/"))
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap()
}

/// Serves the page, and gives back what it posts.
async fn relying_party(listener: TcpListener, page: String) -> serde_json::Value {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut received = Vec::new();
        // One request a connection; the browser opens some in advance and sends nothing on them.
        loop {
            let head = received.windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(end) = head {
                let text = String::from_utf8_lossy(&received[..end]).to_ascii_lowercase();
                let length = text
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length:"))
                    .map_or(0, |n| n.trim().parse().unwrap());
                if received.len() >= end + 4 + length {
                    break;
                }
            }
            let read = tokio::time::timeout(Duration::from_millis(500), stream.read_buf(&mut received)).await;
            if !matches!(read, Ok(Ok(1..))) {
                break;
            }
        }
        let body = if received.starts_with(b"GET / ") { page.as_str() } else { "" };
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        let _ = stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await;
        if received.starts_with(b"POST /told ") {
            let end = received.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
            return serde_json::from_slice(&received[end + 4..]).unwrap();
        }
    }
}
