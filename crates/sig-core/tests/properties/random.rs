//! Random calls, and the loop over engines and cases.

use proptest::prelude::*;
use proptest::strategy::Just;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};

use burn::tensor::{DType, Device};

use crate::support::compare::{self, Floor};
use crate::support::engines::{Target, targets, tolerance};
use crate::support::naive::Call;
use crate::support::run::{Engine, engines};
use crate::support::scale;
use crate::support::tensors::Array;

/// Tries a property on every device and method in the most precise dtype of the device.
pub(crate) fn for_all<S: Strategy>(
    strategy: S,
    property: impl Fn(&Engine, &S::Value) -> Result<(), String>,
) {
    for_all_dtypes(strategy, |target| vec![target.widest()], property);
}

/// Tries a property on every device, method and chosen dtype.
pub(crate) fn for_all_dtypes<S: Strategy>(
    strategy: S,
    dtypes: impl Fn(&Target) -> Vec<DType>,
    property: impl Fn(&Engine, &S::Value) -> Result<(), String>,
) {
    for target in targets() {
        let dtypes = dtypes(&target);
        let mut runner = TestRunner::new(config(&target));
        let result = runner.run(&strategy, |value| {
            for engine in dtypes.iter().flat_map(|&dtype| engines(&target, dtype)) {
                property(&engine, &value)
                    .map_err(|problem| TestCaseError::fail(format!("{engine}: {problem}")))?;
            }
            Ok(())
        });
        result.unwrap_or_else(|error| panic!("{error}"));
    }
}

/// Tries a property on every device in its most precise dtype, of what no method computes.
pub(crate) fn for_all_devices<S: Strategy>(
    strategy: S,
    property: impl Fn(&Device, DType, &S::Value) -> Result<(), String>,
) {
    for target in targets() {
        let mut runner = TestRunner::new(config(&target));
        let dtype = target.widest();
        let result = runner.run(&strategy, |value| {
            property(&target.device, dtype, &value)
                .map_err(|problem| TestCaseError::fail(format!("{}: {problem}", target.name)))
        });
        result.unwrap_or_else(|error| panic!("{error}"));
    }
}

fn config(target: &Target) -> Config {
    let given = Config::default();
    let cases = match std::env::var_os("PROPTEST_CASES") {
        Some(_) => given.cases,
        None if target.on_host() => 96,
        None => 4,
    };
    let rng_seed = match given.rng_seed {
        RngSeed::Random => RngSeed::Fixed(0x5167),
        fixed => fixed,
    };
    Config {
        cases,
        rng_seed,
        failure_persistence: None,
        ..given
    }
}

/// Numbers `i/64` in −1..=1, which every float dtype holds exactly.
pub(crate) fn numbers(shape: Vec<usize>) -> impl Strategy<Value = Array> {
    let count: usize = shape.iter().product();
    prop::collection::vec(-64i32..=64, count).prop_map(move |grid| {
        let values = grid.into_iter().map(|i| f64::from(i) / 64.0).collect();
        Array::new(shape.clone(), values)
    })
}

/// A plain call on a few short paths of at least so many points.
pub(crate) fn calls(shortest: usize) -> impl Strategy<Value = Call> {
    (1..=3usize, shortest..=6, 1..=3usize, 1..=4usize).prop_flat_map(
        |(batch, length, channels, depth)| {
            numbers(vec![batch, length, channels]).prop_map(move |path| Call::new(path, depth))
        },
    )
}

/// Channels and depth of a signature that is not too large.
pub(crate) fn sizes() -> impl Strategy<Value = (usize, usize)> {
    prop_oneof![
        Just((1, 4)),
        Just((2, 1)),
        Just((2, 5)),
        Just((2, 6)),
        Just((3, 3)),
        Just((3, 4)),
        Just((4, 3)),
        Just((5, 2)),
    ]
}

/// A call with options at random, and a cotangent for its result.
pub(crate) fn calls_with_options() -> impl Strategy<Value = (Call, Array)> {
    let with_flags = (calls(1), any::<[bool; 5]>());
    let with_inputs = with_flags.prop_flat_map(|(call, [inverse, scalar, stream, from, base])| {
        let call = Call {
            inverse,
            stream,
            scalar_term: scalar,
            ..call
        };
        let (batch, channels) = (call.path.shape[0], call.channels());
        let terms = call.output_shape()[call.output_shape().len() - 1];
        let basepoint = match base {
            true => prop_oneof![
                Just(Some(Array::zeros([batch, channels]))),
                numbers(vec![batch, channels]).prop_map(Some),
            ]
            .boxed(),
            false => Just(None).boxed(),
        };
        let initial = match from {
            true => numbers(vec![batch, terms]).prop_map(Some).boxed(),
            false => Just(None).boxed(),
        };
        (Just(call), basepoint, initial).prop_map(|(call, basepoint, initial)| Call {
            basepoint,
            initial,
            ..call
        })
    });
    with_inputs.prop_flat_map(|call| {
        let cotangent = numbers(call.output_shape());
        (Just(call), cotangent)
    })
}

/// Checks a signature against another one that the call should give.
pub(crate) fn agree(engine: &Engine, call: &Call, got: &Array, want: &Array) -> Result<(), String> {
    let floor = Floor {
        of_pieces: Some(scale::of_pieces(call)),
        ..Floor::of_dtype(engine.dtype)
    };
    let (got, want) = match call.scalar_term {
        false => (got.clone(), want.clone()),
        true => (split_scalar(got)?, split_scalar(want)?),
    };
    compare::signatures(
        &got,
        &want,
        call.channels(),
        &floor,
        tolerance(engine.dtype),
    )
}

/// A signature without its scalar term, which must be 1.
fn split_scalar(signature: &Array) -> Result<Array, String> {
    let mut shape = signature.shape.clone();
    let last = shape.len() - 1;
    let terms = shape[last];
    shape[last] -= 1;
    let mut values = Vec::new();
    for signature in signature.values.chunks(terms) {
        if signature[0] != 1.0 {
            return Err(format!("the scalar term is {}, expected 1", signature[0]));
        }
        values.extend(&signature[1..]);
    }
    Ok(Array::new(shape, values))
}
