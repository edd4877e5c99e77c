//! Which entries a search finds, and what of them is returned.

use ldap3_proto::proto::LdapSearchRequest;
use ldap3_proto::{LdapPartialAttribute, LdapResultCode, LdapSearchResultEntry, LdapSearchScope};

use super::dn::{Dn, canonical};
use super::entry::{Directory, Entry, Value};
use super::filter::{is_small, matches};

/// Asks for no attribute at all (RFC 4511 4.5.1.8).
const NO_ATTRIBUTES: &str = "1.1";

/// The entries that a search finds.
pub(super) enum Found<'d> {
    /// The entry of the root (RFC 4512 5.1).
    Root(Box<Entry>),
    /// Entries of the directory.
    Entries(Vec<&'d Entry>),
}

impl Found<'_> {
    /// The entries in their order.
    pub(super) fn entries(&self) -> Vec<&Entry> {
        match self {
            Self::Root(entry) => vec![entry],
            Self::Entries(entries) => entries.clone(),
        }
    }
}

/// Runs a search.
///
/// # Errors
/// The result code for the client.
pub(super) fn find<'d>(directory: &'d Directory, request: &LdapSearchRequest) -> Result<Found<'d>, LdapResultCode> {
    if !is_small(&request.filter) {
        return Err(LdapResultCode::AdminLimitExceeded);
    }
    let base = Dn::parse(&request.base).ok_or(LdapResultCode::InvalidDNSyntax)?;
    let is_root = base == Dn::default();
    if is_root && request.scope == LdapSearchScope::Base {
        let root = directory.root();
        let found = matches(&request.filter, &root) == Some(true);
        return Ok(if found { Found::Root(Box::new(root)) } else { Found::Entries(Vec::new()) });
    }
    // A name above the entries, such as `C=UT`, has no entry of its own but can be searched below.
    let is_known = directory.entry(&base).is_some()
        || request.scope != LdapSearchScope::Base && directory.entries().iter().any(|entry| entry.key.is_within(&base));
    if !is_known && !is_root {
        return Err(LdapResultCode::NoSuchObject);
    }
    let in_scope = |entry: &&Entry| match request.scope {
        LdapSearchScope::Base => entry.key == base,
        LdapSearchScope::OneLevel => entry.key.parent().as_ref() == Some(&base),
        LdapSearchScope::Subtree => entry.key.is_within(&base),
        LdapSearchScope::Children => entry.key != base && entry.key.is_within(&base),
    };
    let entries = directory.entries().iter().filter(in_scope);
    Ok(Found::Entries(entries.filter(|entry| matches(&request.filter, entry) == Some(true)).collect()))
}

/// What a search asks for of each entry.
pub(super) struct Selection {
    user: bool,
    operational: bool,
    /// Canonical types.
    named: Vec<String>,
    types_only: bool,
}

impl Selection {
    pub(super) fn of(request: &LdapSearchRequest) -> Self {
        let asked = |name: &str| request.attrs.iter().any(|attribute| attribute == name);
        let named = request.attrs.iter().filter(|name| !["*", "+", NO_ATTRIBUTES].contains(&name.as_str()));
        Self {
            user: request.attrs.is_empty() || asked("*"),
            operational: asked("+"),
            named: named.map(|name| canonical(name)).collect(),
            types_only: request.typesonly,
        }
    }

    /// The entry as it is returned, and the binary values that go with it. Certificates and CRLs come with `;binary` also
    /// to a client that left it away, as there is no other form to send (RFC 4522 3).
    pub(super) fn apply<'e>(&self, entry: &'e Entry) -> (LdapSearchResultEntry, Vec<&'e Value>) {
        let selected = entry.attributes.iter().filter(|attribute| {
            let by_default = if attribute.operational { self.operational } else { self.user };
            by_default || self.named.contains(&attribute.canonical)
        });
        let mut binary = Vec::new();
        let attributes = selected.map(|attribute| {
            let values = if self.types_only { &[][..] } else { &attribute.values };
            binary.extend(values.iter().filter(|value| matches!(value, Value::Binary(_))));
            LdapPartialAttribute {
                atype: attribute.name.clone().into_owned(),
                vals: values.iter().map(Value::to_bytes).collect(),
            }
        });
        let attributes = attributes.collect();
        (LdapSearchResultEntry { dn: entry.dn.clone(), attributes }, binary)
    }
}
