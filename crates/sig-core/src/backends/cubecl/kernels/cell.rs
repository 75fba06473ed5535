//! A cell of the grid of a signature kernel, and its adjoint: the arithmetic of one unit.
//!
//! What an edge holds depends on the scheme:
//!
//! - A series of order 1 or more: the coefficients `α_k` of `Σ_k α_k τ^k / k!`, then the value at the
//!   end of the edge. `sig-kernels/src/cpu/goursat/series/tile.rs` has the formulas.
//! - Finite differences, which have order 0. The left edge holds the value at the last vertex of the
//!   cell before, then the value above that vertex. The upper edge holds the value at its end, then
//!   the growth along the row. `sig-kernels/src/cpu/goursat/difference.rs` has the formulas.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use super::chain::reciprocal;

/// An edge on the border of the grid, where the solution is 1.
#[cube]
pub(super) fn border<A: Float>(
    edge: &mut Array<A>,
    #[comptime] order: usize,
    #[comptime] left: bool,
) {
    #[unroll]
    for k in 0..comptime!(order + 2) {
        edge[k] = A::from_int(0);
    }
    edge[0] = A::from_int(1);
    if comptime!(order > 0 || left) {
        edge[comptime!(order + 1)] = A::from_int(1);
    }
}

/// Replaces the left edge by the right one and the upper edge by the lower one. Returns the value at
/// the last vertex.
///
/// `slopes` gets derivatives by `δ`. For finite differences it is the derivative of the growth. For a
/// series they are those of the coefficients of the lower edge, then those of the right edge.
#[cube]
pub(super) fn onward<A: Float>(
    delta: A,
    left: &mut Array<A>,
    above: &mut Array<A>,
    slopes: &mut Array<A>,
    #[comptime] order: usize,
) -> A {
    if comptime!(order == 0) {
        let small = delta * delta * reciprocal::<A>(12usize);
        let large = delta * reciprocal::<A>(2usize) + small;
        let (last, before) = (left[0], left[1]);
        let (value, growth) = (above[0], above[1]);
        let slow = delta * reciprocal::<A>(6usize);
        slopes[0] = (last + value) * (slow + reciprocal::<A>(2usize)) + before * slow;
        let grown = growth + small * before + large * value + large * last;
        left[0] = last + grown;
        left[1] = value;
        above[0] = last + grown;
        above[1] = grown;
        last + grown
    } else {
        let powers = powers::<A>(delta, order);
        let end = comptime!(order + 1);
        let mut below = Array::<A>::new(comptime!(order + 2));
        let mut right = Array::<A>::new(comptime!(order + 2));
        opposite::<A>(&powers, &*left, &*above, &mut below, slopes, 0usize, order);
        opposite::<A>(&powers, &*above, &*left, &mut right, slopes, order, order);
        #[unroll]
        for k in 0..comptime!(order + 2) {
            left[k] = right[k];
            above[k] = below[k];
        }
        (left[end] + above[end]) * reciprocal::<A>(2usize)
    }
}

/// `δ^m / m!`
#[cube]
fn powers<A: Float>(delta: A, #[comptime] order: usize) -> Array<A> {
    let mut powers = Array::<A>::new(comptime!(order + 1));
    let mut power = A::from_int(1);
    powers[0] = power;
    #[unroll]
    for i in 0..order {
        power *= delta * reciprocal::<A>(comptime!(i + 1));
        powers[comptime!(i + 1)] = power;
    }
    powers
}

/// The edge opposite to `along`, which starts at the end of `across`, and its derivatives from a
/// place on.
#[cube]
fn opposite<A: Float>(
    powers: &Array<A>,
    across: &Array<A>,
    along: &Array<A>,
    to: &mut Array<A>,
    slopes: &mut Array<A>,
    #[comptime] at: usize,
    #[comptime] order: usize,
) {
    // What comes from `along` alone, of one order less.
    let mut before = A::from_int(0);
    #[unroll]
    for i in 0..order {
        let n = comptime!(i + 1);
        // Σ_k α_k n! / (n+k)!
        let mut sum = across[order];
        #[unroll]
        for j in 0..order {
            let k = comptime!(order - 1 - j);
            sum = across[k] + sum * reciprocal::<A>(comptime!(n + k + 1));
        }
        let mut own = A::from_int(0);
        #[unroll]
        for m in 0..n {
            own += powers[m] * along[comptime!(n - m)];
        }
        slopes[comptime!(at + i)] = before + powers[i] * sum;
        to[n] = own + powers[n] * sum;
        before = own;
    }
    let start = across[comptime!(order + 1)];
    to[0] = start;
    let mut end = to[order];
    #[unroll]
    for j in 0..order {
        let k = comptime!(order - 1 - j);
        end = to[k] + end * reciprocal::<A>(comptime!(k + 1));
    }
    to[comptime!(order + 1)] = end;
}

/// Replaces the gradient of the right edge by that of the left one, and the gradient of the lower edge
/// by that of the upper one. Returns the gradient of `δ`.
///
/// For finite differences `right` holds two numbers: the gradient from the cells further right in the
/// row, then the gradient of the value above the first vertex of the cell.
#[cube]
pub(super) fn adjoint<A: Float>(
    delta: A,
    slopes: &Array<A>,
    right: &mut Array<A>,
    below: &mut Array<A>,
    #[comptime] order: usize,
) -> A {
    if comptime!(order == 0) {
        let small = delta * delta * reciprocal::<A>(12usize);
        let large = delta * reciprocal::<A>(2usize) + small;
        let last = right[0] + below[0];
        let growth = below[1] + last;
        below[0] = large * growth + right[1];
        below[1] = growth;
        right[0] = last + large * growth;
        right[1] = small * growth;
        growth * slopes[0]
    } else {
        let powers = powers::<A>(delta, order);
        with_end::<A>(right, order);
        with_end::<A>(below, order);
        let mut of_delta = A::from_int(0);
        #[unroll]
        for i in 0..order {
            of_delta += below[comptime!(i + 1)] * slopes[i];
            of_delta += right[comptime!(i + 1)] * slopes[comptime!(order + i)];
        }
        let mut left = Array::<A>::new(comptime!(order + 2));
        let mut above = Array::<A>::new(comptime!(order + 2));
        opposite_adjoint::<A>(&powers, &*below, &*right, &mut left, order);
        opposite_adjoint::<A>(&powers, &*right, &*below, &mut above, order);
        #[unroll]
        for k in 0..comptime!(order + 2) {
            right[k] = left[k];
            below[k] = above[k];
        }
        of_delta
    }
}

/// Adds what the value at the end gives to the gradients of the coefficients.
#[cube]
fn with_end<A: Float>(gradient: &mut Array<A>, #[comptime] order: usize) {
    let mut part = gradient[comptime!(order + 1)];
    gradient[0] += part;
    #[unroll]
    for i in 0..order {
        part *= reciprocal::<A>(comptime!(i + 1));
        gradient[comptime!(i + 1)] += part;
    }
}

/// The gradient of an edge, from the gradients of two others: `across` starts at its end, `along` is
/// opposite to it.
#[cube]
fn opposite_adjoint<A: Float>(
    powers: &Array<A>,
    across: &Array<A>,
    along: &Array<A>,
    to: &mut Array<A>,
    #[comptime] order: usize,
) {
    to[0] = A::from_int(0);
    #[unroll]
    for i in 0..order {
        let k = comptime!(i + 1);
        let mut sum = A::from_int(0);
        #[unroll]
        for m in 0..comptime!(order - i) {
            sum += powers[m] * along[comptime!(k + m)];
        }
        to[k] = sum;
    }
    #[unroll]
    for i in 0..order {
        let n = comptime!(i + 1);
        let mut part = powers[n] * across[n];
        to[0] += part;
        #[unroll]
        for j in 0..order {
            part *= reciprocal::<A>(comptime!(n + j + 1));
            to[comptime!(j + 1)] += part;
        }
    }
    to[comptime!(order + 1)] = across[0];
}
