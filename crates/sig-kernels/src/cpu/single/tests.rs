//! Paths by themselves against the definition, and their gradients against those in lanes.

use pulp::{Simd, WithSimd};

use super::Paths;
use crate::cpu::gradient::in_lanes;
use crate::cpu::plan::{Plan, Span};
use crate::cpu::simd::{dispatch, one_by_one};
use crate::cpu::split::Share;
use crate::cpu::tests::{as_f64, close, numbers, plain, written};
use crate::cpu::tree::Tree;
use crate::cpu::{Kernels, Signature};
use crate::{Real, SignatureSpec};

/// Batch, steps, channels, depth: rows of a level that end at the end of a vector, within the first
/// and within another; rows in one tile and in more; steps in one chunk and in more.
const SHAPES: [[usize; 4]; 20] = [
    [1, 1, 1, 1],
    [2, 3, 2, 1],
    [1, 5, 33, 1],
    [3, 5, 2, 2],
    [2, 2, 11, 2],
    [1, 9, 17, 2],
    [1, 70, 13, 2],
    [5, 4, 3, 3],
    [2, 3, 6, 3],
    [3, 7, 5, 3],
    [1, 33, 10, 3],
    [1, 20, 16, 3],
    [1, 200, 1, 4],
    [1, 90, 2, 4],
    [2, 9, 4, 4],
    [1, 50, 5, 4],
    [1, 3, 9, 4],
    [9, 3, 2, 5],
    [1, 20, 3, 6],
    [1, 15, 2, 10],
];

/// What is asked of all paths of a call: signatures, their gradient with checkpoints and without,
/// and the gradient in lanes.
struct All<'a, T> {
    call: Signature<'a, T>,
    spans: Option<&'a [Span]>,
    output: &'a [T],
}

struct Results<T> {
    values: Vec<T>,
    kept: usize,
    with_checkpoints: Vec<T>,
    gradient: Vec<T>,
    in_lanes: Vec<T>,
}

impl<T: Real> WithSimd for All<'_, T> {
    type Output = Results<T>;

    fn with_simd<S: Simd>(self, simd: S) -> Results<T> {
        let Self {
            call,
            spans,
            output,
        } = self;
        let paths = Paths::new(simd, Tree::new(call.spec), &call, spans);
        let mut checkpoints = Vec::new();
        let values = written(output.len(), |values| {
            checkpoints = written(paths.checkpoints(), |room| paths.values(values, room));
        });
        let gradient = |checkpoints: &[T]| {
            written(call.paths.len(), |points| {
                paths.gradient(output, checkpoints, points);
            })
        };
        let plan = Plan::of::<T, S>(Tree::new(call.spec), &Share { call, spans });
        Results {
            values,
            kept: checkpoints.len(),
            with_checkpoints: gradient(&checkpoints),
            gradient: gradient(&[]),
            in_lanes: written(call.paths.len(), |points| {
                in_lanes(simd, &plan, &call, &[], output, points);
            }),
        }
    }
}

fn agree<T: Real + Kernels + Into<f64>>(tolerance: f64, vectors: bool) {
    let mut kept = 0;
    for [rows, steps, channels, depth] in SHAPES {
        // Miri takes minutes for the long ones.
        if cfg!(miri) && rows * steps > 30 {
            continue;
        }
        let place = format!("{rows}, {steps}, {channels}, {depth}");
        let spec = SignatureSpec::new(channels, depth);
        for stream in [false, true] {
            let place = format!("{place}, stream {stream}");
            let exact = numbers(rows * (steps + 1) * channels, 1);
            let paths: Vec<T> = exact.iter().map(|&x| T::nearest(x)).collect();
            let each = if stream { steps } else { 1 };
            let output = numbers(rows * each * spec.terms(), 3);
            let output: Vec<T> = output.iter().map(|&x| T::nearest(x)).collect();
            let exact = plain(&Signature {
                spec,
                paths: &as_f64(&paths),
                rows,
                steps,
                stream,
            });
            let all = All {
                call: Signature {
                    spec,
                    paths: &paths,
                    rows,
                    steps,
                    stream,
                },
                spans: None,
                output: &output,
            };
            let results = if vectors {
                dispatch(all)
            } else {
                one_by_one(all)
            };
            close(&as_f64(&results.values), &exact, tolerance, &place);
            let in_lanes = as_f64(&results.in_lanes);
            close(&as_f64(&results.gradient), &in_lanes, tolerance, &place);
            assert_eq!(results.with_checkpoints, results.gradient, "{place}");
            kept += usize::from(results.kept > 0);
        }
    }
    assert!(cfg!(miri) || kept > 2, "checkpoints were kept {kept} times");
}

#[test]
fn values_and_gradients_of_f64() {
    agree::<f64>(1e-12, true);
}

#[test]
fn values_and_gradients_of_f32() {
    agree::<f32>(1e-4, true);
}

#[test]
fn values_and_gradients_without_vectors() {
    agree::<f64>(1e-12, false);
}

/// Paths that lie anywhere, and end sooner than others.
#[test]
fn spans() {
    let (spec, steps) = (SignatureSpec::new(3, 3), 5);
    let own = (steps + 1) * 3;
    let paths = numbers(3 * own, 1);
    let spans = [(0, 5), (own, 0), (2 * own, 3)].map(|(start, steps)| Span { start, steps });
    let output = numbers(3 * spec.terms(), 2);
    let results = dispatch(All {
        call: Signature {
            spec,
            paths: &paths,
            rows: 3,
            steps,
            stream: false,
        },
        spans: Some(&spans),
        output: &output,
    });
    for (span, values) in spans.iter().zip(results.values.chunks(spec.terms())) {
        let points = &paths[span.start..][..(span.steps + 1) * 3];
        let alone = plain(&Signature {
            spec,
            paths: points,
            rows: 1,
            steps: span.steps,
            stream: false,
        });
        let alone = if span.steps > 0 {
            alone
        } else {
            vec![0.0; spec.terms()]
        };
        close(values, &alone, 1e-12, "spans");
    }
    close(&results.gradient, &results.in_lanes, 1e-12, "spans");
}
