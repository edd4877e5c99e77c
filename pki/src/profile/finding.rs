//! What a linter found: typed facts, with a text in English and Japanese.

use core::fmt;

use der::asn1::ObjectIdentifier;

use super::Rule;
use crate::{algorithm::Curve, asn1::Asn1Error, certificate::KeyUsage, crl::CrlError, key::KeyError};

/// How bad a deviation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Not conforming, tolerable.
    Warning,
    /// Not to be accepted.
    Error,
}

/// From which side a deviation is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// A conformance test, or an issuer about its own certificates.
    Strict,
    /// A reader in the field, which meets other people's certificates.
    Interop,
}

/// A part of a certificate or list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Element {
    /// An extension.
    Extension(ObjectIdentifier),
    /// An attribute of the subject.
    Attribute(ObjectIdentifier),
    /// nextUpdate of a CRL.
    NextUpdate,
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Extension(oid) => write!(f, "extension {oid}"),
            Self::Attribute(oid) => write!(f, "attribute {oid}"),
            Self::NextUpdate => f.write_str("nextUpdate"),
        }
    }
}

/// One deviation from one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The id of the rule.
    pub rule: &'static str,
    /// The clause of the rule.
    pub clause: &'static str,
    /// How bad it is for a conformance test.
    pub severity: Severity,
    /// How bad it is for a reader in the field.
    pub interop: Severity,
    /// What was found.
    pub fact: FindingFact,
}

/// The fact of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FindingFact {
    /// Something that must be there is not.
    Missing(Element),
    /// Something that must not be there is.
    Forbidden(Element),
    /// An extension cannot be read.
    Unprocessable(Element, Asn1Error),
    /// An extension is not critical and should be.
    NotCritical(Element),
    /// An extension is critical and should not be.
    Critical(Element),
    /// A critical extension is not known.
    UnknownCritical(Element),
    /// Not version 3.
    Version(u32),
    /// The serial number is zero or negative.
    SerialNotPositive,
    /// The serial number has more than 20 octets.
    SerialTooLong(usize),
    /// The serial number has fewer than 63 bits, so that it cannot come from a random generator of that strength.
    SerialTooShort,
    /// Inner and outer signature algorithm differ.
    AlgorithmsDisagree,
    /// The signature algorithm is not allowed.
    SignatureAlgorithm(ObjectIdentifier),
    /// The signature algorithm has parameters.
    SignatureParameters,
    /// The key cannot be used.
    Key(KeyError),
    /// The curve is not allowed.
    CurveNotAllowed(Curve),
    /// The point is encoded in compressed form.
    CompressedPoint,
    /// notAfter is before notBefore.
    ValidityInverted,
    /// Valid for longer than allowed.
    ValidityTooLong,
    /// Valid for longer than its issuer.
    OutlivesIssuer,
    /// Subject and issuer differ in a root.
    NotSelfIssued,
    /// The issuer name is not byte by byte the subject of the issuer.
    IssuerName,
    /// countryName is not one PrintableString of two upper-case letters.
    CountryForm,
    /// countryName is not that of the issuer.
    CountryMismatch,
    /// stateOrProvinceName is not that of the issuer.
    StateMismatch,
    /// An attribute has a string type that is not allowed.
    StringType(ObjectIdentifier),
    /// The subject key identifier is not SHA-1 of the key.
    KeyIdentifier,
    /// The authority key identifier is not the subject key identifier of the issuer.
    IssuerKeyIdentifier,
    /// Other key usage bits than demanded.
    KeyUsage {
        /// Demanded.
        expected: KeyUsage,
        /// Found.
        found: KeyUsage,
    },
    /// `cA` is not TRUE.
    NotCa,
    /// `cA` is TRUE.
    IsCa,
    /// Another pathLenConstraint than demanded.
    PathLength(Option<u32>),
    /// A key purpose is missing.
    KeyPurpose(ObjectIdentifier),
    /// A recommended key purpose is missing.
    RecommendedKeyPurpose(ObjectIdentifier),
    /// issuerAltName holds neither an e-mail address nor a URI.
    NoContact,
    /// An extension that should lead somewhere holds no URI.
    NoUri(Element),
    /// A distribution point is limited to reasons or indirect.
    LimitedDistributionPoint,
    /// Both or neither of CRL distribution points and OCSP no-check.
    CrlOrNoCheck,
    /// The interval from thisUpdate to nextUpdate is longer than allowed, or negative.
    UpdateInterval,
    /// An entry of the list has extensions that the profile does not know.
    EntryExtensions,
    /// The entries of the list cannot be read.
    Entries(CrlError),
}

impl FindingFact {
    /// A stable name of the fact.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.entry().0
    }

    fn entry(&self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Missing(_) => ("missing", "is missing", "がありません"),
            Self::Forbidden(_) => ("forbidden", "must not be present", "があってはなりません"),
            Self::Unprocessable(..) => ("unprocessable", "cannot be read", "を読み取れません"),
            Self::NotCritical(_) => ("not-critical", "should be critical", "はクリティカルであるべきです"),
            Self::Critical(_) => ("critical", "should not be critical", "はクリティカルであるべきではありません"),
            Self::UnknownCritical(_) => ("unknown-critical", "is critical and unknown", "は未知のクリティカル拡張です"),
            Self::Version(_) => ("version", "the certificate is not version 3", "証明書がバージョン3ではありません"),
            Self::SerialNotPositive => {
                ("serial-not-positive", "the serial number is not positive", "シリアル番号が正の数ではありません")
            }
            Self::SerialTooLong(_) => (
                "serial-too-long",
                "the serial number is longer than 20 octets",
                "シリアル番号が20オクテットを超えています",
            ),
            Self::SerialTooShort => {
                ("serial-too-short", "the serial number has fewer than 63 bits", "シリアル番号が63ビット未満です")
            }
            Self::AlgorithmsDisagree => (
                "algorithms-disagree",
                "inner and outer signature algorithm differ",
                "内側と外側の署名アルゴリズムが異なります",
            ),
            Self::SignatureAlgorithm(_) => (
                "signature-algorithm",
                "the signature algorithm is not allowed",
                "許可されていない署名アルゴリズムです",
            ),
            Self::SignatureParameters => (
                "signature-parameters",
                "the signature algorithm has parameters",
                "署名アルゴリズムにパラメータがあります",
            ),
            Self::Key(_) => ("key", "the public key cannot be used", "公開鍵を使用できません"),
            Self::CurveNotAllowed(_) => ("curve-not-allowed", "the curve is not allowed", "許可されていない曲線です"),
            Self::CompressedPoint => ("compressed-point", "the public key is compressed", "公開鍵が圧縮形式です"),
            Self::ValidityInverted => {
                ("validity-inverted", "notAfter is before notBefore", "notAfterがnotBeforeより前です")
            }
            Self::ValidityTooLong => {
                ("validity-too-long", "the validity is longer than allowed", "有効期間が上限を超えています")
            }
            Self::OutlivesIssuer => {
                ("outlives-issuer", "it is valid for longer than its issuer", "発行者より長く有効です")
            }
            Self::NotSelfIssued => ("not-self-issued", "subject and issuer differ", "主体者と発行者が異なります"),
            Self::IssuerName => (
                "issuer-name",
                "the issuer name is not byte by byte the issuer's subject",
                "発行者名が発行者の主体者名とバイト単位で一致しません",
            ),
            Self::CountryForm => (
                "country-form",
                "countryName is not two upper-case letters in a PrintableString",
                "countryNameがPrintableStringの大文字2文字ではありません",
            ),
            Self::CountryMismatch => {
                ("country-mismatch", "countryName is not that of the issuer", "countryNameが発行者と異なります")
            }
            Self::StateMismatch => (
                "state-mismatch",
                "stateOrProvinceName is not that of the issuer",
                "stateOrProvinceNameが発行者と異なります",
            ),
            Self::StringType(_) => (
                "string-type",
                "an attribute has a string type that is not allowed",
                "属性の文字列型が許可されていません",
            ),
            Self::KeyIdentifier => (
                "key-identifier",
                "the subject key identifier is not SHA-1 of the key",
                "主体者鍵識別子が鍵のSHA-1ではありません",
            ),
            Self::IssuerKeyIdentifier => (
                "issuer-key-identifier",
                "the authority key identifier is not that of the issuer",
                "機関鍵識別子が発行者のものと異なります",
            ),
            Self::KeyUsage { .. } => {
                ("key-usage", "keyUsage has other bits than demanded", "keyUsageのビットが規定と異なります")
            }
            Self::NotCa => ("not-ca", "cA is not TRUE", "cAがTRUEではありません"),
            Self::IsCa => ("is-ca", "cA is TRUE", "cAがTRUEです"),
            Self::PathLength(_) => {
                ("path-length", "another pathLenConstraint than demanded", "pathLenConstraintが規定と異なります")
            }
            Self::KeyPurpose(_) => ("key-purpose", "a required key purpose is missing", "必須の鍵用途がありません"),
            Self::RecommendedKeyPurpose(_) => {
                ("recommended-key-purpose", "a recommended key purpose is missing", "推奨の鍵用途がありません")
            }
            Self::NoContact => (
                "no-contact",
                "issuerAltName has no e-mail address or URI",
                "issuerAltNameにメールアドレスもURIもありません",
            ),
            Self::NoUri(_) => ("no-uri", "holds no URI", "にURIがありません"),
            Self::LimitedDistributionPoint => (
                "limited-distribution-point",
                "a CRL distribution point is limited or indirect",
                "CRL配布点が限定的または間接的です",
            ),
            Self::CrlOrNoCheck => (
                "crl-or-no-check",
                "exactly one of CRL distribution points and OCSP no-check is needed",
                "CRL配布点とOCSP no-checkのどちらか一方だけが必要です",
            ),
            Self::UpdateInterval => (
                "update-interval",
                "nextUpdate is too far from thisUpdate",
                "nextUpdateがthisUpdateから離れすぎています",
            ),
            Self::EntryExtensions => ("entry-extensions", "an entry has extensions", "項目に拡張があります"),
            Self::Entries(_) => ("entries", "the entries cannot be read", "項目を読み取れません"),
        }
    }

    /// What the text is about, where the fact names something.
    fn object(&self) -> Option<String> {
        match self {
            Self::Missing(element)
            | Self::Forbidden(element)
            | Self::Unprocessable(element, _)
            | Self::NotCritical(element)
            | Self::Critical(element)
            | Self::UnknownCritical(element)
            | Self::NoUri(element) => Some(element.to_string()),
            _ => None,
        }
    }

    /// Further values, the same in every language.
    fn detail(&self) -> Option<String> {
        match self {
            Self::Unprocessable(_, cause) => Some(cause.to_string()),
            Self::Version(version) => Some(format!("v{version}")),
            Self::SerialTooLong(length) => Some(length.to_string()),
            Self::SignatureAlgorithm(oid)
            | Self::StringType(oid)
            | Self::KeyPurpose(oid)
            | Self::RecommendedKeyPurpose(oid) => Some(oid.to_string()),
            Self::Key(error) => Some(error.to_string()),
            Self::CurveNotAllowed(curve) => Some(curve.to_string()),
            Self::KeyUsage { found, .. } => Some(found.to_string()),
            Self::PathLength(found) => Some(found.map_or("-".to_owned(), |n| n.to_string())),
            Self::Entries(error) => Some(error.to_string()),
            _ => None,
        }
    }
}

impl Finding {
    /// Facts that do not change the meaning of a certificate weigh less than the rule they deviate from.
    pub(super) fn new(rule: &Rule, fact: FindingFact) -> Self {
        let (severity, interop) = match &fact {
            FindingFact::RecommendedKeyPurpose(_) => (Severity::Info, Severity::Info),
            FindingFact::SerialTooShort
            | FindingFact::NotCritical(_)
            | FindingFact::Critical(_)
            | FindingFact::CompressedPoint
            | FindingFact::SignatureParameters
            | FindingFact::PathLength(_) => (rule.strict, rule.interop.min(Severity::Warning)),
            _ => (rule.strict, rule.interop),
        };
        Self { rule: rule.id, clause: rule.clause, severity, interop, fact }
    }

    /// How bad it is in this mode.
    #[must_use]
    pub fn severity_in(&self, mode: Mode) -> Severity {
        match mode {
            Mode::Strict => self.severity,
            Mode::Interop => self.interop,
        }
    }

    /// The text in English.
    #[must_use]
    pub fn text_en(&self) -> String {
        let (_, english, _) = self.fact.entry();
        let object = self.fact.object().map(|object| format!("{object} ")).unwrap_or_default();
        let detail = self.fact.detail().map(|detail| format!(" ({detail})")).unwrap_or_default();
        format!("{object}{english}{detail}")
    }

    /// The text in Japanese.
    #[must_use]
    pub fn text_ja(&self) -> String {
        let (_, _, japanese) = self.fact.entry();
        let object = self.fact.object().unwrap_or_default();
        let object = object.replace("extension", "拡張").replace("attribute", "属性");
        let detail = self.fact.detail().map(|detail| format!("（{detail}）")).unwrap_or_default();
        format!("{object}{japanese}{detail}")
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} [{}]", self.rule, self.text_en(), self.clause)
    }
}
