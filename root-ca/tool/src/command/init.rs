//! `tegata-root init`.

use serde_json::json;
use tegata_terminal::Output;

use super::{event, now, program, record, require_cut_off};
use crate::args::Global;
use crate::args::root::Init;
use crate::failure::Failure;
use crate::home::Home;
use crate::load;
use crate::message::root as text;

pub(super) fn run(args: &Init, global: &Global, output: Output) -> Result<(), Failure> {
    let policy = load::policy(&args.policy)?;
    let network = require_cut_off(global)?;
    let home = Home::create(&global.root, &policy, global.sandbox, now())?;
    let digest = policy.digest();
    let made = event("root-made", program()?)?.object("policy", digest).detail("policy", policy.id.as_str());
    record(&home, global, made.detail("sandbox", global.sandbox).detail("network", network))?;
    let (dir, sha256) = (home.folder().display().to_string(), hex::encode(digest));
    if output.json {
        let value = json!({ "root": dir, "policy": policy.id, "policy_sha256": sha256, "sandbox": global.sandbox });
        return Ok(output.print_json(&value)?);
    }
    let lang = output.lang;
    let mut said = text::made(lang, dir, &policy.id, sha256) + "\n";
    if global.sandbox {
        said += &format!("{}\n", output.style.doubtful(&text::sandbox_root(lang)));
    }
    Ok(output.print(&format!("{said}{}\n", text::next_init(lang)))?)
}
