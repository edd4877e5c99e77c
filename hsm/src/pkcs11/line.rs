//! The line to a module: every call has a deadline, and a module that missed one is not called again.
//!
//! A PKCS#11 call cannot be cancelled. A module that hangs keeps the thread that called it, and with it perhaps a lock that
//! every further call would wait for. So calls are made on threads that nobody has to wait for, and after a missed deadline
//! the module is *lost* for this process: no second signature is asked for, no PIN is sent again. Whether the token did the
//! thing that it gave no answer to is not known.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cryptoki::context::Pkcs11;

use crate::TokenError;
use crate::sync::lock;

/// Lines by module file; the embedded token has the one without a file.
static LINES: Mutex<BTreeMap<Option<PathBuf>, Arc<Line>>> = Mutex::new(BTreeMap::new());

/// How long a module may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallTimeouts {
    /// One operation: loading the module, finding a token, logging in, finding a key, signing. A signature counts from when a
    /// session takes the message to when it is verified, with its retries.
    pub call: Duration,
    /// Making a key pair, which takes some tokens minutes, and initialising a token.
    pub key_generation: Duration,
}

impl Default for CallTimeouts {
    /// One minute, and ten for keys.
    fn default() -> Self {
        Self { call: Duration::from_secs(60), key_generation: Duration::from_secs(600) }
    }
}

impl CallTimeouts {
    /// `call` for everything but keys, which get ten times as long.
    #[must_use]
    pub const fn of_call(call: Duration) -> Self {
        Self { call, key_generation: call.saturating_mul(10) }
    }

    pub(super) const fn of(&self, operation: TokenOperation) -> Duration {
        match operation {
            TokenOperation::GenerateKey | TokenOperation::Initialise => self.key_generation,
            _ => self.call,
        }
    }
}

/// What a module was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenOperation {
    /// To load and start (`C_Initialize`).
    Load,
    /// Which tokens are there (`C_GetSlotList`, `C_GetTokenInfo`).
    ListTokens,
    /// To initialise a token (`C_InitToken`, `C_InitPIN`).
    Initialise,
    /// To open sessions, log in and find a key (`C_OpenSession`, `C_Login`, `C_FindObjects`).
    OpenKey,
    /// To log in and list keys.
    ListKeys,
    /// To log in and make a key pair (`C_GenerateKeyPair`).
    GenerateKey,
    /// To log in and destroy a key pair (`C_DestroyObject`).
    DestroyKey,
    /// To sign (`C_SignInit`, `C_Sign`), and what a new session for it needs.
    Sign,
    /// To close a session (`C_CloseSession`).
    CloseSession,
}

impl fmt::Display for TokenOperation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Load => "to start",
            Self::ListTokens => "which tokens are there",
            Self::Initialise => "to initialise a token",
            Self::OpenKey => "to log in and open a key",
            Self::ListKeys => "to log in and list keys",
            Self::GenerateKey => "to make a key",
            Self::DestroyKey => "to destroy a key",
            Self::Sign => "to sign",
            Self::CloseSession => "to close a session",
        })
    }
}

/// One module of this process.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// The loaded module. Locked only on threads that may hang with it.
    context: Mutex<Option<Pkcs11>>,
    /// Held while a token is initialised: two threads must not choose the same empty slot.
    initialising: Mutex<()>,
    /// What it gave no answer to.
    lost: Mutex<Option<TokenOperation>>,
}

impl Line {
    /// The line to the module in `file`, or to the embedded token.
    pub(super) fn to(file: Option<&Path>) -> Arc<Self> {
        Arc::clone(lock(&LINES).entry(file.map(Path::to_owned)).or_default())
    }

    /// The loaded module, loading it with `load` the first time. To be called inside [`within`](Self::within).
    pub(super) fn context(&self, load: impl FnOnce() -> Result<Pkcs11, TokenError>) -> Result<Pkcs11, TokenError> {
        let mut context = lock(&self.context);
        match &*context {
            Some(loaded) => Ok(loaded.clone()),
            None => Ok(context.insert(load()?).clone()),
        }
    }

    /// Whose turn it is to initialise a token. To be called inside [`within`](Self::within).
    pub(super) fn initialising(&self) -> std::sync::MutexGuard<'_, ()> {
        lock(&self.initialising)
    }

    /// Does `work` on a thread of its own and gives up on it, and on the module, after the deadline.
    pub(super) fn within<T: Send + 'static>(
        &self,
        timeouts: &CallTimeouts,
        operation: TokenOperation,
        work: impl FnOnce() -> Result<T, TokenError> + Send + 'static,
    ) -> Result<T, TokenError> {
        self.usable()?;
        let limit = timeouts.of(operation);
        let (sender, answer) = sync_channel(1);
        let thread = std::thread::Builder::new().name(String::from("tegata-token")).spawn(move || {
            // Nobody listens any more when the answer comes too late.
            let _ = sender.send(work());
        });
        let thread = thread.map_err(|error| TokenError::NoThread { kind: error.kind() })?;
        match answer.recv_timeout(limit) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => Err(self.lose(operation, limit)),
            Err(RecvTimeoutError::Disconnected) => match thread.join() {
                Err(panic) => std::panic::resume_unwind(panic),
                Ok(()) => Err(TokenError::ModuleLost { operation }),
            },
        }
    }

    /// Refuses where the module is lost.
    pub(super) fn usable(&self) -> Result<(), TokenError> {
        match *lock(&self.lost) {
            Some(operation) => Err(TokenError::ModuleLost { operation }),
            None => Ok(()),
        }
    }

    /// Gives the module up.
    pub(super) fn lose(&self, operation: TokenOperation, after: Duration) -> TokenError {
        lock(&self.lost).get_or_insert(operation);
        TokenError::TimedOut { operation, after }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    const SHORT: CallTimeouts = CallTimeouts::of_call(Duration::from_millis(20));

    #[test]
    fn a_missed_deadline_ends_the_line() {
        let line = Line::default();
        let (_never, waits) = channel::<()>();
        let late = line.within(&SHORT, TokenOperation::ListKeys, move || {
            let _ = waits.recv();
            Ok(())
        });
        assert_eq!(late, Err(TokenError::TimedOut { operation: TokenOperation::ListKeys, after: SHORT.call }));
        let (asked, was_asked) = channel();
        let next = line.within(&SHORT, TokenOperation::ListTokens, move || {
            asked.send(()).unwrap();
            Ok(())
        });
        assert_eq!(next, Err(TokenError::ModuleLost { operation: TokenOperation::ListKeys }));
        assert!(was_asked.recv().is_err(), "a lost module was called");
    }

    #[test]
    fn an_answer_in_time_is_the_answer() {
        let line = Line::default();
        assert_eq!(line.within(&CallTimeouts::default(), TokenOperation::Sign, || Ok(7)), Ok(7));
        let error =
            line.within(&CallTimeouts::default(), TokenOperation::Sign, || Err::<(), _>(TokenError::NoFreeSlot));
        assert_eq!(error, Err(TokenError::NoFreeSlot));
        assert_eq!(line.usable(), Ok(()));
    }

    #[test]
    fn a_panic_of_the_work_is_a_panic_of_the_caller() {
        let line = Line::default();
        let caught = std::panic::catch_unwind(|| {
            line.within(&CallTimeouts::default(), TokenOperation::Sign, || -> Result<(), _> { panic!("on purpose") })
        });
        assert!(caught.is_err());
        assert_eq!(line.usable(), Ok(()));
    }

    #[test]
    fn keys_may_take_longer() {
        let timeouts = CallTimeouts::of_call(Duration::from_secs(3));
        assert_eq!(timeouts.of(TokenOperation::Sign), Duration::from_secs(3));
        assert_eq!(timeouts.of(TokenOperation::GenerateKey), Duration::from_secs(30));
    }
}
