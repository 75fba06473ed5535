//! The fused kernels at shapes that no block of lanes, steps, channels or levels divides.

use burn::tensor::DType;
use sig_core::signatures::SignatureMethod;

use crate::support::compare::{self, Floor};
use crate::support::engines::{Target, host, targets, tolerance};
use crate::support::naive::{Call, Input};
use crate::support::run::Engine;
use crate::support::tensors::Array;

/// Batch, length, channels, depth.
const SHAPES: [[usize; 4]; 27] = [
    [1, 2, 1, 1],
    [3, 2, 2, 2],
    [17, 2, 5, 4],
    [1, 3, 24, 2],
    [9, 40, 1, 9],
    [5, 33, 2, 8],
    [16, 64, 2, 10],
    [3, 70, 3, 5],
    [1, 1000, 3, 4],
    [2, 700, 2, 3],
    [7, 129, 4, 4],
    [33, 12, 5, 3],
    [2, 35, 6, 4],
    [8, 31, 7, 3],
    [4, 20, 8, 3],
    [3, 20, 9, 3],
    [3, 25, 10, 3],
    [3, 17, 11, 3],
    [1, 9, 13, 3],
    [2, 40, 16, 2],
    [3, 12, 23, 3],
    [1, 300, 23, 2],
    [2000, 2, 3, 2],
    [1000, 3, 2, 3],
    [130, 5, 3, 1],
    [1, 5000, 1, 3],
    [3, 400, 4, 3],
];

/// Numbers in −1…1 that repeat nowhere, from a linear congruence.
fn numbers(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 40) as f64 / f64::from(1 << 23) - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// A walk in steps that keep all levels near 1, at points that f32 holds.
fn walk([batch, length, channels, _]: [usize; 4]) -> Array {
    let mut points = numbers(batch * length * channels, 3);
    let size = 2.0 / (length as f64).sqrt();
    for row in points.chunks_mut(length * channels) {
        row.iter_mut().for_each(|step| *step *= size);
        for at in channels..row.len() {
            row[at] += row[at - channels];
        }
    }
    Array::new([batch, length, channels], points).rounded(DType::F32)
}

fn on_hosts(check: impl Fn(&Target, DType)) {
    for target in targets().iter().filter(|target| target.on_host()) {
        for dtype in [DType::F64, DType::F32] {
            check(target, dtype);
        }
    }
}

fn engine(target: &Target, dtype: DType, method: SignatureMethod) -> Engine {
    Engine {
        target: target.clone(),
        dtype,
        method,
    }
}

/// The calls of a shape: plain, and with everything that the kernels have a way of their own for.
fn calls(shape: [usize; 4]) -> Vec<Call> {
    let [batch, _, channels, depth] = shape;
    let plain = Call::new(walk(shape), depth);
    let terms = plain.output_shape()[1];
    let initial = Array::new([batch, terms], numbers(batch * terms, 5)).rounded(DType::F32);
    let mut from = Call {
        inverse: true,
        ..plain.clone()
    };
    from.initial = Some(initial);
    let mut calls = vec![plain, from];
    if terms * shape[1] * batch < 100_000 {
        let stream = |call: &Call| Call {
            stream: true,
            ..call.clone()
        };
        calls.extend([stream(&calls[0]), stream(&calls[1])]);
    }
    assert_eq!(channels, calls[0].channels());
    calls
}

/// On each device, against the portable method of a host in f64.
#[test]
fn values_and_gradients() {
    let full = |dtype: &DType| matches!(dtype, DType::F64 | DType::F32);
    for target in targets() {
        let reference = if target.on_host() {
            target.clone()
        } else {
            host()
        };
        let reference = engine(&reference, DType::F64, SignatureMethod::Parallel);
        for dtype in target.dtypes().into_iter().filter(full) {
            check_shapes(&engine(&target, dtype, SignatureMethod::Fused), &reference);
        }
    }
}

fn check_shapes(fused: &Engine, reference: &Engine) {
    let dtype = fused.dtype;
    for shape in SHAPES {
        for call in calls(shape) {
            let floor = Floor {
                // Of what is summed up: paths come back to where they were, and an inverse undoes
                // what was there before, by chance, in a product of numbers near 1.
                smallest: if call.initial.is_some() { 0.5 } else { 0.1 },
                ..Floor::of_dtype(dtype)
            };
            let place = format!("{shape:?} stream {} inverse {}", call.stream, call.inverse);
            let (got, want) = (fused.evaluate(&call), reference.evaluate(&call));
            let limit = tolerance(dtype);
            compare::signatures(&got, &want, call.channels(), &floor, limit)
                .unwrap_or_else(|problem| panic!("{fused} {place}: {problem}"));
            let cotangent = Array::new(want.shape.clone(), numbers(want.values.len(), 9));
            let cotangent = cotangent.rounded(DType::F32);
            let inputs = [
                Some(Input::Path),
                call.initial.as_ref().map(|_| Input::Initial),
            ];
            for of in inputs.into_iter().flatten() {
                let got = fused.gradient(&call, of, &cotangent);
                let want = reference.gradient(&call, of, &cotangent);
                compare::gradients(&got, &want, &floor, limit)
                    .unwrap_or_else(|problem| panic!("{fused} {place} {of:?}: {problem}"));
            }
        }
    }
}

/// The cut into parts depends on the sizes alone.
#[test]
fn any_number_of_threads_gives_the_same_bits() {
    on_hosts(|target, dtype| {
        let fused = engine(target, dtype, SignatureMethod::Fused);
        for shape in [
            [1, 20_000, 3, 4],
            [40, 200, 5, 4],
            [3, 3000, 2, 6],
            [128, 100, 5, 4],
        ] {
            let call = Call::new(walk(shape), shape[3]);
            let cotangent = call.output_shape();
            let cotangent = Array::new(cotangent.clone(), numbers(cotangent.iter().product(), 7));
            let run = |threads: usize| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
                pool.build().unwrap().install(|| {
                    let gradient = fused.gradient(&call, Input::Path, &cotangent);
                    (fused.evaluate(&call), gradient)
                })
            };
            let one = run(1);
            for threads in [2, 3, 8] {
                assert!(run(threads) == one, "{fused} {shape:?}, {threads} threads");
            }
        }
    });
}

/// 100 000 steps of independent signs, the roughest path there is, and its gradient: f32 within 1e-4
/// of f64.
#[test]
fn long_and_rough() {
    const LENGTH: usize = 100_000;
    let mut path = numbers(2 * LENGTH * 4, 11);
    for row in path.chunks_mut(LENGTH * 4) {
        row.iter_mut()
            .for_each(|step| *step = step.signum() / 256.0);
        for at in 4..row.len() {
            row[at] += row[at - 4];
        }
    }
    let call = Call::new(Array::new([2, LENGTH, 4], path), 4);
    let cotangent = Array::new([2, 340], numbers(680, 13)).rounded(DType::F32);
    for target in targets().iter().filter(|target| target.on_host()) {
        let [single, double] =
            [DType::F32, DType::F64].map(|dtype| engine(target, dtype, SignatureMethod::Fused));
        let floor = Floor::of_dtype(DType::F32);
        compare::signatures(
            &single.evaluate(&call),
            &double.evaluate(&call),
            4,
            &floor,
            1e-4,
        )
        .unwrap_or_else(|problem| panic!("{single}: {problem}"));
        let [got, want] =
            [&single, &double].map(|engine| engine.gradient(&call, Input::Path, &cotangent));
        compare::gradients(&got, &want, &floor, 1e-4)
            .unwrap_or_else(|problem| panic!("{single}: gradient: {problem}"));
    }
}
