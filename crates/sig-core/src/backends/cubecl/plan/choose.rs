//! From a call and a device to a plan.

use super::{Block, Limits, Memory, Pass, Plan, Problem, Sizes};

/// Bytes of shared memory that a cube takes at most; all of it everywhere, and on large GPUs still
/// room for several cubes per processor.
const SHARED_BYTES: usize = 16 << 10;

/// Letters of a tile of the last letter, and numbers that a unit keeps of its rows and their
/// blocks.
const MOST_COLS: usize = 16;
pub(super) const MOST_REGISTERS: usize = 80;

/// Units that a processor needs to be busy, and processors of a device that does not tell.
const UNITS_PER_PROCESSOR: usize = 128;
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

    pub(crate) fn new(problem: &Problem, limits: &Limits, pass: Pass) -> Self {
        let &Problem {
            paths,
            steps,
            channels,
            ..
        } = problem;
        let processors = limits.processors.unwrap_or(UNKNOWN_PROCESSORS);
        let block = block(problem, processors);
        let (row_tiles, col_tiles) = tiles(&block, channels);
        let units = channels.pow(block.prefix() as u32) * row_tiles * col_tiles;

        let numbers = |share| limits.shared_bytes.min(SHARED_BYTES) / share / problem.bytes;
        let (room, parts) = match pass {
            Pass::Forward => (numbers(2), 0),
            Pass::Backward => (numbers(4), numbers(2)),
        };
        let mut most_units = limits.units;
        if pass == Pass::Backward {
            most_units = most_units.min(parts / block.entries());
        }
        let cube = cube(units, most_units, limits.units);
        let (tiles, span) = (units.div_ceil(cube), units.min(cube));
        // Steps that have to be in shared memory at once; forwards there are two buffers.
        let staged = match pass {
            Pass::Forward => 2,
            Pass::Backward => block.checkpoint(),
        };
        let width = block.cols * col_tiles;
        let room_for = room / (staged * width);
        let increments = if room_for == 0 { 0 } else { room };
        let cube_paths = (cube / span)
            .min(paths.div_ceil(2 * processors))
            .min(room_for)
            .max(1);
        let chunk = match pass {
            Pass::Forward if increments == 0 => steps,
            Pass::Forward => room / (2 * cube_paths * width),
            Pass::Backward => (parts / (block.entries() * cube)).max(1),
        };
        let shares = match pass {
            Pass::Forward => 1,
            Pass::Backward => {
                // What becomes a number, and the numbers that a cube has to sum up at once.
                let summed = block.entries() * span / channels;
                (cube / (cube_paths * chunk * channels)).clamp(1, summed.isqrt().max(1))
            }
        };
        let plan = Self {
            block,
            memory: Memory {
                increments,
                parts: match pass {
                    Pass::Forward => 0,
                    Pass::Backward => parts.max(block.entries() * cube),
                },
                sums: if shares > 1 { cube } else { 0 },
            },
            sizes: Sizes {
                paths,
                steps,
                channels,
                terms: problem.terms(),
                units,
                span,
                row_tiles,
                col_tiles,
                cube_paths,
                tiles,
                segments: 1,
                segment_steps: steps,
                chunk,
                shares,
            },
            cube,
            cubes: paths.div_ceil(cube_paths) * tiles,
        };
        plan.cut(problem, limits, processors, pass)
    }

    /// Cuts time into segments where the cubes are too few to keep the device busy, and where a unit
    /// would go through more iterations of loops than the device runs.
    fn cut(self, problem: &Problem, limits: &Limits, processors: usize, pass: Pass) -> Self {
        let steps = problem.steps;
        if !problem.can_be_split() {
            return self.with_segments_of(steps);
        }
        let wanted = (2 * processors / self.cubes).min(problem.segments_in(limits.buffer_bytes));
        let segments = wanted.min(MOST_SEGMENTS).min(steps / LEAST_STEPS);
        let mut segment_steps = steps;
        if wanted >= LEAST_WANTED && segments > 1 {
            segment_steps = steps.div_ceil(segments).next_multiple_of(WHOLE_CHECKPOINTS);
        }
        if let Some(loops) = limits.loops {
            segment_steps = segment_steps.min(loops / self.loops_per_step(pass));
        }
        self.with_segments_of(segment_steps.clamp(1, steps))
    }

    /// The same with another cut of time.
    pub(crate) fn with_segments_of(mut self, segment_steps: usize) -> Self {
        let sizes = &mut self.sizes;
        let segments = sizes.steps.div_ceil(segment_steps);
        self.cubes = self.cubes / sizes.segments * segments;
        self.block.split = segments > 1;
        (sizes.segments, sizes.segment_steps) = (segments, segment_steps);
        sizes.chunk = sizes.chunk.min(segment_steps);
        self
    }
}

/// Many rows per unit repeat less of the levels below; few are more units.
fn block(problem: &Problem, processors: usize) -> Block {
    let &Problem {
        paths,
        channels,
        depth,
        ..
    } = problem;
    let cols = channels.div_ceil(channels.div_ceil(MOST_COLS));
    let block = |rows| Block {
        depth,
        rows,
        cols,
        square: depth > 1 && rows == channels && cols == channels,
        split: false,
    };
    let most = block(most_rows(channels, cols, depth));
    let (row_tiles, col_tiles) = tiles(&most, channels);
    let units = channels.pow(most.prefix() as u32) * row_tiles * col_tiles;
    let busy = paths.saturating_mul(units) >= processors * UNITS_PER_PROCESSOR;
    if busy { most } else { block(1) }
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

/// Tiles of the letter before the last, and of the last.
fn tiles(block: &Block, channels: usize) -> (usize, usize) {
    let row_tiles = if block.depth > 1 {
        channels / block.rows
    } else {
        1
    };
    (row_tiles, channels.div_ceil(block.cols))
}

/// Units of a cube. Each size is a kernel of its own, so there are few.
fn cube(units: usize, most: usize, of_device: usize) -> usize {
    let mut sizes = [64, 128, 256].into_iter().filter(|&size| size <= most);
    let enough = sizes.clone().find(|&size| size >= units);
    // CubeCL's CPU runtime has as many units as there are threads.
    let few = || 32.min(1 << of_device.ilog2());
    enough.or(sizes.next_back()).unwrap_or_else(few)
}
