//! What issuing costs beyond the work nobody can avoid: salts, digests and one signature.
//!
//! Floor and document are measured in the same process, in turns, and the ratio of their medians is printed
//! (`cargo bench -p tegata-issuer`). The signer here does not verify what it signs, so that the floor is as low as it can
//! be; a token's signer verifies, and the ratio falls.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    missing_docs,
    reason = "a measurement"
)]

use std::convert::Infallible;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use rand_core::{Rng, TryCryptoRng, TryRng};
use tegata_hsm::{PendingSignature, Signer};
use tegata_issuer::sandbox::SandboxAuthority;
use tegata_issuer::{DocumentSigner, DocumentSignerParts, IssuanceRequest, Terms};
use tegata_mdoc::cbor::{Value, decode};
use tegata_mdoc::issuer_signed::IssuerSigned;
use tegata_mdoc::model::Claims;
use tegata_pki::{Contact, Curve, Edition, Hash, PublicKey, RawSignature, SignatureAlgorithm, aws_lc_rs};
use time::macros::utc_datetime;

const ROUNDS: usize = 4000;
const ELEMENTS: usize = 30;

/// The fast generator that both sides draw from.
struct AwsRng(SystemRandom);

impl TryRng for AwsRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_ne_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_ne_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(bytes).unwrap();
        Ok(())
    }
}

impl TryCryptoRng for AwsRng {}

/// Signs with AWS-LC and does not verify. For this measurement only.
#[derive(Debug)]
struct BareSigner {
    pair: EcdsaKeyPair,
    public: PublicKey,
}

impl BareSigner {
    fn generate() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let public = PublicKey::from_sec1(Curve::P256, pair.public_key().as_ref()).unwrap();
        Self { pair, public }
    }

    fn bare(&self, message: &[u8]) -> RawSignature {
        let signature = self.pair.sign(&SystemRandom::new(), message).unwrap();
        RawSignature::new(Curve::P256, signature.as_ref().to_vec()).unwrap()
    }
}

impl Signer for BareSigner {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::Ecdsa(Hash::Sha256)
    }

    fn begin(&self, message: Vec<u8>) -> PendingSignature {
        PendingSignature::ready(Ok(self.bare(&message)))
    }

    fn sign(&self, message: &[u8]) -> Result<RawSignature, tegata_hsm::SignerError> {
        Ok(self.bare(message))
    }
}

fn claims(portrait: bool) -> Claims {
    let names: Vec<String> = (0..ELEMENTS).map(|number| format!("element_name_{number:02}")).collect();
    let elements = names.iter().enumerate().map(|(number, name)| match number {
        0 if portrait => (name.as_str(), Value::bytes(vec![0xa5; 20 * 1024])),
        _ => (name.as_str(), Value::text("a value of middling length")),
    });
    Claims::from_values_unchecked("org.example.doc", [("org.example.namespace", elements.collect())]).unwrap()
}

fn median(mut times: Vec<u64>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2] as f64 / 1000.0
}

fn nanoseconds(run: impl FnOnce()) -> u64 {
    let start = Instant::now();
    run();
    u64::try_from(start.elapsed().as_nanos()).unwrap()
}

fn main() {
    let mut rng = AwsRng(SystemRandom::new());
    let now = utc_datetime!(2026-11-21 13:45:10);
    let (root_signer, ds_signer) = (BareSigner::generate(), Arc::new(BareSigner::generate()));
    let authority = SandboxAuthority {
        country: "UT".into(),
        state: None,
        crl_uri: "https://crl.example/iaca.crl".into(),
        contact: Contact::Uri("https://issuer.example".into()),
        edition: Edition::Iso18013_5,
    };
    let period = (utc_datetime!(2026-11-01 0:00), utc_datetime!(2027-10-31 0:00));
    let root = authority.create_root(&root_signer, period, &mut rng).unwrap();
    let certificate =
        authority.create_document_signer((&root, &root_signer), ds_signer.public_key(), period, &mut rng).unwrap();
    let signer: Arc<dyn Signer> = Arc::<BareSigner>::clone(&ds_signer);
    let parts = DocumentSignerParts {
        signer,
        certificate,
        iaca: Some(root),
        edition: authority.edition,
        provider: aws_lc_rs(),
    };
    let issuer = DocumentSigner::new(parts, now).unwrap();
    let device_key = BareSigner::generate().public;
    let terms = Terms::until(utc_datetime!(2027-02-01 0:00));

    for portrait in [true, false] {
        let claims = claims(portrait);
        let request = IssuanceRequest { claims: &claims, terms: &terms, device_key: &device_key, status: None };
        // The floor: one fill for the salts, a digest of each item's bytes, one signature over the same message.
        let sample = issuer.prepare(&request, &mut rng, now).unwrap();
        let message = sample.to_be_signed().to_vec();
        let signature = ds_signer.bare(&message);
        let document = sample.complete(&signature).unwrap();
        let (decoded, _) = decode::<IssuerSigned<'_>>(document.issuer_signed()).unwrap();
        let items: Vec<&[u8]> = decoded.value().items().map(|(_, item)| item.bytes()).collect();
        let mut salts = vec![0_u8; ELEMENTS * 32];

        let (mut floors, mut documents) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            floors.push(nanoseconds(|| {
                rng.fill_bytes(&mut salts);
                black_box(&salts);
                for item in &items {
                    black_box(aws_lc_rs().digest(Hash::Sha256, black_box(item)));
                }
                black_box(ds_signer.bare(black_box(&message)));
            }));
            documents.push(nanoseconds(|| {
                black_box(issuer.issue(black_box(&request), &mut rng, now).unwrap());
            }));
        }
        let (floor, document) = (median(floors), median(documents));
        let what = if portrait { "30 elements, 20 KiB portrait" } else { "30 elements" };
        println!("{what}: floor {floor:.1} us, document {document:.1} us, ratio {:.3}", document / floor);
    }
}
