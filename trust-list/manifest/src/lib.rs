//! Signed metadata of a Digital Trust Service: roles, versions, expiry, and a client's update.
