//! The other side of the air gap, as far as a rehearsal needs it: keys of signers in a token of their own, and a request.

use rand_core::Rng as _;
use tegata_hsm::{KeyReference, Module, Pin, Signer, SignerOptions, Token, TokenSelector, TokenSigner};
use tegata_pki::{CertificationRequestBuilder, Curve, PublicKey, Role, rust_crypto};
use tegata_root_ca::{Authority, Cause, CertificateKind};
use tegata_trust_list::bundle::{
    Applicant, ApplicantRole, CsrItem, RequestBundle, RequestItem, RevocationOrder, SignerRole,
};
use time::UtcDateTime;

use crate::failure::{Failure, Kind};
use crate::home::Home;
use crate::machine::rng;

/// Label of the token of the other side.
const TOKEN: &str = "ONLINE";
/// Label of the key that signs requests.
const REQUEST_KEY: &str = "request";

/// What a rehearsed request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// A new signer of each role that the policy names.
    Signers,
    /// The revocation of the newest document signer.
    Revocation,
}

/// Writes the request of the other side, signed with a key that is pinned the first time.
pub(crate) fn write_request(
    home: &Home,
    authority: &Authority,
    wish: Wish,
    manager: &str,
    now: UtcDateTime,
) -> Result<std::path::PathBuf, Failure> {
    let online = Online::open(home)?;
    let exchange = authority.state().exchange()?;
    let mut nonce = [0; 32];
    rng().fill_bytes(&mut nonce);
    let applicant = |person: &str, role| Applicant { person: person.to_owned(), role };
    let request = RequestBundle {
        sequence: exchange.next_sequence(),
        nonce,
        created: now,
        previous_response: exchange.response.as_ref().map(|response| response.digest),
        last_checkpoint: exchange.response.as_ref().map(|response| response.checkpoint.clone()),
        applicants: vec![
            applicant("ops-manager", ApplicantRole::OpsManager),
            applicant("key-manager-1", ApplicantRole::KeyManager),
        ],
        items: match wish {
            Wish::Signers => online.requests(authority, now)?,
            Wish::Revocation => vec![order(authority, manager, now)?],
        },
    };
    let prepared = request.prepare(&online.key)?;
    let signature = online.signer(REQUEST_KEY, &online.key)?.sign(prepared.to_be_signed())?;
    let bytes = prepared.complete(&signature, rust_crypto())?;
    home.write("request.bundle", &bytes, true)?;
    Ok(home.file("request.bundle"))
}

/// The newest document signer is given up.
fn order(authority: &Authority, manager: &str, now: UtcDateTime) -> Result<RequestItem, Failure> {
    let records = authority.state().certificates()?;
    let signers = records.iter().filter(|record| record.kind == CertificateKind::DocumentSigner);
    let newest = signers.max_by_key(|record| record.issued).ok_or_else(|| {
        let remedy = ["rehearse a ceremony that issues one before", "先にDS証明書を発行するセレモニーを行ってください"];
        Failure::new(Kind::Refused, "nothing-to-revoke", "there is no document signer", remedy)
    })?;
    let issuer = authority.state().key(newest.issuer)?;
    Ok(RequestItem::Revoke(RevocationOrder {
        issuer_ski: issuer.public_key.key_identifier().to_vec(),
        serial: newest.serial.0.clone(),
        reason: Cause::KeyCompromise.reason(),
        at: now,
        requested_by: manager.to_owned(),
    }))
}

struct Online {
    module: Module,
    token: Token,
    key: PublicKey,
}

impl Online {
    /// The token of the other side; made, and its key pinned, the first time.
    fn open(home: &Home) -> Result<Self, Failure> {
        let store = home.file("online");
        std::fs::create_dir_all(&store).map_err(|error| Failure::unreadable(&store, &error))?;
        let module = Module::embedded(&store)?;
        if home.file("online.pem").exists() && home.file("online.ref").exists() {
            let token = module.token(&TokenSelector::label(TOKEN))?;
            return Ok(Self { module, token, key: home.online_key()? });
        }
        let token = module.initialise_token(TOKEN, &pin()?, &pin()?)?;
        let made = token.generate_key(&pin()?, Curve::P256, REQUEST_KEY, &[1])?;
        home.write("online.pem", made.public_key.to_pem().as_bytes(), true)?;
        home.write("online.ref", made.reference.to_string().as_bytes(), true)?;
        Ok(Self { module, token, key: made.public_key })
    }

    fn signer(&self, label: &str, key: &PublicKey) -> Result<TokenSigner, Failure> {
        let keys = self.token.keys(&pin()?)?;
        let id = keys.into_iter().find(|found| found.label == label).map(|found| found.id).unwrap_or_default();
        let reference: KeyReference = self.token.reference(label, &id);
        Ok(TokenSigner::open(&self.module, &reference, pin()?, key, &SignerOptions::default())?)
    }

    /// A new key and its request for each role that the policy names and whose signer is due.
    fn requests(&self, authority: &Authority, now: UtcDateTime) -> Result<Vec<RequestItem>, Failure> {
        let mut items = Vec::new();
        for role in [SignerRole::DocumentSigner, SignerRole::StatusSigner] {
            let names = authority.policy().signer_names(role.profile_role());
            let Some(common_name) = names.first() else { continue };
            let name = authority.policy().name(common_name).map_err(tegata_root_ca::AuthorityError::from)?;
            let (rules, kind) =
                (authority.policy().signer_rules(role.profile_role()), CertificateKind::of_signer(role.profile_role()));
            let revoked: Vec<_> = authority.state().revocations()?.into_iter().map(|one| one.serial).collect();
            let records =
                authority.state().certificates()?.into_iter().filter(|record| !revoked.contains(&record.serial));
            let newest = records.filter(|record| Some(record.kind) == kind).map(|record| record.issued).max();
            if rules
                .zip(newest)
                .is_some_and(|(rules, newest)| rules.issue_ahead.before(rules.cadence.after(newest)) > now)
            {
                continue;
            }
            items.push(RequestItem::Csr(CsrItem {
                role,
                der: self.csr(name, role.profile_role())?,
                attestation: None,
            }));
        }
        Ok(items)
    }

    fn csr(&self, name: tegata_pki::Name, role: Role) -> Result<Vec<u8>, Failure> {
        let number = rng().next_u32();
        let label = format!("{}-{number:08x}", role.id());
        let made = self.token.generate_key(&pin()?, Curve::P256, &label, &number.to_be_bytes())?;
        let unsigned = CertificationRequestBuilder::new(name, made.public_key.clone()).build()?;
        let signature = self.signer(&label, &made.public_key)?.sign(unsigned.tbs())?.to_der(Curve::P256);
        Ok(unsigned.complete(&signature, rust_crypto())?.into_request().der().to_vec())
    }
}

/// The PIN of a rehearsal's other side is no secret.
fn pin() -> Result<Pin, Failure> {
    Ok(Pin::new("rehearsal")?)
}
