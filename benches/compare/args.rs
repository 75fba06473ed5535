use std::path::PathBuf;

use burn::tensor::{DType, Device};
use burn_sig::signatures::SignatureMethod;
use burn_sig::train::NamedDevice;
use clap::{Parser, ValueEnum};

use crate::roofline::Gpu;
use crate::workload::{SUITE, Shape, Workload};

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
    #[arg(long, default_value_t = 128)]
    pub(crate) batch: usize,
    /// Points of a path
    #[arg(long, default_value_t = 100)]
    pub(crate) length: usize,
    /// Channels of a path
    #[arg(long, default_value_t = 5)]
    pub(crate) channels: usize,
    /// The last level
    #[arg(long, default_value_t = 4)]
    pub(crate) depth: usize,
    /// Points of a window, of `--op windows`
    #[arg(long, default_value_t = 32)]
    pub(crate) window: usize,
    /// Points from the start of a window to that of the next, of `--op windows`
    #[arg(long, default_value_t = 4)]
    pub(crate) hop: usize,
    /// Number type of the path
    #[arg(long, value_enum, default_value_t = Number::F32)]
    pub(crate) dtype: Number,
    /// Threads of the CPU backends; all cores if not given
    #[arg(long)]
    pub(crate) threads: Option<usize>,
    /// How the signature is computed
    #[arg(long, value_enum, default_value_t = Method::Auto)]
    pub(crate) method: Method,
    /// A device that is compiled in: flex, ndarray, wgpu, cuda …; Burn's default if not given
    #[arg(long)]
    pub(crate) device: Option<String>,
    /// Seconds for each measurement, at least 7 runs
    #[arg(long, default_value_t = 1.5)]
    pub(crate) seconds: f64,
    /// Print a model of the CubeCL kernels and measure nothing: f32 TFLOP/s, GB/s and
    /// multiprocessors of a GPU, as in 35.6,936,82 for an RTX 3090
    #[arg(long, conflicts_with = "json")]
    pub(crate) roofline: Option<Gpu>,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Number {
    F64,
    F32,
    F16,
    Bf16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Method {
    Auto,
    Parallel,
    Sequential,
    Fused,
}

impl Args {
    pub(crate) fn check(&self) -> Result<(), String> {
        let sizes = [
            ("--batch", self.batch),
            ("--length", self.length),
            ("--channels", self.channels),
            ("--depth", self.depth),
            ("--hop", self.hop),
            ("--threads", self.threads.unwrap_or(1)),
        ];
        match sizes.into_iter().find(|(_, size)| *size == 0) {
            Some((name, _)) => Err(format!("{name} must be at least 1, got 0")),
            None => Ok(()),
        }?;
        let shortest = self.workloads().iter().map(|w| w.shape[1]).min();
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

    pub(crate) fn workloads(&self) -> Vec<Workload> {
        if !self.suite {
            let shape = [self.batch, self.length, self.channels, self.depth];
            let name = shape.map(|size| size.to_string()).join(",");
            return vec![Workload { name, shape }];
        }
        let chosen =
            |name: &str| self.workloads.is_empty() || self.workloads.iter().any(|w| w == name);
        SUITE
            .iter()
            .filter(|(name, _)| chosen(name))
            .map(|&(name, shape)| Workload {
                name: name.into(),
                shape,
            })
            .collect()
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

    /// The device asked for, or Burn's default.
    pub(crate) fn device(&self) -> Result<Device, String> {
        match self.device.as_deref() {
            None => Ok(Device::default()),
            name => NamedDevice::open(name)
                .map(|named| named.device)
                .map_err(|error| error.to_string()),
        }
    }
}

impl Number {
    pub(crate) fn dtype(self) -> DType {
        match self {
            Self::F64 => DType::F64,
            Self::F32 => DType::F32,
            Self::F16 => DType::F16,
            Self::Bf16 => DType::BF16,
        }
    }
}

impl Method {
    pub(crate) fn method(self) -> SignatureMethod {
        match self {
            Self::Auto => SignatureMethod::Auto,
            Self::Parallel => SignatureMethod::Parallel,
            Self::Sequential => SignatureMethod::Sequential,
            Self::Fused => SignatureMethod::Fused,
        }
    }
}
