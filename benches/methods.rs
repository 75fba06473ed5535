//! The methods against each other, forward and with the gradient: `cargo bench --bench methods`.
//! The device is the default one; `BURN_DEVICE` names another that is compiled in.

use burn::tensor::{Device, Distribution, Tensor};
use burn_sig::prelude::*;
use burn_sig::signatures::signature_stream_with;
use divan::{Bencher, counter::ItemsCount};

fn main() {
    divan::main();
}

/// Batch, length, channels, depth.
const SHAPES: [[usize; 4]; 9] = [
    [128, 100, 5, 4],
    [1, 1000, 3, 5],
    [32, 500, 7, 3],
    [128, 20, 7, 4],
    [16, 64, 2, 10],
    [256, 256, 4, 4],
    [1, 10_000, 4, 4],
    [64, 128, 10, 3],
    [1, 8, 2, 2],
];
const METHODS: [SignatureMethod; 2] = [SignatureMethod::Parallel, SignatureMethod::Sequential];

fn cases() -> impl Iterator<Item = (SignatureMethod, [usize; 4])> {
    SHAPES
        .into_iter()
        .flat_map(|shape| METHODS.map(|method| (method, shape)))
}

fn path(device: &Device, [batch, length, channels, _]: [usize; 4]) -> Tensor<3> {
    device.seed(0);
    let steps = Distribution::Normal(0.0, 1.0 / (length as f64).sqrt());
    let path = Tensor::random([batch, length, channels], steps, device).cumsum(1);
    device.sync().expect("the path is computed");
    path
}

#[divan::bench(args = cases(), sample_count = 20, min_time = 0.1)]
fn forward(bencher: Bencher, (method, shape): (SignatureMethod, [usize; 4])) {
    let device = Device::default();
    let path = path(&device, shape);
    let options = SignatureOptions::new().with_method(method);
    bencher.counter(ItemsCount::new(shape[0])).bench_local(|| {
        let output = signature_with(path.clone(), shape[3], &options);
        device.sync().expect("the signature is computed");
        output
    });
}

#[divan::bench(args = cases(), sample_count = 10, min_time = 0.1)]
fn stream(bencher: Bencher, (method, shape): (SignatureMethod, [usize; 4])) {
    let device = Device::default();
    let path = path(&device, shape);
    let options = SignatureOptions::new().with_method(method);
    bencher.counter(ItemsCount::new(shape[0])).bench_local(|| {
        let output = signature_stream_with(path.clone(), shape[3], &options);
        device.sync().expect("the signatures are computed");
        output
    });
}

#[divan::bench(args = cases(), sample_count = 10, min_time = 0.1)]
fn forward_and_backward(bencher: Bencher, (method, shape): (SignatureMethod, [usize; 4])) {
    let device = Device::default().autodiff();
    let path = path(&device, shape);
    let options = SignatureOptions::new().with_method(method);
    bencher.counter(ItemsCount::new(shape[0])).bench_local(|| {
        let path = path.clone().require_grad();
        let output = signature_with(path.clone(), shape[3], &options);
        let gradient = path
            .grad(&output.sum().backward())
            .expect("the path requires it");
        device.sync().expect("the gradient is computed");
        gradient
    });
}
