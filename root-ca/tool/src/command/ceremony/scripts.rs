//! `tegata-root ceremony scripts`: the procedures that come with the program.

use serde_json::json;
use tegata_ceremony::{Kind, Script};
use tegata_terminal::{Output, Tone, check_output, table, write_output};

use crate::args::ceremony::Scripts;
use crate::failure::Failure;
use crate::message::{ceremony as text, of_ceremony};

/// The shipped script of a kind, by the name of the kind.
pub(crate) fn shipped(kind: &str) -> Option<&'static str> {
    Kind::ALL.into_iter().find(|known| known.name() == kind).map(of_kind)
}

fn of_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::First => include_str!("../../../../ceremonies/first.toml"),
        Kind::Quarterly => include_str!("../../../../ceremonies/quarterly.toml"),
        Kind::RootRekey => include_str!("../../../../ceremonies/root-rekey.toml"),
        Kind::EmergencyRevoke => include_str!("../../../../ceremonies/emergency-revoke.toml"),
        Kind::EmergencyRekey => include_str!("../../../../ceremonies/emergency-rekey.toml"),
        Kind::RestoreDrill => include_str!("../../../../ceremonies/restore-drill.toml"),
        Kind::Destroy => include_str!("../../../../ceremonies/destroy.toml"),
    }
}

pub(super) fn run(args: &Scripts, output: Output) -> Result<(), Failure> {
    std::fs::create_dir_all(&args.dir).map_err(|error| Failure::unreadable(&args.dir, &error))?;
    let file = |kind: Kind| args.dir.join(format!("{kind}.toml"));
    // All or none, as far as can be known beforehand.
    for kind in Kind::ALL {
        check_output(&file(kind), args.force).map_err(|fault| Failure::unwritable(&file(kind), fault))?;
    }
    let mut written = Vec::new();
    for kind in Kind::ALL {
        let (path, source) = (file(kind), of_kind(kind));
        write_output(&path, source.as_bytes(), args.force).map_err(|fault| Failure::unwritable(&path, fault))?;
        written.push((path, Script::parse(source.as_bytes())?));
    }
    let lang = output.lang;
    if output.json {
        let list: Vec<_> = written
            .iter()
            .map(|(path, script)| {
                let digest = hex::encode(script.digest());
                json!({ "kind": script.kind().name(), "file": path.display().to_string(), "sha256": digest })
            })
            .collect();
        return Ok(output.print_json(&json!({ "scripts": list }))?);
    }
    let header = [text::file(lang), text::title(lang), text::steps(lang), "SHA-256".to_owned()];
    let row = |(path, script): &(std::path::PathBuf, Script)| {
        vec![
            (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), Tone::Plain),
            (script.title().get(of_ceremony(lang)).to_owned(), Tone::Plain),
            (script.steps().len().to_string(), Tone::Plain),
            (hex::encode(script.digest()), Tone::Faint),
        ]
    };
    let rows: Vec<_> = written.iter().map(row).collect();
    let said = text::scripts_written(lang, written.len(), args.dir.display());
    Ok(output.print(&format!("{}{}\n", table(&output, &header, &rows), output.style.good(&said)))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_own_script() {
        for kind in Kind::ALL {
            let script = Script::parse(shipped(kind.name()).unwrap().as_bytes()).unwrap();
            assert_eq!(script.kind(), kind);
        }
        assert_eq!(shipped("annual"), None);
    }
}
