//! Signatures of paths of different lengths.

use burn::tensor::Tensor;

use crate::signatures::signature;
use crate::transforms::{check_lengths, hold_last};

/// The signatures of paths of different lengths, padded to one length in a batch.
///
/// Each row gives the values and gradients it gives alone, whatever the padding holds, NaN included.
/// For other functions of paths use [`hold_last`](crate::transforms::hold_last), which lets each
/// path rest at its last point. Transforms are applied with
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
/// - output: `[batch, terms]`
///
/// # Panics
///
/// As [`signature`](crate::signatures::signature), and if there are not as many lengths as rows, or
/// one is 0 or exceeds the length of the paths.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::signatures::signature_ragged;
///
/// let device = Device::flex();
/// let paths = [[[0.], [1.], [3.]], [[0.], [2.], [f32::NAN]]];
/// let paths = Tensor::<3>::from_floats(paths, &device);
/// let terms = signature_ragged(paths, &[3, 2], 2).into_data();
/// assert_eq!(terms.try_to_vec::<f32>().unwrap(), [3., 4.5, 2., 2.]);
/// ```
#[doc(alias = "padding")]
#[doc(alias = "mask")]
#[track_caller]
pub fn signature_ragged(path: Tensor<3>, lengths: &[usize], depth: usize) -> Tensor<2> {
    check_lengths("signature_ragged", &path, lengths);
    signature(hold_last(path, lengths), depth)
}
