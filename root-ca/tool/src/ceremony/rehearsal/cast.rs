//! The cast of a rehearsal: one person for each seat, as far as the sharing of roles does not spare one, and the site file
//! that names them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rand_core::Rng as _;
use tegata_ceremony::{Role, Rules, Script, SeatId, Site};
use tegata_quorum::{Credential, Enrolment, Password, PersonId, SandboxFactor, UnlockedCredential, WorkFactor};
use time::macros::format_description;
use time::{Duration, UtcDateTime};

use crate::ceremony::people::sign;
use crate::failure::{Failure, Kind};
use crate::home::Home;
use crate::machine::rng;

/// Cheap on purpose: the passwords of a rehearsal are no secret.
const WORK_FACTOR: u8 = 4;

/// How old a password may become before it is set anew.
const RENEWAL: Duration = Duration::days(180);

/// A failure about a person who is not in the cast.
pub(super) fn unknown(person: &str) -> Failure {
    let remedy = ["rehearse in a folder of its own", "リハーサルには専用のフォルダーを使ってください"];
    Failure::new(Kind::Refused, "person-not-in-cast", format!("{person} is not of the rehearsal's cast"), remedy)
}

/// A number for a ceremony that no other has.
pub(crate) fn rehearsal_id(script: &Script) -> String {
    format!("{}-{:08x}", script.kind(), rng().next_u32())
}

/// The persons of a rehearsal.
pub(crate) struct Cast {
    credentials: BTreeMap<String, Credential>,
    roster: BTreeMap<SeatId, String>,
    holders: Vec<String>,
}

impl Cast {
    /// Fills the seats of a script with persons, who are enrolled the first time.
    pub(crate) fn assemble(home: &Home, script: &Script, rules: &Rules, now: UtcDateTime) -> Result<Self, Failure> {
        let mut roster = BTreeMap::new();
        let seats = |role: Role| script.seats_of(role).cloned().collect::<Vec<_>>();
        // Custodians of the safe keys are key managers and operations managers, where the policy lets them.
        let sharers: Vec<SeatId> = [Role::KeyManager, Role::OpsManager]
            .into_iter()
            .filter(|role| rules.may_share(*role, Role::SafeCustodian))
            .flat_map(seats)
            .collect();
        let custodians = seats(Role::SafeCustodian);
        for seat in script.seats() {
            let custodian = custodians.iter().position(|custodian| *custodian == seat.id);
            let person = custodian.and_then(|number| sharers.get(number)).unwrap_or(&seat.id);
            roster.insert(seat.id.clone(), person.as_str().to_owned());
        }
        let is_entitled = |seat: &&tegata_ceremony::Seat| rules.holders.contains(&seat.policy_role);
        let mut holders: Vec<String> = Vec::new();
        for seat in script.seats().iter().filter(is_entitled) {
            let Some(person) = roster.get(&seat.id) else { continue };
            if !holders.contains(person) && holders.len() < usize::from(rules.quorum.n) {
                holders.push(person.clone());
            }
        }
        // Holders who do not sit at the table keep their parts at home.
        let absent = (1..).map(|number| format!("absent-holder-{number}"));
        let missing = usize::from(rules.quorum.n).saturating_sub(holders.len());
        holders.extend(absent.take(missing));
        let mut credentials = BTreeMap::new();
        for person in roster.values().chain(&holders) {
            if !credentials.contains_key(person) {
                credentials.insert(person.clone(), enrol(home, person, now)?);
            }
        }
        Ok(Self { credentials, roster, holders })
    }

    /// Authenticates a person with both factors.
    pub(super) fn unlock(&self, person: &str, now: UtcDateTime) -> Result<UnlockedCredential, Failure> {
        let credential = self.credentials.get(person).ok_or_else(|| unknown(person))?;
        Ok(credential.unlock(&password(person)?, &SandboxFactor::new(person), now)?)
    }

    /// The site file, with the roster approved.
    pub(crate) fn site(&self, script: &Script, ceremony: &str, now: UtcDateTime) -> Result<String, Failure> {
        let mut text = self.draft(script, ceremony, now)?;
        let site = Site::parse(text.as_bytes())?;
        for seat in script.seats_of(Role::CaManager).chain(script.seats_of(Role::CertificateIssuer)) {
            let Some(statement) = site.approval_statement(script, seat, now) else { continue };
            let sign_off = sign(&self.unlock(statement.person.as_str(), now)?, &statement)?;
            let (at, signature) = (rfc3339(now)?, STANDARD.encode(sign_off.signature));
            let _ = write!(text, "\n[[approval]]\nby = \"{seat}\"\nat = \"{at}\"\nsignature = \"{signature}\"\n");
        }
        Ok(text)
    }

    fn draft(&self, script: &Script, ceremony: &str, now: UtcDateTime) -> Result<String, Failure> {
        let day = now.date().format(format_description!("[year]-[month]-[day]")).map_err(std::io::Error::other)?;
        let holders: Vec<String> = self.holders.iter().map(|holder| format!("\"{holder}\"")).collect();
        let mut text = format!(
            "# The site file of a rehearsal: made by the program, for nobody.\nceremony = \"{ceremony}\"\nplanned = \"{day}\"\nholders = [{}]\n",
            holders.join(", ")
        );
        // Writing to a string cannot fail.
        for (person, credential) in &self.credentials {
            let key = STANDARD.encode(credential.public_key().sec1_or_raw());
            let organisation = organisation(script, &self.roster, person);
            let _ = write!(
                text,
                "\n[[person]]\nhandle = \"{person}\"\nname = \"Rehearsal {person}\"\norganisation = \"{organisation}\"\nkey = \"{key}\"\ntrained = \"{day}\"\n"
            );
        }
        text.push_str("\n[roster]\n");
        for (seat, person) in &self.roster {
            let _ = writeln!(text, "{seat} = \"{person}\"");
        }
        text.push_str("\n[places]\n");
        for place in script.places() {
            let _ = writeln!(text, "{} = \"rehearsal room\"", place.id);
        }
        text.push_str("\n[labels]\n");
        for object in script.objects() {
            let _ = writeln!(text, "{} = \"rehearsal {}\"", object.id, object.id);
        }
        text.push_str("\n[token]\nmodule = \"embedded\"\nlabel = \"ROOT\"\nserial = \"new\"\n");
        text.push_str("\n[conditions]\nreplaced = []\ncredentials_changed = false\n");
        Ok(text)
    }
}

/// Witnesses come from organisations of their own, and so does each CA manager.
fn organisation(script: &Script, roster: &BTreeMap<SeatId, String>, person: &str) -> String {
    let independent = [Role::Auditor, Role::CertificateIssuer, Role::Witness, Role::CaManager];
    let mut seats = script.seats().iter().filter(|seat| roster.get(&seat.id).is_some_and(|sits| sits == person));
    if seats.any(|seat| independent.contains(&seat.policy_role)) {
        format!("Organisation of {person}")
    } else {
        "Operator".to_owned()
    }
}

/// The credential of a person; made and kept the first time.
fn enrol(home: &Home, person: &str, now: UtcDateTime) -> Result<Credential, Failure> {
    let name = format!("persons/{person}.json");
    let known = home.file(&name).exists();
    let work_factor = WorkFactor::insecure(WORK_FACTOR).unwrap_or(WorkFactor::RECOMMENDED);
    let (password, factor) = (password(person)?, SandboxFactor::new(person));
    let enrolment = Enrolment { password: &password, factor: &factor, work_factor, now };
    let credential = if known {
        let credential = Credential::from_json(home.read_text(&name)?.as_bytes())?;
        if credential.password_age(now) < RENEWAL {
            return Ok(credential);
        }
        credential.unlock(&password, &factor, now)?.renew(enrolment, &mut rng())?
    } else {
        Credential::enrol(PersonId::new(person)?, enrolment, &mut rng())?
    };
    home.write(&name, credential.to_json()?.as_bytes(), true)?;
    Ok(credential)
}

fn password(person: &str) -> Result<Password, Failure> {
    Ok(Password::new(format!("rehearsal of {person}"))?)
}

fn rfc3339(at: UtcDateTime) -> Result<String, Failure> {
    let at = at.replace_nanosecond(0).unwrap_or(at);
    Ok(at.format(&time::format_description::well_known::Rfc3339).map_err(std::io::Error::other)?)
}
