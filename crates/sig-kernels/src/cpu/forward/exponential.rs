//! The signature of a single increment, `exp(z)`: every word is the one without its last letter
//! times a quotient of that letter's increment, `S(wi) = S(w) z[i] / k`.

use pulp::{Simd, WithSimd};

use crate::Real;
use crate::cpu::increments::Steps;
use crate::cpu::tiles::{WIDEST, tiles, with_width};
use crate::cpu::tree::Tree;

pub(crate) struct Exponential<'a, T: Real, S: Simd> {
    pub(crate) simd: S,
    pub(crate) tree: &'a Tree,
    /// One step.
    pub(crate) z: Steps<'a, T::Vector<S>>,
    /// All terms of `tree`, to be written.
    pub(crate) state: &'a mut [T::Vector<S>],
}

impl<T: Real, S: Simd> WithSimd for Exponential<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(mut self, _: S2) {
        let d = self.tree.channels;
        let (z, _) = self.z.data();
        if self.tree.depth > 0 {
            self.state[..d].copy_from_slice(&z[..d]);
        }
        for level in 2..=self.tree.depth {
            for (first, width) in tiles(d, WIDEST) {
                with_width!(width, WIDEST, B => self.columns::<B>(level, first));
            }
        }
    }
}

impl<T: Real, S: Simd> Exponential<'_, T, S> {
    /// The words of a level that end in one of `B` letters from `first` on.
    #[inline(always)]
    fn columns<const B: usize>(&mut self, level: usize, first: usize) {
        let (simd, tree) = (self.simd, self.tree);
        let quotients: &[_; B] = self.z.quotients(tree.channels, level, first);
        let (lower, upper) = self.state.split_at_mut(tree.offset(level));
        let words = upper[..tree.words(level)].chunks_exact_mut(tree.channels);
        for (&parent, children) in lower[tree.offset(level - 1)..].iter().zip(words) {
            for (child, &quotient) in children[first..][..B].iter_mut().zip(quotients) {
                *child = T::mul(simd, parent, quotient);
            }
        }
    }
}
