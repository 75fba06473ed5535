//! Log-signatures and the exponential and logarithm of the tensor algebra.

use burn::tensor::Tensor;
use proptest::prelude::*;
use sig_core::algebra::{tensor_exp, tensor_log};
use sig_core::logsignatures::LogSignatureBasis::{self, Brackets, Expand, Hall, Words};
use sig_core::logsignatures::{
    LogSignatureOptions, logsignature, logsignature_append, logsignature_change_basis,
    logsignature_combine, logsignature_stream, logsignature_to_signature, logsignature_with,
    signature_to_logsignature,
};
use sig_core::signatures::{Basepoint, SignatureOptions, SignatureSpec, signature};

use super::random::{calls, calls_with_options, for_all, for_all_devices, numbers, sizes};
use crate::support::compare::{self, Floor};
use crate::support::engines::{targets, tolerance};
use crate::support::naive::{Call, Input};
use crate::support::run::Engine;
use crate::support::scale;
use crate::support::tensors::Array;

fn bases() -> impl Strategy<Value = LogSignatureBasis> {
    prop_oneof![Just(Expand), Just(Words), Just(Brackets), Just(Hall)]
}

/// Terms of a tensor series of small numbers, and its sizes.
fn series() -> impl Strategy<Value = (Array, usize, usize)> {
    sizes().prop_flat_map(|(channels, depth)| {
        let terms = sig_core::signatures::signature_channels(channels, depth);
        numbers(vec![2, terms]).prop_map(move |mut series| {
            series.values.iter_mut().for_each(|x| *x *= 0.25);
            (series, channels, depth)
        })
    })
}

#[test]
fn log_and_exp_are_inverse() {
    for_all_devices(series(), |device, dtype, (series, channels, depth)| {
        let (channels, depth) = (*channels, *depth);
        let spec = SignatureSpec::new(channels, depth);
        let tensor = || series.tensor::<2>(device, dtype);
        let there = tensor_log(tensor_exp(tensor(), spec), spec);
        let back = tensor_exp(tensor_log(tensor(), spec), spec);
        for result in [there, back] {
            let floor = Floor::of_dtype(dtype);
            compare::signatures(&result.into(), series, channels, &floor, tolerance(dtype))?;
        }
        Ok(())
    });
}

/// Coordinates to signature and back, in every basis.
#[test]
fn coordinates_come_back() {
    let coordinates = (sizes(), bases()).prop_flat_map(|((channels, depth), basis)| {
        let terms = basis.terms(channels, depth);
        (numbers(vec![2, terms]), Just((channels, depth, basis)))
    });
    for_all_devices(coordinates, |device, dtype, (given, sizes)| {
        let (channels, depth, basis) = *sizes;
        let spec = SignatureSpec::new(channels, depth);
        if basis == Expand {
            return Ok(());
        }
        let signature =
            logsignature_to_signature(given.tensor::<2>(device, dtype) * 0.25, spec, basis);
        let got = signature_to_logsignature(signature, spec, basis) * 4.0;
        let floor = Floor {
            smallest: 1.0,
            of_pieces: None,
        };
        compare::gradients(&got.into(), given, &floor, tolerance(dtype))
    });
}

fn agree(engine: &Engine, call: &Call, got: &Array, want: &Array) -> Result<(), String> {
    let floor = Floor {
        of_pieces: Some(scale::of_pieces(call)),
        ..Floor::of_dtype(engine.dtype)
    };
    let tolerance = tolerance(engine.dtype);
    compare::by_level(got, want, &call.levels(), &floor, tolerance)
}

/// Values and gradients of every basis with options, against the definition on the host.
#[test]
fn every_basis_with_any_options() {
    let calls = (calls_with_options(), bases()).prop_flat_map(|((call, _), basis)| {
        let call = Call {
            log: Some(basis),
            scalar_term: false,
            initial: None,
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
        let (got, want) = (
            engine.gradient(call, Input::Path, cotangent),
            call.gradient(Input::Path, cotangent),
        );
        let floor = Floor {
            smallest: 1.0,
            of_pieces: None,
        };
        compare::gradients(&got, &want, &floor, 10.0 * tolerance(engine.dtype))
    });
}

/// The exponential of a log-signature in any basis is the signature: the terms off the Lyndon words
/// are what the theory says.
#[test]
fn signature_from_any_basis() {
    for_all((calls(2), bases()), |engine, (call, basis)| {
        let path = || call.path.tensor::<3>(&engine.target.device, engine.dtype);
        let options = LogSignatureOptions::new()
            .with_basis(*basis)
            .with_signature(SignatureOptions::new().with_method(engine.method));
        let log = logsignature_with(path(), call.depth, &options);
        let got =
            logsignature_to_signature(log, SignatureSpec::new(call.channels(), call.depth), *basis);
        super::random::agree(engine, call, &got.into(), &engine.evaluate(call))
    });
}

/// The log-signature of a path in a basis is that of all but its last segment with this appended,
/// and that in any other basis, changed.
#[test]
fn appended_and_in_another_basis() {
    for_all_devices(
        (calls(3), bases(), bases()),
        |device, dtype, (call, from, to)| {
            let (batch, length, d) = (call.path.shape[0], call.path.shape[1], call.channels());
            let part = |range| call.path.points(range).tensor::<3>(device, dtype);
            let in_basis = |range, basis| {
                let options = LogSignatureOptions::new().with_basis(basis);
                logsignature_with(part(range), call.depth, &options)
            };
            let floor = Floor {
                smallest: 1.0,
                of_pieces: None,
            };
            let same = |got: Tensor<2>, basis| {
                let want = in_basis(0..length, basis).into();
                compare::gradients(&got.into(), &want, &floor, 10.0 * tolerance(dtype))
            };
            let step = part(length - 1..length) - part(length - 2..length - 1);
            let step = step.reshape([batch, d]);
            let start = in_basis(0..length - 1, *from);
            same(logsignature_append(start, step, call.depth, *from), *from)?;
            let spec = SignatureSpec::new(d, call.depth);
            same(
                logsignature_change_basis(in_basis(0..length, *from), spec, *from, *to),
                *to,
            )
        },
    );
}

#[test]
fn combined_is_that_of_the_whole_path() {
    let cut = (calls(3), bases()).prop_flat_map(|(call, basis)| {
        let length = call.path.shape[1];
        (Just(call), Just(basis), 1..length - 1)
    });
    for_all(cut, |engine, (call, basis, cut)| {
        let in_basis = |path| Call {
            log: Some(*basis),
            ..Call::new(path, call.depth)
        };
        let of = |path| {
            let result = engine.evaluate(&in_basis(path));
            result.tensor::<2>(&engine.target.device, engine.dtype)
        };
        let length = call.path.shape[1];
        let first = of(call.path.points(0..cut + 1));
        let second = of(call.path.points(*cut..length));
        let got = logsignature_combine(
            first,
            second,
            SignatureSpec::new(call.channels(), call.depth),
            *basis,
        );
        let whole = in_basis(call.path.clone());
        agree(engine, &whole, &got.into(), &engine.evaluate(&whole))
    });
}

/// Where the bases part: the same numbers up to some depth, other ones beyond.
#[test]
fn bases_differ_from_their_depth_on() {
    for target in targets() {
        for (channels, same, depth) in [(2, 4, 5), (3, 2, 3), (4, 2, 3)] {
            let values = (0..8 * channels).map(|i| (1.7 * (i * i) as f64).sin());
            let path = Array::new([1, 8, channels], values.collect());
            let path = path.tensor::<3>(&target.device, target.widest());
            let of = |basis| {
                let options = LogSignatureOptions::new().with_basis(basis);
                Array::from(logsignature_with(path.clone(), depth, &options)).values
            };
            let (words, brackets, hall) = (of(Words), of(Brackets), of(Hall));
            let first = sig_core::logsignatures::logsignature_channels(channels, same);
            let apart = |a: &[f64], b: &[f64]| {
                let differences = a.iter().zip(b).map(|(a, b)| (a - b).abs());
                differences.fold(0.0, f64::max)
            };
            assert!(apart(&words[..first], &brackets[..first]) < 1e-5);
            assert!(apart(&words[first..], &brackets[first..]) > 1e-3);
            assert!(apart(&hall, &brackets) > 1e-3);
        }
    }
}

#[test]
fn plain_functions_are_the_words() {
    for target in targets() {
        let path = Array::new([2, 3, 2], (0..12).map(|i| f64::from(i * i % 7)).collect());
        let path = path.tensor::<3>(&target.device, target.widest());
        let plain = logsignature(path.clone(), 3);
        let options = LogSignatureOptions::new().with_basis(Words);
        let same = |a: Tensor<2>, b: Tensor<2>| assert_eq!(Array::from(a), Array::from(b));
        same(plain.clone(), logsignature_with(path.clone(), 3, &options));
        let stream = logsignature_stream(path.clone(), 3);
        assert_eq!(stream.dims(), [2, 2, 5]);
        let of =
            signature_to_logsignature(signature(path.clone(), 3), SignatureSpec::new(2, 3), Words);
        same(plain, of);
        let zero = SignatureOptions::new().with_basepoint(Basepoint::Zero);
        let options = LogSignatureOptions::new().with_signature(zero);
        let origin = Tensor::zeros([2, 1, 2], (&target.device, target.widest()));
        let longer = Tensor::cat(vec![origin, path.clone()], 1);
        same(
            logsignature_with(path, 3, &options),
            logsignature(longer, 3),
        );
    }
}
