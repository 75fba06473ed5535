//! A tensor series level by level.

use burn::tensor::Tensor;

use crate::SignatureSpec;

/// Levels `1..` of a tensor series, each `[rows, d^k]`. The scalar term is not stored; each
/// operation says what it takes it for.
type Levels = Vec<Tensor<2>>;

/// Splits `[rows, terms]` into its levels.
pub(crate) fn split(terms: &Tensor<2>, spec: SignatureSpec) -> Levels {
    let rows = terms.dims()[0];
    let level = |range| terms.clone().slice([0..rows, range]);
    spec.level_ranges().map(level).collect()
}

/// The levels one after another, `[rows, terms]`.
pub(crate) fn join(mut levels: Levels) -> Tensor<2> {
    match levels.len() {
        1 => levels.remove(0),
        _ => Tensor::cat(levels, 1),
    }
}
