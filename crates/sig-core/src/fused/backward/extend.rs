//! The adjoint of a step below the top: of `h_k(wi) = S(wi) + h_k(w) z[i]/(k − j)` and `S(wi) +=
//! h_{j+1}(w) z[i]`, the steps backwards, with the gradient of `S(wi)` carried in a register.

use pulp::{Simd, WithSimd};

use super::super::blocks::{blocks, widest, with_width};
use super::super::simd::Number;

/// The children of a run of words, all of them or, of a single word, those of some channels.
pub(super) struct ExtendAdjoint<'a, T: Number, S: Simd, const STREAM: bool> {
    pub(super) simd: S,
    /// Channels of the children.
    pub(super) channels: core::ops::Range<usize>,
    /// Channels of the path.
    pub(super) all_channels: usize,
    /// `h` of the words at `[step][word][k]` from this run's first word on, and its gradient, to be
    /// added to.
    pub(super) h: &'a [T::Vector<S>],
    pub(super) h_gradient: &'a mut [T::Vector<S>],
    pub(super) h_stride: usize,
    pub(super) words: usize,
    /// Levels above the children.
    pub(super) above: usize,
    pub(super) z: &'a [T::Vector<S>],
    pub(super) z_stride: usize,
    pub(super) z_gradient: &'a mut [T::Vector<S>],
    pub(super) steps: usize,
    /// The gradient of `h` of the children, `[step][word][channel][k]`.
    pub(super) child_h_gradient: &'a [T::Vector<S>],
    /// The gradient of the children's terms, brought from the last step of the chunk to the first.
    pub(super) gradient: &'a mut [T::Vector<S>],
    /// What each step's output adds to it, a row a step from these children on, if `STREAM`.
    pub(super) outputs: &'a [T::Vector<S>],
    pub(super) outputs_stride: usize,
    /// `1 / c` at `c`.
    pub(super) inverses: &'a [T::Vector<S>],
}

impl<T: Number, S: Simd, const STREAM: bool> WithSimd for ExtendAdjoint<'_, T, S, STREAM> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(mut self, _: S2) {
        for word in 0..self.words {
            for (first, width) in blocks(self.channels.len(), widest(S::REGISTER_COUNT)) {
                with_width!(width, B => match self.above {
                    1 => self.block::<B>(word, first, 1),
                    2 => self.block::<B>(word, first, 2),
                    3 => self.block::<B>(word, first, 3),
                    above => self.block::<B>(word, first, above),
                });
            }
        }
    }
}

impl<T: Number, S: Simd, const STREAM: bool> ExtendAdjoint<'_, T, S, STREAM> {
    #[inline(always)]
    fn block<const B: usize>(&mut self, word: usize, first: usize, above: usize) {
        let (simd, children) = (self.simd, self.channels.len());
        let at = word * children + first;
        let channel = self.channels.start + first;
        let child_stride = self.words * children * above;
        let mut s: [T::Vector<S>; B] = core::array::from_fn(|i| self.gradient[at + i]);

        for t in (0..self.steps).rev() {
            if STREAM {
                let outputs = &self.outputs[t * self.outputs_stride + at..][..B];
                for i in 0..B {
                    s[i] = T::add(simd, s[i], outputs[i]);
                }
            }
            let from = t * self.h_stride + word * (above + 1);
            let h = &self.h[from..][..above + 1];
            let h_gradient = &mut self.h_gradient[from..][..above + 1];
            let z = &self.z[t * self.z_stride + channel..][..B];
            let z_gradient = &mut self.z_gradient[t * self.all_channels + channel..][..B];
            let child = &self.child_h_gradient[t * child_stride + at * above..][..B * above];

            let mut hg = h_gradient[0];
            let mut zg: [T::Vector<S>; B] = core::array::from_fn(|i| z_gradient[i]);
            for i in 0..B {
                hg = T::mul_add(simd, s[i], z[i], hg);
                zg[i] = T::mul_add(simd, s[i], h[0], zg[i]);
            }
            h_gradient[0] = hg;
            for k in 0..above {
                let inverse = self.inverses[k + 2];
                let mut hg = h_gradient[k + 1];
                for i in 0..B {
                    let g = child[i * above + k];
                    let quotient = T::mul(simd, g, inverse);
                    s[i] = T::add(simd, s[i], g);
                    hg = T::mul_add(simd, quotient, z[i], hg);
                    zg[i] = T::mul_add(simd, quotient, h[k + 1], zg[i]);
                }
                h_gradient[k + 1] = hg;
            }
            z_gradient.copy_from_slice(&zg);
        }
        self.gradient[at..][..B].copy_from_slice(&s);
    }
}
