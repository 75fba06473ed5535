//! The levels below the top after each chunk of steps. A gradient goes back over the chunks from the last to the
//! first and needs the state before each. The sweep that makes a signature comes by all of them, so it can leave
//! them to the gradient, which else has to sweep again.

use std::iter;
use std::mem::MaybeUninit;

use pulp::Simd;

use super::join::Segments;
use super::lanes::store_all;
use super::pages;
use super::plan::Plan;
use super::scratch::Scratch;
use super::simd::Number;

/// Bytes that the states of a call take at most: beyond, to sweep again is the lesser evil.
const MOST_BYTES: usize = 16 << 20;

impl Plan {
    /// Numbers that the states of a group take.
    pub(super) fn states_of_group(&self) -> usize {
        self.chunks().len() * self.tree.below_top().terms() * self.lanes
    }

    /// Whether the states are kept, of numbers of so many bytes: where there are any, and they take no more
    /// memory than the paths and signatures themselves.
    fn keeps_states(&self, bytes: usize) -> bool {
        let (tree, many) = (&self.tree, self.stretches * self.parts > 1);
        let numbers = self.states_of_group().saturating_mul(self.groups());
        let others = self.rows * ((self.steps + 1) * tree.channels + tree.terms());
        let fits = numbers <= others && numbers.saturating_mul(bytes) <= MOST_BYTES;
        tree.depth > 1 && (many || self.chunks().len() > 1) && fits
    }

    /// Room for the states of all groups, `[group][chunk][term][lane]`; empty if they are not kept.
    pub(super) fn room_for_states<T: Number>(&self) -> Vec<MaybeUninit<T>> {
        match self.keeps_states(size_of::<T>()) {
            true => pages::unwritten(self.groups() * self.states_of_group()),
            false => Vec::new(),
        }
    }

    /// Each group with its part of the room, empty if that is.
    pub(super) fn with_states<'a, P, T>(
        &self,
        groups: impl Iterator<Item = P>,
        room: &'a mut [MaybeUninit<T>],
    ) -> Vec<(P, &'a mut [MaybeUninit<T>])> {
        let states = room
            .chunks_exact_mut(self.states_of_group().max(1))
            .chain(iter::repeat_with(|| &mut [][..]));
        groups.zip(states).collect()
    }

    /// The states at the end of a group.
    pub(super) fn end_of_group<'a, T>(&self, states: &'a [T], group: usize) -> &'a [T] {
        let end = (group + 1) * self.states_of_group();
        &states[end - self.tree.below_top().terms() * self.lanes..end]
    }
}

/// The signatures, but for the top level, of stretches that are one part each.
pub(super) fn whole_stretches<T: Number, S: Simd>(
    simd: S,
    plan: &Plan,
    states: &[T],
) -> Segments<T> {
    let terms = plan.tree.below_top().terms();
    let mut data = pages::unwritten(plan.lanes_in_all() * terms);
    let mut state: Scratch<T::Vector<S>> = Scratch::new(terms);
    for (group, rows) in data.chunks_mut(plan.lanes * terms).enumerate() {
        bytemuck::cast_slice_mut(&mut state).copy_from_slice(plan.end_of_group(states, group));
        store_all(simd, &state, rows, terms);
    }
    Segments {
        // SAFETY: the loop stored every lane of a group into its row.
        data: unsafe { pages::written(data) },
        rows: plan.rows,
        segments: plan.stretches,
    }
}
