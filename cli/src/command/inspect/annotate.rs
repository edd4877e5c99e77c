//! The annotated view of CBOR, with digests compared and certificates named.

use std::cell::Cell;

use serde_json::json;
use tegata_mdoc::inspect::{Annotator, DigestMark, Line, Note, annotate};
use tegata_mdoc::kind::Kind;
use tegata_mdoc::mso::DigestAlgorithm;
use tegata_pki::{Certificate, CryptoProvider, Hash, aws_lc_rs};
use tegata_terminal::Output;

use super::View;
use crate::failure::{Expected, Failure};
use crate::input::Input;
use crate::load::malformed;
use crate::message::show as text;

/// The view of `bytes`, which came from `input`.
pub(super) fn view(input: &Input, bytes: &[u8], kind: Kind, output: &Output) -> Result<View, Failure> {
    let eyes = Eyes { provider: aws_lc_rs(), certificates: Cell::new(0) };
    let lines =
        annotate(bytes, kind, &eyes).map_err(|error| malformed(input, Expected::Inspectable, error.id(), &error))?;
    let (mut matching, mut differing) = (0_usize, 0_usize);
    for note in lines.iter().flat_map(|line| &line.notes) {
        match note {
            Note::Digest(DigestMark::Matches) => matching += 1,
            Note::Digest(_) => differing += 1,
            _ => {}
        }
    }
    let mut page: String = lines.iter().map(|line| shown(line, output)).collect();
    let style = output.style;
    if matching > 0 {
        page.push_str(&format!("{}\n", style.good(&format!("✓ {}", text::digests_match(output.lang, matching)))));
    }
    if differing > 0 {
        page.push_str(&format!("{}\n", style.bad(&format!("✗ {}", text::digests_differ(output.lang, differing)))));
    }
    let line = |line: &Line| {
        let notes: Vec<_> = line.notes.iter().map(ToString::to_string).collect();
        json!({ "depth": line.depth, "text": line.text, "notes": notes })
    };
    let json = json!({
        "digests_matching": matching,
        "digests_differing": differing,
        "lines": lines.iter().map(line).collect::<Vec<_>>(),
    });
    Ok(View { page, json })
}

fn shown(line: &Line, output: &Output) -> String {
    let style = output.style;
    let mut text = format!("{}{}", "  ".repeat(line.depth), line.text);
    for (index, note) in line.notes.iter().enumerate() {
        text.push_str(if index == 0 { "  " } else { " " });
        text.push_str(&match note {
            Note::Digest(DigestMark::Matches) => style.good("✓"),
            Note::Digest(_) => style.bad(&format!("✗ {note}")),
            other => style.faint(&format!("# {other}")),
        });
    }
    text.push('\n');
    text
}

/// Hashing and X.509 for the view.
#[derive(Debug)]
struct Eyes {
    provider: &'static dyn CryptoProvider,
    certificates: Cell<usize>,
}

impl Annotator for Eyes {
    fn digest(&self, algorithm: DigestAlgorithm<'_>, item: &[u8]) -> Option<Vec<u8>> {
        let hash = Hash::from_name(algorithm.name())?;
        Some(self.provider.digest(hash, item).as_ref().to_vec())
    }

    fn certificate(&self, der: &[u8]) -> Option<String> {
        // A file of thousands of certificates is a list, not a document; the first ones tell what it is.
        let count = self.certificates.get();
        self.certificates.set(count + 1);
        let certificate = Certificate::from_der(der).ok().filter(|_| count < 64)?;
        let date = |instant| tegata_mdoc::date::Tdate::new(instant);
        Some(format!(
            "certificate of {}, issued by {}, {} to {}",
            certificate.subject(),
            certificate.issuer(),
            date(certificate.not_before()),
            date(certificate.not_after())
        ))
    }
}
