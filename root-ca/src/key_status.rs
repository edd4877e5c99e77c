//! The life of a root key.

use std::fmt;

/// The number of a root key, from 1 in the order of generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub u32);

impl fmt::Display for Generation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

/// Where a root key is in its life.
///
/// ```text
/// pending ──► active ──► retiring ──► retired ──► destroyed
///    │           │           │           │             ▲
///    ├───────────┴───────────┴───────────┴► compromised┤
///    └─────────────────────────────────────────────────┘
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyStatus {
    /// Generated, published or about to be; certifies itself, its links and its first CRLs.
    Pending,
    /// Certifies document signers and signs CRLs. At most one key of a root is active.
    Active,
    /// The next key is active; this one signs CRLs, links, and certifies list signers for what it issued.
    Retiring,
    /// Everything it issued has ended; signs nothing.
    Retired,
    /// Every copy is gone.
    Destroyed,
    /// Somebody else may have it; signs nothing but the CRL that revokes everything below it.
    Compromised,
}

/// What a root key is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyTask {
    /// Sign its own certificate.
    SelfSign,
    /// Sign a link certificate.
    Link,
    /// Certify a document or VICAL signer.
    Issue,
    /// Certify an MSO revocation list signer: lists for old documents stay under the key that issued their signer.
    IssueListSigner,
    /// Sign CRLs.
    SignCrl,
}

impl KeyStatus {
    /// Every status.
    pub const ALL: [Self; 6] =
        [Self::Pending, Self::Active, Self::Retiring, Self::Retired, Self::Destroyed, Self::Compromised];

    /// A stable name.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Retiring => "retiring",
            Self::Retired => "retired",
            Self::Destroyed => "destroyed",
            Self::Compromised => "compromised",
        }
    }

    /// The status of a stable name.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.id() == id)
    }

    /// Whether a key of this status may come to have the other. There is no way back, and none out of `destroyed`.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        use KeyStatus::{Active, Compromised, Destroyed, Pending, Retired, Retiring};
        matches!(
            (self, next),
            (Pending, Active | Compromised | Destroyed)
                | (Active, Retiring | Compromised)
                | (Retiring, Retired | Compromised)
                | (Retired, Destroyed | Compromised)
                | (Compromised, Destroyed)
        )
    }

    /// Whether a key of this status may do this. The compromised key's last CRL is a matter of the open incident.
    #[must_use]
    pub const fn permits(self, task: KeyTask) -> bool {
        match task {
            KeyTask::SelfSign => matches!(self, Self::Pending),
            KeyTask::Link | KeyTask::SignCrl => matches!(self, Self::Pending | Self::Active | Self::Retiring),
            KeyTask::Issue => matches!(self, Self::Active),
            KeyTask::IssueListSigner => matches!(self, Self::Active | Self::Retiring),
        }
    }
}

impl KeyTask {
    /// Every task.
    pub const ALL: [Self; 5] = [Self::SelfSign, Self::Link, Self::Issue, Self::IssueListSigner, Self::SignCrl];

    /// A stable name.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::SelfSign => "self-sign",
            Self::Link => "link",
            Self::Issue => "issue",
            Self::IssueListSigner => "issue-list-signer",
            Self::SignCrl => "sign-crl",
        }
    }
}

impl fmt::Display for KeyStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())
    }
}

impl fmt::Display for KeyTask {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn status() -> impl Strategy<Value = KeyStatus> {
        proptest::sample::select(KeyStatus::ALL.to_vec())
    }

    proptest! {
        /// Whatever is tried in whatever order: no status is ever met twice, nothing leaves `destroyed`, and a key that was
        /// ever compromised never again certifies or signs a CRL by right.
        #[test]
        fn every_walk_goes_forward(wishes in proptest::collection::vec(status(), 0..40)) {
            let mut walk = vec![KeyStatus::Pending];
            for wish in wishes {
                let last = *walk.last().unwrap();
                if last.may_become(wish) {
                    prop_assert!(!walk.contains(&wish));
                    walk.push(wish);
                }
            }
            if let Some(at) = walk.iter().position(|status| *status == KeyStatus::Compromised) {
                for status in &walk[at..] {
                    for task in KeyTask::ALL {
                        prop_assert!(!status.permits(task));
                    }
                }
            }
        }
    }

    #[test]
    fn names_read_back() {
        for status in KeyStatus::ALL {
            assert_eq!(KeyStatus::from_id(status.id()), Some(status));
            assert!(!status.may_become(status) && !KeyStatus::Destroyed.may_become(status));
        }
    }
}
