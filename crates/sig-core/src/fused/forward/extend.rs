//! Levels below the top: from the partial sums of a word to those of its children.
//!
//! A word `w` of length `j` has for each level `k > j` the partial Horner sum `h_k(w)`, with which
//! its children `wi` go
//!
//! ```text
//! h_k(wi) = S(wi) + h_k(w) z[i] / (k − j)      k = j+2 … N
//! S(wi)  += h_{j+1}(w) z[i]
//! ```
//!
//! so that from one step to the next only `S(wi)` is carried, in a register.

use pulp::{Simd, WithSimd};

use super::super::blocks::{blocks, with_width};
use super::super::increments::Steps;
use super::super::simd::Number;
use super::Sums;

/// The children of a word.
pub(crate) struct Extend<'a, T: Number, S: Simd> {
    pub(crate) simd: S,
    pub(crate) channels: usize,
    /// Levels above the children, at least 1.
    pub(crate) above: usize,
    pub(crate) z: Steps<'a, T::Vector<S>>,
    /// `h_{j+1}, …, h_N` of the word.
    pub(crate) h: Sums<'a, T::Vector<S>>,
    /// The children's terms.
    pub(crate) state: &'a mut [T::Vector<S>],
    /// `h_{j+2}, …, h_N` of the children, `[step][channel][k]`.
    pub(crate) out: &'a mut [T::Vector<S>],
}

/// Children at once: their terms, and what they are multiplied with, fit 16 registers.
const WIDEST: usize = 5;

impl<T: Number, S: Simd> WithSimd for Extend<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(mut self, _: S2) {
        for (first, width) in blocks(self.channels, WIDEST) {
            with_width!(width, B => match self.above {
                1 => self.block::<B>(first, 1),
                2 => self.block::<B>(first, 2),
                3 => self.block::<B>(first, 3),
                above => self.block::<B>(first, above),
            });
        }
    }
}

impl<T: Number, S: Simd> Extend<'_, T, S> {
    #[inline(always)]
    fn block<const B: usize>(&mut self, first: usize, above: usize) {
        let (simd, d) = (self.simd, self.channels);
        let mut s: [T::Vector<S>; B] = self.state[first..][..B].try_into().expect("a child each");

        let out = self.out.chunks_exact_mut(d * above);
        for ((h, z), out) in self.h.rows().zip(self.z.rows()).zip(out) {
            let h = &h[self.h.start..][..above + 1];
            let out = &mut out[first * above..][..B * above];
            for k in 0..above {
                let z = &z[(k + 1) * d + first..][..B];
                for i in 0..B {
                    out[i * above + k] = T::mul_add(simd, h[k + 1], z[i], s[i]);
                }
            }
            let z = &z[first..][..B];
            for i in 0..B {
                s[i] = T::mul_add(simd, h[0], z[i], s[i]);
            }
        }
        self.state[first..][..B].copy_from_slice(&s);
    }
}
