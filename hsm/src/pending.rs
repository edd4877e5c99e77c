//! A signature that is still being made, for threads and for async executors alike.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll, Waker};

use tegata_pki::RawSignature;

use crate::SignerError;
use crate::sync::lock;

/// What a signing operation ends in.
pub type SignatureResult = Result<RawSignature, SignerError>;

/// A signature that was asked for with [`Signer::begin`](crate::Signer::begin).
///
/// It is a [`Future`] that needs no particular executor, and [`wait`](Self::wait) blocks a plain thread. Dropping it does
/// not cancel the operation: the token may already be signing.
#[derive(Debug)]
#[must_use = "a signature that nobody waits for is lost"]
pub struct PendingSignature {
    cell: Arc<Cell>,
}

/// The other end of a [`PendingSignature`]: whoever makes the signature delivers it here, once.
///
/// A promise that is dropped without delivery ends its signature in [`SignerError::Stopped`], so that nobody waits for
/// ever.
#[derive(Debug)]
pub struct SignaturePromise {
    cell: Arc<Cell>,
}

#[derive(Debug, Default)]
struct Cell {
    state: Mutex<State>,
    delivered: Condvar,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Waiting,
    Polled(Waker),
    Delivered(SignatureResult),
    Taken,
}

impl PendingSignature {
    /// A pending signature and the promise that ends it: for implementations of [`Signer`](crate::Signer).
    pub fn channel() -> (SignaturePromise, Self) {
        let cell = Arc::new(Cell::default());
        (SignaturePromise { cell: Arc::clone(&cell) }, Self { cell })
    }

    /// A signature that is there already.
    pub fn ready(result: SignatureResult) -> Self {
        let (promise, pending) = Self::channel();
        promise.deliver(result);
        pending
    }

    /// Blocks the calling thread until the signature is there.
    ///
    /// # Errors
    /// What the signer reported.
    pub fn wait(self) -> SignatureResult {
        let mut state = lock(&self.cell.state);
        loop {
            if let Some(result) = state.take() {
                return result;
            }
            state = self.cell.delivered.wait(state).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
    }
}

impl Future for PendingSignature {
    type Output = SignatureResult;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<SignatureResult> {
        let mut state = lock(&self.cell.state);
        if let Some(result) = state.take() {
            return Poll::Ready(result);
        }
        *state = State::Polled(context.waker().clone());
        Poll::Pending
    }
}

impl SignaturePromise {
    /// Delivers the result and wakes whoever waits.
    pub fn deliver(self, result: SignatureResult) {
        self.cell.deliver(result);
    }
}

impl Drop for SignaturePromise {
    fn drop(&mut self) {
        self.cell.deliver(Err(SignerError::Stopped));
    }
}

impl Cell {
    /// Only the first delivery counts.
    fn deliver(&self, result: SignatureResult) {
        let mut state = lock(&self.state);
        if matches!(*state, State::Delivered(_) | State::Taken) {
            return;
        }
        let before = std::mem::replace(&mut *state, State::Delivered(result));
        drop(state);
        self.delivered.notify_all();
        if let State::Polled(waker) = before {
            waker.wake();
        }
    }
}

impl State {
    /// The result, if there is one. A second taking sees the signature as stopped rather than waiting for ever.
    fn take(&mut self) -> Option<SignatureResult> {
        match self {
            Self::Waiting | Self::Polled(_) => None,
            Self::Taken => Some(Err(SignerError::Stopped)),
            Self::Delivered(_) => match std::mem::replace(self, Self::Taken) {
                Self::Delivered(result) => Some(result),
                Self::Waiting | Self::Polled(_) | Self::Taken => None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn poll(pending: &mut PendingSignature, count: &Arc<Count>) -> Poll<SignatureResult> {
        let waker = Waker::from(Arc::clone(count));
        Pin::new(pending).poll(&mut Context::from_waker(&waker))
    }

    #[test]
    fn a_future_is_woken_once_and_then_ready() {
        let count = Arc::new(Count::default());
        let (promise, mut pending) = PendingSignature::channel();
        assert!(poll(&mut pending, &count).is_pending());
        promise.deliver(Err(SignerError::SignatureDidNotVerify));
        assert_eq!(count.0.load(Ordering::SeqCst), 1);
        assert!(matches!(poll(&mut pending, &count), Poll::Ready(Err(SignerError::SignatureDidNotVerify))));
        assert!(matches!(poll(&mut pending, &count), Poll::Ready(Err(SignerError::Stopped))));
    }

    #[test]
    fn a_thread_that_waits_is_released() {
        let (promise, pending) = PendingSignature::channel();
        let waiter = std::thread::spawn(move || pending.wait());
        promise.deliver(Err(SignerError::SignatureDidNotVerify));
        assert!(matches!(waiter.join().unwrap(), Err(SignerError::SignatureDidNotVerify)));
    }

    #[test]
    fn a_dropped_promise_ends_the_wait() {
        let (promise, pending) = PendingSignature::channel();
        drop(promise);
        assert!(matches!(pending.wait(), Err(SignerError::Stopped)));
    }
}
