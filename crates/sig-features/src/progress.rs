//! How far a job is: a line that changes on a terminal, a line now and then elsewhere.

use std::io::{Write, stderr};
use std::time::{Duration, Instant};

use indicatif::{BinaryBytes, FormattedDuration, ProgressBar, ProgressStyle};

/// Between two lines where there is no terminal.
const LINES_APART: Duration = Duration::from_secs(5);

pub(crate) struct Progress {
    bar: ProgressBar,
    said: Instant,
}

impl Progress {
    /// Of `total` bytes, `done` of which were done before.
    pub(crate) fn new(total: u64, done: u64) -> Self {
        let bar = ProgressBar::new(total).with_position(done);
        bar.set_style(ProgressStyle::with_template("{msg}").expect("is a template"));
        // The rate is that of this process.
        bar.reset_eta();
        Self {
            bar,
            said: Instant::now(),
        }
    }

    /// Some bytes more are done, which makes so many rows of features.
    pub(crate) fn add(&mut self, bytes: u64, rows: u64) {
        self.bar.inc(bytes);
        if !self.bar.is_hidden() {
            self.bar.set_message(self.line(rows));
        } else if self.said.elapsed() >= LINES_APART {
            self.said = Instant::now();
            // Nobody to tell is no reason to stop.
            let _ = writeln!(stderr(), "{}", self.line(rows));
        }
    }

    fn line(&self, rows: u64) -> String {
        let total = self.bar.length().unwrap_or_default();
        format!(
            "features: {} % of {}, {}/s, {rows} rows, {} left",
            100 * self.bar.position() / total.max(1),
            BinaryBytes(total),
            BinaryBytes(self.bar.per_sec() as u64),
            FormattedDuration(self.bar.eta()),
        )
    }

    /// Clears the line of a terminal and tells how long it took.
    pub(crate) fn finish(self) -> Duration {
        self.bar.finish_and_clear();
        self.bar.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_before_counts_as_done() {
        let mut progress = Progress::new(300 << 20, 100 << 20);
        progress.add(50 << 20, 7);
        let line = progress.line(7);
        assert!(line.starts_with("features: 50 % of 300.00 MiB, "), "{line}");
        assert!(line.contains("/s, 7 rows, "), "{line}");
    }
}
