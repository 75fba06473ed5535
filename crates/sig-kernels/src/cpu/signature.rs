//! The signatures of a batch of paths.

use std::mem::replace;
use std::sync::Mutex;

use pulp::{Simd, WithSimd};

use super::Signature;
use super::forward::{Forward, Sweep, wide};
use super::join;
use super::lanes::{store_rows, store_rows_at};
use super::output_buffer::OutputBuffer;
use super::pairwise::Pairwise;
use super::plan::{Plan, Span};
use super::schedule::each;
use super::scratch::Scratch;
use crate::Real;

/// `[rows, terms]` or, of a stream, `[rows, steps, terms]`; and the checkpoints, if they are to be
/// kept and may be.
pub(super) struct Values<'a, T> {
    pub(super) call: &'a Signature<'a, T>,
    /// Where the paths lie, if not one after another; those with fewer steps than the call's rest
    /// at their last point.
    pub(super) spans: Option<&'a [Span]>,
    pub(super) keeps_checkpoints: bool,
}

impl<T: Real> WithSimd for Values<'_, T> {
    type Output = (Vec<T>, Option<Vec<T>>);

    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        if wide::is_wide::<T, S>(self.call) {
            return (wide::values(simd, self.call, self.spans), None);
        }
        let plan = Plan::of::<T, S>(self.call, self.spans);
        if self.call.stream {
            return (stream(simd, &plan, self.call.paths), None);
        }
        let mut checkpoints = plan.room_for_checkpoints(self.keeps_checkpoints);
        let is_kept = !checkpoints.room().is_empty();
        let sweep = Sweep {
            simd,
            plan: &plan,
            tree: &plan.tree,
            paths: self.call.paths,
        };
        let values = paths(sweep, &mut checkpoints);
        // SAFETY: where there is room for them, every part stored its checkpoints.
        let checkpoints = is_kept.then(|| unsafe { checkpoints.assume_written() });
        (values, checkpoints)
    }
}

/// The signatures of whole paths. Whoever ends the last part of a group stores its rows.
fn paths<T: Real, S: Simd>(sweep: Sweep<'_, T, S>, checkpoints: &mut OutputBuffer<T>) -> Vec<T> {
    let Sweep {
        simd, plan, tree, ..
    } = sweep;
    let terms = tree.terms();
    let mut output = OutputBuffer::new(plan.rows * terms);
    let groups: Vec<_> = output
        .room()
        .chunks_mut(plan.group_rows() * terms)
        .map(|rows| (Pairwise::new(plan.parts), Mutex::new(rows)))
        .collect();
    sweep.run(0..plan.all_parts(), checkpoints, |forward, part, _| {
        let (parts, rows) = &groups[part / plan.parts];
        let store = |whole: &[T::Vector<S>]| {
            let mut rows = rows.lock().expect("no thread panics with the lock");
            store_rows(simd, whole, &mut rows, plan.segments);
        };
        if !plan.is_cut() {
            return store(&forward.state);
        }
        let end = replace(&mut forward.state, Scratch::new(terms));
        let product =
            |left: Scratch<_>, right: Scratch<_>| join::product::<T, S>(simd, tree, &left, &right);
        if let Some(segments) = parts.put(part % plan.parts, end, product) {
            store(&join::within_lanes::<T, S>(
                simd,
                tree,
                plan.segments,
                segments,
            ));
        }
    });
    drop(groups);
    // SAFETY: each group has a last part, which stored all terms of each of its rows.
    unsafe { output.assume_written() }
}

/// The signatures of all prefixes.
fn stream<T: Real, S: Simd>(simd: S, plan: &Plan, paths: &[T]) -> Vec<T> {
    let terms = plan.tree.terms();
    let row = plan.steps * terms;
    let mut output = OutputBuffer::new(plan.rows * row);
    let groups = output.room().chunks_mut(plan.lanes * row);
    let scratch = || Forward::new(simd, plan, &plan.tree, plan.chunk);
    each(
        groups.collect(),
        plan.cost(),
        scratch,
        |forward: &mut Forward<T, S>, group, rows| {
            let spans = plan.spans(group);
            bytemuck::fill_zeroes(&mut forward.state);
            let count = rows.len() / row;
            for (first, steps) in plan.chunks() {
                forward.z.read(paths, &spans, (first, steps));
                for t in first..first + steps {
                    let at: Vec<usize> = (0..count).map(|i| i * row + t * terms).collect();
                    forward.advance(&plan.tree, (t, 1));
                    store_rows_at(simd, &forward.state, rows, &at);
                }
            }
        },
    );
    // SAFETY: every group stored all terms after each step of each of its rows.
    unsafe { output.assume_written() }
}
