//! Halves are computed in f32 and rounded once.

use burn::tensor::{DType, FloatDType, Tensor};

/// A tensor of a half in f32, others as they are.
pub(crate) fn single<const D: usize>(tensor: Tensor<D>) -> Tensor<D> {
    match is_half(tensor.dtype()) {
        true => tensor.cast(FloatDType::F32),
        false => tensor,
    }
}

/// What was computed from the [`single`] of a tensor of that dtype, in that dtype.
pub(crate) fn rounded<const D: usize>(tensor: Tensor<D>, dtype: DType) -> Tensor<D> {
    match is_half(dtype) {
        true => tensor.cast(FloatDType::from(dtype)),
        false => tensor,
    }
}

/// Applies a function to tensors of a half in f32, and gives its result in that half.
pub(crate) fn in_single<const D: usize, const N: usize, const R: usize>(
    tensors: [Tensor<D>; N],
    function: impl FnOnce([Tensor<D>; N]) -> Tensor<R>,
) -> Tensor<R> {
    let dtype = tensors[0].dtype();
    rounded(function(tensors.map(single)), dtype)
}

fn is_half(dtype: DType) -> bool {
    matches!(dtype, DType::F16 | DType::BF16)
}
