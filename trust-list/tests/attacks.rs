//! Evidence an attacker would like to be taken: never *good*, and each attempt has a cause of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use support::{MDL, NOW, Party, URI, chain, crl, cwt, cwt_of, document_signer, finish, iaca, mso_of, status_signer};
use tegata_mdoc::cbor::Encoder;
use tegata_mdoc::mso::{Status, StatusListInfo};
use tegata_pki::{Crl, CrlNumber, Curve, rust_crypto};
use tegata_trust_list::token::{ListContent, StatusListToken, TokenBuilder};
use tegata_trust_list::{
    Bits, Compression, DeviceKeyList, Evidence, IdentifierList, InflateLimit, MsoQuestion, RevocationCheck,
    RevocationPolicy, RevocationStatus, StatusArray, StatusList, StatusValue, certificate_status, mso_status,
};
use time::{Duration, UtcDateTime};

const PORTAL: &[u8] =
    b"\r\n<!DOCTYPE html><html><head><title>Wi-Fi login</title></head><body>Please accept</body></html>";
const CRL_URI: &str = "https://iaca.example/crl";
const OTHER_URI: &str = "https://dts.example/identifiers/1";

struct World {
    root: Party,
    ds: Party,
    signer: Party,
}

impl World {
    fn new(name: &str) -> Self {
        let root = iaca(name);
        let (ds, signer) = (document_signer(&root, "DS 1"), status_signer(&root, Curve::P256));
        Self { root, ds, signer }
    }

    fn list(&self) -> StatusList {
        let mut array = StatusArray::new(Bits::One, 64);
        array.set(6, StatusValue::Invalid).unwrap();
        StatusList::compress(&array, Compression::Small)
    }

    /// The status of the document signer's certificate.
    fn of_signer(&self, evidence: &Evidence, at: UtcDateTime) -> RevocationStatus {
        let policy = RevocationPolicy::interop();
        let check = RevocationCheck { evidence, trust: None, policy: &policy, at, provider: rust_crypto() };
        certificate_status(&self.ds.certificate, &self.root.certificate, &check)
    }

    /// The status of a document with entry 5 of the status list at [`URI`].
    fn of_document(&self, evidence: &Evidence, at: UtcDateTime) -> RevocationStatus {
        let status_list = Some(StatusListInfo { index: 5, uri: URI, certificate: None });
        let status = Status { status_list, identifier_list: None };
        let device = self.ds.key.public_key();
        let question = MsoQuestion { status: Some(&status), ..mso_of(&self.ds, &self.root, device, MDL) };
        let policy = RevocationPolicy::interop();
        mso_status(&question, &RevocationCheck { evidence, trust: None, policy: &policy, at, provider: rust_crypto() })
    }
}

fn cause(status: RevocationStatus) -> &'static str {
    match status {
        RevocationStatus::Undetermined(cause) => cause.id(),
        other => panic!("{other:?}"),
    }
}

fn with_crl(bytes: &[u8]) -> Evidence {
    let mut evidence = Evidence::new();
    _ = evidence.crls.add_fetched(CRL_URI, bytes, NOW);
    evidence
}

fn with_list(bytes: &[u8]) -> Evidence {
    let mut evidence = Evidence::new();
    _ = evidence.lists.add_fetched(URI, bytes, NOW);
    evidence
}

/// A status list token of this compressed content, whatever that is: signed, so that only the content is at fault.
fn token_of(compressed: &[u8], signer: &Party) -> Vec<u8> {
    let empty = StatusList::compress(&StatusArray::new(Bits::One, 8), Compression::Fast);
    let template = cwt(empty.clone(), signer);
    // The claims of a genuine token with another `lst`, signed again.
    let (token, _) = tegata_mdoc::cbor::decode::<tegata_mdoc::cose::CoseSign1<'_>>(&template).unwrap();
    let sign1 = token.value();
    let payload = sign1.payload.unwrap();
    let needle = {
        let mut encoder = Encoder::new();
        encoder.text("lst").bytes(empty.compressed());
        encoder.into_bytes()
    };
    let at = payload.windows(needle.len()).position(|window| window == needle).unwrap();
    let mut replacement = Encoder::new();
    replacement.text("lst").bytes(compressed);
    let payload = [&payload[..at], replacement.as_bytes(), &payload[at + needle.len()..]].concat();
    let message = tegata_mdoc::cose::CoseSign1::signature_input(sign1.protected_bytes, &payload);
    let algorithm = Curve::P256.signature_algorithm().unwrap();
    let signature = signer.key.sign(algorithm, &message).unwrap();
    tegata_mdoc::cose::CoseSign1::encode(sign1.protected_bytes, &[0xa0], Some(&payload), signature.as_bytes(), true)
}

/// A zlib stream of `megabytes` MiB of zeros in a thousandth of the bytes: one deflate block that refers to nothing before
/// it, again and again.
fn bomb(megabytes: usize) -> Vec<u8> {
    let mut deflate = flate2::Compress::new(flate2::Compression::best(), false);
    let mut block = Vec::with_capacity(1 << 16);
    deflate.compress_vec(&vec![0; 1 << 20], &mut block, flate2::FlushCompress::Full).unwrap();
    [&[0x78, 0xda][..], &block.repeat(megabytes)].concat()
}

#[test]
fn a_crl_played_back() {
    let world = World::new("Utopia IACA");
    let old = crl(&world.root, 4, NOW - Duration::days(2), &[]);
    let mut evidence = with_crl(&old);
    assert_eq!(world.of_signer(&evidence, NOW).id(), "good", "nothing better is known");
    evidence.crls.remember(world.root.key.public_key(), CrlNumber::from(5));
    assert_eq!(cause(world.of_signer(&evidence, NOW)), "crl-number-too-low");
    // The newer one at hand, too: it names the signer, and the older does not outvote it in either order.
    let new = crl(&world.root, 5, NOW - Duration::DAY, &[&world.ds.certificate]);
    for pair in [[&old, &new], [&new, &old]] {
        let mut evidence = Evidence::new();
        pair.iter().for_each(|list| evidence.crls.add(list, NOW).unwrap());
        assert_eq!(world.of_signer(&evidence, NOW).id(), "revoked");
    }
}

#[test]
fn a_crl_released_before_its_day() {
    let world = World::new("Utopia IACA");
    let tomorrow = crl(&world.root, 9, NOW + Duration::DAY, &[]);
    assert_eq!(cause(world.of_signer(&with_crl(&tomorrow), NOW)), "crl-not-yet-valid");
    // It does not push today's aside either, which names the signer.
    let today = crl(&world.root, 8, NOW - Duration::HOUR, &[&world.ds.certificate]);
    for pair in [[&tomorrow, &today], [&today, &tomorrow]] {
        let mut evidence = Evidence::new();
        pair.iter().for_each(|list| evidence.crls.add(list, NOW).unwrap());
        assert_eq!(world.of_signer(&evidence, NOW).id(), "revoked");
    }
}

#[test]
fn lists_of_two_keys_under_one_name() {
    let (old, new) = (World::new("Utopia IACA"), World::new("Utopia IACA"));
    assert_eq!(old.root.certificate.subject(), new.root.certificate.subject());
    let of_old = crl(&old.root, 3, NOW - Duration::DAY, &[&old.ds.certificate]);
    let of_new = crl(&new.root, 200, NOW - Duration::DAY, &[]);
    for pair in [[&of_old, &of_new], [&of_new, &of_old]] {
        let mut evidence = Evidence::new();
        pair.iter().for_each(|list| evidence.crls.add(list, NOW).unwrap());
        assert_eq!(old.of_signer(&evidence, NOW).id(), "revoked");
        assert_eq!(new.of_signer(&evidence, NOW).id(), "good");
    }
    // The other key's list alone says nothing.
    assert_eq!(cause(old.of_signer(&with_crl(&of_new), NOW)), "crl-none");
    // One that names the old key and is signed with the new one is a forgery.
    let forged = forged_crl(&old.root, &new.root);
    assert_eq!(cause(old.of_signer(&with_crl(&forged), NOW)), "crl-signature");
}

/// A CRL that looks like `victim`'s, signed by `attacker`.
fn forged_crl(victim: &Party, attacker: &Party) -> Vec<u8> {
    let genuine = crl(victim, 7, NOW - Duration::DAY, &[]);
    let tbs = Crl::from_der(&genuine).unwrap().tbs().to_vec();
    let algorithm = Curve::P256.signature_algorithm().unwrap();
    let signature = attacker.key.sign(algorithm, &tbs).unwrap().to_der(Curve::P256);
    let algorithm_id = [0x30, 0x0a, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
    let bits = [&[3, u8::try_from(signature.as_bytes().len() + 1).unwrap(), 0][..], signature.as_bytes()].concat();
    let contents = [&tbs[..], &algorithm_id, &bits].concat();
    let head = match contents.len() {
        length @ 0x80..=0xff => vec![0x30, 0x81, u8::try_from(length).unwrap()],
        length => [&[0x30, 0x82][..], &u16::try_from(length).unwrap().to_be_bytes()].concat(),
    };
    [head, contents].concat()
}

#[test]
fn a_login_page_instead_of_a_list() {
    let world = World::new("Utopia IACA");
    assert_eq!(Evidence::new().crls.add(PORTAL, NOW).unwrap_err().id(), "crl-looks-like-html");
    assert_eq!(Evidence::new().lists.add(PORTAL, NOW).unwrap_err().id(), "token-looks-like-html");
    assert_eq!(cause(world.of_signer(&with_crl(PORTAL), NOW)), "crl-looks-like-html");
    assert_eq!(cause(world.of_document(&with_list(PORTAL), NOW)), "token-looks-like-html");
    // What was fetched well before goes on to count, and a good fetch takes the complaint back.
    let mut evidence = with_list(PORTAL);
    evidence.lists.add_fetched(URI, &cwt(world.list(), &world.signer), NOW).unwrap();
    _ = evidence.lists.add_fetched(URI, PORTAL, NOW);
    assert_eq!(world.of_document(&evidence, NOW).id(), "good");
    let mut evidence = with_crl(PORTAL);
    evidence.crls.add_fetched(CRL_URI, &crl(&world.root, 1, NOW, &[]), NOW).unwrap();
    assert_eq!(world.of_signer(&evidence, NOW).id(), "good");
}

#[test]
fn a_download_that_was_cut() {
    let world = World::new("Utopia IACA");
    let list = crl(&world.root, 1, NOW - Duration::DAY, &[]);
    let token = cwt(world.list(), &world.signer);
    for length in [1, 40, 100, list.len() - 1] {
        let found = cause(world.of_signer(&with_crl(&list[..length]), NOW));
        assert_eq!(found, if length < 4 { "crl-der" } else { "crl-truncated" }, "{length}");
    }
    for length in 1..token.len() {
        assert_eq!(cause(world.of_document(&with_list(&token[..length]), NOW)), "token-truncated", "{length}");
    }
    let compressed = world.list().compressed().to_vec();
    let cut = token_of(&compressed[..compressed.len() - 1], &world.signer);
    assert_eq!(cause(world.of_document(&with_list(&cut), NOW)), "inflate-truncated");
}

#[test]
fn a_bomb_of_ten_gigabytes() {
    let world = World::new("Utopia IACA");
    let bytes = bomb(10_000);
    assert!(bytes.len() < 12 << 20, "{}", bytes.len());
    let token = token_of(&bytes, &world.signer);
    assert_eq!(cause(world.of_document(&with_list(&token), NOW)), "inflate-too-large");
    let list = StatusListToken::from_cwt(&token).unwrap();
    let error = list.unverified_content().expand(InflateLimit::new(usize::MAX)).unwrap_err();
    assert_eq!(error.id(), "inflate-too-large");
    // Twice as much does not even fit a token.
    assert_eq!(cause(world.of_document(&with_list(&token_of(&bytes.repeat(2), &world.signer)), NOW)), "token-too-long");
}

#[test]
fn a_strangers_list_with_a_valid_signature() {
    let (world, stranger) = (World::new("Utopia IACA"), World::new("Other IACA"));
    let token = cwt(world.list(), &stranger.signer);
    assert_eq!(cause(world.of_document(&with_list(&token), NOW)), "status-foreign-signer");
    // One with the victim's name, of course, too.
    let namesake = World::new("Utopia IACA");
    let token = cwt(world.list(), &namesake.signer);
    assert_eq!(cause(world.of_document(&with_list(&token), NOW)), "status-foreign-signer");
    // And a signature that is not the signer's.
    let mut token = cwt(world.list(), &world.signer);
    *token.last_mut().unwrap() ^= 1;
    assert_eq!(cause(world.of_document(&with_list(&token), NOW)), "status-signature");
}

#[test]
fn a_clock_turned_back() {
    let world = World::new("Utopia IACA");
    let evidence = with_list(&cwt(world.list(), &world.signer));
    assert_eq!(world.of_document(&evidence, NOW).id(), "good");
    // To a day on which the list had not been made.
    assert_eq!(cause(world.of_document(&evidence, NOW - Duration::days(3))), "status-not-yet-valid");
    // To a day on which an old list was fresh, after a newer one was used.
    let old = cwt_of(world.list(), &world.signer, NOW - Duration::days(3));
    let mut evidence = with_list(&old);
    evidence.lists.remember(URI, NOW - Duration::HOUR);
    assert_eq!(cause(world.of_document(&evidence, NOW - Duration::days(3) + Duration::HOUR)), "status-superseded");
    let evidence = with_crl(&crl(&world.root, 1, NOW, &[]));
    assert_eq!(cause(world.of_signer(&evidence, NOW - Duration::DAY)), "crl-not-yet-valid");
}

#[test]
fn a_list_of_one_kind_or_subject_as_another() {
    let world = World::new("Utopia IACA");
    let under = |uri: &str, content: StatusList| {
        let builder = TokenBuilder::new(uri, content, NOW, NOW + Duration::DAY, chain(&world.signer));
        finish(builder.prepare_cwt().unwrap(), &world.signer.key)
    };
    assert_eq!(cause(world.of_document(&with_list(&under(OTHER_URI, world.list())), NOW)), "status-no-list");
    fn others<L: ListContent>(world: &World, content: L) -> &'static str {
        cause(world.of_document(&with_list(&cwt(content, &world.signer)), NOW))
    }
    assert_eq!(others(&world, IdentifierList::default()), "status-no-list");
    assert_eq!(others(&world, DeviceKeyList::default()), "status-no-list");
}
