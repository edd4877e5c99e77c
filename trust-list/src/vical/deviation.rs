//! What published lists do differently, without becoming ambiguous.

/// One deviation of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum VicalDeviation {
    /// `s` of the ECDSA signature is above half the group order. No rule forbids it, some libraries refuse it.
    HighS,
    /// COSE tag 18 in front.
    CoseTag,
    /// `x5chain` in the protected header.
    ChainProtected,
    /// `x5chain` as an array of one certificate (RFC 9360 2).
    ChainArrayOfOne,
    /// A self-issued root in `x5chain`. It proves nothing and is ignored.
    RootInChain,
    /// Protected headers besides `alg` (C.1.7.1).
    ExtraProtectedHeader,
    /// CBOR of indefinite length or with long heads.
    Encoding,
    /// A date with a fraction, an offset, or without tag 0.
    DateForm,
    /// `vicalURL` is spelled otherwise, as in a part of the text of the second edition.
    UrlSpelling,
    /// A member that is known but for its capital first letter. It is ignored.
    CapitalisedKey,
    /// There are no entries.
    NoEntries,
}

impl VicalDeviation {
    /// Stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::HighS => "vical-high-s",
            Self::CoseTag => "vical-cose-tag",
            Self::ChainProtected => "vical-chain-protected",
            Self::ChainArrayOfOne => "vical-chain-array-of-one",
            Self::RootInChain => "vical-root-in-chain",
            Self::ExtraProtectedHeader => "vical-extra-protected-header",
            Self::Encoding => "vical-encoding",
            Self::DateForm => "vical-date-form",
            Self::UrlSpelling => "vical-url-spelling",
            Self::CapitalisedKey => "vical-capitalised-key",
            Self::NoEntries => "vical-no-entries",
        }
    }
}

/// One deviation of an entry. None of them has an effect: the certificate counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum EntryDeviation {
    /// `ski` holds the key identifier with the DER of one or two OCTET STRINGs around it.
    WrappedSki,
    /// `ski` is not the key identifier of the certificate.
    SkiDiffers,
    /// `notBefore` or `notAfter` is exactly twelve hours away from the certificate's: an hour from 1 to 12 was written.
    DatesTwelveHoursOff,
    /// `notBefore` or `notAfter` is another instant than in the certificate.
    DatesDiffer,
    /// `serialNumber` is not the certificate's.
    SerialDiffers,
    /// `serialNumber` is a bignum (tag 2) that an integer could hold, or has leading zeros (RFC 8949 3.4.3).
    BignumForm,
    /// `issuer` is not the DER of the certificate's issuer name.
    IssuerDiffers,
    /// `subject` is not the DER of the certificate's subject name.
    SubjectDiffers,
    /// A mandatory member that repeats the certificate (`ski`, `serialNumber`) is missing.
    MissingMember,
    /// A member has another type than it must. It is ignored.
    MemberType,
    /// A member that is known but for its capital first letter. It is ignored.
    CapitalisedKey,
    /// The certificate is not self-issued: a sub-CA is listed as an anchor.
    NotSelfIssued,
    /// The certificate is not one of a CA: no path will end at it.
    NotCa,
}

impl EntryDeviation {
    /// Stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::WrappedSki => "vical-entry-wrapped-ski",
            Self::SkiDiffers => "vical-entry-ski-differs",
            Self::DatesTwelveHoursOff => "vical-entry-dates-twelve-hours-off",
            Self::DatesDiffer => "vical-entry-dates-differ",
            Self::SerialDiffers => "vical-entry-serial-differs",
            Self::BignumForm => "vical-entry-bignum-form",
            Self::IssuerDiffers => "vical-entry-issuer-differs",
            Self::SubjectDiffers => "vical-entry-subject-differs",
            Self::MissingMember => "vical-entry-missing-member",
            Self::MemberType => "vical-entry-member-type",
            Self::CapitalisedKey => "vical-entry-capitalised-key",
            Self::NotSelfIssued => "vical-entry-not-self-issued",
            Self::NotCa => "vical-entry-not-ca",
        }
    }
}
