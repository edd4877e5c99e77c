//! What both doors and the reload share.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::{ArcSwap, Guard};

use crate::access_log::Recorder;
use crate::clock::Clock;
use crate::config::Limits;
use crate::content::{Content, ContentError, load};
use crate::health::{Health, LastLoad};
use crate::metrics::Metrics;
use crate::readiness::{Counts, ReadinessSink};

/// What a look at the tree came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reload {
    /// The tree is the one that is served.
    Unchanged,
    /// A new one is served now.
    Taken,
}

/// The state of a server.
pub(crate) struct Shared {
    root: PathBuf,
    content: ArcSwap<Content>,
    last_load: Mutex<Option<LastLoad>>,
    pub(crate) clock: Clock,
    pub(crate) limits: Limits,
    pub(crate) metrics: Metrics,
    pub(crate) recorder: Recorder,
    pub(crate) sink: Option<Arc<dyn ReadinessSink>>,
    pub(crate) signals: Counts,
}

impl Shared {
    pub(crate) fn new(
        root: PathBuf,
        clock: Clock,
        limits: Limits,
        recorder: Recorder,
        sink: Option<Arc<dyn ReadinessSink>>,
    ) -> Self {
        Self {
            root,
            content: ArcSwap::default(),
            last_load: Mutex::default(),
            clock,
            limits,
            metrics: Metrics::default(),
            recorder,
            sink,
            signals: Counts::default(),
        }
    }

    /// The folder of the tree.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// What is served. One request keeps one guard, so that it never sees two trees.
    pub(crate) fn content(&self) -> Guard<Arc<Content>> {
        self.content.load()
    }

    /// Looks at the tree and takes it if it is new and whole. Blocks on the file system; one at a time is the caller's duty.
    pub(crate) fn reload(&self) -> Result<Reload, ContentError> {
        let old = self.content.load_full();
        let loaded = load(&self.root, self.limits.content, &old);
        let error = loaded.as_ref().err().cloned();
        let result = loaded.map(|content| match content {
            None => Reload::Unchanged,
            Some(content) => {
                self.content.store(Arc::new(content));
                self.metrics.loads.fetch_add(1, Ordering::Relaxed);
                Reload::Taken
            }
        });
        if error.is_some() {
            self.metrics.load_failures.fetch_add(1, Ordering::Relaxed);
        }
        let last = LastLoad { at: self.clock.now(), error };
        *self.last_load.lock().unwrap_or_else(PoisonError::into_inner) = Some(last);
        result
    }

    /// The state now.
    pub(crate) fn health(&self) -> Health {
        let last_load = self.last_load.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Health::of(&self.content(), last_load, self.clock.now())
    }
}
