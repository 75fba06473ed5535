//! The signature of a single increment, `exp(z)`: every word is the one without its last letter
//! times a quotient of that letter's increment, `S(wi) = S(w) z[i] / k`.

use pulp::Simd;

use crate::Real;
use crate::cpu::increments::Steps;
use crate::cpu::simd::vectorize;
use crate::cpu::tiles::{WIDEST, tiles, with_width};
use crate::cpu::tree::Tree;

/// Writes all terms of `tree`, from one step.
pub(super) fn exponential<T: Real, S: Simd>(
    simd: S,
    tree: &Tree,
    z: Steps<'_, T::Vector<S>>,
    state: &mut [T::Vector<S>],
) {
    let d = tree.channels;
    vectorize(
        simd,
        #[inline(always)]
        || {
            if tree.depth > 0 {
                state[..d].copy_from_slice(&z.data().0[..d]);
            }
            for level in 2..=tree.depth {
                for (first, width) in tiles(d, WIDEST) {
                    with_width!(width, WIDEST, B => {
                        let quotients = z.quotients::<B>(d, level, first);
                        last_letters::<T, S, B>(simd, tree, level, first, quotients, state);
                    });
                }
            }
        },
    );
}

/// The words of a level that end in one of `B` letters from `first` on.
#[inline(always)]
fn last_letters<T: Real, S: Simd, const B: usize>(
    simd: S,
    tree: &Tree,
    level: usize,
    first: usize,
    quotients: &[T::Vector<S>; B],
    state: &mut [T::Vector<S>],
) {
    let (lower, upper) = state.split_at_mut(tree.offset(level));
    let words = upper[..tree.words(level)].chunks_exact_mut(tree.channels);
    for (&parent, children) in lower[tree.offset(level - 1)..].iter().zip(words) {
        for (child, &quotient) in children[first..][..B].iter_mut().zip(quotients) {
            *child = T::times(simd, parent, quotient);
        }
    }
}
