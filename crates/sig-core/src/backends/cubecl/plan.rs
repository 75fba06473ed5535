//! How a launch is cut: from sizes and the limits of a device alone, so that it can be told without
//! one.

/// Bytes of shared memory that a cube takes at most; all of it everywhere, and on large GPUs still
/// room for several cubes a processor.
const SHARED_BYTES: usize = 16 << 10;

/// Letters of a tile of the last letter, and numbers that a unit keeps of its rows and their
/// blocks.
const MOST_COLS: usize = 16;
const MOST_REGISTERS: usize = 80;

/// Units that a processor needs to be busy, and processors of a device that does not tell.
const UNITS_A_PROCESSOR: usize = 128;
const UNKNOWN_PROCESSORS: usize = 64;

/// Segments that a device must have room for to be worth the traffic of joining them; steps of one
/// at least, and segments of a path at most.
const LEAST_WANTED: usize = 4;
const LEAST_STEPS: usize = 32;
const MOST_SEGMENTS: usize = 64;

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

/// What a device allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) units: usize,
    pub(super) shared_bytes: usize,
    /// Cubes along the first two axes of a grid.
    pub(super) cubes: [usize; 2],
    pub(super) processors: Option<usize>,
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

/// Shared memory of a kernel, in numbers: 0 increments if they are read from the paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Memory {
    pub(super) increments: usize,
    pub(super) parts: usize,
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
    /// All cubes of the launch.
    pub(super) cubes: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pass {
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

impl Plan {
    pub(super) fn forward(problem: &Problem, limits: &Limits) -> Self {
        Self::new(problem, limits, Pass::Forward)
    }

    pub(super) fn backward(problem: &Problem, limits: &Limits) -> Self {
        Self::new(problem, limits, Pass::Backward)
    }

    fn new(problem: &Problem, limits: &Limits, pass: Pass) -> Self {
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
        let (segments, segment_steps) = match problem.stream || depth == 1 {
            true => (1, steps),
            false => cut(steps, (2 * processors) / (groups * tiles)),
        };
        block.split = segments > 1;
        let increments = if room_for == 0 { 0 } else { room };
        let chunk = match pass {
            Pass::Forward if increments == 0 => segment_steps,
            Pass::Forward => (room / (2 * cube_paths * width)).min(segment_steps),
            Pass::Backward => (parts / (block.entries() * cube)).max(1),
        };
        Self {
            block,
            memory: Memory { increments, parts },
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
            cubes: groups * tiles * segments,
        }
    }
}

impl Plan {
    /// The same with another cut of time.
    pub(super) fn with_segments(
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

/// Segments and steps of one, for so many segments at most; whole checkpoints each.
fn cut(steps: usize, wanted: usize) -> (usize, usize) {
    let segments = wanted.min(MOST_SEGMENTS).min(steps / LEAST_STEPS);
    if wanted < LEAST_WANTED || segments < 2 {
        return (1, steps);
    }
    let segment_steps = steps.div_ceil(segments).next_multiple_of(16);
    (steps.div_ceil(segment_steps), segment_steps)
}

/// A grid of so many cubes, folded into two axes, or nothing if the device has no such grid.
#[cfg(any(feature = "cubecl-backend", test))]
pub(super) fn grid(cubes: usize, limits: &Limits) -> Option<[u32; 2]> {
    let x = cubes.min(limits.cubes[0]).max(1);
    let y = cubes.div_ceil(x);
    (y <= limits.cubes[1]).then_some([x as u32, y as u32])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What wgpu asks for by default, and devices as their makers describe them.
    const WGPU_DEFAULT: Limits = limits(256, 16 << 10, 65_535, None);
    const RTX_3090: Limits = limits(1024, 48 << 10, 2_147_483_647, Some(82));
    const H100: Limits = limits(1024, 48 << 10, 2_147_483_647, Some(132));
    const APPLE: Limits = limits(1024, 32 << 10, 65_535, Some(10));
    const ADRENO: Limits = limits(128, 16 << 10, 65_535, Some(4));
    const DEVICES: [Limits; 5] = [WGPU_DEFAULT, RTX_3090, H100, APPLE, ADRENO];

    const fn limits(
        units: usize,
        shared_bytes: usize,
        cubes: usize,
        processors: Option<usize>,
    ) -> Limits {
        Limits {
            units,
            shared_bytes,
            cubes: [cubes, 65_535],
            processors,
        }
    }

    fn problem([paths, length, channels, depth]: [usize; 4]) -> Problem {
        Problem {
            paths,
            steps: length - 1,
            channels,
            depth,
            stream: false,
            bytes: 4,
        }
    }

    fn problems() -> Vec<Problem> {
        let mut problems = Vec::new();
        for channels in (1..=24).chain([31, 100, 1100]) {
            for depth in 1..=8 {
                if (channels as f64).powi(depth as i32) > 1e7 {
                    continue;
                }
                for (paths, length) in [(1, 2), (1, 5000), (7, 33), (128, 100), (2000, 17)] {
                    for (stream, bytes) in [(false, 4), (true, 4), (false, 8)] {
                        let problem = problem([paths, length, channels, depth]);
                        problems.push(Problem {
                            stream,
                            bytes,
                            ..problem
                        });
                    }
                }
            }
        }
        problems
    }

    /// Every term has one unit, every step one segment, and nothing exceeds what a device has.
    #[test]
    fn plans_cover_the_problem_within_the_limits() {
        for device in DEVICES {
            for problem in problems() {
                let passes = [
                    Plan::forward(&problem, &device),
                    Plan::backward(&problem, &device),
                ];
                for plan in passes {
                    check(&plan, &problem, &device);
                }
            }
        }
    }

    fn check(plan: &Plan, problem: &Problem, device: &Limits) {
        let place = format!("{problem:?} on {device:?}: {plan:?}");
        let Problem {
            paths,
            steps,
            channels,
            depth,
            ..
        } = *problem;
        let Block { rows, cols, .. } = plan.block;

        let prefixes = channels.pow(depth.saturating_sub(2) as u32);
        assert_eq!(
            plan.units,
            prefixes * plan.row_tiles * plan.col_tiles,
            "{place}"
        );
        let letters = if depth > 1 { channels } else { 1 };
        assert_eq!(rows * plan.row_tiles, letters, "{place}");
        assert!(cols * plan.col_tiles >= channels, "{place}");
        assert!(cols * (plan.col_tiles - 1) < channels, "{place}");
        assert!(rows * (cols + 1) <= MOST_REGISTERS, "{place}");

        assert!(plan.span * plan.cube_paths <= plan.cube, "{place}");
        assert!(plan.span * plan.tiles >= plan.units, "{place}");
        assert!(plan.cube_paths == 1 || plan.tiles == 1, "{place}");
        assert!(
            plan.cube <= device.units && plan.cube.is_power_of_two(),
            "{place}"
        );
        let groups = paths.div_ceil(plan.cube_paths);
        assert_eq!(plan.cubes, groups * plan.tiles * plan.segments, "{place}");
        assert!(grid(plan.cubes, device).is_some(), "{place}");

        assert!(plan.segments * plan.segment_steps >= steps, "{place}");
        assert!((plan.segments - 1) * plan.segment_steps < steps, "{place}");
        assert!(plan.segments == 1 || !problem.stream, "{place}");
        assert_eq!(plan.block.split, plan.segments > 1, "{place}");

        let Memory { increments, parts } = plan.memory;
        assert!(
            (increments + parts) * problem.bytes <= device.shared_bytes,
            "{place}"
        );
        assert!(plan.chunk > 0, "{place}");
        let width = cols * plan.col_tiles;
        match parts {
            0 => assert!(
                increments == 0 || 2 * plan.cube_paths * plan.chunk * width <= increments,
                "{place}"
            ),
            _ => {
                let staged = plan.cube_paths * plan.block.checkpoint() * width;
                assert!(increments == 0 || staged <= increments, "{place}");
                assert!(
                    plan.chunk * plan.block.entries() * plan.cube <= parts,
                    "{place}"
                );
            }
        }
    }

    /// Five rows a unit where that keeps the device busy, one where it does not, segments where
    /// even that does not.
    #[test]
    fn cuts() {
        let plan = |sizes, device| Plan::forward(&problem(sizes), &device);
        let busy = plan([2048, 100, 5, 4], RTX_3090);
        assert_eq!((busy.units, busy.block.rows, busy.segments), (25, 5, 1));
        assert_eq!((busy.cube, busy.cube_paths), (64, 2));
        let few = plan([128, 100, 5, 4], RTX_3090);
        assert_eq!((few.units, few.block.rows), (125, 1));
        let one = plan([1, 5000, 3, 5], H100);
        assert_eq!((one.segments, one.segment_steps), (63, 80));
        let large = plan([1, 10, 24, 4], APPLE);
        assert_eq!((large.units, large.tiles, large.block.cols), (4608, 18, 12));
        assert_eq!(plan([4, 10, 1100, 2], WGPU_DEFAULT).memory.increments, 0);
    }

    /// Grids of more cubes than an axis has.
    #[test]
    fn grids() {
        assert_eq!(grid(1, &WGPU_DEFAULT), Some([1, 1]));
        assert_eq!(grid(65_535, &WGPU_DEFAULT), Some([65_535, 1]));
        assert_eq!(grid(65_536, &WGPU_DEFAULT), Some([65_535, 2]));
        assert_eq!(grid(usize::MAX, &WGPU_DEFAULT), None);
    }
}
