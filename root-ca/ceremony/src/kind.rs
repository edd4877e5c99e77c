//! Kinds of ceremonies: what each may do, and what it must do.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::action::Action;

/// The kind of a ceremony.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The first root key.
    First,
    /// Document signer certificates and CRLs; deletion of keys that have ended.
    Quarterly,
    /// A new root key with links to the old one.
    RootRekey,
    /// A CRL out of turn.
    EmergencyRevoke,
    /// A new root key after a compromise: the old key links nothing.
    EmergencyRekey,
    /// Every backup is restored once, compared and wiped.
    RestoreDrill,
    /// The end of a key and all its copies.
    Destroy,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::First,
        Self::Quarterly,
        Self::RootRekey,
        Self::EmergencyRevoke,
        Self::EmergencyRekey,
        Self::RestoreDrill,
        Self::Destroy,
    ];

    /// The name used in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Quarterly => "quarterly",
            Self::RootRekey => "root-rekey",
            Self::EmergencyRevoke => "emergency-revoke",
            Self::EmergencyRekey => "emergency-rekey",
            Self::RestoreDrill => "restore-drill",
            Self::Destroy => "destroy",
        }
    }

    /// Whether a root key is generated.
    #[must_use]
    pub fn generates_key(self) -> bool {
        matches!(self, Self::First | Self::RootRekey | Self::EmergencyRekey)
    }

    /// Whether it needs the approval of the CA managers of two organisations.
    #[must_use]
    pub fn needs_both_organisations(self) -> bool {
        self == Self::Destroy
    }

    /// Whether an action may take place. The list of each kind is closed: a CRL ceremony cannot issue a certificate.
    #[must_use]
    pub fn allows(self, action: Action) -> bool {
        COMMON.contains(&action) || self.special().contains(&action)
    }

    /// Actions of which at least one step must exist.
    #[must_use]
    pub fn demands(self) -> &'static [Action] {
        use Action::{
            Activate, Backup, CarrierWipe, Clock, Crl, Deactivate, Destroy, Enrol, ImportRequest, InventoryCheck,
            InventoryOpen, InventorySeal, Issue, KeyCheck, Keygen, Links, Preflight, Response, RestoreCheck, SelfSign,
            TokenInitialise, VerifyIndependent,
        };
        match self {
            Self::First => &[
                Clock,
                Preflight,
                InventoryCheck,
                InventoryOpen,
                Enrol,
                TokenInitialise,
                Activate,
                Keygen,
                KeyCheck,
                SelfSign,
                Backup,
                RestoreCheck,
                Issue,
                Crl,
                VerifyIndependent,
                Response,
                CarrierWipe,
                Deactivate,
                InventorySeal,
            ],
            Self::Quarterly => &[
                Clock,
                Preflight,
                InventoryCheck,
                InventoryOpen,
                Activate,
                ImportRequest,
                Issue,
                Crl,
                VerifyIndependent,
                Response,
                CarrierWipe,
                Deactivate,
                InventorySeal,
            ],
            Self::RootRekey => &[
                Clock,
                Preflight,
                InventoryCheck,
                InventoryOpen,
                Activate,
                Keygen,
                KeyCheck,
                SelfSign,
                Links,
                Backup,
                RestoreCheck,
                Crl,
                VerifyIndependent,
                Response,
                CarrierWipe,
                Deactivate,
                InventorySeal,
            ],
            Self::EmergencyRevoke => &[
                Clock,
                Preflight,
                InventoryCheck,
                InventoryOpen,
                Activate,
                Crl,
                VerifyIndependent,
                Response,
                CarrierWipe,
                Deactivate,
                InventorySeal,
            ],
            Self::EmergencyRekey => &[
                Clock,
                Preflight,
                InventoryCheck,
                InventoryOpen,
                Activate,
                Keygen,
                KeyCheck,
                SelfSign,
                Backup,
                RestoreCheck,
                Crl,
                VerifyIndependent,
                Response,
                CarrierWipe,
                Deactivate,
                InventorySeal,
            ],
            Self::RestoreDrill => {
                &[Clock, Preflight, InventoryCheck, InventoryOpen, Activate, RestoreCheck, Deactivate, InventorySeal]
            }
            Self::Destroy => &[Clock, Preflight, InventoryCheck, InventoryOpen, Activate, KeyCheck, Destroy],
        }
    }

    fn special(self) -> &'static [Action] {
        use Action::{
            Backup, Crl, CsrReport, Destroy, Enrol, ImportRequest, Issue, Keygen, Links, Response, RestoreCheck,
            Retire, RetireList, SelfSign, TokenInitialise,
        };
        match self {
            Self::First => &[
                Enrol,
                TokenInitialise,
                Keygen,
                SelfSign,
                ImportRequest,
                CsrReport,
                Issue,
                Crl,
                Response,
                Backup,
                RestoreCheck,
            ],
            Self::Quarterly => &[ImportRequest, CsrReport, Issue, Crl, Response, RetireList, Retire],
            Self::RootRekey => &[
                Enrol,
                TokenInitialise,
                Keygen,
                SelfSign,
                Links,
                ImportRequest,
                CsrReport,
                Issue,
                Crl,
                Response,
                RetireList,
                Retire,
                Backup,
                RestoreCheck,
            ],
            Self::EmergencyRevoke => &[ImportRequest, Crl, Response],
            Self::EmergencyRekey => &[
                Enrol,
                TokenInitialise,
                Keygen,
                SelfSign,
                ImportRequest,
                CsrReport,
                Issue,
                Crl,
                Response,
                Backup,
                RestoreCheck,
            ],
            Self::RestoreDrill => &[RestoreCheck, TokenInitialise],
            Self::Destroy => &[RetireList, Destroy],
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What every kind may do: nothing here signs or changes key material.
const COMMON: &[Action] = &[
    Action::Manual,
    Action::Clock,
    Action::Preflight,
    Action::InventoryCheck,
    Action::InventoryOpen,
    Action::InventorySeal,
    Action::InventoryStore,
    Action::Activate,
    Action::Deactivate,
    Action::KeyCheck,
    Action::VerifyIndependent,
    Action::CarrierWipe,
    Action::AuditCheckpoint,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_demanded_is_allowed() {
        for kind in Kind::ALL {
            assert!(kind.demands().iter().all(|action| kind.allows(*action)), "{kind}");
        }
    }

    #[test]
    fn an_emergency_signs_crls_only_and_a_compromised_root_links_nothing() {
        let signed = |kind: Kind| Action::ALL.into_iter().filter(move |a| a.signs() && kind.allows(*a));
        assert_eq!(signed(Kind::EmergencyRevoke).collect::<Vec<_>>(), [Action::Crl]);
        assert_eq!(signed(Kind::RestoreDrill).count() + signed(Kind::Destroy).count(), 0);
        assert!(!Kind::EmergencyRekey.allows(Action::Links));
        assert!(!Kind::Quarterly.allows(Action::Keygen));
    }
}
