//! The signatures of paths or of their segments, or of all prefixes.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use super::chain::{horner, inverse};
use super::place::{Place, Sizes, place};
use super::stage::{Source, column_increments, prefix_increments, row_increment, stage};
use super::state::{State, zero_state};
use super::terms::{Terms, Words, terms, words};
use crate::backends::cubecl::plan::{Block, Memory};

/// `[paths, segments, terms]`, or with `stream` `[paths, steps, terms]`.
#[cube(launch, address_type = "dynamic")]
pub(crate) fn forward_kernel<F: Float, O: Float, A: Float>(
    path: &Tensor<F>,
    initial: &Tensor<F>,
    output: &mut [O],
    sizes: Sizes,
    #[comptime] block: Block,
    #[comptime] memory: Memory,
    #[comptime] stream: bool,
    #[define(F, O, A)] _dtypes: [ElemType; 3],
) {
    let mut staged = Shared::<[A]>::new_slice(comptime!(memory.increments.max(1)));
    let cols = comptime!(block.cols);
    let place = place(&sizes);
    let words = words(&place, &sizes, block);

    let mut state = zero_state::<A>(block);
    let mut top = Array::<A>::new(comptime!(block.rows * block.cols));
    if sizes.continued == 1 && place.segment == 0 {
        let from = terms(&words, &sizes, sizes.initial_reversed == 1, block);
        state.load_initial::<F>(initial, &place, &from, block);
        load_initial::<F, A>(initial, &mut top, &place, &words, &from, &sizes, block);
    }

    let width = sizes.col_tiles * cols;
    let half = sizes.cube_paths * sizes.chunk * width;
    let mut step = place.first;
    let mut parity = 0usize;
    while step < place.last {
        let count = min(sizes.chunk, place.last - step);
        if comptime!(memory.increments > 0) {
            stage::<F, A>(
                path,
                &mut staged,
                parity * half,
                step,
                count,
                sizes.chunk,
                &place,
                &sizes,
                cols,
            );
            sync_cube();
        }
        let base = parity * half + place.slot * sizes.chunk * width;
        for s in 0..count {
            let source = Source {
                base: base + s * width,
                row: place.path,
                step: step + s,
            };
            if place.active {
                one_step::<F, A>(
                    path, &staged, &source, &words, &mut state, &mut top, &sizes, block, memory,
                );
                if comptime!(stream) {
                    let written = terms(&words, &sizes, sizes.output_reversed == 1, block);
                    let to = (place.path * sizes.steps + source.step) * sizes.terms;
                    write::<O, A>(output, to, &words, &written, &state, &top, &sizes, block);
                }
            }
        }
        step += count;
        parity = 1 - parity;
    }
    if comptime!(!stream) {
        if place.active {
            let written = terms(&words, &sizes, sizes.output_reversed == 1, block);
            let to = (place.path * sizes.segments + place.segment) * sizes.terms;
            write::<O, A>(output, to, &words, &written, &state, &top, &sizes, block);
        }
    }
}

/// The block of an initial signature.
#[cube]
fn load_initial<F: Float, A: Float>(
    initial: &Tensor<F>,
    top: &mut Array<A>,
    place: &Place,
    words: &Words,
    from: &Terms,
    sizes: &Sizes,
    #[comptime] block: Block,
) {
    let base = place.path * initial.stride(0);
    #[unroll]
    for r in 0..comptime!(block.rows) {
        #[unroll]
        for c in 0..comptime!(block.cols) {
            if words.col + c < sizes.channels {
                let term = from.top + r * from.top_row + c * from.top_col;
                top[comptime!(r * block.cols + c)] =
                    A::cast_from(initial[base + term * initial.stride(1)]);
            }
        }
    }
}

/// A step of the block, and then of the levels below it.
#[cube]
fn one_step<F: Float, A: Float>(
    path: &Tensor<F>,
    staged: &Shared<[A]>,
    source: &Source,
    words: &Words,
    state: &mut State<A>,
    top: &mut Array<A>,
    sizes: &Sizes,
    #[comptime] block: Block,
    #[comptime] memory: Memory,
) {
    let (depth, rows, cols) = comptime!((block.depth, block.rows, block.cols));
    let z_col = column_increments::<F, A>(path, staged, source, words, sizes, block, memory);
    if comptime!(depth == 1) {
        #[unroll]
        for c in 0..cols {
            top[c] += z_col[c];
        }
    } else {
        let z = prefix_increments::<F, A>(path, staged, source, words, sizes, block, memory);
        let h_top =
            horner::<A>(&state.chain, &z, depth, comptime!(block.prefix())) * inverse::<A>(2usize);
        #[unroll]
        for r in 0..rows {
            let z_row =
                row_increment::<F, A>(path, staged, source, words, &z_col, r, sizes, block, memory);
            let h = state.row[r] + h_top * z_row;
            #[unroll]
            for c in 0..cols {
                top[comptime!(r * cols + c)] += h * z_col[c];
            }
        }
        state.walk::<F>(path, staged, source, words, sizes, block, memory);
    }
}

#[cube]
fn write<O: Float, A: Float>(
    output: &mut [O],
    base: usize,
    words: &Words,
    terms: &Terms,
    state: &State<A>,
    top: &Array<A>,
    sizes: &Sizes,
    #[comptime] block: Block,
) {
    let (rows, cols) = comptime!((block.rows, block.cols));
    #[unroll]
    for k in 0..comptime!(block.prefix()) {
        if k + 1 >= words.owned_from {
            output[base + terms.prefixes[k]] = O::cast_from(state.chain[k]);
        }
    }
    if comptime!(block.depth > 1) {
        if words.owns_rows {
            #[unroll]
            for r in 0..rows {
                output[base + terms.row + r * terms.row_stride] = O::cast_from(state.row[r]);
            }
        }
    }
    #[unroll]
    for r in 0..rows {
        #[unroll]
        for c in 0..cols {
            if words.col + c < sizes.channels {
                let term = terms.top + r * terms.top_row + c * terms.top_col;
                output[base + term] = O::cast_from(top[comptime!(r * cols + c)]);
            }
        }
    }
}
