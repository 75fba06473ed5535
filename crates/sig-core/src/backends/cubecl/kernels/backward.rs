//! The gradients of increments.
//!
//! The loss is a sum over the terms that units own, and each unit differentiates its own share
//! through its own copy of the levels below its block: only what the increments gain is summed over
//! units. The gradient of the block is constant in time, the block itself is never needed, and the
//! levels below are walked a first time to leave a checkpoint every few steps.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use super::reduce::Parts;
use super::state::State;
use super::terms::Terms;
use super::unit::{Steps, Unit, UnitExpand};
use crate::backends::cubecl::plan::{Block, Memory, Sizes};

/// From the gradient of the output, `[paths, terms]` or with `stream` `[paths, steps, terms]`, to
/// the gradients of increments, `[tiles, paths, steps, channels]`.
///
/// `around` has the products of the segments before and after each, `[2, paths, segments, terms]`;
/// `checkpoints` is scratch, `[paths, segments, checkpoints, prefixes and rows, units]`.
#[cube(launch, address_type = "dynamic")]
pub(crate) fn backward_kernel<F: Float, A: Float>(
    path: &Tensor<F>,
    output_gradient: &Tensor<F>,
    around: &[A],
    checkpoints: &mut [A],
    increments: &mut [A],
    sizes: Sizes,
    #[comptime] block: Block,
    #[comptime] memory: Memory,
    #[comptime] stream: bool,
    #[define(F, A)] _dtypes: [ElemType; 2],
) {
    let unit = Unit::<F, A>::new(path, sizes, block, memory);
    let mut parts = Parts::<A>::new(block, memory);
    let mut state = State::<A>::zero(block);
    if comptime!(block.split) {
        state.load_product::<F>(around, &unit);
    }
    leave_checkpoints::<F, A>(&unit, &mut state, checkpoints);

    let mut gradient = Terms::<A>::zero(block);
    if comptime!(!stream) {
        if unit.place.active {
            let base = unit.place.path * output_gradient.stride(0);
            let stride = output_gradient.stride(1);
            gradient.add::<F>(output_gradient, base, stride, &unit.offsets(), &unit);
        }
        if comptime!(block.split) {
            gradient.through_later::<F>(around, &unit);
        }
    }
    walk_back::<F, A>(
        &unit,
        &mut state,
        &mut gradient,
        output_gradient,
        &*checkpoints,
        &mut parts,
        increments,
        stream,
    );
}

/// Walks the states from the first step to the last checkpoint, and leaves each checkpoint.
#[cube]
fn leave_checkpoints<F: Float, A: Float>(
    unit: &Unit<F, A>,
    state: &mut State<A>,
    checkpoints: &mut [A],
) {
    let count = unit.checkpoints();
    for checkpoint in 0..count {
        if unit.place.active {
            state.save(
                checkpoints,
                unit.checkpoint_at(checkpoint),
                unit.sizes.units,
            );
        }
        if checkpoint + 1 < count {
            let steps = unit.restage(checkpoint);
            for offset in 0..steps.count {
                state.walk::<F>(unit, &unit.step(&steps, offset));
            }
        }
    }
}

/// From checkpoint to checkpoint: restores the states of the steps from one, and takes the gradients
/// back through them.
#[cube]
fn walk_back<F: Float, A: Float>(
    unit: &Unit<F, A>,
    state: &mut State<A>,
    gradient: &mut Terms<A>,
    output_gradient: &Tensor<F>,
    checkpoints: &[A],
    parts: &mut Parts<A>,
    increments: &mut [A],
    #[comptime] stream: bool,
) {
    let block = comptime!(unit.block);
    let state_len = comptime!(block.state());
    let mut states = Array::<A>::new(comptime!((block.state() * block.checkpoint()).max(1)));
    let offsets = unit.offsets();
    let count = unit.checkpoints();
    let mut slot = 0usize;
    for back in 0..count {
        let checkpoint = count - 1 - back;
        let steps = unit.restage(checkpoint);
        state.load(
            checkpoints,
            unit.checkpoint_at(checkpoint),
            unit.sizes.units,
        );
        // From one step to the next by what a launch makes 1: unrolled by a compiler that knows it,
        // the loop takes twice the registers and spills some.
        for offset in range_stepped(0, steps.count, CUBE_COUNT_Z as usize) {
            state.save(states.as_mut_slice(), offset * state_len, 1);
            state.walk::<F>(unit, &unit.step(&steps, offset));
        }
        for done in 0..steps.count {
            let offset = steps.count - 1 - done;
            let step = unit.step(&steps, offset);
            state.load(states.as_slice(), offset * state_len, 1);
            if comptime!(stream) {
                if unit.place.active {
                    let base = unit.place.path * output_gradient.stride(0)
                        + step.index * output_gradient.stride(1);
                    let stride = output_gradient.stride(2);
                    gradient.add::<F>(output_gradient, base, stride, &offsets, unit);
                }
            }
            gradient.walk_back::<F>(unit, &step, &*state, parts, slot);
            slot += 1;
            if slot == unit.sizes.chunk || step.index == unit.place.first {
                sync_cube();
                parts.reduce::<F>(increments, step.index + slot - 1, slot, unit);
                slot = 0;
            }
        }
    }
}

#[cube]
impl<'a, F: Float, A: Float> Unit<'a, F, A> {
    /// Checkpoints of a segment.
    fn checkpoints(&self) -> usize {
        let (first, last) = (self.place.first, self.place.last);
        (last - min(first, last)).div_ceil(comptime!(self.block.checkpoint()))
    }

    /// Where the unit's first number of a checkpoint is; they are `units` apart.
    fn checkpoint_at(&self, checkpoint: usize) -> usize {
        let segment = self.place.path * self.sizes.segments + self.place.segment;
        let per_segment = self
            .sizes
            .segment_steps
            .div_ceil(comptime!(self.block.checkpoint()));
        let state = (segment * per_segment + checkpoint) * comptime!(self.block.state());
        state * self.sizes.units + self.place.unit
    }

    /// Stages the steps of a checkpoint, once nobody reads those before them any more.
    fn restage(&self, checkpoint: usize) -> Steps {
        let every = comptime!(self.block.checkpoint());
        let first = self.place.first + checkpoint * every;
        let count = min(every, self.place.last - first);
        let steps = self.steps(first, count, 0, every);
        if comptime!(self.memory.increments > 0) {
            sync_cube();
            self.stage(&steps);
            sync_cube();
        }
        steps
    }
}
