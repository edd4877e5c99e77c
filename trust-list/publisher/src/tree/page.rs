//! The pages for people: an overview, and one page with the fingerprints of each root. No scripts, no requests to others.

use std::fmt::Write as _;

use tegata_manifest::{AnchorList, ListedAnchor, ListedState, NoticeCategory};
use tegata_pki::Certificate;
use time::{UtcDateTime, UtcOffset};

use super::json::{instant, ski};
use crate::service::Service;

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its path.
    pub path: String,
    /// HTML, UTF-8.
    pub html: String,
}

const STYLE: &str = include_str!("page.css");

pub(super) fn pages(list: &AnchorList, service: &Service) -> Vec<Page> {
    let mut pages = vec![Page { path: "index.html".to_owned(), html: overview(list, service) }];
    for anchor in &list.anchors {
        let path = format!("iaca/{}.html", ski(&anchor.certificate));
        pages.push(Page { path, html: fingerprints(anchor, list, service) });
    }
    pages
}

fn overview(list: &AnchorList, service: &Service) -> String {
    let mut main = String::new();
    _ = write!(
        main,
        "<h1>{}<small lang=\"ja\">{}</small></h1>\n<p class=\"lead\">Root certificates (IACA) of mobile documents, \
         list {} of {}.<br><span lang=\"ja\">モバイル文書のルート証明書(IACA)。リスト第{}版、{}。</span></p>\n",
        escape(&service.operator.en),
        escape(&service.operator.ja),
        list.header.version,
        time_element(list.header.issued),
        list.header.version,
        japan(list.header.issued),
    );
    for anchor in &list.anchors {
        let certificate = &anchor.certificate;
        let doc_types: Vec<String> = anchor.doc_types.iter().map(escape).collect();
        _ = write!(
            main,
            "<article><header>{}<h2><a href=\"iaca/{ski}.html\">{name}</a></h2></header>\n<p>{subject}</p>\n\
             <p class=\"types\"><code>{types}</code></p>\n<p><a href=\"iaca/{ski}.cer\">Certificate <span lang=\"ja\">証明書</span></a> · \
             <a href=\"crl/{ski}.crl\">CRL <span lang=\"ja\">失効リスト</span></a> · <a href=\"iaca/{ski}.html\">Fingerprints \
             <span lang=\"ja\">フィンガープリント</span></a></p></article>\n",
            badge(anchor.state),
            ski = ski(certificate),
            name = escape(&common_name(certificate)),
            subject = escape(&certificate.subject().to_string()),
            types = doc_types.join("</code> <code>"),
        );
    }
    if !list.notices.is_empty() {
        main.push_str("<h2>Notices <small lang=\"ja\">お知らせ</small></h2>\n");
    }
    for notice in list.notices.iter().rev() {
        _ = write!(
            main,
            "<article class=\"notice {}\"><header>{}</header>\n<p>{}</p>\n<p lang=\"ja\">{}</p></article>\n",
            notice.category.id(),
            notice_head(notice.category, notice.published),
            escape(&notice.text_en),
            escape(&notice.text_ja),
        );
    }
    document(&service.operator.en, &main)
}

fn fingerprints(anchor: &ListedAnchor, list: &AnchorList, service: &Service) -> String {
    let certificate = &anchor.certificate;
    let name = common_name(certificate);
    let doc_types: Vec<String> = anchor.doc_types.iter().map(escape).collect();
    let mut main = String::new();
    _ = write!(
        main,
        "<p><a href=\"../index.html\">{operator}</a></p>\n<h1>{name}</h1>\n<p>{badge}</p>\n\
         <section><h2>SHA-256 fingerprint <small lang=\"ja\">証明書のSHA-256フィンガープリント</small></h2>\n\
         <pre class=\"print\">{print}</pre>\n\
         <p>Compare every group with what you were given on another way.<br><span lang=\"ja\">別の経路で受け取ったものと、\
         すべての組を照合してください。</span></p>\n<pre>openssl x509 -inform DER -in {ski}.cer -noout -fingerprint -sha256\n\
         sha256 Fingerprint={line}</pre></section>\n\
         <section><h2>Certificate <small lang=\"ja\">証明書</small></h2>\n<dl>\n{rows}</dl>\n\
         <p><a href=\"{ski}.cer\">{ski}.cer</a> (DER)</p></section>\n\
         <p class=\"foot\">List {version}, {issued}. <span lang=\"ja\">リスト第{version}版</span></p>\n",
        operator = escape(&service.operator.en),
        name = escape(&name),
        badge = badge(anchor.state),
        print = groups(&certificate.fingerprint_sha256()),
        line = colons(&certificate.fingerprint_sha256()),
        ski = ski(certificate),
        version = list.header.version,
        issued = time_element(list.header.issued),
        rows = [
            row("Subject", "主体者", &escape(&certificate.subject().to_string())),
            row("Serial number", "シリアル番号", &format!("<code>{}</code>", hex::encode(certificate.serial()))),
            row("Valid from", "有効期間の始まり", &time_element(certificate.not_before())),
            row("Valid until", "有効期間の終わり", &time_element(certificate.not_after())),
            row("Key identifier", "鍵識別子", &format!("<code>{}</code>", ski(certificate))),
            row(
                "SHA-256 of the public key",
                "公開鍵のSHA-256",
                &format!("<code>{}</code>", hex::encode(anchor.key_digest())),
            ),
            row("Document types", "文書型", &format!("<code>{}</code>", doc_types.join("</code> <code>"))),
        ]
        .concat(),
    );
    document(&name, &main)
}

fn document(title: &str, main: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{main}</main>\n</body>\n</html>\n",
        escape(title)
    )
}

fn row(en: &str, ja: &str, value: &str) -> String {
    format!("<dt>{en}<small lang=\"ja\">{ja}</small></dt><dd>{value}</dd>\n")
}

fn badge(state: ListedState) -> String {
    let (en, ja) = match state {
        ListedState::Announced => ("announced", "公表済み"),
        ListedState::Active => ("active", "有効"),
        ListedState::Retiring => ("retiring", "退役中"),
        ListedState::Removed => ("removed", "除去"),
        ListedState::Revoked => ("revoked", "失効"),
    };
    format!("<span class=\"badge {en}\">{en} <span lang=\"ja\">{ja}</span></span>")
}

fn notice_head(category: NoticeCategory, published: UtcDateTime) -> String {
    let (en, ja) = match category {
        NoticeCategory::RootCompromise => ("Root key compromised", "ルート鍵の危殆化"),
        NoticeCategory::SignerCompromise => ("Document signer compromised", "文書署名鍵の危殆化"),
        NoticeCategory::Rollover => ("New root", "ルートの更新"),
        NoticeCategory::Withdrawal => ("Withdrawal", "提供終了"),
        NoticeCategory::Maintenance => ("Maintenance", "保守"),
    };
    format!("<strong>{en} <span lang=\"ja\">{ja}</span></strong> {}", time_element(published))
}

fn common_name(certificate: &Certificate) -> String {
    certificate.subject().common_name().map_or_else(|| certificate.subject().to_string(), |name| name.into_owned())
}

fn time_element(at: UtcDateTime) -> String {
    let text = instant(at);
    format!("<time datetime=\"{text}\">{}</time>", text.replace('T', " ").replace('Z', " UTC"))
}

/// The same instant as it is read in Japan.
fn japan(at: UtcDateTime) -> String {
    let local = UtcOffset::from_hms(9, 0, 0).map(|offset| at.to_offset(offset));
    local.map_or_else(
        |_| instant(at),
        |local| {
            let (year, month, day) = (local.year(), u8::from(local.month()), local.day());
            format!("{year}年{month}月{day}日 {:02}:{:02} (日本時間)", local.hour(), local.minute())
        },
    )
}

/// Upper-case pairs with colons, as OpenSSL prints them.
fn colons(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02X}")).collect::<Vec<_>>().join(":")
}

/// Four lines of four groups of four digits, for two persons to read aloud.
fn groups(octets: &[u8]) -> String {
    let pairs: Vec<String> = octets.chunks(2).map(hex::encode_upper).collect();
    pairs.chunks(4).map(|line| line.join(" ")).collect::<Vec<_>>().join("\n")
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_printed_as_openssl_does_and_in_groups() {
        let octets: Vec<u8> = (0xf0..=0xff).chain(0..16).collect();
        assert!(colons(&octets).starts_with("F0:F1:F2:"));
        let text = groups(&octets);
        assert_eq!(text.lines().count(), 4);
        assert_eq!(text.lines().next(), Some("F0F1 F2F3 F4F5 F6F7"));
    }

    #[test]
    fn names_are_escaped() {
        assert_eq!(escape("<b>\"&'"), "&lt;b&gt;&quot;&amp;&#39;");
    }

    #[test]
    fn times_are_shown_in_japan_too() {
        assert_eq!(japan(time::macros::utc_datetime!(2026-11-21 20:05)), "2026年11月22日 05:05 (日本時間)");
    }
}
