//! From a call and a device to a plan.

use super::{Block, Limits, Memory, Pass, Plan, Problem};

/// Bytes of shared memory that a cube takes at most; all of it everywhere, and on large GPUs still
/// room for several cubes a processor.
const SHARED_BYTES: usize = 16 << 10;

/// Letters of a tile of the last letter, and numbers that a unit keeps of its rows and their
/// blocks.
const MOST_COLS: usize = 16;
pub(super) const MOST_REGISTERS: usize = 80;

/// Units that a processor needs to be busy, and processors of a device that does not tell.
const UNITS_A_PROCESSOR: usize = 128;
const UNKNOWN_PROCESSORS: usize = 64;

/// Segments that a device must have room for to be worth the traffic of joining them; steps of one
/// at least, and segments of a path at most.
const LEAST_WANTED: usize = 4;
const LEAST_STEPS: usize = 32;
const MOST_SEGMENTS: usize = 64;

/// Steps that are a whole number of checkpoints, whatever the block.
const WHOLE_CHECKPOINTS: usize = 16;

impl Plan {
    pub(crate) fn forward(problem: &Problem, limits: &Limits) -> Self {
        Self::new(problem, limits, Pass::Forward)
    }

    pub(crate) fn backward(problem: &Problem, limits: &Limits) -> Self {
        Self::new(problem, limits, Pass::Backward)
    }

    pub(super) fn new(problem: &Problem, limits: &Limits, pass: Pass) -> Self {
        let &Problem {
            paths,
            steps,
            channels,
            depth,
            ..
        } = problem;
        let processors = limits.processors.unwrap_or(UNKNOWN_PROCESSORS);
        let col_tiles = channels.div_ceil(MOST_COLS);
        let cols = channels.div_ceil(col_tiles);
        let prefixes = channels.pow(depth.saturating_sub(2) as u32);
        let block = |rows| Block {
            depth,
            rows,
            cols,
            square: depth > 1 && rows == channels && cols == channels,
            split: false,
        };
        let row_tiles = |rows| if depth > 1 { channels / rows } else { 1 };
        let units = |rows| prefixes * row_tiles(rows) * col_tiles;
        // Many rows a unit repeat less of the levels below; few are more units.
        let most = most_rows(channels, cols, depth);
        let busy = paths.saturating_mul(units(most)) >= processors * UNITS_A_PROCESSOR;
        let rows = if busy { most } else { 1 };
        let (mut block, units, row_tiles) = (block(rows), units(rows), row_tiles(rows));

        let numbers = |share| limits.shared_bytes.min(SHARED_BYTES) / share / problem.bytes;
        let (room, parts) = match pass {
            Pass::Forward => (numbers(2), 0),
            Pass::Backward => (numbers(4), numbers(2)),
        };
        let mut most_units = limits.units.min(256);
        if pass == Pass::Backward {
            most_units = most_units.min(parts / block.entries());
        }
        let cube = cube(units, most_units);
        let (tiles, span) = (units.div_ceil(cube), units.min(cube));
        // Steps that have to be in shared memory at once; forwards there are two buffers.
        let staged = match pass {
            Pass::Forward => 2,
            Pass::Backward => block.checkpoint(),
        };
        let width = cols * col_tiles;
        let room_for = room / (staged * width);
        let cube_paths = (cube / span)
            .min(paths.div_ceil(2 * processors))
            .min(room_for)
            .max(1);

        let groups = paths.div_ceil(cube_paths);
        let (segments, segment_steps) = match problem.can_be_split() {
            false => (1, steps),
            true => {
                let wanted = (2 * processors) / (groups * tiles);
                cut(steps, wanted.min(problem.segments_in(limits.buffer_bytes)))
            }
        };
        block.split = segments > 1;
        let increments = if room_for == 0 { 0 } else { room };
        let chunk = match pass {
            Pass::Forward if increments == 0 => segment_steps,
            Pass::Forward => (room / (2 * cube_paths * width)).min(segment_steps),
            Pass::Backward => (parts / (block.entries() * cube)).max(1),
        };
        // What becomes a number, and the numbers that a cube has to sum up at once.
        let summed = block.entries() * span / channels;
        let shares = (cube / (cube_paths * chunk * channels)).min(summed.isqrt());
        let (shares, sums) = match pass == Pass::Backward && shares > 1 {
            false => (1, 0),
            true => (shares, cube),
        };
        let memory = Memory {
            increments,
            parts: parts.max(match pass {
                Pass::Forward => 0,
                Pass::Backward => block.entries() * cube,
            }),
            sums,
        };
        let plan = Self {
            block,
            memory,
            cube,
            units,
            span,
            row_tiles,
            col_tiles,
            cube_paths,
            tiles,
            segments,
            segment_steps,
            chunk,
            shares,
            cubes: groups * tiles * segments,
        };
        plan.within_loops(problem, limits, pass)
    }

    /// The same with so many segments that no unit runs through more loops than the device has, or
    /// as many as there can be.
    fn within_loops(self, problem: &Problem, limits: &Limits, pass: Pass) -> Self {
        let mut plan = self;
        let Some(most) = limits.loops.filter(|_| problem.can_be_split()) else {
            return plan;
        };
        while plan.loops(problem, pass) > most && plan.segment_steps > WHOLE_CHECKPOINTS {
            let segment_steps = (plan.segment_steps / 2).next_multiple_of(WHOLE_CHECKPOINTS);
            let segments = problem.steps.div_ceil(segment_steps);
            plan = plan.with_segments(segments, segment_steps, problem);
        }
        plan
    }

    /// The same with another cut of time.
    pub(crate) fn with_segments(
        mut self,
        segments: usize,
        segment_steps: usize,
        problem: &Problem,
    ) -> Self {
        self.block.split = segments > 1;
        (self.segments, self.segment_steps) = (segments, segment_steps);
        self.chunk = self.chunk.min(segment_steps);
        self.cubes = problem.paths.div_ceil(self.cube_paths) * self.tiles * segments;
        self
    }
}

/// The largest divisor of the channels with which a unit's numbers stay in registers.
fn most_rows(channels: usize, cols: usize, depth: usize) -> usize {
    if depth == 1 {
        return 1;
    }
    let fits = |rows: &usize| channels.is_multiple_of(*rows) && rows * (cols + 1) <= MOST_REGISTERS;
    (1..=channels.min(MOST_REGISTERS))
        .rev()
        .find(fits)
        .unwrap_or(1)
}

/// Units of a cube. Each size is a kernel of its own, so there are few.
fn cube(units: usize, most: usize) -> usize {
    [64, 128, 256]
        .into_iter()
        .filter(|&size| size <= most)
        .find(|&size| size >= units)
        .unwrap_or(match most {
            256.. => 256,
            128.. => 128,
            64.. => 64,
            _ => 32,
        })
}

/// Segments and steps of one, for so many segments at most.
fn cut(steps: usize, wanted: usize) -> (usize, usize) {
    let segments = wanted.min(MOST_SEGMENTS).min(steps / LEAST_STEPS);
    if wanted < LEAST_WANTED || segments < 2 {
        return (1, steps);
    }
    let segment_steps = steps.div_ceil(segments).next_multiple_of(WHOLE_CHECKPOINTS);
    (steps.div_ceil(segment_steps), segment_steps)
}
