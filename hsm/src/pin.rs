//! PINs: where they come from, and the value that never shows itself.

use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The longest PIN that is read. No token known takes more than 255 bytes.
const LONGEST: usize = 255;

/// A PIN of a token. Wiped from memory when dropped; `Debug` shows nothing of it, and there is no `Display`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Pin(String);

impl Pin {
    /// Takes a PIN over from the caller.
    ///
    /// # Errors
    /// [`PinError::Empty`], [`PinError::TooLong`] (more than 255 bytes) or [`PinError::ControlCharacter`].
    pub fn new(pin: impl Into<String>) -> Result<Self, PinError> {
        let pin = Self(pin.into());
        if pin.0.is_empty() {
            return Err(PinError::Empty);
        }
        if pin.0.len() > LONGEST {
            return Err(PinError::TooLong { limit: LONGEST });
        }
        if pin.0.chars().any(char::is_control) {
            return Err(PinError::ControlCharacter);
        }
        Ok(pin)
    }

    /// Its length in bytes.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The PIN in the form that the PKCS#11 layer takes; that form wipes itself too.
    pub(crate) fn to_auth(&self) -> cryptoki::types::AuthPin {
        cryptoki::types::AuthPin::from(self.0.as_str())
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Pin(redacted)")
    }
}

/// Where a PIN comes from. Never the command line and never a URI: both are visible to other processes and end in logs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PinSource {
    /// Asked for at the terminal, without echo.
    Prompt,
    /// The first line of a file.
    File(PathBuf),
    /// The value of an environment variable.
    Environment(String),
}

impl PinSource {
    /// Obtains the PIN. `prompt` is what a person is shown at the terminal; the other sources ignore it.
    ///
    /// # Errors
    /// [`PinError`], which names the source and never holds anything of its content.
    pub fn obtain(&self, prompt: &str) -> Result<Pin, PinError> {
        match self {
            Self::Prompt => {
                let typed =
                    rpassword::prompt_password(prompt).map_err(|error| PinError::NoTerminal { kind: error.kind() })?;
                Pin::new(typed)
            }
            Self::File(path) => from_file(path),
            Self::Environment(name) => {
                let value = std::env::var(name).map_err(|_| PinError::EnvironmentUnset { name: name.clone() })?;
                Pin::new(value)
            }
        }
    }
}

/// Reads at most one PIN and a line end; a longer first line is an error, not a truncated PIN.
fn from_file(path: &Path) -> Result<Pin, PinError> {
    let unreadable = |error: std::io::Error| PinError::FileUnreadable { path: path.to_owned(), kind: error.kind() };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    // Sized before reading, so that growth leaves no unwiped copies behind.
    let mut content = Zeroizing::new(Vec::with_capacity(LONGEST + 3));
    let limit = u64::try_from(LONGEST + 3).unwrap_or(u64::MAX);
    file.take(limit).read_to_end(&mut content).map_err(unreadable)?;
    let line = content.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.len() > LONGEST {
        return Err(PinError::TooLong { limit: LONGEST });
    }
    let text = std::str::from_utf8(line).map_err(|_| PinError::NotText)?;
    Pin::new(text)
}

/// Why there is no PIN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PinError {
    /// The source gave an empty PIN.
    #[error("the PIN is empty")]
    Empty,
    /// More bytes than any token takes.
    #[error("the PIN is longer than {limit} bytes")]
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// A control character, for example a line end pasted with the PIN.
    #[error("the PIN contains a control character")]
    ControlCharacter,
    /// Not UTF-8.
    #[error("the PIN is not UTF-8 text")]
    NotText,
    /// There is no terminal to ask at.
    #[error("no terminal to ask for the PIN at ({kind})")]
    NoTerminal {
        /// What the terminal said.
        kind: std::io::ErrorKind,
    },
    /// The PIN file cannot be read.
    #[error("the PIN file {path} cannot be read: {kind}", path = path.display())]
    FileUnreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        kind: std::io::ErrorKind,
    },
    /// The environment variable is not set, or not text.
    #[error("the environment variable {name} holds no PIN")]
    EnvironmentUnset {
        /// Its name.
        name: String,
    },
}

impl PinError {
    /// The stable name of this error.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Empty => "pin-empty",
            Self::TooLong { .. } => "pin-too-long",
            Self::ControlCharacter => "pin-control-character",
            Self::NotText => "pin-not-text",
            Self::NoTerminal { .. } => "pin-no-terminal",
            Self::FileUnreadable { .. } => "pin-file-unreadable",
            Self::EnvironmentUnset { .. } => "pin-environment-unset",
        }
    }

    /// What to do about it, in English.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Empty | Self::TooLong { .. } | Self::ControlCharacter | Self::NotText => {
                "Give the PIN alone, as one line of text of 1 to 255 bytes."
            }
            Self::NoTerminal { .. } => "Run at a terminal, or name a PIN file or an environment variable.",
            Self::FileUnreadable { .. } => "Check the path and the permissions of the PIN file.",
            Self::EnvironmentUnset { .. } => "Set the environment variable for this process.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        let pin = Pin::new("hush-hush-1").unwrap();
        assert_eq!(format!("{pin:?}"), "Pin(redacted)");
    }

    #[test]
    fn a_pin_file_is_its_first_line() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pin");
        for content in ["12345678", "12345678\n", "12345678\r\n", "12345678\nsecond line\n"] {
            std::fs::write(&path, content).unwrap();
            assert_eq!(PinSource::File(path.clone()).obtain("").unwrap().0, "12345678", "{content:?}");
        }
        for (content, id) in [("", "pin-empty"), ("\n", "pin-empty"), ("1\t2", "pin-control-character")] {
            std::fs::write(&path, content).unwrap();
            assert_eq!(PinSource::File(path.clone()).obtain("").unwrap_err().id(), id, "{content:?}");
        }
        std::fs::write(&path, vec![b'1'; 256]).unwrap();
        assert_eq!(PinSource::File(path.clone()).obtain("").unwrap_err().id(), "pin-too-long");
        std::fs::write(&path, [0xff, 0xfe]).unwrap();
        assert_eq!(PinSource::File(path).obtain("").unwrap_err().id(), "pin-not-text");
    }

    #[test]
    fn a_missing_source_is_named() {
        let source = PinSource::File("/nonexistent/pin".into());
        assert_eq!(source.obtain("").unwrap_err().id(), "pin-file-unreadable");
        let source = PinSource::Environment("TEGATA_TEST_NO_SUCH_PIN".into());
        assert_eq!(source.obtain("").unwrap_err().id(), "pin-environment-unset");
    }
}
