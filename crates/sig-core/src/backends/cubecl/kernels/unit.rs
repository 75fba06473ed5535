//! What one unit of a launch works on, and the increments it reads.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use super::words::{Offsets, Words};
use crate::backends::cubecl::plan::{Block, Memory, Sizes};

/// Which part of the problem is a unit's.
#[derive(CubeType, Clone, Copy)]
pub(super) struct Place {
    /// Whether there is anything to do: the last cubes of a launch may be too large.
    pub(super) active: bool,
    /// The first path of the cube, and which of its paths is this unit's.
    pub(super) first_path: usize,
    pub(super) slot: usize,
    /// The path, the first one if there is nothing to do.
    pub(super) path: usize,
    pub(super) tile: usize,
    /// The unit of the path.
    pub(super) unit: usize,
    pub(super) segment: usize,
    /// The steps of the segment.
    pub(super) first: usize,
    pub(super) last: usize,
}

/// The cube's index in a grid that is folded into two axes.
#[cube]
pub(super) fn cube_index() -> usize {
    CUBE_POS_Y as usize * CUBE_COUNT_X as usize + CUBE_POS_X as usize
}

#[cube]
fn place(sizes: &Sizes) -> Place {
    let cube = cube_index();
    let tile = cube % sizes.tiles;
    let segment = (cube / sizes.tiles) % sizes.segments;
    let first_path = cube / (sizes.tiles * sizes.segments) * sizes.cube_paths;
    let slot = UNIT_POS as usize / sizes.span;
    let unit = tile * sizes.span + UNIT_POS as usize % sizes.span;
    let path = first_path + slot;
    let active = slot < sizes.cube_paths && path < sizes.paths && unit < sizes.units;
    let first = segment * sizes.segment_steps;
    Place {
        active,
        first_path,
        slot,
        path: select(active, path, 0),
        tile,
        unit: select(active, unit, 0),
        segment,
        first,
        last: min(first + sizes.segment_steps, sizes.steps),
    }
}

/// Steps whose increments are staged together.
#[derive(CubeType, Clone, Copy)]
pub(super) struct Steps {
    pub(super) first: usize,
    pub(super) count: usize,
    /// Where they start in shared memory, and room for steps there per path of the cube.
    base: usize,
    room: usize,
    /// Where those of the unit's path start.
    own: usize,
}

/// A step, and where its increments start in shared memory.
#[derive(CubeType, Clone, Copy)]
pub(super) struct Step {
    pub(super) index: usize,
    staged: usize,
}

/// A unit.
#[derive(CubeType)]
pub(super) struct Unit<'a, F: Float, A: Float> {
    path: &'a Tensor<F>,
    /// Increments, unless `memory` has no room for them.
    staged: Shared<[A]>,
    pub(super) place: Place,
    pub(super) words: Words,
    pub(super) sizes: Sizes,
    #[cube(comptime)]
    pub(super) block: Block,
    #[cube(comptime)]
    pub(super) memory: Memory,
}

#[cube]
impl<'a, F: Float, A: Float> Unit<'a, F, A> {
    pub(super) fn new(
        path: &'a Tensor<F>,
        sizes: Sizes,
        #[comptime] block: Block,
        #[comptime] memory: Memory,
    ) -> Self {
        let staged = Shared::<[A]>::new_slice(comptime!(memory.increments.max(1)));
        let place = place(&sizes);
        let words = Words::new(place.unit, &sizes, block);
        Unit::<'a, F, A> {
            path,
            staged,
            place,
            words,
            sizes,
            block,
            memory,
        }
    }

    pub(super) fn offsets(&self) -> Offsets {
        self.words.offsets(self.sizes.channels, self.block)
    }

    /// Channels, filled up to a whole number of tiles.
    pub(super) fn width(&self) -> usize {
        self.sizes.col_tiles * comptime!(self.block.cols)
    }

    /// Puts the increments of steps of all paths of the cube into shared memory, with zeros beyond
    /// the last channel. Whoever reads them waits for the cube first.
    pub(super) fn stage(&self, steps: &Steps) {
        let mut staged = self.staged.clone();
        let width = self.width();
        let mut i = UNIT_POS as usize;
        while i < self.sizes.cube_paths * steps.count * width {
            let channel = i % width;
            let offset = (i / width) % steps.count;
            let slot = i / (width * steps.count);
            let path = self.place.first_path + slot;
            if path < self.sizes.paths {
                let z = self.increment(path, steps.first + offset, channel);
                staged[steps.base + (slot * steps.room + offset) * width + channel] = z;
            }
            i += CUBE_DIM as usize;
        }
    }

    /// Steps that are to be staged from `base` of the shared memory on.
    pub(super) fn steps(&self, first: usize, count: usize, base: usize, room: usize) -> Steps {
        Steps {
            first,
            count,
            base,
            room,
            own: base + self.place.slot * room * self.width(),
        }
    }

    /// One of them.
    pub(super) fn step(&self, steps: &Steps, offset: usize) -> Step {
        Step {
            index: steps.first + offset,
            staged: steps.own + offset * self.width(),
        }
    }

    /// The increment of a channel, or 0 beyond the last one.
    fn increment(&self, path: usize, step: usize, channel: usize) -> A {
        let mut z = A::from_int(0);
        if channel < self.sizes.channels {
            let at = path * self.path.stride(0)
                + step * self.path.stride(1)
                + channel * self.path.stride(2);
            z = A::cast_from(self.path[at + self.path.stride(1)]) - A::cast_from(self.path[at]);
        }
        z
    }

    /// The same, of the unit's path and from shared memory where that has it.
    pub(super) fn read(&self, step: &Step, channel: usize) -> A {
        if comptime!(self.memory.increments > 0) {
            self.staged[step.staged + channel]
        } else {
            self.increment(self.place.path, step.index, channel)
        }
    }

    /// The increments of the letters of the prefix.
    pub(super) fn prefix_increments(&self, step: &Step) -> Array<A> {
        let mut z = Array::<A>::new(comptime!(self.block.prefix().max(1)));
        #[unroll]
        for k in 0..comptime!(self.block.prefix()) {
            z[k] = self.read(step, self.words.letters[k]);
        }
        z
    }

    /// The increments of the columns.
    pub(super) fn column_increments(&self, step: &Step) -> Array<A> {
        let mut z = Array::<A>::new(comptime!(self.block.cols));
        #[unroll]
        for c in 0..comptime!(self.block.cols) {
            z[c] = self.read(step, self.words.col + c);
        }
        z
    }

    /// The increment of a row, which may be one of the columns.
    pub(super) fn row_increment(
        &self,
        step: &Step,
        columns: &Array<A>,
        #[comptime] row: usize,
    ) -> A {
        if comptime!(self.block.square) {
            columns[row]
        } else {
            self.read(step, self.words.row + row)
        }
    }
}
