//! Devices that leave loops after so many iterations: they are cut short, or refused.

use std::panic::{AssertUnwindSafe, catch_unwind};

use burn::tensor::TensorData;
use burn_cubecl::CubeBackend;
use burn_cubecl::cubecl::prelude::*;
use burn_cubecl::{cubecl, tensor::CubeTensor};

use super::{Change, Inputs, SMALL, UNCHANGED, close, host, numbers, on_device};
use crate::backends::cubecl::device::limits;
use crate::backends::cubecl::plan::{Limits, Pass, Plan, Problem};

/// Counts its passes through loops: two in another, of which no unit gets to the second, and one
/// after them.
#[cube(launch)]
fn count(one: &[f32], counted: &mut [f32], outer: usize, inner: usize, after: usize) {
    let mut passes = 0.0f32;
    for _ in 0..outer {
        for _ in 0..inner {
            passes += one[0];
        }
        if one[0] < 0.0 {
            for _ in 0..inner {
                passes += one[0];
            }
        }
    }
    for _ in 0..after {
        passes += one[0];
    }
    counted[UNIT_POS as usize] = passes;
}

fn counted([outer, inner, after]: [usize; 3]) -> Vec<f64> {
    let tensor = |numbers| on_device(&TensorData::new(numbers, [32]));
    let (one, counted): (CubeTensor, CubeTensor) = (tensor(vec![1.0; 32]), tensor(vec![0.0; 32]));
    count::launch(
        &one.client.clone(),
        CubeCount::Static(1, 1, 1),
        CubeDim::new_1d(32),
        one.into_buffer_arg(),
        counted.clone().into_buffer_arg(),
        outer,
        inner,
        after,
    );
    host::<CubeBackend>(counted)
}

/// The iterations that the plan takes a device to run are run. It counts the look that ends a loop,
/// and once each loop that it passes over: in this look as well, for which it passes over the body.
#[test]
fn a_device_runs_as_many_as_it_is_taken_to() {
    let most = of_device().loops.unwrap_or(200_000);
    let (outer, inner) = (100, 600);
    let passed_over = 1;
    let nested = outer * (1 + inner + 1 + passed_over) + 1 + 2 * passed_over;
    let after = most - nested - 1;
    let passes = (outer * inner + after) as f64;
    assert_eq!(counted([outer, inner, after]), [passes; 32]);
}

/// Long paths at great depth, where units go through thousands of loops.
#[test]
fn deep_and_long() {
    for sizes in [
        [2, 57, 2, 9],
        [16, 64, 2, 10],
        [1, 1500, 2, 10],
        [1, 300, 3, 7],
    ] {
        Inputs::new(sizes, false, false).check(true, UNCHANGED);
    }
    Inputs::new([2, 900, 2, 10], false, false).check(true, SMALL);
}

/// A path that takes as many loops as the device has is not cut, and nothing of it is left out. Its
/// points jump about, so that each step changes the results.
#[test]
fn whole_up_to_the_last_loop() {
    let Some(most) = of_device().loops else {
        return;
    };
    for (sizes, pass) in [
        ([130, 0, 1, 2], Pass::Forward),
        ([2, 0, 3, 3], Pass::Forward),
        ([130, 0, 1, 2], Pass::Backward),
        ([1, 0, 2, 2], Pass::Backward),
        ([2, 0, 3, 3], Pass::Backward),
        ([40, 0, 5, 3], Pass::Backward),
        ([2, 0, 2, 6], Pass::Backward),
        ([3, 0, 10, 3], Pass::Backward),
    ] {
        let [batch, _, channels, depth] = sizes;
        let any = Inputs::new([batch, 2, channels, depth], false, false);
        let call = any.call(false, SMALL);
        let whole = |length: usize| {
            let problem = Problem {
                steps: length - 1,
                ..call.problem
            };
            let plan = plan(&problem, &call.limits, pass);
            plan.segments == 1 && plan.loops(&problem, pass) <= most
        };
        let lengths: Vec<_> = (2..most).collect();
        let length = 1 + lengths.partition_point(|&length| whole(length));
        let mut inputs = Inputs::new([batch, length, channels, depth], false, false);
        let points = numbers(batch * length * channels, 3);
        // Sixteenths, of which sums are exact.
        let points = points.iter().map(|x| (16.0 * x).round() / 16.0).collect();
        inputs.path = TensorData::new(points, [batch, length, channels]);
        let call = inputs.call(false, SMALL);
        let got = match pass {
            Pass::Forward => call.signature(),
            Pass::Backward => call.gradient(on_device(&inputs.gradient)).0,
        };
        let [signature, gradient, _] = inputs.on_flex(false);
        let want = match pass {
            Pass::Forward => signature,
            Pass::Backward => gradient,
        };
        close(&host::<CubeBackend>(got), &want, 1e-4)
            .unwrap_or_else(|problem| panic!("{pass:?} of {:?}: {problem}", inputs.sizes));
    }
}

fn plan(problem: &Problem, limits: &Limits, pass: Pass) -> Plan {
    match pass {
        Pass::Forward => Plan::forward(problem, limits),
        Pass::Backward => Plan::backward(problem, limits),
    }
}

/// Cut for the sake of loops alone, with several paths a cube.
#[test]
fn many_paths_cut_short() {
    let few: Change = |limits| limits.loops = Some(2000);
    let inputs = Inputs::new([130, 300, 1, 2], false, false);
    let call = inputs.call(false, few);
    let plan = Plan::backward(&call.problem, &call.limits);
    assert_eq!((plan.cube_paths, plan.segments), (2, 2));
    inputs.check(true, few);
}

/// A stream cannot be cut: it is right up to the last loop that the device runs, then refused.
#[test]
fn streams_up_to_the_last_loop() {
    let Some(most) = of_device().loops else {
        return;
    };
    let inputs = |length| Inputs::new([1, length, 2, 9], true, false);
    let few = |length: &usize| {
        let problem = inputs(*length).call(false, UNCHANGED).problem;
        Plan::backward(&problem, &of_device()).loops(&problem, Pass::Backward) <= most
    };
    let length = (2..).take_while(few).last().expect("a step is possible");
    inputs(length).check(false, UNCHANGED);

    let beyond = inputs(length + 1);
    let call = beyond.call(false, UNCHANGED);
    let refused = catch_unwind(AssertUnwindSafe(|| {
        call.gradient(on_device(&beyond.gradient))
    }));
    let message = *refused
        .unwrap_err()
        .downcast::<String>()
        .expect("a message");
    let part =
        format!("iterations of loops, and the device leaves all loops after {most}; shorten");
    assert!(message.contains(&part), "{message}");
    assert_eq!(call.launches(), 0);
}

fn of_device() -> Limits {
    let one = on_device(&TensorData::new(vec![1.0], [1]));
    limits(one.client.properties())
}
