//! What programs that share no code with ours say about document signers: OpenSSL and the JDK.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tegata_pki::Certificate;
use time::UtcDateTime;

/// What a validator says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Opinion {
    Good,
    Revoked,
    /// Neither, and why.
    Invalid(String),
}

impl Opinion {
    /// Whether two validators say the same; each has its own words for what is invalid.
    pub(crate) fn agrees(&self, other: &Self) -> bool {
        matches!(
            (self, other),
            (Self::Good, Self::Good) | (Self::Revoked, Self::Revoked) | (Self::Invalid(_), Self::Invalid(_))
        )
    }
}

/// A question: is this certificate good at this time, by this list?
pub(crate) struct Question {
    pub(crate) at: UtcDateTime,
    pub(crate) root: PathBuf,
    pub(crate) leaf: PathBuf,
    pub(crate) list: PathBuf,
}

/// `openssl verify -crl_check -attime`.
pub(crate) fn openssl(question: &Question, folder: &Path) -> Opinion {
    let path = |name: &str| folder.join(name);
    let pem = |name: &str, from: &Path| {
        let certificate = Certificate::from_der(&std::fs::read(from).unwrap()).unwrap();
        std::fs::write(path(name), certificate.to_pem()).unwrap();
    };
    pem("root.pem", &question.root);
    pem("leaf.pem", &question.leaf);
    let list = std::fs::read(&question.list).unwrap();
    std::fs::write(path("list.pem"), tegata_pki::Crl::from_der(&list).unwrap().to_pem()).unwrap();
    let output = Command::new("openssl")
        .args(["verify", "-x509_strict", "-crl_check", "-attime", &question.at.unix_timestamp().to_string()])
        .arg("-CAfile")
        .arg(path("root.pem"))
        .arg("-CRLfile")
        .arg(path("list.pem"))
        .arg(path("leaf.pem"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    match output.status.success() {
        true => Opinion::Good,
        false if said.contains("error 23 ") && said.contains("certificate revoked") => Opinion::Revoked,
        false => Opinion::Invalid(said),
    }
}

/// The PKIX validator of the JDK, one process for all questions; `None` on a machine without a JDK.
pub(crate) fn jdk(questions: &[Question]) -> Option<Vec<Opinion>> {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pkix/PkixCheck.java");
    let started = Command::new("java").arg(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut java) = started else {
        println!("skipped: no JDK");
        return None;
    };
    let lines: String = questions
        .iter()
        .map(|question| {
            let [root, leaf, list] =
                [&question.root, &question.leaf, &question.list].map(|path| path.display().to_string());
            format!("{}\t{root}\t{leaf}\t{list}\n", question.at.unix_timestamp())
        })
        .collect();
    let mut input = java.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = java.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    let opinions: Vec<Opinion> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| match line {
            "good" => Opinion::Good,
            "revoked" => Opinion::Revoked,
            other => Opinion::Invalid(other.to_owned()),
        })
        .collect();
    assert_eq!(opinions.len(), questions.len());
    Some(opinions)
}
