//! A second opinion: another program looks at what was signed.

use std::ffi::OsStr;
use std::path::Path;

use tegata_ceremony::{ActionError, ActionOutcome};
use tegata_pki::{Certificate, Crl, rust_crypto};
use tegata_root_ca::{CertificateKind, CertificateRecord, CrlRecord, RootKey};
use tegata_trust_list::bundle::ResponseBundle;
use time::UtcDateTime;

use super::{Performer, broken, failed};
use crate::ceremony::desk::Desk;
use crate::openssl::{self, Answer};

impl<D: Desk> Performer<'_, D> {
    /// `openssl verify` of every certificate of this ceremony, with the list that is valid now once there is one; and the
    /// response, read back from the carrier.
    pub(super) fn verify_independently(&mut self, now: UtcDateTime) -> Result<ActionOutcome, ActionError> {
        let folder = self.parts.home.file("second-opinion");
        std::fs::create_dir_all(&folder).map_err(|error| failed("folder-unwritable", error))?;
        let (keys, lists) = (self.keys()?, self.lists_here()?);
        let mut checked = 0_usize;
        for record in self.certified_here()? {
            let Some(key) = keys.iter().find(|key| key.generation == record.issuer) else { continue };
            verify(&folder, key, &record, &lists, now)?;
            checked += 1;
        }
        let mut outcome =
            ActionOutcome::default().fact("checked-by-openssl", checked).fact("openssl", version(&folder)?);
        let carried = self.parts.exchange.carrier.join("response.bundle");
        if carried.exists() {
            let bytes = std::fs::read(&carried).map_err(|error| failed("carrier-unreadable", error))?;
            let response = ResponseBundle::open(&bytes, &self.response_key()?, rust_crypto());
            let response = response.map_err(broken)?;
            outcome = outcome.digest("response.bundle", response.digest());
        }
        std::fs::remove_dir_all(&folder).map_err(|error| failed("folder-unwritable", error))?;
        Ok(outcome)
    }
}

fn verify(
    folder: &Path,
    key: &RootKey,
    record: &CertificateRecord,
    lists: &[CrlRecord],
    now: UtcDateTime,
) -> Result<(), ActionError> {
    let Some(root) = &key.certificate else { return Ok(()) };
    let (anchor, leaf, list) = (folder.join("root.pem"), folder.join("leaf.pem"), folder.join("list.pem"));
    write(&anchor, root)?;
    write(&leaf, &record.certificate)?;
    let instant = now.unix_timestamp().to_string();
    let mut arguments: Vec<&OsStr> = vec!["verify".as_ref(), "-attime".as_ref(), instant.as_ref()];
    arguments.extend([OsStr::new("-CAfile"), anchor.as_os_str()]);
    let valid = |crl: &&CrlRecord| crl.issuer == key.generation && crl.this_update <= now && now <= crl.next_update;
    let newest = lists.iter().filter(valid).max_by_key(|crl| crl.number).and_then(|crl| crl.der.as_ref());
    if let Some(der) = newest.filter(|_| record.kind != CertificateKind::SelfSigned) {
        let crl = Crl::from_der(der).map_err(|error| failed(error.id(), error))?;
        std::fs::write(&list, crl.to_pem()).map_err(|error| failed("folder-unwritable", error))?;
        arguments.extend([OsStr::new("-crl_check"), OsStr::new("-CRLfile"), list.as_os_str()]);
    }
    if record.kind == CertificateKind::SelfSigned {
        arguments.push("-check_ss_sig".as_ref());
    }
    arguments.push(leaf.as_os_str());
    let answer = ask(folder, &arguments)?;
    if answer.succeeded {
        return Ok(());
    }
    Err(failed("second-opinion-differs", format!("{}: {}", record.output, answer.errors)))
}

fn write(path: &Path, certificate: &Certificate) -> Result<(), ActionError> {
    std::fs::write(path, certificate.to_pem()).map_err(|error| failed("folder-unwritable", error))
}

fn version(folder: &Path) -> Result<String, ActionError> {
    Ok(ask(folder, &["version".as_ref()])?.output)
}

fn ask(folder: &Path, arguments: &[&OsStr]) -> Result<Answer, ActionError> {
    openssl::run(folder, arguments).map_err(|error| failed("openssl-absent", error))
}
