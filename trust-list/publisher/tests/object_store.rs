//! Publication to an object store, with the faults that such stores have.
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
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use object_store::{
    Attribute, CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    ObjectStoreExt as _, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, memory::InMemory, path::Path,
};
use support::*;
use tegata_manifest::Fetched;
use tegata_publisher::{Target, target::ObjectStoreTarget};
use time::Duration;
use tokio::runtime::{Builder, Runtime};

/// What goes wrong at the n-th write.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    /// It is not done.
    Lost,
    /// It is done, and the answer is lost.
    AnswerLost,
}

/// A store that fails at one of its writes and at all after it.
#[derive(Debug)]
struct FaultyStore {
    inner: Arc<InMemory>,
    left: AtomicUsize,
    fault: Fault,
}

impl fmt::Display for FaultyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("faulty")
    }
}

fn broken() -> Error {
    Error::Generic { store: "faulty", source: "connection reset".into() }
}

#[async_trait]
impl ObjectStore for FaultyStore {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let left = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| Some(left.saturating_sub(1)));
        match left.unwrap() {
            2.. => self.inner.put_opts(location, payload, options).await,
            1 if self.fault == Fault::AnswerLost => {
                self.inner.put_opts(location, payload, options).await?;
                Err(broken())
            }
            _ => Err(broken()),
        }
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(location, options).await
    }

    fn delete_stream(
        &self,
        locations: std::pin::Pin<Box<dyn futures_core::Stream<Item = Result<Path>> + Send + 'static>>,
    ) -> std::pin::Pin<Box<dyn futures_core::Stream<Item = Result<Path>> + Send + 'static>> {
        self.inner.delete_stream(locations)
    }

    fn list(
        &self,
        prefix: Option<&Path>,
    ) -> std::pin::Pin<Box<dyn futures_core::Stream<Item = Result<ObjectMeta>> + Send + 'static>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

fn from_target(target: &dyn Target) -> impl Fn(&str) -> Fetched + '_ {
    |path| target.read(path).unwrap().map_or(Fetched::Absent, |stored| Fetched::Bytes(stored.bytes))
}

#[test]
fn a_client_follows_the_publications() {
    let (mut world, runtime, store) = (World::ready(), runtime(), Arc::new(InMemory::new()));
    let target = ObjectStoreTarget::new(store.clone(), "sites/dts", runtime.handle().clone());
    let published = world.publish(&target, NOW).unwrap();
    let first = update(world.stranger(), NOW, from_target(&target)).unwrap();
    assert_eq!(target.list().unwrap().len(), published.written);
    let later = NOW + Duration::HOUR;
    assert_eq!(world.publish(&target, later).unwrap().written, 2);
    update(first.state, later, from_target(&target)).unwrap();
    // As a web server is told to serve it.
    let place = Path::from(format!("sites/dts/crl/{}.crl", world.iaca.ski()));
    let attributes = runtime.block_on(store.get(&place)).unwrap().attributes;
    assert_eq!(attributes.get(&Attribute::ContentType).unwrap().as_ref(), "application/pkix-crl");
    let pointer = runtime.block_on(store.get(&Path::from("sites/dts/v1/pointer.cbor"))).unwrap().attributes;
    assert_eq!(pointer.get(&Attribute::CacheControl).unwrap().as_ref(), "public, max-age=60");
}

#[test]
fn every_write_may_fail_with_or_without_effect() {
    for fault in [Fault::Lost, Fault::AnswerLost] {
        let (mut world, runtime, store) = (World::ready(), runtime(), Arc::new(InMemory::new()));
        let good = ObjectStoreTarget::new(store.clone(), "", runtime.handle().clone());
        world.publish(&good, NOW).unwrap();
        let mut state = update(world.stranger(), NOW, from_target(&good)).unwrap().state;
        let (mut at, mut list) = (NOW, 1);
        for step in 1.. {
            at += Duration::minutes(1);
            list += 1;
            let crls = vec![crl(&world.iaca, 9 + list, at, Duration::days(30), &[])];
            world.import_answer(&Answer { crls, ..Answer::default() }, at).unwrap();
            world.sign_list(at);
            let faulty = FaultyStore { inner: store.clone(), left: AtomicUsize::new(step), fault };
            let target = ObjectStoreTarget::new(Arc::new(faulty), "", runtime.handle().clone());
            let result = world.publish(&target, at);
            let accepted = update(state.clone(), at, from_target(&good)).unwrap();
            assert!([list - 1, list].contains(&accepted.list_version));
            update(world.stranger(), at, from_target(&good)).unwrap();
            let Err(error) = result else {
                assert!(step > 8);
                break;
            };
            assert_eq!(error.id(), "target-store", "{error}");
            at += Duration::minutes(1);
            world.publish(&good, at).unwrap();
            let accepted = update(state, at, from_target(&good)).unwrap();
            assert_eq!(accepted.list_version, list);
            state = accepted.state;
        }
    }
}

#[test]
fn two_publishers_are_noticed() {
    let (mut world, runtime, store) = (World::ready(), runtime(), Arc::new(InMemory::new()));
    let target = ObjectStoreTarget::new(store.clone(), "", runtime.handle().clone());
    world.publish(&target, NOW).unwrap();
    let stored = target.read("v1/pointer.cbor").unwrap().unwrap();
    target.put_stable("v1/pointer.cbor", b"theirs", Some(&stored.version)).unwrap();
    assert_eq!(
        target.put_stable("v1/pointer.cbor", b"ours", Some(&stored.version)).unwrap_err().id(),
        "target-changed"
    );
    assert_eq!(target.put_stable("v1/pointer.cbor", b"ours", None).unwrap_err().id(), "target-changed");
    assert_eq!(target.put_immutable("v1/snapshot/1.cbor", b"other").unwrap_err().id(), "target-conflict");
    assert_eq!(target.put_immutable("../x", b"other").unwrap_err().id(), "target-path");
    assert!(target.read("v1/none.cbor").unwrap().is_none());
}
