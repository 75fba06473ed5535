//! Gradients against differences of values, and what was kept against what is computed anew.

use super::super::SignatureKernel;
use super::super::tests::numbers;
use crate::{KernelSolver, Pairs, StaticKernel};

const SOLVERS: [KernelSolver; 8] = [
    KernelSolver::Series { order: 6 },
    KernelSolver::Series { order: 1 },
    KernelSolver::Series { order: 5 },
    KernelSolver::Series { order: 8 },
    KernelSolver::Series { order: 14 },
    KernelSolver::FiniteDifference { dyadic: [0, 0] },
    KernelSolver::FiniteDifference { dyadic: [2, 0] },
    KernelSolver::FiniteDifference { dyadic: [0, 3] },
];

const KERNELS: [StaticKernel; 9] = [
    StaticKernel::Linear,
    StaticKernel::Scaled { scale: 0.7 },
    StaticKernel::Rbf { sigma: 1.3 },
    StaticKernel::Rbf { sigma: 0.05 },
    StaticKernel::Matern12 { sigma: 0.9 },
    StaticKernel::Matern32 { sigma: 0.9 },
    StaticKernel::Matern52 { sigma: 0.9 },
    StaticKernel::RationalQuadratic {
        sigma: 0.8,
        alpha: 1.5,
    },
    StaticKernel::Polynomial {
        degree: 3.0,
        gamma: 1.0,
        scale: 0.5,
    },
];

/// A call without its paths.
#[derive(Clone, Copy, Debug)]
struct Case {
    kernel: StaticKernel,
    solver: KernelSolver,
    pairs: Pairs,
    rows: [usize; 2],
    lengths: [usize; 2],
    channels: usize,
}

impl Case {
    fn call<'a, T>(&self, [x, y]: [&'a [T]; 2]) -> SignatureKernel<'a, T> {
        SignatureKernel {
            kernel: self.kernel,
            solver: self.solver,
            pairs: self.pairs,
            x,
            y,
            rows: self.rows,
            lengths: self.lengths,
            channels: self.channels,
        }
    }

    fn check(&self) {
        let size = |which: usize| self.rows[which] * self.lengths[which] * self.channels;
        let paths = [numbers(size(0), 1), numbers(size(1), 2)];
        let [x, y] = paths.each_ref().map(Vec::as_slice);
        let call = self.call([x, y]);
        let values = call.values();
        let weights = numbers(values.len(), 3);
        let (same, kept) = call.values_keeping(true);
        for (a, b) in same.iter().zip(&values) {
            assert!((a - b).abs() < 1e-13, "{self:?}: {a}, {b}");
        }
        let gradients = call.gradient(&weights, None);
        let from_kept = call.gradient(&weights, kept.as_deref());
        assert_eq!(gradients, from_kept, "{self:?}");
        if cfg!(miri) {
            return;
        }
        for which in [0, 1] {
            for at in [0, 2, paths[which].len() - 1] {
                let loss = |step: f64| -> f64 {
                    let mut paths = paths.clone();
                    paths[which][at] += step;
                    let values = self.call(paths.each_ref().map(Vec::as_slice)).values();
                    values.iter().zip(&weights).map(|(a, b)| a * b).sum()
                };
                let want = (loss(1e-5) - loss(-1e-5)) / 2e-5;
                let got = gradients[which][at];
                assert!(
                    (got - want).abs() < 2e-8,
                    "{self:?}, {which}, {at}: {got}, expected {want}"
                );
            }
        }
    }
}

/// All schemes of the first kernel, some of the others.
fn cases() -> impl Iterator<Item = Case> {
    let schemes = (0..KERNELS.len()).flat_map(|k| (0..SOLVERS.len()).map(move |s| (k, s)));
    let taken = schemes.filter(|&(k, s)| k == 0 || s % 3 == k % 3);
    let cuts = [
        (Pairs::Rows, [5, 5], [7, 4]),
        (Pairs::Gram, [3, 4], [5, 6]),
        (Pairs::Rows, [1, 1], [4, 7]),
        (Pairs::Grid, [5, 5], [7, 4]),
        (Pairs::Grid, [1, 1], [4, 7]),
    ];
    taken.flat_map(move |(k, s)| {
        cuts.map(|(pairs, rows, lengths)| Case {
            kernel: KERNELS[k],
            solver: SOLVERS[s],
            pairs,
            rows,
            lengths,
            channels: 1 + (k + s) % 5,
        })
    })
}

#[test]
fn gradients_are_those_of_differences() {
    // Miri, which looks for undefined behaviour alone, takes minutes for a few.
    let every = if cfg!(miri) { 37 } else { 1 };
    cases().step_by(every).for_each(|case| case.check());
}

/// From paths whose `δ` to the power of the order is below the least number of f32 to kernels of
/// 1e24.
#[test]
#[cfg_attr(miri, ignore = "numbers alone, by the code of the test before")]
fn single_precision_at_all_sizes() {
    for size in [1e-6, 1e-4, 1e-2, 1.0, 12.0] {
        for solver in [6, 8, 14].map(|order| KernelSolver::Series { order }) {
            let case = Case {
                kernel: StaticKernel::Linear,
                solver,
                pairs: Pairs::Gram,
                rows: [4, 5],
                lengths: [9, 7],
                channels: 2,
            };
            let paths = [(4 * 9 * 2, 1), (5 * 7 * 2, 2)].map(|(count, seed)| {
                let path = numbers(count, seed).into_iter();
                path.map(|x| f64::from((x * size) as f32))
                    .collect::<Vec<_>>()
            });
            let single = paths
                .each_ref()
                .map(|path| path.iter().map(|&x| x as f32).collect());
            let single: [Vec<f32>; 2] = single;
            let [x, y] = paths.each_ref().map(Vec::as_slice);
            let call = case.call([x, y]);
            let weights = vec![1.0; 20];
            let (values, gradients) = (call.values(), call.gradient(&weights, None));
            let call = case.call(single.each_ref().map(Vec::as_slice));
            let got = call.gradient(&[1.0; 20], None);
            close(&call.values(), &values, &format!("{size}, {solver:?}"));
            for (got, want) in got.iter().zip(&gradients) {
                close(got, want, &format!("gradient, {size}, {solver:?}"));
            }
        }
    }
}

/// The gradient of a grid of small steps is right whether that of its numbers is tiny or huge.
#[test]
fn gradients_of_grids_in_single_precision() {
    let path: Vec<f32> = numbers(18, 1).iter().map(|&x| (x * 1e-3) as f32).collect();
    let call = SignatureKernel {
        kernel: StaticKernel::Linear,
        solver: KernelSolver::Series { order: 6 },
        pairs: Pairs::Grid,
        x: &path,
        y: &path,
        rows: [1, 1],
        lengths: [9, 9],
        channels: 2,
    };
    let gradient = |size: f32| call.gradient(&[size; 81], None);
    let [want, _] = gradient(1.0);
    for size in [1e-20, 1e-10, 1e10, 1e20] {
        let want: Vec<_> = want.iter().map(|&x| f64::from(x * size)).collect();
        close(&gradient(size)[0], &want, &format!("{size}"));
    }
}

/// To 1e-5 of the largest.
#[track_caller]
fn close(got: &[f32], want: &[f64], what: &str) {
    let largest = want.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    for (&got, want) in got.iter().zip(want) {
        assert!(
            (f64::from(got) - want).abs() <= 1e-5 * largest,
            "{what}: {got}, expected {want}, largest {largest}"
        );
    }
}
