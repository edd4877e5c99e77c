//! `tegata-root policy`.

use std::io::IsTerminal as _;
use std::path::Path;

use serde_json::{Value, json};
use tegata_root_ca::{CA_MANAGER, CERTIFICATE_ISSUER, OrderedAct, Policy};
use tegata_terminal::Output;

use super::order::Roster;
use super::{now, open_for_change, policy_or_root};
use crate::args::Global;
use crate::args::root::{PolicyCommand, PolicyWhat};
use crate::failure::{Failure, Kind};
use crate::load;
use crate::markdown;
use crate::message::{of_authority, root as text};

pub(super) fn run(args: &PolicyCommand, global: &Global, output: Output) -> Result<(), Failure> {
    match &args.what {
        PolicyWhat::Show { policy } => show(&policy_or_root(policy.as_deref(), global)?, output),
        PolicyWhat::Adopt { file, ceremony, reason } => adopt(file, ceremony, reason, global, output),
        PolicyWhat::Check { file } => {
            let policy = Policy::from_toml(&load::text(file)?).map_err(|error| Failure::from(error).about(file))?;
            let digest = hex::encode(policy.digest());
            if output.json {
                let name = file.display().to_string();
                return Ok(output.print_json(&json!({ "file": name, "policy": policy.id, "sha256": digest }))?);
            }
            let said = text::policy_holds(output.lang, file.display(), &policy.id, digest);
            Ok(output.print(&format!("{}\n", output.style.good(&said)))?)
        }
    }
}

/// The CA manager orders, the certificate issuer approves; then the root works under the new file.
fn adopt(file: &Path, ceremony: &Path, reason: &str, global: &Global, output: Output) -> Result<(), Failure> {
    let policy = Policy::from_toml(&load::text(file)?).map_err(|error| Failure::from(error).about(file))?;
    let roster = Roster::of(ceremony)?;
    let (home, mut authority) = open_for_change(global)?;
    let act = OrderedAct::AdoptPolicy { from: authority.policy().digest(), to: policy.digest() };
    let orders = [CA_MANAGER, CERTIFICATE_ISSUER].map(|role| roster.sign(role, act.clone(), reason, &home, output));
    let [manager, issuer] = orders;
    let (manager, issuer) = (manager?, issuer?);
    home.take_policy(&policy, |policy| Ok(authority.adopt_policy(policy.clone(), [&manager, &issuer], now())?))?;
    let digest = hex::encode(policy.digest());
    if output.json {
        return Ok(output.print_json(&json!({ "policy": policy.id, "sha256": digest, "reason": reason }))?);
    }
    Ok(output.print(&format!("{}\n", text::policy_adopted(output.lang, &policy.id, digest)))?)
}

fn show(policy: &Policy, output: Output) -> Result<(), Failure> {
    if output.json {
        let numbers: Value = toml::from_str(policy.source()).map_err(|error| {
            let remedy = ["correct the policy file", "ポリシーファイルを修正してください"];
            Failure::new(Kind::Usage, "policy-toml", error, remedy)
        })?;
        return Ok(output.print_json(&json!({ "sha256": hex::encode(policy.digest()), "policy": numbers }))?);
    }
    let document = policy.show(of_authority(output.lang));
    let laid_out = output.style.is_coloured() || std::io::stdout().is_terminal();
    Ok(output.print(&if laid_out { markdown::lay_out(&output, &document) } else { document })?)
}
