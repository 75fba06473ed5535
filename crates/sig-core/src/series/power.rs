//! Exponential and logarithm in the truncated tensor algebra.

use burn::tensor::Tensor;

use super::product::inner_level;
use super::{Levels, join, places, split};
use crate::SignatureSpec;
use crate::lyndon::lyndon_places;

/// `log(1 + x) = x − x²/2 + x³/3 − …`, without scalar term as `x` is.
pub(crate) fn log(x: &Levels) -> Levels {
    power_series(x, 1, log_coefficient)
}

/// `exp(x) − 1 = x + x²/2! + x³/3! + …`, of an `x` without scalar term.
pub(crate) fn exp(x: &Levels) -> Levels {
    power_series(x, 1, |n| 1.0 / (1..=n).map(|i| i as f64).product::<f64>())
}

/// The terms of `log(1 + x)` at the Lyndon words, `[rows, n]`, from all terms of `x`,
/// `[rows, terms]`.
///
/// The last step of Horner's scheme, `x + x ⊗ y`, costs most, and is taken at these words alone: at
/// the word `w` it is `x_w` plus, for each cut of `w` in two, `x` at its first part times `y` at its
/// second.
pub(crate) fn log_at_lyndon(terms: Tensor<2>, spec: SignatureSpec) -> Tensor<2> {
    let device = terms.device();
    let at = |tensor: &Tensor<2>, words: &[usize]| {
        let words = places(words.iter().copied(), &device);
        tensor.clone().select(1, words)
    };
    let lyndon = lyndon_places(spec);
    let mut log = at(&terms, &lyndon.words);
    if lyndon.splits.is_empty() {
        return log;
    }
    let y = join(power_series(&split(&terms, spec), 2, log_coefficient));
    let ([rows, count], mut results) = (log.dims(), Vec::new());
    // Words of one letter have no cut; those with one more letter than a cut have no later one.
    let mut start = 0;
    for cut in &lyndon.splits {
        let longer = count - cut.prefixes.len();
        let so_far = log.dims()[1];
        results.push(log.clone().slice([0..rows, 0..longer - start]));
        let rest = log.slice([0..rows, longer - start..so_far]);
        log = rest + at(&terms, &cut.prefixes) * at(&y, &cut.suffixes);
        start = longer;
    }
    results.push(log);
    Tensor::cat(results, 1)
}

fn log_coefficient(n: usize) -> f64 {
    if n % 2 == 1 {
        1.0 / n as f64
    } else {
        -1.0 / n as f64
    }
}

/// `c_m x + c_{m+1} x² + … + c_N x^{N−m+1}` up to level `N − m + 1`, by Horner:
/// `x ⊗ (c_m + x ⊗ (c_{m+1} + … x ⊗ c_N))`. What is multiplied by `x` another `n` times is needed
/// `n` levels less far.
fn power_series(x: &Levels, first: usize, coefficient: impl Fn(usize) -> f64) -> Levels {
    let depth = x.len();
    let mut sum = Levels::new();
    for n in (first..=depth).rev() {
        let level = |k: usize| {
            let scaled = match coefficient(n) {
                1.0 => x[k - 1].clone(),
                coefficient => x[k - 1].clone() * coefficient,
            };
            match inner_level(x, &sum, k) {
                Some(inner) => scaled + inner,
                None => scaled,
            }
        };
        sum = (1..=depth + 1 - n).map(level).collect();
    }
    sum
}
