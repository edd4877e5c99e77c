//! The desk of a real ceremony: one terminal, a room full of people.
//!
//! Every person signs in once with credential file, second factor and password, and chooses a short code for the day. A
//! sign-off asks for that code. Whoever authenticates for the key shows both factors again, at that moment.

use std::collections::BTreeMap;
use std::io::{BufRead as _, Write as _};
use std::path::PathBuf;

use serde_json::{Map, Value};
use tegata_ceremony::{
    ActionError, Duty, Effect, ObjectId, PersonId, Prompt, RunError, SeatId, Serial, SignOff, Statement, Step,
};
use tegata_hsm::Pin;
use tegata_quorum::words::pgp_words;
use tegata_quorum::{Credential, KeyFileFactor, Password, SandboxFactor, UnlockedCredential};
use tegata_terminal::{Lang, Output, clean};
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

use super::desk::{Decision, Desk};
use crate::factor::TokenFactor;
use crate::failure::{Failure, Kind};
use crate::home::Home;
use crate::machine::Clock;

/// Shortest code of the day.
const CODE_LENGTH: usize = 4;
/// Wrong codes before both factors are asked for again.
const TRIES: usize = 3;

/// A person who has signed in.
struct Present {
    credential: UnlockedCredential,
    code: String,
}

/// The terminal.
pub(crate) struct Terminal<'h> {
    home: &'h Home,
    output: Output,
    clock: Clock,
    present: BTreeMap<String, Present>,
}

impl<'h> Terminal<'h> {
    pub(crate) fn new(home: &'h Home, output: Output, clock: Clock) -> Self {
        Self { home, output, clock, present: BTreeMap::new() }
    }

    fn lang(&self) -> tegata_ceremony::Lang {
        self.output.lang.pick(tegata_ceremony::Lang::En, tegata_ceremony::Lang::Ja)
    }

    fn say(&self, text: &str) {
        let mut terminal = std::io::stderr().lock();
        // When the terminal is gone, the next question fails.
        let _ = writeln!(terminal, "{}", clean(text));
    }

    fn ask(&self, question: &str) -> Result<String, Failure> {
        let mut terminal = std::io::stderr().lock();
        write!(terminal, "{} ", self.output.error_style.title(question))?;
        terminal.flush()?;
        let mut answer = String::new();
        if std::io::stdin().lock().read_line(&mut answer)? == 0 {
            let remedy =
                ["take the ceremony up again: tegata-root ceremony resume", "ceremony resumeで再開してください"];
            return Err(Failure::new(Kind::Usage, "input-ended", "the input has ended", remedy));
        }
        Ok(answer.trim().to_owned())
    }

    fn hidden(&self, question: &str) -> Result<String, Failure> {
        use std::io::IsTerminal as _;
        if !std::io::stdin().is_terminal() {
            return self.ask(question);
        }
        Ok(rpassword::prompt_password(format!("{} ", self.output.error_style.title(question)))?)
    }

    /// A question at an action: when the input ends, the action has not taken place.
    fn asked(&self, question: &str) -> Result<String, ActionError> {
        Ok(self.ask(question)?)
    }

    /// Both factors of a person, at this moment.
    fn unlock(&self, person: &str) -> Result<UnlockedCredential, Failure> {
        let lang = self.output.lang;
        loop {
            let kept = self.home.file(format!("persons/{person}.json"));
            let question = match lang {
                Lang::En => format!("{person}: credential file [{}]:", kept.display()),
                Lang::Ja => format!("{person}: 認証情報ファイル [{}]:", kept.display()),
            };
            let answer = self.ask(&question)?;
            let path = if answer.is_empty() { kept } else { PathBuf::from(answer) };
            match self.unlock_file(person, &path) {
                Ok(credential) => return Ok(credential),
                // Nothing is locked by a wrong password: scrypt makes each try dear.
                Err(failure) => self.say(&format!("{}: {failure}", self.output.error_style.bad(failure.id()))),
            }
        }
    }

    fn unlock_file(&self, person: &str, path: &std::path::Path) -> Result<UnlockedCredential, Failure> {
        let lang = self.output.lang;
        let text = std::fs::read(path).map_err(|error| Failure::unreadable(path, &error))?;
        let credential = Credential::from_json(&text)?;
        if credential.person().as_str() != person {
            let remedy = ["each person uses the credential of his own", "各自の認証情報を使用してください"];
            let message = format!("this credential is that of {}", credential.person());
            return Err(Failure::new(Kind::Refused, "credential-of-another", message, remedy));
        }
        let label = credential.factor().strip_prefix(SandboxFactor::PREFIX).map(str::to_owned);
        let factor: Box<dyn tegata_quorum::SecondFactor> = match label {
            Some(label) => Box::new(SandboxFactor::new(&label)),
            None if credential.factor().starts_with(TokenFactor::PREFIX) => {
                self.say(&format!("   {}", credential.factor()));
                let module = self.ask(
                    lang.pick("second factor, PKCS#11 module of your token:", "第二要素、トークンのPKCS#11モジュール:"),
                )?;
                let pin = Pin::new(self.hidden(lang.pick("PIN of your token:", "トークンのPIN:"))?)?;
                Box::new(TokenFactor::at(credential.factor(), std::path::Path::new(&module), pin)?)
            }
            None => {
                let file = self.ask(lang.pick("second factor, key file:", "第二要素の鍵ファイル:"))?;
                Box::new(KeyFileFactor::open(std::path::Path::new(&file))?)
            }
        };
        let password = Password::new(self.hidden(lang.pick("password:", "パスワード:"))?)?;
        Ok(credential.unlock(&password, &*factor, self.clock.now())?)
    }

    /// Signs a person in for the day, if that has not been done.
    fn sign_in(&mut self, person: &str) -> Result<(), Failure> {
        if self.present.contains_key(person) {
            return Ok(());
        }
        let lang = self.output.lang;
        let credential = self.unlock(person)?;
        loop {
            let code =
                self.hidden(lang.pick("your code for today (4 characters or more):", "本日の確認コード(4文字以上):"))?;
            if code.chars().count() >= CODE_LENGTH {
                self.present.insert(person.to_owned(), Present { credential, code });
                return Ok(());
            }
        }
    }

    fn check_code(&mut self, statement: &Statement) -> Result<(), Failure> {
        let person = statement.person.as_str();
        let lang = self.output.lang;
        for _ in 0..TRIES {
            let question = match lang {
                Lang::En => format!("{} {} ({person}), code:", statement.mark.name(), statement.seat),
                Lang::Ja => format!("{} {} ({person}) 確認コード:", statement.mark.name(), statement.seat),
            };
            let code = self.hidden(&question)?;
            if self.present.get(person).is_some_and(|present| present.code == code) {
                return Ok(());
            }
            self.say(lang.pick("That is not the code.", "コードが違います。"));
        }
        self.present.remove(person);
        self.sign_in(person)
    }

    fn show_duties(&self, duties: &[Duty]) {
        for duty in duties {
            self.say(&format!("   {:<10} {} ({})", duty.mark.name(), duty.seat, duty.person));
        }
    }
}

impl Desk for Terminal<'_> {
    fn step(&mut self, prompt: &Prompt<'_>) -> Result<bool, Failure> {
        let (lang, style) = (self.lang(), self.output.error_style);
        let Some(step) = prompt.step else { return Ok(true) };
        if style.is_coloured() {
            // A fresh screen for each step.
            self.say_raw("\x1b[2J\x1b[H");
        }
        if let Some(phase) = prompt.phase {
            self.say(&style.faint(&format!("{}  {}", phase.number, phase.title.get(lang))));
        }
        self.say_raw(&format!("{}\n", style.title(&format!("{}  {}", step.id, step.title.get(lang)))));
        if let Some(text) = &step.read_aloud {
            self.say(&format!("  “{}”", text.get(lang)));
        }
        self.show_duties(&prompt.duties);
        for (object, serial) in &prompt.objects {
            let serial = serial.as_ref().map_or(String::new(), |serial| format!("  [{serial}]"));
            self.say(&format!("   · {object}{serial}"));
        }
        let ready = self.ask(
            self.output.lang.pick("Enter when all are ready, or stop:", "準備ができたらEnter、疑義があればstop:"),
        )?;
        Ok(ready != "stop")
    }

    fn outcome(&mut self, _prompt: &Prompt<'_>, facts: &Map<String, Value>) -> Result<(), Failure> {
        for (name, value) in facts {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            self.say(&format!("   {name}: {value}"));
        }
        Ok(())
    }

    fn authenticate(
        &mut self,
        candidates: &[PersonId],
        missing: usize,
        _now: UtcDateTime,
    ) -> Result<UnlockedCredential, Failure> {
        let names: Vec<&str> = candidates.iter().map(PersonId::as_str).collect();
        let question = match self.output.lang {
            Lang::En => format!("{missing} more must authenticate. Who ({})?", names.join(", ")),
            Lang::Ja => format!("あと{missing}名の認証が必要です。誰が認証しますか ({})?", names.join(", ")),
        };
        loop {
            let answer = self.ask(&question)?;
            if names.contains(&answer.as_str()) {
                return self.unlock(&answer);
            }
        }
    }

    fn sign(&mut self, statement: &Statement, _now: UtcDateTime) -> Result<SignOff, Failure> {
        let person = statement.person.as_str().to_owned();
        self.sign_in(&person)?;
        self.check_code(statement)?;
        let present = self.present.get(&person).ok_or_else(|| {
            let remedy = ["sign in again", "もう一度サインインしてください"];
            Failure::new(Kind::Refused, "not-signed-in", format!("{person} has not signed in"), remedy)
        })?;
        super::people::sign(&present.credential, statement)
    }

    fn decide(&mut self, prompt: &Prompt<'_>, error: &RunError) -> Result<Decision, Failure> {
        let style = self.output.error_style;
        self.say(&format!("{}: {error}", style.bad(error.id())));
        self.say(&format!(
            "{}: {}",
            style.title(self.output.lang.pick("what to do", "対処")),
            crate::message::advice::of_run(error, self.output.lang)
        ));
        let step = prompt.step.map(|step| step.id.to_string()).unwrap_or_default();
        let question = match self.output.lang {
            Lang::En => format!("{step}: retry, leave-out, repeat, break-off (by order of the CA manager), or stop?"),
            Lang::Ja => format!("{step}: retry(再試行) leave-out(省略) repeat(やり直し) break-off(中止) stop(中断)?"),
        };
        loop {
            let effect = match self.ask(&question)?.as_str() {
                "retry" => return Ok(Decision::Retry),
                "stop" => return Ok(Decision::Stop),
                "leave-out" => Effect::LeaveOut,
                "repeat" => Effect::Repeat,
                "break-off" => Effect::BreakOff,
                _ => continue,
            };
            let reason = self.ask(self.output.lang.pick("reason:", "理由:"))?;
            let seat = self.ask(self.output.lang.pick("seat of the CA manager:", "認証局管理責任者の席:"))?;
            if let Ok(seat) = SeatId::new(&seat)
                && !reason.is_empty()
            {
                return Ok(Decision::Deviate { effect, seat, reason });
            }
        }
    }

    fn bag(&mut self, _step: &Step, object: &ObjectId, expected: Option<&Serial>) -> Result<Serial, ActionError> {
        loop {
            let question = match self.output.lang {
                Lang::En => format!("serial on the bag of {object}:"),
                Lang::Ja => format!("{object}の封入袋の番号:"),
            };
            // The expected serial is on the screen for the witnesses; what counts is what is read from the bag.
            let _on_the_screen = expected;
            if let Ok(serial) = Serial::new(&self.asked(&question)?) {
                return Ok(serial);
            }
            self.say(
                self.output.lang.pick("A serial has 4 to 32 of A-Z, 0-9, -.", "番号はA-Z、0-9、-の4～32文字です。"),
            );
        }
    }

    fn clock_offset(&mut self, _now: UtcDateTime) -> Result<i64, ActionError> {
        loop {
            let lang = self.output.lang;
            let question = lang.pick(
                "the reference clock shows (UTC, 2026-12-01T09:00:00Z):",
                "基準時計の時刻 (UTC, 2026-12-01T09:00:00Z):",
            );
            let answer = self.asked(question)?;
            if let Ok(reference) = UtcDateTime::parse(&answer, &Rfc3339) {
                return Ok((self.clock.now() - reference).whole_seconds());
            }
        }
    }

    fn compare(&mut self, what: &str, digest: &[u8; 32]) -> Result<(), ActionError> {
        let words = pgp_words(digest);
        self.say(&format!("   {what}\n   SHA-256 {}\n   {words}", hex::encode(digest)));
        let ends =
            [words.split_whitespace().next(), words.split_whitespace().next_back()].map(Option::unwrap_or_default);
        let typed = self.asked(self.output.lang.pick(
            "read aloud and compared? Type the first and the last word:",
            "読み上げて照合しましたか。最初と最後の単語を入力してください:",
        ))?;
        if typed.split_whitespace().eq(ends) {
            return Ok(());
        }
        let message = format!("{what}: the words typed are not the first and the last of the digest");
        Err(ActionError::new("digest-not-compared", message))
    }

    fn confirm(&mut self, what: &str) -> Result<(), ActionError> {
        let question = match self.output.lang {
            Lang::En => format!("{what}? Type Yes:"),
            Lang::Ja => format!("{what}? 確認したらYesと入力:"),
        };
        if self.asked(&question)? == "Yes" {
            return Ok(());
        }
        Err(ActionError::new("not-confirmed", format!("not confirmed: {what}")))
    }

    fn restored_key(&mut self, object: &ObjectId) -> Result<PathBuf, ActionError> {
        let question = match self.output.lang {
            Lang::En => format!("file with the public key (PEM) as the copy on {object} shows it:"),
            Lang::Ja => format!("{object}の複製から読み出した公開鍵(PEM)のファイル:"),
        };
        Ok(PathBuf::from(self.asked(&question)?))
    }
}

impl Terminal<'_> {
    /// Text of the program itself, which may steer the terminal.
    fn say_raw(&self, text: &str) {
        let _ = write!(std::io::stderr().lock(), "{text}");
    }
}
