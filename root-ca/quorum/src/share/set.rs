//! The public part of a shared secret.

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use super::vss::{self, Commitments, POINT};
use super::{LEAST_THRESHOLD, MOST_HOLDERS, SealedShare, Secret, Share, ShareError};
use crate::credential::Recipient;
use crate::statement::canonical_object;
use crate::{PersonId, encoding, seal};

/// The value of the member `format`.
const FORMAT: &str = "tegata-share-set-v1";

/// The label under which the payload's key is derived from the shared scalar.
const PAYLOAD_LABEL: &str = "tegata-share-payload-v1";

/// The most octets of a set's file.
const LONGEST: usize = 64 * 1024;

/// A person who holds a share, and the key it is sealed to. Made by
/// [`Credential::holder`](crate::Credential::holder).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holder {
    person: PersonId,
    recipient: Recipient,
}

impl Holder {
    pub(crate) fn new(person: PersonId, recipient: Recipient) -> Self {
        Self { person, recipient }
    }

    /// Who it is.
    #[must_use]
    pub fn person(&self) -> &PersonId {
        &self.person
    }

    pub(super) fn recipient(&self) -> &age::x25519::Recipient {
        self.recipient.as_age()
    }
}

/// What is to be split, and among whom.
#[derive(Clone, Copy, Debug)]
pub struct SplitRequest<'a> {
    /// The secret.
    pub secret: &'a Secret,
    /// What the secret is of, for people: the label of a token, for example. 1 to 100 characters.
    pub label: &'a str,
    /// How many holders it takes: k.
    pub threshold: u8,
    /// The holders: n of them. The first gets share number 1.
    pub holders: &'a [Holder],
    /// Now.
    pub now: UtcDateTime,
}

/// Splits a secret: the public set, and one sealed share for each holder in their order.
///
/// # Errors
/// [`ShareError::Threshold`] unless 2 <= k <= n, [`ShareError::TooManyHolders`], [`ShareError::DuplicateHolder`],
/// [`ShareError::Label`], [`ShareError::Unusable`].
pub fn split(request: SplitRequest<'_>, rng: &mut impl CryptoRng) -> Result<(ShareSet, Vec<SealedShare>), ShareError> {
    check_numbers(request.threshold, request.holders)?;
    check_label(request.label)?;
    let split = vss::split(request.threshold, request.holders.len(), rng).ok_or(ShareError::Unusable)?;
    let facts = Facts {
        format: FORMAT.to_owned(),
        label: request.label.to_owned(),
        created: encoding::whole_seconds(request.now),
        threshold: request.threshold,
        holders: request.holders.to_vec(),
        commitments: split.commitments.iter().map(|point| Commitment(*point)).collect(),
    };
    let id = facts.id()?;
    let identity = payload_identity(&split.scalar, &id)?;
    let payload = seal::to_recipient(&identity.to_public(), &request.secret.to_padded());
    let set = ShareSet::assemble(facts, payload.map_err(|_| ShareError::Unusable)?)?;
    let numbered = split.shares.into_iter().zip(request.holders);
    let shares = numbered.map(|((index, scalar), holder)| {
        let share = Share { set: id, index, person: holder.person.clone(), scalar };
        set.check(&share)?;
        share.seal(holder)
    });
    let shares = shares.collect::<Result<_, _>>()?;
    Ok((set, shares))
}

/// The public part of a shared secret: holders, threshold, commitments, and the secret sealed under the shared key.
///
/// The file is one JSON object: `format`, `label`, `created` (RFC 3339), `threshold`, `holders`
/// (`[{person, recipient}]`, share 1 first), `commitments` (compressed P-256 points in hex, k of them), `payload`
/// (base64 of an age file).
#[derive(Clone)]
pub struct ShareSet {
    facts: Facts,
    payload: Vec<u8>,
    id: [u8; 32],
    commitments: Commitments,
}

/// Every member but the payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Facts {
    format: String,
    label: String,
    #[serde(with = "encoding::instant")]
    created: UtcDateTime,
    threshold: u8,
    holders: Vec<Holder>,
    commitments: Vec<Commitment>,
}

/// One compressed point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
struct Commitment(#[serde(with = "encoding::hex_octets")] [u8; POINT]);

/// The whole file.
#[derive(Serialize, Deserialize)]
struct File {
    #[serde(with = "encoding::base64_octets")]
    payload: Vec<u8>,
    #[serde(flatten)]
    facts: serde_json::Map<String, serde_json::Value>,
}

impl ShareSet {
    /// Reads the file of a set.
    ///
    /// # Errors
    /// [`ShareError::Malformed`] for another format or commitments that are no points of the curve; as [`split`].
    pub fn from_json(file: &[u8]) -> Result<Self, ShareError> {
        if file.len() > LONGEST {
            return Err(ShareError::Malformed);
        }
        let file: File = serde_json::from_slice(file).map_err(|_| ShareError::Malformed)?;
        let facts: Facts = serde_json::from_value(file.facts.into()).map_err(|_| ShareError::Malformed)?;
        if facts.format != FORMAT || facts.commitments.len() != usize::from(facts.threshold) {
            return Err(ShareError::Malformed);
        }
        check_numbers(facts.threshold, &facts.holders)?;
        check_label(&facts.label)?;
        Self::assemble(facts, file.payload)
    }

    /// Writes the file of a set: one line of JSON.
    ///
    /// # Errors
    /// [`ShareError::Unusable`], which does not happen to a set that was made or read here.
    pub fn to_json(&self) -> Result<String, ShareError> {
        let file = File { payload: self.payload.clone(), facts: self.facts.members()? };
        serde_json::to_string(&file).map(|json| json + "\n").map_err(|_| ShareError::Unusable)
    }

    fn assemble(facts: Facts, payload: Vec<u8>) -> Result<Self, ShareError> {
        let points: Vec<_> = facts.commitments.iter().map(|commitment| commitment.0).collect();
        let commitments = Commitments::read(&points).ok_or(ShareError::Malformed)?;
        Ok(Self { id: facts.id()?, facts, payload, commitments })
    }

    /// The identifier: the SHA-256 of everything but the payload. It belongs into the record of the ceremony that split
    /// the secret, so that a substituted set is noticed.
    #[must_use]
    pub fn id(&self) -> &[u8; 32] {
        &self.id
    }

    /// What the secret is of.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.facts.label
    }

    /// When the secret was split.
    #[must_use]
    pub fn created(&self) -> UtcDateTime {
        self.facts.created
    }

    /// How many distinct holders it takes.
    #[must_use]
    pub fn threshold(&self) -> u8 {
        self.facts.threshold
    }

    /// The holders; the first has share number 1.
    #[must_use]
    pub fn holders(&self) -> &[Holder] {
        &self.facts.holders
    }

    /// Checks one share against the published commitments, without any other share.
    ///
    /// # Errors
    /// [`ShareError::OtherSet`], and [`ShareError::Spoilt`] with the name of its holder.
    pub fn check(&self, share: &Share) -> Result<(), ShareError> {
        if share.set != self.id {
            return Err(ShareError::OtherSet { person: share.person.clone() });
        }
        let placed = self.index_of(&share.person) == Some(share.index);
        if placed && self.commitments.hold(share.index, &share.scalar) {
            Ok(())
        } else {
            Err(ShareError::Spoilt { person: share.person.clone() })
        }
    }

    /// Brings the secret back from the shares of at least k distinct holders. The same holder's share counts once.
    ///
    /// # Errors
    /// [`ShareError::OtherSet`], [`ShareError::Spoilt`], [`ShareError::TooFew`], [`ShareError::Payload`].
    pub fn open(&self, shares: &[Share]) -> Result<Secret, ShareError> {
        shares.iter().try_for_each(|share| self.check(share))?;
        let mut distinct: Vec<(u8, &[u8; 32])> = shares.iter().map(|share| (share.index, &*share.scalar)).collect();
        distinct.sort_by_key(|(index, _)| *index);
        distinct.dedup_by_key(|(index, _)| *index);
        let need = usize::from(self.facts.threshold);
        if distinct.len() < need {
            return Err(ShareError::TooFew { have: distinct.len(), need });
        }
        let scalar = self.commitments.combine(&distinct).ok_or(ShareError::Unusable)?;
        let identity = payload_identity(&scalar, &self.id)?;
        let padded = seal::open_with_identity(&identity, &self.payload).map_err(|_| ShareError::Payload)?;
        Secret::from_padded(&padded).ok_or(ShareError::Payload)
    }

    pub(super) fn index_of(&self, person: &PersonId) -> Option<u8> {
        self.facts.holders.iter().zip(1..=u8::MAX).find(|(holder, _)| holder.person == *person).map(|(_, index)| index)
    }

    pub(super) fn person_at(&self, index: u8) -> Option<&PersonId> {
        let position = usize::from(index).checked_sub(1)?;
        self.facts.holders.get(position).map(|holder| &holder.person)
    }
}

impl core::fmt::Debug for ShareSet {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let (need, holders) = (self.facts.threshold, self.facts.holders.len());
        write!(formatter, "ShareSet({:?}, {need} of {holders}, {})", self.facts.label, hex::encode(self.id))
    }
}

impl Facts {
    fn members(&self) -> Result<serde_json::Map<String, serde_json::Value>, ShareError> {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::Object(members)) => Ok(members),
            _ => Err(ShareError::Unusable),
        }
    }

    fn id(&self) -> Result<[u8; 32], ShareError> {
        let json = canonical_object(&self.members()?).map_err(|_| ShareError::Unusable)?;
        Ok(encoding::sha256(json.as_bytes()))
    }
}

fn payload_identity(scalar: &[u8; 32], id: &[u8; 32]) -> Result<age::x25519::Identity, ShareError> {
    seal::identity(&encoding::derive(scalar, id, PAYLOAD_LABEL)).map_err(|_| ShareError::Unusable)
}

fn check_numbers(threshold: u8, holders: &[Holder]) -> Result<(), ShareError> {
    if holders.len() > MOST_HOLDERS {
        return Err(ShareError::TooManyHolders { found: holders.len() });
    }
    if threshold < LEAST_THRESHOLD || usize::from(threshold) > holders.len() {
        return Err(ShareError::Threshold { threshold, holders: holders.len() });
    }
    for (position, holder) in holders.iter().enumerate() {
        let same = |other: &Holder| other.person == holder.person || other.recipient == holder.recipient;
        if holders.iter().take(position).any(same) {
            return Err(ShareError::DuplicateHolder { person: holder.person.clone() });
        }
    }
    Ok(())
}

fn check_label(label: &str) -> Result<(), ShareError> {
    let fits = (1..=100).contains(&label.chars().count()) && !label.chars().any(char::is_control);
    if fits { Ok(()) } else { Err(ShareError::Label) }
}
