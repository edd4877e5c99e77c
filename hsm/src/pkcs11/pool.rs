//! The worker threads of a signer: one session each, one queue for all.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use super::Health;
use super::session::{KeyAccess, KeySession};
use crate::sync::lock;
use crate::{ErrorClass, PendingSignature, SignaturePromise, SignerError, TokenError};

/// The sessions of one signer and the queue before them.
#[derive(Debug)]
pub(super) struct Pool {
    /// `None` only while the pool is being dropped.
    queue: Option<SyncSender<Job>>,
    limit: usize,
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    access: KeyAccess,
    jobs: Mutex<Receiver<Job>>,
    health: AtomicU8,
}

#[derive(Debug)]
struct Job {
    message: Vec<u8>,
    promise: SignaturePromise,
}

impl Pool {
    /// Opens `sessions` sessions, so that every fault of the key, the PIN or the token shows now, and starts a thread for
    /// each.
    pub(super) fn start(access: KeyAccess, sessions: usize, limit: usize) -> Result<Self, TokenError> {
        let opened = (0..sessions).map(|_| access.open()).collect::<Result<Vec<_>, _>>()?;
        let (queue, jobs) = sync_channel(limit);
        let shared =
            Arc::new(Shared { access, jobs: Mutex::new(jobs), health: AtomicU8::new(Health::Usable.number()) });
        let mut pool = Self { queue: Some(queue), limit, shared, workers: Vec::with_capacity(sessions) };
        for session in opened {
            let shared = Arc::clone(&pool.shared);
            let worker = std::thread::Builder::new()
                .name(String::from("tegata-token"))
                .spawn(move || shared.work(session))
                .map_err(|error| TokenError::NoThread { kind: error.kind() })?;
            pool.workers.push(worker);
        }
        Ok(pool)
    }

    pub(super) fn access(&self) -> &KeyAccess {
        &self.shared.access
    }

    pub(super) fn health(&self) -> Health {
        Health::from_number(self.shared.health.load(Ordering::Relaxed))
    }

    pub(super) fn submit(&self, message: Vec<u8>) -> PendingSignature {
        let (promise, pending) = PendingSignature::channel();
        let Some(queue) = &self.queue else { return pending };
        match queue.try_send(Job { message, promise }) {
            Ok(()) => {}
            Err(TrySendError::Full(job)) => job.promise.deliver(Err(SignerError::QueueFull { limit: self.limit })),
            Err(TrySendError::Disconnected(job)) => job.promise.deliver(Err(SignerError::Stopped)),
        }
        pending
    }
}

impl Drop for Pool {
    /// Signs what is queued, then closes the sessions.
    fn drop(&mut self) {
        self.queue = None;
        for worker in self.workers.drain(..) {
            // A worker that panicked has dropped its promise; there is nothing more to report.
            let _ = worker.join();
        }
    }
}

impl Shared {
    fn work(&self, session: KeySession) {
        let mut session = Some(session);
        loop {
            // The lock is held while waiting: idle workers queue behind it, and one takes each job.
            let job = lock(&self.jobs).recv();
            let Ok(Job { message, promise }) = job else { return };
            let result = self.access.sign(&mut session, &message);
            self.health.store(Health::after(&result).number(), Ordering::Relaxed);
            promise.deliver(result);
        }
    }
}

impl Health {
    fn after<T>(result: &Result<T, SignerError>) -> Self {
        match result {
            Ok(_) => Self::Usable,
            Err(error) if error.class() == ErrorClass::Temporary => Self::Recovering,
            Err(_) => Self::Unusable,
        }
    }

    const fn number(self) -> u8 {
        match self {
            Self::Usable => 0,
            Self::Recovering => 1,
            Self::Unusable => 2,
        }
    }

    const fn from_number(number: u8) -> Self {
        match number {
            0 => Self::Usable,
            1 => Self::Recovering,
            _ => Self::Unusable,
        }
    }
}
