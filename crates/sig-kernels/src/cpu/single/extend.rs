//! A level over a chunk of steps, forwards: from the partial sums of the words one letter shorter
//! to its own.

use pulp::{Simd, WithSimd};

use super::increments::Steps;
use super::levels::{MANY, Sums, levels_above};
use crate::Real;
use crate::cpu::simd::lanes;
use crate::cpu::tiles::{are_many, tiles, with_width};
use crate::cpu::unchecked::{read, read_vector, write, write_vector};

/// The letters.
pub(super) struct Letters<'a, T: Real, S: Simd> {
    pub(super) simd: S,
    pub(super) z: Steps<'a, T>,
    /// Their terms.
    pub(super) state: &'a mut [T::Vector<S>],
    /// Their partial sums, to be written.
    pub(super) out: Sums<&'a mut [T::Vector<S>]>,
}

impl<T: Real, S: Simd> WithSimd for Letters<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(mut self, _: S2) {
        let mut first = 0;
        while first < self.state.len() {
            first += match self.state.len() - first {
                1 => self.tile::<1>(first),
                2 | 3 => self.tile::<2>(first),
                _ => self.tile::<4>(first),
            };
        }
    }
}

impl<T: Real, S: Simd> Letters<'_, T, S> {
    /// `V` vectors from a first one on; how many these are.
    #[inline(always)]
    fn tile<const V: usize>(&mut self, first: usize) -> usize {
        let (simd, d, count) = (self.simd, self.z.channels, lanes::<T, S>());
        let (z, plane, steps) = (self.z.data, self.z.plane, self.z.count);
        let (room, above) = (self.out.room, self.out.above);
        let out = &mut *self.out.data;
        let mut s: [T::Vector<S>; V] = self.state[first..][..V].try_into().expect("as many");
        assert!(steps > 0 && (first + V - 1) * count < d && self.z.end() + count <= plane);
        assert!((above + 1) * plane <= z.len());
        assert!(first + V <= room && steps * above * room <= out.len());
        let mut at_out = first;
        for t in 0..steps {
            let at = self.z.at(t) + first * count;
            // SAFETY: the assertions above: a vector from any number of a step on ends within the
            // plane of each of `above + 1` divisors, and `V` vectors from `first` on lie within a
            // row of `room`, of which a step has `above`.
            unsafe {
                for k in 0..above {
                    for v in 0..V {
                        let quotient = read_vector(z, (k + 1) * plane + at + v * count);
                        write(out, at_out + v, [T::plus(simd, s[v], quotient)]);
                    }
                    at_out += room;
                }
                for v in 0..V {
                    s[v] = T::plus(simd, s[v], read_vector(z, at + v * count));
                }
            }
        }
        self.state[first..][..V].copy_from_slice(&s);
        V
    }
}

/// The words of two letters and more.
pub(super) struct Extend<'a, T: Real, S: Simd> {
    pub(super) simd: S,
    /// How many words there are one letter shorter, which is a row of these.
    pub(super) width: usize,
    pub(super) z: Steps<'a, T>,
    /// The partial sums of the words one letter shorter.
    pub(super) h: Sums<&'a [T::Vector<S>]>,
    /// The words' terms, `[row][word]`.
    pub(super) state: &'a mut [T::Vector<S>],
    /// Their partial sums, to be written.
    pub(super) out: Sums<&'a mut [T::Vector<S>]>,
}

/// Rows at once: of the top level, and of levels below it.
const ROWS_AT_TOP: usize = 6;
const ROWS: usize = 5;

/// Vectors of so many rows that are held in registers, beside those that they are made from.
const fn columns(registers: usize, rows: usize, top: bool) -> usize {
    match (are_many(registers), top, rows) {
        (true, true, _) | (false, true, ..=3) => 4,
        (true, false, _) | (false, true, _) | (false, false, ..=3) => 2,
        (false, false, _) => 1,
    }
}

impl<T: Real, S: Simd> WithSimd for Extend<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(mut self, _: S2) {
        match self.out.above {
            0 => {
                for (row, rows) in tiles(self.z.channels, ROWS_AT_TOP) {
                    with_width!(rows, ROWS_AT_TOP, P => self.rows::<P, 0>(row));
                }
            }
            1 => self.below_top::<1>(),
            2 => self.below_top::<2>(),
            _ => self.below_top::<MANY>(),
        }
    }
}

impl<T: Real, S: Simd> Extend<'_, T, S> {
    #[inline(always)]
    fn below_top<const ABOVE: usize>(&mut self) {
        for (row, rows) in tiles(self.z.channels, ROWS) {
            with_width!(rows, ROWS, P => self.rows::<P, ABOVE>(row));
        }
    }

    /// `P` rows, from their ends to their beginnings: what a vector has beyond the end of a row is
    /// written over the beginning of the next.
    #[inline(always)]
    fn rows<const P: usize, const ABOVE: usize>(&mut self, row: usize) {
        let mut end = self.width.div_ceil(lanes::<T, S>());
        while end > 0 {
            match end % 4 {
                0 if const { columns(S::REGISTER_COUNT, P, ABOVE == 0) >= 4 } => {
                    end -= 4;
                    self.tile::<P, 4, ABOVE>(row, end);
                }
                0 | 2 if const { columns(S::REGISTER_COUNT, P, ABOVE == 0) >= 2 } => {
                    end -= 2;
                    self.tile::<P, 2, ABOVE>(row, end);
                }
                _ => {
                    end -= 1;
                    self.tile::<P, 1, ABOVE>(row, end);
                }
            }
        }
    }

    /// `P` rows, and `V` vectors of each.
    #[inline(always)]
    fn tile<const P: usize, const V: usize, const ABOVE: usize>(
        &mut self,
        row: usize,
        column: usize,
    ) {
        let (simd, d, width, count) = (self.simd, self.z.channels, self.width, lanes::<T, S>());
        let vectors = width.div_ceil(count);
        let state = &mut self.state[row * vectors..][..P * vectors];
        let mut s = [[T::splat(simd, T::zeroed()); V]; P];
        for p in 0..P {
            s[p].copy_from_slice(&state[p * vectors + column..][..V]);
        }

        let (z, plane, steps) = (self.z.data, self.z.plane, self.z.count);
        let (h, h_room) = (self.h.data, self.h.room);
        let above = levels_above::<ABOVE>(self.out.above);
        assert!(above == self.out.above);
        let out_room = self.out.room * count;
        let out: &mut [T] = bytemuck::cast_slice_mut(self.out.data);
        assert!(row + P <= d && self.z.end() <= plane && (above + 1) * plane <= z.len());
        assert!(column + V <= h_room && steps * (above + 1) * h_room <= h.len());
        assert!(ABOVE == 0 || (row + P - 1) * width + (column + V) * count <= out_room);
        assert!(steps * above * out_room <= out.len());
        let (mut at_h, mut at_out) = (column, row * width + column * count);
        for t in 0..steps {
            let at_z = self.z.at(t) + row;
            // SAFETY: the assertions above: `P` letters from `row` on lie within the `d` numbers of
            // a step, of each of `above + 1` divisors; `V` vectors from `column` on within
            // `h_room`, of which a step has `above + 1`; and in each row of them within `out_room`,
            // of which a step has `above`.
            unsafe {
                let first: [_; V] = read(h, at_h);
                at_h += h_room;
                let mut at_quotient = at_z;
                for _ in 0..above {
                    at_quotient += plane;
                    let h: [_; V] = read(h, at_h);
                    for p in 0..P {
                        let [z]: [T; 1] = read(z, at_quotient + p);
                        let z = T::splat(simd, z);
                        for v in 0..V {
                            let sum = T::mul_add(simd, h[v], z, s[p][v]);
                            write_vector(out, at_out + p * width + v * count, sum);
                        }
                    }
                    at_h += h_room;
                    at_out += out_room;
                }
                for p in 0..P {
                    let [z]: [T; 1] = read(z, at_z + p);
                    let z = T::splat(simd, z);
                    for v in 0..V {
                        s[p][v] = T::mul_add(simd, first[v], z, s[p][v]);
                    }
                }
            }
        }
        for p in 0..P {
            state[p * vectors + column..][..V].copy_from_slice(&s[p]);
        }
    }
}
