//! The twelve sensible ways to renew a CA certificate, and what becomes of what the old one issued (the JPNIC practice
//! document on updates between certification authorities).

/// When the new certificate is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Renewal {
    /// While the old one is valid.
    Early,
    /// When the old one ends.
    AtExpiry,
}

/// One way to renew a CA certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CaUpdate {
    /// When the new certificate is there.
    pub renewal: Renewal,
    /// Whether the issuer name changes.
    pub new_name: bool,
    /// Whether the key changes.
    pub new_key: bool,
    /// Whether the old certificate is taken from those who rely on it. A certificate that has ended is of no use to them,
    /// so this makes a difference only for an early renewal.
    pub old_destroyed: bool,
}

/// What becomes of certificates that the old CA certificate issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    /// They are valid under the old certificate.
    UnderOld,
    /// They are valid under the new certificate, which has the same name and key.
    UnderNew,
    /// Nothing that is trusted verifies them.
    Lost,
}

/// How the right list is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CrlChoice {
    /// The issuer name is enough.
    ByName,
    /// Two keys have lists under one name: only the authority key identifier and the signature tell.
    ByKey,
}

/// What an update means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Assessment {
    /// What becomes of certificates of the old CA certificate.
    pub old_certificates: Fate,
    /// How lists are found.
    pub crl_choice: CrlChoice,
    /// Whether programs were seen to choose the ended or wrong one of two certificates with the same name.
    pub confuses_programs: bool,
}

impl CaUpdate {
    /// The twelve cases: eight early ones, and four at expiry, where destroying makes no difference.
    #[must_use]
    pub fn cases() -> Vec<Self> {
        let mut cases = Vec::with_capacity(12);
        for (renewal, fates) in [(Renewal::Early, [false, true].as_slice()), (Renewal::AtExpiry, &[false])] {
            for new_name in [false, true] {
                for new_key in [false, true] {
                    for old_destroyed in fates {
                        cases.push(Self { renewal, new_name, new_key, old_destroyed: *old_destroyed });
                    }
                }
            }
        }
        cases
    }

    /// What it means for a verifier that looks for the issuer by name, key identifier and signature.
    #[must_use]
    pub const fn assess(self) -> Assessment {
        let old_is_there = matches!(self.renewal, Renewal::Early) && !self.old_destroyed;
        let same = !self.new_name && !self.new_key;
        let old_certificates = match (old_is_there, same) {
            (true, _) => Fate::UnderOld,
            (false, true) => Fate::UnderNew,
            (false, false) => Fate::Lost,
        };
        let crl_choice = if !self.new_name && self.new_key { CrlChoice::ByKey } else { CrlChoice::ByName };
        Assessment { old_certificates, crl_choice, confuses_programs: !self.new_name }
    }

    /// Whether it works with every program that was tried: early, new name, new key, the old one kept.
    #[must_use]
    pub const fn works_everywhere(self) -> bool {
        let early = matches!(self.renewal, Renewal::Early);
        early && self.new_name && self.new_key && !self.old_destroyed
    }
}
