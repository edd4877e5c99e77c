//! [`time::UtcDateTime`] as RFC 3339 text, for serde.

use serde::{Deserialize as _, Deserializer, Serializer, de, ser};
use time::{UtcDateTime, format_description::well_known::Rfc3339};

pub(crate) fn serialize<S: Serializer>(instant: &UtcDateTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&instant.format(&Rfc3339).map_err(ser::Error::custom)?)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<UtcDateTime, D::Error> {
    let text = String::deserialize(deserializer)?;
    UtcDateTime::parse(&text, &Rfc3339).map_err(de::Error::custom)
}

/// The same for an optional one.
pub(crate) mod option {
    use super::{Deserializer, Rfc3339, Serializer, UtcDateTime, de};
    use serde::Deserialize as _;

    pub(crate) fn serialize<S: Serializer>(instant: &Option<UtcDateTime>, serializer: S) -> Result<S::Ok, S::Error> {
        match instant {
            Some(instant) => super::serialize(instant, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<UtcDateTime>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| UtcDateTime::parse(&text, &Rfc3339).map_err(de::Error::custom)).transpose()
    }
}
