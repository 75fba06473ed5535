//! A row of a ragged batch is the row alone.

use burn::tensor::{DType, Tensor};
use proptest::prelude::*;
use sig_core::{logsignature, signature, signature_ragged, transforms::hold_last};

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

#[test]
fn any_function_of_paths_held_at_their_last_point() {
    for_all_devices(batches(), |device, dtype, (path, lengths)| {
        let (padded, alone) = padded(path, lengths, f64::NAN);
        let held = hold_last(padded.tensor(device, dtype), lengths);
        let got: Array = logsignature(held, 3).into();
        for (row, alone) in alone.iter().enumerate() {
            let want: Array = logsignature(alone.tensor(device, dtype), 3).into();
            close(&got.row(row).values, &want.values, 1.0, tolerance(dtype))?;
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
