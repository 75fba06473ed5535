//! The gradient of each row.

use pulp::{Simd, WithSimd};

use super::Horner;
use crate::Real;
use crate::cpu::Power;
use crate::cpu::chen::{level, level_adjoint};
use crate::cpu::rows::{Rows, results};
use crate::cpu::scratch::Scratch;
use crate::lyndon::LyndonPlaces;

pub(in crate::cpu) struct Gradient<'a, T> {
    pub(in crate::cpu) call: &'a Power<'a, T>,
    pub(in crate::cpu) output: &'a [T],
}

impl<T: Real> WithSimd for Gradient<'_, T> {
    type Output = Vec<T>;

    fn with_simd<S: Simd>(self, simd: S) -> Vec<T> {
        let (numbers, output) = (self.call.element, self.output);
        let horner = &Horner::new(self.call);
        let (terms, width) = (horner.tree.terms(), horner.width());
        let x_rows = Rows {
            numbers,
            width: terms,
        };
        let output_rows = Rows {
            numbers: output,
            width,
        };
        // y_2, y_3, … and their gradients.
        let powers: usize = (2..=horner.tree.depth).map(|n| horner.terms(n)).sum();
        let [gradient] = results::<T, S, _, 1>(
            simd,
            numbers.len() / terms,
            terms,
            3 * horner.cost(),
            || [terms, width, terms, powers, powers].map(Scratch::new),
            |[x, output, x_gradient, y, y_gradient], group| {
                x_rows.load(simd, group, x);
                output_rows.load(simd, group, output);
                simd.vectorize(SeriesAdjoint::<T, S> {
                    simd,
                    horner,
                    x,
                    output,
                    x_gradient,
                    y,
                    y_gradient,
                });
                [&*x_gradient]
            },
        );
        gradient
    }
}

/// The gradient of `x` from that of the series.
struct SeriesAdjoint<'a, T: Real, S: Simd> {
    simd: S,
    horner: &'a Horner,
    x: &'a [T::Vector<S>],
    output: &'a [T::Vector<S>],
    x_gradient: &'a mut [T::Vector<S>],
    /// Room for `y_2, y_3, …`, one after another, and for their gradients.
    y: &'a mut [T::Vector<S>],
    y_gradient: &'a mut [T::Vector<S>],
}

impl<T: Real, S: Simd> WithSimd for SeriesAdjoint<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(mut self, _: S2) {
        self.powers();
        bytemuck::fill_zeroes(self.x_gradient);
        bytemuck::fill_zeroes(self.y_gradient);
        match &self.horner.places {
            Some(places) => self.at_words(places),
            None => step::<T, S>(
                self.simd,
                self.horner,
                1,
                [self.x, self.y],
                self.output,
                self.x_gradient,
                self.y_gradient,
            ),
        }
        let mut start = 0;
        for n in 2..=self.horner.tree.depth {
            let end = start + self.horner.terms(n);
            let (gradient, next) = self.y_gradient.split_at_mut(end);
            step::<T, S>(
                self.simd,
                self.horner,
                n,
                [self.x, &self.y[end..]],
                &gradient[start..],
                self.x_gradient,
                next,
            );
            start = end;
        }
    }
}

impl<T: Real, S: Simd> SeriesAdjoint<'_, T, S> {
    /// `y_N, …, y_2`
    #[inline(always)]
    fn powers(&mut self) {
        let (simd, tree, x) = (self.simd, &self.horner.tree, self.x);
        let mut end = self.y.len();
        for n in (2..=tree.depth).rev() {
            let start = end - self.horner.terms(n);
            let (own, next) = self.y.split_at_mut(end);
            let c = self.horner.coefficient::<T, S>(simd, n);
            for k in 1..=tree.depth + 1 - n {
                let out = &mut own[start + tree.offset(k)..][..tree.words(k)];
                let finish = |at: usize, sum| T::mul_add(simd, c, x[at], sum);
                level::<T, S>(simd, tree, k, [x, next], finish, out);
            }
            end = start;
        }
    }

    /// The last step, at some words.
    #[inline(always)]
    fn at_words(&mut self, places: &LyndonPlaces) {
        let simd = self.simd;
        for (gradient, &word) in self.output.iter().zip(&places.words) {
            self.x_gradient[word] = *gradient;
        }
        for split in &places.splits {
            let longer = self.output.len() - split.prefixes.len();
            let parts = split.prefixes.iter().zip(&split.suffixes);
            for (&gradient, (&prefix, &suffix)) in self.output[longer..].iter().zip(parts) {
                let (x, y) = (self.x[prefix], self.y[suffix]);
                let x_gradient = &mut self.x_gradient[prefix];
                *x_gradient = T::mul_add(simd, gradient, y, *x_gradient);
                let y_gradient = &mut self.y_gradient[suffix];
                *y_gradient = T::mul_add(simd, gradient, x, *y_gradient);
            }
        }
    }
}

/// From the gradient of `y_n = c_n x + x ⊗ y_{n+1}` to those of `x` and `y_{n+1}`, which starts the
/// slice of those that come after.
#[inline(always)]
fn step<T: Real, S: Simd>(
    simd: S,
    horner: &Horner,
    n: usize,
    [x, next]: [&[T::Vector<S>]; 2],
    gradient: &[T::Vector<S>],
    x_gradient: &mut [T::Vector<S>],
    next_gradient: &mut [T::Vector<S>],
) {
    let tree = &horner.tree;
    let c = horner.coefficient::<T, S>(simd, n);
    for (x, gradient) in x_gradient.iter_mut().zip(gradient) {
        *x = T::mul_add(simd, c, *gradient, *x);
    }
    for k in 2..=tree.depth + 1 - n {
        let gradient = &gradient[tree.offset(k)..][..tree.words(k)];
        level_adjoint::<T, S>(
            simd,
            tree,
            k,
            [x, next],
            gradient,
            x_gradient,
            next_gradient,
        );
    }
}
