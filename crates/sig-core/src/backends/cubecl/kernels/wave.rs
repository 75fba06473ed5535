//! Signature kernels: a systolic wave over the cells of a pair's grid.
//!
//! A cube has a pair. It takes a strip of as many rows of cells as it has units; a unit owns a row and
//! is a column behind the unit above it, from which it gets the edge above its cell through shared
//! memory, one barrier a step. What the last row of a strip leaves goes through a buffer to the next
//! strip. Backwards the wave runs from the last cell to the first, strip by strip; each strip is first
//! walked again from the edges above it, and leaves the derivatives by `δ` that its adjoint reads. No
//! two units ever write the same number, so results do not depend on how units are scheduled.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use super::cell::{adjoint, border, onward};
use super::unit::cube_index;
use crate::backends::cubecl::wave::Wave;

/// The kernels of pairs, from `δ` of their tiles, `[pairs, rows of tiles, columns of tiles]`.
///
/// `edges` is scratch, `[cubes, stored strips, columns, width]`.
#[cube(launch, address_type = "dynamic")]
pub(crate) fn wave_kernel<A: Float>(
    deltas: &[A],
    edges: &mut [A],
    output: &mut [A],
    wave: Wave,
    #[comptime] order: usize,
    #[comptime] units: usize,
    #[define(A)] _dtype: ElemType,
) {
    let pair = Pair::new(&wave);
    if !pair.active {
        terminate!();
    }
    let mut messages = Shared::<[A]>::new_slice(comptime!(2 * units * (order + 2)));
    let mut unused = Array::<A>::new(1usize);
    for strip in 0..wave.strips {
        let value = walk::<A>(
            deltas,
            edges,
            unused.as_mut_slice(),
            messages.as_mut_slice(),
            &wave,
            &pair,
            strip,
            order,
            units,
            false,
        );
        if strip * units + UNIT_POS as usize + 1 == wave.rows {
            output[pair.index] = value;
            if wave.symmetric > 0 {
                output[pair.mirrored] = value;
            }
        }
        sync_storage();
    }
}

/// The gradients of `δ`, `[pairs, rows of cells, columns of tiles]`, from the gradient of the kernels of
/// the pairs.
///
/// `edges`, `of_edges` and `slopes` are scratch, `[cubes, stored strips, columns, width]`,
/// `[cubes, columns, width]` and `[cubes, steps, derivatives, units]`.
#[cube(launch, address_type = "dynamic")]
pub(crate) fn wave_adjoint_kernel<A: Float>(
    deltas: &[A],
    output_gradient: &[A],
    edges: &mut [A],
    of_edges: &mut [A],
    slopes: &mut [A],
    of_deltas: &mut [A],
    wave: Wave,
    #[comptime] order: usize,
    #[comptime] units: usize,
    #[define(A)] _dtype: ElemType,
) {
    let pair = Pair::new(&wave);
    if !pair.active {
        terminate!();
    }
    let mut messages = Shared::<[A]>::new_slice(comptime!(2 * units * (order + 2)));
    let mut seed = output_gradient[pair.index];
    if wave.symmetric > 0 {
        if pair.mirrored != pair.index {
            seed += output_gradient[pair.mirrored];
        }
    }
    for strip in 0..wave.strips - 1 {
        walk::<A>(
            deltas,
            edges,
            slopes,
            messages.as_mut_slice(),
            &wave,
            &pair,
            strip,
            order,
            units,
            false,
        );
        sync_storage();
    }
    for back in 0..wave.strips {
        let strip = wave.strips - 1 - back;
        walk::<A>(
            deltas,
            edges,
            slopes,
            messages.as_mut_slice(),
            &wave,
            &pair,
            strip,
            order,
            units,
            true,
        );
        sync_storage();
        walk_back::<A>(
            deltas,
            of_edges,
            &*slopes,
            of_deltas,
            messages.as_mut_slice(),
            &wave,
            &pair,
            strip,
            seed,
            order,
            units,
        );
        sync_storage();
    }
}

/// The pair of a cube.
#[derive(CubeType, Clone, Copy)]
struct Pair {
    /// Whether there is one, and of a symmetric matrix whether it is in the half that is computed.
    active: bool,
    /// Its place among all pairs, and among those of this launch.
    index: usize,
    slot: usize,
    /// The same two paths in the other order.
    mirrored: usize,
}

#[cube]
impl Pair {
    fn new(wave: &Wave) -> Self {
        let slot = cube_index();
        let index = wave.first + slot;
        let first = index / wave.second;
        let second = index % wave.second;
        Pair {
            active: slot < wave.pairs && (wave.symmetric == 0 || first <= second),
            index,
            slot,
            mirrored: second * wave.second + first,
        }
    }
}

/// Where `δ` of a cell's tile is.
#[cube]
fn tile(wave: &Wave, pair: &Pair, row: usize, column: usize) -> usize {
    let tiles = wave.columns / wave.cells_across;
    let rows = wave.rows / wave.cells_down;
    (pair.index * rows + row / wave.cells_down) * tiles + column / wave.cells_across
}

/// Reads `count` numbers, `stride` apart.
#[cube]
fn load<A: Float>(
    numbers: &mut Array<A>,
    from: &[A],
    first: usize,
    #[comptime] count: usize,
    #[comptime] stride: usize,
) {
    #[unroll]
    for k in 0..count {
        numbers[k] = from[first + k * stride];
    }
}

/// Writes `count` numbers, `stride` apart.
#[cube]
fn store<A: Float>(
    numbers: &Array<A>,
    to: &mut [A],
    first: usize,
    #[comptime] count: usize,
    #[comptime] stride: usize,
) {
    #[unroll]
    for k in 0..count {
        to[first + k * stride] = numbers[k];
    }
}

/// Takes the edges above a strip over its rows, and leaves those below it for the next strip. Returns
/// the value at the last vertex of the unit's row. If `keep`, leaves the derivatives by `δ`.
#[cube]
fn walk<A: Float>(
    deltas: &[A],
    edges: &mut [A],
    slopes: &mut [A],
    messages: &mut [A],
    wave: &Wave,
    pair: &Pair,
    strip: usize,
    #[comptime] order: usize,
    #[comptime] units: usize,
    #[comptime] keep: bool,
) -> A {
    let width = comptime!(order + 2);
    let kept = comptime!(if order == 0 { 1usize } else { 2 * order });
    let unit = UNIT_POS as usize;
    let row = strip * units + unit;
    let steps = wave.columns + units - 1;
    let mut left = Array::<A>::new(width);
    let mut above = Array::<A>::new(width);
    let mut derivatives = Array::<A>::new(kept);
    border::<A>(&mut left, order, true);
    let mut value = A::from_int(1);
    for step in 0..steps {
        let column = step - min(unit, step);
        if step >= unit && column < wave.columns && row < wave.rows {
            if row == 0 {
                border::<A>(&mut above, order, false);
            } else if unit == 0 {
                let from = edge(wave, pair, strip - 1, column) * width;
                load::<A>(&mut above, &*edges, from, width, 1usize);
            } else {
                let from = ((step + 1) % 2) * width * units + unit - 1;
                load::<A>(&mut above, &*messages, from, width, units);
            }
            let delta = deltas[tile(wave, pair, row, column)];
            value = onward::<A>(delta, &mut left, &mut above, &mut derivatives, order);
            let to = (step % 2) * width * units + unit;
            store::<A>(&above, messages, to, width, units);
            if unit == units - 1 && strip + 1 < wave.strips {
                let to = edge(wave, pair, strip, column) * width;
                store::<A>(&above, edges, to, width, 1usize);
            }
            if comptime!(keep) {
                let to = ((pair.slot * steps + step) * kept) * units + unit;
                store::<A>(&derivatives, slopes, to, kept, units);
            }
        }
        sync_cube();
    }
    value
}

/// Which of the edges is that below a column of a strip.
#[cube]
fn edge(wave: &Wave, pair: &Pair, strip: usize, column: usize) -> usize {
    (pair.slot * wave.stored + strip % wave.stored) * wave.columns + column
}

/// Takes the gradients of the edges below a strip back to those above it, and gives those of `δ`.
#[cube]
fn walk_back<A: Float>(
    deltas: &[A],
    of_edges: &mut [A],
    slopes: &[A],
    of_deltas: &mut [A],
    messages: &mut [A],
    wave: &Wave,
    pair: &Pair,
    strip: usize,
    seed: A,
    #[comptime] order: usize,
    #[comptime] units: usize,
) {
    let width = comptime!(order + 2);
    let kept = comptime!(if order == 0 { 1usize } else { 2 * order });
    let zero = A::from_int(0);
    let unit = UNIT_POS as usize;
    let row = strip * units + unit;
    let steps = wave.columns + units - 1;
    let is_last_row = row + 1 == wave.rows;
    // A series ends in two values, of which the kernel is the mean.
    let share = if comptime!(order == 0) {
        seed
    } else {
        seed / A::from_int(2)
    };
    let mut right = Array::<A>::new(width);
    let mut below = Array::<A>::new(width);
    let mut derivatives = Array::<A>::new(kept);
    #[unroll]
    for k in 0..width {
        right[k] = zero;
    }
    if comptime!(order > 0) {
        if is_last_row {
            right[comptime!(order + 1)] = share;
        }
    }
    let mut sum = zero;
    for back in 0..steps {
        let step = steps - 1 - back;
        let column = step - min(unit, step);
        if step >= unit && column < wave.columns && row < wave.rows {
            if is_last_row {
                #[unroll]
                for k in 0..width {
                    below[k] = zero;
                }
                if column + 1 == wave.columns {
                    if comptime!(order == 0) {
                        below[0] = share;
                    } else {
                        below[comptime!(order + 1)] = share;
                    }
                }
            } else if unit == units - 1 {
                let from = (pair.slot * wave.columns + column) * width;
                load::<A>(&mut below, &*of_edges, from, width, 1usize);
            } else {
                let from = ((step + 1) % 2) * width * units + unit + 1;
                load::<A>(&mut below, &*messages, from, width, units);
            }
            let from = ((pair.slot * steps + step) * kept) * units + unit;
            load::<A>(&mut derivatives, slopes, from, kept, units);
            let delta = deltas[tile(wave, pair, row, column)];
            sum += adjoint::<A>(delta, &derivatives, &mut right, &mut below, order);
            let to = (step % 2) * width * units + unit;
            store::<A>(&below, messages, to, width, units);
            if unit == 0 && strip > 0 {
                let to = (pair.slot * wave.columns + column) * width;
                store::<A>(&below, of_edges, to, width, 1usize);
            }
            if column % wave.cells_across == 0 {
                let tiles = wave.columns / wave.cells_across;
                let to = (pair.index * wave.rows + row) * tiles + column / wave.cells_across;
                of_deltas[to] = sum;
                sum = zero;
            }
        }
        sync_cube();
    }
}
