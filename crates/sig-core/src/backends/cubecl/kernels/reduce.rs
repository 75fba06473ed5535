//! Sums over the units of a cube, in the order of the units.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use super::place::{Place, Sizes};
use crate::backends::cubecl::plan::{Block, Memory};

/// The sum of what all units of a path in this cube have put aside for the increments of `count`
/// steps, of which `last` is the first one that was put aside and the last in time: `gradient[tile,
/// path, step, channel]`.
///
/// Begins when all have put aside; nobody reads that any more when it ends. A unit sums up a number,
/// or with `sums` a share of it, from which another then sums up the number.
#[cube]
pub(super) fn reduce<A: Float>(
    parts: &Shared<[A]>,
    sums: &mut Shared<[A]>,
    gradient: &mut [A],
    last: usize,
    count: usize,
    place: &Place,
    sizes: &Sizes,
    #[comptime] block: Block,
    #[comptime] memory: Memory,
) {
    let numbers = sizes.cube_paths * count * sizes.channels;
    let unit = UNIT_POS as usize;
    if comptime!(memory.sums == 0) {
        let mut i = unit;
        while i < numbers {
            let number = number(i, last, count, place, sizes);
            if number.path < sizes.paths {
                let sum = sum::<A>(parts, &number, 0usize, place, sizes, block, memory);
                gradient[number.to] = sum;
            }
            i += CUBE_DIM as usize;
        }
        sync_cube();
    } else {
        if unit < numbers * sizes.shares {
            let number = number(unit / sizes.shares, last, count, place, sizes);
            let share = unit % sizes.shares;
            sums[unit] = sum::<A>(parts, &number, share, place, sizes, block, memory);
        }
        sync_cube();
        if unit < numbers {
            let number = number(unit, last, count, place, sizes);
            let mut sum = A::from_int(0);
            for share in 0..sizes.shares {
                sum += sums[unit * sizes.shares + share];
            }
            if number.path < sizes.paths {
                gradient[number.to] = sum;
            }
        }
    }
}

/// What is summed up.
#[derive(CubeType, Clone, Copy)]
struct Number {
    letter: usize,
    /// Which of the steps, and which of the cube's paths.
    slot: usize,
    in_cube: usize,
    path: usize,
    /// Where it goes.
    to: usize,
}

#[cube]
fn number(i: usize, last: usize, count: usize, place: &Place, sizes: &Sizes) -> Number {
    let letter = i % sizes.channels;
    let slot = (i / sizes.channels) % count;
    let in_cube = i / (sizes.channels * count);
    let path = place.first_path + in_cube;
    let row = (place.tile * sizes.paths + path) * sizes.steps + last - slot;
    Number {
        letter,
        slot,
        in_cube,
        path,
        to: row * sizes.channels + letter,
    }
}

/// The sum of a number, or a share of it.
#[cube]
fn sum<A: Float>(
    parts: &Shared<[A]>,
    number: &Number,
    share: usize,
    place: &Place,
    sizes: &Sizes,
    #[comptime] block: Block,
    #[comptime] memory: Memory,
) -> A {
    let entries = comptime!(block.entries());
    let (rows, cols) = comptime!((block.rows, block.cols));
    let letter = number.letter;
    let first = place.tile * sizes.span;
    let units = Units {
        base: number.slot * entries * CUBE_DIM as usize + number.in_cube * sizes.span,
        first,
        end: first + min(sizes.span, sizes.units - first),
        share,
        shares: sizes.shares,
    };
    let col = comptime!(entries - cols) + letter % cols;
    let mut sum = units.sum::<A>(parts, col, 1, sizes.col_tiles, letter / cols, memory);
    let mut stride = sizes.col_tiles;
    if comptime!(block.row_entries() > 0) {
        let row = comptime!(block.prefix()) + letter % rows;
        sum += units.sum::<A>(parts, row, stride, sizes.row_tiles, letter / rows, memory);
    }
    stride *= sizes.row_tiles;
    #[unroll]
    for j in 0..comptime!(block.prefix()) {
        let entry = comptime!(block.prefix() - 1 - j);
        sum += units.sum::<A>(parts, entry, stride, sizes.channels, letter, memory);
        stride *= sizes.channels;
    }
    sum
}

/// The units of a path in a cube, and where their parts of a step are.
#[derive(CubeType, Clone, Copy)]
struct Units {
    base: usize,
    first: usize,
    end: usize,
    share: usize,
    shares: usize,
}

#[cube]
impl Units {
    /// The sum of an entry over the units that have a digit at the place `stride`, of so many
    /// digits; with sums over the share of them.
    fn sum<A: Float>(
        &self,
        parts: &Shared<[A]>,
        entry: usize,
        stride: usize,
        digits: usize,
        digit: usize,
        #[comptime] memory: Memory,
    ) -> A {
        let base = self.base + entry * CUBE_DIM as usize;
        let period = stride * digits;
        let low = digit * stride;
        let mut sum = A::from_int(0);
        if comptime!(memory.sums == 0) {
            let mut run = self.first / period * period + low;
            while run < self.end {
                let mut unit = max(run, self.first);
                let end = min(run + stride, self.end);
                while unit < end {
                    sum += parts[base + (unit - self.first)];
                    unit += 1;
                }
                run += period;
            }
        } else {
            let end = before(self.end, stride, period, low);
            let mut i = before(self.first, stride, period, low) + self.share;
            while i < end {
                let unit = i / stride * period + low + i % stride;
                sum += parts[base + (unit - self.first)];
                i += self.shares;
            }
        }
        sum
    }
}

/// Units before `unit` that have the digit.
#[cube]
fn before(unit: usize, stride: usize, period: usize, low: usize) -> usize {
    let into = min(max(unit % period, low), low + stride) - low;
    unit / period * stride + into
}
