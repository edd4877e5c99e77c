//! `tegata-root person`.

use std::io::{IsTerminal as _, Read as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tegata_audit::Actor;
use tegata_pki::{Hash, rust_crypto};
use tegata_quorum::words::pgp_words;
use tegata_quorum::{Credential, Enrolment, KeyFileFactor, Password, PersonId, SecondFactor, WorkFactor};
use tegata_terminal::{Output, Tone, check_output, table, write_output};
use time::UtcDateTime;
use zeroize::Zeroizing;

use super::{event, home, now, open_for_change, record, require_cut_off};
use crate::args::Global;
use crate::args::person::{Enrol, Factor, Person as Args, Renew, What};
use crate::factor::TokenFactor;
use crate::failure::{Failure, Kind};
use crate::home::Home;
use crate::load;
use crate::machine::rng;
use crate::message::{instant, person as text, rfc3339};

/// The most of a password file that is read.
const LINE: u64 = 1024;

pub(super) fn run(args: &Args, global: &Global, output: Output) -> Result<(), Failure> {
    match &args.what {
        What::Enrol(args) => enrol(args, global, output),
        What::Renew(args) => renew(args, global, output),
        What::List => list(&home(global)?, output),
        What::Show { file } => show(file, output),
    }
}

fn enrol(args: &Enrol, global: &Global, output: Output) -> Result<(), Failure> {
    let person = PersonId::new(args.handle.as_str())?;
    let work_factor = work_factor(args.work_factor, global.sandbox)?;
    require_cut_off(global)?;
    let root = Home::at(&global.root);
    let in_root = root.file("state.sqlite").is_file();
    let out = match &args.out {
        Some(out) => out.clone(),
        None => home(global)?.file(format!("persons/{person}.json")),
    };
    check_output(&out, false).map_err(|fault| Failure::unwritable(&out, fault))?;
    if in_root {
        drop(open_for_change(global)?);
    }
    let password = match &args.password_file {
        Some(file) => password_of(file)?,
        None => ask_twice(&person, output)?,
    };
    let Factor { factor_file, factor_token } = &args.factor;
    let (factor, made) = factor_of(factor_file.as_deref(), factor_token.as_deref(), args.make_secret, output)?;
    let enrolment = Enrolment { password: &password, factor: &*factor, work_factor, now: now() };
    let credential = Credential::enrol(person.clone(), enrolment, &mut rng())?;
    let json = credential.to_json()?;
    write_output(&out, json.as_bytes(), false).map_err(|fault| Failure::unwritable(&out, fault))?;
    if in_root {
        let enrolled = event("person-enrolled", Actor::new(person.as_str())?)?;
        let enrolled = enrolled.object(format!("{person}.json"), sha256(json.as_bytes()));
        record(&root, global, enrolled.detail("factor", credential.factor()))?;
    }
    if output.json {
        let mut value = to_json(&credential, now());
        if let Some(members) = value.as_object_mut() {
            members.insert("written".into(), out.display().to_string().into());
            members.insert("factor_file_made".into(), made.into());
        }
        return Ok(output.print_json(&value)?);
    }
    let lang = output.lang;
    let mut said = output.style.good(&text::enrolled(lang, &person, out.display())) + "\n";
    if made {
        let Factor { factor_file, factor_token } = &args.factor;
        said += &match (factor_file, factor_token) {
            (Some(file), _) => text::factor_made(lang, file.display()),
            (None, uri) => text::secret_made(lang, uri.as_deref().unwrap_or_default()),
        };
        said.push('\n');
    }
    Ok(output.print(&(said + &describe(&credential, output)))?)
}

/// Opens the second factor; a key file that is not there is made, a secret on a token when that is asked for. Tells whether
/// it was made.
fn factor_of(
    file: Option<&Path>,
    token: Option<&str>,
    make_secret: bool,
    output: Output,
) -> Result<(Box<dyn SecondFactor>, bool), Failure> {
    let prompt = text::ask_pin(output.lang);
    Ok(match (file, token) {
        (_, Some(uri)) if make_secret => (Box::new(TokenFactor::create(uri, &prompt)?), true),
        (_, Some(uri)) => (Box::new(TokenFactor::open(uri, &prompt)?), false),
        (Some(file), None) if file.exists() => (Box::new(KeyFileFactor::open(file)?), false),
        (Some(file), None) => (Box::new(KeyFileFactor::create(file, &mut rng())?), true),
        (None, None) => {
            let remedy = ["give --factor-file or --factor-token", "--factor-fileか--factor-tokenを指定してください"];
            return Err(Failure::new(Kind::Usage, "factor-absent", "no second factor is named", remedy));
        }
    })
}

/// Seals the same keys under another password, another factor, or both.
fn renew(args: &Renew, global: &Global, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    let work_factor = work_factor(args.work_factor, global.sandbox)?;
    require_cut_off(global)?;
    let credential = read(&args.file)?;
    let person = credential.person().clone();
    let Factor { factor_file, factor_token } = &args.factor;
    if let Some(file) = factor_file.as_ref().filter(|file| !file.exists()) {
        return Err(Failure::unreadable(file, &std::io::ErrorKind::NotFound.into()));
    }
    let (factor, _) = factor_of(factor_file.as_deref(), factor_token.as_deref(), false, output)?;
    let password = match &args.password_file {
        Some(file) => password_of(file)?,
        None => Password::new(rpassword::prompt_password(text::ask_present_password(lang, &person))?)?,
    };
    let unlocked = credential.unlock(&password, &*factor, now())?;
    let other = args.new_factor_file.is_some() || args.new_factor_token.is_some();
    let new_factor = if other {
        factor_of(args.new_factor_file.as_deref(), args.new_factor_token.as_deref(), args.make_secret, output)?.0
    } else {
        factor
    };
    let new_password = match &args.new_password_file {
        Some(file) => password_of(file)?,
        None => ask_twice(&person, output)?,
    };
    let enrolment = Enrolment { password: &new_password, factor: &*new_factor, work_factor, now: now() };
    let renewed = unlocked.renew(enrolment, &mut rng())?;
    let json = renewed.to_json()?;
    write_output(&args.file, json.as_bytes(), true).map_err(|fault| Failure::unwritable(&args.file, fault))?;
    let root = Home::at(&global.root);
    if root.file("state.sqlite").is_file() {
        let event = event("credential-renewed", Actor::new(person.as_str())?)?;
        let event = event.object(format!("{person}.json"), sha256(json.as_bytes()));
        record(&root, global, event.detail("factor", renewed.factor()))?;
    }
    if output.json {
        return Ok(output.print_json(&to_json(&renewed, now()))?);
    }
    let said = output.style.good(&text::renewed(lang, &person, args.file.display())) + "\n";
    Ok(output.print(&(said + &describe(&renewed, output)))?)
}

fn work_factor(log_n: u8, sandbox: bool) -> Result<WorkFactor, Failure> {
    let found = if sandbox { WorkFactor::insecure(log_n) } else { WorkFactor::new(log_n) };
    found.ok_or_else(|| {
        let remedy = [
            "choose 17 to 20; less is for practice, with --sandbox",
            "17～20を指定してください。それ未満は--sandboxでの練習用です",
        ];
        let message = format!("a work factor of {log_n} is out of range");
        Failure::new(Kind::Usage, "work-factor", message, remedy)
    })
}

/// Asks for a new password twice, at a terminal only.
fn ask_twice(person: &PersonId, output: Output) -> Result<Password, Failure> {
    let lang = output.lang;
    if !std::io::stdin().is_terminal() {
        let remedy =
            ["enrol at a terminal, or give --password-file", "端末で登録するか、--password-fileを指定してください"];
        let message = "there is no terminal to ask for the password at";
        return Err(Failure::new(Kind::Usage, "no-terminal", message, remedy));
    }
    let first = Zeroizing::new(rpassword::prompt_password(text::ask_password(lang, person))?);
    let again = Zeroizing::new(rpassword::prompt_password(text::ask_again(lang, person))?);
    if *first != *again {
        let remedy = ["enrol again and type it slowly", "もう一度、ゆっくり入力してください"];
        return Err(Failure::new(Kind::Usage, "passwords-differ", "the two passwords differ", remedy));
    }
    Ok(Password::new(first.as_str())?)
}

/// The first line of a file.
fn password_of(file: &Path) -> Result<Password, Failure> {
    let unreadable = |error: std::io::Error| Failure::unreadable(file, &error);
    let opened = std::fs::File::open(file).map_err(unreadable)?;
    // Sized before reading, so that growth leaves no unwiped copies behind.
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(LINE).unwrap_or_default()));
    opened.take(LINE).read_to_string(&mut text).map_err(unreadable)?;
    let line = text.lines().next().unwrap_or_default();
    Password::new(line).map_err(|error| Failure::from(error).about(file))
}

fn read(file: &Path) -> Result<Credential, Failure> {
    Credential::from_json(&load::bytes(file)?).map_err(|error| {
        let remedy = [
            "name a credential file as `person enrol` writes it",
            "person enrolで作成した認証情報ファイルを指定してください",
        ];
        Failure::new(Kind::Usage, error.id(), error, remedy).about(file)
    })
}

fn show(file: &Path, output: Output) -> Result<(), Failure> {
    let credential = read(file)?;
    if output.json {
        return Ok(output.print_json(&to_json(&credential, now()))?);
    }
    Ok(output.print(&describe(&credential, output))?)
}

fn list(home: &Home, output: Output) -> Result<(), Failure> {
    let folder = home.file("persons");
    let unreadable = |error: std::io::Error| Failure::unreadable(&folder, &error);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    files.sort();
    let credentials = files.iter().map(|file| read(file)).collect::<Result<Vec<_>, _>>()?;
    let (lang, at) = (output.lang, now());
    if output.json {
        let all: Vec<_> = credentials.iter().map(|credential| to_json(credential, at)).collect();
        return Ok(output.print_json(&json!({ "persons": all }))?);
    }
    if credentials.is_empty() {
        return Ok(output.print(&format!("{}\n", text::nobody(lang)))?);
    }
    let header =
        [text::person(lang), text::factor(lang), text::since(lang), text::password_age(lang), text::fit_for(lang)];
    let row = |credential: &Credential| {
        let (fit, tone) = fit_for(credential, output);
        vec![
            (credential.person().to_string(), Tone::Plain),
            (credential.factor().to_owned(), Tone::Faint),
            (instant(credential.enrolled()), Tone::Plain),
            (text::days_ago(lang, credential.password_age(at).whole_days()), Tone::Plain),
            (fit, tone),
        ]
    };
    let rows: Vec<_> = credentials.iter().map(row).collect();
    Ok(output.print(&table(&output, &header, &rows))?)
}

fn describe(credential: &Credential, output: Output) -> String {
    let lang = output.lang;
    let key = STANDARD.encode(credential.public_key().sec1_or_raw());
    let (fit, tone) = fit_for(credential, output);
    let row = |label: String, value: String, tone: Tone| vec![(label, Tone::Faint), (value, tone)];
    let rows = [
        row(text::person(lang), credential.person().to_string(), Tone::Plain),
        row(text::public_key(lang), key.clone(), Tone::Plain),
        row(text::words(lang), pgp_words(&key_digest(credential)), Tone::Plain),
        row(text::factor(lang), credential.factor().to_owned(), Tone::Plain),
        row(text::since(lang), instant(credential.enrolled()), Tone::Plain),
        row(text::password_age(lang), text::days_ago(lang, credential.password_age(now()).whole_days()), Tone::Plain),
        row(text::fit_for(lang), fit, tone),
    ];
    let entry = format!("[[person]]\nhandle = \"{}\"\nkey = \"{key}\"\n", credential.person());
    let header = [String::new(), String::new()];
    let lines = table(&output, &header, &rows);
    // The header is empty: this is a list of facts.
    let facts: String = lines.lines().skip(2).map(|line| format!("{line}\n")).collect();
    format!("{facts}\n{}\n{entry}", text::site_entry(lang))
}

fn fit_for(credential: &Credential, output: Output) -> (String, Tone) {
    if credential.is_sandbox() {
        (text::sandbox(output.lang), Tone::Doubtful)
    } else {
        (text::production(output.lang), Tone::Good)
    }
}

fn to_json(credential: &Credential, at: UtcDateTime) -> Value {
    json!({
        "person": credential.person().as_str(),
        "public_key": STANDARD.encode(credential.public_key().sec1_or_raw()),
        "words": pgp_words(&key_digest(credential)),
        "factor": credential.factor(),
        "enrolled": rfc3339(credential.enrolled()),
        "password_age_days": credential.password_age(at).whole_days(),
        "sandbox": credential.is_sandbox(),
    })
}

fn key_digest(credential: &Credential) -> [u8; 32] {
    sha256(credential.public_key().sec1_or_raw())
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    rust_crypto().digest(Hash::Sha256, bytes).as_ref().try_into().unwrap_or_default()
}
