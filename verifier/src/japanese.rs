//! Japanese texts of the errors that causes are made of; their English texts are their `Display`.

use std::fmt::{self, Display, Formatter};

use tegata_mdoc::cbor::{DecodeError, DecodeErrorKind};
use tegata_pki::{Asn1Error, CertificateError, KeyError, SignatureError};

use crate::lang::Lang;

/// An error, to be shown in a language.
pub(crate) struct InLang<'e, E>(pub(crate) &'e E, pub(crate) Lang);

impl<E: Japanese> Display for InLang<'_, E> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.1 {
            Lang::En => self.0.fmt(f),
            Lang::Ja => self.0.japanese(f),
        }
    }
}

/// What has a Japanese text beside its English one. A variant that is unknown here is shown in English.
pub(crate) trait Japanese: Display {
    fn japanese(&self, f: &mut Formatter<'_>) -> fmt::Result;
}

impl Japanese for DecodeError {
    fn japanese(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, field) in self.path().enumerate() {
            write!(f, "{}{field}", if index == 0 { "" } else { "." })?;
        }
        write!(f, "（{}バイト目）: ", self.offset())?;
        self.kind().japanese(f)
    }
}

impl Japanese for DecodeErrorKind {
    fn japanese(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnexpectedEnd => f.write_str("項目の途中で入力が終わっています"),
            Self::TrailingBytes { count } => write!(f, "項目の後に{count}バイト残っています"),
            Self::UnexpectedType { expected, found } => {
                write!(f, "ここには{}が必要ですが、{}があります", type_name(expected), type_name(&found.to_string()))
            }
            Self::UnexpectedTag { expected, found } => write!(f, "タグ{expected}が必要ですが、タグ{found}があります"),
            Self::DuplicateKey => f.write_str("マップに同じキーが二度あります"),
            Self::MissingKey { key } => write!(f, "必須のキー{key:?}がありません"),
            Self::WrongArrayLength { expected, found } => {
                write!(f, "配列の要素は{expected}個であるべきところ、{found}個あります")
            }
            Self::Empty => f.write_str("空であってはならない集まりが空です"),
            Self::InvalidUtf8 => f.write_str("文字列がUTF-8ではありません"),
            Self::ReservedHead { byte } => write!(f, "先頭バイト{byte:#04x}は予約済みか、置かれる場所が違います"),
            Self::IndefiniteString => f.write_str("連続したバイトが必要な箇所に不定長の文字列があります"),
            Self::IntegerOutOfRange => f.write_str("整数が範囲外です"),
            Self::InvalidDate => f.write_str("日時がRFC 3339の形式ではありません"),
            Self::InvalidValue { field } => write!(f, "{field}の値は許可されていません"),
            Self::TooManyBytes { limit, found } => {
                write!(f, "入力は{found}バイトで、上限の{limit}バイトを超えています")
            }
            Self::TooDeep { limit } => write!(f, "入れ子が{limit}段を超えています"),
            Self::TooManyItems { limit } => write!(f, "項目が{limit}個を超えています"),
            other => other.fmt(f),
        }
    }
}

/// The name of a type of CBOR, from the English one.
fn type_name(english: &str) -> &str {
    match english {
        "an unsigned integer" => "符号なし整数",
        "a negative integer" => "負の整数",
        "an integer" => "整数",
        "a byte string" => "バイト列",
        "a text string" => "文字列",
        "a chunk of a string" => "文字列の一片",
        "an array" => "配列",
        "a map" => "マップ",
        "a tag" => "タグ",
        "tag 24 or null" => "タグ24かnull",
        "a boolean" => "真偽値",
        "a floating-point number" => "浮動小数点数",
        "a simple value" => "単純値",
        "a break" => "終端",
        other => other,
    }
}

impl Japanese for KeyError {
    fn japanese(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("鍵の形式が正しくありません"),
            Self::UnsupportedAlgorithm(name) => write!(f, "鍵のアルゴリズム{name}には対応していません"),
            Self::CurveNotNamed => f.write_str("曲線が名前で指定されていません"),
            Self::Length { curve, expected, found } => {
                write!(f, "{curve}: {expected}オクテットであるべきところ、{found}オクテットです")
            }
            Self::NotOnCurve(curve) => write!(f, "{curve}上の点ではありません"),
            Self::Weak(curve) => write!(f, "弱いか正規形でない{curve}の鍵です"),
            Self::PrivateKeyOutOfRange(curve) => write!(f, "秘密鍵が{curve}の範囲外です"),
            Self::JwkMember(name) => write!(f, "JWKの{name}がないか使用できません"),
            Self::PrivateMember(name) => write!(f, "JWKに秘密の{name}が含まれています"),
            Self::WrongUse(curve) => write!(f, "{curve}はこの演算に使用できません"),
            Self::CurveMismatch { own, peer } => write!(f, "{own}と{peer}の間では鍵共有できません"),
            Self::ZeroSecret => f.write_str("共有された秘密がゼロです"),
            other => other.fmt(f),
        }
    }
}

impl Japanese for SignatureError {
    fn japanese(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mismatch => f.write_str("署名が一致しません"),
            Self::Malformed => f.write_str("署名の形式が正しくありません"),
            Self::KeyMismatch { algorithm, curve } => write!(f, "{algorithm}は{curve}の鍵に使用できません"),
            Self::UnsupportedAlgorithm(oid) => write!(f, "署名アルゴリズム{oid}には対応していません"),
            Self::Key(error) => {
                f.write_str("署名者の鍵を使用できません: ")?;
                error.japanese(f)
            }
            Self::AlgorithmsDisagree => f.write_str("内側と外側の署名アルゴリズムが異なります"),
            other => other.fmt(f),
        }
    }
}

impl Japanese for CertificateError {
    fn japanese(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Der(error) => {
                f.write_str("証明書ではありません: ")?;
                error.japanese(f)
            }
            Self::Pem => f.write_str("証明書のPEMファイルではありません"),
            Self::Count(count) => write!(f, "PEMファイルに証明書が{count}枚あります"),
            Self::TooLarge => f.write_str("証明書が大きすぎます"),
            Self::Version(number) => write!(f, "証明書のバージョン{number}は未知です"),
            Self::DuplicateExtension(oid) => write!(f, "拡張{oid}が二度あります"),
            Self::TooManyExtensions => f.write_str("拡張が多すぎます"),
            other => other.fmt(f),
        }
    }
}

impl Japanese for Asn1Error {
    fn japanese(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("DERではありません"),
            Self::UnexpectedTag => f.write_str("期待した要素ではありません"),
            Self::TrailingBytes => f.write_str("終わりの後にバイトが続いています"),
            Self::InvalidValue => f.write_str("値がDERの定める形式ではありません"),
            Self::InvalidTime => f.write_str("RFC 5280の日時ではありません"),
            other => other.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use tegata_mdoc::cbor::decode;
    use tegata_mdoc::response::Document;
    use tegata_pki::{Certificate, Curve, PublicKey};

    use super::*;

    #[test]
    fn an_error_is_told_in_either_language() {
        let error = decode::<Document<'_>>(b"\xa1\x6cissuerSigned\xa0").unwrap_err();
        assert_eq!(InLang(&error, Lang::En).to_string(), error.to_string());
        assert_eq!(
            InLang(&error, Lang::Ja).to_string(),
            "issuerSigned（14バイト目）: 必須のキー\"issuerAuth\"がありません"
        );
        let error = decode::<Document<'_>>(b"\x01").unwrap_err();
        assert_eq!(
            InLang(&error, Lang::Ja).to_string(),
            "（0バイト目）: ここにはマップが必要ですが、符号なし整数があります"
        );
    }

    #[test]
    fn errors_within_errors_too() {
        let key = PublicKey::from_sec1(Curve::P256, &[4; 65]).unwrap_err();
        let signature = SignatureError::Key(key);
        let expected = "署名者の鍵を使用できません: P-256上の点ではありません";
        assert_eq!(InLang(&signature, Lang::Ja).to_string(), expected);
        let certificate = Certificate::from_der(b"\x30\x00").unwrap_err();
        assert_eq!(InLang(&certificate, Lang::Ja).to_string(), "証明書ではありません: DERではありません");
    }
}
