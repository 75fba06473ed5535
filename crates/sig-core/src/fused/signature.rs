//! The signature of a batch of paths.

use std::mem::MaybeUninit;

use pulp::{Simd, WithSimd};

use super::forward::{Group, Paths};
use super::join::Segments;
use super::joined;
use super::lanes::store_all;
use super::pages;
use super::parts::each;
use super::plan::Plan;
use super::simd::{Number, lanes};
use super::sweep::Sweep;
use super::words::reverse_words;
use super::{Call, Initial};

/// `[rows, terms]`, or `[rows, steps, terms]`; and the states, if they are to be kept and may be.
pub(super) struct Signature<'a, T> {
    pub(super) call: &'a Call<'a, T>,
    pub(super) keeps_states: bool,
}

impl<T: Number> WithSimd for Signature<'_, T> {
    type Output = (Vec<T>, Option<Vec<T>>);

    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let call = self.call;
        let plan = call.plan(lanes::<T, S>(), call.stream);
        let initial = call.initial();
        let (tree, initial) = (&plan.tree, initial.as_ref());
        let mut states = match self.keeps_states {
            true => plan.room_for_states(),
            false => Vec::new(),
        };
        let mut output = match call.stream {
            true => stream(simd, &plan, call.paths(), initial),
            false => {
                let sweep = Sweep {
                    simd,
                    plan: &plan,
                    tree,
                    paths: call.paths(),
                    initial,
                };
                let mut stretches = match plan.parts * plan.stretches {
                    1 => whole_stretches(sweep, &mut states),
                    _ => joined::signatures(sweep, &mut states),
                };
                while stretches.segments > 1 {
                    stretches = stretches.join(simd, tree);
                }
                stretches.data
            }
        };
        if call.inverse {
            reverse_words(&plan.tree, &mut output);
        }
        // SAFETY: where there is room for them, every group stored its states.
        let states = (!states.is_empty()).then(|| unsafe { pages::written(states) });
        (output, states)
    }
}

/// The signatures of what is swept, of stretches that are one part each.
pub(super) fn whole_stretches<T: Number, S: Simd>(
    sweep: Sweep<'_, T, S>,
    states: &mut [MaybeUninit<T>],
) -> Segments<T> {
    let (plan, terms) = (sweep.plan, sweep.tree.terms());
    let mut data = pages::unwritten(plan.lanes_in_all() * terms);
    let blocks = data.chunks_mut((plan.lanes * terms).max(1));
    sweep.run(blocks, states, |group, _, rows| {
        store_all(sweep.simd, &group.state, rows, terms);
    });
    Segments {
        // SAFETY: every group stored all terms of each of its lanes.
        data: unsafe { pages::written(data) },
        rows: plan.rows,
        segments: plan.stretches,
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
    let groups: Vec<&mut [_]> = data.chunks_mut(plan.lanes * row).collect();
    let scratch = || Group::new(simd, plan, &plan.tree, plan.chunk);
    each(
        groups,
        plan.cost(),
        scratch,
        |group: &mut Group<T, S>, index, rows| {
            let spans = plan.group(index);
            group.begin(plan, initial, index);
            let count = rows.len() / row;
            for (first, steps) in plan.chunks() {
                group.read(paths, &spans, (first, steps), plan.tree.channels);
                for t in 0..steps {
                    let at: Vec<usize> =
                        (0..count).map(|i| i * row + (first + t) * terms).collect();
                    group.advance(&plan.tree, (first + t, 1));
                    group.store_state(rows, &at, plan.lanes);
                }
            }
        },
    );
    // SAFETY: every group stored all terms after each step of each of its rows.
    unsafe { pages::written(data) }
}
