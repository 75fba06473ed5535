//! Products of two elements with scalar term 1.

use pulp::{Simd, WithSimd};

use super::Product;
use super::chen;
use super::rows::{Rows, results};
use super::scratch::Scratch;
use super::tree::Tree;
use crate::Real;

pub(super) struct Values<'a, T>(pub(super) &'a Product<'a, T>);

impl<T: Real> WithSimd for Values<'_, T> {
    type Output = Vec<T>;

    fn with_simd<S: Simd>(self, simd: S) -> Vec<T> {
        let tree = Tree::new(self.0.spec);
        let terms = tree.terms();
        let [a, b] = [self.0.a, self.0.b].map(|numbers| Rows {
            numbers,
            width: terms,
        });
        let [values] = results::<T, S, _, 1>(
            simd,
            self.0.a.len() / terms,
            terms,
            tree.product_cost(),
            || [(); 3].map(|()| Scratch::new(terms)),
            |[left, right, out], group| {
                a.load(simd, group, left);
                b.load(simd, group, right);
                chen::product::<T, S>(simd, &tree, [left, right], out);
                [&*out]
            },
        );
        values
    }
}

pub(super) struct Gradient<'a, T> {
    pub(super) call: &'a Product<'a, T>,
    pub(super) output: &'a [T],
}

impl<T: Real> WithSimd for Gradient<'_, T> {
    type Output = [Vec<T>; 2];

    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let tree = Tree::new(self.call.spec);
        let terms = tree.terms();
        let [a, b, output] = [self.call.a, self.call.b, self.output].map(|numbers| Rows {
            numbers,
            width: terms,
        });
        results::<T, S, _, 2>(
            simd,
            self.output.len() / terms,
            terms,
            2 * tree.product_cost(),
            || [(); 5].map(|()| Scratch::new(terms)),
            |[left, right, gradient, of_left, of_right], group| {
                a.load(simd, group, left);
                b.load(simd, group, right);
                output.load(simd, group, gradient);
                let gradients = [&mut of_left[..], of_right];
                chen::product_adjoint::<T, S>(simd, &tree, [left, right], gradient, gradients);
                [&*of_left, &*of_right]
            },
        )
    }
}
