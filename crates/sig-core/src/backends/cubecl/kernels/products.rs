//! Products of the signatures of segments, by Chen's identity.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use super::place::{Sizes, cube_index};

/// From the signatures of segments, `[paths, segments, terms]`, with `every` unset that of the
/// path, `[paths, terms]`; with `every` set the products of the segments before each, and of those
/// after each, `[2, paths, segments, terms]`, up to level `letters`.
///
/// A unit has a word of `letters` letters and carries the terms of its prefixes; for the products
/// of what comes after, all words are read backwards, so that segments are multiplied on from the
/// right, too.
#[cube(launch, address_type = "dynamic")]
pub(crate) fn products_kernel<F: Float, O: Float, A: Float>(
    segments: &[A],
    initial: &Tensor<F>,
    output: &mut [O],
    sizes: Sizes,
    words: usize,
    #[comptime] letters: usize,
    #[comptime] every: bool,
    #[define(F, O, A)] _dtypes: [ElemType; 3],
) {
    let d = sizes.channels;
    let index = cube_index() * CUBE_DIM as usize + UNIT_POS as usize;
    let word = index % words;
    let path = (index / words) % sizes.paths;
    let after = index / (words * sizes.paths);
    let roles = if comptime!(every) { 2usize } else { 1usize };
    if after >= roles {
        terminate!();
    }
    let mirrored = after == 1;

    let mut letter = Array::<usize>::new(letters);
    let mut rest = word;
    let mut zeros = 0usize;
    let mut trailing = true;
    #[unroll]
    for j in 0..letters {
        letter[comptime!(letters - 1 - j)] = rest % d;
        trailing = trailing && rest % d == 0;
        if trailing {
            zeros += 1;
        }
        rest /= d;
    }
    // Of its prefixes it owns those of that many letters and more.
    let owned_from = letters - zeros;

    let mut state = Array::<A>::new(letters);
    if comptime!(every) {
        if sizes.continued == 1 && !mirrored {
            let reversed = sizes.initial_reversed == 1;
            let mut level = 1usize;
            let mut offset = 0usize;
            let mut at = 0usize;
            #[unroll]
            for j in 0..letters {
                at = select(reversed, at + letter[j] * level, at * d + letter[j]);
                let term = path * initial.stride(0) + (offset + at) * initial.stride(1);
                state[j] = A::cast_from(initial[term]);
                level *= d;
                offset += level;
            }
        }
    }
    for i in 0..sizes.segments {
        let segment = select(mirrored, sizes.segments - 1 - i, i);
        let base = (path * sizes.segments + segment) * sizes.terms;
        if comptime!(every) {
            let to = (after * sizes.paths * sizes.segments + path * sizes.segments + segment)
                * sizes.terms;
            write::<O, A>(
                output, to, &letter, &state, owned_from, mirrored, d, letters,
            );
        }
        if i == 0 {
            // The first segment has the initial signature in it.
            #[unroll]
            for j in 0..letters {
                state[j] = A::from_int(0);
            }
        }
        multiply::<A>(segments, base, &letter, &mut state, mirrored, d, letters);
    }
    if comptime!(!every) {
        let reversed = sizes.output_reversed == 1;
        write::<O, A>(
            output,
            path * sizes.terms,
            &letter,
            &state,
            owned_from,
            reversed,
            d,
            letters,
        );
    }
}

/// `S_j ← S_j + Σ_i S_i T_{j−i} + T_j`, from the highest level to the lowest.
#[cube]
fn multiply<A: Float>(
    segments: &[A],
    base: usize,
    letter: &Array<usize>,
    state: &mut Array<A>,
    mirrored: bool,
    d: usize,
    #[comptime] letters: usize,
) {
    #[unroll]
    for top in 0..letters {
        let j = comptime!(letters - 1 - top);
        let mut sum = state[j];
        // The words that end with letter j, from the shortest on.
        let mut level = 1usize;
        let mut offset = 0usize;
        let mut word = 0usize;
        #[unroll]
        for n in 0..comptime!(j + 1) {
            let first = comptime!(j - n);
            word = select(
                mirrored,
                word * d + letter[first],
                letter[first] * level + word,
            );
            let term = segments[base + offset + word];
            if comptime!(first > 0) {
                sum += state[comptime!(first - 1)] * term;
            } else {
                sum += term;
            }
            level *= d;
            offset += level;
        }
        state[j] = sum;
    }
}

#[cube]
fn write<O: Float, A: Float>(
    output: &mut [O],
    base: usize,
    letter: &Array<usize>,
    state: &Array<A>,
    owned_from: usize,
    reversed: bool,
    d: usize,
    #[comptime] letters: usize,
) {
    let mut level = 1usize;
    let mut offset = 0usize;
    let mut word = 0usize;
    #[unroll]
    for j in 0..letters {
        word = select(reversed, word + letter[j] * level, word * d + letter[j]);
        if j + 1 >= owned_from {
            output[base + offset + word] = O::cast_from(state[j]);
        }
        level *= d;
        offset += level;
    }
}
