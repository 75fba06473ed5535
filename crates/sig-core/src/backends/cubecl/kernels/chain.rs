//! The levels below a block, of one unit.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

/// `1/c`.
#[cube]
pub(super) fn reciprocal<A: Float>(#[comptime] c: usize) -> A {
    A::from_int(1) / A::from_int(comptime!(c as i64))
}

/// `h = S_j + … (S_2 + (S_1 + z/k) z/(k−1)) …`, the Horner form of what level `k` gains in a step
/// ([Kidger & Lyons 2021, A.1.3](https://arxiv.org/abs/2001.00706)), along the first `j` letters of
/// the prefix.
#[cube]
pub(super) fn horner<A: Float>(
    chain: &Array<A>,
    z: &Array<A>,
    #[comptime] k: usize,
    #[comptime] j: usize,
) -> A {
    let mut h = A::from_int(1);
    #[unroll]
    for i in 0..j {
        h = chain[i] + h * (z[i] * reciprocal::<A>(comptime!(k - i)));
    }
    h
}

/// A step of the prefixes: level `k` gains `h z`, from the highest to the lowest.
#[cube]
pub(super) fn advance<A: Float>(chain: &mut Array<A>, z: &Array<A>, #[comptime] prefix: usize) {
    #[unroll]
    for i in 0..prefix {
        let k = comptime!(prefix - i);
        let h = horner::<A>(&*chain, z, k, comptime!(k - 1));
        chain[comptime!(k - 1)] += h * z[comptime!(k - 1)];
    }
}

/// The adjoint of [`horner`]: adds to the gradients of the states before the step and of its
/// increment what comes from the gradient of `h`.
#[cube]
pub(super) fn horner_adjoint<A: Float>(
    chain: &Array<A>,
    z: &Array<A>,
    gradient: A,
    chain_gradient: &mut Array<A>,
    z_gradient: &mut Array<A>,
    #[comptime] k: usize,
    #[comptime] j: usize,
) {
    let mut before = Array::<A>::new(comptime!(j.max(1)));
    let mut h = A::from_int(1);
    #[unroll]
    for i in 0..j {
        before[i] = h;
        h = chain[i] + h * (z[i] * reciprocal::<A>(comptime!(k - i)));
    }
    let mut g = gradient;
    #[unroll]
    for i in 0..j {
        let at = comptime!(j - 1 - i);
        chain_gradient[at] += g;
        g *= reciprocal::<A>(comptime!(k - at));
        z_gradient[at] += g * before[at];
        g *= z[at];
    }
}
