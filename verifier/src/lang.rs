//! The languages of messages.

/// A language of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Japanese.
    Ja,
}

impl Lang {
    /// The text of this language out of `[English, Japanese]`.
    #[must_use]
    pub fn pick<T>(self, [english, japanese]: [T; 2]) -> T {
        match self {
            Self::En => english,
            Self::Ja => japanese,
        }
    }

    /// The language of a tag such as `ja`, `ja_JP.UTF-8` or `en-GB`; anything unknown is English.
    #[must_use]
    pub fn from_tag(tag: &str) -> Self {
        if tag.starts_with("ja") { Self::Ja } else { Self::En }
    }
}
