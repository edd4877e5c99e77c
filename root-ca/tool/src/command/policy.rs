//! `tegata-root policy`.

use std::io::IsTerminal as _;

use serde_json::{Value, json};
use tegata_root_ca::Policy;
use tegata_terminal::Output;

use super::policy_or_root;
use crate::args::Global;
use crate::args::root::{PolicyCommand, PolicyWhat};
use crate::failure::{Failure, Kind};
use crate::load;
use crate::markdown;
use crate::message::{of_authority, root as text};

pub(super) fn run(args: &PolicyCommand, global: &Global, output: Output) -> Result<(), Failure> {
    match &args.what {
        PolicyWhat::Show { policy } => show(&policy_or_root(policy.as_deref(), global)?, output),
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
