//! Deviations of encoding and shape that leave the meaning unambiguous.
//!
//! Real issuers and wallets write them; a decoder notes them and goes on, and the verifier's policy decides whether they
//! are tolerated. Anything that could change a meaning (duplicate keys, trailing bytes, wrong types) is an error instead.

/// One kind of tolerable deviation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Deviation {
    /// An array, map or string of indefinite length (ISO/IEC 18013-5 8.3 asks for definite lengths).
    IndefiniteLength,
    /// An integer, length or tag in more bytes than needed.
    LongHead,
    /// COSE tag 17 or 18 in front of a structure that carries none (ISO/IEC 18013-5 9.1.2.4).
    CoseTag,
    /// x5chain as an array of one certificate (RFC 9360 2 writes a single certificate as a byte string).
    ChainArrayOfOne,
    /// x5chain in the protected header of issuerAuth.
    ChainInProtectedHeader,
    /// Protected headers besides `alg` and `x5t` in issuerAuth.
    ExtraProtectedHeader,
    /// A `kid` that is not a byte string.
    MalformedKeyId,
    /// A date-time as text without tag 0.
    UntaggedDate,
    /// A date-time with a fraction of a second.
    FractionalSeconds,
    /// A date-time with an offset other than `Z`, or without a capital `T` before the time.
    DateOffset,
    /// A digestID of 2^31 or more.
    LargeDigestId,
    /// `random` of fewer than 16 bytes.
    ShortRandom,
    /// DeviceSigned unprotected header that is not empty.
    DeviceUnprotectedHeader,
    /// `nameSpaces` present but empty, or a namespace without items.
    EmptyNameSpace,
    /// A SessionTranscript wrapped in tag 24 where the plain array is expected.
    WrappedTranscript,
    /// A status identifier that is text where bytes are asked for.
    TextIdentifier,
    /// The payload of issuerAuth is an MSO that is not embedded by tag 24.
    PayloadNotEmbedded,
    /// `null` where an optional member should be left out.
    NullForAbsent,
    /// `mdoc://` in front of a DeviceEngagement (ISO/IEC 18013-5 8.2.2.3 writes `mdoc:`).
    UriAuthority,
    /// Base64url with padding in an engagement URI.
    UriPadding,
}

impl Deviation {
    const ALL: [Self; 20] = [
        Self::IndefiniteLength,
        Self::LongHead,
        Self::CoseTag,
        Self::ChainArrayOfOne,
        Self::ChainInProtectedHeader,
        Self::ExtraProtectedHeader,
        Self::MalformedKeyId,
        Self::UntaggedDate,
        Self::FractionalSeconds,
        Self::DateOffset,
        Self::LargeDigestId,
        Self::ShortRandom,
        Self::DeviceUnprotectedHeader,
        Self::EmptyNameSpace,
        Self::WrappedTranscript,
        Self::TextIdentifier,
        Self::PayloadNotEmbedded,
        Self::NullForAbsent,
        Self::UriAuthority,
        Self::UriPadding,
    ];

    /// Stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::IndefiniteLength => "indefinite-length",
            Self::LongHead => "long-head",
            Self::CoseTag => "cose-tag",
            Self::ChainArrayOfOne => "chain-array-of-one",
            Self::ChainInProtectedHeader => "chain-in-protected-header",
            Self::ExtraProtectedHeader => "extra-protected-header",
            Self::MalformedKeyId => "malformed-key-id",
            Self::UntaggedDate => "untagged-date",
            Self::FractionalSeconds => "fractional-seconds",
            Self::DateOffset => "date-offset",
            Self::LargeDigestId => "large-digest-id",
            Self::ShortRandom => "short-random",
            Self::DeviceUnprotectedHeader => "device-unprotected-header",
            Self::EmptyNameSpace => "empty-name-space",
            Self::WrappedTranscript => "wrapped-transcript",
            Self::TextIdentifier => "text-identifier",
            Self::PayloadNotEmbedded => "payload-not-embedded",
            Self::NullForAbsent => "null-for-absent",
            Self::UriAuthority => "uri-authority",
            Self::UriPadding => "uri-padding",
        }
    }

    fn bit(self) -> u32 {
        Self::ALL.iter().position(|each| *each == self).map_or(0, |index| 1 << index)
    }
}

/// A set of [`Deviation`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deviations(u32);

impl Deviations {
    /// Adds one.
    pub fn insert(&mut self, deviation: Deviation) {
        self.0 |= deviation.bit();
    }

    /// Adds all of another set.
    pub fn merge(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// True when `deviation` is in the set.
    #[must_use]
    pub fn contains(self, deviation: Deviation) -> bool {
        self.0 & deviation.bit() != 0
    }

    /// True when nothing was noted.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The members, in the order of the enumeration.
    pub fn iter(self) -> impl Iterator<Item = Deviation> {
        Deviation::ALL.into_iter().filter(move |deviation| self.contains(*deviation))
    }
}
