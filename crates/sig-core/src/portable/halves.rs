//! Halves are computed in f32 and rounded once.

use burn::backend::{Backend, TensorMetadata, tensor::FloatTensor};
use burn::tensor::{DType, FloatDType};

/// A tensor of a half in f32, others as they are.
pub fn widened<B: Backend>(tensor: FloatTensor<B>) -> FloatTensor<B> {
    if is_half(tensor.dtype()) {
        B::float_cast(tensor, FloatDType::F32)
    } else {
        tensor
    }
}

/// What was computed from the [`widened`] of a tensor of that dtype, in that dtype.
pub fn rounded<B: Backend>(tensor: FloatTensor<B>, dtype: DType) -> FloatTensor<B> {
    if is_half(dtype) {
        B::float_cast(tensor, dtype.into())
    } else {
        tensor
    }
}

fn is_half(dtype: DType) -> bool {
    matches!(dtype, DType::F16 | DType::BF16)
}
