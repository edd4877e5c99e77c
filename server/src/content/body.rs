//! Bytes that are served, shared by every name they have, with their compressed forms.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};

use crate::memory_file::Stored;

/// A body that is not worth compressing: less than this is saved with gzip.
const LEAST_GAIN_PERCENT: usize = 10;
/// Smaller bodies fit a packet as they are.
const LEAST_BYTES: usize = 256;
/// Up to this size brotli takes its time.
const BROTLI_THOROUGH_BYTES: usize = 256 * 1024;

/// The bytes of one object in each coding it is served in.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) bytes: Stored,
    pub(crate) sha256: [u8; 32],
    pub(crate) gzip: Option<Stored>,
    pub(crate) brotli: Option<Stored>,
}

/// SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

impl Body {
    /// Compresses the bytes, if that gains something: what is compressed or encrypted already does not.
    pub(crate) fn new(bytes: Vec<u8>, sha256: [u8; 32]) -> Self {
        let gzip = gzip(&bytes).filter(|packed| gains(packed, &bytes));
        let brotli = gzip.as_ref().and_then(|_| brotli(&bytes)).filter(|packed| gains(packed, &bytes));
        Self { bytes: bytes.into(), sha256, gzip: gzip.map(Stored::from), brotli: brotli.map(Stored::from) }
    }

    /// Memory held, in bytes.
    pub(crate) fn size(&self) -> usize {
        let variants = [&self.gzip, &self.brotli].into_iter().flatten().map(|packed| packed.len());
        self.bytes.len() + variants.sum::<usize>()
    }
}

fn gains(packed: &[u8], plain: &[u8]) -> bool {
    packed.len() <= plain.len() - plain.len() * LEAST_GAIN_PERCENT / 100
}

fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() < LEAST_BYTES {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 2), Compression::best());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

fn brotli(bytes: &[u8]) -> Option<Vec<u8>> {
    let quality = if bytes.len() <= BROTLI_THOROUGH_BYTES { 9 } else { 5 };
    let parameters = brotli::enc::BrotliEncoderParams { quality, ..Default::default() };
    let mut packed = Vec::with_capacity(bytes.len() / 2);
    brotli::BrotliCompress(&mut &*bytes, &mut packed, &parameters).ok()?;
    Some(packed)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::as_conversions, reason = "test code")]

    use std::io::Read as _;

    use super::*;

    #[test]
    fn variants_give_back_the_bytes() {
        let text = "the same line again and again\n".repeat(100).into_bytes();
        let body = Body::new(text.clone(), sha256(&text));
        let mut back = Vec::new();
        flate2::read::GzDecoder::new(body.gzip.as_deref().unwrap().as_ref()).read_to_end(&mut back).unwrap();
        assert_eq!(back, text);
        back.clear();
        brotli::Decompressor::new(body.brotli.as_deref().unwrap().as_ref(), 4096).read_to_end(&mut back).unwrap();
        assert_eq!(back, text);
        assert!(body.size() > text.len());
    }

    #[test]
    fn what_does_not_shrink_has_no_variants() {
        let noise: Vec<u8> = (0..200_u32).flat_map(|n| sha256(&n.to_be_bytes())).collect();
        let body = Body::new(noise.clone(), sha256(&noise));
        assert!(body.gzip.is_none() && body.brotli.is_none());
        assert_eq!(body.size(), noise.len());
        assert!(Body::new(vec![0; 100], sha256(&[0; 100])).gzip.is_none(), "too small to be worth it");
    }
}
