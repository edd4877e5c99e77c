//! What the service calls itself, and how long its promises last.
//!
//! ```toml
//! repository = "dts.example"                # the name in all metadata; it never changes
//! base-url = "https://dts.example"          # without a slash at the end
//! list-days = 90                            # life of a list: by then people have signed the next one
//! snapshot-days = 7
//! pointer-hours = 24                        # who takes the pointer's key can hold readers back that long
//! status-hours = 24                         # life of status lists, cut to nextUpdate of the CRL
//! status-ttl-minutes = 60                   # how long a reader uses a copy of a status list
//!
//! [operator]
//! en = "Utopia Digital Trust Service"
//! ja = "ユートピア信頼サービス"
//!
//! [lote]                                    # optional: the list as a LoTE (ETSI TS 119 602) too
//! territory = "UT"
//! contact = "mailto:dts@dts.example"        # page or e-mail address of the operator, a URI
//! address = { street = "1 Main Street", locality = "Capital", country = "UT" }
//! rules = "https://dts.example/rules"       # who may be listed, and how
//!
//! [[status]]
//! name = "1"                                # /status/1.cwt, /status/1.jwt
//! uri = "https://dts.example/status/1"      # as the MSOs name it
//! kind = "status-list"                      # or "identifier-list", "device-key-list"
//! issuer = "64 hexadecimal digits"          # SHA-256 of the root's SubjectPublicKeyInfo
//! bits = 1                                  # of a status list: 1, 2, 4, 8
//! entries = 1048576                         # of a status list: its fixed size
//! ```

use std::collections::BTreeSet;

use serde::Deserialize;
use tegata_manifest::{SourceKind, path::is_name};
use tegata_trust_list::Bits;
use time::Duration;

use crate::KeyDigest;

/// The most entries of a status list: at one bit each they fill the inflated size that readers accept.
pub const MAX_STATUS_ENTRIES: u64 = 1 << 27;

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// English.
    pub en: String,
    /// Japanese.
    pub ja: String,
}

/// A postal address.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// Street and number.
    pub street: String,
    /// The town.
    pub locality: String,
    /// Two letters.
    pub country: String,
}

/// What a LoTE says about the service.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoteScheme {
    /// Two letters; countryName of the list signer's certificate should be the same (ETSI TS 119 602 6.8).
    pub territory: String,
    /// Page or e-mail address of the operator, a URI.
    pub contact: String,
    /// Where the operator is.
    pub address: Address,
    /// URI of the rules by which issuers are listed.
    pub rules: String,
}

/// The service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The name in all metadata.
    pub repository: String,
    /// Where the tree is served, without a slash at the end.
    pub base_url: String,
    /// Who runs it.
    pub operator: Text,
    /// What a LoTE says about it; without, there is none.
    pub lote: Option<LoteScheme>,
    /// Life of a list; 90 days at most (ISO/IEC 18013-5 C.1.7: updates at least that often).
    pub list_life: Duration,
    /// Life of a snapshot.
    pub snapshot_life: Duration,
    /// Life of a pointer; 24 hours at most.
    pub pointer_life: Duration,
    /// Life of a status list.
    pub status_life: Duration,
    /// How long a copy of a status list is used before asking again.
    pub status_ttl: Duration,
    /// The status lists.
    pub status: Vec<StatusList>,
}

/// A status list that is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusList {
    /// What its files are called.
    pub name: String,
    /// What the MSOs call it; the subject of its tokens.
    pub uri: String,
    /// The root whose documents it speaks for.
    pub issuer: KeyDigest,
    /// What it is.
    pub shape: Shape,
}

/// What a status list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A Token Status List of fixed size.
    StatusList {
        /// The width of an entry.
        bits: Bits,
        /// How many entries.
        entries: usize,
    },
    /// An identifier list.
    IdentifierList,
    /// A device-key list.
    DeviceKeyList,
}

impl Shape {
    /// The folder of its files in the tree.
    #[must_use]
    pub fn folder(self) -> &'static str {
        match self {
            Self::StatusList { .. } | Self::IdentifierList => "status",
            Self::DeviceKeyList => "device-keys",
        }
    }

    /// What it is called in the list of anchors.
    #[must_use]
    pub fn kind(self) -> SourceKind {
        match self {
            Self::StatusList { .. } => SourceKind::StatusList,
            Self::IdentifierList => SourceKind::IdentifierList,
            Self::DeviceKeyList => SourceKind::DeviceKeyList,
        }
    }
}

/// Why a file of the service is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// Not TOML, or not of the form.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// A member holds what it may not.
    #[error("{0} holds a value that is not allowed")]
    Member(&'static str),
    /// A member of a status list holds what it may not.
    #[error("status list {list}: {member} holds a value that is not allowed")]
    Status {
        /// Its number, from 1.
        list: usize,
        /// The member.
        member: &'static str,
    },
}

impl ServiceError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Toml(_) => "service-toml",
            Self::Member(_) => "service-member",
            Self::Status { .. } => "service-status",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    repository: String,
    base_url: String,
    operator: Text,
    lote: Option<LoteScheme>,
    list_days: u16,
    snapshot_days: u16,
    pointer_hours: u16,
    status_hours: u16,
    status_ttl_minutes: u16,
    #[serde(default)]
    status: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Row {
    name: String,
    uri: String,
    kind: String,
    issuer: String,
    bits: Option<u64>,
    entries: Option<u64>,
}

impl Service {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn from_toml(text: &str) -> Result<Self, ServiceError> {
        let file: File = toml::from_str(text)?;
        let within = |member, value: u16, most: u16| match value {
            1.. if value <= most => Ok(i64::from(value)),
            _ => Err(ServiceError::Member(member)),
        };
        let is_http = |uri: &str| uri.starts_with("https://") || uri.starts_with("http://");
        if !(1..=255).contains(&file.repository.len()) {
            return Err(ServiceError::Member("repository"));
        }
        if !is_http(&file.base_url) || file.base_url.ends_with('/') {
            return Err(ServiceError::Member("base-url"));
        }
        if file.operator.en.is_empty() || file.operator.ja.is_empty() {
            return Err(ServiceError::Member("operator"));
        }
        let (mut names, mut uris, mut status) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        for (list, row) in (1..).zip(file.status) {
            let read = row.read().map_err(|member| ServiceError::Status { list, member })?;
            if !names.insert((read.shape.folder(), read.name.clone())) {
                return Err(ServiceError::Status { list, member: "name" });
            }
            if !uris.insert(read.uri.clone()) {
                return Err(ServiceError::Status { list, member: "uri" });
            }
            status.push(read);
        }
        Ok(Self {
            repository: file.repository,
            base_url: file.base_url,
            operator: file.operator,
            lote: file.lote,
            list_life: Duration::days(within("list-days", file.list_days, 90)?),
            snapshot_life: Duration::days(within("snapshot-days", file.snapshot_days, 90)?),
            pointer_life: Duration::hours(within("pointer-hours", file.pointer_hours, 24)?),
            status_life: Duration::hours(within("status-hours", file.status_hours, 24 * 90)?),
            status_ttl: Duration::minutes(within("status-ttl-minutes", file.status_ttl_minutes, 60 * 24 * 7)?),
            status,
        })
    }
}

impl Row {
    fn read(self) -> Result<StatusList, &'static str> {
        let is_word = is_name(&self.name) && !self.name.contains('/') && self.name.len() <= 64;
        if !is_word {
            return Err("name");
        }
        if !(self.uri.starts_with("https://") || self.uri.starts_with("http://")) {
            return Err("uri");
        }
        let shape = match SourceKind::from_id(&self.kind).ok_or("kind")? {
            SourceKind::StatusList => {
                let entries = self.entries.filter(|entries| (1..=MAX_STATUS_ENTRIES).contains(entries));
                Shape::StatusList {
                    bits: self.bits.and_then(Bits::from_number).ok_or("bits")?,
                    entries: entries.and_then(|entries| usize::try_from(entries).ok()).ok_or("entries")?,
                }
            }
            _ if self.bits.is_some() => return Err("bits"),
            _ if self.entries.is_some() => return Err("entries"),
            SourceKind::IdentifierList => Shape::IdentifierList,
            SourceKind::DeviceKeyList => Shape::DeviceKeyList,
        };
        Ok(StatusList { name: self.name, uri: self.uri, issuer: self.issuer.parse().map_err(|_| "issuer")?, shape })
    }
}
