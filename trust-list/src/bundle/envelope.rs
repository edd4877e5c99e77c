//! What both kinds of bundle share: the signed head, the manifest, the objects.

use std::collections::BTreeMap;

use tegata_mdoc::cbor::{Decode as _, DecodeError, Encoder, Key, Limits, Reader};
use tegata_mdoc::cose::{AlgorithmId, CoseSign1, LABEL_ALG, LABEL_KID, LABEL_TYP};
use tegata_pki::{CoseAlgorithm, CryptoProvider, PublicKey, RawSignature, SignatureAlgorithm, SignatureRef, ct_eq};

use super::field::{read_fixed, unknown_key};
use super::{BundleError, MAX_BUNDLE_BYTES, MAX_OBJECTS, Verified, bundle_digest};

const VERSION: u64 = 1;
const LIMITS: Limits = Limits { bytes: MAX_BUNDLE_BYTES, depth: 12, items: 100_000 };

/// What a bundle carries: a head, which is signed, and objects, which the manifest fixes.
pub(super) trait Contents: Sized {
    /// The `typ` of the header.
    const TYPE: &'static str;

    /// The rules beyond the encoding.
    fn check(&self) -> Result<(), BundleError>;

    /// The objects with their names.
    fn objects(&self) -> Vec<(String, &[u8])>;

    /// Writes the head: one map.
    fn encode_head(&self, encoder: &mut Encoder);

    /// Reads the head and takes the objects that it names.
    fn decode_head(reader: &mut Reader<'_>, objects: &mut Objects) -> Result<Self, BundleError>;
}

/// The objects of a received bundle, taken one by one.
#[derive(Debug)]
pub(super) struct Objects {
    left: BTreeMap<String, Vec<u8>>,
    missing: Option<String>,
}

impl Objects {
    /// The object of that name. If it is not there (any more), the bundle fails in [`Objects::finish`].
    pub(super) fn take(&mut self, name: &str) -> Vec<u8> {
        self.left.remove(name).unwrap_or_else(|| {
            self.missing.get_or_insert_with(|| name.to_owned());
            Vec::new()
        })
    }

    fn finish(self) -> Result<(), BundleError> {
        match (self.missing, self.left.into_keys().next()) {
            (Some(name), _) => Err(BundleError::MissingObject { name }),
            (None, Some(name)) => Err(BundleError::UnusedObject { name }),
            (None, None) => Ok(()),
        }
    }
}

/// A bundle that lacks its signature.
#[derive(Clone, Debug)]
pub struct PreparedBundle {
    key: PublicKey,
    algorithm: SignatureAlgorithm,
    protected: Vec<u8>,
    payload: Vec<u8>,
    objects: Vec<u8>,
    message: Vec<u8>,
}

impl PreparedBundle {
    pub(super) fn new<T: Contents>(contents: &T, signer: &PublicKey) -> Result<Self, BundleError> {
        contents.check()?;
        let curve = signer.curve();
        let algorithm = CoseAlgorithm::for_curve(curve).ok_or(BundleError::NoAlgorithm(curve))?;
        let objects = contents.objects();
        if objects.len() > MAX_OBJECTS {
            return Err(BundleError::TooMany { what: "objects", found: objects.len(), limit: MAX_OBJECTS });
        }
        let protected = header::<T>(algorithm, &signer.key_identifier());
        let payload = payload(contents, &objects);
        let prepared = Self {
            key: signer.clone(),
            algorithm: algorithm.signature_algorithm(),
            message: CoseSign1::signature_input(&protected, &payload),
            objects: object_map(&objects),
            protected,
            payload,
        };
        let found = prepared.file(&vec![0; 2 * curve.field_len()]).len();
        if found > MAX_BUNDLE_BYTES { Err(BundleError::TooLarge { found }) } else { Ok(prepared) }
    }

    /// The key that is to sign.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The algorithm to sign with.
    #[must_use]
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// The bytes to sign: the Sig_structure (RFC 9052 4.4).
    #[must_use]
    pub fn to_be_signed(&self) -> &[u8] {
        &self.message
    }

    /// Verifies the signature and returns the file.
    ///
    /// # Errors
    /// [`BundleError::Signature`].
    pub fn complete(self, signature: &RawSignature, provider: &dyn CryptoProvider) -> Result<Vec<u8>, BundleError> {
        let signature = signature.as_bytes();
        provider.verify(&self.key, self.algorithm, &self.message, SignatureRef::Raw(signature))?;
        Ok(self.file(signature))
    }

    fn file(&self, signature: &[u8]) -> Vec<u8> {
        file(&self.protected, &self.payload, signature, &self.objects)
    }
}

fn header<T: Contents>(algorithm: CoseAlgorithm, key_id: &[u8]) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.sorted_map(|map| {
        map.integer(LABEL_ALG, |value| _ = value.integer(algorithm.number()));
        map.integer(LABEL_KID, |value| _ = value.bytes(key_id));
        map.integer(LABEL_TYP, |value| _ = value.text(T::TYPE));
    });
    encoder.into_bytes()
}

fn payload<T: Contents>(contents: &T, objects: &[(String, &[u8])]) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.array(3).unsigned(VERSION).sorted_map(|manifest| {
        for (name, bytes) in objects {
            manifest.text(name, |entry| _ = entry.array(2).bytes(&bundle_digest(bytes)).unsigned(length(bytes)));
        }
    });
    contents.encode_head(&mut encoder);
    encoder.into_bytes()
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

fn object_map(objects: &[(String, &[u8])]) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.sorted_map(|map| {
        for (name, bytes) in objects {
            map.text(name, |value| _ = value.bytes(bytes));
        }
    });
    encoder.into_bytes()
}

fn file(protected: &[u8], payload: &[u8], signature: &[u8], objects: &[u8]) -> Vec<u8> {
    let mut unprotected = Encoder::new();
    unprotected.map(0);
    let signed = CoseSign1::encode(protected, unprotected.as_bytes(), Some(payload), signature, true);
    let mut encoder = Encoder::with_capacity(signed.len() + objects.len() + 1);
    encoder.array(2).raw(&signed).raw(objects);
    encoder.into_bytes()
}

/// A received bundle whose parts were told apart.
#[derive(Debug)]
pub(super) struct Envelope<'a> {
    bytes: &'a [u8],
    signed: CoseSign1<'a>,
    algorithm: CoseAlgorithm,
    key_id: &'a [u8],
    content_type: &'a str,
    payload: &'a [u8],
    objects: BTreeMap<&'a str, &'a [u8]>,
}

impl<'a> Envelope<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, BundleError> {
        if bytes.len() > MAX_BUNDLE_BYTES {
            return Err(BundleError::TooLarge { found: bytes.len() });
        }
        let mut reader = Reader::new(bytes, LIMITS)?;
        let (mut signed, mut objects) = (None, BTreeMap::new());
        reader.array_of(2, |reader, index| {
            if index == 0 {
                signed = Some(CoseSign1::decode(reader).map_err(|error| error.within("signed"))?);
                return Ok(());
            }
            read_objects(reader, &mut objects).map_err(|error| error.within("objects"))
        })?;
        reader.finish()?;
        if objects.len() > MAX_OBJECTS {
            return Err(BundleError::TooMany { what: "objects", found: objects.len(), limit: MAX_OBJECTS });
        }
        let signed: CoseSign1<'a> = signed.ok_or(BundleError::Header("signature"))?;
        let algorithm = match signed.protected.algorithm {
            Some(AlgorithmId::Number(number)) => CoseAlgorithm::from_number(number),
            _ => None,
        };
        Ok(Self {
            bytes,
            algorithm: algorithm.ok_or(BundleError::Header("alg"))?,
            key_id: signed.protected.key_id().ok_or(BundleError::Header("kid"))?,
            content_type: signed.protected.content_type().ok_or(BundleError::Header("typ"))?,
            payload: signed.payload.ok_or(BundleError::Header("payload"))?,
            objects,
            signed,
        })
    }

    pub(super) fn content_type(&self) -> &'a str {
        self.content_type
    }

    /// Signer, signature, contents, rules: in this order, so that nothing is read that nobody vouches for.
    pub(super) fn open<T: Contents>(
        &self,
        signer: &PublicKey,
        provider: &dyn CryptoProvider,
    ) -> Result<Verified<T>, BundleError> {
        self.check_type::<T>()?;
        let (expected, curve) = (signer.key_identifier(), signer.curve());
        if !ct_eq(&expected, self.key_id) {
            return Err(BundleError::WrongSigner { expected, found: self.key_id.to_vec() });
        }
        if !self.algorithm.permits(curve) {
            return Err(BundleError::AlgorithmMismatch { algorithm: self.algorithm, curve });
        }
        let message = self.signed.to_be_signed(self.payload);
        let signature = SignatureRef::Raw(self.signed.signature);
        provider.verify(signer, self.algorithm.signature_algorithm(), &message, signature)?;
        let contents: T = self.contents()?;
        contents.check()?;
        Ok(Verified { contents, digest: bundle_digest(self.bytes), signer: signer.clone() })
    }

    /// The contents, whoever signed them. The whole file must be in the encoding that a writer would give it.
    pub(super) fn contents<T: Contents>(&self) -> Result<T, BundleError> {
        self.check_type::<T>()?;
        let mut reader = Reader::new(self.payload, LIMITS)?;
        let (mut manifest, mut contents) = (Vec::new(), None);
        let mut version = None;
        reader.array_of(3, |reader, index| {
            match (index, version) {
                (0, _) => version = Some(reader.unsigned()?),
                (1, Some(VERSION)) => {
                    manifest = read_manifest(reader).map_err(|error| error.within("manifest"))?;
                }
                (_, Some(VERSION)) => contents = Some(self.read_head::<T>(reader)?),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        reader.finish()?;
        if let Some(other) = version.filter(|version| *version != VERSION) {
            return Err(BundleError::Version(other));
        }
        self.check_manifest(&manifest)?;
        let contents = contents.ok_or(BundleError::Header("payload"))??;
        if self.rebuilt(&contents) == self.bytes { Ok(contents) } else { Err(BundleError::NotDeterministic) }
    }

    fn check_type<T: Contents>(&self) -> Result<(), BundleError> {
        if self.content_type == T::TYPE {
            return Ok(());
        }
        Err(BundleError::WrongType { expected: T::TYPE, found: self.content_type.to_owned() })
    }

    /// The outer result is of the encoding, the inner one of the objects; the manifest is judged between the two.
    fn read_head<T: Contents>(&self, reader: &mut Reader<'_>) -> Result<Result<T, BundleError>, DecodeError> {
        let left = self.objects.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect();
        let mut objects = Objects { left, missing: None };
        match T::decode_head(reader, &mut objects) {
            Err(BundleError::Cbor(error)) => Err(error.within("head")),
            Err(error) => Ok(Err(error)),
            Ok(contents) => Ok(objects.finish().map(|()| contents)),
        }
    }

    fn check_manifest(&self, manifest: &[ManifestEntry<'_>]) -> Result<(), BundleError> {
        for ManifestEntry { name, digest, length: expected } in manifest {
            let name = (*name).to_owned();
            let Some(bytes) = self.objects.get(name.as_str()) else { return Err(BundleError::MissingObject { name }) };
            if length(bytes) != *expected {
                return Err(BundleError::ObjectLength { name, expected: *expected, found: bytes.len() });
            }
            if !ct_eq(&bundle_digest(bytes), digest) {
                return Err(BundleError::ObjectDigest { name });
            }
        }
        let extra = self.objects.keys().find(|name| manifest.iter().all(|entry| entry.name != **name));
        extra.map_or(Ok(()), |name| Err(BundleError::ExtraObject { name: (*name).to_owned() }))
    }

    fn rebuilt<T: Contents>(&self, contents: &T) -> Vec<u8> {
        let objects = contents.objects();
        let protected = header::<T>(self.algorithm, self.key_id);
        file(&protected, &payload(contents, &objects), self.signed.signature, &object_map(&objects))
    }
}

#[derive(Debug)]
struct ManifestEntry<'a> {
    name: &'a str,
    digest: [u8; 32],
    length: u64,
}

fn read_objects<'a>(reader: &mut Reader<'a>, objects: &mut BTreeMap<&'a str, &'a [u8]>) -> Result<(), DecodeError> {
    reader.map(|reader, key| {
        let name = text_key(reader, key)?;
        objects.insert(name, reader.bytes()?);
        Ok(())
    })?;
    Ok(())
}

fn read_manifest<'a>(reader: &mut Reader<'a>) -> Result<Vec<ManifestEntry<'a>>, DecodeError> {
    let mut manifest = Vec::new();
    reader.map(|reader, key| {
        let mut entry = ManifestEntry { name: text_key(reader, key)?, digest: [0; 32], length: 0 };
        reader.array_of(2, |reader, index| {
            if index == 0 {
                entry.digest = read_fixed(reader, "sha-256")?;
            } else {
                entry.length = reader.unsigned()?;
            }
            Ok(())
        })?;
        manifest.push(entry);
        Ok(())
    })?;
    Ok(manifest)
}

fn text_key<'a>(reader: &Reader<'a>, key: Key<'a>) -> Result<&'a str, DecodeError> {
    match key {
        Key::Text(name) => Ok(name),
        other => Err(unknown_key(reader, other)),
    }
}
