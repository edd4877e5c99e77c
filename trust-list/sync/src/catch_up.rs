//! Verifiers that slept: which scopes have an active anchor that is not believed yet, and what can be done.

use tegata_manifest::ListedState;
use time::UtcDateTime;

use crate::{AnchorSet, AnchorState, KeyDigest, Store, SyncPolicy, TrustScope, Vouching};

/// A scope whose active anchor is not believed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatchUp {
    /// The scope.
    pub scope: TrustScope,
    /// The anchor that the list has in use for it.
    pub anchor: KeyDigest,
    /// What can be done.
    pub way: CatchUpWay,
}

/// How a verifier gets to trust an anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CatchUpWay {
    /// By itself, because a valid anchor or the quorum vouches for it.
    ByEvidence {
        /// The end of the hold-down.
        until: UtcDateTime,
    },
    /// By itself, by the list alone; documents under an older anchor are accepted meanwhile.
    ByHoldDown {
        /// The end of the hold-down.
        until: UtcDateTime,
    },
    /// Not by itself in any useful time: no anchor of the scope is believed, and none that was can vouch. The operator
    /// compares the fingerprint with the one published on another channel and adds the anchor by hand
    /// ([`Store::add_manually`]), or waits for the hold-down of the list alone.
    Impossible {
        /// The SHA-256 of the certificate, to be compared.
        fingerprint_sha256: [u8; 32],
        /// The end of the hold-down of the list alone.
        until: UtcDateTime,
    },
}

impl CatchUpWay {
    /// Stable id; of the last one `anchor-catch-up-impossible`.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::ByEvidence { .. } => "catch-up-by-evidence",
            Self::ByHoldDown { .. } => "catch-up-by-hold-down",
            Self::Impossible { .. } => "anchor-catch-up-impossible",
        }
    }

    /// What to do, in English.
    #[must_use]
    pub fn text_en(&self) -> String {
        match self {
            Self::ByEvidence { until } => {
                format!("a trusted anchor vouches for the new one; nothing to do, trusted from {until}")
            }
            Self::ByHoldDown { until } => format!("the list alone names the new anchor; trusted from {until}"),
            Self::Impossible { fingerprint_sha256, until } => format!(
                "no anchor of this scope is trusted and none can vouch for the new one: compare its SHA-256 fingerprint {} with the one published by the issuing authority on another channel and add it by hand, or wait until {until}",
                hex(fingerprint_sha256)
            ),
        }
    }

    /// What to do, in Japanese.
    #[must_use]
    pub fn text_ja(&self) -> String {
        match self {
            Self::ByEvidence { until } => {
                format!("信頼済みのアンカーが新しいアンカーを証明しています。操作は不要です（{until} から有効）")
            }
            Self::ByHoldDown { until } => format!("リストのみが新しいアンカーを示しています（{until} から有効）"),
            Self::Impossible { fingerprint_sha256, until } => format!(
                "この範囲で信頼できるアンカーがなく、新しいアンカーを証明できるものもありません。SHA-256 フィンガープリント {} を発行機関が別経路で公表した値と照合し、手動で追加してください。または {until} までお待ちください",
                hex(fingerprint_sha256)
            ),
        }
    }
}

impl AnchorSet {
    /// The scopes whose active anchor is a candidate while no other active one is believed.
    #[must_use]
    pub fn catch_up(&self, at: UtcDateTime, policy: &SyncPolicy) -> Vec<CatchUp> {
        let mut found = Vec::new();
        for (anchor, held) in self.iter() {
            let AnchorState::Candidate { until, because, .. } = held.state else { continue };
            let Some(listed) = held.listed.filter(|l| l.state == ListedState::Active && l.dates.active <= at) else {
                continue;
            };
            let until = until.max(listed.dates.active);
            for scope in TrustScope::all_of(held) {
                let mut trusted = self.trusted(at, policy).filter(|(_, anchor)| scope.is_of(anchor)).peekable();
                let is_served = trusted.peek().is_some();
                if trusted.any(|(_, anchor)| anchor.listed.is_some_and(|l| l.state == ListedState::Active)) {
                    continue;
                }
                let way = match because {
                    Vouching::OnlineRole if is_served => CatchUpWay::ByHoldDown { until },
                    Vouching::OnlineRole => {
                        let fingerprint_sha256 = held.certificate.fingerprint_sha256();
                        CatchUpWay::Impossible { fingerprint_sha256, until }
                    }
                    _ => CatchUpWay::ByEvidence { until },
                };
                found.push(CatchUp { scope, anchor, way });
            }
        }
        found
    }
}

impl Store {
    /// The scopes that need time or a hand; see [`AnchorSet::catch_up`].
    #[must_use]
    pub fn catch_up(&self, at: UtcDateTime) -> Vec<CatchUp> {
        self.state.anchors.catch_up(at, &self.policy)
    }
}

fn hex(octets: &[u8]) -> String {
    use core::fmt::Write as _;
    octets.iter().fold(String::with_capacity(octets.len() * 2), |mut text, octet| {
        _ = write!(text, "{octet:02x}");
        text
    })
}
