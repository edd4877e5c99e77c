//! Anchors as they are kept.
//!
//! ```cddl
//! anchor   = [ certificate: bstr, state, grants, widening / null, listed / null, history: [* change] ]
//! state    = [ 0, since, until, vouching, announced ] / [ 1, since, vouching ] / [ 2, since, vouching ]  ; candidate, valid, missing
//!          / [ 3, since ] / [ 4, since ] / [ 5, since ] / [ 6, since ]        ; retired, revoked, expired, local distrust
//! vouching = [ 0 ] / [ 1, by: digest ] / [ 2, by: digest ] / [ 3 ] / [ 4 ]   ; list, NewWithOld, OldWithNew, approval, operator
//!          / [ 5 ]                                                              ; VICAL
//! grants   = [* [ purpose: tstr, docType: tstr / null ] ]                     ; null: any
//! widening = [ grants, since: time, until: time ]
//! listed   = [ version: uint, state: tstr, announced, active, retiring / null, removed / null,
//!              crlFresh / null, crlMaxAge / null, revocationDuty / null, reviewBy / null ]    ; reviewBy null: no facts
//! change   = [ anchor: digest, at: time, list: uint / null, event: [ uint, ? until: time, ? vouching ] ]
//! time     = int
//! digest   = bstr .size 32
//! ```

use tegata_manifest::{AnchorDates, IssuerFacts, ListedState};
use tegata_mdoc::cbor::{DecodeError, Encoder, Reader};
use tegata_trust_list::Purpose;
use time::UtcDateTime;

use super::{Stored, invalid, read_fields};
use crate::{AnchorState, Change, Event, Grants, HeldAnchor, KeyDigest, Listed, Vouching, Widening};

impl Stored for Purpose {
    fn write(&self, encoder: &mut Encoder) {
        encoder.text(self.id());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let id = reader.text()?;
        let all = [Self::Issuance, Self::Status, Self::Reader, Self::Vical];
        all.into_iter().find(|purpose| purpose.id() == id).ok_or_else(|| invalid(at, "purpose"))
    }
}

impl Stored for ListedState {
    fn write(&self, encoder: &mut Encoder) {
        encoder.text(self.id());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        Self::from_id(reader.text()?).ok_or_else(|| invalid(at, "listed state"))
    }
}

impl Stored for Grants {
    fn write(&self, encoder: &mut Encoder) {
        let pairs: Vec<_> = self.iter().collect();
        encoder.array(pairs.len());
        for (purpose, doc_type) in pairs {
            (purpose, doc_type.map(str::to_owned)).write(encoder);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let pairs: Vec<(Purpose, Option<String>)> = Stored::read(reader)?;
        let mut grants = Self::default();
        pairs.iter().for_each(|(purpose, doc_type)| grants.insert(*purpose, doc_type.as_deref()));
        Ok(grants)
    }
}

/// An array that begins with the number of a variant. Its further elements are times and who vouches.
struct Variant {
    number: u64,
    times: Vec<UtcDateTime>,
    vouching: Option<Vouching>,
}

impl Stored for Vouching {
    fn write(&self, encoder: &mut Encoder) {
        let (number, by) = match self {
            Self::OnlineRole => (0, None),
            Self::NewWithOld { by } => (1, Some(by)),
            Self::OldWithNew { by } => (2, Some(by)),
            Self::Approval => (3, None),
            Self::Operator => (4, None),
            Self::Vical => (5, None),
        };
        encoder.array(1 + usize::from(by.is_some())).unsigned(number);
        if let Some(by) = by {
            by.write(encoder);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut number, mut by) = (None, None);
        reader.array(|reader, index| {
            match index {
                0 => number = Some(reader.unsigned()?),
                1 => by = Some(KeyDigest::read(reader)?),
                _ => return Err(invalid(at, "vouching")),
            }
            Ok(())
        })?;
        match (number, by) {
            (Some(0), None) => Ok(Self::OnlineRole),
            (Some(1), Some(by)) => Ok(Self::NewWithOld { by }),
            (Some(2), Some(by)) => Ok(Self::OldWithNew { by }),
            (Some(3), None) => Ok(Self::Approval),
            (Some(4), None) => Ok(Self::Operator),
            (Some(5), None) => Ok(Self::Vical),
            _ => Err(invalid(at, "vouching")),
        }
    }
}

impl Stored for Variant {
    fn write(&self, encoder: &mut Encoder) {
        encoder.array(1 + self.times.len() + usize::from(self.vouching.is_some())).unsigned(self.number);
        self.times.iter().for_each(|time| time.write(encoder));
        if let Some(vouching) = &self.vouching {
            vouching.write(encoder);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let mut variant = Self { number: 0, times: Vec::new(), vouching: None };
        reader.array(|reader, index| {
            match reader.peek_type()? {
                tegata_mdoc::cbor::Type::Array if variant.vouching.is_none() => {
                    variant.vouching = Some(Stored::read(reader)?);
                }
                _ if variant.vouching.is_some() => return Err(invalid(at, "variant")),
                _ if index == 0 => variant.number = reader.unsigned()?,
                _ => variant.times.push(Stored::read(reader)?),
            }
            Ok(())
        })?;
        Ok(variant)
    }
}

impl Stored for AnchorState {
    fn write(&self, encoder: &mut Encoder) {
        let (number, times, vouching) = match *self {
            Self::Candidate { since, until, because, announced } => (0, vec![since, until, announced], Some(because)),
            Self::Valid { since, because } => (1, vec![since], Some(because)),
            Self::Missing { since, because } => (2, vec![since], Some(because)),
            Self::Retired { since } => (3, vec![since], None),
            Self::Revoked { since } => (4, vec![since], None),
            Self::Expired { since } => (5, vec![since], None),
            Self::LocalDistrust { since } => (6, vec![since], None),
        };
        Variant { number, times, vouching }.write(encoder);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let Variant { number, times, vouching } = Stored::read(reader)?;
        match (number, times.as_slice(), vouching) {
            (0, &[since, until, announced], Some(because)) => Ok(Self::Candidate { since, until, because, announced }),
            (1, &[since], Some(because)) => Ok(Self::Valid { since, because }),
            (2, &[since], Some(because)) => Ok(Self::Missing { since, because }),
            (3, &[since], None) => Ok(Self::Retired { since }),
            (4, &[since], None) => Ok(Self::Revoked { since }),
            (5, &[since], None) => Ok(Self::Expired { since }),
            (6, &[since], None) => Ok(Self::LocalDistrust { since }),
            _ => Err(invalid(at, "state")),
        }
    }
}

impl Stored for Event {
    fn write(&self, encoder: &mut Encoder) {
        let (number, times, vouching) = match *self {
            Self::Seen { until, because } => (0, vec![until], Some(because)),
            Self::TimerChanged { until, because } => (1, vec![until], Some(because)),
            Self::Adopted { because } => (2, Vec::new(), Some(because)),
            plain => (
                PLAIN.iter().zip(3..).find(|(event, _)| **event == plain).map_or(u64::MAX, |(_, n)| n),
                Vec::new(),
                None,
            ),
        };
        Variant { number, times, vouching }.write(encoder);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let Variant { number, times, vouching } = Stored::read(reader)?;
        match (number, times.as_slice(), vouching) {
            (0, &[until], Some(because)) => Ok(Self::Seen { until, because }),
            (1, &[until], Some(because)) => Ok(Self::TimerChanged { until, because }),
            (2, [], Some(because)) => Ok(Self::Adopted { because }),
            (number, [], None) => {
                let plain = PLAIN.iter().zip(3..).find(|(_, n)| *n == number).map(|(event, _)| *event);
                plain.ok_or_else(|| invalid(at, "event"))
            }
            _ => Err(invalid(at, "event")),
        }
    }
}

/// The events without details, numbered from 3. New ones are added at the end.
const PLAIN: [Event; 11] = [
    Event::Dropped,
    Event::WentMissing,
    Event::Returned,
    Event::Retired,
    Event::RemovalHeldBack,
    Event::Revoked,
    Event::Expired,
    Event::Distrusted,
    Event::DistrustLifted,
    Event::Widened,
    Event::Narrowed,
];

impl Stored for Change {
    fn write(&self, encoder: &mut Encoder) {
        encoder.array(4);
        self.anchor.write(encoder);
        self.at.write(encoder);
        self.list_version.write(encoder);
        self.event.write(encoder);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        read_fields!(reader, anchor, at, list_version, event);
        Ok(Self { anchor, at, list_version, event })
    }
}

impl Stored for Widening {
    fn write(&self, encoder: &mut Encoder) {
        encoder.array(3);
        self.grants.write(encoder);
        self.since.write(encoder);
        self.until.write(encoder);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        read_fields!(reader, grants, since, until);
        Ok(Self { grants, since, until })
    }
}

impl Stored for Listed {
    fn write(&self, encoder: &mut Encoder) {
        let Self { version, state, dates, facts } = self;
        encoder.array(10);
        version.write(encoder);
        state.write(encoder);
        dates.announced.write(encoder);
        dates.active.write(encoder);
        dates.retiring.write(encoder);
        dates.removed.write(encoder);
        facts.and_then(|facts| facts.crl_fresh).write(encoder);
        facts.and_then(|facts| facts.crl_max_age).write(encoder);
        facts.and_then(|facts| facts.revocation_duty).write(encoder);
        facts.map(|facts| facts.review_by).write(encoder);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        read_fields!(
            reader,
            version,
            state,
            announced,
            active,
            retiring,
            removed,
            crl_fresh,
            crl_max_age,
            revocation_duty,
            review_by,
        );
        let dates = AnchorDates { announced, active, retiring, removed };
        let review_by: Option<UtcDateTime> = review_by;
        let facts = review_by.map(|review_by| IssuerFacts { crl_fresh, crl_max_age, revocation_duty, review_by });
        Ok(Self { version, state, dates, facts })
    }
}

impl Stored for HeldAnchor {
    fn write(&self, encoder: &mut Encoder) {
        encoder.array(6);
        self.certificate.write(encoder);
        self.state.write(encoder);
        self.grants.write(encoder);
        self.widening.write(encoder);
        self.listed.write(encoder);
        self.history.write(encoder);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        read_fields!(reader, certificate, state, grants, widening, listed, history);
        Ok(Self { certificate, state, grants, widening, listed, history })
    }
}
