//! What comes back from a fetch, and what a wrong answer looks like.

/// The result of a fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The bytes. Fetch no more than `max_bytes` and one: that one tells that there are more.
    Bytes(Vec<u8>),
    /// The server says that there is no such file (HTTP 404 or 410). Nothing else is this.
    Absent,
    /// There is no answer, or none that tells.
    Failed(FetchFailure),
}

/// Why a fetch failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum FetchFailure {
    /// No connection: name resolution, network, refusal.
    #[error("no connection")]
    Connection,
    /// No end within the time given: nothing, or too slowly.
    #[error("too slow")]
    Timeout,
    /// TLS failed. It protects nothing here, but a proxy may be in the way.
    #[error("TLS failed")]
    Tls,
    /// Another HTTP status than 200, 404 and 410.
    #[error("HTTP status {0}")]
    Status(u16),
    /// The connection ended before the announced length.
    #[error("the connection was interrupted")]
    Interrupted,
    /// More bytes than were asked for. Metadata and objects say so by themselves; this is for files without a parent that
    /// states their length.
    #[error("longer than allowed")]
    TooLong,
    /// A local file or medium cannot be read.
    #[error("the medium cannot be read")]
    Medium,
}
