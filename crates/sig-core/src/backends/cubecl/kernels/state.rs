//! The levels of a unit below its block, from step to step.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use super::chain::{advance, horner};
use super::unit::{Step, Unit};
use crate::backends::cubecl::plan::Block;

/// The terms of the prefixes of the prefix, and of the prefix and a row; or the gradients of these.
#[derive(CubeType)]
pub(super) struct State<A: Float> {
    pub(super) chain: Array<A>,
    pub(super) row: Array<A>,
    #[cube(comptime)]
    block: Block,
}

#[cube]
impl<A: Float> State<A> {
    /// That of a path without increments.
    pub(super) fn zero(#[comptime] block: Block) -> Self {
        State::<A> {
            chain: Array::<A>::new(comptime!(block.prefix().max(1))),
            row: Array::<A>::new(comptime!(block.rows)),
            block,
        }
    }

    /// Writes the numbers, `stride` from one to the next.
    pub(super) fn save(&self, to: &mut [A], at: usize, stride: usize) {
        #[unroll]
        for k in 0..comptime!(self.block.prefix()) {
            to[at + k * stride] = self.chain[k];
        }
        #[unroll]
        for r in 0..comptime!(self.block.state_rows()) {
            to[at + (comptime!(self.block.prefix()) + r) * stride] = self.row[r];
        }
    }

    /// Reads what [`save`](Self::save) has written.
    pub(super) fn load(&mut self, from: &[A], at: usize, stride: usize) {
        #[unroll]
        for k in 0..comptime!(self.block.prefix()) {
            self.chain[k] = from[at + k * stride];
        }
        #[unroll]
        for r in 0..comptime!(self.block.state_rows()) {
            self.row[r] = from[at + (comptime!(self.block.prefix()) + r) * stride];
        }
    }

    /// Reads the product of the segments before this one, of `[paths, segments, terms]`.
    pub(super) fn load_product<F: Float>(&mut self, products: &[A], unit: &Unit<F, A>) {
        let from = unit.offsets();
        let base = (unit.place.path * unit.sizes.segments + unit.place.segment) * unit.sizes.terms;
        #[unroll]
        for k in 0..comptime!(self.block.prefix()) {
            self.chain[k] = products[base + from.prefixes[k]];
        }
        #[unroll]
        for r in 0..comptime!(self.block.state_rows()) {
            self.row[r] = products[base + from.row + r];
        }
    }

    /// Takes the state a step on.
    pub(super) fn walk<F: Float>(&mut self, unit: &Unit<F, A>, step: &Step) {
        if comptime!(self.block.depth > 1) {
            let prefix = comptime!(self.block.prefix());
            let z = unit.prefix_increments(step);
            let h = horner::<A>(&self.chain, &z, comptime!(self.block.depth - 1), prefix);
            #[unroll]
            for r in 0..comptime!(self.block.rows) {
                self.row[r] += h * unit.read(step, unit.words.row + r);
            }
            advance::<A>(&mut self.chain, &z, prefix);
        }
    }
}
