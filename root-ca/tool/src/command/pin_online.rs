//! `tegata-root pin-online`.

use std::io::{BufRead as _, Write as _};
use std::path::Path;

use serde_json::json;
use tegata_pki::{Hash, PublicKey, rust_crypto};
use tegata_quorum::words::pgp_words;
use tegata_terminal::{Output, to_stderr};

use super::{event, open_for_change, program, record};
use crate::args::Global;
use crate::args::root::PinOnline;
use crate::failure::{Failure, Kind};
use crate::load;
use crate::message::{root as text, spoken};

pub(super) fn run(args: &PinOnline, global: &Global, output: Output) -> Result<(), Failure> {
    let key = read(&args.file)?;
    let (home, authority) = open_for_change(global)?;
    let file = home.file("online.pem");
    if file.exists() && !args.replace {
        let remedy = [
            "compare it with the pinned key; give --replace to change it",
            "登録済みの鍵と照合し、変更する場合は--replaceを付けてください",
        ];
        return Err(Failure::new(Kind::Refused, "online-key-pinned", "a key is pinned already", remedy).about(&file));
    }
    drop(authority);
    let digest = rust_crypto().digest(Hash::Sha256, &key.to_spki_der());
    let digest: [u8; 32] = digest.as_ref().try_into().unwrap_or_default();
    let (hex, words) = (hex::encode(digest), pgp_words(&digest));
    let lang = output.lang;
    let given = match &args.words {
        Some(given) => given.clone(),
        None => {
            let shown = output.error_style.title(spoken(&digest).trim_end());
            to_stderr(&format!("{}  {hex}\n{}:\n{shown}", text::fingerprint(lang), text::words(lang)));
            to_stderr(&text::compare(lang));
            format!("{} {}", ask(&text::ask_first(lang))?, ask(&text::ask_last(lang))?)
        }
    };
    confirm(&words, &given)?;
    home.write("online.pem", key.to_pem().as_bytes(), args.replace)?;
    let pinned = event("online-key-pinned", program()?)?.object("online.pem", digest);
    record(&home, global, pinned.detail("replaced", args.replace).detail("curve", key.curve().name()))?;
    if output.json {
        let file = file.display().to_string();
        return Ok(output.print_json(&json!({ "pinned": file, "sha256": hex, "words": words }))?);
    }
    Ok(output.print(&format!("{}\n", output.style.good(&text::pinned(lang, file.display()))))?)
}

/// The first and the last word show that somebody read from one end to the other.
fn confirm(words: &str, given: &str) -> Result<(), Failure> {
    let given: Vec<String> = given.split_whitespace().map(str::to_lowercase).collect();
    let mut all = words.split(' ');
    let (first, last) = (all.next().unwrap_or_default(), all.next_back().unwrap_or_default());
    if given == [first, last] {
        return Ok(());
    }
    let remedy = [
        "stop: the key is not the one that the other side has; fetch it again",
        "中止してください。相手側の鍵と一致しません。鍵を受け取り直してください",
    ];
    let message = "the first and the last word are not those of this key's fingerprint";
    Err(Failure::new(Kind::Refused, "fingerprint-differs", message, remedy))
}

fn ask(question: &str) -> Result<String, Failure> {
    let mut stderr = std::io::stderr().lock();
    write!(stderr, "{question}")?;
    stderr.flush()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line)
}

/// A public key in PEM or JWK.
fn read(file: &Path) -> Result<PublicKey, Failure> {
    let text = load::text(file)?;
    let key = if text.trim_start().starts_with('{') { PublicKey::from_jwk(&text) } else { PublicKey::from_pem(&text) };
    key.map_err(|error| {
        let remedy = [
            "name the public key of the online side: PEM (PUBLIC KEY) or JWK",
            "オンライン側の公開鍵（PEMのPUBLIC KEYまたはJWK）を指定してください",
        ];
        Failure::new(Kind::Usage, error.id(), &error, remedy).about(file)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_words_must_be_right_and_in_their_order() {
        let words = "topmost istanbul pluto vagabond";
        assert!(confirm(words, " Topmost  VAGABOND\n").is_ok());
        for wrong in ["", "topmost", "vagabond topmost", "topmost pluto", "topmost istanbul pluto vagabond"] {
            assert_eq!(confirm(words, wrong).unwrap_err().id(), "fingerprint-differs", "{wrong}");
        }
    }
}
