//! Power series. On each edge of a tile the solution is `Σ_k α_k τ^k / k!`, cut behind the order; see
//! [`tile`] for how it goes on. The two values of the solution at the last vertex are sums of two
//! series, and the kernel is their mean.

mod tile;

use core::ops::Range;

use pulp::Simd;

use super::Sizes;
use super::lift::Lift;
use crate::Real;
use crate::cpu::scratch::Scratch;
use crate::cpu::simd::vectorize;
use tile::{Edge, Tile};
pub(super) use tile::{MOST, Tables};

/// Bytes that a gradient keeps of rows of tiles where they are not many: what a cache of the core
/// holds.
const MOST_SMALL: usize = 1 << 22;

/// One batch of lanes. `W` is as in [`Tile`].
pub(super) struct Series<'a, T: Real, S: Simd, const W: usize> {
    simd: S,
    tile: Tile<'a, T, S, W>,
    tiles: [usize; 2],
    /// Of the edges behind a row: the coefficients, then the value at the end.
    edges: Scratch<T::Vector<S>>,
    deltas: Scratch<T::Vector<S>>,
}

/// What a gradient keeps of some consecutive rows of tiles.
struct Kept<V> {
    /// The derivatives by `δ` of the edges below each tile, then of those to its right.
    slopes: Scratch<V>,
    deltas: Scratch<V>,
}

impl<'a, T: Real, S: Simd, const W: usize> Series<'a, T, S, W> {
    pub(super) fn new(simd: S, sizes: &Sizes, tables: &'a Tables<T::Vector<S>>) -> Self {
        let (tile, tiles) = (Tile::new(simd, tables), sizes.tiles());
        let width = tiles[1] * (tile.order() + 2);
        Self {
            simd,
            tile,
            tiles,
            edges: Scratch::filled(width, tile.number(0.0)),
            deltas: Scratch::filled(tiles[1], tile.number(0.0)),
        }
    }

    /// Numbers of the edges behind a row.
    fn width(&self) -> usize {
        self.tiles[1] * (self.tile.order() + 2)
    }

    /// The edges above the first row.
    fn start(&self, edges: &mut [T::Vector<S>]) {
        let border = self.tile.border();
        edges
            .chunks_exact_mut(self.tile.order() + 2)
            .for_each(|edge| self.tile.write(&border, edge));
    }

    /// The kernels.
    pub(super) fn forward(&mut self, lift: &mut Lift<T, S>) -> T::Vector<S> {
        let mut edges = core::mem::replace(&mut self.edges, Scratch::new(0));
        self.start(&mut edges);
        let kernels = self.rows(lift, 0..self.tiles[0], &mut edges);
        self.edges = edges;
        kernels
    }

    /// Takes edges over some rows of tiles; returns the mean of both values at the last vertex.
    fn rows(
        &mut self,
        lift: &mut Lift<T, S>,
        rows: Range<usize>,
        edges: &mut [T::Vector<S>],
    ) -> T::Vector<S> {
        let mut kernels = self.tile.number(1.0);
        for row in rows {
            lift.deltas(row, &mut self.deltas);
            kernels = self.row::<false>(&self.deltas, edges, &mut []);
        }
        kernels
    }

    /// The same; keeps what the adjoint reads.
    fn rows_keeping(
        &self,
        lift: &mut Lift<T, S>,
        rows: Range<usize>,
        edges: &mut [T::Vector<S>],
        kept: &mut Kept<T::Vector<S>>,
    ) -> T::Vector<S> {
        let mut kernels = self.tile.number(1.0);
        let slopes = kept.slopes.chunks_exact_mut(self.slopes());
        let deltas = kept.deltas.chunks_exact_mut(self.tiles[1]);
        for ((row, deltas), slopes) in rows.zip(deltas).zip(slopes) {
            lift.deltas(row, deltas);
            kernels = self.row::<true>(deltas, edges, slopes);
        }
        kernels
    }

    /// Takes edges over a row of tiles; keeps the derivatives by `δ` if `KEEP`.
    fn row<const KEEP: bool>(
        &self,
        deltas: &[T::Vector<S>],
        edges: &mut [T::Vector<S>],
        kept: &mut [T::Vector<S>],
    ) -> T::Vector<S> {
        let (simd, tile) = (self.simd, self.tile);
        vectorize(
            simd,
            #[inline(always)]
            || {
                let order = tile.order();
                let mut left = tile.border();
                let mut last = left.end;
                let mut kept = kept.chunks_exact_mut(2 * order);
                for (&delta, edge) in deltas.iter().zip(edges.chunks_exact_mut(order + 2)) {
                    let above = tile.read(edge);
                    if !KEEP {
                        let [below, right] = tile.onward(delta, &left, &above);
                        tile.write(&below, edge);
                        (left, last) = (right, below.end);
                        continue;
                    }
                    let kept = kept.next().expect("as many as tiles");
                    let (of_below, of_right) = kept.split_at_mut(order);
                    let (right, slopes) = tile.onward_with_slopes(
                        delta,
                        &left,
                        &above,
                        #[inline(always)]
                        |below, slopes| {
                            tile.write(&below, edge);
                            of_below.copy_from_slice(&slopes[1..=order]);
                            last = below.end;
                        },
                    );
                    of_right.copy_from_slice(&slopes[1..=order]);
                    left = right;
                }
                T::times(simd, T::plus(simd, left.end, last), tile.number(0.5))
            },
        )
    }

    /// Numbers of the derivatives of a row.
    fn slopes(&self) -> usize {
        2 * self.tile.order() * self.tiles[1]
    }

    /// Rows that are kept at once: the square root of all, or more where they are small.
    fn block(&self) -> usize {
        let rows = self.tiles[0];
        let kept = self.slopes() + self.tiles[1];
        let balance = self.width() as f64 / kept as f64;
        let balanced = (rows as f64 * balance).sqrt().ceil() as usize;
        let small = MOST_SMALL / (kept * size_of::<T::Vector<S>>());
        balanced.max(small).clamp(1, rows)
    }

    /// The gradient of the kernels, each alone, which goes to the paths. Returns the kernels.
    pub(super) fn gradient(&mut self, lift: &mut Lift<T, S>) -> T::Vector<S> {
        let ([rows, columns], tile, width) = (self.tiles, self.tile, self.width());
        let (block, zero) = (self.block(), tile.number(0.0));
        let blocks = rows.div_ceil(block);
        // The edges above each block.
        let mut edges = Scratch::new(blocks * width);
        self.start(&mut edges[..width]);
        for index in 1..blocks {
            let (before, after) = edges[(index - 1) * width..][..2 * width].split_at_mut(width);
            after.copy_from_slice(before);
            self.rows(lift, (index - 1) * block..index * block, after);
        }
        let mut kept = Kept {
            slopes: Scratch::new(block * self.slopes()),
            deltas: Scratch::new(block * columns),
        };
        // The gradient of the edges below a row; the kernel is half the sum of the last two ends.
        let mut gradient = Scratch::filled(width, zero);
        gradient[width - 1] = tile.number(0.5);
        let mut of_deltas = Scratch::filled(columns, zero);
        let mut kernels = zero;
        for index in (0..blocks).rev() {
            let range = index * block..((index + 1) * block).min(rows);
            let edges = &mut edges[index * width..][..width];
            let last = self.rows_keeping(lift, range.clone(), edges, &mut kept);
            if range.end == rows {
                kernels = last;
            }
            for row in range.clone().rev() {
                let at = row - range.start;
                let slopes = &kept.slopes[at * self.slopes()..][..self.slopes()];
                let deltas = &kept.deltas[at * columns..][..columns];
                let seed = tile.number(if row + 1 == rows { 0.5 } else { 0.0 });
                self.row_adjoint(deltas, slopes, seed, &mut gradient, &mut of_deltas);
                lift.adjoint(row, &of_deltas);
            }
        }
        kernels
    }

    /// From the gradient of the edges below a row to those above it.
    fn row_adjoint(
        &self,
        deltas: &[T::Vector<S>],
        slopes: &[T::Vector<S>],
        seed: T::Vector<S>,
        gradient: &mut [T::Vector<S>],
        of_deltas: &mut [T::Vector<S>],
    ) {
        let tile = self.tile;
        vectorize(
            self.simd,
            #[inline(always)]
            || {
                let order = tile.order();
                let mut of_right = Edge {
                    coefficients: [tile.number(0.0); W],
                    end: seed,
                };
                let edges = gradient.chunks_exact_mut(order + 2);
                let tiles = deltas.iter().zip(slopes.chunks_exact(2 * order));
                let tiles = tiles.zip(edges).zip(of_deltas);
                for (((&delta, slopes), edge), of_delta) in tiles.rev() {
                    let slopes = slopes.split_at(order).into();
                    let ([of_left, of_above], of_tile) =
                        tile.backward(delta, slopes, &tile.read(edge), &of_right);
                    tile.write(&of_above, edge);
                    *of_delta = of_tile;
                    of_right = of_left;
                }
            },
        );
    }
}
