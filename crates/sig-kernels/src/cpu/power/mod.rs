//! Power series of an element without scalar term, by Horner:
//!
//! ```text
//! y_N = c_N x;   y_n = c_n x + x ⊗ y_{n+1}   up to level N + 1 − n
//! ```
//!
//! for what is multiplied by `x` another `n` times is needed `n` levels less far. All is done in
//! place, a level at a time from the highest down. Of a logarithm at the Lyndon words, the last
//! step, which costs most, is taken at these words alone.

mod gradient;
mod values;

use std::sync::Arc;

use pulp::Simd;

use super::Power;
use super::chen::level;
use super::tree::Tree;
use crate::lyndon::{LyndonPlaces, lyndon_places};
use crate::{PowerSeries, Real};

pub(super) use gradient::Gradient;
pub(super) use values::Values;

/// What Horner's scheme needs to know.
struct Horner {
    tree: Tree,
    /// `c_n` at `n − 1`
    coefficients: Vec<f64>,
    /// Where the result is wanted, if not at all words.
    places: Option<Arc<LyndonPlaces>>,
}

impl Horner {
    fn new<T>(call: &Power<'_, T>) -> Self {
        let at_lyndon = call.series == PowerSeries::LogAtLyndon;
        let powers = 1..=call.spec.depth();
        Self {
            tree: Tree::new(call.spec),
            coefficients: powers.map(|n| call.series.coefficient(n)).collect(),
            places: at_lyndon.then(|| lyndon_places(call.spec)),
        }
    }

    /// Numbers of a result.
    fn width(&self) -> usize {
        match &self.places {
            Some(places) => places.words.len(),
            None => self.tree.terms(),
        }
    }

    /// Terms of `y_n`.
    fn terms(&self, n: usize) -> usize {
        self.tree.offset(self.tree.depth + 2 - n)
    }

    fn coefficient<T: Real, S: Simd>(&self, simd: S, n: usize) -> T::Vector<S> {
        T::splat(simd, T::nearest(self.coefficients[n - 1]))
    }

    /// Multiply-adds of a row, some of which may be left out.
    fn cost(&self) -> usize {
        let product = |level: usize| level.saturating_mul(self.tree.words(level));
        let top = |n: usize| (1..=self.tree.depth + 1 - n).map(product);
        (1..=self.tree.depth)
            .flat_map(top)
            .fold(0, usize::saturating_add)
    }
}

/// A level of `c x + x ⊗ y`.
#[inline(always)]
fn horner_level<T: Real, S: Simd>(
    simd: S,
    tree: &Tree,
    k: usize,
    c: T::Vector<S>,
    [x, y]: [&[T::Vector<S>]; 2],
    out: &mut [T::Vector<S>],
) {
    level::<T, S>(simd, tree, k, [x, y], out);
    for (out, &x) in out.iter_mut().zip(&x[tree.offset(k)..]) {
        *out = T::mul_add(simd, c, x, *out);
    }
}
