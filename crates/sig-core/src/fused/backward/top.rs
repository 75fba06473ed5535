//! The adjoint of the top level: with `G` the gradient of its words, constant over the steps,
//! `h̄(t) = G · z_t` and `z̄_t += h(t) · G`, two matrix products that share their operands.

use pulp::{Simd, WithSimd};

use super::super::blocks::{blocks, widest, with_width};
use super::super::simd::Number;

/// The children of a run of words of the level below the top.
pub(super) struct TopAdjoint<'a, T: Number, S: Simd, const STREAM: bool> {
    pub(super) simd: S,
    pub(super) channels: usize,
    /// `h` of the words and, to be written, its gradient, `[step][word]`.
    pub(super) h: &'a [T::Vector<S>],
    pub(super) h_gradient: &'a mut [T::Vector<S>],
    pub(super) words: usize,
    /// `z`, `[step][..]`, and its gradient, `[step][channel]`, to be added to.
    pub(super) z: &'a [T::Vector<S>],
    pub(super) z_stride: usize,
    pub(super) z_gradient: &'a mut [T::Vector<S>],
    pub(super) steps: usize,
    /// The gradient of the children, `[word][channel]`.
    pub(super) gradient: &'a mut [T::Vector<S>],
    /// What each step's output adds to it, a row a step from these children on, if `STREAM`.
    pub(super) outputs: &'a [T::Vector<S>],
    pub(super) outputs_stride: usize,
}

impl<T: Number, S: Simd, const STREAM: bool> WithSimd for TopAdjoint<'_, T, S, STREAM> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(mut self, _: S2) {
        for (first, width) in blocks(self.channels, widest(S::REGISTER_COUNT)) {
            with_width!(width, B => self.block::<B>(first));
        }
    }
}

impl<T: Number, S: Simd, const STREAM: bool> TopAdjoint<'_, T, S, STREAM> {
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
        // The registers hold the gradients of the children and of the increments.
        match (S::REGISTER_COUNT >= 32, B) {
            (true, 1..=2) => words!(8),
            (true, 3..=5) => words!(4),
            (true, 6) => words!(3),
            (true, _) => words!(2),
            (false, 1..=2) => words!(4),
            (false, 3..=4) => words!(2),
            (false, _) => {}
        }
        words!(1);
    }

    #[inline(always)]
    fn tile<const P: usize, const B: usize>(&mut self, word: usize, first: usize) {
        let (simd, d) = (self.simd, self.channels);
        let zero = T::splat(simd, T::from_f64(0.0));
        let at = word * d + first;
        let mut g: [[T::Vector<S>; B]; P] =
            core::array::from_fn(|p| core::array::from_fn(|i| self.gradient[at + p * d + i]));

        for t in (0..self.steps).rev() {
            if STREAM {
                let outputs = &self.outputs[t * self.outputs_stride + at..];
                for (p, g) in g.iter_mut().enumerate() {
                    for (i, g) in g.iter_mut().enumerate() {
                        *g = T::add(simd, *g, outputs[p * d + i]);
                    }
                }
            }
            let h = &self.h[t * self.words + word..][..P];
            let z = &self.z[t * self.z_stride + first..][..B];
            let h_gradient = &mut self.h_gradient[t * self.words + word..][..P];
            let z_gradient = &mut self.z_gradient[t * d + first..][..B];
            let mut zg: [T::Vector<S>; B] = core::array::from_fn(|i| z_gradient[i]);
            for p in 0..P {
                let mut hg = if first == 0 { zero } else { h_gradient[p] };
                for i in 0..B {
                    hg = T::mul_add(simd, g[p][i], z[i], hg);
                    zg[i] = T::mul_add(simd, g[p][i], h[p], zg[i]);
                }
                h_gradient[p] = hg;
            }
            z_gradient.copy_from_slice(&zg);
        }

        if STREAM {
            for (p, g) in g.iter().enumerate() {
                self.gradient[at + p * d..][..B].copy_from_slice(g);
            }
        }
    }
}
