//! The kernels on slices, against the definition.

use std::mem::MaybeUninit;

use pulp::{Simd, WithSimd};

use super::Signature;
use super::forward::wide;
use super::simd::{dispatch, lanes};
use crate::{Real, SignatureSpec};

/// Batch, steps, channels, depth: more and fewer rows than lanes, paths in segments and parts,
/// channels in one tile and in more, steps in one chunk and in more.
const SHAPES: [[usize; 4]; 13] = [
    [1, 1, 1, 1],
    [2, 3, 2, 1],
    [3, 5, 2, 2],
    [5, 4, 3, 3],
    [1, 200, 1, 3],
    [1, 90, 2, 4],
    [1, 703, 1, 3],
    [6, 407, 2, 2],
    [9, 3, 2, 5],
    [16, 80, 2, 3],
    [2, 3, 6, 3],
    [3, 7, 5, 3],
    [2, 2, 11, 2],
];

pub(super) fn numbers(count: usize, seed: usize) -> Vec<f64> {
    let number = |i: usize| ((i * 7 + seed * 13) as f64 * 0.37).sin() * 0.4;
    (0..count).map(number).collect()
}

/// The numbers that `write` leaves in a buffer of `count`.
pub(super) fn written<T: Copy + Default>(
    count: usize,
    write: impl FnOnce(&mut [MaybeUninit<T>]),
) -> Vec<T> {
    let mut room = vec![MaybeUninit::new(T::default()); count];
    write(&mut room);
    // SAFETY: all were initialized before they were written.
    room.into_iter()
        .map(|number| unsafe { number.assume_init() })
        .collect()
}

pub(super) fn as_f64<T: Real + Into<f64>>(numbers: &[T]) -> Vec<f64> {
    numbers.iter().map(|&number| number.into()).collect()
}

/// Levels after one more step, `S ⊗ exp(z)`, level 0 first.
fn step(levels: &[Vec<f64>], z: &[f64]) -> Vec<Vec<f64>> {
    let mut exp = vec![vec![1.0]];
    for k in 1..levels.len() {
        let outer = exp[k - 1]
            .iter()
            .flat_map(|a| z.iter().map(move |b| a * b / k as f64));
        exp.push(outer.collect());
    }
    let level = |k: usize| {
        let mut sum = vec![0.0; levels[k].len()];
        for j in 0..=k {
            let products = levels[j]
                .iter()
                .flat_map(|a| exp[k - j].iter().map(move |b| a * b));
            sum.iter_mut()
                .zip(products)
                .for_each(|(sum, product)| *sum += product);
        }
        sum
    };
    (0..levels.len()).map(level).collect()
}

pub(super) fn plain(call: &Signature<'_, f64>) -> Vec<f64> {
    let (d, depth) = (call.spec.channels(), call.spec.depth());
    let mut output = Vec::new();
    for points in call.paths.chunks((call.steps + 1) * d) {
        let mut levels = vec![vec![1.0]];
        levels.extend((1..=depth).map(|k| vec![0.0; d.pow(k as u32)]));
        for t in 0..call.steps {
            let z: Vec<f64> = (0..d)
                .map(|i| points[(t + 1) * d + i] - points[t * d + i])
                .collect();
            levels = step(&levels, &z);
            if call.stream || t + 1 == call.steps {
                output.extend(levels[1..].iter().flatten());
            }
        }
    }
    output
}

pub(super) fn close(got: &[f64], want: &[f64], tolerance: f64, place: &str) {
    assert_eq!(got.len(), want.len(), "{place}");
    for (i, (a, b)) in got.iter().zip(want).enumerate() {
        assert!(
            (a - b).abs() <= tolerance * b.abs().max(1.0),
            "{place}, {i}: {a}, expected {b}"
        );
    }
}

#[test]
fn values_and_gradients() {
    let mut kept = 0;
    for [rows, steps, channels, depth] in SHAPES {
        // Miri takes minutes for the long ones.
        if cfg!(miri) && rows * steps > 30 {
            continue;
        }
        let paths = numbers(rows * (steps + 1) * channels, 1);
        for stream in [false, true] {
            let call = Signature {
                spec: SignatureSpec::new(channels, depth),
                paths: &paths,
                rows,
                steps,
                stream,
            };
            let place = format!("{rows}, {steps}, {channels}, {depth}, stream {stream}");
            let output = call.values();
            close(&output, &plain(&call), 1e-12, &place);

            let cotangent = numbers(output.len(), 3);
            let gradient = call.gradient(&cotangent, None);
            let (again, checkpoints) = call.values_keeping(true);
            close(&again, &output, 1e-12, &place);
            if let Some(checkpoints) = checkpoints {
                let path = call.gradient(&cotangent, Some(&checkpoints));
                close(&path, &gradient, 1e-12, &place);
                kept += 1;
            }
            let direction = numbers(gradient.len(), 4);
            let along = |size: f64| {
                let moved = paths.iter().zip(&direction).map(|(x, v)| x + size * v);
                let moved: Vec<f64> = moved.collect();
                let call = Signature {
                    paths: &moved,
                    ..call
                };
                dot(&plain(&call), &cotangent)
            };
            let (got, want) = (
                dot(&gradient, &direction),
                (along(1e-4) - along(-1e-4)) / 2e-4,
            );
            close(&[got], &[want], 1e-6, &place);
        }
    }
    assert!(cfg!(miri) || kept > 2, "checkpoints were left {kept} times");
}

/// Too many terms for states in lanes: letters in blocks and fewer, steps in one chunk and in more.
#[test]
#[cfg_attr(miri, ignore)]
fn few_paths_of_many_terms() {
    for [rows, steps, channels, depth] in [
        [2, 3, 515, 2],
        [1, 33, 64, 3],
        [1, 1, 23, 4],
        [1, 2, 9, 6],
        [1, 3, 262_145, 1],
    ] {
        let call = Signature {
            spec: SignatureSpec::new(channels, depth),
            paths: &numbers(rows * (steps + 1) * channels, 1),
            rows,
            steps,
            stream: false,
        };
        assert!(is_wide(&call));
        let place = format!("{rows}, {steps}, {channels}, {depth}");
        close(&call.values(), &plain(&call), 1e-12, &place);
    }
}

/// On this machine, unless its vectors hold too few numbers for a state in lanes to be large.
fn is_wide(call: &Signature<'_, f64>) -> bool {
    struct Is<'a>(Signature<'a, f64>);

    impl WithSimd for Is<'_> {
        type Output = bool;

        fn with_simd<S: Simd>(self, _: S) -> bool {
            lanes::<f64, S>() < 4 || wide::is_wide::<f64, S>(&self.0)
        }
    }

    dispatch(Is(*call))
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
