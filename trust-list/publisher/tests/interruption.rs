//! What readers see when a publication ends in the middle: the old state or the new one, and the next publication goes
//! through.
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
    cell::Cell,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration as Span, Instant},
};

use support::*;
use tegata_manifest::{Accepted, ClientState, Fetched, Pointer, Signed, UpdateError, path};
use tegata_pki::{Crl, rust_crypto, software::InsecureSoftwareKey};
use tegata_publisher::{
    Catalogue, FileOperation, LocalDirectory, Publication, Service, Target, TargetError, publish,
    target::{Stored, Version},
};
use time::{Duration, UtcDateTime};

/// Fails at the n-th write, before it is done or after.
struct Faulty<'t> {
    inner: &'t dyn Target,
    left: Cell<usize>,
    after: bool,
}

impl Faulty<'_> {
    fn write(&self, path: &str, write: impl FnOnce() -> Result<(), TargetError>) -> Result<(), TargetError> {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        if left > 1 {
            return write();
        }
        if left == 1 && self.after {
            write()?;
        }
        Err(TargetError::ReadBack(path.to_owned()))
    }
}

impl Target for Faulty<'_> {
    fn read(&self, path: &str) -> Result<Option<Stored>, TargetError> {
        self.inner.read(path)
    }

    fn put_immutable(&self, path: &str, bytes: &[u8]) -> Result<(), TargetError> {
        self.write(path, || self.inner.put_immutable(path, bytes))
    }

    fn put_stable(&self, path: &str, bytes: &[u8], before: Option<&Version>) -> Result<(), TargetError> {
        self.write(path, || self.inner.put_stable(path, bytes, before))
    }

    fn list(&self) -> Result<Vec<String>, TargetError> {
        self.inner.list()
    }
}

/// A new CRL, a new list with its VICAL: something changes everywhere.
fn change(world: &mut World, number: u64, at: UtcDateTime) {
    let crls = vec![crl(&world.iaca, number, at, Duration::days(30), &[])];
    world.import_answer(&Answer { crls, ..Answer::default() }, at).unwrap();
    world.sign_list(at);
}

/// List, CRL and VICAL are of one publication.
fn assert_whole(accepted: &Accepted, world: &World, publications: &[(u64, u64)]) {
    let der = &accepted.objects[&format!("crl/{}.crl", world.iaca.ski())];
    let number = Crl::from_der(der).unwrap().number().unwrap();
    let found = publications.iter().filter(|(list, _)| *list == accepted.list_version);
    assert!(found.into_iter().any(|(_, crl)| number == (*crl).into()), "{} with {number}", accepted.list_version);
    assert_eq!(
        accepted.objects["vical/latest.cbor"],
        accepted.objects[&format!("vical/{}.cbor", accepted.list_version)]
    );
}

#[test]
fn every_step_may_be_the_last() {
    let mut world = World::ready();
    let site = world.site();
    let target = LocalDirectory::open(&site).unwrap();
    world.publish(&target, NOW).unwrap();
    let mut state: ClientState = update(world.stranger(), NOW, from_directory(&site)).unwrap().state;
    let (mut list, mut number, mut at) = (1, 10, NOW);
    let mut publications = vec![(list, number)];
    for after in [false, true] {
        for step in 1.. {
            at += Duration::minutes(1);
            (list, number) = (list + 1, number + 1);
            change(&mut world, number, at);
            publications.push((list, number));
            let faulty = Faulty { inner: &target, left: Cell::new(step), after };
            let published = world.publish(&faulty, at);
            for reader in [state.clone(), world.stranger()] {
                let accepted = update(reader, at, from_directory(&site)).unwrap();
                assert_whole(&accepted, &world, &publications);
                assert!(list - accepted.list_version <= u64::try_from(step).unwrap());
            }
            if published.is_ok() {
                assert!(step > 8, "a publication has many steps");
                break;
            }
            assert_eq!(world.events().last().unwrap(), "publication-failed");
            // The next publication completes what was begun.
            at += Duration::minutes(1);
            world.publish(&target, at).unwrap();
            let accepted = update(state, at, from_directory(&site)).unwrap();
            assert_eq!(accepted.list_version, list);
            assert_whole(&accepted, &world, &publications);
            state = accepted.state;
        }
    }
}

/// A small file system of its own; it ends with the value. `None` where this process may not mount.
struct Medium<'p>(&'p Path);

impl<'p> Medium<'p> {
    fn mount(path: &'p Path) -> Option<Self> {
        std::fs::create_dir_all(path).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(path).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(path));
        }
        println!("skipped: no right to mount a file system");
        None
    }

    fn remount(&self, option: &str) {
        let status = Command::new("mount").args(["-o", &format!("remount,{option}")]).arg(self.0).status();
        assert!(status.unwrap().success());
    }
}

impl Drop for Medium<'_> {
    fn drop(&mut self) {
        _ = Command::new("umount").arg(self.0).status();
    }
}

#[test]
fn a_full_or_read_only_medium_shows_the_old_state() {
    let mut world = World::ready();
    let site = world.site();
    let Some(medium) = Medium::mount(&site) else { return };
    let target = LocalDirectory::open(&site).unwrap();
    world.publish(&target, NOW).unwrap();
    let first = update(world.stranger(), NOW, from_directory(&site)).unwrap();

    // Room for a few files less and less: the publication ends at another one each time.
    let mut at = NOW;
    let (mut number, mut failures) = (10, 0);
    for free in (0..40_usize).step_by(4) {
        at += Duration::minutes(1);
        number += 1;
        change(&mut world, number, at);
        let filler = site.join("filler");
        fill(&filler, free * 1024);
        let result = world.publish(&target, at);
        let accepted = update(first.state.clone(), at, from_directory(&site)).unwrap();
        let is_new = accepted.list_version == number - 9;
        assert_eq!(is_new, result.is_ok());
        if let Err(error) = result {
            assert_eq!(error.id(), "target-file", "{error}");
            failures += 1;
        }
        std::fs::remove_file(&filler).unwrap();
        at += Duration::minutes(1);
        world.publish(&target, at).unwrap();
        let accepted = update(first.state.clone(), at, from_directory(&site)).unwrap();
        assert_eq!(accepted.list_version, number - 9);
    }
    assert!(failures > 2, "{failures}");

    let before = update(first.state.clone(), at, from_directory(&site)).unwrap();
    change(&mut world, number + 1, at);
    drop(target);
    medium.remount("ro");
    let error = LocalDirectory::open(&site).map(|_| ()).unwrap_err();
    assert!(matches!(&error, TargetError::File(file) if file.operation == FileOperation::Open), "{error}");
    assert_eq!(update(first.state.clone(), at, from_directory(&site)).unwrap().list_version, before.list_version);
    medium.remount("rw");
    let target = LocalDirectory::open(&site).unwrap();
    world.publish(&target, at).unwrap();
    assert!(update(first.state, at, from_directory(&site)).unwrap().list_version > before.list_version);
}

/// Leaves `free` bytes on the medium.
fn fill(path: &Path, free: usize) {
    use std::io::Write as _;
    let mut file = std::fs::File::create(path).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
    let length = file.metadata().unwrap().len();
    file.set_len(length.saturating_sub(u64::try_from(free).unwrap())).unwrap();
}

const CHILD: &str = "TEGATA_PUBLISHER_CHILD";

/// The program that is killed: releases one list a day and publishes, as fast as it can. Run by the test below.
#[test]
fn child_that_publishes_until_it_is_killed() {
    let Some(directory) = std::env::var_os(CHILD).map(std::path::PathBuf::from) else { return };
    let service = Service::from_toml(&std::fs::read_to_string(directory.join("service.toml")).unwrap()).unwrap();
    let keys = std::fs::read_to_string(directory.join("keys.pem")).unwrap();
    let ring = Ring(
        keys.split_inclusive("-----END PRIVATE KEY-----\n")
            .map(|pem| InsecureSoftwareKey::from_pkcs8_pem(pem).unwrap())
            .collect(),
    );
    let mut catalogue = Catalogue::open(&directory.join("catalogue"), "dts", actor()).unwrap();
    let target = LocalDirectory::open(&directory.join("site")).unwrap();
    let publication = Publication { service: &service, status: &[], signers: &ring, provider: rust_crypto() };
    while let Some(at) = catalogue.changed().map(|last| last + Duration::hours(12)) {
        if at > NOW + Duration::days(80) {
            break;
        }
        catalogue.release(at).unwrap();
        publish(&mut catalogue, &publication, &target, at).unwrap();
    }
}

fn spawn(directory: &Path) -> Child {
    let program = std::env::current_exe().unwrap();
    let arguments = ["--exact", "child_that_publishes_until_it_is_killed", "--nocapture"];
    Command::new(program)
        .args(arguments)
        .env(CHILD, directory)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The time that is said by the pointer; a reader that has none sees nothing.
fn time_of(site: &Path) -> Option<UtcDateTime> {
    let bytes = std::fs::read(site.join(path::POINTER)).ok()?;
    Some(Signed::<Pointer>::parse(&bytes).unwrap().unverified().header.issued)
}

#[test]
fn killed_at_any_moment() {
    let mut world = World::new();
    // Eighty days of lists; the catalogue and its keys are given to a program of their own.
    let crls = series(&world.iaca, 100, NOW, 84, &[]);
    let answer = Answer { crls, ..world.first_answer() };
    world.import_answer(&answer, NOW).unwrap();
    let root = world.root_metadata(1, &world.role_keys, NOW);
    world.catalogue.accept_root(&root, NOW, rust_crypto()).unwrap();
    world.sign_list(NOW);
    let directory = world.directory.path().to_path_buf();
    let site = world.site();
    let keys: String = world.ring.0.iter().map(|key| key.to_pkcs8_pem().to_string()).collect();
    std::fs::write(directory.join("keys.pem"), keys).unwrap();
    let service = "repository = \"dts.example\"\nbase-url = \"https://dts.example\"\nlist-days = 90\nsnapshot-days = 7\n\
                   pointer-hours = 24\nstatus-hours = 24\nstatus-ttl-minutes = 60\noperator = { en = \"a\", ja = \"b\" }\n";
    std::fs::write(directory.join("service.toml"), service).unwrap();
    let stranger = world.stranger();
    let ski = world.iaca.ski();
    let World { catalogue, directory: _kept, iaca, .. } = world;
    drop(catalogue);

    let mut state = stranger.clone();
    let (mut kills, mut seen) = (0, 0);
    let mut ended = false;
    for round in 0..25_u32 {
        let mut child = spawn(&directory);
        // Long enough to start, then any moment.
        let begun = Instant::now();
        let wait = Span::from_millis(150 + u64::from(round * 37 % 240));
        while begun.elapsed() < wait {
            if let Some(at) = time_of(&site) {
                // A reader while it is being published: the pointer may be replaced between two files of one update,
                // and what it led to is still there.
                match update(state.clone(), at, from_directory(&site)) {
                    // The next publication, of a later day, came after the time was read.
                    Err(UpdateError::FromFuture { .. }) => continue,
                    accepted => {
                        let accepted = accepted.unwrap();
                        assert_readable(&accepted, &iaca, &ski);
                        state = accepted.state;
                        seen += 1;
                    }
                }
            }
            std::thread::sleep(Span::from_millis(5));
        }
        match child.try_wait().unwrap() {
            Some(status) => {
                assert!(status.success(), "the publisher did not come to terms with what a kill had left");
                ended = true;
            }
            None => {
                child.kill().unwrap();
                child.wait().unwrap();
                kills += 1;
            }
        }
        let Some(at) = time_of(&site) else { continue };
        for reader in [state.clone(), stranger.clone()] {
            assert_readable(&update(reader, at, from_directory(&site)).unwrap(), &iaca, &ski);
        }
        if let Ok(bytes) = std::fs::read(site.join(format!("crl/{ski}.crl"))) {
            Crl::from_der(&bytes).unwrap().verify_signature(&iaca.certificate, rust_crypto()).unwrap();
        }
        if ended {
            break;
        }
    }
    assert!(kills >= 1 && seen >= 1, "{kills} kills, {seen} readings");
    // One that is left alone comes to its end.
    if !ended {
        assert!(spawn(&directory).wait().unwrap().success());
    }
    let at = time_of(&site).unwrap();
    assert!(at > NOW + Duration::days(79));
    let accepted = update(state, at, from_directory(&site)).unwrap();
    assert_readable(&accepted, &iaca, &ski);
    let catalogue = Catalogue::open(&directory.join("catalogue"), "dts", actor()).unwrap();
    assert_eq!(accepted.state.version(tegata_manifest::RoleName::Pointer), Some(catalogue.holdings().metadata.pointer));
}

/// The list of the day of the snapshot, signed by the root.
fn assert_readable(accepted: &Accepted, iaca: &Party, ski: &str) {
    let der = &accepted.objects[&format!("crl/{ski}.crl")];
    let crl = Crl::from_der(der).unwrap();
    crl.verify_signature(&iaca.certificate, rust_crypto()).unwrap();
    let issued = accepted.snapshot.header.issued;
    assert!(crl.this_update() <= issued && issued < crl.this_update() + Duration::DAY);
}

#[test]
fn a_target_that_cannot_be_read_is_not_an_empty_one() {
    struct Blind<'t>(&'t dyn Target);
    impl Target for Blind<'_> {
        fn read(&self, path: &str) -> Result<Option<Stored>, TargetError> {
            Err(TargetError::ReadBack(path.to_owned()))
        }
        fn put_immutable(&self, path: &str, bytes: &[u8]) -> Result<(), TargetError> {
            self.0.put_immutable(path, bytes)
        }
        fn put_stable(&self, path: &str, bytes: &[u8], before: Option<&Version>) -> Result<(), TargetError> {
            self.0.put_stable(path, bytes, before)
        }
        fn list(&self) -> Result<Vec<String>, TargetError> {
            self.0.list()
        }
    }
    let mut world = World::ready();
    let target = LocalDirectory::open(&world.site()).unwrap();
    assert_eq!(world.publish(&Blind(&target), NOW).unwrap_err().id(), "target-read-back");
    assert!(target.list().unwrap().is_empty());
    assert!(matches!(from_directory(&world.site())(path::POINTER), Fetched::Absent));
}
