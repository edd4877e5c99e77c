//! The trust store of a verifier over years: synchronisation, anchor states, rollover, evidence bundles.
