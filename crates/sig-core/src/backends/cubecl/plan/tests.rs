use super::choose::MOST_REGISTERS;
use super::*;

/// What wgpu asks for by default, and devices as their makers describe them.
const WGPU_DEFAULT: Limits = limits(256, 16 << 10, 65_535, None);
const RTX_3090: Limits = limits(1024, 48 << 10, 2_147_483_647, Some(82));
const H100: Limits = limits(1024, 48 << 10, 2_147_483_647, Some(132));
const APPLE: Limits = limits(1024, 32 << 10, 65_535, Some(10));
const ADRENO: Limits = limits(128, 16 << 10, 65_535, Some(4));
const LLVMPIPE: Limits = Limits {
    loops: Some(65_535),
    ..limits(1024, 32 << 10, 65_535, None)
};
const DEVICES: [Limits; 6] = [WGPU_DEFAULT, RTX_3090, H100, APPLE, ADRENO, LLVMPIPE];

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
        buffer_bytes: 128 << 20,
        loops: None,
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
            for (plan, pass) in [
                (Plan::forward(&problem, &device), Pass::Forward),
                (Plan::backward(&problem, &device), Pass::Backward),
            ] {
                check(&plan, &problem, &device);
                // What cannot be split any further may go through too many loops, which is refused.
                let refused = device.plan(&plan, &problem, pass).err();
                let whole = !problem.can_be_split() || plan.sizes.segment_steps == 1;
                assert!(
                    refused.is_none_or(|reason| whole && reason.contains("loops")),
                    "{problem:?} on {device:?}: {plan:?}"
                );
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
    let Sizes {
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
        ..
    } = plan.sizes;

    let prefixes = channels.pow(depth.saturating_sub(2) as u32);
    assert_eq!(units, prefixes * row_tiles * col_tiles, "{place}");
    let letters = if depth > 1 { channels } else { 1 };
    assert_eq!(rows * row_tiles, letters, "{place}");
    assert!(cols * col_tiles >= channels, "{place}");
    assert!(cols * (col_tiles - 1) < channels, "{place}");
    assert!(rows * (cols + 1) <= MOST_REGISTERS, "{place}");

    assert!(span * cube_paths <= plan.cube, "{place}");
    assert!(span * tiles >= units, "{place}");
    assert!(cube_paths == 1 || tiles == 1, "{place}");
    assert!(
        plan.cube <= device.units && plan.cube.is_power_of_two(),
        "{place}"
    );
    let groups = paths.div_ceil(cube_paths);
    assert_eq!(plan.cubes, groups * tiles * segments, "{place}");
    assert!(device.grid(plan.cubes).is_ok(), "{place}");

    assert!(segments * segment_steps >= steps, "{place}");
    assert!((segments - 1) * segment_steps < steps, "{place}");
    assert!(segments == 1 || !problem.stream, "{place}");
    assert_eq!(plan.block.split, segments > 1, "{place}");

    let Memory {
        increments,
        parts,
        sums,
    } = plan.memory;
    assert!(
        (increments + parts + sums) * problem.bytes <= device.shared_bytes,
        "{place}"
    );
    assert!(chunk > 0, "{place}");
    let numbers = cube_paths * chunk * channels;
    assert_eq!(sums > 0, shares > 1, "{place}");
    assert!(sums == 0 || shares * numbers <= sums, "{place}");
    let width = cols * col_tiles;
    match parts {
        0 => assert!(
            increments == 0 || 2 * cube_paths * chunk * width <= increments,
            "{place}"
        ),
        _ => {
            let staged = cube_paths * plan.block.checkpoint() * width;
            assert!(increments == 0 || staged <= increments, "{place}");
            assert!(chunk * plan.block.entries() * plan.cube <= parts, "{place}");
        }
    }
}

/// Five rows a unit where that keeps the device busy, one where it does not, segments where
/// even that does not.
#[test]
fn cuts() {
    let plan = |sizes, device| Plan::forward(&problem(sizes), &device);
    let busy = plan([2048, 100, 5, 4], RTX_3090);
    assert_eq!(
        (busy.sizes.units, busy.block.rows, busy.sizes.segments),
        (25, 5, 1)
    );
    assert_eq!((busy.cube, busy.sizes.cube_paths), (64, 2));
    let few = plan([128, 100, 5, 4], RTX_3090);
    assert_eq!((few.sizes.units, few.block.rows), (125, 1));
    let one = plan([1, 5000, 3, 5], H100);
    assert_eq!((one.sizes.segments, one.sizes.segment_steps), (63, 80));
    let large = plan([1, 10, 24, 4], APPLE);
    assert_eq!(
        (large.sizes.units, large.sizes.tiles, large.block.cols),
        (4608, 18, 12)
    );
    assert_eq!(plan([4, 10, 1100, 2], WGPU_DEFAULT).memory.increments, 0);
}

/// Where a cube has more units than numbers to sum up, they share them.
#[test]
fn sums() {
    let plan = |sizes, device| Plan::backward(&problem(sizes), &device);
    let few = plan([128, 100, 5, 4], H100);
    assert_eq!((few.cube, few.sizes.chunk, few.sizes.shares), (128, 2, 12));
    assert_eq!(few.memory.sums, 128);
    let busy = plan([8192, 100, 5, 4], H100);
    assert_eq!(
        (busy.cube, busy.sizes.cube_paths, busy.sizes.chunk),
        (64, 2, 4)
    );
    assert_eq!((busy.sizes.shares, busy.memory.sums), (1, 0));
}

/// Grids of more cubes than an axis has.
#[test]
fn grids() {
    assert_eq!(WGPU_DEFAULT.grid(1), Ok([1, 1]));
    assert_eq!(WGPU_DEFAULT.grid(65_535), Ok([65_535, 1]));
    assert_eq!(WGPU_DEFAULT.grid(65_536), Ok([65_535, 2]));
    let refused = WGPU_DEFAULT.grid(usize::MAX).unwrap_err();
    assert!(refused.contains("grid of 65535 x 65535"), "{refused}");
}

/// Buffers up to the largest one that a device has, and numbers that cannot be addressed.
#[test]
fn buffers() {
    let buffer = |shape: &[usize], bytes| WGPU_DEFAULT.buffer("checkpoints", shape, bytes);
    assert_eq!(buffer(&[1 << 10, 1 << 15], 4), Ok(()));
    assert_eq!(buffer(&[1 << 10, 1 << 15], 2), Ok(()));
    let large = buffer(&[1 << 10, (1 << 15) + 1], 4).unwrap_err();
    assert!(
        large.starts_with(
            "checkpoints, 1024 x 32769 numbers of 4 bytes, are 134221824 bytes, and the largest \
             buffer of the device has 134217728 bytes; lower the batch"
        ),
        "{large}"
    );
    let huge = buffer(&[usize::MAX, 2], 4).unwrap_err();
    assert!(huge.contains("are more than can be addressed"), "{huge}");
}

/// The gradient of a large signature over many steps, on each device: what is beyond the largest
/// buffer are the checkpoints.
#[test]
fn checkpoints_grow_with_the_length() {
    let fits = |length| {
        let problem = problem([1, length, 10, 6]);
        let plan = Plan::backward(&problem, &WGPU_DEFAULT);
        WGPU_DEFAULT.buffer("checkpoints", &plan.checkpoints_shape(), 4)
    };
    assert_eq!(fits(50), Ok(()));
    assert!(fits(5000).is_err());
}

/// Segments are no more than their products have room for.
#[test]
fn segments_fit_into_a_buffer() {
    let problem = problem([1, 5000, 9, 5]);
    let segments = |buffer_bytes| {
        let device = Limits {
            buffer_bytes,
            ..H100
        };
        let plan = Plan::forward(&problem, &device);
        let products = 4 * plan.around_shape().iter().product::<usize>();
        assert!(plan.sizes.segments == 1 || products <= buffer_bytes);
        plan.sizes.segments
    };
    assert!(segments(128 << 20) > 4);
    assert_eq!(segments(1 << 20), 1);
}

/// A device that leaves loops gets segments that are short enough; a stream, which has none, is refused.
#[test]
fn loops_are_cut_short() {
    for sizes in [
        [64, 1_000_000, 3, 3],
        [2, 5000, 2, 10],
        [16, 64, 2, 10],
        [300, 3000, 5, 4],
    ] {
        let problem = problem(sizes);
        for pass in [Pass::Forward, Pass::Backward] {
            let plan = Plan::new(&problem, &LLVMPIPE, pass);
            let loops = |plan: &Plan| plan.sizes.segment_steps * plan.loops_per_step(pass);
            assert!(loops(&plan) <= 65_535, "{plan:?}");
            check(&plan, &problem, &LLVMPIPE);
            let unlimited = Limits {
                loops: None,
                ..LLVMPIPE
            };
            let whole = Plan::new(&problem, &unlimited, pass);
            assert_eq!(plan == whole, loops(&whole) <= 65_535, "{plan:?}");
        }
        let stream = Problem {
            stream: true,
            ..problem
        };
        let plan = Plan::backward(&stream, &LLVMPIPE);
        let refused = LLVMPIPE.plan(&plan, &stream, Pass::Backward);
        let loops = plan.sizes.segment_steps * plan.loops_per_step(Pass::Backward);
        assert_eq!(refused.is_err(), loops > 65_535, "{refused:?}");
    }
}

/// As many units as a device has, where it has few.
#[test]
fn cubes_of_few_units() {
    let device = Limits {
        units: 2,
        ..WGPU_DEFAULT
    };
    let plan = Plan::backward(&problem([128, 100, 5, 4]), &device);
    assert_eq!((plan.cube, plan.sizes.span, plan.sizes.tiles), (2, 2, 63));
    check(&plan, &problem([128, 100, 5, 4]), &device);
}
