//! The signatures of paths or of their segments, or of all prefixes.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use super::chain::{horner, reciprocal};
use super::terms::{Terms, TermsExpand};
use super::unit::{Step, Unit};
use crate::backends::cubecl::plan::{Block, Memory, Sizes};

/// `[paths, segments, terms]`, or with `stream` `[paths, steps, terms]`.
#[cube(launch, address_type = "dynamic")]
pub(crate) fn forward_kernel<F: Float, O: Float, A: Float>(
    path: &Tensor<F>,
    output: &mut [O],
    sizes: Sizes,
    #[comptime] block: Block,
    #[comptime] memory: Memory,
    #[comptime] stream: bool,
    #[define(F, O, A)] _dtypes: [ElemType; 3],
) {
    let unit = Unit::<F, A>::new(path, sizes, block, memory);
    let mut terms = Terms::<A>::zero(block);
    let room = unit.sizes.chunk;
    let buffer = unit.sizes.cube_paths * room * unit.width();
    let mut first = unit.place.first;
    let mut parity = 0usize;
    while first < unit.place.last {
        let count = min(room, unit.place.last - first);
        let steps = unit.steps(first, count, parity * buffer, room);
        if comptime!(memory.increments > 0) {
            unit.stage(&steps);
            sync_cube();
        }
        for offset in 0..count {
            if unit.place.active {
                let step = unit.step(&steps, offset);
                terms.walk::<F>(&unit, &step);
                if comptime!(stream) {
                    let to = (unit.place.path * unit.sizes.steps + step.index) * unit.sizes.terms;
                    terms.write::<F, O>(output, to, &unit);
                }
            }
        }
        first += count;
        parity = 1 - parity;
    }
    if comptime!(!stream) {
        if unit.place.active {
            let to =
                (unit.place.path * unit.sizes.segments + unit.place.segment) * unit.sizes.terms;
            terms.write::<F, O>(output, to, &unit);
        }
    }
}

#[cube]
impl<A: Float> Terms<A> {
    /// Takes the block a step on, and then the levels below it.
    fn walk<F: Float>(&mut self, unit: &Unit<F, A>, step: &Step) {
        let (depth, rows, cols) = comptime!((unit.block.depth, unit.block.rows, unit.block.cols));
        let z_col = unit.column_increments(step);
        if comptime!(depth == 1) {
            #[unroll]
            for c in 0..cols {
                self.top[c] += z_col[c];
            }
        } else {
            let z = unit.prefix_increments(step);
            let h_top = horner::<A>(&self.state.chain, &z, depth, comptime!(unit.block.prefix()))
                * reciprocal::<A>(2usize);
            #[unroll]
            for r in 0..rows {
                let h = self.state.row[r] + h_top * unit.row_increment(step, &z_col, r);
                #[unroll]
                for c in 0..cols {
                    self.top[comptime!(r * cols + c)] += h * z_col[c];
                }
            }
            self.state.walk::<F>(unit, step);
        }
    }
}
