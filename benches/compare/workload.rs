use std::ops::Range;

use burn::tensor::{Device, Tensor, TensorData};
use burn_sig::gradients::{signature_backprop_with, signature_stream_backprop_with};
use burn_sig::logsignatures::{logsignature_channels, logsignature_with};
use burn_sig::prelude::*;
use burn_sig::signatures::signature_stream_with;
use burn_sig::windows::signature_windows_with;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::args::{Args, Op, Pass};

/// Batch, length, channels, depth.
pub(crate) type Shape = [usize; 4];

/// The standard workloads.
pub(crate) const SUITE: [(&str, Shape); 8] = [
    ("W1", [128, 100, 5, 4]),
    ("W2", [1, 1000, 3, 5]),
    ("W3", [32, 500, 7, 3]),
    ("W4", [128, 20, 7, 4]),
    ("W5", [16, 64, 2, 10]),
    ("W6", [256, 256, 4, 4]),
    ("W7", [1, 10_000, 4, 4]),
    ("W8", [64, 128, 10, 3]),
];

pub(crate) struct Workload {
    pub(crate) name: String,
    pub(crate) shape: Shape,
}

/// Intervals of `--op intervals`.
const INTERVALS: usize = 1000;

/// A workload with its input, to be run again and again.
pub(crate) struct Problem {
    path: Tensor<3>,
    cotangent: Tensor<1>,
    depth: usize,
    options: SignatureOptions,
    op: Op,
    pass: Pass,
    windows: Windows,
    intervals: Vec<Range<usize>>,
    device: Device,
}

impl Workload {
    pub(crate) fn problem(
        &self,
        args: &Args,
        pass: Pass,
        device: &Device,
    ) -> Result<Problem, String> {
        let [batch, length, channels, depth] = self.shape;
        let terms = SignatureSpec::try_new(channels, depth)
            .map_err(|error| error.to_string())?
            .terms();
        let device = match pass {
            Pass::Forward | Pass::Backprop => device.clone(),
            Pass::Backward => device.clone().autodiff(),
        };
        let count = match args.op {
            Op::Signature | Op::Windows => args.parts(self.shape).0 * terms,
            Op::Stream => batch * (length - 1) * terms,
            Op::Logsignature => batch * logsignature_channels(channels, depth),
            Op::Intervals => batch * INTERVALS * terms,
            Op::TimeAugment => batch * length * (channels + 1),
            Op::LeadLag => batch * (2 * length - 1) * 2 * channels,
        };
        let mut random = StdRng::seed_from_u64(7);
        let numbers = |count: usize, random: &mut StdRng| -> Vec<f32> {
            (0..count).map(|_| random.random_range(-1.0..1.0)).collect()
        };
        let target = (&device, args.dtype.dtype());
        let mut interval = || {
            let start = random.random_range(0..length - 1);
            start..random.random_range(start + 2..=length)
        };
        let intervals = match args.op {
            Op::Intervals => (0..INTERVALS).map(|_| interval()).collect(),
            _ => Vec::new(),
        };
        let steps = numbers(batch * length * channels, &mut random);
        let steps =
            Tensor::<3>::from_data(TensorData::new(steps, [batch, length, channels]), target);
        let path = (steps / (length as f64 / 3.0).sqrt()).cumsum(1);
        let cotangent = match pass {
            Pass::Forward => Vec::new(),
            Pass::Backward | Pass::Backprop => numbers(count, &mut random),
        };
        let count = cotangent.len();
        let cotangent = Tensor::from_data(TensorData::new(cotangent, [count]), target);
        // What they were computed from is not part of the problem.
        let path = path.detach();
        device.sync().map_err(|error| error.to_string())?;
        Ok(Problem {
            path,
            cotangent,
            depth,
            options: SignatureOptions::new().with_method(args.method.method()),
            op: args.op,
            pass,
            windows: Windows::Sliding {
                window: args.window,
                hop: args.hop,
            },
            intervals,
            device,
        })
    }
}

impl Problem {
    /// The result and, but forward alone, the gradient of `Σ result · cotangent` with respect to the
    /// path.
    pub(crate) fn run(&self) {
        match self.pass {
            Pass::Forward => drop(self.result(self.path.clone())),
            Pass::Backward => {
                let path = self.path.clone().require_grad();
                let result = self.result(path.clone());
                let gradients = (result * self.cotangent.clone()).sum().backward();
                path.grad(&gradients).expect("the path requires it");
            }
            Pass::Backprop => {
                let result = self.result(self.path.clone());
                drop((result, self.gradient()));
            }
        }
        self.device.sync().expect("the device has done its work");
    }

    /// The gradient by the call for it.
    fn gradient(&self) -> Tensor<3> {
        let (path, cotangent) = (self.path.clone(), self.cotangent.clone());
        let ([batch, ..], depth, options) = (path.dims(), self.depth, &self.options);
        match self.op {
            Op::Stream => {
                let steps = path.dims()[1] - 1;
                let cotangent = cotangent.reshape([batch as i64, steps as i64, -1]);
                signature_stream_backprop_with(path, cotangent, depth, options).path
            }
            _ => {
                let cotangent = cotangent.reshape([batch as i64, -1]);
                signature_backprop_with(path, cotangent, depth, options).path
            }
        }
    }

    /// All numbers of the result.
    fn result(&self, path: Tensor<3>) -> Tensor<1> {
        let (depth, options) = (self.depth, &self.options);
        match self.op {
            Op::Signature => signature_with(path, depth, options).flatten(0, 1),
            Op::Stream => signature_stream_with(path, depth, options).flatten(0, 2),
            Op::Logsignature => {
                let options = LogSignatureOptions::new().with_signature(options.clone());
                logsignature_with(path, depth, &options).flatten(0, 1)
            }
            Op::Windows => {
                signature_windows_with(path, depth, &self.windows, options).flatten(0, 2)
            }
            Op::Intervals => IndexedPath::new(path, depth)
                .signatures(&self.intervals)
                .flatten(0, 2),
            Op::TimeAugment => transforms::time_augment(path, 1.0).flatten(0, 2),
            Op::LeadLag => transforms::lead_lag(path, LeadLagOrder::LeadLag).flatten(0, 2),
        }
    }
}
