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

use pulp::{Simd, WithSimd};

use super::increments::Steps;
use super::levels::{MANY, Sums, levels_above};
use crate::Real;
use crate::cpu::simd::lanes;
use crate::cpu::tiles::{are_many, tiles, with_width};
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

/// Vectors of so many rows that are held in registers, beside those that they are multiplied with.
const fn columns(registers: usize, top: bool) -> usize {
    match (are_many(registers), top) {
        (true, true) => 4,
        (true, false) | (false, true) => 2,
        (false, false) => 1,
    }
}

impl<T: Real, S: Simd> WithSimd for ExtendAdjoint<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(mut self, _: S2) {
        let (d, width, count) = (self.z.channels, self.width, lanes::<T, S>());
        let (steps, vectors, above) =
            (self.z.count, width.div_ceil(count), self.out_gradient.above);
        let (plane, h_room, out_room) = (self.z.plane, self.h.room, self.out_gradient.room);
        assert!(self.z.end() <= plane && (above + 1) * plane <= self.z.data.len());
        assert!(self.z.end() <= self.z_gradient.len() && d * vectors <= self.gradient.len());
        assert!(vectors <= h_room && h_room == self.h_gradient.room);
        assert!(steps * (above + 1) * h_room <= self.h.data.len());
        assert!(steps * (above + 1) * h_room <= self.h_gradient.data.len());
        assert!(above == 0 || (d - 1) * width + vectors * count <= out_room * count);
        assert!(steps * above * out_room <= self.out_gradient.data.len());
        assert!(above == 0 || above + 2 <= self.inverses.len());
        match above {
            0 => self.all::<0>(),
            1 => self.all::<1>(),
            _ => self.all::<MANY>(),
        }
    }
}

impl<T: Real, S: Simd> ExtendAdjoint<'_, T, S> {
    #[inline(always)]
    fn all<const ABOVE: usize>(&mut self) {
        for (row, rows) in tiles(self.z.channels, ROWS) {
            with_width!(rows, ROWS, P => self.rows::<P, ABOVE>(row));
        }
    }

    #[inline(always)]
    fn rows<const P: usize, const ABOVE: usize>(&mut self, row: usize) {
        let (width, count) = (self.width, lanes::<T, S>());
        // At the top nothing is read from rows that follow each other.
        let ends_within = ABOVE > 0 && !width.is_multiple_of(count);
        let (whole, mut column) = (width.div_ceil(count) - usize::from(ends_within), 0);
        while column < whole {
            column += match whole - column {
                4.. if const { columns(S::REGISTER_COUNT, ABOVE == 0) >= 4 } => {
                    self.tile::<P, 4, ABOVE, false>(row, column)
                }
                2.. if const { columns(S::REGISTER_COUNT, ABOVE == 0) >= 2 } => {
                    self.tile::<P, 2, ABOVE, false>(row, column)
                }
                _ => self.tile::<P, 1, ABOVE, false>(row, column),
            };
        }
        if ends_within {
            self.tile::<P, 1, ABOVE, true>(row, whole);
        }
    }

    /// `P` rows, and `V` vectors of each; how many these are.
    #[inline(always)]
    fn tile<const P: usize, const V: usize, const ABOVE: usize, const ENDS_WITHIN: bool>(
        &mut self,
        row: usize,
        column: usize,
    ) -> usize {
        let (simd, width, count) = (self.simd, self.width, lanes::<T, S>());
        let zero = T::splat(simd, T::zeroed());
        let vectors = width.div_ceil(count);
        let gradient = &mut self.gradient[row * vectors..][..P * vectors];
        let mut g = [[zero; V]; P];
        for p in 0..P {
            g[p].copy_from_slice(&gradient[p * vectors + column..][..V]);
        }
        // Zeros where a row has ended.
        let mut mask = [zero];
        if ENDS_WITHIN {
            bytemuck::cast_slice_mut(&mut mask)[..width % count].fill(T::nearest(1.0));
        }

        let (z, plane) = (self.z.data, self.z.plane);
        let (h, h_gradient) = (self.h.data, &mut *self.h_gradient.data);
        let h_room = self.h.room;
        let above = levels_above::<ABOVE>(self.out_gradient.above);
        let sums: &[T] = bytemuck::cast_slice(self.out_gradient.data);
        let out_room = self.out_gradient.room * count;
        debug_assert!(row + P <= self.z.channels && column + V <= vectors);
        for t in (0..self.z.count).rev() {
            let at_z = self.z.at(t) + row;
            let mut at_h = t * (above + 1) * h_room + column;
            let mut at_sums = t * above * out_room + row * width + column * count;
            // SAFETY: the assertions of `with_simd`, whose tiles lie within the rows and vectors of
            // the level: `P` letters from `row` on lie within the `d` numbers of a step, of each of
            // `above + 1` divisors, and so do their rows; `V` vectors from `column` on within
            // `h_room`, of which a step has `above + 1`, and in each row within `out_room`, of
            // which a step has `above`.
            unsafe {
                let mut zg = [zero; P];
                if ABOVE > 0 || column > 0 {
                    zg = read(self.z_gradient, at_z);
                }
                let (h_here, mut sum): ([_; V], _) = (read(h, at_h), [zero; V]);
                if row > 0 {
                    sum = read(h_gradient, at_h);
                }
                for p in 0..P {
                    let [z]: [T; 1] = read(z, at_z + p);
                    let z = T::splat(simd, z);
                    for v in 0..V {
                        sum[v] = T::mul_add(simd, g[p][v], z, sum[v]);
                        zg[p] = T::mul_add(simd, g[p][v], h_here[v], zg[p]);
                    }
                }
                write(h_gradient, at_h, sum);
                for k in 0..above {
                    at_h += h_room;
                    let (mut h_here, mut sum): ([_; V], _) = (read(h, at_h), [zero; V]);
                    let [inverse] = read(self.inverses, k + 2);
                    for h in &mut h_here {
                        *h = T::times(simd, *h, inverse);
                    }
                    if row > 0 {
                        sum = read(h_gradient, at_h);
                    }
                    for p in 0..P {
                        let [z]: [T; 1] = read(z, (k + 1) * plane + at_z + p);
                        let z = T::splat(simd, z);
                        for v in 0..V {
                            let mut x = read_vector(sums, at_sums + p * width + v * count);
                            if ENDS_WITHIN {
                                x = T::times(simd, x, mask[0]);
                            }
                            sum[v] = T::mul_add(simd, x, z, sum[v]);
                            zg[p] = T::mul_add(simd, x, h_here[v], zg[p]);
                            g[p][v] = T::plus(simd, g[p][v], x);
                        }
                    }
                    write(h_gradient, at_h, sum);
                    at_sums += out_room;
                }
                write(self.z_gradient, at_z, zg);
            }
        }
        if ABOVE > 0 {
            for p in 0..P {
                gradient[p * vectors + column..][..V].copy_from_slice(&g[p]);
            }
        }
        V
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
