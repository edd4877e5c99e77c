//! The list of anchors: drafted, compared with the one that is published, signed.

use tegata_manifest::{AnchorList, Signed};
use tegata_pki::rust_crypto;
use tegata_publisher::{Authority, Service as Published, draft_list, exports, sign_metadata};
use tegata_terminal::Lang;

use super::keys::Keys;
use super::{Service, of_catalogue, refused};
use crate::failure::Failure;

/// Signs a new list if something in it changed, if half of the life of the last one is over, or if it is asked for.
/// Returns its version.
pub(super) fn renew(
    open: &mut Service,
    service: &Published,
    authority: &Authority,
    keys: &Keys,
    always: bool,
    lang: Lang,
) -> Result<Option<u64>, Failure> {
    let draft = draft_list(open.catalogue.holdings(), service, authority, open.at).map_err(|refusals| {
        let detail: Vec<_> = refusals.iter().map(|refusal| format!("{refusal} ({})", refusal.id())).collect();
        let (id, remedy) = refusals
            .first()
            .map_or(("list-refused", ""), |first| (first.id(), lang.pick(first.remedy(), first.remedy_ja())));
        refused(None, id, detail.join("; "), remedy)
    })?;
    if !always && !is_due(open, &draft) {
        return Ok(None);
    }
    let root = open.catalogue.root_metadata(rust_crypto()).map_err(|error| of_catalogue(&error, lang))?;
    let signed = sign_metadata(&draft, &root, keys, rust_crypto());
    let (file, _) = signed.map_err(|error| refused(None, error.id(), error.to_string(), ""))?;
    let exports = exports(&draft, open.catalogue.holdings(), service, &authority.issuers, keys, rust_crypto());
    let exports = exports.map_err(|error| refused(None, error.id(), error.to_string(), ""))?;
    let version = open.catalogue.accept_list(&file, exports, open.at, rust_crypto());
    version.map(Some).map_err(|error| of_catalogue(&error, lang))
}

fn is_due(open: &Service, draft: &AnchorList) -> bool {
    let Some(last) = &open.catalogue.holdings().metadata.list else { return true };
    let Ok(last) = Signed::<AnchorList>::parse(&last.bytes) else { return true };
    let last = last.unverified();
    let same = AnchorList { header: last.header.clone(), ..draft.clone() } == *last;
    let half = last.header.issued + (last.header.expires - last.header.issued) / 2;
    !same || open.at >= half
}
