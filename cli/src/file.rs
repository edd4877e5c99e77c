//! Output files and directories: whole or not at all, and what goes wrong names the file.

use std::path::Path;

use tegata_terminal::OutputFault;

use crate::args::Out;
use crate::failure::Failure;

/// Refuses an output that could not be written, before any work is done for it.
pub(crate) fn check(out: &Out) -> Result<(), Failure> {
    named(&out.out, tegata_terminal::check_output(&out.out, out.force))
}

/// Refuses an output without `--force` beside it that could not be written.
pub(crate) fn check_new(path: &Path) -> Result<(), Failure> {
    named(path, tegata_terminal::check_output(path, false))
}

/// Writes the output of a command.
pub(crate) fn write(out: &Out, bytes: &[u8]) -> Result<(), Failure> {
    named(&out.out, tegata_terminal::write_output(&out.out, bytes, out.force))
}

/// Writes a file that must not exist.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    named(path, tegata_terminal::write_output(path, bytes, false))
}

/// Writes a file, or replaces it.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    named(path, tegata_terminal::write_output(path, bytes, true))
}

/// Refuses a directory that could not be made, before any work is done for it.
pub(crate) fn check_directory(path: &Path) -> Result<(), Failure> {
    named(path, tegata_terminal::check_directory(path))
}

/// Makes the directory `path` with these files in it, all or none; `path` must not exist.
pub(crate) fn write_directory(path: &Path, files: &[(String, Vec<u8>)]) -> Result<(), Failure> {
    named(path, tegata_terminal::write_directory(path, files))
}

fn named(path: &Path, written: Result<(), OutputFault>) -> Result<(), Failure> {
    written.map_err(|fault| Failure::Output { file: path.to_owned(), fault })
}
