//! The adjoint of a step below the top: of `h_k(wi) = S(wi) + h_k(w) z[i]/(k − j)` and `S(wi) +=
//! h_{j+1}(w) z[i]`, the steps backwards, with the gradient of `S(wi)` carried in a register.

use pulp::{Simd, WithSimd};

use super::super::blocks::{blocks, with_width};
use super::super::forward::Sums;
use super::super::increments::Steps;
use super::super::simd::Number;
use super::SumsGradient;

/// The children of a word.
pub(super) struct ExtendAdjoint<'a, T: Number, S: Simd> {
    pub(super) simd: S,
    pub(super) channels: usize,
    /// Levels above the children, at least 2.
    pub(super) above: usize,
    pub(super) z: Steps<'a, T::Vector<S>>,
    /// The gradient of the increments, `[step][channel]`, to be added to.
    pub(super) z_gradient: &'a mut [T::Vector<S>],
    pub(super) h: Sums<'a, T::Vector<S>>,
    /// To be written.
    pub(super) h_gradient: SumsGradient<'a, T::Vector<S>>,
    /// That of the children, `[step][channel][k]`.
    pub(super) child_h_gradient: &'a [T::Vector<S>],
    /// The gradient of the children's terms, brought from the last step of the chunk to the first.
    pub(super) gradient: &'a mut [T::Vector<S>],
    /// `1 / c` at `c`.
    pub(super) inverses: &'a [T::Vector<S>],
}

/// Children at once.
const WIDEST: usize = 5;

impl<T: Number, S: Simd> WithSimd for ExtendAdjoint<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(mut self, _: S2) {
        for (first, width) in blocks(self.channels, WIDEST) {
            with_width!(width, B => match self.above {
                2 => self.block::<B>(first, 2),
                3 => self.block::<B>(first, 3),
                above => self.block::<B>(first, above),
            });
        }
    }
}

impl<T: Number, S: Simd> ExtendAdjoint<'_, T, S> {
    #[inline(always)]
    fn block<const B: usize>(&mut self, first: usize, above: usize) {
        let (simd, d) = (self.simd, self.channels);
        let zero = T::splat(simd, T::from_f64(0.0));
        let mut s: [T::Vector<S>; B] = self.gradient[first..][..B]
            .try_into()
            .expect("a child each");
        let fresh = first == 0;
        let inverses = &self.inverses[2..][..above];

        let children = self.child_h_gradient.chunks_exact(d * above);
        let rows = self
            .z
            .rows()
            .zip(self.z_gradient.chunks_exact_mut(d))
            .zip(children);
        let words = self
            .h
            .steps()
            .zip(self.h_gradient.data.chunks_mut(self.h_gradient.stride));
        let steps = rows.zip(words);
        for (((z, z_gradient), child), (h, h_gradient)) in steps.rev() {
            let (h, h_gradient) = (&h[..above + 1], &mut h_gradient[..above + 1]);
            let z = &z[first..][..B];
            let z_gradient = &mut z_gradient[first..][..B];
            let child = &child[first * above..][..B * above];

            let mut zg = [zero; B];
            let mut hg = if fresh { zero } else { h_gradient[0] };
            for i in 0..B {
                hg = T::mul_add(simd, s[i], z[i], hg);
                zg[i] = T::mul_add(simd, s[i], h[0], z_gradient[i]);
            }
            h_gradient[0] = hg;
            for k in 0..above {
                let mut hg = zero;
                let quotient = T::mul(simd, h[k + 1], inverses[k]);
                for i in 0..B {
                    let g = child[i * above + k];
                    s[i] = T::add(simd, s[i], g);
                    hg = T::mul_add(simd, g, z[i], hg);
                    zg[i] = T::mul_add(simd, g, quotient, zg[i]);
                }
                let before = if fresh { zero } else { h_gradient[k + 1] };
                h_gradient[k + 1] = T::mul_add(simd, hg, inverses[k], before);
            }
            z_gradient.copy_from_slice(&zg);
        }
        self.gradient[first..][..B].copy_from_slice(&s);
    }
}
