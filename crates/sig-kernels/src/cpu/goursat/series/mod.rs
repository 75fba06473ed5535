//! Power series. On each edge of a tile the solution is `Σ_k α_k τ^k / k!`, cut behind the order; see
//! [`tile`] for how it goes on. The two values of the solution at the last vertex are sums of two
//! series, and the kernel is their mean.

mod tile;

use core::ops::Range;

use pulp::Simd;

use super::Sizes;
use super::lift::Lift;
use super::worker::{Give, Scheme, Take};
use crate::Real;
use crate::cpu::scratch::Scratch;
use crate::cpu::simd::vectorize;
pub(super) use tile::MOST;
use tile::{Edge, Tables, Tile};

/// Bytes that a gradient keeps of rows of tiles where they are not many: what a cache of the core
/// holds.
const MOST_SMALL: usize = 1 << 22;

/// The solver of a call. `W` is as in [`Tile`].
pub(super) struct Series<T: Real, S: Simd, const W: usize> {
    simd: S,
    tables: Tables<T, T::Vector<S>>,
    tiles: [usize; 2],
}

/// What a gradient keeps of some consecutive rows of tiles.
struct Kept<V> {
    /// The derivatives by `δ` of the edges below each tile, then of those to its right.
    slopes: Scratch<V>,
    deltas: Scratch<V>,
}

impl<T: Real, S: Simd, const W: usize> Series<T, S, W> {
    pub(super) fn new(simd: S, sizes: &Sizes, order: usize) -> Self {
        Self {
            simd,
            tables: Tables::new(simd, order),
            tiles: sizes.tiles(),
        }
    }

    #[inline(always)]
    fn tile(&self) -> Tile<'_, T, S, W> {
        Tile::new(self.simd, &self.tables)
    }

    /// Chooses the units for other paths.
    fn fit(&mut self, lift: &mut Lift<T, S>) {
        let most = T::LARGE / self.tile().order() as i32;
        self.tables.fit(self.simd, lift.fit(most));
    }

    /// Numbers that are kept of a tile: the coefficients of the edge below, the value at its end, and
    /// the value at the end of the edge on the right.
    #[inline(always)]
    fn stride(&self) -> usize {
        self.tile().order() + 3
    }

    /// Numbers of the edges behind a row.
    fn width(&self) -> usize {
        self.tiles[1] * self.stride()
    }

    /// The edges above the first row.
    fn start(&self, edges: &mut [T::Vector<S>]) {
        let border = self.tile().border();
        for edge in edges.chunks_exact_mut(self.stride()) {
            self.tile().write(&border, edge);
            edge[self.stride() - 1] = border.end;
        }
    }

    /// Takes edges over some rows of tiles; writes the vertices behind each to `take`.
    fn rows(
        &self,
        lift: &mut Lift<T, S>,
        rows: Range<usize>,
        edges: &mut [T::Vector<S>],
        mut take: Option<Take<'_, T::Vector<S>>>,
    ) {
        let mut deltas = Scratch::new(self.tiles[1]);
        let mut vertices = Scratch::new(self.tiles[1] + 1);
        for row in rows {
            lift.deltas(row, &mut deltas);
            self.row::<false>(&deltas, edges, &mut []);
            if let Some(take) = &mut take {
                self.vertices(edges, &mut vertices);
                take(row + 1, &vertices);
            }
        }
    }

    /// As [`rows`](Self::rows); keeps what the adjoint reads.
    fn rows_keeping(
        &self,
        lift: &mut Lift<T, S>,
        rows: Range<usize>,
        edges: &mut [T::Vector<S>],
        kept: &mut Kept<T::Vector<S>>,
    ) {
        let slopes = kept.slopes.chunks_exact_mut(self.slopes());
        let deltas = kept.deltas.chunks_exact_mut(self.tiles[1]);
        for ((row, deltas), slopes) in rows.zip(deltas).zip(slopes) {
            lift.deltas(row, deltas);
            self.row::<true>(deltas, edges, slopes);
        }
    }

    /// Takes edges over a row of tiles; keeps the derivatives by `δ` if `KEEP`.
    fn row<const KEEP: bool>(
        &self,
        deltas: &[T::Vector<S>],
        edges: &mut [T::Vector<S>],
        kept: &mut [T::Vector<S>],
    ) {
        let tile = self.tile();
        vectorize(
            self.simd,
            #[inline(always)]
            || {
                let (order, stride) = (tile.order(), self.stride());
                let mut left = tile.border();
                let mut kept = kept.chunks_exact_mut(2 * order);
                for (&delta, edge) in deltas.iter().zip(edges.chunks_exact_mut(stride)) {
                    let (left_before, above) = (left, tile.read(edge));
                    let (of_below, of_right) = if KEEP {
                        let kept = kept.next().expect("as many as tiles");
                        kept.split_at_mut(order)
                    } else {
                        (&mut [][..], &mut [][..])
                    };
                    let slopes;
                    (left, slopes) = tile.onward(
                        delta,
                        &left_before,
                        &above,
                        #[inline(always)]
                        |below, slopes| {
                            tile.write(&below, edge);
                            if KEEP {
                                of_below.copy_from_slice(&slopes[1..=order]);
                            }
                        },
                    );
                    if KEEP {
                        of_right.copy_from_slice(&slopes[1..=order]);
                    }
                    edge[order + 2] = left.end;
                }
            },
        );
    }

    /// The vertices behind a row: the mean of both values there.
    fn vertices(&self, edges: &[T::Vector<S>], vertices: &mut [T::Vector<S>]) {
        let (simd, stride) = (self.simd, self.stride());
        let (first, vertices) = vertices.split_first_mut().expect("a tile has two");
        *first = self.tile().number(1.0);
        vectorize(
            simd,
            #[inline(always)]
            || {
                let half = self.tile().number(0.5);
                for (vertex, edge) in vertices.iter_mut().zip(edges.chunks_exact(stride)) {
                    let sum = T::plus(simd, edge[stride - 2], edge[stride - 1]);
                    *vertex = T::times(simd, sum, half);
                }
            },
        );
    }

    /// The kernels, from the edges behind the last row.
    fn kernels(&self, edges: &[T::Vector<S>]) -> T::Vector<S> {
        let mut vertices = [self.tile().number(0.0); 2];
        self.vertices(&edges[edges.len() - self.stride()..], &mut vertices);
        vertices[1]
    }

    /// Adds the gradient of the vertices behind a row to that of its edges, which has a weight.
    fn vertices_adjoint(
        &self,
        of_vertices: &[T::Vector<S>],
        weight: T::Vector<S>,
        gradient: &mut [T::Vector<S>],
    ) {
        let simd = self.simd;
        vectorize(
            simd,
            #[inline(always)]
            || {
                let half = T::times(simd, weight, self.tile().number(0.5));
                let edges = gradient.chunks_exact_mut(self.stride());
                for (&of_vertex, edge) in of_vertices[1..].iter().zip(edges) {
                    for end in &mut edge[self.stride() - 2..] {
                        *end = T::mul_add(simd, of_vertex, half, *end);
                    }
                }
            },
        );
    }

    /// Numbers of the derivatives of a row.
    fn slopes(&self) -> usize {
        2 * self.tile().order() * self.tiles[1]
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

    /// From the gradient of the edges behind a row to that of those before it; `no_weight` is the
    /// inverse of its weight.
    fn row_adjoint(
        &self,
        deltas: &[T::Vector<S>],
        slopes: &[T::Vector<S>],
        no_weight: T::Vector<S>,
        gradient: &mut [T::Vector<S>],
        of_deltas: &mut [T::Vector<S>],
    ) {
        let (simd, tile) = (self.simd, self.tile());
        vectorize(
            simd,
            #[inline(always)]
            || {
                let (order, stride) = (tile.order(), self.stride());
                let zero = tile.number(0.0);
                let mut of_right = Edge {
                    coefficients: [zero; W],
                    end: zero,
                };
                let edges = gradient.chunks_exact_mut(stride);
                let tiles = deltas.iter().zip(slopes.chunks_exact(2 * order));
                let tiles = tiles.zip(edges).zip(of_deltas);
                for (((&delta, slopes), edge), of_delta) in tiles.rev() {
                    let slopes = slopes.split_at(order).into();
                    of_right.end = T::plus(simd, of_right.end, edge[order + 2]);
                    edge[order + 2] = zero;
                    let ([of_left, of_above], of_tile) =
                        tile.backward(delta, slopes, &tile.read(edge), &of_right);
                    tile.write(&of_above, edge);
                    *of_delta = T::times(simd, of_tile, no_weight);
                    of_right = of_left;
                }
            },
        );
    }
}

impl<T: Real, S: Simd, const W: usize> Scheme<T, S> for Series<T, S, W> {
    fn forward(
        &mut self,
        lift: &mut Lift<T, S>,
        take: Option<Take<'_, T::Vector<S>>>,
    ) -> T::Vector<S> {
        self.fit(lift);
        let mut edges = Scratch::new(self.width());
        self.start(&mut edges);
        self.rows(lift, 0..self.tiles[0], &mut edges, take);
        self.kernels(&edges)
    }

    fn gradient(
        &mut self,
        lift: &mut Lift<T, S>,
        mut give: Option<Give<'_, T::Vector<S>>>,
    ) -> T::Vector<S> {
        self.fit(lift);
        let ([rows, columns], tile, width) = (self.tiles, self.tile(), self.width());
        let (block, zero) = (self.block(), tile.number(0.0));
        let blocks = rows.div_ceil(block);
        // The edges above each block.
        let mut edges = Scratch::new(blocks * width);
        self.start(&mut edges[..width]);
        for index in 1..blocks {
            let (before, after) = edges[(index - 1) * width..][..2 * width].split_at_mut(width);
            after.copy_from_slice(before);
            self.rows(lift, (index - 1) * block..index * block, after, None);
        }
        let mut kept = Kept {
            slopes: Scratch::new(block * self.slopes()),
            deltas: Scratch::new(block * columns),
        };
        let mut gradient = Scratch::filled(width, zero);
        let mut of_vertices = Scratch::filled(columns + 1, zero);
        of_vertices[columns] = tile.number(1.0);
        let mut of_deltas = Scratch::filled(columns, zero);
        // Gradients of grids may be of any size, so they keep theirs.
        let (mut kernels, mut weight, mut no_weight) = (zero, tile.number(1.0), tile.number(1.0));
        for index in (0..blocks).rev() {
            let range = index * block..((index + 1) * block).min(rows);
            let edges = &mut edges[index * width..][..width];
            self.rows_keeping(lift, range.clone(), edges, &mut kept);
            if range.end == rows {
                kernels = self.kernels(edges);
                if give.is_none() {
                    [weight, no_weight] = self.tables.weight(kernels);
                    self.vertices_adjoint(&of_vertices, weight, &mut gradient);
                }
            }
            for row in range.clone().rev() {
                if let Some(give) = &mut give {
                    give(row + 1, &mut of_vertices);
                    self.vertices_adjoint(&of_vertices, weight, &mut gradient);
                }
                let at = row - range.start;
                let slopes = &kept.slopes[at * self.slopes()..][..self.slopes()];
                let deltas = &kept.deltas[at * columns..][..columns];
                self.row_adjoint(deltas, slopes, no_weight, &mut gradient, &mut of_deltas);
                lift.adjoint(row, &of_deltas);
            }
        }
        kernels
    }
}
