//! Finite differences. With `b` and `c` at two vertices of a cell and `a` before both, the last vertex
//! is `(b + c)(1 + u/2 + u²/12) − a(1 − u²/12)`, `u` being `δ` of the cell. To keep the digits that
//! `b + c − a` loses, the growth along each row is carried instead: `r_j ← r_j + c1 (b + c) + c2 a`
//! with `c1 = u/2 + u²/12` and `c2 = u²/12`, and the vertex is `b + r_j`.
//!
//! [`ROWS`] rows are taken at once, each a column behind the one above, so that their chains of
//! additions overlap. Beyond the ends of a row `u` is 0, where nothing changes.

use pulp::Simd;

use super::Sizes;
use super::lift::Lift;
use super::worker::{Give, Scheme, Take};
use crate::Real;
use crate::cpu::scratch::Scratch;
use crate::cpu::simd::vectorize;
use crate::cpu::unchecked::{read, write};

/// Rows at once.
const ROWS: usize = 4;

/// The solution at the vertices behind a row, and the growth along it.
struct Row<V> {
    values: Scratch<V>,
    growth: Scratch<V>,
}

impl<V: bytemuck::Pod> Row<V> {
    fn start(columns: usize, zero: V, one: V) -> Self {
        Self {
            values: Scratch::filled(columns + ROWS + 1, one),
            growth: Scratch::filled(columns + ROWS, zero),
        }
    }
}

pub(super) struct Difference<T: Real, S: Simd> {
    simd: S,
    /// Tiles of a column and of a row, and how often both are halved.
    tiles: [usize; 2],
    dyadic: [usize; 2],
    row: Row<T::Vector<S>>,
    deltas: Scratch<T::Vector<S>>,
    /// `c1` and `c2` of the tiles of [`ROWS`] rows, each with [`ROWS`] zeros on both sides.
    factors: Scratch<T::Vector<S>>,
}

impl<T: Real, S: Simd> Difference<T, S> {
    pub(super) fn new(simd: S, sizes: &Sizes, dyadic: [usize; 2]) -> Self {
        let tiles = sizes.tiles();
        let [zero, one] = [0.0, 1.0].map(|number| T::splat(simd, T::nearest(number)));
        let columns = tiles[1] << dyadic[1];
        Self {
            simd,
            tiles,
            dyadic,
            row: Row::start(columns, zero, one),
            deltas: Scratch::filled(tiles[1], zero),
            factors: Scratch::filled(2 * ROWS * (tiles[1] + 2 * ROWS), zero),
        }
    }

    fn columns(&self) -> usize {
        self.tiles[1] << self.dyadic[1]
    }

    fn rows(&self) -> usize {
        self.tiles[0] << self.dyadic[0]
    }

    /// Before the first row.
    fn reset(&mut self) {
        let [zero, one] = [0.0, 1.0].map(|number| T::splat(self.simd, T::nearest(number)));
        self.row.values.fill(one);
        self.row.growth.fill(zero);
    }

    /// Goes on over some rows; keeps the vertices behind each in `kept`, if that is not empty.
    fn advance(
        &mut self,
        lift: &mut Lift<T, S>,
        rows: core::ops::Range<usize>,
        kept: &mut [T::Vector<S>],
    ) {
        let (mut done, width) = (rows.start, self.columns() + 1);
        let mut known = usize::MAX;
        while done < rows.end {
            let count = if rows.end - done >= ROWS { ROWS } else { 1 };
            for k in 0..count {
                let tile = (done + k) >> self.dyadic[0];
                if known != tile {
                    lift.deltas(tile, &mut self.deltas);
                    known = tile;
                }
                vectorize(
                    self.simd,
                    #[inline(always)]
                    || self.set_factors(k),
                );
            }
            let keep = match kept.is_empty() {
                true => &mut [][..],
                false => &mut kept[(done - rows.start) * width..][..count * width],
            };
            let simd = self.simd;
            vectorize(
                simd,
                #[inline(always)]
                || match (count, keep.is_empty()) {
                    (ROWS, true) => self.wave::<ROWS, false>(keep),
                    (ROWS, false) => self.wave::<ROWS, true>(keep),
                    (_, true) => self.wave::<1, false>(keep),
                    (_, false) => self.wave::<1, true>(keep),
                },
            );
            done += count;
        }
    }

    /// `c1` and `c2` of the tiles whose `δ` was computed last, for row `k` of a wave.
    #[inline(always)]
    fn set_factors(&mut self, k: usize) {
        let (simd, shift) = (self.simd, self.dyadic[0] + self.dyadic[1]);
        let scale = T::splat(simd, T::nearest(1.0 / (1u64 << shift) as f64));
        let [half, twelfth] = [0.5, 1.0 / 12.0].map(|factor| T::splat(simd, T::nearest(factor)));
        let width = self.tiles[1] + 2 * ROWS;
        let factors = &mut self.factors[2 * k * width..][2 * ROWS..];
        for (delta, factors) in self.deltas.iter().zip(factors.chunks_exact_mut(2)) {
            let u = T::times(simd, *delta, scale);
            factors[1] = T::times(simd, T::times(simd, u, u), twelfth);
            factors[0] = T::mul_add(simd, u, half, factors[1]);
        }
    }

    /// `R` rows.
    #[inline(always)]
    fn wave<const R: usize, const KEEP: bool>(&mut self, kept: &mut [T::Vector<S>]) {
        let (simd, columns, halvings) = (self.simd, self.columns(), self.dyadic[1]);
        let (width, kept_width) = (self.tiles[1] + 2 * ROWS, columns + 1);
        let [zero, one] = [0.0, 1.0].map(|number| T::splat(simd, T::nearest(number)));
        let (mut left, mut before, mut growth) = ([one; R], [one; R], [zero; R]);
        let (values, growths) = (&mut self.row.values[..], &mut self.row.growth[..]);
        let factors = &self.factors[..];
        if KEEP {
            kept.iter_mut()
                .step_by(kept_width)
                .for_each(|first| *first = one);
        }
        let last = columns + R - 1;
        assert!(values.len() > last && growths.len() >= last);
        let tiles = (last - 1 + (ROWS << halvings)) >> halvings;
        assert!(factors.len() >= 2 * ((R - 1) * width + tiles + 1) && width > tiles);
        for t in 0..last {
            for k in (0..R).rev() {
                let (above, grown) = match k {
                    // SAFETY: `t < last`, of which there are more values and as many growths.
                    0 => unsafe { (read::<_, 1>(values, t + 1)[0], read::<_, 1>(growths, t)[0]) },
                    _ => (left[k - 1], growth[k - 1]),
                };
                // The column is t − k, and factors start ROWS tiles before the first.
                let tile = (t + (ROWS << halvings) - k) >> halvings;
                // SAFETY: `k < R` and `tile <= tiles`, for which the factors are enough.
                let [c1, c2] = unsafe { read(factors, 2 * (k * width + tile)) };
                let grown = T::mul_add(simd, c2, before[k], grown);
                let grown = T::mul_add(simd, c1, above, grown);
                let grown = T::mul_add(simd, c1, left[k], grown);
                before[k] = above;
                growth[k] = grown;
                left[k] = T::plus(simd, left[k], grown);
                if KEEP && t >= k && t - k < columns {
                    kept[k * kept_width + t - k + 1] = left[k];
                }
            }
            if t + 1 >= R {
                // SAFETY: before what was read above.
                unsafe {
                    write(values, t + 2 - R, [left[R - 1]]);
                    write(growths, t + 1 - R, [growth[R - 1]]);
                }
            }
        }
        values[columns + 1..].fill(one);
        growths[columns..].fill(zero);
    }

    /// From the gradients of the vertices behind a row and of the growth to those before it.
    #[inline(always)]
    fn row_adjoint(
        &self,
        pair: &[T::Vector<S>],
        vertices: &mut [T::Vector<S>],
        growth: &mut [T::Vector<S>],
        of_deltas: &mut [T::Vector<S>],
    ) {
        let (simd, [a, b]) = (self.simd, self.dyadic);
        let number = |number: f64| T::splat(simd, T::nearest(number));
        let scale = 1.0 / (1u64 << (a + b)) as f64;
        let [half, twelfth, sixth] = [0.5, 1.0 / 12.0, 1.0 / 6.0].map(number);
        let (zero, scale) = (number(0.0), number(scale));
        let (before, behind) = pair.split_at(pair.len() / 2);
        let (mut k, mut pending) = (zero, zero);
        let cells = 1 << b;
        let columns = of_deltas.len() << b;
        assert!(before.len() == columns + 1 && behind.len() == columns + 1);
        assert!(vertices.len() == columns + 1 && growth.len() == columns);
        for (tile, of_delta) in of_deltas.iter_mut().enumerate().rev() {
            let u = T::times(simd, self.deltas[tile], scale);
            let c2 = T::times(simd, T::times(simd, u, u), twelfth);
            let c1 = T::mul_add(simd, u, half, c2);
            let slow = T::times(simd, u, sixth);
            let fast = T::plus(simd, slow, half);
            let mut sum = zero;
            for j in (tile * cells..(tile + 1) * cells).rev() {
                // SAFETY: `j < columns`, which is less than the lengths asserted above.
                unsafe {
                    k = T::plus(simd, k, read::<_, 1>(vertices, j + 1)[0]);
                    let g = T::plus(simd, read::<_, 1>(growth, j)[0], k);
                    write(growth, j, [g]);
                    let ([first, c], [second]) = (read(before, j), read::<_, 1>(behind, j));
                    let slope = T::times(simd, first, slow);
                    let slope = T::mul_add(simd, T::plus(simd, second, c), fast, slope);
                    sum = T::mul_add(simd, g, slope, sum);
                    write(vertices, j + 1, [T::mul_add(simd, c1, g, pending)]);
                    pending = T::times(simd, c2, g);
                    k = T::mul_add(simd, c1, g, k);
                }
            }
            *of_delta = T::mul_add(simd, sum, scale, *of_delta);
        }
    }
}

impl<T: Real, S: Simd> Scheme<T, S> for Difference<T, S> {
    fn forward(
        &mut self,
        lift: &mut Lift<T, S>,
        take: Option<Take<'_, T::Vector<S>>>,
    ) -> T::Vector<S> {
        self.reset();
        let (rows, width) = (self.rows(), self.columns() + 1);
        let Some(take) = take else {
            self.advance(lift, 0..rows, &mut []);
            return self.row.values[width - 1];
        };
        let mut vertices = Scratch::new(ROWS * width);
        for first in (0..rows).step_by(ROWS) {
            let count = ROWS.min(rows - first);
            let vertices = &mut vertices[..count * width];
            self.advance(lift, first..first + count, vertices);
            take(first + 1, vertices);
        }
        self.row.values[width - 1]
    }

    fn gradient(
        &mut self,
        lift: &mut Lift<T, S>,
        mut give: Option<Give<'_, T::Vector<S>>>,
    ) -> T::Vector<S> {
        let (simd, rows, columns) = (self.simd, self.rows(), self.columns());
        let [zero, one] = [0.0, 1.0].map(|number| T::splat(simd, T::nearest(number)));
        // Blocks of whole rows of tiles.
        let high = 1 << self.dyadic[0];
        let block = ((rows as f64).sqrt() as usize).next_multiple_of(high.max(ROWS));
        let count = rows.div_ceil(block);
        let width = 2 * columns + 1;
        let mut checkpoints = Scratch::new((count - 1) * width);
        self.reset();
        for index in 0..count - 1 {
            self.advance(lift, index * block..(index + 1) * block, &mut []);
            let (values, growth) = checkpoints[index * width..][..width].split_at_mut(columns + 1);
            values.copy_from_slice(&self.row.values[..columns + 1]);
            growth.copy_from_slice(&self.row.growth[..columns]);
        }
        let mut kept = Scratch::filled((block + 1) * (columns + 1), one);
        let mut above = Scratch::filled(columns + 1, zero);
        let mut given = Scratch::filled(columns + 1, zero);
        if give.is_none() {
            above[columns] = one;
        }
        let mut growth = Scratch::filled(columns, zero);
        let mut of_deltas = Scratch::filled(self.tiles[1], zero);
        let mut kernels = one;
        for index in (0..count).rev() {
            let range = index * block..((index + 1) * block).min(rows);
            match index.checked_sub(1) {
                None => self.reset(),
                Some(before) => {
                    let (values, growth) =
                        checkpoints[before * width..][..width].split_at(columns + 1);
                    self.row.values[..columns + 1].copy_from_slice(values);
                    self.row.growth[..columns].copy_from_slice(growth);
                }
            }
            kept[..columns + 1].copy_from_slice(&self.row.values[..columns + 1]);
            let size = range.len();
            let behind = &mut kept[columns + 1..][..size * (columns + 1)];
            self.advance(lift, range.clone(), behind);
            if index + 1 == count {
                kernels = self.row.values[columns];
            }
            for row in (0..size).rev() {
                let tile = (range.start + row) >> self.dyadic[0];
                if (range.start + row + 1).is_multiple_of(high) {
                    lift.deltas(tile, &mut self.deltas);
                    of_deltas.fill(zero);
                }
                if let Some(give) = &mut give {
                    give(range.start + row + 1, &mut given);
                    vectorize(
                        simd,
                        #[inline(always)]
                        || {
                            for (above, &given) in above.iter_mut().zip(given.iter()) {
                                *above = T::plus(simd, *above, given);
                            }
                        },
                    );
                }
                let pair = &kept[row * (columns + 1)..][..2 * (columns + 1)];
                vectorize(
                    simd,
                    #[inline(always)]
                    || self.row_adjoint(pair, &mut above, &mut growth, &mut of_deltas),
                );
                if (range.start + row).is_multiple_of(high) {
                    lift.adjoint(tile, &of_deltas);
                }
            }
        }
        kernels
    }
}
