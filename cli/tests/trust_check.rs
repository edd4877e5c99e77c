//! `tegata trust check` over every published trust object at hand, tokens with the published lists, and bad input.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};
use support::{Finished, run, tegata, testdata};
use tegata_pki::software::InsecureSoftwareKey;
use tegata_trust_list::token::{TokenBuilder, TokenSigner};
use tegata_trust_list::{Bits, Compression, StatusArray, StatusList};
use time::macros::utc_datetime;

const AT: &str = "2026-11-21T00:00:00Z";

fn check(file: &Path, options: &[&str]) -> Finished {
    run(["trust", "check", "--json", file.to_str().unwrap()].into_iter().chain(options.iter().copied()))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect();
    files.sort();
    files
}

fn schema() -> jsonschema::Validator {
    let schema = include_str!("../trust-check.schema.json");
    jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
}

/// The report, after a look at its form and at the exit status.
fn report(finished: &Finished) -> Json {
    let report = finished.json();
    if let Err(error) = schema().validate(&report) {
        panic!("{error}: {report:#}");
    }
    let status = match report["verdict"].as_str().unwrap() {
        "valid" => 0,
        "invalid" => 10,
        _ => 11,
    };
    assert_eq!(finished.status(), status);
    report
}

fn ids(report: &Json) -> Vec<&str> {
    report["findings"].as_array().unwrap().iter().map(|finding| finding["id"].as_str().unwrap()).collect()
}

#[test]
fn every_file_without_a_signer_gets_one_answer_and_never_valid() {
    let schema = schema();
    let mut read = 0;
    for folder in ["trust", "status-list"] {
        let Some(folder) = testdata(folder) else { return };
        for file in files(&folder) {
            let finished = check(&file, &["--at", AT]);
            match finished.status() {
                10 | 11 => {
                    let report = finished.json();
                    assert!(schema.is_valid(&report), "{}", file.display());
                    assert!(report["cause"]["id"].is_string(), "{}", file.display());
                    read += 1;
                }
                2 => {
                    let failure: Json = serde_json::from_str(&finished.stderr()).unwrap();
                    assert!(failure["error"]["id"].is_string(), "{}: {failure}", file.display());
                    assert_eq!(finished.stdout(), "");
                }
                other => panic!("{}: {other}: {}", file.display(), finished.all()),
            }
        }
    }
    assert!(read > 50, "{read} files are trust objects");
}

#[test]
fn published_vicals_are_valid_at_their_date_under_their_provider() {
    let Some(folder) = testdata("trust/vical") else { return };
    let scratch = tempfile::tempdir().unwrap();
    for file in files(&folder).iter().filter(|file| file.extension().is_some_and(|extension| extension == "cbor")) {
        let name = file.file_name().unwrap().to_str().unwrap();
        let expected: Json =
            serde_json::from_slice(&std::fs::read(file.with_extension("expected.json")).unwrap()).unwrap();
        let date = expected["date"].as_str().unwrap();
        let (option, trusted) = match name.split('-').next().unwrap() {
            "aamva" => ("--root", folder.join("aamva-dts-root.pem")),
            "austroads" => ("--root", folder.join("austroads-preprod-root.pem")),
            _ => ("--signer", signer_of(file, scratch.path())),
        };
        let trusted = trusted.to_str().unwrap();
        let finished = check(file, &[option, trusted, "--at", date]);
        let report = report(&finished);
        assert_eq!((&report["kind"], &report["verdict"]), (&json!("vical"), &json!("valid")), "{report:#}");
        assert_eq!(report["number"], expected["vicalIssueID"].to_string());
        assert_eq!(
            (&report["name"], &report["entryCount"]),
            (&expected["vicalProvider"], &expected["certificateInfos"])
        );
        let listed = report["entries"].as_array().unwrap();
        for (entry, expected) in listed.iter().zip(expected["certificates"].as_array().unwrap()) {
            assert!(entry["skipped"].is_object() || entry["certificate"]["sha256"] == expected["sha256"]);
        }
        // A CA may be named as the signer, too.
        let named = report_of(check(file, &["--signer", trusted, "--at", date]));
        assert_eq!(named["verdict"], "valid", "{named:#}");
        if name.starts_with("aamva") {
            assert!(ids(&report).contains(&"vical-entry-wrapped-ski"));
            let stale = report_of(check(file, &[option, trusted, "--at", "2026-01-01T00:00:00Z"]));
            assert_eq!((&stale["verdict"], &stale["cause"]["id"]), (&json!("undetermined"), &json!("vical-stale")));
            let expired = report_of(check(file, &[option, trusted, "--at", AT]));
            assert_eq!(expired["cause"]["id"], "vical-signer-path");
        }
        let stranger = testdata("trust/iaca").unwrap().join("us-md-root-certificate.pem");
        let strange = report_of(check(file, &["--root", stranger.to_str().unwrap(), "--at", date]));
        assert_eq!((&strange["verdict"], &strange["cause"]["id"]), (&json!("invalid"), &json!("vical-signer-path")));
    }
}

fn report_of(finished: Finished) -> Json {
    report(&finished)
}

/// The first certificate of `x5chain`, in a file.
fn signer_of(vical: &Path, scratch: &Path) -> PathBuf {
    let value: ciborium::Value = ciborium::from_reader(std::fs::read(vical).unwrap().as_slice()).unwrap();
    let unprotected = value.as_array().unwrap()[1].as_map().unwrap().clone();
    let path = scratch.join("signer.der");
    std::fs::write(&path, unprotected[0].1.as_bytes().unwrap()).unwrap();
    path
}

#[test]
fn the_published_signed_list_of_entities_is_valid_at_its_date() {
    let Some(folder) = testdata("trust/lote") else { return };
    let (file, signer) = (folder.join("etda-verifiers-list.jwt"), folder.join("etda-signer.pem"));
    let signer = ["--signer", signer.to_str().unwrap(), "--at"];
    let valid = report_of(check(&file, &[&signer[..], &["2026-09-10T12:00:00Z"]].concat()));
    assert_eq!(
        (&valid["kind"], &valid["verdict"], &valid["number"]),
        (&json!("lote-jws"), &json!("valid"), &json!("2"))
    );
    assert!(ids(&valid).contains(&"lote-operator-differs"), "{valid:#}");
    assert_eq!(valid["entries"][0]["service"], "Procivis Demo Bank Verifier");
    let stale = report_of(check(&file, &[&signer[..], &["2026-09-12T12:00:00Z"]].concat()));
    assert_eq!(stale["cause"]["id"], "lote-stale");
    let plain = report_of(check(&folder.join("lote-wallet-providers.json"), &["--at", AT]));
    assert_eq!((&plain["verdict"], &plain["cause"]["id"]), (&json!("undetermined"), &json!("lote-unsigned")));
    for other in ["lote-wallet-providers.xml", "ts-119602-1-schema.json", "sample-ts119612-tl.xml"] {
        run(["trust", "check", folder.join(other).to_str().unwrap()]).refused(2, "wrong-file-kind");
    }
}

/// The published links are of passports, whose keys write their curves out: a deviation that the report names.
#[test]
fn published_link_certificates_link_their_own_roots_and_no_others() {
    let Some(folder) = testdata("trust/link-certs") else { return };
    let scratch = tempfile::tempdir().unwrap();
    let countries = ["csca-be", "csca-gb", "csca-hu", "csca-rw", "csca-zw"];
    let path = |country: &str, name: &str| folder.join(country).join(name).to_str().unwrap().to_owned();
    for (index, country) in countries.iter().enumerate() {
        let (old, new) = (path(country, "old-root.pem"), path(country, "new-root.pem"));
        let link = folder.join(country).join("link.pem");
        let linked = report_of(check(&link, &["--old", &old, "--new", &new, "--at", AT]));
        assert_eq!((&linked["kind"], &linked["verdict"]), (&json!("link-certificate"), &json!("valid")), "{linked:#}");
        assert!(ids(&linked).contains(&"new-with-old") && ids(&linked).contains(&"LINK-03"), "{linked:#}");
        let backwards = report_of(check(&link, &["--old", &new, "--new", &old, "--at", AT]));
        assert!(ids(&backwards).contains(&"old-with-new"), "{backwards:#}");
        let text = std::fs::read(&link).unwrap();
        let mut changed = tegata_pki::Certificate::from_pem(&text).unwrap().der().to_vec();
        *changed.last_mut().unwrap() ^= 1;
        let file = scratch.path().join("changed.der");
        std::fs::write(&file, changed).unwrap();
        let changed = report_of(check(&file, &["--old", &old, "--new", &new, "--at", AT]));
        assert_eq!((&changed["verdict"], &changed["cause"]["id"]), (&json!("invalid"), &json!("link-signature")));
        let other = countries[(index + 1) % countries.len()];
        let wrong_new = report_of(check(&link, &["--old", &old, "--new", &path(other, "new-root.pem"), "--at", AT]));
        assert_eq!(wrong_new["cause"]["id"], "link-foreign-key");
        let wrong_old = report_of(check(&link, &["--old", &path(other, "old-root.pem"), "--new", &new, "--at", AT]));
        assert_eq!((&wrong_old["verdict"], &wrong_old["cause"]["id"]), (&json!("invalid"), &json!("link-issuer")));
        assert_eq!(report_of(check(&link, &["--at", AT]))["cause"]["id"], "no-roots-given");
        run(["trust", "check", link.to_str().unwrap(), "--old", &old]).expect(2);
    }
}

#[test]
fn a_root_is_valid_only_as_the_one_it_should_be() {
    let Some(folder) = testdata("trust/iaca") else { return };
    let mut roots = 0;
    for file in files(&folder).iter().filter(|file| file.extension().is_some_and(|extension| extension == "pem")) {
        let own = report_of(check(file, &["--root", file.to_str().unwrap(), "--at", "2026-01-01T00:00:00Z"]));
        if own["kind"] == "root-certificate" {
            assert_eq!(own["verdict"], "valid", "{own:#}");
            roots += 1;
            let other = testdata("trust/vical").unwrap().join("aamva-dts-root.pem");
            let other = report_of(check(file, &["--root", other.to_str().unwrap(), "--at", "2026-01-01T00:00:00Z"]));
            assert_eq!(other["cause"]["id"], "root-is-another");
        } else {
            assert_ne!(own["verdict"], "valid", "{}", file.display());
        }
    }
    assert!(roots >= 15, "{roots}");
}

// -- status lists --------------------------------------------------------------------------------------------------------

#[test]
fn the_published_tokens_are_valid_with_their_key_and_give_their_statuses() {
    let Some(folder) = testdata("status-list") else { return };
    let key = folder.join("signing-key.jwk.json");
    let key = ["--signer", key.to_str().unwrap(), "--at", AT];
    // b9 a3, least significant bit first.
    let expected = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1];
    for name in ["status-list-token.cwt", "status-list-token.jwt"] {
        let file = folder.join(name);
        for (index, value) in expected.iter().enumerate() {
            let valid = report_of(check(&file, &[&key[..], &["--index", &index.to_string()]].concat()));
            assert_eq!(
                (&valid["verdict"], &valid["status"]["value"]),
                (&json!("valid"), &json!(value)),
                "{name} {index}"
            );
            assert_eq!(valid["entryCount"], 16);
        }
        let beyond = report_of(check(&file, &[&key[..], &["--index", "16"]].concat()));
        assert_eq!((&beyond["cause"]["id"], &beyond["status"]), (&json!("status-index-out-of-range"), &Json::Null));
        let late = report_of(check(&file, &["--signer", key[1], "--at", "2050-01-01T00:00:00Z"]));
        assert_eq!((&late["verdict"], &late["cause"]["id"]), (&json!("undetermined"), &json!("status-expired")));
    }
    for name in ["identifier-list.cbor", "mso-status-identifier-list.cbor", "referenced-token.cwt", "1-bit.json"] {
        run(["trust", "check", folder.join(name).to_str().unwrap()]).refused(2, "wrong-file-kind");
    }
}

/// The published lists in tokens of the published key.
#[test]
fn every_published_list_gives_its_values() {
    let Some(folder) = testdata("status-list") else { return };
    let scratch = tempfile::tempdir().unwrap();
    let key_file = folder.join("signing-key.jwk.json");
    let key = InsecureSoftwareKey::from_jwk(&std::fs::read_to_string(&key_file).unwrap()).unwrap();
    for name in ["1-bit.json", "2-bit.json", "4-bit.json", "8-bit.json"] {
        let vector: Json = serde_json::from_slice(&std::fs::read(folder.join(name)).unwrap()).unwrap();
        let payload = json!({ "sub": "https://example.com/1", "iat": 1_767_225_600, "exp": 1_893_456_000,
            "status_list": { "bits": vector["bits"], "lst": vector["json"]["lst"] } });
        let header = json!({ "alg": "ES256", "typ": "statuslist+jwt" });
        let part = |json: &Json| URL_SAFE_NO_PAD.encode(json.to_string());
        let message = format!("{}.{}", part(&header), part(&payload));
        let signature = key.sign(key.curve().signature_algorithm().unwrap(), message.as_bytes()).unwrap();
        let file = scratch.path().join(name);
        std::fs::write(&file, format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_bytes()))).unwrap();
        // Sixteen of the statuses of the longest vector; all of the others.
        for (index, value) in vector["statuses"].as_object().unwrap().iter().take(16) {
            let options = ["--signer", key_file.to_str().unwrap(), "--at", AT, "--index", index];
            let valid = report_of(check(&file, &options));
            assert_eq!((&valid["verdict"], &valid["status"]["value"]), (&json!("valid"), value), "{name} {index}");
            assert_eq!(valid["entryCount"], vector["entries"]);
        }
    }
}

#[test]
fn a_list_that_expands_without_end_is_invalid_whoever_signed_it() {
    let scratch = tempfile::tempdir().unwrap();
    let key = InsecureSoftwareKey::from_scalar(tegata_pki::Curve::P256, &[7; 32]).unwrap();
    let bomb = StatusList::compress(&StatusArray::new(Bits::Eight, 80 << 20), Compression::Small);
    let signer = TokenSigner::Key { key: key.public_key().clone(), key_id: b"1".to_vec() };
    let (issued, expires) = (utc_datetime!(2026-01-01 0:00), utc_datetime!(2027-01-01 0:00));
    let prepared = TokenBuilder::new("https://example.com/1", bomb, issued, expires, signer).prepare_cwt().unwrap();
    let signature = key.sign(prepared.algorithm(), prepared.to_be_signed()).unwrap();
    let file = scratch.path().join("bomb.cwt");
    std::fs::write(&file, prepared.complete(&signature, tegata_pki::rust_crypto()).unwrap()).unwrap();
    let jwk = scratch.path().join("key.jwk");
    std::fs::write(&jwk, key.public_key().to_jwk()).unwrap();
    for options in [&["--at", AT][..], &["--at", AT, "--signer", jwk.to_str().unwrap()]] {
        let bomb = report_of(check(&file, options));
        assert_eq!((&bomb["verdict"], &bomb["cause"]["id"]), (&json!("invalid"), &json!("inflate-too-large")));
    }
}

// -- metadata -----------------------------------------------------------------------------------------------------------

#[test]
fn metadata_says_what_it_is_and_is_never_valid_by_itself() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../trust-list/manifest/tests/golden");
    let scratch = tempfile::tempdir().unwrap();
    for (name, role, number) in [
        ("root-1.cbor", "root", json!("1")),
        ("list-2.cbor", "list", json!("2")),
        ("snapshot-2.cbor", "snapshot", json!("2")),
        ("pointer-2.cbor", "pointer", json!("2")),
        ("approval.cbor", "approval", Json::Null),
    ] {
        let file = golden.join(name);
        let early = report_of(check(&file, &["--at", "2000-01-01T00:00:00Z"]));
        assert_eq!((&early["kind"], &early["verdict"]), (&json!("metadata"), &json!("invalid")), "{early:#}");
        assert_eq!((early["name"].as_str().unwrap().rsplit(' ').next(), &early["number"]), (Some(role), &number));
        let issued = early["issuedAt"].as_str().unwrap();
        let current = report_of(check(&file, &["--at", issued]));
        assert_eq!(
            (&current["verdict"], &current["cause"]["id"]),
            (&json!("undetermined"), &json!("metadata-not-verified"))
        );
        let late = report_of(check(&file, &["--at", early["expires"].as_str().unwrap()]));
        assert_eq!(late["verdict"], "undetermined");
        assert_ne!(late["cause"]["id"], "metadata-not-verified");
        if role == "root" {
            let mut bytes = std::fs::read(&file).unwrap();
            let repository = early["name"].as_str().unwrap().split(':').next().unwrap().as_bytes();
            let at = bytes.windows(repository.len()).position(|window| window == repository).unwrap();
            bytes[at] ^= 1;
            let changed = scratch.path().join(name);
            std::fs::write(&changed, bytes).unwrap();
            let changed = report_of(check(&changed, &["--at", issued]));
            assert_eq!(changed["verdict"], "invalid", "{changed:#}");
        }
    }
}

// -- bad input -----------------------------------------------------------------------------------------------------------

#[test]
fn bad_input_gets_one_clear_message() {
    let scratch = tempfile::tempdir().unwrap();
    let path = |name: &str| scratch.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("empty"), b"").unwrap();
    std::fs::write(path("portal.html"), b"<!DOCTYPE html><html><body>Please log in</body></html>\n").unwrap();
    std::fs::write(path("object.json"), b"{\"a\": 1}").unwrap();
    std::fs::write(path("list.json"), b"{\"LoTE\": {}}").unwrap();
    std::fs::File::create(path("zeros")).unwrap().set_len(100 << 20).unwrap();
    std::fs::File::create(path("few-zeros")).unwrap().set_len(1 << 20).unwrap();
    for (file, id) in [
        (path("empty"), "file-empty"),
        (path("portal.html"), "wrong-file-kind"),
        (path("object.json"), "wrong-file-kind"),
        (path("list.json"), "lote-json"),
        (path("zeros"), "file-too-large"),
        (path("few-zeros"), "wrong-file-kind"),
        (path("absent"), "file-not-found"),
        (scratch.path().to_str().unwrap().to_owned(), "file-is-directory"),
    ] {
        run(["trust", "check", &file]).refused(2, id);
    }
}

/// CRLs that are legal and that no mobile document has are shown, with the reason why they are not used.
#[test]
fn crls_of_other_profiles_are_shown_and_never_valid() {
    let Some(folder) = testdata("trust/crl/pyca") else { return };
    for (name, entries, id) in [
        ("crl_all_reasons.pem", 12, "crl-indirect"),
        ("crl_delta_crl_indicator.pem", 0, "crl-delta"),
        ("crl_idp_only_ca.pem", 0, "crl-issuing-distribution-point"),
        ("crl_md2_unknown_crit_entry_ext.pem", 1, "crl-unknown-critical-extension"),
    ] {
        let file = folder.join(name);
        let shown = run(["inspect", "--json", file.to_str().unwrap()]).json();
        let crl = &shown["content"][0];
        assert_eq!((&shown["kind"], &crl["revoked_count"]), (&json!("crl"), &json!(entries)), "{name}: {shown:#}");
        assert_eq!(crl["unusable"]["id"], id, "{name}");
        let checked = report_of(check(&file, &["--at", AT]));
        assert_ne!(checked["verdict"], "valid", "{name}");
        assert_eq!((&checked["entryCount"], checked["issuedAt"].is_string()), (&json!(entries), true), "{name}");
    }
}

/// What came in another form than the bytes themselves is named as that.
#[test]
fn encoded_and_overlong_files_are_named() {
    let Some(root) = testdata("trust/vical").map(|folder| folder.join("aamva-dts-root.pem")) else { return };
    let scratch = tempfile::tempdir().unwrap();
    let der = tegata_pki::Certificate::from_pem(&std::fs::read(root).unwrap()).unwrap().der().to_vec();
    let base64 = base64::engine::general_purpose::STANDARD.encode(&der);
    let page = b"<!DOCTYPE html><html><body>Please log in</body></html>".to_vec();
    for (content, name) in [
        (hex::encode(&der).into_bytes(), "hexadecimal text"),
        (base64.into_bytes(), "base64 text"),
        ([&der[..], b"\n"].concat(), "bytes after"),
        (page, "a web page"),
        (b"Prose of more than thirty-two letters is text.".to_vec(), "holds text,"),
    ] {
        let file = scratch.path().join("file");
        std::fs::write(&file, content).unwrap();
        for command in [&["trust", "check"][..], &["inspect"], &["verify"]] {
            let finished = run(command.iter().copied().chain([file.to_str().unwrap()]));
            assert_eq!(finished.status(), 2);
            assert!(finished.stderr().contains(name), "{name}: {}", finished.stderr());
        }
    }
}

#[test]
fn truncated_files_are_told_apart_from_whole_ones() {
    let Some(trust) = testdata("trust") else { return };
    let scratch = tempfile::tempdir().unwrap();
    let cut = scratch.path().join("cut");
    for name in [
        "vical/aamva-vical-2024-09-24.cbor",
        "lote/etda-verifiers-list.jwt",
        "lote/lote-wallet-providers.json",
        "crl/procivis-empty-ed25519.crl",
        "iaca/us-md-root-certificate.pem",
    ] {
        let bytes = std::fs::read(trust.join(name)).unwrap();
        for length in [1, bytes.len() / 2, bytes.len() - 20] {
            std::fs::write(&cut, &bytes[..length]).unwrap();
            let finished = run(["trust", "check", cut.to_str().unwrap(), "--at", AT]);
            let stderr = finished.stderr();
            assert_eq!((finished.status(), stderr.matches("error[").count()), (2, 1), "{name} {length}: {stderr}");
        }
    }
}

#[test]
fn the_index_belongs_to_status_lists_and_people_read_it_in_their_language() {
    let Some(trust) = testdata("trust") else { return };
    let root = trust.join("vical/aamva-dts-root.pem");
    let (root, vical) = (root.to_str().unwrap(), trust.join("vical/aamva-vical-2025-11-18.cbor"));
    run(["trust", "check", root, "--index", "1"]).refused(2, "index-not-applicable");
    let arguments = ["trust", "check", vical.to_str().unwrap(), "--root", root, "--at", "2025-11-18T18:38:12Z"];
    let english = run(arguments).expect(0).stdout();
    assert!(english.starts_with("✓ VALID  VICAL"), "{english}");
    for part in ["227602", "vical-high-s", "IACA-UTAH-USA", "org.iso.18013.5.1.mDL", "2025-11-19T18:38:12Z"] {
        assert!(english.contains(part), "{part}: {english}");
    }
    assert!(!english.contains('\u{1b}'), "no colours where there is no terminal");
    let japanese = Finished(tegata().args(["--lang", "ja"]).args(arguments).output().unwrap()).expect(0).stdout();
    assert!(japanese.starts_with("✓ 有効"), "{japanese}");
    let coloured = Finished(tegata().args(["--color", "always"]).args(arguments).output().unwrap()).expect(0).stdout();
    assert!(coloured.contains('\u{1b}'));
}
