//! What lists do differently, and what does not go together.

/// A tolerable deviation of form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum LoteDeviation {
    /// No signature: the plain JSON binding. Such a list can be inspected and never be valid.
    Unsigned,
    /// `s` of the ECDSA signature is above half the group order.
    HighS,
    /// A date with a fraction of a second (6.1.3 asks for whole seconds).
    FractionalSeconds,
    /// A date with an offset instead of `Z`.
    DateOffset,
    /// An array that must not be empty where it is present.
    EmptyArray,
    /// TEAddress or TEInformationURI, which are mandatory, are missing.
    MissingMember,
    /// A self-issued root in `x5c` after the signer. It proves nothing and is ignored.
    RootInChain,
    /// A key (`jwk`, `jku`, `x5u`) in the header. It is ignored.
    KeyInHeader,
    /// No `x5t#S256`: the signature does not cover which certificate it belongs to.
    NoThumbprint,
}

impl LoteDeviation {
    /// Stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Unsigned => "lote-unsigned",
            Self::HighS => "lote-high-s",
            Self::FractionalSeconds => "lote-fractional-seconds",
            Self::DateOffset => "lote-date-offset",
            Self::EmptyArray => "lote-empty-array",
            Self::MissingMember => "lote-missing-member",
            Self::RootInChain => "lote-root-in-chain",
            Self::KeyInHeader => "lote-key-in-header",
            Self::NoThumbprint => "lote-no-thumbprint",
        }
    }
}

/// Something noteworthy about the signer of a valid list (6.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum LoteFinding {
    /// organizationName of the signer is none of SchemeOperatorName.
    OperatorDiffers,
    /// countryName of the signer is not SchemeTerritory.
    TerritoryDiffers,
}

impl LoteFinding {
    /// Stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::OperatorDiffers => "lote-operator-differs",
            Self::TerritoryDiffers => "lote-territory-differs",
        }
    }
}
