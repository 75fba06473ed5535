//! The adjoint of a level over a chunk of steps, from the last step that was taken to the first:
//! from the gradients of its partial sums to those of the words one letter shorter.
//!
//! With `G` the gradient of the terms of the words after a step, and `ḡ_k` that of their `h_k`,
//!
//! ```text
//! h̄_k(w)     = Σ_i ḡ_k(iw) z[i] / (k − j)             k = j+2 … N
//! h̄_{j+1}(w) = Σ_i G(iw) z[i]
//! z̄[i]      += Σ_w G(iw) h_{j+1}(w) + Σ_k ḡ_k(iw) h_k(w) / (k − j)
//! G(iw)     += Σ_k ḡ_k(iw)
//! ```
//!
//! The sum over the words `w` goes on in lanes until all levels are done.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::increments::Steps;
use super::levels::{MANY, Sums, levels_above};
use crate::Real;
use crate::cpu::simd::lanes;
use crate::cpu::tiles::{tiles, with_width};
use crate::cpu::unchecked::{read, read_vector, write, write_vector};

/// The words of two letters and more.
pub(super) struct ExtendAdjoint<'a, T: Real, S: Simd> {
    pub(super) simd: S,
    /// How many words there are one letter shorter, which is a row of these.
    pub(super) width: usize,
    pub(super) z: Steps<'a, T>,
    /// The gradient of the increments, where they lie, its lanes to be summed. The top level writes
    /// it, others add to it.
    pub(super) z_gradient: &'a mut [T::Vector<S>],
    /// The partial sums of the words one letter shorter.
    pub(super) h: Sums<&'a [T::Vector<S>]>,
    /// Their gradient, to be written.
    pub(super) h_gradient: Sums<&'a mut [T::Vector<S>]>,
    /// That of the partial sums of the words.
    pub(super) out_gradient: Sums<&'a [T::Vector<S>]>,
    /// That of the words' terms, `[row][word]`, with zeros behind each row; brought from after the
    /// last step to before the first.
    pub(super) gradient: &'a mut [T::Vector<S>],
    /// `1 / c` at `c`.
    pub(super) inverses: &'a [T::Vector<S>],
}

/// Rows at once.
const ROWS: usize = 5;
/// Vectors of a row that go through all steps together, so that they stay in the cache.
const COLUMNS: usize = 32;

impl<T: Real, S: Simd> WithSimd for ExtendAdjoint<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(mut self, _: S2) {
        match self.out_gradient.above {
            0 => self.all::<0>(),
            1 => self.all::<1>(),
            _ => self.all::<MANY>(),
        }
    }
}

impl<T: Real, S: Simd> ExtendAdjoint<'_, T, S> {
    #[inline(always)]
    fn all<const ABOVE: usize>(&mut self) {
        let vectors = self.width.div_ceil(lanes::<T, S>());
        for column in (0..vectors).step_by(COLUMNS) {
            for (row, rows) in tiles(self.z.channels, ROWS) {
                let columns = column..vectors.min(column + COLUMNS);
                with_width!(rows, ROWS, P => self.tile::<P, ABOVE>(row, columns));
            }
        }
    }

    /// `P` rows, and some vectors of each.
    #[inline(always)]
    fn tile<const P: usize, const ABOVE: usize>(&mut self, row: usize, columns: Range<usize>) {
        let (d, width, count) = (self.z.channels, self.width, lanes::<T, S>());
        let (steps, plane, h_room) = (self.z.count, self.z.plane, self.h.room);
        let above = levels_above::<ABOVE>(self.out_gradient.above);
        let (vectors, out_room) = (width.div_ceil(count), self.out_gradient.room);
        assert!(above == self.out_gradient.above && row + P <= d && columns.end <= vectors);
        assert!(self.z.end() <= plane && (above + 1) * plane <= self.z.data.len());
        assert!(self.z.end() <= self.z_gradient.len() && d * vectors <= self.gradient.len());
        assert!(vectors <= h_room && h_room == self.h_gradient.room);
        assert!(steps * (above + 1) * h_room <= self.h.data.len());
        assert!(steps * (above + 1) * h_room <= self.h_gradient.data.len());
        assert!(above == 0 || (d - 1) * width + vectors * count <= out_room * count);
        assert!(
            steps * above * out_room <= self.out_gradient.data.len()
                && above + 2 <= self.inverses.len()
        );
        // Zeros where a row has ended.
        let mut mask = [T::splat(self.simd, T::zeroed())];
        let ends_within = !width.is_multiple_of(count) && columns.end == vectors && above > 0;
        let whole = columns.start..columns.end - usize::from(ends_within);
        bytemuck::cast_slice_mut(&mut mask)[..width % count].fill(T::nearest(1.0));
        for t in (0..steps).rev() {
            let at_z = self.z.at(t) + row;
            let mut zg = [T::splat(self.simd, T::zeroed()); P];
            if ABOVE > 0 || columns.start > 0 {
                // SAFETY: the assertions above: `P` letters from `row` on lie within the `d`
                // numbers of a step.
                zg = unsafe { read(self.z_gradient, at_z) };
            }
            for column in whole.clone() {
                self.vector::<P, ABOVE, false>(t, row, column, mask[0], &mut zg);
            }
            if ends_within {
                self.vector::<P, ABOVE, true>(t, row, whole.end, mask[0], &mut zg);
            }
            // SAFETY: as above.
            unsafe { write(self.z_gradient, at_z, zg) };
        }
    }

    /// A vector of each of `P` rows, and a step.
    #[inline(always)]
    fn vector<const P: usize, const ABOVE: usize, const MASKED: bool>(
        &mut self,
        t: usize,
        row: usize,
        column: usize,
        mask: T::Vector<S>,
        zg: &mut [T::Vector<S>; P],
    ) {
        let (simd, width, count) = (self.simd, self.width, lanes::<T, S>());
        let (z, plane, h_room) = (self.z.data, self.z.plane, self.h.room);
        let (h, h_gradient) = (self.h.data, &mut *self.h_gradient.data);
        let vectors = width.div_ceil(count);
        let above = levels_above::<ABOVE>(self.out_gradient.above);
        let sums: &[T] = bytemuck::cast_slice(self.out_gradient.data);
        let out_room = self.out_gradient.room * count;
        let first_rows = row == 0;
        let at_z = self.z.at(t) + row;
        let mut at_h = t * (above + 1) * h_room + column;
        // SAFETY: the assertions of `tile`: `P` letters from `row` on lie within the `d` numbers of
        // a step, of each of `above + 1` divisors, and so do their rows; the vector within `h_room`,
        // of which a step has `above + 1`, and in each row within `out_room`, of which a step has
        // `above`.
        unsafe {
            let at_gradient = row * vectors + column;
            let mut g = [mask; P];
            let ([h_here], mut sum) = (read(h, at_h), T::splat(simd, T::zeroed()));
            if !first_rows {
                [sum] = read(h_gradient, at_h);
            }
            for p in 0..P {
                [g[p]] = read(self.gradient, at_gradient + p * vectors);
                let [z]: [T; 1] = read(z, at_z + p);
                sum = T::mul_add(simd, g[p], T::splat(simd, z), sum);
                zg[p] = T::mul_add(simd, g[p], h_here, zg[p]);
            }
            write(h_gradient, at_h, [sum]);
            if ABOVE == 0 {
                return;
            }
            let mut at_sums = t * above * out_room + row * width + column * count;
            for k in 0..above {
                at_h += h_room;
                let ([h_here], mut sum) = (read(h, at_h), T::splat(simd, T::zeroed()));
                let [inverse] = read(self.inverses, k + 2);
                let h_here = T::times(simd, h_here, inverse);
                if !first_rows {
                    [sum] = read(h_gradient, at_h);
                }
                for p in 0..P {
                    let mut x: T::Vector<S> = read_vector(sums, at_sums + p * width);
                    if MASKED {
                        x = T::times(simd, x, mask);
                    }
                    let [z]: [T; 1] = read(z, (k + 1) * plane + at_z + p);
                    sum = T::mul_add(simd, x, T::splat(simd, z), sum);
                    zg[p] = T::mul_add(simd, x, h_here, zg[p]);
                    g[p] = T::plus(simd, g[p], x);
                }
                write(h_gradient, at_h, [sum]);
                at_sums += out_room;
            }
            for p in 0..P {
                write(self.gradient, at_gradient + p * vectors, [g[p]]);
            }
        }
    }
}

/// The letters.
pub(super) struct LettersAdjoint<'a, T: Real, S: Simd> {
    pub(super) simd: S,
    pub(super) z: Steps<'a, T>,
    /// The gradient of the increments, where they lie, with room for a vector behind them; to be
    /// added to.
    pub(super) z_gradient: &'a mut [T],
    /// That of the partial sums.
    pub(super) out_gradient: Sums<&'a [T::Vector<S>]>,
    /// That of the terms, brought from after the last step to before the first.
    pub(super) gradient: &'a mut [T::Vector<S>],
    /// `1 / c` at `c`.
    pub(super) inverses: &'a [T::Vector<S>],
}

impl<T: Real, S: Simd> WithSimd for LettersAdjoint<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(self, _: S2) {
        let (simd, count, steps) = (self.simd, lanes::<T, S>(), self.z.count);
        let (room, above) = (self.out_gradient.room, self.out_gradient.above);
        let (sums, vectors) = (self.out_gradient.data, self.gradient.len());
        assert!(vectors > 0 && (vectors - 1) * count < self.z.channels);
        assert!(vectors <= room && steps * above * room <= sums.len());
        assert!(above + 2 <= self.inverses.len() || above == 0);
        assert!(self.z.end() + count <= self.z_gradient.len());
        for (vector, gradient) in self.gradient.iter_mut().enumerate() {
            let mut s = *gradient;
            for t in (0..steps).rev() {
                let at = self.z.at(t) + vector * count;
                // SAFETY: the assertions above: `vectors` lie within a row of `room`, of which a
                // step has `above`, and a vector from any number of a step on within the room of
                // the gradient.
                unsafe {
                    let mut of_z = T::plus(simd, read_vector(self.z_gradient, at), s);
                    for k in 0..above {
                        let [x] = read(sums, (t * above + k) * room + vector);
                        let [inverse] = read(self.inverses, k + 2);
                        of_z = T::mul_add(simd, x, inverse, of_z);
                        s = T::plus(simd, s, x);
                    }
                    // Behind the letters there are zeros.
                    write_vector(self.z_gradient, at, of_z);
                }
            }
            *gradient = s;
        }
    }
}
