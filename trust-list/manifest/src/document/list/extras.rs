//! What the list says besides anchors: status sources and notices.

use std::collections::BTreeSet;

use tegata_mdoc::cbor::{DecodeError, Encoder, Reader};

use super::check_distinct;
use crate::field::{check_time, read_fixed, read_list, read_time, read_word, required, text_key, write_time};
use crate::{AnchorList, MetadataError, Notice, NoticeCategory, SourceKind, StatusSource};

const MAX_URI: usize = 2048;
const MAX_TEXT: usize = 4096;

pub(super) fn check(list: &AnchorList) -> Result<(), MetadataError> {
    let anchors: BTreeSet<_> = list.anchors.iter().map(crate::ListedAnchor::key_digest).collect();
    for source in &list.sources {
        if !is_uri(&source.uri) || !anchors.contains(&source.issuer_key) {
            return Err(MetadataError::Field("sources"));
        }
    }
    let sources: BTreeSet<_> = list.sources.iter().collect();
    check_distinct("sources", list.sources.len(), sources.len())?;
    list.notices.iter().try_for_each(check_notice)?;
    let notices: BTreeSet<_> = list.notices.iter().map(|notice| &notice.id).collect();
    check_distinct("notices", list.notices.len(), notices.len())
}

fn is_uri(uri: &str) -> bool {
    let rest = uri.strip_prefix("https://").or_else(|| uri.strip_prefix("http://"));
    uri.len() <= MAX_URI
        && uri.bytes().all(|byte| byte.is_ascii_graphic())
        && rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#', '@', ':']))
}

fn check_notice(notice: &Notice) -> Result<(), MetadataError> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
    if !(1..=64).contains(&notice.id.len()) || !notice.id.bytes().all(allowed) {
        return Err(MetadataError::Field("notice id"));
    }
    check_time("published", notice.published)?;
    let texts = [&notice.text_en, &notice.text_ja];
    if texts.iter().all(|text| text.is_empty()) || texts.iter().any(|text| text.len() > MAX_TEXT) {
        return Err(MetadataError::Field("notice text"));
    }
    let anchors: BTreeSet<_> = notice.anchors.iter().collect();
    check_distinct("anchors of a notice", notice.anchors.len(), anchors.len())
}

pub(super) fn write_source(encoder: &mut Encoder, source: &StatusSource) {
    encoder.sorted_map(|map| {
        map.text("uri", |value| _ = value.text(&source.uri));
        map.text("kind", |value| _ = value.text(source.kind.id()));
        map.text("issuerKey", |value| _ = value.bytes(&source.issuer_key));
    });
}

pub(super) fn read_source(reader: &mut Reader<'_>) -> Result<StatusSource, DecodeError> {
    let (mut uri, mut kind, mut issuer_key) = (None, None, None);
    reader.map(|reader, key| {
        match text_key(reader, key)? {
            "uri" => uri = Some(reader.text()?.to_owned()),
            "kind" => kind = Some(read_word(reader, "kind", SourceKind::from_id)?),
            "issuerKey" => issuer_key = Some(read_fixed(reader, "issuerKey")?),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(StatusSource {
        uri: required(reader, uri, "uri")?,
        kind: required(reader, kind, "kind")?,
        issuer_key: required(reader, issuer_key, "issuerKey")?,
    })
}

pub(super) fn write_notice(encoder: &mut Encoder, notice: &Notice) {
    encoder.sorted_map(|map| {
        map.text("id", |value| _ = value.text(&notice.id));
        map.text("category", |value| _ = value.text(notice.category.id()));
        map.text("published", |value| write_time(value, notice.published));
        map.text("anchors", |value| {
            value.array(notice.anchors.len());
            notice.anchors.iter().for_each(|anchor| _ = value.bytes(anchor));
        });
        map.text("en", |value| _ = value.text(&notice.text_en));
        map.text("ja", |value| _ = value.text(&notice.text_ja));
    });
}

pub(super) fn read_notice(reader: &mut Reader<'_>) -> Result<Notice, DecodeError> {
    let (mut id, mut category, mut published) = (None, None, None);
    let (mut anchors, mut text_en, mut text_ja) = (None, None, None);
    reader.map(|reader, key| {
        match text_key(reader, key)? {
            "id" => id = Some(reader.text()?.to_owned()),
            "category" => category = Some(read_word(reader, "category", NoticeCategory::from_id)?),
            "published" => published = Some(read_time(reader)?),
            "anchors" => anchors = Some(read_list(reader, |reader| read_fixed(reader, "anchors"))?),
            "en" => text_en = Some(reader.text()?.to_owned()),
            "ja" => text_ja = Some(reader.text()?.to_owned()),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(Notice {
        id: required(reader, id, "id")?,
        category: required(reader, category, "category")?,
        published: required(reader, published, "published")?,
        anchors: required(reader, anchors, "anchors")?,
        text_en: required(reader, text_en, "en")?,
        text_ja: required(reader, text_ja, "ja")?,
    })
}
