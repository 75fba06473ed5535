//! The gradients of a batch of paths from those of their signatures.

use std::mem::MaybeUninit;

use pulp::{Simd, WithSimd};

use super::Signature;
use super::backward::{Backward, Cotangent};
use super::depth_two;
use super::forward::Sweep;
use super::join;
use super::output_buffer::OutputBuffer;
use super::plan::{Plan, Span};
use super::schedule::each;
use super::scratch::Scratch;
use super::split::{Pass, Split};
use crate::Real;

/// Of the paths `[rows, steps + 1, channels]`.
pub(super) struct Gradient<'a, T> {
    pub(super) call: &'a Signature<'a, T>,
    /// Where the paths lie, in ascending order and without overlap, if not one after another.
    pub(super) spans: Option<&'a [Span]>,
    /// The gradient of the output.
    pub(super) output: &'a [T],
    /// What the signature left.
    pub(super) checkpoints: Option<&'a [T]>,
}

impl<T: Real> WithSimd for Gradient<'_, T> {
    type Output = Vec<T>;

    fn with_simd<S: Simd>(self, simd: S) -> Vec<T> {
        if depth_two::is_for::<T, S>(self.call) {
            return depth_two::gradient(simd, self.call, self.spans, self.output);
        }
        self.of_split(simd, &Split::of::<S>(self.call, self.spans, Pass::Backward))
    }
}

impl<T: Real> Gradient<'_, T> {
    pub(super) fn of_split<S: Simd>(&self, simd: S, split: &Split<'_, T>) -> Vec<T> {
        let plan = split.plan::<S>();
        let single = split.paths(simd);
        let checkpoints = self.checkpoints.unwrap_or_default();
        let [kept, _] = match checkpoints {
            [] => [0, 0],
            _ => split.checkpoints(plan.as_ref(), single.as_ref()),
        };
        let (checkpoints, of_single) = checkpoints.split_at(kept);

        let (call, rows_in_lanes) = (self.call, split.in_lanes.call.rows);
        let points = (call.steps + 1) * call.spec.channels();
        let mut gradient = OutputBuffer::new(call.rows * points);
        let (rows, rows_of_single) = gradient.room().split_at_mut(rows_in_lanes * points);
        let output_of_path = self.output.len() / call.rows.max(1);
        let (output, output_of_single) = self.output.split_at(rows_in_lanes * output_of_path);
        if let Some(plan) = plan {
            in_lanes(simd, &plan, call, checkpoints, output, rows);
        }
        if let Some(single) = single {
            single.gradient(output_of_single, of_single, rows_of_single);
        }
        // SAFETY: all paths go in lanes or by themselves, of which both wrote all of their points.
        unsafe { gradient.assume_written() }
    }
}

/// Writes the gradient of paths in lanes, with checkpoints that may be none.
pub(super) fn in_lanes<T: Real, S: Simd>(
    simd: S,
    plan: &Plan,
    call: &Signature<'_, T>,
    checkpoints: &[T],
    output: &[T],
    gradient: &mut [MaybeUninit<T>],
) {
    // What of a cut path has to be swept anyway leaves its checkpoints, too.
    let mut swept = OutputBuffer::new(match checkpoints {
        [] if plan.is_cut() => plan.checkpoints::<T>(),
        _ => 0,
    });
    let of_parts;
    let output = if plan.is_cut() {
        let ends = match checkpoints {
            [] => {
                let sweep = Sweep {
                    simd,
                    plan,
                    tree: &plan.tree.below_top(),
                    paths: call.paths,
                };
                join::swept_ends(sweep, swept.room())
            }
            given => join::kept_ends::<T, S>(plan, given),
        };
        of_parts = join::adjoint(simd, plan, &ends, output);
        Cotangent::Lanes(&of_parts)
    } else if call.stream {
        Cotangent::Stream(output)
    } else {
        Cotangent::Rows(output)
    };
    // SAFETY: where there is room for them, every part stored its checkpoints.
    let swept = unsafe { swept.assume_written() };
    let checkpoints = match checkpoints {
        [] => &swept,
        given => given,
    };
    paths(simd, plan, call.paths, checkpoints, output, gradient);
}

/// Writes the gradient of the points.
fn paths<T: Real, S: Simd>(
    simd: S,
    plan: &Plan,
    paths: &[T],
    checkpoints: &[T],
    output: Cotangent<'_, T, T::Vector<S>>,
    gradient: &mut [MaybeUninit<T>],
) {
    let d = plan.tree.channels;
    let points_of_row = (plan.steps + 1) * d;
    let mut heads: Scratch<T::Vector<S>> = Scratch::new(plan.all_parts() * d);
    let points = points_of_parts(plan, gradient).into_iter();
    each(
        points.zip(heads.chunks_exact_mut(d)).collect(),
        3 * plan.cost(),
        || Backward::new(simd, plan, &output, !checkpoints.is_empty()),
        |backward: &mut Backward<'_, T, S>, part, (mut points, heads)| {
            let checkpoints = plan.checkpoints_of(checkpoints, part);
            backward.run(paths, part, checkpoints, &output, &mut points, heads);
        },
    );
    for row in gradient.chunks_exact_mut(points_of_row) {
        row[..d].fill(MaybeUninit::new(T::zeroed()));
    }
    // SAFETY: the first points were just written, and every part wrote the others of its spans.
    let gradient = unsafe { gradient.assume_init_mut() };
    add_heads(plan, bytemuck::cast_slice(&heads), gradient);
}

/// The points after the first of each lane's span, for each part.
fn points_of_parts<'a, T: Real>(
    plan: &Plan,
    gradient: &'a mut [MaybeUninit<T>],
) -> Vec<Vec<&'a mut [MaybeUninit<T>]>> {
    let d = plan.tree.channels;
    let room = || Vec::with_capacity(plan.lanes);
    let mut parts: Vec<Vec<_>> = (0..plan.all_parts()).map(|_| room()).collect();
    let rows = gradient.chunks_exact_mut((plan.steps + 1) * d);
    for (row, points) in rows.enumerate() {
        let mut rest = &mut points[d..];
        for (segment, part) in segments_and_parts(plan) {
            let (here, after) = rest.split_at_mut(plan.span(row, segment, part).steps * d);
            parts[row / plan.group_rows() * plan.parts + part].push(here);
            rest = after;
        }
        // Of a path with fewer steps than others.
        rest.fill(MaybeUninit::new(T::zeroed()));
    }
    parts
}

/// Adds what comes to the first point of each span from its first step; `heads` is
/// `[part][channel][lane]`.
fn add_heads<T: Real>(plan: &Plan, heads: &[T], gradient: &mut [T]) {
    let d = plan.tree.channels;
    for row in 0..plan.rows {
        for (segment, part) in segments_and_parts(plan) {
            let span = plan.span(row, segment, part);
            if span.steps == 0 {
                continue;
            }
            let (group, place) = (row / plan.group_rows(), row % plan.group_rows());
            let first = (group * plan.parts + part) * d * plan.lanes;
            let heads = heads[first + place * plan.segments + segment..].iter();
            let heads = heads.step_by(plan.lanes);
            for (at, &head) in gradient[span.start..][..d].iter_mut().zip(heads) {
                *at += head;
            }
        }
    }
}

/// All there are of a path, in the order of its steps.
fn segments_and_parts(plan: &Plan) -> impl Iterator<Item = (usize, usize)> {
    let parts = plan.parts;
    (0..plan.segments).flat_map(move |segment| (0..parts).map(move |part| (segment, part)))
}
