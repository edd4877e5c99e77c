//! Writes `tests/case-verdicts.json`: the verdict of every third-party case under both policies, and for every cause that
//! keeps `strict` from accepting, why `interop` tolerates it (or that it does not).
//!
//! `cargo run -p tegata-verifier --example strict_verdicts`
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a developer's tool")]

#[path = "../tests/common/mod.rs"]
mod common;

use std::collections::BTreeMap;

use common::{Case, Trusted, testdata};
use serde_json::{Value as Json, json};
use tegata_verifier::Policy;

fn main() {
    let Some(testdata) = testdata() else { return };
    let mut names: Vec<String> = std::fs::read_dir(testdata.join("mdoc-cases"))
        .unwrap()
        .map(Result::unwrap)
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    let listed: BTreeMap<String, Json> = names.iter().map(|name| (name.clone(), verdicts(name))).collect();
    let text = serde_json::to_string_pretty(&listed).unwrap();
    std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/case-verdicts.json"), text + "\n").unwrap();
}

fn verdicts(name: &str) -> Json {
    let case = Case::open(name).unwrap();
    let interop = case.report(Policy::interop(), Trusted::AsTheCaseSays);
    let strict = case.report(Policy::strict(), Trusted::AsTheCaseSays);
    let documents = strict["documents"].as_array().unwrap().iter().zip(interop["documents"].as_array().unwrap());
    documents
        .map(|(strict, interop)| {
            let deciding = strict["checks"].as_array().unwrap().iter();
            let deciding =
                deciding.filter(|check| ["fail", "undetermined"].contains(&check["outcome"].as_str().unwrap()));
            let because: BTreeMap<&str, &str> = deciding
                .map(|check| {
                    let (id, cause) = (check["id"].as_str().unwrap(), check["cause"].as_str().unwrap());
                    let same = |other: &&Json| other["id"] == id && other["cause"] == cause;
                    let in_interop = interop["checks"].as_array().unwrap().iter().find(same);
                    let refused = in_interop.is_some_and(|other| other["outcome"] == "fail");
                    (cause, if refused { "refused by both policies" } else { reason(id, cause) })
                })
                .collect();
            json!({ "interop": interop["verdict"], "strict": strict["verdict"], "because": because })
        })
        .collect()
}

/// Why `interop` goes on where `strict` does not.
fn reason(check: &str, cause: &str) -> &'static str {
    match (check, cause) {
        ("ds-profile", _) => {
            "a rule of Annex B about form; trust comes from the anchor or pin, which vouches for the key"
        }
        ("ds-key-usage", "key-usage-absent") => "no restriction is stated; the signature and the chain are verified",
        ("ds-key-usage", _) => "digitalSignature is among the uses",
        ("ds-extended-key-usage", "extended-key-usage-absent") => "no restriction is stated; common in test issuers",
        ("ds-extended-key-usage", "ecosystem-key-usage") => {
            "the purpose is signing mobile documents, under another arc"
        }
        ("ds-extended-key-usage", "foreign-key-usage") => {
            "only for a pinned signer: the operator named this certificate"
        }
        ("mso-signed-within-ds", _) => "less than a day before notBefore: the issuer rounded the time down",
        ("mso-validity-order", _) => "a window of one instant, or a beginning before signing; now lies inside it",
        ("encoding", "fractional-seconds") => "the instant is unambiguous",
        ("encoding", "untagged-date") => "the text is an RFC 3339 date-time where only one can stand",
        ("issuing-country", _) => "only for a pinned signer: the operator vouches for what it signs",
        ("encoding", "short-coordinate") => "the missing octets can only be zeros",
        ("encoding", "attached-payload") => "the copy equals the payload that is verified",
        ("encoding", _) => "the bytes are hashed as received, so the form changes no meaning",
        ("ds-revoked" | "mso-revoked", _) => {
            "strict demands evidence; the case brings none, and interop says so in its report"
        }
        _ => panic!("no reason is written down for {check}/{cause}"),
    }
}
