//! Functions of batches of small square matrices.

mod exponential;
mod products;

pub(crate) use exponential::matrix_exp;
pub(crate) use products::{prefix_products, product};

use burn::backend::{Backend, Dispatch, TensorMetadata, tensor::FloatTensor};
use burn::tensor::{Shape, Tensor, TensorData};

/// Matrices `[rows, m, m]` plus a multiple of the identity.
pub(crate) fn with_identity(matrices: Tensor<3>, factor: f64) -> Tensor<3> {
    matrices.clone() + identity(&matrices) * factor
}

/// The identity `[1, m, m]` for matrices of that size.
pub(crate) fn identity(like: &Tensor<3>) -> Tensor<3> {
    Tensor::from_dispatch(identity_of::<Dispatch>(&like.clone().into_dispatch()))
}

/// The identity `[1, .., m, m]` for matrices `[.., m, m]`.
pub(crate) fn identity_of<B: Backend>(like: &FloatTensor<B>) -> FloatTensor<B> {
    let shape = like.shape();
    let (rank, size) = (shape.len(), shape[shape.len() - 1]);
    let mut values = vec![0.0f64; size * size];
    values
        .iter_mut()
        .step_by(size + 1)
        .for_each(|one| *one = 1.0);
    let mut shape = vec![1; rank - 2];
    shape.extend([size, size]);
    let data = TensorData::new(values, Shape::from(shape)).convert_dtype(like.dtype());
    B::float_from_data(data, &like.device())
}
