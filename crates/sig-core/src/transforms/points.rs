//! Transforms that add points to a path or change each of them.

use burn::tensor::Tensor;

use super::{append_channel, assert_beside, assert_points};
use crate::series::running_sum;
use crate::signatures::Basepoint;

/// Puts a point in front of each path, so that the signature depends on where the path starts.
///
/// The option
/// [`basepoint`](crate::signatures::SignatureOptions::basepoint) of a signature does the same.
///
/// Paths of different lengths in one batch are held at their last points first:
/// [`hold_last`](super::hold_last).
///
/// # Arguments
///
/// - `path`: points, in order.
/// - `point`: none, the origin, or a point for each path, `[batch, channels]`.
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - output: `[batch, length + 1, channels]`, or that of the path with [`Basepoint::None`]
///
/// # Panics
///
/// If shape or dtype of the point differ from those of the path.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::signatures::Basepoint;
/// use burn_sig::transforms::basepoint;
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[5.], [6.]]], &device);
/// let path = basepoint(path, &Basepoint::Zero).into_data();
/// assert_eq!(path.try_to_vec::<f32>().unwrap(), [0., 5., 6.]);
/// ```
#[track_caller]
pub fn basepoint(path: Tensor<3>, point: &Basepoint) -> Tensor<3> {
    let [batch, _, channels] = path.dims();
    let point = match point {
        Basepoint::None => return path,
        Basepoint::Zero => Tensor::zeros([batch, 1, channels], (&path.device(), path.dtype())),
        Basepoint::Point(point) => {
            let named = ("point", "[batch, channels]");
            assert_beside("basepoint", named, point, [batch, channels], &path);
            point.clone().unsqueeze_dim(1)
        }
    };
    Tensor::cat(vec![point, path], 1)
}

/// Adds a channel and two points that make the signature depend on where the path is.
///
/// The new channel, the last, is 1 along the path. At the end it falls to 0, and then the other
/// channels return to the origin:
/// `(x_1, 1), …, (x_L, 1), (x_L, 0), (0, 0)`
/// ([Yang, Lyons, Ni, Schmid & Jin 2017](https://arxiv.org/abs/1707.03993)).
///
/// For paths of different lengths in one batch use
/// [`PathTransform::forward_ragged`](super::PathTransform::forward_ragged): here the two points
/// follow the padding.
///
/// # Arguments
///
/// - `path`: points, in order.
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - output: `[batch, length + 2, channels + 1]`
///
/// # Panics
///
/// If the path has no points.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::transforms::invisibility_reset;
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[5.], [6.]]], &device);
/// let path = invisibility_reset(path).into_data();
/// assert_eq!(path.try_to_vec::<f32>().unwrap(), [5., 1., 6., 1., 6., 0., 0., 0.]);
/// ```
#[track_caller]
pub fn invisibility_reset(path: Tensor<3>) -> Tensor<3> {
    assert_points("invisibility_reset", &path);
    let [batch, length, channels] = path.dims();
    let device = path.device();
    let target = (&device, path.dtype());
    let last = path
        .clone()
        .slice([0..batch, length - 1..length, 0..channels]);
    let origin = Tensor::zeros([batch, 1, channels], target);
    let visible = Tensor::ones([1, length], target);
    let hidden = Tensor::zeros([1, 2], target);
    let points = Tensor::cat(vec![path, last, origin], 1);
    append_channel(points, Tensor::cat(vec![visible, hidden], 1))
}

/// The running sums of the points, `x_1, x_1 + x_2, …`: a path whose increments are the given
/// values.
///
/// For paths of different lengths in one batch use
/// [`PathTransform::forward_ragged`](super::PathTransform::forward_ragged): here the sums grow on
/// through the padding.
///
/// # Arguments
///
/// - `path`: values, in order.
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - output: `[batch, length, channels]`
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::transforms::cumulative_sum;
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[1.], [3.], [-2.]]], &device);
/// let path = cumulative_sum(path).into_data();
/// assert_eq!(path.try_to_vec::<f32>().unwrap(), [1., 4., 2.]);
/// ```
pub fn cumulative_sum(path: Tensor<3>) -> Tensor<3> {
    running_sum(path)
}

/// Multiplies each channel by a factor, for example to bring channels of different units to one
/// size. The factors may be learned.
///
/// Paths of different lengths in one batch are held at their last points first:
/// [`hold_last`](super::hold_last).
///
/// # Arguments
///
/// - `path`: points, in order.
/// - `factors`: one for each channel.
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - factors: `[channels]`
/// - output: `[batch, length, channels]`
///
/// # Panics
///
/// If shape or dtype of the factors differ from those of the path.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::transforms::scale;
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[1., 10.], [2., 30.]]], &device);
/// let path = scale(path, Tensor::from_floats([1., 0.1], &device));
/// assert_eq!(path.dims(), [1, 2, 2]);
/// ```
#[track_caller]
pub fn scale(path: Tensor<3>, factors: Tensor<1>) -> Tensor<3> {
    let channels = path.dims()[2];
    assert_beside(
        "scale",
        ("factors", "[channels]"),
        &factors,
        [channels],
        &path,
    );
    path * factors.reshape([1, 1, channels])
}
