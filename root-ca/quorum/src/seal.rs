//! Sealing with age: a password, or an X25519 identity made of a derived key.

use std::io::Read as _;

use age::secrecy::SecretString;
use age::{DecryptError, Decryptor, scrypt, x25519};
use bech32::{Bech32, Hrp};
use zeroize::{Zeroize as _, Zeroizing};

/// What sealed contents may measure at most; longer ones are not ours.
const LONGEST: usize = 8 * 1024;

/// Why sealed bytes did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SealError {
    /// The password or the key is another.
    WrongKey,
    /// The bytes are not an age file, were altered, or ask for more work than they may.
    Damaged,
    /// The library refused to seal, or the derived key has no text form.
    Unusable,
}

/// Seals under a password with scrypt at 2^`log_n`.
pub(crate) fn with_password(password: &str, log_n: u8, plaintext: &[u8]) -> Result<Vec<u8>, SealError> {
    let mut recipient = scrypt::Recipient::new(SecretString::from(password));
    recipient.set_work_factor(log_n);
    age::encrypt(&recipient, plaintext).map_err(|_| SealError::Unusable)
}

/// Opens what [`with_password`] sealed; refuses more work than 2^`log_n`.
pub(crate) fn open_with_password(password: &str, log_n: u8, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let mut identity = scrypt::Identity::new(SecretString::from(password));
    identity.set_max_work_factor(log_n);
    open(&identity, sealed)
}

/// Seals to a recipient in its text form `age1…`.
pub(crate) fn to_recipient(recipient: &x25519::Recipient, plaintext: &[u8]) -> Result<Vec<u8>, SealError> {
    age::encrypt(recipient, plaintext).map_err(|_| SealError::Unusable)
}

/// Opens what was sealed to the recipient of this identity.
pub(crate) fn open_with_identity(identity: &x25519::Identity, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    open(identity, sealed)
}

/// The X25519 identity whose private key are these octets. `age` takes identities in their text form only.
pub(crate) fn identity(octets: &[u8; 32]) -> Result<x25519::Identity, SealError> {
    let prefix = Hrp::parse("age-secret-key-").map_err(|_| SealError::Unusable)?;
    let mut lower = bech32::encode::<Bech32>(prefix, octets).map_err(|_| SealError::Unusable)?;
    lower.make_ascii_uppercase();
    let identity = lower.parse().map_err(|_| SealError::Unusable);
    lower.zeroize();
    identity
}

fn open(identity: &impl age::Identity, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    if sealed.len() > LONGEST {
        return Err(SealError::Damaged);
    }
    let decryptor = Decryptor::new_buffered(sealed).map_err(|_| SealError::Damaged)?;
    let reader = decryptor.decrypt(core::iter::once::<&dyn age::Identity>(identity)).map_err(|error| match error {
        DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed | DecryptError::NoMatchingKeys => {
            SealError::WrongKey
        }
        _ => SealError::Damaged,
    })?;
    // Sized before reading, so that growth leaves no unwiped copies behind.
    let mut plaintext = Zeroizing::new(Vec::with_capacity(sealed.len()));
    reader
        .take(u64::try_from(LONGEST).unwrap_or(u64::MAX))
        .read_to_end(&mut plaintext)
        .map_err(|_| SealError::Damaged)?;
    Ok(plaintext)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

    use super::*;

    #[test]
    fn a_derived_identity_is_that_of_age() {
        let identity = identity(&[7; 32]).unwrap();
        let sealed = to_recipient(&identity.to_public(), b"hush").unwrap();
        assert_eq!(&*open_with_identity(&identity, &sealed).unwrap(), b"hush");
        let other = super::identity(&[8; 32]).unwrap();
        assert_eq!(open_with_identity(&other, &sealed).unwrap_err(), SealError::WrongKey);
    }

    /// Disaster: our program is gone, and the standard tool opens the file.
    #[test]
    fn another_age_program_opens_what_we_seal() {
        use age::secrecy::ExposeSecret as _;

        let identity = identity(&[7; 32]).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let (key, file) = (directory.path().join("key"), directory.path().join("file"));
        std::fs::write(&key, identity.to_string().expose_secret()).unwrap();
        std::fs::write(&file, to_recipient(&identity.to_public(), b"hush").unwrap()).unwrap();
        let Ok(output) = std::process::Command::new("age").arg("-d").arg("-i").arg(&key).arg(&file).output() else {
            println!("skipped: no age program");
            return;
        };
        assert_eq!(output.stdout, b"hush", "{}", String::from_utf8_lossy(&output.stderr));
    }

    #[test]
    fn a_password_opens_with_bounded_work() {
        let sealed = with_password("correct horse", 3, b"hush").unwrap();
        assert_eq!(&*open_with_password("correct horse", 3, &sealed).unwrap(), b"hush");
        assert_eq!(open_with_password("correct house", 3, &sealed).unwrap_err(), SealError::WrongKey);
        assert_eq!(open_with_password("correct horse", 2, &sealed).unwrap_err(), SealError::Damaged);
    }

    #[test]
    fn every_flipped_octet_is_noticed() {
        let identity = identity(&[7; 32]).unwrap();
        let sealed = to_recipient(&identity.to_public(), b"hush").unwrap();
        for index in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[index] ^= 1;
            assert!(open_with_identity(&identity, &altered).is_err(), "octet {index}");
        }
        assert_eq!(open_with_identity(&identity, &[0; LONGEST + 1]).unwrap_err(), SealError::Damaged);
    }
}
