//! Levels multiplied by a factor each.

use burn::tensor::Tensor;

use super::places;

/// Terms `[.., n]` with the levels, of these sizes, multiplied by a factor each; panics unless there
/// is one for each level, in the dtype of the terms.
#[track_caller]
pub(crate) fn scale_levels<const D: usize>(
    operation: &str,
    terms: Tensor<D>,
    factors: Tensor<1>,
    sizes: &[usize],
) -> Tensor<D> {
    let ([given], depth) = (factors.dims(), sizes.len());
    assert!(
        given == depth,
        "{operation}: factors must have one entry for each level, [depth] = [{depth}], got [{given}]"
    );
    assert!(
        factors.dtype() == terms.dtype(),
        "{operation}: factors must have the dtype of the terms, {:?}, got {:?}",
        terms.dtype(),
        factors.dtype()
    );
    let levels = sizes.iter().enumerate();
    let levels = levels.flat_map(|(level, &size)| std::iter::repeat_n(level, size));
    let factors = factors.select(0, places(levels, &terms.device()));
    terms * factors.unsqueeze()
}
