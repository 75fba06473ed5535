//! Time as a channel.

use burn::tensor::Tensor;

use super::{append_channel, assert_beside, assert_points, check_lengths, hold_last};
use crate::series::constants;

/// Adds time as the last channel, from 0 to `end_time` in equal steps.
///
/// The signature then depends on how fast the path is run through, and determines the path up to
/// translation.
///
/// For paths of different lengths in one batch use [`time_augment_ragged`]: here time runs on
/// through the padding.
///
/// # Arguments
///
/// - `path`: points, in order.
/// - `end_time`: the time of the last point; a single point has time 0.
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - output: `[batch, length, channels + 1]`
///
/// # Panics
///
/// If the path has no points, or the time is not finite.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::transforms::time_augment;
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[5.], [6.], [4.]]], &device);
/// let path = time_augment(path, 1.0).into_data();
/// assert_eq!(path.try_to_vec::<f32>().unwrap(), [5., 0., 6., 0.5, 4., 1.]);
/// ```
#[track_caller]
pub fn time_augment(path: Tensor<3>, end_time: f64) -> Tensor<3> {
    const OPERATION: &str = "time_augment";
    assert_points(OPERATION, &path);
    let length = path.dims()[1];
    at_equal_steps(OPERATION, path, &[length], end_time)
}

/// Paths of different lengths, padded to one, with time as one more channel, the last: each row has
/// the time that [`time_augment`] gives the row alone, from 0 to `end_time` at its own last point.
/// Points and time rest in the padding.
///
/// # Arguments
///
/// - `path`: padded paths; values after the last point of a row are ignored.
/// - `lengths`: how many points each row has, from 1 to `length`.
/// - `end_time`: the time of the last point of each row; a single point has time 0.
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - output: `[batch, length, channels + 1]`
///
/// # Panics
///
/// If there are not as many lengths as rows, one is 0 or exceeds the length of the paths, or the time
/// is not finite.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::transforms::time_augment_ragged;
///
/// let path = [[[1.], [2.], [4.]], [[3.], [5.], [f32::NAN]]];
/// let path = Tensor::<3>::from_floats(path, &Device::flex());
/// let timed = time_augment_ragged(path, &[3, 2], 1.0).into_data();
/// assert_eq!(
///     timed.try_to_vec::<f32>().unwrap(),
///     [1., 0., 2., 0.5, 4., 1., 3., 0., 5., 1., 5., 1.]
/// );
/// ```
#[doc(alias = "padding")]
#[doc(alias = "mask")]
#[track_caller]
pub fn time_augment_ragged(path: Tensor<3>, lengths: &[usize], end_time: f64) -> Tensor<3> {
    const OPERATION: &str = "time_augment_ragged";
    check_lengths(OPERATION, &path, lengths);
    at_equal_steps(OPERATION, hold_last(path, lengths), lengths, end_time)
}

/// Paths with times from 0 to `end_time` in equal steps until the last point of each row, or of all
/// rows if there is one length, and `end_time` from there on.
#[track_caller]
fn at_equal_steps(operation: &str, path: Tensor<3>, lengths: &[usize], end_time: f64) -> Tensor<3> {
    assert!(
        end_time.is_finite(),
        "{operation}: end_time must be finite, got {end_time}"
    );
    let length = path.dims()[1];
    let row = |&points: &usize| {
        let steps = points - 1;
        (0..length).map(move |t| end_time * t.min(steps) as f64 / steps.max(1) as f64)
    };
    let times = lengths.iter().flat_map(row).collect();
    let target = (&path.device(), path.dtype());
    let times = constants(times, [lengths.len(), length], target);
    append_channel(path, times)
}

/// Adds the given times as the last channel, for irregular samples.
///
/// For paths of different lengths in one batch apply [`hold_last`] to the result, which holds points
/// and times.
///
/// # Arguments
///
/// - `path`: points, in order.
/// - `times`: the time of each point, not decreasing. This is not checked: any times go into the
///   channel as they are. f32 tells times apart to one part in 10⁷, so count them from the start of
///   the series and not, say, from 1970.
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - times: `[batch, length]`
/// - output: `[batch, length, channels + 1]`
///
/// # Panics
///
/// If the path has no points, or shape or dtype of `times` differ from those of the path.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::transforms::time_augment_at;
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[5.], [6.]]], &device);
/// let times = Tensor::<2>::from_floats([[0., 0.1]], &device);
/// let path = time_augment_at(path, times).into_data();
/// assert_eq!(path.try_to_vec::<f32>().unwrap(), [5., 0., 6., 0.1]);
/// ```
#[track_caller]
pub fn time_augment_at(path: Tensor<3>, times: Tensor<2>) -> Tensor<3> {
    const OPERATION: &str = "time_augment_at";
    assert_points(OPERATION, &path);
    let [batch, length, _] = path.dims();
    let named = ("times", "[batch, length]");
    assert_beside(OPERATION, named, &times, [batch, length], &path);
    append_channel(path, times)
}
