//! Enrolment, the two factors, renewal, and what an altered file does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use support::{NOW, enrol, factor, password, person, rng, unlock};
use tegata_quorum::{
    Credential, CredentialError, Enrolment, FactorError, KeyFileFactor, Password, SandboxFactor, SecondFactor,
    WorkFactor,
};
use time::Duration;
use zeroize::Zeroizing;

/// The right name, another answer: a cloned label without the device behind it.
#[derive(Debug)]
struct Impostor(String);

impl SecondFactor for Impostor {
    fn id(&self) -> &str {
        &self.0
    }

    fn respond(&self, _: &[u8]) -> Result<Zeroizing<[u8; 32]>, FactorError> {
        Ok(Zeroizing::new([0; 32]))
    }
}

#[test]
fn both_factors_open_and_one_alone_does_not() {
    let credential = enrol(1);
    let unlocked = unlock(1, &credential, NOW + Duration::days(3));
    assert_eq!(unlocked.person(), &person(1));
    assert_eq!(unlocked.authenticated_at(), NOW + Duration::days(3));
    let wrong_password = credential.unlock(&password(2), &factor(1), NOW).unwrap_err();
    assert_eq!(wrong_password.id(), "credential-wrong-password");
    let other_factor = credential.unlock(&password(1), &factor(2), NOW).unwrap_err();
    assert_eq!(other_factor.id(), "credential-other-factor");
    let impostor = Impostor(factor(1).id().to_owned());
    let no_factor = credential.unlock(&password(1), &impostor, NOW).unwrap_err();
    assert!(matches!(no_factor, CredentialError::FactorRefused { person: p } if p == person(1)));
}

/// A device that is not plugged in.
#[derive(Debug)]
struct Absent(String);

impl SecondFactor for Absent {
    fn id(&self) -> &str {
        &self.0
    }

    fn respond(&self, _: &[u8]) -> Result<Zeroizing<[u8; 32]>, FactorError> {
        Err(FactorError::Device("not plugged in".into()))
    }
}

/// The file is no oracle: whoever lacks the factor cannot tell a right password from a wrong one.
#[test]
fn without_the_factor_every_password_gives_the_same_error() {
    let credential = enrol(1);
    let name = factor(1).id().to_owned();
    let attempts: [(Box<dyn SecondFactor>, &str); 3] = [
        (Box::new(Impostor(name.clone())), "credential-factor-refused"),
        (Box::new(Absent(name)), "factor-device"),
        (Box::new(factor(2)), "credential-other-factor"),
    ];
    for (attempt, id) in &attempts {
        let right = credential.unlock(&password(1), attempt.as_ref(), NOW).unwrap_err();
        let wrong = credential.unlock(&password(2), attempt.as_ref(), NOW).unwrap_err();
        assert_eq!((right.id(), wrong.id()), (*id, *id));
        assert_eq!(format!("{right:?}"), format!("{wrong:?}"));
        assert_eq!(right.to_string(), wrong.to_string());
    }
    // With the factor the two differ, so the passwords above were not equal by mistake.
    assert!(credential.unlock(&password(1), &factor(1), NOW).is_ok());
    assert_eq!(credential.unlock(&password(2), &factor(1), NOW).unwrap_err().id(), "credential-wrong-password");
}

/// What a thief with the file and the password can do by hand, with the layers of the format and without our checks.
#[test]
fn the_password_alone_finds_no_layer_that_asks_for_it() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    let file: serde_json::Value = serde_json::from_str(&enrol(1).to_json().unwrap()).unwrap();
    let sealed = STANDARD.decode(file["sealed"].as_str().unwrap()).unwrap();
    let passphrase = age::secrecy::SecretString::from("horse battery staple 1");
    assert!(sealed.starts_with(b"age-encryption.org/v1\n-> X25519 "));
    assert!(!sealed.windows(9).any(|octets| octets == b"-> scrypt"));
    let error = age::decrypt(&age::scrypt::Identity::new(passphrase), &sealed).unwrap_err();
    assert!(matches!(error, age::DecryptError::NoMatchingKeys), "{error}");
}

#[test]
fn the_file_survives_a_round_trip() {
    let credential = enrol(1);
    let json = credential.to_json().unwrap();
    let read = Credential::from_json(json.as_bytes()).unwrap();
    assert_eq!(read, credential);
    assert_eq!(read.to_json().unwrap(), json);
    assert_eq!(read.enrolled(), NOW);
    unlock(1, &read, NOW);
    assert!(!json.contains("horse"));
}

#[test]
fn every_altered_member_is_noticed() {
    let original = enrol(1).to_json().unwrap();
    let other: serde_json::Value = serde_json::from_str(&enrol(2).to_json().unwrap()).unwrap();
    let alter = |name: &str, value: serde_json::Value| {
        let mut file: serde_json::Value = serde_json::from_str(&original).unwrap();
        file[name] = value;
        let read = Credential::from_json(file.to_string().as_bytes())?;
        read.unlock(&password(1), &factor(1), NOW + Duration::days(1000)).map(|_| ())
    };
    let id = |name, value| alter(name, value).unwrap_err().id();
    assert_eq!(id("person", "p02".into()), "credential-factor-refused");
    for name in ["public_key", "recipient", "salt"] {
        assert_eq!(id(name, other[name].clone()), "credential-factor-refused", "{name}");
    }
    // A password that looks younger, a person who looks enrolled earlier, work that looks harder.
    assert_eq!(id("password_set", "2027-01-01T00:00:00Z".into()), "credential-factor-refused");
    assert_eq!(id("enrolled", "2020-01-01T00:00:00Z".into()), "credential-factor-refused");
    assert_eq!(id("work_factor", 18.into()), "credential-factor-refused");
    assert_eq!(id("factor", "key-file:0011223344556677".into()), "credential-other-factor");
    assert_eq!(id("sealed", other["sealed"].clone()), "credential-factor-refused");
    for (name, value) in [
        ("format", "tegata-credential-v2".into()),
        ("work_factor", 21.into()),
        ("password_set", "2026-11-21T18:00:00+09:00".into()),
        ("salt", "00".into()),
        ("surplus", 1.into()),
        ("sealed", 1.into()),
    ] {
        assert_eq!(id(name, value), "credential-malformed", "{name}");
    }
    assert!(alter("person", "p01".into()).is_ok());
}

#[test]
fn a_damaged_seal_never_opens() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    let original: serde_json::Value = serde_json::from_str(&enrol(1).to_json().unwrap()).unwrap();
    let sealed = STANDARD.decode(original["sealed"].as_str().unwrap()).unwrap();
    for place in (0..sealed.len()).step_by(3) {
        let mut altered = sealed.clone();
        altered[place] ^= 0x20;
        let mut file = original.clone();
        file["sealed"] = STANDARD.encode(altered).into();
        let read = Credential::from_json(file.to_string().as_bytes()).unwrap();
        let error = read.unlock(&password(1), &factor(1), NOW).unwrap_err();
        assert!(matches!(error.id(), "credential-damaged" | "credential-factor-refused"), "octet {place}: {error}");
    }
}

#[test]
fn a_renewed_password_keeps_the_keys() {
    let credential = enrol(1);
    let later = NOW + Duration::days(100);
    let unlocked = unlock(1, &credential, later);
    let (new_password, new_factor) = (Password::new("quite another password").unwrap(), factor(9));
    let work_factor = WorkFactor::insecure(2).unwrap();
    let enrolment = Enrolment { password: &new_password, factor: &new_factor, work_factor, now: later };
    let renewed = unlocked.renew(enrolment, &mut rng(77)).unwrap();
    assert_eq!(renewed.public_key(), credential.public_key());
    assert_eq!(renewed.holder(), credential.holder());
    assert_eq!(renewed.enrolled(), NOW);
    assert_eq!(credential.password_age(later), Duration::days(100));
    assert_eq!(renewed.password_age(later), Duration::ZERO);
    assert!(renewed.unlock(&new_password, &new_factor, later).is_ok());
    assert_eq!(renewed.unlock(&password(1), &new_factor, later).unwrap_err().id(), "credential-wrong-password");
    let early = renewed.unlock(&new_password, &new_factor, NOW).unwrap_err();
    assert_eq!(early.id(), "credential-clock");
}

#[test]
fn a_handle_is_no_password() {
    let person = tegata_quorum::PersonId::new("key-manager-2").unwrap();
    let password = Password::new("Key-Manager-2").unwrap();
    let work_factor = WorkFactor::insecure(1).unwrap();
    let enrolment = Enrolment { password: &password, factor: &factor(1), work_factor, now: NOW };
    let error = Credential::enrol(person, enrolment, &mut rng(1)).unwrap_err();
    assert_eq!(error.id(), "credential-password-is-handle");
}

#[test]
fn key_files_are_private_and_never_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("p01.key");
    let made = KeyFileFactor::create(&path, &mut rng(1)).unwrap();
    let opened = KeyFileFactor::open(&path).unwrap();
    assert_eq!(made.id(), opened.id());
    assert!(made.id().starts_with("key-file:"));
    assert_eq!(made.respond(b"x").unwrap(), opened.respond(b"x").unwrap());
    assert_ne!(made.respond(b"x").unwrap(), made.respond(b"y").unwrap());
    assert_eq!(KeyFileFactor::create(&path, &mut rng(2)).unwrap_err().id(), "factor-file");
    let content = std::fs::read_to_string(&path).unwrap();
    let digits = content.lines().nth(1).unwrap();
    assert!(!made.id().contains(&digits[..16]) && !format!("{made:?}").contains(&digits[..16]));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    for bad in
        ["", "tegata-key-file-v1\n00\n", "tegata-key-file-v2\n", &content[..content.len() - 1], &content.repeat(2)]
    {
        std::fs::write(&path, bad).unwrap();
        assert_eq!(KeyFileFactor::open(&path).unwrap_err().id(), "factor-malformed", "{bad:?}");
    }
    assert_eq!(KeyFileFactor::open(&directory.path().join("none")).unwrap_err().id(), "factor-file");
}

/// HMAC-SHA-256 of the challenge under the key in the file, computed by another program.
#[test]
fn a_key_file_answers_as_openssl_does() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("key");
    let factor = KeyFileFactor::create(&path, &mut rng(1)).unwrap();
    let content = std::fs::read_to_string(&path).unwrap();
    let challenge = directory.path().join("challenge");
    std::fs::write(&challenge, b"a challenge").unwrap();
    let key = format!("hexkey:{}", content.lines().nth(1).unwrap());
    let openssl = std::process::Command::new("openssl")
        .args(["dgst", "-sha256", "-mac", "HMAC", "-macopt", &key, "-r"])
        .arg(&challenge)
        .output();
    let Ok(output) = openssl else {
        println!("skipped: no openssl");
        return;
    };
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(printed.split(' ').next().unwrap(), hex::encode(*factor.respond(b"a challenge").unwrap()));
}

#[test]
fn what_is_for_sandboxes_says_so() {
    assert!(enrol(1).is_sandbox());
    assert!(enrol(1).factor().starts_with(SandboxFactor::PREFIX));
    let directory = tempfile::tempdir().unwrap();
    let key_file = KeyFileFactor::create(&directory.path().join("key"), &mut rng(1)).unwrap();
    let make = |work_factor| {
        let enrolment = Enrolment { password: &password(1), factor: &key_file, work_factor, now: NOW };
        Credential::enrol(person(1), enrolment, &mut rng(1)).unwrap()
    };
    assert!(make(WorkFactor::insecure(1).unwrap()).is_sandbox());
    assert!(!make(WorkFactor::new(WorkFactor::LEAST).unwrap()).is_sandbox());
}

#[test]
fn debug_shows_no_secret() {
    let credential = enrol(1);
    let unlocked = unlock(1, &credential, NOW);
    let shown = format!("{unlocked:?}");
    assert!(shown.starts_with("UnlockedCredential(p01, since 2026-11-21") && shown.len() < 70, "{shown}");
}
