//! The secret that is shared.

use core::fmt;

use rand_core::CryptoRng;
use zeroize::{Zeroize as _, Zeroizing};

use super::ShareError;

/// The most octets of a secret.
const LONGEST: usize = 64;

/// The fewest characters of a drawn PIN: 8 of 32 possible ones are 40 bits, behind a counter of the token.
const SHORTEST_PIN: usize = 8;

/// Digits and small letters without `0`, `1`, `l` and `o`, which look alike.
const ALPHABET: [u8; 32] = *b"23456789abcdefghijkmnpqrstuvwxyz";

/// A secret of 1 to 64 octets: the PIN of a token, or the key of a backup. Wiped when dropped; `Debug` shows nothing.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes a secret over from the caller.
    ///
    /// # Errors
    /// [`ShareError::SecretLength`].
    pub fn new(octets: impl Into<Vec<u8>>) -> Result<Self, ShareError> {
        let octets = Zeroizing::new(octets.into());
        if (1..=LONGEST).contains(&octets.len()) {
            Ok(Self(octets))
        } else {
            Err(ShareError::SecretLength { found: octets.len() })
        }
    }

    /// Draws a PIN of `length` characters (8 to 64) with 5 bits each, which no person needs to have seen.
    ///
    /// # Errors
    /// [`ShareError::SecretLength`].
    pub fn random_pin(length: usize, rng: &mut impl CryptoRng) -> Result<Self, ShareError> {
        if !(SHORTEST_PIN..=LONGEST).contains(&length) {
            return Err(ShareError::SecretLength { found: length });
        }
        let mut octets = Zeroizing::new(vec![0; length]);
        rng.fill_bytes(&mut octets);
        for octet in octets.iter_mut() {
            // 256 is a multiple of 32: no character is likelier than another.
            *octet = ALPHABET.get(usize::from(*octet % 32)).copied().unwrap_or(b'2');
        }
        Ok(Self(octets))
    }

    /// The octets.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The secret as text, which a PIN is. `None` when it is not UTF-8.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// Length, octets and zeros: always 65 octets, so that the length does not show in the sealed payload.
    pub(super) fn to_padded(&self) -> Zeroizing<Vec<u8>> {
        let mut padded = Zeroizing::new(Vec::with_capacity(LONGEST + 1));
        padded.push(u8::try_from(self.0.len()).unwrap_or_default());
        padded.extend_from_slice(&self.0);
        padded.resize(LONGEST + 1, 0);
        padded
    }

    pub(super) fn from_padded(padded: &[u8]) -> Option<Self> {
        let (length, rest) = padded.split_first()?;
        let (octets, zeros) = rest.split_at_checked(usize::from(*length))?;
        let regular = rest.len() == LONGEST && zeros.iter().all(|octet| *octet == 0);
        if regular { Self::new(octets).ok() } else { None }
    }

    /// Wipes the secret at once; it is empty afterwards.
    pub(crate) fn wipe(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(redacted)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use rand::SeedableRng as _;

    use super::*;

    #[test]
    fn padding_hides_the_length_and_comes_off() {
        for length in [1, 8, 63, 64] {
            let secret = Secret::new(vec![9; length]).unwrap();
            let padded = secret.to_padded();
            assert_eq!(padded.len(), 65);
            assert_eq!(Secret::from_padded(&padded).unwrap().as_bytes(), secret.as_bytes());
        }
        assert!(Secret::from_padded(&[0; 65]).is_none());
        assert!(Secret::from_padded(&[65; 65]).is_none());
        assert!(Secret::from_padded(&[1; 65]).is_none());
        assert!(Secret::from_padded(&[]).is_none());
    }

    #[test]
    fn lengths_are_bounded() {
        assert_eq!(Secret::new("").unwrap_err().id(), "share-secret-length");
        assert_eq!(Secret::new(vec![1; 65]).unwrap_err().id(), "share-secret-length");
        let mut rng = rand::rngs::StdRng::from_seed([1; 32]);
        assert_eq!(Secret::random_pin(7, &mut rng).unwrap_err().id(), "share-secret-length");
        let pin = Secret::random_pin(24, &mut rng).unwrap();
        assert!(pin.as_text().unwrap().bytes().all(|octet| ALPHABET.contains(&octet)));
        assert_ne!(pin.as_bytes(), Secret::random_pin(24, &mut rng).unwrap().as_bytes());
        assert_eq!(format!("{pin:?}"), "Secret(redacted)");
    }
}
