//! Products of signatures in lanes, and their adjoints: Chen's identity for the segments of a path.

use pulp::{Simd, WithSimd};

use super::blocks::{WIDEST, blocks, with_width};
use super::simd::Number;
use super::tree::Tree;

/// `out = left ⊗ right`: `out_k = left_k + Σ_{j=1..k−1} left_j ⊗ right_{k−j} + right_k`.
pub(crate) struct Product<'a, T: Number, S: Simd> {
    pub(crate) simd: S,
    pub(crate) tree: &'a Tree,
    pub(crate) left: &'a [T::Vector<S>],
    pub(crate) right: &'a [T::Vector<S>],
    pub(crate) out: &'a mut [T::Vector<S>],
}

impl<T: Number, S: Simd> WithSimd for Product<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(mut self, _: S2) {
        let d = self.tree.channels;
        for level in 1..=self.tree.depth {
            for prefix in 0..self.tree.words(level - 1) {
                for (first, width) in blocks(d, WIDEST) {
                    with_width!(width, WIDEST, B => self.block::<B>(level, prefix, first));
                }
            }
        }
    }
}

impl<T: Number, S: Simd> Product<'_, T, S> {
    /// The words of `level` that are `prefix` and one of `B` letters.
    #[inline(always)]
    fn block<const B: usize>(&mut self, level: usize, prefix: usize, first: usize) {
        let (simd, d) = (self.simd, self.tree.channels);
        let at = self.tree.offset(level) + prefix * d + first;
        let left: &[T::Vector<S>] = &self.left[at..][..B];
        let right: &[T::Vector<S>] = &self.right[at..][..B];
        let mut sums: [T::Vector<S>; B] = core::array::from_fn(|i| T::add(simd, left[i], right[i]));
        for j in 1..level {
            // The prefix cut after `j` letters, and the word of the rest.
            let rest = self.tree.words(level - 1 - j);
            let left = self.left[self.tree.offset(j) + prefix / rest];
            let right = self.tree.offset(level - j) + prefix % rest * d + first;
            let right = &self.right[right..][..B];
            for i in 0..B {
                sums[i] = T::mul_add(simd, left, right[i], sums[i]);
            }
        }
        self.out[at..][..B].copy_from_slice(&sums);
    }
}

/// The adjoint of [`Product`]: gradients of both factors from that of the product.
pub(crate) struct ProductAdjoint<'a, T: Number, S: Simd> {
    pub(crate) simd: S,
    pub(crate) tree: &'a Tree,
    pub(crate) left: &'a [T::Vector<S>],
    pub(crate) right: &'a [T::Vector<S>],
    pub(crate) gradient: &'a [T::Vector<S>],
    pub(crate) left_gradient: &'a mut [T::Vector<S>],
    pub(crate) right_gradient: &'a mut [T::Vector<S>],
}

impl<T: Number, S: Simd> WithSimd for ProductAdjoint<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(self, _: S2) {
        let (simd, tree) = (self.simd, self.tree);
        self.left_gradient.copy_from_slice(self.gradient);
        self.right_gradient.copy_from_slice(self.gradient);
        for level in 2..=tree.depth {
            for j in 1..level {
                let rest = tree.words(level - j);
                let right = &self.right[tree.offset(level - j)..][..rest];
                let right_gradient = &mut self.right_gradient[tree.offset(level - j)..][..rest];
                let level_gradient = &self.gradient[tree.offset(level)..][..tree.words(level)];
                for (word, gradient) in level_gradient.chunks_exact(rest).enumerate() {
                    let left = self.left[tree.offset(j) + word];
                    let mut sum = self.left_gradient[tree.offset(j) + word];
                    for ((g, &r), rg) in gradient.iter().zip(right).zip(&mut *right_gradient) {
                        sum = T::mul_add(simd, *g, r, sum);
                        *rg = T::mul_add(simd, *g, left, *rg);
                    }
                    self.left_gradient[tree.offset(j) + word] = sum;
                }
            }
        }
    }
}
