//! The signatures of paths or of their segments, or of all prefixes.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use super::chain::{advance, horner, inverse};
use super::place::{Sizes, place};
use super::stage::{Source, read, stage};
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
    let (rows, cols) = comptime!((block.rows, block.cols));
    let place = place(&sizes);
    let words = words(&place, &sizes, block);
    let written = terms(&words, &sizes, sizes.output_reversed == 1, block);

    let mut chain = Array::<A>::new(comptime!(block.prefix().max(1)));
    let mut row = Array::<A>::new(rows);
    let mut top = Array::<A>::new(comptime!(block.rows * block.cols));
    if sizes.continued == 1 && place.segment == 0 {
        let read = terms(&words, &sizes, sizes.initial_reversed == 1, block);
        let base = place.path * initial.stride(0);
        let stride = initial.stride(1);
        #[unroll]
        for k in 0..comptime!(block.prefix()) {
            chain[k] = A::cast_from(initial[base + read.prefixes[k] * stride]);
        }
        #[unroll]
        for r in 0..rows {
            if comptime!(block.depth > 1) {
                row[r] = A::cast_from(initial[base + (read.row + r * read.row_stride) * stride]);
            }
            #[unroll]
            for c in 0..cols {
                if words.col + c < sizes.channels {
                    let term = read.top + r * read.top_row + c * read.top_col;
                    top[comptime!(r * cols + c)] = A::cast_from(initial[base + term * stride]);
                }
            }
        }
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
                    path, &staged, &source, &words, &mut chain, &mut row, &mut top, &sizes, block,
                    memory,
                );
                if comptime!(stream) {
                    let to = (place.path * sizes.steps + source.step) * sizes.terms;
                    write::<O, A>(
                        output, to, &words, &written, &chain, &row, &top, &sizes, block,
                    );
                }
            }
        }
        step += count;
        parity = 1 - parity;
    }
    if comptime!(!stream) {
        if place.active {
            let to = (place.path * sizes.segments + place.segment) * sizes.terms;
            write::<O, A>(
                output, to, &words, &written, &chain, &row, &top, &sizes, block,
            );
        }
    }
}

#[cube]
fn one_step<F: Float, A: Float>(
    path: &Tensor<F>,
    staged: &Shared<[A]>,
    source: &Source,
    words: &Words,
    chain: &mut Array<A>,
    row: &mut Array<A>,
    top: &mut Array<A>,
    sizes: &Sizes,
    #[comptime] block: Block,
    #[comptime] memory: Memory,
) {
    let (depth, prefix) = comptime!((block.depth, block.prefix()));
    let (rows, cols) = comptime!((block.rows, block.cols));
    let shared = comptime!(memory.increments > 0);
    let mut z_col = Array::<A>::new(cols);
    #[unroll]
    for c in 0..cols {
        z_col[c] = read::<F, A>(path, staged, source, words.col + c, sizes, shared);
    }
    if comptime!(depth == 1) {
        #[unroll]
        for c in 0..cols {
            top[c] += z_col[c];
        }
    } else {
        let mut z = Array::<A>::new(comptime!(block.prefix().max(1)));
        #[unroll]
        for k in 0..prefix {
            z[k] = read::<F, A>(path, staged, source, words.letters[k], sizes, shared);
        }
        let h_top = horner::<A>(&*chain, &z, depth, prefix) * inverse::<A>(2usize);
        let h_row = horner::<A>(&*chain, &z, comptime!(depth - 1), prefix);
        #[unroll]
        for r in 0..rows {
            let z_row = if comptime!(block.square) {
                z_col[r]
            } else {
                read::<F, A>(path, staged, source, words.row + r, sizes, shared)
            };
            let h = row[r] + h_top * z_row;
            #[unroll]
            for c in 0..cols {
                top[comptime!(r * cols + c)] += h * z_col[c];
            }
            row[r] += h_row * z_row;
        }
        advance::<A>(chain, &z, prefix);
    }
}

#[cube]
fn write<O: Float, A: Float>(
    output: &mut [O],
    base: usize,
    words: &Words,
    terms: &Terms,
    chain: &Array<A>,
    row: &Array<A>,
    top: &Array<A>,
    sizes: &Sizes,
    #[comptime] block: Block,
) {
    let (rows, cols) = comptime!((block.rows, block.cols));
    #[unroll]
    for k in 0..comptime!(block.prefix()) {
        if k + 1 >= words.owned_from {
            output[base + terms.prefixes[k]] = O::cast_from(chain[k]);
        }
    }
    if comptime!(block.depth > 1) {
        if words.owns_rows {
            #[unroll]
            for r in 0..rows {
                output[base + terms.row + r * terms.row_stride] = O::cast_from(row[r]);
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
