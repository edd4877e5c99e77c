//! `tegata-root crl`.

use std::path::Path;

use serde_json::json;
use tegata_pki::{Crl, OwnedCrl};
use tegata_terminal::Output;

use super::open;
use crate::args::Global;
use crate::args::root::{Crl as Args, CrlWhat};
use crate::failure::{Failure, Kind};
use crate::load;
use crate::message::root as text;

pub(super) fn run(args: &Args, global: &Global, output: Output) -> Result<(), Failure> {
    let CrlWhat::Audit { file } = &args.what;
    let crl = read(file)?;
    let (_, authority) = open(global)?;
    let findings = authority.audit_crl(crl.der())?;
    let (lang, name) = (output.lang, file.display());
    if output.json {
        let list: Vec<_> =
            findings.iter().map(|finding| json!({ "id": finding.id(), "message": finding.to_string() })).collect();
        let number = crl.number().map(|number| number.to_string());
        output.print_json(&json!({ "crl": name.to_string(), "number": number, "findings": list }))?;
    } else if findings.is_empty() {
        output.print(&format!("{}\n", output.style.good(&text::crl_agrees(lang, name))))?;
    } else {
        let mut said = text::crl_differs(lang, name, findings.len()) + "\n";
        for finding in &findings {
            said += &format!("  {}  {finding}\n", output.style.bad(finding.id()));
        }
        output.print(&said)?;
    }
    if findings.is_empty() {
        return Ok(());
    }
    let remedy = [
        "do not publish it; compare it with the file in objects/ and ask where it comes from",
        "公開せず、objects/のファイルと照合し、入手元を確認してください",
    ];
    let message = format!("differs from the issuance record in {} point(s)", findings.len());
    Err(Failure::new(Kind::Unverified, "crl-differs", message, remedy).about(file))
}

/// A CRL in DER or PEM.
fn read(file: &Path) -> Result<OwnedCrl, Failure> {
    let bytes = load::bytes(file)?;
    let read = if bytes.starts_with(b"-----BEGIN") {
        Crl::from_pem(&bytes)
    } else {
        Crl::from_der(&bytes).map(Crl::into_owned)
    };
    read.map_err(|error| {
        let remedy = ["name a CRL in DER or PEM", "DERまたはPEMの失効リストを指定してください"];
        Failure::new(Kind::Usage, error.id(), &error, remedy).about(file)
    })
}
