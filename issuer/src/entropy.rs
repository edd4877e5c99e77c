//! The randomness of one document, from one fill of the generator.
//!
//! Thirty fills of 32 bytes cost as much as a third of the whole document; one fill of all costs nearly nothing.

use rand_core::CryptoRng;

use crate::IssueError;

/// Bytes of a salt. ISO/IEC 18013-5 9.1.2.5 asks for at least 16.
pub(crate) const SALT_LENGTH: usize = 32;
/// Bytes drawn for each step of a shuffle: with 64 bits the bias is below 2^-32 for any number of digests.
const STEP_LENGTH: usize = 8;

/// Salts, shuffle steps and decoy digests.
pub(crate) struct Entropy {
    bytes: Vec<u8>,
    salts: usize,
    used: usize,
}

impl Entropy {
    /// Draws `salts` salts, `steps` shuffle steps and `decoy_bytes` bytes in one fill.
    ///
    /// # Errors
    /// [`IssueError::Randomness`] when the generator repeats itself.
    pub(crate) fn draw(
        rng: &mut (impl CryptoRng + ?Sized),
        salts: usize,
        steps: usize,
        decoy_bytes: usize,
    ) -> Result<Self, IssueError> {
        let mut bytes = vec![0; salts * SALT_LENGTH + steps * STEP_LENGTH + decoy_bytes];
        rng.fill_bytes(&mut bytes);
        let entropy = Self { bytes, salts, used: salts * SALT_LENGTH };
        // No proof of randomness, but a generator that is stuck shows here and not in ten million documents.
        let mut previous = &[0; SALT_LENGTH];
        for number in 0..salts {
            let salt = entropy.salt(number)?;
            if salt == previous {
                return Err(IssueError::Randomness);
            }
            previous = salt;
        }
        Ok(entropy)
    }

    /// The salt of the element with this number.
    pub(crate) fn salt(&self, element: usize) -> Result<&[u8; SALT_LENGTH], IssueError> {
        let salt = self.bytes.get(element * SALT_LENGTH..).and_then(<[u8]>::first_chunk);
        salt.filter(|_| element < self.salts).ok_or_else(|| IssueError::Randomness)
    }

    /// The next `length` bytes that are not salts.
    pub(crate) fn take(&mut self, length: usize) -> Result<&[u8], IssueError> {
        let taken = self.bytes.get(self.used..self.used + length).ok_or_else(|| IssueError::Randomness)?;
        self.used += length;
        Ok(taken)
    }

    /// The numbers `0..count` in random order (Fisher and Yates); takes `count` steps.
    pub(crate) fn permutation(&mut self, count: u32) -> Result<Vec<u32>, IssueError> {
        let mut numbers: Vec<u32> = (0..count).collect();
        let (steps, _) = self.take(numbers.len() * STEP_LENGTH)?.as_chunks::<STEP_LENGTH>();
        for ((last, number), step) in (0..numbers.len()).zip(0..count).rev().zip(steps) {
            // floor(step * (number + 1) / 2^64): uniform in 0..=number up to the bias above.
            let scaled = (u128::from(u64::from_be_bytes(*step)) * (u128::from(number) + 1)) >> 64;
            numbers.swap(last, usize::try_from(scaled).map_err(|_| IssueError::Randomness)?);
        }
        Ok(numbers)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use rand_core::{TryCryptoRng, TryRng};

    use super::*;

    /// Counts fills and gives them distinct bytes.
    struct Counting(u8);

    impl TryRng for Counting {
        type Error = Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Infallible> {
            unreachable!("nobody asks for single words")
        }

        fn try_next_u64(&mut self) -> Result<u64, Infallible> {
            unreachable!("nobody asks for single words")
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
            self.0 += 1;
            let mut state = 0x9e37_79b9_7f4a_7c15_u64;
            for byte in bytes {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                *byte = state.to_be_bytes()[0];
            }
            Ok(())
        }
    }

    impl TryCryptoRng for Counting {}

    struct Stuck;

    impl TryRng for Stuck {
        type Error = Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Infallible> {
            Ok(7)
        }

        fn try_next_u64(&mut self) -> Result<u64, Infallible> {
            Ok(7)
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
            bytes.fill(7);
            Ok(())
        }
    }

    impl TryCryptoRng for Stuck {}

    #[test]
    fn one_fill_serves_all() {
        let mut rng = Counting(0);
        let mut entropy = Entropy::draw(&mut rng, 30, 32, 64).unwrap();
        assert_eq!(rng.0, 1);
        let mut permutation = entropy.permutation(32).unwrap();
        assert_ne!(permutation, (0..32).collect::<Vec<_>>());
        permutation.sort_unstable();
        assert_eq!(permutation, (0..32).collect::<Vec<_>>());
        assert_eq!(entropy.take(64).unwrap().len(), 64);
        assert!(entropy.take(1).is_err(), "nothing is used twice");
    }

    #[test]
    fn a_stuck_generator_is_noticed() {
        assert!(matches!(Entropy::draw(&mut Stuck, 2, 0, 0), Err(IssueError::Randomness)));
    }

    #[test]
    fn every_place_is_reached_about_as_often() {
        // All 8 bits of the steps' first byte, so that the shuffle is exercised over its whole range.
        let mut counts = [[0_u32; 4]; 4];
        let mut rng = Counting(0);
        let mut entropy = Entropy::draw(&mut rng, 0, 4 * 4000, 0).unwrap();
        for _ in 0..4000 {
            for (element, place) in entropy.permutation(4).unwrap().into_iter().enumerate() {
                counts[element][usize::try_from(place).unwrap()] += 1;
            }
        }
        assert!(counts.iter().flatten().all(|count| (850..1150).contains(count)), "{counts:?}");
    }
}
