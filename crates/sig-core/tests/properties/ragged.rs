//! A row of a ragged batch is the row alone.

use burn::tensor::{DType, Tensor};
use proptest::prelude::*;
use sig_core::logsignatures::{LogSignatureBasis, logsignature};
use sig_core::signatures::{signature, signature_ragged, signature_stream};
use sig_core::transforms::hold_last;
use sig_core::windows::{Windows, logsignature_windows};

use super::random::{for_all_devices, numbers};
use crate::support::compare::{self, Floor, close};
use crate::support::engines::{smallest_normal, tolerance};
use crate::support::tensors::Array;

/// Three paths of 6 points in 2 channels, and how many points of each count.
fn batches() -> impl Strategy<Value = (Array, Vec<usize>)> {
    (numbers(vec![3, 6, 2]), prop::collection::vec(1..=6usize, 3))
}

/// The paths with their padding replaced, and each row alone.
fn padded(path: &Array, lengths: &[usize], padding: f64) -> (Array, Vec<Array>) {
    let mut padded = path.clone();
    let mut alone = Vec::new();
    for (row, &points) in lengths.iter().enumerate() {
        padded.values[row * 12 + 2 * points..(row + 1) * 12].fill(padding);
        alone.push(Array::stack(&[path.row(row)]).points(0..points));
    }
    (padded, alone)
}

#[test]
fn values_and_gradients_of_each_row_alone() {
    for_all_devices(batches(), |device, dtype, (path, lengths)| {
        for padding in [0.0, 1e6, f64::NAN, f64::INFINITY] {
            let (padded, alone) = padded(path, lengths, padding);
            let device = device.clone().autodiff();
            let of = |path: &Array, lengths: &[usize]| {
                let input = path.tensor::<3>(&device, dtype).require_grad();
                let output = signature_ragged(input.clone(), lengths, 3);
                let weights = Tensor::arange(1..15, &device).float().cast(dtype_of(dtype));
                let loss = (output.clone() * weights.reshape([1, 14])).sum();
                let gradient = input
                    .grad(&loss.backward())
                    .expect("the path has a gradient");
                (Array::from(output), Array::from(gradient))
            };
            let (values, gradient) = of(&padded, lengths);
            for (row, alone) in alone.iter().enumerate() {
                let points = lengths[row];
                let (want, want_gradient) = of(alone, &[points]);
                let floor = Floor::of_dtype(dtype);
                let got = Array::stack(&[values.row(row)]);
                compare::signatures(&got, &want, 2, &floor, tolerance(dtype))?;
                let got = gradient.row(row).values;
                let smallest = smallest_normal(dtype).max(1e-3);
                close(
                    &got[..2 * points],
                    &want_gradient.values,
                    smallest,
                    tolerance(dtype),
                )?;
                if got[2 * points..].iter().any(|&x| x != 0.0) {
                    return Err(format!("the padding of row {row} has a gradient"));
                }
            }
        }
        Ok(())
    });
}

fn dtype_of(dtype: DType) -> burn::tensor::FloatDType {
    dtype.into()
}

/// Log-signatures, windows within a row and prefixes, values and gradients.
#[test]
fn any_function_of_paths_held_at_their_last_point() {
    let terms = |row: Tensor<3>, points: usize| {
        let mut parts = vec![logsignature(row.clone(), 3).flatten(0, 1)];
        if points > 1 {
            let windows = Windows::Intervals(vec![0..points, points - 2..points]);
            let log = logsignature_windows(row.clone(), 3, &windows, LogSignatureBasis::Hall);
            let prefixes = signature_stream(row, 3).narrow(1, 0, points - 1);
            parts.extend([log.flatten(0, 2), prefixes.flatten(0, 2)]);
        }
        Tensor::<1>::cat(parts, 0)
    };
    for_all_devices(batches(), |device, dtype, (path, lengths)| {
        let (padded, alone) = padded(path, lengths, f64::NAN);
        let device = device.clone().autodiff();
        for (row, alone) in alone.iter().enumerate() {
            let points = lengths[row];
            let of = |input: &Tensor<3>, path: Tensor<3>| {
                let terms = terms(path, points);
                let weights = Tensor::arange(1..terms.dims()[0] as i64 + 1, &device);
                let weights = weights.float().cast(dtype_of(dtype));
                let gradients = (terms.clone() * weights).sum().backward();
                let gradient = input.grad(&gradients).expect("the path has a gradient");
                (Array::from(terms).values, Array::from(gradient))
            };
            let input = padded.tensor::<3>(&device, dtype).require_grad();
            let held = hold_last(input.clone(), lengths).narrow(0, row, 1);
            let (got, gradient) = of(&input, held);
            let input = alone.tensor::<3>(&device, dtype).require_grad();
            let (want, want_gradient) = of(&input, input.clone());
            close(&got, &want, 1.0, tolerance(dtype))?;
            let gradient = gradient.row(row).values;
            let (gradient, padding) = gradient.split_at(2 * points);
            let largest = want_gradient
                .values
                .iter()
                .fold(1.0, |m: f64, x| m.max(x.abs()));
            close(gradient, &want_gradient.values, largest, tolerance(dtype))?;
            if padding.iter().any(|&x| x != 0.0) {
                return Err(format!("the padding of row {row} has a gradient"));
            }
        }
        Ok(())
    });
}

/// Also where the row is long and its padding longer.
#[test]
fn long_padding_in_single_precision() {
    for target in crate::support::engines::targets() {
        let values: Vec<f64> = (0..400)
            .map(|i| (0.3 * f64::from(i * i % 53)).sin())
            .collect();
        let path = Array::new([1, 200, 2], values);
        let device = target.device.clone().autodiff();
        let gradient = |path: &Array, points: usize| {
            let input = path.tensor::<3>(&device, DType::F32).require_grad();
            let loss = signature_ragged(input.clone(), &[points], 4).sum();
            Array::from(
                input
                    .grad(&loss.backward())
                    .expect("the path has a gradient"),
            )
        };
        let got = gradient(&path, 20).points(0..20);
        let want = gradient(&path.points(0..20), 20);
        let floor = Floor::of_dtype(DType::F32);
        compare::gradients(&got, &want, &floor, 1e-5).unwrap();
        let whole = signature(path.points(0..20).tensor(&target.device, DType::F32), 4);
        let ragged = signature_ragged(path.tensor(&target.device, DType::F32), &[20], 4);
        compare::signatures(&ragged.into(), &whole.into(), 2, &floor, 1e-5).unwrap();
    }
}
