//! One tile and its adjoint.
//!
//! With `e_m = δ^m / m!`, a tile with `α` on its left edge and `β` on that above has below it
//! `Σ_{m<n} e_m β_{n−m} + e_n A_n` where `A_n = Σ_k α_k n! / (n+k)!`, and to its right the same with
//! `α` and `β` exchanged; each starts with the value at the end of the edge it goes on from.
//!
//! The derivative of `e_m` is `e_{m−1}`, so that of what is below is
//! `Σ_{m<n−1} e_m β_{n−1−m} + e_{n−1} A_n`: but for `A_n` it is what is below of one order less. The
//! adjoint reads nothing else of a tile.

use bytemuck::Pod;
use pulp::Simd;

use crate::cpu::simd::Lanes;
use crate::{KernelSolver, Real};

/// Coefficients of an edge at the highest order.
pub(in super::super) const MOST: usize = KernelSolver::MOST_ORDER + 1;

/// Coefficients up to which their number is a constant.
const CONSTANT: usize = 9;

/// Constants in all lanes.
pub(in super::super) struct Tables<V> {
    order: usize,
    /// `1/m` and `1/m!`, from `m = 0` on, where the first is not used.
    inverse: Vec<V>,
    factorial: Vec<V>,
    /// `n! / (n+k)!` for `k`, then `n`, in `1..=order`.
    edge: Vec<V>,
    /// `(n−1)! / (n+k)!` for `n` in `1..=order`, then `k` in `0..=order`.
    edge_adjoint: Vec<V>,
}

impl<V: Pod> Tables<V> {
    pub(in super::super) fn new<T, S>(simd: S, order: usize) -> Self
    where
        S: Simd,
        T: Real + Lanes<Vector<S> = V>,
    {
        let number = |number: f64| T::splat(simd, T::nearest(number));
        let product = |range: core::ops::RangeInclusive<usize>| {
            range.map(|i| 1.0 / i as f64).product::<f64>()
        };
        let edge = |k: usize| (1..=order).map(move |n| product(n + 1..=n + k));
        let adjoint = |n: usize| (0..=order).map(move |k| product(n..=n + k));
        Self {
            order,
            inverse: (0..=order).map(|m| number(1.0 / m.max(1) as f64)).collect(),
            factorial: (0..=order).map(|m| number(product(1..=m))).collect(),
            edge: (1..=order).flat_map(edge).map(number).collect(),
            edge_adjoint: (1..=order).flat_map(adjoint).map(number).collect(),
        }
    }
}

/// As many vectors of `S` as an edge has coefficients.
type Vectors<T, S, const W: usize> = [<T as Lanes>::Vector<S>; W];

/// The edges of as many pairs as a vector of `S` has numbers.
type VectorEdge<T, S, const W: usize> = Edge<<T as Lanes>::Vector<S>, W>;

/// An edge while it is worked on, or its gradient: the coefficients, and the value at the end.
#[derive(Clone, Copy)]
pub(super) struct Edge<V, const W: usize> {
    pub(super) coefficients: [V; W],
    pub(super) end: V,
}

/// The arithmetic of a tile. `W` is the number of coefficients of an edge or, beyond [`CONSTANT`], the
/// most that there may be.
pub(super) struct Tile<'a, T: Real, S: Simd, const W: usize> {
    simd: S,
    tables: &'a Tables<T::Vector<S>>,
}

impl<T: Real, S: Simd, const W: usize> Clone for Tile<'_, T, S, W> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Real, S: Simd, const W: usize> Copy for Tile<'_, T, S, W> {}

impl<'a, T: Real, S: Simd, const W: usize> Tile<'a, T, S, W> {
    pub(super) fn new(simd: S, tables: &'a Tables<T::Vector<S>>) -> Self {
        Self { simd, tables }
    }

    #[inline(always)]
    pub(super) fn order(&self) -> usize {
        if W > CONSTANT {
            self.tables.order
        } else {
            W - 1
        }
    }

    #[inline(always)]
    pub(super) fn number(&self, number: f64) -> T::Vector<S> {
        T::splat(self.simd, T::nearest(number))
    }

    /// The series 1.
    #[inline(always)]
    pub(super) fn border(&self) -> Edge<T::Vector<S>, W> {
        let mut coefficients = [self.number(0.0); W];
        coefficients[0] = self.number(1.0);
        Edge {
            coefficients,
            end: self.number(1.0),
        }
    }

    /// An edge from its coefficients and its end.
    #[inline(always)]
    pub(super) fn read(&self, from: &[T::Vector<S>]) -> Edge<T::Vector<S>, W> {
        let count = self.order() + 1;
        let mut coefficients = [self.number(0.0); W];
        coefficients[..count].copy_from_slice(&from[..count]);
        Edge {
            coefficients,
            end: from[count],
        }
    }

    #[inline(always)]
    pub(super) fn write(&self, edge: &Edge<T::Vector<S>, W>, to: &mut [T::Vector<S>]) {
        let count = self.order() + 1;
        to[..count].copy_from_slice(&edge.coefficients[..count]);
        to[count] = edge.end;
    }

    /// Calls a function with the numbers from 1 to the order; without a loop where the order is
    /// constant, for which loops that the compiler itself unrolls are too large.
    #[inline(always)]
    fn each(&self, mut work: impl FnMut(usize)) {
        if W > CONSTANT {
            return (1..=self.order()).for_each(work);
        }
        macro_rules! steps {
            ($($number:literal)*) => {
                const { assert!(CONSTANT == [$($number),*].len() + 1) };
                $(if $number < W {
                    work($number);
                })*
            };
        }
        steps!(1 2 3 4 5 6 7 8);
    }

    /// `e_m`
    #[inline(always)]
    fn powers(&self, delta: T::Vector<S>) -> [T::Vector<S>; W] {
        let mut powers = [self.number(1.0); W];
        let count = self.order() + 1;
        let inverse = &self.tables.inverse[..count];
        powers[1] = delta;
        for m in 2..count {
            let factor = T::times(self.simd, delta, inverse[m]);
            powers[m] = T::times(self.simd, powers[m - 1], factor);
        }
        powers
    }

    /// From the edges on the left and above to those below and on the right.
    #[inline(always)]
    pub(super) fn onward(
        &self,
        delta: T::Vector<S>,
        left: &Edge<T::Vector<S>, W>,
        above: &Edge<T::Vector<S>, W>,
    ) -> [VectorEdge<T, S, W>; 2] {
        let powers = self.powers(delta);
        let [of_left, of_above] = self.sums(left, above);
        let (right, _) = self.opposite(&powers, &of_above, above.end, left);
        let (below, _) = self.opposite(&powers, &of_left, left.end, above);
        [below, right]
    }

    /// As [`onward`](Self::onward), with the derivatives of both edges by `δ`; the first entries of these
    /// are not used. `take_below` gets the edge below before the right one is computed, since the
    /// registers do not hold both with their derivatives.
    #[inline(always)]
    pub(super) fn onward_with_slopes(
        &self,
        delta: T::Vector<S>,
        left: &Edge<T::Vector<S>, W>,
        above: &Edge<T::Vector<S>, W>,
        take_below: impl FnOnce(VectorEdge<T, S, W>, Vectors<T, S, W>),
    ) -> (VectorEdge<T, S, W>, Vectors<T, S, W>) {
        let powers = self.powers(delta);
        let [of_left, of_above] = self.sums(left, above);
        let (below, slopes) = self.opposite(&powers, &of_left, left.end, above);
        take_below(below, slopes);
        self.opposite(&powers, &of_above, above.end, left)
    }

    /// The sums `A` of two edges.
    #[inline(always)]
    fn sums(
        &self,
        left: &Edge<T::Vector<S>, W>,
        above: &Edge<T::Vector<S>, W>,
    ) -> [[T::Vector<S>; W]; 2] {
        let (simd, order) = (self.simd, self.order());
        let (count, table) = (order + 1, &self.tables.edge[..order * order]);
        let (left, above) = (&left.coefficients, &above.coefficients);
        let (mut of_left, mut of_above) = ([left[0]; W], [above[0]; W]);
        self.each(
            #[inline(always)]
            |k| {
                for n in 1..count {
                    let factor = table[(k - 1) * order + n - 1];
                    of_left[n] = T::mul_add(simd, left[k], factor, of_left[n]);
                    of_above[n] = T::mul_add(simd, above[k], factor, of_above[n]);
                }
            },
        );
        [of_left, of_above]
    }

    /// The edge opposite to `along`, from where the edge between them ends and its sums, and the
    /// derivative.
    #[inline(always)]
    fn opposite(
        &self,
        powers: &[T::Vector<S>; W],
        sums: &[T::Vector<S>; W],
        start: T::Vector<S>,
        along: &Edge<T::Vector<S>, W>,
    ) -> (VectorEdge<T, S, W>, Vectors<T, S, W>) {
        let (simd, count) = (self.simd, self.order() + 1);
        let mut edge = along.coefficients;
        for m in 1..count - 1 {
            for n in m + 1..count {
                let before = along.coefficients[n - m];
                edge[n] = T::mul_add(simd, powers[m], before, edge[n]);
            }
        }
        let mut slopes = *sums;
        for n in 2..count {
            slopes[n] = T::mul_add(simd, powers[n - 1], sums[n], edge[n - 1]);
        }
        edge[0] = start;
        let (weights, mut end) = (&self.tables.factorial[..count], start);
        for n in 1..count {
            edge[n] = T::mul_add(simd, powers[n], sums[n], edge[n]);
            end = T::mul_add(simd, edge[n], weights[n], end);
        }
        let edge = Edge {
            coefficients: edge,
            end,
        };
        (edge, slopes)
    }

    /// From the gradients of the edges below and on the right to those of the edges on the left and
    /// above, and that of `δ`, with the derivatives by `δ` of the first two, from order 1 on.
    #[inline(always)]
    pub(super) fn backward(
        &self,
        delta: T::Vector<S>,
        slopes: [&[T::Vector<S>]; 2],
        of_below: &Edge<T::Vector<S>, W>,
        of_right: &Edge<T::Vector<S>, W>,
    ) -> ([VectorEdge<T, S, W>; 2], T::Vector<S>) {
        let (simd, order, powers) = (self.simd, self.order(), self.powers(delta));
        let count = order + 1;
        let [below_slopes, right_slopes] = slopes.map(|slopes| &slopes[..order]);
        let weights = &self.tables.factorial[..count];
        let (mut below, mut right) = (of_below.coefficients, of_right.coefficients);
        below[0] = T::plus(simd, below[0], of_below.end);
        right[0] = T::plus(simd, right[0], of_right.end);
        for n in 1..count {
            below[n] = T::mul_add(simd, of_below.end, weights[n], below[n]);
            right[n] = T::mul_add(simd, of_right.end, weights[n], right[n]);
        }
        let mut by_below = T::times(simd, below[1], below_slopes[0]);
        let mut by_right = T::times(simd, right[1], right_slopes[0]);
        for n in 2..count {
            by_below = T::mul_add(simd, below[n], below_slopes[n - 1], by_below);
            by_right = T::mul_add(simd, right[n], right_slopes[n - 1], by_right);
        }
        let [left, above] = self.opposite_adjoints(delta, &powers, &below, &right);
        let edges = [
            Edge {
                coefficients: left,
                end: below[0],
            },
            Edge {
                coefficients: above,
                end: right[0],
            },
        ];
        (edges, T::plus(simd, by_below, by_right))
    }

    /// The gradients of the edges on the left and above, from those of the edges below and on the right.
    /// The left edge goes on as the right one, and the edge below has its sums; the edge above goes on as
    /// the one below, and the right edge has its sums.
    #[inline(always)]
    fn opposite_adjoints(
        &self,
        delta: T::Vector<S>,
        powers: &[T::Vector<S>; W],
        below: &[T::Vector<S>; W],
        right: &[T::Vector<S>; W],
    ) -> [[T::Vector<S>; W]; 2] {
        let (simd, order) = (self.simd, self.order());
        let (count, table) = (order + 1, &self.tables.edge_adjoint[..order * (order + 1)]);
        // Those of the sums, divided by δ.
        let [mut left, mut above] = [[self.number(0.0); W]; 2];
        self.each(
            #[inline(always)]
            |n| {
                let factors = &table[(n - 1) * count..][..count];
                if n == 1 {
                    for k in 0..count {
                        left[k] = T::times(simd, below[1], factors[k]);
                        above[k] = T::times(simd, right[1], factors[k]);
                    }
                    return;
                }
                let of_left = T::times(simd, powers[n - 1], below[n]);
                let of_above = T::times(simd, powers[n - 1], right[n]);
                for k in 0..count {
                    left[k] = T::mul_add(simd, of_left, factors[k], left[k]);
                    above[k] = T::mul_add(simd, of_above, factors[k], above[k]);
                }
            },
        );
        left[0] = T::times(simd, delta, left[0]);
        above[0] = T::times(simd, delta, above[0]);
        for k in 1..count {
            left[k] = T::mul_add(simd, delta, left[k], right[k]);
            above[k] = T::mul_add(simd, delta, above[k], below[k]);
        }
        self.each(
            #[inline(always)]
            |m| {
                for k in 1..count - m {
                    left[k] = T::mul_add(simd, powers[m], right[k + m], left[k]);
                    above[k] = T::mul_add(simd, powers[m], below[k + m], above[k]);
                }
            },
        );
        [left, above]
    }
}
