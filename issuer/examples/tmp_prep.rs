#![allow(missing_docs, clippy::unwrap_used, reason = "temporary")]
#[path = "../tests/common/mod.rs"]
#[allow(dead_code, unreachable_pub, reason = "temporary")]
mod common;
use common::*;
use tegata_issuer::*;
use tegata_mdoc::cbor::Value;
use tegata_mdoc::model::Claims;
struct R(u64);
impl rand_core::TryRng for R { type Error = std::convert::Infallible;
 fn try_next_u32(&mut self)->Result<u32,Self::Error>{Ok(1)} fn try_next_u64(&mut self)->Result<u64,Self::Error>{Ok(1)}
 fn try_fill_bytes(&mut self,b:&mut[u8])->Result<(),Self::Error>{ for c in b.chunks_mut(8){ self.0=self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407); c.copy_from_slice(&self.0.to_ne_bytes()[..c.len()]);} Ok(()) } }
impl rand_core::TryCryptoRng for R {}
#[derive(Debug)] struct Null;
impl tegata_pki::CryptoProvider for Null {
 fn name(&self)->&'static str{"null"}
 fn verify(&self,k:&tegata_pki::PublicKey,a:tegata_pki::SignatureAlgorithm,m:&[u8],s:tegata_pki::SignatureRef<'_>)->Result<(),tegata_pki::SignatureError>{tegata_pki::rust_crypto().verify(k,a,m,s)}
 fn digest(&self,_:tegata_pki::Hash,m:&[u8])->tegata_pki::Digest{ tegata_pki::Digest::from([m[m.len()-1];32]) }
 fn hmac_sha256(&self,_:&[u8],_:&[u8])->[u8;32]{[0;32]} fn hkdf_sha256(&self,_:&[u8],_:&[u8],_:&[u8])->[u8;32]{[0;32]}
 fn agree(&self,a:&tegata_pki::AgreementKey,b:&tegata_pki::PublicKey)->Result<tegata_pki::SharedSecret,tegata_pki::KeyError>{tegata_pki::rust_crypto().agree(a,b)} }
fn main(){
 let s=Sandbox::new(tegata_pki::Curve::P256,tegata_pki::Curve::P256);
 let signer=DocumentSigner::new(DocumentSignerParts{provider:&Null,..s.parts()},NOW).unwrap();
 let key=device_key(); let terms=terms();
 let sig=s.ds_signer.sign(b"x").unwrap(); let _=sig;
 for portrait in [true,false]{
 let names:Vec<String>=(0..30).map(|n|format!("element_name_{n:02}")).collect();
 let el=names.iter().enumerate().map(|(n,name)| if n==0&&portrait {(name.as_str(),Value::bytes(vec![0xa5;20480]))} else {(name.as_str(),Value::text("a value of middling length"))}).collect();
 let claims=Claims::from_values_unchecked("org.example.doc",[("org.example.namespace",el)]).unwrap();
 let req=IssuanceRequest{claims:&claims,terms:&terms,device_key:&key,status:None};
 let mut rng=R(7); let mut best=u128::MAX;
 for _ in 0..200{ let t=std::time::Instant::now(); for _ in 0..100{ std::hint::black_box(signer.prepare(&req,&mut rng,NOW).unwrap()); } best=best.min(t.elapsed().as_nanos()/100); }
 println!("portrait {portrait}: {best} ns");
 }
}
