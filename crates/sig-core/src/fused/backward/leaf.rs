//! The adjoint of the two highest levels, for a word `w` of length `N − 2`. With `G` the gradient
//! of its grandchildren, constant over the steps, and `x(t)` the `h_N` of its children,
//!
//! ```text
//! x̄(t) = G · z_t        z̄_t += x(t) · G
//! ```
//!
//! are two matrix products that share their operands; from `x̄(t)` on it goes as in the levels below.

use pulp::{Simd, WithSimd};

use super::super::blocks::{WIDEST, blocks, with_rows, with_width};
use super::super::forward::Sums;
use super::super::increments::Steps;
use super::super::simd::Number;
use super::SumsGradient;

/// The children and grandchildren of a word.
pub(super) struct LeafAdjoint<'a, T: Number, S: Simd> {
    pub(super) simd: S,
    pub(super) channels: usize,
    pub(super) z: Steps<'a, T::Vector<S>>,
    /// The gradient of the increments, `[step][channel]`, to be added to.
    pub(super) z_gradient: &'a mut [T::Vector<S>],
    /// `h_{N−1}` and `h_N` of the word.
    pub(super) h: Sums<'a, T::Vector<S>>,
    /// To be written.
    pub(super) h_gradient: SumsGradient<'a, T::Vector<S>>,
    /// `h_N` of the children, `[step][child]`.
    pub(super) x: &'a [T::Vector<S>],
    /// Its gradient: room for what the first columns of the matrix leave for the next.
    pub(super) x_gradient: &'a mut [T::Vector<S>],
    /// The gradient of the children, brought from after the last step to before the first.
    pub(super) children: &'a mut [T::Vector<S>],
    /// That of the grandchildren, `[child][channel]`.
    pub(super) grandchildren: &'a [T::Vector<S>],
}

/// How many rows of the matrix are held in registers at once, beside the `x`, `x̄` and `S̄` of each.
#[inline(always)]
const fn rows_at_once(registers: usize, width: usize) -> usize {
    match (registers >= 32, width) {
        (_, 1) => 1,
        (_, 2) => 2,
        (true, 3..=4) => 3,
        (true, 5..=8) => 2,
        (false, 3..=5) => 2,
        _ => 1,
    }
}

impl<T: Number, S: Simd> WithSimd for LeafAdjoint<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(mut self, _: S2) {
        for (column, width) in blocks(self.channels, WIDEST) {
            with_width!(width, B => self.columns::<B>(column));
        }
    }
}

impl<T: Number, S: Simd> LeafAdjoint<'_, T, S> {
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
        let (first, last) = (column == 0, column + B == d);
        let zero = T::splat(simd, T::from_f64(0.0));
        let half = T::splat(simd, T::from_f64(0.5));
        let mut s = [zero; P];
        let mut g = [[zero; B]; P];
        s.copy_from_slice(&self.children[row..][..P]);
        for p in 0..P {
            g[p].copy_from_slice(&self.grandchildren[(row + p) * d + column..][..B]);
        }

        let x = self
            .x
            .chunks_exact(d)
            .zip(self.x_gradient.chunks_exact_mut(d));
        let rows = self
            .z
            .rows()
            .zip(self.z_gradient.chunks_exact_mut(d))
            .zip(x);
        let words = self
            .h
            .steps()
            .zip(self.h_gradient.data.chunks_mut(self.h_gradient.stride));
        let steps = rows.zip(words);
        for (((z, z_gradient), (x, x_gradient)), (h, h_gradient)) in steps.rev() {
            let (z, x) = (&z[..d], &x[row..][..P]);
            let columns = &z[column..][..B];
            let columns_gradient = &mut z_gradient[column..][..B];
            let mut xg = [zero; P];
            if !first {
                xg.copy_from_slice(&x_gradient[row..][..P]);
            }
            for i in 0..B {
                let mut zg = columns_gradient[i];
                for p in 0..P {
                    xg[p] = T::mul_add(simd, g[p][i], columns[i], xg[p]);
                    zg = T::mul_add(simd, g[p][i], x[p], zg);
                }
                columns_gradient[i] = zg;
            }
            if !last {
                x_gradient[row..][..P].copy_from_slice(&xg);
                continue;
            }

            let (h, h_gradient) = (&h[..2], &mut h_gradient[..2]);
            let rows = &z[row..][..P];
            let rows_gradient = &mut z_gradient[row..][..P];
            let h_half = T::mul(simd, h[1], half);
            let [mut lower, mut upper] = [zero; 2];
            for p in 0..P {
                lower = T::mul_add(simd, s[p], rows[p], lower);
                upper = T::mul_add(simd, xg[p], rows[p], upper);
                let zg = T::mul_add(simd, s[p], h[0], rows_gradient[p]);
                rows_gradient[p] = T::mul_add(simd, xg[p], h_half, zg);
                s[p] = T::add(simd, s[p], xg[p]);
            }
            let before = if row == 0 {
                [zero; 2]
            } else {
                [h_gradient[0], h_gradient[1]]
            };
            h_gradient[0] = T::add(simd, lower, before[0]);
            h_gradient[1] = T::mul_add(simd, upper, half, before[1]);
        }

        if last {
            self.children[row..][..P].copy_from_slice(&s);
        }
    }
}
