//! Power series of an element without scalar term, by Horner:
//!
//! ```text
//! y_N = c_N x;   y_n = c_n x + x ⊗ y_{n+1}   up to level N + 1 − n
//! ```
//!
//! for what is multiplied by `x` another `n` times is needed `n` levels less far. All is done in place,
//! a level at a time from the highest down. Of a logarithm at the Lyndon words, the last step, which
//! costs most, is taken at these words alone.

use pulp::{Simd, WithSimd};

use super::super::chen::{level, level_adjoint};
use super::super::scratch::Scratch;
use super::super::simd::{self, Number};
use super::super::tree::Tree;
use super::rows::{Rows, results};
use crate::lyndon::{LyndonPlaces, lyndon_places};
use crate::{PowerSeries, SignatureSpec};

/// A power series of each row.
pub(crate) struct PowerSeriesCall<'a, T> {
    pub(crate) channels: usize,
    pub(crate) depth: usize,
    pub(crate) series: PowerSeries,
    pub(crate) x: &'a [T],
}

impl<T: Number> PowerSeriesCall<'_, T> {
    pub(crate) fn values(&self) -> Vec<T> {
        let horner = Horner::new(self);
        simd::dispatch(Values(self.x, &horner))
    }

    /// The gradient of `x` from that of the series.
    pub(crate) fn gradient(&self, output: &[T]) -> Vec<T> {
        let horner = Horner::new(self);
        simd::dispatch(Gradient(self.x, output, &horner))
    }
}

/// What Horner's scheme needs to know.
struct Horner {
    tree: Tree,
    /// `c_n` at `n − 1`
    coefficients: Vec<f64>,
    /// Where the result is wanted, if not at all words.
    places: Option<std::sync::Arc<LyndonPlaces>>,
}

impl Horner {
    fn new<T>(call: &PowerSeriesCall<'_, T>) -> Self {
        let spec = SignatureSpec::new(call.channels, call.depth);
        let at_lyndon = call.series == PowerSeries::LogAtLyndon;
        Self {
            tree: Tree::new(call.channels, call.depth),
            coefficients: (1..=call.depth)
                .map(|n| call.series.coefficient(n))
                .collect(),
            places: at_lyndon.then(|| lyndon_places(spec)),
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

    fn coefficient<T: Number, S: Simd>(&self, simd: S, n: usize) -> T::Vector<S> {
        T::splat(simd, T::from_f64(self.coefficients[n - 1]))
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

struct Values<'a, T>(&'a [T], &'a Horner);

impl<T: Number> WithSimd for Values<'_, T> {
    type Output = Vec<T>;

    fn with_simd<S: Simd>(self, simd: S) -> Vec<T> {
        let (numbers, horner) = (self.0, self.1);
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
struct Series<'a, T: Number, S: Simd> {
    simd: S,
    horner: &'a Horner,
    x: &'a [T::Vector<S>],
    y: &'a mut [T::Vector<S>],
    at_words: &'a mut [T::Vector<S>],
}

impl<T: Number, S: Simd> WithSimd for Series<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(self, _: S2) {
        let (simd, tree, x) = (self.simd, &self.horner.tree, self.x);
        let last = match self.horner.places {
            Some(_) => 2,
            None => 1,
        };
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
            *out = T::add(simd, *out, x[word]);
        }
    }
}

struct Gradient<'a, T>(&'a [T], &'a [T], &'a Horner);

impl<T: Number> WithSimd for Gradient<'_, T> {
    type Output = Vec<T>;

    fn with_simd<S: Simd>(self, simd: S) -> Vec<T> {
        let (numbers, output, horner) = (self.0, self.1, self.2);
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
struct SeriesAdjoint<'a, T: Number, S: Simd> {
    simd: S,
    horner: &'a Horner,
    x: &'a [T::Vector<S>],
    output: &'a [T::Vector<S>],
    x_gradient: &'a mut [T::Vector<S>],
    /// Room for `y_2, y_3, …`, one after another, and for their gradients.
    y: &'a mut [T::Vector<S>],
    y_gradient: &'a mut [T::Vector<S>],
}

impl<T: Number, S: Simd> WithSimd for SeriesAdjoint<'_, T, S> {
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

impl<T: Number, S: Simd> SeriesAdjoint<'_, T, S> {
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
fn step<T: Number, S: Simd>(
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
