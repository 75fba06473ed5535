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

use super::super::blocks::{WIDEST, blocks, rows_at_once, with_rows, with_width};
use super::super::increments::Steps;
use super::super::simd::Number;
use super::Sums;

/// The children and grandchildren of a word.
pub(crate) struct Leaf<'a, T: Number, S: Simd> {
    pub(crate) simd: S,
    pub(crate) channels: usize,
    pub(crate) z: Steps<'a, T::Vector<S>>,
    /// `h_{N−1}` and `h_N` of the word.
    pub(crate) h: Sums<'a, T::Vector<S>>,
    pub(crate) children: &'a mut [T::Vector<S>],
    /// `[child][channel]`
    pub(crate) grandchildren: &'a mut [T::Vector<S>],
}

impl<T: Number, S: Simd> WithSimd for Leaf<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(mut self, _: S2) {
        for (column, width) in blocks(self.channels, WIDEST) {
            with_width!(width, B => self.columns::<B>(column));
        }
    }
}

impl<T: Number, S: Simd> Leaf<'_, T, S> {
    /// `B` columns of the matrix of grandchildren.
    #[inline(always)]
    fn columns<const B: usize>(&mut self, column: usize) {
        for (row, height) in blocks(self.channels, rows_at_once(S::REGISTER_COUNT, B)) {
            with_rows!(height, rows_at_once(S::REGISTER_COUNT, B), P => self.tile::<P, B>(row, column));
        }
    }

    /// `P` children and `B` grandchildren of each.
    #[inline(always)]
    fn tile<const P: usize, const B: usize>(&mut self, row: usize, column: usize) {
        let (simd, d) = (self.simd, self.channels);
        assert!(row + P <= d && column + B <= d, "a tile of the matrix");
        let zero = T::splat(simd, T::from_f64(0.0));
        let mut s = [zero; P];
        let mut sums = [[zero; B]; P];
        s.copy_from_slice(&self.children[row..][..P]);
        for p in 0..P {
            sums[p].copy_from_slice(&self.grandchildren[(row + p) * d + column..][..B]);
        }

        let start = self.h.start;
        for (h, z) in self.h.rows().zip(self.z.rows()) {
            let h = &h[start..][..2];
            let (z, halves) = z[..2 * d].split_at(d);
            let columns = &z[column..][..B];
            let (rows, halves) = (&z[row..][..P], &halves[row..][..P]);
            let mut x = s;
            for p in 0..P {
                x[p] = T::mul_add(simd, h[1], halves[p], x[p]);
                s[p] = T::mul_add(simd, h[0], rows[p], s[p]);
            }
            for i in 0..B {
                for p in 0..P {
                    sums[p][i] = T::mul_add(simd, x[p], columns[i], sums[p][i]);
                }
            }
        }

        for p in 0..P {
            self.grandchildren[(row + p) * d + column..][..B].copy_from_slice(&sums[p]);
        }
        // Every block of columns goes through the children anew; the last has them stay.
        if column + B == d {
            self.children[row..][..P].copy_from_slice(&s);
        }
    }
}
