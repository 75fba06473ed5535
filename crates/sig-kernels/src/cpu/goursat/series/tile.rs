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

use super::super::{numbers, numbers_mut};
use crate::cpu::scratch::Scratch;
use crate::cpu::simd::{Lanes, vectorize};
use crate::{KernelSolver, Real};

/// Coefficients of an edge at the highest order.
pub(in super::super) const MOST: usize = KernelSolver::MOST_ORDER + 1;

/// Coefficients up to which their number is a constant.
const CONSTANT: usize = 9;

/// The constants of a tile, in the units that [`Tables::fit`] tells. They lie in scratch memory for
/// its alignment: a vector that lies on two lines of the cache takes twice as long to read.
pub(super) struct Tables<T, V> {
    order: usize,
    /// `1/m`, from `m = 0` on, where it is not used.
    inverse: Scratch<V>,
    /// `1/m!`
    factorial: Scaled<T, V>,
    /// `n! / (n+k)!` for `k`, then `n`, in `1..=order`.
    edge: Scaled<T, V>,
    /// `(n−1)! / (n+k)!` for `n` in `1..=order`, then `k` in `0..=order`.
    edge_adjoint: Scaled<T, V>,
    /// `c`
    scale: V,
}

/// Numbers, each with the power of `1/c` that it has in the units of the lanes, and so scaled.
struct Scaled<T, V> {
    numbers: Vec<(T, usize)>,
    vectors: Scratch<V>,
}

impl<T: Real, V: Pod> Scaled<T, V> {
    fn new(numbers: impl Iterator<Item = (f64, usize)>) -> Self {
        let numbers: Vec<_> = numbers
            .map(|(number, power)| (T::nearest(number), power))
            .collect();
        Self {
            vectors: Scratch::filled(numbers.len(), V::zeroed()),
            numbers,
        }
    }
}

impl<T: Real, V: Pod> Tables<T, V> {
    pub(super) fn new<S>(simd: S, order: usize) -> Self
    where
        S: Simd,
        T: Lanes<Vector<S> = V>,
    {
        let product = |range: core::ops::RangeInclusive<usize>| {
            range.map(|i| 1.0 / i as f64).product::<f64>()
        };
        let inverse = |m: usize| T::splat(simd, T::nearest(1.0 / m.max(1) as f64));
        let edge = |k: usize| (1..=order).map(move |n| (product(n + 1..=n + k), k));
        let adjoint = |n: usize| (0..=order).map(move |k| (product(n..=n + k), k));
        Self {
            order,
            inverse: Scratch::copy_of(&(0..=order).map(inverse).collect::<Vec<_>>()),
            factorial: Scaled::new((0..=order).map(|m| (product(1..=m), m))),
            edge: Scaled::new((1..=order).flat_map(edge)),
            edge_adjoint: Scaled::new((1..=order).flat_map(adjoint)),
            scale: V::zeroed(),
        }
    }

    /// Goes over to other units: `δ` comes multiplied by powers of two `c`, and the coefficients of
    /// order `k` are then multiplied by `c^k`, which changes no digit of any. Where `c` is about
    /// `1/max |δ|` they are not so small that a processor computes with them at a hundredth of its
    /// speed. Gradients of the coefficients are multiplied by `c^{-k}`, so as a whole by the
    /// [`weight`](Self::weight).
    pub(super) fn fit<S>(&mut self, simd: S, scale: V)
    where
        S: Simd,
        T: Lanes<Vector<S> = V>,
    {
        if bytemuck::bytes_of(&scale) == bytemuck::bytes_of(&self.scale) {
            return;
        }
        self.scale = scale;
        let inverse = self.powers_of_two(scale, |scale, _| -scale.exponent());
        vectorize(
            simd,
            #[inline(always)]
            || {
                let mut powers = [T::splat(simd, T::nearest(1.0)); MOST];
                for k in 1..=self.order {
                    powers[k] = T::times(simd, powers[k - 1], inverse);
                }
                for table in [&mut self.factorial, &mut self.edge, &mut self.edge_adjoint] {
                    for (vector, &(number, power)) in table.vectors.iter_mut().zip(&table.numbers) {
                        *vector = T::times(simd, T::splat(simd, number), powers[power]);
                    }
                }
            },
        );
    }

    /// `c^order` or, where the kernels are large, less, and the inverse.
    pub(super) fn weight(&self, kernels: V) -> [V; 2] {
        let order = self.order as i32;
        let exponent = |kernel: T, scale: T| {
            let most = (T::LARGE - kernel.exponent().max(0)).max(0);
            (order * scale.exponent()).clamp(0, most)
        };
        [1, -1]
            .map(|sign| self.powers_of_two(kernels, |kernel, scale| sign * exponent(kernel, scale)))
    }

    /// Of each lane the power of two with the exponent that `exponent` makes of a number and of `c`.
    fn powers_of_two(&self, of: V, exponent: impl Fn(T, T) -> i32) -> V {
        let mut powers = of;
        let lanes = numbers_mut::<T, _>(&mut powers).iter_mut();
        for (number, &scale) in lanes.zip(numbers::<T, _>(&self.scale)) {
            *number = T::power_of_two(exponent(*number, scale));
        }
        powers
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
    tables: &'a Tables<T, T::Vector<S>>,
}

impl<T: Real, S: Simd, const W: usize> Clone for Tile<'_, T, S, W> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Real, S: Simd, const W: usize> Copy for Tile<'_, T, S, W> {}

impl<'a, T: Real, S: Simd, const W: usize> Tile<'a, T, S, W> {
    pub(super) fn new(simd: S, tables: &'a Tables<T, T::Vector<S>>) -> Self {
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

    /// From the edges on the left and above to those below and on the right, with the derivatives of
    /// both by `δ`; the first entries of these are not used. `take_below` gets the edge below before
    /// the right one is computed, since the registers do not hold both.
    #[inline(always)]
    pub(super) fn onward(
        &self,
        delta: T::Vector<S>,
        left: &Edge<T::Vector<S>, W>,
        above: &Edge<T::Vector<S>, W>,
        take_below: impl FnOnce(VectorEdge<T, S, W>, Vectors<T, S, W>),
    ) -> (VectorEdge<T, S, W>, Vectors<T, S, W>) {
        let powers = self.powers(delta);
        let of_left = self.sum(left);
        let (below, slopes) = self.opposite(&powers, &of_left, left.end, above);
        take_below(below, slopes);
        let of_above = self.sum(above);
        self.opposite(&powers, &of_above, above.end, left)
    }

    /// The sums `A` of an edge.
    #[inline(always)]
    fn sum(&self, edge: &Edge<T::Vector<S>, W>) -> [T::Vector<S>; W] {
        let (simd, order) = (self.simd, self.order());
        let (count, table) = (order + 1, &self.tables.edge.vectors[..order * order]);
        let edge = &edge.coefficients;
        let mut sums = [edge[0]; W];
        self.each(
            #[inline(always)]
            |k| {
                for n in 1..count {
                    sums[n] = T::mul_add(simd, edge[k], table[(k - 1) * order + n - 1], sums[n]);
                }
            },
        );
        sums
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
        let (weights, mut end) = (&self.tables.factorial.vectors[..count], start);
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
        let weights = &self.tables.factorial.vectors[..count];
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

    /// Takes the gradients of the edge below and of the right edge, and returns those of the left edge
    /// and of the edge above. The left edge goes on as the right one and enters the sums of the edge
    /// below; the edge above goes on as the one below and enters the sums of the right edge.
    #[inline(always)]
    fn opposite_adjoints(
        &self,
        delta: T::Vector<S>,
        powers: &[T::Vector<S>; W],
        below: &[T::Vector<S>; W],
        right: &[T::Vector<S>; W],
    ) -> [[T::Vector<S>; W]; 2] {
        let (simd, order) = (self.simd, self.order());
        let (count, table) = (
            order + 1,
            &self.tables.edge_adjoint.vectors[..order * (order + 1)],
        );
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
