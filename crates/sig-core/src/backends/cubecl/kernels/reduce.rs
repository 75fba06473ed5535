//! Sums over the units of a cube, in the order of the units.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use super::unit::Unit;
use crate::backends::cubecl::plan::{Block, Memory};

/// What the units of a cube put aside for the gradients of the increments of some steps.
#[derive(CubeType)]
pub(super) struct Parts<A: Float> {
    parts: Shared<[A]>,
    sums: Shared<[A]>,
    #[cube(comptime)]
    block: Block,
    #[cube(comptime)]
    memory: Memory,
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

/// The units of a path in a cube, where their parts of a step are, and which share of them is summed
/// up.
#[derive(CubeType, Clone, Copy)]
struct Units {
    base: usize,
    first: usize,
    end: usize,
    share: usize,
    shares: usize,
}

#[cube]
impl<A: Float> Parts<A> {
    pub(super) fn new(#[comptime] block: Block, #[comptime] memory: Memory) -> Self {
        Parts::<A> {
            parts: Shared::<[A]>::new_slice(comptime!(memory.parts)),
            sums: Shared::<[A]>::new_slice(comptime!(memory.sums.max(1))),
            block,
            memory,
        }
    }

    /// Puts an entry of a unit aside, for the step of a slot.
    pub(super) fn put(&mut self, slot: usize, entry: usize, value: A) {
        let at = (slot * comptime!(self.block.entries()) + entry) * CUBE_DIM as usize;
        self.parts[at + UNIT_POS as usize] = value;
    }

    /// The sum of what all units of a path in this cube have put aside for the increments of `count`
    /// steps, of which `last` is the first one that was put aside and the last in time:
    /// `gradient[tile, path, step, channel]`.
    ///
    /// Begins when all have put aside; nobody reads that any more when it ends. A unit sums up a
    /// number, or with `sums` a share of it, from which another then sums up the number.
    pub(super) fn reduce<F: Float>(
        &mut self,
        gradient: &mut [A],
        last: usize,
        count: usize,
        unit: &Unit<F, A>,
    ) {
        let numbers = unit.sizes.cube_paths * count * unit.sizes.channels;
        let position = UNIT_POS as usize;
        if comptime!(self.memory.sums == 0) {
            let mut i = position;
            while i < numbers {
                let number = number::<F, A>(i, last, count, unit);
                if number.path < unit.sizes.paths {
                    gradient[number.to] = self.sum::<F>(&number, 0usize, unit);
                }
                i += CUBE_DIM as usize;
            }
            sync_cube();
        } else {
            let shares = unit.sizes.shares;
            if position < numbers * shares {
                let number = number::<F, A>(position / shares, last, count, unit);
                self.sums[position] = self.sum::<F>(&number, position % shares, unit);
            }
            sync_cube();
            if position < numbers {
                let number = number::<F, A>(position, last, count, unit);
                let mut sum = A::from_int(0);
                for share in 0..shares {
                    sum += self.sums[position * shares + share];
                }
                if number.path < unit.sizes.paths {
                    gradient[number.to] = sum;
                }
            }
        }
    }

    /// The sum of a number, or a share of it.
    fn sum<F: Float>(&self, number: &Number, share: usize, unit: &Unit<F, A>) -> A {
        let sizes = &unit.sizes;
        let (entries, prefix) = comptime!((self.block.entries(), self.block.prefix()));
        let (rows, cols) = comptime!((self.block.rows, self.block.cols));
        let letter = number.letter;
        let first = unit.place.tile * sizes.span;
        let units = Units {
            base: number.slot * entries * CUBE_DIM as usize + number.in_cube * sizes.span,
            first,
            end: first + min(sizes.span, sizes.units - first),
            share,
            shares: sizes.shares,
        };
        let col = comptime!(entries - cols) + letter % cols;
        let mut sum = self.sum_of_digit(col, &units, 1, sizes.col_tiles, letter / cols);
        let mut stride = sizes.col_tiles;
        if comptime!(self.block.row_entries() > 0) {
            let row = prefix + letter % rows;
            sum += self.sum_of_digit(row, &units, stride, sizes.row_tiles, letter / rows);
        }
        stride *= sizes.row_tiles;
        #[unroll]
        for j in 0..prefix {
            let entry = comptime!(prefix - 1 - j);
            sum += self.sum_of_digit(entry, &units, stride, sizes.channels, letter);
            stride *= sizes.channels;
        }
        sum
    }

    /// The sum of an entry over the units that have a digit at the place `stride`, of so many
    /// digits; with sums over the share of them.
    fn sum_of_digit(
        &self,
        entry: usize,
        units: &Units,
        stride: usize,
        digits: usize,
        digit: usize,
    ) -> A {
        let base = units.base + entry * CUBE_DIM as usize;
        let period = stride * digits;
        let low = digit * stride;
        let mut sum = A::from_int(0);
        if comptime!(self.memory.sums == 0) {
            let mut run = units.first / period * period + low;
            while run < units.end {
                let mut unit = max(run, units.first);
                let end = min(run + stride, units.end);
                while unit < end {
                    sum += self.parts[base + (unit - units.first)];
                    unit += 1;
                }
                run += period;
            }
        } else {
            let end = before(units.end, stride, period, low);
            let mut i = before(units.first, stride, period, low) + units.share;
            while i < end {
                let unit = i / stride * period + low + i % stride;
                sum += self.parts[base + (unit - units.first)];
                i += units.shares;
            }
        }
        sum
    }
}

#[cube]
fn number<F: Float, A: Float>(i: usize, last: usize, count: usize, unit: &Unit<F, A>) -> Number {
    let channels = unit.sizes.channels;
    let letter = i % channels;
    let slot = (i / channels) % count;
    let in_cube = i / (channels * count);
    let path = unit.place.first_path + in_cube;
    let row = (unit.place.tile * unit.sizes.paths + path) * unit.sizes.steps + last - slot;
    Number {
        letter,
        slot,
        in_cube,
        path,
        to: row * channels + letter,
    }
}

/// Units before `unit` that have the digit.
#[cube]
fn before(unit: usize, stride: usize, period: usize, low: usize) -> usize {
    let into = min(max(unit % period, low), low + stride) - low;
    unit / period * stride + into
}
