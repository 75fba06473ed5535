//! The paths that all benches take.

use burn::tensor::{DType, Device, Tensor, TensorData};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Batch, length, channels, depth.
pub(crate) type Shape = [usize; 4];

/// The standard workloads.
#[allow(dead_code, reason = "moving windows have lengths of their own")]
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

/// `count` numbers between −1 and 1.
pub(crate) fn numbers(count: usize, random: &mut StdRng) -> Vec<f32> {
    (0..count).map(|_| random.random_range(-1.0..1.0)).collect()
}

/// Random walks `[batch, length, channels]` that end about 1 from where they start.
pub(crate) fn walks(shape: [usize; 3], device: &Device, dtype: DType) -> Tensor<3> {
    let steps = numbers(shape.iter().product(), &mut StdRng::seed_from_u64(7));
    let steps = Tensor::<3>::from_data(TensorData::new(steps, shape), (device, dtype));
    let path = (steps / (shape[1] as f64 / 3.0).sqrt()).cumsum(1);
    device.sync().expect("the device computes");
    // What it was computed from is not part of the problem.
    path.detach()
}
