//! The adjoint of the signature of a single increment, from the top level to the first: of
//! `S(wi) = S(w) z[i] / k`, a part goes to `S(w)` and a part to `z[i]`.

use pulp::Simd;

use crate::Real;
use crate::cpu::increments::Steps;
use crate::cpu::tiles::{WIDEST, tiles, with_width};
use crate::cpu::tree::Tree;

pub(super) struct ExponentialAdjoint<'a, T: Real, S: Simd> {
    pub(super) simd: S,
    pub(super) tree: &'a Tree,
    /// One step.
    pub(super) z: Steps<'a, T::Vector<S>>,
    /// The gradient of the increment, to be written.
    pub(super) z_gradient: &'a mut [T::Vector<S>],
    /// The terms below the top.
    pub(super) state: &'a [T::Vector<S>],
    /// The gradient of all terms; afterwards of no use.
    pub(super) gradient: &'a mut [T::Vector<S>],
    /// `1 / c` at `c`.
    pub(super) inverses: &'a [T::Vector<S>],
}

impl<T: Real, S: Simd> ExponentialAdjoint<'_, T, S> {
    #[inline(always)]
    pub(super) fn run(&mut self) {
        let d = self.tree.channels;
        bytemuck::fill_zeroes(self.z_gradient);
        for level in (2..=self.tree.depth).rev() {
            for (first, width) in tiles(d, WIDEST) {
                with_width!(width, WIDEST, B => self.columns::<B>(level, first));
            }
        }
        for (to, &from) in self.z_gradient.iter_mut().zip(&self.gradient[..d]) {
            *to = T::plus(self.simd, *to, from);
        }
    }

    /// The words of a level that end in one of `B` letters from `first` on.
    #[inline(always)]
    fn columns<const B: usize>(&mut self, level: usize, first: usize) {
        let (simd, tree) = (self.simd, self.tree);
        let quotients: &[_; B] = self.z.quotients(tree.channels, level, first);
        let mut sums = [T::splat(simd, T::nearest(0.0)); B];
        let (lower, upper) = self.gradient.split_at_mut(tree.offset(level));
        let lower = &mut lower[tree.offset(level - 1)..];
        let parents = self.state[tree.offset(level - 1)..].iter().zip(lower);
        let words = upper[..tree.words(level)].chunks_exact(tree.channels);
        for ((&parent, to), children) in parents.zip(words) {
            let children = &children[first..][..B];
            for i in 0..B {
                *to = T::mul_add(simd, children[i], quotients[i], *to);
                sums[i] = T::mul_add(simd, children[i], parent, sums[i]);
            }
        }
        for (to, sum) in self.z_gradient[first..][..B].iter_mut().zip(sums) {
            *to = T::mul_add(simd, sum, self.inverses[level], *to);
        }
    }
}
