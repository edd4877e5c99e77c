//! CRLs, status lists, identifier lists and device-key lists.

use std::collections::BTreeMap;

use serde_json::json;
use tegata_mdoc::date::Tdate;
use tegata_pki::{Certificate, InspectedCrl};
use tegata_terminal::Output;
use tegata_trust_list::token::{RevocationToken, recognise};
use tegata_trust_list::{InflateLimit, StatusListToken};
use time::UtcDateTime;

use super::{View, facts};
use crate::failure::{Expected, Failure};
use crate::input::Input;
use crate::load::{inspected_crls, malformed};
use crate::message::show as text;
use tegata_verifier_store::json::crl_number;

/// The most revoked serial numbers that are shown.
const SHOWN_ENTRIES: usize = 20;

pub(super) fn crl_view(input: &Input, output: &Output) -> Result<View, Failure> {
    let crls = inspected_crls(input, output.lang)?;
    let views: Vec<_> = crls.iter().map(|crl| one_crl(crl, output)).collect();
    let page = views.iter().map(|view| view.page.as_str()).collect::<Vec<_>>().join("\n");
    Ok(View { page, json: views.into_iter().map(|view| view.json).collect() })
}

fn one_crl(crl: &InspectedCrl, output: &Output) -> View {
    let lang = output.lang;
    let date = |instant: UtcDateTime| Tdate::new(instant).to_string();
    let (mut revoked, mut count) = (Vec::new(), 0_usize);
    for (serial, since) in crl.listed() {
        count += 1;
        if count <= SHOWN_ENTRIES {
            revoked.push((hex::encode(serial), date(since)));
        }
    }
    let number = crl.number().map(crl_number);
    let mut rows = vec![
        (text::certificate_issuer(lang), crl.issuer().to_string()),
        (text::crl_number(lang), number.clone().unwrap_or_else(|| text::absent(lang))),
        (text::crl_this_update(lang), date(crl.this_update())),
        (text::crl_next_update(lang), crl.next_update().map_or_else(|| text::absent(lang), date)),
        (text::crl_entries(lang), count.to_string()),
    ];
    rows.extend(revoked.iter().map(|(serial, at)| (String::new(), format!("{serial}  {at}"))));
    if count > SHOWN_ENTRIES {
        rows.push((String::new(), text::crl_more(lang, count - SHOWN_ENTRIES)));
    }
    if let Some(refusal) = crl.refusal() {
        rows.push((text::crl_unusable(lang), refusal.to_string()));
    }
    let entries: Vec<_> = revoked.iter().map(|(serial, at)| json!({ "serial": serial, "date": at })).collect();
    let json = json!({
        "issuer": crl.issuer().to_string(),
        "number": number,
        "this_update": date(crl.this_update()),
        "next_update": crl.next_update().map(date),
        "revoked_count": count,
        "revoked": entries,
        "unusable": crl.refusal().map(|refusal| json!({ "id": refusal.id(), "text": refusal.to_string() })),
    });
    View { page: facts(output, &rows), json }
}

pub(super) fn view(input: &Input, output: &Output) -> Result<View, Failure> {
    let token = recognise(&input.bytes).map_err(|error| malformed(input, Expected::StatusList, error.id(), &error))?;
    match token {
        RevocationToken::StatusList(token) => status_list(&token, input, output),
        RevocationToken::IdentifierList(token) => {
            let count = token.unverified_content().identifiers().len();
            let rows = [(text::crl_entries(output.lang), count.to_string())];
            let common = common(token.subject(), token.issued_at(), token.expires(), token.certificate_chain(), output);
            let json = json!({ "subject": token.subject(), "identifiers": count });
            Ok(View { page: facts(output, &[common.as_slice(), &rows].concat()), json })
        }
        RevocationToken::DeviceKeyList(token) => {
            let list = token.unverified_content();
            let (sequence, keys, signers) = (list.sequence(), list.keys().len(), list.signers().len());
            let rows = [
                (text::crl_number(output.lang), sequence.to_string()),
                (text::crl_entries(output.lang), keys.to_string()),
                (text::list_signers(output.lang), signers.to_string()),
            ];
            let common = common(token.subject(), token.issued_at(), token.expires(), token.certificate_chain(), output);
            let json = json!({
                "subject": token.subject(),
                "issued_at": Tdate::new(token.issued_at()).to_string(),
                "expires": token.expires().map(|instant| Tdate::new(instant).to_string()),
                "sequence": sequence,
                "device_keys": keys,
                "document_signers": signers,
            });
            Ok(View { page: facts(output, &[common.as_slice(), &rows].concat()), json })
        }
        _ => Ok(View { page: String::new(), json: json!({}) }),
    }
}

fn status_list(token: &StatusListToken, input: &Input, output: &Output) -> Result<View, Failure> {
    let lang = output.lang;
    let list = token.unverified_content();
    let array = list.expand(InflateLimit::default());
    let array = array.map_err(|error| malformed(input, Expected::StatusList, error.id(), &error))?;
    let mut by_value: BTreeMap<u8, u64> = BTreeMap::new();
    for index in 0..array.entries() {
        let value = array.get(index).map(|value| value.number()).unwrap_or_default();
        if value != 0 {
            *by_value.entry(value).or_default() += 1;
        }
    }
    let invalid: Vec<_> = by_value.iter().map(|(value, count)| format!("{value}: {count}")).collect();
    let bits = list.bits().number();
    let mut rows = common(token.subject(), token.issued_at(), token.expires(), token.certificate_chain(), output);
    rows.push((text::list_entries(lang), format!("{} × {bits}", array.entries())));
    rows.push((text::list_invalid(lang), if invalid.is_empty() { "0".to_owned() } else { invalid.join(", ") }));
    let counts: serde_json::Map<_, _> =
        by_value.iter().map(|(value, count)| (value.to_string(), (*count).into())).collect();
    let json = json!({
        "subject": token.subject(),
        "issued_at": Tdate::new(token.issued_at()).to_string(),
        "expires": token.expires().map(|instant| Tdate::new(instant).to_string()),
        "bits": bits,
        "entries": array.entries(),
        "not_valid": counts,
    });
    Ok(View { page: facts(output, &rows), json })
}

fn common<'t>(
    subject: &str,
    issued_at: UtcDateTime,
    expires: Option<UtcDateTime>,
    chain: impl Iterator<Item = &'t [u8]>,
    output: &Output,
) -> Vec<(String, String)> {
    let lang = output.lang;
    let date = |instant: UtcDateTime| Tdate::new(instant).to_string();
    let mut rows = vec![
        (text::list_subject(lang), subject.to_owned()),
        (text::list_issued(lang), date(issued_at)),
        (text::list_expires(lang), expires.map_or_else(|| text::absent(lang), date)),
    ];
    let names = chain.filter_map(|der| Certificate::from_der(der).ok());
    rows.extend(names.map(|certificate| (text::kind_certificate(lang), certificate.subject().to_string())));
    rows
}
