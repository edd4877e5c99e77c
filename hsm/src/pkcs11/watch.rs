//! Which workers of a signer are in a call, and until when they may be.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{CallTimeouts, TokenOperation};
use crate::SignaturePromise;
use crate::sync::lock;

/// A call that a worker is in.
#[derive(Debug)]
pub(super) struct Call {
    operation: TokenOperation,
    limit: Duration,
    /// `None` when the limit lies beyond what the clock can say.
    ends: Option<Instant>,
    /// Whoever waits for it, if anybody does.
    pub(super) promise: Option<SignaturePromise>,
}

/// A call that is given up: what, after how long, and who waits for it.
pub(super) type GivenUp = (TokenOperation, Duration, Option<SignaturePromise>);

#[derive(Debug)]
pub(super) struct Watch {
    timeouts: CallTimeouts,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// By the worker's number.
    calls: BTreeMap<usize, Call>,
    /// Workers that have not left.
    attending: usize,
    /// Whether a deadline was missed.
    given_up: bool,
}

impl Watch {
    pub(super) fn new(timeouts: CallTimeouts) -> Self {
        Self { timeouts, state: Mutex::default(), changed: Condvar::new() }
    }

    /// One more worker.
    pub(super) fn attend(&self) {
        lock(&self.state).attending += 1;
    }

    /// A worker has ended.
    pub(super) fn leave(&self, worker: usize) {
        let mut state = lock(&self.state);
        state.calls.remove(&worker);
        state.attending = state.attending.saturating_sub(1);
        self.changed.notify_all();
    }

    /// A worker calls the module.
    pub(super) fn begin(&self, worker: usize, operation: TokenOperation, promise: Option<SignaturePromise>) {
        let limit = self.timeouts.of(operation);
        let call = Call { operation, limit, ends: Instant::now().checked_add(limit), promise };
        lock(&self.state).calls.insert(worker, call);
        self.changed.notify_all();
    }

    /// The module has answered; `None` when the call was given up before.
    pub(super) fn end(&self, worker: usize) -> Option<Call> {
        lock(&self.state).calls.remove(&worker)
    }

    /// Waits for a missed deadline and takes every call that is going on then: the module that one of them hangs in is the
    /// module of all. The overdue one comes first. `None` when the last worker has left.
    pub(super) fn overdue(&self) -> Option<Vec<GivenUp>> {
        let mut state = lock(&self.state);
        loop {
            if state.attending == 0 {
                return None;
            }
            let now = Instant::now();
            let next = state.calls.values().filter_map(|call| call.ends).min();
            match next.map(|ends| ends.saturating_duration_since(now)) {
                Some(Duration::ZERO) => break,
                Some(left) => state = self.wait_at_most(state, left),
                None => state = self.wait(state),
            }
        }
        let mut calls: Vec<Call> = std::mem::take(&mut state.calls).into_values().collect();
        // The call that missed its deadline comes first.
        calls.sort_by_key(|call| (call.ends.is_none(), call.ends));
        Some(calls.into_iter().map(|call| (call.operation, call.limit, call.promise)).collect())
    }

    /// Nobody waits for the workers any more.
    pub(super) fn give_up(&self) {
        lock(&self.state).given_up = true;
        self.changed.notify_all();
    }

    /// Waits until every worker has left; false when they are given up.
    pub(super) fn wait_until_left(&self) -> bool {
        let mut state = lock(&self.state);
        while state.attending > 0 && !state.given_up {
            state = self.wait(state);
        }
        !state.given_up
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_at_most<'a>(&self, state: MutexGuard<'a, State>, limit: Duration) -> MutexGuard<'a, State> {
        self.changed.wait_timeout(state, limit).unwrap_or_else(PoisonError::into_inner).0
    }
}
