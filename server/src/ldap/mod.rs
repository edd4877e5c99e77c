//! The LDAP door: LDAPv3 (RFC 4511), anonymous and read-only, over the published certificates and CRLs.
//!
//! Bind is anonymous only; search has every scope and filters of presence, equality, *and*, *or*, *not*; everything else is
//! answered with `unwillingToPerform`. There are no referrals and no TLS: what is served is signed and public.

mod dn;
mod entry;
mod filter;
mod frame;
mod search;
mod session;

pub(crate) use self::entry::Directory;
pub(crate) use self::session::serve;
