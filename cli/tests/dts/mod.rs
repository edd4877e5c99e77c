//! A small world for the tests of `tegata trust`: an issuer, a Digital Trust Service on disk, and a web server.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code, shared by several test binaries"
)]

pub(crate) mod issuer;
pub(crate) mod provider;
pub(crate) mod site;
pub(crate) mod web;

use std::path::Path;

use tegata_mdoc::date::Tdate;
use time::{Duration, UtcDateTime, macros::utc_datetime};

pub(crate) use self::issuer::{Issuer, MDL};
pub(crate) use self::site::Site;
use crate::support::{Finished, run};

pub(crate) const START: UtcDateTime = utc_datetime!(2026-12-01 0:00);
/// The status list of the issuer, below the service.
pub(crate) const STATUS_URI: &str = "https://dts.example/status/1.cwt";

/// `count` days after [`START`], in RFC 3339.
pub(crate) fn day(count: i64) -> String {
    Tdate::new(at(count)).to_string()
}

pub(crate) fn at(count: i64) -> UtcDateTime {
    START + Duration::days(count)
}

/// A service with one issuer whose root the quorum approved, a store that was pinned to it, and the place of both.
pub(crate) struct World {
    pub(crate) directory: tempfile::TempDir,
    pub(crate) issuer: Issuer,
    pub(crate) site: Site,
}

impl World {
    /// The service is in `tree`, the store `gate.store` is made and not updated yet.
    pub(crate) fn new() -> Self {
        let issuer = Issuer::new("Utopia");
        let mut site = Site::new();
        site.list_issuer(&issuer, at(0));
        site.approve(&issuer, at(0));
        site.publish(at(0));
        let world = Self { directory: tempfile::tempdir().unwrap(), issuer, site };
        world.write();
        world.init("gate.store", &[]);
        world
    }

    /// The same, with the first update made on [`START`].
    pub(crate) fn updated() -> Self {
        let world = Self::new();
        world.sync("gate.store", 0).expect(0);
        world
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.directory.path().join(name).display().to_string()
    }

    /// Writes what the service has published.
    pub(crate) fn write(&self) {
        self.site.write(&self.directory.path().join("tree"));
    }

    /// Publishes everything anew, `count` days after [`START`].
    pub(crate) fn publish(&mut self, count: i64) {
        self.site.refresh(&self.issuer, at(count));
        self.site.publish(at(count));
        self.write();
    }

    pub(crate) fn init(&self, store: &str, options: &[&str]) {
        let root = self.path("tree/v1/root/1.cbor");
        let digest = hex::encode(tegata_manifest::sha256(&std::fs::read(&root).unwrap()));
        let store = self.path(store);
        let arguments = ["trust", "init", &store, "--root", &root, "--sha256", &digest];
        run(arguments.iter().chain(options)).expect(0);
    }

    /// Updates a store from the directory, `count` days after [`START`].
    pub(crate) fn sync(&self, store: &str, count: i64) -> Finished {
        self.sync_from(store, &self.path("tree"), count)
    }

    pub(crate) fn sync_from(&self, store: &str, from: &str, count: i64) -> Finished {
        let map = format!("https://dts.example/={}", self.path("tree"));
        run(["trust", "sync", &self.path(store), "--from", from, "--map", &map, "--at", &day(count), "--json"])
    }

    pub(crate) fn show(&self, store: &str, count: i64) -> serde_json::Value {
        run(["trust", "show", &self.path(store), "--at", &day(count), "--json"]).expect(0).json()
    }

    /// Verifies a document of the issuer with the place `index` in the status list, by the store alone.
    pub(crate) fn verify(&self, store: &str, index: u64, count: i64) -> Finished {
        let file = self.path(&format!("document-{index}.cbor"));
        if !Path::new(&file).exists() {
            std::fs::write(&file, self.issuer.document(index)).unwrap();
        }
        let store = self.path(store);
        run(["verify", &file, "--issuer-signed", "--store", &store, "--at", &day(count), "--json"])
    }

    /// The key digest of the issuer's root.
    pub(crate) fn anchor(&self) -> String {
        hex::encode(tegata_manifest::sha256(self.issuer.root.spki_der()))
    }
}

/// The state and the reason of an anchor in the JSON of a store.
pub(crate) fn state_of<'j>(store: &'j serde_json::Value, key: &str) -> (&'j str, Option<&'j str>) {
    let anchors = store["anchors"].as_array().unwrap();
    let anchor = anchors.iter().find(|anchor| anchor["key"] == key).expect("the anchor is held");
    (anchor["state"].as_str().unwrap(), anchor["because"]["id"].as_str())
}

/// The check that keeps the only document from being accepted: its id and its cause.
pub(crate) fn primary(report: &serde_json::Value) -> (String, String) {
    let checks = report["documents"][0]["checks"].as_array().unwrap();
    let outcome = |wanted: &str| checks.iter().find(|check| check["outcome"] == wanted);
    let check = outcome("fail").or_else(|| outcome("undetermined")).expect("a check did not pass");
    (check["id"].as_str().unwrap().to_owned(), check["cause"].as_str().unwrap_or_default().to_owned())
}
