//! Straight segments: their signatures, and paths that grow by one.

use burn::tensor::Tensor;

use crate::algebra::product;
use crate::check::{check_pair, check_signature};
use crate::series::in_f32;
use crate::signatures::SignatureSpec;
use crate::signatures::signature;

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
/// As [`signature`](crate::signatures::signature).
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::algebra::segment_signature;
///
/// let device = Device::flex();
/// let terms = segment_signature(Tensor::from_floats([[2.]], &device), 3).into_data();
/// terms.assert_approx_eq::<f32>(&[[2., 2., 4. / 3.]].into(), Default::default());
/// ```
#[track_caller]
pub fn segment_signature(increment: Tensor<2>, depth: usize) -> Tensor<2> {
    SignatureSpec::new_for("segment_signature", increment.dims()[1], depth);
    exponential(increment, depth)
}

/// The signature of paths with one more segment at their end: `S ⊗ exp(z)`.
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
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::algebra::signature_append;
/// use burn_sig::signatures::signature;
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[0.], [2.]]], &device);
/// let step = Tensor::from_floats([[1.]], &device);
/// let terms = signature_append(signature(path, 2), step, 2).into_data();
/// assert_eq!(terms.try_to_vec::<f32>().unwrap(), [3., 4.5]);
/// ```
#[track_caller]
pub fn signature_append(signature: Tensor<2>, increment: Tensor<2>, depth: usize) -> Tensor<2> {
    let spec = check("signature_append", &signature, &increment, depth);
    in_f32([signature, increment], |[signature, increment]| {
        product(signature, exponential(increment, depth), spec)
    })
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
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::algebra::signature_prepend;
/// use burn_sig::signatures::signature;
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[0.], [2.]]], &device);
/// let step = Tensor::from_floats([[1.]], &device);
/// let terms = signature_prepend(signature(path, 2), step, 2).into_data();
/// assert_eq!(terms.try_to_vec::<f32>().unwrap(), [3., 4.5]);
/// ```
#[track_caller]
pub fn signature_prepend(signature: Tensor<2>, increment: Tensor<2>, depth: usize) -> Tensor<2> {
    let spec = check("signature_prepend", &signature, &increment, depth);
    in_f32([signature, increment], |[signature, increment]| {
        product(exponential(increment, depth), signature, spec)
    })
}

#[track_caller]
fn check(
    operation: &str,
    signature: &Tensor<2>,
    increment: &Tensor<2>,
    depth: usize,
) -> SignatureSpec {
    let spec = SignatureSpec::new_for(operation, increment.dims()[1], depth);
    check_signature(operation, "signature", signature, spec);
    check_pair(
        operation,
        ("signature", signature),
        ("increment", increment),
    );
    spec
}

/// The signature of the path from the origin to each increment.
fn exponential(increment: Tensor<2>, depth: usize) -> Tensor<2> {
    let end: Tensor<3> = increment.unsqueeze_dim(1);
    signature(Tensor::cat(vec![end.zeros_like(), end], 1), depth)
}
