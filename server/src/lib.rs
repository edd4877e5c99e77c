//! The network doors of a Digital Trust Service: HTTP and LDAP over a published tree.
