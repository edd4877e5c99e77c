//! Colours, by meaning.

/// Colours text by what it means, or leaves it as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    coloured: bool,
}

impl Style {
    /// With or without colours.
    #[must_use]
    pub const fn new(coloured: bool) -> Self {
        Self { coloured }
    }

    /// Whether there are colours.
    #[must_use]
    pub const fn is_coloured(self) -> bool {
        self.coloured
    }

    /// Accepted, passed.
    #[must_use]
    pub fn good(self, text: &str) -> String {
        self.wrap("1;32", text)
    }

    /// Rejected, failed, error.
    #[must_use]
    pub fn bad(self, text: &str) -> String {
        self.wrap("1;31", text)
    }

    /// Undetermined, tolerated.
    #[must_use]
    pub fn doubtful(self, text: &str) -> String {
        self.wrap("1;33", text)
    }

    /// Of less weight.
    #[must_use]
    pub fn faint(self, text: &str) -> String {
        self.wrap("2", text)
    }

    /// A heading.
    #[must_use]
    pub fn title(self, text: &str) -> String {
        self.wrap("1", text)
    }

    fn wrap(self, code: &str, text: &str) -> String {
        if self.coloured { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}
