//! The worker threads of a signer: one session each, one queue for all, and a watchman over their deadlines.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use super::session::{KeyAccess, KeySession};
use super::watch::{Call, Watch};
use super::{Health, TokenOperation};
use crate::sync::lock;
use crate::{ErrorClass, PendingSignature, SignaturePromise, SignerError, TokenError};

/// The sessions of one signer and the queue before them.
#[derive(Debug)]
pub(super) struct Pool {
    /// `None` only while the pool is being dropped.
    queue: Option<SyncSender<Job>>,
    limit: usize,
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    access: KeyAccess,
    jobs: Mutex<Receiver<Job>>,
    health: AtomicU8,
    watch: Watch,
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
        let module = access.module.clone();
        let (access, opened) = module.within(TokenOperation::OpenKey, move |_| {
            let opened = (0..sessions).map(|_| access.open()).collect::<Result<Vec<_>, _>>()?;
            Ok((access, opened))
        })?;
        let (queue, jobs) = sync_channel(limit);
        let watch = Watch::new(*module.timeouts());
        let health = AtomicU8::new(Health::Usable.number());
        let shared = Arc::new(Shared { access, jobs: Mutex::new(jobs), health, watch });
        let mut pool = Self { queue: Some(queue), limit, shared, threads: Vec::with_capacity(sessions + 1) };
        for (number, session) in opened.into_iter().enumerate() {
            pool.shared.watch.attend();
            let started = pool.spawn(move |shared| shared.work(number, session));
            if started.is_err() {
                pool.shared.watch.leave(number);
            }
            started?;
        }
        pool.spawn(|shared| shared.keep_watch())?;
        Ok(pool)
    }

    fn spawn(&mut self, work: impl FnOnce(&Shared) + Send + 'static) -> Result<(), TokenError> {
        let shared = Arc::clone(&self.shared);
        let thread = std::thread::Builder::new().name(String::from("tegata-token")).spawn(move || work(&shared));
        self.threads.push(thread.map_err(|error| TokenError::NoThread { kind: error.kind() })?);
        Ok(())
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
    /// Signs what is queued, then closes the sessions. Threads that a lost module keeps are left to it.
    fn drop(&mut self) {
        self.queue = None;
        if self.shared.watch.wait_until_left() {
            for thread in self.threads.drain(..) {
                // A worker that panicked has dropped its promise; there is nothing more to report.
                let _ = thread.join();
            }
        }
    }
}

impl Shared {
    fn work(&self, number: usize, session: KeySession) {
        let _leaves = Leaving { watch: &self.watch, number };
        let mut session = Some(session);
        loop {
            // The lock is held while waiting: idle workers queue behind it, and one takes each job.
            let job = lock(&self.jobs).recv();
            let Ok(Job { message, promise }) = job else { break };
            if let Err(lost) = self.access.module.line().usable() {
                promise.deliver(Err(lost.into()));
                continue;
            }
            self.watch.begin(number, TokenOperation::Sign, Some(promise));
            let result = self.access.sign(&mut session, &message);
            // Where the watchman has given the call up, its result came too late and is released to nobody.
            let Some(Call { promise: Some(promise), .. }) = self.watch.end(number) else { break };
            self.health.store(Health::after(&result).number(), Ordering::Relaxed);
            promise.deliver(result);
        }
        if self.access.module.line().usable().is_err() {
            // Closing it would be one more call.
            std::mem::forget(session);
            return;
        }
        self.watch.begin(number, TokenOperation::CloseSession, None);
        drop(session);
        self.watch.end(number);
    }

    /// Gives the module up when a call misses its deadline, and answers for it from then on.
    fn keep_watch(&self) {
        let Some(overdue) = self.watch.overdue() else { return };
        self.health.store(Health::Unusable.number(), Ordering::Relaxed);
        let line = self.access.module.line();
        for (operation, after, promise) in overdue {
            let error = line.usable().err().unwrap_or_else(|| line.lose(operation, after));
            if let Some(promise) = promise {
                promise.deliver(Err(error.into()));
            }
        }
        self.watch.give_up();
        loop {
            let job = lock(&self.jobs).recv();
            let Ok(Job { promise, .. }) = job else { return };
            let lost = line.usable().err().map_or(SignerError::Stopped, SignerError::Token);
            promise.deliver(Err(lost));
        }
    }
}

/// A worker is not waited for once it has ended, however it ended.
struct Leaving<'a> {
    watch: &'a Watch,
    number: usize,
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.watch.leave(self.number);
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
