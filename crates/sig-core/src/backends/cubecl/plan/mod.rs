//! How a launch is cut: from the sizes of a call and the limits of a device alone.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use crate::SignatureSpec;

mod choose;
mod fits;
#[cfg(test)]
mod tests;

/// A call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) paths: usize,
    pub(super) steps: usize,
    pub(super) channels: usize,
    pub(super) depth: usize,
    pub(super) stream: bool,
    /// Bytes of a number that is computed with.
    pub(super) bytes: usize,
}

impl Problem {
    /// Terms of a signature.
    pub(super) fn terms(&self) -> usize {
        SignatureSpec::new(self.channels, self.depth).terms()
    }

    /// Whether time can be cut into segments.
    fn can_be_split(&self) -> bool {
        !self.stream && self.depth > 1
    }

    /// Segments of each path whose products fit into a buffer.
    fn segments_in(&self, buffer_bytes: usize) -> usize {
        let products = 2 * self.paths * self.terms();
        buffer_bytes / products.saturating_mul(self.bytes)
    }
}

/// What a device allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    /// Units of a cube.
    pub(super) units: usize,
    pub(super) shared_bytes: usize,
    /// Cubes along the first two axes of a grid.
    pub(super) cubes: [usize; 2],
    pub(super) processors: Option<usize>,
    /// Bytes of the largest buffer.
    pub(super) buffer_bytes: usize,
    /// Iterations of all loops of a unit, if the device leaves its loops after so many.
    pub(super) loops: Option<usize>,
}

/// What a unit owns, known when a kernel is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Block {
    pub(super) depth: usize,
    /// Letters before the last, and last letters.
    pub(super) rows: usize,
    pub(super) cols: usize,
    /// Whether these are all letters.
    pub(super) square: bool,
    /// Whether paths are cut into segments.
    pub(super) split: bool,
}

impl Block {
    /// Letters of the prefix.
    pub(super) fn prefix(&self) -> usize {
        self.depth.saturating_sub(2)
    }

    /// Numbers of the state below the top.
    pub(super) fn state(&self) -> usize {
        self.prefix() + self.state_rows()
    }

    /// Those of them that belong to rows.
    pub(super) fn state_rows(&self) -> usize {
        if self.depth == 1 { 0 } else { self.rows }
    }

    /// Numbers that a unit puts aside for the gradient of an increment: of the letters of its
    /// prefix, of its rows unless they are added to those of its columns, and of its columns.
    pub(super) fn entries(&self) -> usize {
        self.prefix() + self.row_entries() + self.cols
    }

    pub(super) fn row_entries(&self) -> usize {
        if self.square { 0 } else { self.state_rows() }
    }

    /// Steps from one checkpoint to the next.
    pub(super) fn checkpoint(&self) -> usize {
        if self.state() <= 8 { 16 } else { 8 }
    }
}

/// Shared memory of a kernel, in numbers: 0 increments if they are read from the paths, and 0 sums if
/// a unit sums up by itself what becomes a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Memory {
    pub(super) increments: usize,
    pub(super) parts: usize,
    pub(super) sums: usize,
}

/// The sizes of a launch, which a kernel reads when it runs.
#[derive(CubeLaunch, CubeType, Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sizes {
    pub(super) paths: usize,
    pub(super) steps: usize,
    pub(super) channels: usize,
    pub(super) terms: usize,
    /// Units of a path, and those of them in one cube.
    pub(super) units: usize,
    pub(super) span: usize,
    /// Tiles of the letter before the last, and of the last.
    pub(super) row_tiles: usize,
    pub(super) col_tiles: usize,
    /// Paths of a cube, or cubes of a path.
    pub(super) cube_paths: usize,
    pub(super) tiles: usize,
    /// Segments that the time of a path is cut into, and steps of one.
    pub(super) segments: usize,
    pub(super) segment_steps: usize,
    /// Steps staged at once, forwards; steps of a reduction, backwards.
    pub(super) chunk: usize,
    /// Units that sum up side by side what becomes a number, backwards.
    pub(super) shares: usize,
}

impl Sizes {
    /// As an argument of a kernel.
    pub(super) fn launch(self) -> SizesLaunch {
        SizesLaunch::new(
            self.paths,
            self.steps,
            self.channels,
            self.terms,
            self.units,
            self.span,
            self.row_tiles,
            self.col_tiles,
            self.cube_paths,
            self.tiles,
            self.segments,
            self.segment_steps,
            self.chunk,
            self.shares,
        )
    }
}

/// A launch that goes through the steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) block: Block,
    pub(super) memory: Memory,
    pub(super) sizes: Sizes,
    /// Units of a cube.
    pub(super) cube: usize,
    /// All cubes of the launch.
    pub(super) cubes: usize,
}

/// Which of the launches that go through the steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    Forward,
    Backward,
}

/// What a call allocates beside its results.
impl Plan {
    /// The signatures of segments.
    pub(super) fn segments_shape(&self) -> [usize; 3] {
        [self.sizes.paths, self.sizes.segments, self.sizes.terms]
    }

    /// The products of the segments before each, and of those after each.
    pub(super) fn around_shape(&self) -> [usize; 4] {
        let [paths, segments, terms] = self.segments_shape();
        [2, paths, segments, terms]
    }

    /// The states that steps are walked from a second time.
    pub(super) fn checkpoints_shape(&self) -> [usize; 5] {
        let Sizes {
            paths,
            segments,
            segment_steps,
            units,
            ..
        } = self.sizes;
        let checkpoints = segment_steps.div_ceil(self.block.checkpoint());
        [paths, segments, checkpoints, self.block.state(), units]
    }

    /// The gradients of increments, a share per cube.
    pub(super) fn increments_shape(&self) -> [usize; 4] {
        let Sizes {
            tiles,
            paths,
            steps,
            channels,
            ..
        } = self.sizes;
        [tiles, paths, steps, channels]
    }
}
