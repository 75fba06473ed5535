//! Power series in the truncated tensor algebra.

use burn::backend::{Backend, TensorMetadata, tensor::FloatTensor};

use super::product::{inner_level, plus};
use super::{Levels, concatenate, narrow, select, split};
use crate::{PowerSeries, SignatureSpec};
use sig_kernels::lyndon::lyndon_places;

/// The series of elements `[rows, terms]` without scalar term.
pub(crate) fn power_series<B: Backend>(
    element: FloatTensor<B>,
    series: PowerSeries,
    spec: SignatureSpec,
) -> FloatTensor<B> {
    match series {
        PowerSeries::LogAtLyndon => log_at_lyndon::<B>(element, spec),
        _ => concatenate::<B>(horner::<B>(&split::<B>(element, spec), series, 1), 1),
    }
}

/// The last step of Horner's scheme, `x + x ⊗ y`, costs most, and is taken at the Lyndon words alone: at
/// the word `w` it is `x_w` plus, for each cut of `w` in two, `x` at its first part times `y` at its
/// second.
fn log_at_lyndon<B: Backend>(terms: FloatTensor<B>, spec: SignatureSpec) -> FloatTensor<B> {
    let at = |tensor: &FloatTensor<B>, words: &[usize]| select::<B>(tensor.clone(), 1, words);
    let lyndon = lyndon_places(spec);
    let mut log = at(&terms, &lyndon.words);
    if lyndon.splits.is_empty() {
        return log;
    }
    let x = split::<B>(terms.clone(), spec);
    let y = concatenate::<B>(horner::<B>(&x, PowerSeries::Log, 2), 1);
    let (count, mut results) = (log.shape()[1], Vec::new());
    // Words of one letter have no cut; those with one more letter than a cut have no later one.
    let mut start = 0;
    for cut in &lyndon.splits {
        let longer = count - cut.prefixes.len();
        let so_far = log.shape()[1];
        results.push(narrow::<B>(log.clone(), 1, 0..longer - start));
        let rest = narrow::<B>(log, 1, longer - start..so_far);
        let products = B::float_mul(at(&terms, &cut.prefixes), at(&y, &cut.suffixes));
        log = B::float_add(rest, products);
        start = longer;
    }
    results.push(log);
    concatenate::<B>(results, 1)
}

/// `c_m x + c_{m+1} x² + … + c_N x^{N−m+1}` up to level `N − m + 1`, by Horner:
/// `x ⊗ (c_m + x ⊗ (c_{m+1} + … x ⊗ c_N))`. What is multiplied by `x` another `n` times is needed
/// `n` levels less far.
fn horner<B: Backend>(x: &Levels<B>, series: PowerSeries, first: usize) -> Levels<B> {
    let depth = x.len();
    let mut sum = Levels::<B>::new();
    for n in (first..=depth).rev() {
        let level = |k: usize| {
            let x_k = x[k - 1].clone();
            let scaled = match series.coefficient(n) {
                1.0 => x_k,
                coefficient => B::float_mul_scalar(x_k, coefficient.into()),
            };
            plus::<B>(scaled, inner_level::<B>(x, &sum, k))
        };
        sum = (1..=depth + 1 - n).map(level).collect();
    }
    sum
}
