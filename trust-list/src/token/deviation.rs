//! Deviations of form that leave the meaning of a token unambiguous.

/// One tolerable deviation. Which ones are tolerated is said by [`super::TokenPolicy`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TokenDeviation {
    /// `typ` without `application/`, as drafts before 08 wrote it.
    ShortType,
    /// A CWT without tag 18.
    NoCoseTag,
    /// A CWT with tag 61 in front, which draft-ietf-oauth-status-list 5.2 forbids.
    CwtTag,
    /// The claims wrapped in a byte string under tag 24.
    PayloadEmbedded,
    /// CBOR of indefinite length or with long heads.
    Encoding,
    /// A JWT where ISO/IEC 18013-5 12.3.6.3 has CWTs only.
    JsonToken,
    /// A key (`jwk`, `jku`, `x5u`) in the header of a JWT. It is ignored.
    KeyInHeader,
    /// `x5chain` in the unprotected header.
    ChainUnprotected,
    /// `x5chain` as an array of one certificate.
    ChainArrayOfOne,
    /// A self-signed root at the end of the chain. It is ignored.
    RootInChain,
    /// No `exp`.
    NoExpiry,
    /// Signed under another CA than the document signer's, without a `certificate` in the reference, and under an
    /// anchor configured for status.
    ForeignAnchor,
    /// An extended key usage that we do not know and that is not critical.
    UnknownSignerPurpose,
}

impl TokenDeviation {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::ShortType,
        Self::NoCoseTag,
        Self::CwtTag,
        Self::PayloadEmbedded,
        Self::Encoding,
        Self::JsonToken,
        Self::KeyInHeader,
        Self::ChainUnprotected,
        Self::ChainArrayOfOne,
        Self::RootInChain,
        Self::NoExpiry,
        Self::ForeignAnchor,
        Self::UnknownSignerPurpose,
    ];

    /// Stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::ShortType => "status-token-short-type",
            Self::NoCoseTag => "status-token-no-cose-tag",
            Self::CwtTag => "status-token-cwt-tag",
            Self::PayloadEmbedded => "status-token-payload-embedded",
            Self::Encoding => "status-token-encoding",
            Self::JsonToken => "status-token-json",
            Self::KeyInHeader => "status-token-key-in-header",
            Self::ChainUnprotected => "status-token-chain-unprotected",
            Self::ChainArrayOfOne => "status-token-chain-array-of-one",
            Self::RootInChain => "status-token-root-in-chain",
            Self::NoExpiry => "status-token-no-expiry",
            Self::ForeignAnchor => "status-token-foreign-anchor",
            Self::UnknownSignerPurpose => "status-token-unknown-signer-purpose",
        }
    }
}
