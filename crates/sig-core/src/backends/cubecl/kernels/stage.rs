//! Increments, through shared memory or from the paths themselves.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use super::place::{Place, Sizes};
use super::terms::Words;
use crate::backends::cubecl::plan::{Block, Memory};

/// `z_t` of a channel, or 0 beyond the last one.
#[cube]
pub(super) fn increment<F: Float, A: Float>(
    path: &Tensor<F>,
    row: usize,
    step: usize,
    channel: usize,
    sizes: &Sizes,
) -> A {
    let mut z = A::from_int(0);
    if channel < sizes.channels {
        let at = row * path.stride(0) + step * path.stride(1) + channel * path.stride(2);
        z = A::cast_from(path[at + path.stride(1)]) - A::cast_from(path[at]);
        if sizes.negated == 1 {
            z = A::from_int(0) - z;
        }
    }
    z
}

/// Puts `count` steps from `step` on of all paths of the cube at `base` of the shared memory,
/// `stride` steps a path. Channels are filled up with zeros to a whole number of tiles.
#[cube]
pub(super) fn stage<F: Float, A: Float>(
    path: &Tensor<F>,
    staged: &mut Shared<[A]>,
    base: usize,
    step: usize,
    count: usize,
    stride: usize,
    place: &Place,
    sizes: &Sizes,
    #[comptime] cols: usize,
) {
    let width = sizes.col_tiles * cols;
    let mut i = UNIT_POS as usize;
    while i < sizes.cube_paths * count * width {
        let channel = i % width;
        let offset = (i / width) % count;
        let slot = i / (width * count);
        let row = place.first_path + slot;
        if row < sizes.paths {
            let z = increment::<F, A>(path, row, step + offset, channel, sizes);
            staged[base + (slot * stride + offset) * width + channel] = z;
        }
        i += CUBE_DIM as usize;
    }
}

/// Where a unit finds its increments.
#[derive(CubeType, Clone, Copy)]
pub(super) struct Source {
    /// Where the step lies in shared memory.
    pub(super) base: usize,
    pub(super) row: usize,
    pub(super) step: usize,
}

#[cube]
pub(super) fn read<F: Float, A: Float>(
    path: &Tensor<F>,
    staged: &Shared<[A]>,
    source: &Source,
    channel: usize,
    sizes: &Sizes,
    #[comptime] memory: Memory,
) -> A {
    if comptime!(memory.increments > 0) {
        staged[source.base + channel]
    } else {
        increment::<F, A>(path, source.row, source.step, channel, sizes)
    }
}

/// The increments of the letters of the prefix.
#[cube]
pub(super) fn prefix_increments<F: Float, A: Float>(
    path: &Tensor<F>,
    staged: &Shared<[A]>,
    source: &Source,
    words: &Words,
    sizes: &Sizes,
    #[comptime] block: Block,
    #[comptime] memory: Memory,
) -> Array<A> {
    let mut z = Array::<A>::new(comptime!(block.prefix().max(1)));
    #[unroll]
    for k in 0..comptime!(block.prefix()) {
        let letter = words.letters[k];
        z[k] = read::<F, A>(path, staged, source, letter, sizes, memory);
    }
    z
}

/// The increments of the columns.
#[cube]
pub(super) fn column_increments<F: Float, A: Float>(
    path: &Tensor<F>,
    staged: &Shared<[A]>,
    source: &Source,
    words: &Words,
    sizes: &Sizes,
    #[comptime] block: Block,
    #[comptime] memory: Memory,
) -> Array<A> {
    let mut z = Array::<A>::new(comptime!(block.cols));
    #[unroll]
    for c in 0..comptime!(block.cols) {
        z[c] = read::<F, A>(path, staged, source, words.col + c, sizes, memory);
    }
    z
}

/// The increment of a row, which may be one of the columns.
#[cube]
pub(super) fn row_increment<F: Float, A: Float>(
    path: &Tensor<F>,
    staged: &Shared<[A]>,
    source: &Source,
    words: &Words,
    columns: &Array<A>,
    #[comptime] row: usize,
    sizes: &Sizes,
    #[comptime] block: Block,
    #[comptime] memory: Memory,
) -> A {
    if comptime!(block.square) {
        columns[row]
    } else {
        read::<F, A>(path, staged, source, words.row + row, sizes, memory)
    }
}
