//! Products of the signatures of segments, by Chen's identity.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use super::unit::cube_index;
use crate::backends::cubecl::plan::Sizes;

/// From the signatures of segments, `[paths, segments, terms]`, with `every` unset that of the
/// path, `[paths, terms]`; with `every` set the products of the segments before each, and of those
/// after each, `[2, paths, segments, terms]`, up to level `letters`.
///
/// A unit has a word of `letters` letters and carries the terms of its prefixes; for the products
/// of what comes after, all words are read backwards, so that segments are multiplied on from the
/// right, too.
#[cube(launch, address_type = "dynamic")]
pub(crate) fn products_kernel<O: Float, A: Float>(
    segments: &[A],
    output: &mut [O],
    sizes: Sizes,
    words: usize,
    #[comptime] letters: usize,
    #[comptime] every: bool,
    #[define(O, A)] _dtypes: [ElemType; 2],
) {
    let index = cube_index() * CUBE_DIM as usize + UNIT_POS as usize;
    let path = (index / words) % sizes.paths;
    let after = index / (words * sizes.paths);
    let roles = if comptime!(every) { 2usize } else { 1usize };
    if after >= roles {
        terminate!();
    }
    let word = Word::new(index % words, after == 1, sizes.channels, letters);
    let mut state = Array::<A>::new(letters);
    for i in 0..sizes.segments {
        let segment = select(word.mirrored, sizes.segments - 1 - i, i);
        let base = (path * sizes.segments + segment) * sizes.terms;
        if comptime!(every) {
            let to = ((after * sizes.paths + path) * sizes.segments + segment) * sizes.terms;
            word.write::<O, A>(output, to, &state);
        }
        word.multiply::<A>(segments, base, &mut state);
    }
    if comptime!(!every) {
        word.write::<O, A>(output, path * sizes.terms, &state);
    }
}

/// The word of a unit.
#[derive(CubeType)]
struct Word {
    letters: Array<usize>,
    /// Of its prefixes it owns those of that many letters and more.
    owned_from: usize,
    /// Whether words are read backwards.
    mirrored: bool,
    channels: usize,
    #[cube(comptime)]
    len: usize,
}

#[cube]
impl Word {
    fn new(index: usize, mirrored: bool, channels: usize, #[comptime] len: usize) -> Self {
        let mut letters = Array::<usize>::new(len);
        let mut rest = index;
        let mut zeros = 0usize;
        let mut trailing = true;
        #[unroll]
        for j in 0..len {
            letters[comptime!(len - 1 - j)] = rest % channels;
            trailing = trailing && rest % channels == 0;
            if trailing {
                zeros += 1;
            }
            rest /= channels;
        }
        Word {
            letters,
            owned_from: len - zeros,
            mirrored,
            channels,
            len,
        }
    }

    /// `S_j ← S_j + Σ_i S_i T_{j−i} + T_j`, from the highest level to the lowest.
    fn multiply<A: Float>(&self, segments: &[A], base: usize, state: &mut Array<A>) {
        #[unroll]
        for top in 0..comptime!(self.len) {
            let j = comptime!(self.len - 1 - top);
            let mut sum = state[j];
            // The words that end with letter j, from the shortest on.
            let mut level = 1usize;
            let mut offset = 0usize;
            let mut word = 0usize;
            #[unroll]
            for n in 0..comptime!(j + 1) {
                let first = comptime!(j - n);
                let letter = self.letters[first];
                word = select(
                    self.mirrored,
                    word * self.channels + letter,
                    letter * level + word,
                );
                let term = segments[base + offset + word];
                if comptime!(first > 0) {
                    sum += state[comptime!(first - 1)] * term;
                } else {
                    sum += term;
                }
                level *= self.channels;
                offset += level;
            }
            state[j] = sum;
        }
    }

    /// Writes the terms of the prefixes that it owns.
    fn write<O: Float, A: Float>(&self, output: &mut [O], base: usize, state: &Array<A>) {
        let mut level = 1usize;
        let mut offset = 0usize;
        let mut word = 0usize;
        #[unroll]
        for j in 0..comptime!(self.len) {
            let letter = self.letters[j];
            word = select(
                self.mirrored,
                word + letter * level,
                word * self.channels + letter,
            );
            if j + 1 >= self.owned_from {
                output[base + offset + word] = O::cast_from(state[j]);
            }
            level *= self.channels;
            offset += level;
        }
    }
}
