//! Compression.

use zlib_rs::{DeflateConfig, ReturnCode, Strategy, compress_bound, compress_slice};

/// How hard a publisher compresses.
///
/// Measured with ten million entries of one bit, 2 % of them set at random, which no code can hold in less than 177 kB
/// (the entropy); see `benches/scale.rs`.
///
/// | | size | × entropy | time |
/// |---|---|---|---|
/// | [`Compression::Fast`] | 242 kB | 1.37 | 6 ms |
/// | [`Compression::Small`] | 227 kB | 1.29 | 0.4 s |
///
/// Every reader of zlib streams reads both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// Runs of one byte and the frequency of the others (zlib's strategy RLE): for lists that are written again every few
    /// minutes. It looks for no other repetition, of which a list of random bits has none worth the search.
    Fast,
    /// zlib level 9, what the draft recommends.
    #[default]
    Small,
}

impl Compression {
    fn config(self) -> DeflateConfig {
        match self {
            Self::Fast => DeflateConfig { strategy: Strategy::Rle, ..DeflateConfig::new(6) },
            Self::Small => DeflateConfig::best_compression(),
        }
    }
}

/// The zlib stream of `plain`.
pub(super) fn compress(plain: &[u8], compression: Compression) -> Vec<u8> {
    let mut stream = vec![0; compress_bound(plain.len())];
    let (written, code) = compress_slice(&mut stream, plain, compression.config());
    // The bound leaves room for any input; an empty stream would be refused by every reader.
    let length = if code == ReturnCode::Ok { written.len() } else { 0 };
    stream.truncate(length);
    stream.shrink_to_fit();
    stream
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn another_zlib_reads_both(plain in prop::collection::vec(prop_oneof![9 => Just(0), 1 => any::<u8>()], 0..5_000)) {
            for compression in [Compression::Fast, Compression::Small] {
                let stream = compress(&plain, compression);
                prop_assert_eq!(miniz_oxide::inflate::decompress_to_vec_zlib(&stream).unwrap(), plain.clone());
            }
        }
    }
}
