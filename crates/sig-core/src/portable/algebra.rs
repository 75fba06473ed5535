//! Products in the truncated tensor algebra with one increment, level by level. The last axis of a
//! tensor holds the terms of a level; the axes before it are a batch.

use burn::backend::{Backend, TensorMetadata, tensor::FloatTensor};
use burn::tensor::Shape;

/// `level ⊗ z`, the last axes multiplied out.
pub(super) fn outer<B: Backend>(level: FloatTensor<B>, z: FloatTensor<B>) -> FloatTensor<B> {
    let mut column = level.shape();
    let mut row = z.shape();
    let last = column.num_dims() - 1;
    let mut out = column.clone();
    out[last] *= row[last];
    column = insert(column, last + 1);
    row = insert(row, last);
    let product = B::float_mul(B::float_reshape(level, column), B::float_reshape(z, row));
    B::float_reshape(product, out)
}

fn insert(shape: Shape, axis: usize) -> Shape {
    let mut dims: Vec<usize> = shape.iter().copied().collect();
    dims.insert(axis, 1);
    Shape::from(dims)
}

/// `z/c` for `c` in `1..=depth`, as products: the gradient that Burn 0.22 has for a division by a
/// scalar goes through f32 whatever the dtype.
pub(super) fn divided<B: Backend>(z: &FloatTensor<B>, depth: usize) -> Vec<FloatTensor<B>> {
    (1..=depth)
        .map(|c| match c {
            1 => z.clone(),
            _ => B::float_mul_scalar(z.clone(), (1.0 / c as f64).into()),
        })
        .collect()
}

/// What level `k` gains by one increment is `h ⊗ z`, with `h = S_{k−1} + (… (S_2 + (S_1 + z/k) ⊗
/// z/(k−1)) …) ⊗ z/2`: the Horner form of `Σ_i S_{k−i} ⊗ z^{⊗i}/i!`
/// ([Kidger & Lyons 2021, A.1.3](https://arxiv.org/abs/2001.00706)). This is `h`, for `k ≥ 2`;
/// `below` are the levels `1..k` before the increment, `divided` is `z/c`.
pub(super) fn horner<B: Backend>(
    below: &[FloatTensor<B>],
    divided: &[FloatTensor<B>],
    k: usize,
) -> FloatTensor<B> {
    let mut h = B::float_add(below[0].clone(), divided[k - 1].clone());
    for j in 2..k {
        let product = outer::<B>(h, divided[k - j].clone());
        h = B::float_add(below[j - 1].clone(), product);
    }
    h
}

/// The levels of `exp(z)`: `z^{⊗k}/k!`.
pub(super) fn restricted_exp<B: Backend>(divided: &[FloatTensor<B>]) -> Vec<FloatTensor<B>> {
    let mut levels = vec![divided[0].clone()];
    for z in &divided[1..] {
        let level = outer::<B>(levels[levels.len() - 1].clone(), z.clone());
        levels.push(level);
    }
    levels
}
