//! Checks of the disclosed elements: digests, duplicates, issuing country.

use tegata_mdoc::device_signed::DeviceSigned;
use tegata_mdoc::issuer_signed::IssuerSigned;
use tegata_mdoc::mso::MobileSecurityObject;

use crate::cause::Cause;
use crate::check::Check;
use crate::document_signer::{Signer, same_but_for_form};
use crate::mso;
use crate::report::Recorder;
use crate::verify::Context;

/// Namespaces whose issuing country and jurisdiction are bound to the Document Signer (ISO/IEC 18013-5 7.2.1).
const MDL_NAME_SPACE: &str = "org.iso.18013.5.1";
const MDL_DOC_TYPE: &str = "org.iso.18013.5.1.mDL";

/// Digests of all received items, and no name or digestID twice.
pub(crate) fn check<'a>(
    context: Context<'_>,
    recorder: &mut Recorder<'a, '_>,
    issuer_signed: &IssuerSigned<'a>,
    device_signed: Option<&DeviceSigned<'a>>,
    mso: &MobileSecurityObject<'a>,
) {
    check_digests(context, recorder, issuer_signed, mso);
    check_duplicates(recorder, issuer_signed, device_signed);
}

fn check_digests<'a>(
    context: Context<'_>,
    recorder: &mut Recorder<'a, '_>,
    issuer_signed: &IssuerSigned<'a>,
    mso: &MobileSecurityObject<'a>,
) {
    // Without a permitted algorithm there is nothing to compare with; the algorithm check has failed then.
    let Some(hash) = mso::hash(mso.digest_algorithm) else { return };
    let mark = recorder.mark();
    for entry in &issuer_signed.name_spaces {
        let digests = mso.digests(entry.name_space);
        for item in &entry.items {
            let digest_id = item.value().digest_id;
            let element = (entry.name_space, item.value().element_identifier);
            match digests.and_then(|digests| digests.get(digest_id)) {
                None => recorder.fail_element(Check::ElementDigests, element, Cause::DigestMissing { digest_id }),
                Some(expected) if context.provider.digest(hash, item.bytes()).as_ref() == expected => {}
                Some(_) => recorder.fail_element(Check::ElementDigests, element, Cause::DigestMismatch { digest_id }),
            }
        }
    }
    recorder.pass_unless_recorded(Check::ElementDigests, mark);
}

fn check_duplicates<'a>(
    recorder: &mut Recorder<'a, '_>,
    issuer_signed: &IssuerSigned<'a>,
    device_signed: Option<&DeviceSigned<'a>>,
) {
    let mark = recorder.mark();
    let device_elements = || device_signed.into_iter().flat_map(|device| device.name_spaces.value().elements());
    for entry in &issuer_signed.name_spaces {
        let issuer_names = entry.items.iter().map(|item| item.value().element_identifier);
        let device_names = device_elements().filter(|(space, ..)| *space == entry.name_space).map(|(_, name, _)| name);
        for name in repeated(issuer_names.chain(device_names).collect(), spread_name) {
            recorder.fail_element(Check::DuplicateElements, (entry.name_space, name), Cause::DuplicateElement);
        }
        let ids = entry.items.iter().map(|item| item.value().digest_id);
        for digest_id in repeated(ids.collect(), |id| *id) {
            recorder.fail(Check::DuplicateElements, Cause::DuplicateDigestId { digest_id });
        }
    }
    recorder.pass_unless_recorded(Check::DuplicateElements, mark);
}

/// The values that stand more than once, in their order. `spread` gives equal numbers for equal values; where it gives
/// different ones for all, as is usual, nothing need be sorted.
fn repeated<T: Copy + Ord>(mut values: Vec<T>, spread: impl Fn(&T) -> u64) -> Vec<T> {
    const BITS: u64 = 4096;
    let mut met = [0_u64; 64];
    let is_new = |value: &T| {
        let number = spread(value) % BITS;
        let word = usize::try_from(number / 64).ok().and_then(|index| met.get_mut(index));
        word.is_some_and(|word| {
            let before = *word;
            *word |= 1 << (number % 64);
            *word != before
        })
    };
    if values.iter().all(is_new) {
        return Vec::new();
    }
    values.sort_unstable();
    let pairs = values.windows(2).filter(|pair| pair.first() == pair.last());
    pairs.filter_map(|pair| pair.first().copied()).collect()
}

/// Length, beginning and end of a name, mixed.
fn spread_name(name: &&str) -> u64 {
    let bytes = name.as_bytes();
    let end = bytes.last_chunk().map_or(0, |end| u32::from_le_bytes(*end));
    let begin = bytes.first_chunk().map_or(0, |begin| u32::from_le_bytes(*begin));
    let length = u64::try_from(bytes.len()).unwrap_or_default();
    ((u64::from(end) << 32 | u64::from(begin)) ^ length).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 52
}

/// `issuing_country` and `issuing_jurisdiction`, where disclosed, are those of the Document Signer. For mobile driving
/// licences only: other document types have their own rules.
pub(crate) fn check_country<'a>(
    recorder: &mut Recorder<'a, '_>,
    issuer_signed: &IssuerSigned<'a>,
    doc_type: &str,
    signer: Option<&Signer>,
) {
    let Some(signer) = signer else { return };
    if doc_type != MDL_DOC_TYPE {
        return recorder.not_run(Check::IssuingCountry, Cause::NotApplicable);
    }
    let mark = recorder.mark();
    let subject = signer.certificate().subject();
    // Whoever pins a signer vouches for what it signs, in whatever name; under an anchor the country is the border.
    let (pinned, tolerant) = (signer.is_pinned(), !recorder.policy.is_strict());
    let country = subject.country().unwrap_or_default();
    let mut compare = |element, expected: Option<std::borrow::Cow<'_, str>>| {
        let Some(cause) = difference(issuer_signed, element, expected.as_deref()) else { return };
        let same = matches!(
            &cause,
            Cause::NameMismatch { found, expected, .. } if same_but_for_form(found, expected, &country)
        );
        if tolerant && (pinned || same) {
            recorder.warn(Check::IssuingCountry, cause);
        } else {
            recorder.fail_element(Check::IssuingCountry, (MDL_NAME_SPACE, element), cause);
        }
    };
    compare("issuing_country", subject.country());
    compare("issuing_jurisdiction", subject.state_or_province());
    recorder.pass_unless_recorded(Check::IssuingCountry, mark);
}

/// How a disclosed element differs from what the signer's certificate says.
fn difference<'a>(
    issuer_signed: &IssuerSigned<'a>,
    element: &'static str,
    expected: Option<&str>,
) -> Option<Cause<'a>> {
    // A signer without the attribute claims nothing to compare with; whether it may lack it is its profile's matter.
    let expected = expected?;
    let mut items = issuer_signed.items();
    let (_, item) =
        items.find(|(space, item)| *space == MDL_NAME_SPACE && item.value().element_identifier == element)?;
    let value = item.value().element_value.value().ok();
    let found = value.as_ref().and_then(|value| value.as_text()).unwrap_or_default();
    let differs = found != expected;
    differs.then(|| Cause::NameMismatch { what: element, found: found.to_owned(), expected: expected.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_twice_is_found_and_nothing_else() {
        let ids = |ids: &[u64]| repeated(ids.to_vec(), |id| *id);
        assert!(ids(&[]).is_empty());
        assert!(ids(&[3, 1, 2]).is_empty());
        // Equal only in what is looked at first.
        assert!(ids(&[5, 5 + 4096, 5 + 2 * 4096, u64::MAX]).is_empty());
        assert_eq!(ids(&[7, 2, 7, 9, 2]), [2, 7]);
        assert_eq!(ids(&[u64::MAX, 0, u64::MAX]), [u64::MAX]);
        let names = vec!["family_name", "a", "", "birth_date", "family_nameX", "a", "given_name"];
        assert_eq!(repeated(names, spread_name), ["a"]);
        let many: Vec<u64> = (0..10_000).chain([77]).collect();
        assert_eq!(repeated(many, |id| *id), [77]);
    }
}
