//! The gradients of what a unit carries, from those of the output.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use super::place::{Place, Sizes};
use super::state::State;
use super::terms::{Terms, Words};
use crate::backends::cubecl::plan::Block;

/// Adds the gradients of the terms that the unit owns.
#[cube]
pub(super) fn add_gradient<F: Float, A: Float>(
    gradient: &Tensor<F>,
    base: usize,
    stride: usize,
    words: &Words,
    terms: &Terms,
    state: &mut State<A>,
    top: &mut Array<A>,
    sizes: &Sizes,
    #[comptime] block: Block,
) {
    let (rows, cols) = comptime!((block.rows, block.cols));
    #[unroll]
    for k in 0..comptime!(block.prefix()) {
        if k + 1 >= words.owned_from {
            state.chain[k] += A::cast_from(gradient[base + terms.prefixes[k] * stride]);
        }
    }
    if comptime!(block.depth > 1) {
        if words.owns_rows {
            #[unroll]
            for r in 0..rows {
                state.row[r] +=
                    A::cast_from(gradient[base + (terms.row + r * terms.row_stride) * stride]);
            }
        }
    }
    #[unroll]
    for r in 0..rows {
        #[unroll]
        for c in 0..cols {
            if words.col + c < sizes.channels {
                let term = terms.top + r * terms.top_row + c * terms.top_col;
                top[comptime!(r * cols + c)] += A::cast_from(gradient[base + term * stride]);
            }
        }
    }
}

/// From the gradients of the whole path's terms to those of the terms where the segment ends: the
/// signature is theirs times that of what comes after, so a term's gradient goes to each prefix of
/// its word, times the term of the rest.
#[cube]
pub(super) fn through_later<A: Float>(
    around: &[A],
    place: &Place,
    words: &Words,
    state: &mut State<A>,
    top: &Array<A>,
    sizes: &Sizes,
    #[comptime] block: Block,
) {
    let (prefix, rows, cols) = comptime!((block.prefix(), block.rows, block.cols));
    let d = sizes.channels;
    let half = sizes.paths * sizes.segments * sizes.terms;
    let base = half + (place.path * sizes.segments + place.segment) * sizes.terms;
    // The gradients of longer words are read before they change themselves, so shorter ones come
    // first.
    #[unroll]
    for k in 0..prefix {
        // The word of the letters behind the first k + 1, and where its level starts.
        let mut word = 0usize;
        let mut level = 1usize;
        let mut offset = 0usize;
        let mut sum = A::from_int(0);
        #[unroll]
        for j in comptime!(k + 1)..prefix {
            word = word * d + words.letters[j];
            sum += state.chain[j] * around[base + offset + word];
            level *= d;
            offset += level;
        }
        #[unroll]
        for r in 0..rows {
            let with_row = word * d + words.row + r;
            sum += state.row[r] * around[base + offset + with_row];
            #[unroll]
            for c in 0..cols {
                if words.col + c < d {
                    let term = offset + level * d + with_row * d + words.col + c;
                    sum += top[comptime!(r * cols + c)] * around[base + term];
                }
            }
        }
        state.chain[k] += sum;
    }
    #[unroll]
    for r in 0..comptime!(block.state_rows()) {
        #[unroll]
        for c in 0..cols {
            if words.col + c < d {
                state.row[r] += top[comptime!(r * cols + c)] * around[base + words.col + c];
            }
        }
    }
}

/// Writes the gradients of the block to those of the initial signature.
#[cube]
pub(super) fn write_initial<F: Float, A: Float>(
    gradient: &mut [F],
    top: &Array<A>,
    place: &Place,
    words: &Words,
    terms: &Terms,
    sizes: &Sizes,
    #[comptime] block: Block,
) {
    #[unroll]
    for r in 0..comptime!(block.rows) {
        #[unroll]
        for c in 0..comptime!(block.cols) {
            if words.col + c < sizes.channels {
                let term = terms.top + r * terms.top_row + c * terms.top_col;
                gradient[place.path * sizes.terms + term] =
                    F::cast_from(top[comptime!(r * block.cols + c)]);
            }
        }
    }
}
