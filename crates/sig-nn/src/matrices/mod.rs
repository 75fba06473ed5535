//! Functions of batches of small square matrices.

mod exponential;
mod products;

pub(crate) use exponential::matrix_exp;
pub(crate) use products::{prefix_products, product};

use burn::tensor::{Tensor, TensorData};

/// Matrices `[rows, m, m]` plus a multiple of the identity.
pub(crate) fn with_identity(matrices: Tensor<3>, factor: f64) -> Tensor<3> {
    matrices.clone() + identity(&matrices) * factor
}

/// The identity `[1, m, m]` for matrices of that size.
pub(crate) fn identity(like: &Tensor<3>) -> Tensor<3> {
    let [_, _, size] = like.dims();
    let mut values = vec![0.0f64; size * size];
    values
        .iter_mut()
        .step_by(size + 1)
        .for_each(|one| *one = 1.0);
    let data = TensorData::new(values, [1, size, size]).convert_dtype(like.dtype());
    Tensor::from_data(data, (&like.device(), like.dtype()))
}
