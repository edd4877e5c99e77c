//! `tegata-root parts renew`: new parts of the activation for another circle of holders.

use std::path::Path;

use serde_json::json;
use tegata_quorum::{Credential, PersonId, SealedShare, ShareSet, SplitRequest, split};
use tegata_root_ca::{CA_MANAGER, OrderedAct};
use tegata_terminal::Output;

use super::order::Roster;
use super::{now, open_for_change};
use crate::args::Global;
use crate::args::root::{PartsCommand, PartsWhat};
use crate::ceremony::{Desk as _, Terminal};
use crate::failure::{Failure, Kind};
use crate::home::{Home, PARTS};
use crate::machine::{Clock, rng};
use crate::message::root as text;

pub(super) fn run(args: &PartsCommand, global: &Global, output: Output) -> Result<(), Failure> {
    let PartsWhat::Renew { ceremony, reason } = &args.what;
    renew(ceremony, reason, global, output)
}

/// The holders of the old parts open them, k of them, each with both factors; what they open is split anew, and the CA manager
/// signs for the change. The PIN of the module stays as it is.
fn renew(folder: &Path, reason: &str, global: &Global, output: Output) -> Result<(), Failure> {
    let roster = Roster::of(folder)?;
    let (home, mut authority) = open_for_change(global)?;
    let quorum = authority.policy().quorum.activation;
    let holders = new_holders(&roster, &home, usize::from(quorum.n), global.sandbox)?;
    let old = ShareSet::from_json(home.read_text(&format!("{PARTS}/set.json"))?.as_bytes())?;

    let mut desk = Terminal::new(&home, output, Clock::Machine);
    let mut candidates = Vec::new();
    for holder in old.holders() {
        candidates.extend(tegata_ceremony::PersonId::new(holder.person().as_str()));
    }
    let (mut shares, mut opened_by) = (Vec::new(), Vec::new());
    while shares.len() < usize::from(old.threshold()) {
        let missing = usize::from(old.threshold()) - shares.len();
        let credential = desk.authenticate(&candidates, missing, now())?;
        let sealed = home.read_text(&format!("{PARTS}/{}.json", credential.person()))?;
        shares.push(SealedShare::from_json(sealed.as_bytes())?.open(&old, &credential)?);
        opened_by.push(credential.person().clone());
        candidates.retain(|person| person.as_str() != credential.person().as_str());
    }
    let secret = old.open(&shares)?;
    let sealed_for: Vec<_> = holders.iter().map(Credential::holder).collect();
    let request =
        SplitRequest { secret: &secret, label: old.label(), threshold: quorum.k, holders: &sealed_for, now: now() };
    let (set, parts) = split(request, &mut rng())?;

    let holders: Vec<PersonId> = holders.iter().map(|credential| credential.person().clone()).collect();
    let act = OrderedAct::RenewParts { from: *old.id(), to: *set.id(), holders: holders.clone() };
    let order = roster.sign(CA_MANAGER, act.clone(), reason, &home, output)?;
    let mut files = vec![("set.json".to_owned(), set.to_json()?.into_bytes())];
    for part in &parts {
        files.push((format!("{}.json", part.person()), part.to_json()?.into_bytes()));
    }
    home.take_parts(&files, || Ok(authority.record_new_parts(&act, &order, &opened_by, now())?))?;

    let names = |persons: &[PersonId]| persons.iter().map(ToString::to_string).collect::<Vec<_>>();
    if output.json {
        let value = json!({
            "parts": hex::encode(set.id()),
            "before": hex::encode(old.id()),
            "holders": names(&holders),
            "opened_by": names(&opened_by),
            "by": order.order.person.as_str(),
        });
        return Ok(output.print_json(&value)?);
    }
    let said = text::parts_renewed(output.lang, names(&holders).join(", "));
    Ok(output.print(&format!("{said}\n{}\n", output.style.doubtful(&text::old_parts(output.lang))))?)
}

/// The credentials of those who shall hold the parts: as many as the policy says, with the keys of the approved site file.
fn new_holders(roster: &Roster, home: &Home, count: usize, sandbox: bool) -> Result<Vec<Credential>, Failure> {
    let site = roster.site();
    if site.holders().len() != count {
        let remedy = [
            "name as many holders in the site file as the policy says",
            "ポリシーの定める人数の保有者を記載してください",
        ];
        let message = format!("the site file names {} holders, the policy {count}", site.holders().len());
        return Err(Failure::new(Kind::Refused, "holders-count", message, remedy));
    }
    let mut credentials = Vec::new();
    for handle in site.holders() {
        let credential = Credential::from_json(home.read_text(&format!("persons/{handle}.json"))?.as_bytes())?;
        let of_site = site.person(handle).is_some_and(|person| person.key == *credential.public_key());
        if !of_site || (credential.is_sandbox() && !sandbox) {
            let remedy = [
                "have the person enrol, and the site file with that key approved",
                "本人を登録し、その鍵を記載したサイトファイルの承認を得てください",
            ];
            let message =
                format!("{handle}: the credential has another key than the site file, or is for practice only");
            return Err(Failure::new(Kind::Refused, "credential-not-of-site", message, remedy));
        }
        credentials.push(credential);
    }
    Ok(credentials)
}
