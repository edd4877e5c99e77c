//! The decisions of the operator of this verifier.

use std::collections::{BTreeMap, BTreeSet};

use tegata_pki::Certificate;
use tegata_trust_list::{Purpose, Scope};
use time::UtcDateTime;

use super::Store;
use crate::anchor::check_root;
use crate::{AnchorState, Change, Event, Grants, HeldAnchor, KeyDigest, OperatorError, Vouching};

impl Store {
    /// Trusts a root at once: the way for a verifier that slept through a rollover, and for services without a list.
    /// `certificate` is DER or PEM; `expected_sha256` is the SHA-256 of its DER, which the operator has from another
    /// channel than the certificate.
    ///
    /// # Errors
    /// [`OperatorError`]: among others a fingerprint that differs, and a key that was ever revoked.
    pub fn add_manually(
        &mut self,
        certificate: &[u8],
        expected_sha256: &[u8; 32],
        scope: &Scope,
        purposes: &BTreeSet<Purpose>,
        at: UtcDateTime,
    ) -> Result<KeyDigest, OperatorError> {
        let at = self.operator_time(at)?;
        let certificate = if certificate.trim_ascii_start().starts_with(b"-----BEGIN") {
            Certificate::from_pem(certificate)
        } else {
            Certificate::from_der(certificate)
        };
        let certificate = certificate.map_err(OperatorError::Certificate)?;
        let found = certificate.fingerprint_sha256();
        if found != *expected_sha256 {
            return Err(OperatorError::Fingerprint { found });
        }
        if purposes.is_empty() {
            return Err(OperatorError::NoPurpose);
        }
        let issues = purposes.contains(&Purpose::Issuance);
        check_root(&certificate, issues, self.provider).map_err(OperatorError::Entry)?;
        if at > certificate.not_after() {
            return Err(OperatorError::Expired(certificate.not_after()));
        }
        let key = KeyDigest::of(&certificate);
        if matches!(self.refusals().get(&key), Some(AnchorState::Revoked { .. })) {
            return Err(OperatorError::Revoked);
        }
        // Who adds it distrusts it no longer.
        self.forget_distrust(&key);
        let because = Vouching::Operator;
        let (held, mut grants) = match self.state.anchors.remove(&key) {
            // What it may speak for already stays.
            Some(held) if held.state.is_trusted() => (Some(held.clone()), held.grants),
            held => (held, Grants::default()),
        };
        grants = grants.union(&Grants::of_scope(purposes, scope));
        let listed = held.as_ref().and_then(|held| held.listed);
        let history = held.map(|held| held.history).unwrap_or_default();
        let state = AnchorState::Valid { since: at, because };
        let anchor = HeldAnchor { certificate, state, grants, widening: None, listed, history };
        self.state.anchors.insert(key, anchor);
        self.note(key, at, Event::Adopted { because });
        Ok(key)
    }

    /// Distrusts an anchor from now on, whatever lists say.
    ///
    /// # Errors
    /// [`OperatorError::Unknown`], [`OperatorError::Revoked`] for one that is past distrusting.
    pub fn distrust(&mut self, key: &KeyDigest, at: UtcDateTime) -> Result<(), OperatorError> {
        let at = self.operator_time(at)?;
        let held = self.find_anchor(key).ok_or(OperatorError::Unknown(*key))?;
        if matches!(held.state, AnchorState::Revoked { .. }) {
            return Err(OperatorError::Revoked);
        }
        let refused = BTreeMap::from([(*key, AnchorState::LocalDistrust { since: at })]);
        let history = self.policy.history;
        self.state.anchors.refuse(&refused, None, at, history);
        for provider in self.state.vicals.values_mut() {
            provider.anchors.refuse(&refused, None, at, history);
        }
        Ok(())
    }

    /// Ends a local distrust: the anchor is forgotten, and comes in again by the list or VICAL with its hold-down, or by
    /// [`Store::add_manually`].
    ///
    /// # Errors
    /// [`OperatorError::Unknown`], [`OperatorError::State`].
    pub fn lift_distrust(&mut self, key: &KeyDigest, at: UtcDateTime) -> Result<Change, OperatorError> {
        let at = self.operator_time(at)?;
        let held = self.find_anchor(key).ok_or(OperatorError::Unknown(*key))?;
        if !matches!(held.state, AnchorState::LocalDistrust { .. }) {
            return Err(OperatorError::State(held.state.id()));
        }
        self.forget_distrust(key);
        Ok(Change { anchor: *key, at, list_version: None, event: Event::DistrustLifted })
    }

    /// Agrees that the next update of the service may take away the last anchor of a scope, or a part of its scope
    /// ([`crate::Changes::held_back`]). What a VICAL leaves out needs nobody's agreement.
    ///
    /// # Errors
    /// [`OperatorError::Unknown`], [`OperatorError::State`] when it is not believed anyway.
    pub fn confirm_removal(&mut self, key: &KeyDigest, at: UtcDateTime) -> Result<(), OperatorError> {
        self.operator_time(at)?;
        let held = self.find_anchor(key).ok_or(OperatorError::Unknown(*key))?;
        let is_own = self.state.anchors.get(key).is_some_and(|anchor| anchor.state.is_trusted());
        if !is_own {
            return Err(OperatorError::State(held.state.id()));
        }
        self.state.confirmed.insert(*key);
        Ok(())
    }

    fn forget_distrust(&mut self, key: &KeyDigest) {
        let of_providers = self.state.vicals.values_mut().map(|provider| &mut provider.anchors);
        for anchors in of_providers.chain([&mut self.state.anchors]) {
            if matches!(anchors.state(key), Some(AnchorState::LocalDistrust { .. })) {
                anchors.remove(key);
            }
        }
    }

    fn operator_time(&mut self, at: UtcDateTime) -> Result<UtcDateTime, OperatorError> {
        let at = at.truncate_to_second();
        self.check_clock(at).map_err(|latest| OperatorError::ClockTurnedBack { latest, at })?;
        self.pass_time(at);
        Ok(at)
    }

    fn note(&mut self, anchor: KeyDigest, at: UtcDateTime, event: Event) {
        let limit = self.policy.history;
        if let Some(held) = self.state.anchors.get_mut(&anchor) {
            held.note(Change { anchor, at, list_version: None, event }, limit);
        }
    }
}
