//! The program `openssl` as a child, without the standard library's `Command`: that one brings functions for sockets into the
//! executable, and this program is to have none (`docs/root-ca`).

use std::ffi::{CString, NulError, OsStr};
use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use nix::errno::Errno;
use nix::spawn::{PosixSpawnAttr, PosixSpawnFileActions, posix_spawnp};
use nix::sys::wait::{WaitStatus, waitpid};

/// What `openssl` said.
pub(crate) struct Answer {
    /// Whether it ended with status 0.
    pub(crate) succeeded: bool,
    /// Its standard output.
    pub(crate) output: String,
    /// Its standard error.
    pub(crate) errors: String,
}

/// Why `openssl` gave no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum OpensslError {
    /// It was not started or not waited for.
    #[error("openssl was not run: {0}")]
    NotRun(#[from] Errno),
    /// The file for its answer cannot be written or read.
    #[error("no file for the answer of openssl: {0}")]
    Folder(#[from] std::io::Error),
    /// An argument contains a zero byte.
    #[error("an argument of openssl contains a zero byte: {0}")]
    Argument(#[from] NulError),
}

/// Runs `openssl` from the search path with `arguments`, its input empty, its answers written to files in `folder`.
///
/// # Errors
/// [`OpensslError`]; that openssl itself fails is an [`Answer`].
pub(crate) fn run(folder: &Path, arguments: &[&OsStr]) -> Result<Answer, OpensslError> {
    let (output, errors) = (folder.join("openssl.out"), folder.join("openssl.err"));
    let input = File::open("/dev/null")?;
    let files = [File::create(&output)?, File::create(&errors)?];
    let mut actions = PosixSpawnFileActions::init()?;
    // Only the three copies reach the child: what Rust opens is closed on execution.
    for (file, number) in [&input].into_iter().chain(&files).zip(0..) {
        actions.add_dup2(file.as_raw_fd(), number)?;
    }
    let program = CString::new("openssl")?;
    let words = arguments.iter().map(|argument| CString::new(argument.as_bytes()));
    let words = std::iter::once(Ok(program.clone())).chain(words).collect::<Result<Vec<_>, _>>()?;
    let environment =
        std::env::vars_os().map(|(name, value)| CString::new([name.as_bytes(), b"=", value.as_bytes()].concat()));
    let environment = environment.collect::<Result<Vec<_>, _>>()?;
    let child = posix_spawnp(&program, &actions, &PosixSpawnAttr::init()?, &words, &environment)?;
    let status = loop {
        match waitpid(child, None) {
            Err(Errno::EINTR) => {}
            ended => break ended?,
        }
    };
    Ok(Answer {
        succeeded: matches!(status, WaitStatus::Exited(_, 0)),
        output: String::from_utf8_lossy(&std::fs::read(output)?).trim().to_owned(),
        errors: String::from_utf8_lossy(&std::fs::read(errors)?).trim().to_owned(),
    })
}
