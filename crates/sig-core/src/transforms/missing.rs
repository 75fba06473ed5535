//! Missing values.

use burn::tensor::{Int, Tensor};

use super::assert_points;

/// What stands for values that are missing before a channel has had any.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum LeadingMissing {
    /// They stay missing, NaN.
    #[default]
    Keep,
    /// A number.
    Value(f64),
}

/// Replaces each missing value (NaN) by the last value before it in the same row and channel.
///
/// Nothing else in this crate fills values in.
///
/// The gradient of a value that is carried on is the sum over all places it fills; that of a
/// missing value is 0.
///
/// Paths of different lengths in one batch are held at their last points first:
/// [`hold_last`](super::hold_last).
///
/// # Arguments
///
/// - `path`: points, in order.
/// - `leading`: what stands for values missing before a channel has had any.
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - output: `[batch, length, channels]`
///
/// # Panics
///
/// If the path has no points.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::transforms::{LeadingMissing, forward_fill};
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[f32::NAN], [2.], [f32::NAN]]], &device);
/// let path = forward_fill(path, LeadingMissing::Value(0.0)).into_data();
/// assert_eq!(path.try_to_vec::<f32>().unwrap(), [0., 2., 2.]);
/// ```
#[track_caller]
pub fn forward_fill(path: Tensor<3>, leading: LeadingMissing) -> Tensor<3> {
    assert_points("forward_fill", &path);
    let [batch, length, channels] = path.dims();
    if batch == 0 {
        return path;
    }
    let missing = path.clone().is_nan();
    // The time of each value, 0 where it is missing: their running maximum is the last one there.
    let times = Tensor::<1, Int>::arange(0..length as i64, &path.device());
    let times = times
        .reshape([1, length, 1])
        .expand([batch, length, channels]);
    let filled = path.gather(1, times.mask_fill(missing, 0).cummax(1));
    match leading {
        LeadingMissing::Keep => filled,
        LeadingMissing::Value(value) => {
            let missing = filled.clone().is_nan();
            filled.mask_fill(missing, value)
        }
    }
}
