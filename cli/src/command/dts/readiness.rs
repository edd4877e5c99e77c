//! `tegata dts readiness`: the go/no-go gate of a rollover.

use std::collections::BTreeSet;
use std::process::ExitCode;

use serde::Deserialize;
use serde_json::json;
use tegata_sync::{ClientClass, Gate, KeyDigest, Obstacle, ReadinessCount, ReadinessSignal, Threshold};
use tegata_terminal::{Output, Tone, table};

use super::refused;
use crate::answer::Answer;
use crate::args::dts::Readiness;
use crate::failure::Failure;
use crate::input::Input;
use crate::load::certificate;
use crate::message::dts as text;

/// Exit status of a no-go.
const NO_GO: u8 = 10;

#[derive(Deserialize)]
struct Line {
    signal: String,
}

pub(super) fn run(args: &Readiness, output: Output) -> Result<ExitCode, Failure> {
    let lang = output.lang;
    let root = KeyDigest::of(&certificate(&args.root, lang)?);
    let input = Input::read(&args.file)?;
    let mut count = ReadinessCount::new([root]);
    for (number, line) in (1..).zip(input.bytes.split(|byte| *byte == b'\n')).filter(|(_, line)| !line.is_empty()) {
        let signal = serde_json::from_slice::<Line>(line).ok().and_then(|line| hex::decode(line.signal).ok());
        let signal = signal.and_then(|octets| ReadinessSignal::from_bytes(&octets).ok());
        let signal =
            signal.ok_or_else(|| refused(Some(&args.file), "readiness-line", text::bad_line(lang, number), ""));
        count.add(&signal?);
    }
    let heard: BTreeSet<ClientClass> =
        ClientClass::ALL.into_iter().filter(|class| count.share_of(*class, root).total > 0).collect();
    let unready = 100_u16.saturating_sub(u16::from(args.least.min(100)));
    let threshold = Threshold { max_unready_permille: unready * 10, min_signals: args.signals, classes: heard.clone() };
    let gate = count.gate(root, &threshold);
    let obstacles = match &gate {
        Gate::Go => &[][..],
        Gate::NoGo { obstacles } => obstacles,
    };
    if output.json {
        let classes = heard.iter().map(|class| {
            let share = count.share_of(*class, root);
            json!({ "class": class.id(), "ready": share.ready, "signals": share.total })
        });
        output.answer_json(&json!({
            "root": root.to_string(),
            "classes": classes.collect::<Vec<_>>(),
            "go": obstacles.is_empty(),
            "obstacles": obstacles.iter().map(Obstacle::id).collect::<Vec<_>>(),
        }))?;
    } else {
        let header =
            [text::column_class(lang), text::column_ready(lang), text::column_signals(lang), text::column_gate(lang)];
        let rows: Vec<_> = heard
            .iter()
            .map(|class| {
                let share = count.share_of(*class, root);
                let stands = obstacles.iter().find(|obstacle| class_of(obstacle) == Some(*class));
                let verdict = stands.map_or(("✓", Tone::Good), |obstacle| (obstacle.id(), Tone::Bad));
                vec![
                    (class.id().to_owned(), Tone::Plain),
                    (share.ready.to_string(), Tone::Plain),
                    (share.total.to_string(), Tone::Faint),
                    (verdict.0.to_owned(), verdict.1),
                ]
            })
            .collect();
        let verdict = if obstacles.is_empty() { text::go(lang) } else { text::no_go(lang) };
        output.answer(&format!("{}\n{verdict}\n", table(&output, &header, &rows)))?;
    }
    Ok(if obstacles.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(NO_GO) })
}

fn class_of(obstacle: &Obstacle) -> Option<ClientClass> {
    match obstacle {
        Obstacle::TooFewSignals { class, .. } | Obstacle::TooManyUnready { class, .. } => Some(*class),
        _ => None,
    }
}
