//! Signatures of paths of different lengths.

use burn::tensor::Tensor;

use crate::signatures::signature;
use crate::transforms::{check_lengths, hold_last};

/// The signatures of paths of different lengths, padded to one in a batch: each row gives what the
/// row alone gives, values and gradient, whatever the padding holds, NaN included.
///
/// It is the signature of the paths held at their last points,
/// [`hold_last`](crate::transforms::hold_last), which every other function of paths can be given,
/// too. Transforms are applied with
/// [`PathTransform::forward_ragged`](crate::transforms::PathTransform::forward_ragged).
///
/// # Arguments
///
/// - `path`: points, in order, with anything behind the last point of a row.
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
#[doc(alias = "padding")]
#[doc(alias = "mask")]
#[track_caller]
pub fn signature_ragged(path: Tensor<3>, lengths: &[usize], depth: usize) -> Tensor<2> {
    check_lengths("signature_ragged", &path, lengths);
    signature(hold_last(path, lengths), depth)
}
