//! The product of the tensor algebra and inverses.

use burn::tensor::Tensor;

use super::Levels;

/// `a ⊗ b` of one level each, `[rows, m]` and `[rows, n]`: `[rows, m · n]`.
pub(super) fn outer(a: &Tensor<2>, b: &Tensor<2>) -> Tensor<2> {
    let ([rows, m], [_, n]) = (a.dims(), b.dims());
    let product = a.clone().reshape([rows, m, 1]) * b.clone().reshape([rows, 1, n]);
    product.reshape([rows, m * n])
}

/// Level `k` of `a ⊗ b` without what the scalar terms give: `Σ_{0<i<k} a_i ⊗ b_{k−i}`, or nothing
/// for `k = 1`.
pub(super) fn inner_level(a: &[Tensor<2>], b: &[Tensor<2>], k: usize) -> Option<Tensor<2>> {
    let products = (1..k).map(|i| outer(&a[i - 1], &b[k - i - 1]));
    products.reduce(|sum, product| sum + product)
}

/// The product of two series with scalar term 1, which is Chen's identity for signatures:
/// `(a ⊗ b)_k = a_k + b_k + Σ_{0<i<k} a_i ⊗ b_{k−i}`.
pub(crate) fn product(a: &[Tensor<2>], b: &[Tensor<2>]) -> Levels {
    let level = |k: usize| {
        let sum = a[k - 1].clone() + b[k - 1].clone();
        match inner_level(a, b, k) {
            Some(inner) => sum + inner,
            None => sum,
        }
    };
    (1..=a.len()).map(level).collect()
}

/// The inverse of a series with scalar term 1, level by level from `s ⊗ s⁻¹ = 1`:
/// `s⁻¹_k = −s_k − Σ_{0<i<k} s_i ⊗ s⁻¹_{k−i}`.
pub(crate) fn inverse(s: &[Tensor<2>]) -> Levels {
    let mut inverse = Levels::with_capacity(s.len());
    for k in 1..=s.len() {
        let level = match inner_level(s, &inverse, k) {
            Some(inner) => s[k - 1].clone() + inner,
            None => s[0].clone(),
        };
        inverse.push(-level);
    }
    inverse
}

/// The gradients of [`product`] in both factors, from that in the product:
/// `∂a_k = G_k + Σ_j G_{k+j} b_j`, the last letters summed over, and `∂b_k` with the first.
pub(crate) fn product_gradient(
    a: &[Tensor<2>],
    b: &[Tensor<2>],
    gradient: &[Tensor<2>],
) -> (Levels, Levels) {
    let depth = a.len();
    let size = |level: &Tensor<2>| level.dims()[1];
    let rows = a[0].dims()[0];
    let of_a = |k: usize| {
        let own = size(&a[k - 1]);
        (1..=depth - k).fold(gradient[k - 1].clone(), |sum, j| {
            let other = size(&b[j - 1]);
            let above = gradient[k + j - 1].clone().reshape([rows, own, other]);
            let factor = b[j - 1].clone().reshape([rows, other, 1]);
            sum + above.matmul(factor).reshape([rows, own])
        })
    };
    let of_b = |k: usize| {
        let own = size(&b[k - 1]);
        (1..=depth - k).fold(gradient[k - 1].clone(), |sum, j| {
            let other = size(&a[j - 1]);
            let above = gradient[k + j - 1].clone().reshape([rows, other, own]);
            let factor = a[j - 1].clone().reshape([rows, 1, other]);
            sum + factor.matmul(above).reshape([rows, own])
        })
    };
    (
        (1..=depth).map(of_a).collect(),
        (1..=depth).map(of_b).collect(),
    )
}
