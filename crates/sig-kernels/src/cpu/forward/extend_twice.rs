//! Two levels at once, below the top: from the partial sums of a word to those of its
//! grandchildren. Those of the children between them,
//!
//! ```text
//! h_k(wi)  = S(wi) + h_k(w) z[i] / (k − j)             k = j+2 … N
//! h_k(wic) = S(wic) + h_k(wi) z[c] / (k − j − 1)       k = j+3 … N
//! S(wic)  += h_{j+2}(wi) z[c]
//! S(wi)   += h_{j+1}(w) z[i]
//! ```
//!
//! for `w` of length `j`, are never written: to write them takes as long as to compute them.

use pulp::{Simd, WithSimd};

use super::Sums;
use crate::Real;
use crate::cpu::increments::Steps;
use crate::cpu::tiles::{tiles, with_width};
use crate::cpu::unchecked::{read, write};

/// Some children of a word, and all of theirs.
pub(super) struct ExtendTwice<'a, T: Real, S: Simd> {
    pub(super) simd: S,
    pub(super) channels: usize,
    /// The first of the children, and how many, as [`children_at_once`] tells.
    pub(super) child: usize,
    /// Levels above the grandchildren, at least 2.
    pub(super) above: usize,
    pub(super) z: Steps<'a, T::Vector<S>>,
    /// `h_{j+1}, …, h_N` of the word.
    pub(super) h: Sums<'a, T::Vector<S>>,
    /// The terms of these children.
    pub(super) children: &'a mut [T::Vector<S>],
    /// The terms of theirs, `[child][channel]`.
    pub(super) grandchildren: &'a mut [T::Vector<S>],
    /// `h_{j+3}, …, h_N` of the grandchildren, `[step][child][channel][k]`.
    pub(super) out: &'a mut [T::Vector<S>],
}

/// How many children are taken at once: where there are few channels all, otherwise one.
pub(super) fn children_at_once(channels: usize) -> usize {
    if channels <= 3 { channels } else { 1 }
}

/// Grandchildren at once, and levels.
const WIDEST: usize = 8;
const LEVELS: usize = 4;

impl<T: Real, S: Simd> WithSimd for ExtendTwice<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(mut self, _: S2) {
        match self.channels {
            2 => self.columns::<2, 2>(0),
            3 => self.columns::<3, 3>(0),
            channels => {
                for (column, width) in tiles(channels, WIDEST) {
                    with_width!(width, WIDEST, B => self.columns::<1, B>(column));
                }
            }
        }
    }
}

impl<T: Real, S: Simd> ExtendTwice<'_, T, S> {
    #[inline(always)]
    fn columns<const P: usize, const B: usize>(&mut self, column: usize) {
        for (level, levels) in tiles(self.above, LEVELS) {
            with_width!(levels, LEVELS, K => self.tile::<P, B, K>(column, level));
        }
    }

    /// `P` children, `B` grandchildren of each from `column` on, and `K` of the partial sums of
    /// these from `level` on.
    #[inline(always)]
    fn tile<const P: usize, const B: usize, const K: usize>(
        &mut self,
        column: usize,
        level: usize,
    ) {
        let (simd, d, above) = (self.simd, self.channels, self.above);
        let mut s: [T::Vector<S>; P] = self.children[..P].try_into().expect("a child each");
        let mut terms = [s[0]; B].map(|term| [term; P]);
        for (i, terms) in terms.iter_mut().enumerate() {
            for (p, term) in terms.iter_mut().enumerate() {
                *term = self.grandchildren[p * d + column + i];
            }
        }

        let (z, z_stride) = self.z.data();
        let (h, h_stride, h_start) = (self.h.data, self.h.stride, self.h.start);
        let (out, out_stride) = (&mut *self.out, P * d * above);
        let (row, steps) = (self.child, z.len() / z_stride);
        assert!(row + P <= d && column + B <= d && level + K <= above);
        assert!((above + 2) * d <= z_stride && h_start + above + 1 < h_stride);
        assert!(steps * h_stride <= h.len() && steps * out_stride <= out.len());
        for t in 0..steps {
            let (at_z, at_h, at_out) = (t * z_stride, t * h_stride + h_start, t * out_stride);
            // SAFETY: `t < steps`, and the assertions above: rows and columns lie within each `d`
            // numbers of `z_stride`, of which `above + 2` are within it; `above + 2` numbers from
            // `h_start` on lie within `h_stride`, and the `above` numbers of each of `P * d`
            // grandchildren within `out_stride`.
            unsafe {
                for k in 0..K {
                    let [h] = read(h, at_h + level + k + 2);
                    let at_z = at_z + (level + k + 1) * d;
                    for p in 0..P {
                        let [z_row] = read(z, at_z + d + row + p);
                        let x = T::mul_add(simd, h, z_row, s[p]);
                        for i in 0..B {
                            let [z] = read(z, at_z + column + i);
                            let sum = T::mul_add(simd, x, z, terms[i][p]);
                            write(
                                out,
                                at_out + (p * d + column + i) * above + level + k,
                                [sum],
                            );
                        }
                    }
                }
                let [lower, upper] = read(h, at_h);
                for p in 0..P {
                    let ([z_row], [half]) = (read(z, at_z + row + p), read(z, at_z + d + row + p));
                    let x = T::mul_add(simd, upper, half, s[p]);
                    s[p] = T::mul_add(simd, lower, z_row, s[p]);
                    for i in 0..B {
                        let [z] = read(z, at_z + column + i);
                        terms[i][p] = T::mul_add(simd, x, z, terms[i][p]);
                    }
                }
            }
        }
        // Every tile of levels goes through all terms anew, and every tile of columns through the
        // children; the last has them stay.
        if level + K == above {
            for (i, terms) in terms.iter().enumerate() {
                for (p, &term) in terms.iter().enumerate() {
                    self.grandchildren[p * d + column + i] = term;
                }
            }
            if column + B == d {
                self.children[..P].copy_from_slice(&s);
            }
        }
    }
}
