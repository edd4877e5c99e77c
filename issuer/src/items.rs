//! The salted items of a document and their digests (ISO/IEC 18013-5 9.1.2.4, 9.1.2.5).

use tegata_mdoc::cbor::Encoder;
use tegata_mdoc::model::{Claim, Claims, NameSpaceClaims};
use tegata_pki::{CryptoProvider, Hash};

use crate::IssueError;
use crate::entropy::{Entropy, SALT_LENGTH};
use crate::slot::{Slot, head_length};

/// `NameSpace => { + digestID => digest }`: the digests one after the other, digestID counted from 0.
pub(crate) struct NameSpaceDigests<'a> {
    pub(crate) name_space: &'a str,
    pub(crate) digests: Vec<u8>,
}

/// How many digests a namespace gets, decoys included.
fn digest_count(claims: &NameSpaceClaims, decoys: u16) -> usize {
    claims.elements().len() + usize::from(decoys)
}

/// Draws what [`write_name_spaces`] will use.
pub(crate) fn draw(
    claims: &Claims,
    decoys: u16,
    hash: Hash,
    rng: &mut (impl rand_core::CryptoRng + ?Sized),
) -> Result<Entropy, IssueError> {
    let name_spaces = claims.name_spaces();
    let steps = name_spaces.iter().map(|claims| digest_count(claims, decoys)).sum();
    let decoy_bytes = name_spaces.len() * usize::from(decoys) * hash.len();
    Entropy::draw(rng, claims.element_count(), steps, decoy_bytes)
}

/// The size of the `nameSpaces` of `claims`, rounded up.
pub(crate) fn capacity(claims: &Claims) -> usize {
    const ITEM_OVERHEAD: usize = 72;
    let item = |claim: &Claim| ITEM_OVERHEAD + claim.encoded_pairs().len();
    let name_space =
        |claims: &NameSpaceClaims| 16 + claims.name_space().len() + claims.elements().iter().map(item).sum::<usize>();
    claims.name_spaces().iter().map(name_space).sum()
}

/// Writes `{ + NameSpace => [ + #6.24(bstr .cbor IssuerSignedItem) ] }` and returns the digests over the items just
/// written: the bytes that are hashed are the bytes that leave.
pub(crate) fn write_name_spaces<'a>(
    output: &mut Encoder,
    claims: &'a Claims,
    decoys: u16,
    hash: Hash,
    provider: &dyn CryptoProvider,
    entropy: &mut Entropy,
) -> Result<Vec<NameSpaceDigests<'a>>, IssueError> {
    let mut name_spaces: Vec<&NameSpaceClaims> = claims.name_spaces().iter().collect();
    // Bytewise order of the encoded keys (RFC 8949 4.2.1): the shorter text goes first.
    name_spaces.sort_by_key(|claims| (claims.name_space().len(), claims.name_space()));
    output.map(name_spaces.len());
    let mut element_number = 0;
    let mut all = Vec::with_capacity(name_spaces.len());
    for claims in name_spaces {
        let count = u32::try_from(digest_count(claims, decoys)).map_err(|_| IssueError::TooManyElements)?;
        let ids = entropy.permutation(count)?;
        // Every place is filled below: the identifiers are a permutation of the places.
        let mut digests = vec![0; ids.len() * hash.len()];
        output.text(claims.name_space()).array(claims.elements().len());
        let mut ids = ids.into_iter();
        let mut written = Vec::with_capacity(claims.elements().len());
        for (claim, id) in claims.elements().iter().zip(&mut ids) {
            let start = output.as_bytes().len();
            write_item(output, id, entropy.salt(element_number)?, claim);
            element_number += 1;
            written.push((id, start..output.as_bytes().len()));
        }
        // Not until all are written: reading what was just written in small pieces makes the processor wait.
        for (id, item) in written {
            let item = output.as_bytes().get(item).unwrap_or_default();
            place(&mut digests, id, provider.digest(hash, item).as_bytes())?;
        }
        for id in ids {
            place(&mut digests, id, entropy.take(hash.len())?)?;
        }
        all.push(NameSpaceDigests { name_space: claims.name_space(), digests });
    }
    Ok(all)
}

/// Puts a digest where its identifier belongs.
fn place(digests: &mut [u8], id: u32, digest: &[u8]) -> Result<(), IssueError> {
    let start = usize::try_from(id).ok().and_then(|id| id.checked_mul(digest.len()));
    let slot = start.and_then(|start| digests.get_mut(start..)?.get_mut(..digest.len()));
    slot.ok_or_else(|| IssueError::TooManyElements)?.copy_from_slice(digest);
    Ok(())
}

/// Writes one item in place, without a buffer of its own, so that a portrait is copied once:
/// `#6.24(bstr .cbor { "digestID", "random", "elementIdentifier", "elementValue" })`, in the order of the standard's
/// examples.
fn write_item(output: &mut Encoder, id: u32, salt: &[u8; SALT_LENGTH], claim: &Claim) {
    // The map's head and the first two keys, with their heads and that of the salt.
    const DIGEST_ID: [u8; 10] = *b"\xa4\x68digestID";
    const RANDOM: [u8; 9] = *b"\x66random\x58\x20";
    const FIXED: usize = DIGEST_ID.len() + RANDOM.len() + SALT_LENGTH;
    let (id, pairs) = (u64::from(id), claim.encoded_pairs());
    let before = FIXED + head_length(id);
    let content = u64::try_from(before + pairs.len()).unwrap_or(u64::MAX);
    let mut start = Slot::new(output.room(2 + head_length(content) + before));
    start.push([0xd8, 0x18]).head(2, content).push(DIGEST_ID).head(0, id).push(RANDOM).push(*salt);
    output.raw(pairs);
}

#[cfg(test)]
mod tests {
    use tegata_mdoc::cbor::Value;
    use tegata_mdoc::issuer_signed::IssuerSignedItem;

    use super::*;

    #[test]
    fn an_item_written_in_place_is_the_item_of_the_document_crate() {
        for length in [0, 1, 23, 24, 100, 255, 256, 300, 65_535, 65_536, 70_000] {
            let values = vec![("portrait", Value::bytes(vec![7_u8; length]))];
            let claims = Claims::from_values_unchecked("x", [("ns", values)]).unwrap();
            let claim = &claims.name_spaces()[0].elements()[0];
            let (mut in_place, mut other) = (Encoder::new(), Encoder::new());
            let id = u32::try_from(length).unwrap();
            write_item(&mut in_place, id, &[9; SALT_LENGTH], claim);
            IssuerSignedItem::encode(&mut other, u64::from(id), &[9; SALT_LENGTH], "portrait", claim.encoded());
            assert_eq!(in_place, other, "{length}");
        }
    }
}
