//! The adjoint of the two highest levels, for a word `w` of length `N − 2`. With `G` the gradient
//! of its grandchildren, constant over the steps, and `x(t)` the `h_N` of its children,
//!
//! ```text
//! x̄(t) = G · z_t        z̄_t += x(t) · G
//! ```
//!
//! are two matrix products that share their operands; from `x̄(t)` on it goes as in the levels below.

use pulp::{Simd, WithSimd};

use super::super::blocks::{WIDEST, blocks, with_width};
use super::super::forward::Sums;
use super::super::increments::Steps;
use super::super::simd::Number;
use super::super::unchecked::{read, write};

/// The children and grandchildren of a word.
pub(super) struct LeafAdjoint<'a, T: Number, S: Simd> {
    pub(super) simd: S,
    pub(super) channels: usize,
    pub(super) z: Steps<'a, T::Vector<S>>,
    /// The gradient of the increments, `[step][channel]`, to be added to.
    pub(super) z_gradient: &'a mut [T::Vector<S>],
    /// `h_{N−1}` and `h_N` of the word.
    pub(super) h: Sums<'a, T::Vector<S>>,
    /// Its gradient, in the same layout, to be written.
    pub(super) h_gradient: &'a mut [T::Vector<S>],
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
            with_width!(width, WIDEST, B => self.columns::<B>(column));
        }
    }
}

impl<T: Number, S: Simd> LeafAdjoint<'_, T, S> {
    /// `B` columns of the matrix of grandchildren.
    #[inline(always)]
    fn columns<const B: usize>(&mut self, column: usize) {
        for (row, height) in blocks(self.channels, rows_at_once(S::REGISTER_COUNT, B)) {
            with_width!(height, rows_at_once(S::REGISTER_COUNT, B), P => match B == self.channels {
                true => self.tile::<P, B, true>(row, column),
                false => self.tile::<P, B, false>(row, column),
            });
        }
    }

    /// `P` children and `B` grandchildren of each; with `WHOLE` these are all they have.
    #[inline(always)]
    fn tile<const P: usize, const B: usize, const WHOLE: bool>(
        &mut self,
        row: usize,
        column: usize,
    ) {
        let (simd, d) = (self.simd, self.channels);
        let (first, last) = (WHOLE || column == 0, WHOLE || column + B == d);
        let zero = T::splat(simd, T::from_f64(0.0));
        let half = T::splat(simd, T::from_f64(0.5));
        let mut s = [zero; P];
        let mut g = [[zero; B]; P];
        s.copy_from_slice(&self.children[row..][..P]);
        for p in 0..P {
            g[p].copy_from_slice(&self.grandchildren[(row + p) * d + column..][..B]);
        }

        let (z, z_stride) = self.z.data();
        let (h, h_stride, h_start) = (self.h.data, self.h.stride, self.h.start);
        let (x, x_gradient) = (self.x, &mut *self.x_gradient);
        let (z_gradient, h_gradient) = (&mut *self.z_gradient, &mut *self.h_gradient);
        let steps = z.len() / z_stride;
        assert!(row + P <= d && column + B <= d && d <= z_stride && h_start + 2 <= h_stride);
        assert!(
            steps * d <= x.len() && steps * d <= x_gradient.len() && steps * d <= z_gradient.len()
        );
        assert!(steps * h_stride <= h.len() && steps * h_stride <= h_gradient.len());
        for t in (0..steps).rev() {
            // SAFETY: `t < steps`, and the assertions above: columns and rows lie within `d` numbers
            // of a step, and two of `h_stride` from `h_start` on.
            unsafe {
                let columns: [_; B] = read(z, t * z_stride + column);
                let x: [_; P] = read(x, t * d + row);
                let mut xg = if first {
                    [zero; P]
                } else {
                    read(x_gradient, t * d + row)
                };
                // A single row has its sum in two, of which neither waits for the other.
                let mut odd = zero;
                for i in 0..B {
                    let [mut zg] = read(z_gradient, t * d + column + i);
                    for p in 0..P {
                        let sum = if P == 1 && i % 2 == 1 {
                            &mut odd
                        } else {
                            &mut xg[p]
                        };
                        *sum = T::mul_add(simd, g[p][i], columns[i], *sum);
                        zg = T::mul_add(simd, g[p][i], x[p], zg);
                    }
                    write(z_gradient, t * d + column + i, [zg]);
                }
                if P == 1 {
                    xg[0] = T::add(simd, xg[0], odd);
                }
                if !last {
                    write(x_gradient, t * d + row, xg);
                    continue;
                }

                let rows: [_; P] = read(z, t * z_stride + row);
                let [h_lower, h_upper] = read(h, t * h_stride + h_start);
                let h_upper = T::mul(simd, h_upper, half);
                let mut rows_gradient: [_; P] = read(z_gradient, t * d + row);
                let [mut lower, mut upper] = [zero; 2];
                for p in 0..P {
                    lower = T::mul_add(simd, s[p], rows[p], lower);
                    upper = T::mul_add(simd, xg[p], rows[p], upper);
                    let zg = T::mul_add(simd, s[p], h_lower, rows_gradient[p]);
                    rows_gradient[p] = T::mul_add(simd, xg[p], h_upper, zg);
                    s[p] = T::add(simd, s[p], xg[p]);
                }
                write(z_gradient, t * d + row, rows_gradient);
                let at = t * h_stride + h_start;
                let before = if row == 0 {
                    [zero; 2]
                } else {
                    read(h_gradient, at)
                };
                let lower = T::add(simd, lower, before[0]);
                let upper = T::mul_add(simd, upper, half, before[1]);
                write(h_gradient, at, [lower, upper]);
            }
        }

        if last {
            self.children[row..][..P].copy_from_slice(&s);
        }
    }
}
