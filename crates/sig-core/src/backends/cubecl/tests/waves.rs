//! Signature kernels on a device, in every way that a grid can be cut, against those of Flex in f64.

use burn::backend::{Flex, ops::FloatTensorOps};
use burn::tensor::TensorData;
use sig_kernels::{KernelSolver, Pairs, StaticKernel};

use super::cuts::{host, on_device};
use crate::backends::cubecl::WaveCall;
use crate::backends::cubecl::device::limits;
use crate::operation::{Operation, SignatureKernel};
use crate::ops::{SignatureOps, Tensors};
use crate::signatures::SignatureMethod;

/// Points in two channels.
fn paths(shape: [usize; 2], seed: f64) -> TensorData {
    let [rows, length] = shape;
    let number = |i: usize| (i as f64 * 0.9 + seed).sin() * 0.3;
    let numbers: Vec<f64> = (0..rows * length * 2).map(number).collect();
    TensorData::new(numbers, [rows, length, 2])
}

/// Compares values and gradients, with so many units a cube at most and so many bytes of scratch.
fn check(operation: SignatureKernel, x: [usize; 2], units: usize, scratch: usize) {
    let second = match operation.pairs {
        Pairs::Symmetric => x,
        _ => operation.second,
    };
    let seeds = if operation.pairs == Pairs::Symmetric {
        [0.1, 0.1]
    } else {
        [0.1, 0.7]
    };
    let data = [paths(x, seeds[0]), paths(second, seeds[1])];
    let shape = operation.output(&data[0].shape());
    let numbers: Vec<f64> = (0..shape.num_elements())
        .map(|i| (i as f64 * 0.7).cos())
        .collect();
    let gradient = TensorData::new(numbers, shape);

    let call = || {
        let paths = data.each_ref().map(on_device);
        let mut limits = limits(paths[0].client.properties());
        limits.units = units;
        limits.buffer_bytes = scratch;
        WaveCall::within(operation, paths, limits).expect("kernels go so far")
    };
    let values = host::<burn_cubecl::CubeBackend>(call().values());
    let gradients = call()
        .gradients(on_device(&gradient))
        .map(host::<burn_cubecl::CubeBackend>);

    let tensor = |data: &TensorData| Flex::float_from_data(data.clone(), &Default::default());
    let [a, b] = data.each_ref().map(tensor);
    let inputs = Tensors::Two(a, b);
    let exact = host::<Flex>(Flex::forward(operation, inputs.clone()));
    let exact_gradients = Flex::backward(operation, inputs, tensor(&gradient)).array::<2>();
    let exact_gradients = exact_gradients.map(host::<Flex>);
    for (got, want) in [(&values, &exact)]
        .into_iter()
        .chain(gradients.iter().zip(&exact_gradients))
    {
        let scale = want.iter().fold(1f64, |most, x| most.max(x.abs()));
        assert_eq!(got.len(), want.len());
        for (got, want) in got.iter().zip(want) {
            let off = (got - want).abs();
            assert!(
                off < 1e-5 * scale,
                "{operation:?}, {units} units: {got}, expected {want}"
            );
        }
    }
    if operation.pairs == Pairs::Symmetric {
        let size = x[0];
        for (at, value) in values.iter().enumerate() {
            assert_eq!(*value, values[at % size * size + at / size]);
        }
    }
}

fn operation(solver: KernelSolver, pairs: Pairs, second: [usize; 2]) -> SignatureKernel {
    SignatureKernel {
        kernel: StaticKernel::Linear,
        solver,
        pairs,
        second,
        method: SignatureMethod::Fused,
    }
}

#[test]
fn series_in_strips_and_launches() {
    let solver = KernelSolver::Series { order: 4 };
    for (pairs, x, y) in [
        (Pairs::Rows, [3, 12], [3, 5]),
        (Pairs::Gram, [2, 5], [3, 14]),
        (Pairs::Symmetric, [4, 9], [4, 9]),
    ] {
        for (units, scratch) in [(4, 1 << 20), (4, 6000), (64, 1 << 20)] {
            check(operation(solver, pairs, y), x, units, scratch);
        }
    }
}

#[test]
fn finite_differences_in_strips_and_launches() {
    for (dyadic, pairs, x, y) in [
        ([0, 0], Pairs::Rows, [3, 12], [3, 5]),
        ([1, 2], Pairs::Gram, [2, 4], [3, 7]),
        ([1, 1], Pairs::Symmetric, [4, 6], [4, 6]),
    ] {
        let solver = KernelSolver::FiniteDifference { dyadic };
        for (units, scratch) in [(4, 1 << 20), (4, 2000), (64, 1 << 20)] {
            check(operation(solver, pairs, y), x, units, scratch);
        }
    }
}

#[test]
fn static_kernels() {
    for kernel in [
        StaticKernel::Rbf { sigma: 0.8 },
        StaticKernel::Matern32 { sigma: 0.9 },
    ] {
        let solver = KernelSolver::Series { order: 4 };
        let operation = SignatureKernel {
            kernel,
            ..operation(solver, Pairs::Gram, [2, 6])
        };
        check(operation, [2, 5], 4, 1 << 20);
    }
}
