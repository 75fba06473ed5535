//! Gradients without autodiff are those of autodiff.

use burn::tensor::{DType, Tensor};
use proptest::prelude::*;
use sig_core::algebra::signature_combine;
use sig_core::gradients::{backprop, signature_backprop, signature_combine_backprop};
use sig_core::logsignatures::LogSignatureBasis;
use sig_core::signatures::SignatureSpec;
use sig_core::windows::{Windows, logsignature_windows};

use super::random::{calls, for_all, for_all_devices, numbers, sizes};
use crate::support::compare::{self, Floor};
use crate::support::engines::{targets, tolerance};
use crate::support::naive::{Call, Input};
use crate::support::tensors::Array;

const FLOOR: Floor = Floor {
    smallest: 1.0,
    of_pieces: None,
};

/// Of signatures and streams with every option, in the path, the basepoint and the signature so far.
#[test]
fn signatures_with_every_option() {
    let calls = (calls(1), any::<[bool; 5]>()).prop_flat_map(|(call, flags)| {
        let [stream, inverse, scalar_term, point, initial] = flags;
        let [batch, length, channels] = call.path.shape[..] else {
            unreachable!("a path has 3 axes")
        };
        let point = point || length == 1;
        let call = Call {
            stream,
            inverse,
            scalar_term,
            ..call
        };
        let terms = sig_core::signatures::signature_channels(channels, call.depth)
            + usize::from(scalar_term);
        let inputs = (numbers(vec![batch, channels]), numbers(vec![batch, terms]));
        inputs.prop_flat_map(move |(basepoint, so_far)| {
            let call = Call {
                basepoint: point.then_some(basepoint),
                initial: initial.then_some(so_far),
                ..call.clone()
            };
            let cotangent = numbers(call.output_shape());
            (Just(call), cotangent)
        })
    });
    for_all(calls, |engine, (call, cotangent)| {
        let mut inputs = vec![Input::Path];
        inputs.extend(call.basepoint.as_ref().map(|_| Input::Basepoint));
        inputs.extend(call.initial.as_ref().map(|_| Input::Initial));
        for of in inputs {
            let got = engine.backprop(call, of, cotangent);
            let got = got.expect("a signature");
            let want = call.gradient(of, cotangent);
            let tolerance = 2.0 * tolerance(engine.dtype);
            compare::gradients(&got, &want, &FLOOR, tolerance)
                .map_err(|problem| format!("{of:?}: {problem}"))?;
        }
        Ok(())
    });
}

#[test]
fn products_of_signatures() {
    let series = sizes().prop_flat_map(|(channels, depth)| {
        let terms = sig_core::signatures::signature_channels(channels, depth);
        let all = prop::collection::vec(numbers(vec![2, terms]), 3);
        (all, Just(channels), Just(depth))
    });
    for_all_devices(series, |device, dtype, (all, channels, depth)| {
        let spec = SignatureSpec::new(*channels, *depth);
        let tensor = |i: usize| all[i].tensor::<2>(device, dtype);
        let (a, b) = signature_combine_backprop(tensor(0), tensor(1), tensor(2), spec);
        let other = tensor(1);
        let want = backprop(tensor(0), tensor(2), |a| {
            signature_combine(a, Tensor::from_inner(other), spec)
        });
        compare::gradients(&a.into(), &want.into(), &FLOOR, tolerance(dtype))?;
        let other = tensor(0);
        let want = backprop(tensor(1), tensor(2), |b| {
            signature_combine(Tensor::from_inner(other), b, spec)
        });
        compare::gradients(&b.into(), &want.into(), &FLOOR, tolerance(dtype))
    });
}

/// Any function: log-signatures of windows, against the gradient by autodiff; a device with autodiff is
/// no hindrance.
#[test]
fn any_function_of_a_path() {
    for target in targets() {
        let device = target.device.clone().autodiff();
        let values: Vec<f64> = (0..24).map(|i| f64::from(i * i % 23) / 8.0).collect();
        let path = Array::new([1, 12, 2], values);
        let windows = Windows::Sliding { window: 5, hop: 3 };
        let of = |path| logsignature_windows(path, 3, &windows, LogSignatureBasis::Brackets);
        let input = path.tensor::<3>(&device, DType::F32).require_grad();
        let want = input.grad(&of(input.clone()).sum().backward()).unwrap();
        for device in [&target.device, &device] {
            let ones = Tensor::<3>::ones([1, 3, 5], device);
            let got = backprop(path.tensor::<3>(device, DType::F32), ones, of);
            let want = Array::from(want.clone());
            compare::gradients(&got.into(), &want, &FLOOR, 1e-6).unwrap();
        }
        let cotangent = Tensor::<2>::ones([1, 6], &device);
        let got = signature_backprop(path.tensor(&device, DType::F32), cotangent, 2);
        assert!(!got.device().is_autodiff());
    }
}
