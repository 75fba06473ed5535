//! Gradients against differences, threads against one, and the time of a Gram matrix.

use super::super::SignatureKernel;
use crate::{KernelSolver, Pairs, StaticKernel};

fn numbers(count: usize, seed: usize) -> Vec<f64> {
    (0..count)
        .map(|i| ((i * 7 + seed * 13) as f64 * 0.37).sin() * 0.4)
        .collect()
}

const SOLVERS: [KernelSolver; 7] = [
    KernelSolver::Series { order: 6 },
    KernelSolver::Series { order: 1 },
    KernelSolver::Series { order: 5 },
    KernelSolver::Series { order: 8 },
    KernelSolver::FiniteDifference { dyadic: [0, 0] },
    KernelSolver::FiniteDifference { dyadic: [2, 0] },
    KernelSolver::FiniteDifference { dyadic: [0, 3] },
];

#[test]
fn gradients_are_those_of_differences() {
    let kernels = [
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
    for (k, kernel) in kernels.into_iter().enumerate() {
        for (s, solver) in SOLVERS.into_iter().enumerate() {
            for (pairs, rows, lengths) in [
                (Pairs::Rows, [5, 5], [7, 4]),
                (Pairs::Gram, [3, 4], [5, 6]),
                (Pairs::Rows, [1, 1], [4, 7]),
            ] {
                if k > 1 && s > 0 && s % 3 != k % 3 {
                    continue;
                }
                let channels = 1 + (k + s) % 5;
                let x = numbers(rows[0] * lengths[0] * channels, 1);
                let y = numbers(rows[1] * lengths[1] * channels, 2);
                let call = |x: &[f64], y: &[f64]| {
                    let (x, y) = (x.to_vec().leak(), y.to_vec().leak());
                    SignatureKernel {
                        kernel,
                        solver,
                        pairs,
                        x,
                        y,
                        rows,
                        lengths,
                        channels,
                    }
                };
                let values = call(&x, &y).values();
                let weights = numbers(values.len(), 3);
                let loss = |x: &[f64], y: &[f64]| -> f64 {
                    let values = call(x, y).values();
                    values.iter().zip(&weights).map(|(a, b)| a * b).sum()
                };
                let (same, kept) = call(&x, &y).values_and_gradients();
                let place = format!("{kernel:?}, {solver:?}, {pairs:?}");
                for (a, b) in same.iter().zip(&values) {
                    assert!((a - b).abs() < 1e-13, "{place}: {a}, {b}");
                }
                let gradient = call(&x, &y).gradient(&weights, None);
                let from_kept = call(&x, &y).gradient(&weights, kept.as_deref());
                assert_eq!(gradient, from_kept, "{place}");
                for at in [0, 3, x.len() - 1] {
                    let moved = |h: f64| {
                        let mut x = x.clone();
                        x[at] += h;
                        loss(&x, &y)
                    };
                    let want = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                    assert!(
                        (gradient[0][at] - want).abs() < 2e-8,
                        "{place}, x {at}: {}, expected {want}",
                        gradient[0][at]
                    );
                }
                for at in [0, 2, y.len() - 1] {
                    let moved = |h: f64| {
                        let mut y = y.clone();
                        y[at] += h;
                        loss(&x, &y)
                    };
                    let want = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                    assert!(
                        (gradient[1][at] - want).abs() < 2e-8,
                        "{place}, y {at}: {}, expected {want}",
                        gradient[1][at]
                    );
                }
            }
        }
    }
}

#[test]
#[ignore = "prints times"]
fn times() {
    let number = |i: usize| ((i * 7919 % 10007) as f32 / 10007.0 - 0.5) * 0.4;
    for (rows, length, pairs) in [(64, 64, Pairs::Gram), (64, 64, Pairs::Symmetric)] {
        let mut x: Vec<f32> = (0..rows * length * 3).map(number).collect();
        for i in 3..x.len() {
            if i / 3 % length != 0 {
                x[i] += x[i - 3]
            }
        }
        for solver in [
            KernelSolver::Series { order: 6 },
            KernelSolver::FiniteDifference { dyadic: [1, 1] },
        ] {
            let call = SignatureKernel {
                kernel: StaticKernel::Linear,
                solver,
                pairs,
                x: &x,
                y: &x,
                rows: [rows; 2],
                lengths: [length; 2],
                channels: 3,
            };
            let ones = vec![1.0; rows * rows];
            let cpu = || {
                let mut t = libc::timespec {
                    tv_sec: 0,
                    tv_nsec: 0,
                };
                unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut t) };
                t.tv_sec as f64 * 1e3 + t.tv_nsec as f64 * 1e-6
            };
            let best = |f: &dyn Fn()| {
                (0..7)
                    .map(|_| {
                        let t = cpu();
                        f();
                        cpu() - t
                    })
                    .fold(f64::INFINITY, f64::min)
            };
            let forward = best(&|| drop(call.values()));
            let both = best(&|| {
                let (_, kept) = call.values_and_gradients();
                drop(call.gradient(&ones, kept.as_deref()))
            });
            println!("{pairs:?} {solver:?}: forward {forward:.2} ms, with gradient {both:.2} ms");
        }
    }
}
