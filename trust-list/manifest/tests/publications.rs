//! Random years of a service: publications, changed keys, replays, mixtures, restarts. Versions never fall.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "test code"
)]

mod support;

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use support::*;
use tegata_manifest::{Accepted, AnchorList, ClientState, Fetched, RoleName, path};
use tegata_pki::rust_crypto;
use time::{Duration, UtcDateTime};

#[derive(Clone, Debug)]
enum Event {
    /// The service publishes.
    Publish,
    /// A role gets other keys by a new root, and the service publishes with them.
    Rotate(RoleName),
    /// The client asks the service.
    Update,
    /// The client asks somebody who plays back the tree of an earlier time.
    Replay(prop::sample::Index),
    /// The client asks somebody who answers each request from any time, or with nothing.
    Mix(u64),
    /// The client is stored and read again.
    Restart,
    /// Hours pass.
    Wait(i64),
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => Just(Event::Publish),
        2 => proptest::sample::select(RoleName::ALL.to_vec()).prop_map(Event::Rotate),
        3 => Just(Event::Update),
        3 => any::<prop::sample::Index>().prop_map(Event::Replay),
        3 => any::<u64>().prop_map(Event::Mix),
        1 => Just(Event::Restart),
        2 => (1..30_i64).prop_map(Event::Wait),
    ]
}

/// The service, all that it ever was, and one client.
struct World {
    site: Site,
    at: UtcDateTime,
    next_key: u16,
    history: Vec<Tree>,
    lists: BTreeMap<u64, AnchorList>,
    client: ClientState,
}

impl World {
    fn new() -> Self {
        let site = Site::new();
        let client = site.client();
        let mut world = Self { site, at: START, next_key: 100, history: Vec::new(), lists: BTreeMap::new(), client };
        world.record();
        world
    }

    fn record(&mut self) {
        self.history.push(self.site.tree.clone());
        let version = self.site.versions[&RoleName::List];
        let file = &self.site.tree[&path::list(version)];
        let list = tegata_manifest::Signed::<AnchorList>::parse(file).unwrap().unverified().clone();
        self.lists.insert(version, list);
    }

    fn publish(&mut self) {
        self.site.publish(self.at);
        self.record();
    }

    fn happen(&mut self, event: Event) -> Result<(), TestCaseError> {
        match event {
            Event::Publish => self.publish(),
            Event::Rotate(role) => {
                let count = self.site.roles[&role].0.len() as u16;
                let keys = (self.next_key..self.next_key + count).collect();
                self.next_key += count;
                let threshold = self.site.roles[&role].1;
                self.site.rotate(self.at, role, keys, threshold);
                self.publish();
            }
            Event::Update => {
                let tree = self.site.tree.clone();
                self.ask(|path| serve(&tree, path))?;
            }
            Event::Replay(index) => {
                let tree = index.get(&self.history).clone();
                self.ask(|path| serve(&tree, path))?;
            }
            Event::Mix(mut seed) => {
                let history = self.history.clone();
                self.ask(|path| {
                    // A linear congruential step (Knuth, MMIX).
                    seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    let choice = (seed >> 33) as usize % (history.len() + 1);
                    history.get(choice).map_or(Fetched::Absent, |tree| serve(tree, path))
                })?;
            }
            Event::Restart => self.client = ClientState::from_bytes(&self.client.to_bytes(), rust_crypto()).unwrap(),
            Event::Wait(hours) => self.at += Duration::hours(hours),
        }
        Ok(())
    }

    fn ask(&mut self, mut answer: impl FnMut(&str) -> Fetched) -> Result<(), TestCaseError> {
        let result = drive(begin(&self.client, self.at).unwrap(), |path, _| answer(path));
        let Ok(accepted) = result else { return Ok(()) };
        self.check(&accepted)?;
        self.client = accepted.state;
        Ok(())
    }

    fn check(&self, accepted: &Accepted) -> Result<(), TestCaseError> {
        let (old, new) = (&self.client, &accepted.state);
        prop_assert!(new.version(RoleName::Root) >= old.version(RoleName::Root));
        prop_assert!(new.latest_time() >= old.latest_time());
        for role in [RoleName::List, RoleName::Snapshot, RoleName::Pointer] {
            let fell = new.version(role) < old.version(role);
            prop_assert!(!fell || accepted.forgotten.contains(&role), "{role} fell");
        }
        prop_assert!(accepted.forgotten.is_empty() || accepted.new_roots > 0);
        prop_assert!(self.at < accepted.pointer_expires && self.at < accepted.list.header.expires);
        // It is what the service published under that version, and nothing else.
        prop_assert_eq!(&accepted.list, &self.lists[&accepted.list_version]);
        prop_assert_eq!(accepted.snapshot.list.version, accepted.list_version);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 64, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn versions_never_fall(events in vec(any_event(), 1..20)) {
        let mut world = World::new();
        for event in events {
            world.happen(event)?;
        }
        // Whatever happened, the client follows the service again.
        world.publish();
        let tree = world.site.tree.clone();
        let accepted = update(&world.client, &tree, world.at).unwrap();
        world.check(&accepted)?;
        prop_assert_eq!(accepted.list_version, world.site.versions[&RoleName::List]);
        prop_assert_eq!(accepted.state.version(RoleName::Root), Some(world.site.versions[&RoleName::Root]));
    }
}
