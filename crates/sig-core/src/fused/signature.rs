//! The signature of a batch of paths.

use pulp::{Simd, WithSimd};

use super::forward::{Group, Paths};
use super::join::{Segments, store};
use super::pages;
use super::parts::each;
use super::plan::Plan;
use super::simd::{Number, lanes};
use super::tree::Tree;
use super::words::reverse_words;
use super::{Call, Initial};

/// `[rows, terms]`, or `[rows, steps, terms]`.
pub(super) struct Signature<'a, T>(pub(super) &'a Call<'a, T>);

impl<T: Number> WithSimd for Signature<'_, T> {
    type Output = Vec<T>;

    fn with_simd<S: Simd>(self, simd: S) -> Vec<T> {
        let call = self.0;
        let plan = call.plan(lanes::<T, S>(), call.stream);
        let initial = call.initial();
        let mut output = match call.stream {
            true => stream(simd, &plan, call.paths(), initial.as_ref()),
            false => {
                let mut parts = segments(simd, &plan, &plan.tree, call.paths(), initial.as_ref());
                while parts.segments > 1 {
                    parts = parts.join(simd, &plan.tree);
                }
                parts.data
            }
        };
        if call.inverse {
            reverse_words(&plan.tree, &mut output);
        }
        output
    }
}

/// The signatures of all segments up to the depth of `tree`; the first of a path goes on from its
/// initial signature.
pub(super) fn segments<T: Number, S: Simd>(
    simd: S,
    plan: &Plan,
    tree: &Tree,
    paths: Paths<'_, T>,
    initial: Option<&Initial<T>>,
) -> Segments<T> {
    let terms = tree.terms();
    let mut data = pages::unwritten(plan.spans() * terms);
    let parts: Vec<&mut [_]> = data.chunks_mut((plan.lanes * terms).max(1)).collect();
    let scratch = || Group::new(simd, plan, tree);
    each(
        parts,
        plan.cost(),
        scratch,
        |group: &mut Group<T, S>, index, rows| {
            let spans = plan.group(index);
            match initial {
                Some(initial) => group.load_state(&initial.data, &initial.offsets(plan, index)),
                None => group.clear(),
            }
            for chunk in plan.chunks() {
                group.read(paths, &spans, chunk, tree.channels);
                group.advance(tree);
            }
            store(simd, &group.state, rows, terms);
        },
    );
    Segments {
        // SAFETY: every group stored all terms of each of its spans.
        data: unsafe { pages::written(data) },
        rows: plan.rows,
        segments: plan.segments,
    }
}

fn stream<T: Number, S: Simd>(
    simd: S,
    plan: &Plan,
    paths: Paths<'_, T>,
    initial: Option<&Initial<T>>,
) -> Vec<T> {
    let terms = plan.tree.terms();
    let row = plan.steps * terms;
    let mut data = pages::unwritten(plan.rows * row);
    let parts: Vec<&mut [_]> = data.chunks_mut(plan.lanes * row).collect();
    let scratch = || Group::new(simd, plan, &plan.tree);
    each(
        parts,
        plan.cost(),
        scratch,
        |group: &mut Group<T, S>, index, rows| {
            let spans = plan.group(index);
            match initial {
                Some(initial) => group.load_state(&initial.data, &initial.offsets(plan, index)),
                None => group.clear(),
            }
            let count = rows.len() / row;
            for (first, steps) in plan.chunks() {
                group.read(paths, &spans, (first, steps), plan.tree.channels);
                for t in 0..steps {
                    let at: Vec<usize> =
                        (0..count).map(|i| i * row + (first + t) * terms).collect();
                    group.step(&plan.tree, t);
                    group.store_state(rows, &at, plan.lanes);
                }
            }
        },
    );
    // SAFETY: every group stored all terms after each step of each of its rows.
    unsafe { pages::written(data) }
}
