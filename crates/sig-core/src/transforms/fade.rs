//! Paths whose past fades.
//!
//! On the step from `t_k` to `t_{k+1}` the increment `z` is spread evenly, so its mean weight is
//! `e^{−λ(T−t_{k+1})} (1 − e^{−λΔ}) / (λΔ)`. All weights are at most 1 for rates of at least 0:
//! growing weights `e^{λt}` would overflow on a long stream.

use burn::tensor::Tensor;

use super::{assert_beside, assert_points};
use crate::series::{constants, nothing, rounded, running_sum, widened};

/// Lets the past of each path fade exponentially, so that its signature forgets: what happened a time
/// `s` before the last point counts `e^{−λs}` in each letter.
///
/// The signature of the result is the exponentially fading signature
/// `∫_{u1<…<un<T} Π_j e^{−λ(T−u_j)} dx^{i1}_{u1} … dx^{in}_{un}`
/// ([Abi Jaber & Gérard 2025](https://arxiv.org/abs/2507.03700)), exactly: a step from `t` to `t + Δ`
/// with the increment `z` becomes `z e^{−λ(T−t−Δ)} (1 − e^{−λΔ}) / (λΔ)`. Log-signatures, kernels
/// and any other function of paths follow. The rate may be learned.
///
/// The result starts at the origin, which a signature does not see. For paths of different lengths in
/// one batch hold points and times at their last ones first, by [`hold_last`](super::hold_last).
///
/// For a stream that comes in point by point see
/// [`FadingSignature`](crate::streaming::FadingSignature).
///
/// # Arguments
///
/// - `path`: points, in order.
/// - `times`: the time of each point, not decreasing. `T` is the last time of each row. The order is not
///   checked, since that would read the times from the device: a point later than `T` is amplified
///   instead of faded, NaN gives NaN.
/// - `rate`: the rate `λ ≥ 0` per unit of time; 0 leaves the path as it is but for its start.
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - times: `[batch, length]`
/// - rate: `[1]`
/// - output: `[batch, length, channels]`
///
/// # Panics
///
/// If the path has no points, or shape or dtype of `times` or `rate` differ from those above.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::transforms::fade;
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[5.], [6.], [7.]]], &device);
/// let times = Tensor::<2>::from_floats([[0., 1., 2.]], &device);
/// let half = 2f32.ln(); // a half after each unit of time
/// let faded = fade(path, times, Tensor::from_floats([half], &device)).into_data();
/// let faded = faded.try_to_vec::<f32>().unwrap();
/// assert!((faded[1] - 0.25 / half).abs() < 1e-6); // the mean of 2^−s over s from 1 to 2
/// assert!((faded[2] - faded[1] - 0.5 / half).abs() < 1e-6);
/// ```
#[doc(alias = "fading memory")]
#[track_caller]
pub fn fade(path: Tensor<3>, times: Tensor<2>, rate: Tensor<1>) -> Tensor<3> {
    const OPERATION: &str = "fade";
    check(OPERATION, &path, &times);
    assert_beside(OPERATION, ("rate", "[1]"), &rate, [1], &path);
    faded(path, times, rate)
}

/// [`fade`] with a rate for each channel.
///
/// The letters of one step then fade at different speeds, so the step is a curve, which the result
/// follows by chords. Level 1 is exact; the error of higher levels falls like `substeps^−2`.
///
/// # Arguments
///
/// - `path`, `times`: as for [`fade`].
/// - `rates`: the rate of each channel, per unit of time, at least 0.
/// - `substeps`: the number of chords per step, at least 1.
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - times: `[batch, length]`
/// - rates: `[channels]`
/// - output: `[batch, (length − 1) substeps + 1, channels]`
///
/// # Panics
///
/// As [`fade`], and if `substeps` is 0.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::transforms::fade_channels;
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[0., 0.], [1., 1.]]], &device);
/// let times = Tensor::<2>::from_floats([[0., 1.]], &device);
/// let rates = Tensor::from_floats([0.0, 3.0], &device);
/// assert_eq!(fade_channels(path, times, rates, 8).dims(), [1, 9, 2]);
/// ```
#[track_caller]
pub fn fade_channels(
    path: Tensor<3>,
    times: Tensor<2>,
    rates: Tensor<1>,
    substeps: usize,
) -> Tensor<3> {
    const OPERATION: &str = "fade_channels";
    check(OPERATION, &path, &times);
    let channels = path.dims()[2];
    assert_beside(
        OPERATION,
        ("rates", "[channels]"),
        &rates,
        [channels],
        &path,
    );
    assert!(
        substeps > 0,
        "{OPERATION}: substeps must be at least 1, got 0"
    );
    let times = refined(times.unsqueeze_dim(2), substeps).squeeze_dim(2);
    faded(refined(path, substeps), times, rates)
}

#[track_caller]
fn check(operation: &str, path: &Tensor<3>, times: &Tensor<2>) {
    assert_points(operation, path);
    let [batch, length, _] = path.dims();
    let named = ("times", "[batch, length]");
    assert_beside(operation, named, times, [batch, length], path);
}

/// With rates of all channels or one for all.
fn faded(path: Tensor<3>, times: Tensor<2>, rates: Tensor<1>) -> Tensor<3> {
    let ([batch, length, channels], dtype) = (path.dims(), path.dtype());
    let (path, times, rates) = (widened(path), widened(times), widened(rates));
    let origin = Tensor::zeros([batch, 1, channels], (&path.device(), path.dtype()));
    if batch == 0 || length == 1 {
        return rounded(origin.repeat_dim(1, length), dtype);
    }
    let steps = length - 1;
    let rates = rates.unsqueeze_dims::<3>(&[0, 1]);
    let times = times.unsqueeze_dim::<3>(2);
    let ends = times.clone().narrow(1, 1, steps);
    let spans = ends.clone() - times.clone().narrow(1, 0, steps);
    let ages = times.narrow(1, steps, 1) - ends;
    let weights = (ages * rates.clone()).neg().exp() * mean_decay(spans * rates);
    let increments = path.clone().narrow(1, 1, steps) - path.narrow(1, 0, steps);
    let points = running_sum(Tensor::cat(vec![origin, increments * weights], 1));
    rounded(points, dtype)
}

/// Each step cut into so many equal ones.
fn refined(points: Tensor<3>, substeps: usize) -> Tensor<3> {
    let [batch, length, width] = points.dims();
    if substeps == 1 || length == 1 {
        return points;
    }
    if batch == 0 {
        return nothing(points, [0, (length - 1) * substeps + 1, width]);
    }
    let steps = length - 1;
    let first = points.clone().narrow(1, 0, steps).unsqueeze_dim::<4>(2);
    let increment = points.clone().narrow(1, 1, steps).unsqueeze_dim::<4>(2) - first.clone();
    let parts: Vec<f64> = (0..substeps).map(|i| i as f64 / substeps as f64).collect();
    let target = (&points.device(), points.dtype());
    let parts = constants(parts, [1, 1, substeps, 1], target);
    let inner = (first + increment * parts).reshape([batch, steps * substeps, width]);
    Tensor::cat(vec![inner, points.narrow(1, steps, 1)], 1)
}

/// `(1 − e^{−a}) / a`, the mean of `e^{−s}` over `s` from 0 to `a`; 1 at 0. By its series for
/// `|a| < ½`, where the difference would cancel.
fn mean_decay(a: Tensor<3>) -> Tensor<3> {
    let near = a.clone().abs().lower_elem(0.5);
    // What is not chosen must have finite values, or the gradient is NaN.
    let small = a.clone().mask_fill(near.clone().bool_not(), 0);
    let large = a.mask_fill(near.clone(), 1);
    let direct = (large.clone().neg().exp().neg() + 1.0) / large;
    // 1 − a/2 (1 − a/3 (1 − …)): the term after the last is below 0.5¹⁵ / 16! = 1.5e-18.
    let mut series = small.ones_like();
    for n in (2..=15).rev() {
        series = (small.clone() * series * (-1.0 / f64::from(n))) + 1.0;
    }
    direct.mask_where(near, series)
}
