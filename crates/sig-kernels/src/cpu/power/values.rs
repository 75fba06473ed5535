//! The series of each row.

use pulp::{Simd, WithSimd};

use super::Horner;
use crate::Real;
use crate::cpu::Power;
use crate::cpu::chen::level;
use crate::cpu::rows::{Rows, results};
use crate::cpu::scratch::Scratch;

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
                simd.vectorize(Series::<T, S> {
                    simd,
                    horner,
                    x,
                    y,
                    at_words,
                });
                match horner.places {
                    Some(_) => [&*at_words],
                    None => [&*y],
                }
            },
        );
        values
    }
}

/// The series in `y`, or at the words wanted in `at_words`.
struct Series<'a, T: Real, S: Simd> {
    simd: S,
    horner: &'a Horner,
    x: &'a [T::Vector<S>],
    y: &'a mut [T::Vector<S>],
    at_words: &'a mut [T::Vector<S>],
}

impl<T: Real, S: Simd> WithSimd for Series<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(self, _: S2) {
        let (simd, tree, x) = (self.simd, &self.horner.tree, self.x);
        let last = if self.horner.places.is_some() { 2 } else { 1 };
        for n in (last..=tree.depth).rev() {
            let c = self.horner.coefficient::<T, S>(simd, n);
            for k in (1..=tree.depth + 1 - n).rev() {
                let (y, own) = self.y.split_at_mut(tree.offset(k));
                let finish = |at: usize, sum| T::mul_add(simd, c, x[at], sum);
                level::<T, S>(simd, tree, k, [x, y], finish, &mut own[..tree.words(k)]);
            }
        }
        let Some(places) = &self.horner.places else {
            return;
        };
        bytemuck::fill_zeroes(self.at_words);
        for split in &places.splits {
            let longer = self.at_words.len() - split.prefixes.len();
            let parts = split.prefixes.iter().zip(&split.suffixes);
            for (out, (&prefix, &suffix)) in self.at_words[longer..].iter_mut().zip(parts) {
                *out = T::mul_add(simd, x[prefix], self.y[suffix], *out);
            }
        }
        for (out, &word) in self.at_words.iter_mut().zip(&places.words) {
            *out = T::plus(simd, *out, x[word]);
        }
    }
}
