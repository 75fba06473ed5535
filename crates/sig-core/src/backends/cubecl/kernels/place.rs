//! What a unit of a launch works on.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

/// The sizes of a launch.
#[derive(CubeLaunch, CubeType, Clone, Copy)]
pub(crate) struct Sizes {
    pub(crate) paths: usize,
    pub(crate) steps: usize,
    pub(crate) channels: usize,
    pub(crate) terms: usize,
    /// Units of a path.
    pub(crate) units: usize,
    /// Tiles of the letter before the last, and of the last.
    pub(crate) row_tiles: usize,
    pub(crate) col_tiles: usize,
    /// Paths of a cube, or cubes of a path.
    pub(crate) cube_paths: usize,
    pub(crate) tiles: usize,
    /// Units of a path in a cube.
    pub(crate) span: usize,
    /// Segments that the time of a path is cut into, and steps of one.
    pub(crate) segments: usize,
    pub(crate) segment_steps: usize,
    /// Steps staged at once, forwards; steps of a reduction, backwards.
    pub(crate) chunk: usize,
    /// Units that sum up side by side what becomes a number, backwards.
    pub(crate) shares: usize,
    /// 1 if increments are negated.
    pub(crate) negated: usize,
    /// 1 if there is an initial signature.
    pub(crate) continued: usize,
    /// 1 if the words of the initial signature are read backwards, and of the output.
    pub(crate) initial_reversed: usize,
    pub(crate) output_reversed: usize,
}

/// What one unit works on.
#[derive(CubeType, Clone, Copy)]
pub(crate) struct Place {
    /// Whether there is anything to do: the last cubes of a launch may be too large.
    pub(crate) active: bool,
    /// The first path of the cube, and which of its paths is this unit's.
    pub(crate) first_path: usize,
    pub(crate) slot: usize,
    /// The path, the first one if there is nothing to do.
    pub(crate) path: usize,
    pub(crate) tile: usize,
    /// The unit of the path.
    pub(crate) unit: usize,
    pub(crate) segment: usize,
    /// The steps of the segment.
    pub(crate) first: usize,
    pub(crate) last: usize,
}

/// The cube's index in a grid that is folded into two axes.
#[cube]
pub(crate) fn cube_index() -> usize {
    CUBE_POS_Y as usize * CUBE_COUNT_X as usize + CUBE_POS_X as usize
}

#[cube]
pub(crate) fn place(sizes: &Sizes) -> Place {
    let cube = cube_index();
    let tile = cube % sizes.tiles;
    let segment = (cube / sizes.tiles) % sizes.segments;
    let first_path = cube / (sizes.tiles * sizes.segments) * sizes.cube_paths;
    let slot = UNIT_POS as usize / sizes.span;
    let unit = tile * sizes.span + UNIT_POS as usize % sizes.span;
    let path = first_path + slot;
    let active = slot < sizes.cube_paths && path < sizes.paths && unit < sizes.units;
    let first = segment * sizes.segment_steps;
    Place {
        active,
        first_path,
        slot,
        path: select(active, path, 0),
        tile,
        unit: select(active, unit, 0),
        segment,
        first,
        last: min(first + sizes.segment_steps, sizes.steps),
    }
}
