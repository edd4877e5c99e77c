//! What a root has signed, read back from the files alone: neither the state nor the names of the files are believed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use tegata_pki::{Certificate, Crl, Name, OwnedCrl, Role, Severity, lint, lint_crl, oid, profile, rust_crypto};
use tegata_root_ca::Policy;
use time::UtcDateTime;

/// A certificate and its file.
pub(crate) struct Signed {
    pub(crate) path: PathBuf,
    pub(crate) certificate: Certificate,
    pub(crate) role: Role,
    /// The root whose key signed it, as an index into [`Objects::roots`].
    pub(crate) issuer: usize,
}

/// A list and its file.
pub(crate) struct List {
    pub(crate) path: PathBuf,
    pub(crate) crl: OwnedCrl,
    /// The root whose key signed it.
    pub(crate) issuer: usize,
    pub(crate) number: u64,
    pub(crate) next_update: UtcDateTime,
}

/// Everything in a folder of objects.
pub(crate) struct Objects {
    /// The self-signed certificates in the order of their beginning.
    pub(crate) roots: Vec<Signed>,
    pub(crate) below: Vec<Signed>,
    pub(crate) lists: Vec<List>,
    /// When each revoked certificate was revoked, by any list: serial to date.
    pub(crate) revoked: BTreeMap<Vec<u8>, UtcDateTime>,
}

impl Objects {
    /// Reads a folder. Every signature is verified, every certificate and list is held against its profile, and no serial
    /// or number may come twice.
    pub(crate) fn read(folder: &Path, policy: &Policy) -> Self {
        let (mut certificates, mut lists) = (Vec::new(), Vec::new());
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("cer") => certificates.push((path, Certificate::from_der(&bytes).unwrap())),
                Some("crl") => lists.push((path, Crl::from_der(&bytes).unwrap().into_owned())),
                _ => panic!("{} is neither a certificate nor a list", path.display()),
            }
        }
        let is_root = |certificate: &Certificate| {
            certificate.verify_signature(certificate.public_key().unwrap(), rust_crypto()).is_ok()
        };
        let (mut roots, others): (Vec<_>, Vec<_>) =
            certificates.into_iter().partition(|(_, certificate)| is_root(certificate));
        roots.sort_by_key(|(_, root)| root.not_before());
        let roots: Vec<Signed> = roots
            .into_iter()
            .enumerate()
            .map(|(issuer, (path, certificate))| Signed { path, certificate, role: Role::Iaca, issuer })
            .collect();
        let issuer_of = |key_identifier: Option<&[u8]>| {
            let found = roots.iter().position(|root| root.certificate.subject_key_identifier() == key_identifier);
            found.expect("an issuer that is not there")
        };
        let below = others.into_iter().map(|(path, certificate)| {
            let issuer = issuer_of(certificate.authority_key_identifier());
            let key = roots[issuer].certificate.public_key().unwrap();
            certificate.verify_signature(key, rust_crypto()).unwrap();
            Signed { path, role: role_of(&certificate, policy), certificate, issuer }
        });
        let below: Vec<Signed> = below.collect();
        let mut lists: Vec<List> = lists
            .into_iter()
            .map(|(path, crl)| {
                let issuer = issuer_of(crl.authority_key_identifier());
                crl.verify_signature(&roots[issuer].certificate, rust_crypto()).unwrap();
                let octets = crl.number().unwrap().to_be_bytes();
                let number = u64::from_be_bytes(*octets.last_chunk().unwrap());
                List { path, issuer, number, next_update: crl.next_update().unwrap(), crl }
            })
            .collect();
        lists.sort_by_key(|list| list.number);
        let mut objects = Self { roots, below, lists, revoked: BTreeMap::new() };
        objects.note_revocations();
        objects.check_numbers();
        objects.check_profiles(policy);
        objects
    }

    fn note_revocations(&mut self) {
        for list in &self.lists {
            for entry in list.crl.entries() {
                let entry = entry.unwrap();
                let before = self.revoked.insert(entry.serial.to_vec(), entry.date);
                assert!(before.is_none_or(|date| date == entry.date), "{}: a date was changed", list.path.display());
            }
        }
    }

    /// Numbers are unique within an issuer name and rise with time; serials are unique.
    fn check_numbers(&self) {
        let mut serials = BTreeSet::new();
        for signed in self.roots.iter().chain(&self.below) {
            assert!(
                serials.insert(signed.certificate.serial().to_vec()),
                "{}: the serial came before",
                signed.path.display()
            );
        }
        let name = |list: &List| self.roots[list.issuer].certificate.subject().clone();
        for pair in self.lists.windows(2) {
            assert_eq!(name(&pair[0]), name(&pair[1]), "the roots of this test have one name");
            let (one, next) = (&pair[0], &pair[1]);
            assert!(one.number < next.number, "{}: the number came before", next.path.display());
            assert!(
                one.crl.this_update() <= next.crl.this_update(),
                "{}: earlier than the one before",
                next.path.display()
            );
        }
    }

    fn check_profiles(&self, policy: &Policy) {
        for signed in self.roots.iter().chain(&self.below) {
            let issuer = &self.roots[signed.issuer].certificate;
            let mut findings = lint(&signed.certificate, profile(signed.role, policy.edition), Some(issuer));
            findings.retain(|finding| finding.severity == Severity::Error);
            assert!(findings.is_empty(), "{}: {findings:?}", signed.path.display());
            let (own, above) = (signed.certificate.not_after(), issuer.not_after());
            assert!(own <= above, "{} outlives its issuer: {own} and {above}", signed.path.display());
        }
        for list in &self.lists {
            let issuer = &self.roots[list.issuer].certificate;
            let mut findings = lint_crl(&list.crl, profile(Role::Crl, policy.edition), Some(issuer));
            findings.retain(|finding| finding.severity == Severity::Error);
            assert!(findings.is_empty(), "{}: {findings:?}", list.path.display());
        }
    }

    pub(crate) fn of_role(&self, role: Role) -> impl Iterator<Item = &Signed> {
        self.below.iter().filter(move |signed| signed.role == role)
    }

    /// The names that certificates of a role were issued to.
    pub(crate) fn names(&self, role: Role) -> Vec<Name> {
        let mut names: Vec<Name> = Vec::new();
        for signed in self.of_role(role) {
            if !names.contains(signed.certificate.subject()) {
                names.push(signed.certificate.subject().clone());
            }
        }
        names
    }

    pub(crate) fn is_revoked(&self, certificate: &Certificate, at: UtcDateTime) -> bool {
        self.revoked.get(certificate.serial()).is_some_and(|date| *date <= at)
    }

    /// The list that decides at an instant: of those in force the one with the greatest number.
    pub(crate) fn list_at(&self, issuer: usize, at: UtcDateTime) -> Option<&List> {
        let in_force = |list: &&List| list.issuer == issuer && list.crl.this_update() <= at && at <= list.next_update;
        self.lists.iter().filter(in_force).max_by_key(|list| list.number)
    }
}

impl Signed {
    /// Whether the instant lies within the validity, both ends counted in (RFC 5280 4.1.2.5).
    pub(crate) fn is_valid_at(&self, at: UtcDateTime) -> bool {
        (self.certificate.not_before()..=self.certificate.not_after()).contains(&at)
    }
}

fn role_of(certificate: &Certificate, policy: &Policy) -> Role {
    if certificate.is_ca() {
        return Role::Link;
    }
    let common_name = certificate.subject().common_name().unwrap().into_owned();
    let purposes = certificate.extended_key_usage().unwrap_or_default();
    let has = |purpose| purposes.contains(&purpose);
    let of_purpose = match () {
        () if has(oid::EKU_MDL_DS) || has(oid::EKU_MDOC_DS) => Role::DocumentSigner,
        () if has(oid::EKU_MDL_VICAL) || has(oid::EKU_MDOC_VICAL) => Role::VicalSigner,
        () => Role::StatusSigner,
    };
    assert!(policy.signer_names(of_purpose).contains(&common_name), "{common_name} is no {}", of_purpose.id());
    of_purpose
}
