//! Printing: the procedure before a ceremony, and the report after it.
//!
//! | | public | private |
//! |---|---|---|
//! | procedure | [`public_procedure`] | [`private_procedure`]: names, places, labels, fields to fill in by hand |
//! | report | [`public_report`] of a [`PublicReport`] | [`private_report`]: handles and names, serials, facts, reasons |
//!
//! A public print is made from types that have no room for a private string: ids and titles of the script, times, marks,
//! digests, counts. Handles, names, bag serials, places, facts of the computer, names of files and reasons of deviations
//! are private.
//!
//! HTML carries its own style for paper (A4, black on white, steps are not torn across pages) and no script; a PDF is what
//! the browser prints it to. Text is for printers without a browser: 78 columns wide at most where words allow.

mod document;
mod html;
mod label;
mod plain;
mod procedure;
mod report;

use self::document::Document;
pub use self::report::PublicReport;
use crate::{rules::Rules, script::Script, site::Site, text::Lang};

/// A form of print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// One HTML page, complete in itself.
    Html,
    /// Plain text, UTF-8.
    Text,
}

/// How digests are spoken: gives the words for octets (PGP words).
pub type Words<'a> = &'a dyn Fn(&[u8]) -> String;

/// The procedure as it may be published.
#[must_use]
pub fn public_procedure(script: &Script, lang: Lang, format: Format) -> String {
    write(&procedure::document(script, None, lang), lang, format)
}

/// The procedure for the persons at the table, with names, places and fields to fill in.
#[must_use]
pub fn private_procedure(script: &Script, site: &Site, lang: Lang, format: Format) -> String {
    write(&procedure::document(script, Some(site), lang), lang, format)
}

/// The report of a ceremony as it may be published.
#[must_use]
pub fn public_report(report: &PublicReport, script: &Script, words: Words<'_>, lang: Lang, format: Format) -> String {
    write(&report::public(report, script, words, lang), lang, format)
}

/// The whole record, line by line, with the names of the site file and what [`verify`](crate::verify()) finds.
#[must_use]
pub fn private_report(
    record: &[u8],
    script: &Script,
    site: &Site,
    rules: &Rules,
    words: Words<'_>,
    lang: Lang,
    format: Format,
) -> String {
    write(&report::private(record, script, site, rules, words, lang), lang, format)
}

fn write(document: &Document, lang: Lang, format: Format) -> String {
    match format {
        Format::Html => html::write(document, lang),
        Format::Text => plain::write(document),
    }
}
