//! The chart as bars over the life of a root, scaled to the terminal.

use tegata_pki::Role;
use tegata_root_ca::CertificateKind;
use tegata_root_ca::rollover::{Chart, Window};
use tegata_terminal::{Output, Tone, table};
use time::UtcDateTime;

use crate::message::root as text;

/// Columns of a bar at most and at least.
const COLUMNS: std::ops::RangeInclusive<usize> = 24..=96;

/// A row of the drawing: what it is, its marks, how it is meant.
type Row = Vec<(String, Tone)>;

/// Bars for the root, its key, its links and the certificates below it, and the alarms as marks.
pub(super) fn draw(chart: &Chart, output: &Output) -> String {
    let lang = output.lang;
    let scale = Scale::new(chart, (output.width().saturating_sub(30)).clamp(*COLUMNS.start(), *COLUMNS.end()));
    let bar =
        |label: String, window: Window, tone: Tone| -> Row { vec![(label, Tone::Plain), (scale.bar(window), tone)] };
    let mut rows = vec![
        bar(text::bar_root(lang), chart.root, Tone::Plain),
        bar(text::bar_key_use(lang), Window { from: chart.root.from, until: chart.key_use_ends }, Tone::Good),
    ];
    for role in [Role::DocumentSigner, Role::StatusSigner, Role::VicalSigner] {
        let dates = chart.certificates.iter().filter(|planned| planned.role == role);
        let windows: Vec<Window> = dates.map(|planned| planned.validity).collect();
        // Neighbours overlap: two rows by turns keep them apart.
        for turn in 0..2 {
            let marks: Vec<_> = windows.iter().skip(turn).step_by(2).copied().collect();
            if !marks.is_empty() {
                let label = if turn == 0 { text::bar_signers(lang, role.id()) } else { String::new() };
                rows.push(vec![(label, Tone::Plain), (scale.bars(&marks), Tone::Plain)]);
            }
        }
    }
    if let Some(until) = chart.certificates.iter().map(|planned| planned.validity.until).max() {
        rows.push(bar(text::bar_drain(lang), Window { from: chart.switch, until }, Tone::Faint));
    }
    rows.push(bar(text::bar_rekey(lang), Window { from: chart.rekey, until: chart.switch }, Tone::Doubtful));
    for (kind, window) in &chart.links {
        let name = if *kind == CertificateKind::OldWithNew { "OldWithNew" } else { "NewWithOld" };
        // A link exists from the making of the next root, whatever its validity says of the time before.
        let window = Window { from: window.from.max(chart.rekey), until: window.until };
        rows.push(bar(text::bar_link(lang, name), window, Tone::Faint));
    }
    let alarms: Vec<UtcDateTime> = chart.alarms.iter().map(|alarm| alarm.at).collect();
    rows.push(vec![(text::bar_alarms(lang), Tone::Plain), (scale.marks(&alarms, '▲'), Tone::Bad)]);
    table(output, &[String::new(), scale.years()], &rows)
}

/// Time along a line of characters.
struct Scale {
    from: i64,
    seconds: i64,
    columns: usize,
}

impl Scale {
    fn new(chart: &Chart, columns: usize) -> Self {
        let (from, until) = (chart.root.from.unix_timestamp(), chart.root.until.unix_timestamp());
        Self { from, seconds: (until - from).max(1), columns }
    }

    /// The column of an instant; those before and after the chart at its ends.
    fn column(&self, at: UtcDateTime) -> usize {
        let passed = (at.unix_timestamp() - self.from).clamp(0, self.seconds);
        let last = self.columns.saturating_sub(1);
        let columns = i64::try_from(last).unwrap_or_default();
        usize::try_from(passed.saturating_mul(columns) / self.seconds).unwrap_or(last).min(last)
    }

    fn bar(&self, window: Window) -> String {
        self.bars(&[window])
    }

    fn bars(&self, windows: &[Window]) -> String {
        let ends: Vec<_> = windows.iter().map(|one| self.column(one.from)..=self.column(one.until)).collect();
        (0..self.columns).map(|column| if ends.iter().any(|bar| bar.contains(&column)) { '█' } else { '·' }).collect()
    }

    fn marks(&self, instants: &[UtcDateTime], mark: char) -> String {
        let columns: Vec<_> = instants.iter().map(|at| self.column(*at)).collect();
        (0..self.columns).map(|column| if columns.contains(&column) { mark } else { '·' }).collect()
    }

    /// The years, each where it begins, as far as there is room.
    fn years(&self) -> String {
        let mut line = String::new();
        let mut last = None;
        for column in 0..self.columns {
            let share = i64::try_from(column).unwrap_or_default();
            let last_column = i64::try_from(self.columns.saturating_sub(1)).unwrap_or(1).max(1);
            let at = UtcDateTime::from_unix_timestamp(self.from + self.seconds / last_column * share);
            let year = at.map_or(0, UtcDateTime::year);
            if last != Some(year) && line.chars().count() <= column && column + 4 <= self.columns {
                line += &" ".repeat(column - line.chars().count());
                line += &year.to_string();
            }
            last = Some(year);
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use tegata_root_ca::{Policy, rollover::plan};
    use tegata_terminal::{ColourChoice, Lang};
    use time::macros::utc_datetime;

    use super::*;

    #[test]
    fn bars_begin_and_end_where_the_dates_are() {
        let chart = plan(utc_datetime!(2027-04-01 0:00), &Policy::built_in("jp-004").unwrap());
        let scale = Scale::new(&chart, 64);
        assert_eq!(scale.bar(chart.root), "█".repeat(64));
        assert_eq!(scale.column(chart.root.from), 0);
        assert_eq!(scale.column(chart.root.until), 63);
        let used = scale.bar(Window { from: chart.root.from, until: chart.key_use_ends });
        let length = used.chars().filter(|mark| *mark == '█').count();
        // 60 of 64 months.
        assert!((59..=61).contains(&length), "{used}");
        assert!(scale.years().starts_with("2027") && scale.years().contains("2031"), "{}", scale.years());

        let page = draw(&chart, &Output::new(ColourChoice::Never, false, Lang::Ja));
        assert!(page.contains("鍵の使用期間") && page.contains('▲'), "{page}");
    }
}
