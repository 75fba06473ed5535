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
