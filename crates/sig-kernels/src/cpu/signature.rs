//! The signatures of a batch of paths.

use std::mem::{MaybeUninit, replace};
use std::sync::Mutex;

use pulp::{Simd, WithSimd};

use super::Signature;
use super::depth_two;
use super::forward::{Forward, Sweep, wide};
use super::join;
use super::lanes::{store_rows, store_rows_at};
use super::output_buffer::OutputBuffer;
use super::pairwise::Pairwise;
use super::plan::{Plan, Span};
use super::schedule::each;
use super::scratch::Scratch;
use super::split::{Pass, Split};
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
        let keeps_checkpoints = self.keeps_checkpoints && !depth_two::is_for::<T, S>(self.call);
        let pass = match keeps_checkpoints {
            true => Pass::Backward,
            false => Pass::Forward,
        };
        let split = Split::of::<S>(self.call, self.spans, pass);
        let values = Self {
            keeps_checkpoints,
            ..self
        };
        values.of_split(simd, &split)
    }
}

impl<T: Real> Values<'_, T> {
    pub(super) fn of_split<S: Simd>(
        &self,
        simd: S,
        split: &Split<'_, T>,
    ) -> (Vec<T>, Option<Vec<T>>) {
        let plan = split.plan::<S>();
        let single = split.paths(simd);
        let terms = match self.call.stream {
            true => self.call.steps * self.call.spec.terms(),
            false => self.call.spec.terms(),
        };
        let mut output = OutputBuffer::new(self.call.rows * terms);
        let [kept, kept_of_single] = match self.keeps_checkpoints {
            true => split.checkpoints(plan.as_ref(), single.as_ref()),
            false => [0, 0],
        };
        let mut checkpoints = OutputBuffer::new(kept + kept_of_single);
        let (rows, rows_of_single) = output.room().split_at_mut(split.in_lanes.call.rows * terms);
        let (room, room_of_single) = checkpoints.room().split_at_mut(kept);
        match &plan {
            Some(plan) if self.call.stream => stream(simd, plan, self.call.paths, rows),
            Some(plan) => {
                let sweep = Sweep {
                    simd,
                    plan,
                    tree: &plan.tree,
                    paths: self.call.paths,
                };
                paths(sweep, rows, room);
            }
            None => {}
        }
        if let Some(single) = single {
            single.values(rows_of_single, room_of_single);
        }
        // SAFETY: all paths go in lanes or by themselves, of which both wrote the signatures and,
        // where there is room for them, the checkpoints.
        unsafe {
            let checkpoints = checkpoints.assume_written();
            let checkpoints = (!checkpoints.is_empty()).then_some(checkpoints);
            (output.assume_written(), checkpoints)
        }
    }
}

/// Writes the signatures of whole paths. Whoever ends the last part of a group stores its rows.
fn paths<T: Real, S: Simd>(
    sweep: Sweep<'_, T, S>,
    output: &mut [MaybeUninit<T>],
    checkpoints: &mut [MaybeUninit<T>],
) {
    let Sweep {
        simd, plan, tree, ..
    } = sweep;
    let terms = tree.terms();
    let groups: Vec<_> = output
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
}

/// Writes the signatures of all prefixes.
fn stream<T: Real, S: Simd>(simd: S, plan: &Plan, paths: &[T], output: &mut [MaybeUninit<T>]) {
    let terms = plan.tree.terms();
    let row = plan.steps * terms;
    let groups = output.chunks_mut(plan.lanes * row);
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
}
