use std::path::PathBuf;

use burn::tensor::DType;
use burn_sig::signature_kernels::KernelSolver;
use burn_sig::signatures::SignatureMethod;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, ValueEnum};

use crate::harness::positive;
use crate::workloads::{SUITE, Shape};

/// Which signature kernels of two batches of paths.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub(crate) enum Kernels {
    /// Of each path of one batch with each of the other
    Gram,
    /// Of each path of one batch with that at the same place of the other
    Pairs,
    /// The same, of all prefixes of both
    Grids,
}

/// Times signatures and what is made of them on this machine.
#[derive(Parser, Debug)]
#[command(name = "compare")]
pub(crate) struct Args {
    /// What is computed
    #[arg(long, value_enum, default_value_t = Op::Signature)]
    pub(crate) op: Op,
    /// What is timed; forward, then backward if not given
    #[arg(long, value_enum)]
    pub(crate) pass: Option<Pass>,
    /// The standard workloads instead of one shape
    #[arg(long, conflicts_with_all = ["batch", "length", "channels", "depth"])]
    pub(crate) suite: bool,
    /// Of the standard workloads, those with these names, as in W1,W7
    #[arg(long, value_delimiter = ',', requires = "suite")]
    pub(crate) workloads: Vec<String>,
    /// Paths
    #[arg(long, default_value_t = 128, value_parser = positive)]
    pub(crate) batch: usize,
    /// Points of a path
    #[arg(long, default_value_t = 100, value_parser = positive)]
    pub(crate) length: usize,
    /// Channels of a path
    #[arg(long, default_value_t = 5, value_parser = positive)]
    pub(crate) channels: usize,
    /// The last level
    #[arg(long, default_value_t = 4, value_parser = positive)]
    pub(crate) depth: usize,
    /// Points of a window, of `--op windows`
    #[arg(long, default_value_t = 32)]
    pub(crate) window: usize,
    /// Points from the start of a window to that of the next, of `--op windows`
    #[arg(long, default_value_t = 4, value_parser = positive)]
    pub(crate) hop: usize,
    /// How kernels are solved, of `--op kernel`: series:ORDER or fd:DYADIC; the default of the dtype if
    /// not given
    #[arg(long, value_parser = solver)]
    pub(crate) solver: Option<KernelSolver>,
    /// Which kernels, of `--op kernel`
    #[arg(long, value_enum, default_value_t = Kernels::Gram)]
    pub(crate) kernels: Kernels,
    /// Number type of the path
    #[arg(long, default_value = "f32", value_parser = dtypes())]
    pub(crate) dtype: DType,
    /// Threads of the CPU backends; all cores if not given
    #[arg(long, value_parser = positive)]
    pub(crate) threads: Option<usize>,
    /// How the signature is computed
    #[arg(long, default_value = "auto", value_parser = methods())]
    pub(crate) method: SignatureMethod,
    /// A device that is compiled in: flex, ndarray, wgpu, cuda …; the best one if not given
    #[arg(long)]
    pub(crate) device: Option<String>,
    /// Seconds for each measurement, at least 7 runs
    #[arg(long, default_value_t = 1.5)]
    pub(crate) seconds: f64,
    /// A file for the rows
    #[arg(long)]
    pub(crate) json: Option<PathBuf>,
    /// Passed by cargo
    #[arg(long, hide = true)]
    pub(crate) bench: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Op {
    Signature,
    Stream,
    /// At the Lyndon words
    Logsignature,
    /// Signatures of a window that slides
    Windows,
    /// A `Path` made, and the signatures of 1000 random intervals of it
    Intervals,
    /// Signature kernels of each of `--batch` paths with each of as many others
    Kernel,
    /// The path with a channel of time, no signature
    TimeAugment,
    /// The lead-lag path, no signature
    LeadLag,
}

impl Op {
    pub(crate) fn name(self) -> String {
        let value = self.to_possible_value().expect("none is skipped");
        value.get_name().into()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Pass {
    Forward,
    /// Forward, then the gradient of Σ result · cotangent by autodiff
    Backward,
    /// Forward, then the gradient by `signature_backprop` or `signature_stream_backprop`, without autodiff
    Backprop,
}

fn dtypes() -> impl TypedValueParser<Value = DType> {
    PossibleValuesParser::new(["f64", "f32", "f16", "bf16"]).map(|name| match name.as_str() {
        "f64" => DType::F64,
        "f16" => DType::F16,
        "bf16" => DType::BF16,
        _ => DType::F32,
    })
}

fn solver(text: &str) -> Result<KernelSolver, String> {
    let number = |order: &str| order.parse().map_err(|_| format!("{order} is no order"));
    let solver = match text.split_once(':') {
        Some(("series", order)) => KernelSolver::Series {
            order: number(order)?,
        },
        Some(("fd", order)) => KernelSolver::FiniteDifference {
            dyadic: [number(order)?; 2],
        },
        _ => return Err("expected series:ORDER or fd:DYADIC".into()),
    };
    solver.problem().map_or(Ok(solver), Err)
}

fn methods() -> impl TypedValueParser<Value = SignatureMethod> {
    let names = ["auto", "parallel", "sequential", "fused"];
    PossibleValuesParser::new(names).map(|name| match name.as_str() {
        "parallel" => SignatureMethod::Parallel,
        "sequential" => SignatureMethod::Sequential,
        "fused" => SignatureMethod::Fused,
        _ => SignatureMethod::Auto,
    })
}

impl Args {
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.op == Op::Kernel && self.suite {
            return Err("--suite: the standard workloads have no kernels; give --batch, --length and --channels".into());
        }
        let shortest = self.workloads().iter().map(|(_, shape)| shape[1]).min();
        let shortest = shortest.unwrap_or(0);
        let window = self.window;
        if self.op == Op::Windows && !(2..=shortest).contains(&window) {
            return Err(format!(
                "--window must be from 2 to the length of the paths, {shortest}, got {window}"
            ));
        }
        if self.op == Op::Intervals && shortest < 2 {
            return Err(format!(
                "--op intervals needs at least 2 points, got --length {shortest}"
            ));
        }
        let explicit = matches!(self.op, Op::Signature | Op::Stream);
        if self.pass == Some(Pass::Backprop) && !explicit {
            return Err(format!(
                "--pass backprop: there is no call for the gradient of --op {}",
                self.op.name()
            ));
        }
        let known = |name: &&String| !SUITE.iter().any(|(known, _)| known == name);
        match self.workloads.iter().find(known) {
            Some(name) => Err(format!(
                "--workloads {name}: the standard ones are W1 to W8"
            )),
            None => Ok(()),
        }
    }

    /// The name and shape of each.
    pub(crate) fn workloads(&self) -> Vec<(String, Shape)> {
        if !self.suite {
            let shape = [self.batch, self.length, self.channels, self.depth];
            return vec![(shape.map(|size| size.to_string()).join(","), shape)];
        }
        let chosen =
            |name: &str| self.workloads.is_empty() || self.workloads.iter().any(|w| w == name);
        let suite = SUITE.into_iter().filter(|(name, _)| chosen(name));
        suite.map(|(name, shape)| (name.into(), shape)).collect()
    }

    pub(crate) fn passes(&self) -> Vec<Pass> {
        match self.pass {
            Some(pass) => vec![pass],
            None => vec![Pass::Forward, Pass::Backward],
        }
    }

    /// Paths whose signatures are taken, and the points of each, of a workload.
    pub(crate) fn parts(&self, [batch, length, ..]: Shape) -> (usize, usize) {
        match self.op {
            Op::Windows => (batch * ((length - self.window) / self.hop + 1), self.window),
            _ => (batch, length),
        }
    }
}
