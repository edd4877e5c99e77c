//! `tegata-root copy`.

use serde_json::json;
use tegata_quorum::words::pgp_words;
use tegata_terminal::Output;

use super::{event, open_for_change, program, record};
use crate::args::Global;
use crate::args::root::Copy;
use crate::failure::Failure;
use crate::message::{root as text, spoken};

pub(super) fn run(args: &Copy, global: &Global, output: Output) -> Result<(), Failure> {
    let (home, authority) = open_for_change(global)?;
    let digest = authority.state().copy_to(&args.to)?;
    drop(authority);
    let name = args.to.file_name().unwrap_or_default().to_string_lossy();
    record(&home, global, event("state-copied", program()?)?.object(name, digest))?;
    let (file, hex, words) = (args.to.display().to_string(), hex::encode(digest), pgp_words(&digest));
    if output.json {
        return Ok(output.print_json(&json!({ "copy": file, "sha256": hex, "words": words }))?);
    }
    let lang = output.lang;
    let said = [
        output.style.good(&text::copied(lang, file)),
        format!("SHA-256  {hex}"),
        format!("{}:", text::words(lang)),
        output.style.title(spoken(&digest).trim_end()),
        text::write_down(lang),
    ];
    Ok(output.print(&(said.join("\n") + "\n"))?)
}
