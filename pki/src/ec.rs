//! The one place where a [`Curve`] value becomes a curve type of RustCrypto.

use ecdsa::{DigestAlgorithm, EcdsaCurve, Signature, VerifyingKey, hazmat::sign_prehashed_rfc6979};
use elliptic_curve::{
    AffinePoint, CurveArithmetic, FieldBytes, FieldBytesSize, PublicKey, Scalar, SecretKey,
    array::ArraySize,
    ops::Invert,
    sec1::{FromSec1Point, ModulusSize, ToSec1Point},
    subtle::CtOption,
};
use signature::hazmat::PrehashVerifier;
use zeroize::Zeroizing;

use crate::algorithm::Curve;

/// Longest field: P-521.
pub(crate) const MAX_FIELD: usize = 66;
/// Longest uncompressed point: 0x04 and two coordinates of P-521.
pub(crate) const MAX_POINT: usize = 1 + 2 * MAX_FIELD;

/// Runs `$body` with `$C` naming the Weierstrass curve of `$curve`, or gives `$other`.
macro_rules! with_curve {
    ($curve:expr, $C:ident => $body:expr, else $other:expr) => {
        match $curve {
            Curve::P256 => {
                type $C = p256::NistP256;
                $body
            }
            Curve::P384 => {
                type $C = p384::NistP384;
                $body
            }
            Curve::P521 => {
                type $C = p521::NistP521;
                $body
            }
            Curve::BrainpoolP256r1 => {
                type $C = bp256::BrainpoolP256r1;
                $body
            }
            Curve::BrainpoolP384r1 => {
                type $C = bp384::BrainpoolP384r1;
                $body
            }
            Curve::Ed25519 | Curve::X25519 => $other,
        }
    };
}

/// Checks that a SEC 1 point (compressed or not) lies on the curve and writes its uncompressed form. The point at
/// infinity and the hybrid form are refused. Gives `None` for anything else, and for curves without SEC 1 points.
pub(crate) fn uncompress(curve: Curve, sec1: &[u8], out: &mut [u8]) -> Option<()> {
    fn run<C>(sec1: &[u8], out: &mut [u8]) -> Option<()>
    where
        C: CurveArithmetic,
        AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
        FieldBytesSize<C>: ModulusSize,
    {
        if !matches!(sec1.first(), Some(2..=4)) {
            return None;
        }
        let key = PublicKey::<C>::from_sec1_bytes(sec1).ok()?;
        // A valid uncompressed point has one encoding, since coordinates beyond the field are refused.
        if sec1.first() == Some(&4) {
            out.get_mut(..sec1.len())?.copy_from_slice(sec1);
            return Some(());
        }
        let point = key.as_affine().to_sec1_point(false);
        let bytes = point.as_bytes();
        out.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(())
    }
    with_curve!(curve, C => run::<C>(sec1, out), else None)
}

/// Verifies `r || s` over a hash value. `None` when the key or the signature values are out of range, or it does not match.
pub(crate) fn verify(curve: Curve, sec1: &[u8], hash: &[u8], signature: &[u8]) -> Option<()> {
    fn run<C>(sec1: &[u8], hash: &[u8], signature: &[u8]) -> Option<()>
    where
        C: EcdsaCurve + CurveArithmetic,
        AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
        FieldBytesSize<C>: ModulusSize,
        ecdsa::SignatureSize<C>: ArraySize,
    {
        let key = VerifyingKey::<C>::from_sec1_bytes(sec1).ok()?;
        let signature = Signature::<C>::from_slice(signature).ok()?;
        key.verify_prehash(hash, &signature).ok()
    }
    let mut buffer = [0; MAX_FIELD];
    let hash = widen(curve, hash, &mut buffer);
    with_curve!(curve, C => run::<C>(sec1, hash, signature), else None)
}

/// Whether `s` of `r || s` is above half the group order; false for octets that are no signature.
pub(crate) fn has_high_s(curve: Curve, signature: &[u8]) -> bool {
    fn run<C>(signature: &[u8]) -> bool
    where
        C: EcdsaCurve + CurveArithmetic,
        ecdsa::SignatureSize<C>: ArraySize,
    {
        Signature::<C>::from_slice(signature).is_ok_and(|signature| signature.normalize_s() != signature)
    }
    with_curve!(curve, C => run::<C>(signature), else false)
}

/// Signs a hash value with the deterministic nonce of RFC 6979 and gives `r || s`.
#[cfg_attr(not(feature = "insecure-software-keys"), expect(dead_code, reason = "signing exists only with the feature"))]
pub(crate) fn sign(curve: Curve, scalar: &[u8], hash: &[u8]) -> Option<Vec<u8>> {
    fn run<C>(scalar: &[u8], hash: &[u8]) -> Option<Vec<u8>>
    where
        C: EcdsaCurve + CurveArithmetic + DigestAlgorithm,
        Scalar<C>: Invert<Output = CtOption<Scalar<C>>>,
        ecdsa::SignatureSize<C>: ArraySize,
    {
        let key = SecretKey::<C>::from_slice(scalar).ok()?;
        let scalar = key.to_nonzero_scalar();
        let (signature, _) = sign_prehashed_rfc6979::<C, C::Digest>(&scalar, hash, &[]);
        Some(signature.to_bytes().to_vec())
    }
    let mut buffer = [0; MAX_FIELD];
    let hash = widen(curve, hash, &mut buffer);
    with_curve!(curve, C => run::<C>(scalar, hash), else None)
}

/// The uncompressed public point of a private scalar in `1..n`.
pub(crate) fn public_point(curve: Curve, scalar: &[u8], out: &mut [u8]) -> Option<()> {
    fn run<C>(scalar: &[u8], out: &mut [u8]) -> Option<()>
    where
        C: CurveArithmetic,
        AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
        FieldBytesSize<C>: ModulusSize,
    {
        let key = SecretKey::<C>::from_bytes(field_bytes::<C>(scalar)?).ok()?;
        let point = key.public_key().as_affine().to_sec1_point(false);
        let bytes = point.as_bytes();
        out.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(())
    }
    with_curve!(curve, C => run::<C>(scalar, out), else None)
}

/// The x coordinate of `scalar * point` (SEC 1 3.3.1), full field length.
pub(crate) fn agree(curve: Curve, scalar: &[u8], sec1: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    fn run<C>(scalar: &[u8], sec1: &[u8]) -> Option<Zeroizing<Vec<u8>>>
    where
        C: CurveArithmetic,
        AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
        FieldBytesSize<C>: ModulusSize,
    {
        let key = SecretKey::<C>::from_bytes(field_bytes::<C>(scalar)?).ok()?;
        let peer = PublicKey::<C>::from_sec1_bytes(sec1).ok()?;
        let shared = key.diffie_hellman(&peer);
        Some(Zeroizing::new(shared.raw_secret_bytes().to_vec()))
    }
    with_curve!(curve, C => run::<C>(scalar, sec1), else None)
}

fn field_bytes<C: elliptic_curve::Curve>(bytes: &[u8]) -> Option<&FieldBytes<C>> {
    bytes.try_into().ok()
}

/// `ecdsa` refuses a hash shorter than half the field, which X.509 allows (P-521 with SHA-256); leading zeros do not
/// change the integer that is signed (FIPS 186-5 6.4).
fn widen<'a>(curve: Curve, hash: &'a [u8], buffer: &'a mut [u8; MAX_FIELD]) -> &'a [u8] {
    let width = curve.field_len();
    match width.checked_sub(hash.len()) {
        Some(pad) if pad > 0 => {
            if let Some(tail) = buffer.get_mut(pad..width) {
                tail.copy_from_slice(hash);
            }
            buffer.get(..width).unwrap_or(hash)
        }
        _ => hash,
    }
}
