//! Curves, hashes and signature algorithms, and their numbers in COSE and X.509.
//!
//! X.509 names a hash and leaves the curve to the key; COSE (as ISO/IEC 18013-5 uses it) ties the two together. So
//! [`SignatureAlgorithm`] carries no curve and [`CoseAlgorithm::permits`] answers whether a key goes with a number.

use core::fmt;

use der::asn1::ObjectIdentifier;

/// An elliptic curve of ISO/IEC 18013-5 that this crate computes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Curve {
    /// NIST P-256 (secp256r1).
    P256,
    /// NIST P-384 (secp384r1).
    P384,
    /// NIST P-521 (secp521r1).
    P521,
    /// brainpoolP256r1 (RFC 5639).
    BrainpoolP256r1,
    /// brainpoolP384r1 (RFC 5639).
    BrainpoolP384r1,
    /// Ed25519 (RFC 8032): signatures only.
    Ed25519,
    /// X25519 (RFC 7748): key agreement only.
    X25519,
}

impl Curve {
    /// Every curve, in the order of the declaration.
    pub const ALL: [Self; 7] =
        [Self::P256, Self::P384, Self::P521, Self::BrainpoolP256r1, Self::BrainpoolP384r1, Self::Ed25519, Self::X25519];

    /// Octets of one coordinate and of one half of a signature: 66 for P-521 (RFC 9053 2.1).
    #[must_use]
    pub const fn field_len(self) -> usize {
        match self {
            Self::P256 | Self::BrainpoolP256r1 | Self::Ed25519 | Self::X25519 => 32,
            Self::P384 | Self::BrainpoolP384r1 => 48,
            Self::P521 => 66,
        }
    }

    /// Whether keys are Weierstrass points with two coordinates (COSE EC2, JOSE EC).
    #[must_use]
    pub const fn is_weierstrass(self) -> bool {
        !matches!(self, Self::Ed25519 | Self::X25519)
    }

    /// Whether keys on this curve make signatures. All but X25519 do.
    #[must_use]
    pub const fn can_sign(self) -> bool {
        !matches!(self, Self::X25519)
    }

    /// Whether keys on this curve agree on secrets (ECDH). All but Ed25519 do.
    #[must_use]
    pub const fn can_agree(self) -> bool {
        !matches!(self, Self::Ed25519)
    }

    /// The usual name: `P-256`, `brainpoolP256r1`, `Ed25519`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::BrainpoolP256r1 => "brainpoolP256r1",
            Self::BrainpoolP384r1 => "brainpoolP384r1",
            Self::Ed25519 => "Ed25519",
            Self::X25519 => "X25519",
        }
    }

    /// The named-curve object identifier (RFC 5480, RFC 5639), or the key algorithm of RFC 8410.
    #[must_use]
    pub const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::P256 => const { ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7") },
            Self::P384 => const { ObjectIdentifier::new_unwrap("1.3.132.0.34") },
            Self::P521 => const { ObjectIdentifier::new_unwrap("1.3.132.0.35") },
            Self::BrainpoolP256r1 => const { ObjectIdentifier::new_unwrap("1.3.36.3.3.2.8.1.1.7") },
            Self::BrainpoolP384r1 => const { ObjectIdentifier::new_unwrap("1.3.36.3.3.2.8.1.1.11") },
            Self::Ed25519 => const { ObjectIdentifier::new_unwrap("1.3.101.112") },
            Self::X25519 => const { ObjectIdentifier::new_unwrap("1.3.101.110") },
        }
    }

    /// The curve that [`Curve::oid`] gave this identifier.
    #[must_use]
    pub fn from_oid(oid: &ObjectIdentifier) -> Option<Self> {
        Self::ALL.into_iter().find(|curve| curve.oid() == *oid)
    }

    /// The COSE curve number (IANA "COSE Elliptic Curves").
    #[must_use]
    pub const fn cose_number(self) -> i64 {
        match self {
            Self::P256 => 1,
            Self::P384 => 2,
            Self::P521 => 3,
            Self::X25519 => 4,
            Self::Ed25519 => 6,
            Self::BrainpoolP256r1 => 256,
            Self::BrainpoolP384r1 => 258,
        }
    }

    /// The curve of a COSE curve number.
    #[must_use]
    pub fn from_cose_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|curve| curve.cose_number() == number)
    }

    /// The JOSE `crv` value. The brainpool names are those of the BSI registrations
    /// (`BP-256`, `BP-384`).
    #[must_use]
    pub const fn jose_name(self) -> &'static str {
        match self {
            Self::BrainpoolP256r1 => "BP-256",
            Self::BrainpoolP384r1 => "BP-384",
            other => other.name(),
        }
    }

    /// The curve of a JOSE `crv` value; the RFC 5639 spelling of the brainpool curves is taken too.
    #[must_use]
    pub fn from_jose_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|curve| curve.jose_name() == name || curve.name() == name)
    }

    /// The signature algorithm an issuer uses with a key on this curve; `None` for X25519.
    #[must_use]
    pub const fn signature_algorithm(self) -> Option<SignatureAlgorithm> {
        match self {
            Self::P256 | Self::BrainpoolP256r1 => Some(SignatureAlgorithm::Ecdsa(Hash::Sha256)),
            Self::P384 | Self::BrainpoolP384r1 => Some(SignatureAlgorithm::Ecdsa(Hash::Sha384)),
            Self::P521 => Some(SignatureAlgorithm::Ecdsa(Hash::Sha512)),
            Self::Ed25519 => Some(SignatureAlgorithm::EdDsa),
            Self::X25519 => None,
        }
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A hash function of ISO/IEC 18013-5 9.1.2.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hash {
    /// SHA-256, 32 octets.
    Sha256,
    /// SHA-384, 48 octets.
    Sha384,
    /// SHA-512, 64 octets.
    Sha512,
}

impl Hash {
    /// Every hash, shortest first.
    pub const ALL: [Self; 3] = [Self::Sha256, Self::Sha384, Self::Sha512];

    /// Octets of a digest.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "the length of the digest, not of a collection")]
    pub const fn len(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The name as `digestAlgorithm` of the MSO writes it: `SHA-256`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    /// The hash of an exact `digestAlgorithm` name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hash| hash.name() == name)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a message is signed. The curve comes with the key: X.509 lets a P-521 key sign with SHA-256 (RFC 5758), and real
/// certificates do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignatureAlgorithm {
    /// ECDSA over the hash (FIPS 186-5 6).
    Ecdsa(Hash),
    /// Ed25519 in its pure form (RFC 8032 5.1).
    EdDsa,
}

impl SignatureAlgorithm {
    /// The X.509 `signatureAlgorithm` (RFC 5758 3.2, RFC 8410 3); its parameters are absent.
    #[must_use]
    pub const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Ecdsa(Hash::Sha256) => const { ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2") },
            Self::Ecdsa(Hash::Sha384) => const { ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3") },
            Self::Ecdsa(Hash::Sha512) => const { ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4") },
            Self::EdDsa => const { ObjectIdentifier::new_unwrap("1.3.101.112") },
        }
    }

    /// The algorithm of an X.509 `signatureAlgorithm` identifier, if it is one we verify.
    #[must_use]
    pub fn from_oid(oid: &ObjectIdentifier) -> Option<Self> {
        const ALL: [SignatureAlgorithm; 4] = [
            SignatureAlgorithm::Ecdsa(Hash::Sha256),
            SignatureAlgorithm::Ecdsa(Hash::Sha384),
            SignatureAlgorithm::Ecdsa(Hash::Sha512),
            SignatureAlgorithm::EdDsa,
        ];
        ALL.into_iter().find(|algorithm| algorithm.oid() == *oid)
    }

    /// Whether a key on `curve` can make signatures of this kind at all.
    #[must_use]
    pub const fn fits(self, curve: Curve) -> bool {
        match self {
            Self::Ecdsa(_) => curve.is_weierstrass(),
            Self::EdDsa => matches!(curve, Curve::Ed25519),
        }
    }

    /// A readable name: `ECDSA with SHA-256`, `EdDSA`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ecdsa(Hash::Sha256) => "ECDSA with SHA-256",
            Self::Ecdsa(Hash::Sha384) => "ECDSA with SHA-384",
            Self::Ecdsa(Hash::Sha512) => "ECDSA with SHA-512",
            Self::EdDsa => "EdDSA",
        }
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A COSE signature algorithm that we know (RFC 9053 2, RFC 9864 2): a number of the IANA registry "COSE Algorithms".
///
/// ISO/IEC 18013-5 names ES256, ES384, ES512 and EdDSA and pairs them with curves; RFC 9864 adds numbers that say the
/// curve themselves. An issuer writes the former, a verifier accepts both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CoseAlgorithm(&'static Row);

/// One row of the table: its number, name, algorithm and the curves ISO/IEC 18013-5 or RFC 9864 pair it with.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Row {
    number: i64,
    name: &'static str,
    algorithm: SignatureAlgorithm,
    curves: &'static [Curve],
    fully_specified: bool,
}

const fn classic(number: i64, name: &'static str, algorithm: SignatureAlgorithm, curves: &'static [Curve]) -> Row {
    Row { number, name, algorithm, curves, fully_specified: false }
}

const fn full(number: i64, name: &'static str, algorithm: SignatureAlgorithm, curves: &'static [Curve]) -> Row {
    Row { number, name, algorithm, curves, fully_specified: true }
}

const ES256: SignatureAlgorithm = SignatureAlgorithm::Ecdsa(Hash::Sha256);
const ES384: SignatureAlgorithm = SignatureAlgorithm::Ecdsa(Hash::Sha384);
const ES512: SignatureAlgorithm = SignatureAlgorithm::Ecdsa(Hash::Sha512);

/// The classic rows stand first, so that a search by curve finds what an issuer writes.
static TABLE: [Row; 10] = [
    classic(-7, "ES256", ES256, &[Curve::P256, Curve::BrainpoolP256r1]),
    classic(-35, "ES384", ES384, &[Curve::P384, Curve::BrainpoolP384r1]),
    classic(-36, "ES512", ES512, &[Curve::P521]),
    classic(-8, "EdDSA", SignatureAlgorithm::EdDsa, &[Curve::Ed25519]),
    full(-9, "ESP256", ES256, &[Curve::P256]),
    full(-51, "ESP384", ES384, &[Curve::P384]),
    full(-52, "ESP512", ES512, &[Curve::P521]),
    full(-265, "ESB256", ES256, &[Curve::BrainpoolP256r1]),
    full(-267, "ESB384", ES384, &[Curve::BrainpoolP384r1]),
    full(-19, "Ed25519", SignatureAlgorithm::EdDsa, &[Curve::Ed25519]),
];

impl CoseAlgorithm {
    /// Every algorithm we know; the four of ISO/IEC 18013-5 come first.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(Self)
    }

    /// The algorithm of a COSE `alg` value, `None` when it is not a signature algorithm we know.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        Self::all().find(|algorithm| algorithm.number() == number)
    }

    /// The number to write as `alg`.
    #[must_use]
    pub fn number(self) -> i64 {
        self.0.number
    }

    /// What is computed.
    #[must_use]
    pub fn signature_algorithm(self) -> SignatureAlgorithm {
        self.0.algorithm
    }

    /// Whether a key on `curve` may be used with this number (ISO/IEC 18013-5 9.1.2.4; RFC 9864 2).
    #[must_use]
    pub fn permits(self, curve: Curve) -> bool {
        self.0.curves.contains(&curve)
    }

    /// Whether the number alone says the curve (RFC 9864).
    #[must_use]
    pub fn is_fully_specified(self) -> bool {
        self.0.fully_specified
    }

    /// The number that an issuer writes for a key on `curve`: always one of ISO/IEC 18013-5.
    #[must_use]
    pub fn for_curve(curve: Curve) -> Option<Self> {
        Self::all().find(|algorithm| !algorithm.is_fully_specified() && algorithm.permits(curve))
    }

    /// The registered name: `ES256`, `ESP256`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name
    }
}

impl fmt::Display for CoseAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_numbers_permit_their_curves_only() {
        let es256 = CoseAlgorithm::from_number(-7).unwrap();
        assert!(es256.permits(Curve::P256) && es256.permits(Curve::BrainpoolP256r1));
        assert!(!es256.permits(Curve::P384) && !es256.permits(Curve::Ed25519));
        let es512 = CoseAlgorithm::from_number(-36).unwrap();
        assert_eq!(Curve::ALL.into_iter().filter(|c| es512.permits(*c)).count(), 1);
    }

    #[test]
    fn fully_specified_numbers_permit_exactly_one_curve() {
        for algorithm in CoseAlgorithm::all().filter(|a| a.is_fully_specified()) {
            let curves: Vec<_> = Curve::ALL.into_iter().filter(|c| algorithm.permits(*c)).collect();
            assert_eq!(curves.len(), 1, "{algorithm}");
            assert_eq!(curves[0].signature_algorithm(), Some(algorithm.signature_algorithm()));
        }
    }

    #[test]
    fn an_issuer_writes_classic_numbers() {
        let numbers: Vec<_> =
            Curve::ALL.into_iter().map(|curve| CoseAlgorithm::for_curve(curve).map(CoseAlgorithm::number)).collect();
        let expected = [Some(-7), Some(-35), Some(-36), Some(-7), Some(-35), Some(-8), None];
        assert_eq!(numbers, expected);
    }

    #[test]
    fn identifiers_and_numbers_lead_back() {
        for curve in Curve::ALL {
            assert_eq!(Curve::from_oid(&curve.oid()), Some(curve));
            assert_eq!(Curve::from_cose_number(curve.cose_number()), Some(curve));
            assert_eq!(Curve::from_jose_name(curve.jose_name()), Some(curve));
        }
        for algorithm in CoseAlgorithm::all() {
            assert_eq!(CoseAlgorithm::from_number(algorithm.number()), Some(algorithm));
        }
        assert_eq!(CoseAlgorithm::from_number(5), None, "HMAC is no signature");
        assert_eq!(CoseAlgorithm::from_number(-47), None, "secp256k1 is not of ISO/IEC 18013-5");
    }
}
