//! The words of a unit, and where their terms lie in a signature.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use crate::backends::cubecl::plan::{Block, Sizes};

/// The words of a unit.
#[derive(CubeType)]
pub(super) struct Words {
    /// The letters of the prefix.
    pub(super) letters: Array<usize>,
    /// The first of its rows and columns.
    pub(super) row: usize,
    pub(super) col: usize,
    /// Of the terms it carries it owns those of its block, of its rows if `owns_rows`, and of the
    /// prefixes of that many letters and more.
    pub(super) owned_from: usize,
    pub(super) owns_rows: bool,
}

/// Where their terms lie in a signature.
#[derive(CubeType)]
pub(super) struct Offsets {
    /// Of each prefix of the prefix.
    pub(super) prefixes: Array<usize>,
    /// Of the first row.
    pub(super) row: usize,
    /// Of the first term of the block, whose rows are as far apart as there are channels.
    pub(super) top: usize,
}

#[cube]
impl Words {
    /// Those of a unit of a path.
    pub(super) fn new(unit: usize, sizes: &Sizes, #[comptime] block: Block) -> Self {
        let prefix = comptime!(block.prefix());
        let mut letters = Array::<usize>::new(comptime!(block.prefix().max(1)));
        let tiles = sizes.row_tiles * sizes.col_tiles;
        let mut rest = unit / tiles;
        #[unroll]
        for j in 0..prefix {
            letters[prefix - 1 - j] = rest % sizes.channels;
            rest /= sizes.channels;
        }
        let mut below = tiles;
        let mut owned_from = comptime!(block.prefix() + 1).runtime();
        #[unroll]
        for j in 0..prefix {
            if unit % below == 0 {
                owned_from = comptime!(block.prefix() - j).runtime();
            }
            below *= sizes.channels;
        }
        Words {
            letters,
            row: (unit / sizes.col_tiles) % sizes.row_tiles * block.rows,
            col: unit % sizes.col_tiles * block.cols,
            owned_from,
            owns_rows: unit % sizes.col_tiles == 0,
        }
    }

    pub(super) fn offsets(&self, channels: usize, #[comptime] block: Block) -> Offsets {
        let prefix = comptime!(block.prefix());
        let mut prefixes = Array::<usize>::new(comptime!(block.prefix().max(1)));
        let mut offset = 0usize;
        let mut level = 1usize;
        let mut word = 0usize;
        #[unroll]
        for j in 0..prefix {
            word = word * channels + self.letters[j];
            prefixes[j] = offset + word;
            level *= channels;
            offset += level;
        }
        if comptime!(block.depth == 1) {
            Offsets {
                prefixes,
                row: 0,
                top: self.col,
            }
        } else {
            let row = word * channels + self.row;
            Offsets {
                prefixes,
                row: offset + row,
                top: offset + level * channels + row * channels + self.col,
            }
        }
    }
}
