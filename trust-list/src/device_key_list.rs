//! Device-key lists: the revoked ones by the key of the holder's device.
//!
//! The Japanese CP/CPS (4.4.1.2) has the device keys of all unexpired documents under a revoked document signer published
//! in an "MSO Revocation List", but no public text says in which form. The form here is **our own**, a sibling of the
//! identifier list (ISO/IEC 18013-5 12.3.6.4), and says so by a media type and a private claim of its own.

use std::collections::BTreeSet;

use tegata_mdoc::cbor::{DecodeError, DecodeErrorKind, Encoder, Key, Reader};
use tegata_mdoc::cose::{KTY_EC2, KTY_OKP};
use tegata_pki::{Certificate, CryptoProvider, Hash, PublicKey};
use time::UtcDateTime;

use crate::token::sealed::Content;

/// Octets of a thumbprint.
const THUMBPRINT: usize = 32;

/// What names a device key in a list: its COSE Key Thumbprint (RFC 9679) with SHA-256, which lets a holder of the key be
/// found and publishes no key.
///
/// SHA-256 over the deterministic encoding (RFC 8949 4.2.1) of `{ 1: kty, -1: crv, -2: x, -3: y }`, coordinates of full
/// length and never compressed; without `-3` for keys that have one coordinate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyThumbprint([u8; THUMBPRINT]);

impl KeyThumbprint {
    /// The thumbprint of a key.
    #[must_use]
    pub fn of(key: &PublicKey, provider: &dyn CryptoProvider) -> Self {
        let key_type = if key.curve().is_weierstrass() { KTY_EC2 } else { KTY_OKP };
        let mut encoder = Encoder::with_capacity(160);
        encoder.map(if key.y().is_some() { 4 } else { 3 });
        encoder.integer(1).integer(key_type).integer(-1).integer(key.curve().cose_number()).integer(-2).bytes(key.x());
        if let Some(y) = key.y() {
            encoder.integer(-3).bytes(y);
        }
        let digest = provider.digest(Hash::Sha256, encoder.as_bytes());
        Self(digest.as_bytes().try_into().unwrap_or_default())
    }

    /// A thumbprint that was computed before.
    #[must_use]
    pub const fn from_bytes(octets: [u8; THUMBPRINT]) -> Self {
        Self(octets)
    }

    /// The octets.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; THUMBPRINT] {
        &self.0
    }
}

/// What names a document signer in a list: the digest of its issuer's key and its serial number. Serial numbers alone are
/// unique under one issuer only, and a list may be signed under another CA than the issuer's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignerName {
    /// SHA-256 of the SubjectPublicKeyInfo of the CA certificate that issued the signer's, in DER.
    pub issuer_key: [u8; 32],
    /// The contents octets of the serial number, as [`Certificate::serial`] gives them.
    pub serial: Vec<u8>,
}

impl SignerName {
    /// The name of `signer`, issued by `issuer`.
    #[must_use]
    pub fn of(signer: &Certificate, issuer: &Certificate, provider: &dyn CryptoProvider) -> Self {
        let digest = provider.digest(Hash::Sha256, issuer.spki_der());
        Self { issuer_key: digest.as_bytes().try_into().unwrap_or_default(), serial: signer.serial().to_vec() }
    }
}

/// The revoked documents of a publisher, by device key.
///
/// ```cddl
/// DeviceKeyList = { "sequence": uint,                            ; grows with every list of this subject
///                   "keys": bstr,                                ; thumbprints, 32 octets each, ascending, none twice
///                   ? "documentSigners": [ + document-signer ],  ; all documents of these; ascending, none twice
///                   * tstr => any }
/// document-signer = [ issuerKey: bstr .size 32, serial: bstr .size (1..20) ]
/// ```
///
/// In a CWT of type `application/device-key-list+cwt` it is the claim -65537, which RFC 8392 9.1 leaves to private use;
/// `sub` is the address of the list, `exp` its nextUpdate and mandatory, and tag 18, `typ` and `x5chain` stand where
/// ISO/IEC 18013-5 12.3.6.3 wants them, with no deviation tolerated.
///
/// A document is revoked when the thumbprint of its MSO's `deviceKey` is among `keys`, or when its document signer is
/// among `documentSigners`: a shorthand for millions of entries, after a signer was revoked. What has expired is not
/// listed ([`DeviceKeyList::unexpired`]), so that a list shrinks to nothing within the life of one MSO.
///
/// A token of 16 MiB holds half a million keys. Beyond that, publish several lists, each with a subject of its own, or
/// the shorthand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceKeyList {
    sequence: u64,
    /// Thumbprints one after the other, ascending.
    keys: Vec<u8>,
    signers: BTreeSet<SignerName>,
}

impl DeviceKeyList {
    /// A list of the given keys and signers; repeated ones count once.
    #[must_use]
    pub fn new(
        sequence: u64,
        keys: impl IntoIterator<Item = KeyThumbprint>,
        signers: impl IntoIterator<Item = SignerName>,
    ) -> Self {
        let mut keys: Vec<_> = keys.into_iter().collect();
        keys.sort_unstable();
        keys.dedup();
        let keys = keys.iter().flat_map(|key| key.0).collect();
        Self { sequence, keys, signers: signers.into_iter().collect() }
    }

    /// The list of a ledger at a time: of the revoked keys with the `validUntil` of their MSOs, and of the revoked signers
    /// with the latest `validUntil` of theirs, those that are not over at `at` (CP/CPS 4.4.1.2).
    #[must_use]
    pub fn unexpired(
        sequence: u64,
        at: UtcDateTime,
        keys: impl IntoIterator<Item = (KeyThumbprint, UtcDateTime)>,
        signers: impl IntoIterator<Item = (SignerName, UtcDateTime)>,
    ) -> Self {
        let keys = keys.into_iter().filter(|(_, valid_until)| *valid_until >= at).map(|(key, _)| key);
        let signers = signers.into_iter().filter(|(_, valid_until)| *valid_until >= at).map(|(signer, _)| signer);
        Self::new(sequence, keys, signers)
    }

    /// The number of this list: a reader that has seen a higher one of the same subject refuses it.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The revoked keys, ascending.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = KeyThumbprint> {
        let (thumbprints, _) = self.keys.as_chunks();
        thumbprints.iter().copied().map(KeyThumbprint)
    }

    /// The signers all of whose documents are revoked, ascending.
    pub fn signers(&self) -> impl ExactSizeIterator<Item = &SignerName> {
        self.signers.iter()
    }

    pub(crate) fn contains_key(&self, key: &KeyThumbprint) -> bool {
        let (thumbprints, _) = self.keys.as_chunks();
        thumbprints.binary_search(&key.0).is_ok()
    }

    pub(crate) fn contains_signer(&self, signer: &SignerName) -> bool {
        self.signers.contains(signer)
    }
}

impl Content for DeviceKeyList {
    const CWT_CLAIM: i64 = -65537;
    const CWT_TYPE: &'static str = "application/device-key-list+cwt";
    const CWT_SHORT_TYPE: &'static str = "device-key-list+cwt";
    // No publisher has ever written it otherwise.
    const MAY_DEVIATE: bool = false;
    const IS_REFERRED_TO: bool = false;

    fn decode_cbor(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut sequence, mut keys, mut signers) = (None, None, BTreeSet::new());
        reader.map(|reader, key| {
            match key {
                Key::Text("sequence") => sequence = Some(reader.unsigned()?),
                Key::Text("keys") => keys = Some(decode_keys(reader)?),
                Key::Text("documentSigners") => signers = decode_signers(reader)?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let missing = |key| DecodeError::new(DecodeErrorKind::MissingKey { key }, at);
        Ok(Self {
            sequence: sequence.ok_or_else(|| missing("sequence"))?,
            keys: keys.ok_or_else(|| missing("keys"))?,
            signers,
        })
    }

    fn encode_cbor(&self, encoder: &mut Encoder) {
        encoder.map(2 + usize::from(!self.signers.is_empty()));
        encoder.text("keys").bytes(&self.keys);
        encoder.text("sequence").unsigned(self.sequence);
        if !self.signers.is_empty() {
            encoder.text("documentSigners").array(self.signers.len());
            for signer in &self.signers {
                encoder.array(2).bytes(&signer.issuer_key).bytes(&signer.serial);
            }
        }
    }
}

/// Order is checked once here, so that a search may halve.
fn decode_keys(reader: &mut Reader<'_>) -> Result<Vec<u8>, DecodeError> {
    let octets = reader.bytes()?;
    match octets.as_chunks::<THUMBPRINT>() {
        (thumbprints, []) if thumbprints.is_sorted_by(|one, next| one < next) => Ok(octets.to_vec()),
        _ => Err(reader.error(DecodeErrorKind::InvalidValue { field: "keys" })),
    }
}

fn decode_signers(reader: &mut Reader<'_>) -> Result<BTreeSet<SignerName>, DecodeError> {
    let mut signers = BTreeSet::new();
    reader.array(|reader, _| {
        let signer = decode_signer(reader)?;
        // Ascending, none twice.
        if signers.last().is_some_and(|last| *last >= signer) {
            return Err(reader.error(DecodeErrorKind::InvalidValue { field: "documentSigners" }));
        }
        signers.insert(signer);
        Ok(())
    })?;
    if signers.is_empty() { Err(reader.error(DecodeErrorKind::Empty)) } else { Ok(signers) }
}

fn decode_signer(reader: &mut Reader<'_>) -> Result<SignerName, DecodeError> {
    let (mut issuer_key, mut serial) = (None, Vec::new());
    reader.array_of(2, |reader, index| {
        match index {
            0 => issuer_key = reader.bytes()?.try_into().ok(),
            _ => serial = reader.bytes()?.to_vec(),
        }
        Ok(())
    })?;
    match issuer_key {
        Some(issuer_key) if (1..=20).contains(&serial.len()) => Ok(SignerName { issuer_key, serial }),
        _ => Err(reader.error(DecodeErrorKind::InvalidValue { field: "document-signer" })),
    }
}

#[cfg(test)]
#[expect(clippy::as_conversions, reason = "test code")]
mod tests {
    use proptest::prelude::*;
    use tegata_mdoc::cbor::Limits;
    use tegata_pki::{Curve, rust_crypto};

    use super::*;

    fn decoded(bytes: &[u8]) -> Result<DeviceKeyList, DecodeErrorKind> {
        let mut reader = Reader::new(bytes, Limits::LIST).unwrap();
        let list = DeviceKeyList::decode_cbor(&mut reader);
        list.and_then(|list| reader.finish().map(|()| list)).map_err(|error| error.kind().clone())
    }

    fn encoded(list: &DeviceKeyList) -> Vec<u8> {
        let mut encoder = Encoder::new();
        list.encode_cbor(&mut encoder);
        encoder.into_bytes()
    }

    fn signer(octet: u8) -> SignerName {
        SignerName { issuer_key: [octet; 32], serial: vec![octet] }
    }

    #[test]
    fn the_example_of_rfc_9679_has_its_thumbprint() {
        // RFC 9679 6.
        let x = hex::decode("65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d").unwrap();
        let y = hex::decode("1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c").unwrap();
        let key = PublicKey::from_coordinates(Curve::P256, &x, Some(&y)).unwrap();
        let thumbprint = KeyThumbprint::of(&key, rust_crypto());
        let expected = "496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec";
        assert_eq!(hex::encode(thumbprint.as_bytes()), expected);
    }

    #[test]
    fn keys_out_of_order_twice_or_cut_are_refused() {
        let list = |keys: &[u8]| {
            let mut encoder = Encoder::new();
            encoder.map(2).text("keys").bytes(keys).text("sequence").unsigned(1);
            decoded(encoder.as_bytes())
        };
        let invalid = Err(DecodeErrorKind::InvalidValue { field: "keys" });
        assert!(list(&[[1; 32], [2; 32]].concat()).is_ok());
        assert_eq!(list(&[[2; 32], [1; 32]].concat()), invalid);
        assert_eq!(list(&[[1; 32], [1; 32]].concat()), invalid);
        assert_eq!(list(&[1; 33]), invalid);
        assert!(list(&[]).is_ok());
    }

    #[test]
    fn signers_out_of_order_none_or_misshapen_are_refused() {
        let list = |signers: &[(usize, &[u8], &[u8])]| {
            let mut encoder = Encoder::new();
            encoder.map(3).text("keys").bytes(&[]).text("sequence").unsigned(1);
            encoder.text("documentSigners").array(signers.len());
            for (length, issuer_key, serial) in signers {
                encoder.array(*length).bytes(issuer_key).bytes(serial);
                (2..*length).for_each(|_| _ = encoder.null());
            }
            decoded(encoder.as_bytes())
        };
        assert!(list(&[(2, &[1; 32], &[1]), (2, &[1; 32], &[2])]).is_ok());
        for bad in [
            list(&[]),
            list(&[(2, &[1; 32], &[2]), (2, &[1; 32], &[1])]),
            list(&[(2, &[1; 32], &[2]), (2, &[1; 32], &[2])]),
            list(&[(3, &[1; 32], &[2])]),
            list(&[(2, &[1; 31], &[2])]),
            list(&[(2, &[1; 32], &[])]),
            list(&[(2, &[1; 32], &[1; 21])]),
        ] {
            assert!(bad.is_err(), "{bad:?}");
        }
    }

    #[test]
    fn mandatory_members_are_mandatory_and_others_are_ignored() {
        let mut encoder = Encoder::new();
        encoder.map(1).text("keys").bytes(&[]);
        assert_eq!(decoded(encoder.as_bytes()), Err(DecodeErrorKind::MissingKey { key: "sequence" }));
        let mut encoder = Encoder::new();
        encoder.map(1).text("sequence").unsigned(1);
        assert_eq!(decoded(encoder.as_bytes()), Err(DecodeErrorKind::MissingKey { key: "keys" }));
        let mut encoder = Encoder::new();
        encoder.map(3).text("keys").bytes(&[]).text("later").boolean(true).text("sequence").unsigned(7);
        assert_eq!(decoded(encoder.as_bytes()), Ok(DeviceKeyList::new(7, [], [])));
    }

    #[test]
    fn what_has_expired_is_not_listed() {
        let at = UtcDateTime::from_unix_timestamp(1_000).unwrap();
        let at_second = |second| UtcDateTime::from_unix_timestamp(second).unwrap();
        let [old, last, new] = [1, 2, 3].map(|octet| KeyThumbprint::from_bytes([octet; 32]));
        let keys = [(new, at_second(2_000)), (old, at_second(999)), (last, at)];
        let signers = [(signer(1), at_second(999)), (signer(2), at_second(1_001))];
        let list = DeviceKeyList::unexpired(5, at, keys, signers);
        assert_eq!(list.keys().collect::<Vec<_>>(), [last, new]);
        assert_eq!(list.signers().collect::<Vec<_>>(), [&signer(2)]);
    }

    proptest! {
        #[test]
        fn a_list_is_read_as_written_and_contains_what_it_was_made_of(
            keys in prop::collection::vec(any::<[u8; 32]>(), 0..40),
            others in prop::collection::vec(any::<[u8; 32]>(), 0..10),
            signers in prop::collection::vec((any::<[u8; 32]>(), prop::collection::vec(any::<u8>(), 1..=20)), 0..6),
            sequence: u64,
        ) {
            let thumbprints = keys.iter().copied().map(KeyThumbprint::from_bytes);
            let names = signers.iter().cloned().map(|(issuer_key, serial)| SignerName { issuer_key, serial });
            let list = DeviceKeyList::new(sequence, thumbprints.clone(), names.clone());
            prop_assert_eq!(decoded(&encoded(&list)).unwrap(), list.clone());
            for key in thumbprints {
                prop_assert!(list.contains_key(&key));
            }
            for other in others {
                prop_assert_eq!(list.contains_key(&KeyThumbprint::from_bytes(other)), keys.contains(&other));
            }
            for name in names {
                prop_assert!(list.contains_signer(&name));
            }
        }

        #[test]
        fn foreign_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(list) = decoded(&bytes) {
                prop_assert_eq!(list.keys().len() as u64 * 32, list.keys.len() as u64);
            }
        }
    }
}
