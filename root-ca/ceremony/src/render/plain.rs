//! A page as plain text.

use super::document::{Block, Document};

/// Columns of a page; a Japanese character takes two.
const WIDTH: usize = 78;

pub(super) fn write(document: &Document) -> String {
    let mut out = String::new();
    line(&mut out, "", &document.title);
    out += &"=".repeat(WIDTH);
    out.push('\n');
    for block in &document.blocks {
        out.push('\n');
        match block {
            Block::Heading(text) => {
                line(&mut out, "", text);
                out += &"-".repeat(WIDTH);
                out.push('\n');
            }
            Block::Paragraph(text) => line(&mut out, "", text),
            Block::Facts(facts) => list(&mut out, "", facts),
            Block::Step { id, title, spoken, facts } => {
                line(&mut out, "", &format!("[{id}] {title}"));
                if let Some(spoken) = spoken {
                    line(&mut out, "    > ", spoken);
                }
                list(&mut out, "    ", facts);
            }
        }
    }
    out
}

fn list(out: &mut String, indent: &str, facts: &[(String, String)]) {
    for (name, value) in facts {
        line(out, indent, &format!("{name}: {value}"));
    }
}

/// Writes text in lines of bounded width: broken at spaces, or between characters where a word is too long.
fn line(out: &mut String, indent: &str, text: &str) {
    let room = WIDTH.saturating_sub(indent.len());
    let mut current = String::new();
    for word in text.split_inclusive(' ') {
        if columns(&current) + columns(word.trim_end()) > room && !current.is_empty() {
            flush(out, indent, &mut current);
        }
        for character in word.chars() {
            if columns(&current) + columns(character.encode_utf8(&mut [0; 4])) > room {
                flush(out, indent, &mut current);
            }
            current.push(character);
        }
    }
    flush(out, indent, &mut current);
}

fn flush(out: &mut String, indent: &str, current: &mut String) {
    out.push_str(indent);
    out.push_str(current.trim_end());
    out.push('\n');
    current.clear();
}

fn columns(text: &str) -> usize {
    text.chars().map(|character| if character < '\u{1100}' { 1 } else { 2 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_the_page() {
        let mut document = Document::new("t".into());
        document.paragraph("word ".repeat(60));
        document.paragraph("証".repeat(100));
        document.paragraph("a".repeat(200));
        let text = write(&document);
        assert!(text.lines().all(|line| columns(line) <= WIDTH));
        assert_eq!(text.matches('証').count(), 100);
        assert_eq!(text.matches('a').count(), 200);
    }
}
