//! The gradient of each row.

use pulp::{Simd, WithSimd};

use super::{Horner, horner_level};
use crate::Real;
use crate::cpu::Power;
use crate::cpu::chen::level_adjoint;
use crate::cpu::rows::{Rows, results};
use crate::cpu::scratch::Scratch;
use crate::cpu::simd::vectorize;
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
        let room: usize = (2..=horner.tree.depth).map(|n| horner.terms(n)).sum();
        let [gradient] = results::<T, S, _, 1>(
            simd,
            numbers.len() / terms,
            terms,
            3 * horner.cost(),
            || [terms, width, terms, room, room].map(Scratch::new),
            |[x, output, x_gradient, y, y_gradient], group| {
                x_rows.load(simd, group, x);
                output_rows.load(simd, group, output);
                vectorize(
                    simd,
                    #[inline(always)]
                    || {
                        powers::<T, S>(simd, horner, x, y);
                        bytemuck::fill_zeroes(x_gradient);
                        bytemuck::fill_zeroes(y_gradient);
                        match &horner.places {
                            Some(places) => {
                                last_step::<T, S>(
                                    simd,
                                    places,
                                    [x, y],
                                    output,
                                    x_gradient,
                                    y_gradient,
                                );
                            }
                            None => {
                                step::<T, S>(
                                    simd,
                                    horner,
                                    1,
                                    [x, y],
                                    output,
                                    x_gradient,
                                    y_gradient,
                                );
                            }
                        }
                        let mut start = 0;
                        for n in 2..=horner.tree.depth {
                            let end = start + horner.terms(n);
                            let (own, next) = y_gradient.split_at_mut(end);
                            let (factors, own) = ([&x[..], &y[end..]], &own[start..]);
                            step::<T, S>(simd, horner, n, factors, own, x_gradient, next);
                            start = end;
                        }
                    },
                );
                [&*x_gradient]
            },
        );
        gradient
    }
}

/// `y_N, …, y_2`, one after another from the last on.
#[inline(always)]
fn powers<T: Real, S: Simd>(simd: S, horner: &Horner, x: &[T::Vector<S>], y: &mut [T::Vector<S>]) {
    let (tree, mut end) = (&horner.tree, y.len());
    for n in (2..=tree.depth).rev() {
        let start = end - horner.terms(n);
        let (own, next) = y.split_at_mut(end);
        let c = horner.coefficient::<T, S>(simd, n);
        for k in 1..=tree.depth + 1 - n {
            let out = &mut own[start + tree.offset(k)..][..tree.words(k)];
            horner_level::<T, S>(simd, tree, k, c, [x, next], out);
        }
        end = start;
    }
}

/// The adjoint of the last step at some words, whose gradient is `output`.
#[inline(always)]
fn last_step<T: Real, S: Simd>(
    simd: S,
    places: &LyndonPlaces,
    [x, y]: [&[T::Vector<S>]; 2],
    output: &[T::Vector<S>],
    x_gradient: &mut [T::Vector<S>],
    y_gradient: &mut [T::Vector<S>],
) {
    for (gradient, &word) in output.iter().zip(&places.words) {
        x_gradient[word] = *gradient;
    }
    for split in &places.splits {
        let longer = output.len() - split.prefixes.len();
        let parts = split.prefixes.iter().zip(&split.suffixes);
        for (&gradient, (&prefix, &suffix)) in output[longer..].iter().zip(parts) {
            let (to_x, to_y) = (&mut x_gradient[prefix], &mut y_gradient[suffix]);
            *to_x = T::mul_add(simd, gradient, y[suffix], *to_x);
            *to_y = T::mul_add(simd, gradient, x[prefix], *to_y);
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
