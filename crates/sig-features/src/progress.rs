//! How far a job is: a line that changes on a terminal, a line now and then elsewhere.

use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

/// Between two lines, on a terminal and elsewhere.
const CHANGES_APART: Duration = Duration::from_millis(200);
const LINES_APART: Duration = Duration::from_secs(5);

pub(crate) struct Progress {
    total: u64,
    first: u64,
    done: u64,
    started: Instant,
    said: Instant,
    terminal: bool,
}

impl Progress {
    /// Of `total` bytes, `done` of which were done before.
    pub(crate) fn new(total: u64, done: u64) -> Self {
        let now = Instant::now();
        Self {
            total,
            first: done,
            done,
            started: now,
            said: now,
            terminal: stderr().is_terminal(),
        }
    }

    /// Some bytes more are done, which makes so many rows of features.
    pub(crate) fn add(&mut self, bytes: u64, rows: u64) {
        self.done += bytes;
        let apart = if self.terminal {
            CHANGES_APART
        } else {
            LINES_APART
        };
        if self.said.elapsed() < apart {
            return;
        }
        self.said = Instant::now();
        let line = self.line(self.started.elapsed(), rows);
        // Back to the start of the line, whose rest is cleared. Nobody to tell is no reason to stop.
        let _ = if self.terminal {
            write!(stderr(), "\r{line}\x1b[K")
        } else {
            writeln!(stderr(), "{line}")
        };
    }

    fn line(&self, elapsed: Duration, rows: u64) -> String {
        let rate = (self.done - self.first) as f64 / elapsed.as_secs_f64().max(1e-9);
        let left = self.total.saturating_sub(self.done) as f64 / rate.max(1.0);
        format!(
            "features: {} % of {:.0} MiB, {:.0} MiB/s, {rows} rows, {} left",
            100 * self.done / self.total.max(1),
            self.total as f64 / MIB,
            rate / MIB,
            clock(left.ceil() as u64),
        )
    }

    /// Clears the line of a terminal and tells how long it took.
    pub(crate) fn finish(self) -> Duration {
        if self.terminal {
            let _ = write!(stderr(), "\r\x1b[K");
        }
        self.started.elapsed()
    }
}

/// Bytes of a MiB.
pub(crate) const MIB: f64 = (1 << 20) as f64;

/// Seconds as hours, minutes and seconds.
fn clock(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_goes_by_what_this_run_has_done() {
        let mut progress = Progress::new(300 << 20, 100 << 20);
        progress.add(50 << 20, 7);
        let line = progress.line(Duration::from_secs(5), 7);
        assert_eq!(
            line,
            "features: 50 % of 300 MiB, 10 MiB/s, 7 rows, 0:15 left"
        );
        assert_eq!(clock(3_725), "1:02:05");
    }
}
