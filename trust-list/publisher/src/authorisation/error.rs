//! What can be wrong with an authorisation list.

/// Why an authorisation list is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorisationError {
    /// Not TOML, or not of the form.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// Rows with faults; all of them.
    #[error("{} rows of the authorisation list have faults; the first is {}", .0.len(), first(.0))]
    Rows(Vec<AuthorisationFault>),
}

fn first(faults: &[AuthorisationFault]) -> String {
    faults.first().map(AuthorisationFault::to_string).unwrap_or_default()
}

/// A row with a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("row {entry}: {fault}")]
pub struct AuthorisationFault {
    /// Its number, from 1.
    pub entry: usize,
    /// What is wrong.
    pub fault: RowFault,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RowFault {
    /// `root` is not a digest.
    #[error("the root is not a SHA-256 in hexadecimal digits")]
    Root,
    /// `doc-type` is no document type and no pattern.
    #[error("the document type is neither a name nor a pattern")]
    DocType,
    /// `region` is no region and no pattern.
    #[error("the region is neither a country, nor country/state, nor a star")]
    Region,
    /// Nobody is bound to look at the row again.
    #[error("there is no date by which the row is reviewed")]
    NoReviewDate,
    /// `review-by` is not a date.
    #[error("the date of the review is not a date")]
    ReviewDate,
    /// The row contradicts or repeats another one.
    #[error("{rule}: row {with}")]
    Overlap {
        /// The rule that is broken.
        rule: OverlapRule,
        /// The row before it.
        with: usize,
    },
    /// More than [`super::MAX_ENTRIES`] rows.
    #[error("there are too many rows")]
    TooMany,
}

/// The four rules for two rows of one root. What they leave: rows that allow side by side, and rows that deny carved out of
/// them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum OverlapRule {
    /// Two rows that allow have something in common: one day one of them is deleted and nothing happens.
    #[error("allows what another row allows")]
    AllowOverlapsAllow,
    /// Two rows that deny have something in common.
    #[error("denies what another row denies")]
    DenyOverlapsDeny,
    /// A new row allows what lies inside, or equals, what another denies: it would have no effect.
    #[error("allows what lies inside a row that denies")]
    AllowInsideDeny,
    /// A new row denies what contains, or equals, what another allows: it would undo that row unseen.
    #[error("denies all of what another row allows")]
    DenyOverAllow,
}

impl OverlapRule {
    /// Stable id.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::AllowOverlapsAllow => "authorisation-allow-overlaps-allow",
            Self::DenyOverlapsDeny => "authorisation-deny-overlaps-deny",
            Self::AllowInsideDeny => "authorisation-allow-inside-deny",
            Self::DenyOverAllow => "authorisation-deny-over-allow",
        }
    }
}

impl RowFault {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Root => "authorisation-root",
            Self::DocType => "authorisation-doc-type",
            Self::Region => "authorisation-region",
            Self::NoReviewDate => "authorisation-no-review-date",
            Self::ReviewDate => "authorisation-review-date",
            Self::Overlap { rule, .. } => rule.id(),
            Self::TooMany => "authorisation-too-many",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        self.remedies().0
    }

    /// What to do about it, in Japanese.
    #[must_use]
    pub fn remedy_ja(&self) -> &'static str {
        self.remedies().1
    }

    fn remedies(&self) -> (&'static str, &'static str) {
        match self {
            Self::Root => (
                "Write the SHA-256 of the root's SubjectPublicKeyInfo in 64 hexadecimal digits.",
                "ルートのSubjectPublicKeyInfoのSHA-256を16進64桁で書いてください。",
            ),
            Self::DocType | Self::Region => (
                "Correct the pattern; see the manual for its forms.",
                "パターンを直してください。書式は手引きにあります。",
            ),
            Self::NoReviewDate | Self::ReviewDate => (
                "Write the day by which a person looks at the row again, such as 2027-06-01.",
                "再確認の期限日を2027-06-01の形で書いてください。",
            ),
            Self::Overlap { rule: OverlapRule::AllowOverlapsAllow | OverlapRule::DenyOverlapsDeny, .. } => {
                ("Join the two rows, or make them disjoint.", "2つの行をまとめるか、重ならないようにしてください。")
            }
            Self::Overlap { .. } => (
                "Decide which of the two rows holds and delete the other.",
                "どちらの行を有効とするかを決め、もう一方を削除してください。",
            ),
            Self::TooMany => ("Divide the list.", "リストを分割してください。"),
        }
    }
}

impl AuthorisationError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Toml(_) => "authorisation-toml",
            Self::Rows(_) => "authorisation-rows",
        }
    }
}
