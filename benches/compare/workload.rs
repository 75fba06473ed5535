use burn::tensor::{Device, Tensor, TensorData};
use burn_sig::prelude::*;
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

/// A workload with its input, to be run again and again.
pub(crate) struct Problem {
    path: Tensor<3>,
    cotangent: Tensor<1>,
    depth: usize,
    options: SignatureOptions,
    op: Op,
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
            Pass::Forward => device.clone(),
            Pass::Backward => device.clone().autodiff(),
        };
        let rows = match args.op {
            Op::Signature => batch,
            Op::Stream => batch * (length - 1),
        };
        let mut random = StdRng::seed_from_u64(7);
        let numbers = |count: usize, random: &mut StdRng| -> Vec<f32> {
            (0..count).map(|_| random.random_range(-1.0..1.0)).collect()
        };
        let target = (&device, args.dtype.dtype());
        let steps = numbers(batch * length * channels, &mut random);
        let steps =
            Tensor::<3>::from_data(TensorData::new(steps, [batch, length, channels]), target);
        let path = (steps / (length as f64 / 3.0).sqrt()).cumsum(1);
        let cotangent = match pass {
            Pass::Forward => Vec::new(),
            Pass::Backward => numbers(rows * terms, &mut random),
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
            device,
        })
    }
}

impl Problem {
    /// The signature and, on a device with gradients, that of `Σ signature · cotangent` with respect
    /// to the path.
    pub(crate) fn run(&self) {
        if !self.device.is_autodiff() {
            match self.op {
                Op::Signature => drop(signature_with(self.path.clone(), self.depth, &self.options)),
                Op::Stream => {
                    drop(signature_stream_with(
                        self.path.clone(),
                        self.depth,
                        &self.options,
                    ));
                }
            }
        } else {
            let path = self.path.clone().require_grad();
            let count = self.cotangent.dims();
            let terms: Tensor<1> = match self.op {
                Op::Signature => {
                    signature_with(path.clone(), self.depth, &self.options).reshape(count)
                }
                Op::Stream => {
                    signature_stream_with(path.clone(), self.depth, &self.options).reshape(count)
                }
            };
            let gradients = (terms * self.cotangent.clone()).sum().backward();
            path.grad(&gradients).expect("the path requires it");
        }
        self.device.sync().expect("the device has done its work");
    }
}
