//! What goes wrong with an update of a trust store: the service, the network, or what came from them.

use tegata_terminal::Lang;

use crate::message::trust as text;

/// Why nothing new came into a store. The user cannot correct it on the command line.
#[derive(Debug)]
pub(crate) struct UpdateFault {
    /// Where it was fetched from.
    pub(crate) origin: String,
    /// The stable id of the cause.
    pub(crate) id: &'static str,
    /// The cause.
    pub(crate) detail: String,
    /// What to do about it.
    pub(crate) remedy: String,
}

impl UpdateFault {
    /// What is wrong.
    pub(crate) fn message(&self, lang: Lang) -> String {
        text::update_failed(lang, &self.origin, &self.detail)
    }
}
