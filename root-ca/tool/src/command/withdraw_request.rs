//! `tegata-root withdraw-request`: the CA manager gives up a request that cannot be answered.

use serde_json::json;
use tegata_root_ca::{AuthorityError, CA_MANAGER, OrderedAct};
use tegata_terminal::Output;

use super::order::Roster;
use super::{now, open_for_change};
use crate::args::Global;
use crate::args::root::WithdrawRequest;
use crate::failure::Failure;
use crate::message::root as text;

pub(super) fn run(args: &WithdrawRequest, global: &Global, output: Output) -> Result<(), Failure> {
    let roster = Roster::of(&args.ceremony)?;
    let (home, mut authority) = open_for_change(global)?;
    let waiting = authority.waiting_request()?.ok_or(AuthorityError::NothingToAnswer)?;
    let (sequence, digest) = (waiting.sequence, waiting.digest);
    let act = OrderedAct::WithdrawRequest { sequence, digest };
    let order = roster.sign(CA_MANAGER, act, &args.reason, &home, output)?;
    authority.withdraw_request(&order, now())?;
    let (person, digest) = (order.order.person, hex::encode(digest));
    if output.json {
        let value = json!({ "withdrawn": sequence, "request": digest, "by": person.as_str(), "reason": args.reason });
        return Ok(output.print_json(&value)?);
    }
    Ok(output.print(&format!("{}\n", text::withdrawn(output.lang, sequence, person)))?)
}
