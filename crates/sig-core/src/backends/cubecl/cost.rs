//! What the launches of a signature cost, counted from their plan.

use super::plan::{Limits, Plan, Problem};

/// What the kernels of [`SignatureMethod::Fused`](crate::SignatureMethod::Fused) do on a GPU: a
/// model, counted from the plan of their launches in f32, and not a measurement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FusedCost {
    /// Multiply-adds, and multiplications and additions that stand alone, without the products of an
    /// increment and a constant.
    pub multiply_adds: usize,
    /// Bytes read from and written to global memory, a path once for each cube that reads it.
    pub bytes: usize,
    /// Bytes of the input and the output alone.
    pub compulsory_bytes: usize,
    /// Barriers that a cube waits at, one after another, in all launches.
    pub barriers: usize,
    /// Kernels launched.
    pub launches: usize,
}

/// Bytes of an f32.
const NUMBER: usize = size_of::<f32>();

impl FusedCost {
    /// The signature of paths of a shape, on a GPU of so many streaming multiprocessors.
    ///
    /// # Arguments
    ///
    /// - `shape`: batch, length, channels and depth.
    /// - `processors`: streaming multiprocessors, compute units or cores.
    ///
    /// # Panics
    ///
    /// If the path has fewer than two points, or as [`SignatureSpec::new`](crate::SignatureSpec::new).
    pub fn forward(shape: [usize; 4], processors: usize) -> Self {
        let (problem, limits) = call(shape, processors);
        forward(&problem, &Plan::forward(&problem, &limits))
    }

    /// The gradient of a signature with respect to its path; arguments and panics as for
    /// [`forward`](Self::forward).
    pub fn backward(shape: [usize; 4], processors: usize) -> Self {
        let (problem, limits) = call(shape, processors);
        let plan = Plan::backward(&problem, &limits);
        let mut cost = backward(&problem, &plan);
        if plan.segments > 1 {
            let segments = Plan::forward(&problem, &limits).with_segments(
                plan.segments,
                plan.segment_steps,
                &problem,
            );
            let segments = steps_of_forward(&problem, &segments);
            cost = cost
                .and(segments)
                .and(products(&problem, &plan, problem.depth - 1, 2));
        }
        cost
    }

    fn and(self, other: Self) -> Self {
        Self {
            multiply_adds: self.multiply_adds + other.multiply_adds,
            bytes: self.bytes + other.bytes,
            compulsory_bytes: self.compulsory_bytes + other.compulsory_bytes,
            barriers: self.barriers + other.barriers,
            launches: self.launches + other.launches,
        }
    }
}

fn call([paths, length, channels, depth]: [usize; 4], processors: usize) -> (Problem, Limits) {
    assert!(
        length > 1,
        "FusedCost: a path needs at least 2 points, got length = {length}"
    );
    // What every GPU has: the plan asks for no more.
    let limits = Limits {
        units: 256,
        shared_bytes: 16 << 10,
        cubes: [65_535; 2],
        processors: Some(processors),
        buffer_bytes: usize::MAX,
        loops: None,
    };
    let problem = Problem {
        paths,
        steps: length - 1,
        channels,
        depth,
        stream: false,
        bytes: NUMBER,
    };
    (problem, limits)
}

fn forward(problem: &Problem, plan: &Plan) -> FusedCost {
    let mut cost = steps_of_forward(problem, plan);
    if plan.segments > 1 {
        cost = cost.and(products(problem, plan, problem.depth, 1));
    }
    cost.compulsory_bytes = NUMBER * (points(problem) + problem.paths * problem.terms());
    cost
}

/// The launch that goes through the steps, of whole paths or of segments.
fn steps_of_forward(problem: &Problem, plan: &Plan) -> FusedCost {
    let block = &plan.block;
    let a_step = match problem.depth {
        1 => block.cols,
        _ => below(plan) + block.prefix() + block.rows * (1 + block.cols),
    };
    FusedCost {
        multiply_adds: unit_steps(problem, plan) * a_step,
        bytes: NUMBER
            * (read_of_paths(problem, plan)
                + plan.segments_shape(problem).iter().product::<usize>()),
        barriers: match plan.memory.increments {
            0 => 0,
            _ => plan.segment_steps.div_ceil(plan.chunk),
        },
        launches: 1,
        ..FusedCost::default()
    }
}

/// Both launches for whole paths, or the last two for segments.
fn backward(problem: &Problem, plan: &Plan) -> FusedCost {
    let block = &plan.block;
    let prefix = block.prefix();
    let a_step = match problem.depth {
        1 => 0,
        _ => {
            let of_rows = block.rows * (2 * block.cols + 5);
            let of_prefix: usize = (1..=prefix).map(|k| 1 + 4 * (k - 1)).sum();
            // The walk that leaves checkpoints, the one from a checkpoint on, and the adjoint.
            2 * below(plan) + 2 * prefix + of_rows + 2 * 3 * prefix + of_prefix
        }
    };
    let scratch: usize = plan.checkpoints_shape(problem).iter().product();
    let increments: usize = plan.increments_shape(problem).iter().product();
    let around: usize = match plan.segments {
        1 => 0,
        _ => plan.around_shape(problem).iter().product(),
    };
    let gradient = problem.paths * problem.terms();
    let staged = usize::from(plan.memory.increments > 0);
    let stages = 2 * plan.segment_steps.div_ceil(block.checkpoint());
    FusedCost {
        multiply_adds: unit_steps(problem, plan) * (a_step + block.entries()) + 2 * increments,
        bytes: NUMBER
            * (2 * read_of_paths(problem, plan)
                + gradient
                + around
                + 2 * (scratch + increments)
                + points(problem)),
        compulsory_bytes: NUMBER * (2 * points(problem) + gradient),
        barriers: 2 * staged * stages + 2 * plan.segment_steps.div_ceil(plan.chunk),
        launches: 2,
    }
}

/// The products of segments, kept `kept` times a segment or once a path.
fn products(problem: &Problem, plan: &Plan, letters: usize, roles: usize) -> FusedCost {
    let segments = problem.paths * plan.segments;
    let words = problem.channels.pow(letters as u32);
    let written = match letters == problem.depth {
        true => problem.paths,
        false => roles * segments,
    };
    FusedCost {
        multiply_adds: roles * segments * words * letters * (letters + 1) / 2,
        bytes: NUMBER * (roles * segments + written) * problem.terms(),
        launches: 1,
        ..FusedCost::default()
    }
}

/// Multiply-adds of a unit and step that take the levels below the block on: of the prefixes of
/// each length `k`, `k`, and of the rows.
fn below(plan: &Plan) -> usize {
    match plan.block.depth {
        1 => 0,
        _ => {
            let prefix = plan.block.prefix();
            prefix * (prefix + 1) / 2 + prefix + plan.block.rows
        }
    }
}

fn unit_steps(problem: &Problem, plan: &Plan) -> usize {
    problem.paths * problem.steps * plan.units
}

fn points(problem: &Problem) -> usize {
    problem.paths * (problem.steps + 1) * problem.channels
}

/// Numbers of paths that are read: by each cube, or by each unit where they are not staged.
fn read_of_paths(problem: &Problem, plan: &Plan) -> usize {
    let between = problem.paths * (plan.segments - 1) * problem.channels;
    match plan.memory.increments {
        0 => unit_steps(problem, plan) * (plan.block.entries() + plan.block.rows),
        _ => plan.tiles * (points(problem) + between),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RTX_3090: usize = 82;
    const H100: usize = 132;

    /// `Σ_{j=2..N} (N − j + 1) d^j` a step.
    fn horner([paths, length, channels, depth]: [usize; 4]) -> usize {
        let levels = (2..=depth).map(|j| (depth + 1 - j) * channels.pow(j as u32));
        paths * (length - 1) * levels.sum::<usize>()
    }

    #[test]
    fn the_forward_pass_moves_little_more_than_it_must() {
        for shape in [[128, 100, 5, 4], [128, 100, 10, 4]] {
            for processors in [RTX_3090, H100] {
                let cost = FusedCost::forward(shape, processors);
                assert!(cost.bytes * 10 <= cost.compulsory_bytes * 12, "{cost:?}");
                assert_eq!(cost.launches, 1);
            }
        }
    }

    #[test]
    fn busy_units_repeat_little() {
        for (shape, percent) in [
            ([8192, 100, 5, 4], 111),
            ([8192, 100, 10, 4], 110),
            ([8192, 100, 7, 3], 105),
            ([8192, 100, 3, 4], 130),
        ] {
            let cost = FusedCost::forward(shape, H100);
            assert!(
                cost.multiply_adds * 100 <= horner(shape) * percent,
                "{shape:?} {cost:?}"
            );
        }
    }

    #[test]
    fn the_gradient_costs_a_few_times_the_signature() {
        for shape in [[8192, 100, 5, 4], [1, 5000, 3, 5]] {
            let (forward, backward) = (
                FusedCost::forward(shape, H100),
                FusedCost::backward(shape, H100),
            );
            let times = backward.multiply_adds as f64 / forward.multiply_adds as f64;
            assert!((2.0..6.0).contains(&times), "{shape:?}: {times}");
        }
        assert_eq!(FusedCost::forward([1, 5000, 3, 5], H100).launches, 2);
        assert_eq!(FusedCost::backward([1, 5000, 3, 5], H100).launches, 4);
    }
}
