//! Levels below the top: from the partial sums of words to those of their children.
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

use super::super::blocks::{blocks, widest, with_width};
use super::super::simd::Number;
use super::Level;

/// The children of a run of words, all of them or, of a single word, those of some channels.
pub(crate) struct Extend<'a, T: Number, S: Simd, const STREAM: bool> {
    pub(crate) simd: S,
    /// Channels of the children.
    pub(crate) channels: core::ops::Range<usize>,
    /// Channels of the path.
    pub(crate) all_channels: usize,
    /// `h_{j+1}, …, h_N` of the words, at `[step][word][k]` from this run's first word on.
    pub(crate) h: &'a [T::Vector<S>],
    pub(crate) h_stride: usize,
    pub(crate) words: usize,
    /// Levels above the children.
    pub(crate) above: usize,
    /// `z / c`, `[step][c − 1][channel]`
    pub(crate) z: &'a [T::Vector<S>],
    pub(crate) z_stride: usize,
    pub(crate) steps: usize,
    /// The children's terms, `[word][channel]`.
    pub(crate) state: &'a mut [T::Vector<S>],
    /// `h_{j+2}, …, h_N` of the children, `[step][word][channel][k]`.
    pub(crate) out: &'a mut [T::Vector<S>],
    /// Where the children go after each step, if `STREAM`.
    pub(crate) prefixes: Level<'a, T::Vector<S>>,
}

impl<T: Number, S: Simd, const STREAM: bool> WithSimd for Extend<'_, T, S, STREAM> {
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

impl<T: Number, S: Simd, const STREAM: bool> Extend<'_, T, S, STREAM> {
    #[inline(always)]
    fn block<const B: usize>(&mut self, word: usize, first: usize, above: usize) {
        let (simd, children) = (self.simd, self.channels.len());
        let at = word * children + first;
        let mut s: [T::Vector<S>; B] = self.state[at..][..B].try_into().expect("a child each");

        let channel = self.channels.start + first;
        let h = self.h[word * (above + 1)..].chunks(self.h_stride);
        let z = self.z[channel..].chunks(self.z_stride);
        let out = self.out[at * above..].chunks_mut(self.words * children * above);
        for (t, ((h, z), out)) in h.zip(z).zip(out).take(self.steps).enumerate() {
            let h = &h[..above + 1];
            let out = &mut out[..B * above];
            for k in 0..above {
                let z = &z[(k + 1) * self.all_channels..][..B];
                for i in 0..B {
                    out[i * above + k] = T::mul_add(simd, h[k + 1], z[i], s[i]);
                }
            }
            let z = &z[..B];
            for i in 0..B {
                s[i] = T::mul_add(simd, h[0], z[i], s[i]);
            }
            if STREAM {
                self.prefixes.at(t, at, B).copy_from_slice(&s);
            }
        }
        self.state[at..][..B].copy_from_slice(&s);
    }
}
