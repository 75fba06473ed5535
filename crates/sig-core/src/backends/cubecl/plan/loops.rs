//! Loop iterations of a unit.
//!
//! Mesa's driver for CPUs, llvmpipe, counts the iterations of all loops of an invocation and leaves
//! each of them from the 65 536th on. Where a device is like that a plan must do with fewer.

use super::{Pass, Plan, Problem};

/// Iterations of the loops in a piece of code.
///
/// The driver passes over code that no unit has anything to do in, such as the body of an `if` that
/// none takes or of a loop that all have ended, as if it were run: once through each loop in it.
#[derive(Clone, Copy)]
struct Loops {
    run: usize,
    passed_over: usize,
}

impl Loops {
    const NONE: Self = Self {
        run: 0,
        passed_over: 0,
    };

    fn then(self, next: Self) -> Self {
        Self {
            run: self.run + next.run,
            passed_over: self.passed_over + next.passed_over,
        }
    }

    /// In a loop: the look that ends it is an iteration, too.
    fn times(self, times: usize) -> Self {
        Self {
            run: times * (1 + self.run) + 1 + self.passed_over,
            passed_over: 1 + self.passed_over,
        }
    }

    /// In an `if` that is not taken.
    fn not_taken(self) -> Self {
        Self {
            run: self.passed_over,
            ..self
        }
    }
}

impl Plan {
    /// Iterations of all loops of a unit in the launch that goes through the steps, at most.
    pub(crate) fn loops(&self, problem: &Problem, pass: Pass) -> usize {
        match pass {
            Pass::Forward => self.forward_loops(),
            Pass::Backward => self.backward_loops(problem),
        }
    }

    /// In the launches that join segments and that finish a gradient.
    #[cfg(any(feature = "cubecl-backend", test))]
    pub(crate) fn loops_around(&self, problem: &Problem) -> usize {
        let sums = (self.units / problem.channels).max(self.col_tiles);
        let finish = [self.tiles, problem.depth, problem.depth, sums]
            .map(|times| Loops::NONE.times(times))
            .into_iter()
            .fold(Loops::NONE, Loops::then);
        finish.run.max(Loops::NONE.times(self.segments).run)
    }

    fn forward_loops(&self) -> usize {
        let chunks = self.segment_steps.div_ceil(self.chunk);
        let steps = Loops::NONE.times(self.chunk);
        self.stage(self.chunk).then(steps).times(chunks).run
    }

    fn backward_loops(&self, problem: &Problem) -> usize {
        let every = self.block.checkpoint();
        let checkpoints = self.segment_steps.div_ceil(every);
        let walk = self.stage(every).then(Loops::NONE.times(every));
        let reduction = self.reduction(problem.channels);
        // After most steps the reduction is passed over.
        let back = walk.then(reduction.not_taken().times(every));
        let reductions = self.segment_steps.div_ceil(self.chunk);
        walk.times(checkpoints).run
            + back.times(checkpoints).run
            + reductions * (reduction.run - reduction.passed_over)
    }

    /// Of staging the increments of so many steps.
    fn stage(&self, steps: usize) -> Loops {
        let width = self.block.cols * self.col_tiles;
        match self.memory.increments {
            0 => Loops::NONE,
            _ => Loops::NONE.times((self.cube_paths * steps * width).div_ceil(self.cube)),
        }
    }

    /// Of summing up what units have put aside.
    fn reduction(&self, channels: usize) -> Loops {
        let numbers = self.cube_paths * self.chunk * channels;
        match self.memory.sums {
            0 => {
                let sum = |runs, run| Loops::NONE.times(run).times(runs);
                self.sums(channels, sum).times(numbers.div_ceil(self.cube))
            }
            _ => {
                let share = |runs: usize, run: usize| {
                    Loops::NONE.times((runs * run).min(self.span).div_ceil(self.shares))
                };
                self.sums(channels, share)
                    .then(Loops::NONE.times(self.shares))
            }
        }
    }

    /// Of the sums of a number, each of which goes over `runs` of `run` units.
    fn sums(&self, channels: usize, of: impl Fn(usize, usize) -> Loops) -> Loops {
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
            sums = sums.then(sum(stride, self.row_tiles));
        }
        stride *= self.row_tiles;
        for _ in 0..self.block.prefix() {
            sums = sums.then(sum(stride, channels));
            stride *= channels;
        }
        sums
    }
}
