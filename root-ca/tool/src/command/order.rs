//! Orders outside the steps of a ceremony: who gives one signs it with a credential of his own, and an approved roster says
//! who he is.

use std::path::Path;

use tegata_ceremony::{Script, Site};
use tegata_quorum::PersonId;
use tegata_root_ca::{Order, OrderedAct, SignedOrder};
use tegata_terminal::Output;

use crate::ceremony::{Desk as _, Terminal};
use crate::failure::{Failure, Kind};
use crate::home::Home;
use crate::load;
use crate::machine::Clock;

/// The persons of a ceremony whose roster is approved.
pub(super) struct Roster {
    site: Site,
}

impl Roster {
    /// Reads script and site file of a ceremony's folder; every approval must hold.
    pub(super) fn of(folder: &Path) -> Result<Self, Failure> {
        let (script, site) = (folder.join("script.toml"), folder.join("site.toml"));
        let script = Script::parse(&load::bytes(&script)?).map_err(|error| Failure::from(error).about(&script))?;
        let site_file = site;
        let site = Site::parse(&load::bytes(&site_file)?).map_err(|error| Failure::from(error).about(&site_file))?;
        match site.unapproved(&script).first() {
            None => Ok(Self { site }),
            Some(seat) => {
                let remedy = [
                    "name the folder of a ceremony whose roster the CA manager and the certificate issuer have approved",
                    "認証局責任者と証明書発行責任者が名簿を承認したセレモニーのフォルダーを指定してください",
                ];
                let message = format!("the roster is not approved by {seat}");
                Err(Failure::new(Kind::Refused, "roster-not-approved", message, remedy).about(&site_file))
            }
        }
    }

    /// The site file.
    pub(super) fn site(&self) -> &Site {
        &self.site
    }

    /// Lets the person in a role sign an order.
    pub(super) fn sign(
        &self,
        role: &str,
        act: OrderedAct,
        reason: &str,
        home: &Home,
        output: Output,
    ) -> Result<SignedOrder, Failure> {
        let clock = Clock::Machine;
        let seat = self.site.roster().iter().find(|(seat, _)| seat.as_str().starts_with(role));
        let found = seat.and_then(|(_, handle)| Some((handle, self.site.person(handle)?)));
        let (handle, person) = found.ok_or_else(|| {
            let remedy = ["name the folder of a ceremony with that seat", "その席のあるセレモニーを指定してください"];
            Failure::new(Kind::Refused, "seat-vacant", format!("nobody sits as {role}"), remedy)
        })?;
        let credential =
            Terminal::new(home, output, clock).authenticate(std::slice::from_ref(handle), 1, clock.now())?;
        let key = person.key.clone();
        let (role, reason) = (role.to_owned(), reason.to_owned());
        let person = PersonId::new(handle.as_str())?;
        let (ceremony, site) = (self.site.ceremony().to_string(), self.site.digest());
        let order = Order { act, reason, person, role, ceremony, site, at: clock.now().truncate_to_second() };
        let statement = order.statement().map_err(|error| {
            let remedy = ["give a shorter reason", "理由を短くしてください"];
            Failure::new(Kind::Usage, error.id(), &error, remedy)
        })?;
        let sign_off = credential.sign_off(&statement);
        Ok(SignedOrder { order, sign_off, key })
    }
}
