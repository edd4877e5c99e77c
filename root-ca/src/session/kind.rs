//! The kinds of ceremony and the closed list of what each may sign.

/// A kind of ceremony. The kinds are those of this module; nobody can add one.
pub trait CeremonyKind: sealed::Sealed {
    /// A stable name.
    const ID: &'static str;
}

/// May sign a root's own certificate.
pub trait MaySelfSign: CeremonyKind {}
/// May sign link certificates.
pub trait MayLink: CeremonyKind {}
/// May sign certificates of document, list and VICAL signers.
pub trait MayIssue: CeremonyKind {}
/// May sign CRLs.
pub trait MaySignCrl: CeremonyKind {}

mod sealed {
    pub trait Sealed {}
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $id:literal: $($right:ident),*;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub enum $kind {}
            impl sealed::Sealed for $kind {}
            impl CeremonyKind for $kind {
                const ID: &'static str = $id;
            }
            $(impl $right for $kind {})*
        )*
    };
}

kinds! {
    /// The first root.
    First = "first": MaySelfSign, MayIssue, MaySignCrl;
    /// New document signers and the lists of the next quarter.
    Quarterly = "quarterly": MayIssue, MaySignCrl;
    /// The next root key, linked with the present one.
    RootRekey = "root-rekey": MaySelfSign, MayLink, MayIssue, MaySignCrl;
    /// Revocation between two ceremonies: lists only.
    EmergencyRevoke = "emergency-revoke": MaySignCrl;
    /// A new root after a compromise: no links.
    EmergencyRekey = "emergency-rekey": MaySelfSign, MayIssue, MaySignCrl;
    /// Restoring a backup: nothing is signed.
    RestoreDrill = "restore-drill": ;
    /// Destroying a key: nothing is signed.
    Destroy = "destroy": ;
}
