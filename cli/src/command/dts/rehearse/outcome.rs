//! What everybody came to, phase by phase, and whether that was to be expected.

use std::path::Path;

use serde_json::{Value as Json, json};
use tegata_manifest::ListedState;
use tegata_pki::Certificate;
use tegata_terminal::{Lang, Output, Tone, table};
use tegata_verifier::Overall;
use time::UtcDateTime;

use super::super::super::instant;
use super::calendar::{Calendar, Hour, Phase, Reader, Sample};
use super::readers::{Anchor, Verdict};
use super::service::fingerprint;
use crate::message::{rehearse as text, show};

/// All phases.
pub(super) struct Outcome {
    calendar: Calendar,
    pub(super) looks: Vec<Look>,
    pub(super) roots: Vec<Certificate>,
}

/// One phase.
pub(super) struct Look {
    pub(super) phase: Phase,
    pub(super) at: UtcDateTime,
    /// The states of the roots in the service, by generation.
    pub(super) listed: Vec<String>,
    pub(super) seen: Vec<Seen>,
    pub(super) gate: Option<Gate>,
}

/// One relying party in a phase.
pub(super) struct Seen {
    pub(super) reader: Reader,
    pub(super) anchors: Vec<Anchor>,
    pub(super) trials: Vec<Trial>,
}

/// One document before one relying party.
pub(super) struct Trial {
    pub(super) sample: Sample,
    pub(super) verdict: Verdict,
    pub(super) expected: Overall,
}

/// What the go/no-go gate said.
pub(super) struct Gate {
    pub(super) go: bool,
    pub(super) expected: bool,
    /// The answer of `tegata dts readiness`.
    pub(super) figures: Json,
}

impl Outcome {
    pub(super) fn new(calendar: Calendar) -> Self {
        Self { calendar, looks: Vec::new(), roots: Vec::new() }
    }

    /// The first thing that was not to be expected.
    pub(super) fn first_surprise(&self, lang: Lang) -> Option<String> {
        self.looks.iter().find_map(|look| look.surprise(lang).map(|what| format!("{}: {what}", look.phase.title(lang))))
    }

    pub(super) fn json(&self, dir: &Path) -> Json {
        let roots = self.roots.iter().zip(1..);
        let roots = roots.map(|(root, generation)| {
            json!({ "generation": generation, "subject": root.subject().to_string(), "sha256": fingerprint(root) })
        });
        json!({
            "dir": dir.display().to_string(),
            "start": instant(self.calendar.at(0, Hour::Ceremony)),
            "roots": roots.collect::<Vec<_>>(),
            "phases": self.looks.iter().map(Look::json).collect::<Vec<_>>(),
            "as_expected": self.first_surprise(Lang::En).is_none(),
        })
    }

    pub(super) fn page(&self, dir: &Path, output: &Output) -> String {
        let mut page: String = self.looks.iter().map(|look| look.page(output)).collect();
        let dir = dir.display();
        let last = self.looks.last().map(|look| instant(look.at)).unwrap_or_default();
        page.push_str(&format!(
            "{}\n  tegata dts show {dir}/dts --at {last}\n  tegata trust show {dir}/sleeper.store --history --at {last}\n  \
             tegata verify {dir}/document-new.cbor --issuer-signed --store {dir}/sleeper.store --at {last}\n",
            text::try_next(output.lang)
        ));
        page
    }
}

impl Look {
    fn surprise(&self, lang: Lang) -> Option<String> {
        if !self.is_listed_as_expected() {
            return Some(self.listed_text(lang));
        }
        let trials = self.seen.iter().flat_map(|seen| seen.trials.iter().map(move |trial| (seen, trial)));
        let trial = trials.into_iter().find(|(_, trial)| !trial.is_as_expected());
        let trial = trial.map(|(seen, trial)| {
            let (reader, sample) = (seen.reader.title(lang), trial.sample.title(lang));
            format!("{reader}, {sample}: {}", trial.text(lang))
        });
        trial.or_else(|| self.gate.as_ref().filter(|gate| gate.go != gate.expected).map(|gate| gate.text(lang)))
    }

    fn is_listed_as_expected(&self) -> bool {
        let expected = self.phase.listed().into_iter().flatten().map(ListedState::id);
        expected.eq(self.listed.iter().map(String::as_str))
    }

    /// How many verdicts there are, and that they are as expected.
    pub(super) fn summary(&self, lang: Lang) -> String {
        let trials = self.seen.iter().map(|seen| seen.trials.len()).sum::<usize>();
        match self.surprise(lang) {
            None => text::result_phase(lang, trials),
            Some(what) => what,
        }
    }

    fn listed_text(&self, lang: Lang) -> String {
        let states = self.listed.iter().zip(1..).map(|(state, generation)| text::root_state(lang, generation, state));
        text::listed(lang, states.collect::<Vec<_>>().join(", "))
    }

    fn json(&self) -> Json {
        let stores = self.seen.iter().map(|seen| {
            let anchors = seen.anchors.iter();
            let anchors = anchors.map(
                |anchor| json!({ "generation": anchor.generation, "state": anchor.state, "because": anchor.because }),
            );
            json!({
                "store": seen.reader.id(),
                "title": seen.reader.title(Lang::En),
                "anchors": anchors.collect::<Vec<_>>(),
                "documents": seen.trials.iter().map(Trial::json).collect::<Vec<_>>(),
            })
        });
        json!({
            "phase": self.phase.id(),
            "title": self.phase.title(Lang::En),
            "day": self.phase.day(),
            "at": instant(self.at),
            "listed": self.listed,
            "listed_as_expected": self.is_listed_as_expected(),
            "stores": stores.collect::<Vec<_>>(),
            "readiness": self.gate.as_ref().map(|gate| json!({
                "go": gate.go, "expected": gate.expected, "figures": gate.figures,
            })),
        })
    }

    fn page(&self, output: &Output) -> String {
        let lang = output.lang;
        let title = format!("{}  {}", text::day(lang, self.phase.day()), self.phase.title(lang));
        let mut page = format!("{}\n  {}\n", output.style.title(&title), self.listed_text(lang));
        if let Some(gate) = &self.gate {
            page.push_str(&format!("  {}\n", gate.text(lang)));
        }
        let header = [
            text::column_store(lang),
            text::column_anchors(lang),
            Sample::Old.title(lang),
            Sample::New.title(lang),
            String::new(),
        ];
        let rows: Vec<_> = self.seen.iter().map(|seen| seen.row(lang)).collect();
        page.push_str(&table(output, &header, &rows));
        page.push('\n');
        page
    }
}

impl Seen {
    fn row(&self, lang: Lang) -> Vec<(String, Tone)> {
        let cell = |sample: Sample| {
            let trial = self.trials.iter().find(|trial| trial.sample == sample);
            trial.map_or_else(|| ("–".to_owned(), Tone::Faint), |trial| (trial.text(lang), trial.tone()))
        };
        let is_expected = self.trials.iter().all(Trial::is_as_expected);
        let mark = if is_expected { ("✓".to_owned(), Tone::Good) } else { ("✗".to_owned(), Tone::Bad) };
        let anchors = self.anchors.iter().map(|anchor| {
            let because = if anchor.because.is_empty() { String::new() } else { format!(" ({})", anchor.because) };
            format!("{} {}{because}", anchor.generation, anchor.state)
        });
        vec![
            (self.reader.title(lang), Tone::Plain),
            (anchors.collect::<Vec<_>>().join(", "), Tone::Faint),
            cell(Sample::Old),
            cell(Sample::New),
            mark,
        ]
    }
}

impl Trial {
    fn is_as_expected(&self) -> bool {
        self.verdict.overall == self.expected
    }

    fn tone(&self) -> Tone {
        match self.verdict.overall {
            Overall::Accepted => Tone::Good,
            Overall::Rejected => Tone::Bad,
            Overall::Undetermined => Tone::Doubtful,
        }
    }

    /// The verdict, the check behind it, and what was expected where that is something else.
    fn text(&self, lang: Lang) -> String {
        let verdict = of_overall(self.verdict.overall, lang);
        let check = &self.verdict.check;
        let told = if check.is_empty() { verdict } else { format!("{verdict} {check}") };
        if self.is_as_expected() { told } else { text::unexpected(lang, told, of_overall(self.expected, lang)) }
    }

    fn json(&self) -> Json {
        let some = |text: &String| (!text.is_empty()).then(|| text.clone());
        json!({
            "document": self.sample.id(),
            "verdict": self.verdict.overall.id(),
            "check": some(&self.verdict.check),
            "cause": some(&self.verdict.cause),
            "expected": self.expected.id(),
            "as_expected": self.is_as_expected(),
        })
    }
}

impl Gate {
    /// The figures of each class, and the verdict.
    fn text(&self, lang: Lang) -> String {
        let classes = self.figures.get("classes").and_then(Json::as_array).cloned().unwrap_or_default();
        let shares = classes.iter().map(|class| {
            let number = |name: &str| class.get(name).and_then(Json::as_u64).unwrap_or_default();
            let name = class.get("class").and_then(Json::as_str).unwrap_or_default();
            format!("{name} {}/{}", number("ready"), number("signals"))
        });
        let shares = shares.collect::<Vec<_>>().join(", ");
        if self.go { text::gate_go(lang, shares) } else { text::gate_no_go(lang, shares) }
    }
}

fn of_overall(overall: Overall, lang: Lang) -> String {
    match overall {
        Overall::Accepted => show::accepted(lang),
        Overall::Rejected => show::rejected(lang),
        Overall::Undetermined => show::undetermined(lang),
    }
}

impl Phase {
    pub(super) fn title(self, lang: Lang) -> String {
        match self {
            Self::Established => text::phase_established(lang),
            Self::Announced => text::phase_announced(lang),
            Self::Active => text::phase_active(lang),
            Self::Ready => text::phase_ready(lang),
            Self::Switched => text::phase_switched(lang),
            Self::Woken => text::phase_woken(lang),
            Self::CaughtUp => text::phase_caught_up(lang),
            Self::Removed => text::phase_removed(lang),
        }
    }
}

impl Reader {
    fn title(self, lang: Lang) -> String {
        match self {
            Self::Daily => text::reader_daily(lang),
            Self::Sleeper => text::reader_sleeper(lang),
            Self::Gate => text::reader_gate(lang),
            Self::Newcomer => text::reader_newcomer(lang),
        }
    }
}

impl Sample {
    fn title(self, lang: Lang) -> String {
        match self {
            Self::Old => text::document_old(lang),
            Self::New => text::document_new(lang),
        }
    }
}
