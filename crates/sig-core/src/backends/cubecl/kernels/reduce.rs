//! Sums over the units of a cube, in the order of the units.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use super::place::{Place, Sizes};
use crate::backends::cubecl::plan::Block;

/// The sum of what all units of a path in this cube have put aside for the increments of `count`
/// steps, of which `last` is the first one that was put aside and the last in time: `gradient[tile,
/// path, step, channel]`.
#[cube]
pub(super) fn reduce<A: Float>(
    parts: &Shared<[A]>,
    gradient: &mut [A],
    last: usize,
    count: usize,
    place: &Place,
    sizes: &Sizes,
    #[comptime] block: Block,
) {
    let first_unit = place.tile * sizes.span;
    let used = min(sizes.span, sizes.units - first_unit);
    let entries = comptime!(block.entries());
    let (rows, cols) = comptime!((block.rows, block.cols));
    let mut i = UNIT_POS as usize;
    while i < sizes.cube_paths * count * sizes.channels {
        let letter = i % sizes.channels;
        let slot = (i / sizes.channels) % count;
        let in_cube = i / (sizes.channels * count);
        let path = place.first_path + in_cube;
        if path < sizes.paths {
            let units = Units {
                base: slot * entries * CUBE_DIM as usize + in_cube * sizes.span,
                first: first_unit,
                end: first_unit + used,
            };
            let col = comptime!(entries - cols) + letter % cols;
            let mut sum = units.sum::<A>(parts, col, 1, sizes.col_tiles, letter / cols);
            let mut stride = sizes.col_tiles;
            if comptime!(block.row_entries() > 0) {
                let row = comptime!(block.prefix()) + letter % rows;
                sum += units.sum::<A>(parts, row, stride, sizes.row_tiles, letter / rows);
            }
            stride *= sizes.row_tiles;
            #[unroll]
            for j in 0..comptime!(block.prefix()) {
                let entry = comptime!(block.prefix() - 1 - j);
                sum += units.sum::<A>(parts, entry, stride, sizes.channels, letter);
                stride *= sizes.channels;
            }
            let step = last - slot;
            let row = (place.tile * sizes.paths + path) * sizes.steps + step;
            gradient[row * sizes.channels + letter] = sum;
        }
        i += CUBE_DIM as usize;
    }
}

/// The units of a path in a cube, and where their parts of a step are.
#[derive(CubeType, Clone, Copy)]
struct Units {
    base: usize,
    first: usize,
    end: usize,
}

#[cube]
impl Units {
    /// The sum of an entry over the units that have a digit at the place `stride`, of so many
    /// digits.
    fn sum<A: Float>(
        &self,
        parts: &Shared<[A]>,
        entry: usize,
        stride: usize,
        digits: usize,
        digit: usize,
    ) -> A {
        let base = self.base + entry * CUBE_DIM as usize;
        let period = stride * digits;
        let mut sum = A::from_int(0);
        let mut run = self.first / period * period + digit * stride;
        while run < self.end {
            let mut unit = max(run, self.first);
            let end = min(run + stride, self.end);
            while unit < end {
                sum += parts[base + (unit - self.first)];
                unit += 1;
            }
            run += period;
        }
        sum
    }
}
