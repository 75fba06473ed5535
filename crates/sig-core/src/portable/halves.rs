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

/// A result in f32, rounded to the dtype of the inputs if that is a half; other results as they are.
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
