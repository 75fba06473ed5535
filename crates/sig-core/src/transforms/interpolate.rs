//! Missing values between observations: lines, steps, and counts of observations.

use burn::tensor::{Int, Tensor};

use super::{
    LeadingMissing, assert_beside, assert_points, cumulative_sum, forward_fill, time_augment_at,
};
use crate::series::nothing;

/// Replaces each missing value (NaN) by the straight line between the observations before and after
/// it in the same row and channel.
///
/// Before its first observation a channel has that value, behind the last one the last, as a linear
/// path of torchcde has. A channel without any observation stays NaN. The value depends on what is
/// observed later: for a model that runs online take [`forward_fill`](super::forward_fill) or
/// [`rectilinear`].
///
/// The gradient of an observation is the sum over all places it fills, with their weights; that of a
/// missing value is 0. The times have no gradient.
///
/// Through the result a cubic spline may be laid: `NeuralCde` of `sig-nn` does. Paths of different
/// lengths in one batch are held at their last points first: [`hold_last`](super::hold_last).
///
/// # Arguments
///
/// - `path`: points, in order.
/// - `times`: the time of each point, not decreasing. The order is not checked, since that would
///   read the times from the device: a time that is earlier than the one before gives a value outside
///   those observed before and after, and a time of NaN gives NaN.
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - times: `[batch, length]`
/// - output: `[batch, length, channels]`
///
/// # Panics
///
/// If the path has no points, or shape or dtype of `times` differ from those of the path.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::transforms::interpolate_missing;
///
/// let device = Device::flex();
/// let nan = f32::NAN;
/// let path = Tensor::<3>::from_floats([[[nan], [2.], [nan], [8.], [nan]]], &device);
/// let times = Tensor::<2>::from_floats([[0., 1., 2., 4., 5.]], &device);
/// let path = interpolate_missing(path, times).into_data();
/// assert_eq!(path.try_to_vec::<f32>().unwrap(), [2., 2., 4., 8., 8.]);
/// ```
#[track_caller]
pub fn interpolate_missing(path: Tensor<3>, times: Tensor<2>) -> Tensor<3> {
    const OPERATION: &str = "interpolate_missing";
    assert_points(OPERATION, &path);
    let [batch, length, channels] = path.dims();
    let named = ("times", "[batch, length]");
    assert_beside(OPERATION, named, &times, [batch, length], &path);
    if batch * channels == 0 {
        return path;
    }
    let shape = [batch, length, channels];
    let missing = path.clone().is_nan();
    let places = Tensor::<1, Int>::arange(0..length as i64, &path.device());
    let places = places.reshape([1, length, 1]).expand(shape);
    // The last observation at or before each place, and the first one at or after it, counted from
    // the end; −1 where there is none.
    let before = places.clone().mask_fill(missing.clone(), -1).cummax(1);
    let from_end = (places.neg() + (length as i64 - 1)).mask_fill(missing, -1);
    let after = from_end.flip([1]).cummax(1).flip([1]);
    let no_before = before.clone().lower_elem(0);
    let no_after = after.clone().lower_elem(0);
    let after = (after.neg() + (length as i64 - 1)).clamp(0, length as i64 - 1);
    let before = before.clamp_min(0);
    let at_start = after
        .clone()
        .mask_where(no_before.clone().bool_not(), before.clone());
    let at_end = before.mask_where(no_after.bool_not(), after);

    let times = times.detach().unsqueeze_dim::<3>(2).expand(shape);
    let start = times.clone().gather(1, at_start.clone());
    let span = times.clone().gather(1, at_end.clone()) - start.clone();
    // Observed, held, or two observations at one time.
    let still = span.clone().equal_elem(0);
    let part = (times - start) / span.mask_fill(still.clone(), 1);
    let part = part.mask_fill(still, 0);
    let (start, end) = (path.clone().gather(1, at_start), path.gather(1, at_end));
    let filled = start.clone() + (end - start) * part;
    // Where nothing was observed there is nothing that a gradient could reach.
    let unknown = filled.clone().is_nan();
    filled.mask_fill(unknown, f64::NAN)
}

/// A path that moves through time and values in turn, so that nothing observed later is known before
/// its time: `(t_1, x_1), (t_2, x_1), (t_2, x_2), …`, with missing values (NaN) filled from before
/// ([Morrill et al. 2022](https://arxiv.org/abs/2106.11028)).
///
/// It carries the same information as the observations, and is what a controlled differential equation
/// takes that must run online. Time is the last channel, as of
/// [`time_augment_at`](super::time_augment_at).
///
/// The gradient of an observation is the sum over all places it fills; that of a missing value is 0.
///
/// # Arguments
///
/// - `path`: points, in order.
/// - `times`: the time of each point, not decreasing. This is not checked: any times go into the
///   channel as they are.
/// - `leading`: what stands for values missing before a channel has had any.
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - times: `[batch, length]`
/// - output: `[batch, 2 length − 1, channels + 1]`
///
/// # Panics
///
/// If the path has no points, or shape or dtype of `times` differ from those of the path.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::transforms::{LeadingMissing, rectilinear};
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[1.], [f32::NAN], [5.]]], &device);
/// let times = Tensor::<2>::from_floats([[0., 1., 3.]], &device);
/// let path = rectilinear(path, times, LeadingMissing::Keep).into_data();
/// let points = [1., 0., 1., 1., 1., 1., 1., 3., 5., 3.];
/// assert_eq!(path.try_to_vec::<f32>().unwrap(), points);
/// ```
#[track_caller]
pub fn rectilinear(path: Tensor<3>, times: Tensor<2>, leading: LeadingMissing) -> Tensor<3> {
    let [batch, length, channels] = path.dims();
    let timed = time_augment_at(forward_fill(path, leading), times);
    if batch == 0 || length == 1 {
        let shape = [batch, 2 * length - 1, channels + 1];
        return match batch {
            0 => nothing(timed, shape),
            _ => timed,
        };
    }
    let values = |start: usize| {
        timed
            .clone()
            .narrow(1, start, length - 1)
            .narrow(2, 0, channels)
    };
    let later = timed.clone().narrow(1, 1, length - 1);
    // Each step first in time, then in value.
    let time = later.clone().narrow(2, channels, 1);
    let waiting = Tensor::cat(vec![values(0), time], 2);
    let steps = Tensor::<3>::stack::<4>(vec![waiting, later], 2);
    let steps = steps.reshape([batch, 2 * (length - 1), channels + 1]);
    Tensor::cat(vec![timed.narrow(1, 0, 1), steps], 1)
}

/// How often each channel has been observed up to each point, as further channels: a mask that a
/// controlled differential equation sees, since only what changes moves it
/// ([Kidger et al. 2020](https://arxiv.org/abs/2005.08926)).
///
/// When a value was measured often says as much as the value. Count first, fill after:
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::transforms::{LeadingMissing, forward_fill, observation_counts};
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[1.], [f32::NAN], [5.]]], &device);
/// let counts = observation_counts(&path);
/// let path = Tensor::cat(vec![forward_fill(path, LeadingMissing::Keep), counts], 2).into_data();
/// assert_eq!(path.try_to_vec::<f32>().unwrap(), [1., 1., 1., 1., 5., 2.]);
/// ```
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - output: `[batch, length, channels]`, without a gradient
pub fn observation_counts(path: &Tensor<3>) -> Tensor<3> {
    let observed = path.clone().detach().is_nan().bool_not();
    let ones = path.ones_like().detach();
    cumulative_sum(ones.mask_fill(observed.bool_not(), 0))
}
