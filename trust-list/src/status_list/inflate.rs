//! Bounded decompression.

use flate2::{Decompress, FlushDecompress, Status};

/// The most bytes a compressed list may expand to.
///
/// A list of ten million one-bit entries has 1.25 MB, so that the default of 16 MiB leaves room for 134 million; more
/// than 64 MiB is never accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InflateLimit(usize);

impl InflateLimit {
    /// 64 MiB, the highest limit.
    pub const MAX: Self = Self(64 << 20);

    /// A limit in bytes, brought down to [`InflateLimit::MAX`] when it is above.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        Self(bytes.min(Self::MAX.0))
    }

    /// The limit in bytes.
    #[must_use]
    pub fn bytes(self) -> usize {
        self.0
    }
}

impl Default for InflateLimit {
    fn default() -> Self {
        Self(16 << 20)
    }
}

/// Why a compressed list cannot be expanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InflateError {
    /// Not a zlib stream (RFC 1950), or its Adler-32 checksum is wrong, or it asks for a preset dictionary.
    #[error("the compressed list is corrupt")]
    Corrupt,
    /// The stream ends too early.
    #[error("the compressed list is cut short")]
    Truncated,
    /// Bytes follow the end of the stream.
    #[error("{count} bytes follow the end of the compressed list")]
    TrailingBytes {
        /// How many.
        count: usize,
    },
    /// The stream expands beyond the limit.
    #[error("the list expands to more than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
}

impl InflateError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Corrupt => "inflate-corrupt",
            Self::Truncated => "inflate-truncated",
            Self::TrailingBytes { .. } => "inflate-trailing-bytes",
            Self::TooLarge { .. } => "inflate-too-large",
        }
    }
}

/// Bytes expanded per step.
const WINDOW: usize = 32 << 10;

/// Expands a zlib stream piece by piece into `sink` and returns the number of bytes.
///
/// `Ok` means that the stream ended cleanly: its checksum was right and nothing follows. What `sink` was given before
/// must not be used otherwise.
pub(super) fn inflate(
    compressed: &[u8],
    limit: InflateLimit,
    mut sink: impl FnMut(&[u8]),
) -> Result<usize, InflateError> {
    let mut stream = Decompress::new(true);
    let mut window = vec![0; WINDOW];
    let mut rest = compressed;
    let mut total = 0_usize;
    loop {
        let (taken, given) = (stream.total_in(), stream.total_out());
        let status = stream.decompress(rest, &mut window, FlushDecompress::None).map_err(|_| InflateError::Corrupt)?;
        let taken = usize::try_from(stream.total_in() - taken).map_err(|_| InflateError::Corrupt)?;
        let given = usize::try_from(stream.total_out() - given).map_err(|_| InflateError::Corrupt)?;
        total += given;
        if total > limit.0 {
            return Err(InflateError::TooLarge { limit: limit.0 });
        }
        rest = rest.get(taken..).ok_or(InflateError::Corrupt)?;
        sink(window.get(..given).ok_or(InflateError::Corrupt)?);
        match status {
            Status::StreamEnd if rest.is_empty() => return Ok(total),
            Status::StreamEnd => return Err(InflateError::TrailingBytes { count: rest.len() }),
            _ if taken == 0 && given == 0 => return Err(InflateError::Truncated),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(compressed: &[u8], limit: usize) -> Result<Vec<u8>, InflateError> {
        let mut plain = Vec::new();
        inflate(compressed, InflateLimit::new(limit), |piece| plain.extend_from_slice(piece))?;
        Ok(plain)
    }

    #[test]
    fn the_limit_holds_to_the_byte() {
        let plain = vec![7; 100_000];
        let compressed = miniz_oxide::deflate::compress_to_vec_zlib(&plain, 9);
        assert_eq!(whole(&compressed, 100_000).unwrap(), plain);
        assert_eq!(whole(&compressed, 99_999), Err(InflateError::TooLarge { limit: 99_999 }));
    }

    #[test]
    fn a_bomb_is_refused_at_the_limit() {
        let bomb = miniz_oxide::deflate::compress_to_vec_zlib(&vec![0; 65 << 20], 9);
        assert!(bomb.len() < 100_000);
        let mut seen = 0;
        let result = inflate(&bomb, InflateLimit::new(1 << 20), |piece| seen += piece.len());
        assert_eq!(result, Err(InflateError::TooLarge { limit: 1 << 20 }));
        assert!(seen <= 1 << 20);
        assert_eq!(whole(&bomb, usize::MAX), Err(InflateError::TooLarge { limit: 64 << 20 }));
    }

    #[test]
    fn cut_extended_and_falsified_streams_are_refused() {
        let good = miniz_oxide::deflate::compress_to_vec_zlib(b"some status list, some status list", 9);
        for length in 0..good.len() {
            assert_eq!(whole(&good[..length], 1 << 20), Err(InflateError::Truncated), "{length}");
        }
        let longer = [good.as_slice(), &[0]].concat();
        assert_eq!(whole(&longer, 1 << 20), Err(InflateError::TrailingBytes { count: 1 }));
        for position in 0..good.len() {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[position] ^= 1 << bit;
                // The header's compression level and window size carry no content.
                if let Ok(plain) = whole(&bad, 1 << 20) {
                    assert_eq!(plain, b"some status list, some status list", "byte {position}, bit {bit}");
                }
            }
        }
        assert_eq!(whole(&miniz_oxide::deflate::compress_to_vec(b"raw deflate", 9), 99), Err(InflateError::Corrupt));
        assert_eq!(whole(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0], 99), Err(InflateError::Corrupt));
    }
}
