//! Printing the answer of a command.

use serde_json::Value;
use tegata_terminal::Output;

use crate::failure::Failure;

/// Prints on standard output; that it cannot be written is a failure of the command.
pub(crate) trait Answer {
    /// Prints text.
    fn answer(&self, text: &str) -> Result<(), Failure>;

    /// Prints JSON, ending in a line feed.
    fn answer_json(&self, value: &Value) -> Result<(), Failure>;
}

impl Answer for Output {
    fn answer(&self, text: &str) -> Result<(), Failure> {
        self.print(text).map_err(unprinted)
    }

    fn answer_json(&self, value: &Value) -> Result<(), Failure> {
        self.print_json(value).map_err(unprinted)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "an argument of `map_err`")]
fn unprinted(error: std::io::Error) -> Failure {
    Failure::Machine { id: "stdout-unwritable", detail: error.to_string() }
}
