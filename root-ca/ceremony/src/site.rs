//! The private half of a ceremony: who sits where, the names, places, media and the module.
//!
//! ```toml
//! ceremony = "2026-01"
//! planned = "2026-12-01"
//! holders = ["p03", "p04", "p02"]            # who holds a part of the module's activation
//!
//! [[person]]
//! handle = "p03"
//! name = "…"
//! organisation = "…"
//! key = "…"                                  # Ed25519, 32 octets in base64
//! trained = "2026-10-01"
//!
//! [roster]                                   # seat = handle
//! key-manager-1 = "p03"
//!
//! [places]                                   # place of the script = where that is
//! safe = "…"
//!
//! [labels]                                   # object of the script = what is written on it
//! module = "…"
//!
//! [token]
//! module = "…"
//! label = "…"
//! serial = "…"
//!
//! [conditions]
//! replaced = []                              # objects that were replaced since the last ceremony
//! credentials_changed = false
//!
//! [[approval]]                               # of the roster: by the CA manager and the certificate issuer
//! by = "ca-manager"
//! at = "2026-11-25T09:00:00Z"
//! signature = "…"                            # Ed25519, 64 octets in base64
//! ```

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::json;
use tegata_pki::{Curve, PublicKey};
use time::{Date, UtcDateTime, macros::format_description};

use crate::{
    cast::{Cast, Member},
    check,
    encoding::{canonical_json, sha256, stamp},
    ids::{CeremonyId, ObjectId, PersonId, PlaceId, SeatId},
    role::Mark,
    script::{FileError, Script, read_toml},
    statement::{SignOff, Statement},
};

/// A person who takes part.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The handle used in records.
    pub handle: PersonId,
    /// The real name. Never in a record, never in a public print.
    pub name: String,
    /// The organisation or the unit that the person works for.
    pub organisation: String,
    /// The public key of the person's sign-offs.
    #[serde(deserialize_with = "key")]
    pub key: PublicKey,
    /// The day of the last training.
    #[serde(deserialize_with = "date")]
    pub trained: Date,
}

/// The module.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// The PKCS#11 library, or `embedded`.
    pub module: String,
    /// The token's label.
    pub label: String,
    /// The token's serial number; the module's evidence names it.
    pub serial: String,
}

/// Facts that decide which steps are due.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteConditions {
    /// Objects that were replaced since the last ceremony.
    pub replaced: BTreeSet<ObjectId>,
    /// Whether credentials of key managers change.
    pub credentials_changed: bool,
}

/// An approval of the roster.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// The seat that approves.
    pub by: SeatId,
    /// When.
    #[serde(with = "stamp")]
    pub at: UtcDateTime,
    /// Over [`Site::approval_statement`].
    #[serde(deserialize_with = "signature")]
    pub signature: [u8; 64],
}

/// The site file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    body: Body,
    digest: [u8; 32],
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    ceremony: CeremonyId,
    #[serde(deserialize_with = "date")]
    planned: Date,
    holders: Vec<PersonId>,
    #[serde(rename = "person")]
    persons: Vec<Person>,
    roster: BTreeMap<SeatId, PersonId>,
    places: BTreeMap<PlaceId, String>,
    labels: BTreeMap<ObjectId, String>,
    token: Token,
    conditions: SiteConditions,
    #[serde(rename = "approval", default)]
    approvals: Vec<Approval>,
}

impl Site {
    /// Reads a site file.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, FileError> {
        Ok(Self { body: read_toml(bytes)?, digest: sha256(bytes) })
    }

    /// SHA-256 of the file as it was read.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The number of the ceremony.
    #[must_use]
    pub fn ceremony(&self) -> &CeremonyId {
        &self.body.ceremony
    }

    /// The planned day.
    #[must_use]
    pub fn planned(&self) -> Date {
        self.body.planned
    }

    /// The persons.
    #[must_use]
    pub fn persons(&self) -> &[Person] {
        &self.body.persons
    }

    /// A person by handle.
    #[must_use]
    pub fn person(&self, handle: &PersonId) -> Option<&Person> {
        self.body.persons.iter().find(|person| person.handle == *handle)
    }

    /// Who sits where.
    #[must_use]
    pub fn roster(&self) -> &BTreeMap<SeatId, PersonId> {
        &self.body.roster
    }

    /// Who holds a part of the module's activation.
    #[must_use]
    pub fn holders(&self) -> &[PersonId] {
        &self.body.holders
    }

    /// Where the places of the script are.
    #[must_use]
    pub fn places(&self) -> &BTreeMap<PlaceId, String> {
        &self.body.places
    }

    /// What is written on the objects.
    #[must_use]
    pub fn labels(&self) -> &BTreeMap<ObjectId, String> {
        &self.body.labels
    }

    /// The module.
    #[must_use]
    pub fn token(&self) -> &Token {
        &self.body.token
    }

    /// What decides which steps are due.
    #[must_use]
    pub fn conditions(&self) -> &SiteConditions {
        &self.body.conditions
    }

    /// The approvals of the roster.
    #[must_use]
    pub fn approvals(&self) -> &[Approval] {
        &self.body.approvals
    }

    /// The cast: seats, keys and organisations, without names. Persons who are unknown to the file are left out, which
    /// [`check`](crate::check()) reports.
    #[must_use]
    pub fn cast(&self) -> Cast {
        let organisations: BTreeSet<&str> =
            self.body.persons.iter().map(|person| person.organisation.as_str()).collect();
        let unit = |person: &Person| {
            let position = organisations.iter().position(|name| *name == person.organisation).unwrap_or_default();
            format!("organisation-{}", position + 1)
        };
        let members = self
            .body
            .persons
            .iter()
            .map(|person| (person.handle.clone(), Member { key: person.key.clone(), organisation: unit(person) }));
        Cast {
            roster: self.body.roster.clone(),
            members: members.collect(),
            holders: self.body.holders.iter().cloned().collect(),
            private: self.private_digest(),
        }
    }

    /// SHA-256 of the canonical JSON of what a record does not hold.
    fn private_digest(&self) -> [u8; 32] {
        let Body { planned, persons, places, labels, token, conditions, .. } = &self.body;
        let person = |person: &Person| {
            let Person { handle, name, organisation, trained, .. } = person;
            json!({ "handle": handle, "name": name, "organisation": organisation, "trained": trained.to_string() })
        };
        let private = json!({
            "conditions": { "credentials_changed": conditions.credentials_changed, "replaced": conditions.replaced },
            "labels": labels,
            "persons": persons.iter().map(person).collect::<Vec<_>>(),
            "places": places,
            "planned": planned.to_string(),
            "token": { "label": token.label, "module": token.module, "serial": token.serial },
        });
        sha256(canonical_json(&private).as_bytes())
    }

    /// The seats whose approval of this site file for a script is missing or does not verify.
    #[must_use]
    pub fn unapproved(&self, script: &Script) -> Vec<SeatId> {
        let approvals = self.signed_approvals();
        let holds = |seat: &&SeatId| {
            approvals.iter().any(|(by, at, sign_off)| {
                let statement = self.approval_statement(script, seat, *at);
                let key = self.body.roster.get(*seat).and_then(|person| self.person(person)).map(|person| &person.key);
                let signed =
                    statement.zip(key).is_some_and(|(statement, key)| sign_off.verify(&statement, key).is_ok());
                by == *seat && signed
            })
        };
        check::approvers(script).filter(|seat| !holds(seat)).cloned().collect()
    }

    /// The digest that the approvals of the roster sign: [`Cast::digest`].
    #[must_use]
    pub fn roster_digest(&self, script: &Script) -> [u8; 32] {
        self.cast().digest(&self.body.ceremony, script)
    }

    /// What whoever sits at `seat` signs to approve the roster at a time; `None` for a vacant seat.
    #[must_use]
    pub fn approval_statement(&self, script: &Script, seat: &SeatId, at: UtcDateTime) -> Option<Statement> {
        Some(approval_statement(
            &self.body.ceremony,
            script.digest(),
            self.roster_digest(script),
            seat,
            self.body.roster.get(seat)?,
            at,
        ))
    }

    /// The approvals as sign-offs, with seat and time; those of vacant seats are left out.
    pub(crate) fn signed_approvals(&self) -> Vec<(SeatId, UtcDateTime, SignOff)> {
        let signed = |approval: &Approval| {
            let person = self.body.roster.get(&approval.by)?.clone();
            Some((approval.by.clone(), approval.at, SignOff { person, signature: approval.signature }))
        };
        self.body.approvals.iter().filter_map(signed).collect()
    }
}

/// The statement that approves a roster.
pub(crate) fn approval_statement(
    ceremony: &CeremonyId,
    script: [u8; 32],
    roster: [u8; 32],
    seat: &SeatId,
    person: &PersonId,
    time: UtcDateTime,
) -> Statement {
    Statement {
        ceremony: ceremony.clone(),
        script,
        step: None,
        mark: Mark::ApprovesRoster,
        seat: seat.clone(),
        person: person.clone(),
        outcome: Some(roster),
        head: None,
        time,
    }
}

fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let text = String::deserialize(deserializer)?;
    Date::parse(&text, format_description!("[year]-[month]-[day]")).map_err(D::Error::custom)
}

fn key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PublicKey, D::Error> {
    let octets = STANDARD.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)?;
    PublicKey::from_sec1(Curve::Ed25519, &octets).map_err(D::Error::custom)
}

fn signature<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 64], D::Error> {
    let octets = STANDARD.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)?;
    octets.try_into().map_err(|_| D::Error::custom("a signature has 64 octets"))
}
