//! Products of two elements of the truncated tensor algebra, level by level.

use burn::backend::{Backend, TensorMetadata, tensor::FloatTensor};
use burn::tensor::Shape;

use super::algebra::outer;
use super::{Levels, concatenate, split};
use crate::SignatureSpec;

/// `a ⊗ b` of elements `[rows, terms]` with scalar term 1, which is not stored:
/// `(a ⊗ b)_k = a_k + b_k + Σ_{0<i<k} a_i ⊗ b_{k−i}`.
pub(crate) fn product<B: Backend>(
    a: FloatTensor<B>,
    b: FloatTensor<B>,
    spec: SignatureSpec,
) -> FloatTensor<B> {
    let [a, b] = [a, b].map(|tensor| split::<B>(tensor, spec));
    let level = |k: usize| {
        let sum = B::float_add(a[k - 1].clone(), b[k - 1].clone());
        plus::<B>(sum, inner_level::<B>(&a, &b, k))
    };
    concatenate::<B>((1..=spec.depth()).map(level).collect(), 1)
}

/// The gradients of [`product`] in both factors, from that in the product:
/// `∂a_k = G_k + Σ_j G_{k+j} b_j`, the last letters summed over, and `∂b_k` with the first.
pub(crate) fn product_gradients<B: Backend>(
    a: FloatTensor<B>,
    b: FloatTensor<B>,
    gradient: FloatTensor<B>,
    spec: SignatureSpec,
) -> [FloatTensor<B>; 2] {
    let (rows, depth) = (a.shape()[0], spec.depth());
    let [a, b, gradient] = [a, b, gradient].map(|tensor| split::<B>(tensor, spec));
    let matrix = |tensor: &FloatTensor<B>, height: usize, width: usize| {
        B::float_reshape(tensor.clone(), Shape::from([rows, height, width]))
    };
    let times = |left: &FloatTensor<B>, right: &FloatTensor<B>, [m, k, n]: [usize; 3]| {
        // Of one channel all are numbers, and Burn 0.22's matmul on CubeCL refuses views of them.
        if spec.channels() == 1 {
            return B::float_mul(left.clone(), right.clone());
        }
        let product = B::float_matmul(matrix(left, m, k), matrix(right, k, n));
        B::float_reshape(product, Shape::from([rows, m * n]))
    };
    let of_a = |k: usize| {
        let own = spec.level_terms(k);
        (1..=depth - k).fold(gradient[k - 1].clone(), |sum, j| {
            let other = spec.level_terms(j);
            let part = times(&gradient[k + j - 1], &b[j - 1], [own, other, 1]);
            B::float_add(sum, part)
        })
    };
    let of_b = |k: usize| {
        let own = spec.level_terms(k);
        (1..=depth - k).fold(gradient[k - 1].clone(), |sum, j| {
            let other = spec.level_terms(j);
            let part = times(&a[j - 1], &gradient[k + j - 1], [1, other, own]);
            B::float_add(sum, part)
        })
    };
    [
        concatenate::<B>((1..=depth).map(of_a).collect(), 1),
        concatenate::<B>((1..=depth).map(of_b).collect(), 1),
    ]
}

/// Level `k` of `a ⊗ b` without what the scalar terms give: `Σ_{0<i<k} a_i ⊗ b_{k−i}`, or nothing for
/// `k = 1`.
pub(super) fn inner_level<B: Backend>(
    a: &Levels<B>,
    b: &Levels<B>,
    k: usize,
) -> Option<FloatTensor<B>> {
    let product = |i: usize| outer::<B>(a[i - 1].clone(), b[k - i - 1].clone());
    (1..k)
        .map(product)
        .reduce(|sum, product| B::float_add(sum, product))
}

pub(super) fn plus<B: Backend>(
    tensor: FloatTensor<B>,
    more: Option<FloatTensor<B>>,
) -> FloatTensor<B> {
    match more {
        Some(more) => B::float_add(tensor, more),
        None => tensor,
    }
}
