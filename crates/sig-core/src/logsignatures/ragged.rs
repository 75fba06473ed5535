//! Log-signatures of paths of different lengths.

use burn::tensor::Tensor;

use crate::logsignatures::logsignature;
use crate::transforms::{check_lengths, hold_last};

/// The log-signatures of paths of different lengths, padded to one in a batch: each row gives what
/// the row alone gives, values and gradient, whatever the padding holds, NaN included.
///
/// It is the log-signature of the paths held at their last points,
/// [`hold_last`](crate::transforms::hold_last), which [`logsignature_with`](super::logsignature_with)
/// can be given, too. Transforms are applied with
/// [`PathTransform::forward_ragged`](crate::transforms::PathTransform::forward_ragged).
///
/// # Arguments
///
/// - `path`: padded paths; values after the last point of a row are ignored.
/// - `lengths`: how many points each row has, from 1 to `length`.
/// - `depth`: the last level kept, at least 1.
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - output: `[batch, n]` with `n =` [`logsignature_channels`](super::logsignature_channels)
///
/// # Panics
///
/// As [`logsignature`], and if there are not as many lengths as rows, or one is 0 or exceeds the
/// length of the paths.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::logsignatures::logsignature_ragged;
///
/// let path = [[[0., 0.], [1., 0.], [1., 1.]], [[0., 0.], [2., 1.], [f32::NAN; 2]]];
/// let path = Tensor::<3>::from_floats(path, &Device::flex());
/// let terms = logsignature_ragged(path, &[3, 2], 2).into_data();
/// assert_eq!(terms.try_to_vec::<f32>().unwrap(), [1., 1., 0.5, 2., 1., 0.]);
/// ```
#[doc(alias = "padding")]
#[doc(alias = "mask")]
#[track_caller]
pub fn logsignature_ragged(path: Tensor<3>, lengths: &[usize], depth: usize) -> Tensor<2> {
    check_lengths("logsignature_ragged", &path, lengths);
    logsignature(hold_last(path, lengths), depth)
}
