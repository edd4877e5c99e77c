//! Requests and responses that crossed the air gap.

use rusqlite::{Connection, OptionalExtension as _, params};
use time::UtcDateTime;

use super::{
    State, StateError, Write, instant,
    intent::{from_column, to_column},
    seconds,
};

/// A request that was admitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRecord {
    /// Its number.
    pub sequence: u64,
    /// SHA-256 of the file.
    pub digest: [u8; 32],
    /// When it was admitted.
    pub admitted: UtcDateTime,
    /// Whether it was withdrawn: it will have no response.
    pub withdrawn: bool,
}

/// A response that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseRecord {
    /// The number of the request that it answers.
    pub sequence: u64,
    /// SHA-256 of the file.
    pub digest: [u8; 32],
    /// The checkpoint of the audit log in it.
    pub checkpoint: String,
}

/// Where the exchange stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The last admitted request.
    pub request: Option<RequestRecord>,
    /// The last response.
    pub response: Option<ResponseRecord>,
}

impl Exchange {
    /// The number that the next request must have.
    #[must_use]
    pub fn next_sequence(&self) -> u64 {
        self.request.as_ref().map_or(1, |request| request.sequence.saturating_add(1))
    }

    /// Whether the last request waits for its response.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        let answered = self.response.as_ref().map(|response| response.sequence);
        self.request.as_ref().is_some_and(|request| !request.withdrawn && answered != Some(request.sequence))
    }
}

/// A request to be admitted.
pub(crate) struct NewRequest {
    pub(crate) sequence: u64,
    pub(crate) nonce: [u8; 32],
    pub(crate) digest: [u8; 32],
}

impl State {
    /// Where the exchange with the online side stands.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn exchange(&self) -> Result<Exchange, StateError> {
        exchange(&self.connection)
    }

    /// Whether a request had this nonce.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn nonce_is_known(&self, nonce: &[u8; 32]) -> Result<bool, StateError> {
        let found =
            self.connection.query_row("SELECT 1 FROM request WHERE nonce = ?1", [nonce], |_| Ok(())).optional()?;
        Ok(found.is_some())
    }
}

impl Write<'_> {
    pub(crate) fn insert_request(&self, new: &NewRequest) -> Result<(), StateError> {
        self.db.execute(
            "INSERT INTO request (sequence, nonce, digest, admitted) VALUES (?1, ?2, ?3, ?4)",
            params![to_column(new.sequence)?, new.nonce, new.digest, seconds(self.now)],
        )?;
        Ok(())
    }

    pub(crate) fn insert_withdrawal(&self, sequence: u64, reason: &str, person: &str) -> Result<(), StateError> {
        self.db.execute(
            "INSERT INTO withdrawal (sequence, reason, ordered_by, at) VALUES (?1, ?2, ?3, ?4)",
            params![to_column(sequence)?, reason, person, seconds(self.now)],
        )?;
        Ok(())
    }

    pub(crate) fn insert_response(&self, response: &ResponseRecord) -> Result<(), StateError> {
        self.db.execute(
            "INSERT INTO response (sequence, digest, checkpoint, recorded) VALUES (?1, ?2, ?3, ?4)",
            params![to_column(response.sequence)?, response.digest, response.checkpoint, seconds(self.now)],
        )?;
        Ok(())
    }
}

fn exchange(db: &Connection) -> Result<Exchange, StateError> {
    let request = db
        .query_row(
            "SELECT sequence, digest, admitted, EXISTS (SELECT 1 FROM withdrawal WHERE withdrawal.sequence = request.sequence) \
             FROM request ORDER BY sequence DESC LIMIT 1",
            [],
            |row| {
                let (sequence, digest) = (row.get::<_, i64>(0)?, row.get::<_, [u8; 32]>(1)?);
                Ok((sequence, digest, row.get::<_, i64>(2)?, row.get::<_, bool>(3)?))
            },
        )
        .optional()?;
    let response = db
        .query_row("SELECT sequence, digest, checkpoint FROM response ORDER BY sequence DESC LIMIT 1", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, [u8; 32]>(1)?, row.get::<_, String>(2)?))
        })
        .optional()?;
    Ok(Exchange {
        request: request
            .map(|(sequence, digest, admitted, withdrawn)| {
                let (sequence, admitted) = (from_column(sequence)?, instant(admitted)?);
                Ok::<_, StateError>(RequestRecord { sequence, digest, admitted, withdrawn })
            })
            .transpose()?,
        response: response
            .map(|(sequence, digest, checkpoint)| {
                Ok::<_, StateError>(ResponseRecord { sequence: from_column(sequence)?, digest, checkpoint })
            })
            .transpose()?,
    })
}
