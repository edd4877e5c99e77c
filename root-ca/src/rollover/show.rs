//! The chart as a document for people.

use std::fmt::{self, Write as _};

use time::UtcDateTime;

use super::{Chart, Window};
use crate::{state::CertificateKind, text::Lang};

impl Chart {
    /// Markdown: the dates of the root, the alarms, every ceremony with what it signs.
    #[must_use]
    pub fn show(&self, lang: Lang) -> String {
        let mut out = String::new();
        let written = self.write(lang, &mut out);
        debug_assert!(written.is_ok(), "writing to a string does not fail");
        out
    }

    fn write(&self, lang: Lang, out: &mut String) -> fmt::Result {
        let say = |en: &'static str, ja: &'static str| match lang {
            Lang::En => en,
            Lang::Ja => ja,
        };
        writeln!(out, "# {}: {}\n", say("Time chart", "タイムチャート"), self.policy)?;
        writeln!(out, "| {} | {} |\n|---|---|", say("What", "項目"), say("When", "日時"))?;
        let row = |out: &mut String, what: &str, when: String| writeln!(out, "| {what} | {when} |");
        row(out, say("Root certificate", "ルート証明書"), window(self.root))?;
        row(out, say("Key certifies until", "鍵の使用期限"), stamp(self.key_use_ends))?;
        row(out, say("Next root is made", "次世代ルートの生成"), stamp(self.rekey))?;
        row(out, say("Latest date for that", "その最終期限"), stamp(self.latest_rekey))?;
        row(out, say("Next root takes over", "次世代ルートへの切替"), stamp(self.switch))?;
        for (kind, validity) in &self.links {
            let name = match kind {
                CertificateKind::OldWithNew => say("Link OldWithNew", "リンク証明書OldWithNew"),
                _ => say("Link NewWithOld", "リンク証明書NewWithOld"),
            };
            row(out, name, window(*validity))?;
        }
        for alarm in &self.alarms {
            let before = alarm.before.text(lang);
            let what = match lang {
                Lang::En => format!("Alarm {before} before the next root"),
                Lang::Ja => format!("警報（次世代ルート生成の{before}前）"),
            };
            row(out, &what, stamp(alarm.at))?;
        }
        writeln!(
            out,
            "\n| {} | {} | {} |\n|---|---|---|",
            say("Ceremony", "セレモニー"),
            say("Certificates", "証明書"),
            say("CRLs", "CRL")
        )?;
        for ceremony in &self.ceremonies {
            let of_ceremony = self.certificates.iter().filter(|planned| planned.ceremony == *ceremony);
            let certificates: Vec<_> =
                of_ceremony.map(|planned| format!("{} {}", planned.role.id(), window(planned.validity))).collect();
            let lists = self.lists.iter().filter(|lists| lists.ceremony == *ceremony);
            let lists: Vec<_> = lists.map(|lists| format!("{} × {}", lists.count, window(lists.covers))).collect();
            writeln!(out, "| {} | {} | {} |", stamp(*ceremony), certificates.join("; "), lists.join("; "))?;
        }
        Ok(())
    }
}

fn window(window: Window) -> String {
    format!("{} – {}", stamp(window.from), stamp(window.until))
}

/// `2026-11-21 09:00:00Z`.
fn stamp(at: UtcDateTime) -> String {
    let (date, time) = (at.date(), at.time());
    format!("{date} {:02}:{:02}:{:02}Z", time.hour(), time.minute(), time.second())
}

#[cfg(test)]
mod tests {
    use time::macros::utc_datetime;

    use super::*;
    use crate::{policy::Policy, rollover::plan};

    #[test]
    fn the_chart_says_every_date_in_both_languages() {
        let policy = Policy::built_in("jp-004").unwrap();
        let chart = plan(utc_datetime!(2026-11-21 9:00), &policy);
        let (english, japanese) = (chart.show(Lang::En), chart.show(Lang::Ja));
        for dates in [chart.rekey, chart.switch, chart.key_use_ends, chart.root.until, chart.alarms[0].at] {
            assert!(english.contains(&stamp(dates)) && japanese.contains(&stamp(dates)));
        }
        for ceremony in &chart.ceremonies {
            assert!(
                english.contains(&format!("| {} | document-signer", stamp(*ceremony))) || *ceremony >= chart.switch
            );
        }
        assert!(japanese.contains("リンク証明書OldWithNew") && english.contains("99 × "));
        assert_eq!(english.lines().count(), japanese.lines().count());
    }
}
