//! Prefix sums over time, in blocks.
//!
//! `Backend::float_cumsum` is not asked for them: on the CubeCL backends of Burn 0.22 it sums each prefix
//! anew, quadratic in the length, and its gradient ends the session of a server, to which Burn 0.22.1
//! describes the flip of floats in it as one of whole numbers.

use burn::backend::{Backend, TensorMetadata, tensor::FloatTensor};
use burn::tensor::{Shape, TensorData};

use super::{concatenate, narrow};

/// Steps of a block. Longer paths are cut into blocks, whose totals are summed in turn.
const BLOCK: usize = 32;

/// How the sums within a block are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Within {
    /// As a product with a triangle of ones: fast in both directions on every backend, but a NaN or
    /// an infinity, times zero, also reaches the sums before it.
    Product,
    /// By doubling, as [`running_sum`]: a sum depends on nothing after it.
    Causal,
}

/// `y_t = Σ_{s<t} x_s` along axis 1 of `[batch, steps, terms]`.
pub(super) fn exclusive_sum<B: Backend>(x: FloatTensor<B>, within: Within) -> FloatTensor<B> {
    let [batch, steps, terms] = x.shape().dims();
    if steps <= BLOCK {
        return sum_in_block::<B>(x, within);
    }

    let blocks = steps.div_ceil(BLOCK);
    let x = pad::<B>(x, blocks * BLOCK - steps);
    let x = B::float_reshape(x, Shape::from([batch * blocks, BLOCK, terms]));
    let totals = B::float_reshape(
        B::float_sum_dim(x.clone(), 1),
        Shape::from([batch, blocks, terms]),
    );
    let before = exclusive_sum::<B>(totals, within);
    let before = B::float_reshape(before, Shape::from([batch * blocks, 1, terms]));
    let sums = B::float_add(sum_in_block::<B>(x, within), before);
    let sums = B::float_reshape(sums, Shape::from([batch, blocks * BLOCK, terms]));
    narrow::<B>(sums, 1, 0..steps)
}

fn sum_in_block<B: Backend>(x: FloatTensor<B>, within: Within) -> FloatTensor<B> {
    let [batch, steps, _] = x.shape().dims();
    match within {
        Within::Product => B::float_matmul(triangle::<B>(&x, batch, steps), x),
        Within::Causal if steps == 1 => zeros::<B>(&x, 1),
        Within::Causal => running_sum::<B>(later::<B>(x, 1)),
    }
}

/// `y_t = Σ_{s≤t} x_s` along axis 1 of `[batch, steps, terms]`, by doubling: sums of the last 2, 4, 8, … steps.
pub(crate) fn running_sum<B: Backend>(x: FloatTensor<B>) -> FloatTensor<B> {
    let steps = x.shape()[1];
    let (mut sums, mut count) = (x, 1);
    while count < steps {
        sums = B::float_add(sums.clone(), later::<B>(sums, count));
        count *= 2;
    }
    sums
}

/// Moved so many steps later, after zeros.
fn later<B: Backend>(x: FloatTensor<B>, count: usize) -> FloatTensor<B> {
    let [_, steps, _] = x.shape().dims();
    let zeros = zeros::<B>(&x, count);
    concatenate::<B>(vec![zeros, narrow::<B>(x, 1, 0..steps - count)], 1)
}

/// Ones below the diagonal, `[batch, size, size]`, on the device and in the dtype of `like`.
fn triangle<B: Backend>(like: &FloatTensor<B>, batch: usize, size: usize) -> FloatTensor<B> {
    let ones = (0..size * size).map(|i| f32::from(i % size < i / size));
    let data = TensorData::new(ones.collect(), [1, size, size]).convert_dtype(like.dtype());
    let triangle = B::float_from_data(data, &like.device());
    B::float_expand(triangle, Shape::from([batch, size, size]))
}

/// Zeros after the last step.
fn pad<B: Backend>(x: FloatTensor<B>, missing: usize) -> FloatTensor<B> {
    if missing == 0 {
        return x;
    }
    let zeros = zeros::<B>(&x, missing);
    concatenate::<B>(vec![x, zeros], 1)
}

/// So many steps of zeros, otherwise like `like`.
fn zeros<B: Backend>(like: &FloatTensor<B>, steps: usize) -> FloatTensor<B> {
    let [batch, _, terms] = like.shape().dims();
    let shape = Shape::from([batch, steps, terms]);
    B::float_zeros(shape, &like.device(), like.dtype().into())
}
