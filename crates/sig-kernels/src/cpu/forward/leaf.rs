//! The two highest levels, where most of the work is. For a word `w` of length `N − 2`
//!
//! ```text
//! h_N(wi)  = S(wi) + h_N(w) z[i] / 2
//! S(wi)   += h_{N−1}(w) z[i]
//! S(wic)  += h_N(wi) z[c]
//! ```
//!
//! The top level is a matrix product over the steps of a chunk. Blocks of it stay in registers from
//! the first step to the last, and so do the `S(wi)` beside them: nothing is written between.

use pulp::{Simd, WithSimd};

use crate::Real;
use crate::cpu::increments::Steps;
use crate::cpu::tiles::{WIDEST, rows_at_once, tiles, with_width};
use crate::cpu::unchecked::read;

/// The children and grandchildren of words that lie one after another.
pub(crate) struct Leaf<'a, T: Real, S: Simd> {
    pub(crate) simd: S,
    pub(crate) channels: usize,
    pub(crate) z: Steps<'a, T::Vector<S>>,
    /// How many words.
    pub(crate) words: usize,
    /// `h_{N−1}` and `h_N` of each word, `[step][word][2]`.
    pub(crate) h: &'a [T::Vector<S>],
    /// `[word][child]`
    pub(crate) children: &'a mut [T::Vector<S>],
    /// `[word][child][channel]`
    pub(crate) grandchildren: &'a mut [T::Vector<S>],
}

impl<T: Real, S: Simd> WithSimd for Leaf<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(mut self, _: S2) {
        // Two channels alone leave the registers half empty: two words at once.
        let mut first = 0;
        if self.channels == 2 {
            while first + 2 <= self.words {
                self.tile::<2, 2, 2>(first, 0, 0);
                first += 2;
            }
        }
        for word in first..self.words {
            for (column, width) in tiles(self.channels, WIDEST) {
                with_width!(width, WIDEST, B => self.columns::<B>(word, column));
            }
        }
    }
}

impl<T: Real, S: Simd> Leaf<'_, T, S> {
    /// `B` columns of the matrix of a word's grandchildren.
    #[inline(always)]
    fn columns<const B: usize>(&mut self, word: usize, column: usize) {
        for (row, height) in tiles(self.channels, rows_at_once(S::REGISTER_COUNT, B)) {
            with_width!(height, rows_at_once(S::REGISTER_COUNT, B), P => {
                self.tile::<1, P, B>(word, row, column);
            });
        }
    }

    /// `W` words, `P` children of each, and `B` grandchildren of each of these.
    #[inline(always)]
    fn tile<const W: usize, const P: usize, const B: usize>(
        &mut self,
        word: usize,
        row: usize,
        column: usize,
    ) {
        let (simd, d) = (self.simd, self.channels);
        let zero = T::splat(simd, T::nearest(0.0));
        let mut s = [[zero; P]; W];
        let mut sums = [[[zero; B]; P]; W];
        for w in 0..W {
            let first = (word + w) * d + row;
            s[w].copy_from_slice(&self.children[first..][..P]);
            for p in 0..P {
                sums[w][p].copy_from_slice(&self.grandchildren[(first + p) * d + column..][..B]);
            }
        }

        let (z, z_stride) = self.z.data();
        let (h, h_stride) = (self.h, self.words * 2);
        let steps = z.len() / z_stride;
        assert!(row + P <= d && column + B <= d && 2 * d <= z_stride);
        assert!(word + W <= self.words && steps * h_stride <= h.len());
        for t in 0..steps {
            // SAFETY: `t < steps`, and the assertions above: rows and columns lie within each `d`
            // numbers of `z_stride`, and two numbers of each word within `h_stride`.
            unsafe {
                for w in 0..W {
                    let [lower, upper] = read(h, t * h_stride + (word + w) * 2);
                    let halves: [_; P] = read(z, t * z_stride + d + row);
                    let rows: [_; P] = read(z, t * z_stride + row);
                    let mut x = s[w];
                    for p in 0..P {
                        x[p] = T::mul_add(simd, upper, halves[p], x[p]);
                        s[w][p] = T::mul_add(simd, lower, rows[p], s[w][p]);
                    }
                    for i in 0..B {
                        let [z] = read(z, t * z_stride + column + i);
                        for p in 0..P {
                            sums[w][p][i] = T::mul_add(simd, x[p], z, sums[w][p][i]);
                        }
                    }
                }
            }
        }

        for w in 0..W {
            let first = (word + w) * d + row;
            for p in 0..P {
                self.grandchildren[(first + p) * d + column..][..B].copy_from_slice(&sums[w][p]);
            }
            // Every tile of columns goes through the children anew; the last has them stay.
            if column + B == d {
                self.children[first..][..P].copy_from_slice(&s[w]);
            }
        }
    }
}
