//! Signature kernels at the edges: one point, paths at rest, NaN, nothing, too much, and what does not
//! fit.

use burn::tensor::{DType, Tensor};
use sig_core::signature_kernels::{
    KernelSolver, MmdEstimator, SignatureKernelOptions, StaticKernel, signature_kernel,
    signature_kernel_gram, signature_kernel_gram_symmetric, signature_kernel_grid, signature_mmd,
    signature_score,
};

use super::panics::assert_panics;
use crate::support::engines::{epsilon, targets};
use crate::support::tensors::Array;

fn all_options() -> [SignatureKernelOptions; 4] {
    let options = SignatureKernelOptions::new();
    let differences = KernelSolver::FiniteDifference { dyadic: [1, 1] };
    [
        options.clone(),
        options.clone().with_solver(differences),
        options
            .clone()
            .with_static_kernel(StaticKernel::Rbf { sigma: 1.0 }),
        options.with_static_kernel(StaticKernel::Matern12 { sigma: 1.0 }),
    ]
}

fn wave([batch, length, channels]: [usize; 3], size: f64) -> Array {
    let numbers = (0..batch * length * channels).map(|i| (i as f64 * 1.7).sin() * size);
    Array::new([batch, length, channels], numbers.collect())
}

/// The kernel is 1 and its gradient 0 up to rounding, but for that of a path at rest by a path that
/// moves.
#[test]
fn one_point_and_paths_at_rest() {
    for target in targets() {
        let device = target.device.clone().autodiff();
        for options in all_options() {
            for (x, y) in [
                ([2, 1, 2], [2, 5, 2]),
                ([2, 1, 2], [2, 1, 2]),
                ([2, 5, 2], [2, 1, 2]),
            ] {
                let [x, y] = [x, y].map(|shape| {
                    wave(shape, 0.4)
                        .tensor::<3>(&device, DType::F32)
                        .require_grad()
                });
                let kernels = signature_kernel(x.clone(), y.clone(), &options);
                assert_eq!(Array::from(kernels.clone()).values, [1.0; 2]);
                let gradients = kernels.sum().backward();
                for path in [x, y] {
                    let gradient = Array::from(path.grad(&gradients).unwrap());
                    assert!(
                        gradient.values.iter().all(|x| x.abs() < 1e-7),
                        "{gradient:?}"
                    );
                }
            }
            let still = Tensor::<3>::full([2, 4, 2], 0.7, (&device, DType::F32)).require_grad();
            let moving = wave([2, 5, 2], 0.4).tensor::<3>(&device, DType::F32);
            let kernels = signature_kernel(still.clone(), moving, &options);
            assert_eq!(Array::from(kernels.clone()).values, [1.0; 2]);
            let gradients = kernels.sum().backward();
            let gradient = Array::from(still.grad(&gradients).unwrap());
            assert!(
                gradient.values.iter().all(|x| x.is_finite()),
                "{gradient:?}"
            );
            let grid = signature_kernel_grid(still.clone().narrow(1, 0, 1), still, &options);
            assert_eq!(grid.dims()[1], 1);
        }
    }
}

/// Distances of 0 have no direction; gradients are finite.
#[test]
fn identical_paths() {
    for target in targets() {
        let device = target.device.clone().autodiff();
        for options in all_options() {
            let x = wave([3, 6, 2], 0.4)
                .tensor::<3>(&device, DType::F32)
                .require_grad();
            let gram = signature_kernel_gram_symmetric(x.clone(), &options);
            let gradients = gram.clone().sum().backward();
            let gradient = Array::from(x.grad(&gradients).unwrap());
            assert!(
                gradient.values.iter().all(|x| x.is_finite()),
                "{options:?}: {gradient:?}"
            );
            let transposed = Array::from(gram.clone().transpose());
            assert_eq!(Array::from(gram).values, transposed.values);
        }
    }
}

/// Far from the origin, f32 keeps what the rounded points say.
#[test]
fn paths_far_away() {
    for target in targets() {
        let path = |seed: f64| {
            wave([2, 6, 2], seed)
                .values
                .iter()
                .map(|x| (x * 64.0).round() / 64.0)
                .collect()
        };
        let [x, y] = [0.5, 0.7]
            .map(|seed| Array::new([2, 6, 2], path(seed)).tensor::<3>(&target.device, DType::F32));
        for options in all_options() {
            let near = Array::from(signature_kernel(x.clone(), y.clone(), &options));
            let far = Array::from(signature_kernel(
                x.clone() + 1024.0,
                y.clone() + 1024.0,
                &options,
            ));
            for (near, far) in near.values.iter().zip(far.values) {
                assert!(
                    (near - far).abs() <= 2e-6 * near.abs().max(1.0),
                    "{options:?}: {near}, {far}"
                );
            }
        }
    }
}

/// A NaN stays in the pairs of its path.
#[test]
fn nan_in_one_path() {
    for target in targets() {
        let mut broken = wave([3, 6, 2], 0.4);
        broken.values[12 + 5] = f64::NAN;
        let x = broken.tensor::<3>(&target.device, DType::F32);
        let y = wave([4, 5, 2], 0.3).tensor::<3>(&target.device, DType::F32);
        for options in all_options() {
            let gram = Array::from(signature_kernel_gram(x.clone(), y.clone(), &options));
            for (place, kernel) in gram.values.iter().enumerate() {
                assert_eq!(
                    kernel.is_nan(),
                    place / 4 == 1,
                    "{options:?}: {:?}",
                    gram.values
                );
            }
        }
        if !target.on_host() {
            continue;
        }
        let device = target.device.clone().autodiff();
        let x = broken.tensor::<3>(&device, DType::F32).require_grad();
        let y = wave([3, 5, 2], 0.3).tensor::<3>(&device, DType::F32);
        for options in all_options() {
            let gradients = signature_kernel(x.clone(), y.clone(), &options)
                .sum()
                .backward();
            let gradient = Array::from(x.grad(&gradients).unwrap());
            for row in [0, 2] {
                assert!(
                    gradient.row(row).values.iter().all(|x| x.is_finite()),
                    "{options:?}"
                );
            }
        }
    }
}

#[test]
fn gradients_of_no_paths() {
    for target in targets() {
        let device = target.device.clone().autodiff();
        for points in [1, 4] {
            let none = || Tensor::<3>::zeros([0, points, 2], (&device, DType::F32)).require_grad();
            for options in all_options() {
                let (x, y) = (none(), none());
                let kernels = signature_kernel(x.clone(), y.clone(), &options).sum();
                let gram = signature_kernel_gram(x.clone(), y.clone(), &options).sum();
                let grid = signature_kernel_grid(x.clone(), y.clone(), &options).sum();
                let gradients = (kernels + gram + grid).backward();
                assert_eq!(x.grad(&gradients).unwrap().dims(), [0, points, 2]);
            }
        }
    }
}

#[test]
fn no_paths() {
    for target in targets() {
        let device = target.device.clone();
        let none = Tensor::<3>::zeros([0, 4, 2], (&device, DType::F32));
        let some = Tensor::<3>::zeros([3, 5, 2], (&device, DType::F32));
        for options in all_options() {
            assert_eq!(
                signature_kernel(none.clone(), none.clone(), &options).dims(),
                [0]
            );
            assert_eq!(
                signature_kernel_gram(some.clone(), none.clone(), &options).dims(),
                [3, 0]
            );
            assert_eq!(
                signature_kernel_gram_symmetric(none.clone(), &options).dims(),
                [0, 0]
            );
            let normalized = options.with_normalized(true);
            assert_eq!(
                signature_kernel_gram(none.clone(), some.clone(), &normalized).dims(),
                [0, 3]
            );
            assert_eq!(
                signature_kernel_gram_symmetric(none.clone(), &normalized).dims(),
                [0, 0]
            );
        }
    }
}

#[test]
fn kernels_beyond_all_numbers() {
    for target in targets() {
        let line = |step: f64| {
            let points = (0..40).map(|i| i as f64 * step).collect();
            Array::new([1, 40, 1], points).tensor::<3>(&target.device, DType::F32)
        };
        for options in &all_options()[..2] {
            let kernel = Array::from(signature_kernel(line(3.0), line(3.0), options)).values[0];
            assert!(
                kernel == f64::INFINITY || (!target.on_host() && kernel.is_nan()),
                "{kernel}"
            );
            let kernel = Array::from(signature_kernel(line(1e20), line(1e20), options)).values[0];
            assert!(!kernel.is_finite(), "{kernel}");
        }
        // k(x, x) ≤ 0 of a scheme far from converged has no root.
        let zigzag = (0..7).map(|i| f64::from(i % 2) * 3.0).collect();
        let zigzag = Array::new([1, 7, 1], zigzag).tensor::<3>(&target.device, DType::F32);
        let coarse = SignatureKernelOptions::new()
            .with_solver(KernelSolver::FiniteDifference { dyadic: [0, 0] });
        let own: f32 = signature_kernel(zigzag.clone(), zigzag.clone(), &coarse).into_scalar();
        let normalized = coarse.with_normalized(true);
        let kernel: f32 = signature_kernel(zigzag.clone(), zigzag, &normalized).into_scalar();
        assert_eq!(kernel.is_nan(), own <= 0.0, "{own}, {kernel}");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    for target in targets() {
        let zeros = |shape: [usize; 3], dtype| Tensor::<3>::zeros(shape, (&target.device, dtype));
        let single = |shape| zeros(shape, DType::F32);
        let options = SignatureKernelOptions::new();
        let kernel = |x: Tensor<3>, y: Tensor<3>| {
            let options = SignatureKernelOptions::new();
            move || signature_kernel(x, y, &options)
        };
        assert_panics(
            &[
                "signature_kernel:",
                "number of channels (axis 2)",
                "3 and 2",
            ],
            kernel(single([2, 4, 3]), single([2, 4, 2])),
        );
        assert_panics(
            &["signature_kernel:", "same batch (axis 0)", "2 and 3"],
            kernel(single([2, 4, 3]), single([3, 4, 3])),
        );
        assert_panics(
            &["signature_kernel:", "x needs at least 1 point", "[2, 0, 3]"],
            kernel(single([2, 0, 3]), single([2, 4, 3])),
        );
        if target.dtypes().contains(&DType::F64) {
            assert_panics(
                &["signature_kernel:", "same dtype", "F32 and F64"],
                kernel(single([2, 4, 3]), zeros([2, 4, 3], DType::F64)),
            );
        }
        let with = |options: SignatureKernelOptions| {
            let x = single([2, 4, 3]);
            move || signature_kernel_gram(x.clone(), x, &options)
        };
        let series = |order| options.clone().with_solver(KernelSolver::Series { order });
        assert_panics(
            &["signature_kernel_gram:", "order of the series", "got 0"],
            with(series(0)),
        );
        assert_panics(
            &["order of the series", "1..=64", "got 65"],
            with(series(65)),
        );
        let rbf = options
            .clone()
            .with_static_kernel(StaticKernel::Rbf { sigma: 0.0 });
        assert_panics(&["sigma must be positive", "got 0"], with(rbf));
        let normalized = options.clone().with_normalized(true);
        let x = single([2, 4, 3]);
        assert_panics(&["signature_kernel_grid:", "not normalized"], || {
            signature_kernel_grid(x.clone(), x.clone(), &normalized)
        });
        let one = single([1, 4, 3]);
        assert_panics(
            &["signature_mmd: x needs at least 2 paths", "got 1"],
            || signature_mmd(one.clone(), x.clone(), &options, MmdEstimator::Unbiased),
        );
        assert_panics(
            &[
                "signature_score: the sample needs at least 2 paths",
                "got 1",
            ],
            || signature_score(one, x.clone(), 1.0, &options),
        );
    }
}

/// Finite differences on a fine grid lose no digits in f32, and neither does the series.
#[test]
fn fine_grids_keep_single_precision() {
    let (x, y) = (wave([1, 200, 3], 0.1), wave([1, 200, 3], 0.13));
    let walk = |path: &Array, drift: f64| {
        let mut point = [0.0; 3];
        let steps = path.values.chunks(3).flat_map(|step| {
            (0..3).for_each(|c| point[c] += step[c] + drift);
            point
        });
        Array::new([1, 200, 3], steps.collect()).rounded(DType::F32)
    };
    let (x, y) = (walk(&x, 0.004), walk(&y, 0.006));
    for target in targets().into_iter().filter(|target| target.on_host()) {
        let options = SignatureKernelOptions::new();
        let fine = KernelSolver::FiniteDifference { dyadic: [2, 2] };
        for options in [
            options.clone().with_solver(fine),
            options.with_solver(KernelSolver::Series { order: 6 }),
        ] {
            let [single, double] = [DType::F32, DType::F64].map(|dtype| {
                let [x, y] = [&x, &y].map(|path| path.tensor::<3>(&target.device, dtype));
                Array::from(signature_kernel(x, y, &options)).values[0]
            });
            let error = (single / double - 1.0).abs();
            println!(
                "{}: {:?} {single} {double}: {error:.1e}",
                target.name, options.solver
            );
            assert!(error < 3e-5, "{single}, {double}: {error:e}");
        }
    }
}

/// Halves are computed in f32 and rounded once, normalized kernels too.
#[test]
fn kernels_of_halves() {
    let (x, y) = (wave([3, 6, 2], 0.4), wave([4, 5, 2], 0.3));
    for target in targets() {
        let halves = target.dtypes().into_iter();
        for dtype in halves.filter(|dtype| matches!(dtype, DType::F16 | DType::BF16)) {
            for options in all_options() {
                let options = options.with_normalized(true);
                let [got, want] = [dtype, DType::F32].map(|other| {
                    let [x, y] = [&x, &y].map(|path| path.rounded(dtype));
                    let [x, y] = [x, y].map(|path| path.tensor::<3>(&target.device, other));
                    let gram = signature_kernel_gram(x, y, &options);
                    assert_eq!(gram.dtype(), other);
                    Array::from(gram)
                });
                for (got, want) in got.values.iter().zip(want.values) {
                    assert!(
                        (got - want).abs() <= epsilon(dtype) * want.abs(),
                        "{got}, {want}"
                    );
                }
            }
        }
    }
}
