//! `tegata-root ceremony approve`: who approves a roster signs it with a credential of his own.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use tegata_ceremony::SeatId;
use tegata_terminal::{Output, write_output};
use time::format_description::well_known::Rfc3339;

use super::{script, site};
use crate::args::Global;
use crate::args::lead::Approve;
use crate::ceremony::{Desk as _, Terminal, sign};
use crate::failure::{Failure, Kind};
use crate::home::Home;
use crate::load;
use crate::machine::Clock;

pub(super) fn run(args: &Approve, global: &Global, output: Output) -> Result<(), Failure> {
    let (script, site) = (script(&args.script)?, site(&args.site)?);
    let clock = Clock::Machine;
    let now = clock.now();
    let seat = SeatId::new(&args.seat).ok();
    let found = seat.and_then(|seat| Some((site.approval_statement(&script, &seat, now)?, seat)));
    let (statement, seat) = found.ok_or_else(|| {
        let remedy = ["name a seat of the roster, such as ca-manager", "ca-managerなど、名簿の席を指定してください"];
        Failure::new(Kind::Usage, "seat-vacant", format!("nobody sits at {:?}", args.seat), remedy)
    })?;
    if site.approvals().iter().any(|approval| approval.by == seat) {
        let remedy = [
            "remove that approval from the site file if the roster has changed",
            "名簿を変更した場合は、その承認をサイトファイルから削除してください",
        ];
        return Err(Failure::new(Kind::Refused, "approved-before", format!("{seat} has approved before"), remedy));
    }
    let home = Home::at(&global.root);
    let person = std::slice::from_ref(&statement.person);
    let credential = Terminal::new(&home, output, clock).authenticate(person, 1, now)?;
    let sign_off = sign(&credential, &statement)?;
    let (at, signature) =
        (statement.time.format(&Rfc3339).map_err(std::io::Error::other)?, STANDARD.encode(sign_off.signature));
    let text = String::from_utf8(load::bytes(&args.site)?).unwrap_or_default();
    let text =
        format!("{}\n\n[[approval]]\nby = \"{seat}\"\nat = \"{at}\"\nsignature = \"{signature}\"\n", text.trim_end());
    write_output(&args.site, text.as_bytes(), true).map_err(|fault| Failure::unwritable(&args.site, fault))?;
    if output.json {
        return Ok(output.print_json(&json!({ "approved-by": seat.as_str(), "person": credential.person().as_str() }))?);
    }
    let done = output.lang.pick("The roster is approved by", "名簿を承認しました:");
    Ok(output.print(&format!("{done} {seat} ({})\n", credential.person()))?)
}
