//! `tegata-root close-intent`.

use serde_json::json;
use tegata_terminal::Output;

use super::{now, open_for_change};
use crate::args::Global;
use crate::args::root::CloseIntent;
use crate::failure::Failure;
use crate::message::root as text;

pub(super) fn run(args: &CloseIntent, global: &Global, output: Output) -> Result<(), Failure> {
    let (_, mut authority) = open_for_change(global)?;
    authority.close_intent(args.id, &args.reason, now())?;
    if output.json {
        return Ok(output.print_json(&json!({ "closed": args.id, "reason": args.reason }))?);
    }
    Ok(output.print(&format!("{}\n", text::closed(output.lang, args.id)))?)
}
