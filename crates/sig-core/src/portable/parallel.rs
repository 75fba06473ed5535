//! All time steps of a level at once, the form of keras_sig: each level below the top is a prefix
//! sum over time of its gains, and the top, which nothing depends on, one matrix product.

use burn::backend::{Backend, TensorMetadata, tensor::FloatTensor};
use burn::tensor::Shape;

use super::Levels;
use super::algebra::{divided, horner, outer};
use super::prefix::{Within, exclusive_sum};

/// Levels `[batch, d^k]`, or `[batch, steps, d^k]` with `stream`.
pub(super) fn levels<B: Backend>(
    increments: FloatTensor<B>,
    stream: bool,
    depth: usize,
) -> Levels<B> {
    // A prefix of a stream is a signature of its own, that nothing after it may touch.
    let within = if stream {
        Within::Causal
    } else {
        Within::Product
    };
    let divided = divided::<B>(&increments, depth);
    let mut before: Levels<B> = Vec::with_capacity(depth);
    let mut levels = Vec::with_capacity(depth);

    for k in 1..=depth {
        if k == depth && k > 1 && !stream {
            let h = horner::<B>(&before, &divided, k);
            levels.push(top::<B>(h, increments.clone()));
            break;
        }
        let gains = match k {
            1 => increments.clone(),
            _ => outer::<B>(horner::<B>(&before, &divided, k), increments.clone()),
        };
        if !stream {
            levels.push(total::<B>(gains.clone()));
        }
        if stream || k < depth {
            let prefix = exclusive_sum::<B>(gains.clone(), within);
            if stream {
                levels.push(B::float_add(prefix.clone(), gains));
            }
            before.push(prefix);
        }
    }
    levels
}

/// `Σ_t h(t) ⊗ z_t` as a matrix product over time.
fn top<B: Backend>(h: FloatTensor<B>, z: FloatTensor<B>) -> FloatTensor<B> {
    let [batch, _, rows] = h.shape().dims();
    let [_, _, columns] = z.shape().dims();
    let product = B::float_matmul(B::float_swap_dims(h, 1, 2), z);
    B::float_reshape(product, Shape::from([batch, rows * columns]))
}

/// The sum over time, `[batch, terms]`.
fn total<B: Backend>(gains: FloatTensor<B>) -> FloatTensor<B> {
    let [batch, _, terms] = gains.shape().dims();
    B::float_reshape(B::float_sum_dim(gains, 1), Shape::from([batch, terms]))
}
