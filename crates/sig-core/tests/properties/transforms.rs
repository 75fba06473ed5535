//! Transforms of paths, and what signatures say of them.

use burn::tensor::{DType, Tensor};
use sig_core::logsignatures::logsignature;
use sig_core::signatures::{Basepoint, SignatureOptions, signature, signature_with};
use sig_core::transforms::{
    LeadLagOrder, LeadingMissing, basepoint, cumulative_sum, forward_fill, interpolate_missing,
    invisibility_reset, lead_lag, observation_counts, rectilinear, scale, time_augment,
    time_augment_at,
};

use super::random::{calls, for_all_devices};
use crate::support::compare::{self, Floor};
use crate::support::engines::{targets, tolerance};
use crate::support::tensors::Array;

fn same(got: Tensor<2>, want: Tensor<2>, dtype: DType) -> Result<(), String> {
    let floor = Floor {
        smallest: 1.0,
        of_pieces: None,
    };
    compare::gradients(&got.into(), &want.into(), &floor, tolerance(dtype))
}

#[test]
fn points_by_the_definition() {
    for target in targets() {
        for dtype in target.dtypes() {
            let values = vec![1.0, -2.0, 3.0, 0.5, 2.0, 4.0];
            let path = Array::new([1, 3, 2], values).tensor::<3>(&target.device, dtype);
            let check = |got: Tensor<3>, want: Vec<f64>| {
                assert_eq!(got.dtype(), dtype);
                assert_eq!(Array::from(got).values, want, "{} {dtype:?}", target.name);
            };
            check(
                time_augment(path.clone(), 1.0),
                vec![1.0, -2.0, 0.0, 3.0, 0.5, 0.5, 2.0, 4.0, 1.0],
            );
            let times = Array::new([1, 3], vec![0.0, 0.25, 4.0]);
            check(
                time_augment_at(path.clone(), times.tensor(&target.device, dtype)),
                vec![1.0, -2.0, 0.0, 3.0, 0.5, 0.25, 2.0, 4.0, 4.0],
            );
            check(
                lead_lag(path.clone().narrow(2, 0, 1), LeadLagOrder::LeadLag),
                vec![1.0, 1.0, 3.0, 1.0, 3.0, 3.0, 2.0, 3.0, 2.0, 2.0],
            );
            check(
                lead_lag(path.clone().narrow(2, 0, 1), LeadLagOrder::LagLead),
                vec![1.0, 1.0, 1.0, 3.0, 3.0, 3.0, 3.0, 2.0, 2.0, 2.0],
            );
            check(
                invisibility_reset(path.clone()),
                vec![
                    1.0, -2.0, 1.0, 3.0, 0.5, 1.0, 2.0, 4.0, 1.0, 2.0, 4.0, 0.0, 0.0, 0.0, 0.0,
                ],
            );
            check(
                cumulative_sum(path.clone()),
                vec![1.0, -2.0, 4.0, -1.5, 6.0, 2.5],
            );
            let factors = Array::new([2], vec![2.0, -1.0]).tensor(&target.device, dtype);
            check(
                scale(path.clone(), factors),
                vec![2.0, 2.0, 6.0, -0.5, 4.0, -4.0],
            );
            check(
                basepoint(path.clone(), &Basepoint::Zero),
                vec![0.0, 0.0, 1.0, -2.0, 3.0, 0.5, 2.0, 4.0],
            );
            check(
                basepoint(path.clone(), &Basepoint::None),
                Array::from(path).values,
            );
        }
    }
}

/// Of the path and of the times, each with an own weight, whether or not the other has a gradient.
#[test]
fn gradients_of_points_and_times() {
    for target in targets() {
        let dtype = target.widest();
        let device = target.device.clone().autodiff();
        let path = || Array::new([2, 3, 2], (0..12).map(f64::from).collect());
        let times = || Array::new([2, 3], vec![0.0, 0.5, 3.0, 1.0, 2.0, 2.5]);
        let weights = Array::new([2, 3, 3], (1..=18).map(f64::from).collect());
        for (of_path, of_times) in [(true, true), (true, false), (false, true)] {
            let path = path().tensor::<3>(&device, dtype);
            let times = times().tensor::<2>(&device, dtype);
            let path = path.set_require_grad(of_path);
            let times = times.set_require_grad(of_times);
            let augmented = time_augment_at(path.clone(), times.clone());
            let loss = (augmented * weights.tensor(&device, dtype)).sum();
            let gradients = loss.backward();
            let of =
                |gradient: Option<Tensor<3>>| gradient.map(|tensor| Array::from(tensor).values);
            let want = vec![1., 2., 4., 5., 7., 8., 10., 11., 13., 14., 16., 17.];
            assert_eq!(of(path.grad(&gradients)), of_path.then_some(want));
            let times = times.grad(&gradients).map(|tensor| tensor.unsqueeze_dim(2));
            let want = vec![3., 6., 9., 12., 15., 18.];
            assert_eq!(of(times), of_times.then_some(want));
        }
        let path = path().tensor::<3>(&device, dtype).require_grad();
        let augmented = time_augment(path.clone(), 2.0) * weights.tensor(&device, dtype);
        let gradient: Array = path.grad(&augmented.sum().backward()).unwrap().into();
        let want = [1., 2., 4., 5., 7., 8., 10., 11., 13., 14., 16., 17.];
        assert_eq!(gradient.values, want);
    }
}

/// A transform and an option of the same name do the same, and the invisibility reset tells where a
/// path is: level 2 of its new channel has the last point.
#[test]
fn signatures_of_transformed_paths() {
    for_all_devices(calls(1), |device, dtype, call| {
        let path = || call.path.tensor::<3>(device, dtype);
        let [batch, length, channels] = call.path.shape[..] else {
            unreachable!("a path has 3 axes")
        };
        let first = path().narrow(1, 0, 1).reshape([batch, channels]);
        for point in [Basepoint::Zero, Basepoint::Point(first * 2.0)] {
            let options = SignatureOptions::new().with_basepoint(point.clone());
            let got = signature(basepoint(path(), &point), call.depth);
            same(got, signature_with(path(), call.depth, &options), dtype)?;
        }
        let reset = signature(invisibility_reset(path()), 2);
        let last = path().narrow(1, length - 1, 1).reshape([batch, channels]);
        // ∫ dv dx with v falling to 0 before x returns: the word (v, x) has −1 times −x_L.
        let words = reset.narrow(1, channels + 1 + channels * (channels + 1), channels);
        same(words, last, dtype)
    });
}

/// The area between lead and lag is half the quadratic variation: lead before lag is positive.
#[test]
fn lead_lag_area_is_the_quadratic_variation() {
    for target in targets() {
        let dtype = target.widest();
        let path = Array::new([1, 4, 1], vec![0.0, 1.0, -1.0, 2.0]);
        let area = |order| {
            let path = path.tensor::<3>(&target.device, dtype);
            Array::from(logsignature(lead_lag(path, order), 2)).values[2]
        };
        let variation = 1.0 + 4.0 + 9.0;
        let (leading, following) = (area(LeadLagOrder::LeadLag), area(LeadLagOrder::LagLead));
        assert!((leading - variation / 2.0).abs() < 1e-5, "{leading}");
        assert!((following + variation / 2.0).abs() < 1e-5, "{following}");
    }
}

/// Values and gradient where values are missing: that of a value carried on counts for all places it
/// fills, that of a missing one is 0.
#[test]
fn missing_values_are_filled_from_before() {
    for target in targets() {
        let dtype = target.widest();
        let device = target.device.clone().autodiff();
        let nan = f64::NAN;
        let values = vec![nan, 1.0, 2.0, nan, nan, nan, 3.0, 4.0];
        let path = || Array::new([1, 4, 2], values.clone()).tensor::<3>(&device, dtype);
        let kept: Array = forward_fill(path(), LeadingMissing::Keep).into();
        assert!(kept.values[0].is_nan());
        assert_eq!(kept.values[1..], [1.0, 2.0, 1.0, 2.0, 1.0, 3.0, 4.0]);

        let input = path().require_grad();
        let filled = forward_fill(input.clone(), LeadingMissing::Value(-5.0));
        let weights = Array::new([1, 4, 2], (1..=8).map(f64::from).collect());
        let loss = (filled.clone() * weights.tensor(&device, dtype)).sum();
        let gradient: Array = input.grad(&loss.backward()).unwrap().into();
        assert_eq!(
            Array::from(filled).values,
            [-5.0, 1.0, 2.0, 1.0, 2.0, 1.0, 3.0, 4.0]
        );
        assert_eq!(gradient.values, [0.0, 12.0, 8.0, 0.0, 0.0, 0.0, 7.0, 8.0]);
    }
}

/// Values between observations lie on the line through them, in time; those before the first and
/// behind the last are held. A gradient goes to the observations, by their weights, and to nothing
/// that is missing.
#[test]
fn missing_values_lie_on_lines_between_observations() {
    for target in targets() {
        let dtype = target.widest();
        let device = target.device.clone().autodiff();
        let nan = f64::NAN;
        // Two channels, and one without any observation.
        let values = vec![
            1.0, nan, nan, nan, 2.0, nan, nan, nan, nan, 9.0, 4.0, nan, 5.0, nan, nan,
        ];
        let path = Array::new([1, 5, 3], values).tensor::<3>(&device, dtype);
        let times = Array::new([1, 5], vec![0.0, 0.5, 1.5, 2.0, 3.0]);
        let input = path.require_grad();
        let filled = interpolate_missing(input.clone(), times.tensor(&device, dtype));
        let got: Array = filled.clone().into();
        assert!((0..5).all(|t| got.values[3 * t + 2].is_nan()));
        let weights = Array::new([1, 5, 2], (1..=10).map(f64::from).collect());
        let loss = (filled.narrow(2, 0, 2) * weights.tensor(&device, dtype)).sum();
        let gradient: Array = input.grad(&loss.backward()).unwrap().into();
        let third = 1.0 / 3.0;
        let want = [
            [1.0, 2.0],
            [3.0, 2.0],
            [7.0, 10.0 * third],
            [9.0, 4.0],
            [5.0, 4.0],
        ];
        let want_gradient = [[4.5, 0.0], [0.0, 8.0], [0.0, 0.0], [11.5, 22.0], [9.0, 0.0]];
        for t in 0..5 {
            for channel in 0..2 {
                let off = got.values[3 * t + channel] - want[t][channel];
                let off_gradient = gradient.values[3 * t + channel] - want_gradient[t][channel];
                let what = format!("{}, {t}, {channel}", target.name);
                assert!(off.abs() < 1e-6 && off_gradient.abs() < 1e-5, "{what}");
            }
            assert_eq!(gradient.values[3 * t + 2], 0.0);
        }
    }
}

/// Time moves before values do, and each observation counts for all places that it fills.
#[test]
fn rectilinear_paths_know_nothing_before_its_time() {
    for target in targets() {
        let dtype = target.widest();
        let device = target.device.clone().autodiff();
        let values = vec![f64::NAN, 1.0, f64::NAN, 3.0];
        let path = || Array::new([1, 4, 1], values.clone()).tensor::<3>(&device, dtype);
        let input = path().require_grad();
        let times = Array::new([1, 4], vec![0.0, 1.0, 1.5, 4.0]).tensor(&device, dtype);
        let moved = rectilinear(input.clone(), times, LeadingMissing::Value(-1.0));
        let got: Array = moved.clone().into();
        let want = [
            [-1.0, 0.0],
            [-1.0, 1.0],
            [1.0, 1.0],
            [1.0, 1.5],
            [1.0, 1.5],
            [1.0, 4.0],
            [3.0, 4.0],
        ];
        assert_eq!(got.values, want.concat());
        let weights = Array::new([1, 7, 2], (1..=14).map(f64::from).collect());
        let loss = (moved * weights.tensor(&device, dtype)).sum();
        let gradient: Array = input.grad(&loss.backward()).unwrap().into();
        assert_eq!(gradient.values, [0.0, 5.0 + 7.0 + 9.0 + 11.0, 0.0, 13.0]);
        let counts: Array = observation_counts(&path()).into();
        assert_eq!(counts.values, [0.0, 1.0, 1.0, 2.0]);
    }
}
