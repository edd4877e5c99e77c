//! Progress of long work: on a terminal a spinner with the present step, elsewhere one line for each step.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::{Output, to_stderr};

/// Shows which step is under way.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    output: Output,
    quiet: bool,
}

impl Progress {
    /// Progress over `steps` steps. The bar is drawn on standard error, and only on a terminal.
    #[must_use]
    pub fn new(output: Output, steps: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} [{bar:24}] {pos}/{len} {msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { bar, output, quiet: output.json }
    }

    /// A step begins.
    pub fn begin(&self, text: &str) {
        self.bar.set_message(text.to_owned());
    }

    /// A step is done; `result` says what came of it.
    pub fn done(&self, text: &str, result: &str) {
        self.bar.inc(1);
        if self.quiet {
            return;
        }
        let style = self.output.error_style;
        let line = format!("{} {text}  {}", style.good("✓"), style.faint(result));
        if self.bar.is_hidden() { to_stderr(&line) } else { self.bar.println(line) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
