//! Whom `tegata verify` trusts: those of a store, and those of files.

use std::path::{Path, PathBuf};

use tegata_terminal::Lang;
use tegata_trust_list::{AnchorEntry, Provenance, Purpose, Scope, TrustError, TrustStoreBuilder};
use tegata_verifier::{Trust, TrustGap};
use time::UtcDateTime;

use crate::args::verify::Verify;
use crate::failure::Failure;
use crate::load::certificates;
use crate::message::failure as text;

/// Whom the store trusts, each for its scope, and the files: by the same rules as `tegata_verifier::simple`, anchors of
/// files speak for every document type and for status lists.
pub(super) fn of(
    args: &Verify,
    held: Option<Result<TrustStoreBuilder, TrustGap>>,
    at: UtcDateTime,
    lang: Lang,
) -> Result<Trust, Failure> {
    let provenance = |path: &PathBuf| Provenance { source: path.display().to_string(), added_at: at };
    let (held, gap) = match held {
        Some(Ok(held)) => (Some(held), None),
        Some(Err(gap)) => (None, Some(gap)),
        None => (None, None),
    };
    let mut is_empty = held.is_none();
    let mut builder = held.unwrap_or_default();
    for path in &args.trust {
        for certificate in certificates(path, lang)? {
            let entry = AnchorEntry::issuance(certificate, Scope::AnyDocType, provenance(path));
            builder =
                builder.anchor(entry.with_purpose(Purpose::Status)).map_err(|error| untrustable(path, &error, lang))?;
            is_empty = false;
        }
    }
    for path in &args.dangerous_pin_ds {
        for certificate in certificates(path, lang)? {
            let pinned = builder.dangerous_pin_document_signer(certificate, Scope::AnyDocType, provenance(path));
            builder = pinned.map_err(|error| untrustable(path, &error, lang))?;
            is_empty = false;
        }
    }
    if is_empty {
        return Ok(gap.map_or(Trust::RejectAll, Trust::Unavailable));
    }
    let store = builder.build();
    store.map(Trust::Store).map_err(|error| Failure::Machine { id: error.id(), detail: error.to_string() })
}

fn untrustable(path: &Path, error: &TrustError, lang: Lang) -> Failure {
    let remedy = matches!(error, TrustError::Key { .. }).then(|| text::remedy_untrustable(lang).into());
    Failure::Refused { subject: Some(path.to_owned()), id: error.id(), detail: error.to_string(), remedy }
}
