//! What can be wrong with a certification request.

use der::asn1::ObjectIdentifier;

use crate::{asn1::Asn1Error, key::KeyError, provider::SignatureError};

/// Why bytes are not a certification request, or why it proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum CsrError {
    /// Not the DER of a PKCS #10 request.
    #[error("not a certification request: {0}")]
    Der(#[from] Asn1Error),
    /// Not PEM, or base64 that cannot be read.
    #[error("not a PEM file with a certification request")]
    Pem,
    /// The PEM file holds this many requests, where exactly one is asked for.
    #[error("the PEM file holds {0} certification requests")]
    Count(usize),
    /// More than [`super::MAX_REQUEST_BYTES`].
    #[error("the request is too large")]
    TooLarge,
    /// A version other than v1; the value is the encoded number.
    #[error("unknown request version {0}")]
    Version(u32),
    /// More attributes, values or requested extensions than are read.
    #[error("too many attributes, values or requested extensions")]
    TooMany,
    /// An attribute type occurs twice, or an attribute has no value (RFC 2986 4.1).
    #[error("attribute {0} occurs twice or has no value")]
    Attribute(ObjectIdentifier),
    /// The elements of a SET OF are not in the order of DER (X.690 11.6).
    #[error("the elements of a set are not in the order of DER")]
    SetOrder,
    /// `extensionRequest` has more than one value (RFC 2985 5.4.2).
    #[error("extensionRequest has more than one value")]
    ExtensionRequests,
    /// A requested extension occurs twice (RFC 5280 4.2).
    #[error("extension {0} is requested twice")]
    DuplicateExtension(ObjectIdentifier),
    /// The key is not one that can be used.
    #[error("the key cannot be used: {0}")]
    Key(#[from] KeyError),
    /// The signature algorithm carries parameters, which RFC 5758 3.2 and RFC 8410 3 forbid.
    #[error("signature algorithm {0} carries parameters")]
    AlgorithmParameters(ObjectIdentifier),
    /// The signature is not one of the key inside: possession is not proven.
    #[error("possession of the private key is not proven: {0}")]
    Signature(#[from] SignatureError),
}

impl CsrError {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.row().0
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        self.row().1
    }

    /// What to do about it, in Japanese.
    #[must_use]
    pub fn remedy_ja(&self) -> &'static str {
        self.row().2
    }

    fn row(&self) -> (&'static str, &'static str, &'static str) {
        const AGAIN: (&str, &str) = (
            "Have the applicant make the request again with a current tool.",
            "申請者に最新のツールで申請書（CSR）を作り直してもらってください。",
        );
        let with = |id, (english, japanese)| (id, english, japanese);
        match self {
            Self::Der(_) => with("csr-der", AGAIN),
            Self::Pem => with(
                "csr-pem",
                (
                    "Give a PEM file with one CERTIFICATE REQUEST block, or DER.",
                    "CERTIFICATE REQUESTブロックを1つ含むPEMファイルかDERを指定してください。",
                ),
            ),
            Self::Count(_) => with(
                "csr-count",
                ("Put each request into a file of its own.", "申請書（CSR）は1件ずつ別のファイルにしてください。"),
            ),
            Self::TooLarge => with("csr-too-large", AGAIN),
            Self::Version(_) => with("csr-version", AGAIN),
            Self::TooMany => with("csr-too-many", AGAIN),
            Self::Attribute(_) => with("csr-attribute", AGAIN),
            Self::SetOrder => with("csr-set-order", AGAIN),
            Self::ExtensionRequests => with("csr-extension-requests", AGAIN),
            Self::DuplicateExtension(_) => with("csr-duplicate-extension", AGAIN),
            Self::Key(_) => with(
                "csr-key",
                (
                    "Have the applicant make a key on a curve of the policy, such as P-256 or P-384.",
                    "方針で認められた曲線（P-256、P-384など）の鍵を作ってもらってください。",
                ),
            ),
            Self::AlgorithmParameters(_) => with("csr-algorithm-parameters", AGAIN),
            Self::Signature(_) => with(
                "csr-signature",
                (
                    "Do not certify this key. Have the request made and signed again where the private key is.",
                    "この鍵に証明書を発行しないでください。秘密鍵のある場所で申請書（CSR）を作り直してもらってください。",
                ),
            ),
        }
    }
}
