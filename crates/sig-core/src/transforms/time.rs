//! Time as a channel.

use burn::tensor::Tensor;

use super::{append_channel, assert_beside, assert_points};
use crate::series::constants;

/// Adds time as the last channel, from 0 to `end_time` in equal steps.
///
/// The signature then depends on how fast the path is run through, and determines the path up to
/// translation.
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
/// use sig_core::transforms::time_augment;
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[5.], [6.], [4.]]], &device);
/// let path = time_augment(path, 1.0).into_data();
/// assert_eq!(path.try_to_vec::<f32>().unwrap(), [5., 0., 6., 0.5, 4., 1.]);
/// ```
#[track_caller]
pub fn time_augment(path: Tensor<3>, end_time: f64) -> Tensor<3> {
    assert_points("time_augment", &path);
    assert!(
        end_time.is_finite(),
        "time_augment: end_time must be finite, got {end_time}"
    );
    let length = path.dims()[1];
    let step = |t: usize| end_time * t as f64 / (length - 1).max(1) as f64;
    let target = (&path.device(), path.dtype());
    let times = constants((0..length).map(step).collect(), [1, length], target);
    append_channel(path, times)
}

/// Adds the given times as the last channel, for irregular samples.
///
/// # Arguments
///
/// - `path`: points, in order.
/// - `times`: the time of each point.
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
/// use sig_core::transforms::time_augment_at;
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
