//! Cutting the stream into messages.
//!
//! The codec is given whole messages only. It would start from the beginning with every byte that arrives, and a client
//! that sends a byte at a time would have it read the same message thousands of times.

use bytes::BytesMut;
use ldap3_proto::{LdapCodec, LdapMsg};
use tokio_util::codec::Decoder as _;

/// Deepest nesting of a message. A filter may nest as deep as this less the message around it.
const MAX_DEPTH: usize = 24;
const SEQUENCE: u8 = 0x30;

/// What is no LDAP message, or one too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// Takes the first message out of what was received; `None` until all of it is there.
pub(super) fn take(received: &mut BytesMut, limit: usize) -> Result<Option<LdapMsg>, Malformed> {
    let Some(length) = length(received, limit)? else { return Ok(None) };
    if received.len() < length {
        return Ok(None);
    }
    let mut message = received.split_to(length);
    let decoded = LdapCodec::new(Some(limit), Some(MAX_DEPTH)).decode(&mut message).map_err(|_| Malformed)?;
    match decoded {
        Some(decoded) if message.is_empty() && decoded.msgid > 0 => Ok(Some(decoded)),
        _ => Err(Malformed),
    }
}

/// The length of the first message with its head, as soon as the head is there. Lengths are definite (RFC 4511 5.1).
fn length(received: &[u8], limit: usize) -> Result<Option<usize>, Malformed> {
    let (tag, rest) = match received {
        [] => return Ok(None),
        [tag, rest @ ..] => (*tag, rest),
    };
    if tag != SEQUENCE {
        return Err(Malformed);
    }
    let (content, head) = match rest {
        [] => return Ok(None),
        [short @ 0..=0x7f, ..] => (usize::from(*short), 2),
        [long @ 0x81..=0x84, digits @ ..] => {
            let count = usize::from(long & 0x7f);
            let Some(digits) = digits.get(..count) else { return Ok(None) };
            (digits.iter().fold(0, |length, byte| (length << 8) | usize::from(*byte)), 2 + count)
        }
        _ => return Err(Malformed),
    };
    if content > limit.saturating_sub(head) { Err(Malformed) } else { Ok(Some(head + content)) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

    use ldap3_proto::proto::{LdapBindCred, LdapBindRequest, LdapOp};
    use proptest::prelude::*;
    use tokio_util::codec::Encoder as _;

    use super::*;

    fn bind() -> BytesMut {
        let request = LdapBindRequest { version: 3, dn: String::new(), cred: LdapBindCred::Simple(String::new()) };
        let mut bytes = BytesMut::new();
        LdapCodec::default()
            .encode(LdapMsg { msgid: 7, op: LdapOp::BindRequest(request), ctrl: vec![] }, &mut bytes)
            .unwrap();
        bytes
    }

    #[test]
    fn messages_come_out_whole() {
        let mut received = BytesMut::new();
        let one = bind();
        for byte in &one[..one.len() - 1] {
            received.extend_from_slice(&[*byte]);
            assert!(take(&mut received, 100).unwrap().is_none());
        }
        received.extend_from_slice(&one[one.len() - 1..]);
        received.extend_from_slice(&one);
        assert_eq!(take(&mut received, 100).unwrap().unwrap().msgid, 7);
        assert_eq!(take(&mut received, 100).unwrap().unwrap().msgid, 7);
        assert!(take(&mut received, 100).unwrap().is_none());
    }

    #[test]
    fn lengths() {
        assert_eq!(length(&[0x30, 5], 10), Ok(Some(7)));
        assert_eq!(length(&[0x30, 9], 10), Err(Malformed));
        assert_eq!(length(&[0x30, 0x82, 1, 0], 300), Ok(Some(260)));
        assert_eq!(length(&[0x30, 0x82, 1], 300), Ok(None));
        assert_eq!(length(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], 300), Err(Malformed));
        assert_eq!(length(&[0x30, 0x80], 300), Err(Malformed));
        assert_eq!(length(&[0x30, 0x85], 300), Err(Malformed));
        assert_eq!(length(b"GET / HTTP/1.1", 300), Err(Malformed));
    }

    fn decode(bytes: &[u8]) {
        let mut received = BytesMut::from(bytes);
        while let Ok(Some(_)) = take(&mut received, 4096) {}
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn garbage_is_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            decode(&bytes);
        }

        #[test]
        fn garbage_in_a_message_too(content in proptest::collection::vec(any::<u8>(), 0..120)) {
            let length = u8::try_from(content.len()).unwrap();
            decode(&[&[SEQUENCE, length][..], &content].concat());
        }

        /// A message with an identifier, an operation of any kind, and garbage in it.
        #[test]
        fn garbage_in_an_operation_too(
            operation in 0x40_u8..0x80,
            content in proptest::collection::vec(any::<u8>(), 0..100),
            control in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..20)),
        ) {
            let mut inner = vec![2, 1, 1, operation, u8::try_from(content.len()).unwrap()];
            inner.extend(content);
            if let Some(control) = control {
                inner.extend([0xa0, u8::try_from(control.len()).unwrap()]);
                inner.extend(control);
            }
            let length = u8::try_from(inner.len());
            if let Ok(length @ 0..=127) = length {
                decode(&[&[SEQUENCE, length][..], &inner].concat());
            }
        }

        #[test]
        fn a_changed_byte_does_no_harm(place in 0_usize..14, byte: u8) {
            let mut bytes = bind();
            let place = place % bytes.len();
            bytes[place] = byte;
            decode(&bytes);
        }
    }
}
