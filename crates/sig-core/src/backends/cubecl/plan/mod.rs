//! How a launch is cut: from sizes and the limits of a device alone, so that it can be told without
//! one.

use crate::SignatureSpec;

mod buffers;
mod choose;
#[cfg(any(feature = "cubecl-backend", test))]
mod fits;
mod loops;
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
    pub(super) units: usize,
    pub(super) shared_bytes: usize,
    /// Cubes along the first two axes of a grid.
    pub(super) cubes: [usize; 2],
    pub(super) processors: Option<usize>,
    /// Bytes of the largest buffer.
    pub(super) buffer_bytes: usize,
    /// Iterations of loops that an invocation has in all, where it has not as many as it likes.
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

/// Shared memory of a kernel, in numbers: 0 increments if they are read from the paths, and 0 sums if
/// a unit sums up by itself what becomes a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Memory {
    pub(super) increments: usize,
    pub(super) parts: usize,
    pub(super) sums: usize,
}

impl Memory {
    /// All of it.
    #[cfg(any(feature = "cubecl-backend", test))]
    fn numbers(&self) -> usize {
        self.increments + self.parts + self.sums
    }
}

/// A launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) block: Block,
    pub(super) memory: Memory,
    /// Units of a cube.
    pub(super) cube: usize,
    /// Units of a path, and those of them in one cube.
    pub(super) units: usize,
    pub(super) span: usize,
    pub(super) row_tiles: usize,
    pub(super) col_tiles: usize,
    /// Paths of a cube, or cubes of a path.
    pub(super) cube_paths: usize,
    pub(super) tiles: usize,
    pub(super) segments: usize,
    pub(super) segment_steps: usize,
    /// Steps staged at once, forwards; steps of a reduction, backwards.
    pub(super) chunk: usize,
    /// Units that sum up side by side what becomes a number, backwards.
    pub(super) shares: usize,
    /// All cubes of the launch.
    pub(super) cubes: usize,
}

/// Which of the launches that go through the steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    Forward,
    Backward,
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
        match self.square || self.depth == 1 {
            true => 0,
            false => self.rows,
        }
    }

    /// Steps from one checkpoint to the next.
    pub(super) fn checkpoint(&self) -> usize {
        if self.state() <= 8 { 16 } else { 8 }
    }
}
