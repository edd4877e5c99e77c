//! The status of documents: status lists, identifier lists and device-key lists, built from the ledger.
//!
//! Each list is signed by a list signer that the root of its documents has certified (ISO/IEC 18013-5 12.3.6.2), is in
//! force no longer than the CRL of that root, and replaces the one before in place. Status and identifier lists say which
//! documents were revoked one by one; a device-key list names those under a revoked document signer too.

mod device_keys;

use std::collections::BTreeMap;

use tegata_pki::{Certificate, Crl, CrlError, CryptoProvider};
use tegata_trust_list::{
    Compression, IdentifierList, StatusArray, StatusValue,
    status_list::StatusList as PackedList,
    token::{BuildError, PreparedToken, TokenBuilder, TokenSigner},
};
use time::UtcDateTime;

use crate::{
    KeyDigest,
    catalogue::{Catalogue, CatalogueError, HeldCrl, Holdings},
    ledger::{Ledger, LedgerEntry},
    published::{ListSigner, ListSignerRole},
    service::{Service, Shape, StatusList},
    sign::{SignerFailure, Signers},
};

/// A file of the tree outside of the snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusFile {
    /// Its path.
    pub path: String,
    /// What the documents call it.
    pub uri: String,
    /// The token.
    pub bytes: Vec<u8>,
}

/// Why no status was built. None was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StatusError {
    /// Documents refer to a list that the service does not publish.
    #[error("documents refer to the list {0}, which the service does not publish")]
    UnknownList(String),
    /// Documents of another root than the list's, or references of another kind, use the URI of a list.
    #[error("documents refer to the list {0} as another kind of list, or under another root")]
    OtherList(String),
    /// An index beyond the size of the list.
    #[error("the list {uri} has {entries} entries, a document has the index {index}")]
    Index {
        /// The list.
        uri: String,
        /// The index.
        index: u64,
        /// Its size.
        entries: usize,
    },
    /// Of a root, no CRL in effect is held.
    #[error("of the root {0} no CRL in effect is held")]
    NoCrl(KeyDigest),
    /// A CRL that is held cannot be read.
    #[error("CRL: {0}")]
    Crl(#[from] CrlError),
    /// No list signer of the root is valid with its key at hand.
    #[error("no valid list signer of the root {0} with its key at hand")]
    NoSigner(KeyDigest),
    /// The token.
    #[error("token: {0}")]
    Build(#[from] BuildError),
    /// The signer.
    #[error("the signer: {0}")]
    Signer(SignerFailure),
    /// The catalogue.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
}

impl StatusError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::UnknownList(_) => "status-unknown-list",
            Self::OtherList(_) => "status-other-list",
            Self::Index { .. } => "status-index",
            Self::NoCrl(_) => "status-no-crl",
            Self::Crl(error) => error.id(),
            Self::NoSigner(_) => "status-no-signer",
            Self::Build(error) => error.id(),
            Self::Signer(_) => "status-signer",
            Self::Catalogue(error) => error.id(),
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
            Self::UnknownList(_) | Self::OtherList(_) | Self::Index { .. } => (
                "Make the file of the service and the allocation of the issuer agree.",
                "サービスファイルと発行側の割り当てを一致させてください。",
            ),
            Self::NoCrl(_) | Self::Crl(_) => (
                "Release the CRL of today; if there is none, ask the root for one.",
                "本日のCRLをリリースしてください。なければルートに求めてください。",
            ),
            Self::NoSigner(_) | Self::Build(_) | Self::Signer(_) => (
                "Check the token of the list signer and the validity of its certificate.",
                "リスト署名者のトークンと証明書の有効期間を確認してください。",
            ),
            Self::Catalogue(error) => (error.remedy(), error.remedy_ja()),
        }
    }
}

/// Builds and signs every status list of the service.
///
/// # Errors
/// [`StatusError`].
pub fn build_status(
    catalogue: &mut Catalogue,
    ledger: &Ledger,
    service: &Service,
    signers: &dyn Signers,
    at: UtcDateTime,
    provider: &dyn CryptoProvider,
) -> Result<Vec<StatusFile>, StatusError> {
    let at = at.truncate_to_second();
    check_references(ledger, service)?;
    let has_device_keys = service.status.iter().any(|list| list.shape == Shape::DeviceKeyList);
    let sequence = if has_device_keys { catalogue.use_device_key_sequence(at)? } else { 0 };
    let holdings = catalogue.holdings();
    let mut files = Vec::new();
    for list in &service.status {
        let crl = holdings.released_crl(list.issuer).filter(|crl| at < crl.next_update);
        let crl = crl.ok_or(StatusError::NoCrl(list.issuer))?;
        let signer = list_signer_of(holdings, list.issuer, at, signers).ok_or(StatusError::NoSigner(list.issuer))?;
        let press = Press { service, list, crl, signer, signers, at, provider };
        let entries: Vec<&LedgerEntry> = ledger.entries().iter().filter(|entry| entry.issuer == list.issuer).collect();
        match list.shape {
            Shape::StatusList { bits, entries: size } => {
                let packed = pack(&entries, list, bits, size)?;
                let packed = PackedList::compress(&packed, Compression::Small);
                files.push(press.file("cwt", press.token(packed.clone()).prepare_cwt()?)?);
                // JOSE has no algorithm for the brainpool curves: such a service publishes CWTs only.
                match press.token(packed).prepare_jwt() {
                    Ok(jwt) => files.push(press.file("jwt", jwt)?),
                    Err(BuildError::NoAlgorithm(_)) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Shape::IdentifierList => {
                let named = entries.iter().filter_map(|entry| entry.identifier.as_ref().map(|named| (entry, named)));
                let revoked = named.filter(|(entry, named)| entry.revoked.is_some() && named.uri == list.uri);
                let content = IdentifierList::new(revoked.map(|(_, named)| named.id.clone()));
                files.push(press.file("cwt", press.token(content).prepare_cwt()?)?);
            }
            Shape::DeviceKeyList => {
                let content = device_keys::build(&entries, crl, sequence, at)?;
                files.push(press.file("cwt", press.token(content).prepare_cwt()?)?);
            }
        }
    }
    Ok(files)
}

/// Every reference of a document leads to a list of its kind and root.
fn check_references(ledger: &Ledger, service: &Service) -> Result<(), StatusError> {
    let lists: BTreeMap<&str, &StatusList> = service.status.iter().map(|list| (list.uri.as_str(), list)).collect();
    for entry in ledger.entries() {
        let status = entry.status.as_ref().map(|reference| (&reference.uri, true));
        let identifier = entry.identifier.as_ref().map(|reference| (&reference.uri, false));
        for (uri, by_index) in status.into_iter().chain(identifier) {
            let list = lists.get(uri.as_str()).ok_or_else(|| StatusError::UnknownList(uri.clone()))?;
            let is_of_kind = match list.shape {
                Shape::StatusList { .. } => by_index,
                Shape::IdentifierList => !by_index,
                Shape::DeviceKeyList => false,
            };
            if !is_of_kind || list.issuer != entry.issuer {
                return Err(StatusError::OtherList(uri.clone()));
            }
        }
    }
    Ok(())
}

/// The list signer of this root that is valid at a time and can sign here: the one that lasts longest.
fn list_signer_of<'h>(
    holdings: &'h Holdings,
    issuer: KeyDigest,
    at: UtcDateTime,
    signers: &dyn Signers,
) -> Option<&'h ListSigner> {
    let root = holdings.roots.get(&issuer)?.root.certificate().public_key().ok()?.key_identifier();
    let can_sign = |signer: &&ListSigner| {
        let certificate = signer.certificate();
        signer.role() == ListSignerRole::Status
            && certificate.authority_key_identifier() == Some(root.as_slice())
            && certificate.not_before() <= at
            && at < certificate.not_after()
            && certificate.public_key().is_ok_and(|key| signers.holds(key))
            && !is_revoked(holdings, issuer, certificate)
    };
    holdings.list_signers.iter().filter(can_sign).max_by_key(|signer| signer.certificate().not_after())
}

fn is_revoked(holdings: &Holdings, issuer: KeyDigest, certificate: &Certificate) -> bool {
    let crl = holdings.released_crl(issuer).and_then(|crl| Crl::from_der(&crl.der).ok());
    // A list that cannot be read says nothing good.
    crl.is_none_or(|crl| !matches!(crl.lookup(certificate.serial()), Ok(None)))
}

fn pack(
    entries: &[&LedgerEntry],
    list: &StatusList,
    bits: tegata_trust_list::Bits,
    size: usize,
) -> Result<StatusArray, StatusError> {
    let mut array = StatusArray::new(bits, size);
    let limit = u64::try_from(size).unwrap_or(u64::MAX);
    for entry in entries {
        let Some(reference) = entry.status.as_ref().filter(|reference| reference.uri == list.uri) else { continue };
        let index = || StatusError::Index { uri: list.uri.clone(), index: reference.idx, entries: size };
        if reference.idx >= limit {
            return Err(index());
        }
        if entry.revoked.is_some() {
            array.set(reference.idx, StatusValue::Invalid).map_err(|_| index())?;
        }
    }
    Ok(array)
}

/// What every token of a list has in common.
struct Press<'a> {
    service: &'a Service,
    list: &'a StatusList,
    crl: &'a HeldCrl,
    signer: &'a ListSigner,
    signers: &'a dyn Signers,
    at: UtcDateTime,
    provider: &'a dyn CryptoProvider,
}

impl Press<'_> {
    /// In force for the life of a status list, but not beyond the CRL and the signer's certificate.
    fn token<L: tegata_trust_list::token::ListContent>(&self, content: L) -> TokenBuilder<L> {
        let life = self.at.saturating_add(self.service.status_life);
        let expires = life.min(self.crl.next_update).min(self.signer.certificate().not_after());
        let signer = TokenSigner::Chain(vec![self.signer.certificate().clone()]);
        let ttl = self.service.status_ttl.min(expires - self.at);
        TokenBuilder::new(&self.list.uri, content, self.at, expires, signer).ttl(ttl)
    }

    fn file(&self, extension: &str, prepared: PreparedToken) -> Result<StatusFile, StatusError> {
        let signature = self.signers.sign(prepared.key(), prepared.algorithm(), prepared.to_be_signed());
        let bytes = prepared.complete(&signature.map_err(StatusError::Signer)?, self.provider)?;
        let path = format!("{}/{}.{extension}", self.list.shape.folder(), self.list.name);
        Ok(StatusFile { path, uri: self.list.uri.clone(), bytes })
    }
}
