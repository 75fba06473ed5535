//! Prefix sums over time, as matrix products.
//!
//! `Backend::float_cumsum` sums each prefix anew on the CubeCL backends of Burn 0.22, quadratic in
//! the length with no reuse; a product with a triangle of ones runs at the speed of a matrix product
//! on every backend, and its gradient is one, too.

use burn::backend::{Backend, TensorMetadata, tensor::FloatTensor};
use burn::tensor::{Shape, TensorData};

use super::{concatenate, narrow};

/// Steps summed by one triangle. Longer paths are cut into blocks, whose totals are summed in turn.
const BLOCK: usize = 32;

/// `y_t = Σ_{s<t} x_s` along axis 1 of `[batch, steps, terms]`.
pub(super) fn exclusive_sum<B: Backend>(x: FloatTensor<B>) -> FloatTensor<B> {
    let [batch, steps, terms] = x.shape().dims();
    if steps <= BLOCK {
        return B::float_matmul(triangle::<B>(&x, batch, steps), x);
    }

    let blocks = steps.div_ceil(BLOCK);
    let x = pad::<B>(x, blocks * BLOCK - steps);
    let x = B::float_reshape(x, Shape::from([batch * blocks, BLOCK, terms]));
    let totals = B::float_sum_dim(x.clone(), 1);
    let totals = exclusive_sum::<B>(B::float_reshape(
        totals,
        Shape::from([batch, blocks, terms]),
    ));
    let totals = B::float_reshape(totals, Shape::from([batch * blocks, 1, terms]));
    let within = B::float_matmul(triangle::<B>(&x, batch * blocks, BLOCK), x);
    let sums = B::float_add(within, totals);
    let sums = B::float_reshape(sums, Shape::from([batch, blocks * BLOCK, terms]));
    narrow::<B>(sums, 1, 0..steps)
}

/// Ones below the diagonal, `[batch, size, size]`, on the device and in the dtype of `like`.
fn triangle<B: Backend>(like: &FloatTensor<B>, batch: usize, size: usize) -> FloatTensor<B> {
    let ones = (0..size * size).map(|i| if i % size < i / size { 1f32 } else { 0f32 });
    let data = TensorData::new(ones.collect(), [1, size, size]).convert_dtype(like.dtype());
    let triangle = B::float_from_data(data, &like.device());
    B::float_expand(triangle, Shape::from([batch, size, size]))
}

/// Zeros after the last step.
fn pad<B: Backend>(x: FloatTensor<B>, missing: usize) -> FloatTensor<B> {
    if missing == 0 {
        return x;
    }
    let [batch, _, terms] = x.shape().dims();
    let shape = Shape::from([batch, missing, terms]);
    let zeros = B::float_zeros(shape, &x.device(), x.dtype().into());
    concatenate::<B>(vec![x, zeros], 1)
}
