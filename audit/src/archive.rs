//! Taking old records out of a log: by the auditor, after a year, into a sealed file.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use time::{Date, Month, UtcDateTime};

use crate::{
    Actor, AuditError, Checkpoint, CheckpointKey, Class, Event, Log, Operation, Origin, Outcome, Record, base::Base,
    chain::Chain, file, log::length, merkle, read::Scan, record::write_time,
};

/// The policy role that may archive.
pub const AUDITOR: &str = "auditor";

/// The order to archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveOrder {
    /// Who gives it, as the caller has authenticated him.
    pub actor: Actor,
    /// The policy role that he acts in; only [`AUDITOR`] will do.
    pub role: String,
    /// Records before this instant are to leave the log.
    pub before: UtcDateTime,
}

/// A part of a log that was archived.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Archived {
    /// `<log>.<first>-<last>.archive`: the lines as they were, mode 0400. It is a log file itself.
    pub path: PathBuf,
    /// `<log>.<first>-<last>.checkpoint`: its seal, the checkpoint of the tree that ends with its last record.
    pub seal_path: PathBuf,
    /// The seal.
    pub seal: Checkpoint,
    /// The number of its first record.
    pub first: u64,
    /// The number of its last record.
    pub last: u64,
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
}

impl Log {
    /// Moves old records into a sealed file beside the log. The log goes on from there: its first line then names the
    /// state that the archive ends with, and its last record the archive. A refused order is recorded, too.
    ///
    /// The log changes in one step, by a rename; after a crash before it the same order can be given again.
    ///
    /// # Errors
    /// [`AuditError::NotAuditor`]; [`AuditError::Retention`] when a record before the time given could be less than one
    /// calendar year old at `now`; [`AuditError::NothingToArchive`]; as [`Log::append`].
    pub fn archive(
        &mut self,
        order: &ArchiveOrder,
        origin: &Origin,
        key: &CheckpointKey,
        now: UtcDateTime,
    ) -> Result<Archived, AuditError> {
        if let Err(refusal) = self.may_archive(order, now) {
            let event = order_event(order, Outcome::Refused)?.detail("reason", refusal.id());
            self.append(event, now)?;
            return Err(refusal);
        }
        let content = self.content()?;
        let split = Split::new(self, &content, order.before)?;
        let archived = split.seal(self, origin, key)?;
        self.go_on(&split, &archived, order, now)?;
        Ok(archived)
    }

    fn may_archive(&self, order: &ArchiveOrder, now: UtcDateTime) -> Result<(), AuditError> {
        if order.role != AUDITOR {
            return Err(AuditError::NotAuditor { actor: order.actor.clone() });
        }
        let until = a_year_after(order.before).ok_or(AuditError::TimeRange)?;
        if now < until { Err(AuditError::Retention { before: order.before, until }) } else { Ok(()) }
    }

    /// Puts the shortened log, with the record of what was done, in the place of the long one.
    fn go_on(
        &mut self,
        split: &Split<'_>,
        archived: &Archived,
        order: &ArchiveOrder,
        now: UtcDateTime,
    ) -> Result<(), AuditError> {
        let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let event = order_event(order, Outcome::Success)?
            .object(name(&archived.path), archived.sha256)
            .object(name(&archived.seal_path), merkle::sha256(&[archived.seal.as_str().as_bytes()]))
            .detail("first", archived.first)
            .detail("last", archived.last);
        let (record, line) = self.next_record(event, now)?;
        let content = [&split.base, split.kept, line.as_bytes(), b"\n"].concat();

        let path = file::beside(&self.path, ".new");
        let mut new = file::private(0o600)
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)
            .map_err(AuditError::io(Operation::Open, &path))?;
        new.write_all(&content).map_err(AuditError::io(Operation::Write, &path))?;
        new.sync_all().map_err(AuditError::io(Operation::Sync, &path))?;
        fs::rename(&path, &self.path).map_err(AuditError::io(Operation::Rename, &path))?;

        self.file = new;
        self.length = length(content.len());
        self.chain.advance(line.as_bytes(), Some(&record));
        file::sync_directory(&self.path)
    }
}

/// A log cut in two.
struct Split<'a> {
    /// The bytes of the archive.
    old: &'a [u8],
    /// The first line of what remains, with its newline.
    base: Vec<u8>,
    /// The records that remain.
    kept: &'a [u8],
    /// The state at the cut.
    cut: Chain,
    /// The number of the first record of the archive.
    first: u64,
}

impl<'a> Split<'a> {
    fn new(log: &Log, content: &'a [u8], before: UtcDateTime) -> Result<Self, AuditError> {
        let scan = Scan::new(content, &Chain::default());
        if !scan.faults.is_empty() || scan.end != log.chain {
            return Err(AuditError::Unsound { path: log.path.clone(), faults: scan.faults });
        }
        let first = scan.start.tree.size();
        let old = |((_, record), _): &(&(u64, Record), &&[u8])| record.time < before;
        let mut cut = scan.start;
        let mut kept = scan.lines.iter().map(|line| line.len() + 1).sum::<usize>();
        for ((_, record), line) in scan.records.iter().zip(&scan.lines).take_while(old) {
            cut.advance(line, Some(record));
            kept -= line.len() + 1;
        }
        if cut.tree.size() == first {
            return Err(AuditError::NothingToArchive { before });
        }
        let base = Base::of(&cut).and_then(|base| base.to_line()).ok_or(AuditError::TimeRange)?;
        let (old, kept) = content.split_at(content.len() - kept);
        Ok(Self { old, base: format!("{base}\n").into_bytes(), kept, cut, first })
    }

    fn seal(&self, log: &Log, origin: &Origin, key: &CheckpointKey) -> Result<Archived, AuditError> {
        let size = self.cut.tree.size();
        let (first, last) = (self.first, size - 1);
        let seal = key.sign(origin, size, &self.cut.tree.root());
        let path = file::beside(&log.path, &format!(".{first}-{last}.archive"));
        let seal_path = file::beside(&log.path, &format!(".{first}-{last}.checkpoint"));
        file::create_again(&path, self.old, 0o400)?;
        file::create_again(&seal_path, seal.as_str().as_bytes(), 0o400)?;
        Ok(Archived { path, seal_path, seal, first, last, sha256: merkle::sha256(&[self.old]) })
    }
}

fn order_event(order: &ArchiveOrder, outcome: Outcome) -> Result<Event, AuditError> {
    let before = write_time(order.before).ok_or(AuditError::TimeRange)?;
    let event = Event::new(Class::SystemAccess, "log-archive", outcome, order.actor.clone())?;
    Ok(event.detail("before", before).detail("role", order.role.as_str()))
}

/// The same day and hour of the next year; 29 February is followed by 1 March.
fn a_year_after(time: UtcDateTime) -> Option<UtcDateTime> {
    let date = time.date();
    let next = date.year().checked_add(1)?;
    let date = match Date::from_calendar_date(next, date.month(), date.day()) {
        Ok(date) => date,
        Err(_) => Date::from_calendar_date(next, Month::March, 1).ok()?,
    };
    Some(UtcDateTime::new(date, time.time()))
}

#[cfg(test)]
mod tests {
    use time::macros::utc_datetime;

    use super::*;

    #[test]
    fn a_calendar_year() {
        for (from, to) in [
            (utc_datetime!(2026-11-21 12:00), utc_datetime!(2027-11-21 12:00)),
            (utc_datetime!(2028-02-29 1:02:03), utc_datetime!(2029-03-01 1:02:03)),
            (utc_datetime!(2027-03-01 0:00), utc_datetime!(2028-03-01 0:00)),
        ] {
            assert_eq!(a_year_after(from), Some(to));
        }
        assert_eq!(a_year_after(utc_datetime!(9999-01-01 0:00)), None);
    }
}
