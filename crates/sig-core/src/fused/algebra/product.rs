//! Products of two elements with scalar term 1.

use pulp::{Simd, WithSimd};

use super::super::chen::{Product, ProductAdjoint};
use super::super::scratch::Scratch;
use super::super::simd::{self, Number};
use super::super::tree::Tree;
use super::rows::{Rows, results};

/// `a ⊗ b` for each row.
pub(crate) struct ProductCall<'a, T> {
    pub(crate) channels: usize,
    pub(crate) depth: usize,
    pub(crate) a: &'a [T],
    pub(crate) b: &'a [T],
}

impl<T: Number> ProductCall<'_, T> {
    pub(crate) fn values(&self) -> Vec<T> {
        simd::dispatch(Values(self))
    }

    /// The gradients of `a` and `b` from that of the product.
    pub(crate) fn gradient(&self, output: &[T]) -> [Vec<T>; 2] {
        simd::dispatch(Gradient { call: self, output })
    }

    fn rows<'b>(tree: &Tree, numbers: &'b [T]) -> Rows<'b, T> {
        let width = tree.terms();
        Rows { numbers, width }
    }
}

struct Values<'a, T>(&'a ProductCall<'a, T>);

impl<T: Number> WithSimd for Values<'_, T> {
    type Output = Vec<T>;

    fn with_simd<S: Simd>(self, simd: S) -> Vec<T> {
        let tree = Tree::new(self.0.channels, self.0.depth);
        let [a, b] = [self.0.a, self.0.b].map(|row| ProductCall::rows(&tree, row));
        let terms = tree.terms();
        let [values] = results::<T, S, _, 1>(
            simd,
            self.0.a.len() / terms,
            terms,
            tree.product_cost(),
            || [(); 3].map(|()| Scratch::new(terms)),
            |[left, right, out], group| {
                a.load(simd, group, left);
                b.load(simd, group, right);
                simd.vectorize(Product::<T, S> {
                    simd,
                    tree: &tree,
                    left,
                    right,
                    out,
                });
                [&*out]
            },
        );
        values
    }
}

struct Gradient<'a, T> {
    call: &'a ProductCall<'a, T>,
    output: &'a [T],
}

impl<T: Number> WithSimd for Gradient<'_, T> {
    type Output = [Vec<T>; 2];

    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let tree = Tree::new(self.call.channels, self.call.depth);
        let all = [self.call.a, self.call.b, self.output];
        let [a, b, output] = all.map(|row| ProductCall::rows(&tree, row));
        let terms = tree.terms();
        results::<T, S, _, 2>(
            simd,
            self.output.len() / terms,
            terms,
            2 * tree.product_cost(),
            || [(); 5].map(|()| Scratch::new(terms)),
            |[left, right, gradient, left_gradient, right_gradient], group| {
                a.load(simd, group, left);
                b.load(simd, group, right);
                output.load(simd, group, gradient);
                simd.vectorize(ProductAdjoint::<T, S> {
                    simd,
                    tree: &tree,
                    left,
                    right,
                    gradient,
                    left_gradient,
                    right_gradient,
                });
                [&*left_gradient, &*right_gradient]
            },
        )
    }
}
