//! The gradients of increments, and of the states that segments start from.
//!
//! The loss is a sum over the terms that units own, and each unit differentiates its own share
//! through its own copy of the levels below its block: only what the increments gain is summed over
//! units. The gradient of the block is constant in time, the block itself is never needed, and the
//! levels below are walked a first time to leave a checkpoint every few steps.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use super::chain::{advance, horner, horner_adjoint, inverse};
use super::place::{Place, Sizes, place};
use super::reduce::reduce;
use super::stage::{Source, read, stage};
use super::terms::{Terms, Words, terms, words};
use crate::backends::cubecl::plan::{Block, Memory};

/// From the gradient of the output, `[paths, terms]` or with `stream` `[paths, steps, terms]`:
///
/// - `increments`: `[tiles, paths, steps, channels]`;
/// - `starts`: of the initial signature's levels below the top, the share of each unit,
///   `[paths, prefixes and rows, units]`;
/// - `initial_gradient`: its top level, `[paths, terms]`.
///
/// `before` and `after` are the products of the segments before and after each, `[2, paths,
/// segments, terms]`; `checkpoints` is scratch, `[paths, segments, checkpoints, prefixes and rows,
/// units]`.
#[cube(launch, address_type = "dynamic")]
pub(crate) fn backward_kernel<F: Float, A: Float>(
    path: &Tensor<F>,
    initial: &Tensor<F>,
    output_gradient: &Tensor<F>,
    around: &[A],
    checkpoints: &mut [A],
    increments: &mut [A],
    starts: &mut [A],
    initial_gradient: &mut [F],
    sizes: Sizes,
    #[comptime] block: Block,
    #[comptime] memory: Memory,
    #[comptime] stream: bool,
    #[define(F, A)] _dtypes: [ElemType; 2],
) {
    let mut staged = Shared::<[A]>::new_slice(comptime!(memory.increments.max(1)));
    let mut parts = Shared::<[A]>::new_slice(comptime!(memory.parts));
    let (prefix, rows, cols) = comptime!((block.prefix(), block.rows, block.cols));
    let (state_len, entries) = comptime!((block.state(), block.entries()));
    let every = comptime!(block.checkpoint());
    let place = place(&sizes);
    let words = words(&place, &sizes, block);
    let given = terms(&words, &sizes, sizes.output_reversed == 1, block);

    // Forwards, leaving checkpoints.
    let mut chain = Array::<A>::new(comptime!(block.prefix().max(1)));
    let mut row = Array::<A>::new(rows);
    start::<F, A>(
        initial, around, &place, &words, &mut chain, &mut row, &sizes, block,
    );
    let width = sizes.col_tiles * cols;
    let base = place.slot * every * width;
    let of_segment = sizes.segment_steps.div_ceil(every);
    let count = (place.last - min(place.first, place.last)).div_ceil(every);
    let saved = (place.path * sizes.segments + place.segment) * of_segment;
    for checkpoint in 0..count {
        let first = place.first + checkpoint * every;
        let steps = min(every, place.last - first);
        if place.active {
            let at = (saved + checkpoint) * state_len * sizes.units + place.unit;
            #[unroll]
            for k in 0..prefix {
                checkpoints[at + k * sizes.units] = chain[k];
            }
            #[unroll]
            for r in 0..comptime!(block.state() - block.prefix()) {
                checkpoints[at + (prefix + r) * sizes.units] = row[r];
            }
        }
        if checkpoint + 1 < count {
            if comptime!(memory.increments > 0) {
                sync_cube();
                stage::<F, A>(
                    path,
                    &mut staged,
                    0,
                    first,
                    steps,
                    every,
                    &place,
                    &sizes,
                    cols,
                );
                sync_cube();
            }
            for s in 0..steps {
                let source = Source {
                    base: base + s * width,
                    row: place.path,
                    step: first + s,
                };
                walk::<F, A>(
                    path, &staged, &source, &words, &mut chain, &mut row, &sizes, block, memory,
                );
            }
        }
    }

    // The gradients of the states where the segment ends.
    let mut chain_gradient = Array::<A>::new(comptime!(block.prefix().max(1)));
    let mut row_gradient = Array::<A>::new(rows);
    let mut top_gradient = Array::<A>::new(comptime!(block.rows * block.cols));
    if comptime!(!stream) {
        if place.active {
            let from = place.path * output_gradient.stride(0);
            add_gradient::<F, A>(
                output_gradient,
                from,
                output_gradient.stride(1),
                &words,
                &given,
                &mut chain_gradient,
                &mut row_gradient,
                &mut top_gradient,
                &sizes,
                block,
            );
        }
        if comptime!(block.split) {
            through_later::<A>(
                around,
                &place,
                &words,
                &mut chain_gradient,
                &mut row_gradient,
                &top_gradient,
                &sizes,
                block,
            );
        }
    }

    // Backwards.
    let mut states = Array::<A>::new(comptime!((block.state() * block.checkpoint()).max(1)));
    let mut slot = 0usize;
    for back in 0..count {
        let checkpoint = count - 1 - back;
        let first = place.first + checkpoint * every;
        let steps = min(every, place.last - first);
        if comptime!(memory.increments > 0) {
            sync_cube();
            stage::<F, A>(
                path,
                &mut staged,
                0,
                first,
                steps,
                every,
                &place,
                &sizes,
                cols,
            );
            sync_cube();
        }
        let at = (saved + checkpoint) * state_len * sizes.units + place.unit;
        #[unroll]
        for k in 0..prefix {
            chain[k] = checkpoints[at + k * sizes.units];
        }
        #[unroll]
        for r in 0..comptime!(block.state() - block.prefix()) {
            row[r] = checkpoints[at + (prefix + r) * sizes.units];
        }
        for s in 0..steps {
            #[unroll]
            for k in 0..prefix {
                states[s * state_len + k] = chain[k];
            }
            #[unroll]
            for r in 0..comptime!(block.state() - block.prefix()) {
                states[s * state_len + prefix + r] = row[r];
            }
            let source = Source {
                base: base + s * width,
                row: place.path,
                step: first + s,
            };
            walk::<F, A>(
                path, &staged, &source, &words, &mut chain, &mut row, &sizes, block, memory,
            );
        }
        for done in 0..steps {
            let s = steps - 1 - done;
            let source = Source {
                base: base + s * width,
                row: place.path,
                step: first + s,
            };
            #[unroll]
            for k in 0..prefix {
                chain[k] = states[s * state_len + k];
            }
            #[unroll]
            for r in 0..comptime!(block.state() - block.prefix()) {
                row[r] = states[s * state_len + prefix + r];
            }
            if comptime!(stream) {
                if place.active {
                    let from = place.path * output_gradient.stride(0)
                        + source.step * output_gradient.stride(1);
                    add_gradient::<F, A>(
                        output_gradient,
                        from,
                        output_gradient.stride(2),
                        &words,
                        &given,
                        &mut chain_gradient,
                        &mut row_gradient,
                        &mut top_gradient,
                        &sizes,
                        block,
                    );
                }
            }
            let part = slot * entries * CUBE_DIM as usize + UNIT_POS as usize;
            step_adjoint::<F, A>(
                path,
                &staged,
                &source,
                &words,
                &chain,
                &row,
                &mut chain_gradient,
                &mut row_gradient,
                &top_gradient,
                &mut parts,
                part,
                &sizes,
                block,
                memory,
            );
            slot += 1;
            if slot == sizes.chunk || source.step == place.first {
                sync_cube();
                reduce::<A>(
                    &parts,
                    increments,
                    source.step + slot - 1,
                    slot,
                    &place,
                    &sizes,
                    block,
                );
                sync_cube();
                slot = 0;
            }
        }
    }

    if sizes.continued == 1 && place.active && place.segment == 0 {
        let at = place.path * state_len * sizes.units + place.unit;
        #[unroll]
        for k in 0..prefix {
            starts[at + k * sizes.units] = chain_gradient[k];
        }
        #[unroll]
        for r in 0..comptime!(block.state() - block.prefix()) {
            starts[at + (prefix + r) * sizes.units] = row_gradient[r];
        }
        #[unroll]
        for r in 0..rows {
            #[unroll]
            for c in 0..cols {
                if words.col + c < sizes.channels {
                    let term = given.top + r * given.top_row + c * given.top_col;
                    initial_gradient[place.path * sizes.terms + term] =
                        F::cast_from(top_gradient[comptime!(r * cols + c)]);
                }
            }
        }
    }
}

/// The state at the start of the segment, below the top.
#[cube]
fn start<F: Float, A: Float>(
    initial: &Tensor<F>,
    around: &[A],
    place: &Place,
    words: &Words,
    chain: &mut Array<A>,
    row: &mut Array<A>,
    sizes: &Sizes,
    #[comptime] block: Block,
) {
    if comptime!(block.split) {
        let at = terms(words, sizes, false, block);
        let base = (place.path * sizes.segments + place.segment) * sizes.terms;
        #[unroll]
        for k in 0..comptime!(block.prefix()) {
            chain[k] = around[base + at.prefixes[k]];
        }
        #[unroll]
        for r in 0..comptime!(block.state() - block.prefix()) {
            row[r] = around[base + at.row + r * at.row_stride];
        }
    } else if sizes.continued == 1 {
        let at = terms(words, sizes, sizes.initial_reversed == 1, block);
        let base = place.path * initial.stride(0);
        let stride = initial.stride(1);
        #[unroll]
        for k in 0..comptime!(block.prefix()) {
            chain[k] = A::cast_from(initial[base + at.prefixes[k] * stride]);
        }
        #[unroll]
        for r in 0..comptime!(block.state() - block.prefix()) {
            row[r] = A::cast_from(initial[base + (at.row + r * at.row_stride) * stride]);
        }
    }
}

/// A step of the levels below the top.
#[cube]
fn walk<F: Float, A: Float>(
    path: &Tensor<F>,
    staged: &Shared<[A]>,
    source: &Source,
    words: &Words,
    chain: &mut Array<A>,
    row: &mut Array<A>,
    sizes: &Sizes,
    #[comptime] block: Block,
    #[comptime] memory: Memory,
) {
    if comptime!(block.depth > 1) {
        let prefix = comptime!(block.prefix());
        let shared = comptime!(memory.increments > 0);
        let mut z = Array::<A>::new(comptime!(block.prefix().max(1)));
        #[unroll]
        for k in 0..prefix {
            z[k] = read::<F, A>(path, staged, source, words.letters[k], sizes, shared);
        }
        let h = horner::<A>(&*chain, &z, comptime!(block.depth - 1), prefix);
        #[unroll]
        for r in 0..comptime!(block.rows) {
            row[r] += h * read::<F, A>(path, staged, source, words.row + r, sizes, shared);
        }
        advance::<A>(chain, &z, prefix);
    }
}

/// Adds the gradients of the terms that the unit owns.
#[cube]
fn add_gradient<F: Float, A: Float>(
    gradient: &Tensor<F>,
    base: usize,
    stride: usize,
    words: &Words,
    terms: &Terms,
    chain: &mut Array<A>,
    row: &mut Array<A>,
    top: &mut Array<A>,
    sizes: &Sizes,
    #[comptime] block: Block,
) {
    let (rows, cols) = comptime!((block.rows, block.cols));
    #[unroll]
    for k in 0..comptime!(block.prefix()) {
        if k + 1 >= words.owned_from {
            chain[k] += A::cast_from(gradient[base + terms.prefixes[k] * stride]);
        }
    }
    if comptime!(block.depth > 1) {
        if words.owns_rows {
            #[unroll]
            for r in 0..rows {
                row[r] +=
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
fn through_later<A: Float>(
    around: &[A],
    place: &Place,
    words: &Words,
    chain: &mut Array<A>,
    row: &mut Array<A>,
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
            sum += chain[j] * around[base + offset + word];
            level *= d;
            offset += level;
        }
        #[unroll]
        for r in 0..rows {
            let with_row = word * d + words.row + r;
            sum += row[r] * around[base + offset + with_row];
            #[unroll]
            for c in 0..cols {
                if words.col + c < d {
                    let term = offset + level * d + with_row * d + words.col + c;
                    sum += top[comptime!(r * cols + c)] * around[base + term];
                }
            }
        }
        chain[k] += sum;
    }
    #[unroll]
    for r in 0..comptime!(block.state() - block.prefix()) {
        #[unroll]
        for c in 0..cols {
            if words.col + c < d {
                row[r] += top[comptime!(r * cols + c)] * around[base + words.col + c];
            }
        }
    }
}

/// The adjoint of a step, `chain` and `row` being the state before it. What its increment gains is
/// put aside.
#[cube]
fn step_adjoint<F: Float, A: Float>(
    path: &Tensor<F>,
    staged: &Shared<[A]>,
    source: &Source,
    words: &Words,
    chain: &Array<A>,
    row: &Array<A>,
    chain_gradient: &mut Array<A>,
    row_gradient: &mut Array<A>,
    top_gradient: &Array<A>,
    parts: &mut Shared<[A]>,
    part: usize,
    sizes: &Sizes,
    #[comptime] block: Block,
    #[comptime] memory: Memory,
) {
    let (depth, prefix) = comptime!((block.depth, block.prefix()));
    let (rows, cols) = comptime!((block.rows, block.cols));
    let shared = comptime!(memory.increments > 0);
    let cube = CUBE_DIM as usize;
    if comptime!(depth == 1) {
        #[unroll]
        for c in 0..cols {
            parts[part + c * cube] = top_gradient[c];
        }
    } else {
        let mut z_col = Array::<A>::new(cols);
        #[unroll]
        for c in 0..cols {
            z_col[c] = read::<F, A>(path, staged, source, words.col + c, sizes, shared);
        }
        let mut z = Array::<A>::new(comptime!(block.prefix().max(1)));
        #[unroll]
        for k in 0..prefix {
            z[k] = read::<F, A>(path, staged, source, words.letters[k], sizes, shared);
        }
        let mut z_gradient = Array::<A>::new(comptime!(block.prefix().max(1)));
        let mut col_gradient = Array::<A>::new(cols);
        let half = inverse::<A>(2usize);
        let h_top = horner::<A>(chain, &z, depth, prefix) * half;
        let h_row = horner::<A>(chain, &z, comptime!(depth - 1), prefix);
        let mut h_top_gradient = A::from_int(0);
        let mut h_row_gradient = A::from_int(0);
        #[unroll]
        for r in 0..rows {
            let z_row = if comptime!(block.square) {
                z_col[r]
            } else {
                read::<F, A>(path, staged, source, words.row + r, sizes, shared)
            };
            let h = row[r] + h_top * z_row;
            let mut g = A::from_int(0);
            #[unroll]
            for c in 0..cols {
                let top = top_gradient[comptime!(r * cols + c)];
                g += top * z_col[c];
                col_gradient[c] += top * h;
            }
            h_top_gradient += g * z_row;
            h_row_gradient += row_gradient[r] * z_row;
            let of_z = g * h_top + row_gradient[r] * h_row;
            row_gradient[r] += g;
            if comptime!(block.square) {
                col_gradient[r] += of_z;
            } else {
                parts[part + (prefix + r) * cube] = of_z;
            }
        }
        // All gradients of the states after the step are read before they become those before it.
        let mut before = Array::<A>::new(comptime!(block.prefix().max(1)));
        #[unroll]
        for k in 0..prefix {
            before[k] = chain_gradient[k];
        }
        horner_adjoint::<A>(
            chain,
            &z,
            h_top_gradient * half,
            &mut before,
            &mut z_gradient,
            depth,
            prefix,
        );
        horner_adjoint::<A>(
            chain,
            &z,
            h_row_gradient,
            &mut before,
            &mut z_gradient,
            comptime!(depth - 1),
            prefix,
        );
        #[unroll]
        for k in 0..prefix {
            let level = comptime!(k + 1);
            z_gradient[k] += chain_gradient[k] * horner::<A>(chain, &z, level, k);
            horner_adjoint::<A>(
                chain,
                &z,
                chain_gradient[k] * z[k],
                &mut before,
                &mut z_gradient,
                level,
                k,
            );
        }
        #[unroll]
        for k in 0..prefix {
            chain_gradient[k] = before[k];
            parts[part + k * cube] = z_gradient[k];
        }
        #[unroll]
        for c in 0..cols {
            parts[part + comptime!(block.entries() - cols + c) * cube] = col_gradient[c];
        }
    }
}
