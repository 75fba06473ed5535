//! Exponential and logarithm in the truncated tensor algebra.

use super::Levels;
use super::product::inner_level;

/// `log(1 + x) = x − x²/2 + x³/3 − …`, without scalar term as `x` is.
pub(crate) fn log(x: &Levels) -> Levels {
    power_series(x, |n| if n % 2 == 1 { 1.0 } else { -1.0 } / n as f64)
}

/// `exp(x) − 1 = x + x²/2! + x³/3! + …`, of an `x` without scalar term.
pub(crate) fn exp(x: &Levels) -> Levels {
    power_series(x, |n| 1.0 / (1..=n).map(|i| i as f64).product::<f64>())
}

/// `c_1 x + c_2 x² + … + c_N x^N` by Horner: `x ⊗ (c_1 + x ⊗ (c_2 + … x ⊗ c_N))`. What is
/// multiplied by `x` another `n` times is needed up to level `N − n` only.
fn power_series(x: &Levels, coefficient: impl Fn(usize) -> f64) -> Levels {
    let depth = x.len();
    let mut sum = Levels::new();
    for n in (1..=depth).rev() {
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
