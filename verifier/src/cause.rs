//! Why a check ended as it did: facts first, text second.

use std::borrow::Cow;
use std::fmt::Write as _;

use tegata_mdoc::Deviation;
use tegata_mdoc::cbor::DecodeError;
use tegata_mdoc::date::Tdate;
use tegata_pki::{CertificateError, Finding, KeyError, ObjectIdentifier, SignatureError};
use time::UtcDateTime;

use crate::check::Check;
use crate::japanese::InLang;
use crate::lang::Lang;
use crate::verify::TrustGap;

/// The cause of an outcome other than a pass.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Cause<'a> {
    /// A version string whose major version is not 1.
    Version {
        /// As written.
        found: &'a str,
    },
    /// The response's status code is not 0.
    Status {
        /// The code.
        code: u64,
    },
    /// The response holds no document.
    NoDocument,
    /// A part could not be read.
    Malformed(DecodeError),
    /// issuerAuth carries no certificate.
    NoCertificate,
    /// The two headers of issuerAuth hold different chains.
    AmbiguousChain,
    /// The certificate could not be read.
    Certificate(CertificateError),
    /// The certificate's key cannot be used.
    CertificateKey(KeyError),
    /// No `alg` stands in the protected header.
    NoAlgorithm,
    /// `alg` is not a signature algorithm of the standard.
    UnknownAlgorithm {
        /// The number or text.
        found: Cow<'a, str>,
    },
    /// Algorithm and key curve do not belong together.
    AlgorithmMismatch {
        /// Name of the algorithm.
        algorithm: &'static str,
        /// Name of the curve.
        curve: &'static str,
    },
    /// A fully-specified algorithm number (RFC 9864), which ISO/IEC 18013-5 does not name.
    FullySpecifiedAlgorithm {
        /// The number.
        number: i64,
    },
    /// The payload of issuerAuth is detached.
    DetachedPayload,
    /// A payload stands where it must be detached.
    AttachedPayload,
    /// The signature computation failed.
    Signature(SignatureError),
    /// The MAC does not match.
    MacMismatch,
    /// x5t is not the thumbprint of the certificate, or uses a hash we do not compute.
    ThumbprintMismatch,
    /// The document type presented is not that of the MSO.
    DocTypeMismatch {
        /// That of the MSO.
        mso: Cow<'a, str>,
    },
    /// `digestAlgorithm` is not one of the three names.
    UnknownDigestAlgorithm {
        /// As written.
        found: &'a str,
    },
    /// The MSO has no digest for the item's digestID.
    DigestMissing {
        /// The digestID.
        digest_id: u64,
    },
    /// The digest of the item's bytes is another.
    DigestMismatch {
        /// The digestID.
        digest_id: u64,
    },
    /// The element occurs more than once.
    DuplicateElement,
    /// Two items of the namespace share a digestID.
    DuplicateDigestId {
        /// The digestID.
        digest_id: u64,
    },
    /// The document has no DeviceSigned part.
    NoDeviceSigned,
    /// No session transcript was given, so the device's proof could not be checked.
    NoTranscript,
    /// Issuer data alone was asked for.
    NotAsked,
    /// The device authenticated with a MAC, and the reader's private key was not given.
    NoReaderKey,
    /// Device key and reader key are of different curves.
    ReaderKeyCurve {
        /// Curve of the device key.
        device: &'static str,
        /// Curve of the reader key.
        reader: &'static str,
    },
    /// A coordinate of the device key lacks its leading zeros.
    ShortCoordinate,
    /// The device key cannot be used.
    DeviceKey(KeyError),
    /// The curve number of the device key is not one of the standard.
    DeviceKeyCurve {
        /// IANA number.
        curve: i64,
    },
    /// The proof matches another transcript than ours. Never a reason to accept.
    OtherTranscript {
        /// Which variant would have matched.
        variant: &'static str,
    },
    /// keyAuthorizations names a namespace twice or is empty.
    ContradictoryAuthorizations,
    /// The device signed an element that keyAuthorizations does not cover.
    NotAuthorized,
    /// No anchor was configured at all.
    NoAnchors,
    /// The trust store gives no anchors out at the moment.
    TrustUnavailable(TrustGap),
    /// No anchor for this document type has the issuer's name or key identifier.
    UnknownIssuer {
        /// Issuer name of the certificate.
        issuer: String,
    },
    /// The anchor found is not a CA certificate.
    AnchorNotCa {
        /// Subject of the anchor.
        anchor: String,
    },
    /// The certificate is itself an anchor: a root never signs documents.
    AnchorIsSigner,
    /// An anchor of that name exists, but its key did not sign the certificate.
    NotSignedByAnchor {
        /// Subject of the anchor.
        anchor: String,
    },
    /// The path is invalid for another reason.
    Path {
        /// Stable id of the reason.
        reason: &'static str,
        /// Subject of the anchor.
        anchor: String,
    },
    /// The certificate was pinned by its exact bytes; no anchor vouches for it.
    PinnedSigner,
    /// A critical extension is unknown or its content cannot be processed.
    CriticalExtension {
        /// Its OID.
        oid: ObjectIdentifier,
    },
    /// Now is before the beginning.
    NotYetValid {
        /// What: `ds`, `anchor` or `mso`.
        what: &'static str,
        /// The beginning.
        from: UtcDateTime,
    },
    /// Now is after the end.
    Expired {
        /// What: `ds`, `anchor` or `mso`.
        what: &'static str,
        /// The end.
        until: UtcDateTime,
    },
    /// `signed` lies outside the certificate's validity.
    SignedOutsideDs {
        /// `signed`.
        signed: Tdate,
        /// notBefore.
        not_before: UtcDateTime,
        /// notAfter.
        not_after: UtcDateTime,
    },
    /// `signed` lies after now.
    SignedInFuture {
        /// `signed`.
        signed: Tdate,
    },
    /// Two dates of the MSO stand in the wrong order.
    DateOrder {
        /// The one that should come first.
        first: &'static str,
        /// The one that should follow.
        second: &'static str,
    },
    /// validUntil lies after notAfter.
    ValidUntilAfterDs {
        /// notAfter.
        not_after: UtcDateTime,
    },
    /// Two names that should be equal differ.
    NameMismatch {
        /// Which attribute or element.
        what: &'static str,
        /// The one.
        found: String,
        /// The other.
        expected: String,
    },
    /// keyUsage is absent.
    KeyUsageAbsent,
    /// keyUsage holds other or more uses than digitalSignature.
    KeyUsage {
        /// The uses.
        found: String,
    },
    /// extendedKeyUsage is absent.
    ExtendedKeyUsageAbsent,
    /// extendedKeyUsage is that of another document ecosystem.
    EcosystemKeyUsage {
        /// The OID.
        oid: ObjectIdentifier,
    },
    /// extendedKeyUsage is for something else.
    ForeignKeyUsage {
        /// The OIDs.
        found: String,
    },
    /// A rule of the certificate profile is broken.
    Profile(Finding),
    /// x5chain holds the trust anchor.
    AnchorInChain,
    /// x5chain holds certificates that were not needed.
    ExtraCertificates {
        /// How many.
        count: usize,
    },
    /// A deviation of encoding.
    Deviation(Deviation),
    /// No revocation evidence is at hand.
    NoRevocationEvidence {
        /// Where it could be fetched, if known.
        uri: Option<String>,
    },
    /// Revocation evidence is at hand but cannot be used.
    UnusableRevocationEvidence {
        /// Stable id of the reason.
        reason: &'static str,
        /// What happened, in English.
        detail: String,
    },
    /// A device-key list that the relying party demands is not at hand.
    RequiredListMissing {
        /// Where it is published.
        uri: String,
    },
    /// Revoked.
    Revoked {
        /// When, if known.
        at: Option<UtcDateTime>,
        /// Stable id of the reason.
        reason: &'static str,
    },
    /// The question does not arise.
    NotApplicable,
    /// The caller switched the check off.
    SwitchedOff,
    /// Another check must pass first.
    DependsOn(Check),
}

impl Cause<'_> {
    /// True for causes that explain why a check was not made and take nothing from the verdict.
    #[must_use]
    pub fn is_harmless(&self) -> bool {
        matches!(self, Self::NotApplicable | Self::SwitchedOff | Self::NotAsked | Self::NoRevocationEvidence { .. })
    }

    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Version { .. } => "unsupported-version",
            Self::Status { .. } => "status-not-ok",
            Self::NoDocument => "no-document",
            Self::Malformed(error) => error.id(),
            Self::NoCertificate => "no-certificate",
            Self::AmbiguousChain => "ambiguous-chain",
            Self::Certificate(error) => error.id(),
            Self::CertificateKey(error) | Self::DeviceKey(error) => error.id(),
            Self::NoAlgorithm => "no-algorithm",
            Self::UnknownAlgorithm { .. } => "unknown-algorithm",
            Self::AlgorithmMismatch { .. } => "algorithm-key-mismatch",
            Self::FullySpecifiedAlgorithm { .. } => "fully-specified-algorithm",
            Self::DetachedPayload => "detached-payload",
            Self::AttachedPayload => "attached-payload",
            Self::Signature(error) => error.id(),
            Self::MacMismatch => "mac-mismatch",
            Self::ThumbprintMismatch => "thumbprint-mismatch",
            Self::DocTypeMismatch { .. } => "doc-type-mismatch",
            Self::UnknownDigestAlgorithm { .. } => "unknown-digest-algorithm",
            Self::DigestMissing { .. } => "digest-missing",
            Self::DigestMismatch { .. } => "digest-mismatch",
            Self::DuplicateElement => "duplicate-element",
            Self::DuplicateDigestId { .. } => "duplicate-digest-id",
            Self::NoDeviceSigned => "no-device-signed",
            Self::NoTranscript => "no-transcript",
            Self::NotAsked => "not-asked",
            Self::NoReaderKey => "no-reader-key",
            Self::ReaderKeyCurve { .. } => "reader-key-curve",
            Self::ShortCoordinate => "short-coordinate",
            Self::DeviceKeyCurve { .. } => "device-key-curve",
            Self::OtherTranscript { .. } => "other-transcript",
            Self::ContradictoryAuthorizations => "contradictory-authorizations",
            Self::NotAuthorized => "not-authorized",
            Self::NoAnchors => "no-anchors",
            Self::TrustUnavailable(gap) => gap.id(),
            Self::UnknownIssuer { .. } => "unknown-issuer",
            Self::AnchorNotCa { .. } => "anchor-not-ca",
            Self::AnchorIsSigner => "anchor-is-signer",
            Self::NotSignedByAnchor { .. } => "not-signed-by-anchor",
            Self::Path { reason, .. } | Self::UnusableRevocationEvidence { reason, .. } => reason,
            Self::PinnedSigner => "pinned-signer",
            Self::CriticalExtension { .. } => "critical-extension",
            Self::NotYetValid { .. } => "not-yet-valid",
            Self::Expired { .. } => "expired",
            Self::SignedOutsideDs { .. } => "signed-outside-ds",
            Self::SignedInFuture { .. } => "signed-in-future",
            Self::DateOrder { .. } => "date-order",
            Self::ValidUntilAfterDs { .. } => "valid-until-after-ds",
            Self::NameMismatch { .. } => "name-mismatch",
            Self::KeyUsageAbsent => "key-usage-absent",
            Self::KeyUsage { .. } => "key-usage",
            Self::ExtendedKeyUsageAbsent => "extended-key-usage-absent",
            Self::EcosystemKeyUsage { .. } => "ecosystem-key-usage",
            Self::ForeignKeyUsage { .. } => "foreign-key-usage",
            Self::Profile(finding) => finding.rule,
            Self::AnchorInChain => "anchor-in-chain",
            Self::ExtraCertificates { .. } => "extra-certificates",
            Self::Deviation(deviation) => deviation.id(),
            Self::NoRevocationEvidence { .. } => "no-revocation-evidence",
            Self::RequiredListMissing { .. } => "device-key-list-missing",
            Self::Revoked { reason, .. } => reason,
            Self::NotApplicable => "not-applicable",
            Self::SwitchedOff => "switched-off",
            Self::DependsOn(_) => "depends-on",
        }
    }

    /// One sentence for a person, with the facts.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = write!(text, "{}", Sentence(self, lang));
        text
    }
}

struct Sentence<'c, 'a>(&'c Cause<'a>, Lang);

impl std::fmt::Display for Sentence<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(cause, lang) = self;
        macro_rules! say {
            ($en:literal, $ja:literal $(, $argument:expr)*) => {
                match lang { Lang::En => write!(f, $en $(, $argument)*), Lang::Ja => write!(f, $ja $(, $argument)*) }
            };
        }
        match cause {
            Cause::Version { found } => {
                say!("version {found:?} is not supported", "バージョン{found:?}には対応していません")
            }
            Cause::Status { code } => say!("the status code is {code}", "ステータスコードは{code}です"),
            Cause::NoDocument => say!("the response holds no document", "応答に文書がありません"),
            Cause::Malformed(error) => {
                let error = InLang(error, *lang);
                say!("{error}", "構造の誤り: {error}")
            }
            Cause::NoCertificate => say!("issuerAuth holds no certificate", "issuerAuthに証明書がありません"),
            Cause::AmbiguousChain => {
                say!(
                    "protected and unprotected header hold different chains",
                    "保護・非保護ヘッダの証明書チェーンが異なります"
                )
            }
            Cause::Certificate(error) => {
                let error = InLang(error, *lang);
                say!("the certificate cannot be read: {error}", "証明書を読み取れません: {error}")
            }
            Cause::CertificateKey(error) => {
                let error = InLang(error, *lang);
                say!("the certificate's key cannot be used: {error}", "証明書の鍵を使用できません: {error}")
            }
            Cause::NoAlgorithm => {
                say!("the protected header names no algorithm", "保護ヘッダにアルゴリズムがありません")
            }
            Cause::UnknownAlgorithm { found } => {
                say!("algorithm {found} is not permitted", "アルゴリズム{found}は許可されていません")
            }
            Cause::AlgorithmMismatch { algorithm, curve } => {
                say!("{algorithm} does not belong to a key on {curve}", "{algorithm}は{curve}の鍵に対応しません")
            }
            Cause::FullySpecifiedAlgorithm { number } => say!(
                "algorithm {number} of RFC 9864 is accepted in place of its ISO/IEC 18013-5 equivalent",
                "RFC 9864のアルゴリズム{number}をISO/IEC 18013-5の相当するものとして受け入れました"
            ),
            Cause::DetachedPayload => say!("the payload is missing", "ペイロードがありません"),
            Cause::AttachedPayload => {
                say!("a payload stands where it must be null", "nullであるべきペイロードがあります")
            }
            Cause::Signature(error) => {
                let error = InLang(error, *lang);
                say!("{error}", "署名の検証に失敗しました: {error}")
            }
            Cause::MacMismatch => say!("the MAC does not match", "MACが一致しません"),
            Cause::ThumbprintMismatch => {
                say!("x5t is not the thumbprint of the certificate", "x5tが証明書の拇印と一致しません")
            }
            Cause::DocTypeMismatch { mso } => say!("the MSO is for {mso:?}", "MSOの文書種別は{mso:?}です"),
            Cause::UnknownDigestAlgorithm { found } => {
                say!(
                    "digest algorithm {found:?} is not permitted",
                    "ダイジェストアルゴリズム{found:?}は許可されていません"
                )
            }
            Cause::DigestMissing { digest_id } => {
                say!(
                    "the MSO has no digest {digest_id} in this namespace",
                    "MSOのこの名前空間にダイジェスト{digest_id}がありません"
                )
            }
            Cause::DigestMismatch { digest_id } => {
                say!("digest {digest_id} differs", "ダイジェスト{digest_id}が一致しません")
            }
            Cause::DuplicateElement => say!("the element occurs more than once", "要素が重複しています"),
            Cause::DuplicateDigestId { digest_id } => {
                say!("digest id {digest_id} is used more than once", "ダイジェストID {digest_id}が重複しています")
            }
            Cause::NoDeviceSigned => say!("the document has no DeviceSigned part", "文書にDeviceSignedがありません"),
            Cause::NoTranscript => {
                say!("no session transcript was given", "セッショントランスクリプトが指定されていません")
            }
            Cause::NotAsked => say!("issuer data alone was asked for", "発行者データのみの検証が指定されています"),
            Cause::NoReaderKey => {
                say!(
                    "the device used a MAC and no reader key was given",
                    "端末はMACを使用しましたが、リーダ鍵が指定されていません"
                )
            }
            Cause::ReaderKeyCurve { device, reader } => say!(
                "the device key is on {device}, the reader key on {reader}",
                "端末鍵は{device}、リーダ鍵は{reader}です"
            ),
            Cause::DeviceKey(error) => {
                let error = InLang(error, *lang);
                say!("the device key cannot be used: {error}", "端末鍵を使用できません: {error}")
            }
            Cause::ShortCoordinate => {
                say!("a coordinate of the device key lacks its leading zeros", "端末鍵の座標の先頭のゼロがありません")
            }
            Cause::DeviceKeyCurve { curve } => {
                say!("the device key is on the unsupported curve {curve}", "端末鍵の曲線{curve}には対応していません")
            }
            Cause::OtherTranscript { variant } => say!(
                "the proof would match another transcript: {variant}",
                "別のトランスクリプトであれば一致します: {variant}"
            ),
            Cause::ContradictoryAuthorizations => {
                say!("keyAuthorizations is empty or contradicts itself", "keyAuthorizationsが空か矛盾しています")
            }
            Cause::NotAuthorized => say!("the device is not authorised to sign it", "端末に署名が許可されていません"),
            Cause::NoAnchors => say!("no trust anchor is configured", "トラストアンカーが設定されていません"),
            Cause::TrustUnavailable(gap) => match gap {
                TrustGap::ClockTurnedBack { latest } => {
                    let latest = Tdate::new(*latest);
                    say!(
                        "the clock of this machine is behind {latest}, which has passed: the trust store trusts nobody",
                        "本機の時計が既に過ぎた{latest}より前のため、トラストストアは誰も信頼しません"
                    )
                }
                TrustGap::NeverUpdated => {
                    say!("the trust store was never updated", "トラストストアは一度も更新されていません")
                }
                TrustGap::ListStale { as_of } => {
                    let as_of = Tdate::new(*as_of);
                    say!(
                        "the list of the trust store is too old: last known to be current at {as_of}",
                        "トラストストアのリストが古すぎます（最後に最新と確認: {as_of}）"
                    )
                }
                TrustGap::NoAnchor => {
                    say!("the trust store believes no anchor", "トラストストアに信頼されたアンカーがありません")
                }
                TrustGap::Unusable => {
                    say!("an anchor of the trust store cannot be used", "トラストストアのアンカーを使用できません")
                }
            },
            Cause::UnknownIssuer { issuer } => {
                say!(
                    "no trusted root for this document type issued it ({issuer})",
                    "この文書種別で信頼するルートの発行ではありません({issuer})"
                )
            }
            Cause::AnchorNotCa { anchor } => {
                say!("the anchor is not a CA certificate ({anchor})", "アンカーがCA証明書ではありません({anchor})")
            }
            Cause::AnchorIsSigner => say!("an anchor itself signed the document", "アンカー自身が文書に署名しています"),
            Cause::NotSignedByAnchor { anchor } => {
                say!("the key of {anchor} did not sign it", "{anchor}の鍵による署名ではありません")
            }
            Cause::Path { reason, anchor } => {
                say!("the path to {anchor} is invalid: {reason}", "{anchor}への証明書パスが不正です: {reason}")
            }
            Cause::PinnedSigner => say!(
                "the certificate is pinned; no anchor vouches for it",
                "証明書は固定指定され、アンカーの裏付けがありません"
            ),
            Cause::CriticalExtension { oid } => {
                say!("the critical extension {oid} cannot be processed", "重要な拡張{oid}を処理できません")
            }
            Cause::NotYetValid { what, from } => {
                let from = Tdate::new(*from);
                say!("{what} is not valid before {from}", "{what}は{from}より前は無効です")
            }
            Cause::Expired { what, until } => {
                let until = Tdate::new(*until);
                say!("{what} expired at {until}", "{what}は{until}に満了しました")
            }
            Cause::SignedOutsideDs { signed, not_before, not_after } => {
                let (not_before, not_after) = (Tdate::new(*not_before), Tdate::new(*not_after));
                say!(
                    "signed {signed} lies outside {not_before} to {not_after}",
                    "署名日時{signed}は{not_before}から{not_after}の範囲外です"
                )
            }
            Cause::SignedInFuture { signed } => {
                say!("signed {signed} lies in the future", "署名日時{signed}は未来です")
            }
            Cause::DateOrder { first, second } => {
                say!("{second} does not follow {first}", "{second}が{first}より後ではありません")
            }
            Cause::ValidUntilAfterDs { not_after } => {
                let not_after = Tdate::new(*not_after);
                say!(
                    "validUntil lies after the certificate's end {not_after}",
                    "validUntilが証明書の満了{not_after}より後です"
                )
            }
            Cause::NameMismatch { what, found, expected } => {
                say!(
                    "{what} is {found:?}, expected {expected:?}",
                    "{what}は{found:?}ですが、{expected:?}であるべきです"
                )
            }
            Cause::KeyUsageAbsent => say!("keyUsage is absent", "keyUsageがありません"),
            Cause::KeyUsage { found } => say!("keyUsage is {found}", "keyUsageは{found}です"),
            Cause::ExtendedKeyUsageAbsent => say!("extendedKeyUsage is absent", "extendedKeyUsageがありません"),
            Cause::EcosystemKeyUsage { oid } => {
                say!(
                    "extendedKeyUsage is {oid} of another document ecosystem",
                    "extendedKeyUsageは他の文書体系の{oid}です"
                )
            }
            Cause::ForeignKeyUsage { found } => say!("extendedKeyUsage is {found}", "extendedKeyUsageは{found}です"),
            Cause::Profile(finding) => match lang {
                Lang::En => write!(f, "{}: {}", finding.rule, finding.text_en()),
                Lang::Ja => write!(f, "{}: {}", finding.rule, finding.text_ja()),
            },
            Cause::AnchorInChain => say!("x5chain holds the trust anchor", "x5chainにトラストアンカーが含まれています"),
            Cause::ExtraCertificates { count } => {
                say!(
                    "x5chain holds {count} certificates that are not needed",
                    "x5chainに不要な証明書が{count}枚あります"
                )
            }
            Cause::Deviation(deviation) => say!("{}", "{}", deviation.id()),
            Cause::NoRevocationEvidence { uri: Some(uri) } => {
                say!("no revocation list at hand; it is at {uri}", "失効リストが手元にありません。所在: {uri}")
            }
            Cause::NoRevocationEvidence { uri: None } => {
                say!("no revocation list at hand", "失効リストが手元にありません")
            }
            Cause::UnusableRevocationEvidence { detail, .. } => {
                say!("the revocation list cannot be used: {detail}", "失効リストを使用できません: {detail}")
            }
            Cause::RequiredListMissing { uri } => say!(
                "the device-key list of {uri} is required and not at hand",
                "必須の端末鍵リスト{uri}が手元にありません"
            ),
            Cause::Revoked { at: Some(at), reason } => {
                let at = Tdate::new(*at);
                say!("revoked at {at} ({reason})", "{at}に失効しました({reason})")
            }
            Cause::Revoked { at: None, reason } => say!("revoked ({reason})", "失効しています({reason})"),
            Cause::NotApplicable => say!("not applicable", "該当しません"),
            Cause::SwitchedOff => say!("switched off by the caller", "呼び出し側が無効にしました"),
            Cause::DependsOn(check) => say!("{} must pass first", "{}の合格が前提です", check.id()),
        }
    }
}
