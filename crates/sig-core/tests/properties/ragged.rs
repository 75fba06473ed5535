//! A row of a ragged batch is the row alone.

use burn::tensor::{DType, Tensor};
use proptest::prelude::*;
use sig_core::logsignatures::{LogSignatureBasis, logsignature, logsignature_ragged};
use sig_core::signatures::{signature, signature_ragged, signature_stream};
use sig_core::transforms::{LeadLagOrder, PathTransform, hold_last, time_augment_ragged};
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

/// Up to two transforms of every kind, one after the other, and a batch of 1 to 4 rows.
fn transformed_batches() -> impl Strategy<Value = (Vec<PathTransform>, Array, Vec<usize>)> {
    let transform = prop_oneof![
        Just(PathTransform::TimeAugment { end_time: 2.0 }),
        Just(PathTransform::LeadLag {
            order: LeadLagOrder::LagLead
        }),
        Just(PathTransform::Basepoint),
        Just(PathTransform::InvisibilityReset),
        Just(PathTransform::CumulativeSum),
        Just(PathTransform::Scale { factor: -0.5 }),
        Just(PathTransform::ForwardFill { leading: 0.25 }),
    ];
    (prop::collection::vec(transform, 0..=2), 1..=4usize).prop_flat_map(|(transforms, batch)| {
        let lengths = prop::collection::vec(1..=6usize, batch);
        (Just(transforms), numbers(vec![batch, 6, 2]), lengths)
    })
}

/// A transform of a padded row equals the transform of the row alone, held at its last point.
#[test]
fn transforms_of_each_row_alone() {
    let forward = |transforms: &[PathTransform], path: Tensor<3>, lengths: &[usize]| {
        let start = (hold_last(path, lengths), lengths.to_vec());
        transforms.iter().fold(start, |(path, lengths), transform| {
            transform.forward_ragged(path, &lengths)
        })
    };
    let weighted = |path: &Tensor<3>, result: Tensor<2>| {
        let terms = Tensor::arange(1..result.dims()[1] as i64 + 1, &result.device());
        let weights = terms.float().cast(dtype_of(result.dtype())) / 16.0;
        let gradients = (result.clone() * weights.unsqueeze()).sum().backward();
        let gradient = path.grad(&gradients).expect("the path has a gradient");
        (Array::from(result), Array::from(gradient))
    };
    for_all_devices(
        transformed_batches(),
        |device, widest, (transforms, path, lengths)| {
            let (padded, alone) = padded(path, lengths, f64::NAN);
            let device = device.clone().autodiff();
            let dtypes = [widest, DType::F32];
            for dtype in &dtypes[usize::from(widest == DType::F32)..] {
                let of = |path: &Array, of_row: &dyn Fn(Tensor<3>) -> Tensor<3>| {
                    let input = path.tensor::<3>(&device, *dtype).require_grad();
                    let path = of_row(input.clone());
                    let log = logsignature(path.clone(), 3);
                    let terms = Tensor::cat(vec![signature(path.clone(), 2), log], 1);
                    (Array::from(path), weighted(&input, terms))
                };
                let (points, (got, gradient)) =
                    of(&padded, &|path| forward(transforms, path, lengths).0);
                let input = padded.tensor::<3>(&device, *dtype);
                let (_, new_lengths) = forward(transforms, input, lengths);
                for (row, alone) in alone.iter().enumerate() {
                    let plain = |path| transforms.iter().fold(path, |path, t| t.forward(path));
                    let (want_points, (want, want_gradient)) = of(alone, &plain);
                    let (points, want_points) = (points.row(row), want_points.row(0));
                    if want_points.shape[0] != new_lengths[row] {
                        return Err(format!("row {row} has {} points", new_lengths[row]));
                    }
                    let last = new_lengths[row] - 1;
                    for t in 0..points.shape[0] {
                        let want = want_points.row(t.min(last)).values;
                        close(&points.row(t).values, &want, 1.0, tolerance(*dtype))?;
                    }
                    let largest =
                        |array: &Array| array.values.iter().fold(1.0, |m: f64, x| m.max(x.abs()));
                    let (scale, tolerance) = (largest(&want), tolerance(*dtype));
                    close(&got.row(row).values, &want.values, scale, tolerance)?;
                    let gradient = gradient.row(row).values;
                    let (gradient, padding) = gradient.split_at(2 * lengths[row]);
                    let scale = largest(&want_gradient);
                    close(gradient, &want_gradient.values, scale, tolerance)?;
                    if padding.iter().any(|&x| x != 0.0) {
                        return Err(format!("the padding of row {row} has a gradient"));
                    }
                }
            }
            Ok(())
        },
    );
}

/// Functions that hold and transform at once are the two steps.
#[test]
fn ragged_functions_are_those_of_held_paths() {
    for target in crate::support::engines::targets() {
        let path = Array::new([2, 3, 2], (0..12).map(|i| f64::from(i * i % 7)).collect());
        let (padded, alone) = {
            let mut padded = path.clone();
            padded.values[10..].fill(f64::NAN);
            let alone = Array::stack(&[path.row(1)]).points(0..2);
            (padded, alone)
        };
        let tensor = |path: &Array| path.tensor::<3>(&target.device, DType::F32);
        let log = Array::from(logsignature_ragged(tensor(&padded), &[3, 2], 3)).row(1);
        let want = Array::from(logsignature(tensor(&alone), 3)).row(0);
        close(&log.values, &want.values, 1.0, 1e-5).unwrap();
        let timed = Array::from(time_augment_ragged(tensor(&padded), &[3, 2], 1.0)).row(1);
        let (x, y) = (alone.row(0).row(0).values, alone.row(0).row(1).values);
        let want = [&x[..], &[0.0], &y, &[1.0], &y, &[1.0]].concat();
        assert_eq!(timed.values, want, "{}", target.name);
    }
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
