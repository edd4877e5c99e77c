//! A tree, published to a directory and followed by the reference client.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use std::collections::BTreeMap;

use support::*;
use tegata_manifest::{Fetched, RoleName, path};
use tegata_pki::rust_crypto;
use tegata_publisher::{LocalDirectory, Target, Tree, export_web};
use time::Duration;

#[test]
fn a_client_follows_the_publications() {
    let mut world = World::ready();
    let site = world.site();
    let target = LocalDirectory::open(&site).unwrap();
    let published = world.publish(&target, NOW).unwrap();
    assert_eq!((published.root, published.list, published.snapshot, published.pointer), (1, 1, 1, 1));

    let first = update(world.stranger(), NOW, from_directory(&site)).unwrap();
    assert_eq!(first.list.anchors[0].certificate, world.iaca.certificate);
    let crl_name = format!("crl/{}.crl", world.iaca.ski());
    assert_eq!(first.objects[&crl_name], std::fs::read(site.join(&crl_name)).unwrap());
    assert!(first.objects.contains_key("vical/latest.cbor"));
    assert!(first.objects.contains_key("vical/1.cbor"));

    // A day later with nothing new: pointer and snapshot only.
    let later = NOW + Duration::hours(23);
    let again = world.publish(&target, later).unwrap();
    assert_eq!((again.list, again.snapshot, again.written), (1, 2, 2));
    let second = update(first.state, later, from_directory(&site)).unwrap();
    assert_eq!(second.list_version, 1);
    assert_eq!(world.events().iter().filter(|name| *name == "tree-published").count(), 2);
}

#[test]
fn the_exports_are_of_the_list_and_verify() {
    use tegata_trust_list::{
        lote::{Lote, LoteCheck, LoteMemory, LoteTrust},
        vical::{Vical, VicalCheck, VicalMemory, VicalTrust},
    };
    let mut world = World::ready();
    world.sign_list(NOW);
    let site = world.site();
    world.publish(&LocalDirectory::open(&site).unwrap(), NOW).unwrap();
    let accepted = update(world.stranger(), NOW, from_directory(&site)).unwrap();
    let (provider, skew) = (rust_crypto(), Duration::MINUTE);
    let roots = [world.iaca.certificate.clone()];

    let vical = Vical::from_cbor(&accepted.objects["vical/latest.cbor"]).unwrap();
    let memory = VicalMemory::new();
    let check = VicalCheck { trust: VicalTrust::Roots(&roots), memory: &memory, at: NOW, skew, provider };
    let verified = vical.verify(&check).unwrap();
    assert_eq!(vical.issue_id(), Some(accepted.list_version));
    assert_eq!(verified.anchors()[0].certificate, world.iaca.certificate);

    let lote = Lote::read(&accepted.objects["lote/latest.jws"]).unwrap();
    let memory = LoteMemory::new();
    let check = LoteCheck { trust: LoteTrust::Roots(&roots), memory: &memory, at: NOW, skew, provider };
    let verified = lote.verify(&check).unwrap();
    let doc_types = tegata_trust_list::DocTypes::new(MDL, []);
    assert_eq!(verified.anchors(&doc_types)[0].certificate, world.iaca.certificate);
    assert_eq!(accepted.list_version, 2);
}

#[test]
fn pages_and_readable_lists_say_what_the_list_says() {
    let mut world = World::ready();
    let site = world.site();
    world.publish(&LocalDirectory::open(&site).unwrap(), NOW).unwrap();
    let page = std::fs::read_to_string(site.join(format!("iaca/{}.html", world.iaca.ski()))).unwrap();
    let print: Vec<String> =
        world.iaca.certificate.fingerprint_sha256().iter().map(|octet| format!("{octet:02X}")).collect();
    assert!(page.contains(&print.join(":")));
    assert!(!page.contains("<script"));
    let index = std::fs::read_to_string(site.join("index.html")).unwrap();
    assert!(index.contains("Utopia &lt;Trust&gt; Service"));
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(site.join("iacas.json")).unwrap()).unwrap();
    assert_eq!(json["iacas"][0]["certificateSha256"], hex::encode(world.iaca.certificate.fingerprint_sha256()));
    assert_eq!(json["iacas"][0]["state"], "active");

    let second = world.directory.path().join("second-channel");
    let tree = Tree::build(world.catalogue.holdings(), &world.service, &[], NOW, rust_crypto()).unwrap();
    export_web(tree.list(), &world.service, &second).unwrap();
    assert_eq!(std::fs::read_to_string(second.join(format!("iaca/{}.html", world.iaca.ski()))).unwrap(), page);
    assert!(!second.join("v1").exists());
}

#[test]
fn the_fingerprint_is_that_of_openssl() {
    let world = World::ready();
    let der = world.directory.path().join("root.der");
    std::fs::write(&der, world.iaca.certificate.der()).unwrap();
    let arguments = ["x509", "-inform", "DER", "-noout", "-fingerprint", "-sha256", "-in"];
    let Ok(output) = std::process::Command::new("openssl").args(arguments).arg(&der).output() else {
        println!("skipped: no openssl");
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    let tree = Tree::build(world.catalogue.holdings(), &world.service, &[], NOW, rust_crypto()).unwrap();
    let page = &tree.loose()[&format!("iaca/{}.html", world.iaca.ski())];
    let print = text.trim().split('=').nth(1).unwrap();
    assert!(std::str::from_utf8(page).unwrap().contains(print));
}

#[test]
fn a_document_signer_is_never_published() {
    let mut world = World::ready();
    let site = world.site();
    let target = LocalDirectory::open(&site).unwrap();
    world.publish(&target, NOW).unwrap();
    let der = world.ds.certificate.der();
    let key = world.ds.key.public_key().to_spki_der();
    for path in target.list().unwrap() {
        let bytes = std::fs::read(site.join(&path)).unwrap();
        for needle in [der, key.as_slice()] {
            assert!(!bytes.windows(needle.len()).any(|window| window == needle), "{path}");
        }
    }
}

#[test]
fn a_lost_object_is_noticed() {
    let mut world = World::ready();
    let site = world.site();
    world.publish(&LocalDirectory::open(&site).unwrap(), NOW).unwrap();
    let objects: Vec<_> = std::fs::read_dir(site.join("o")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(objects.len() >= 3);
    for object in objects {
        let bytes = std::fs::read(&object).unwrap();
        std::fs::remove_file(&object).unwrap();
        let error = update(world.stranger(), NOW, from_directory(&site)).unwrap_err();
        assert_eq!(error.id(), "update-absent", "{error}");
        std::fs::write(&object, &bytes).unwrap();
        let mut other = bytes.clone();
        other[0] ^= 1;
        std::fs::write(&object, &other).unwrap();
        assert!(update(world.stranger(), NOW, from_directory(&site)).is_err());
        std::fs::write(&object, &bytes).unwrap();
    }
    update(world.stranger(), NOW, from_directory(&site)).unwrap();
}

#[test]
fn falling_versions_are_refused() {
    let mut world = World::ready();
    let site = world.site();
    let copy = world.directory.path().join("copy");
    copy_directory(&world.directory.path().join("catalogue"), &copy);
    let target = LocalDirectory::open(&site).unwrap();
    world.publish(&target, NOW).unwrap();
    let before = snapshot_of(&site);
    // The catalogue is restored from the copy.
    world.catalogue = tegata_publisher::Catalogue::open(&copy, "dts", actor()).unwrap();
    let error = world.publish(&target, NOW).unwrap_err();
    assert_eq!(error.id(), "publish-falling");
    assert_eq!(snapshot_of(&site), before);
    assert_eq!(world.events().last().unwrap(), "publication-failed");
}

#[test]
fn a_falling_crl_is_refused() {
    let mut world = World::ready();
    let site = world.site();
    let target = LocalDirectory::open(&site).unwrap();
    let newer = crl(&world.iaca, 99, NOW, Duration::days(30), &[]);
    target.put_stable(&format!("crl/{}.crl", world.iaca.ski()), &newer, None).unwrap();
    assert_eq!(world.publish(&target, NOW).unwrap_err().id(), "publish-falling-crl");
}

#[test]
fn the_tree_of_another_service_is_left_alone() {
    let mut world = World::ready();
    let site = world.site();
    let target = LocalDirectory::open(&site).unwrap();
    world.publish(&target, NOW).unwrap();
    let before = snapshot_of(&site);
    let mut other = World::ready_for("other.example");
    assert_eq!(other.publish(&target, NOW).unwrap_err().id(), "publish-foreign");
    // Same name, other keys: what never changes is in the way.
    let mut stranger = World::ready();
    assert_eq!(stranger.publish(&target, NOW).unwrap_err().id(), "target-conflict");
    assert_eq!(
        std::fs::read(site.join(path::POINTER)).unwrap(),
        before[&site.join(path::POINTER).display().to_string()]
    );
}

#[test]
fn what_the_reference_client_refuses_is_not_published() {
    let mut world = World::ready();
    let site = world.site();
    let target = LocalDirectory::open(&site).unwrap();
    world.publish(&target, NOW).unwrap();
    let before = snapshot_of(&site);
    // Who takes the key of such a pointer holds readers back too long.
    world.service.pointer_life = Duration::days(2);
    let error = world.publish(&target, NOW).unwrap_err();
    assert_eq!(error.id(), "publish-preview", "{error}");
    assert_eq!(snapshot_of(&site), before);
    world.service.pointer_life = Duration::DAY;
    world.publish(&target, NOW).unwrap();
}

#[test]
fn an_approval_is_verified_before_it_is_listed() {
    use tegata_manifest::{Approval, Document as _};
    use tegata_publisher::Signers as _;
    let mut world = World::ready();
    let root = world.iaca.digest();
    assert!(world.catalogue.set_approval(root, b"nonsense".to_vec(), NOW, rust_crypto()).is_err());
    let approve = |world: &World, anchor: [u8; 32], signers: usize| {
        let document = Approval {
            repository: "dts.example".to_owned(),
            issued: NOW,
            expires: NOW + Duration::days(30),
            anchor,
            doc_types: tegata_trust_list::DocTypes::new(MDL, []),
            purposes: [tegata_trust_list::Purpose::Issuance].into(),
        };
        let prepared = document.prepare(&world.role_keys[&RoleName::Root][..signers]).unwrap();
        let sign = |signer: &tegata_manifest::ToBeSigned| {
            (signer.key_id(), world.ring.sign(signer.key(), signer.algorithm(), signer.message()).unwrap())
        };
        let signatures = prepared.to_be_signed().iter().map(sign).collect();
        prepared.complete(&signatures, rust_crypto()).unwrap()
    };
    let too_few = approve(&world, *root.as_bytes(), 1);
    assert!(world.catalogue.set_approval(root, too_few, NOW, rust_crypto()).is_err());
    let of_another = approve(&world, [1; 32], 2);
    let error = world.catalogue.set_approval(root, of_another, NOW, rust_crypto()).unwrap_err();
    assert_eq!(error.id(), "catalogue-approval");
    let good = approve(&world, *root.as_bytes(), 2);
    world.catalogue.set_approval(root, good.clone(), NOW, rust_crypto()).unwrap();
    world.sign_list(NOW);
    let site = world.site();
    world.publish(&LocalDirectory::open(&site).unwrap(), NOW).unwrap();
    let accepted = update(world.stranger(), NOW, from_directory(&site)).unwrap();
    assert_eq!(accepted.list.anchors[0].approval, Some(good));
}

#[test]
fn new_root_metadata_is_followed() {
    let mut world = World::ready();
    let site = world.site();
    let target = LocalDirectory::open(&site).unwrap();
    world.publish(&target, NOW).unwrap();
    let first = update(world.stranger(), NOW, from_directory(&site)).unwrap();

    // The pointer gets another key.
    let later = NOW + Duration::HOUR;
    let pointer = key();
    let mut roles = world.role_keys.clone();
    roles.insert(RoleName::Pointer, vec![pointer.public_key().clone()]);
    world.ring.0.push(pointer);
    let file = world.root_metadata(2, &roles, later);
    world.catalogue.accept_root(&file, later, rust_crypto()).unwrap();
    assert_eq!(world.publish(&target, later).unwrap().root, 2);
    let second = update(first.state, later, from_directory(&site)).unwrap();
    assert_eq!(second.new_roots, 1);
    update(world.stranger(), later, from_directory(&site)).unwrap();
    // Root metadata of the same version is not taken twice.
    assert!(world.catalogue.accept_root(&file, later, rust_crypto()).is_err());
}

#[test]
fn rubbish_at_the_stable_names_is_repaired() {
    let mut world = World::ready();
    let site = world.site();
    let target = LocalDirectory::open(&site).unwrap();
    world.publish(&target, NOW).unwrap();
    std::fs::write(site.join(path::POINTER), b"rubbish").unwrap();
    std::fs::write(site.join(format!("crl/{}.crl", world.iaca.ski())), b"rubbish").unwrap();
    assert!(update(world.stranger(), NOW, from_directory(&site)).is_err());
    world.publish(&target, NOW).unwrap();
    update(world.stranger(), NOW, from_directory(&site)).unwrap();
}

#[test]
fn without_a_list_or_a_crl_in_effect_nothing_is_published() {
    let mut world = World::new();
    let site = world.site();
    let target = LocalDirectory::open(&site).unwrap();
    assert_eq!(world.publish(&target, NOW).unwrap_err().id(), "tree-no-root-metadata");
    let mut world = World::ready();
    let late = NOW + Duration::days(31);
    assert_eq!(world.publish(&target, late).unwrap_err().id(), "tree-no-crl");
    assert!(target.list().unwrap().is_empty());
    // The list has ended too.
    let late = NOW + Duration::days(91);
    assert_eq!(world.publish(&target, late).unwrap_err().id(), "tree-ended");
}

#[test]
fn paths_cannot_leave_the_directory() {
    let world = World::new();
    let target = LocalDirectory::open(&world.site()).unwrap();
    for path in ["../x", "/etc/passwd", "a/../../b", ".publish.lock"] {
        assert_eq!(target.put_immutable(path, b"x").unwrap_err().id(), "target-path", "{path}");
        assert!(target.read(path).is_err());
    }
    assert_eq!(LocalDirectory::open(&world.site()).unwrap_err().id(), "target-locked");
}

#[test]
fn immutable_files_are_created_once() {
    let world = World::new();
    let target = LocalDirectory::open(&world.site()).unwrap();
    target.put_immutable("o/a", b"1").unwrap();
    target.put_immutable("o/a", b"1").unwrap();
    assert_eq!(target.put_immutable("o/a", b"2").unwrap_err().id(), "target-conflict");
    let stored = target.read("o/a").unwrap().unwrap();
    assert_eq!(stored.bytes, b"1");
    assert_eq!(target.put_stable("o/a", b"2", None).unwrap_err().id(), "target-changed");
    target.put_stable("o/a", b"2", Some(&stored.version)).unwrap();
    assert_eq!(target.put_stable("o/a", b"3", Some(&stored.version)).unwrap_err().id(), "target-changed");
    assert_eq!(target.list().unwrap(), ["o/a"]);
    assert!(target.read("o/b").unwrap().is_none());
}

fn snapshot_of(directory: &std::path::Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![directory.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.display().to_string(), std::fs::read(&path).unwrap());
            }
        }
    }
    files
}

fn copy_directory(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let place = to.join(path.file_name().unwrap());
        if path.is_dir() { copy_directory(&path, &place) } else { _ = std::fs::copy(&path, &place).unwrap() }
    }
}

#[test]
fn a_fetch_that_fails_is_not_an_absence() {
    let mut world = World::ready();
    let site = world.site();
    world.publish(&LocalDirectory::open(&site).unwrap(), NOW).unwrap();
    let failing = |path: &str| match path {
        path::POINTER => Fetched::Failed(tegata_manifest::FetchFailure::Timeout),
        other => from_directory(&site)(other),
    };
    assert!(update(world.stranger(), NOW, failing).is_err());
}
