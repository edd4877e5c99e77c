//! Who takes part, without names: what a record holds and what is enough to verify it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::json;
use tegata_pki::{Curve, PublicKey};

use crate::{
    encoding::{canonical_json, octets, sha256},
    ids::{CeremonyId, PersonId, SeatId},
    script::{Authentication, Performers, Script, Step},
};

/// A person's key and organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// The public key of the sign-offs; hex in records.
    #[serde(with = "raw_key")]
    pub key: PublicKey,
    /// A name for the organisation that tells organisations apart and nothing else.
    pub organisation: String,
}

/// Seats, persons and holders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cast {
    /// Who sits where.
    pub roster: BTreeMap<SeatId, PersonId>,
    /// The persons.
    pub members: BTreeMap<PersonId, Member>,
    /// Who holds a part of the module's activation.
    pub holders: BTreeSet<PersonId>,
    /// SHA-256 of what else the site file says: day, names, trainings, places, labels, module and token, conditions. So the
    /// approvals cover it, and the record keeps none of it.
    #[serde(with = "octets")]
    pub private: [u8; 32],
}

impl Cast {
    /// SHA-256 of the cast as canonical JSON, bound to one ceremony and its script: what the approvals of the roster sign.
    #[must_use]
    pub fn digest(&self, ceremony: &CeremonyId, script: &Script) -> [u8; 32] {
        let value = json!({
            "cast": self,
            "ceremony": ceremony,
            "kind": script.kind(),
            "script": hex::encode(script.digest()),
        });
        sha256(canonical_json(&value).as_bytes())
    }

    /// The person at a seat.
    #[must_use]
    pub fn person(&self, seat: &SeatId) -> Option<&PersonId> {
        self.roster.get(seat)
    }

    /// The sign-off key of a person.
    #[must_use]
    pub fn key(&self, person: &PersonId) -> Option<&PublicKey> {
        self.members.get(person).map(|member| &member.key)
    }

    /// The organisation of the person at a seat.
    #[must_use]
    pub fn organisation(&self, seat: &SeatId) -> Option<&str> {
        self.members.get(self.roster.get(seat)?).map(|member| member.organisation.as_str())
    }

    /// The seats that perform a step. For everybody: of each person the first seat of the script.
    pub(crate) fn performers(&self, script: &Script, step: &Step) -> Vec<SeatId> {
        match &step.does {
            Performers::Seats(seats) => seats.clone(),
            Performers::Everybody => {
                let mut seen = BTreeSet::new();
                let first = |seat: &&SeatId| self.person(seat).is_none_or(|person| seen.insert(person.clone()));
                script.seats().iter().map(|seat| &seat.id).filter(first).cloned().collect()
            }
        }
    }

    /// The persons who may authenticate for a step.
    pub(crate) fn candidates(&self, step: &Step) -> BTreeSet<PersonId> {
        match step.auth {
            Authentication::None => BTreeSet::new(),
            Authentication::Single | Authentication::Pair => {
                step.operators().filter_map(|seat| self.person(seat)).cloned().collect()
            }
            Authentication::Quorum => {
                let seated: BTreeSet<_> = self.roster.values().collect();
                self.holders.iter().filter(|holder| seated.contains(holder)).cloned().collect()
            }
        }
    }
}

mod raw_key {
    use serde::{Deserializer, Serializer, de::Error as _};

    use super::{Curve, PublicKey};
    use crate::encoding::octets;

    pub(crate) fn serialize<S: Serializer>(key: &PublicKey, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(key.sec1_or_raw()))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PublicKey, D::Error> {
        let raw: [u8; 32] = octets::deserialize(deserializer)?;
        PublicKey::from_sec1(Curve::Ed25519, &raw).map_err(D::Error::custom)
    }
}
