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

use super::Sums;
use crate::Real;
use crate::cpu::increments::Steps;
use crate::cpu::tiles::{tiles, with_width};
use crate::cpu::unchecked::{read, write};

/// The children of a word.
pub(crate) struct Extend<'a, T: Real, S: Simd> {
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

/// Children at once, and levels: the terms of the children, and what they are multiplied with, stay
/// in registers.
const WIDEST: usize = 5;
const LEVELS: usize = 4;

impl<T: Real, S: Simd> WithSimd for Extend<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(mut self, _: S2) {
        for (first, width) in tiles(self.channels, WIDEST) {
            for (level, levels) in tiles(self.above, LEVELS) {
                with_width!(width, WIDEST, B => with_width!(levels, LEVELS, K => {
                    self.tile::<B, K>(first, level);
                }));
            }
        }
    }
}

impl<T: Real, S: Simd> Extend<'_, T, S> {
    /// `B` children from `first` on, `K` of their partial sums from `level` on.
    #[inline(always)]
    fn tile<const B: usize, const K: usize>(&mut self, first: usize, level: usize) {
        let (simd, d, above) = (self.simd, self.channels, self.above);
        let mut s: [T::Vector<S>; B] = self.state[first..][..B].try_into().expect("a child each");

        let (z, z_stride) = self.z.data();
        let (h, h_stride, h_start) = (self.h.data, self.h.stride, self.h.start);
        let (out, out_stride) = (&mut *self.out, d * above);
        let steps = z.len() / z_stride;
        assert!(first + B <= d && level + K <= above && (above + 1) * d <= z_stride);
        assert!(h_start + above < h_stride && steps * h_stride <= h.len());
        assert!(steps * out_stride <= out.len());
        for t in 0..steps {
            let (at_z, at_h) = (t * z_stride + first, t * h_stride + h_start);
            let at_out = t * out_stride + first * above + level;
            // SAFETY: `t < steps`, and the assertions above: `B` channels from `first` on lie
            // within each `d` numbers of `z_stride`, and their `above` numbers each within
            // `out_stride`; `above + 1` numbers from `h_start` on lie within `h_stride`.
            unsafe {
                let sums: [_; K] = read(h, at_h + level + 1);
                for k in 0..K {
                    let z: [_; B] = read(z, at_z + (level + k + 1) * d);
                    for i in 0..B {
                        let sum = T::mul_add(simd, sums[k], z[i], s[i]);
                        write(out, at_out + i * above + k, [sum]);
                    }
                }
                let ([h], z) = (read(h, at_h), read::<_, B>(z, at_z));
                for i in 0..B {
                    s[i] = T::mul_add(simd, h, z[i], s[i]);
                }
            }
        }
        // Every tile of levels goes through the children anew; the last has them stay.
        if level + K == above {
            self.state[first..][..B].copy_from_slice(&s);
        }
    }
}
