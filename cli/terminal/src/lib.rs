//! What the command lines share: the language of messages, colours, tables, progress, and files and directories that are
//! written whole or not at all.

mod file;
mod lang;
mod messages;
mod options;
mod output;
mod progress;
mod style;
mod table;

pub use self::{
    file::{OutputFault, check_directory, check_output, write_directory, write_output},
    lang::Lang,
    options::{GLOBAL_OPTIONS, Presentation},
    output::{ColourChoice, Output, clean, to_stderr},
    progress::Progress,
    style::Style,
    table::{Tone, facts, table},
};
