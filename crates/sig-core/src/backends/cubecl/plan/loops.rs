//! Loop iterations of a unit.
//!
//! Mesa's driver for CPUs, llvmpipe, counts the iterations of all loops of an invocation and leaves
//! each of them from the 65 536th on. Where a device is like that a plan must do with fewer.

use super::{Pass, Plan, Problem};

/// Iterations allowed for, for one that is counted, as a ratio: room for what a compiler adds.
const MARGIN: [usize; 2] = [5, 2];

impl Plan {
    /// Iterations of all loops of a unit in the launch that goes through the steps, at most.
    pub(crate) fn loops(&self, problem: &Problem, pass: Pass) -> usize {
        let loops = match pass {
            Pass::Forward => self.forward_loops(),
            Pass::Backward => self.backward_loops(problem),
        };
        loops * MARGIN[0] / MARGIN[1]
    }

    /// In the launches that join segments and that finish a gradient.
    #[cfg(any(feature = "cubecl-backend", test))]
    pub(crate) fn loops_around(&self, problem: &Problem) -> usize {
        let sums = (self.units / problem.channels).max(self.col_tiles);
        let finish = passes(self.tiles) + 2 * passes(problem.depth) + passes(sums);
        finish.max(passes(self.segments))
    }

    fn forward_loops(&self) -> usize {
        let chunks = self.segment_steps.div_ceil(self.chunk);
        nested(chunks, self.stage(self.chunk) + passes(self.chunk))
    }

    fn backward_loops(&self, problem: &Problem) -> usize {
        let every = self.block.checkpoint();
        let checkpoints = self.segment_steps.div_ceil(every);
        let walked = nested(checkpoints, self.stage(every) + passes(every));
        let back = nested(checkpoints, self.stage(every) + 2 * passes(every));
        walked + back + self.segment_steps.div_ceil(self.chunk) * self.reduction(problem.channels)
    }

    /// Of staging the increments of so many steps.
    fn stage(&self, steps: usize) -> usize {
        let width = self.block.cols * self.col_tiles;
        match self.memory.increments {
            0 => 0,
            _ => passes((self.cube_paths * steps * width).div_ceil(self.cube)),
        }
    }

    /// Of summing up what units have put aside.
    fn reduction(&self, channels: usize) -> usize {
        let numbers = self.cube_paths * self.chunk * channels;
        match self.memory.sums {
            0 => nested(
                numbers.div_ceil(self.cube),
                self.sums(channels, |runs, run| nested(runs, passes(run))),
            ),
            _ => {
                let of_share = |runs: usize, run: usize| {
                    passes((runs * run).min(self.span).div_ceil(self.shares))
                };
                self.sums(channels, of_share) + passes(self.shares)
            }
        }
    }

    /// Of the sums of a number, each of which goes over `runs` of `run` units.
    fn sums(&self, channels: usize, of: impl Fn(usize, usize) -> usize) -> usize {
        // The units that have a certain letter stand together, `stride` of them.
        let sum = |stride: usize, letters: usize| {
            // The units of a cube may begin in the middle of them.
            let begun = usize::from(self.tiles > 1);
            let runs = self.span.div_ceil(stride * letters) + begun;
            of(runs, stride.min(self.span))
        };
        let mut sums = sum(1, self.col_tiles);
        let mut stride = self.col_tiles;
        if self.block.row_entries() > 0 {
            sums += sum(stride, self.row_tiles);
        }
        stride *= self.row_tiles;
        for _ in 0..self.block.prefix() {
            sums += sum(stride, channels);
            stride *= channels;
        }
        sums
    }
}

/// Iterations of a loop that is passed through so many times: the look that ends it is one, too.
fn passes(times: usize) -> usize {
    times + 1
}

/// Iterations of a loop with others in it.
fn nested(times: usize, inner: usize) -> usize {
    times * inner + passes(times)
}
