use std::path::PathBuf;

use serde::Serialize;

use crate::args::{Args, Op, Pass};
use crate::harness::{Rows, Times};
use crate::workloads::Shape;

/// A measurement, with the keys that `benches/peers` has.
#[derive(Serialize)]
pub(crate) struct Row {
    peer: &'static str,
    workload: String,
    op: String,
    shape: Shape,
    pass: String,
    dtype: String,
    method: String,
    device: String,
    threads: usize,
    median_ms: f64,
    min_ms: f64,
    n: usize,
    /// Multiply-adds of the fused Horner form, a second.
    multiply_adds_per_second: f64,
    /// Of what as many cores could do.
    percent_of_peak: f64,
    peak_mib: f64,
    /// Of kernels, relative to a series of order 40 in f64.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<f64>,
}

/// Prints rows as they come.
pub(crate) struct Table {
    /// Multiply-adds a second of one thread.
    peak: f64,
    rows: Rows<Row>,
}

impl Row {
    pub(crate) fn new(
        args: &Args,
        workload: &str,
        shape: Shape,
        pass: Pass,
        times: Times,
        peak_mib: f64,
    ) -> Self {
        let name = |debug: String| debug.to_lowercase();
        Self {
            peer: "burn-sig",
            workload: match args.op {
                Op::Signature => workload.into(),
                op => format!("{workload}{}", op.name()),
            },
            op: args.op.name(),
            shape,
            pass: name(format!("{pass:?}")),
            dtype: name(format!("{:?}", args.dtype)),
            method: name(format!("{:?}", args.method)),
            device: args.device.clone().unwrap_or_else(|| "default".into()),
            threads: args.threads.unwrap_or_else(rayon::current_num_threads),
            multiply_adds_per_second: multiply_adds(args, shape, pass) / times.median_ms * 1e3,
            percent_of_peak: 0.0,
            median_ms: times.median_ms,
            min_ms: times.min_ms,
            n: times.runs,
            peak_mib,
            error: None,
        }
    }

    pub(crate) fn with_error(self, error: Option<f64>) -> Self {
        Self { error, ..self }
    }
}

/// `(length − 1) Σ_{j=2..N} (N − j + 1) d^j` a path or window for the signature, and for the gradient
/// the adjoint of each of these, two for one. Logarithms are not counted, nor are intervals, kernels and transforms.
fn multiply_adds(args: &Args, shape: Shape, pass: Pass) -> f64 {
    if matches!(
        args.op,
        Op::Intervals | Op::Kernel | Op::TimeAugment | Op::LeadLag
    ) {
        return 0.0;
    }
    let (batch, length) = args.parts(shape);
    let [_, _, channels, depth] = shape;
    let step: f64 = (2..=depth)
        .map(|level| (depth + 1 - level) as f64 * (channels as f64).powi(level as i32))
        .sum();
    let forward = (batch * (length - 1)) as f64 * step;
    match pass {
        Pass::Forward => forward,
        Pass::Backward | Pass::Backprop => 3.0 * forward,
    }
}

impl Table {
    pub(crate) fn new(peak: f64, json: Option<PathBuf>) -> Self {
        println!("multiply-add peak of a core: {:.1} G/s", peak / 1e9);
        println!(
            "{:<16} {:<9} {:>10} {:>10} {:>6} {:>8} {:>7} {:>9}",
            "workload", "pass", "median ms", "min ms", "runs", "G/s", "% peak", "peak MiB"
        );
        Self {
            peak,
            rows: Rows::new(json),
        }
    }

    pub(crate) fn add(&mut self, mut row: Row) -> Result<(), String> {
        row.percent_of_peak =
            100.0 * row.multiply_adds_per_second / (self.peak * row.threads as f64);
        println!(
            "{:<16} {:<9} {:>10.4} {:>10.4} {:>6} {:>8.2} {:>7.1} {:>9.2}",
            row.workload,
            row.pass,
            row.median_ms,
            row.min_ms,
            row.n,
            row.multiply_adds_per_second / 1e9,
            row.percent_of_peak,
            row.peak_mib,
        );
        if let Some(error) = row.error {
            println!("    error against a series of order 40 in f64: {error:.1e}");
        }
        self.rows.add(row)
    }
}
