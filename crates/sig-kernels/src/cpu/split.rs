//! Which paths of a call go in lanes, and which by themselves.
//!
//! A group of paths takes as long as one that fills its lanes, whatever it holds. A path by itself
//! (`single`) takes a share of that, and wastes what its rows leave of vectors. So the paths that
//! fill groups go in lanes, and those that are left over, or all of a few, by themselves where that
//! is estimated to take less time. The estimate depends on the sizes and the pass alone.

use pulp::Simd;

use super::Signature;
use super::plan::{Plan, Span, lanes_time, stream_time};
use super::simd::lanes;
use super::single::{self, Paths};
use super::tree::Tree;
use crate::Real;

/// The first paths of a call, which go in lanes, and the others.
pub(super) struct Split<'a, T> {
    tree: Tree,
    pub(super) in_lanes: Share<'a, T>,
    pub(super) single: Share<'a, T>,
}

/// Some of the paths of a call, possibly none.
pub(super) struct Share<'a, T> {
    pub(super) call: Signature<'a, T>,
    /// Where they lie, if not one after another.
    pub(super) spans: Option<&'a [Span]>,
}

impl<'a, T: Real> Split<'a, T> {
    pub(super) fn of<S: Simd>(
        call: &Signature<'a, T>,
        spans: Option<&'a [Span]>,
        pass: Pass,
    ) -> Self {
        let tree = Tree::new(call.spec);
        let first = rows_in_lanes::<T, S>(&tree, call, pass);
        Self::at(tree, call, spans, first)
    }

    /// With so many paths in lanes.
    fn at(tree: Tree, call: &Signature<'a, T>, spans: Option<&'a [Span]>, first: usize) -> Self {
        let others = match spans {
            // They tell where in all paths.
            Some(_) => call.paths,
            None => &call.paths[first * (call.steps + 1) * call.spec.channels()..],
        };
        Self {
            tree,
            in_lanes: Share {
                call: Signature {
                    rows: first,
                    ..*call
                },
                spans: spans.map(|spans| &spans[..first]),
            },
            single: Share {
                call: Signature {
                    rows: call.rows - first,
                    paths: others,
                    ..*call
                },
                spans: spans.map(|spans| &spans[first..]),
            },
        }
    }

    /// The plan of those in lanes, if there are any.
    pub(super) fn plan<S: Simd>(&self) -> Option<Plan> {
        let some = self.in_lanes.call.rows > 0;
        some.then(|| Plan::of::<T, S>(self.tree.clone(), &self.in_lanes))
    }

    /// Those by themselves, if there are any.
    pub(super) fn paths<S: Simd>(&self, simd: S) -> Option<Paths<'_, T, S>> {
        let Share { call, spans } = &self.single;
        (call.rows > 0).then(|| Paths::new(simd, self.tree.clone(), call, *spans))
    }

    /// Numbers that the checkpoints of both take, as their sizes tell.
    pub(super) fn checkpoints<S: Simd>(
        &self,
        plan: Option<&Plan>,
        single: Option<&Paths<'_, T, S>>,
    ) -> [usize; 2] {
        [
            plan.map_or(0, Plan::checkpoints::<T>),
            single.map_or(0, Paths::checkpoints),
        ]
    }
}

/// What is asked of the paths.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Pass {
    /// Values alone.
    Forward,
    /// A gradient, or values with the checkpoints for one, which must go the same way.
    Backward,
}

/// Times in lanes beside their estimates, in quarters, as the test of this file tells them: wide
/// vectors wait for memory where a path by itself does not.
fn quarters(stream: bool, pass: Pass, lanes: usize) -> usize {
    match (stream, pass, lanes >= 16) {
        (false, Pass::Forward, true) => 9,
        (false, Pass::Backward, true) => 5,
        (false, Pass::Backward, false) => 4,
        (true, Pass::Forward, true) => 6,
        (true, Pass::Backward, true) => 10,
        _ => 5,
    }
}

/// How many paths go in lanes.
fn rows_in_lanes<T: Real, S: Simd>(tree: &Tree, call: &Signature<'_, T>, pass: Pass) -> usize {
    let (rows, lanes) = (call.rows, lanes::<T, S>());
    // What a step of a path by itself takes, and a term of a step of a stream in lanes.
    let (single, of_a_term) = match (call.stream, pass) {
        // Many levels wait for each other.
        (false, Pass::Forward) => {
            let waits = tree.depth.saturating_pow(4) / 20;
            (single::step_cost(tree, lanes).saturating_add(waits), 0)
        }
        (false, Pass::Backward) => (single::step_cost(tree, lanes), 0),
        (true, Pass::Forward) => (single::stream_step_cost(tree, lanes), 8),
        (true, Pass::Backward) => (single::stream_gradient_step_cost(tree, lanes), 15),
    };
    let single = single
        .saturating_mul(call.steps)
        .saturating_add(tree.terms());
    let quarters = quarters(call.stream, pass, lanes);
    // What it takes to begin each way.
    let start = |rows: usize, start: usize| if rows > 0 { start } else { 0 };
    let time = |in_lanes: usize| {
        let in_lanes_time = match call.stream {
            false => lanes_time(tree, in_lanes, call.steps, lanes),
            true => stream_time(tree, in_lanes, call.steps, lanes, of_a_term),
        };
        single
            .saturating_mul(rows - in_lanes)
            .saturating_add(in_lanes_time.saturating_mul(quarters) / 4)
            .saturating_add(start(rows - in_lanes, 2000) + start(in_lanes, 2400))
    };
    let full = rows / lanes * lanes;
    let best_of = |a: usize, b: usize| if time(b) < time(a) { b } else { a };
    match full {
        0 => best_of(rows, 0),
        full if full == rows => rows,
        full => best_of(rows, full),
    }
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;
    use std::time::Instant;

    use pulp::WithSimd;

    use super::*;
    use crate::SignatureSpec;
    use crate::cpu::gradient::Gradient;
    use crate::cpu::signature::Values;
    use crate::cpu::simd::dispatch;

    /// The best of some tries, in microseconds.
    fn best<R>(mut work: impl FnMut() -> R) -> f64 {
        let (start, mut best) = (Instant::now(), f64::INFINITY);
        while start.elapsed().as_millis() < 60 {
            let start = Instant::now();
            black_box(work());
            best = best.min(start.elapsed().as_secs_f64() * 1e6);
        }
        best
    }

    /// Times of a call and its gradient: as it is split, and each other way.
    struct Times<'a>(Signature<'a, f32>, &'a [f32]);

    impl WithSimd for Times<'_> {
        type Output = [(f64, f64); 2];

        fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
            let Self(call, output) = self;
            let values = Values {
                call: &call,
                spans: None,
                keeps_checkpoints: false,
            };
            let gradient = Gradient {
                call: &call,
                spans: None,
                output,
                checkpoints: None,
            };
            let lanes = lanes::<f32, S>();
            [Pass::Forward, Pass::Backward].map(|pass| {
                let time = |rows: usize| {
                    let split = Split::at(Tree::new(call.spec), &call, None, rows);
                    match pass {
                        Pass::Forward => best(|| values.of_split(simd, &split)),
                        Pass::Backward => best(|| gradient.of_split(simd, &split)),
                    }
                };
                let options = [0, call.rows / lanes * lanes, call.rows];
                let least = options.map(time).into_iter().fold(f64::INFINITY, f64::min);
                (
                    time(rows_in_lanes::<f32, S>(&Tree::new(call.spec), &call, pass)),
                    least,
                )
            })
        }
    }

    /// `cargo test --release -p sig-kernels -- --ignored estimates --nocapture`
    #[test]
    #[ignore = "times kernels for a minute, which needs a release build"]
    fn estimates_find_the_faster_way() {
        println!("rows,length,channels,depth stream: forward, least; gradient, least (us)");
        let mut ratios = Vec::new();
        for [length, channels, depth] in [
            [10, 2, 2],
            [100, 2, 3],
            [64, 3, 5],
            [100, 5, 4],
            [500, 5, 4],
            [12, 6, 3],
            [100, 10, 3],
            [333, 13, 2],
            [64, 2, 10],
        ] {
            for (rows, stream) in [1, 2, 5, 12, 17, 35]
                .into_iter()
                .flat_map(|rows| [(rows, false), (rows, true)])
            {
                let spec = SignatureSpec::new(channels, depth);
                let number = |i: usize| (i as f32 * 0.37).sin() * 0.1;
                let paths: Vec<f32> = (0..rows * length * channels).map(number).collect();
                let each = if stream { length - 1 } else { 1 };
                let output: Vec<f32> = (0..rows * each * spec.terms()).map(number).collect();
                let call = Signature {
                    spec,
                    paths: &paths,
                    rows,
                    steps: length - 1,
                    stream,
                };
                let [(forward, least), (gradient, least_gradient)] = dispatch(Times(call, &output));
                println!(
                    "{rows},{length},{channels},{depth} {stream}: {forward:.1}, {least:.1}; \
                     {gradient:.1}, {least_gradient:.1}"
                );
                ratios.extend([forward / least, gradient / least_gradient]);
            }
        }
        // One time by itself may be anything on a machine that others use.
        let logarithms: f64 = ratios.iter().map(|ratio| ratio.ln()).sum();
        let mean = (logarithms / ratios.len() as f64).exp();
        assert!(mean < 1.25, "{mean} times the least on average");
    }
}
