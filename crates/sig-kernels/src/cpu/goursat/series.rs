//! Power series. On each edge of a tile the solution is `Σ_k α_k τ^k / k!`, cut behind the order.
//! With `e_m = δ^m / m!`, a tile with `α` on its left edge and `β` on that above has below it
//! `Σ_{m<n} e_m β_{n−m} + e_n A_n` where `A_n = Σ_k α_k n! / (n+k)!`, and to its right the same with
//! `α` and `β` exchanged; each starts with the value at the end of the edge it goes on from. The two
//! values of the solution at the last vertex are sums of two series, and the kernel is their mean.

use bytemuck::Pod;
use pulp::Simd;

use super::Sizes;
use super::lift::Lift;
use crate::cpu::scratch::Scratch;
use crate::cpu::simd::{Lanes, vectorize};
use crate::{KernelSolver, Real};

/// Coefficients of an edge at the highest order.
pub(super) const MOST: usize = KernelSolver::MOST_ORDER + 1;

/// Constants in all lanes.
pub(super) struct Tables<V> {
    order: usize,
    /// `1/m` and `1/m!`, from `m = 0` on, where the first is not used.
    inverse: Vec<V>,
    factorial: Vec<V>,
    /// `n! / (n+k)!` for `k`, then `n`, in `1..=order`.
    edge: Vec<V>,
}

impl<V: Pod> Tables<V> {
    pub(super) fn new<T, S>(simd: S, order: usize) -> Self
    where
        S: Simd,
        T: Real + Lanes<Vector<S> = V>,
    {
        let number = |number: f64| T::splat(simd, T::nearest(number));
        let product = |range: core::ops::RangeInclusive<usize>| {
            range.map(|i| 1.0 / i as f64).product::<f64>()
        };
        let orders = 1..=order;
        let edge = |k: usize| orders.clone().map(move |n| product(n + 1..=n + k));
        Self {
            order,
            inverse: (0..=order).map(|m| number(1.0 / m.max(1) as f64)).collect(),
            factorial: (0..=order).map(|m| number(product(1..=m))).collect(),
            edge: orders.clone().flat_map(edge).map(number).collect(),
        }
    }
}

/// One batch of lanes. `W` is the number of coefficients of an edge, or [`MOST`], which takes any.
pub(super) struct Series<'a, T: Real, S: Simd, const W: usize> {
    simd: S,
    tables: &'a Tables<T::Vector<S>>,
    tiles: [usize; 2],
    /// Of the edges behind a row: the coefficients, then the value at the end.
    edges: Scratch<T::Vector<S>>,
    deltas: Scratch<T::Vector<S>>,
}

/// An edge while it is worked on.
#[derive(Clone, Copy)]
struct Edge<V, const W: usize> {
    coefficients: [V; W],
    end: V,
}

/// Of the left edge, the edge above, and `δ`.
type TileGradient<V, const W: usize> = (Edge<V, W>, Edge<V, W>, V);

impl<'a, T: Real, S: Simd, const W: usize> Series<'a, T, S, W> {
    pub(super) fn new(simd: S, sizes: &Sizes, tables: &'a Tables<T::Vector<S>>) -> Self {
        let (tiles, zero) = (sizes.tiles(), T::splat(simd, T::default()));
        Self {
            simd,
            tables,
            tiles,
            edges: Scratch::filled(tiles[1] * (tables.order + 2), zero),
            deltas: Scratch::filled(tiles[1], zero),
        }
    }

    #[inline(always)]
    fn order(&self) -> usize {
        if W == MOST { self.tables.order } else { W - 1 }
    }

    #[inline(always)]
    fn number(&self, number: f64) -> T::Vector<S> {
        T::splat(self.simd, T::nearest(number))
    }

    /// The series 1.
    #[inline(always)]
    fn border(&self) -> Edge<T::Vector<S>, W> {
        let mut coefficients = [self.number(0.0); W];
        coefficients[0] = self.number(1.0);
        Edge {
            coefficients,
            end: self.number(1.0),
        }
    }

    fn reset(&mut self) {
        let (width, border) = (self.order() + 2, self.border());
        let mut edges = core::mem::replace(&mut self.edges, Scratch::new(0));
        edges
            .chunks_exact_mut(width)
            .for_each(|edge| self.write(&border, edge));
        self.edges = edges;
    }

    #[inline(always)]
    fn read(&self, from: &[T::Vector<S>]) -> Edge<T::Vector<S>, W> {
        let count = self.order() + 1;
        let mut coefficients = [self.number(0.0); W];
        coefficients[..count].copy_from_slice(&from[..count]);
        Edge {
            coefficients,
            end: from[count],
        }
    }

    #[inline(always)]
    fn write(&self, edge: &Edge<T::Vector<S>, W>, to: &mut [T::Vector<S>]) {
        let count = self.order() + 1;
        to[..count].copy_from_slice(&edge.coefficients[..count]);
        to[count] = edge.end;
    }

    /// The kernels.
    pub(super) fn forward(&mut self, lift: &mut Lift<T, S>) -> T::Vector<S> {
        self.reset();
        let mut kernels = self.number(1.0);
        for row in 0..self.tiles[0] {
            kernels = self.row::<false>(lift, row, &mut []);
        }
        kernels
    }

    /// Numbers kept of a tile: both edges' coefficients, then both edges' sums `A`.
    fn kept(&self) -> usize {
        2 * (self.order() + 1) + 2 * self.order()
    }

    /// A row of tiles; returns the mean of both values at its last vertex. If `KEEP`, what each tile
    /// starts from is kept, and the right edge of the last.
    fn row<const KEEP: bool>(
        &mut self,
        lift: &mut Lift<T, S>,
        row: usize,
        kept: &mut [T::Vector<S>],
    ) -> T::Vector<S> {
        lift.deltas(row, &mut self.deltas);
        let (simd, deltas) = (
            self.simd,
            core::mem::replace(&mut self.deltas, Scratch::new(0)),
        );
        let mut edges = core::mem::replace(&mut self.edges, Scratch::new(0));
        let kernels = vectorize(
            simd,
            #[inline(always)]
            || {
                let (order, stride) = (self.order(), self.kept());
                let mut left = self.border();
                let mut last = left.end;
                let tiles = deltas.iter().zip(edges.chunks_exact_mut(order + 2));
                for (j, (&delta, edge)) in tiles.enumerate() {
                    let (above, powers) = (self.read(edge), self.powers(delta));
                    let of_left = self.sums(&left);
                    let below = self.onward(&powers, &above, &left, &of_left);
                    let of_above = self.sums(&above);
                    let right = self.onward(&powers, &left, &above, &of_above);
                    if KEEP {
                        let kept = &mut kept[j * stride..][..stride];
                        kept[..order + 1].copy_from_slice(&left.coefficients[..order + 1]);
                        let (_, kept) = kept.split_at_mut(order + 1);
                        kept[..order + 1].copy_from_slice(&above.coefficients[..order + 1]);
                        let (_, kept) = kept.split_at_mut(order + 1);
                        kept[..order].copy_from_slice(&of_left[1..order + 1]);
                        kept[order..].copy_from_slice(&of_above[1..order + 1]);
                    }
                    self.write(&below, edge);
                    (left, last) = (right, below.end);
                }
                if KEEP {
                    let kept = &mut kept[deltas.len() * stride..];
                    kept[..order + 1].copy_from_slice(&left.coefficients[..order + 1]);
                }
                T::times(simd, T::plus(simd, left.end, last), self.number(0.5))
            },
        );
        (self.deltas, self.edges) = (deltas, edges);
        kernels
    }

    /// `A_n` of an edge.
    #[inline(always)]
    fn sums(&self, edge: &Edge<T::Vector<S>, W>) -> [T::Vector<S>; W] {
        let (simd, order) = (self.simd, self.order());
        let (count, table) = (order + 1, &self.tables.edge[..order * order]);
        let mut sums = [edge.coefficients[0]; W];
        for k in 1..count {
            let factors = &table[(k - 1) * order..][..order];
            for n in 1..count {
                sums[n] = T::mul_add(simd, edge.coefficients[k], factors[n - 1], sums[n]);
            }
        }
        sums
    }

    /// `e_m`
    #[inline(always)]
    fn powers(&self, delta: T::Vector<S>) -> [T::Vector<S>; W] {
        let mut powers = [self.number(1.0); W];
        let count = self.order() + 1;
        let inverse = &self.tables.inverse[..count];
        for m in 1..count {
            let factor = T::times(self.simd, delta, inverse[m]);
            powers[m] = T::times(self.simd, powers[m - 1], factor);
        }
        powers
    }

    /// The edge opposite to `own`, which starts at the end of `across`, with the sums `A` of the
    /// latter.
    #[inline(always)]
    fn onward(
        &self,
        powers: &[T::Vector<S>; W],
        own: &Edge<T::Vector<S>, W>,
        across: &Edge<T::Vector<S>, W>,
        sums: &[T::Vector<S>; W],
    ) -> Edge<T::Vector<S>, W> {
        let (simd, count) = (self.simd, self.order() + 1);
        let weights = &self.tables.factorial[..count];
        let mut coefficients = own.coefficients;
        for n in 1..count {
            coefficients[n] = T::mul_add(simd, powers[n], sums[n], coefficients[n]);
        }
        for m in 1..count - 1 {
            for n in m + 1..count {
                let before = own.coefficients[n - m];
                coefficients[n] = T::mul_add(simd, powers[m], before, coefficients[n]);
            }
        }
        coefficients[0] = across.end;
        let mut end = across.end;
        for n in 1..count {
            end = T::mul_add(simd, coefficients[n], weights[n], end);
        }
        Edge { coefficients, end }
    }

    /// The gradient of the kernels, each alone, which goes to the paths. Returns the kernels.
    pub(super) fn gradient(&mut self, lift: &mut Lift<T, S>) -> T::Vector<S> {
        let ([rows, columns], order) = (self.tiles, self.order());
        let (width, stride) = (columns * (order + 2), self.kept());
        let kept_row = (columns + 1) * stride;
        let balance = (order + 2) as f64 / stride as f64;
        let block = ((rows as f64 * balance).sqrt().ceil() as usize).max(1);
        let count = rows.div_ceil(block);
        let mut checkpoints = Scratch::new((count - 1) * width);
        self.reset();
        for index in 0..count - 1 {
            for row in index * block..(index + 1) * block {
                self.row::<false>(lift, row, &mut []);
            }
            checkpoints[index * width..][..width].copy_from_slice(&self.edges);
        }
        let zero = self.number(0.0);
        let mut kept = Scratch::filled((block + 1) * kept_row, zero);
        let mut below = Scratch::filled(width, zero);
        below[width - 1] = self.number(0.5);
        let mut of_deltas = Scratch::filled(columns, zero);
        let mut deltas = Scratch::filled(block * columns, zero);
        let mut kernels = zero;
        for index in (0..count).rev() {
            let range = index * block..((index + 1) * block).min(rows);
            match index.checked_sub(1) {
                None => self.reset(),
                Some(before) => {
                    self.edges
                        .copy_from_slice(&checkpoints[before * width..][..width]);
                }
            }
            for (at, row) in range.clone().enumerate() {
                let kept = &mut kept[at * kept_row..][..kept_row];
                let last = self.row::<true>(lift, row, kept);
                if row + 1 == rows {
                    kernels = last;
                }
                deltas[at * columns..][..columns].copy_from_slice(&self.deltas);
            }
            let behind = &mut kept[range.len() * kept_row..];
            for (edge, kept) in self
                .edges
                .chunks_exact(order + 2)
                .zip(behind.chunks_exact_mut(stride))
            {
                kept[order + 1..][..order + 1].copy_from_slice(&edge[..order + 1]);
            }
            for row in range.clone().rev() {
                let at = row - range.start;
                let pair = &kept[at * kept_row..][..2 * kept_row];
                let deltas = &deltas[at * columns..][..columns];
                let seed = if row + 1 == rows { 0.5 } else { 0.0 };
                let seed = self.number(seed);
                vectorize(
                    self.simd,
                    #[inline(always)]
                    || self.row_adjoint(pair, deltas, seed, &mut below, &mut of_deltas),
                );
                lift.adjoint(row, &of_deltas);
            }
        }
        kernels
    }

    /// From the gradient of the edges below a row to those above it.
    #[inline(always)]
    fn row_adjoint(
        &self,
        pair: &[T::Vector<S>],
        deltas: &[T::Vector<S>],
        seed: T::Vector<S>,
        edges: &mut [T::Vector<S>],
        of_deltas: &mut [T::Vector<S>],
    ) {
        let (order, stride) = (self.order(), self.kept());
        let (this, next) = pair.split_at(pair.len() / 2);
        let mut right = Edge {
            coefficients: [self.number(0.0); W],
            end: seed,
        };
        for j in (0..deltas.len()).rev() {
            let edge = &mut edges[j * (order + 2)..][..order + 2];
            let below = self.read(edge);
            // The edges that the tile gave: below it, and to its right.
            let given = [
                &next[j * stride + order + 1..][..order + 1],
                &this[(j + 1) * stride..][..order + 1],
            ];
            let sums = &this[j * stride + 2 * (order + 1)..][..2 * order];
            let (left, above, of_delta) = self.tile_adjoint(deltas[j], given, sums, below, right);
            self.write(&above, edge);
            of_deltas[j] = of_delta;
            right = left;
        }
    }

    /// The gradients of the edges that a tile starts from and of its `δ`.
    #[inline(always)]
    fn tile_adjoint(
        &self,
        delta: T::Vector<S>,
        given: [&[T::Vector<S>]; 2],
        sums: &[T::Vector<S>],
        mut below: Edge<T::Vector<S>, W>,
        mut right: Edge<T::Vector<S>, W>,
    ) -> TileGradient<T::Vector<S>, W> {
        let (simd, order, powers) = (self.simd, self.order(), self.powers(delta));
        let count = order + 1;
        let weights = &self.tables.factorial[..count];
        for edge in [&mut below, &mut right] {
            for n in 0..count {
                edge.coefficients[n] = T::mul_add(simd, edge.end, weights[n], edge.coefficients[n]);
            }
        }
        let (of_below, of_right) = (&below.coefficients, &right.coefficients);
        let above = self.backward(&powers, of_below, of_right);
        let left = self.backward(&powers, of_right, of_below);
        // The derivative of e_m is e_{m−1}; what an edge of one order less was given stands for the
        // sum of products without its last part.
        let mut of_delta = self.number(0.0);
        let (left_sums, above_sums) = sums.split_at(order);
        for (given, sums, gradient) in [
            (given[0], left_sums, of_below),
            (given[1], above_sums, of_right),
        ] {
            let mut part = T::times(simd, gradient[1], sums[0]);
            for n in 2..count {
                let more = T::minus(simd, sums[n - 1], sums[n - 2]);
                let slope = T::mul_add(simd, powers[n - 1], more, given[n - 1]);
                part = T::mul_add(simd, gradient[n], slope, part);
            }
            of_delta = T::plus(simd, of_delta, part);
        }
        (left, above, of_delta)
    }

    /// The gradient of an edge from those of the edge opposite to it and of the other.
    #[inline(always)]
    fn backward(
        &self,
        powers: &[T::Vector<S>; W],
        of_onward: &[T::Vector<S>; W],
        of_other: &[T::Vector<S>; W],
    ) -> Edge<T::Vector<S>, W> {
        let (simd, order) = (self.simd, self.order());
        let (count, table) = (order + 1, &self.tables.edge[..order * order]);
        let mut coefficients = *of_onward;
        for m in 1..order {
            for n in m + 1..count {
                coefficients[n - m] =
                    T::mul_add(simd, powers[m], of_onward[n], coefficients[n - m]);
            }
        }
        coefficients[0] = self.number(0.0);
        for n in 1..count {
            let of_sum = T::times(simd, powers[n], of_other[n]);
            coefficients[0] = T::plus(simd, coefficients[0], of_sum);
            for k in 1..count {
                let factor = table[(k - 1) * order + n - 1];
                coefficients[k] = T::mul_add(simd, of_sum, factor, coefficients[k]);
            }
        }
        Edge {
            coefficients,
            end: of_other[0],
        }
    }
}
