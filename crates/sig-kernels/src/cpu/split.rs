//! Which paths of a call go in lanes, and which by themselves.
//!
//! A group of paths takes as long as one that fills its lanes, whatever it holds. A path by itself
//! (`single`) takes a share of that, and wastes what its rows leave of vectors. So the paths that
//! fill groups go in lanes, and those that are left over, or all of a few, by themselves where that
//! is estimated to take less time. The estimate depends on the sizes alone.

use pulp::Simd;

use super::Signature;
use super::plan::{Span, lanes_time, stream_time};
use super::simd::lanes;
use super::single;
use super::tree::Tree;
use crate::Real;

/// The first paths of a call, which go in lanes, and the others.
pub(super) struct Split<'a, T> {
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
        let first = rows_in_lanes::<T, S>(call, pass);
        let points = (call.steps + 1) * call.spec.channels();
        let (paths, others) = match spans {
            // They tell where in all paths.
            Some(_) => (call.paths, call.paths),
            None => call.paths.split_at(first * points),
        };
        Self {
            in_lanes: Share {
                call: Signature {
                    rows: first,
                    paths,
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
}

/// What is asked of the paths.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Pass {
    Forward,
    Backward,
}

/// How many paths go in lanes. Both passes go the same way, but for streams, of which the forward
/// pass leaves nothing to the other.
fn rows_in_lanes<T: Real, S: Simd>(call: &Signature<'_, T>, pass: Pass) -> usize {
    let (rows, lanes) = (call.rows, lanes::<T, S>());
    let tree = Tree::new(call.spec);
    let single = match (call.stream, pass) {
        (false, _) => single::step_cost(&tree, lanes),
        (true, Pass::Forward) => single::stream_step_cost(&tree, lanes),
        (true, Pass::Backward) => single::stream_gradient_step_cost(&tree, lanes),
    };
    let time = |in_lanes: usize| {
        let others = (rows - in_lanes)
            .saturating_mul(call.steps)
            .saturating_mul(single);
        others.saturating_add(match call.stream {
            false => lanes_time(&tree, in_lanes, call.steps, lanes),
            true => stream_time(&tree, in_lanes, call.steps, lanes),
        })
    };
    let options = [rows, rows / lanes * lanes, 0];
    options
        .into_iter()
        .min_by_key(|&rows| time(rows))
        .expect("more than none")
}
