//! A publication: two IACA keys under one name, their link, their CRLs, a status list, and signed metadata.

use std::fs;
use std::path::{Path, PathBuf};

use getrandom::{SysRng, rand_core::UnwrapErr};
use sha2::{Digest as _, Sha256};
use tegata_mdoc::cbor::Encoder;
use tegata_pki::{
    Certificate, CertificateRequest, Contact, CrlBuilder, CrlNumber, Curve, Edition, Name, Role, oid, profile,
    rust_crypto, software::InsecureSoftwareKey,
};
use tegata_trust_list::token::{TokenBuilder, TokenSigner};
use tegata_trust_list::{Bits, Compression, StatusArray, StatusList};
use tempfile::TempDir;
use time::{Duration, UtcDateTime, format_description::well_known::Rfc3339, macros::utc_datetime};

pub(crate) const NOW: UtcDateTime = utc_datetime!(2026-11-22 12:00);
/// When the certificates begin.
const START: UtcDateTime = utc_datetime!(2026-01-01 0:00);

/// A key that issues, with its certificate.
pub(crate) struct Authority {
    pub(crate) key: InsecureSoftwareKey,
    pub(crate) certificate: Certificate,
}

impl Authority {
    pub(crate) fn identifier(&self) -> String {
        hex::encode(self.certificate.subject_key_identifier().unwrap())
    }

    /// A CRL with this many entries.
    pub(crate) fn crl(&self, number: u64, entries: u32, next_update: UtcDateTime) -> Vec<u8> {
        let mut builder = CrlBuilder::new(&self.certificate, CrlNumber::from(number), START, next_update);
        for entry in 0..entries {
            let digest = Sha256::digest(entry.to_be_bytes());
            let serial: Vec<u8> = [&[1][..], &digest[..19]].concat();
            builder = builder.revoke(&serial, START, None);
        }
        let unsigned = builder.build().unwrap();
        let signature = self.key.sign(unsigned.algorithm(), unsigned.tbs()).unwrap().to_der(self.key.curve());
        unsigned.complete(&signature, rust_crypto()).unwrap().der().to_vec()
    }
}

/// A published tree in a folder of its own.
pub(crate) struct Tree {
    folder: TempDir,
    pub(crate) old: Authority,
    pub(crate) new: Authority,
    pub(crate) link: Certificate,
}

impl Tree {
    /// Publication 1.
    pub(crate) fn new() -> Self {
        let name = Name::from_attributes(&[
            (oid::COUNTRY, "UT"),
            (oid::ORGANIZATION, "Ministry, of Documents"),
            (oid::COMMON_NAME, "Utopia 手形 IACA"),
        ]);
        let name = name.unwrap();
        let (old, new) = (root(&name), root(&name));
        let link = certificate(Role::Link, &name, new.key.public_key(), Some(&old.certificate), &old.key);
        let tree = Self { folder: tempfile::tempdir().unwrap(), old, new, link };
        for authority in [&tree.old, &tree.new] {
            tree.write(&format!("/iaca/{}.cer", authority.identifier()), authority.certificate.der());
        }
        let link_path = format!("/link/{}-{}.cer", tree.old.identifier(), tree.new.identifier());
        tree.write(&link_path, tree.link.der());
        tree.write(&tree.crl_path(&tree.old), &tree.old.crl(1, 200, NOW + Duration::days(30)));
        tree.write(&tree.crl_path(&tree.new), &tree.new.crl(1, 0, NOW + Duration::days(60)));
        tree.write("/status/1.cwt", &status_list(&tree.new.key, NOW + Duration::days(2)));
        tree.write("/index.html", "<!doctype html><title>DTS</title><p>Utopia".repeat(20).as_bytes());
        tree.write("/iacas.json", format!("[{}]", vec!["\"anchor\""; 100].join(",")).as_bytes());
        tree.publish(1, 2);
        tree
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn place(&self, path: &str) -> PathBuf {
        self.root().join(path.trim_start_matches('/'))
    }

    /// Writes as a publisher does: beside, then renamed.
    pub(crate) fn write(&self, path: &str, bytes: &[u8]) {
        let place = self.place(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        let draft = place.with_file_name(".draft");
        fs::write(&draft, bytes).unwrap();
        fs::rename(draft, place).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.place(path)).unwrap()
    }

    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.place(path)).unwrap();
    }

    pub(crate) fn crl_path(&self, authority: &Authority) -> String {
        format!("/crl/{}.crl", authority.identifier())
    }

    /// Publishes the certificates and CRLs as they are now, the pointer last.
    pub(crate) fn publish(&self, version: u64, anchors: usize) {
        self.publish_until(version, anchors, NOW + Duration::DAY);
    }

    pub(crate) fn publish_until(&self, version: u64, anchors: usize, pointer_expires: UtcDateTime) {
        let mut objects = Vec::new();
        for folder in ["iaca", "link", "crl"] {
            for entry in fs::read_dir(self.root().join(folder)).unwrap() {
                let place = entry.unwrap().path();
                let bytes = fs::read(&place).unwrap();
                let digest: [u8; 32] = Sha256::digest(&bytes).into();
                self.write(&format!("/o/{}", hex::encode(digest)), &bytes);
                let name = format!("/{folder}/{}", place.file_name().unwrap().to_str().unwrap());
                objects.push((name, bytes.len(), digest));
            }
        }
        let month = NOW + Duration::days(30);
        let list = metadata("list", version, month, |map| {
            map.text("anchors", |value| {
                value.array(anchors);
                (0..anchors).for_each(|_| _ = value.map(0));
            });
        });
        self.write(&format!("/v1/list/{version}.cbor"), &list);
        let snapshot = metadata("snapshot", version, month, |map| {
            map.text("list", |value| reference(value, version, &list));
            map.text("objects", |value| {
                value.sorted_map(|map| {
                    for (name, length, digest) in &objects {
                        map.text(name, |value| {
                            value.sorted_map(|map| {
                                map.text("length", |value| _ = value.unsigned(*length as u64));
                                map.text("sha256", |value| _ = value.bytes(digest));
                            });
                        });
                    }
                });
            });
        });
        self.write(&format!("/v1/snapshot/{version}.cbor"), &snapshot);
        let year = NOW + Duration::days(365);
        self.write("/v1/root/1.cbor", &metadata("root", 1, year, |map| _ = map.text("keys", |value| _ = value.map(0))));
        let pointer = metadata("pointer", version, pointer_expires, |map| {
            map.text("snapshot", |value| reference(value, version, &snapshot));
        });
        self.write("/v1/pointer.cbor", &pointer);
    }
}

fn reference(value: &mut Encoder, version: u64, file: &[u8]) {
    value.sorted_map(|map| {
        map.text("version", |value| _ = value.unsigned(version));
        map.text("length", |value| _ = value.unsigned(file.len() as u64));
        map.text("sha256", |value| _ = value.bytes(&Sha256::digest(file)));
    });
}

/// Signed metadata; the signature is of no interest to a server.
fn metadata(
    role: &str,
    version: u64,
    expires: UtcDateTime,
    more: impl FnOnce(&mut tegata_mdoc::cbor::MapEncoder),
) -> Vec<u8> {
    let date = |value: &mut Encoder, date: UtcDateTime| _ = value.tag(0).text(&date.format(&Rfc3339).unwrap());
    let mut payload = Encoder::new();
    payload.sorted_map(|map| {
        map.text("type", |value| _ = value.text(role));
        map.text("spec", |value| _ = value.unsigned(1));
        map.text("repository", |value| _ = value.text("utopia"));
        map.text("version", |value| _ = value.unsigned(version));
        map.text("issued", |value| date(value, NOW));
        map.text("expires", |value| date(value, expires));
        more(map);
    });
    let mut message = Encoder::new();
    message.tag(98).array(4).bytes(&[0xa0]).map(0).bytes(payload.as_bytes()).array(1);
    message.array(3).bytes(&[0xa0]).map(0).bytes(&[0; 64]);
    message.into_bytes()
}

/// A status list token.
pub(crate) fn status_list(key: &InsecureSoftwareKey, expires: UtcDateTime) -> Vec<u8> {
    let list = StatusList::compress(&StatusArray::new(Bits::One, 10_000), Compression::Fast);
    let signer = TokenSigner::Key { key: key.public_key().clone(), key_id: b"1".to_vec() };
    let builder = TokenBuilder::new("https://dts.example/status/1.cwt", list, START, expires, signer);
    let prepared = builder.ttl(Duration::minutes(10)).prepare_cwt().unwrap();
    let signature = key.sign(prepared.algorithm(), prepared.to_be_signed()).unwrap();
    prepared.complete(&signature, rust_crypto()).unwrap()
}

fn root(name: &Name) -> Authority {
    let key = InsecureSoftwareKey::generate(Curve::P256, &mut UnwrapErr(SysRng)).unwrap();
    let certificate = certificate(Role::Iaca, name, key.public_key(), None, &key);
    Authority { key, certificate }
}

fn certificate(
    role: Role,
    subject: &Name,
    key: &tegata_pki::PublicKey,
    issuer: Option<&Certificate>,
    signer: &InsecureSoftwareKey,
) -> Certificate {
    let validity = (START, START + Duration::days(3650));
    let profile = profile(role, Edition::Iso18013_5);
    CertificateRequest::new(profile, subject.clone(), key.clone(), issuer, validity, &mut UnwrapErr(SysRng))
        .contact(Contact::Uri("https://iaca.example".to_owned()))
        .crl_uri("http://dts.example/crl")
        .build()
        .map(|unsigned| {
            let signature = signer.sign(unsigned.algorithm(), unsigned.tbs()).unwrap().to_der(signer.curve());
            unsigned.complete(&signature, rust_crypto()).unwrap()
        })
        .unwrap()
}
