//! The authorisation list (許可リスト): which root may speak for which document type in which region.
//!
//! Its rows are entered by those who own the right to decide, not by those who run the service; the gate looks every root
//! up *before* anything of it is published. A file of TOML:
//!
//! ```toml
//! [[entry]]
//! root = "64 hexadecimal digits"            # SHA-256 of the root's SubjectPublicKeyInfo
//! action = "allow"                          # or "deny"
//! doc-type = "org.iso.18013.5.1.mDL"        # exactly this; "org.iso.18013.*": all below; "*": all
//! region = "US/US-OH"                       # country and stateOrProvinceName as in the certificate; "US"; "*"
//! review-by = 2027-06-01                    # the last day on which the row counts
//! ```
//!
//! What no row allows is forbidden, and a row that denies wins over one that allows. Rows of one root must not contradict
//! or repeat each other: see [`OverlapRule`].

mod error;
mod scope;

use serde::Deserialize;
use tegata_pki::Certificate;
use time::{Date, Month, UtcDateTime};

pub use self::{
    error::{AuthorisationError, AuthorisationFault, OverlapRule, RowFault},
    scope::{DocTypePattern, Region, RegionPattern, Scope},
};
use crate::KeyDigest;

/// The most rows of a list.
pub const MAX_ENTRIES: usize = 10_000;

/// Whether a row gives or takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// The root may speak.
    Allow,
    /// The root may not speak, whatever another row allows.
    Deny,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The root.
    pub root: KeyDigest,
    /// Allow or deny.
    pub action: Action,
    /// For what and where.
    pub scope: Scope,
    /// The last day, in UTC, on which a row that allows counts; then a person must have looked at it again. A row that
    /// denies goes on.
    pub review_by: Date,
}

/// The list: rows without contradictions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authorisation {
    entries: Vec<Entry>,
}

/// What the list says yes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The last day of the row that allows.
    pub review_by: Date,
}

/// Why the list says no. Rows are counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Denial {
    /// No row allows it.
    #[error("no row allows it")]
    NoEntry,
    /// A row denies it.
    #[error("row {entry} denies it")]
    Denied {
        /// The row.
        entry: usize,
    },
    /// The row that allows it should have been looked at again.
    #[error("row {entry} was to be reviewed by {review_by}")]
    ReviewDue {
        /// The row.
        entry: usize,
        /// Its last day.
        review_by: Date,
    },
}

impl Denial {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::NoEntry => "unauthorised-no-entry",
            Self::Denied { .. } => "unauthorised-denied",
            Self::ReviewDue { .. } => "unauthorised-review-due",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    entry: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Row {
    root: String,
    action: Action,
    doc_type: String,
    region: String,
    review_by: Option<toml::value::Datetime>,
}

impl Authorisation {
    /// Reads a list. The order of the rows is the order in which they were entered.
    ///
    /// # Errors
    /// [`AuthorisationError::Toml`], or every fault of every row in [`AuthorisationError::Rows`].
    pub fn from_toml(text: &str) -> Result<Self, AuthorisationError> {
        let file: File = toml::from_str(text)?;
        let (mut list, mut faults) = (Self::default(), Vec::new());
        for (index, row) in file.entry.into_iter().enumerate() {
            // A row that cannot be read still takes its number.
            let read = if index < MAX_ENTRIES { row.read() } else { Err(RowFault::TooMany) };
            let added = read.and_then(|entry| {
                let fault = list.conflict(&entry);
                list.entries.push(entry);
                fault.map_or(Ok(()), Err)
            });
            if let Err(fault) = added {
                faults.push(AuthorisationFault { entry: index + 1, fault });
            }
        }
        if faults.is_empty() { Ok(list) } else { Err(AuthorisationError::Rows(faults)) }
    }

    /// Enters one row more.
    ///
    /// # Errors
    /// [`RowFault::Overlap`], [`RowFault::TooMany`]; then the list is as before.
    pub fn add(&mut self, entry: Entry) -> Result<(), RowFault> {
        if self.entries.len() >= MAX_ENTRIES {
            return Err(RowFault::TooMany);
        }
        match self.conflict(&entry) {
            Some(fault) => Err(fault),
            None => {
                self.entries.push(entry);
                Ok(())
            }
        }
    }

    /// The rows in their order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Whether `root` may speak for `doc_type` in `region` at `at`.
    ///
    /// # Errors
    /// [`Denial`].
    pub fn decide(&self, root: KeyDigest, doc_type: &str, region: &Region, at: UtcDateTime) -> Result<Grant, Denial> {
        let rows = || {
            let covers = |entry: &Entry| entry.root == root && entry.scope.covers(doc_type, region);
            (1..).zip(&self.entries).filter(move |(_, entry)| covers(entry))
        };
        if let Some((entry, _)) = rows().find(|(_, entry)| entry.action == Action::Deny) {
            return Err(Denial::Denied { entry });
        }
        // Rows that allow do not overlap: there is one at most.
        match rows().find(|(_, entry)| entry.action == Action::Allow) {
            None => Err(Denial::NoEntry),
            Some((entry, row)) if at.date() > row.review_by => {
                Err(Denial::ReviewDue { entry, review_by: row.review_by })
            }
            Some((_, row)) => Ok(Grant { review_by: row.review_by }),
        }
    }

    /// The rule that a new row breaks against the rows before it.
    fn conflict(&self, new: &Entry) -> Option<RowFault> {
        (1..).zip(&self.entries).filter(|(_, old)| old.root == new.root).find_map(|(number, old)| {
            let rule = OverlapRule::broken(old, new)?;
            Some(RowFault::Overlap { rule, with: number })
        })
    }
}

impl OverlapRule {
    fn broken(old: &Entry, new: &Entry) -> Option<Self> {
        match (old.action, new.action) {
            (Action::Allow, Action::Allow) if old.scope.overlaps(&new.scope) => Some(Self::AllowOverlapsAllow),
            (Action::Deny, Action::Deny) if old.scope.overlaps(&new.scope) => Some(Self::DenyOverlapsDeny),
            (Action::Deny, Action::Allow) if old.scope.contains(&new.scope) => Some(Self::AllowInsideDeny),
            (Action::Allow, Action::Deny) if new.scope.contains(&old.scope) => Some(Self::DenyOverAllow),
            _ => None,
        }
    }
}

impl Row {
    fn read(self) -> Result<Entry, RowFault> {
        let date = self.review_by.ok_or(RowFault::NoReviewDate)?;
        let date = date.date.filter(|_| date.time.is_none() && date.offset.is_none()).ok_or(RowFault::ReviewDate)?;
        let month = Month::try_from(date.month).map_err(|_| RowFault::ReviewDate)?;
        Ok(Entry {
            root: self.root.parse().map_err(|_| RowFault::Root)?,
            action: self.action,
            scope: Scope {
                doc_type: DocTypePattern::parse(&self.doc_type).ok_or(RowFault::DocType)?,
                region: RegionPattern::parse(&self.region).ok_or(RowFault::Region)?,
            },
            review_by: Date::from_calendar_date(i32::from(date.year), month, date.day)
                .map_err(|_| RowFault::ReviewDate)?,
        })
    }
}

/// The region that a certificate names in its subject.
impl From<&Certificate> for Region {
    fn from(certificate: &Certificate) -> Self {
        let subject = certificate.subject();
        Self {
            country: subject.country().map(std::borrow::Cow::into_owned),
            state: subject.state_or_province().map(std::borrow::Cow::into_owned),
        }
    }
}
