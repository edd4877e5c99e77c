//! The table of checks: one row for everything a relying party assumes to have been checked.
//!
//! The table drives the verifier (severity by policy), the report (id, clause, subject), the messages (title and remedy in
//! English and Japanese) and the documentation page. Rows stand in order of rank: of several failures the first in the
//! table is the primary one.

use crate::lang::Lang;

/// What a failed check means under a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The document is rejected.
    Fail,
    /// The deviation is named in the report and tolerated.
    Warn,
}

/// What a check looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectKind {
    /// The response as a whole.
    Response,
    /// A document.
    Document,
    /// The issuer's COSE_Sign1.
    IssuerAuth,
    /// The Document Signer certificate.
    DocumentSigner,
    /// The Mobile Security Object.
    MobileSecurityObject,
    /// The disclosed elements.
    Elements,
    /// The device's signature or MAC.
    DeviceAuth,
}

impl SubjectKind {
    /// Stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Response => "response",
            Self::Document => "document",
            Self::IssuerAuth => "issuer-auth",
            Self::DocumentSigner => "document-signer",
            Self::MobileSecurityObject => "mso",
            Self::Elements => "elements",
            Self::DeviceAuth => "device-auth",
        }
    }
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct CheckRow {
    /// The check.
    pub check: Check,
    /// Stable id.
    pub id: &'static str,
    /// The clause that demands it.
    pub clause: &'static str,
    /// What it looks at.
    pub subject: SubjectKind,
    /// Severity under the policy `strict`.
    pub strict: Severity,
    /// Severity under the policy `interop`.
    pub interop: Severity,
    title: [&'static str; 2],
    remedy: [&'static str; 2],
}

macro_rules! checks {
    ($($name:ident = $id:literal, $clause:literal, $subject:ident, $strict:ident / $interop:ident;
        $title_en:literal, $title_ja:literal; $remedy_en:literal, $remedy_ja:literal;)*) => {
        /// Every check, in order of rank.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Check {
            $(#[doc = concat!($title_en, " (", $clause, ").")] $name,)*
        }

        /// The table of checks.
        pub static CHECKS: &[CheckRow] = &[$($name),*];

        $(
            #[expect(non_upper_case_globals, reason = "carries the name of the variant")]
            const $name: CheckRow = CheckRow {
                check: Check::$name,
                id: $id,
                clause: $clause,
                subject: SubjectKind::$subject,
                strict: Severity::$strict,
                interop: Severity::$interop,
                title: [$title_en, $title_ja],
                remedy: [$remedy_en, $remedy_ja],
            };
        )*

        impl Check {
            /// The row of this check.
            #[must_use]
            pub fn row(self) -> &'static CheckRow {
                match self { $(Self::$name => const { &$name }),* }
            }
        }
    };
}

checks! {
    ResponseVersion = "response-version", "ISO/IEC 18013-5 8.3.2.1.2.2", Response, Fail / Fail;
        "The response has major version 1", "応答のメジャーバージョンは1である";
        "Ask the wallet's vendor for a version 1 response.", "ウォレットの提供者にバージョン1の応答を求めてください。";
    ResponseStatus = "response-status", "ISO/IEC 18013-5 8.3.2.1.2.3", Response, Fail / Fail;
        "The response has status 0 and holds at least one document", "応答のステータスは0で、文書を1つ以上含む";
        "Ask the holder to present again; the status code tells what the wallet met.", "もう一度提示を求めてください。ステータスコードがウォレット側の原因を示します。";
    IssuerCertificate = "ds-certificate", "ISO/IEC 18013-5 9.1.2.4", IssuerAuth, Fail / Fail;
        "issuerAuth carries a readable Document Signer certificate", "issuerAuthに読み取れる文書署名者証明書がある";
        "The document cannot be traced to an issuer. Ask the issuer to put the Document Signer certificate into x5chain.", "発行者をたどれません。発行者にx5chainへの文書署名者証明書の格納を求めてください。";
    IssuerAlgorithm = "issuer-algorithm", "ISO/IEC 18013-5 9.1.2.4", IssuerAuth, Fail / Fail;
        "The signature algorithm is a permitted one and fits the Document Signer key", "署名アルゴリズムは許可されたもので、署名者の鍵に合う";
        "Algorithm and key do not belong together. Ask the issuer to correct the protected header.", "アルゴリズムと鍵が対応しません。発行者に保護ヘッダの訂正を求めてください。";
    IssuerSignature = "issuer-signature", "ISO/IEC 18013-5 9.3.1", IssuerAuth, Fail / Fail;
        "The issuer's signature over the MSO verifies", "MSOに対する発行者の署名が正しい";
        "The document was changed or was not signed by this issuer. Do not rely on it.", "文書が改変されたか、この発行者の署名ではありません。信頼しないでください。";
    CertificateThumbprint = "ds-thumbprint", "RFC 9360 2", IssuerAuth, Fail / Fail;
        "x5t, where present, is the thumbprint of the Document Signer certificate", "x5tがあれば文書署名者証明書の拇印と一致する";
        "The certificate was exchanged after signing. Do not rely on the document.", "署名後に証明書が差し替えられています。信頼しないでください。";
    MsoStructure = "mso-structure", "ISO/IEC 18013-5 9.1.2.4", MobileSecurityObject, Fail / Fail;
        "The MSO is well formed", "MSOの構造が正しい";
        "Ask the issuer to correct the MSO; the cause names the field.", "発行者にMSOの訂正を求めてください。原因欄に項目名があります。";
    MsoVersion = "mso-version", "ISO/IEC 18013-5 9.1.2.4", MobileSecurityObject, Fail / Fail;
        "The MSO has major version 1", "MSOのメジャーバージョンは1である";
        "Update this verifier or ask the issuer for a version 1 MSO.", "検証ソフトを更新するか、発行者にバージョン1のMSOを求めてください。";
    DocType = "doc-type", "ISO/IEC 18013-5 9.3.1", Document, Fail / Fail;
        "The document type of the response is that of the MSO", "応答の文書種別がMSOと一致する";
        "A document of one type is presented as another. Do not rely on it.", "別種の文書として提示されています。信頼しないでください。";
    DigestAlgorithm = "digest-algorithm", "ISO/IEC 18013-5 9.1.2.5", MobileSecurityObject, Fail / Fail;
        "The digest algorithm is SHA-256, SHA-384 or SHA-512", "ダイジェストアルゴリズムはSHA-256、SHA-384、SHA-512のいずれかである";
        "Ask the issuer to write one of the three permitted names.", "発行者に許可された3つの名称のいずれかを使うよう求めてください。";
    ElementDigests = "element-digests", "ISO/IEC 18013-5 9.3.1", Elements, Fail / Fail;
        "The digest of every received element is in the MSO", "受け取った各要素のダイジェストがMSOにある";
        "An element was changed after signing, or re-encoded on its way. Do not rely on it.", "署名後に要素が改変されたか、途中で再符号化されています。信頼しないでください。";
    DuplicateElements = "duplicate-elements", "ISO/IEC 18013-5 8.3.2.1.2.2", Elements, Fail / Fail;
        "No element and no digest id occurs twice", "要素もダイジェストIDも重複しない";
        "Two values claim one name. Do not rely on the document.", "1つの名前に2つの値があります。信頼しないでください。";
    DeviceSigned = "device-signed", "ISO/IEC 18013-5 8.3.2.1.2.2", DeviceAuth, Fail / Fail;
        "The document has a DeviceSigned part", "文書にDeviceSignedがある";
        "Without it nobody proved to hold the device. Ask for a presentation, or ask for issuer data alone knowingly.", "端末の所持が証明されていません。提示を求めるか、承知の上で発行者データのみを検証してください。";
    DeviceKey = "device-key", "ISO/IEC 18013-5 9.1.2.4", DeviceAuth, Fail / Fail;
        "The device key of the MSO is usable", "MSOの端末鍵が使用できる";
        "The key is malformed or of an unsupported curve. Ask the issuer.", "鍵が不正か未対応の曲線です。発行者に確認してください。";
    DeviceAuth = "device-auth", "ISO/IEC 18013-5 9.1.3", DeviceAuth, Fail / Fail;
        "The device's signature or MAC verifies over our session transcript", "端末の署名またはMACが当方のセッショントランスクリプトに対して正しい";
        "Replay, another session, or another handover. Compare the transcripts with `tegata explain transcript`.", "再送、別のセッション、または別のハンドオーバです。`tegata explain transcript`で比較してください。";
    KeyAuthorizations = "key-authorizations", "ISO/IEC 18013-5 9.1.2.4", DeviceAuth, Fail / Fail;
        "The device signed only elements it is authorised for", "端末は許可された要素だけに署名している";
        "The device vouches for data the issuer did not allow. Do not rely on the document.", "発行者が許可していないデータを端末が主張しています。信頼しないでください。";
    DsTrusted = "ds-trusted", "ISO/IEC 18013-5 9.3.3", DocumentSigner, Fail / Fail;
        "The Document Signer certificate was issued by an anchor trusted for this document type", "文書署名者証明書は、この文書種別で信頼するアンカーが発行した";
        "Obtain the issuer's IACA certificate from a trusted list and add it for this document type.", "信頼できるリストから発行者のIACA証明書を入手し、この文書種別に追加してください。";
    DsCriticalExtensions = "ds-critical-extensions", "RFC 5280 6.1.4, ISO/IEC 18013-5 9.3.3", DocumentSigner, Fail / Fail;
        "Every critical extension of the Document Signer certificate is known and processed", "文書署名者証明書の重要な拡張をすべて処理できる";
        "Ask the issuer for a certificate without the extension, or update this verifier.", "発行者にその拡張のない証明書を求めるか、検証ソフトを更新してください。";
    DsRevocation = "ds-revoked", "ISO/IEC 18013-5 9.3.3, RFC 5280 6.3.3", DocumentSigner, Fail / Fail;
        "The Document Signer certificate is not revoked", "文書署名者証明書は失効していない";
        "Fetch the issuer's CRL again; if revoked, the holder needs a new document.", "発行者のCRLを取得し直してください。失効なら所持者は再発行が必要です。";
    MsoRevocation = "mso-revoked", "ISO/IEC 18013-5 2nd edition 12.3.6, Token Status List", MobileSecurityObject, Fail / Fail;
        "The document is not revoked by its issuer", "文書は発行者により失効していない";
        "Fetch the status list again; if revoked, the holder must turn to the issuer.", "ステータスリストを取得し直してください。失効なら所持者は発行者に連絡が必要です。";
    DsValidity = "ds-validity", "ISO/IEC 18013-5 9.3.3", DocumentSigner, Fail / Fail;
        "The Document Signer certificate and its anchor are valid now", "文書署名者証明書とアンカーは現在有効である";
        "Check the clock. If it is right, the holder must refresh the document.", "時計を確認してください。正しければ所持者は文書の更新が必要です。";
    MsoValidity = "mso-validity", "ISO/IEC 18013-5 9.3.1", MobileSecurityObject, Fail / Fail;
        "Now lies between validFrom and validUntil", "現在時刻はvalidFromとvalidUntilの間にある";
        "Check the clock. If it is right, the holder must refresh the document.", "時計を確認してください。正しければ所持者は文書の更新が必要です。";
    SignedWithinDs = "mso-signed-within-ds", "ISO/IEC 18013-5 9.3.1", MobileSecurityObject, Fail / Warn;
        "The MSO was signed while the Document Signer certificate was valid", "MSOは文書署名者証明書の有効期間内に署名された";
        "Ask the issuer not to round `signed` to before the certificate's notBefore.", "発行者に、signedを証明書のnotBeforeより前に丸めないよう求めてください。";
    MsoValidityOrder = "mso-validity-order", "ISO/IEC 18013-5 9.1.2.4", MobileSecurityObject, Fail / Warn;
        "signed, validFrom and validUntil follow each other", "signed、validFrom、validUntilの順序が正しい";
        "Ask the issuer to correct the validity of the MSO.", "発行者にMSOの有効期間の訂正を求めてください。";
    MsoWithinDs = "mso-within-ds", "ISO/IEC 18013-5 2nd edition 12.3.4", MobileSecurityObject, Warn / Warn;
        "validUntil is not after the end of the Document Signer certificate", "validUntilは文書署名者証明書の満了以前である";
        "The document will fail earlier than it says. Ask the issuer to shorten validUntil.", "文書は記載より早く無効になります。発行者にvalidUntilの短縮を求めてください。";
    DsCountry = "ds-country", "ISO/IEC 18013-5 9.3.3", DocumentSigner, Fail / Fail;
        "Document Signer and anchor name the same country and state", "文書署名者とアンカーの国・州が一致する";
        "Ask the issuing authority; the certificate does not belong under this root.", "発行機関に確認してください。このルートの証明書ではありません。";
    IssuingCountry = "issuing-country", "ISO/IEC 18013-5 7.2.1", Elements, Fail / Fail;
        "issuing_country and issuing_jurisdiction are those of the Document Signer", "issuing_countryとissuing_jurisdictionが文書署名者と一致する";
        "A signer of one country issued a document in the name of another. Do not rely on it.", "ある国の署名者が別の国の名で発行しています。信頼しないでください。";
    DsKeyUsage = "ds-key-usage", "ISO/IEC 18013-5 B.1.4", DocumentSigner, Fail / Warn;
        "The Document Signer certificate is for digital signatures", "文書署名者証明書の鍵用途はデジタル署名である";
        "Ask the issuer for a certificate with keyUsage digitalSignature.", "発行者にkeyUsageがdigitalSignatureの証明書を求めてください。";
    DsExtendedKeyUsage = "ds-extended-key-usage", "ISO/IEC 18013-5 B.1.4", DocumentSigner, Fail / Warn;
        "The Document Signer certificate is for signing mobile documents", "文書署名者証明書の拡張鍵用途は文書署名である";
        "Ask the issuer for a certificate with extended key usage 1.0.18013.5.1.2.", "発行者に拡張鍵用途1.0.18013.5.1.2の証明書を求めてください。";
    DsProfile = "ds-profile", "ISO/IEC 18013-5 B.1.4", DocumentSigner, Fail / Warn;
        "The Document Signer certificate follows its profile", "文書署名者証明書がプロファイルに従う";
        "Ask the issuer to correct the certificate; the cause names the rule.", "発行者に証明書の訂正を求めてください。原因欄に規則名があります。";
    ChainComposition = "chain-composition", "ISO/IEC 18013-5 9.1.2.4, RFC 9360 2", IssuerAuth, Warn / Warn;
        "x5chain leaves out the trust anchor and anything not needed", "x5chainにアンカーや不要な証明書が含まれない";
        "Ask the issuer to leave the root out of x5chain.", "発行者にx5chainからルートを除くよう求めてください。";
    Encoding = "encoding", "ISO/IEC 18013-5 8.3", Document, Fail / Warn;
        "The encoding follows the rules of the standard", "符号化が規格に従う";
        "Ask the issuer or wallet to correct the encoding; the cause names the deviation.", "発行者またはウォレットに符号化の訂正を求めてください。原因欄に内容があります。";
}

/// A set of checks.
#[derive(Clone, Copy, Default)]
pub(crate) struct CheckSet(u64);

const _: () = assert!(CHECKS.len() <= 64, "a set has 64 places");

impl CheckSet {
    pub(crate) fn contains(self, check: Check) -> bool {
        self.0 & Self::bit(check) != 0
    }

    fn bit(check: Check) -> u64 {
        #[expect(clippy::as_conversions, reason = "the number of a variant is below the number of rows")]
        let place = check as u32;
        1 << place
    }
}

impl FromIterator<Check> for CheckSet {
    fn from_iter<I: IntoIterator<Item = Check>>(checks: I) -> Self {
        Self(checks.into_iter().fold(0, |set, check| set | Self::bit(check)))
    }
}

impl Check {
    /// Stable id, the same in every language binding.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.row().id
    }

    /// What holds when the check passes.
    #[must_use]
    pub fn title(self, lang: Lang) -> &'static str {
        lang.pick(self.row().title)
    }

    /// What a person can do when it does not.
    #[must_use]
    pub fn remedy(self, lang: Lang) -> &'static str {
        lang.pick(self.row().remedy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_rows_complete() {
        let mut ids: Vec<_> = CHECKS.iter().map(|row| row.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), CHECKS.len());
        for row in CHECKS {
            assert!(row.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", row.id);
            for lang in [Lang::En, Lang::Ja] {
                assert!(!row.check.title(lang).is_empty() && !row.check.remedy(lang).is_empty(), "{}", row.id);
            }
            assert!(
                !(row.strict == Severity::Warn && row.interop == Severity::Fail),
                "{} is laxer when strict",
                row.id
            );
        }
    }

    #[test]
    fn interop_never_tolerates_what_would_let_a_forger_in() {
        for check in [
            Check::IssuerSignature,
            Check::ElementDigests,
            Check::DocType,
            Check::DeviceAuth,
            Check::KeyAuthorizations,
            Check::DsTrusted,
            Check::DsCriticalExtensions,
            Check::DsRevocation,
            Check::MsoRevocation,
            Check::MsoValidity,
            Check::DsValidity,
            Check::DuplicateElements,
        ] {
            assert_eq!(check.row().interop, Severity::Fail, "{}", check.id());
        }
    }
}
