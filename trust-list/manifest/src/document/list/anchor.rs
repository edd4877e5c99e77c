//! One anchor of the list on the wire.

use tegata_mdoc::cbor::{DecodeError, Encoder, Reader};

use super::read_certificate;
use crate::field::{
    check_doc_types, check_purposes, check_seconds, check_time, read_doc_types, read_purposes, read_seconds, read_time,
    read_word, required, text_key, write_doc_types, write_purposes, write_seconds, write_time,
};
use crate::{AnchorDates, IssuerFacts, ListedAnchor, ListedState, MAX_APPROVAL_BYTES, MetadataError};

pub(super) fn check(anchor: &ListedAnchor) -> Result<(), MetadataError> {
    check_doc_types(&anchor.doc_types)?;
    check_purposes(&anchor.purposes)?;
    check_dates(anchor.state, &anchor.dates)?;
    check_facts(&anchor.facts)?;
    let length = anchor.approval.as_ref().map_or(1, |approval| u64::try_from(approval.len()).unwrap_or(u64::MAX));
    if (1..=MAX_APPROVAL_BYTES).contains(&length) { Ok(()) } else { Err(MetadataError::Field("approval")) }
}

fn check_dates(state: ListedState, dates: &AnchorDates) -> Result<(), MetadataError> {
    let AnchorDates { announced, active, retiring, removed } = *dates;
    // A revocation comes when it comes, also before a planned date.
    let end = removed.filter(|_| state != ListedState::Revoked);
    let life: Vec<_> = [Some(announced), Some(active), retiring, end].into_iter().flatten().collect();
    let in_order = life.is_sorted() && removed.is_none_or(|removed| announced <= removed);
    [Some(announced), Some(active), retiring, removed]
        .into_iter()
        .flatten()
        .try_for_each(|date| check_time("dates", date))?;
    if in_order { Ok(()) } else { Err(MetadataError::Field("dates")) }
}

fn check_facts(facts: &IssuerFacts) -> Result<(), MetadataError> {
    check_seconds("crlFresh", facts.crl_fresh)?;
    check_seconds("crlMaxAge", facts.crl_max_age)?;
    check_seconds("revocationDuty", facts.revocation_duty)?;
    check_time("reviewBy", facts.review_by)?;
    match (facts.crl_fresh, facts.crl_max_age) {
        (Some(fresh), Some(most)) if fresh > most => Err(MetadataError::Field("crlMaxAge")),
        _ => Ok(()),
    }
}

pub(super) fn write(encoder: &mut Encoder, anchor: &ListedAnchor) {
    encoder.sorted_map(|map| {
        map.text("certificate", |value| _ = value.bytes(anchor.certificate.der()));
        map.text("docTypes", |value| write_doc_types(value, &anchor.doc_types));
        map.text("purposes", |value| write_purposes(value, &anchor.purposes));
        map.text("state", |value| _ = value.text(anchor.state.id()));
        map.text("dates", |value| write_dates(value, &anchor.dates));
        map.text("facts", |value| write_facts(value, &anchor.facts));
        if let Some(approval) = &anchor.approval {
            map.text("approval", |value| _ = value.bytes(approval));
        }
    });
}

fn write_dates(encoder: &mut Encoder, dates: &AnchorDates) {
    encoder.sorted_map(|map| {
        map.text("announced", |value| write_time(value, dates.announced));
        map.text("active", |value| write_time(value, dates.active));
        if let Some(retiring) = dates.retiring {
            map.text("retiring", |value| write_time(value, retiring));
        }
        if let Some(removed) = dates.removed {
            map.text("removed", |value| write_time(value, removed));
        }
    });
}

fn write_facts(encoder: &mut Encoder, facts: &IssuerFacts) {
    let durations =
        [("crlFresh", facts.crl_fresh), ("crlMaxAge", facts.crl_max_age), ("revocationDuty", facts.revocation_duty)];
    encoder.sorted_map(|map| {
        for (key, duration) in durations {
            if let Some(duration) = duration {
                map.text(key, |value| write_seconds(value, duration));
            }
        }
        map.text("reviewBy", |value| write_time(value, facts.review_by));
    });
}

pub(super) fn read(reader: &mut Reader<'_>) -> Result<ListedAnchor, DecodeError> {
    let (mut certificate, mut doc_types, mut purposes) = (None, None, None);
    let (mut state, mut dates, mut facts, mut approval) = (None, None, None, None);
    reader.map(|reader, key| {
        match text_key(reader, key)? {
            "certificate" => certificate = Some(read_certificate(reader, "certificate")?),
            "docTypes" => doc_types = Some(read_doc_types(reader)?),
            "purposes" => purposes = Some(read_purposes(reader)?),
            "state" => state = Some(read_word(reader, "state", ListedState::from_id)?),
            "dates" => dates = Some(read_dates(reader).map_err(|error| error.within("dates"))?),
            "facts" => facts = Some(read_facts(reader).map_err(|error| error.within("facts"))?),
            "approval" => approval = Some(reader.bytes()?.to_vec()),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(ListedAnchor {
        certificate: required(reader, certificate, "certificate")?,
        doc_types: required(reader, doc_types, "docTypes")?,
        purposes: required(reader, purposes, "purposes")?,
        state: required(reader, state, "state")?,
        dates: required(reader, dates, "dates")?,
        facts: required(reader, facts, "facts")?,
        approval,
    })
}

fn read_dates(reader: &mut Reader<'_>) -> Result<AnchorDates, DecodeError> {
    let (mut announced, mut active, mut retiring, mut removed) = (None, None, None, None);
    reader.map(|reader, key| {
        match text_key(reader, key)? {
            "announced" => announced = Some(read_time(reader)?),
            "active" => active = Some(read_time(reader)?),
            "retiring" => retiring = Some(read_time(reader)?),
            "removed" => removed = Some(read_time(reader)?),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(AnchorDates {
        announced: required(reader, announced, "announced")?,
        active: required(reader, active, "active")?,
        retiring,
        removed,
    })
}

fn read_facts(reader: &mut Reader<'_>) -> Result<IssuerFacts, DecodeError> {
    let (mut crl_fresh, mut crl_max_age, mut revocation_duty, mut review_by) = (None, None, None, None);
    reader.map(|reader, key| {
        match text_key(reader, key)? {
            "crlFresh" => crl_fresh = Some(read_seconds(reader, "crlFresh")?),
            "crlMaxAge" => crl_max_age = Some(read_seconds(reader, "crlMaxAge")?),
            "revocationDuty" => revocation_duty = Some(read_seconds(reader, "revocationDuty")?),
            "reviewBy" => review_by = Some(read_time(reader)?),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(IssuerFacts { crl_fresh, crl_max_age, revocation_duty, review_by: required(reader, review_by, "reviewBy")? })
}
