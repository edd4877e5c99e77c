//! GeneralName (RFC 5280 4.2.1.6) and the extensions made of it.

use crate::{
    asn1::{Asn1Error, Tlv, Walk, tag},
    oid,
};

/// A general name; the kinds that mobile documents use are read, the others only recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GeneralName<'a> {
    /// `rfc822Name [1]`
    Email(&'a str),
    /// `dNSName [2]`
    Dns(&'a str),
    /// `directoryName [4]`: the DER of the Name.
    Directory(&'a [u8]),
    /// `uniformResourceIdentifier [6]`
    Uri(&'a str),
    /// Another kind, with its tag number.
    Other(u32),
}

impl<'a> GeneralName<'a> {
    fn parse(tlv: &Tlv<'a>) -> Result<Self, Asn1Error> {
        let ia5 = || {
            let ascii = tlv.value.is_ascii().then_some(tlv.value).ok_or(Asn1Error::InvalidValue)?;
            core::str::from_utf8(ascii).map_err(|_| Asn1Error::InvalidValue)
        };
        match tlv.context().ok_or(Asn1Error::UnexpectedTag)? {
            (1, false) => ia5().map(Self::Email),
            (2, false) => ia5().map(Self::Dns),
            (6, false) => ia5().map(Self::Uri),
            (4, true) => Walk::only(tlv.value, tag::SEQUENCE).map(|name| Self::Directory(name.raw)),
            (number @ (0 | 3 | 5), true) | (number @ (7 | 8), false) => Ok(Self::Other(number.into())),
            _ => Err(Asn1Error::UnexpectedTag),
        }
    }
}

/// `GeneralNames ::= SEQUENCE SIZE (1..MAX) OF GeneralName`
pub(crate) fn general_names(value: &[u8]) -> Result<Vec<GeneralName<'_>>, Asn1Error> {
    let mut names = Vec::new();
    each_general_name(value, |name| names.push(name))?;
    Ok(names)
}

/// As [`general_names`], one after the other.
pub(crate) fn each_general_name<'a>(value: &'a [u8], each: impl FnMut(GeneralName<'a>)) -> Result<(), Asn1Error> {
    each_name(Walk::only(value, tag::SEQUENCE)?.walk()?, each)
}

fn each_name<'a>(mut walk: Walk<'a>, mut each: impl FnMut(GeneralName<'a>)) -> Result<(), Asn1Error> {
    loop {
        each(GeneralName::parse(&walk.next()?)?);
        if walk.is_finished() {
            return Ok(());
        }
    }
}

/// One point of CRLDistributionPoints (RFC 5280 4.2.1.13).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct DistributionPoint<'a> {
    /// The names of `distributionPoint.fullName`; empty when it is absent or relative.
    pub full_name: Vec<GeneralName<'a>>,
    /// Whether `reasons` is there: the point covers some reasons only.
    pub has_reasons: bool,
    /// Whether `cRLIssuer` is there: the CRL is indirect.
    pub has_crl_issuer: bool,
}

pub(crate) fn distribution_points(value: &[u8]) -> Result<Vec<DistributionPoint<'_>>, Asn1Error> {
    let (mut points, mut full_name) = (Vec::new(), Vec::new());
    each_point_part(value, |part| match part {
        PointPart::Name(name) => full_name.push(name),
        PointPart::End { has_reasons, has_crl_issuer } => {
            points.push(DistributionPoint { full_name: core::mem::take(&mut full_name), has_reasons, has_crl_issuer });
        }
    })?;
    Ok(points)
}

/// What a distribution point says, piece by piece.
pub(crate) enum PointPart<'a> {
    /// A name of `distributionPoint.fullName`.
    Name(GeneralName<'a>),
    /// The point ends.
    End { has_reasons: bool, has_crl_issuer: bool },
}

/// ```text
/// CRLDistributionPoints ::= SEQUENCE SIZE (1..MAX) OF SEQUENCE {
///     distributionPoint [0] CHOICE { fullName [0] GeneralNames, nameRelativeToCRLIssuer [1] … } OPTIONAL,
///     reasons [1] ReasonFlags OPTIONAL, cRLIssuer [2] GeneralNames OPTIONAL }
/// ```
pub(crate) fn each_point_part<'a>(value: &'a [u8], mut each: impl FnMut(PointPart<'a>)) -> Result<(), Asn1Error> {
    let mut walk = Walk::only(value, tag::SEQUENCE)?.walk()?;
    loop {
        let mut fields = walk.take(tag::SEQUENCE)?.walk()?;
        if let Some(name) = fields.take_if(tag::context_constructed(0))? {
            let mut choice = name.walk()?;
            let name = choice.next()?;
            match name.context() {
                Some((0, true)) => each_name(name.walk()?, |name| each(PointPart::Name(name)))?,
                Some((1, true)) => {}
                _ => return Err(Asn1Error::UnexpectedTag),
            }
            choice.finish()?;
        }
        let has_reasons = fields.take_if(tag::context(1))?.is_some();
        let has_crl_issuer = fields.take_if(tag::context_constructed(2))?.is_some();
        fields.finish()?;
        each(PointPart::End { has_reasons, has_crl_issuer });
        if walk.is_finished() {
            return Ok(());
        }
    }
}

/// The OCSP URIs of AuthorityInfoAccessSyntax (RFC 5280 4.2.2.1).
pub(crate) fn ocsp_uris(value: &[u8]) -> Result<Vec<&str>, Asn1Error> {
    let mut walk = Walk::only(value, tag::SEQUENCE)?.walk()?;
    let mut uris = Vec::new();
    loop {
        let mut access = walk.take(tag::SEQUENCE)?.walk()?;
        let method = access.next()?.oid()?;
        let location = GeneralName::parse(&access.next()?)?;
        access.finish()?;
        if let (true, GeneralName::Uri(uri)) = (method == oid::AD_OCSP, location) {
            uris.push(uri);
        }
        if walk.is_finished() {
            return Ok(uris);
        }
    }
}
