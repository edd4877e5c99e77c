//! The public procedure: who does what in which order, and who watches.
//!
//! A script is a TOML file that may be published. It says nothing about persons, places or machines: those are in the site
//! file ([`Site`](crate::Site)), which has no key in common with it and so cannot change its meaning.
//!
//! ```toml
//! kind = "quarterly"
//! policies = ["iso-18013-5", "jp-004"]
//! title = { en = "…", ja = "…" }
//!
//! [[role]]                                   # a seat
//! id = "key-manager-1"
//! title = { en = "Key manager 1", ja = "鍵管理者1" }
//! policy_role = "key-manager"
//!
//! [[object]]
//! id = "module"
//! title = { en = "…", ja = "…" }
//!
//! [[place]]
//! id = "safe"
//! title = { en = "…", ja = "…" }
//!
//! [[phase]]
//! number = 7
//! title = { en = "…", ja = "…" }
//!
//! [[step]]
//! id = "7.03"
//! when = "always"                            # first | first-or-replaced | repeat | on-keygen
//! title = { en = "…", ja = "…" }
//! read_aloud = { en = "…", ja = "…" }         # optional
//! does = ["key-manager-1"]                   # or ["*"]: everybody at the table
//! confirms = ["key-manager-2"]
//! witness = { c1 = "certificate-issuer", c2 = "auditor" }
//! objects = ["module"]
//! auth = "pair"                              # none | single | pair | quorum
//! action = "issue"
//! ```

use core::fmt;

use serde::Deserialize;

use crate::{
    action::Action,
    encoding::sha256,
    ids::{ObjectId, PlaceId, PolicyId, SeatId, StepId},
    kind::Kind,
    role::Role,
    text::Text,
};

/// Longest file that is read, in bytes.
pub(crate) const MAX_FILE: usize = 1 << 20;
/// Most steps of a script.
const MAX_STEPS: usize = 500;

/// Why a script or site file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The file is larger than 1 MiB or has more than 500 steps.
    #[error("the file is too large")]
    TooLarge,
    /// The file is not UTF-8.
    #[error("the file is not UTF-8 text")]
    NotText,
    /// Not TOML, an unknown key, a missing key, or a value of another form.
    #[error("{}{detail}", line.map(|line| format!("line {line}: ")).unwrap_or_default())]
    Malformed {
        /// The line, counted from 1, if it is known.
        line: Option<usize>,
        /// What the TOML reader says.
        detail: String,
    },
}

impl FileError {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::TooLarge => "file-too-large",
            Self::NotText => "file-not-text",
            Self::Malformed { .. } => "file-malformed",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::TooLarge => "check that this is the script or site file that was approved",
            Self::NotText => "save the file as UTF-8",
            Self::Malformed { .. } => "correct the line that is named; compare it with a shipped script",
        }
    }
}

/// Reads TOML of bounded size.
pub(crate) fn read_toml<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, FileError> {
    if bytes.len() > MAX_FILE {
        return Err(FileError::TooLarge);
    }
    let text = core::str::from_utf8(bytes).map_err(|_| FileError::NotText)?;
    toml::from_str(text).map_err(|error| FileError::Malformed {
        line: error.span().and_then(|span| text.get(..span.start)).map(|before| before.matches('\n').count() + 1),
        detail: error.message().to_owned(),
    })
}

/// When a step is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// In every ceremony.
    #[default]
    Always,
    /// Only in the first ceremony.
    First,
    /// In the first ceremony, and later for the objects that were replaced.
    FirstOrReplaced,
    /// In every ceremony but the first.
    Repeat,
    /// When a root key is generated or credentials change.
    OnKeygen,
}

impl When {
    /// The name used in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::First => "first",
            Self::FirstOrReplaced => "first-or-replaced",
            Self::Repeat => "repeat",
            Self::OnKeygen => "on-keygen",
        }
    }
}

/// How many persons must have authenticated immediately before the action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Authentication {
    /// Nobody.
    #[default]
    None,
    /// One of those who act.
    Single,
    /// Two distinct persons of those who act.
    Pair,
    /// k distinct persons of those who hold a part of the activation.
    Quorum,
}

impl Authentication {
    /// The name used in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Single => "single",
            Self::Pair => "pair",
            Self::Quorum => "quorum",
        }
    }
}

/// Who performs a step.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub enum Performers {
    /// Everybody at the table, each person once (`["*"]`).
    Everybody,
    /// These seats.
    Seats(Vec<SeatId>),
}

impl TryFrom<Vec<String>> for Performers {
    type Error = crate::ids::IdError;

    fn try_from(names: Vec<String>) -> Result<Self, Self::Error> {
        if names == ["*"] {
            return Ok(Self::Everybody);
        }
        names.iter().map(|name| SeatId::new(name)).collect::<Result<_, _>>().map(Self::Seats)
    }
}

impl Performers {
    /// The seats that are named; none for everybody.
    #[must_use]
    pub fn seats(&self) -> &[SeatId] {
        match self {
            Self::Everybody => &[],
            Self::Seats(seats) => seats,
        }
    }
}

/// A seat at the table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seat {
    /// Its name.
    pub id: SeatId,
    /// Its title.
    pub title: Text,
    /// The role of the policy that whoever sits here has.
    pub policy_role: Role,
}

/// An object that is handled.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Object {
    /// Its name.
    pub id: ObjectId,
    /// Its title.
    pub title: Text,
    /// Whether it holds the root key or a copy of it. A destruction covers all of these, a restore check names each.
    #[serde(default)]
    pub holds_key: bool,
}

/// A place where bags are kept.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Its name.
    pub id: PlaceId,
    /// Its title.
    pub title: Text,
}

/// A part of the ceremony.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// The number before the dot of its steps.
    pub number: u8,
    /// Its title.
    pub title: Text,
}

/// The witnesses of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witnesses {
    /// Confirms the content: what was done is what the procedure says.
    #[serde(default)]
    pub c1: Option<SeatId>,
    /// Confirms authority and order: the right persons did it, in the right order.
    #[serde(default)]
    pub c2: Option<SeatId>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its number.
    pub id: StepId,
    /// When it is due; always, if nothing is said.
    #[serde(default)]
    pub when: When,
    /// What is to be done.
    pub title: Text,
    /// What the leader reads aloud.
    #[serde(default)]
    pub read_aloud: Option<Text>,
    /// Who performs it.
    pub does: Performers,
    /// Who confirms it, from a duty of his own.
    #[serde(default)]
    pub confirms: Vec<SeatId>,
    /// Who witnesses it.
    #[serde(default)]
    pub witness: Witnesses,
    /// The objects handled.
    #[serde(default)]
    pub objects: Vec<ObjectId>,
    /// Where the objects are put (`inventory-store` only).
    #[serde(default)]
    pub place: Option<PlaceId>,
    /// Who must authenticate before the action.
    #[serde(default)]
    pub auth: Authentication,
    /// What the computer does.
    pub action: Action,
}

impl Step {
    /// The seats that act with their own duty: performers and confirmers, in this order.
    pub fn operators(&self) -> impl Iterator<Item = &SeatId> {
        self.does.seats().iter().chain(&self.confirms)
    }

    /// The seats that witness.
    pub fn witnesses(&self) -> impl Iterator<Item = &SeatId> {
        self.witness.c1.iter().chain(&self.witness.c2)
    }
}

/// The public procedure of one ceremony.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    body: Body,
    digest: [u8; 32],
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    kind: Kind,
    policies: Vec<PolicyId>,
    title: Text,
    #[serde(rename = "role")]
    seats: Vec<Seat>,
    #[serde(rename = "object", default)]
    objects: Vec<Object>,
    #[serde(rename = "place", default)]
    places: Vec<Place>,
    #[serde(rename = "phase")]
    phases: Vec<Phase>,
    #[serde(rename = "step")]
    steps: Vec<Step>,
}

impl Script {
    /// Reads a script file. What is read is well formed; whether it is sound is the question of
    /// [`check`](crate::check()).
    ///
    /// # Errors
    /// [`FileError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, FileError> {
        let body: Body = read_toml(bytes)?;
        if body.steps.len() > MAX_STEPS {
            return Err(FileError::TooLarge);
        }
        Ok(Self { body, digest: sha256(bytes) })
    }

    /// SHA-256 of the file as it was read.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The kind of ceremony.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.body.kind
    }

    /// The policies under which the script may be used.
    #[must_use]
    pub fn policies(&self) -> &[PolicyId] {
        &self.body.policies
    }

    /// The title.
    #[must_use]
    pub fn title(&self) -> &Text {
        &self.body.title
    }

    /// The seats at the table.
    #[must_use]
    pub fn seats(&self) -> &[Seat] {
        &self.body.seats
    }

    /// The objects handled.
    #[must_use]
    pub fn objects(&self) -> &[Object] {
        &self.body.objects
    }

    /// The places where bags are kept.
    #[must_use]
    pub fn places(&self) -> &[Place] {
        &self.body.places
    }

    /// The phases.
    #[must_use]
    pub fn phases(&self) -> &[Phase] {
        &self.body.phases
    }

    /// The steps, in order.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.body.steps
    }

    /// A seat by its name.
    #[must_use]
    pub fn seat(&self, id: &SeatId) -> Option<&Seat> {
        self.body.seats.iter().find(|seat| seat.id == *id)
    }

    /// A step by its number.
    #[must_use]
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.body.steps.iter().find(|step| step.id == *id)
    }

    /// The objects of a step that hold the key or a copy of it.
    pub fn key_copies<'a>(&'a self, step: &'a Step) -> impl Iterator<Item = &'a ObjectId> {
        let holds = |id: &&ObjectId| self.body.objects.iter().any(|object| object.id == **id && object.holds_key);
        step.objects.iter().filter(holds)
    }

    /// The seats of one role of the policy.
    pub fn seats_of(&self, role: Role) -> impl Iterator<Item = &SeatId> {
        self.body.seats.iter().filter(move |seat| seat.policy_role == role).map(|seat| &seat.id)
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.body.kind, hex::encode(self.digest))
    }
}
