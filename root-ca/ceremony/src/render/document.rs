//! A page before it has a form.

/// A page: a title and what stands under it.
pub(super) struct Document {
    pub(super) title: String,
    pub(super) blocks: Vec<Block>,
}

/// A part of a page.
pub(super) enum Block {
    Heading(String),
    Paragraph(String),
    /// Names and values.
    Facts(Vec<(String, String)>),
    /// A step: number, title, what is read aloud, names and values.
    Step {
        id: String,
        title: String,
        spoken: Option<String>,
        facts: Vec<(String, String)>,
    },
}

impl Document {
    pub(super) fn new(title: String) -> Self {
        Self { title, blocks: Vec::new() }
    }

    pub(super) fn heading(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Heading(text.into()));
    }

    pub(super) fn paragraph(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Paragraph(text.into()));
    }

    pub(super) fn facts(&mut self, facts: Vec<(String, String)>) {
        self.blocks.push(Block::Facts(facts));
    }
}
