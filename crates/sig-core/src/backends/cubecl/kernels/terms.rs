//! Where the terms of a unit lie.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use super::place::{Place, Sizes};
use crate::backends::cubecl::plan::Block;

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

#[cube]
pub(super) fn words(place: &Place, sizes: &Sizes, #[comptime] block: Block) -> Words {
    let prefix = comptime!(block.prefix());
    let mut letters = Array::<usize>::new(comptime!(block.prefix().max(1)));
    let tiles = sizes.row_tiles * sizes.col_tiles;
    let mut rest = place.unit / tiles;
    #[unroll]
    for j in 0..prefix {
        letters[prefix - 1 - j] = rest % sizes.channels;
        rest /= sizes.channels;
    }
    let mut below = tiles;
    let mut owned_from = comptime!(block.prefix() + 1).runtime();
    #[unroll]
    for j in 0..prefix {
        if place.unit % below == 0 {
            owned_from = comptime!(block.prefix() - j).runtime();
        }
        below *= sizes.channels;
    }
    Words {
        letters,
        row: (place.unit / sizes.col_tiles) % sizes.row_tiles * block.rows,
        col: place.unit % sizes.col_tiles * block.cols,
        owned_from,
        owns_rows: place.unit % sizes.col_tiles == 0,
    }
}

/// Where they lie among the terms of a signature.
#[derive(CubeType)]
pub(super) struct Terms {
    /// Of each prefix of the prefix.
    pub(super) prefixes: Array<usize>,
    /// Of the first row, and from one to the next.
    pub(super) row: usize,
    pub(super) row_stride: usize,
    /// Of the first term of the block, from one row to the next, and from one column.
    pub(super) top: usize,
    pub(super) top_row: usize,
    pub(super) top_col: usize,
}

/// The terms of the words, or of the words read backwards.
#[cube]
pub(super) fn terms(
    words: &Words,
    sizes: &Sizes,
    reversed: bool,
    #[comptime] block: Block,
) -> Terms {
    let prefix = comptime!(block.prefix());
    let mut prefixes = Array::<usize>::new(comptime!(block.prefix().max(1)));
    let mut offset = 0usize;
    let mut level = 1usize;
    let mut word = 0usize;
    #[unroll]
    for j in 0..prefix {
        let letter = words.letters[j];
        word = select(
            reversed,
            word + letter * level,
            word * sizes.channels + letter,
        );
        prefixes[j] = offset + word;
        level *= sizes.channels;
        offset += level;
    }
    let (d, row, col) = (sizes.channels, words.row, words.col);
    if comptime!(block.depth == 1) {
        Terms {
            prefixes,
            row: 0,
            row_stride: 0,
            top: col,
            top_row: 0,
            top_col: 1,
        }
    } else {
        let next = level * d;
        Terms {
            prefixes,
            row: offset + select(reversed, word + row * level, word * d + row),
            row_stride: select(reversed, level, 1),
            top: offset
                + next
                + select(
                    reversed,
                    word + row * level + col * next,
                    (word * d + row) * d + col,
                ),
            top_row: select(reversed, level, d),
            top_col: select(reversed, next, 1),
        }
    }
}
