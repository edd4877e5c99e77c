//! The commands one by one, on what the demo left: what they say, and what they never do.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use std::process::Command;

use support::{demo_file, demo_key, demo_token, run, tegata};

#[test]
fn the_language_follows_the_environment() {
    let file = demo_file("no-such-file");
    let say = |name: &str, value: &str| {
        let output = tegata().env(name, value).args(["inspect", &file]).output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(say("LANG", "ja_JP.UTF-8").starts_with("エラー[file-not-found]"));
    assert!(say("LC_ALL", "C").starts_with("error[file-not-found]"));
    let help = run(["verify", "--help", "--lang", "ja"]).expect(0).stdout();
    assert!(help.contains("検証するファイル"), "{help}");
}

#[test]
fn reports_say_the_same_in_both_languages() {
    let report = |lang: &str| {
        let arguments =
            ["verify", &demo_file("response.cbor"), "--trust", &demo_file("iaca.pem"), "--json", "--lang", lang];
        run(arguments).expect(11).json()
    };
    let (english, japanese) = (report("en"), report("ja"));
    let ids = |report: &serde_json::Value| {
        let checks = report["documents"][0]["checks"].as_array().unwrap();
        checks
            .iter()
            .map(|check| (check["id"].clone(), check["outcome"].clone(), check["cause"].clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&english), ids(&japanese));
    assert_ne!(english, japanese);
}

#[test]
fn without_a_transcript_the_verdict_is_never_accepted() {
    let base = |extra: &[&str]| {
        let mut arguments: Vec<String> = ["verify", &demo_file("response.cbor")].map(Into::into).into();
        for (name, file) in [("--trust", "iaca.pem"), ("--crl", "crl.der"), ("--status", "status-list-before.cwt")] {
            arguments.extend([name.to_owned(), demo_file(file)]);
        }
        arguments.extend(extra.iter().map(|word| (*word).to_owned()));
        run(arguments)
    };
    base(&[]).expect(11);
    base(&["--issuer-signed"]).expect(0);
    base(&["--transcript", &demo_file("transcript.cbor")]).expect(0);
    base(&["--issuer-signed", "--transcript", &demo_file("transcript-other.cbor")]).expect(10);
    base(&["--transcript", &demo_file("transcript-other.cbor")]).expect(10);
}

#[test]
fn the_report_for_people_names_cause_and_remedy_and_hides_what_passed() {
    let arguments = |transcript: &str| {
        vec![
            "verify".to_owned(),
            demo_file("response.cbor"),
            "--trust".to_owned(),
            demo_file("iaca.pem"),
            "--transcript".to_owned(),
            demo_file(transcript),
            "--crl".to_owned(),
            demo_file("crl.der"),
            "--status".to_owned(),
            demo_file("status-list-before.cwt"),
        ]
    };
    let accepted = run(arguments("transcript.cbor")).expect(0).stdout();
    assert!(accepted.contains("ACCEPTED") && accepted.contains("<JPEG, ") && accepted.contains("ERIKA"), "{accepted}");
    assert!(accepted.contains("checks passed") && !accepted.contains('\u{1b}'), "{accepted}");
    assert!(accepted.contains("evidence: CRL number"), "{accepted}");
    let rejected = run(arguments("transcript-other.cbor")).expect(10).stdout();
    assert!(
        rejected.contains("REJECTED") && rejected.contains("device-auth") && rejected.contains("remedy"),
        "{rejected}"
    );
    assert!(!rejected.contains("ERIKA"), "no claims of a rejected document: {rejected}");
    let mut coloured = arguments("transcript.cbor");
    coloured.extend(["--color".to_owned(), "always".to_owned(), "--verbose".to_owned()]);
    let coloured = run(coloured).expect(0).stdout();
    assert!(coloured.contains("\u{1b}[1;32m") && coloured.contains("issuer-signature"), "{coloured}");
}

#[test]
fn verify_makes_no_network_call() {
    let Ok(version) = Command::new("strace").arg("-V").output() else {
        println!("skipped: strace is not installed");
        return;
    };
    assert!(version.status.success());
    let log = tempfile::NamedTempFile::new().unwrap();
    let traced = Command::new("strace")
        .args(["-f", "-qq", "-e", "trace=network", "-o"])
        .arg(log.path())
        .arg(env!("CARGO_BIN_EXE_tegata"))
        .args(["verify", &demo_file("response.cbor"), "--trust", &demo_file("iaca.pem")])
        .args(["--transcript", &demo_file("transcript.cbor"), "--crl", &demo_file("crl.der")])
        .args(["--status", &demo_file("status-list-before.cwt"), "--color", "never"])
        .output()
        .unwrap();
    if !traced.status.success() && String::from_utf8_lossy(&traced.stderr).contains("ptrace") {
        println!("skipped: strace may not trace here");
        return;
    }
    assert!(traced.status.success(), "{traced:?}");
    let calls = std::fs::read_to_string(log.path()).unwrap();
    let calls: Vec<_> = calls.lines().filter(|line| !line.contains("+++") && !line.contains("---")).collect();
    assert!(calls.is_empty(), "{calls:?}");
}

#[test]
fn inspect_knows_every_artefact() {
    let kinds = [
        ("iaca.pem", "certificate"),
        ("ds.pem", "certificate"),
        ("status-signer.pem", "certificate"),
        ("device-key.jwk", "jwk"),
        ("issued.cbor", "issuer-signed"),
        ("status-list-before.cwt", "status-list-token"),
        ("crl.der", "crl"),
        ("engagement.txt", "engagement-uri"),
        ("transcript.cbor", "session-transcript"),
        ("response.cbor", "device-response"),
    ];
    for (file, kind) in kinds {
        let json = run(["inspect", "--json", &demo_file(file)]).expect(0).json();
        assert_eq!(json["kind"], kind, "{file}");
        let page = run(["inspect", &demo_file(file)]).expect(0).stdout();
        assert!(page.lines().count() > 2, "{file}: {page}");
    }
    let good = run(["inspect", "--json", &demo_file("issued.cbor")]).json();
    assert_eq!(good["content"]["digests_differing"], 0);
    assert!(good["content"]["digests_matching"].as_u64().unwrap() >= 15, "{good}");
    let bad = run(["inspect", &demo_file("response-tampered.cbor")]).expect(0).stdout();
    assert!(bad.contains('✓') && bad.contains('✗'), "{bad}");
    let certificate = run(["inspect", "--json", &demo_file("ds.pem")]).json();
    assert_eq!(certificate["content"][0]["role"], "document-signer");
    let errors = |findings: &serde_json::Value| {
        findings.as_array().unwrap().iter().filter(|finding| finding["severity"] == "error").count()
    };
    assert_eq!(errors(&certificate["content"][0]["findings"]), 0, "{certificate:#}");
    let list = run(["inspect", "--json", &demo_file("status-list-after.cwt")]).json();
    assert_eq!(list["kind"], "status-list-token");
}

#[test]
fn two_transcripts_are_compared() {
    let (ours, theirs) = (demo_file("transcript.cbor"), demo_file("transcript-other.cbor"));
    let differ = run(["explain", "transcript", "--json", &ours, &theirs]).expect(0).json();
    assert_eq!(differ["equal"], false);
    assert!(differ["first_difference_line"].as_u64().is_some());
    let page = run(["explain", "transcript", &ours, &theirs]).expect(0).stdout();
    assert!(page.contains('▶') && page.contains("The first difference is in line"), "{page}");
    assert_eq!(run(["explain", "transcript", "--json", &ours, &ours]).json()["equal"], true);
}

#[test]
fn a_transcript_file_may_name_its_inputs() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let good = write("good.json", r#"{"transport":"openid4vp-1.0-dc-api","origin":"https://a.example","nonce":"n"}"#);
    let slash =
        write("slash.json", r#"{"transport":"openid4vp-1.0-dc-api","origin":"https://a.example/","nonce":"n"}"#);
    let wrong = write(
        "wrong.json",
        r#"{"transport":"openid4vp-1.0-dc-api","origin":"https://a.example","nonce":"n","oops":"x"}"#,
    );
    let unknown = write("unknown.json", r#"{"transport":"pigeon"}"#);
    assert_eq!(run(["explain", "transcript", "--json", &good, &slash]).expect(0).json()["equal"], false);
    run(["explain", "transcript", &good, &wrong]).refused(2, "transport-inputs-invalid");
    run(["explain", "transcript", &good, &unknown]).refused(2, "transport-inputs-invalid");

    // Presented for an origin with a slash, verified for the one without: the mistake is named.
    let out = directory.path().join("response").display().to_string();
    let mut arguments: Vec<String> =
        ["present", "--elements", "org.iso.18013.5.1/family_name", "--issued", &demo_file("issued.cbor")]
            .map(Into::into)
            .into();
    arguments.extend(["--transcript".to_owned(), slash, "--device-key".to_owned(), demo_key("device")]);
    arguments.extend(demo_token());
    arguments.extend(["--out".to_owned(), out.clone()]);
    run(arguments).expect(0);
    let arguments = ["verify", &out, "--trust", &demo_file("iaca.pem"), "--transcript", &good, "--json"];
    let report = run(arguments).expect(10).json();
    let checks = report["documents"][0]["checks"].as_array().unwrap();
    assert!(checks.iter().any(|check| check["cause"] == "other-transcript"), "{report:#}");
}

#[test]
fn checks_are_explained() {
    let all = run(["explain", "checks", "--json"]).expect(0).json();
    let checks = all["checks"].as_array().unwrap();
    assert!(checks.len() > 20);
    for check in checks {
        let id = check["id"].as_str().unwrap();
        for lang in ["en", "ja"] {
            let one = run(["explain", "check", id, "--lang", lang, "--json"]).expect(0).json();
            for key in ["title", "remedy", "clause", "subject"] {
                assert!(!one[key].as_str().unwrap().is_empty(), "{id} {lang} {key}");
            }
        }
    }
    let markdown = run(["explain", "checks", "--markdown"]).expect(0).stdout();
    assert_eq!(markdown.lines().filter(|line| line.starts_with("| `")).count(), checks.len());
}

#[test]
fn a_batch_is_one_copy_for_each_key() {
    let directory = tempfile::tempdir().unwrap();
    let keys = directory.path().join("keys.cbor");
    let key = |curve_point: &[u8]| {
        let x = ciborium::Value::Bytes(curve_point[1..33].to_vec());
        let y = ciborium::Value::Bytes(curve_point[33..].to_vec());
        let integer = |number: i64| ciborium::Value::Integer(number.into());
        ciborium::Value::Map(vec![
            (integer(1), integer(2)),
            (integer(-1), integer(1)),
            (integer(-2), x),
            (integer(-3), y),
        ])
    };
    let points = [1_u8, 2, 3].map(|seed| {
        let key = tegata_pki::software::InsecureSoftwareKey::from_scalar(tegata_pki::Curve::P256, &[seed; 32]).unwrap();
        key.public_key().sec1_or_raw().to_vec()
    });
    let array = ciborium::Value::Array(points.iter().map(|point| key(point)).collect());
    let mut bytes = Vec::new();
    ciborium::into_writer(&array, &mut bytes).unwrap();
    std::fs::write(&keys, bytes).unwrap();
    let out = directory.path().join("copies.cbor");
    let mut arguments: Vec<String> =
        ["issue", "--doctype", "org.iso.18013.5.1.mDL", "--valid-days", "5", "--claims", &demo_file("claims.json")]
            .map(Into::into)
            .into();
    arguments.extend(["--cert".to_owned(), demo_file("ds.pem"), "--ds".to_owned(), demo_key("ds")]);
    arguments.extend(["--batch".to_owned(), keys.display().to_string(), "--out".to_owned(), out.display().to_string()]);
    arguments.extend(demo_token());
    let told = run(arguments.iter().cloned().chain(["--json".to_owned()])).expect(0).json();
    assert_eq!(told["documents"], 3);
    let copies: ciborium::Value = ciborium::from_reader(std::fs::read(&out).unwrap().as_slice()).unwrap();
    assert_eq!(copies.as_array().unwrap().len(), 3);
}

#[test]
fn a_mac_is_made_and_verified_with_key_files() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).display().to_string();
    let jwk = |seed: u8, private: bool| {
        use base64::Engine as _;
        let key = tegata_pki::software::InsecureSoftwareKey::from_scalar(tegata_pki::Curve::P256, &[seed; 32]).unwrap();
        let mut jwk: serde_json::Value = serde_json::from_str(&key.public_key().to_jwk()).unwrap();
        if private {
            jwk["d"] = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode([seed; 32]).into();
        }
        jwk.to_string()
    };
    std::fs::write(path("device-public.jwk"), jwk(7, false)).unwrap();
    std::fs::write(path("device.jwk"), jwk(7, true)).unwrap();
    std::fs::write(path("reader-public.jwk"), jwk(9, false)).unwrap();
    std::fs::write(path("reader.jwk"), jwk(9, true)).unwrap();
    let mut issue: Vec<String> =
        ["issue", "--doctype", "org.iso.18013.5.1.mDL", "--valid-days", "5", "--claims", &demo_file("claims.json")]
            .map(Into::into)
            .into();
    issue.extend(["--cert".to_owned(), demo_file("ds.pem"), "--ds".to_owned(), demo_key("ds")]);
    issue.extend(["--device-key".to_owned(), path("device-public.jwk"), "--out".to_owned(), path("issued")]);
    issue.extend(demo_token());
    run(issue).expect(0);
    let present = |out: &str, extra: &[&str]| {
        let mut arguments: Vec<String> =
            ["present", "--elements", "org.iso.18013.5.1/given_name"].map(Into::into).into();
        arguments.extend(["--issued".to_owned(), path("issued"), "--device-key".to_owned(), path("device.jwk")]);
        arguments.extend(["--transcript".to_owned(), demo_file("transcript.cbor"), "--out".to_owned(), path(out)]);
        arguments.extend(extra.iter().map(|word| (*word).to_owned()));
        run(arguments)
    };
    let told = present("mac", &["--mac", "--reader-key", &path("reader-public.jwk")]).expect(0);
    assert!(told.stderr().contains("for tests only"), "{}", told.stderr());
    present("signature", &[]).expect(0);
    let verify = |file: &str, extra: &[&str]| {
        let (file, trust, transcript) = (path(file), demo_file("iaca.pem"), demo_file("transcript.cbor"));
        let base = ["verify", &file, "--trust", &trust, "--transcript", &transcript, "--revocation", "available"];
        run(base.iter().chain(extra)).status()
    };
    assert_eq!(verify("signature", &[]), 0);
    assert_eq!(verify("mac", &[]), 11, "without the reader key the MAC cannot be checked");
    assert_eq!(verify("mac", &["--reader-key", &path("reader.jwk")]), 0);
    assert_eq!(verify("mac", &["--reader-key", &"09".repeat(32)]), 0);
    assert_eq!(verify("mac", &["--reader-key", &format!("P-256:{}", "0a".repeat(32))]), 10);
    assert_eq!(verify("mac", &["--reader-key", &format!("P-384:{}", "09".repeat(48))]), 10);
}

#[test]
fn tokens_are_made_and_listed() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("store").display().to_string();
    let pin = directory.path().join("pin").display().to_string();
    std::fs::write(&pin, "correct horse").unwrap();
    let at = ["--token-dir", &store];
    let with_pin = ["--token-dir", &store, "--pin-file", &pin];
    run(["token", "init", "--label", "T", "--so-pin-file", &pin].iter().chain(&with_pin)).expect(0);
    run(["token", "init", "--label", "T", "--so-pin-file", &pin].iter().chain(&with_pin)).expect(2);
    let made =
        run(["token", "generate", "--label", "T", "--key", "k", "--json"].iter().chain(&with_pin)).expect(0).json();
    assert!(made["reference"].as_str().unwrap().contains("object=k"), "{made}");
    assert!(made["public_key"].get("d").is_none() && made["public_key"]["crv"] == "P-256", "{made}");
    let keys = run(["token", "keys", "--label", "T", "--json"].iter().chain(&with_pin)).expect(0).json();
    assert_eq!(keys["keys"][0]["label"], "k");
    assert_eq!(keys["keys"][0]["unsafe"].as_array().unwrap().len(), 0);
    let tokens = run(["token", "list", "--json"].iter().chain(&at)).expect(0).json();
    assert_eq!(tokens["tokens"][0]["label"], "T");
    let root = directory.path().join("root.pem").display().to_string();
    let reference = made["reference"].as_str().unwrap();
    run(["sandbox", "root", "--key", reference, "--out", &root].iter().chain(&with_pin)).expect(0);
    let certificate = run(["inspect", "--json", &root]).expect(0).json();
    assert_eq!(certificate["content"][0]["role"], "iaca");
    assert!(certificate["content"][0]["subject"].as_str().unwrap().contains("SANDBOX"), "{certificate:#}");
}

#[test]
fn completions_and_version_are_printed() {
    assert!(run(["completions", "bash"]).expect(0).stdout().contains("_tegata"));
    assert!(run(["--version"]).expect(0).stdout().starts_with("tegata "));
}
