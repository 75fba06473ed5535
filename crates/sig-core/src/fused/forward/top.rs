//! The top level: `S_N += Σ_t h(t) ⊗ z_t`, a matrix product over the steps of a chunk whose blocks
//! of words × channels stay in registers from the first step to the last.

use pulp::{Simd, WithSimd};

use super::super::blocks::{blocks, widest, with_width};
use super::super::simd::Number;
use super::Level;

/// The children of a run of words of the level below the top.
pub(crate) struct Top<'a, T: Number, S: Simd, const STREAM: bool> {
    pub(crate) simd: S,
    pub(crate) channels: usize,
    /// `h` of the words, `[step][word]`.
    pub(crate) h: &'a [T::Vector<S>],
    pub(crate) words: usize,
    /// `z`, `[step][..]`
    pub(crate) z: &'a [T::Vector<S>],
    pub(crate) z_stride: usize,
    pub(crate) steps: usize,
    /// The children, `[word][channel]`.
    pub(crate) state: &'a mut [T::Vector<S>],
    /// Where the children go after each step, `[step][..]`, if `STREAM`.
    pub(crate) prefixes: Level<'a, T::Vector<S>>,
}

impl<T: Number, S: Simd, const STREAM: bool> WithSimd for Top<'_, T, S, STREAM> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(mut self, _: S2) {
        for (first, width) in blocks(self.channels, widest(S::REGISTER_COUNT)) {
            with_width!(width, B => self.block::<B>(first));
        }
    }
}

impl<T: Number, S: Simd, const STREAM: bool> Top<'_, T, S, STREAM> {
    #[inline(always)]
    fn block<const B: usize>(&mut self, first: usize) {
        let mut word = 0;
        macro_rules! words {
            ($count:literal) => {
                while word + $count <= self.words {
                    self.tile::<$count, B>(word, first);
                    word += $count;
                }
            };
        }
        // As many accumulators as the registers hold beside the operands.
        match (S::REGISTER_COUNT >= 32, B) {
            (true, 1..=2) => words!(8),
            (true, 3) => words!(6),
            (true, 4 | 6) => words!(4),
            (true, 5) => words!(5),
            (true, _) => words!(3),
            (false, 1..=2) => words!(4),
            (false, 3) => words!(3),
            (false, _) => words!(2),
        }
        words!(2);
        words!(1);
    }

    /// `P` words times `B` channels.
    #[inline(always)]
    fn tile<const P: usize, const B: usize>(&mut self, word: usize, first: usize) {
        let (simd, d) = (self.simd, self.channels);
        let at = word * d + first;
        let mut sums: [[T::Vector<S>; B]; P] =
            core::array::from_fn(|p| core::array::from_fn(|i| self.state[at + p * d + i]));

        let h = self.h[word..].chunks(self.words);
        let z = self.z[first..].chunks(self.z_stride);
        for (t, (h, z)) in h.zip(z).take(self.steps).enumerate() {
            let h: &[T::Vector<S>; P] = h[..P].try_into().expect("a word each");
            let z: &[T::Vector<S>; B] = z[..B].try_into().expect("a channel each");
            for p in 0..P {
                for i in 0..B {
                    sums[p][i] = T::mul_add(simd, h[p], z[i], sums[p][i]);
                }
            }
            if STREAM {
                for (p, sums) in sums.iter().enumerate() {
                    self.prefixes.at(t, at + p * d, B).copy_from_slice(sums);
                }
            }
        }

        for (p, sums) in sums.iter().enumerate() {
            self.state[at + p * d..][..B].copy_from_slice(sums);
        }
    }
}
