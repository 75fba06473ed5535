//! Windows of paths are paths.

use proptest::prelude::*;
use sig_core::algebra::signature_combine;
use sig_core::signatures::SignatureSpec;
use sig_core::windows::Windows;

use super::random::{agree, calls, for_all, numbers};
use crate::support::compare::{self, Floor};
use crate::support::engines::tolerance;
use crate::support::naive::{Call, Input};
use crate::support::scale;
use crate::support::tensors::Array;

fn windows(length: usize) -> impl Strategy<Value = Windows> {
    let interval = (0..length - 1).prop_flat_map(move |start| (Just(start), start + 2..=length));
    let interval = interval.prop_map(|(start, end)| start..end);
    prop_oneof![
        (2..=length, 1..=4usize).prop_map(|(window, hop)| Windows::Sliding { window, hop }),
        (2..=length, 1..=4usize).prop_map(|(first, hop)| Windows::Expanding { first, hop }),
        (0..=(length - 1).ilog2()).prop_map(|levels| Windows::Dyadic { levels }),
        (1..=length).prop_map(|steps| Windows::Consecutive { steps }),
        prop::collection::vec(interval, 0..6).prop_map(Windows::Intervals),
    ]
}

/// Each window of each kind, values and gradients, against the definition on its own points.
#[test]
fn every_window_is_its_own_path() {
    let calls = (calls(2), any::<[bool; 2]>()).prop_flat_map(|(call, [inverse, scalar_term])| {
        let call = Call {
            inverse,
            scalar_term,
            ..call
        };
        (Just(call.clone()), windows(call.path.shape[1]))
    });
    let calls = calls.prop_flat_map(|(call, windows)| {
        let call = Call {
            windows: Some(windows),
            ..call
        };
        let cotangent = numbers(call.output_shape());
        (Just(call), cotangent)
    });
    for_all(calls, |engine, (call, cotangent)| {
        agree(engine, call, &engine.evaluate(call), &call.evaluate())?;
        if cotangent.values.is_empty() {
            return Ok(());
        }
        let got = engine.gradient(call, Input::Path, cotangent);
        let want = call.gradient(Input::Path, cotangent);
        let floor = Floor {
            smallest: 1.0,
            of_pieces: None,
        };
        compare::gradients(&got, &want, &floor, tolerance(engine.dtype))
    });
}

/// Log-signatures of windows in every basis, against the definition on their own points.
#[test]
fn every_window_has_its_own_logsignature() {
    use sig_core::logsignatures::LogSignatureBasis::{Brackets, Expand, Hall, Words};
    let calls = calls(2).prop_flat_map(|call| (Just(call.clone()), windows(call.path.shape[1])));
    for_all(calls, |engine, (call, windows)| {
        for basis in [Expand, Words, Brackets, Hall] {
            let call = Call {
                windows: Some(windows.clone()),
                log: Some(basis),
                ..call.clone()
            };
            let (got, want) = (engine.evaluate(&call), call.evaluate());
            let floor = Floor {
                of_pieces: Some(scale::of_pieces(&call)),
                ..Floor::of_dtype(engine.dtype)
            };
            compare::by_level(&got, &want, &call.levels(), &floor, tolerance(engine.dtype))?;
        }
        Ok(())
    });
}

/// The signatures of a dyadic level multiply to that of the path.
#[test]
fn dyadic_levels_multiply_to_the_whole() {
    for_all(calls(5), |engine, call| {
        let dyadic = Call {
            windows: Some(Windows::Dyadic { levels: 2 }),
            ..call.clone()
        };
        let windows = engine.evaluate(&dyadic);
        let window = |i: usize| {
            let rows: Vec<Array> = (0..windows.shape[0])
                .map(|b| windows.row(b).row(i))
                .collect();
            Array::stack(&rows).tensor::<2>(&engine.target.device, engine.dtype)
        };
        let product =
            |a, b| signature_combine(a, b, SignatureSpec::new(call.channels(), call.depth));
        let whole = engine.evaluate(call);
        agree(engine, call, &window(0).into(), &whole)?;
        agree(engine, call, &product(window(1), window(2)).into(), &whole)?;
        let quarters = product(product(window(3), window(4)), product(window(5), window(6)));
        agree(engine, call, &quarters.into(), &whole)
    });
}

/// In f32 the windows of a long path are as exact as short paths are: nothing is divided out.
#[test]
fn windows_far_along_a_path_keep_their_precision() {
    for target in crate::support::engines::targets() {
        let length = 4000;
        let values = (0..2 * length).map(|i| (0.37 * (i * i % 997) as f64).sin());
        let path = Array::new([1, length, 2], values.collect()).rounded(burn::tensor::DType::F32);
        let windows = Windows::Intervals(vec![0..6, length - 6..length]);
        let call = Call {
            windows: Some(windows.clone()),
            ..Call::new(path.clone(), 4)
        };
        let path = path.tensor::<3>(&target.device, burn::tensor::DType::F32);
        let got = sig_core::windows::signature_windows(path, 4, &windows);
        let floor = Floor::of_dtype(burn::tensor::DType::F32);
        compare::signatures(&got.into(), &call.evaluate(), 2, &floor, 1e-5).unwrap();
    }
}
