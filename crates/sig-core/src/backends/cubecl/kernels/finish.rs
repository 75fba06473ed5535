//! From the gradients of increments to those of points, and from the shares of units to the initial
//! signature's.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use super::place::{Sizes, cube_index};

/// `path_gradient` is `[paths, steps + 1, channels]`; of `initial_gradient`, `[paths, terms]`, the
/// levels below the top are written.
#[cube(launch, address_type = "dynamic")]
pub(crate) fn finish_kernel<F: Float, A: Float>(
    increments: &[A],
    starts: &[A],
    path_gradient: &mut [F],
    initial_gradient: &mut [F],
    sizes: Sizes,
    rows: usize,
    state: usize,
    below_top: usize,
    #[define(F, A)] _dtypes: [ElemType; 2],
) {
    let d = sizes.channels;
    let index = cube_index() * CUBE_DIM as usize + UNIT_POS as usize;
    let points = sizes.paths * (sizes.steps + 1) * d;
    if index < points {
        let channel = index % d;
        let point = (index / d) % (sizes.steps + 1);
        let row = index / (d * (sizes.steps + 1)) * sizes.steps;
        let tile = sizes.paths * sizes.steps;
        let mut ends = A::from_int(0);
        let mut starting = A::from_int(0);
        for t in 0..sizes.tiles {
            if point > 0 {
                ends += increments[(t * tile + row + point - 1) * d + channel];
            }
            if point < sizes.steps {
                starting += increments[(t * tile + row + point) * d + channel];
            }
        }
        let gradient = select(sizes.negated == 1, starting - ends, ends - starting);
        path_gradient[index] = F::cast_from(gradient);
    } else if sizes.continued == 1 && index < points + sizes.paths * below_top {
        let path = (index - points) / below_top;
        let mut word = (index - points) % below_top;
        let mut level = 1usize;
        let mut terms = d;
        let mut offset = 0usize;
        while word >= terms {
            word -= terms;
            offset += terms;
            level += 1;
            terms *= d;
        }
        let mut to = word;
        if sizes.initial_reversed == 1 {
            let mut rest = word;
            to = 0;
            for _ in 0..level {
                to = to * d + rest % d;
                rest /= d;
            }
        }
        // The units that carry the word, and as which of their states.
        let mut count = sizes.units / terms;
        let mut first = word * count;
        let mut entry = level - 1;
        if level == state - rows + 1 {
            count = sizes.col_tiles;
            first = word / rows * count;
            entry += word % rows;
        }
        let base = (path * state + entry) * sizes.units + first;
        let mut sum = A::from_int(0);
        for unit in 0..count {
            sum += starts[base + unit];
        }
        initial_gradient[path * sizes.terms + offset + to] = F::cast_from(sum);
    }
}
