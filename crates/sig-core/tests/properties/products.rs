//! The tensor algebra: products, inverses, segments, scaling, shuffles.

use burn::tensor::{DType, Device, Tensor};
use proptest::prelude::*;
use sig_core::algebra::{
    multi_signature_combine, segment_signature, shuffle_product, signature_append,
    signature_combine, signature_inner_product, signature_inverse, signature_prepend,
    signature_scale, signature_scale_channels,
};
use sig_core::signatures::{
    SignatureSpec, extract_signature_level, extract_signature_term, signature,
};

use super::random::{calls, for_all_devices, numbers, sizes};
use crate::support::compare::{self, Floor, close};
use crate::support::engines::tolerance;
use crate::support::naive;
use crate::support::tensors::Array;

/// So many series `[2, terms]` of numbers within −1..1, and their sizes.
fn series(count: usize) -> impl Strategy<Value = (Vec<Array>, usize, usize)> {
    sizes().prop_flat_map(move |(channels, depth)| {
        let terms = sig_core::signatures::signature_channels(channels, depth);
        let all = prop::collection::vec(numbers(vec![2, terms]), count);
        (all, Just(channels), Just(depth))
    })
}

/// Series of numbers of about 1 are rounded on the scale of 1, whatever cancels.
fn same(got: Tensor<2>, want: &Array, dtype: DType) -> Result<(), String> {
    let floor = Floor {
        smallest: 1.0,
        of_pieces: None,
    };
    compare::gradients(&got.into(), want, &floor, tolerance(dtype))
}

fn tensors(arrays: &[Array], device: &Device, dtype: DType) -> Vec<Tensor<2>> {
    arrays
        .iter()
        .map(|array| array.tensor(device, dtype))
        .collect()
}

#[test]
fn product_is_that_of_the_definition_and_associative() {
    for_all_devices(series(5), |device, dtype, (series, d, depth)| {
        let (d, depth) = (*d, *depth);
        let spec = SignatureSpec::new(d, depth);
        let [a, b, c, e, f] = &tensors(series, device, dtype)[..] else {
            unreachable!("five series")
        };
        let product = |a: &Tensor<2>, b: &Tensor<2>| signature_combine(a.clone(), b.clone(), spec);
        let want = naive::multiply(&series[0], &series[1], d, depth);
        same(product(a, b), &want, dtype)?;
        let right = product(a, &product(b, c));
        same(product(&product(a, b), c), &right.into(), dtype)?;
        for count in 1..=5 {
            let some = [a, b, c, e, f].map(Clone::clone)[..count].to_vec();
            let want = some.clone().into_iter().reduce(|a, b| product(&a, &b));
            let tree = multi_signature_combine(some, spec);
            same(tree, &want.expect("at least one").into(), dtype)?;
        }
        Ok(())
    });
}

#[test]
fn inverse_of_any_series() {
    for_all_devices(series(1), |device, dtype, (series, d, depth)| {
        let tensor = || series[0].tensor::<2>(device, dtype) * 0.5;
        let spec = SignatureSpec::new(*d, *depth);
        let inverse = || signature_inverse(tensor(), spec);
        let one = Array::zeros(series[0].shape.clone());
        same(signature_combine(tensor(), inverse(), spec), &one, dtype)?;
        same(signature_combine(inverse(), tensor(), spec), &one, dtype)
    });
}

/// The gradients of a product and an inverse, against differences: both are polynomials of which
/// the fourth derivative along a line is small.
#[test]
fn gradients_of_product_and_inverse() {
    for_all_devices(series(3), |device, dtype, (series, d, depth)| {
        if dtype != DType::F64 {
            return Ok(());
        }
        let device = device.clone().autodiff();
        let spec = SignatureSpec::new(*d, *depth);
        let value = |a: Tensor<2>, b: Tensor<2>| {
            let product = signature_combine(a, b, spec);
            let weights = series[2].tensor::<2>(&device, dtype);
            (signature_inverse(product, spec) * weights).sum()
        };
        let [a, b] = [0, 1].map(|i| series[i].tensor::<2>(&device, dtype) * 0.25);
        let inputs = [a, b].map(|input| input.detach().require_grad());
        let gradients = value(inputs[0].clone(), inputs[1].clone()).backward();
        for which in 0..2 {
            let direction = series[2].tensor::<2>(&device, dtype);
            let at = |step: f64| {
                let mut moved = inputs.clone().map(Tensor::detach);
                moved[which] = moved[which].clone() + direction.clone() * step;
                let [a, b] = moved;
                value(a, b).into_scalar::<f64>()
            };
            let difference = (at(1e-4) - at(-1e-4)) / 2e-4;
            let gradient = inputs[which]
                .grad(&gradients)
                .expect("an input has a gradient");
            let along = (gradient * direction.inner()).sum().into_scalar::<f64>();
            close(&[along], &[difference], 1.0, 1e-5)?;
        }
        Ok(())
    });
}

/// A path a point longer at either end, a single segment, and a path scaled.
#[test]
fn segments_and_scaling() {
    for_all_devices(calls(3), |device, dtype, call| {
        let (length, d, depth) = (call.path.shape[1], call.channels(), call.depth);
        let part = |range| call.path.points(range).tensor::<3>(device, dtype);
        let step = |t| (part(t + 1..t + 2) - part(t..t + 1)).reshape([call.path.shape[0], d]);
        let whole: Array = signature(part(0..length), depth).into();
        let start = signature(part(0..length - 1), depth);
        same(
            signature_append(start, step(length - 2), depth),
            &whole,
            dtype,
        )?;
        let end = signature(part(1..length), depth);
        same(signature_prepend(end, step(0), depth), &whole, dtype)?;
        let segment = signature(part(0..2), depth).into();
        same(segment_signature(step(0), depth), &segment, dtype)?;
        let scaled = signature(part(0..length) * -0.5, depth).into();
        same(
            signature_scale(
                signature(part(0..length), depth),
                -0.5,
                SignatureSpec::new(d, depth),
            ),
            &scaled,
            dtype,
        )?;
        let spec = SignatureSpec::new(d, depth);
        let factors = Array::new([1, d], (0..d).map(|i| 0.5 - i as f64).collect());
        let factors = factors.tensor::<2>(device, dtype);
        let scaled = part(0..length) * factors.clone().unsqueeze_dim(1);
        let scaled = signature(scaled, depth).into();
        let whole = signature(part(0..length), depth);
        same(
            signature_scale_channels(whole, factors, spec),
            &scaled,
            dtype,
        )
    });
}

/// `⟨S, a⟩ ⟨S, b⟩ = ⟨S, a ⧢ b⟩` where no word is longer than the depth.
#[test]
fn shuffle_identity() {
    let calls = calls(2).prop_flat_map(|call| {
        let shape = vec![call.path.shape[0], call.output_shape()[1]];
        (Just(call), numbers(shape.clone()), numbers(shape))
    });
    for_all_devices(calls, |device, dtype, (call, a, b)| {
        let (d, depth) = (call.channels(), call.depth);
        let spec = SignatureSpec::new(d, depth);
        let cut = |array: &Array, level: usize| {
            let mut array = array.clone();
            let last = if level == 0 {
                0
            } else {
                spec.level_range(level).end
            };
            for row in array.values.chunks_mut(spec.terms()) {
                row[last..].fill(0.0);
            }
            array.tensor::<2>(device, dtype)
        };
        let path = call.path.tensor::<3>(device, dtype);
        let signature = signature(path, depth);
        let on =
            |functional: Tensor<2>| signature_inner_product(signature.clone(), functional) - 1.0;
        for level in 0..=depth {
            let (a, b) = (cut(a, level), cut(b, depth - level));
            let got = on(shuffle_product(a.clone(), b.clone(), spec));
            let want = on(a) * on(b);
            let floor = Floor {
                smallest: 10.0,
                of_pieces: None,
            };
            compare::gradients(&got.into(), &want.into(), &floor, tolerance(dtype))?;
        }
        Ok(())
    });
}

#[test]
fn parts_of_a_signature() {
    for_all_devices(series(1), |device, dtype, (series, d, depth)| {
        let spec = SignatureSpec::new(*d, *depth);
        let tensor = || series[0].tensor::<2>(device, dtype);
        for level in 1..=*depth {
            let range = spec.level_range(level);
            let word = spec.word(range.end - 1);
            let got: Array = extract_signature_level(tensor(), level, spec).into();
            let want: Vec<f64> = (0..2)
                .flat_map(|row| series[0].row(row).values[range.clone()].to_vec())
                .collect();
            assert_eq!(got, Array::new([2, range.len()], want));
            let term: Array = extract_signature_term(tensor(), &word, spec).into();
            let last = |row| got.row(row).values[range.len() - 1];
            assert_eq!(term, Array::new([2, 1], vec![last(0), last(1)]));
        }
        Ok(())
    });
}
