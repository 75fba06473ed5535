//! The series of each row.

use pulp::{Simd, WithSimd};

use super::{Horner, horner_level};
use crate::Real;
use crate::cpu::Power;
use crate::cpu::rows::{Rows, results};
use crate::cpu::scratch::Scratch;
use crate::cpu::simd::vectorize;
use crate::lyndon::LyndonPlaces;

pub(in crate::cpu) struct Values<'a, T>(pub(in crate::cpu) &'a Power<'a, T>);

impl<T: Real> WithSimd for Values<'_, T> {
    type Output = Vec<T>;

    fn with_simd<S: Simd>(self, simd: S) -> Vec<T> {
        let (numbers, horner) = (self.0.element, &Horner::new(self.0));
        let (terms, width) = (horner.tree.terms(), horner.width());
        let rows = Rows {
            numbers,
            width: terms,
        };
        let [values] = results::<T, S, _, 1>(
            simd,
            numbers.len() / terms,
            width,
            horner.cost(),
            || [terms, terms, width].map(Scratch::new),
            |[x, y, at_words], group| {
                rows.load(simd, group, x);
                vectorize(
                    simd,
                    #[inline(always)]
                    || {
                        series::<T, S>(simd, horner, x, y);
                        if let Some(places) = &horner.places {
                            last_step::<T, S>(simd, places, x, y, at_words);
                        }
                    },
                );
                [if horner.places.is_some() {
                    &*at_words
                } else {
                    &*y
                }]
            },
        );
        values
    }
}

/// The series in `y`; without the last step where that is taken at some words alone.
#[inline(always)]
fn series<T: Real, S: Simd>(simd: S, horner: &Horner, x: &[T::Vector<S>], y: &mut [T::Vector<S>]) {
    let tree = &horner.tree;
    let last = if horner.places.is_some() { 2 } else { 1 };
    for n in (last..=tree.depth).rev() {
        let c = horner.coefficient::<T, S>(simd, n);
        for k in (1..=tree.depth + 1 - n).rev() {
            let (y, own) = y.split_at_mut(tree.offset(k));
            horner_level::<T, S>(simd, tree, k, c, [x, y], &mut own[..tree.words(k)]);
        }
    }
}

/// `x + x ⊗ y` at some words: `x` at the word and, for each cut in two, `x` at its first part times
/// `y` at its second.
#[inline(always)]
fn last_step<T: Real, S: Simd>(
    simd: S,
    places: &LyndonPlaces,
    x: &[T::Vector<S>],
    y: &[T::Vector<S>],
    at_words: &mut [T::Vector<S>],
) {
    bytemuck::fill_zeroes(at_words);
    for split in &places.splits {
        let longer = at_words.len() - split.prefixes.len();
        let parts = split.prefixes.iter().zip(&split.suffixes);
        for (out, (&prefix, &suffix)) in at_words[longer..].iter_mut().zip(parts) {
            *out = T::mul_add(simd, x[prefix], y[suffix], *out);
        }
    }
    for (out, &word) in at_words.iter_mut().zip(&places.words) {
        *out = T::plus(simd, *out, x[word]);
    }
}
