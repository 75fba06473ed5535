//! The methods against each other, forward and with the gradient: `cargo bench --bench methods`.
//! The device is the default one; `BURN_DEVICE` names another that is compiled in.

mod workloads;

use burn::tensor::{DType, Device, Tensor};
use burn_sig::prelude::*;
use burn_sig::signatures::signature_stream_with;
use divan::{Bencher, counter::ItemsCount};

use workloads::{SUITE, Shape, walks};

fn main() {
    divan::main();
}

const METHODS: [SignatureMethod; 2] = [SignatureMethod::Parallel, SignatureMethod::Sequential];

/// The standard workloads, and one that takes no time beside the call.
fn cases() -> impl Iterator<Item = (SignatureMethod, Shape)> {
    let shapes = SUITE
        .map(|(_, shape)| shape)
        .into_iter()
        .chain([[1, 8, 2, 2]]);
    shapes.flat_map(|shape| METHODS.map(|method| (method, shape)))
}

fn path(device: &Device, [batch, length, channels, _]: Shape) -> Tensor<3> {
    walks([batch, length, channels], device, DType::F32)
}

#[divan::bench(args = cases(), sample_count = 20, min_time = 0.1)]
fn forward(bencher: Bencher, (method, shape): (SignatureMethod, Shape)) {
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
fn stream(bencher: Bencher, (method, shape): (SignatureMethod, Shape)) {
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
fn forward_and_backward(bencher: Bencher, (method, shape): (SignatureMethod, Shape)) {
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
