//! What a root had signed before a ceremony began; the rest is of the ceremony.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use tegata_root_ca::{Authority, CertificateRecord, CrlRecord, RootKey};

use crate::failure::{Failure, Kind};
use crate::home::Home;

/// The file of a ceremony's folder that remembers it, for a ceremony that is taken up again.
const FILE: &str = "before.json";

/// What there was before: how many keys and certificates, and the last CRL number of each issuer name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Since {
    keys: usize,
    certificates: usize,
    lists: BTreeMap<String, u64>,
}

impl Since {
    /// Notes it at the beginning of a ceremony.
    pub(crate) fn begin(home: &Home, authority: &Authority, ceremony: &str) -> Result<Self, Failure> {
        let mut lists = BTreeMap::new();
        for name in authority.issuer_names()? {
            lists.insert(name.to_string(), authority.state().last_crl_number(&name)?);
        }
        let state = authority.state();
        let since = Self { keys: state.keys()?.len(), certificates: state.certificates()?.len(), lists };
        let Self { keys, certificates, lists } = &since;
        let text = json!({ "keys": keys, "certificates": certificates, "lists": lists }).to_string();
        home.write(Path::new("ceremonies").join(ceremony).join(FILE), text.as_bytes(), true)?;
        Ok(since)
    }

    /// Reads what was noted when the ceremony of this folder began.
    pub(crate) fn read(folder: &Path) -> Result<Self, Failure> {
        let file = folder.join(FILE);
        let text = std::fs::read(&file).map_err(|error| Failure::unreadable(&file, &error))?;
        Self::parse(&text).ok_or_else(|| {
            let remedy = [
                "restore the folder of the ceremony from the second medium",
                "第二媒体からセレモニーのフォルダーを復元してください",
            ];
            Failure::new(Kind::Refused, "before-malformed", "not what a ceremony notes when it begins", remedy)
                .about(&file)
        })
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(text).ok()?;
        let count = |name: &str| usize::try_from(value.get(name)?.as_u64()?).ok();
        let (keys, certificates) = (count("keys")?, count("certificates")?);
        let list = |(name, number): (&String, &Value)| Some((name.clone(), number.as_u64()?));
        let lists = value.get("lists")?.as_object()?.iter().map(list).collect::<Option<_>>()?;
        Some(Self { keys, certificates, lists })
    }

    /// The keys of the ceremony, out of all in the order of their generations.
    pub(crate) fn keys(&self, all: Vec<RootKey>) -> Vec<RootKey> {
        all.into_iter().skip(self.keys).collect()
    }

    /// The certificates of the ceremony, out of all in the order in which they were made.
    pub(crate) fn certificates(&self, all: Vec<CertificateRecord>) -> Vec<CertificateRecord> {
        all.into_iter().skip(self.certificates).collect()
    }

    /// Whether a list of this issuer name is of the ceremony.
    pub(crate) fn has(&self, name: &tegata_pki::Name, crl: &CrlRecord) -> bool {
        crl.number > self.lists.get(&name.to_string()).copied().unwrap_or(0)
    }
}
