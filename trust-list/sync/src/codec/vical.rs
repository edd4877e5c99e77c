//! Providers of VICALs as they are kept.
//!
//! ```cddl
//! provider = [ pin: [ 0 / 1, certificate: bstr ], holdDown / null, seen / null, settled: time / null, held / null,
//!              anchors: [* anchor], [ lastAttempt / null, lastSuccess / null, failures: uint ] ]     ; pin 0: root, 1: signer
//! seen     = [ issue: uint / null, date: time ]
//! held     = [ provider: tstr, issue: uint / null, date: time, nextUpdate / null, notAfter / null, sha256: digest,
//!              fetched: time ]
//! ```

use tegata_mdoc::cbor::{DecodeError, Encoder, Reader};
use tegata_pki::Certificate;
use tegata_trust_list::vical::SeenVical;

use super::{Stored, invalid, read_fields};
use crate::vical::{HeldVical, VicalPin, VicalProvider};
use crate::{AnchorSet, HeldAnchor, KeyDigest};

impl Stored for AnchorSet {
    fn write(&self, encoder: &mut Encoder) {
        self.iter().map(|(_, anchor)| anchor.clone()).collect::<Vec<_>>().write(encoder);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut anchors = Self::new();
        for anchor in Vec::<HeldAnchor>::read(reader)? {
            anchors.insert(KeyDigest::of(&anchor.certificate), anchor);
        }
        Ok(anchors)
    }
}

impl Stored for VicalPin {
    fn write(&self, encoder: &mut Encoder) {
        let number: u64 = match self {
            Self::Root(_) => 0,
            Self::DangerousSigner(_) => 1,
        };
        (number, self.certificate().clone()).write(encoder);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (number, certificate): (u64, Certificate) = Stored::read(reader)?;
        match number {
            0 => Ok(Self::Root(certificate)),
            1 => Ok(Self::DangerousSigner(certificate)),
            _ => Err(invalid(at, "pin")),
        }
    }
}

impl Stored for SeenVical {
    fn write(&self, encoder: &mut Encoder) {
        encoder.array(2);
        self.issue_id.write(encoder);
        self.date.write(encoder);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        read_fields!(reader, issue_id, date);
        Ok(Self { issue_id, date })
    }
}

impl Stored for HeldVical {
    fn write(&self, encoder: &mut Encoder) {
        encoder.array(7);
        self.provider.write(encoder);
        self.issue_id.write(encoder);
        self.date.write(encoder);
        self.next_update.write(encoder);
        self.not_after.write(encoder);
        KeyDigest::from_bytes(self.sha256).write(encoder);
        self.fetched_at.write(encoder);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        read_fields!(reader, provider, issue_id, date, next_update, not_after, digest, fetched_at);
        let digest: KeyDigest = digest;
        Ok(Self { provider, issue_id, date, next_update, not_after, sha256: *digest.as_bytes(), fetched_at })
    }
}

impl Stored for VicalProvider {
    fn write(&self, encoder: &mut Encoder) {
        encoder.array(7);
        self.pin.write(encoder);
        self.hold_down.write(encoder);
        self.seen.write(encoder);
        self.settled.write(encoder);
        self.held.write(encoder);
        self.anchors.write(encoder);
        self.fetch.write(encoder);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        read_fields!(reader, pin, hold_down, seen, settled, held, anchors, fetch);
        Ok(Self { pin, hold_down, seen, settled, held, anchors, fetch })
    }
}
