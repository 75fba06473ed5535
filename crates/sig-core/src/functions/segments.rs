//! Straight segments: their signatures, and paths that grow by one.

use burn::tensor::Tensor;

use super::operand::check_signature;
use super::signature::{signature, signature_with};
use crate::{SignatureOptions, SignatureSpec};

/// The signature of straight segments: `exp(z) − 1`, with the levels `z^{⊗k} / k!`.
///
/// # Arguments
///
/// - `increment`: from the start to the end of each segment.
/// - `depth`: the last level kept, at least 1.
///
/// # Shapes
///
/// - increment: `[batch, channels]`
/// - output: `[batch, terms]`
///
/// # Panics
///
/// As [`signature`](crate::signature).
#[track_caller]
pub fn segment_signature(increment: Tensor<2>, depth: usize) -> Tensor<2> {
    SignatureSpec::new_for("segment_signature", increment.dims()[1], depth);
    signature(segment(increment), depth)
}

/// The signature of paths with one more segment at their end: `S ⊗ exp(z)`, in one Horner step
/// ([Kidger & Lyons 2021, A.1.3](https://arxiv.org/abs/2001.00706)).
///
/// # Arguments
///
/// - `signature`: without scalar term.
/// - `increment`: from the last point of each path to the new one.
/// - `depth`: that of the signature.
///
/// # Shapes
///
/// - signature: `[batch, terms]`
/// - increment: `[batch, channels]`
/// - output: `[batch, terms]`
///
/// # Panics
///
/// If the signature is not one of as many channels as the increment has and that depth, or batch or
/// dtype differ.
#[track_caller]
pub fn signature_append(signature: Tensor<2>, increment: Tensor<2>, depth: usize) -> Tensor<2> {
    check("signature_append", &signature, &increment, depth);
    let options = SignatureOptions::new().with_initial(signature);
    signature_with(segment(increment), depth, &options)
}

/// The signature of paths with one more segment before their start: `exp(z) ⊗ S`.
///
/// # Arguments
///
/// - `signature`: without scalar term.
/// - `increment`: from the new first point of each path to the one that was first.
/// - `depth`: that of the signature.
///
/// # Shapes
///
/// - signature: `[batch, terms]`
/// - increment: `[batch, channels]`
/// - output: `[batch, terms]`
///
/// # Panics
///
/// As [`signature_append`].
#[track_caller]
pub fn signature_prepend(signature: Tensor<2>, increment: Tensor<2>, depth: usize) -> Tensor<2> {
    check("signature_prepend", &signature, &increment, depth);
    // The inverse of a path continued by −z is exp(z) ⊗ the inverse so far.
    let options = SignatureOptions::new()
        .with_initial(signature)
        .with_inverse(true);
    signature_with(segment(-increment), depth, &options)
}

#[track_caller]
fn check(operation: &str, signature: &Tensor<2>, increment: &Tensor<2>, depth: usize) {
    let spec = SignatureSpec::new_for(operation, increment.dims()[1], depth);
    check_signature(operation, "signature", signature, spec);
    super::operand::check_pair(
        operation,
        ("signature", signature),
        ("increment", increment),
    );
}

/// The path from the origin to each increment, `[batch, 2, channels]`.
fn segment(increment: Tensor<2>) -> Tensor<3> {
    let end: Tensor<3> = increment.unsqueeze_dim(1);
    Tensor::cat(vec![end.zeros_like(), end], 1)
}
