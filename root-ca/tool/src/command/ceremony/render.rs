//! `tegata-root ceremony render`.

use std::path::Path;

use serde_json::json;
use tegata_ceremony::Site;
use tegata_ceremony::render::{self, PublicReport};
use tegata_quorum::words::pgp_words;
use tegata_terminal::{Output, check_output, write_output};

use super::{rules, script, site};
use crate::args::Global;
use crate::args::ceremony::{Format, Print, Render, RenderWhat};
use crate::failure::{Failure, Kind};
use crate::load;
use crate::message::{ceremony as text, of_ceremony};

pub(super) fn run(args: &Render, global: &Global, output: Output) -> Result<(), Failure> {
    let lang = of_ceremony(output.lang);
    match &args.what {
        RenderWhat::Procedure { script: file, site: names, print } => {
            check(print)?;
            let script = script(file)?;
            let page = if print.audience.private {
                render::private_procedure(&script, &private(names.as_deref())?, lang, form(print))
            } else {
                render::public_procedure(&script, lang, form(print))
            };
            put(&page, print, output)
        }
        RenderWhat::Report { record, script: file, site: names, policy, print } => {
            check(print)?;
            let (record, script) = (load::bytes(record)?, script(file)?);
            let policy = rules::policy_for_record(policy.as_deref(), &record, global)?;
            let rules = rules::of(&policy, script.kind())?;
            let words = |octets: &[u8]| pgp_words(octets);
            let page = if print.audience.private {
                let site = private(names.as_deref())?;
                render::private_report(&record, &script, &site, &rules, &words, lang, form(print))
            } else {
                let report = PublicReport::of(&record, &script, &rules);
                render::public_report(&report, &script, &words, lang, form(print))
            };
            put(&page, print, output)
        }
    }
}

fn form(print: &Print) -> render::Format {
    match print.format {
        Format::Html => render::Format::Html,
        Format::Text => render::Format::Text,
    }
}

/// A private print needs the names.
fn private(file: Option<&Path>) -> Result<Site, Failure> {
    let file = file.ok_or_else(|| {
        let remedy = [
            "name the site file after the script, or print for the --public",
            "スクリプトの後にサイトファイルを指定するか、--publicで印刷してください",
        ];
        Failure::new(Kind::Usage, "site-needed", "a private print needs the site file", remedy)
    })?;
    site(file)
}

fn check(print: &Print) -> Result<(), Failure> {
    let Some(out) = &print.out else { return Ok(()) };
    check_output(out, print.force).map_err(|fault| Failure::unwritable(out, fault))
}

fn put(page: &str, print: &Print, output: Output) -> Result<(), Failure> {
    let format = if print.format == Format::Html { "html" } else { "text" };
    let audience = if print.audience.private { "private" } else { "public" };
    let Some(out) = &print.out else {
        if output.json {
            let value = json!({ "format": format, "audience": audience, "document": page });
            return Ok(output.print_json(&value)?);
        }
        return Ok(output.print(page)?);
    };
    write_output(out, page.as_bytes(), print.force).map_err(|fault| Failure::unwritable(out, fault))?;
    if output.json {
        let written = out.display().to_string();
        return Ok(output.print_json(&json!({ "format": format, "audience": audience, "written": written }))?);
    }
    Ok(output.print(&format!("{}\n", text::written(output.lang, out.display())))?)
}
