//! The terms that a unit carries, or the gradients of these.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use super::state::State;
use super::unit::Unit;
use super::words::Offsets;
use crate::backends::cubecl::plan::Block;

#[derive(CubeType)]
pub(super) struct Terms<A: Float> {
    /// The levels below the block.
    pub(super) state: State<A>,
    /// The block, row by row.
    pub(super) top: Array<A>,
}

#[cube]
impl<A: Float> Terms<A> {
    /// Those of a path without increments.
    pub(super) fn zero(#[comptime] block: Block) -> Self {
        Terms::<A> {
            state: State::<A>::zero(block),
            top: Array::<A>::new(comptime!(block.rows * block.cols)),
        }
    }

    /// Writes the terms that the unit owns to the signature that starts at `base`.
    pub(super) fn write<F: Float, O: Float>(
        &self,
        output: &mut [O],
        base: usize,
        unit: &Unit<F, A>,
    ) {
        let (words, to) = (&unit.words, unit.offsets());
        let (prefix, rows, cols) = comptime!((
            unit.block.prefix(),
            unit.block.state_rows(),
            unit.block.cols
        ));
        #[unroll]
        for k in 0..prefix {
            if k + 1 >= words.owned_from {
                output[base + to.prefixes[k]] = O::cast_from(self.state.chain[k]);
            }
        }
        if words.owns_rows {
            #[unroll]
            for r in 0..rows {
                output[base + to.row + r] = O::cast_from(self.state.row[r]);
            }
        }
        #[unroll]
        for r in 0..comptime!(unit.block.rows) {
            #[unroll]
            for c in 0..cols {
                if words.col + c < unit.sizes.channels {
                    output[base + to.top + r * unit.sizes.channels + c] =
                        O::cast_from(self.top[comptime!(r * cols + c)]);
                }
            }
        }
    }

    /// Adds the gradients of the terms that the unit owns; those of a signature start at `base` and
    /// are `stride` apart.
    pub(super) fn add<F: Float>(
        &mut self,
        gradient: &Tensor<F>,
        base: usize,
        stride: usize,
        from: &Offsets,
        unit: &Unit<F, A>,
    ) {
        let words = &unit.words;
        let (prefix, rows, cols) = comptime!((
            unit.block.prefix(),
            unit.block.state_rows(),
            unit.block.cols
        ));
        #[unroll]
        for k in 0..prefix {
            if k + 1 >= words.owned_from {
                self.state.chain[k] += A::cast_from(gradient[base + from.prefixes[k] * stride]);
            }
        }
        if words.owns_rows {
            #[unroll]
            for r in 0..rows {
                self.state.row[r] += A::cast_from(gradient[base + (from.row + r) * stride]);
            }
        }
        #[unroll]
        for r in 0..comptime!(unit.block.rows) {
            #[unroll]
            for c in 0..cols {
                if words.col + c < unit.sizes.channels {
                    let term = from.top + r * unit.sizes.channels + c;
                    self.top[comptime!(r * cols + c)] +=
                        A::cast_from(gradient[base + term * stride]);
                }
            }
        }
    }

    /// From the gradients of the whole path's terms to those of the terms where the segment ends: the
    /// signature is theirs times that of what comes after, so a term's gradient goes to each prefix
    /// of its word, times the term of the rest.
    pub(super) fn through_later<F: Float>(&mut self, around: &[A], unit: &Unit<F, A>) {
        let (words, sizes, place) = (&unit.words, &unit.sizes, &unit.place);
        let (prefix, rows, cols) = comptime!((
            unit.block.prefix(),
            unit.block.state_rows(),
            unit.block.cols
        ));
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
                sum += self.state.chain[j] * around[base + offset + word];
                level *= d;
                offset += level;
            }
            #[unroll]
            for r in 0..rows {
                let with_row = word * d + words.row + r;
                sum += self.state.row[r] * around[base + offset + with_row];
                #[unroll]
                for c in 0..cols {
                    if words.col + c < d {
                        let term = offset + level * d + with_row * d + words.col + c;
                        sum += self.top[comptime!(r * cols + c)] * around[base + term];
                    }
                }
            }
            self.state.chain[k] += sum;
        }
        #[unroll]
        for r in 0..rows {
            #[unroll]
            for c in 0..cols {
                if words.col + c < d {
                    self.state.row[r] +=
                        self.top[comptime!(r * cols + c)] * around[base + words.col + c];
                }
            }
        }
    }
}
