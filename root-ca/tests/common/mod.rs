//! A root with keys in memory, and the tools that check what it signs.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
};

use getrandom::{SysRng, rand_core::UnwrapErr};
use tegata_audit::{Actor, Log};
use tegata_hsm::{InsecureSoftwareSigner, PendingSignature, Signer, SignerError};
use tegata_pki::{
    Certificate, Curve, Name, PublicKey, Role, SignatureAlgorithm, csr::CertificationRequestBuilder, rust_crypto,
    software::InsecureSoftwareKey,
};
use tegata_quorum::{Credential, Enrolment, Password, PersonId, SandboxFactor, UnlockedCredential, WorkFactor};
use tegata_root_ca::{
    AcceptedRequest, Authority, AuthorityError, CertificateRecord, CrlBatch, CsrInput, Generation, IssueOrder, Order,
    OrderedAct, Policy, RevocationOrder, SessionInput, SignedOrder, State,
    session::{CeremonyKind, First, MayIssue, MaySignCrl, SigningSession},
};
use tegata_trust_list::bundle::{Applicant, ApplicantRole};
use tempfile::TempDir;
use time::{Duration, UtcDateTime, macros::utc_datetime};

pub(crate) const START: UtcDateTime = utc_datetime!(2026-12-01 1:00);

pub(crate) fn rng() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

/// A root key in memory, which can be made to fail: at the n-th signature from now.
#[derive(Debug)]
pub(crate) struct TestSigner {
    key: InsecureSoftwareSigner,
    fails_in: AtomicUsize,
}

impl TestSigner {
    pub(crate) fn new(curve: Curve) -> Self {
        let key = InsecureSoftwareKey::generate(curve, &mut rng()).unwrap();
        Self::of(key)
    }

    pub(crate) fn of(key: InsecureSoftwareKey) -> Self {
        Self { key: InsecureSoftwareSigner::new(key).unwrap(), fails_in: AtomicUsize::new(usize::MAX) }
    }

    /// The n-th signature from now fails, counted from 0; all others succeed.
    pub(crate) fn fail_in(&self, signatures: usize) {
        self.fails_in.store(signatures, Ordering::SeqCst);
    }
}

impl Signer for TestSigner {
    fn public_key(&self) -> &PublicKey {
        self.key.public_key()
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.key.algorithm()
    }

    fn begin(&self, message: Vec<u8>) -> PendingSignature {
        let left = self.fails_in.load(Ordering::SeqCst);
        self.fails_in.store(left.wrapping_sub(1), Ordering::SeqCst);
        if left == 0 { PendingSignature::ready(Err(SignerError::Stopped)) } else { self.key.begin(message) }
    }
}

/// One root on a temporary medium.
pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) policy: Policy,
    pub(crate) authority: Option<Authority>,
    pub(crate) signers: Vec<TestSigner>,
    pub(crate) now: UtcDateTime,
}

impl World {
    pub(crate) fn new(policy: &str) -> Self {
        Self::with(Policy::built_in(policy).unwrap())
    }

    pub(crate) fn with(policy: Policy) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("out")).unwrap();
        let state = State::create(&folder.path().join("state.sqlite"), &policy, true, START).unwrap();
        let authority = open(folder.path(), state, &policy, START).unwrap();
        Self { folder, policy, authority: Some(authority), signers: Vec::new(), now: START }
    }

    /// Closes everything and opens it again, as after a restart.
    pub(crate) fn reopen(&mut self) {
        self.authority = None;
        let state = State::open(&self.path("state.sqlite")).unwrap();
        self.authority = Some(open(self.folder.path(), state, &self.policy, self.now).unwrap());
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.path("out")
    }

    pub(crate) fn authority(&mut self) -> &mut Authority {
        self.authority.as_mut().unwrap()
    }

    pub(crate) fn pass(&mut self, duration: Duration) {
        self.now += duration;
    }

    /// A new root key, registered.
    pub(crate) fn new_key(&mut self) -> Generation {
        let signer = TestSigner::new(Curve::P384);
        let now = self.now;
        let generation = self.authority().register_key(signer.public_key(), "pkcs11:token=root", now).unwrap();
        self.signers.push(signer);
        generation
    }

    pub(crate) fn session<K: CeremonyKind>(&mut self) -> Result<SigningSession<'_, K>, AuthorityError> {
        let (now, outputs) = (self.now, self.out());
        let signers = self.signers.iter().map(|signer| signer as &dyn Signer).collect();
        self.authority.as_mut().unwrap().session(SessionInput { signers, outputs, now })
    }

    /// A first ceremony without document signer: key, certificate, restore test, active.
    pub(crate) fn first_root(&mut self) -> Generation {
        let generation = self.new_key();
        self.session::<First>().unwrap().self_sign(generation, &mut rng()).unwrap();
        self.activate(generation);
        generation
    }

    pub(crate) fn activate(&mut self, generation: Generation) {
        let (now, index) = (self.now, usize::try_from(generation.0).unwrap() - 1);
        let key = self.signers[index].public_key().clone();
        self.authority().record_restore_test(generation, &key, now).unwrap();
        self.authority().activate_key(generation, now).unwrap();
    }

    /// A request for a new document signer key that passes every check.
    pub(crate) fn accepted(&mut self) -> AcceptedRequest {
        self.accepted_for(Role::DocumentSigner)
    }

    pub(crate) fn accepted_for(&mut self, role: Role) -> AcceptedRequest {
        let name = self.policy.name(&self.policy.signer_names(role)[0]).unwrap();
        let (csr, now) = (csr(&key(Curve::P256), &name), self.now);
        self.authority().check_request(&input(role, &csr, &applicants()), now).unwrap().accept().unwrap()
    }

    pub(crate) fn issue<K: MayIssue>(&mut self) -> Result<CertificateRecord, AuthorityError> {
        let request = self.accepted();
        self.session::<K>()?.issue(&IssueOrder { request: &request, not_before: None }, &mut rng())
    }

    pub(crate) fn crls<K: MaySignCrl>(&mut self, next: Duration) -> Result<CrlBatch, AuthorityError> {
        let next = self.now + next;
        self.session::<K>()?.sign_crls(next)
    }

    pub(crate) fn revoke(
        &mut self,
        record: &CertificateRecord,
        cause: tegata_root_ca::Cause,
    ) -> Result<(), AuthorityError> {
        let (serial, date, now) = (record.serial.clone(), self.now, self.now);
        let order = RevocationOrder { serial, cause, date, requested_by: "p01".into(), role: "ca-manager".into() };
        self.authority().revoke(&order, now)
    }

    pub(crate) fn log_events(&self) -> Vec<String> {
        let records = tegata_audit::read(&std::fs::read(self.path("audit.jsonl")).unwrap()).unwrap();
        records.into_iter().map(|record| format!("{}:{}", record.name, record.outcome)).collect()
    }
}

pub(crate) fn open(
    folder: &Path,
    state: State,
    policy: &Policy,
    now: UtcDateTime,
) -> Result<Authority, AuthorityError> {
    let log = Log::open(&folder.join("audit.jsonl"), "root-terminal-1").unwrap();
    Authority::open(state, policy.clone(), log, Actor::new("p03").unwrap(), now)
}

pub(crate) fn key(curve: Curve) -> InsecureSoftwareKey {
    InsecureSoftwareKey::generate(curve, &mut rng()).unwrap()
}

/// A signed PKCS#10 request, DER.
pub(crate) fn csr(key: &InsecureSoftwareKey, subject: &Name) -> Vec<u8> {
    let unsigned = CertificationRequestBuilder::new(subject.clone(), key.public_key().clone()).build().unwrap();
    let signature = key.sign(unsigned.algorithm(), unsigned.tbs()).unwrap().to_der(key.curve());
    unsigned.complete(&signature, rust_crypto()).unwrap().into_request().der().to_vec()
}

/// A request without attestation.
pub(crate) fn input<'a>(role: Role, der: &'a [u8], applicants: &'a [Applicant]) -> CsrInput<'a> {
    CsrInput { role, der, attestation: None, applicants }
}

/// A person with a credential of his own, unlocked.
pub(crate) fn person(handle: &str) -> UnlockedCredential {
    let factor = SandboxFactor::new(handle);
    let password = Password::new(format!("the password of {handle}")).unwrap();
    let enrolment =
        Enrolment { password: &password, factor: &factor, work_factor: WorkFactor::insecure(1).unwrap(), now: START };
    let credential = Credential::enrol(PersonId::new(handle).unwrap(), enrolment, &mut rng()).unwrap();
    credential.unlock(&password, &factor, START).unwrap()
}

/// An order signed by a person.
pub(crate) fn signed(
    by: &UnlockedCredential,
    role: &str,
    act: OrderedAct,
    reason: &str,
    at: UtcDateTime,
) -> SignedOrder {
    let (person, ceremony) = (by.person().clone(), "2026-01".to_owned());
    let order = Order { act, reason: reason.into(), person, role: role.into(), ceremony, site: [1; 32], at };
    let sign_off = by.sign_off(&order.statement().unwrap());
    SignedOrder { order, sign_off, key: by.credential().public_key().clone() }
}

pub(crate) fn applicants() -> Vec<Applicant> {
    vec![
        Applicant { person: "p05".into(), role: ApplicantRole::OpsManager },
        Applicant { person: "p06".into(), role: ApplicantRole::KeyManager },
    ]
}

/// `openssl verify` with the lists, at an instant; the program's last words when it refuses.
pub(crate) fn openssl_verify(
    leaf: &Certificate,
    root: &Certificate,
    crls: &[&[u8]],
    at: UtcDateTime,
) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("root.pem"), root.to_pem()).unwrap();
    std::fs::write(path("leaf.pem"), leaf.to_pem()).unwrap();
    let lists: String = crls.iter().map(|crl| tegata_pki::Crl::from_der(crl).unwrap().to_pem()).collect();
    std::fs::write(path("crl.pem"), lists).unwrap();
    let mut command = Command::new("openssl");
    command.args(["verify", "-check_ss_sig", "-x509_strict", "-attime", &at.unix_timestamp().to_string()]);
    if !crls.is_empty() {
        command.arg("-crl_check").arg("-CRLfile").arg(path("crl.pem"));
    }
    let output = command.arg("-CAfile").arg(path("root.pem")).arg(path("leaf.pem")).output().unwrap();
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

/// `openssl x509 -text` or `openssl crl -text` of a DER file.
pub(crate) fn openssl_text(kind: &str, der: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("object.der");
    std::fs::write(&file, der).unwrap();
    let output = Command::new("openssl").args([kind, "-inform", "DER", "-noout", "-text", "-in"]).arg(&file).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
