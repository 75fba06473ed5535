//! The gradients of increments, and of the states that segments start from.
//!
//! The loss is a sum over the terms that units own, and each unit differentiates its own share
//! through its own copy of the levels below its block: only what the increments gain is summed over
//! units. The gradient of the block is constant in time, the block itself is never needed, and the
//! levels below are walked a first time to leave a checkpoint every few steps.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use super::adjoint::step_adjoint;
use super::gradients::{add_gradient, through_later, write_initial};
use super::place::{Place, Sizes, place};
use super::reduce::reduce;
use super::stage::{Source, stage};
use super::state::zero_state;
use super::terms::{terms, words};
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
    let mut sums = Shared::<[A]>::new_slice(comptime!(memory.sums.max(1)));
    let (cols, entries, state_len) = comptime!((block.cols, block.entries(), block.state()));
    let every = comptime!(block.checkpoint());
    let place = place(&sizes);
    let words = words(&place, &sizes, block);
    // Needed in each step of a stream; elsewhere it is worked out where it is needed, and takes no
    // registers between.
    let of_stream = terms(&words, &sizes, sizes.output_reversed == 1, block);
    let width = sizes.col_tiles * cols;
    let base = place.slot * every * width;
    let of_segment = sizes.segment_steps.div_ceil(every);
    let count = (place.last - min(place.first, place.last)).div_ceil(every);
    let saved = (place.path * sizes.segments + place.segment) * of_segment;

    // Forwards, leaving checkpoints.
    let mut state = zero_state::<A>(block);
    if comptime!(block.split) {
        state.load_product(around, &place, &words, &sizes, block);
    } else if sizes.continued == 1 {
        let from = terms(&words, &sizes, sizes.initial_reversed == 1, block);
        state.load_initial::<F>(initial, &place, &from, block);
    }
    for checkpoint in 0..count {
        let first = place.first + checkpoint * every;
        let steps = min(every, place.last - first);
        if place.active {
            let at = (saved + checkpoint) * state_len * sizes.units + place.unit;
            state.save(checkpoints, at, sizes.units, block);
        }
        if checkpoint + 1 < count {
            restage::<F, A>(
                path,
                &mut staged,
                first,
                steps,
                &place,
                &sizes,
                block,
                memory,
            );
            for s in 0..steps {
                let source = Source {
                    base: base + s * width,
                    row: place.path,
                    step: first + s,
                };
                state.walk::<F>(path, &staged, &source, &words, &sizes, block, memory);
            }
        }
    }

    // The gradients of the states where the segment ends.
    let mut gradient = zero_state::<A>(block);
    let mut top_gradient = Array::<A>::new(comptime!(block.rows * block.cols));
    if comptime!(!stream) {
        if place.active {
            let from = place.path * output_gradient.stride(0);
            let stride = output_gradient.stride(1);
            let given = terms(&words, &sizes, sizes.output_reversed == 1, block);
            add_gradient::<F, A>(
                output_gradient,
                from,
                stride,
                &words,
                &given,
                &mut gradient,
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
                &mut gradient,
                &top_gradient,
                &sizes,
                block,
            );
        }
    }

    // Backwards, from checkpoint to checkpoint.
    let mut states = Array::<A>::new(comptime!((block.state() * block.checkpoint()).max(1)));
    let mut slot = 0usize;
    for back in 0..count {
        let checkpoint = count - 1 - back;
        let first = place.first + checkpoint * every;
        let steps = min(every, place.last - first);
        restage::<F, A>(
            path,
            &mut staged,
            first,
            steps,
            &place,
            &sizes,
            block,
            memory,
        );
        let at = (saved + checkpoint) * state_len * sizes.units + place.unit;
        state.load(&*checkpoints, at, sizes.units, block);
        // From one step to the next by what a launch makes 1: unrolled by a compiler that knows it,
        // the loop takes twice the registers and spills some.
        for s in range_stepped(0, steps, CUBE_COUNT_Z as usize) {
            state.save(states.as_mut_slice(), s * state_len, 1, block);
            let source = Source {
                base: base + s * width,
                row: place.path,
                step: first + s,
            };
            state.walk::<F>(path, &staged, &source, &words, &sizes, block, memory);
        }
        for done in 0..steps {
            let s = steps - 1 - done;
            let source = Source {
                base: base + s * width,
                row: place.path,
                step: first + s,
            };
            state.load(states.as_slice(), s * state_len, 1, block);
            if comptime!(stream) {
                if place.active {
                    let from = place.path * output_gradient.stride(0)
                        + source.step * output_gradient.stride(1);
                    let stride = output_gradient.stride(2);
                    add_gradient::<F, A>(
                        output_gradient,
                        from,
                        stride,
                        &words,
                        &of_stream,
                        &mut gradient,
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
                &state,
                &mut gradient,
                &top_gradient,
                &mut parts,
                part,
                &sizes,
                block,
                memory,
            );
            slot += 1;
            if slot == sizes.chunk || source.step == place.first {
                let last = source.step + slot - 1;
                sync_cube();
                reduce::<A>(
                    &parts, &mut sums, increments, last, slot, &place, &sizes, block, memory,
                );
                slot = 0;
            }
        }
    }

    if sizes.continued == 1 && place.active && place.segment == 0 {
        let at = place.path * state_len * sizes.units + place.unit;
        gradient.save(starts, at, sizes.units, block);
        let given = terms(&words, &sizes, sizes.output_reversed == 1, block);
        write_initial::<F, A>(
            initial_gradient,
            &top_gradient,
            &place,
            &words,
            &given,
            &sizes,
            block,
        );
    }
}

/// Puts the steps of a checkpoint into shared memory, once nobody reads those before them any more.
#[cube]
fn restage<F: Float, A: Float>(
    path: &Tensor<F>,
    staged: &mut Shared<[A]>,
    first: usize,
    steps: usize,
    place: &Place,
    sizes: &Sizes,
    #[comptime] block: Block,
    #[comptime] memory: Memory,
) {
    if comptime!(memory.increments > 0) {
        let every = comptime!(block.checkpoint());
        sync_cube();
        stage::<F, A>(
            path,
            staged,
            0,
            first,
            steps,
            every,
            place,
            sizes,
            comptime!(block.cols),
        );
        sync_cube();
    }
}
