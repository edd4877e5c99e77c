//! The closed list of what a step can make the computer do.

use core::fmt;

use serde::{Deserialize, Serialize};

/// What happens at a step besides what persons do with their hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Nothing: persons act, the computer records.
    Manual,
    /// The computer's clock is compared with two watches; the offset is recorded.
    Clock,
    /// The computer checks itself: image, interfaces, randomness, free space.
    Preflight,
    /// Bags are compared with the inventory; they stay closed.
    InventoryCheck,
    /// Bags are compared with the inventory and opened.
    InventoryOpen,
    /// Objects are put into new bags.
    InventorySeal,
    /// Bags are put into a place.
    InventoryStore,
    /// Persons get their credentials.
    Enrol,
    /// The module is initialised.
    TokenInitialise,
    /// k of n persons open the module.
    Activate,
    /// The module is closed.
    Deactivate,
    /// The root key is generated in the module.
    Keygen,
    /// The key in the module is looked at: kind, flags, fingerprint.
    KeyCheck,
    /// The root certificate is signed.
    SelfSign,
    /// The link certificates are signed.
    Links,
    /// The request bundle is read.
    ImportRequest,
    /// The certification requests are checked and shown.
    CsrReport,
    /// End-entity certificates are signed.
    Issue,
    /// CRLs are signed.
    Crl,
    /// The response bundle is written.
    Response,
    /// What was signed is checked by an independent program.
    VerifyIndependent,
    /// A carrier medium is erased and read back.
    CarrierWipe,
    /// Keys that are due for deletion are listed.
    RetireList,
    /// Listed keys are deleted.
    Retire,
    /// The key is backed up, wrapped.
    Backup,
    /// A backup is restored into a spare module and compared.
    RestoreCheck,
    /// The key and every copy are destroyed.
    Destroy,
    /// The audit log is sealed with a checkpoint.
    AuditCheckpoint,
}

impl Action {
    /// All actions.
    pub const ALL: [Self; 28] = [
        Self::Manual,
        Self::Clock,
        Self::Preflight,
        Self::InventoryCheck,
        Self::InventoryOpen,
        Self::InventorySeal,
        Self::InventoryStore,
        Self::Enrol,
        Self::TokenInitialise,
        Self::Activate,
        Self::Deactivate,
        Self::Keygen,
        Self::KeyCheck,
        Self::SelfSign,
        Self::Links,
        Self::ImportRequest,
        Self::CsrReport,
        Self::Issue,
        Self::Crl,
        Self::Response,
        Self::VerifyIndependent,
        Self::CarrierWipe,
        Self::RetireList,
        Self::Retire,
        Self::Backup,
        Self::RestoreCheck,
        Self::Destroy,
        Self::AuditCheckpoint,
    ];

    /// The name used in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Clock => "clock",
            Self::Preflight => "preflight",
            Self::InventoryCheck => "inventory-check",
            Self::InventoryOpen => "inventory-open",
            Self::InventorySeal => "inventory-seal",
            Self::InventoryStore => "inventory-store",
            Self::Enrol => "enrol",
            Self::TokenInitialise => "token-initialise",
            Self::Activate => "activate",
            Self::Deactivate => "deactivate",
            Self::Keygen => "keygen",
            Self::KeyCheck => "key-check",
            Self::SelfSign => "self-sign",
            Self::Links => "links",
            Self::ImportRequest => "import-request",
            Self::CsrReport => "csr-report",
            Self::Issue => "issue",
            Self::Crl => "crl",
            Self::Response => "response",
            Self::VerifyIndependent => "verify-independent",
            Self::CarrierWipe => "carrier-wipe",
            Self::RetireList => "retire-list",
            Self::Retire => "retire",
            Self::Backup => "backup",
            Self::RestoreCheck => "restore-check",
            Self::Destroy => "destroy",
            Self::AuditCheckpoint => "audit-checkpoint",
        }
    }

    /// Whether it uses the private key inside the module, so that the module must be open.
    #[must_use]
    pub fn uses_key(self) -> bool {
        matches!(
            self,
            Self::Keygen
                | Self::SelfSign
                | Self::Links
                | Self::Issue
                | Self::Crl
                | Self::Retire
                | Self::Backup
                | Self::RestoreCheck
                | Self::Destroy
        )
    }

    /// Whether the module must be open: a key in it is used, be it only that of responses.
    #[must_use]
    pub fn needs_open_module(self) -> bool {
        self.uses_key() || self == Self::Response
    }

    /// Whether it signs with the root key.
    #[must_use]
    pub fn signs(self) -> bool {
        matches!(self, Self::SelfSign | Self::Links | Self::Issue | Self::Crl)
    }

    /// Whether it touches key material or activation data: both witnesses and two authenticated operators are a must.
    #[must_use]
    pub fn is_sensitive(self) -> bool {
        self.uses_key() || matches!(self, Self::Activate | Self::Enrol | Self::TokenInitialise)
    }

    /// Whether it handles tamper-evident bags.
    #[must_use]
    pub fn is_inventory(self) -> bool {
        matches!(self, Self::InventoryCheck | Self::InventoryOpen | Self::InventorySeal | Self::InventoryStore)
    }

    /// Whether it changes something that must not be changed twice. When such a step is begun again after a break, its
    /// recorded outcome stands and only the signatures are taken anew.
    #[must_use]
    pub fn happens_once(self) -> bool {
        self.is_inventory() && self != Self::InventoryCheck
            || self.uses_key()
            || matches!(self, Self::Enrol | Self::TokenInitialise | Self::Response)
    }

    /// Whether the CA manager may order that the step be left out. Gates, seals and what secures the key never are.
    #[must_use]
    pub fn may_be_left_out(self) -> bool {
        matches!(
            self,
            Self::Manual
                | Self::ImportRequest
                | Self::CsrReport
                | Self::Issue
                | Self::Response
                | Self::RetireList
                | Self::Retire
                | Self::AuditCheckpoint
        )
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
