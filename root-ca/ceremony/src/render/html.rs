//! A page as HTML, ready for paper.

use super::document::{Block, Document};
use crate::text::Lang;

const STYLE: &str = "@page{size:A4;margin:18mm}body{font:10.5pt/1.45 serif;color:#000;background:#fff;max-width:48em;\
margin:1em auto}h1{font-size:17pt}h2{font-size:13pt;border-bottom:1px solid #000;margin-top:1.6em}\
section{border:1px solid #888;padding:.4em .7em;margin:.5em 0;break-inside:avoid}h2{break-after:avoid}\
h3{font-size:10.5pt;margin:0 0 .3em}q{display:block;font-style:italic;margin:.3em 0 .3em 1.2em}\
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1em .9em;margin:0}dt{font-weight:bold}\
dd{margin:0;overflow-wrap:anywhere}";

pub(super) fn write(document: &Document, lang: Lang) -> String {
    let title = escape(&document.title);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
    );
    for block in &document.blocks {
        match block {
            Block::Heading(text) => out += &format!("<h2>{}</h2>\n", escape(text)),
            Block::Paragraph(text) => out += &format!("<p>{}</p>\n", escape(text)),
            Block::Facts(facts) => out += &list(facts),
            Block::Step { id, title, spoken, facts } => {
                out += &format!("<section>\n<h3>{} {}</h3>\n", escape(id), escape(title));
                if let Some(spoken) = spoken {
                    out += &format!("<q>{}</q>\n", escape(spoken));
                }
                out += &list(facts);
                out += "</section>\n";
            }
        }
    }
    out + "</body>\n</html>\n"
}

fn list(facts: &[(String, String)]) -> String {
    if facts.is_empty() {
        return String::new();
    }
    let items: String =
        facts.iter().map(|(name, value)| format!("<dt>{}</dt><dd>{}</dd>\n", escape(name), escape(value))).collect();
    format!("<dl>\n{items}</dl>\n")
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        let mut document = Document::new("<b>&".into());
        document.paragraph("<script>alert(\"x\")</script>");
        let html = write(&document, Lang::En);
        assert!(!html.contains("<script") && !html.contains("<b>"));
        assert!(html.contains("&lt;script&gt;alert(&quot;x&quot;)"));
    }
}
