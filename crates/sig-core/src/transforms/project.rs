//! Fewer channels than a path has.

use burn::tensor::{Device, Distribution, FloatDType, Tensor};

use super::assert_beside;
use crate::series::nothing;

/// Multiplies each point by a matrix, which gives a path with other channels.
///
/// With a [random matrix](random_projection), signatures of many channels stay affordable. The matrix
/// may be learned.
///
/// Paths of different lengths in one batch are held at their last points first:
/// [`hold_last`](super::hold_last).
///
/// # Arguments
///
/// - `path`: points, in order.
/// - `matrix`: what each new channel has of each channel.
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - matrix: `[channels, new channels]`
/// - output: `[batch, length, new channels]`
///
/// # Panics
///
/// If the matrix has not as many rows as the path has channels, or another dtype.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::transforms::project;
///
/// let device = Device::flex();
/// let path = Tensor::<3>::ones([4, 10, 3], &device);
/// let sum = Tensor::<2>::ones([3, 1], &device);
/// assert_eq!(project(path, sum).dims(), [4, 10, 1]);
/// ```
#[track_caller]
pub fn project(path: Tensor<3>, matrix: Tensor<2>) -> Tensor<3> {
    let ([batch, length, channels], [_, new]) = (path.dims(), matrix.dims());
    let named = ("matrix", "[channels, new channels]");
    assert_beside("project", named, &matrix, [channels, new], &path);
    if batch * length * new == 0 {
        return nothing(path, [batch, length, new]);
    }
    let points = path.reshape([batch * length, channels]).matmul(matrix);
    points.reshape([batch, length, new])
}

/// A random matrix for [`project`].
///
/// Its entries are independent and normal with variance `1 / new channels`, which preserves lengths
/// and angles on average
/// ([Johnson & Lindenstrauss 1984](https://doi.org/10.1090/conm/026/737400)). `device.seed(..)`
/// makes it the same each time.
///
/// # Arguments
///
/// - `channels`: those of the path.
/// - `new`: channels after the projection.
/// - `dtype`: that of the path.
///
/// # Shapes
///
/// - output: `[channels, new]`
///
/// # Panics
///
/// If one of the two is 0.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, FloatDType, Tensor};
/// use burn_sig::transforms::{project, random_projection};
///
/// let device = Device::flex();
/// let path = Tensor::<3>::ones([4, 10, 50], &device);
/// let matrix = random_projection(50, 5, FloatDType::F32, &device);
/// assert_eq!(project(path, matrix).dims(), [4, 10, 5]);
/// ```
#[track_caller]
pub fn random_projection(
    channels: usize,
    new: usize,
    dtype: FloatDType,
    device: &Device,
) -> Tensor<2> {
    assert!(
        channels > 0 && new > 0,
        "random_projection: at least 1 channel is needed before and after, got {channels} and {new}"
    );
    let normal = Distribution::Normal(0.0, 1.0 / (new as f64).sqrt());
    Tensor::<2>::random([channels, new], normal, device).cast(dtype)
}
