//! The levels of a unit below its block, from step to step.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use super::chain::{advance, horner};
use super::place::{Place, Sizes};
use super::stage::{Source, prefix_increments, read};
use super::terms::{Terms, Words, terms};
use crate::backends::cubecl::plan::{Block, Memory};

/// The terms of the prefixes of the prefix, and of the prefix and a row; or the gradients of these.
#[derive(CubeType)]
pub(super) struct State<A: Float> {
    pub(super) chain: Array<A>,
    pub(super) row: Array<A>,
}

/// The state of a path without increments.
#[cube]
pub(super) fn zero_state<A: Float>(#[comptime] block: Block) -> State<A> {
    State::<A> {
        chain: Array::<A>::new(comptime!(block.prefix().max(1))),
        row: Array::<A>::new(comptime!(block.rows)),
    }
}

#[cube]
impl<A: Float> State<A> {
    /// Writes the numbers, `stride` from one to the next.
    pub(super) fn save(&self, to: &mut [A], at: usize, stride: usize, #[comptime] block: Block) {
        #[unroll]
        for k in 0..comptime!(block.prefix()) {
            to[at + k * stride] = self.chain[k];
        }
        #[unroll]
        for r in 0..comptime!(block.state_rows()) {
            to[at + (comptime!(block.prefix()) + r) * stride] = self.row[r];
        }
    }

    /// Reads what [`save`](Self::save) has written.
    pub(super) fn load(&mut self, from: &[A], at: usize, stride: usize, #[comptime] block: Block) {
        #[unroll]
        for k in 0..comptime!(block.prefix()) {
            self.chain[k] = from[at + k * stride];
        }
        #[unroll]
        for r in 0..comptime!(block.state_rows()) {
            self.row[r] = from[at + (comptime!(block.prefix()) + r) * stride];
        }
    }

    /// Reads the terms of an initial signature.
    pub(super) fn load_initial<F: Float>(
        &mut self,
        initial: &Tensor<F>,
        place: &Place,
        from: &Terms,
        #[comptime] block: Block,
    ) {
        let base = place.path * initial.stride(0);
        let stride = initial.stride(1);
        #[unroll]
        for k in 0..comptime!(block.prefix()) {
            self.chain[k] = A::cast_from(initial[base + from.prefixes[k] * stride]);
        }
        #[unroll]
        for r in 0..comptime!(block.state_rows()) {
            self.row[r] = A::cast_from(initial[base + (from.row + r * from.row_stride) * stride]);
        }
    }

    /// Reads the product of the segments before this one, of `[paths, segments, terms]`.
    pub(super) fn load_product(
        &mut self,
        products: &[A],
        place: &Place,
        words: &Words,
        sizes: &Sizes,
        #[comptime] block: Block,
    ) {
        let from = terms(words, sizes, false, block);
        let base = (place.path * sizes.segments + place.segment) * sizes.terms;
        #[unroll]
        for k in 0..comptime!(block.prefix()) {
            self.chain[k] = products[base + from.prefixes[k]];
        }
        #[unroll]
        for r in 0..comptime!(block.state_rows()) {
            self.row[r] = products[base + from.row + r * from.row_stride];
        }
    }

    /// A step.
    #[allow(
        clippy::too_many_arguments,
        reason = "a kernel takes no struct of what is known when it is compiled"
    )]
    pub(super) fn walk<F: Float>(
        &mut self,
        path: &Tensor<F>,
        staged: &Shared<[A]>,
        source: &Source,
        words: &Words,
        sizes: &Sizes,
        #[comptime] block: Block,
        #[comptime] memory: Memory,
    ) {
        if comptime!(block.depth > 1) {
            let prefix = comptime!(block.prefix());
            let z = prefix_increments::<F, A>(path, staged, source, words, sizes, block, memory);
            let h = horner::<A>(&self.chain, &z, comptime!(block.depth - 1), prefix);
            #[unroll]
            for r in 0..comptime!(block.rows) {
                self.row[r] += h * read::<F, A>(path, staged, source, words.row + r, sizes, memory);
            }
            advance::<A>(&mut self.chain, &z, prefix);
        }
    }
}
