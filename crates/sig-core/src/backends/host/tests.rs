//! The kernels give what the portable bodies give, values and gradients.

use burn::backend::{Flex, tensor::FloatTensor};
use burn::tensor::TensorData;

use sig_kernels::lyndon::LieMap;
use sig_kernels::{KernelSolver, Pairs, StaticKernel};

use crate::operation::{
    AppendChannel, ChangeBasis, Operation, SignatureKernel, SignatureWindows, TensorProduct,
    TensorSeries,
};
use crate::ops::{SignatureOps, Tensors};
use crate::{LogSignatureBasis, PowerSeries, SignatureMethod, SignatureSpec};

type Plain = FloatTensor<Flex>;

fn numbers(shape: &[usize], seed: usize) -> Plain {
    let count: usize = shape.iter().product();
    let number = |i: usize| ((i * 7 + seed * 13) as f64 * 0.37).sin() * 0.6;
    let data = TensorData::new((0..count).map(number).collect::<Vec<f64>>(), shape.to_vec());
    <Flex as burn::backend::ops::FloatTensorOps<Flex>>::float_from_data(data, &Default::default())
}

#[track_caller]
fn assert_close(got: Plain, want: Plain, place: &str) {
    let read = |tensor: Plain| -> (Vec<usize>, Vec<f64>) {
        let shape = burn::backend::TensorMetadata::shape(&tensor).to_vec();
        let numbers = tensor.to_contiguous();
        (
            shape,
            numbers.as_slice::<f64>().expect("contiguous").to_vec(),
        )
    };
    let ((shape, got), (expected_shape, want)) = (read(got), read(want));
    assert_eq!(shape, expected_shape, "{place}");
    for (i, (a, b)) in got.iter().zip(&want).enumerate() {
        let off = (a - b).abs();
        assert!(
            off <= 1e-12 * b.abs().max(1.0),
            "{place}, {i}: {a}, expected {b}"
        );
    }
}

/// Rows, channels, depth: more and fewer rows than lanes, channels in one block and in more.
const SIZES: [(usize, usize, usize); 8] = [
    (1, 1, 1),
    (3, 1, 5),
    (9, 2, 1),
    (5, 2, 6),
    (17, 3, 4),
    (2, 5, 3),
    (3, 11, 2),
    (70, 4, 3),
];

fn terms(channels: usize, depth: usize) -> usize {
    SignatureSpec::new(channels, depth).terms()
}

/// Output and gradients of an operation are those of its portable body.
#[track_caller]
fn check<Op: Operation<N>, const N: usize>(operation: &Op, inputs: [Plain; N], place: &str) {
    let got = Flex::forward(operation.clone(), Tensors::new(inputs.clone()));
    let shape = burn::backend::TensorMetadata::shape(&got).to_vec();
    let want = operation.portable::<Flex>(inputs.clone());
    assert_close(got, want, place);
    let output = numbers(&shape, 3);
    let got = Flex::backward(
        operation.clone(),
        Tensors::new(inputs.clone()),
        output.clone(),
    );
    let want = operation.portable_gradients::<Flex>(inputs, output);
    for (i, (got, want)) in got.into_iter().zip(want).enumerate() {
        assert_close(got, want, &format!("the gradient {i} of {place}"));
    }
}

#[test]
fn power_series() {
    for (rows, channels, depth) in SIZES {
        let spec = SignatureSpec::new(channels, depth);
        let element = numbers(&[rows, spec.terms()], 1);
        for series in [
            PowerSeries::Exp,
            PowerSeries::Log,
            PowerSeries::LogAtLyndon,
            PowerSeries::Inverse,
        ] {
            let place = format!("{series:?} of {rows}, {channels}, {depth}");
            check(&TensorSeries { series, spec }, [element.clone()], &place);
        }
    }
}

#[test]
fn changes_of_basis() {
    use LogSignatureBasis::{Brackets, Hall, Words};
    for (rows, channels, depth) in SIZES {
        let spec = SignatureSpec::new(channels, depth);
        for basis in [Words, Brackets, Hall] {
            let element = numbers(&[rows, basis.terms(channels, depth)], 1);
            for map in [LieMap::ToBasis, LieMap::ToLyndon, LieMap::ToWords] {
                let place = format!("{map:?} of {basis:?}, {rows}, {channels}, {depth}");
                let operation = ChangeBasis { spec, basis, map };
                check(&operation, [element.clone()], &place);
                assert_eq!(ChangeBasis::read(&operation.numbers()), Some(operation));
            }
        }
    }
    // Words that no memory holds, for a tensor without rows.
    assert_eq!(ChangeBasis::read(&[1, 0, 20, 14]), None);
}

/// Narrow and wide paths, a channel for each or one for all.
#[test]
fn channels() {
    for (batch, length, channels) in [(3, 4, 0), (1, 1, 1), (5, 7, 3), (2, 6, 10), (2, 3, 23)] {
        for rows in [1, batch] {
            let path = numbers(&[batch, length, channels], 1);
            let channel = numbers(&[rows, length], 2);
            let operation = AppendChannel {
                shared: rows != batch,
            };
            let place = format!("{batch}, {length}, {channels}, {rows}");
            check(&operation, [path, channel], &place);
        }
    }
}

#[test]
fn products() {
    for (rows, channels, depth) in SIZES {
        let spec = SignatureSpec::new(channels, depth);
        let factors = [1, 2].map(|seed| numbers(&[rows, spec.terms()], seed));
        let place = format!("{rows}, {channels}, {depth}");
        check(&TensorProduct { spec }, factors, &place);
    }
}

#[test]
#[allow(clippy::single_range_in_vec_init, reason = "windows are ranges")]
fn windows() {
    let sliding = |window: usize, hop: usize, length: usize| {
        let starts = (0..=length - window).step_by(hop);
        starts
            .map(|start| start..start + window)
            .collect::<Vec<_>>()
    };
    for (rows, length, windows) in [
        (1, 2, vec![0..2]),
        (3, 40, sliding(7, 3, 40)),
        (20, 12, vec![3..5, 0..12, 2..9, 1..3, 0..12, 7..8]),
        // Few and long: cut into segments.
        (1, 700, vec![0..700, 5..600, 640..700, 13..400]),
    ] {
        let place = format!("{rows}, {length}, {} windows", windows.len());
        let operation = SignatureWindows {
            depth: 3,
            method: SignatureMethod::Fused,
            windows,
        };
        check(&operation, [numbers(&[rows, length, 2], 1)], &place);
    }
}

#[test]
fn signature_kernels() {
    let solvers = [
        KernelSolver::Series { order: 3 },
        KernelSolver::Series { order: 6 },
        KernelSolver::FiniteDifference { dyadic: [0, 0] },
        KernelSolver::FiniteDifference { dyadic: [1, 2] },
    ];
    let kernels = [
        StaticKernel::Linear,
        StaticKernel::Rbf { sigma: 0.4 },
        StaticKernel::Matern32 { sigma: 1.1 },
    ];
    for (pairs, first, second) in [
        (Pairs::Rows, [11, 6], [11, 4]),
        (Pairs::Rows, [1, 3], [1, 9]),
        (Pairs::Gram, [3, 5], [7, 6]),
        (Pairs::Grid, [2, 4], [2, 5]),
    ] {
        for (solver, kernel) in solvers.into_iter().flat_map(|s| kernels.map(|k| (s, k))) {
            let operation = SignatureKernel {
                kernel,
                solver,
                pairs,
                second,
                method: SignatureMethod::Fused,
            };
            let x = numbers(&[first[0], first[1], 2], 1);
            let y = numbers(&[second[0], second[1], 2], 2);
            assert_eq!(SignatureKernel::read(&operation.numbers()), Some(operation));
            check(&operation, [x, y], &format!("{operation:?}"));
        }
    }
}

/// The same bits, whatever the number of threads.
#[test]
fn threads_of_signature_kernels() {
    let operation = SignatureKernel {
        kernel: StaticKernel::Linear,
        solver: KernelSolver::Series { order: 6 },
        pairs: Pairs::Gram,
        second: [9, 20],
        method: SignatureMethod::Fused,
    };
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().expect("a pool").install(|| {
            let (x, y) = (numbers(&[13, 20, 3], 1), numbers(&[9, 20, 3], 2));
            let inputs = Tensors::Two(x, y);
            let [of_x, of_y] = Flex::backward(operation, inputs, numbers(&[13, 9], 3)).array();
            [of_x, of_y].map(|tensor| tensor.as_slice::<f64>().expect("contiguous").to_vec())
        })
    };
    assert_eq!(with(1), with(3));
}

/// The same bits, whatever the number of threads.
#[test]
fn threads() {
    let operation = SignatureWindows {
        depth: 4,
        method: SignatureMethod::Fused,
        windows: (0..60).map(|start| start..start + 40).collect(),
    };
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().expect("a pool").install(|| {
            let path = numbers(&[9, 100, 3], 1);
            let output = numbers(&[9, 60, terms(3, 4)], 2);
            let inputs = Tensors::One(path);
            let [gradient] = Flex::backward(operation.clone(), inputs, output).array();
            gradient.as_slice::<f64>().expect("contiguous").to_vec()
        })
    };
    assert_eq!(with(1), with(3));
}
