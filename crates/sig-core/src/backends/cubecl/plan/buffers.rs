//! The sizes of what a call allocates beside its results.

use super::{Plan, Problem};

impl Plan {
    /// The signatures of segments.
    pub(crate) fn segments_shape(&self, problem: &Problem) -> [usize; 3] {
        [problem.paths, self.segments, problem.terms()]
    }

    /// The products of the segments before each, and of those after each.
    pub(crate) fn around_shape(&self, problem: &Problem) -> [usize; 4] {
        [2, problem.paths, self.segments, problem.terms()]
    }

    /// The states that steps are walked from a second time.
    pub(crate) fn checkpoints_shape(&self, problem: &Problem) -> [usize; 5] {
        let checkpoints = self.segment_steps.div_ceil(self.block.checkpoint());
        let state = self.block.state();
        [problem.paths, self.segments, checkpoints, state, self.units]
    }

    /// The gradients of increments, a share a cube.
    pub(crate) fn increments_shape(&self, problem: &Problem) -> [usize; 4] {
        [self.tiles, problem.paths, problem.steps, problem.channels]
    }

    /// The gradients of the initial signature's levels below the top, a share a unit.
    #[cfg(feature = "cubecl-backend")]
    pub(crate) fn starts_shape(&self, problem: &Problem) -> [usize; 3] {
        [problem.paths, self.block.state().max(1), self.units]
    }
}
