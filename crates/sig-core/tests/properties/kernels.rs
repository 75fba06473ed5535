//! Signature kernels: what holds for each of them, on every device.

use burn::tensor::{DType, Device, Int, Tensor};
use sig_core::signature_kernels::{
    KernelSolver, MmdEstimator, Paths, SignatureKernelOptions, StaticKernel, signature_kernel,
    signature_kernel_gram, signature_kernel_gram_symmetric, signature_kernel_grid, signature_mmd,
    signature_mmd_from_gram, signature_score, signature_two_sample_test,
};
use sig_core::signatures::signature;
use sig_core::transforms::PathTransform;

use crate::support::engines::{host, targets};
use crate::support::tensors::Array;

/// Random walks with steps of about `size`.
fn walks([batch, length, channels]: [usize; 3], seed: usize, size: f64) -> Array {
    let mut state = seed as u64;
    // SplitMix64
    let mut step = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (((z ^ (z >> 31)) >> 40) as f64 / (1u64 << 24) as f64 - 0.5) * 2.0 * size
    };
    let mut values = Vec::new();
    for _ in 0..batch {
        let mut point = vec![0.0; channels];
        for _ in 0..length {
            point.iter_mut().for_each(|x| *x += step());
            values.extend(&point);
        }
    }
    Array::new([batch, length, channels], values)
}

/// Runs a check in f64 on each device that has it.
fn everywhere(check: impl Fn(&Device)) {
    for target in targets() {
        if target.dtypes().contains(&DType::F64) {
            check(&target.device);
        }
    }
}

fn tensor(array: &Array, device: &Device) -> Tensor<3> {
    array.tensor(device, DType::F64)
}

#[track_caller]
fn close<const D: usize>(got: Tensor<D>, want: Tensor<D>, tolerance: f64) {
    let (got, want) = (Array::from(got), Array::from(want));
    assert_eq!(got.shape, want.shape);
    for (a, b) in got.values.iter().zip(&want.values) {
        assert!(
            (a - b).abs() <= tolerance * b.abs().max(1.0),
            "{a}, expected {b}"
        );
    }
}

fn solvers() -> [SignatureKernelOptions; 3] {
    let options = SignatureKernelOptions::new();
    [
        options.clone(),
        options
            .clone()
            .with_solver(KernelSolver::FiniteDifference { dyadic: [1, 1] }),
        options.with_static_kernel(StaticKernel::Rbf { sigma: 0.7 }),
    ]
}

#[test]
fn kernels_are_symmetric() {
    let (x, y) = (walks([3, 7, 2], 1, 0.4), walks([3, 5, 2], 2, 0.4));
    everywhere(|device| {
        let (x, y) = (tensor(&x, device), tensor(&y, device));
        for options in solvers() {
            let turned = signature_kernel(y.clone(), x.clone(), &options);
            close(
                signature_kernel(x.clone(), y.clone(), &options),
                turned,
                1e-12,
            );
        }
    });
}

#[test]
fn kernels_of_translated_and_scaled_paths() {
    let (x, y) = (walks([2, 7, 3], 3, 0.4), walks([2, 6, 3], 4, 0.4));
    everywhere(|device| {
        let (x, y) = (tensor(&x, device), tensor(&y, device));
        let options = SignatureKernelOptions::new();
        let kernel =
            |x: &Tensor<3>, y: &Tensor<3>| signature_kernel(x.clone(), y.clone(), &options);
        close(
            kernel(&(x.clone() + 3.0), &(y.clone() - 1.0)),
            kernel(&x, &y),
            1e-12,
        );
        close(
            kernel(&(x.clone() * 0.3), &y),
            kernel(&x, &(y.clone() * 0.3)),
            1e-12,
        );
        let scaled =
            SignatureKernelOptions::new().with_static_kernel(StaticKernel::Scaled { scale: 0.6 });
        let want = kernel(&(x.clone() * 0.6), &(y.clone() * 0.6));
        close(
            signature_kernel(x.clone(), y.clone(), &scaled),
            want.clone(),
            1e-12,
        );
        let scale = PathTransform::Scale { factor: 0.6 };
        let transformed = SignatureKernelOptions::new().with_transforms([scale]);
        close(signature_kernel(x, y, &transformed), want, 1e-12);
    });
}

/// Points that are repeated, ways that are gone back, and both paths reversed.
#[test]
fn kernels_know_the_way_and_not_its_time() {
    let (x, y) = (walks([2, 6, 2], 5, 0.3), walks([2, 5, 2], 6, 0.3));
    everywhere(|device| {
        let (x, y) = (tensor(&x, device), tensor(&y, device));
        let exact = SignatureKernelOptions::new().with_solver(KernelSolver::Series { order: 16 });
        let want = signature_kernel(x.clone(), y.clone(), &exact);
        let twice = x.clone().repeat_dim(2, 2).reshape([2, 12, 2]);
        close(
            signature_kernel(twice.clone(), y.clone(), &exact),
            want.clone(),
            1e-12,
        );
        let differences = SignatureKernelOptions::new()
            .with_solver(KernelSolver::FiniteDifference { dyadic: [1, 0] });
        let plain = signature_kernel(x.clone(), y.clone(), &differences);
        close(
            signature_kernel(twice, y.clone(), &differences),
            plain,
            1e-13,
        );
        let away = x.clone().narrow(1, 2, 1) + 0.3;
        let parts = vec![x.clone().narrow(1, 0, 3), away, x.clone().narrow(1, 2, 4)];
        close(
            signature_kernel(Tensor::cat(parts, 1), y.clone(), &exact),
            want.clone(),
            1e-10,
        );
        let [x, y] = [(x, 6), (y, 5)].map(|(path, length)| {
            let points = (0..length).rev().map(|i| path.clone().narrow(1, i, 1));
            Tensor::cat(points.collect(), 1)
        });
        let reversed = signature_kernel(x, y, &exact);
        close(reversed, want, 1e-10);
    });
}

#[test]
fn closed_forms() {
    everywhere(|device| {
        let path = |points: &[[f64; 2]]| {
            tensor(&Array::new([1, points.len(), 2], points.concat()), device)
        };
        let exact = SignatureKernelOptions::new().with_solver(KernelSolver::Series { order: 24 });
        let bessel = |product: f64| {
            let mut term = 1.0;
            let terms = (1..60).map(|n| {
                term *= product / (n * n) as f64;
                term
            });
            Tensor::<1>::from_data([1.0 + terms.sum::<f64>()], (device, DType::F64))
        };
        // One direction: only the increments from end to end count.
        let x = path(&[[0., 0.], [0.5, 0.], [1.5, 0.], [2., 0.]]);
        let y = path(&[[0., 0.], [1.1, 0.], [1.5, 0.]]);
        close(signature_kernel(x.clone(), y, &exact), bessel(3.0), 1e-12);
        let up = path(&[[0., 0.], [0., 1.], [0., -3.]]);
        close(signature_kernel(x, up, &exact), bessel(0.0), 0.0);
        // Two points each, and one.
        let (x, y) = (path(&[[0., 0.], [1., 2.]]), path(&[[5., 5.], [4.7, 5.4]]));
        close(signature_kernel(x.clone(), y, &exact), bessel(0.5), 1e-13);
        close(
            signature_kernel(x, path(&[[3., 4.]]), &exact),
            bessel(0.0),
            0.0,
        );
    });
}

#[test]
fn kernels_are_inner_products_of_signatures() {
    let (x, y) = (walks([3, 6, 2], 7, 0.15), walks([3, 4, 2], 8, 0.15));
    everywhere(|device| {
        let (x, y) = (tensor(&x, device), tensor(&y, device));
        let products = signature(x.clone(), 9) * signature(y.clone(), 9);
        let want = products.sum_dim(1).squeeze_dim::<1>(1) + 1.0;
        close(
            signature_kernel(x, y, &SignatureKernelOptions::new()),
            want,
            1e-10,
        );
    });
}

/// Each term of the linear kernel has as many factors of the one path as of the other.
#[test]
fn gradients_along_both_paths_agree() {
    let (x, y) = (walks([2, 6, 2], 9, 0.5), walks([2, 8, 2], 10, 0.5));
    everywhere(|device| {
        let device = device.clone().autodiff();
        for options in &solvers()[..2] {
            let (x, y) = (
                tensor(&x, &device).require_grad(),
                tensor(&y, &device).require_grad(),
            );
            let gradients = signature_kernel(x.clone(), y.clone(), options)
                .sum()
                .backward();
            let along =
                |path: &Tensor<3>| (path.grad(&gradients).unwrap() * path.clone().inner()).sum();
            close(along(&x), along(&y), 1e-12);
        }
    });
}

#[test]
fn grams_have_the_kernels_of_pairs() {
    let (x, y) = (walks([3, 6, 2], 11, 0.4), walks([5, 7, 2], 12, 0.4));
    everywhere(|device| {
        let (x, y) = (tensor(&x, device), tensor(&y, device));
        for options in solvers() {
            let gram = signature_kernel_gram(x.clone(), y.clone(), &options);
            for i in 0..3 {
                let row = x.clone().narrow(0, i, 1).expand([5, 6, 2]);
                let want = signature_kernel(row, y.clone(), &options);
                close(
                    gram.clone().narrow(0, i, 1).squeeze_dim::<1>(0),
                    want,
                    1e-13,
                );
            }
            let own = signature_kernel_gram(y.clone(), y.clone(), &options);
            close(
                signature_kernel_gram_symmetric(y.clone(), &options),
                own,
                1e-13,
            );
            let normalized = options.with_normalized(true);
            let gram = signature_kernel_gram_symmetric(y.clone(), &normalized);
            let diagonal = gram * Tensor::<2>::eye(5, device).cast(DType::F64);
            close(
                diagonal.sum(),
                Tensor::from_data([5.0], (device, DType::F64)),
                1e-13,
            );
        }
    });
}

#[test]
fn grids_have_the_kernels_of_prefixes() {
    let (x, y) = (walks([2, 5, 2], 13, 0.4), walks([2, 4, 2], 14, 0.4));
    everywhere(|device| {
        let (x, y) = (tensor(&x, device), tensor(&y, device));
        for options in solvers() {
            let grid = signature_kernel_grid(x.clone(), y.clone(), &options);
            let [_, rows, columns] = grid.dims();
            for (i, j) in [(4, 3), (2, 3), (3, 1), (0, 2)] {
                let prefix = |path: &Tensor<3>, steps: usize| path.clone().narrow(1, 0, steps + 1);
                let want = signature_kernel(prefix(&x, i), prefix(&y, j), &options);
                let at = (i * (rows - 1) / 4, j * (columns - 1) / 3);
                let entry = grid.clone().slice([0..2, at.0..at.0 + 1, at.1..at.1 + 1]);
                close(entry.reshape([2]), want, 1e-12);
            }
        }
    });
}

/// Schemes come near each other, the series sooner.
#[test]
fn schemes_converge() {
    let (x, y) = (walks([2, 12, 2], 15, 0.3), walks([2, 9, 2], 16, 0.3));
    everywhere(|device| {
        let (x, y) = (tensor(&x, device), tensor(&y, device));
        let kernel = |solver| {
            let options = SignatureKernelOptions::new().with_solver(solver);
            signature_kernel(x.clone(), y.clone(), &options)
        };
        let exact = kernel(KernelSolver::Series { order: 24 });
        let error = |solver| -> f64 { (kernel(solver) - exact.clone()).abs().max().into_scalar() };
        let differences =
            [0, 1, 2, 3].map(|order| error(KernelSolver::FiniteDifference { dyadic: [order; 2] }));
        assert!(
            differences.windows(2).all(|pair| pair[1] < 0.5 * pair[0]),
            "{differences:?}"
        );
        let series = [2, 4, 6, 8].map(|order| error(KernelSolver::Series { order }));
        assert!(
            series.windows(2).all(|pair| pair[1] < 0.1 * pair[0]),
            "{series:?}"
        );
        assert!(series[3] < 1e-8, "{series:?}");
    });
}

/// The errors that the guide tells of series along straight paths.
#[test]
fn errors_of_series_along_straight_paths() {
    let straight = |step: f64| Array::new([1, 9, 1], (0..9).map(|i| f64::from(i) * step).collect());
    everywhere(|device| {
        for (step, errors) in [(1.0, [8e-5, 4e-7]), (-1.0, [2e-2, 1e-4])] {
            let kernel = |order| {
                let solver = KernelSolver::Series { order };
                let options = SignatureKernelOptions::new().with_solver(solver);
                let [x, y] = [1.0, step].map(|step| tensor(&straight(step), device));
                signature_kernel(x, y, &options).into_scalar::<f64>()
            };
            for (order, error) in [6, 8].into_iter().zip(errors) {
                let got = (kernel(order) / kernel(40) - 1.0).abs();
                assert!(
                    got < 1.5 * error && got > error / 2.0,
                    "{order}, {step}: {got}"
                );
            }
        }
    });
}

/// Padded paths have the kernels and gradients they have alone.
#[test]
fn kernels_of_ragged_paths() {
    let (mut x, y) = (walks([3, 6, 2], 17, 0.4), walks([3, 5, 2], 18, 0.4));
    let lengths = [6, 1, 4];
    for (row, &length) in lengths.iter().enumerate() {
        x.values[(row * 6 + length) * 2..(row + 1) * 12].fill(f64::NAN);
    }
    everywhere(|device| {
        let device = device.clone().autodiff();
        let time = PathTransform::TimeAugment { end_time: 1.0 };
        let low = KernelSolver::Series { order: 2 };
        let low = SignatureKernelOptions::new().with_solver(low);
        for options in solvers().into_iter().chain([low]) {
            let options = options.with_transforms([time]);
            let padded = tensor(&x, &device).require_grad();
            let paths = Paths::ragged(padded.clone(), &lengths);
            let kernels = signature_kernel(paths, tensor(&y, &device), &options);
            let gradients = kernels.clone().sum().backward();
            let gradient = padded.grad(&gradients).unwrap();
            for (row, &length) in lengths.iter().enumerate() {
                let alone = tensor(&x, &device)
                    .slice([row..row + 1, 0..length, 0..2])
                    .detach()
                    .require_grad();
                let other = tensor(&y, &device).narrow(0, row, 1);
                let kernel = signature_kernel(alone.clone(), other, &options);
                close(kernels.clone().narrow(0, row, 1), kernel.clone(), 1e-12);
                let of_alone = kernel.sum().backward();
                let got = gradient.clone().slice([row..row + 1, 0..length, 0..2]);
                close(got, alone.grad(&of_alone).unwrap(), 1e-12);
            }
        }
    });
}

#[test]
fn distances_of_samples() {
    let (x, y) = (walks([5, 6, 2], 19, 0.3), walks([4, 8, 2], 20, 0.5));
    everywhere(|device| {
        let (x, y) = (tensor(&x, device), tensor(&y, device));
        for options in solvers() {
            for estimator in [MmdEstimator::Biased, MmdEstimator::Unbiased] {
                let mmd = signature_mmd(x.clone(), y.clone(), &options, estimator);
                let turned = signature_mmd(y.clone(), x.clone(), &options, estimator);
                close(mmd.clone(), turned, 1e-12);
                // The score of a sample is the part of the distance that depends on it.
                let gram = signature_kernel_gram_symmetric(y.clone(), &options);
                let both = Tensor::cat(vec![gram.clone(), gram.clone()], 1);
                let none =
                    signature_mmd_from_gram(Tensor::cat(vec![both.clone(), both], 0), 4, estimator);
                let none: f64 = none.into_scalar();
                match estimator {
                    MmdEstimator::Biased => assert!(none.abs() < 1e-12, "{none}"),
                    MmdEstimator::Unbiased => {
                        let score = signature_score(x.clone(), y.clone(), 1.0, &options).mean();
                        let own = mmd - score;
                        let rest = signature_mmd(y.clone(), y.clone(), &options, estimator);
                        let between = signature_kernel_gram(y.clone(), y.clone(), &options).mean();
                        close(own, (rest + between * 2.0) * 0.5, 1e-11);
                    }
                }
            }
        }
    });
}

#[test]
fn two_samples_are_told_apart() {
    let device = host().device;
    let sample = |seed: usize, count, size| {
        walks([count, 8, 2], seed * 1_000_003, size).tensor::<3>(&device, DType::F32)
    };
    let options = SignatureKernelOptions::new();
    let test = |x, y| signature_two_sample_test(x, y, &options, 199, 3);
    let drift = Tensor::<1, Int>::arange(0..8, &device)
        .float()
        .cast(DType::F32)
        * 0.2;
    let drift = drift.reshape([1, 8, 1]);
    let other = test(sample(1, 20, 0.3), sample(2, 25, 0.3) + drift);
    assert!(other.p_value <= 0.01, "{other:?}");
    // Of equal distributions p-values are uniform: their mean over 30 is 0.5, give or take 0.05.
    let p_value = |seed: usize| {
        let test = test(sample(2 * seed, 12, 0.3), sample(2 * seed + 1, 15, 0.3));
        assert_eq!(test.permuted.len(), 199);
        test.p_value
    };
    let mean = (10..40).map(p_value).sum::<f64>() / 30.0;
    assert!((mean - 0.5).abs() < 0.2, "{mean}");
    // The statistic is that of the samples, whatever is padded.
    let (x, y) = (
        sample(5, 6, 0.3),
        walks([5, 4, 2], 6, 0.3).tensor::<3>(&device, DType::F32),
    );
    let mmd: f32 =
        signature_mmd(x.clone(), y.clone(), &options, MmdEstimator::Unbiased).into_scalar();
    let found = test(x, y).statistic;
    assert!((f64::from(mmd) - found).abs() < 1e-5, "{mmd}, {found}");
}

/// A kernel without a value would be no evidence for anything.
#[test]
#[should_panic(expected = "the kernel of path 0 of x and path 2 of y is NaN: fill missing values")]
fn samples_with_missing_values_are_not_tested() {
    let device = host().device;
    let sample = |seed| walks([5, 8, 2], seed, 0.3).tensor::<3>(&device, DType::F32);
    let missing = Tensor::full([1, 1, 2], f32::NAN, (&device, DType::F32));
    let y = sample(2).slice_assign([2..3, 4..5, 0..2], missing);
    signature_two_sample_test(sample(1), y, &SignatureKernelOptions::new(), 9, 3);
}
