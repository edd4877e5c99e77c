//! Orders that are given outside the steps of a ceremony, each signed with the credential of who gives it.
//!
//! What is signed is a [`Statement`]: the act, what it is about, the reason, who orders in which role by which roster, and when. Statement,
//! key and signature stand in the audit log, so that an auditor can verify the order without this program. Whose key it is
//! and that the person holds the role is shown by the approved roster of a ceremony, which the caller has checked.

use serde_json::{Map, Value, json};
use tegata_pki::PublicKey;
use tegata_quorum::{PersonId, SignOff, Statement, StatementError};
use time::{UtcDateTime, format_description::well_known::Rfc3339};

use crate::{error::AuthorityError, state::Notice};

/// What is ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OrderedAct {
    /// A request that was admitted and not answered is given up.
    WithdrawRequest {
        /// Its number.
        sequence: u64,
        /// SHA-256 of its file.
        digest: [u8; 32],
    },
    /// The root goes on under another version of its policy.
    AdoptPolicy {
        /// SHA-256 of the policy's file as it was.
        from: [u8; 32],
        /// SHA-256 of the policy's file as it shall be.
        to: [u8; 32],
    },
    /// The activation gets new parts, for these holders.
    RenewParts {
        /// Id of the set of parts as it was.
        from: [u8; 32],
        /// Id of the set of parts as it shall be.
        to: [u8; 32],
        /// Who holds the new parts.
        holders: Vec<PersonId>,
    },
}

/// An order before it is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// What is ordered.
    pub act: OrderedAct,
    /// Why, in words an auditor understands.
    pub reason: String,
    /// Who orders.
    pub person: PersonId,
    /// In which role.
    pub role: String,
    /// The number of the ceremony whose approved roster gives the person that role.
    pub ceremony: String,
    /// SHA-256 of the site file with that roster.
    pub site: [u8; 32],
    /// When, in whole seconds.
    pub at: UtcDateTime,
}

/// An order and the signature of who gives it.
#[derive(Clone, Debug)]
pub struct SignedOrder {
    /// What was signed.
    pub order: Order,
    /// The signature.
    pub sign_off: SignOff,
    /// The person's key, as the approved roster has it.
    pub key: PublicKey,
}

impl OrderedAct {
    /// `withdraw-request`, `adopt-policy`, `renew-parts`.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::WithdrawRequest { .. } => "withdraw-request",
            Self::AdoptPolicy { .. } => "adopt-policy",
            Self::RenewParts { .. } => "renew-parts",
        }
    }

    fn subject(&self) -> Value {
        match self {
            Self::WithdrawRequest { sequence, digest } => {
                json!({ "request": hex::encode(digest), "sequence": sequence })
            }
            Self::AdoptPolicy { from, to } => json!({ "from": hex::encode(from), "to": hex::encode(to) }),
            Self::RenewParts { from, to, holders } => {
                let holders: Vec<_> = holders.iter().map(PersonId::as_str).collect();
                json!({ "from": hex::encode(from), "holders": holders, "to": hex::encode(to) })
            }
        }
    }
}

impl Order {
    /// What is signed.
    ///
    /// # Errors
    /// [`StatementError`] when the reason is too long.
    pub fn statement(&self) -> Result<Statement, StatementError> {
        let mut members = Map::new();
        members.insert("order".into(), self.act.id().into());
        members.insert("about".into(), self.act.subject());
        members.insert("ceremony".into(), self.ceremony.as_str().into());
        members.insert("site".into(), hex::encode(self.site).into());
        members.insert("person".into(), self.person.as_str().into());
        members.insert("reason".into(), self.reason.as_str().into());
        members.insert("role".into(), self.role.as_str().into());
        let at = crate::state::whole_second(self.at);
        members.insert("time".into(), at.format(&Rfc3339).unwrap_or_else(|_| at.to_string()).into());
        Statement::new(members)
    }
}

impl SignedOrder {
    /// The order is about `act`, was given in `role` with a reason, and the signature is the person's.
    pub(crate) fn check(&self, act: &OrderedAct, role: &'static str) -> Result<(), AuthorityError> {
        let order = &self.order;
        if order.role != role {
            return Err(AuthorityError::Role { role: order.role.clone(), allowed: role });
        }
        if order.reason.trim().is_empty() {
            return Err(AuthorityError::ReasonEmpty);
        }
        if order.act != *act {
            return Err(AuthorityError::OrderOther);
        }
        let statement = order.statement().map_err(|_| AuthorityError::OrderUnsigned)?;
        let signed = self.sign_off.person() == &order.person && self.sign_off.verify(&statement, &self.key).is_ok();
        if signed { Ok(()) } else { Err(AuthorityError::OrderUnsigned) }
    }

    /// The order in the audit log.
    pub(crate) fn note(&self, notice: Notice) -> Notice {
        let octets = self.order.statement().map(|statement| statement.as_bytes().to_vec()).unwrap_or_default();
        let order = json!({
            "person": self.order.person.as_str(),
            "role": self.order.role,
            "reason": self.order.reason,
            "statement": String::from_utf8_lossy(&octets),
            "key": hex::encode(self.key.sec1_or_raw()),
            "signature": hex::encode(self.sign_off.signature()),
        });
        notice.detail(&format!("ordered-by-{}", self.order.role), order)
    }
}
