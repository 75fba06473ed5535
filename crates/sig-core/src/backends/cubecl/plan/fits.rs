//! Whether a device has room for a launch, or why not.

use super::{Limits, Pass, Plan, Problem, Sizes};

impl Plan {
    /// Iterations of loops that a unit goes through per step, at most: a generous bound, which does
    /// not ask where the unit's words lie in the cube.
    pub(crate) fn loops_per_step(&self, pass: Pass) -> usize {
        let Sizes {
            channels,
            span,
            col_tiles,
            cube_paths,
            chunk,
            shares,
            ..
        } = self.sizes;
        let per_unit = |numbers: usize| numbers.div_ceil(self.cube);
        let staged = cube_paths * self.block.cols * col_tiles;
        if pass == Pass::Forward {
            // The channels that the unit stages, its step, and the ends of these loops.
            return per_unit(staged) + 5;
        }
        // From a checkpoint to the next, twice: what the unit stages, its steps, and the ends of
        // these loops. The second time the loops of the sums are passed over after each step, which
        // counts, too.
        let (letters, every) = (self.block.depth, self.block.checkpoint());
        let walk = per_unit(staged * every) + every + 3;
        let sums_of_a_number = 1 + usize::from(self.block.row_entries() > 0) + self.block.prefix();
        let passed_over = 2 * sums_of_a_number + 2;
        let walks = 2 * walk + (every + 1) * passed_over;
        // A number is a sum per letter of a word, over the units of the cube that have the letter,
        // which may be all for the last two letters. Units share it, or go through it in runs.
        let sums = if shares > 1 {
            letters * (span.div_ceil(shares) + 2) + shares + 1
        } else {
            let prefix = letters.saturating_sub(2) * (span.div_ceil(channels) + 2);
            per_unit(cube_paths * chunk * channels) * (1 + 3 * (2 * (span + 2) + prefix))
        };
        walks.div_ceil(every) + sums.div_ceil(chunk)
    }

    /// Iterations of loops that a unit goes through in one of the launches, at most.
    fn loops(&self, pass: Pass) -> usize {
        let steps = self
            .sizes
            .segment_steps
            .saturating_mul(self.loops_per_step(pass));
        steps.max(self.sizes.tiles).max(self.sizes.segments)
    }
}

impl Limits {
    /// A grid of so many cubes, folded into two axes.
    pub(crate) fn grid(&self, cubes: usize) -> Result<[u32; 2], String> {
        let x = cubes.min(self.cubes[0]).max(1);
        let y = cubes.div_ceil(x);
        if y > self.cubes[1] {
            return Err(format!(
                "{cubes} cubes are more than the grid of {} x {} that the device has; lower the \
                 depth, the number of channels or the batch",
                self.cubes[0], self.cubes[1]
            ));
        }
        Ok([x as u32, y as u32])
    }

    /// A buffer of numbers of so many bytes.
    pub(crate) fn buffer(&self, what: &str, shape: &[usize], bytes: usize) -> Result<(), String> {
        let total = shape
            .iter()
            .try_fold(bytes, |all, size| all.checked_mul(*size));
        if total.is_some_and(|total| total <= self.buffer_bytes) {
            return Ok(());
        }
        let sizes: Vec<_> = shape.iter().map(usize::to_string).collect();
        let total = total.map_or("more than can be addressed".into(), |total| {
            format!("{total} bytes")
        });
        Err(format!(
            "{what}, {} numbers of {bytes} bytes, are {total}, and the largest buffer of the device \
             has {} bytes; lower the batch, the length, the depth or the number of channels",
            sizes.join(" x "),
            self.buffer_bytes
        ))
    }

    /// What a unit and a cube of a plan need.
    pub(crate) fn plan(&self, plan: &Plan, problem: &Problem, pass: Pass) -> Result<(), String> {
        let memory = &plan.memory;
        let shared = (memory.increments + memory.parts + memory.sums) * problem.bytes;
        if shared > self.shared_bytes {
            return Err(format!(
                "a cube of {} units takes {shared} bytes of shared memory, and the device has {}; \
                 lower the depth or the number of channels",
                plan.cube, self.shared_bytes
            ));
        }
        let loops = plan.loops(pass);
        match self.loops {
            Some(most) if loops > most => Err(format!(
                "a unit runs through up to {loops} iterations of loops, and the device leaves all \
                 loops after {most}; shorten the path, lower the depth or use \
                 SignatureMethod::Parallel"
            )),
            _ => Ok(()),
        }
    }
}
