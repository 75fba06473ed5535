//! A workload with its input, to be run again and again.

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
use crate::workloads::{Shape, numbers, walks};

/// Intervals of `--op intervals`.
const INTERVALS: usize = 1000;

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

impl Problem {
    pub(crate) fn new(
        args: &Args,
        shape: Shape,
        pass: Pass,
        device: &Device,
    ) -> Result<Self, String> {
        let [batch, length, channels, depth] = shape;
        let spec = SignatureSpec::try_new(channels, depth).map_err(|error| error.to_string())?;
        let device = match pass {
            Pass::Forward | Pass::Backprop => device.clone(),
            Pass::Backward => device.clone().autodiff(),
        };
        let path = walks([batch, length, channels], &device, args.dtype);
        let mut random = StdRng::seed_from_u64(11);
        let mut interval = || {
            let start = random.random_range(0..length - 1);
            start..random.random_range(start + 2..=length)
        };
        let intervals = match args.op {
            Op::Intervals => (0..INTERVALS).map(|_| interval()).collect(),
            _ => Vec::new(),
        };
        let terms = spec.terms();
        let count = match (pass, args.op) {
            (Pass::Forward, _) => 0,
            (_, Op::Signature | Op::Windows) => args.parts(shape).0 * terms,
            (_, Op::Stream) => batch * (length - 1) * terms,
            (_, Op::Logsignature) => batch * logsignature_channels(channels, depth),
            (_, Op::Intervals) => batch * INTERVALS * terms,
            (_, Op::Kernel) => unreachable!("kernels have a problem of their own"),
            (_, Op::TimeAugment) => batch * length * (channels + 1),
            (_, Op::LeadLag) => batch * (2 * length - 1) * 2 * channels,
        };
        let cotangent = TensorData::new(numbers(count, &mut random), [count]);
        let cotangent = Tensor::from_data(cotangent, (&device, args.dtype));
        device.sync().map_err(|error| error.to_string())?;
        Ok(Self {
            path,
            cotangent,
            depth,
            options: SignatureOptions::new().with_method(args.method),
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
            Op::Kernel => unreachable!("kernels have a problem of their own"),
            Op::TimeAugment => transforms::time_augment(path, 1.0).flatten(0, 2),
            Op::LeadLag => transforms::lead_lag(path, LeadLagOrder::LeadLag).flatten(0, 2),
        }
    }
}
