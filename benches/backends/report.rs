//! Prints the times as a table, as JSON and as a page.

use std::fmt::Write;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde::Serialize;

use crate::figures::figure;
use crate::peers::Peers;
use crate::subject::Subject;
use crate::sweep::{BASE, Measured, Row, Sweeps};
use crate::workloads::Shape;

const STYLE: &str = include_str!("../../crates/sig-train/src/report/page.css");

/// Everything there is to tell.
pub(crate) struct Report<'a> {
    sweeps: &'a Sweeps,
    /// Backends that did not start, with the reason.
    absent: Vec<String>,
    peers: Option<Peers>,
    threads: usize,
}

/// A number of the JSON, with the keys that `benches/compare` and `benches/peers` have, or a gap.
#[derive(Serialize)]
struct Entry<'a> {
    op: &'a str,
    shape: Shape,
    backend: &'a str,
    threads: usize,
    median_ms: Option<f64>,
    min_ms: Option<f64>,
    n: Option<usize>,
    gap: Option<&'a str>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(
        sweeps: &'a Sweeps,
        absent: Vec<String>,
        peers: Option<Peers>,
        threads: Option<usize>,
    ) -> Self {
        let threads = threads.unwrap_or_else(rayon::current_num_threads);
        Self {
            sweeps,
            absent,
            peers,
            threads,
        }
    }

    /// A header, then one line per subject and shape: the median of each series, and its ratio to
    /// the fastest.
    fn lines(&self) -> Vec<Vec<String>> {
        let series = self.sweeps.series.iter().map(|series| series.name.clone());
        let header = ["median ms (ratio to the fastest)", "shape"].map(String::from);
        let header = header.into_iter().chain(series).collect();
        let line = |row: &Row| {
            let medians = row.times.iter().flatten().map(|times| times.median_ms);
            let fastest = medians.fold(f64::INFINITY, f64::min);
            let cell = |time: &Measured| match time {
                Ok(times) => {
                    let median = times.median_ms;
                    format!("{median:.3} ({:.1})", median / fastest)
                }
                Err(_) => "–".into(),
            };
            let shape = row.shape.map(|size| size.to_string()).join(",");
            let head = [row.subject.name().to_string(), shape];
            head.into_iter().chain(row.times.iter().map(cell)).collect()
        };
        std::iter::once(header)
            .chain(self.sweeps.rows.iter().map(line))
            .collect()
    }

    /// Why times are missing: each reason with its series, and the shapes that it holds for.
    fn gaps(&self) -> Vec<(String, Vec<String>)> {
        let mut gaps: Vec<(String, Vec<String>)> = Vec::new();
        for row in &self.sweeps.rows {
            for (series, time) in self.sweeps.series.iter().zip(&row.times) {
                let Err(reason) = time else { continue };
                let reason = format!("{}, {}: {reason}", series.name, row.subject.name());
                let shape = row.shape.map(|size| size.to_string()).join(",");
                match gaps.iter_mut().find(|(known, _)| *known == reason) {
                    Some((_, shapes)) => shapes.push(shape),
                    None => gaps.push((reason, vec![shape])),
                }
            }
        }
        gaps
    }

    /// The table and the gaps, for the terminal.
    pub(crate) fn text(&self) -> String {
        let lines = self.lines();
        let width = |column: usize| {
            let widths = lines.iter().map(|line| line[column].chars().count());
            widths.max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..lines[0].len()).map(width).collect();
        let mut text = String::new();
        for line in &lines {
            for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
                let pad = " ".repeat(width - cell.chars().count());
                // Names to the left, numbers to the right.
                text += &if column < 2 {
                    format!("{cell}{pad}  ")
                } else {
                    format!("{pad}{cell}  ")
                };
            }
            text.truncate(text.trim_end().len());
            text.push('\n');
        }
        text += "shape: batch, length, channels, depth; –: not measured, see below\n";
        for (reason, shapes) in self.gaps() {
            let _ = writeln!(text, "–  {reason} ({})", shapes.join(" "));
        }
        for absent in &self.absent {
            let _ = writeln!(text, "–  {absent}");
        }
        text
    }

    pub(crate) fn json(&self) -> String {
        let entries = self.sweeps.rows.iter().flat_map(|row| {
            let entry = |(series, time): (&'a crate::sweep::Series, &'a Measured)| {
                let times = time.as_ref().ok();
                Entry {
                    op: row.subject.name(),
                    shape: row.shape,
                    backend: &series.name,
                    threads: self.threads,
                    median_ms: times.map(|times| times.median_ms),
                    min_ms: times.map(|times| times.min_ms),
                    n: times.map(|times| times.runs),
                    gap: time.as_ref().err().map(String::as_str),
                }
            };
            self.sweeps.series.iter().zip(&row.times).map(entry)
        });
        let entries: Vec<_> = entries.collect();
        serde_json::to_string_pretty(&entries).expect("plain data becomes JSON")
    }

    /// One page that loads nothing.
    pub(crate) fn page(&self) -> Result<String, String> {
        let figures =
            Subject::ALL.map(|subject| Ok((subject.name(), figure(self.sweeps, subject)?)));
        let figures = figures.into_iter().collect::<Result<Vec<_>, String>>()?;
        let [batch, length, channels, depth] = BASE;
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { "Backends of burn-sig" }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    main {
                        h1 { "Backends of burn-sig" }
                        p {
                            "Batch " (batch) ", length " (length) ", " (channels) " channels, depth "
                            (depth) ", where a figure does not change them; f32; CPU backends on "
                            (self.threads) " threads. A line ends where a size was not measured; the \
                            reasons are below the table."
                        }
                        @for (title, svg) in &figures {
                            h2 { (title) }
                            figure.scroll { (PreEscaped(svg)) }
                        }
                        h2 { "All times" }
                        (table(&self.lines()))
                        p.note { "Shape: batch, length, channels, depth. Medians in milliseconds." }
                        @let gaps = self.gaps();
                        @if !gaps.is_empty() || !self.absent.is_empty() {
                            h2 { "Not measured" }
                            ul {
                                @for (reason, shapes) in &gaps { li { (reason) " (" (shapes.join(" ")) ")" } }
                                @for absent in &self.absent { li { (absent) } }
                            }
                        }
                        @if let Some(peers) = &self.peers {
                            h2 { "Other libraries" }
                            (table(&peers.lines()))
                            p.note { "Medians in milliseconds, by benches/peers/compare.py." }
                        }
                    }
                }
            }
        };
        Ok(page.into_string())
    }
}

fn table(lines: &[Vec<String>]) -> Markup {
    html! {
        div.scroll {
            table {
                thead { tr { @for cell in &lines[0] { th { (cell) } } } }
                tbody {
                    @for line in &lines[1..] { tr { @for cell in line { td { (cell) } } } }
                }
            }
        }
    }
}
