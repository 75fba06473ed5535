//! Products of the tensor algebra in lanes, and their adjoints: Chen's identity for the segments of a
//! path, and what power series are made of.

use pulp::{Simd, WithSimd};

use super::blocks::{WIDEST, blocks, with_width};
use super::simd::Number;
use super::tree::Tree;

/// Where a word is cut in two: its first part among all terms, and how far its second part, but for
/// the last letter, is among the words of `count`.
struct Cut {
    left: usize,
    right: usize,
    rest: usize,
    count: usize,
}

/// One level of `x ⊗ y` and what the scalar terms give: `finish` is asked for each term, with its place
/// among all and the sum `Σ_{0<i<k} x_i ⊗ y_{k−i}`. That comes first, for in a logarithm the rest cancels
/// most of it.
#[inline(always)]
pub(super) fn level<T: Number, S: Simd>(
    simd: S,
    tree: &Tree,
    level: usize,
    x: &[T::Vector<S>],
    y: &[T::Vector<S>],
    finish: impl Fn(usize, T::Vector<S>) -> T::Vector<S>,
    out: &mut [T::Vector<S>],
) {
    let d = tree.channels;
    let cut = |letters: usize| Cut {
        left: tree.offset(letters),
        right: tree.offset(level - letters),
        rest: 0,
        count: tree.words(level - 1 - letters),
    };
    let mut cuts: Vec<Cut> = (1..level).map(cut).collect();
    for prefix in 0..tree.words(level - 1) {
        for (first, width) in blocks(d, WIDEST) {
            with_width!(width, WIDEST, B => {
                let at = prefix * d + first;
                let mut sums = [T::splat(simd, T::from_f64(0.0)); B];
                for cut in &cuts {
                    let left = x[cut.left];
                    let right = &y[cut.right + cut.rest * d + first..][..B];
                    for i in 0..B {
                        sums[i] = T::mul_add(simd, left, right[i], sums[i]);
                    }
                }
                for (i, sum) in sums.into_iter().enumerate() {
                    out[at + i] = finish(tree.offset(level) + at + i, sum);
                }
            });
        }
        for cut in &mut cuts {
            cut.rest += 1;
            if cut.rest == cut.count {
                cut.rest = 0;
                cut.left += 1;
            }
        }
    }
}

/// The adjoint of [`level`]: from the gradient of `out_k` what those of `x` and `y` gain.
#[inline(always)]
pub(super) fn level_adjoint<T: Number, S: Simd>(
    simd: S,
    tree: &Tree,
    level: usize,
    [x, y]: [&[T::Vector<S>]; 2],
    gradient: &[T::Vector<S>],
    x_gradient: &mut [T::Vector<S>],
    y_gradient: &mut [T::Vector<S>],
) {
    let zero = T::splat(simd, T::from_f64(0.0));
    for letters in 1..level {
        let rest = tree.words(level - letters);
        let y = &y[tree.offset(level - letters)..][..rest];
        let y_gradient = &mut y_gradient[tree.offset(level - letters)..][..rest];
        for (word, gradient) in gradient.chunks_exact(rest).enumerate() {
            let at = tree.offset(letters) + word;
            let x = x[at];
            // Four sums, so that none waits for the one before.
            let mut sums = [x_gradient[at], zero, zero, zero];
            let (gradients, last_gradients) = gradient.as_chunks::<4>();
            let (ys, last_ys) = y.as_chunks::<4>();
            let (y_gradients, last_y_gradients) = y_gradient.as_chunks_mut::<4>();
            for ((g, y), yg) in gradients.iter().zip(ys).zip(y_gradients) {
                for i in 0..4 {
                    sums[i] = T::mul_add(simd, g[i], y[i], sums[i]);
                    yg[i] = T::mul_add(simd, g[i], x, yg[i]);
                }
            }
            for ((g, y), yg) in last_gradients.iter().zip(last_ys).zip(last_y_gradients) {
                sums[0] = T::mul_add(simd, *g, *y, sums[0]);
                *yg = T::mul_add(simd, *g, x, *yg);
            }
            let halves = [
                T::add(simd, sums[0], sums[1]),
                T::add(simd, sums[2], sums[3]),
            ];
            x_gradient[at] = T::add(simd, halves[0], halves[1]);
        }
    }
}

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
    fn with_simd<S2: Simd>(self, _: S2) {
        let (simd, tree, left, right) = (self.simd, self.tree, self.left, self.right);
        for k in 1..=tree.depth {
            let finish = |at: usize, sum| T::add(simd, sum, T::add(simd, left[at], right[at]));
            let out = &mut self.out[tree.offset(k)..][..tree.words(k)];
            level::<T, S>(simd, tree, k, left, right, finish, out);
        }
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
        for k in 2..=tree.depth {
            level_adjoint::<T, S>(
                simd,
                tree,
                k,
                [self.left, self.right],
                &self.gradient[tree.offset(k)..][..tree.words(k)],
                self.left_gradient,
                self.right_gradient,
            );
        }
    }
}
