//! Whether what is served is worth serving.

use serde::Serialize;
use time::{UtcDateTime, format_description::well_known::Rfc3339};

use crate::content::Content;

/// Why a server is not ready. Load balancers take it out; clients hold what they have.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotReady {
    /// No tree has been loaded yet.
    NoContent,
    /// The current list names no anchor.
    NoAnchors,
    /// The pointer has expired.
    PointerExpired {
        /// When.
        since: UtcDateTime,
    },
    /// The current root, snapshot or list has expired.
    MetadataExpired {
        /// Its path.
        path: String,
        /// When.
        since: UtcDateTime,
    },
    /// The nextUpdate of a CRL has passed, while certificates of its issuer are valid or not published.
    CrlStale {
        /// Its path.
        path: String,
        /// When.
        since: UtcDateTime,
    },
    /// A revocation list token, VICAL or list of trusted entities has expired.
    ListStale {
        /// Its path.
        path: String,
        /// When.
        since: UtcDateTime,
    },
}

impl NotReady {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::NoContent => "no-content",
            Self::NoAnchors => "no-anchors",
            Self::PointerExpired { .. } => "pointer-expired",
            Self::MetadataExpired { .. } => "metadata-expired",
            Self::CrlStale { .. } => "crl-stale",
            Self::ListStale { .. } => "list-stale",
        }
    }

    /// The object, where it is one.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::MetadataExpired { path, .. } | Self::CrlStale { path, .. } | Self::ListStale { path, .. } => {
                Some(path)
            }
            Self::NoContent | Self::NoAnchors | Self::PointerExpired { .. } => None,
        }
    }

    /// Since when.
    #[must_use]
    pub fn since(&self) -> Option<UtcDateTime> {
        match self {
            Self::PointerExpired { since }
            | Self::MetadataExpired { since, .. }
            | Self::CrlStale { since, .. }
            | Self::ListStale { since, .. } => Some(*since),
            Self::NoContent | Self::NoAnchors => None,
        }
    }
}

/// The last attempt to load the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastLoad {
    /// When it was made.
    pub at: UtcDateTime,
    /// What was wrong; the tree before it is served on. `None` if nothing was.
    pub error: Option<crate::ContentError>,
}

/// The state of a server at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// When it was looked at.
    pub at: UtcDateTime,
    /// Everything that speaks against serving; empty if the server is ready.
    pub reasons: Vec<NotReady>,
    /// Anchors in the current list.
    pub anchors: usize,
    /// Paths that are served.
    pub objects: usize,
    /// Version of the pointer and its end.
    pub pointer: Option<(u64, UtcDateTime)>,
    /// The last attempt to load.
    pub last_load: Option<LastLoad>,
}

impl Health {
    /// Looks at what is loaded.
    pub(crate) fn of(content: &Content, last_load: Option<LastLoad>, at: UtcDateTime) -> Self {
        let facts = &content.facts;
        let mut reasons = Vec::new();
        match facts.pointer {
            None => reasons.push(NotReady::NoContent),
            Some((_, since)) => {
                if facts.anchors == 0 {
                    reasons.push(NotReady::NoAnchors);
                }
                if since < at {
                    reasons.push(NotReady::PointerExpired { since });
                }
            }
        }
        let past = |list: &[(Box<str>, UtcDateTime)]| -> Vec<(String, UtcDateTime)> {
            list.iter().filter(|(_, end)| *end < at).map(|(path, end)| (path.to_string(), *end)).collect()
        };
        let expired = past(&facts.metadata).into_iter();
        reasons.extend(expired.map(|(path, since)| NotReady::MetadataExpired { path, since }));
        let stale = facts.crls.iter().filter(|crl| crl.next_update < at && crl.issuer_ends.is_none_or(|end| end >= at));
        reasons.extend(stale.map(|crl| NotReady::CrlStale { path: crl.path.to_string(), since: crl.next_update }));
        reasons.extend(past(&facts.lists).into_iter().map(|(path, since)| NotReady::ListStale { path, since }));
        Self { at, reasons, anchors: facts.anchors, objects: content.len(), pointer: facts.pointer, last_load }
    }

    /// Whether nothing speaks against serving.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.reasons.is_empty()
    }

    /// The answer of `/health`:
    ///
    /// ```json
    /// {"ready":false,"at":"…","anchors":1,"objects":12,"pointer":{"version":3,"expires":"…"},
    ///  "reasons":[{"id":"crl-stale","path":"/crl/….crl","since":"…"}],
    ///  "lastLoad":{"at":"…","error":{"id":"content-missing","path":"/o/…"}}}
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        let view = View {
            ready: self.is_ready(),
            at: text(self.at),
            anchors: self.anchors,
            objects: self.objects,
            pointer: self.pointer.map(|(version, expires)| PointerView { version, expires: text(expires) }),
            reasons: self
                .reasons
                .iter()
                .map(|reason| Fact { id: reason.id(), path: reason.path(), since: reason.since().map(text) })
                .collect(),
            last_load: self.last_load.as_ref().map(|load| LoadView {
                at: text(load.at),
                error: load.error.as_ref().map(|error| Fact { id: error.id(), path: error.path(), since: None }),
            }),
        };
        serde_json::to_string(&view).unwrap_or_default()
    }
}

fn text(at: UtcDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View<'a> {
    ready: bool,
    at: String,
    anchors: usize,
    objects: usize,
    pointer: Option<PointerView>,
    reasons: Vec<Fact<'a>>,
    last_load: Option<LoadView<'a>>,
}

#[derive(Serialize)]
struct PointerView {
    version: u64,
    expires: String,
}

#[derive(Serialize)]
struct LoadView<'a> {
    at: String,
    error: Option<Fact<'a>>,
}

#[derive(Serialize)]
struct Fact<'a> {
    id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
}
