//! All time steps of a level at once, the form of keras_sig: each level below the top is a prefix
//! sum over time of its gains, and the top, which nothing depends on, one matrix product.

use burn::backend::{Backend, TensorMetadata, tensor::FloatTensor};
use burn::tensor::Shape;

use super::Levels;
use super::algebra::{Side, divided, horner, outer};
use super::prefix::{Within, exclusive_sum};

/// Levels `[batch, d^k]`, or `[batch, steps, d^k]` with `stream`.
pub(super) fn levels<B: Backend>(
    increments: FloatTensor<B>,
    initial: Option<Levels<B>>,
    stream: bool,
    depth: usize,
    side: Side,
) -> Levels<B> {
    // A prefix of a stream is a signature of its own, that nothing after it may touch.
    let within = match stream {
        true => Within::Causal,
        false => Within::Product,
    };
    let divided = divided::<B>(&increments, depth);
    let mut before: Levels<B> = Vec::with_capacity(depth);
    let mut levels = Vec::with_capacity(depth);

    for k in 1..=depth {
        let start = initial.as_ref().map(|levels| levels[k - 1].clone());
        if k == depth && k > 1 && !stream {
            let h = horner::<B>(&before, &divided, k, side);
            levels.push(from_start::<B>(
                start,
                top::<B>(h, increments.clone(), side),
            ));
            break;
        }
        let gains = match k {
            1 => increments.clone(),
            _ => outer::<B>(
                horner::<B>(&before, &divided, k, side),
                increments.clone(),
                side,
            ),
        };
        if !stream {
            levels.push(from_start::<B>(start.clone(), total::<B>(gains.clone())));
        }
        if stream || k < depth {
            let prefix = exclusive_sum::<B>(gains.clone(), within);
            let prefix = match start {
                Some(start) => B::float_add(prefix, each_step::<B>(start)),
                None => prefix,
            };
            if stream {
                levels.push(B::float_add(prefix.clone(), gains));
            }
            before.push(prefix);
        }
    }
    levels
}

/// `Σ_t h(t) ⊗ z_t` as a matrix product over time.
fn top<B: Backend>(h: FloatTensor<B>, z: FloatTensor<B>, side: Side) -> FloatTensor<B> {
    let (first, second) = match side {
        Side::Right => (h, z),
        Side::Left => (z, h),
    };
    let [batch, _, rows] = first.shape().dims();
    let [_, _, columns] = second.shape().dims();
    let product = B::float_matmul(B::float_swap_dims(first, 1, 2), second);
    B::float_reshape(product, Shape::from([batch, rows * columns]))
}

/// The sum over time, `[batch, terms]`.
fn total<B: Backend>(gains: FloatTensor<B>) -> FloatTensor<B> {
    let [batch, _, terms] = gains.shape().dims();
    B::float_reshape(B::float_sum_dim(gains, 1), Shape::from([batch, terms]))
}

fn from_start<B: Backend>(start: Option<FloatTensor<B>>, gain: FloatTensor<B>) -> FloatTensor<B> {
    match start {
        Some(start) => B::float_add(start, gain),
        None => gain,
    }
}

/// `[batch, terms]` as `[batch, 1, terms]`, to be added at each step.
fn each_step<B: Backend>(level: FloatTensor<B>) -> FloatTensor<B> {
    let [batch, terms] = level.shape().dims();
    B::float_reshape(level, Shape::from([batch, 1, terms]))
}
