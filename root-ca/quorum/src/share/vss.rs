//! Feldman's scheme, as `vsss-rs` computes it on P-256. Only this file knows that crate.

use p256::elliptic_curve::group::GroupEncoding as _;
use p256::elliptic_curve::{Field as _, PrimeField as _};
use p256::{CompressedPoint, ProjectivePoint, Scalar};
use rand_core::CryptoRng;
use vsss_rs::{
    FeldmanVerifierSet, IdentifierPrimeField, PrimeFieldShare, ReadableShareSet as _, Share as _, ValueGroup, feldman,
};
use zeroize::{Zeroize as _, Zeroizing};

type FieldShare = PrimeFieldShare<Scalar>;
type Point = ValueGroup<ProjectivePoint>;

/// Octets of a commitment: a compressed SEC 1 point.
pub(super) const POINT: usize = 33;

/// A new scalar with its shares, numbered from 1, and the public commitments to the polynomial.
pub(super) struct Split {
    pub(super) scalar: Zeroizing<[u8; 32]>,
    pub(super) shares: Vec<(u8, Zeroizing<[u8; 32]>)>,
    pub(super) commitments: Vec<[u8; POINT]>,
}

/// The commitments of a set, read and checked: k points of the curve, none at infinity.
#[derive(Clone)]
pub(super) struct Commitments(Vec<Point>);

/// Draws a scalar and splits it. `None` when the generator or the numbers cannot be used.
pub(super) fn split(threshold: u8, holders: usize, rng: &mut impl CryptoRng) -> Option<Split> {
    let mut scalar = Scalar::ZERO;
    while bool::from(scalar.is_zero()) {
        scalar = Scalar::random(rng);
    }
    let secret = IdentifierPrimeField(scalar);
    let (mut shares, verifiers) =
        feldman::split_secret::<FieldShare, Point>(usize::from(threshold), holders, &secret, None, rng).ok()?;
    let numbered = shares.iter().zip(1..=u8::MAX).map(|(share, index)| (index, octets(&share.value().0)));
    let split = Split {
        scalar: octets(&scalar),
        shares: numbered.collect(),
        commitments: FeldmanVerifierSet::<FieldShare, Point>::verifiers(&verifiers)
            .iter()
            .map(encode)
            .collect::<Option<_>>()?,
    };
    shares.iter_mut().for_each(|share| share.value_mut().0.zeroize());
    scalar.zeroize();
    let numbers_fit = shares.iter().zip(1..=u8::MAX).all(|(share, index)| share.identifier().0 == number(index));
    numbers_fit.then_some(split)
}

impl Commitments {
    /// Reads compressed points.
    pub(super) fn read(points: &[[u8; POINT]]) -> Option<Self> {
        points.iter().map(decode).collect::<Option<Vec<_>>>().map(Self)
    }

    /// Whether a share lies on the committed polynomial.
    pub(super) fn hold(&self, index: u8, share: &[u8; 32]) -> bool {
        field_share(index, share).is_some_and(|mut share| {
            let generator = ValueGroup(ProjectivePoint::GENERATOR);
            let set: Vec<Point> =
                FeldmanVerifierSet::<FieldShare, Point>::with_generator_and_verifiers(generator, &self.0);
            let holds = set.verify_share(&share).is_ok();
            share.value_mut().0.zeroize();
            holds
        })
    }

    /// Interpolates the scalar from shares of different numbers, and checks it against the first commitment.
    pub(super) fn combine(&self, shares: &[(u8, &[u8; 32])]) -> Option<Zeroizing<[u8; 32]>> {
        let mut points: Vec<FieldShare> =
            shares.iter().map(|(index, share)| field_share(*index, share)).collect::<Option<_>>()?;
        let combined = points.combine();
        points.iter_mut().for_each(|share| share.value_mut().0.zeroize());
        let mut scalar = combined.ok()?.0;
        let committed = self.0.first()?.0;
        let fits = ProjectivePoint::GENERATOR * scalar == committed;
        let octets = octets(&scalar);
        scalar.zeroize();
        fits.then_some(octets)
    }
}

fn field_share(index: u8, share: &[u8; 32]) -> Option<FieldShare> {
    let value: Option<Scalar> = Scalar::from_repr((*share).into()).into();
    let share = FieldShare { identifier: IdentifierPrimeField(number(index)), value: IdentifierPrimeField(value?) };
    (index != 0).then_some(share)
}

fn number(index: u8) -> Scalar {
    Scalar::from(u64::from(index))
}

fn octets(scalar: &Scalar) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(scalar.to_repr().into())
}

fn encode(point: &Point) -> Option<[u8; POINT]> {
    point.0.to_bytes().as_slice().try_into().ok()
}

fn decode(octets: &[u8; POINT]) -> Option<Point> {
    let point: Option<ProjectivePoint> = ProjectivePoint::from_bytes(&CompressedPoint::from(*octets)).into();
    let point = point.filter(|point| *point != ProjectivePoint::IDENTITY)?;
    // One encoding for one point, so that a set has one identifier.
    (encode(&ValueGroup(point))? == *octets).then_some(ValueGroup(point))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

    use rand::SeedableRng as _;

    use super::*;

    #[test]
    fn fewer_than_k_shares_do_not_interpolate_to_the_scalar() {
        let mut rng = rand::rngs::StdRng::from_seed([3; 32]);
        let split = split(3, 5, &mut rng).unwrap();
        let shares: Vec<_> = split.shares.iter().map(|(index, share)| (*index, &**share)).collect();
        let commitments = Commitments::read(&split.commitments).unwrap();
        assert_eq!(*commitments.combine(&shares[1..4]).unwrap(), *split.scalar);
        assert!(commitments.combine(&shares[..2]).is_none());
        assert!(commitments.combine(&[shares[0], shares[0], shares[1]]).is_none());
        assert!(commitments.combine(&[]).is_none());
    }

    #[test]
    fn a_share_under_another_number_does_not_hold() {
        let mut rng = rand::rngs::StdRng::from_seed([4; 32]);
        let split = split(2, 3, &mut rng).unwrap();
        let commitments = Commitments::read(&split.commitments).unwrap();
        for (index, share) in &split.shares {
            for claimed in 0..=4 {
                assert_eq!(commitments.hold(claimed, share), claimed == *index);
            }
        }
        // Not below the group order.
        assert!(!commitments.hold(1, &[0xff; 32]));
    }

    #[test]
    fn commitments_are_points_of_the_curve() {
        assert!(Commitments::read(&[[0; POINT]]).is_none());
        assert!(Commitments::read(&[[2; POINT]]).is_none() || decode(&[2; POINT]).is_some());
        let mut generator = encode(&ValueGroup(ProjectivePoint::GENERATOR)).unwrap();
        assert!(Commitments::read(&[generator]).is_some());
        generator[0] = 5;
        assert!(Commitments::read(&[generator]).is_none());
    }
}
