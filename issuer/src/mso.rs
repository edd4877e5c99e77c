//! Writing the Mobile Security Object (ISO/IEC 18013-5 9.1.2.4).

use tegata_mdoc::cbor::Encoder;
use tegata_mdoc::cose::{CoseKey, KTY_EC2, KTY_OKP};
use tegata_pki::{Hash, PublicKey};

use crate::Validity;
use crate::items::NameSpaceDigests;
use crate::request::{KeyAuthorizations, StatusReference};
use crate::slot::{Slot, TDATE_LENGTH, head_length};

/// The version this crate writes.
const VERSION: &str = "1.0";

/// What goes into an MSO.
pub(crate) struct MsoParts<'a> {
    pub(crate) doc_type: &'a str,
    pub(crate) digest_algorithm: Hash,
    pub(crate) value_digests: &'a [NameSpaceDigests<'a>],
    pub(crate) device_key: &'a PublicKey,
    pub(crate) key_authorizations: Option<&'a KeyAuthorizations>,
    pub(crate) validity: &'a Validity,
    pub(crate) status: Option<&'a StatusReference>,
}

impl MsoParts<'_> {
    /// The size of the MSO, rounded up.
    pub(crate) fn capacity(&self) -> usize {
        const ENTRY_HEADS: usize = 7;
        let digests: usize = self.value_digests.iter().map(|name_space| name_space.digests.len()).sum();
        1024 + digests + digests / self.digest_algorithm.len() * ENTRY_HEADS
    }

    /// Writes the MSO. The keys stand in the order of the standard's example, and `deviceKey` is the first entry of
    /// `deviceKeyInfo`: zero-knowledge circuits look for it there.
    pub(crate) fn encode(&self, mso: &mut Encoder) {
        mso.map(if self.status.is_some() { 7 } else { 6 });
        mso.text("version").text(VERSION);
        mso.text("digestAlgorithm").text(self.digest_algorithm.name());
        mso.text("valueDigests").map(self.value_digests.len());
        for NameSpaceDigests { name_space, digests } in self.value_digests {
            mso.text(name_space);
            match self.digest_algorithm {
                Hash::Sha256 => write_digests::<32>(mso, digests),
                Hash::Sha384 => write_digests::<48>(mso, digests),
                Hash::Sha512 => write_digests::<64>(mso, digests),
            }
        }
        self.device_key_info(mso);
        mso.text("docType").text(self.doc_type);
        self.validity_info(mso);
        if let Some(status) = self.status {
            mso.text("status").map(1).text("status_list").map(2);
            mso.text("idx").unsigned(status.index()).text("uri").text(status.uri());
        }
    }

    fn device_key_info(&self, mso: &mut Encoder) {
        let curve = self.device_key.curve();
        mso.text("deviceKeyInfo").map(if self.key_authorizations.is_some() { 2 } else { 1 });
        mso.text("deviceKey");
        // Public part only, uncompressed, without optional parameters (ISO/IEC 18013-5 9.1.2.4).
        let key = CoseKey {
            key_type: if curve.is_weierstrass() { KTY_EC2 } else { KTY_OKP },
            curve: curve.cose_number(),
            x: self.device_key.x(),
            y: self.device_key.y(),
            y_is_odd: None,
            algorithm: None,
        };
        key.encode(mso);
        if let Some(authorizations) = self.key_authorizations {
            mso.text("keyAuthorizations");
            write_authorizations(mso, authorizations);
        }
    }

    fn validity_info(&self, mso: &mut Encoder) {
        let Validity { signed, valid_from, valid_until, expected_update, .. } = *self.validity;
        mso.text("validityInfo").map(if expected_update.is_some() { 4 } else { 3 });
        let instants = [("signed", Some(signed)), ("validFrom", Some(valid_from)), ("validUntil", Some(valid_until))];
        for (key, instant) in instants.into_iter().chain([("expectedUpdate", expected_update)]) {
            if let Some(instant) = instant {
                Slot::new(mso.text(key).room(TDATE_LENGTH)).tdate(instant);
            }
        }
    }
}

/// `{ + digestID => digest }`.
fn write_digests<const N: usize>(mso: &mut Encoder, digests: &[u8]) {
    let (digests, _) = digests.as_chunks::<N>();
    mso.map(digests.len());
    let length = u64::try_from(N).unwrap_or(u64::MAX);
    let ids: usize = (0..).zip(digests).map(|(id, _)| head_length(id)).sum();
    let mut entries = Slot::new(mso.room(ids + digests.len() * (head_length(length) + N)));
    for (id, digest) in (0..).zip(digests) {
        entries.head(0, id).head(2, length).push(*digest);
    }
}

fn write_authorizations(mso: &mut Encoder, authorizations: &KeyAuthorizations) {
    let (name_spaces, elements) = (authorizations.name_spaces(), authorizations.data_elements());
    mso.map(usize::from(!name_spaces.is_empty()) + usize::from(!elements.is_empty()));
    if !name_spaces.is_empty() {
        write_texts(mso.text("nameSpaces"), name_spaces);
    }
    if !elements.is_empty() {
        mso.text("dataElements").map(elements.len());
        for (name_space, elements) in elements {
            write_texts(mso.text(name_space), elements);
        }
    }
}

fn write_texts(mso: &mut Encoder, texts: &[String]) {
    mso.array(texts.len());
    for text in texts {
        mso.text(text);
    }
}
